# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One armed installation on the server: what its files are called, and which names they may have.

Below the site's root::

    answers/<address>/<name>_<mac>.ipxe     the machine's boot script asks for this one, which starts its installation
    answers/<address>/<token>/preseed.cfg   the answer file, or ks.cfg; beside it what else the machine may fetch
    events/<address>/<token>/armed          the record, as JSON
    events/<address>/<token>/ticket-F-U     the right to one installation, from F until U (Unix seconds, ten digits)
    events/<address>/<token>/released       what the web server makes of the ticket when it releases the installation
    events/<address>/<token>/started …      what the machine PUTs while it installs

State is the presence of these files. This module computes with names, texts and times (Unix seconds) alone.

An arming belongs to a machine: its name, its MAC address and its address are the path of the script, and what is
published of a machine below boot/ asks for exactly this path. Whoever is described otherwise finds nothing.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.lifetimes import LONGEST_LIFETIME

TICKET_PREFIX = "ticket-"
# 128 bits as secrets.token_hex(16) writes them.
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")
_SECRET = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b")
_TICKET = re.compile(r"ticket-(?P<window>[0-9]{10}-[0-9]{10})\Z")
Installation = dict[str, t.Any]


def check_installations(installations: t.Sequence[Installation]) -> None:
    """Refuse what must not become part of a path, and two installations at one address.

    :raises PxeError: names the machine and what to write instead.
    """
    owners: dict[str, str] = {}
    for installation in installations:
        name, address = installation["machine"], installation["address"]
        check_address(name, address)
        token = installation.get("token")
        if token is not None and not _TOKEN.match(token):
            raise PxeError(f"{name}: the token must be 32 hexadecimal digits (secrets.token_hex(16))")
        if address in owners:
            raise PxeError(
                f"{name}: {owners[address]} has the address {address} too; give each machine its own"
            )
        owners[address] = name


def check_address(machine: str, address: str) -> None:
    """An address is also the name of a folder."""
    try:
        fits = str(ipaddress.IPv4Address(address)) == address
    except ValueError:
        fits = False
    if not fits:
        raise PxeError(f"{machine}: '{address}' is not an IPv4 address; write it like 10.77.0.11")


def check_lifetime(lifetime: int) -> None:
    """Refuse an arming that would be over at once, or that outlives who remembers it."""
    if not 1 <= lifetime <= LONGEST_LIFETIME:
        raise PxeError(
            f"lifetime: {lifetime} seconds; write 1 to {LONGEST_LIFETIME} (30 days), such as 21600. Arm a machine "
            "that boots later when it is needed"
        )


def is_token(name: str) -> bool:
    return bool(_TOKEN.match(name))


def folder_of(installation: Installation) -> str:
    """``<address>/<token>``, below answers/ and below events/."""
    return f"{installation['address']}/{installation['token']}"


def mac_name(mac: str) -> str:
    """A MAC address as file names have it."""
    return mac.lower().replace(":", "-")


def script_path(installation: Installation) -> str:
    """The armed script, below answers/."""
    return f"{installation['address']}/{installation['machine']}_{mac_name(installation['mac'])}.ipxe"


def boot_script_names(installation: Installation) -> dict[str, str]:
    """The files below boot/ that an armed machine needs, with the text that each must hold."""
    return {
        f"profiles/{installation['profile']}.ipxe": "",
        f"machines/{mac_name(installation['mac'])}.ipxe": f"/{script_path(installation)}",
    }


def window_of(begin: int, end: int) -> str:
    """``F-U``. Both have ten digits until the year 2286, so that the web server can compare them digit by digit."""
    return f"{begin:010}-{end:010}"


def set_window(installation: Installation, known: dict[str, t.Any], now: int, lifetime: int) -> None:
    """Set ``from`` and ``window``. One that is armed already (``known`` is its record) keeps its beginning."""
    begin = known.get("from")
    if not isinstance(begin, int) or not 10**9 <= begin < 10**10:
        begin = now
    installation.update({"from": begin, "window": window_of(begin, begin + lifetime)})


def ticket_path(installation: Installation) -> str:
    return f"{folder_of(installation)}/{TICKET_PREFIX}{installation['window']}"


def is_ticket(path: str) -> bool:
    """Whether a path below events/ is a ticket."""
    parts = path.split("/")
    return len(parts) == 3 and bool(_TICKET.match(parts[2]))


def gated(words: t.Iterable[str], installation: Installation) -> list[str]:
    """Kernel arguments in which the URL of the answer file is the release itself; only by HTTP is there such a gate."""
    folder = folder_of(installation)
    return [
        word.replace(f"/{folder}/", f"/{folder}/{installation['window']}/", 1) if "http://" in word else word
        for word in words
    ]


def masked(text: str) -> str:
    """Without tokens: their first characters tell which one it is."""
    return _SECRET.sub(r"\1...", text)
