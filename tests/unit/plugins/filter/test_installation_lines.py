# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.installation_lines import (
    FilterModule,
    installation_lines,
)

MACHINE = {
    "name": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "profile": "deb",
    "disk": "/dev/vda",
}
ENTRY: dict[str, t.Any] = {
    "machine": "node01",
    "address": "10.77.0.11",
    "stage": "started",
    "since": 60,
    "reason": "",
}
FOUND = {"now": 100, "installations": [ENTRY]}


def test_kinds() -> None:
    assert installation_lines([MACHINE], "wipe", [FOUND])[1].endswith(
        "/dev/vda      not known  started (40 s ago)"
    )
    assert installation_lines([MACHINE], "status", [FOUND])[1].endswith("started  40 s ago")
    ended = {**ENTRY, "finished": True, "seconds": 61, "log": None}
    assert installation_lines([ended], "report") == ["node01  00:01:01  finished"]


def test_all_disks_that_are_erased_are_shown() -> None:
    _head, line = installation_lines([MACHINE], "wipe", [FOUND], {"node01": ["/dev/vdb", "/dev/vdc"]})
    assert "  /dev/vda, /dev/vdb, /dev/vdc  not known" in line


def test_each_server_has_its_own_clock() -> None:
    machines = [MACHINE, {**MACHINE, "name": "node02", "address": "10.78.0.12"}]
    behind = {"now": 40, "installations": [{**ENTRY, "address": "10.78.0.12", "since": 10}]}
    _head, *lines = installation_lines(machines, "status", [FOUND, behind])
    assert [line.split("started")[1].strip() for line in lines] == ["40 s ago", "30 s ago"]
    assert len(installation_lines([], "status", [])) == 1


@pytest.mark.parametrize(("kind", "found"), [("nonsense", [FOUND]), ("status", None)])
def test_refuses(kind: str, found: list[dict[str, t.Any]] | None) -> None:
    with pytest.raises(AnsibleFilterError, match=kind):
        installation_lines([MACHINE], kind, found)


def test_the_filter_has_the_name_of_its_file() -> None:
    assert FilterModule().filters() == {"installation_lines": installation_lines}


def test_machines_that_are_not_described_of_several_servers() -> None:
    entry = {
        "described": False,
        "elsewhere": False,
        "profile": "el9",
        "reason": "",
        "log": None,
        "stage": "started",
    }
    found: list[dict[str, t.Any]] = [
        {"now": 1000, "unknown": [{**entry, "mac": "52:54:00:bb:00:01", "released": 900, "since": 990}]},
        # Its clock is ahead; and one that was not asked.
        {"now": 5000, "unknown": [{**entry, "mac": "52:54:00:bb:00:02", "released": 4800, "since": 4980}]},
        {"now": 1000},
    ]
    lines = installation_lines([], "unknown", found)
    assert [line.split()[:5] for line in lines[1:]] == [
        ["52:54:00:bb:00:02", "el9", "started", "20", "s"],
        ["52:54:00:bb:00:01", "el9", "started", "10", "s"],
    ]
    assert installation_lines([], "unknown", []) == []
    found[0]["unknown"][0]["mac"] = "00:0c:42:bb:00:01"
    assert "\n00:0c:42:bb:00:01 (Routerboard.com)  el9 " in "\n".join(
        installation_lines([], "unknown", found)
    )
