# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test__plan.py does not reach: networks without a whole site around them."""

from __future__ import annotations

import ipaddress
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.networks import (
    exclude_taken,
    no_host_of,
    read_networks,
    taken_addresses,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    Section,
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
    taken = taken_addresses(read_networks(section), servers)
    assert {str(ipaddress.IPv4Address(number)): what for number, what in taken.items()} == {
        "10.0.1.1": "site_server.address",
        "10.0.0.150": "site_services.tftp.address",
        "10.0.0.254": "site_subnets[0].gateway",
    }
    assert addresses(section) == []


def lent(subnet: dict[str, t.Any], machines: t.Iterable[str] = (), server: str = "10.0.0.1") -> t.Any:
    """The ranges of the plan as text, and its notes."""
    section = top([{"cidr": "10.0.0.0/24", **subnet}])
    networks = read_networks(section)
    taken = taken_addresses(networks, [((0,), server, "site_server.address")])
    records = [{"name": f"node{address}", "address": address, "subnet": "x"} for address in machines]
    notes = exclude_taken(networks, taken, [*records, {"name": "without one", "address": "None"}])
    assert addresses(section) == []
    return ["-".join(piece) for piece in networks.subnets[0].record["ranges"]], notes


def test_a_range_goes_around_the_router() -> None:
    """As the guide for CentOS 6 has it."""
    pieces, notes = lent({"gateway": "10.0.0.130", "range": ["10.0.0.100", "10.0.0.200"]})
    assert pieces == ["10.0.0.100-10.0.0.129", "10.0.0.131-10.0.0.200"]
    assert notes == [
        "site_subnets[0].range, 10.0.0.100-10.0.0.200, excludes 10.0.0.130 (site_subnets[0].gateway); "
        "it leases 10.0.0.100-10.0.0.129 and 10.0.0.131-10.0.0.200"
    ]


@pytest.mark.parametrize(
    ("subnet", "machines", "pieces", "said"),
    [
        ({}, (), [], []),
        ({"range": ["10.0.0.5", "10.0.0.5"]}, (), ["10.0.0.5-10.0.0.5"], []),
        # The server at an end of the range
        (
            {"range": ["10.0.0.1", "10.0.0.9"]},
            (),
            ["10.0.0.2-10.0.0.9"],
            ["(site_server.address); it leases 10.0.0.2-10.0.0.9"],
        ),
        (
            {"range": ["10.0.0.10", "10.0.0.20"], "ranges": [["10.0.0.40", "10.0.0.50"]]},
            ("10.0.0.45",),
            ["10.0.0.10-10.0.0.20", "10.0.0.40-10.0.0.44", "10.0.0.46-10.0.0.50"],
            ["site_subnets[0].ranges[0], 10.0.0.40-10.0.0.50, excludes 10.0.0.45 (node10.0.0.45)"],
        ),
        # Whoever has no service of ours is no machine of ours either.
        (
            {"range": ["10.0.0.2", "10.0.0.9"], "dns": ["10.0.0.3"], "ntp": ["10.0.0.3", "192.0.2.1"]},
            ("10.0.0.5",),
            ["10.0.0.2-10.0.0.2", "10.0.0.4-10.0.0.4", "10.0.0.6-10.0.0.9"],
            [
                "10.0.0.3 (site_subnets[0].dns) and 10.0.0.5 (node10.0.0.5); it leases 10.0.0.2, 10.0.0.4 and 10.0.0.6-"
            ],
        ),
    ],
)
def test_ranges(
    subnet: dict[str, t.Any], machines: t.Iterable[str], pieces: list[str], said: list[str]
) -> None:
    found, notes = lent(subnet, machines)
    assert found == pieces
    assert len(notes) == len(said)
    assert [part for part, note in zip(said, notes, strict=True) if part not in note] == []


def test_a_hundred_machines_in_a_range_leave_two_pieces_and_one_short_note() -> None:
    machines = [f"10.0.0.{number}" for number in range(60, 160)]
    pieces, (note,) = lent({"range": ["10.0.0.50", "10.0.0.200"]}, reversed(machines))
    assert pieces == ["10.0.0.50-10.0.0.59", "10.0.0.160-10.0.0.200"]
    assert "(node10.0.0.62) and 97 more; it leases" in note
    assert len(note) < 250


@given(st.sets(st.integers(2, 254)), st.integers(2, 254), st.integers(2, 254))
def test_what_is_lent_is_the_range_without_what_is_taken(taken: set[int], one: int, other: int) -> None:
    first, last = sorted((one, other))
    section = top([{"cidr": "10.0.0.0/24", "range": [f"10.0.0.{first}", f"10.0.0.{last}"]}])
    networks = read_networks(section)
    notes = exclude_taken(
        networks, {int(ipaddress.IPv4Address("10.0.0.0")) + number: "x" for number in taken}, []
    )
    pieces = [[int(end.split(".")[3]) for end in piece] for piece in networks.subnets[0].record["ranges"]]
    wanted = set(range(first, last + 1)) - taken
    assert {number for start, end in pieces for number in range(start, end + 1)} == wanted
    assert sorted(pieces) == pieces
    # No two of them could be one.
    assert all(before[1] + 1 < after[0] for before, after in zip(pieces, pieces[1:], strict=False))
    assert (addresses(section) == []) == bool(wanted)
    assert len(notes) == (0 < len(wanted) <= last - first)


def test_the_time_to_split_grows_with_the_number_of_machines() -> None:
    def seconds(count: int) -> float:
        section = top([{"cidr": "10.0.0.0/8", "range": ["10.0.0.2", "10.255.255.0"]}])
        networks = read_networks(section)
        start = int(ipaddress.IPv4Address("10.1.0.0"))
        machines = [
            {
                "name": f"node{number}",
                "address": str(ipaddress.IPv4Address(start + 2 * number)),
                "subnet": "x",
            }
            for number in range(count)
        ]
        before = time.process_time()
        exclude_taken(networks, {}, machines)
        took = time.process_time() - before
        assert len(networks.subnets[0].record["ranges"]) == count + 1
        return took

    assert min(map(seconds, [20000] * 3)) < 20 * max(min(map(seconds, [2000] * 3)), 0.001)


@given(st.integers(0, 2**32 - 1), st.integers(8, 30), st.ip_addresses(v=4))
def test_no_host_of(number: int, length: int, address: ipaddress.IPv4Address) -> None:
    network = ipaddress.IPv4Network((number, length), strict=False)
    for candidate in (address, network[0], network[1], network[-1]):
        assert (no_host_of(network, candidate) is None) == (
            int(network[0]) < int(candidate) < int(network[-1])
        )
