# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import stages
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.stages import Seen, Stage

ARMED = "2026-11-20T10:00:00+00:00"
START = 1795168800.0
RECORD = {"armed": ARMED, "expires": "2026-11-20T16:00:00+00:00"}
LATER = START + 6 * 3600


@pytest.mark.parametrize(
    ("published", "events", "now", "stage"),
    [
        (True, {}, START + 1, Stage("armed", START)),
        (True, {}, LATER, Stage("expired", LATER)),
        (False, {}, START + 1, Stage("none", None)),
        (False, {}, LATER + 9, Stage("expired", LATER)),
        (True, {"started": START + 5}, START + 9, Stage("started", START + 5)),
        (True, {"started": START + 5}, LATER + 9, Stage("started", START + 5)),
        (
            True,
            {"started": START, "progress-netcfg": START + 7, "progress-pkgsel": START + 8},
            START + 9,
            Stage("progress-pkgsel", START + 8),
        ),
        (True, {"started": START, "failed": START + 3}, START + 9, Stage("failed", START + 3)),
        (True, {"progress-pkgsel": START + 3, "failed": START + 3}, START + 9, Stage("failed", START + 3)),
        # Someone helped at the console.
        (
            True,
            {"failed": START + 3, "progress-pkgsel": START + 4},
            START + 9,
            Stage("progress-pkgsel", START + 4),
        ),
        (False, {"installed": START + 3, "failed": START + 4}, START + 9, Stage("installed", START + 3)),
        # Released, and whatever it reported since; a clock that was set back changes nothing about that.
        (True, {"released": START + 5}, START + 9, Stage("released", START + 5)),
        (True, {"released": START + 5}, LATER + 9, Stage("released", START + 5)),
        (True, {"released": START + 5, "started": START + 5}, START + 9, Stage("started", START + 5)),
        (True, {"released": START + 9, "started": START + 5}, START + 9, Stage("started", START + 5)),
        # A log is no stage; what the web server does not let a machine write is none either.
        (True, {"log-syslog": START + 4}, START + 9, Stage("armed", START)),
        (True, {"armed": START + 4, ".hidden": START + 5}, START + 9, Stage("armed", START)),
    ],
)
def test_stage(published: bool, events: dict[str, float], now: float, stage: Stage) -> None:
    assert stages.stage_of(Seen(RECORD, published, events), now) == stage


def test_stage_without_anything() -> None:
    assert stages.stage_of(None, START) == Stage("none", None)
    assert stages.stage_of(Seen({}, True, {}), START) == Stage("armed", None)


def test_the_latest_arming_counts() -> None:
    old = Seen({"armed": "2026-11-19T10:00:00+00:00"}, False, {"installed": START - 9})
    found = {"a" * 32: Seen(RECORD, True, {}), "b" * 32: old, "c" * 32: Seen({}, False, {})}
    assert stages.newest(found) == "a" * 32
    assert stages.newest({}) is None


def test_the_latest_log() -> None:
    assert stages.newest_log({"log-syslog": 1, "log-partman": 2, "log-../x": 9, "failed": 8}) == "log-partman"
    assert stages.newest_log({"failed": 8}) is None
