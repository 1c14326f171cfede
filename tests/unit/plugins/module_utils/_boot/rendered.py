# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each renderer makes of a plan, checked as the module does it."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import (
    Arguments,
    SiteEntries,
    site_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.renderer import Ipxe
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux

Record = dict[str, t.Any]
#: Of families that say nothing.
NO_ARGUMENTS = Arguments(lambda *_args: [], lambda _distribution: None, lambda _machine: None)


def checked(renderer: Renderer, site: SiteEntries) -> dict[str, str]:
    files, folder = renderer.files(site), Folder("/nowhere", check_mode=True)
    renderer.check(files, site, folder)
    renderer.references(files, site, folder)
    return files


def scripts(
    plan: Record,
    media: Record,
    arguments: Arguments = NO_ARGUMENTS,
    memory_test: bool = False,
    offers: Record | None = None,
) -> dict[str, str]:
    """iPXE's."""
    site = site_of(plan, media, arguments, offers=offers, server={"memory_test": memory_test})
    return checked(Ipxe(), site)


def pxelinux_site(
    plan: Record,
    media: Record,
    arguments: Arguments = NO_ARGUMENTS,
    version: str = "6.04",
    offers: Record | None = None,
    menu_hash: str = "",
    profile_hashes: dict[str, str] | None = None,
    **given: t.Any,
) -> SiteEntries:
    """:param given: what is known of the server's pxelinux."""
    hashes = profile_hashes or {}
    profiles = {
        name: {**profile, "menu_password": name in hashes} for name, profile in plan["profiles"].items()
    }
    plan = {**plan, "menu": {**plan["menu"], "password": bool(menu_hash)}, "profiles": profiles}
    server = {"pxelinux": {"version": version, **given}}
    return site_of(
        plan, media, arguments, offers=offers, server=server, menu_hash=menu_hash, profile_hashes=hashes
    )


def configs(*args: t.Any, **options: t.Any) -> dict[str, str]:
    """pxelinux's."""
    return checked(Pxelinux(), pxelinux_site(*args, **options))
