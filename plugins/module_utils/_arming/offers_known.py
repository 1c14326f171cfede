# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""To which MAC addresses a web server offers nothing, whatever it offers: those that had their installation, and those
of machines that are described, or were.

Each web server finds that below its own root, and is told what the others of the site have found: a network may be
another one's tomorrow. What was forgotten by name does not come back from the records of former armings, which stay::

    events/offers/<mac>/_elsewhere      another web server knows an installation of this machine; its profile
    events/offers/forgotten/<mac>       Unix time: armings of before do not count any more
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_start
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers

FORGOTTEN = f"{offers.FOLDER}/forgotten"
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]")
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


class Known(t.NamedTuple):
    """``machine``: what it is called, if it is described, or was; ``profile``: what it was installed with by an offer.
    One of them may be empty, and both if the server was interrupted."""

    machine: str
    profile: str


def known_machines(root: str) -> dict[str, Known]:
    """All that the server knows, by the names of their folders."""
    events = os.path.join(root, "events")
    found = {name: Known(machine, "") for name, machine in formerly_described(root).items()}
    for name in names_in(os.path.join(events, offers.FOLDER)):
        if offers.is_mac_name(name):
            machine = marked_as(events, name) or (found[name].machine if name in found else "")
            found[name] = Known(machine, profile_of(events, name))
    return found


def formerly_described(root: str) -> dict[str, str]:
    """Machines that are described or were, as boot scripts and the records of armings have it: what they are called."""
    return {**_with_boot_script(os.path.join(root, "boot")), **ever_armed(os.path.join(root, "events"))}


def _with_boot_script(boot: str) -> dict[str, str]:
    """Machines for which an earlier run published a script."""
    names = (name.rpartition(".")[0] for name in names_in(os.path.join(boot, "machines")))
    return {name: "a machine with a boot script" for name in names if offers.is_mac_name(name)}


def ever_armed(events: str) -> dict[str, str]:
    """Machines that were ever armed, as far as there is a record of it, and they were not forgotten since."""
    found = {}
    for address in names_in(events):
        for token in names_in(os.path.join(events, address)) if address[0].isdigit() else []:
            record = installation.parse_record(read_start(events, f"{address}/{token}/{installation.RECORD}"))
            name = offers.mac_name(str(record.get("mac", "")))
            if offers.is_mac_name(name) and not _is_forgotten(events, name, record):
                found[name] = one_line(record.get("machine")) or "a machine that was armed"
    return found


def _is_forgotten(events: str, name: str, record: dict[str, t.Any]) -> bool:
    said = (read_start(events, f"{FORGOTTEN}/{name}", 20) or b"").strip()
    return said.isdigit() and (installation.unix_time(record, "armed") or 0) <= int(said)


def marked_as(events: str, name: str) -> str:
    """What the mark of a described machine calls it; empty where there is none."""
    path = f"{offers.FOLDER}/{name}/{offers.DESCRIBED}"
    if not os.path.lexists(os.path.join(events, path)):
        return ""
    return one_line((read_start(events, path, 300) or b"").decode(errors="replace")) or "a described machine"


def profile_of(events: str, name: str) -> str:
    """What this server, or another one, has installed on it by an offer."""
    folder = os.path.join(events, offers.FOLDER, name)
    own = (each for each in names_in(folder) if os.path.isdir(os.path.join(folder, each)))
    elsewhere = read_start(events, f"{offers.FOLDER}/{name}/{offers.ELSEWHERE}", 100) or b""
    return as_profile(next(own, "") or elsewhere.decode(errors="replace"))


def as_profile(text: str) -> str:
    """The name of a profile as another server has it; empty if it cannot be one."""
    return text.strip() if _PROFILE.match(text.strip()) else ""


def one_line(text: object) -> str:
    """What the account of a web server may have written, in one line of characters that can be shown."""
    return _UNPRINTABLE.sub("?", " ".join(str(text or "").split()))[:200]


def names_in(folder: str) -> list[str]:
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []
