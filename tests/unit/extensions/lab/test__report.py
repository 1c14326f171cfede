# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report, and the events that feed it."""

from __future__ import annotations

import json
import pathlib

import _report
import _walk
import pytest

CAPTURED = {
    "started": 1000.0,
    "seconds": {"http": 3.0, "kernel": 4.0},
    "bytes": {"tftp": 500, "http": 1467},
    "requests": [[3.0, "GET", "/boot/boot.ipxe"]],
}


def test_stages_are_in_the_order_of_time() -> None:
    found = _report.machine_report("uefi", CAPTURED, {"installed": 1600.44, "started": 1090.0})
    assert list(found["seconds"].items()) == [
        ("http", 3.0),
        ("kernel", 4.0),
        ("started", 90.0),
        ("installed", 600.4),
    ]
    assert found["firmware"] == "uefi"
    assert found["bytes"] == {"tftp": 500, "http": 1467}


def test_report_is_written_and_told(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    machines = {"node01": _report.machine_report("bios", CAPTURED, {"installed": 1754.0})}
    target = _report.write(tmp_path, machines)
    assert json.loads(target.read_text(encoding="utf-8")) == {"machines": machines}
    assert "12:34  installed" in capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (754, "12:34"), (6000, "100:00")])
def test_clock(seconds: float, text: str) -> None:
    assert _report.clock(seconds) == text


def test_events_of_an_earlier_installation_do_not_count() -> None:
    listing = "1001.25 started\n1002.0 log-syslog\n1500.0 installed\n\n900.5 installed\n901.0 started\n"
    assert _walk.parse_events(listing, 1000.0) == {"started": 1001.25, "installed": 1500.0}
