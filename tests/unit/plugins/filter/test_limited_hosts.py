# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible import context
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.limited_hosts import FilterModule, limited_hosts

GROUPS = {
    "all": ["pxe1", "web1", "node01", "other"],
    "pxe_servers": ["pxe1"],
    "pxe_http": ["web1", "pxe1"],
    "pxe_dhcp": [],
    "pxe_machines": ["node01"],
}
SERVERS = ["pxe_servers", "pxe_http", "pxe_dhcp", "pxe_nfs"]


@pytest.mark.parametrize(
    ("limit", "hosts"),
    [
        ("", ["pxe1", "web1"]),
        ("web1,node01", ["web1"]),
        ("all:!web1", ["pxe1"]),
        ("pxe_http", ["pxe1", "web1"]),
        ("w*", ["web1"]),
    ],
)
def test_hosts_that_fit(limit: str, hosts: list[str]) -> None:
    assert limited_hosts(SERVERS, GROUPS, limit) == hosts


@pytest.mark.parametrize("limit", ["node01", "other", "pxe_machines", "all:!pxe_http"])
def test_a_limit_that_leaves_none(limit: str) -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"leaves no host of pxe_servers or pxe_http .*write -l pxe1"
    ):
        limited_hosts(SERVERS, GROUPS, limit)


@pytest.mark.parametrize("groups", [{}, {"all": ["node01"], "pxe_servers": []}])
def test_an_inventory_without_servers(monkeypatch: pytest.MonkeyPatch, groups: dict[str, list[str]]) -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"no host in pxe_servers .*: put one into the group pxe_servers"
    ):
        limited_hosts(SERVERS, groups)
    # It may be that there is no inventory.
    monkeypatch.setattr(context, "CLIARGS", {"syntax": True})
    assert limited_hosts(SERVERS, groups) == []


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"limited_hosts": limited_hosts}
