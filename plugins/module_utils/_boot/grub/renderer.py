# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""GRUB's renderer: which files there are, and what they need."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Files, Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Machine, SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.kernels import kernel_copies
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.machines import (
    machine_text,
    needed_by,
    profile_text,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.menu import menu_text
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import HEADER
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.start import start_text


class Grub(Renderer):
    """UEFI machines that insist on signed loaders begin with ``grub/grub.cfg``."""

    name = "grub"
    role = "loader_grub"

    def is_wanted(self, site: SiteEntries) -> bool:
        return bool(site.plan.get("backends", {}).get("uefi_loader") == self.name)

    def files(self, site: SiteEntries) -> Files:
        site = _of_known_images(site)
        return {
            **{paths.grub_profile(name): profile_text(one) for name, one in site.profiles.items()},
            **{paths.grub_machine(one.record["mac"]): machine_text(one, site) for one in site.machines},
            paths.GRUB_MENU: menu_text(site),
            paths.GRUB_START: start_text(site.menu),
        }

    def copies(self, site: SiteEntries) -> dict[str, str]:
        return kernel_copies(_of_known_images(site))

    def check(self, files: Files, site: SiteEntries, folder: Folder) -> None:
        for path, script in files.items():
            check_script(script, path)

    def references(self, files: Files, site: SiteEntries, folder: Folder) -> dict[str, list[str]]:
        needed = {name: [paths.GRUB_START] for name in (paths.SIGNED_GRUB, paths.SHIM)}
        for path, script in files.items():
            for name in needed_by(script):
                needed.setdefault(name, []).append(path)
        return needed

    def claims(self, path: str) -> bool:
        return paths.is_grub_config(path) or paths.is_grub_kernel(path)

    def owns(self, path: str, start: bytes) -> bool:
        return paths.is_grub_kernel(path) or start.startswith(HEADER.encode())

    def left_out(self, site: SiteEntries) -> list[str]:
        if not self.is_wanted(site):
            return []
        return [paths.grub_profile(name) for name, one in site.profiles.items() if not one.boots.is_known]

    def kept(self, site: SiteEntries) -> set[str]:
        """Also machines that need one of these files, and the copies of kernels."""
        profiles = [name for name, one in site.profiles.items() if one.boots.is_known]
        return {
            *self.left_out(site),
            *(paths.grub_machine(one.record["mac"]) for one in site.machines if not _is_known(one, profiles)),
        }


def _of_known_images(site: SiteEntries) -> SiteEntries:
    """Also without machines that need one of these files."""
    known = site.of_known_images()
    return replace(
        known, machines=[machine for machine in known.machines if _is_known(machine, known.profiles)]
    )


def _is_known(machine: Machine, profiles: t.Collection[str]) -> bool:
    return machine.live is None or machine.record["profile"] in profiles
