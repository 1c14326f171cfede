# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site of one machine, as pxelinux has it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Arguments, SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.rendered import (
    checked,
    pxelinux_site,
)

URL = "http://10.77.0.1"


HASH = "$6$salt$" + "a" * 86


OTHER_HASH = "$6$salt$" + "b" * 86


MENU = {"title": "Welcome", "timeout": 30, "default": "local", "bios": "pxelinux"}


MACHINE = {"name": "node01", "mac": "52:54:00:AA:00:01", "address": "10.77.0.11", "profile": "p0"}


MENU_PATH = "syslinux/pxelinux.cfg/default"


MACHINE_PATH = "syslinux/pxelinux.cfg/01-52-54-00-aa-00-01"


PROFILE_PATH = "syslinux/profiles/p0.cfg"


# As somebody wrote it for iPXE.
BOOT_CARD = "BOOTIF=01-${netX/mac:hexhyp}"


def plan(profiles: int = 2, distributions: int = 1, loader: str = "ipxe", **menu: t.Any) -> dict[str, t.Any]:
    return {
        "urls": {"boot": f"{URL}/boot", "trees": f"{URL}/trees"},
        "menu": {**MENU, **menu},
        "backends": {"bios_loader": loader},
        "profiles": {
            f"p{number}": {
                "name": f"p{number}",
                "label": f"Install {number}",
                "distribution": f"d{number % distributions}",
                "kernel_arguments": ["quiet", "a=b;c"],
                "in_menu": True,
            }
            for number in range(profiles)
        },
        "distributions": {
            f"d{number}": {"name": f"d{number}", "tree_url": f"{URL}/trees/d{number}"}
            for number in range(distributions)
        },
        "machines": [MACHINE],
    }


def site(given_plan: dict[str, t.Any] | None = None, **changes: t.Any) -> SiteEntries:
    given_plan = given_plan or plan()
    media = {
        name: {"kernel": "images/vmlinuz", "initrd": ["images/initrd.img"]}
        for name in given_plan["distributions"]
    }
    arguments = Arguments(
        changes.pop("profile_arguments", lambda profile, _one: [f"inst.repo={profile['name']}", BOOT_CARD]),
        changes.pop("rescue_arguments", lambda distribution: [f"rescue={distribution['name']}"]),
        lambda machine: ["hostname=x"] if machine.get("family") == "live" else None,
    )
    return pxelinux_site(given_plan, changes.pop("media", media), arguments, **changes)


def render(given_plan: dict[str, t.Any] | None = None, **changes: t.Any) -> dict[str, str]:
    """The files, checked."""
    return checked(Pxelinux(), site(given_plan, **changes))


def section(text: str, label: str) -> list[str]:
    """The lines of one LABEL."""
    lines = text.partition(f"\nLABEL {label}\n")[2].split("\n")
    ends = (index for index, line in enumerate(lines) if not line.startswith("  "))
    return [line.strip() for line in lines[: next(ends)]]


def order(text: str) -> list[str]:
    """Labels and submenus from top to bottom."""
    return re.findall(r"(?m)^(?:LABEL|MENU (?=BEGIN|END|SEPARATOR))\s*(.*)$", text)


def live_plan(loader: str = "ipxe") -> dict[str, t.Any]:
    described = plan(loader=loader)
    described["profiles"]["p0"]["family"] = "live"
    return {**described, "machines": [{**MACHINE, "family": "live"}]}


def own_entry(name: str, action: str, file: str, **more: t.Any) -> dict[str, t.Any]:
    about = {"action": action, "file": file, "initrd": [], "append": [], **more}
    return {"name": name, "label": f"The {name}", "pxelinux": about, "ipxe": None}
