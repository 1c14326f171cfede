# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import status
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import SiteFolders

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
    site = SiteFolders(str(tmp_path))
    described = status.describe(site, MACHINE, 0, 0)
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
    site = SiteFolders(str(tmp_path))
    found = status.history(site, {"node01"}, 2e9)
    assert [item["stage"] for item in found] == ["progress-raid", "released", "failed"]
    assert [(item["by"], item["reason"]) for item in found] == [("ada", ""), ("ada", ""), ("ada", "No disk.")]
    assert status.history(site, {"node02"}, 2e9) == []


# Machines that are not described


def offered(root: pathlib.Path, mac: str, **reports: float) -> pathlib.Path:
    """What the web server makes at the release (at 1000), and what the machine reports."""
    folder, profile = root / "events/offers" / mac, "el9"
    (folder / profile).mkdir(parents=True)
    for name, moment in reports.items():
        path = folder / profile / name.replace("_", "-")
        path.write_text(f"{name}\n")
        os.utime(path, (moment, moment))
    os.utime(folder, (1000, 1000))
    return folder


@pytest.mark.parametrize(
    ("reports", "stage", "since"),
    [
        ({}, "released", 1000),
        ({"started": 1010}, "started", 1010),
        ({"started": 1010, "progress_disk": 1020}, "progress-disk", 1020),
        ({"started": 1010, "failed": 1030, "log_syslog": 1040}, "failed", 1030),
        ({"started": 1010, "installed": 1050, "log_syslog": 1060}, "installed", 1050),
        ({"log_syslog": 1060}, "released", 1000),
    ],
)
def test_how_far_a_machine_is_that_is_not_described(
    tmp_path: pathlib.Path, reports: dict[str, float], stage: str, since: int
) -> None:
    offered(tmp_path, "52-54-00-bb-00-01", **reports)
    [found] = status.unknown(SiteFolders(str(tmp_path)), 2e9)
    assert (found["mac"], found["profile"], found["described"]) == ("52:54:00:bb:00:01", "el9", False)
    assert (found["stage"], found["since"], found["released"]) == (stage, since, 1000)
    assert found["reason"] == ("failed" if stage == "failed" else "")
    assert found["disk"] == ("progress_disk" if "progress_disk" in reports else "")
    assert bool(found["log"]) == ("log_syslog" in reports)


def test_one_that_was_described_later_and_those_that_only_were_described(tmp_path: pathlib.Path) -> None:
    folder = offered(tmp_path, "52-54-00-bb-00-01", started=1010)
    (folder / "described").write_text("node01\n")
    offered(tmp_path, "52-54-00-bb-00-02").joinpath("el9").rmdir()
    (tmp_path / "events/offers/52-54-00-bb-00-03").mkdir()
    (tmp_path / "events/offers/52-54-00-bb-00-03/described").write_text("node03\n")
    for name in ("x", "02-00-00-00-00-00", "52-54-00-BB-00-04"):
        (tmp_path / "events/offers" / name).mkdir()
    site = SiteFolders(str(tmp_path))
    found = status.unknown(site, 2e9)
    assert [(entry["described"], entry["profile"], entry["stage"]) for entry in found] == [
        (True, "el9", "started"),
        (False, "", "released"),
        (True, "", "none"),
    ]
    # The mark came later than the first report.
    assert found[0]["released"] == 1010
    # They are part of the history of all machines.
    options = {"unknown": True, "history": True, "known": False}
    past = status.further(site, None, 2e9, options)["history"]
    assert {(entry["machine"], entry["by"], entry["armed"]) for entry in past} == {
        ("52:54:00:bb:00:01", "offer", 1010),
        ("52:54:00:bb:00:02", "offer", found[1]["released"]),
    }
    assert status.further(site, {"node01"}, 2e9, options)["history"] == []
    assert status.further(site, None, 2e9, {**options, "unknown": False}) == {"history": []}


def test_one_that_another_web_server_installed(tmp_path: pathlib.Path) -> None:
    for name, text in {"52-54-00-bb-00-01": "el9\n", "52-54-00-bb-00-02": "\n"}.items():
        (tmp_path / "events/offers" / name).mkdir(parents=True)
        (tmp_path / "events/offers" / name / "_elsewhere").write_text(text)
    site = SiteFolders(str(tmp_path))
    found = status.unknown(site, 2e9)
    assert [(entry["profile"], entry["stage"], entry["since"], entry["elsewhere"]) for entry in found] == [
        ("el9", "released", None, True),
        ("", "released", None, True),
    ]
    # Where it was installed it is in the history.
    assert status.history_of_unknown(found) == []


def test_they_are_no_addresses(tmp_path: pathlib.Path) -> None:
    offered(tmp_path, "52-54-00-bb-00-01", installed=1010)
    (tmp_path / "answers/offers/el9").mkdir(parents=True)
    site = SiteFolders(str(tmp_path))
    assert status.all_machines(site) == []
    assert status.unknown(SiteFolders(str(tmp_path / "missing")), 2e9) == []
