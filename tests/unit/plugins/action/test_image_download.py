# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.netinstall.pxe.plugins.action import image_download
from ansible_collections.netinstall.pxe.plugins.action.image_download import (
    ActionModule,
    duration,
    progress_line,
    size,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1536, "1.5 KiB"),
        (4 * 1024**3, "4.0 GiB"),
        (2e16, "18189.9 TiB"),
    ],
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (29, "29 s"), (60, "1 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_progress() -> None:
    mib = 1024**2
    assert progress_line("x.iso", 100 * mib, 400 * mib, 5 * mib) == (
        "x.iso: 100.0 MiB of 400.0 MiB (25 %), 5.0 MiB/s, about 1 min left"
    )
    assert progress_line("x.iso", 100 * mib, None, mib) == "x.iso: 100.0 MiB, 1.0 MiB/s"
    assert (
        progress_line("x.iso", 100 * mib, 400 * mib, 0) == "x.iso: 100.0 MiB of 400.0 MiB (25 %), 0 bytes/s"
    )


class Action(ActionModule):
    """Runs with these results of the module, one after the other."""

    def __init__(self, parts: list[dict[str, t.Any]], check_mode: bool = False) -> None:
        self.parts = parts
        self._task = SimpleNamespace(
            args={"url": "http://s/x.iso", "path": "/srv/x.iso"}, check_mode=check_mode, async_val=0
        )

    def _execute_module(self, *args: object, **kwargs: object) -> dict[str, t.Any]:
        return self.parts.pop(0)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(image_download.display, "display", lines.append)
    monkeypatch.setattr(image_download.ActionBase, "run", lambda *args, **kwargs: {})
    return lines


def part(resumed: int, received: int, finished: bool = False) -> dict[str, t.Any]:
    return {"changed": True, "finished": finished, "resumed": resumed, "received": received, "total": 3000}


def test_tells_after_each_slice(told: list[str]) -> None:
    result = Action([part(0, 1000), part(1000, 2000), part(2000, 3000, True)]).run(
        task_vars={"inventory_hostname": "pxe1"}
    )
    assert result["finished"]
    assert [line.split(",")[0] for line in told] == [
        "pxe1: x.iso: 1000 bytes of 2.9 KiB (33 %)",
        "pxe1: x.iso: 2.0 KiB of 2.9 KiB (66 %)",
    ]


def test_gives_up_when_nothing_comes(told: list[str]) -> None:
    result = Action([part(0, 1000), *[part(1000, 1000)] * 10]).run()
    assert result["failed"]
    assert "http://s/x.iso: nothing more comes after 1000 bytes" in result["msg"]


@pytest.mark.parametrize("only", [{"failed": True, "msg": "404"}, {"changed": False, "finished": True}])
def test_ends_at_once(told: list[str], only: dict[str, t.Any]) -> None:
    assert Action([only]).run() == only
    assert told == []


def test_check_mode_asks_once(told: list[str]) -> None:
    only = {"changed": True, "finished": False}
    assert Action([only], check_mode=True).run() == only
