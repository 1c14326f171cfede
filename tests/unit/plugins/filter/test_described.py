# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.described import FilterModule, described

A = {"name": "a", "address": "10.77.0.1", "ssh_address": "10.78.0.1", "disk": "/dev/vda"}
B = {"name": "b", "address": "10.77.0.2"}


@pytest.mark.parametrize(
    ("names", "keys", "expected"),
    [
        (None, None, [A, B]),
        # In the plan's order
        (["b", "none", "a"], None, [A, B]),
        ([], None, []),
        (["b"], ["name", "ssh_address"], [{"name": "b"}]),
        (None, ["address"], [{"address": "10.77.0.1"}, {"address": "10.77.0.2"}]),
        (["a"], [], [{}]),
    ],
)
def test_described(names: list[str] | None, keys: list[str] | None, expected: list[dict[str, str]]) -> None:
    assert described([A, B], names, keys) == expected


def test_machines_of_other_web_servers_are_left_out() -> None:
    """Those that belong to none are everybody's."""
    here, there, nowhere = {"name": "a", "http_server": "web1"}, {"name": "b", "http_server": "web2"}, A
    assert described([here, there, nowhere], keys=["name"], not_of=["web2"]) == [{"name": "a"}, {"name": "a"}]
    assert described([here, there], not_of=[]) == [here, there]


def test_iterators_are_read_once() -> None:
    found = described(iter([A, B]), iter(["a", "b"]), iter(["name"]))
    assert found == [{"name": "a"}, {"name": "b"}]


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"described": described}
