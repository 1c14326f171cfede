# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site of one machine, as iPXE has it."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Arguments
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import armed_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.start import embed_script
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.rendered import scripts

URLS = {
    "boot": "http://10.77.0.1/boot",
    "answers": "http://10.77.0.1/answers",
    "events": "http://10.77.0.1/events",
    "trees": "http://10.77.0.1/trees",
}


TOKEN = "0123456789abcdef0123456789abcdef"


PROFILE = {
    "name": "debian13",
    "label": "Install Debian 13",
    "distribution": "debian-13",
    "family": "debian",
    "kernel_arguments": ["quiet"],
    "in_menu": True,
}


DISTRIBUTION = {"name": "debian-13", "tree_url": "http://10.77.0.1/trees/debian-13"}


MACHINE = {
    "name": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "profile": "debian13",
    "firmware": "any",
}


INSTALLATION = {
    "machine": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "token": TOKEN,
    "window": "1795186800-1795208400",
    "profile": "debian13",
    "disk": "/dev/vda",
    "install_arguments": [
        "auto=true",
        "url=http://10.77.0.1/answers/10.77.0.11/t/preseed.cfg",
        "---",
        "console=ttyS0",
    ],
}


MENU = {"title": "Welcome to PXE server!", "timeout": 30, "default": "local", "splash": None}


MEDIA = {"debian-13": {"kernel": "install.amd/vmlinuz", "initrd": ["install.amd/initrd.gz"]}}


PLAN = {
    "urls": URLS,
    "menu": MENU,
    "profiles": {"debian13": PROFILE},
    "distributions": {"debian-13": DISTRIBUTION},
    "machines": [MACHINE],
}


def arguments(profile: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[str]:
    return [f"of={distribution['name']}"]


def live(machine: dict[str, t.Any]) -> list[str] | None:
    return [f"hostname={machine['name']}"] if machine.get("family") == "live" else None


ARGUMENTS = Arguments(arguments, lambda distribution: [f"rescue={distribution['name']}"], live)


def render(
    media: t.Any = None, memory_test: bool = False, arguments: Arguments = ARGUMENTS, **changes: t.Any
) -> dict[str, str]:
    """The scripts, checked."""
    return scripts({**PLAN, **changes}, MEDIA if media is None else media, arguments, memory_test)


def all_scripts() -> dict[str, str]:
    return {
        **render(),
        "armed.ipxe": armed_script(INSTALLATION, URLS),
        "embed.ipxe": embed_script(
            ["http://10.77.0.1/boot/boot.ipxe", "tftp://10.77.0.1/boot.ipxe"], "loader"
        ),
        "embed-local.ipxe": embed_script(["http://10.77.0.1/boot/boot.ipxe"], "loader", shell=False),
    }


SCRIPTS = all_scripts()


def commands(script: str) -> list[str]:
    return [line for line in script.splitlines() if line and not line.startswith("#")]


def own_entry(name: str, action: str, file: str, **more: t.Any) -> dict[str, t.Any]:
    about = {"action": action, "file": file, "initrd": [], "append": [], **more}
    return {"name": name, "label": f"The {name}", "pxelinux": None, "ipxe": about}


OWN_ENTRIES = [
    own_entry("tool", "kernel", "tools/linux", initrd=["syslinux/own/a.gz"], append=["ro"]),
    own_entry("bios", "chain", "tftp://10.0.0.5/pxelinux.0"),
    own_entry("uefi", "chain", "grub/x.efi"),
    own_entry("menu", "script", "syslinux/own/other.ipxe"),
    {**own_entry("hdt", "com32", "syslinux/hdt.c32"), "ipxe": None},
]
