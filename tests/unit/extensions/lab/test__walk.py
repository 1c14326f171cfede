# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk, with machines that are not there."""

from __future__ import annotations

import pathlib
import typing as t

import _report
import _walk
import pytest
from _common import LabError


class FakeMachine:
    """A machine whose answers are given: each power cycle takes the next identity and boot."""

    name = "node01"

    def __init__(self, tmp_path: pathlib.Path, identities: list[str], boots: list[str]) -> None:
        self.folder = tmp_path
        self.answers = {"cat /etc/machine-id": identities, "cat /proc/sys/kernel/random/boot_id": boots}
        self.powered: list[str] = []

    def ssh(self, command: str) -> t.Any:
        return type("Done", (), {"stdout": self.answers[command][len(self.powered)]})

    def power(self, action: str) -> None:
        self.powered.append(action)

    def wait_for_ssh(self, _seconds: float) -> None:
        """It answers at once."""


def check(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch, seconds: dict[str, float]) -> None:
    monkeypatch.setattr(_report, "capture", lambda *_words: {"seconds": seconds})
    _walk.Walk(t.cast("t.Any", None)).check_local_boot(t.cast("t.Any", machine))


def test_the_same_system_after_a_power_cycle(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = FakeMachine(tmp_path, ["a", "a"], ["1", "2"])
    check(machine, monkeypatch, {"http": 1.0})
    assert machine.powered == ["cycle"]


@pytest.mark.parametrize(
    ("identities", "boots", "seconds", "message"),
    [
        (["a", "b"], ["1", "2"], {}, "installed again"),
        (["", ""], ["1", "2"], {}, "installed again"),
        (["a", "a"], ["1", "1"], {}, "not switched off"),
        (["a", "a"], ["1", "2"], {"kernel": 3.0}, "fetched an installer's kernel"),
    ],
)
def test_what_is_no_local_boot(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    identities: list[str],
    boots: list[str],
    seconds: dict[str, float],
    message: str,
) -> None:
    with pytest.raises(LabError, match=message):
        check(FakeMachine(tmp_path, identities, boots), monkeypatch, seconds)


def test_a_walk_needs_the_tools(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_walk, "CHECKOUT", tmp_path)
    with pytest.raises(LabError, match="run make setup"):
        _walk.Walk(t.cast("t.Any", None)).playbook("site.yml")
