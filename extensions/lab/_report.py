# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab measured: per machine, how long each stage took and what travelled by TFTP and by HTTP."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import _capture
from _common import LabError, say

# Stages of an installation as events report them, in the order in which they happen.
REPORT = "report.json"


def capture(folder: Path, previous: bool = False) -> dict[str, t.Any]:
    """Return the summary of a machine's capture since it was last switched on, or of the time before that."""
    path = folder / ("boot.pcap.1" if previous else "boot.pcap")
    if not path.exists():
        raise LabError(f"{path} is not there: the machine has not been switched on yet")
    return _capture.summary(path.read_bytes())


def machine_report(firmware: str, captured: dict[str, t.Any], events: dict[str, float]) -> dict[str, t.Any]:
    """Return one machine's part of the report; times count in seconds from its first DHCPDISCOVER.

    `events` holds {stage: unix time} as the server's clock has it, which is that of the machine that runs the lab.
    """
    stages = dict(captured["seconds"])
    stages.update({stage: round(time - captured["started"], 1) for stage, time in events.items()})
    ordered = dict(sorted(stages.items(), key=lambda item: item[1]))
    return {
        "firmware": firmware,
        "seconds": ordered,
        "bytes": captured["bytes"],
        "requests": len(captured["requests"]),
    }


def write(folder: Path, machines: dict[str, dict[str, t.Any]]) -> Path:
    """Write report.json and say the same in words."""
    target = folder / REPORT
    target.write_text(json.dumps({"machines": machines}, indent=2) + "\n", encoding="utf-8")
    for name, found in machines.items():
        say(
            f"{name} ({found['firmware']}): {found['bytes']['tftp']:,} bytes by TFTP, "
            f"{found['bytes']['http']:,} by HTTP"
        )
        for stage, seconds in found["seconds"].items():
            say(f"  {clock(seconds):>8}  {stage}")
    return target


def clock(seconds: float) -> str:
    """Return a duration as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
