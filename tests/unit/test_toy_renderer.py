# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a loader costs: one renderer, and its name in the list of renderers.

A copy of the collection gets a renderer for a loader that nobody knows. Nothing else of it is changed, and the module
boot_files writes the menu and machine files of this loader, has them checked, and removes them.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils import _boot
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import site_of
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.renderers import RENDERERS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

CHECKOUT = pathlib.Path(_boot.__file__).parents[3]
REGISTRY = "plugins/module_utils/_boot/renderers.py"
IMPORT = (
    "from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux\n"
)
REGISTERED = "(Pxelinux(), Grub(), Ipxe())"
TOY = """\
from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Files, Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Entry, Kernel, SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD

HEADER = "; written by the toy"


class Toy(Renderer):
    name = "toy"
    role = "loader_toy"
    options = {"toy": {"type": "dict", "options": {"module": {"type": "str", "default": "menu.mod"}}}}

    def is_wanted(self, site: SiteEntries) -> bool:
        return bool(site.server["toy"])

    def files(self, site: SiteEntries) -> Files:
        lines = [f"use {site.server['toy']['module']}", *items([*site.in_menu, *site.rescues])]
        if site.memory_test:
            lines.append(f"test {site.memory_test.label}")
        files = {"toy/menu.toy": text_of(lines)}
        for machine in site.machines:
            profile = site.profiles[machine.record["profile"]]
            live = [] if machine.live is None else start(profile.boots._replace(arguments=[machine.live]))
            files[f"toy/machines/{machine.record['name']}.toy"] = text_of([*live, "disk"])
        return files

    def copies(self, site: SiteEntries) -> dict[str, str]:
        return {f"toy/kernels/{name}": f"{one.boots.distribution}/k" for name, one in site.profiles.items()}

    def check(self, files: Files, site: SiteEntries, folder: Folder) -> None:
        for path, text in files.items():
            for number, line in enumerate(text.splitlines(), 1):
                if "%" in line:
                    raise PxeError(f"{path}:{number}: the toy knows no %")

    def references(self, files: Files, site: SiteEntries, folder: Folder) -> dict[str, list[str]]:
        lines = [(path, line.split()) for path, text in files.items() for line in text.splitlines()]
        return {f"toy/{words[1]}": [path] for path, words in lines if words[0] == "use"}

    def claims(self, path: str) -> bool:
        return path.startswith("toy/") and path.endswith(".toy") or path.startswith("toy/kernels/")

    def owns(self, path: str, start: bytes) -> bool:
        return start.startswith(HEADER.encode()) or path.startswith("toy/kernels/")


def text_of(lines: list[str]) -> str:
    return "\\n".join([HEADER, *lines, ""])


def items(entries: list[Entry]) -> list[str]:
    return [line for entry in entries for line in (f"item {entry.label} {entry.lock}", *start(entry.boots))]


def start(kernel: Kernel) -> list[str]:
    said = [word for part in kernel.arguments for word in part.said]
    words = ["card=@" if word == BOOT_CARD else word for word in said]
    return [f"run {kernel.url} {' '.join(kernel.initrds)}", f"with {' '.join(words)}"]
"""
SITE: dict[str, t.Any] = {
    "server": {"address": "10.0.0.1", "interface": "eth0"},
    "subnets": [{"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dns": ["10.0.0.1"]}],
    "distributions": {
        "debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]},
        "live-13": {"family": "live", "isos": [{"path": "/srv/iso/live-13.iso"}]},
    },
    "profiles": {
        "p1": {"distribution": "debian-13", "label": "One"},
        "run": {"distribution": "live-13", "label": "Run", "menu_password_hash": "$6$salt$" + "a" * 86},
    },
    "menu": {"bios": "ipxe"},
}
MACHINES: list[dict[str, t.Any]] = [
    {
        "name": "node1",
        "mac": "52:54:00:00:00:01",
        "address": "10.0.0.11",
        "profile": "p1",
        "disk": "/dev/vda",
    },
    {"name": "node2", "mac": "52:54:00:00:00:02", "address": "10.0.0.12", "profile": "run"},
]
MEDIA = {
    "debian-13": {"kernel": "k", "initrd": ["i"]},
    "live-13": {"kernel": "k", "initrd": ["i", "j"], "stage2": "live/root.squashfs"},
}
TREES = "http://10.0.0.1/trees"
MIRROR = (
    "mirror/protocol=http mirror/country=manual mirror/http/hostname=10.0.0.1 mirror/http/directory=/trees/debian-13"
    " mirror/suite=trixie debian-installer/allow_unauthenticated=true"
)
MENU = f"""\
; written by the toy
use menu.mod
item One{" "}
run {TREES}/debian-13/k {TREES}/debian-13/i
with {MIRROR}
item Run run
run {TREES}/live-13/k {TREES}/live-13/i {TREES}/live-13/j
with boot=live components fetch={TREES}/live-13/live/root.squashfs card=@
item Rescue system of debian-13{" "}
run {TREES}/debian-13/k {TREES}/debian-13/i
with {MIRROR} rescue/enable=true
test Test the memory
"""
OF_TOY = ["kernels/p1", "kernels/run", "machines/node1.toy", "machines/node2.toy", "menu.toy"]


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The collection with one renderer more."""
    root = tmp_path_factory.mktemp("collections")
    copy = root / "ansible_collections" / "netinstall" / "pxe"
    copy.mkdir(parents=True)
    shutil.copytree(CHECKOUT / "plugins", copy / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("galaxy.yml", "meta"):
        (copy / name).symlink_to(CHECKOUT / name)
    registry = (copy / REGISTRY).read_text()
    assert (registry.count(IMPORT), registry.count(REGISTERED)) == (1, 1)
    registry = registry.replace(
        IMPORT, IMPORT + IMPORT.replace("pxelinux.renderer", "toy").replace("Pxelinux", "Toy")
    )
    (copy / REGISTRY).write_text(registry.replace(REGISTERED, "(Pxelinux(), Grub(), Toy(), Ipxe())"))
    (copy / "plugins/module_utils/_boot/toy.py").write_text(TOY)
    return root


def step(register: str, check_mode: bool = False, site: t.Any = None, **changes: t.Any) -> dict[str, t.Any]:
    """A task that publishes the boot files, whatever comes of it."""
    plan = compile_plan(site or SITE, changes.pop("machines", MACHINES))
    given = {"plan": plan, "media": MEDIA, "toy": {}, **changes}
    return {
        "netinstall.pxe.boot_files": {"root": "{{ srv }}/boot", "trees": "{{ srv }}/trees", **given},
        "register": register,
        "check_mode": check_mode,
        "ignore_errors": True,
    }


def kept(name: str) -> dict[str, t.Any]:
    return {"ansible.builtin.command": {"cmd": f"cp -r {{{{ srv }}}}/boot {{{{ srv }}}}/{name}"}}


MISTAKEN = {**SITE, "profiles": {"p1": {**SITE["profiles"]["p1"], "label": "100 %"}}}
STEPS = [
    step("unpublished", check_mode=True),
    step("without"),
    {"ansible.builtin.copy": {"dest": "{{ srv }}/boot/toy/menu.mod", "content": "menu"}},
    step("mistaken", site=MISTAKEN, machines=[]),
    kept("mistaken"),
    step("first"),
    kept("first"),
    step("again"),
    step("fewer", machines=MACHINES[:1]),
    step("unwanted", toy="{{ omit }}"),
    step("back"),
    {
        "netinstall.pxe.boot_files": {"root": "{{ srv }}/boot", "state": "absent"},
        "register": "absent",
    },
]


def run(collections: pathlib.Path, folder: pathlib.Path) -> dict[str, t.Any]:
    """The results of all steps by name."""
    for path in ("trees/debian-13/k", "trees/live-13/k", "boot/toy/mine.txt"):
        (folder / "srv" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "srv" / path).write_text(path)
    names = [one["register"] for one in STEPS if "register" in one]
    results = f"{{{{ {{{', '.join(f'{name!r}: {name}' for name in names)}}} | to_json }}}}"
    write = {"ansible.builtin.copy": {"content": results, "dest": str(folder / "results.json")}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [*STEPS, write]}
    (folder / "play.yml").write_text(yaml.safe_dump([{**play, "vars": {"srv": str(folder / "srv")}}]))
    (folder / "ansible.cfg").touch()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "play.yml"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return t.cast("dict[str, t.Any]", json.loads((folder / "results.json").read_text()))


def files(folder: pathlib.Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def of_toy(paths: t.Iterable[str]) -> list[str]:
    return sorted(path[len("toy/") :] for path in paths if path.startswith("toy/"))


def test_a_renderer_from_outside(collections: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run(collections, tmp_path)
    # What it refers to must be there; in check mode it may come.
    missing = f"toy/menu.toy refers to toy/menu.mod, which is not in {tmp_path}/srv/boot"
    assert done["unpublished"]["warnings"] == [f"{missing} yet"]
    assert of_toy(done["unpublished"]["created"]) == OF_TOY
    assert done["without"]["msg"] == f"{missing}: run the role loader_toy first"
    # What its checker refuses is not published, and nothing else is.
    assert done["mistaken"]["msg"] == "toy/menu.toy:3: the toy knows no %"
    own = ["toy/menu.mod", "toy/mine.txt"]
    assert files(tmp_path / "srv/mistaken") == own
    # Its files
    assert of_toy(done["first"]["created"]) == OF_TOY
    first = tmp_path / "srv/first/toy"
    assert (first / "menu.toy").read_text() == MENU
    assert (first / "machines/node1.toy").read_text() == "; written by the toy\ndisk\n"
    assert f"run {TREES}/live-13/k" in (first / "machines/node2.toy").read_text()
    assert (first / "kernels/run").read_text() == "trees/live-13/k"
    assert done["again"]["changed"] is False
    # The other renderers' files are as they were without it.
    site = site_of(compile_plan(SITE, MACHINES), MEDIA)
    others = {
        path: text for one in RENDERERS if one.is_wanted(site) for path, text in one.files(site).items()
    }
    assert others
    assert {path: (tmp_path / "srv/first" / path).read_text() for path in others} == others
    # What is not described any more goes, and nothing that it did not write.
    assert of_toy(done["fewer"]["removed"]) == ["machines/node2.toy"]
    assert of_toy(done["unwanted"]["removed"]) == [name for name in OF_TOY if "node2" not in name]
    assert of_toy(done["absent"]["removed"]) == OF_TOY
    assert files(tmp_path / "srv/boot") == own


def test_boot_files_names_no_loader() -> None:
    """In its code; its documentation says what the options are for."""
    code = (CHECKOUT / "plugins/modules/boot_files.py").read_text().rpartition('"""\n')[2]
    package = CHECKOUT / "plugins/module_utils/_boot"
    shared = [package / f"{name}.py" for name in ("_contract", "entries", "folder", "publication")]
    for text in (code, *(path.read_text().partition("from __future__")[2] for path in shared)):
        assert [name for name in ("pxelinux", "syslinux", "Ipxe", '"ipxe', ".ipxe") if name in text] == []
