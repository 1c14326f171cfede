# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.named_machines import FilterModule, named_machines

GROUPS = {
    "all": ["pxe1", "node02", "node01", "node10"],
    "pxe_servers": ["pxe1"],
    "pxe_machines": ["node02", "node01", "node10"],
    "rack1": ["pxe1", "node10", "node01"],
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["pxe_machines"]),
        (" \n", ["pxe_machines"]),
        ("node01", ["node01"]),
        ("node10,node02", ["node02", "node10"]),
        ("node01\nnode01; node02\n", ["node02", "node01"]),
        ("rack1", ["node01", "node10"]),
        ("rack1 node02", ["node02", "node01", "node10"]),
        ("all", ["node02", "node01", "node10"]),
    ],
)
def test_names(text: str, wanted: list[str]) -> None:
    assert named_machines(text, GROUPS) == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "node01,node3",
            "'node3' is no machine of the inventory, and no group with machines; did you mean 'node",
        ),
        ("pxe1", "'pxe1' is no machine"),
        ("pxe_servers", "'pxe_servers' is no machine"),
        ("node*", "'node*' is no machine"),
        ("all,!node01", "'!node01' is no machine"),
        ("zzz", "write names of hosts of pxe_machines with commas between. Nothing was changed."),
    ],
)
def test_a_name_that_fits_no_machine_is_refused(text: str, says: str) -> None:
    """Else it would be left out, and the job would look like a success."""
    with pytest.raises(AnsibleFilterError) as failure:
        named_machines(text, GROUPS)
    assert says in str(failure.value)


def test_an_inventory_without_machines() -> None:
    assert named_machines("", {"all": []}) == ["pxe_machines"]
    with pytest.raises(AnsibleFilterError):
        named_machines("node01", {"all": []})


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"named_machines": named_machines}
