# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""pxelinux's renderer: which files there are, and what they need."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Files, Record, Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.loaders import (
    is_com32_module,
    is_elf_module,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    HEADER,
    Chain,
    Version,
    dotted,
    is_plain,
    parse_version,
    without_hashes,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.fragments import (
    check_fragment,
    labels_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.kernels import all_kernel_copies
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.machines import (
    machine_text,
    profile_text,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.menu import menu_text
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.screens import (
    picture_mistake,
    pictures_of,
    screens_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

_DEFAULT = paths.in_folder(paths.DEFAULT_IN_FOLDER)
_OPTIONS: dict[str, Record] = {
    "version": {"type": "str", "required": True},
    "memory_test": {"type": "bool", "default": False},
    "splash": {"type": "str"},
}


class Pxelinux(Renderer):
    """BIOS machines have its menu over HTTP, or load all by TFTP without iPXE."""

    name = "pxelinux"
    role = "loader_syslinux"
    named_in = "for a module of syslinux name it in loader_syslinux_modules"
    options: t.Mapping[str, Record] = {"pxelinux": {"type": "dict", "options": _OPTIONS}}

    def is_wanted(self, site: SiteEntries) -> bool:
        return is_plain(site.plan) or site.menu.get("bios") == "pxelinux"

    def is_installed(self, site: SiteEntries) -> bool:
        return bool(site.server.get("pxelinux"))

    def files(self, site: SiteEntries) -> Files:
        chain = chain_of(site)
        files = {
            paths.help_in_folder(key): screen
            for key, screen in screens_of(chain).items()
            if isinstance(screen, str)
        }
        if chain.plain:
            for name, profile in site.profiles.items():
                files[paths.profile_in_folder(name)] = profile_text(profile, chain)
        for machine in site.machines:
            files[paths.machine_in_folder(machine.record["mac"])] = machine_text(machine, chain)
        files[paths.DEFAULT_IN_FOLDER] = menu_text(chain, offered=chain.plain)
        if not chain.plain and any(offer.default for offer in site.offers):
            files[paths.OFFERED_IN_FOLDER] = menu_text(chain, offered=True)
        return {paths.in_folder(path): text for path, text in files.items()}

    def copies(self, site: SiteEntries) -> dict[str, str]:
        return {paths.in_folder(path): source for path, source in all_kernel_copies(chain_of(site)).items()}

    def check(self, files: Files, site: SiteEntries, folder: Folder) -> None:
        chain = chain_of(site)
        _check_programs(chain, folder)
        _check_screens(site.menu, folder)
        _check_picture(chain.splash, folder)

    def references(self, files: Files, site: SiteEntries, folder: Folder) -> dict[str, list[str]]:
        chain = chain_of(site)
        needed: dict[str, list[str]] = {}
        for path, names in (*_names_in_fragments(files, chain, folder), *_names_in(files, chain.version)):
            for name in names:
                server, colons, rest = name.partition("::")
                # A file of another TFTP server; from the top of this one; of the folder (doc/pxelinux.txt).
                if not (server and colons):
                    needed.setdefault(rest if colons else paths.in_folder(name), []).append(path)
        return needed

    def claims(self, path: str) -> bool:
        return paths.is_config(path) or paths.is_headless(path)

    def owns(self, path: str, start: bytes) -> bool:
        return paths.is_headless(path) or start.startswith(HEADER.encode())

    def for_diff(self, text: str | bytes) -> str | bytes:
        return without_hashes(text)


def chain_of(site: SiteEntries) -> Chain:
    """:raises PxeError: this pxelinux cannot do it, or a hash is missing."""
    given = site.server["pxelinux"]
    version = parse_version(given["version"])
    menu_hash, hashes = site.menu_hash, _hashes(site)
    chain = Chain(
        site, version, site.menu, bool(given.get("memory_test")), given.get("splash"), menu_hash, hashes
    )
    if version < (3, 74):
        raise PxeError(f"pxelinux {dotted(version)} is too old for this menu: take 3.86, or 4.00 or later")
    if not chain.plain and (5, 0) <= version < (6, 4):
        raise PxeError(
            f"pxelinux {dotted(version)} cannot load by HTTP what iPXE could (5.00 to 6.03 cannot): take 6.04 or"
            " later, or 3.86, or site_menu.bios: ipxe"
        )
    return chain


def _hashes(site: SiteEntries) -> dict[str, str]:
    """Of the profiles.

    What the plan says must have been passed on: a menu without its passwords would be open to all.
    """
    if site.menu.get("password") and not site.menu_hash:
        raise PxeError("menu_password_hash: the plan has a password here, but its hash was not passed on")
    protected = [name for name, profile in site.profiles.items() if profile.has_own_lock]
    missing = [name for name in protected if not site.profile_hashes.get(name)]
    if missing:
        raise PxeError(
            f"profile_password_hashes: the plan has a password for {', '.join(missing)}, but its hash was not"
            " passed on"
        )
    return {name: site.profile_hashes[name] for name in protected}


# What configurations refer to


def _names_in(files: Files, version: Version) -> t.Iterator[tuple[str, list[str]]]:
    """Checked configurations, and the files that pxelinux would load for each."""
    for path, text in files.items():
        if not paths.is_headless(path):
            yield path, check_config(text, path, version)


def _names_in_fragments(files: Files, chain: Chain, folder: Folder) -> t.Iterator[tuple[str, list[str]]]:
    """The same of the parts of the menu that the site brings."""
    taken = labels_of(files[_DEFAULT])
    for path in chain.menu.get("include", []):
        data = folder.read(path)
        if data is not None:
            text = data.decode("utf-8", "replace")
            labels, names = check_fragment(text, path, chain.version, taken, bool(chain.menu_hash))
            taken += labels
            yield path, names


# What the site brings


def _check_programs(chain: Chain, folder: Folder) -> None:
    """What is brought must be something that pxelinux can start."""
    test = chain.menu.get("memory_test_file")
    if test in folder.brought:
        folder.check_start(test, "site_menu.memory_test", _mistake_in_kernel)
    for entry in chain.site.own_of("pxelinux"):
        program = entry.programs["pxelinux"]
        if program.action == "com32":
            mistake_in = functools.partial(_mistake_in_module, elf=chain.version >= (5, 0))
            folder.check_start(program.file, f"{entry.address}.com32", mistake_in)


def _mistake_in_kernel(data: bytes) -> str:
    return "" if data[510:512] == b"\x55\xaa" else "is not a Linux kernel, nor in its format"


def _mistake_in_module(data: bytes, elf: bool) -> str:
    if not (is_elf_module(data) or is_com32_module(data)):
        return "is not a module of syslinux for BIOS"
    if is_elf_module(data) != elf:
        return f"is a module of syslinux {'before 5.00' if elf else '5.00 or later'}, which this pxelinux cannot load"
    return ""


def _check_screens(menu: Record, folder: Folder) -> None:
    """Screens are text, and the pictures that they show lie beside pxelinux."""
    screens = {f"help.{key}": screen for key, screen in (menu.get("help") or {}).items()}
    screens["display"] = menu.get("display")
    for key, screen in screens.items():
        path = screen["path"] if isinstance(screen, dict) else None
        data = folder.read(path) if path else str(screen or "").encode()
        if data and b"\0" in data:
            raise PxeError(f"site_menu.{key}: {path} is not a text with SYSLINUX's control codes")
        for picture in pictures_of(data or b""):
            _bring_picture(picture, path or "", f"site_menu.{key}", folder)


def _bring_picture(picture: str, screen: str, address: str, folder: Folder) -> None:
    """A picture that lies on the disc beside the screen is published with it."""
    path = paths.in_folder(picture)
    if path in folder.brought or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.lss", picture):
        return
    if not folder.bring_from_beside(picture, path, screen) and not folder.has(path):
        folder.warn(f"{address} shows {picture}, which is not there: name it in site_menu.files")


def _check_picture(splash: str | None, folder: Folder) -> None:
    data = folder.read(paths.in_folder(splash)) if splash else None
    mistake = picture_mistake(data) if data else None
    if mistake:
        folder.warn(f"site_menu.splash: the menu of pxelinux will not show the picture: {mistake}")
