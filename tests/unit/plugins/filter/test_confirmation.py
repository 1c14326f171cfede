# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.confirmation import FilterModule, confirmation

NODES = [f"node{number:02}" for number in range(1, 13)]
GROUPS = {"all": ["pxe1", *NODES], "pxe_machines": NODES, "rack1": NODES[:3]}


@pytest.mark.parametrize("said", ["yes", "YES", "yes ", True, "true", 1, "1"])
def test_yes_confirms_a_machine_that_was_named(said: t.Any) -> None:
    found = confirmation(said, ["node01"], "node01", GROUPS)
    assert found == {"word": "yes", "given": True, "refused": False, "wholesale": False, "sound": True}


@pytest.mark.parametrize("said", ["no", "y", "2", 2, False, 0, ["yes"], {}, None, 1.0, "yes no"])
def test_nothing_else_does(said: t.Any) -> None:
    assert confirmation(said, ["node01"], "node01", GROUPS)["given"] is False


@pytest.mark.parametrize(
    ("said", "given"),
    [("yes", False), (True, False), ("12", True), (12, True), ("11", False), ("all", False)],
)
def test_only_their_number_confirms_all_machines(said: t.Any, given: bool) -> None:
    found = confirmation(said, NODES, "", GROUPS, "pxe_machines")
    assert (found["word"], found["given"], found["refused"]) == ("12", given, not given)


def test_the_number_of_a_group_must_be_right() -> None:
    """Who confirms three machines does not mean a fourth that came into the group since."""
    assert confirmation("3", NODES[:3], "rack1", GROUPS)["given"]
    assert not confirmation("2", NODES[:3], "rack1", GROUPS)["given"]


def test_nothing_said_is_to_be_asked_for() -> None:
    found = confirmation("", NODES[:3], "rack1", GROUPS)
    assert (found["given"], found["refused"]) == (False, False)


def test_other_machines_than_those_that_were_named_are_noticed() -> None:
    assert confirmation("yes", NODES[:3], "node01", GROUPS)["sound"] is False


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"confirmation": confirmation}
