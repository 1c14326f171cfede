# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What loaders must know of an offer (see ``_offers``), in no loader's language."""

from __future__ import annotations

import base64
import hashlib
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answers import BY_RULE

#: What must be typed where an offer is confirmed by a word.
WORD = "install"
# As iPXE writes the MAC address of the card that it was booted from, in the order of _offers.SPELLINGS.
_IPXE_MACS = ("${netX/mac}", offers.IPXE_MAC, "${netX/mac:hexraw}")
_SALT = "netinstall"


class Offer(t.NamedTuple):
    """One offer of a web server."""

    name: str
    #: Of the profile, for the menu.
    label: str
    #: word, password or none.
    confirm: str
    #: Whether the profile has a password of its own.
    locked: bool
    #: Whether it is the default of the menu.
    default: bool
    disk: str
    overwrite: bool
    #: The installer's arguments of the machine that does not exist.
    arguments: tuple[str, ...]
    #: The web server's URL.
    base: str
    answer_file: str
    format: str

    def ready_url(self) -> str:
        """For iPXE."""
        return offers.ready_url(self.base, self.name, offers.IPXE_MAC)

    def release_url(self) -> str:
        """For iPXE."""
        return offers.release_url(self.base, self.name, offers.IPXE_MAC)

    def for_ipxe(self) -> list[str]:
        """The arguments with iPXE's settings."""
        return [_with_settings(word) for word in self.arguments]

    def for_pxelinux(self) -> list[str]:
        """The arguments for a loader that knows no MAC address but the one it says itself (``IPAPPEND 2``): the URL is
        that of a file by which the installer finds its own."""
        answer = offers.answer_url(self.base, self.name, offers.STAND_IN_MAC, self.answer_file)
        start = (offers.kickstart_url_without_mac if self.format == "kickstart" else offers.start_url)(
            self.base, self.name
        )
        return [word.replace(answer, start) for word in self.arguments if not word.startswith("BOOTIF=")]

    @property
    def lost(self) -> str:
        """What is said of the disk before it is installed on."""
        disk = "its disk" if self.disk == BY_RULE else self.disk
        return (
            f"WHATEVER IS ON {disk} WILL BE LOST"
            if self.overwrite
            else f"It is installed only if {disk} is empty"
        )

    @property
    def title(self) -> str:
        return f"{self.label} (installs without questions)"


def offers_of(plan: dict[str, t.Any], published: t.Mapping[str, dict[str, t.Any]]) -> list[Offer]:
    """The offers of a web server, the menu's default first.

    :param plan: as the web server has it: ``{urls, profiles, unknown_machines}``.
    :param published: what ``publish_offers`` returned: by profile ``{arguments, disk, overwrite}``.
    """
    unknown = plan.get("unknown_machines") or {}
    known = unknown.get("profiles") or {}
    found = [
        Offer(
            name,
            plan["profiles"][name]["label"],
            known[name]["confirm"],
            bool(plan["profiles"][name].get("menu_password")),
            name == unknown["install"],
            said["disk"],
            said["overwrite"],
            tuple(said["arguments"]),
            plan["urls"]["boot"].rpartition("/")[0],
            said["answer_file"],
            said["answer_format"],
        )
        for name, said in published.items()
        if name in known and name in plan["profiles"]
    ]
    return sorted(found, key=lambda offer: not offer.default)


def _with_settings(word: str) -> str:
    for spelling, setting in zip(offers.SPELLINGS, _IPXE_MACS):
        word = word.replace(spelling.stand_in, setting)
    return word


def word_hash() -> str:
    """The word that confirms, as pxelinux's menu compares it: SHA-1 of salt and word (syslinux, utils/sha1pass). It is
    no secret; each menu says it."""
    digest = hashlib.sha1(f"{_SALT}{WORD}".encode(), usedforsecurity=False).digest()
    return f"$4${_SALT}${base64.b64encode(digest).decode().rstrip('=')}$"


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
