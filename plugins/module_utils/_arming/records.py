# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The record of an arming, as JSON: who, where to, and from when until when. It stays, as the history of the site."""

from __future__ import annotations

import datetime
import json
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import Installation

RECORD = "armed"
_RECORDED = ("machine", "mac", "address", "profile", "disk", "by")


def record_text(installation: Installation) -> str:
    """One installation as JSON: who, where to, and from when until when, in Unix seconds and as ISO 8601 with zone."""
    record = {key: installation[key] for key in _RECORDED if installation.get(key) is not None}
    begin, end = (int(moment) for moment in installation["window"].split("-"))
    times = {"from": begin, "until": end, "armed": timestamp(begin), "expires": timestamp(end)}
    return json.dumps({**record, **times}, indent=2) + "\n"


def parse_record(data: bytes | None) -> dict[str, t.Any]:
    """Read a record back. A damaged one is as good as none: it must not hide the other machines."""
    try:
        record = json.loads(data or b"")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def timestamp(moment: float) -> str:
    """Unix seconds → ISO 8601 in UTC, whole seconds."""
    return datetime.datetime.fromtimestamp(int(moment), datetime.timezone.utc).isoformat()


def unix_time(record: dict[str, t.Any], key: str) -> float | None:
    """A record's time in Unix seconds; ``None`` when it is missing or not readable."""
    try:
        return datetime.datetime.fromisoformat(record[key]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None
