# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError, AnsibleUndefinedVariable
from ansible_collections.netinstall.pxe.plugins.filter.servers import FilterModule, servers


class Undefined(dict[str, object]):
    """Host variables of which one has an error in its template."""

    def __getitem__(self, key: str) -> object:
        if key == "server_address":
            raise AnsibleUndefinedVariable("'address' is undefined")
        return super().__getitem__(key)


def test_a_group_that_is_missing_or_empty_means_all_servers() -> None:
    hostvars: dict[str, dict[str, object]] = {
        "a": {"server_address": "10.77.0.1", "server_interface": ["e1", "e2"], "server_id": "other people's"},
        "b": {"server_url": "http://b", "ansible_host": "b.example"},
        "c": {},
    }
    groups = {
        "all": ["a", "b", "c"],
        "pxe_servers": ["a"],
        "pxe_http": ["b", "a"],
        "pxe_tftp": [],
        "pxe_nfs": ["c"],
    }
    one = {"name": "a", "address": "10.77.0.1", "interface": ["e1", "e2"]}
    both = {**one, "group": "pxe_servers"}
    assert servers(groups, hostvars) == {
        "dhcp": [both],
        "tftp": [both],
        "http": [{"name": "b", "group": "pxe_http", "url": "http://b"}, {**one, "group": "pxe_http"}],
        "ftp": [both],
        "nfs": [{"name": "c", "group": "pxe_nfs"}],
    }


def test_without_servers_there_are_none() -> None:
    assert servers({"pxe_machines": ["m"]}, {}) == {"dhcp": [], "tftp": [], "http": [], "ftp": [], "nfs": []}


def test_a_template_that_fails_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match=r"pxe_servers\.a\.server_address: 'address' is undefined"):
        servers({"pxe_servers": ["a"]}, {"a": Undefined(server_address="{{ address }}")})


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"servers": servers}
