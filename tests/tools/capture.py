# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures what a checkout makes of many sites, and compares two captures: proof that a change keeps behaviour.

    tests/tools/capture.py capture OUT [--checkout PATH] [--sites PATH]
    tests/tools/capture.py compare BEFORE AFTER [--intended FILE]

``capture`` plays site.yml and install.yml of a checkout (this one, or ``--checkout``) for the lab, the examples, the
inventories of Molecule (of this checkout, or ``--sites``) and 200 generated descriptions, on servers that are folders.
It needs no root, no network and no server, and changes nothing but OUT. In OUT there is a folder for each site, in it:

* a folder for each server, with what would lie there: boot files, menus and scripts; answer files, offers and records
  of armings; the configurations of DHCP, TFTP, HTTP, FTP, NFS and firewall; units; what other servers' owners are shown
* ``plan.json``, the plan, and ``media.json``, what the role media would publish
* ``said``, the messages; ``modes``, the modes of what roles write; ``failed``, if there is one, why the rest is missing

Ansible itself evaluates roles, conditions and templates. Tokens are named after their machine. The clock stands still.
``compare`` fails when files differ and intended.yml in tests/tools/capturing does not say why. What cannot be captured,
because only a server knows it, has stand-ins (capturing/stubs.py):

* what images, mirrors and packages contain: kernels, trees, their repositories and package lists
* loaders, and what a server reports of itself: its facts, its services, which files it has, who else answers DHCP
* whether programs accept their configuration (dnsmasq --test, nginx -t, debconf-set-selections …), mount units, and
  files of the site's own (site_files)
* what install.yml does once machines are armed: starting and following them
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t

from capturing import compare, descriptions

if t.TYPE_CHECKING:
    from capturing import player

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
INTENDED = pathlib.Path(__file__).resolve().with_name("capturing") / "intended.yml"
TOKEN = re.compile(r"(?:answers|events)/([0-9.]+)/([0-9a-f]{32})(?![0-9a-f])")
#: Files that inventories read by lookups.
KEYS = {
    "id_ed25519.pub": "ssh-ed25519 AAAAC3Nz lab\n",
    "id_rsa.pub": "ssh-rsa AAAAB3Nz lab\n",
    "syslinux.sha256": "c" * 64,
}


def surroundings(folder: pathlib.Path, checkout: pathlib.Path) -> dict[str, str]:
    """The environment of a process that captures: nothing of this machine's user or their settings."""
    place = folder / "ansible_collections" / "netinstall"
    place.mkdir(parents=True)
    (place / "pxe").symlink_to(checkout)
    for name in ("home/.ssh", "lab", "tmp"):
        (folder / name).mkdir(parents=True)
    for name, text in KEYS.items():
        (folder / "lab" / name).write_text(text, encoding="utf-8")
        (folder / "home/.ssh" / name).write_text(text, encoding="utf-8")
    (folder / "ansible.cfg").write_text("", encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONHASHSEED") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "USER": "operator",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "LAB_DIR": str(folder / "lab"),
        "MOLECULE_PROJECT_DIRECTORY": "/project",
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home/.ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
    }


def capture(out: pathlib.Path, checkout: pathlib.Path, sites: pathlib.Path, only: str, count: int) -> None:
    """Capture in a process of its own, which finds the collection in that checkout."""
    if out.exists() and any(out.iterdir()):
        raise SystemExit(f"{out} is not empty: name a new folder")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="capture-") as name:
        folder = pathlib.Path(name).resolve()
        command = [
            sys.executable,
            __file__,
            "play",
            str(out.resolve()),
            "--folder",
            name,
            "--sites",
            str(sites),
        ]
        command += ["--only", only, "--generated", str(count)]
        done = subprocess.run(command, env=surroundings(folder, checkout), cwd=folder, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def play(out: pathlib.Path, folder: pathlib.Path, sites: pathlib.Path, only: str, count: int) -> None:
    os.umask(0o022)
    from ansible.cli.playbook import PlaybookCLI
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([str(folder)])
    PlaybookCLI(["ansible-playbook", "site.yml"]).parse()
    from capturing import player

    collection = player.Collection(folder / "ansible_collections/netinstall/pxe")
    described = descriptions.of_checkout(sites) + descriptions.generated(folder / "generated", count)
    masks = {str(folder / "ansible_collections/netinstall/pxe"): "{collection}", str(folder): "{capture}"}
    masks |= {str(sites): "{sites}", sys.executable: "python"}
    failed = 0
    with player.compiled_once():
        for one in described:
            if re.search(only, one.name):
                started = time.process_time()
                is_sound = play_site(collection, one, folder, out, masks)
                failed += not is_sound
                print(
                    f"{time.process_time() - started:5.1f} s {one.name}{'' if is_sound else ': failed'}",
                    flush=True,
                )
    print(f"{failed} sites failed: see the files named `failed`" if failed else "all sites were captured")


def play_site(
    collection: player.Collection,
    described: descriptions.Described,
    folder: pathlib.Path,
    out: pathlib.Path,
    masks: dict[str, str],
) -> bool:
    from capturing import player

    place = folder / "servers" / described.name
    place.mkdir(parents=True)
    site = player.Site(collection, described.sources, {"lab_dir": "/lab"}, described.kind, place)
    site.manager._extra_vars["lab_dir"] = str(folder / "lab")
    with player.quiet(site), contextlib.suppress(player.PlayError):
        site.play("site")
        machines = [one["name"] for one in site.plan()["machines"] if one["family"] != "live"]
        if machines and site.plan()["backends"]["http"] == "nginx":
            site.play("install", install_machines=",".join(machines))
    site.clear()
    (place / ".content").unlink(missing_ok=True)
    for name, text in reports(site).items():
        (place / name).write_text(text, encoding="utf-8")
    keep(place, out / described.name, masks)
    shutil.rmtree(place)
    return not site.failures


def reports(site: player.Site) -> dict[str, str]:
    """What is not a file on a server."""
    found = {
        "said": "".join(f"{line}\n" for line in site.said),
        "modes": "".join(f"{mode} {path}\n" for path, mode in sorted(site.modes.items())),
        "plan.json": _json(site.fact("site_plan")),
        "media.json": _json(site.fact("media_published")),
    }
    if site.failures:
        found["failed"] = "".join(f"{line}\n" for line in site.failures)
    return found


def _json(value: t.Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, default=str, ensure_ascii=False) + "\n"


def keep(place: pathlib.Path, out: pathlib.Path, masks: dict[str, str]) -> None:
    """Copy what a site came to, without what differs from one capture to another."""
    files = [path for path in sorted(place.rglob("*")) if path.is_file() and not path.is_symlink()]
    names = {path: str(path.relative_to(place)) for path in files}
    tokens = {token: f"TOKEN-{address}" for name in names.values() for address, token in TOKEN.findall(name)}
    masks = {str(place): "", **masks, **tokens}
    for path, name in names.items():
        target = out / masked(name, tokens)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        with contextlib.suppress(UnicodeDecodeError):
            data = masked(data.decode("utf-8"), masks).encode("utf-8")
        target.write_bytes(data)


def masked(text: str, masks: dict[str, str]) -> str:
    for found, mask in masks.items():
        text = text.replace(found, mask)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("capture", "play"):
        one = commands.add_parser(
            name, help="what a checkout makes of all sites" if name == "capture" else argparse.SUPPRESS
        )
        one.add_argument("out", type=pathlib.Path, help="a new folder")
        one.add_argument(
            "--sites", type=pathlib.Path, default=CHECKOUT, help="the checkout that has the inventories"
        )
        one.add_argument("--only", default="", help="a regular expression for names of sites")
        one.add_argument(
            "--generated",
            type=int,
            default=descriptions.GENERATED,
            help="how many descriptions are generated",
        )
        if name == "capture":
            one.add_argument(
                "--checkout", type=pathlib.Path, default=CHECKOUT, help="the checkout that is captured"
            )
        else:
            one.add_argument("--folder", type=pathlib.Path, required=True)
    one = commands.add_parser("compare", help="how two captures differ; fails where that is not intended")
    one.add_argument("before", type=pathlib.Path)
    one.add_argument("after", type=pathlib.Path)
    one.add_argument("--intended", type=pathlib.Path, default=INTENDED, help="the list of intended changes")
    args = parser.parse_args()
    if args.command == "capture":
        capture(args.out, args.checkout.resolve(), args.sites.resolve(), args.only, args.generated)
    elif args.command == "play":
        play(args.out, args.folder.resolve(), args.sites, args.only, args.generated)
    else:
        said, same = compare.compare(args.before, args.after, compare.read_intended(args.intended))
        print("\n".join(said))
        raise SystemExit(0 if same else 1)


if __name__ == "__main__":
    main()
