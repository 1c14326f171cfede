# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._refusals import (
    FACTS,
    NODE01,
    NODE02,
    PREFLIGHT,
    SUBNET,
    Table,
    cases,
    check,
)


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    check(refusals("dhcp_isc", "preflight", FACTS, cases("dhcp_isc", PREFLIGHT)), PREFLIGHT)


def test_a_release_without_dhcpd(refusals: t.Callable[..., list[str]]) -> None:
    el10 = {"os_family": "RedHat", "distribution": "Rocky", "distribution_major_version": "10"}
    table: Table = [({}, ["no longer has ISC dhcpd", "take the role dhcp_kea or dhcp_dnsmasq"])]
    check(refusals("dhcp_isc", "preflight", {**FACTS, **el10}, cases("dhcp_isc", table)), table)


def test_names_that_would_be_cut_off(refusals: t.Callable[..., list[str]]) -> None:
    table: Table = [
        ({"boot_url": "http://10.77.0.1/" + "x" * 110}, []),
        ({"boot_url": "http://10.77.0.1/" + "x" * 111}, ["dhcp_isc_boot_url", "127 characters"]),
        ({"loaders": {"efi64": "x" * 120}}, ["dhcp_isc_loaders", "http://10.77.0.1/boot/xxx"]),
    ]
    check(refusals("dhcp_isc", "preflight", FACTS, cases("dhcp_isc", table)), table)


def wrong_subnet(**changes: object) -> dict[str, t.Any]:
    return {"subnets": [{**SUBNET, **changes}]}


# What only dhcpd itself notices: told with its reason, the line and what that was made from, before a file is written.
CHECKED_BY_DHCPD: Table = [
    ({}, []),
    (
        wrong_subnet(range=["10.77.0.100", "10.78.0.1"]),
        [
            "is unchanged",
            "not in subnet",
            "range 10.77.0.100 10.78.0.1;",
            "dhcp_isc_subnets, 10.77.0.0/24, range",
        ],
    ),
    (
        wrong_subnet(lease="12 hours"),
        ["is unchanged", "default-lease-time 12 hours;", "dhcp_isc_subnets, 10.77.0.0/24, lease"],
    ),
    (
        wrong_subnet(network="10.77.0.5", range=None),
        ["is unchanged", "bad subnet number/mask", "dhcp_isc_subnets, 10.77.0.0/24"],
    ),
    (
        {"tftp_address": "10.77;0.1"},
        ["is unchanged", "next-server 10.77;0.1;", "dhcp_isc_tftp_address"],
    ),
    (
        {"machines": [NODE01, {**NODE02, "address": "10.77.0.12}"}]},
        ["is unchanged", "52:54:00:aa:00:02", "dhcp_isc_machines, node02"],
    ),
    (
        {"extra_lines": ["rnage 1;"]},
        ["is unchanged", "semicolon expected", "rnage 1;", "dhcp_isc_extra_lines"],
    ),
]


@pytest.mark.skipif(
    not os.path.exists("/usr/sbin/dhcpd"), reason="dhcpd is not installed: apt-get install isc-dhcp-server"
)
def test_dhcpd_checks_the_configuration_before_it_is_written(
    refusals: t.Callable[..., list[str]], tmp_path: pathlib.Path
) -> None:
    there = {
        "__dhcp_isc_program": {"stat": {"exists": True}},
        "__dhcp_isc_scratch": str(tmp_path),
        # Of the family's variables those that the tasks after the check need
        "__dhcp_isc_capabilities": "",
        "__dhcp_isc_leases": str(tmp_path / "leases"),
        "__dhcp_isc_user": "root",
    }
    said = refusals("dhcp_isc", "configure", FACTS, cases("dhcp_isc", CHECKED_BY_DHCPD, **there), "--check")
    check(said, CHECKED_BY_DHCPD)
    assert list(tmp_path.iterdir()) == [], "left behind"


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("dhcp_isc").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]
