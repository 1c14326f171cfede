# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import os
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._refusals import (
    FACTS,
    MACHINES,
    NODE01,
    NODE02,
    SUBNET,
    Table,
    check,
    named,
)

GOOD = {
    "dhcp_dnsmasq_interfaces": ["ens4"],
    "dhcp_dnsmasq_address": "10.77.0.1",
    "dhcp_dnsmasq_subnets": [SUBNET],
    "dhcp_dnsmasq_machines": [NODE01, NODE02],
    "dhcp_dnsmasq_boot_url": "http://10.77.0.1/boot/boot.ipxe",
    "dhcp_dnsmasq_tftp_root": "/",
}

PREFLIGHT: Table = [
    ({}, []),
    ({"dhcp_dnsmasq_address": "10.78.0.1"}, []),
    ({"dhcp_dnsmasq_interfaces": ["ens3", "ens4"]}, []),
    ({"dhcp_dnsmasq_interfaces": []}, ["list at least one interface"]),
    ({"dhcp_dnsmasq_interfaces": ["ens4", "ens5"]}, ["has no interface ens5", "it has br-lab, ens3, ens4"]),
    ({"dhcp_dnsmasq_address": "10.77.0.2"}, ["does not have", "10.77.0.2", "it has 10.77.0.1, 10.78.0.1"]),
    ({"dhcp_dnsmasq_interfaces": ["br-lab"]}, ["br-lab", "it has none"]),
    ({"dhcp_dnsmasq_subnets": []}, ["describe at least one subnet"]),
    ({"dhcp_dnsmasq_subnets": [{**SUBNET, "proxy": True, "range": None}]}, []),
    (
        {"dhcp_dnsmasq_subnets": [{**SUBNET, "proxy": True, "range": None, "ranges": [SUBNET["range"]]}]},
        ["10.77.0.0/24 has both a range and proxy"],
    ),
    ({"dhcp_dnsmasq_subnets": [{**SUBNET, "proxy": True}]}, ["10.77.0.0/24 has both a range and proxy"]),
    ({"dhcp_dnsmasq_loaders": {"efi46": "snponly.efi"}}, ["dhcp_dnsmasq_loaders: 'efi46': no such kind"]),
    *((named("dhcp_dnsmasq", change), wanted) for change, wanted in MACHINES),
]


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    cases = [{**GOOD, **change} for change, _wanted in PREFLIGHT]
    check(refusals("dhcp_dnsmasq", "preflight", FACTS, cases), PREFLIGHT)


# What only dnsmasq itself notices: told with its reason and the line, before any file is written.
CHECKED_BY_DNSMASQ: Table = [
    (
        {"dhcp_dnsmasq_subnets": [{**SUBNET, "range": ["10.77.0.100", "10.78.0.1"]}]},
        [
            "are unchanged",
            "inconsistent DHCP range",
            "10.77.0.100,10.78.0.1",
            "from dhcp_dnsmasq_subnets, 10.77.0.0/24)",
        ],
    ),
    (
        {"dhcp_dnsmasq_subnets": [{**SUBNET, "dns": ["none"]}]},
        ["are unchanged", "option:dns-server,none", "from dhcp_dnsmasq_subnets, 10.77.0.0/24)"],
    ),
    (
        {"dhcp_dnsmasq_extra_lines": ["dhcp-rnage=1"]},
        [
            "are unchanged",
            "bad option",
            "(dnsmasq.conf line ",
            ": dhcp-rnage=1, from dhcp_dnsmasq_extra_lines)",
        ],
    ),
    # in the hosts file, which dnsmasq --test does not read
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "address": NODE01["address"]}]},
        [
            "are unchanged",
            "duplicate",
            "(dnsmasq-hosts line ",
            "52:54:00:aa:00:02,10.77.0.11,node02, from dhcp_dnsmasq_machines)",
        ],
    ),
]


@pytest.mark.skipif(
    not os.path.exists("/usr/sbin/dnsmasq"), reason="dnsmasq is not installed: apt-get install dnsmasq-base"
)
def test_dnsmasq_checks_both_files_before_either_is_written(refusals: t.Callable[..., list[str]]) -> None:
    there = {"__dhcp_dnsmasq_program": {"stat": {"exists": True}}}
    cases = [{**GOOD, **there, **change} for change, _wanted in CHECKED_BY_DNSMASQ]
    check(refusals("dhcp_dnsmasq", "configure", FACTS, cases), CHECKED_BY_DNSMASQ)


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("dhcp_dnsmasq").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]
