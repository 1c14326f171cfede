# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site of one machine, as GRUB has it."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import (
    Arguments,
    SiteEntries,
    site_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.renderer import Grub
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.rendered import checked

URL = "http://10.77.0.1"
MACHINE = {"name": "node01", "mac": "52:54:00:AA:00:01", "address": "10.77.0.11", "profile": "p0"}
MACHINE_PATH = "grub/machines/52-54-00-aa-00-01.cfg"
PROFILE_PATH, MENU_PATH, START_PATH = "grub/profiles/p0.cfg", "grub/menu.cfg", "grub/grub.cfg"
INSTALLATION = {
    "machine": "node01",
    "mac": MACHINE["mac"],
    "address": "10.77.0.11",
    "token": "0" * 32,
    "window": "1795186800-1795208400",
    "profile": "p0",
    "disk": "/dev/vda",
    "install_arguments": ["auto=true", "url=http://10.77.0.1/x;y"],
}


def plan(**menu: t.Any) -> dict[str, t.Any]:
    return {
        "urls": {"boot": f"{URL}/boot", "trees": f"{URL}/trees"},
        "backends": {"uefi_loader": "grub"},
        "menu": {"title": "Welcome", "timeout": 30, "default": "local", **menu},
        "profiles": {
            name: {
                "name": name,
                "label": f"Install {name}",
                "distribution": "d",
                "kernel_arguments": ["quiet", "a=b;c"],
            }
            for name in ("p0", "p1")
        },
        "distributions": {"d": {"name": "d", "tree_url": f"{URL}/trees/d"}},
        "machines": [MACHINE],
    }


def live_plan() -> dict[str, t.Any]:
    return {**plan(), "machines": [{**MACHINE, "family": "live"}]}


def site(given_plan: dict[str, t.Any] | None = None, **changes: t.Any) -> SiteEntries:
    media = {"d": {"kernel": "images/vmlinuz", "initrd": ["images/initrd.img"]}}
    arguments = Arguments(
        lambda profile, _one: [f"inst.repo={profile['name']}", BOOT_CARD],
        lambda distribution: [f"rescue={distribution['name']}"],
        lambda machine: ["hostname=x"] if machine.get("family") == "live" else None,
    )
    return site_of(given_plan or plan(), changes.pop("media", media), arguments, **changes)


def render(given_plan: dict[str, t.Any] | None = None, **changes: t.Any) -> dict[str, str]:
    """The files, checked."""
    return checked(Grub(), site(given_plan, **changes))


def said(text: str) -> list[str]:
    """Without comments and empty lines."""
    return [line for line in text.split("\n") if line and not line.startswith("#")]
