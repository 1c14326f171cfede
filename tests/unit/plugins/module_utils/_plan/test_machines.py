# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test__plan.py does not reach: many machines at once."""

from __future__ import annotations

import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import (
    MACHINE_KEYS,
    SiteSoFar,
    read_machines,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.networks import read_networks
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    Section,
)
from hypothesis import given
from hypothesis import strategies as st

PROFILES = {"live": {"name": "live", "distribution": "rescue", "family": None}}


def read(machines: t.Any, group: str = "pxe_machines") -> tuple[list[dict[str, t.Any]], list[str]]:
    """The machines, and the addresses of the mistakes."""
    site = {"subnets": [{"cidr": f"10.{number}.0.0/16"} for number in range(20)]}
    top = Section(Mistakes(), "site_", site, ("subnets",))
    found = read_machines(top, machines, group, SiteSoFar(PROFILES, read_networks(top), {}))
    try:
        top.mistakes.raise_if_any()
    except PlanError as error:
        return found, [mistake["address"] for mistake in error.mistakes]
    return found, []


def machine(number: int, **more: t.Any) -> dict[str, t.Any]:
    return {
        "name": f"node{number}",
        "mac": f"52:54:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
        "address": f"10.{number % 20}.{number >> 8 & 255}.{(number & 255) or 1}",
        "profile": "live",
        **more,
    }


def test_a_family_that_installs_nothing_needs_no_disk() -> None:
    ((found,), mistakes) = read([machine(7)])
    assert (found["disk"], mistakes) == (None, [])


def test_the_order_of_the_machines_is_kept() -> None:
    found, mistakes = read([machine(number) for number in (3, 1, 2)])
    assert ([item["name"] for item in found], mistakes) == (["node3", "node1", "node2"], [])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_each_second_machine_with_a_mac_is_named(numbers: list[int]) -> None:
    described = [
        {**machine(index + 10), "name": f"node{index}", "mac": f"52:54:00:00:00:0{number}"}
        for index, number in enumerate(numbers)
    ]
    _found, mistakes = read(described)
    seconds = [index for index, number in enumerate(numbers) if number in numbers[:index]]
    assert mistakes == [f"pxe_machines.node{index}.machine_mac" for index in seconds]


@pytest.mark.parametrize("key", MACHINE_KEYS)
@pytest.mark.parametrize("value", [0, "", [], {}, True, 1.5, ["\n"], {"\n": "\n"}, "a\nb"])
def test_whatever_is_written_is_read_or_refused(key: str, value: object) -> None:
    _found, mistakes = read([machine(7, **{key: value})])
    assert all(address.startswith(f"pxe_machines.node7.machine_{key}") for address in mistakes)


def test_the_time_grows_with_the_number_of_machines() -> None:
    def seconds(count: int) -> float:
        machines = [machine(number) for number in range(1, count + 1)]
        start = time.process_time()
        read(machines)
        return time.process_time() - start

    seconds(100)
    # Sixteen times as many take sixteen times as long; with its square it would be 256 times.
    assert seconds(8000) < 80 * max(seconds(500), 0.005)
