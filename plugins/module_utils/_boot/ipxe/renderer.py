# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""iPXE's renderer: which scripts there are."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Files, Record, Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.kernels import (
    entry_script,
    profile_script,
    rescue_script,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import machine_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.menu import menu_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.offers import offer_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import HEADER
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.start import boot_script, local_script
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import urls_of


class Ipxe(Renderer):
    """Every machine that has iPXE begins with ``boot.ipxe``."""

    name = "ipxe"
    options: t.Mapping[str, Record] = {"memory_test": {"type": "bool", "default": False}}

    def files(self, site: SiteEntries) -> Files:
        site = site.of_known_images()
        boot = site.plan["urls"]["boot"]
        return {
            **{paths.profile_script(name): profile_script(one) for name, one in site.profiles.items()},
            **{paths.rescue_script(one.name): rescue_script(one) for one in site.rescues},
            **{paths.entry_script(one.name): entry_script(boot, one) for one in site.own_of(self.name)},
            paths.LOCAL: local_script(),
            **{paths.offer_script(one.name): offer_script(one, boot) for one in site.offers},
            paths.MENU: menu_script(site),
            **{
                paths.machine_script(one.record["mac"]): machine_script(one, urls_of(site.plan, one.record))
                for one in site.machines
            },
            paths.BOOT: boot_script(boot),
        }

    def check(self, files: Files, site: SiteEntries, folder: Folder) -> None:
        for path, script in files.items():
            check_script(script, path)
        for entry in site.own_of(self.name):
            program = entry.programs[self.name]
            if program.action == "script":
                folder.check_start(program.file, f"{entry.address}.script", _mistake_in_script)

    def claims(self, path: str) -> bool:
        return paths.is_script(path)

    def owns(self, path: str, start: bytes) -> bool:
        return start.startswith(HEADER.encode())

    def left_out(self, site: SiteEntries) -> list[str]:
        return [paths.profile_script(name) for name, one in site.profiles.items() if not one.boots.is_known]

    def kept(self, site: SiteEntries) -> set[str]:
        unknown = [profile for profile in site.profiles.values() if not profile.boots.is_known]
        return {
            *self.left_out(site),
            *(paths.offer_script(profile.name) for profile in unknown),
            *(paths.rescue_script(profile.boots.distribution) for profile in unknown),
        }


def _mistake_in_script(data: bytes) -> str:
    """iPXE would take what does not begin like a script for a kernel."""
    return "" if data.startswith(b"#!ipxe") else "is not an iPXE script: its first line must be '#!ipxe'"
