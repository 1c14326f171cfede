# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How far installations are and were, in the form that installations_info returns it."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming import offers_known
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import unix_time
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import SiteFolders, names_in
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.stages import (
    FAILED,
    NONE,
    RELEASED,
    Seen,
    newest,
    newest_log,
    stage_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers


def describe(site: SiteFolders, machine: dict[str, str], now: float, log_lines: int) -> dict[str, t.Any]:
    """One machine's latest installation."""
    found = {
        token: seen
        for token, seen in site.seen(machine["address"]).items()
        # What another machine did at this address is not what this one did.
        if seen.record.get("machine") in (None, machine["name"])
    }
    token = newest(found)
    result = {
        "machine": machine["name"],
        "address": machine["address"],
        "ssh": False,
        "reason": "",
        "log_tail": [],
        "disk": site.disk(machine, found),
    }
    if token is None:
        return {**result, "stage": NONE, "since": None, "token": None, "events": {}, "log": None}
    seen, folder = found[token], f"{machine['address']}/{token}"
    reports = _reports(site, folder, seen.events)
    return {
        **result,
        "token": f"{token[:8]}...",
        "profile": seen.record.get("profile"),
        "armed": _whole(unix_time(seen.record, "armed")),
        "expires": _whole(unix_time(seen.record, "expires")),
        **_how_far(site, folder, seen, now),
        **reports,
        "log_tail": site.log_tail(reports["log"], log_lines) if reports["log"] else [],
    }


def _how_far(site: SiteFolders, folder: str, seen: Seen, now: float) -> dict[str, t.Any]:
    stage = stage_of(seen, now)
    return {
        "stage": site.stage_name(folder, stage),
        "since": _whole(stage.since),
        "reason": site.reason(folder) if stage.name == FAILED else "",
    }


def _reports(site: SiteFolders, folder: str, events: dict[str, float]) -> dict[str, t.Any]:
    log = newest_log(events)
    return {
        "events": {name: int(moment) for name, moment in sorted(events.items())},
        "log": os.path.join(site.events, folder, log) if log else None,
    }


def _whole(moment: float | None) -> int | None:
    return None if moment is None else int(moment)


def all_machines(site: SiteFolders) -> list[dict[str, str]]:
    """Those of which the server knows something; an old record still knows the name."""
    machines = []
    for address in site.addresses():
        found = site.seen(address)
        token = newest(found)
        name = found[token].record.get("machine", address) if token else address
        machines.append({"name": name, "address": address})
    return machines


# Machines that are known by their MAC addresses alone


def unknown(site: SiteFolders, now: float) -> list[dict[str, t.Any]]:
    """One entry for each."""
    names = names_in(os.path.join(site.events, offers.FOLDER))
    return [_offered(site, name, now) for name in names if offers.is_mac_name(name)]


def _offered(site: SiteFolders, name: str, now: float) -> dict[str, t.Any]:
    folder = f"{offers.FOLDER}/{name}"
    inside = names_in(os.path.join(site.events, folder))
    profile = site.first_folder(folder)
    described = offers.DESCRIBED in inside
    elsewhere = offers.ELSEWHERE in inside and not profile
    result = {
        "mac": offers.mac_of(name),
        "described": described,
        "profile": offers_known.profile_of(site.events, name) if elsewhere else profile,
        "elsewhere": elsewhere,
    }
    if elsewhere or (described and not profile):
        nothing: dict[str, t.Any] = {"events": {}, "reason": "", "disk": "", "log": None}
        stage = RELEASED if elsewhere else NONE
        return {**result, **nothing, "stage": stage, "released": None, "since": None}
    reports = f"{folder}/{profile}"
    events = site.times(reports)
    # Both folders were made in that moment; later a mark may have been put into the outer one.
    released = min([site.folder_time(folder), *events.values()])
    return {
        **result,
        "released": int(released),
        **_how_far(site, reports, Seen({}, True, {**events, RELEASED: released}), now),
        **_reports(site, reports, events),
        "disk": site.disk_in(reports),
    }


def history_of_unknown(entries: t.Iterable[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The same as installations of the history, but for what other servers have in theirs."""
    return [
        {
            "machine": entry["mac"],
            "address": "",
            "profile": entry["profile"] or None,
            "disk": entry["disk"] or None,
            "by": "offer",
            "armed": entry["released"],
            **{key: entry[key] for key in ("stage", "since", "reason")},
        }
        for entry in entries
        if entry["stage"] != NONE and not entry["elsewhere"]
    ]


# What else is asked for


def history(site: SiteFolders, names: t.Container[str] | None, now: float) -> list[dict[str, t.Any]]:
    """All installations of these machines, or of all."""
    found = []
    for address in site.addresses():
        for token, seen in site.seen(address).items():
            machine = str(seen.record.get("machine") or address)
            if names is None or machine in names:
                found.append(_past(site, f"{address}/{token}", machine, seen, now))
    return sorted(found, key=lambda item: (item["armed"] or 0, item["machine"]))


def _past(site: SiteFolders, folder: str, machine: str, seen: Seen, now: float) -> dict[str, t.Any]:
    return {
        "machine": machine,
        "address": folder.split("/")[0],
        **{key: seen.record.get(key) for key in ("profile", "disk", "by")},
        "armed": _whole(unix_time(seen.record, "armed")),
        **_how_far(site, folder, seen, now),
    }


def further(
    site: SiteFolders, names: t.Container[str] | None, now: float, options: dict[str, t.Any]
) -> dict[str, t.Any]:
    """``unknown``, ``known`` and ``history``, each if the options of the module ask for it."""
    found: dict[str, t.Any] = {}
    if options["unknown"]:
        found["unknown"] = unknown(site, now)
    if options["known"]:
        found["known"] = [
            {"mac": offers.mac_of(name), **one._asdict()}
            for name, one in sorted(offers_known.known_machines(options["root"]).items())
        ]
    if options["history"]:
        others = history_of_unknown(found.get("unknown", [])) if names is None else []
        past = [*history(site, names, now), *others]
        found["history"] = sorted(past, key=lambda item: (item["armed"] or 0, item["machine"]))
    return found
