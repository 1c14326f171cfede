# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Armed scripts that are found on the server: whose they are, and which are of no described machine any more."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import (
    Installation,
    mac_name,
)

# The script of version 1.0 and earlier, which was bound to an address alone.
OLD_SCRIPT = "armed.ipxe"
_SCRIPT = re.compile(r"(?P<name>.+)_(?P<mac>[0-9a-f]{2}(?:-[0-9a-f]{2}){5})\.ipxe\Z")
# As the script says it to those who read it; what comes after "disk" may hold anything but a line break.
_SCRIPT_DISK = re.compile(r"^# Machine \S+ \(\S+\) is armed: .*, disk (?P<disk>.+)\.$", re.MULTILINE)
_NO_DISK = "none"


class Armed(t.NamedTuple):
    """An armed script that was found. Name and MAC address (with dashes) are empty for one of an earlier version."""

    address: str
    name: str
    mac: str


def armed_disk(script: str) -> str:
    """The disk that an armed script is about; empty if it says none."""
    found = _SCRIPT_DISK.search(script)
    return found["disk"] if found and found["disk"] != _NO_DISK else ""


def parse_script_path(path: str) -> Armed | None:
    """``<address>/<name>_<mac>.ipxe``; ``None`` for anything else below answers/."""
    address, _slash, file = path.partition("/")
    if file == OLD_SCRIPT:
        return Armed(address, "", "")
    match = _SCRIPT.match(file)
    return Armed(address, match["name"], match["mac"]) if match and "/" not in file else None


class TakenBack(t.NamedTuple):
    """An arming that is of no described machine, and why."""

    armed: Armed
    reason: str


def strangers(found: t.Mapping[Armed, str], machines: t.Sequence[Installation]) -> list[TakenBack]:
    """The armings that are not of one of these machines, as they are described now.

    :param found: the disk that each is about, where its script says so.
    :param machines: ``{machine, mac, address}`` each, and ``disk`` where that is known.
    """
    by_name: dict[str, Installation] = {}
    by_mac: dict[str, Installation] = {}
    for item in machines:
        by_name.setdefault(item["machine"], item)
        by_mac.setdefault(mac_name(item["mac"]), item)
    changed = {armed: _changed(armed, disk, by_name, by_mac) for armed, disk in found.items()}
    return [TakenBack(armed, reason) for armed, reason in changed.items() if reason is not None]


def _changed(
    armed: Armed, disk: str, by_name: t.Mapping[str, Installation], by_mac: t.Mapping[str, Installation]
) -> str | None:
    """What is different about a machine since it was armed; ``None`` if it is the same."""
    if not armed.name:
        return "an earlier version of the collection armed it; arm it again"
    known = by_name.get(armed.name)
    if known is None:
        other = by_mac.get(armed.mac)
        return f"it is called {other['machine']} now" if other else "it is no longer a machine of this server"
    changes = []
    if mac_name(known["mac"]) != armed.mac:
        changes.append(f"its MAC address is {known['mac'].lower()} now")
    if known["address"] != armed.address:
        changes.append(f"its address is {known['address']} now")
    # Somebody may have put right what would have been the wrong one.
    if disk and known.get("disk") and known["disk"] != disk:
        changes.append(f"its disk is {known['disk']} now, and not {disk}")
    return " and ".join(changes) or None
