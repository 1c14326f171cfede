# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.subnet_facts import FilterModule, subnet_facts
from hypothesis import given
from hypothesis import strategies as st

WIDE = {"cidr": "10.16.0.0/12", "network": "10.16.0.0", "netmask": "255.240.0.0"}
# Small enough for machines to fall into the same subnets, and on their edges.
ADDRESSES = st.integers(0x0A000000, 0x0A00003F).map(lambda number: str(ipaddress.IPv4Address(number)))
NETWORKS = st.tuples(ADDRESSES, st.integers(27, 30)).map(
    lambda pair: ipaddress.IPv4Network(f"{pair[0]}/{pair[1]}", strict=False)
)


def test_what_follows_from_a_network() -> None:
    inside = {"name": "node01", "address": "10.31.255.254"}
    (found,) = subnet_facts([WIDE], [{"address": "10.32.0.0"}, inside, {"address": "10.15.255.255"}])
    assert found == {**WIDE, "broadcast": "10.31.255.255", "number": 0x0A100000, "inside": [inside]}
    assert subnet_facts([WIDE])[0]["inside"] == []
    assert subnet_facts([], [inside]) == []


@given(st.lists(NETWORKS, max_size=4), st.lists(ADDRESSES, max_size=12))
def test_each_machine_is_in_the_subnets_of_its_address(
    networks: list[ipaddress.IPv4Network], addresses: list[str]
) -> None:
    """In their order, also where subnets overlap or two machines have the same address."""
    machines = [{"name": number, "address": address} for number, address in enumerate(addresses)]
    subnets = [{"network": str(one.network_address), "netmask": str(one.netmask)} for one in networks]
    found = subnet_facts(subnets, machines)
    assert [one["inside"] for one in found] == [
        [machine for machine in machines if ipaddress.IPv4Address(machine["address"]) in network]
        for network in networks
    ]


@pytest.mark.parametrize(
    ("subnets", "machines"),
    [
        ([{"cidr": "10.0.0.0/24"}], []),
        ([{"network": "10.0.0.0", "netmask": "255.0.255.0"}], []),
        ([WIDE], [{"name": "node01"}]),
        ([WIDE], [{"address": "10.16.0.256"}]),
        ("x", []),
    ],
)
def test_anything_else_is_refused(subnets: t.Any, machines: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes subnets with network and netmask"):
        subnet_facts(subnets, machines)


def test_a_network_with_host_bits_is_left_to_the_server_to_refuse() -> None:
    (found,) = subnet_facts([{"network": "10.0.0.1", "netmask": "255.255.255.0"}], [{"address": "10.0.0.9"}])
    assert (found["network"], found["broadcast"]) == ("10.0.0.1", "10.0.0.255")
    assert found["inside"] == [{"address": "10.0.0.9"}]


def test_the_filter_has_the_name_of_its_file() -> None:
    assert FilterModule().filters() == {"subnet_facts": subnet_facts}
