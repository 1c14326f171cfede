# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry points that get machines and web servers, and no plan."""

from __future__ import annotations

import json
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


def run(folder: pathlib.Path, entry: str, status: int = 0, **variables: t.Any) -> tuple[list[str], str]:
    root = folder / "srv"
    for name in ("events", "boot/machines"):
        (root / name).mkdir(parents=True)
    for machine in MACHINES:
        place = root / "answers" / machine["address"] / ("1" * 32)
        place.mkdir(parents=True)
        (place / "preseed.cfg").write_text("d-i\n")
        (place / "installation.json").write_text("{}")
    done = run_role(folder, {"answers_root": str(root), **variables}, entry)
    assert done.returncode == status, done.stdout + done.stderr
    return armed(root), done.stdout


def test_the_machines_that_are_handed_in_are_disarmed(tmp_path: pathlib.Path) -> None:
    left, said = run(tmp_path, "disarm", answers_described=MACHINES[:1], answers_web_servers=["localhost"])
    assert left == ["10.77.0.12"]
    assert '"changed": true' in said


def test_who_is_described_no_more_is_disarmed(tmp_path: pathlib.Path) -> None:
    left, _said = run(tmp_path, "reconcile", answers_described=[], answers_web_servers=["localhost"])
    assert left == []


# No address of a machine, and nobody listens there.
LOST = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}


def test_what_cannot_be_taken_from_pxelinux_keeps_nobody_armed(tmp_path: pathlib.Path) -> None:
    """The module of pxelinux wants MAC addresses."""
    nameless = [{key: value for key, value in MACHINES[0].items() if key != "mac"}]
    left, said = run(
        tmp_path,
        "disarm",
        status=2,
        answers_described=nameless,
        answers_web_servers=["localhost"],
        answers_plain=True,
    )
    assert left == ["10.77.0.12"]
    assert "Machines may still be armed on localhost, see above." in said


def test_what_one_server_has_taken_back_is_said_where_another_one_is_lost(tmp_path: pathlib.Path) -> None:
    """Otherwise nobody would know."""
    script = tmp_path / "srv/answers/10.77.0.13/node03_52-54-00-aa-00-03.ipxe"
    script.parent.mkdir(parents=True)
    script.write_text("#!ipxe\n")
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars/lost").write_text(json.dumps(LOST))
    left, said = run(
        tmp_path,
        "reconcile",
        status=2,
        answers_described=[],
        answers_web_servers=["localhost", "lost"],
    )
    assert (left, script.exists()) == ([], False)
    assert "node03 (52:54:00:aa:00:03, 10.77.0.13) is no longer armed" in said
    assert "What is armed on lost was not looked at, see above." in said
