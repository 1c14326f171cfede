# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server would have said: results of modules that ask or change one, and files that lie there."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import typing as t

Record = dict[str, t.Any]

#: Facts of a server, by family.
FACTS: dict[str, Record] = {
    "Debian": {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13"},
    "RedHat": {"os_family": "RedHat", "distribution": "Rocky", "distribution_major_version": "9"},
}
COMMON: Record = {
    "service_mgr": "systemd",
    "architecture": "x86_64",
    "kernel": "6.1.0",
    "processor_nproc": 2,
    "selinux": {"status": "disabled"},
    "interfaces": ["lo", "eth0"],
    "all_ipv4_addresses": [],
    "services": {},
    "getent_passwd": {
        name: ["x", "990", "990", "", "/nonexistent", "/usr/sbin/nologin"]
        for name in ("www-data", "nginx", "nobody")
    },
    "getent_group": {},
}
#: A chain that drops what it does not know, as `nft -j list ruleset` shows it.
CLOSED = {
    "nftables": [
        {"table": {"family": "inet", "name": "filter", "handle": 1}},
        {
            "chain": {
                "family": "inet",
                "table": "filter",
                "name": "input",
                "handle": 1,
                "type": "filter",
                "hook": "input",
                "prio": 0,
                "policy": "drop",
            }
        },
    ]
}
FIREWALLS: dict[str, list[str]] = {
    "none": ["state: ", "unit: inactive"],
    "nftables": ["state: ", "unit: active", json.dumps(CLOSED)],
    "firewalld": ["state: running", "unit: inactive"],
    "ufw": ["state: ", "Status: active", "unit: inactive"],
}
#: Where images of a family have kernel and initrd.
IMAGES: dict[str, Record] = {
    "debian": {"kernel": "install.amd/vmlinuz", "initrd": ["install.amd/initrd.gz"], "codename": "trixie"},
    "redhat": {
        "kernel": "images/pxeboot/vmlinuz",
        "initrd": ["images/pxeboot/initrd.img"],
        "stage2": "images/install.img",
    },
    "live": {"kernel": "live/vmlinuz", "initrd": ["live/initrd.img"], "stage2": "live/filesystem.squashfs"},
}
#: Files of a disc that menus show or start: text, a picture, and something with the mark of a kernel.
DISC: dict[str, bytes] = {
    **{
        f"isolinux/{name}.msg": f"\x0c\x0f09{name}\x0f07\n".encode()
        for name in ("options", "general", "param", "rescue")
    },
    "isolinux/boot.msg": b"\x0c\x0f07\x18splash.lss\nPress \x0f0f<ENTER>\x0f07\n",
    "isolinux/splash.lss": b"picture",
    "isolinux/memtest": b"\0" * 510 + b"\x55\xaa" + b"x" * 20000,
}
SYSLINUX = (
    "pxelinux.0",
    "ldlinux.c32",
    "libcom32.c32",
    "libutil.c32",
    "menu.c32",
    "vesamenu.c32",
    "chain.c32",
    "memtest",
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """What kind of server it is."""

    os_family: str = "Debian"
    firewall: str = "none"
    syslinux: str = "6.04"
    memory_test: bool = False

    def facts(self) -> Record:
        return {**COMMON, **FACTS[self.os_family]}


def lay_out(root: pathlib.Path, distributions: t.Mapping[str, Record]) -> list[pathlib.Path]:
    """Make what lies below a server's ``site_root`` before boot files are published; all files of it."""
    files = {f"boot/syslinux/{name}": b"stands in for it" for name in SYSLINUX}
    for name, about in distributions.items():
        image = IMAGES.get(about.get("family") or "", {})
        paths = [image["kernel"], *image["initrd"]] if image else []
        files |= {f"trees/{name}/{path}": f"{name}/{path}".encode() for path in paths}
        files |= {
            f"trees/{name}-netboot/{path}": f"{name}/{path}".encode() for path in ("linux", "initrd.gz")
        }
        files |= {f"trees/{name}/{path}": data for path, data in DISC.items()}
    for folder in ("answers", "events", "brought", "boot"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return [root / path for path in files]


def reply(action: str, arguments: Record, kind: Kind) -> Record:
    """What a module would return that asks or changes a server.

    :raises LookupError: nobody said what becomes of this module.
    """
    if action not in _REPLIES:
        raise LookupError(f"stubs.py does not say what {action} returns, and player.py does not run it")
    plain: Record = {
        "changed": False,
        "failed": False,
        "rc": 0,
        "stdout": "",
        "stderr": "",
        "stdout_lines": [],
    }
    return {**plain, **_REPLIES[action](arguments, kind)}


def _command(arguments: Record, kind: Kind) -> Record:
    lines = FIREWALLS[kind.firewall] if "list ruleset" in str(arguments) else []
    return {"stdout_lines": lines, "stdout": "\n".join(lines)}


def _stat(arguments: Record, _kind: Kind) -> Record:
    # No loader was built before: so it is seen what one would be built from.
    is_there = "/built-" not in str(arguments.get("path"))
    seen = {"isdir": False, "islnk": False, "gr_name": "www-data", "size": 1, "checksum": "5" * 40}
    return {"stat": {"exists": is_there, **seen}}


def _image(arguments: Record, _kind: Kind) -> Record:
    family = arguments.get("family") or "redhat"
    named = {
        key: arguments[key] for key in ("kernel", "initrd", "version", "architecture") if arguments.get(key)
    }
    image = {
        "family": family,
        "product": "Stand-in",
        "architecture": "x86_64",
        "volume_id": "STAND-IN",
        "disc": 1,
        "discs": [1],
        "repositories": [],
        "kernel_releases": [],
        "initrd_flavour": "netboot",
        "path": arguments.get("path"),
        "version": "1",
        "codename": None,
        "suite": None,
        "variant": None,
        **IMAGES.get(family, IMAGES["redhat"]),
    }
    return {"image": {**image, **named}}


def _netboot(arguments: Record, _kind: Kind) -> Record:
    family = arguments.get("family") or "debian"
    facts = {"version": "1", "codename": "trixie", "architecture": "x86_64", "kernel_release": "6.1.0"}
    mirror = {"unreachable": "", "changed": False, "checksums": True, "signed": True}
    return {
        "netboot": {**IMAGES.get(family, IMAGES["debian"]), **facts},
        **({"mirror": mirror} if arguments.get("mirror") else {}),
    }


def _nothing(_arguments: Record, _kind: Kind) -> Record:
    return {}


def _says(**values: t.Any) -> t.Callable[[Record, Kind], Record]:
    return lambda _arguments, _kind: dict(values)


_REPLIES: dict[str, t.Callable[[Record, Kind], Record]] = {
    **dict.fromkeys(("ansible.builtin.command", "ansible.builtin.shell"), _command),
    "ansible.builtin.stat": _stat,
    "ansible.builtin.find": _says(files=[], matched=0),
    "ansible.builtin.slurp": _says(failed=True, msg="file not found"),
    **{
        f"ansible.builtin.{name}": _nothing
        for name in (
            *(
                "apt",
                "assert",
                "file",
                "gather_facts",
                "get_url",
                "getent",
                "git",
                "meta",
                "package",
                "pause",
                "reboot",
            ),
            *(
                "pause",
                "reboot",
                "service_facts",
                "setup",
                "systemd_service",
                "unarchive",
                "uri",
                "user",
                "wait_for",
            ),
            "validate_argument_spec",
        )
    },
    "ansible.builtin.tempfile": _says(path="/tmp/netinstall"),
    "community.general.sefcontext": _nothing,
    "netinstall.pxe.boot_loaders": _says(syslinux={"syslinux": "6.04"}),
    "netinstall.pxe.dhcp_servers_info": _says(servers=[]),
    "netinstall.pxe.image_download": _says(finished=True),
    "netinstall.pxe.installation_follow": _says(installations=[]),
    "netinstall.pxe.installations_info": _says(installations=[], known=[]),
    "netinstall.pxe.iso_info": _image,
    "netinstall.pxe.iso_mount": _nothing,
    "netinstall.pxe.install_tree": _says(repositories=[]),
    "netinstall.pxe.netboot_tree": _netboot,
    "netinstall.pxe.public_files": _says(created=[], replaced=[]),
    "netinstall.pxe.public_paths_info": _says(missing=[]),
}
