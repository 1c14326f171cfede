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
    ("reports", "disk"),
    [
        ([], ""),
        ([("node01", "sda (480 GB A 1)\n")], "sda (480 GB A 1)"),
        # Armed again, and not started yet.
        ([("node01", "sda (480 GB A 1)\n"), ("node01", None)], "sda (480 GB A 1)"),
        ([("node01", "old"), ("node01", "new\x1b[2J")], "new?[2J"),
        # Another machine had the address, or an earlier version said nothing.
        ([("other", "sdx (1 GB)")], ""),
        ([("node01", "progress-disk\n")], ""),
    ],
)
def test_the_disk_of_the_last_report(
    tmp_path: pathlib.Path, reports: list[tuple[str, str | None]], disk: str
) -> None:
    (tmp_path / "answers").mkdir()
    for number, (name, text) in enumerate(reports):
        folder = tmp_path / "events/10.77.0.11" / f"{number:032x}"
        folder.mkdir(parents=True)
        record = {"machine": name, "armed": f"2026-11-20T12:00:0{number}+00:00"}
        (folder / "armed").write_text(json.dumps(record))
        if text is not None:
            (folder / "progress-disk").write_text(text)
    site = installations_info.Site(str(tmp_path))
    described = installations_info.describe(site, MACHINE, 0, 0)
    assert described["disk"] == disk
    # Whoever reads this must not be able to ask for the answer file.
    assert described["token"] in ("00000000...", None)
    assert f"{0:032x}" not in str(described)


def test_the_history_names_steps_and_releases(tmp_path: pathlib.Path) -> None:
    """By the machines' names, whatever their addresses were."""
    (tmp_path / "answers").mkdir()
    for number, (file, text) in enumerate(
        [("progress-other", "progress-raid\n"), ("released", ""), ("failed", "No disk.\n")]
    ):
        folder = tmp_path / f"events/10.77.0.{11 + number}" / f"{number:032x}"
        folder.mkdir(parents=True)
        record = {"machine": "node01", "armed": f"2026-11-20T12:00:0{number}+00:00", "by": "ada"}
        (folder / "armed").write_text(json.dumps(record))
        (folder / file).write_text(text)
    site = installations_info.Site(str(tmp_path))
    found = installations_info.history(site, {"node01"}, 2e9)
    assert [item["stage"] for item in found] == ["progress-raid", "released", "failed"]
    assert [(item["by"], item["reason"]) for item in found] == [("ada", ""), ("ada", ""), ("ada", "No disk.")]
    assert installations_info.history(site, {"node02"}, 2e9) == []


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
