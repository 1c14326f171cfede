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

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import (
    RECORD,
    parse_record,
    unix_time,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import names_in
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_start
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers
from ansible_collections.netinstall.pxe.plugins.module_utils._text import addresses

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
            record = parse_record(read_start(events, f"{address}/{token}/{RECORD}"))
            name = offers.mac_name(str(record.get("mac", "")))
            if offers.is_mac_name(name) and not _is_forgotten(events, name, record):
                found[name] = one_line(record.get("machine")) or "a machine that was armed"
    return found


def _is_forgotten(events: str, name: str, record: dict[str, t.Any]) -> bool:
    said = (read_start(events, f"{FORGOTTEN}/{name}", 20) or b"").strip()
    return said.isdigit() and (unix_time(record, "armed") or 0) <= int(said)


def marked_as(events: str, name: str) -> str:
    """What the mark of a described machine calls it; empty where there is none."""
    if not is_marked(events, name):
        return ""
    path = f"{offers.FOLDER}/{name}/{offers.DESCRIBED}"
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


def name_of(mac: str, address: str) -> str:
    """The name of a machine's folder.

    :param address: where the MAC address stands, for the message.
    :raises PxeError: it is none.
    """
    try:
        return offers.mac_name(addresses.parse_mac(mac))
    except PxeError as exc:
        raise PxeError(f"{address}: {exc}") from exc


def known_elsewhere(entries: t.Iterable[dict[str, str]], described: t.Container[str]) -> dict[str, Known]:
    """What the other web servers remember of machines that are not described, by the names of their folders.

    :param entries: ``{mac, machine, profile}`` each.
    :raises PxeError: a MAC address is none.
    """
    found: dict[str, Known] = {}
    for number, entry in enumerate(entries):
        name = name_of(entry["mac"], f"known[{number}].mac")
        before = found.get(name, Known("", ""))
        found[name] = Known(
            before.machine or one_line(entry["machine"]), before.profile or as_profile(entry["profile"])
        )
    return {name: one for name, one in found.items() if offers.is_mac_name(name) and name not in described}


def unknown_here(root: str, known: dict[str, Known]) -> dict[str, Known]:
    """Those that this server does not know; or not as described, which outlives that all are forgotten."""
    here = known_machines(root)
    found = {}
    for name, one in known.items():
        if name not in here:
            found[name] = one
        elif one.machine and not here[name].machine:
            found[name] = Known(one.machine, "")
    return found


def markers(root: str, described: dict[str, str], learnt: dict[str, Known]) -> dict[str, str]:
    """The marks of described machines, and of what other servers have installed, by their paths below events/; those
    of others stay as they are, and none is removed."""
    events = os.path.join(root, "events")
    former = formerly_described(root)
    former.update({name: one.machine for name, one in learnt.items() if one.machine})
    wanted = {name: machine for name, machine in former.items() if not is_marked(events, name)}
    wanted.update(described)
    marks = {(name, offers.DESCRIBED): machine for name, machine in wanted.items()}
    for name, one in learnt.items():
        if one.profile or not one.machine:
            marks[name, offers.ELSEWHERE] = one.profile
    return {
        f"{offers.FOLDER}/{name}/{mark}": f"{text}\n"
        for (name, mark), text in sorted(marks.items())
        if offers.is_mac_name(name)
    }


def is_marked(events: str, name: str) -> bool:
    """Whether it is the machine of a description, or was."""
    return os.path.lexists(os.path.join(events, offers.FOLDER, name, offers.DESCRIBED))
