# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test__plan.py does not reach: networks without a whole site around them."""

from __future__ import annotations

import ipaddress
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._description import Mistakes, PlanError, Section
from ansible_collections.netinstall.pxe.plugins.module_utils._plan_networks import (
    no_host_of,
    read_networks,
    taken_addresses,
)
from hypothesis import given
from hypothesis import strategies as st


def top(subnets: t.Any) -> Section:
    return Section(Mistakes(), "site_", {"server": {}, "subnets": subnets}, ("server", "services", "subnets"))


def addresses(section: Section) -> list[str]:
    try:
        section.mistakes.raise_if_any()
    except PlanError as error:
        return [mistake["address"] for mistake in error.mistakes]
    return []


@pytest.mark.parametrize(
    ("subnets", "complete"),
    [
        ([{"cidr": "10.0.0.0/24"}, {"cidr": "10.0.1.0/24"}], True),
        ([{"cidr": "10.0.0.0/24"}, {"cidr": "10.0.0.128/25"}], False),
        ([{"cidr": "10.0.0.0/24"}, {"cidr": "x"}], False),
        ([], False),
        ("x", False),
    ],
)
def test_only_sound_subnets_can_say_that_an_address_is_outside(subnets: t.Any, complete: bool) -> None:
    section = top(subnets)
    assert read_networks(section).complete is complete
    assert bool(addresses(section)) is not complete


def test_the_later_of_two_subnets_is_the_mistaken_one() -> None:
    """However their addresses are sorted."""
    section = top([{"cidr": "10.0.0.128/25"}, {"cidr": "10.0.0.0/24"}])
    read_networks(section)
    assert addresses(section) == ["site_subnets[1].cidr"]


def test_taken_addresses() -> None:
    section = top(
        [
            {"cidr": "10.0.0.0/24", "gateway": "10.0.0.254", "range": ["10.0.0.100", "10.0.0.199"]},
            {"cidr": "10.0.1.0/24", "gateway": "10.0.1.1"},
        ]
    )
    servers = [
        ((0,), "10.0.1.1", "site_server.address"),
        ((1,), "10.0.1.1", "site_services.http.address"),
        ((1,), "10.0.0.150", "site_services.tftp.address"),
    ]
    taken = taken_addresses(section, read_networks(section), servers)
    assert {str(ipaddress.IPv4Address(number)): what for number, what in taken.items()} == {
        "10.0.1.1": "site_server.address",
        "10.0.0.150": "site_services.tftp.address",
        "10.0.0.254": "site_subnets[0].gateway",
    }
    assert addresses(section) == ["site_services.tftp.address"]


@given(st.integers(0, 2**32 - 1), st.integers(8, 30), st.ip_addresses(v=4))
def test_no_host_of(number: int, length: int, address: ipaddress.IPv4Address) -> None:
    network = ipaddress.IPv4Network((number, length), strict=False)
    for candidate in (address, network[0], network[1], network[-1]):
        assert (no_host_of(network, candidate) is None) == (
            int(network[0]) < int(candidate) < int(network[-1])
        )
