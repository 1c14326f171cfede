# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible import constants, context
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.named_machines import (
    FilterModule,
    named_machines,
    select,
)
from hypothesis import given
from hypothesis import strategies as st

GROUPS = {
    "all": ["pxe1", "node02", "node01", "node10"],
    "ungrouped": [],
    "pxe_servers": ["pxe1"],
    "pxe_machines": ["node02", "node01", "node10"],
    "rack1": ["pxe1", "node10", "node01"],
    "rack2": ["node02"],
    "dead": [],
}
EVERY = ["node02", "node01", "node10"]


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ("", ["pxe_machines"]),
        (None, ["pxe_machines"]),
        ("node01", ["node01"]),
        (" node01 ", ["node01"]),
        ("node10,node02", ["node02", "node10"]),
        ("node01\nnode01; node02\n", ["node02", "node01"]),
        ("rack1", ["node01", "node10"]),
        ("rack1 node02", EVERY),
        ("all", EVERY),
        (["node10", "node02"], ["node02", "node10"]),
        (["node10,node02"], ["node02", "node10"]),
        ('["node10", "node02"]', ["node02", "node10"]),
    ],
)
def test_names(named: t.Any, wanted: list[str]) -> None:
    assert named_machines(named, GROUPS) == wanted


@pytest.mark.parametrize(
    ("limit", "wanted"),
    [
        ("node01", ["node01"]),
        ("rack1", ["node01", "node10"]),
        ("rack1:!node10", ["node01"]),
        ("all:&rack1", ["node01", "node10"]),
        ("node*[0:1]", ["node02", "node01"]),
        ("pxe_machines[0]", ["node02"]),
        ("~node.0", ["node10"]),
        ("*", EVERY),
        ("!rack1", ["node02"]),
        ("!pxe1", EVERY),
        ("!dead", EVERY),
    ],
)
def test_limits_mean_what_they_mean_to_ansible(limit: str, wanted: list[str]) -> None:
    assert named_machines("", GROUPS, limit) == wanted


def test_names_and_a_limit_have_both_to_fit() -> None:
    assert named_machines("rack1", GROUPS, "node0*") == ["node01"]
    with pytest.raises(AnsibleFilterError, match=r"both in install_machines .rack1. and in -l 'node02'"):
        named_machines("rack1", GROUPS, "node02", "install_machines")


def test_a_limit_from_a_file(tmp_path: pathlib.Path) -> None:
    retry = tmp_path / "failed.txt"
    retry.write_text("node10\nnode02\n\n", encoding="utf-8")
    assert named_machines("", GROUPS, f"@{retry}") == ["node02", "node10"]


@pytest.mark.parametrize(
    "named",
    [
        " ",
        " \n",
        ",",
        ";",
        ", ;",
        "\t",
        [],
        ["node01", ""],
        [","],
        "[]",
        "[,]",
        True,
        False,
        1.5,
        {},
        {"node01": 1},
    ],
)
def test_what_is_no_list_of_names_is_refused(named: t.Any) -> None:
    """It used to mean every machine."""
    with pytest.raises(AnsibleFilterError, match="is not a list of names; write names of hosts"):
        named_machines(named, GROUPS, variable="install_machines")
    with pytest.raises(AnsibleFilterError, match=r"(?s)install_machines: .* is not a list"):
        named_machines(named, GROUPS, "node01", variable="install_machines")


@given(st.text(alphabet=st.sampled_from(" ,;\t\n\r\f\v\x00\u00a0\u2028all*!&:[]\"'~0"), min_size=1))
def test_no_text_means_every_machine_but_their_words(text: str) -> None:
    try:
        chosen = select(text, GROUPS)
    except AnsibleFilterError:
        return
    assert chosen.wholesale
    assert "all" in text


@given(st.text(alphabet=st.sampled_from(" ,;\t\n\r\v\u00a0all*!&:[]\"'~01node"), min_size=1))
def test_no_limit_means_every_machine_unseen(limit: str) -> None:
    try:
        chosen = select("", GROUPS, limit)
    except Exception:
        return
    assert chosen.machines
    assert chosen.wholesale or len(chosen.machines) < len(EVERY)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "node01,node3",
            "'node3' is neither a machine of the inventory nor a group with machines; did you mean 'node",
        ),
        ("pxe1", "'pxe1' is neither a machine"),
        ("pxe_servers", "'pxe_servers' is neither a machine"),
        ("dead", "'dead' is neither a machine"),
        ("node*", "'node*' is neither a machine"),
        ("all,!node01", "'!node01' is neither a machine"),
        ("zzz", "write names of hosts of pxe_machines with commas between. Nothing was changed."),
        (True, "machines: true is not a list"),
        (12, "'12' is neither a machine"),
    ],
)
def test_a_name_that_fits_no_machine_is_refused(text: t.Any, says: str) -> None:
    """Else it would be left out, and the job would look like a success."""
    with pytest.raises(AnsibleFilterError) as failure:
        named_machines(text, GROUPS)
    assert says in str(failure.value)


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("pxe1", "-l 'pxe1': 'pxe1' is neither a machine"),
        ("node01,pxe1", "'pxe1' is neither a machine"),
        ("localhost", "'localhost' is neither a machine"),
        ("node01,node3", "did you mean 'node"),
        ("!none", "'none' is neither a machine"),
        ("all:!nod10", "did you mean 'node10'"),
        ("all:&rack9", "'rack9' is neither a machine"),
        ("node01:!node01", "leaves no machine of pxe_machines"),
        (" ", "names nothing"),
        (",", "names nothing"),
        (", ,", "names nothing"),
    ],
)
@pytest.mark.parametrize("mismatch", ["ignore", "warning", "error"])
def test_a_limit_that_fits_no_machine_is_refused(
    limit: str, says: str, mismatch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ansible takes a blank for no limit at all, and a play without hosts for a success."""
    monkeypatch.setattr(constants, "HOST_PATTERN_MISMATCH", mismatch, raising=False)
    with pytest.raises(AnsibleFilterError) as failure:
        named_machines("", GROUPS, limit)
    assert says in str(failure.value)


@pytest.mark.parametrize(
    ("named", "limit", "wholesale"),
    [
        ("all", "", True),
        ("pxe_machines", "", True),
        ("rack1,rack2", "", True),
        ("rack1", "", False),
        ("node01,node02,node10", "", False),
        ("node01,all", "", True),
        ("", "all", True),
        ("", "*", True),
        ("", "pxe_machines", True),
        ("", "!dead", True),
        ("", "!pxe1", True),
        # All but one: who forgets the exclusion's other half wipes the rest.
        ("", "!node10", True),
        ("", "all:!node10", True),
        ("", "node*", True),
        ("", "~n", True),
        ("", "rack1:rack2", True),
        ("", "rack1", False),
        ("", "all:&rack1", False),
        ("", "node01,node02,node10", False),
        ("node01", "all", False),
        ("all", "node01", False),
        ("all", "all", True),
    ],
)
def test_what_stands_for_every_machine(named: str, limit: str, wholesale: bool) -> None:
    assert select(named, GROUPS, limit).wholesale is wholesale


def test_what_must_name_machines() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"Name the machines with -l, such as -l node02. All of them are -l pxe"
    ):
        select("", GROUPS)


def test_an_inventory_without_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    for named, limit in (("node01", ""), ("", "all"), ("", "")):
        with pytest.raises(AnsibleFilterError, match="The inventory has no machines"):
            named_machines(named, {"all": []}, limit)
    # It may be that there is no inventory.
    monkeypatch.setattr(context, "CLIARGS", {"syntax": True})
    assert named_machines("", {"all": []}) == ["pxe_machines"]


@pytest.mark.parametrize(
    ("named", "limit", "groups", "wanted"),
    [
        ("", "", {"pxe_servers": ["pxe2", "pxe1"]}, ["pxe2"]),
        (None, "", {"pxe_servers": [], "pxe_machines": []}, ["localhost"]),
        ([], "", {}, ["localhost"]),
        ("", "", GROUPS, ["pxe_machines"]),
        ("node01", "", GROUPS, ["node01"]),
        ("", "node01", GROUPS, ["node01"]),
    ],
)
def test_a_server_will_do_where_there_is_no_machine(
    named: t.Any, limit: str, groups: t.Any, wanted: list[str]
) -> None:
    assert named_machines(named, groups, limit, or_a_server=True) == wanted


@pytest.mark.parametrize(("named", "limit"), [("node01", ""), ("", "pxe1"), (" ", "")])
def test_but_not_in_place_of_what_was_asked_for(named: str, limit: str) -> None:
    with pytest.raises(AnsibleFilterError):
        named_machines(named, {"pxe_servers": ["pxe1"]}, limit, or_a_server=True)


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"named_machines": named_machines}
