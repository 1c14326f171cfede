# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import pathlib
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.modules import installations_info

MACHINE = {"name": "node01", "address": "10.77.0.11"}


@pytest.mark.parametrize(
    ("machine", "asked"),
    [(MACHINE, "10.77.0.11"), ({**MACHINE, "ssh_address": "10.88.0.11"}, "10.88.0.11")],
)
def test_ssh_is_asked_where_the_installed_machine_is(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    machine: dict[str, str],
    asked: str,
) -> None:
    (tmp_path / "answers").mkdir()
    folder = tmp_path / "events/10.77.0.11" / ("0" * 32)
    folder.mkdir(parents=True)
    (folder / "armed").write_text(json.dumps({"machine": "node01", "armed": "2026-11-20T12:00:00+00:00"}))
    (folder / "installed").write_text("")
    seen: list[str] = []

    def answers(address: str, _port: int, _timeout: float) -> bool:
        seen.append(address)
        return True

    arguments = {"root": str(tmp_path), "machines": [machine], "ssh": True}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(installations_info, "answers_ssh", answers)
    with pytest.raises(SystemExit):
        installations_info.main()
    [found] = t.cast("dict[str, t.Any]", json.loads(capsys.readouterr().out))["installations"]
    assert (found["stage"], found["ssh"], seen) == ("installed", True, [asked])
