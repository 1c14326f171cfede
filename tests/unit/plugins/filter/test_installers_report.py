# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.installers_report import (
    FilterModule,
    installers_report,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES


def test_steps_and_logs_of_all_installers() -> None:
    assert FilterModule().filters() == {"installers_report": installers_report}
    found = installers_report(["disk", "packages"])
    assert found["steps"][:3] == ["disk", "packages", "anna"]
    assert {"partman-base", "installpackages"} <= set(found["steps"])
    assert found["logs"] == ["syslog", "anaconda"]


def test_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dataclasses.replace(FAMILIES["redhat"], name="other", steps=("disk", "new"), logs=("new",))
    monkeypatch.setitem(FAMILIES, "other", other)
    found = installers_report(["disk"])
    assert (found["steps"].count("disk"), found["steps"][-1]) == (1, "new")
    assert found["logs"] == ["syslog", "anaconda", "new"]


def test_a_step_can_stand_in_a_path() -> None:
    for family in FAMILIES.values():
        assert [name for name in (*family.steps, *family.logs) if not name.replace("-", "").isalnum()] == []
