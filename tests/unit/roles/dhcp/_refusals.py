# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the DHCP roles refuse alike, as tables of changed variables and parts of the message; no parts: not refused."""

from __future__ import annotations

import typing as t

Record = dict[str, t.Any]
Table = list[tuple[Record, list[str]]]

FACTS: Record = {
    "os_family": "Debian",
    "distribution": "Debian",
    "distribution_version": "13.1",
    "distribution_major_version": "13",
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
SUBNET: Record = {
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
NODE01: Record = {
    "name": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "hostname": "node01",
}
NODE02: Record = {
    "name": "node02",
    "mac": "52:54:00:aa:00:02",
    "address": "10.77.0.12",
    "profile": "other keys",
}
GOOD: Record = {
    "interfaces": ["ens4"],
    "address": "10.77.0.1",
    "subnets": [SUBNET],
    "machines": [NODE01, NODE02],
    "boot_url": "http://10.77.0.1/boot/boot.ipxe",
}

MACHINES: Table = [
    ({"machines": []}, []),
    ({"machines": [{"name": "node03", "mac": NODE01["mac"]}]}, ['"node03"', "no address"]),
    (
        {"machines": [NODE01, {**NODE02, "mac": 41135040001}]},
        ["mac of node02 is not six", "quoted", "41135040001"],
    ),
    (
        {"machines": [NODE01, {**NODE02, "address": "10.77.0.300"}]},
        ["address of node02 is not an IPv4 address: 10.77.0.300"],
    ),
    (
        {"machines": [NODE01, {**NODE02, "hostname": "a,b"}]},
        ["hostname of node02 is not a host name", "a,b"],
    ),
    (
        {"machines": [NODE01, {**NODE02, "mac": "52:54:00:AA:00:01"}]},
        ["node01 and node02 have the same mac"],
    ),
    (
        {"machines": [NODE01, {**NODE02, "address": "10.77.0.11"}]},
        ["node01 and node02 have the same address 10.77.0.11"],
    ),
]
#: Before anything else is looked at
PREFLIGHT: Table = [
    ({}, []),
    ({"address": "10.78.0.1"}, []),
    ({"interfaces": ["br-lab", "ens4"]}, []),
    ({"interfaces": ["ens5"]}, ["has no interface ens5", "it has br-lab, ens3, ens4"]),
    ({"interfaces": []}, ["list at least one interface"]),
    (
        {"address": "10.77.0.2"},
        ["ens4 does not have the address 10.77.0.2", "it has 10.77.0.1, 10.78.0.1"],
    ),
    ({"interfaces": ["br-lab"]}, ["br-lab", "it has none"]),
    ({"tftp_address": "10.77.0.300"}, ["tftp_address: 10.77.0.300 is not an IPv4 address"]),
    ({"subnets": []}, ["describe at least one subnet"]),
    ({"subnets": [{**SUBNET, "dns": ["none"]}]}, ["10.77.0.0/24 has none where an IPv4 address must be"]),
    ({"subnets": [{**SUBNET, "gateway": "10.77.0.300"}]}, ["10.77.0.0/24 has 10.77.0.300"]),
    ({"subnets": [{**SUBNET, "ranges": [["10.77.0.2", "10.77.0.300"]]}]}, ["10.77.0.0/24 has 10.77.0.300"]),
    # Packages would be installed before a template says so.
    ({"loaders": {"efi46": "snponly.efi"}}, ["loaders: 'efi46': no such kind of client; there are bios"]),
    *MACHINES,
]


def named(role: str, changes: Record) -> Record:
    """Variables by the role's names; private ones as they are."""
    return {name if name.startswith("__") else f"{role}_{name}": value for name, value in changes.items()}


def cases(role: str, table: Table, **common: t.Any) -> list[Record]:
    return [named(role, {**GOOD, **common, **changes}) for changes, _wanted in table]


def check(said: list[str], table: Table) -> None:
    for message, (change, wanted) in zip(said, table, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)
