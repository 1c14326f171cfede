# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How far an installation has come, by the names and times of the files that lie on the server."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import unix_time

LOG_PREFIX = "log-"
#: The report that says which disk it is.
DISK = "progress-disk"
# Stages that no machine reports by itself.
NONE, ARMED, EXPIRED = "none", "armed", "expired"
RELEASED, STARTED, INSTALLED, FAILED = "released", "started", "installed", "failed"
# The file of all steps that have none of their own: its text is the step.
OTHER_STEP = "progress-other"
_EVENT = re.compile(r"(started|installed|failed|(progress|log)-[a-z0-9.-]+)\Z")


class Seen(t.NamedTuple):
    """What lies on the server for one token. ``events``: Unix time of each by name, of its release too;
    ``published``: its answers are there."""

    record: dict[str, t.Any]
    published: bool
    events: dict[str, float]


class Stage(t.NamedTuple):
    """``name`` is none, armed, released, started, progress-…, installed, failed or expired; ``since`` in Unix
    seconds."""

    name: str
    since: float | None


def is_event(name: str) -> bool:
    """The names that the web server lets a machine write."""
    return bool(_EVENT.match(name))


def stage_of(seen: Seen | None, now: float) -> Stage:
    """How far an installation has come: the latest report counts, and that it is installed counts for ever."""
    if seen is None:
        return Stage(NONE, None)
    reports = {name: time for name, time in seen.events.items() if _is_report(name)}
    if INSTALLED in reports:
        return Stage(INSTALLED, reports[INSTALLED])
    if reports:
        # Of two in the same moment, the failure; nothing was released after it was reported on.
        latest = max(reports, key=lambda name: (name != RELEASED, reports[name], name == FAILED, name))
        return Stage(latest, reports[latest])
    return _unreported(seen, now)


def _is_report(name: str) -> bool:
    return name == RELEASED or (is_event(name) and not name.startswith(LOG_PREFIX))


def _unreported(seen: Seen, now: float) -> Stage:
    """Armed, but no word from the machine yet."""
    expires = unix_time(seen.record, "expires")
    if expires is not None and now >= expires:
        return Stage(EXPIRED, expires)
    if seen.published:
        return Stage(ARMED, unix_time(seen.record, "armed"))
    return Stage(NONE, None)


def newest(found: dict[str, Seen]) -> str | None:
    """Of all tokens of one address, that of the latest arming."""
    if not found:
        return None
    return max(found, key=lambda token: (unix_time(found[token].record, "armed") or 0, token))


def newest_log(events: dict[str, float]) -> str | None:
    """The name of the log that was uploaded last."""
    logs = [name for name in events if name.startswith(LOG_PREFIX) and is_event(name)]
    return max(logs, key=lambda name: (events[name], name)) if logs else None
