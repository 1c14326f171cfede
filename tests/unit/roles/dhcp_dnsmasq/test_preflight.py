# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import os
import typing as t

import pytest

FACTS = {
    "os_family": "Debian",
    "service_mgr": "systemd",
    "interfaces": ["lo", "ens3", "ens4", "br-lab"],
    "ens3": {"device": "ens3", "ipv4": {"address": "192.0.2.5"}},
    "ens4": {
        "device": "ens4",
        "ipv4": {"address": "10.77.0.1"},
        "ipv4_secondaries": [{"address": "10.78.0.1"}],
    },
    "br_lab": {"device": "br-lab"},
}
SUBNET = {
    "cidr": "10.77.0.0/24",
    "network": "10.77.0.0",
    "netmask": "255.255.255.0",
    "prefix": 24,
    "gateway": None,
    "dns": [],
    "domain": "",
    "ntp": [],
    "range": ["10.77.0.100", "10.77.0.199"],
    "lease": "12h",
}
NODE01 = {"name": "node01", "mac": "52:54:00:aa:00:01", "address": "10.77.0.11", "hostname": "node01"}
NODE02 = {"name": "node02", "mac": "52:54:00:aa:00:02", "address": "10.77.0.12", "profile": "other keys"}
GOOD = {
    "dhcp_dnsmasq_interfaces": ["ens4"],
    "dhcp_dnsmasq_address": "10.77.0.1",
    "dhcp_dnsmasq_subnets": [SUBNET],
    "dhcp_dnsmasq_machines": [NODE01, NODE02],
    "dhcp_dnsmasq_boot_url": "http://10.77.0.1/boot/boot.ipxe",
    "dhcp_dnsmasq_tftp_root": "/",
}

PREFLIGHT: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({"dhcp_dnsmasq_address": "10.78.0.1"}, []),
    ({"dhcp_dnsmasq_interfaces": ["ens3", "ens4"]}, []),
    ({"dhcp_dnsmasq_interfaces": []}, ["list at least one interface"]),
    ({"dhcp_dnsmasq_interfaces": ["ens4", "ens5"]}, ["has no interface ens5", "it has br-lab, ens3, ens4"]),
    ({"dhcp_dnsmasq_address": "10.77.0.2"}, ["does not have", "10.77.0.2", "it has 10.77.0.1, 10.78.0.1"]),
    ({"dhcp_dnsmasq_interfaces": ["br-lab"]}, ["br-lab", "it has none"]),
    ({"dhcp_dnsmasq_subnets": []}, ["describe at least one subnet"]),
    ({"dhcp_dnsmasq_subnets": [{**SUBNET, "proxy": True, "range": None}]}, []),
    ({"dhcp_dnsmasq_subnets": [{**SUBNET, "proxy": True}]}, ["10.77.0.0/24 has both a range and proxy"]),
    ({"dhcp_dnsmasq_machines": []}, []),
    ({"dhcp_dnsmasq_machines": [{"name": "node03", "mac": NODE01["mac"]}]}, ['"node03"', "no address"]),
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "mac": 41135040001}]},
        ["mac of node02 is not six", "quoted", "41135040001"],
    ),
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "address": "10.77.0.300"}]},
        ["address of node02 is not an IPv4 address: 10.77.0.300"],
    ),
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "hostname": "a,b"}]},
        ["hostname of node02 is not a host name", "a,b"],
    ),
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "mac": "52:54:00:AA:00:01"}]},
        ["node01 and node02 have the same mac"],
    ),
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "address": "10.77.0.11"}]},
        ["node01 and node02 have the same address 10.77.0.11"],
    ),
]


def check(said: list[str], table: list[tuple[dict[str, t.Any], list[str]]]) -> None:
    for message, (change, wanted) in zip(said, table, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    cases = [{**GOOD, **change} for change, _wanted in PREFLIGHT]
    check(refusals("dhcp_dnsmasq", "preflight", FACTS, cases), PREFLIGHT)


# What only dnsmasq itself notices: told with its reason and the line, before any file is written.
CHECKED_BY_DNSMASQ: list[tuple[dict[str, t.Any], list[str]]] = [
    (
        {"dhcp_dnsmasq_subnets": [{**SUBNET, "range": ["10.77.0.100", "10.78.0.1"]}]},
        [
            "stay as they were",
            "inconsistent DHCP range",
            "10.77.0.100,10.78.0.1",
            "from dhcp_dnsmasq_subnets, 10.77.0.0/24)",
        ],
    ),
    (
        {"dhcp_dnsmasq_subnets": [{**SUBNET, "dns": ["none"]}]},
        ["stay as they were", "option:dns-server,none", "from dhcp_dnsmasq_subnets, 10.77.0.0/24)"],
    ),
    (
        {"dhcp_dnsmasq_extra_lines": ["dhcp-rnage=1"]},
        [
            "stay as they were",
            "bad option",
            "(dnsmasq.conf line ",
            ": dhcp-rnage=1, from dhcp_dnsmasq_extra_lines)",
        ],
    ),
    # in the hosts file, which dnsmasq --test does not read
    (
        {"dhcp_dnsmasq_machines": [NODE01, {**NODE02, "address": NODE01["address"]}]},
        [
            "stay as they were",
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
