# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Offers as pxelinux has them: installations without questions of machines that nobody described."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers import WORD, Offer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import Chain, screen_text
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers as _offers

# What starts the labels of offers. No profile's name begins so.
_LABEL = "-install-"
_SALT = "netinstall"


def label_of(offer: Offer) -> str:
    return f"{_LABEL}{offer.name}"


def is_label(label: str) -> bool:
    return label.startswith(_LABEL)


def with_offered_default(chain: Chain) -> Chain:
    """The chain whose menu takes the offer by itself, if there is one."""
    default = next((label_of(offer) for offer in chain.site.offers if offer.default), None)
    return replace(chain, menu={**chain.menu, "default": default}) if default else chain


def arguments_of(offer: Offer) -> list[str]:
    """The arguments for a loader that knows no MAC address but the one it says itself (``IPAPPEND 2``): the URL is
    that of a file by which the installer finds its own."""
    answer = _offers.answer_url(offer.base, offer.name, _offers.STAND_IN_MAC, offer.answer_file)
    is_kickstart = offer.format == "kickstart"
    start = (_offers.kickstart_url_without_mac if is_kickstart else _offers.start_url)(offer.base, offer.name)
    return [word.replace(answer, start) for word in offer.arguments if not word.startswith("BOOTIF=")]


def asks_word(offer: Offer, chain: Chain) -> bool:
    """A password does instead of the word: an entry asks for one thing."""
    has_password = bool(chain.menu_hash or chain.profile_hashes.get(offer.name))
    return offer.confirm == "word" and not has_password


def word_prompt(chain: Chain) -> list[str]:
    """What the menu asks for; it shows the same words for passwords."""
    asked = any(asks_word(offer, chain) for offer in chain.site.offers)
    return [f"MENU PASSPROMPT Password, or the word {WORD}"] if asked else []


def word_hash() -> str:
    """The word that confirms, as pxelinux's menu compares it: SHA-1 of salt and word (syslinux, utils/sha1pass). It is
    no secret; each menu says it."""
    digest = hashlib.sha1(f"{_SALT}{WORD}".encode(), usedforsecurity=False).digest()
    return f"$4${_SALT}${base64.b64encode(digest).decode().rstrip('=')}$"


def help_text(chain: Chain) -> str:
    """What the first help screen says besides."""
    offers = chain.site.offers
    if not offers:
        return ""
    lines = ["", "Entries that install without questions do so once on each machine."]
    if offers[0].default:
        lines += ["A machine that was not installed before takes", f"  {screen_text(offers[0].title)}"]
    return "\n".join([*lines, ""])


def start_text(url: str, answer_file: str) -> str:
    """The preseed with which d-i, started by pxelinux, finds its answer file: by the MAC address of the card that it
    was booted from, which pxelinux adds to the command line. Its fetch is the release.

    :param url: that of the offer.

    d-i evaluates the command without quotes around it, so it has no patterns that may be names of files.
    """
    return (
        "# Written by netinstall.pxe. It has no secrets: it leads to the answer file of the machine.\n"
        "d-i preseed/include_command string for word in $(cat /proc/cmdline); do case $word in BOOTIF=01-*) "
        f"echo {url}/${{word#BOOTIF=01-}}/release/{answer_file} ;; esac; done\n"
    )
