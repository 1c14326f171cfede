# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``menu.ipxe``: for machines that the site does not know."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import (
    LOCAL_DISK,
    Entry,
    SiteEntries,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.kernels import NOT_ARMED
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.offers import (
    ask_for_offer,
    is_default,
    offer_items,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import (
    FETCH,
    PAUSE,
    SAY_LOCAL_BOOT,
    TIMEOUT,
    script_of,
    text,
    url_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers import Offer
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import PLATFORMS
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import (
    CONFIGS,
    FOLDER,
    LOCAL,
    MENU_LOCK,
)

_UEFI_X64 = "${platform}/${buildarch} efi/x86_64"
_SHELL = "shell"


def menu_script(site: SiteEntries) -> str:
    boot_url, menu = site.plan["urls"]["boot"], site.menu
    first = paths.LOCAL if menu["default"] == LOCAL else paths.profile_script(menu["default"])
    locks = _locks(site)
    return script_of(
        "boot_files",
        ["The menu for machines that the site does not know. The default is taken when nobody chooses."],
        [
            *ask_for_offer(site.offers, first),
            *(_bios_menu(boot_url, site.offers) if menu.get("bios") == "pxelinux" else []),
            ":menu",
            "# A profile started from here gets no answer file: its installer asks.",
            *NOT_ARMED,
            *_splash(boot_url, menu.get("splash")),
            f"menu {text(menu['title'], 'site_menu.title')}",
            "item --gap -- This machine is not described: ${netX/mac} ${netX/ip} ${manufacturer} ${product}",
            *_with_local_item(site, _items(site)),
            f"choose --default {'${first}' if is_default(site.offers) else first}"
            f" --timeout {round(menu['timeout'] * 1000)} target || goto local",
            *(
                f"iseq ${{target}} {target} && set lock {lock} && goto locked ||"
                for target, lock in locks.items()
            ),
            "",
            *([":unlocked"] if locks else []),
            *_start_target(boot_url),
            *(_ask_password(boot_url) if locks else []),
        ],
    )


def _start_target(boot_url: str) -> list[str]:
    return [
        f"iseq ${{target}} {_SHELL} && goto shell ||",
        f"{FETCH} {url_of(boot_url, '${target}')} ||",
        "echo The server does not hand out ${target}. Nothing was changed on this machine.",
        "",
        ":local",
        *SAY_LOCAL_BOOT,
        "",
        ":shell",
        f"echo Leave the shell with: chain {url_of(boot_url, paths.BOOT)}",
        "shell ||",
        "goto local",
    ]


def _splash(boot_url: str, splash: str | None) -> list[str]:
    """iPXE shows PNG pictures, and only when it was built with a graphical console."""
    if not splash or not splash.lower().endswith(".png"):
        return []
    return [f"console --picture {url_of(splash) if '://' in splash else url_of(boot_url, paths.SPLASH)} ||"]


# Items


def _items(site: SiteEntries) -> list[str]:
    with_test = site.memory_test and site.server.get("memory_test")
    return [
        *_profile_items("Install", [profile for profile in site.in_menu if profile.installs]),
        *offer_items(site.offers),
        *_profile_items("Run", [profile for profile in site.in_menu if not profile.installs]),
        *_own_items(site.own_of("ipxe")),
        "item --gap -- Repair",
        *(f"item {paths.rescue_script(rescue.name)} {rescue.label}" for rescue in site.rescues),
        *([f"iseq {_UEFI_X64} && item {paths.MEMORY_TEST} Test the memory ||"] if with_test else []),
        *([f"item {_SHELL} iPXE shell"] if _has_shell(site) else []),
    ]


def _profile_items(title: str, profiles: t.Sequence[Entry]) -> list[str]:
    items = [f"item {paths.profile_script(p.name)} {text(p.label, f'{p.address}.label')}" for p in profiles]
    return [f"item --gap -- {title}", *items] if items else []


def _own_items(entries: t.Sequence[Entry]) -> list[str]:
    items = []
    for entry in entries:
        item = f"item {paths.entry_script(entry.name)} {text(entry.label, f'{entry.address}.label')}"
        platform = _platform(entry)
        items.append(f"iseq ${{platform}} {platform} && {item} ||" if platform else item)
    return ["item --gap -- More", *items] if items else []


def _platform(entry: Entry) -> str:
    """The firmware that another loader is for, by its name; empty for what both start."""
    program = entry.programs["ipxe"]
    if program.action != "chain":
        return ""
    return PLATFORMS["uefi" if program.file.lower().endswith(".efi") else "bios"].ipxe


def _with_local_item(site: SiteEntries, items: list[str]) -> list[str]:
    """The other items with that of the local disk among them."""
    item = f"item {paths.LOCAL} {text(site.local.label or LOCAL_DISK, 'site_menu.local.text')}"
    position = (site.menu.get("local") or {}).get("position") or "first"
    if position == "last":
        return [*items, item]
    at = 0
    if position.startswith("after:"):
        name = position[len("after:") :]
        targets = (f"item {paths.profile_script(name)} ", f"item {paths.entry_script(name)} ")
        found = [number for number, line in enumerate(items) if any(target in line for target in targets)]
        # What iPXE's menu does not have is in pxelinux's.
        at = found[0] + 1 if found else 0
    return [*items[:at], item, *items[at:]]


# Passwords


def _locks(site: SiteEntries) -> dict[str, str]:
    """What asks for a password: items, and the name under which the web server knows the password.

    As in pxelinux's menu: the menu's password is asked for all but the local disk and the memory test, unless a
    profile has its own.
    """
    locks = {
        **{paths.entry_script(entry.name): entry.lock for entry in site.own_of("ipxe")},
        **{paths.rescue_script(rescue.name): rescue.lock for rescue in site.rescues},
        _SHELL: MENU_LOCK if site.menu.get("password") else "",
        **{paths.profile_script(profile.name): profile.lock for profile in site.in_menu},
        **{paths.offer_script(offer.name): offer.lock for offer in site.offers},
    }
    return {target: lock for target, lock in locks.items() if lock}


def _has_shell(site: SiteEntries) -> bool:
    """Where only some profiles have a password, the shell would be the way around it."""
    some = any(profile.has_own_lock for profile in site.in_menu)
    some = some or any(offer.has_own_lock for offer in site.offers)
    return bool(site.menu.get("password")) or not some


def _ask_password(boot_url: str) -> list[str]:
    """iPXE cannot compare a password with its hash, so the web server is asked: below locked/ it wants one.

    What it hands out there does not matter, only whether it does; a wrong password is 401 or 403.
    """
    scheme, _colon, rest = url_of(boot_url[: -len("/boot")], "locked", "${lock}").partition("://")
    return [
        "",
        ":locked",
        "# The name is filled in. The menu's own password, under the name menu, opens everything.",
        "set username ${lock}",
        "clear password ||",
        "login || goto menu",
        f"imgfetch --name lock --timeout {TIMEOUT} "
        f"{scheme}://${{username:uristring}}:${{password:uristring}}@{rest} && goto right ||",
        "clear password ||",
        "echo That password does not open ${target}, or the server cannot be reached.",
        f"sleep {PAUSE} ||",
        "goto menu",
        "",
        ":right",
        "clear password ||",
        "imgfree lock ||",
        "goto unlocked",
    ]


# The menu of pxelinux


def _bios_menu(boot_url: str, offers: t.Sequence[Offer]) -> list[str]:
    """On BIOS machines, pxelinux's menu over HTTP. Options 209 and 210 tell it its configuration and its folder.

    A configuration by MAC address, which somebody may have put there, comes before the menu for all. Without 210
    pxelinux would take the folder of the script that DHCP named.
    """
    folder = url_of(boot_url, FOLDER)
    own = f"{CONFIGS}/01-${{netX/mac:hexhyp}}"
    offered = [
        f"iseq ${{first}} {paths.offer_script(offer.name)} && set 209:string {paths.OFFERED_IN_FOLDER} ||"
        for offer in offers[:1]
        if offer.default
    ]
    return [
        f"iseq ${{platform}} {PLATFORMS['bios'].ipxe} || goto menu",
        f"set 209:string {paths.DEFAULT_IN_FOLDER}",
        *offered,
        f"imgfetch --name own --timeout {TIMEOUT} {folder}/{own} && imgfree own && set 209:string {own} ||",
        "echo Loading the menu (a failed request above is normal)",
        f"set 210:string {folder}/",
        f"chain --autofree --timeout {TIMEOUT} {folder}/pxelinux.0 ||",
        "echo The menu of pxelinux cannot be loaded. This is the one of iPXE.",
        "",
    ]
