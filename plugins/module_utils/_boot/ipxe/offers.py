# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Offers as iPXE has them: installations without questions of machines that nobody described."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.kernels import (
    NOT_ARMED,
    settings_of,
    start_profile,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import (
    FETCH,
    HOLD_PAUSE,
    PAUSE,
    SAY_LOCAL_BOOT,
    TIMEOUT,
    script_of,
    text,
    url_of,
    word,
    words,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers import WORD, Offer
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers as _offers

# As iPXE writes the MAC address of the card that it was booted from, in the order of _plan.offers.SPELLINGS.
_MACS = ("${netX/mac}", _offers.IPXE_MAC, "${netX/mac:hexraw}")


def is_default(offers: t.Sequence[Offer]) -> bool:
    """Whether the menu's default is one of them, which is the first then."""
    return bool(offers) and offers[0].default


def ask_for_offer(offers: t.Sequence[Offer], otherwise: str) -> list[str]:
    """Let ``first`` be the menu's default: what is offered only if the server would install this machine now."""
    if not is_default(offers):
        return []
    return [
        f"set first {otherwise}",
        "echo Is this machine to be installed? (a failed request means that it is not)",
        f"imgfetch --name ready --timeout {TIMEOUT} {_ready_url(offers[0])}"
        f" && imgfree ready && set first {paths.offer_script(offers[0].name)} ||",
        "",
    ]


def offer_items(offers: t.Sequence[Offer]) -> list[str]:
    items = [
        f"item {paths.offer_script(offer.name)} {text(offer.title, f'site_profiles.{offer.name}.label')}"
        for offer in offers
    ]
    return ["item --gap -- Install without questions", *items] if items else []


def offer_script(offer: Offer, boot_url: str) -> str:
    """``offers/<profile>.ipxe``: install without questions what nobody described, if the server says so; else the disk.

    As with an armed script, the server releases the installation when the profile's script asks for it, right before
    the kernel starts; here only whether it would.
    """
    name = offer.name
    return script_of(
        "boot_files",
        [
            f"Profile {name}: {offer.label}. It installs without questions on machines that nobody described.",
            "Each of them once: afterwards it boots its disk, until the operator forgets it.",
        ],
        [
            f"imgfetch --timeout {TIMEOUT} --name ready {_ready_url(offer)} && goto ready ||",
            "",
            "echo",
            f"echo The server does not install this machine (${{netX/mac}}, ${{netX/ip}}) with {name}:",
            "echo it was installed before, or it is described, or it is not one of those installed this way,",
            "echo or the server cannot be reached.",
            "echo This boot has changed nothing on the disk.",
            "echo To see why:       playbook netinstall.pxe.status",
            "echo To install again:  playbook netinstall.pxe.disarm -e disarm_unknown=${netX/mac}",
            f"prompt --timeout {HOLD_PAUSE * 1000} In {HOLD_PAUSE} seconds it boots its local disk. ||",
            "goto local",
            "",
            *_install(offer, boot_url),
            ":local",
            *NOT_ARMED,
            *SAY_LOCAL_BOOT,
        ],
    )


def _ready_url(offer: Offer) -> str:
    return word(_offers.ready_url(offer.base, offer.name, _offers.IPXE_MAC), offer.name)


def _install(offer: Offer, boot_url: str) -> list[str]:
    name = offer.name
    arguments = words(arguments_of(offer), f"arguments of {name}")
    release = word(_offers.release_url(offer.base, name, _offers.IPXE_MAC), name)
    return [
        ":ready",
        "imgfree ready ||",
        f"echo This machine (${{netX/mac}}, ${{netX/ip}}) is to be installed with {name}. Nobody described it.",
        f"echo {text(offer.lost, name)}",
        *(_ask_word(boot_url) if offer.confirm == "word" else []),
        *settings_of(boot_url, arguments, release, url_of(boot_url, paths.offer_script(name))),
        *start_profile(boot_url, name),
        f"echo The server does not hand out profile {name}. The disk was not touched.",
        "",
    ]


def arguments_of(offer: Offer) -> list[str]:
    """The arguments with iPXE's settings."""
    return [_with_settings(argument) for argument in offer.arguments]


def _with_settings(argument: str) -> str:
    for spelling, setting in zip(_offers.SPELLINGS, _MACS):
        argument = argument.replace(spelling.stand_in, setting)
    return argument


def _ask_word(boot_url: str) -> list[str]:
    return [
        "clear answer ||",
        f"echo -n Type {WORD} to install it now:",
        "read answer ||",
        f"iseq ${{answer}} {WORD} && goto confirmed ||",
        "echo That was not the word. Back to the menu.",
        f"sleep {PAUSE} ||",
        f"{FETCH} {url_of(boot_url, paths.MENU)} ||",
        "goto local",
        "",
        ":confirmed",
    ]
