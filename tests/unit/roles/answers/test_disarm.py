# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry points that get machines and web servers, and no plan."""

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.netinstall.pxe.tests.unit.roles.answers.conftest import run_role

MACHINES = [
    {
        "name": f"node0{number}",
        "mac": f"52:54:00:aa:00:0{number}",
        "address": f"10.77.0.1{number}",
        "disk": "/dev/vda",
        "http_server": "localhost",
    }
    for number in (1, 2)
]


def armed(root: pathlib.Path) -> list[str]:
    """Who has an answer file, and who a boot file of pxelinux."""
    answers = [path.parts[-3] for path in root.glob("answers/*/*/preseed.cfg")]
    return sorted(answers + [path.name for path in root.glob("boot/syslinux/pxelinux.cfg/01-*")])


def run(folder: pathlib.Path, entry: str, **variables: t.Any) -> tuple[list[str], str]:
    root = folder / "srv"
    for name in ("events", "boot/machines"):
        (root / name).mkdir(parents=True)
    for machine in MACHINES:
        place = root / "answers" / machine["address"] / ("1" * 32)
        place.mkdir(parents=True)
        (place / "preseed.cfg").write_text("d-i\n")
        (place / "installation.json").write_text("{}")
    done = run_role(folder, {"answers_root": str(root), **variables}, entry)
    assert done.returncode == 0, done.stdout + done.stderr
    return armed(root), done.stdout


def test_the_machines_that_are_handed_in_are_disarmed(tmp_path: pathlib.Path) -> None:
    left, said = run(tmp_path, "disarm", answers_described=MACHINES[:1], answers_web_servers=["localhost"])
    assert left == ["10.77.0.12"]
    assert '"changed": true' in said


def test_who_is_described_no_more_is_disarmed(tmp_path: pathlib.Path) -> None:
    left, _said = run(tmp_path, "reconcile", answers_described=[], answers_web_servers=["localhost"])
    assert left == []
