# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import armed_scripts
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_installation import TOKEN

NODE01 = {"machine": "node01", "mac": "52:54:00:AA:00:01", "address": "10.77.0.11"}
NODE02 = {"machine": "node02", "mac": "52:54:00:aa:00:02", "address": "10.77.0.12"}
BOTH_ARMED = [
    armed_scripts.Armed("10.77.0.11", "node01", "52-54-00-aa-00-01"),
    armed_scripts.Armed("10.77.0.12", "node02", "52-54-00-aa-00-02"),
]


@pytest.mark.parametrize(
    ("path", "armed"),
    [
        ("10.77.0.11/node01_52-54-00-aa-00-01.ipxe", ("10.77.0.11", "node01", "52-54-00-aa-00-01")),
        ("10.77.0.11/a_b_52-54-00-aa-00-01.ipxe", ("10.77.0.11", "a_b", "52-54-00-aa-00-01")),
        ("10.77.0.11/armed.ipxe", ("10.77.0.11", "", "")),
        (f"10.77.0.11/{TOKEN}/node01_52-54-00-aa-00-01.ipxe", None),
        (f"10.77.0.11/{TOKEN}", None),
        ("10.77.0.11/own.ipxe", None),
    ],
)
def test_whose_script_it_is(path: str, armed: tuple[str, str, str] | None) -> None:
    assert armed_scripts.parse_script_path(path) == armed


@pytest.mark.parametrize(
    ("machines", "reasons"),
    [
        ([NODE01, NODE02], {}),
        ([NODE01], {"node02": "it is no longer a machine of this server"}),
        ([NODE01, {**NODE02, "machine": "db"}], {"node02": "it is called db now"}),
        (
            [NODE01, {**NODE02, "mac": "52:54:00:AA:00:0F"}],
            {"node02": "its MAC address is 52:54:00:aa:00:0f now"},
        ),
        ([NODE01, {**NODE02, "address": "10.78.0.12"}], {"node02": "its address is 10.78.0.12 now"}),
        (
            [{**NODE01, "address": "10.77.0.12"}, {**NODE02, "address": "10.77.0.11"}],
            {"node01": "its address is 10.77.0.12 now", "node02": "its address is 10.77.0.11 now"},
        ),
        (
            [{**NODE01, "mac": NODE02["mac"]}, {**NODE02, "mac": NODE01["mac"]}],
            {
                "node01": "its MAC address is 52:54:00:aa:00:02 now",
                "node02": "its MAC address is 52:54:00:aa:00:01 now",
            },
        ),
        ([], dict.fromkeys(("node01", "node02"), "it is no longer a machine of this server")),
    ],
)
def test_what_is_not_of_a_described_machine(machines: list[dict[str, str]], reasons: dict[str, str]) -> None:
    taken = armed_scripts.strangers(dict.fromkeys(BOTH_ARMED, ""), machines)
    assert {each.armed.name: each.reason for each in taken} == reasons


def test_what_an_earlier_version_armed_is_of_nobody() -> None:
    [taken] = armed_scripts.strangers({armed_scripts.Armed("10.77.0.11", "", ""): ""}, [NODE01])
    assert "earlier version" in taken.reason
