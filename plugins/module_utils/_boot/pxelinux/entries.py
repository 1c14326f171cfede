# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What the menu of pxelinux offers: lines of each entry."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import LOCAL_DISK, Entry
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux import offers as _offers
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    Chain,
    arguments_of,
    check_hash,
    file_name,
    loaded_name,
    screen_text,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.kernels import start
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL, MEMORY_TEST

#: The label of the title above live systems. No profile's name begins so.
RUN = "-run"
#: The directive that says what a file is, whatever its name.
_OWN_ACTIONS = {"kernel": "LINUX", "com32": "COM32", "config": "CONFIG", "chain": "PXE"}


def all_entries(chain: Chain) -> list[str]:
    """Every entry, that of the local disk among them."""
    body = [
        *_profile_entries(chain),
        *_offer_entries(chain),
        *_own_entries(chain),
        *_tool_entries(chain),
    ]
    entry, position = _local_entry(chain), (chain.menu.get("local") or {}).get("position") or "first"
    if position == "first":
        return [*entry, *body]
    at = len(body)
    if position.startswith("after:"):
        at = _end_of_entry(body, position[len("after:") :])
    return [*body[:at], *entry, *body[at:]]


def _end_of_entry(body: list[str], label: str) -> int:
    """Where what follows an entry begins; after its submenu if it is in one."""
    at = body.index(f"LABEL {label}") if f"LABEL {label}" in body else len(body) - 1
    inside = body[:at].count("MENU END") != sum(line.startswith("MENU BEGIN ") for line in body[:at])
    end = body.index("MENU END", at) if inside else at
    return body.index("", end) + 1 if "" in body[end:] else len(body)


def _local_entry(chain: Chain) -> list[str]:
    local = chain.site.local
    return [
        f"LABEL {local.name}",
        f"  MENU LABEL {screen_text(local.label) if local.label else f'^{LOCAL_DISK}'}",
        *(["  MENU DEFAULT"] if chain.menu["default"] == LOCAL else []),
        f"  {chain.local_boot}",
        "",
    ]


# Profiles


def _profile_entries(chain: Chain) -> list[str]:
    """One entry a profile, first those that install; from so many on, one submenu a distribution."""
    profiles = chain.site.in_menu
    if len(profiles) < chain.menu.get("submenus_from", 10):
        live = [profile for profile in profiles if not profile.installs]
        return [*_group(chain, [one for one in profiles if one.installs]), *_group(chain, live, "Run:")]
    lines = ["MENU SEPARATOR", ""]
    for distribution in dict.fromkeys(profile.boots.distribution for profile in profiles):
        inside = [profile for profile in profiles if profile.boots.distribution == distribution]
        body = [line for profile in inside for line in _profile_entry(chain, profile)]
        lines += _submenu(f"install-{distribution}", f"{distribution} ({len(inside)})", body)
    return lines


def _group(chain: Chain, profiles: t.Sequence[Entry], title: str = "") -> list[str]:
    """Entries below a line, and perhaps a title that nobody can choose."""
    if not profiles:
        return []
    head = [f"LABEL {RUN}", f"  MENU LABEL {title}", "  MENU DISABLE", ""] if title else []
    return [
        "MENU SEPARATOR",
        "",
        *head,
        *(line for profile in profiles for line in _profile_entry(chain, profile)),
    ]


def _submenu(tag: str, title: str, body: list[str]) -> list[str]:
    return [
        f"MENU BEGIN {tag}",
        f"MENU TITLE {screen_text(title)}",
        *body,
        f"LABEL back-{tag}",
        "  MENU LABEL ^Back",
        "  MENU EXIT",
        "MENU END",
        "",
    ]


def _profile_entry(chain: Chain, profile: Entry) -> list[str]:
    return [
        f"LABEL {profile.name}",
        f"  MENU LABEL {screen_text(profile.label) or profile.name}",
        *(["  MENU DEFAULT"] if chain.menu["default"] == profile.name else []),
        *_password(chain, profile.name),
        *start(chain, profile.boots),
        "",
    ]


def _password(chain: Chain, profile: str = "") -> list[str]:
    """The entry's own password, else the menu's: an empty one is unlocked by the master password alone."""
    own = chain.profile_hashes.get(profile)
    if own:
        return [f"  MENU PASSWD {check_hash(own, f'site_profiles.{profile}.menu_password_hash')}"]
    return ["  MENU PASSWD"] if chain.menu_hash else []


# Offers


def _offer_entries(chain: Chain) -> list[str]:
    """What installs without questions."""
    lines = ["MENU SEPARATOR", ""] if chain.site.offers else []
    for offer in chain.site.offers:
        label = _offers.label_of(offer)
        asks = [f"  MENU PASSWD {_offers.word_hash()}"] if _offers.asks_word(offer, chain) else []
        arguments = arguments_of(_offers.arguments_of(offer), f"arguments of {offer.name}")
        lines += [
            f"LABEL {label}",
            f"  MENU LABEL {screen_text(offer.title)}",
            *(["  MENU DEFAULT"] if chain.menu["default"] == label else []),
            *(_password(chain, offer.name) or asks),
            *start(chain, chain.site.profiles[offer.name].boots, arguments),
            "",
        ]
    return lines


# Entries of the site's own


def _own_entries(chain: Chain) -> list[str]:
    lines = []
    for entry in chain.site.own_of("pxelinux"):
        lines += [
            f"LABEL {entry.name}",
            f"  MENU LABEL {screen_text(entry.label) or entry.name}",
            *_password(chain),
            *_own_boot(chain, entry),
            "",
        ]
    return ["MENU SEPARATOR", "", *lines] if lines else []


def _own_boot(chain: Chain, entry: Entry) -> list[str]:
    where, program = entry.address, entry.programs["pxelinux"]
    initrds = [file_name(loaded_name(chain, path), f"{where}.initrd") for path in program.initrds]
    if any("," in name for name in initrds):
        raise PxeError(f"{where}.initrd: has a comma in it, which ends the name of an initrd for pxelinux")
    append = arguments_of(program.arguments, f"{where}.append")
    return [
        f"  {_OWN_ACTIONS[program.action]} {file_name(loaded_name(chain, program.file), where)}",
        *([f"  INITRD {','.join(initrds)}"] if initrds else []),
        *([f"  APPEND {' '.join(append)}"] if append else []),
        *(["  IPAPPEND 2"] if program.action == "kernel" else []),
    ]


# Tools


def _tool_entries(chain: Chain) -> list[str]:
    lines, brought = _rescue_entries(chain), chain.menu.get("memory_test_file")
    if chain.site.memory_test and (chain.memory_test or brought):
        lines += [
            f"LABEL {MEMORY_TEST}",
            "  MENU LABEL Test the ^memory",
            f"  KERNEL {loaded_name(chain, brought) if brought else MEMORY_TEST}",
            "  APPEND -",
            "",
        ]
    return ["MENU SEPARATOR", "", *lines] if lines else []


def _rescue_entries(chain: Chain) -> list[str]:
    """The rescue system of each distribution that is in the menu; several of them in a submenu."""
    entries = [
        [
            f"LABEL rescue-{rescue.name}",
            f"  MENU LABEL {rescue.label}",
            *_password(chain),
            *start(chain, rescue.boots),
            "",
        ]
        for rescue in chain.site.rescues
    ]
    body = [line for entry in entries for line in entry]
    return _submenu("rescue", "Rescue an installed system", body) if len(entries) > 1 else body
