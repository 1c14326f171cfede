# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings, network

STATIC = "network --device=eth0 --bootproto=static --ip=10.0.0.2 --netmask=255.255.255.0"

SOUND = [
    "lang en_US",
    "network --bootproto=dhcp --device=eth0\nnetwork --hostname=node01",
    "network --bootproto=dhcp\nnetwork --hostname=node01",
    f"{STATIC} --gateway=10.0.0.1 --nameserver=10.0.0.1,fd00::1",
    f"{STATIC} --gateway=fd00::1",
    "network --device=eth0 --ip=192.0.2.1 --netmask=255.255.255.255 --gateway=10.0.0.1",
    "network --device=eth0 --vlanid=5\nnetwork --device=eth0 --vlanid=6\nnetwork --device=eth0",
    "network --device=eth0 --vlanid=5 --interfacename=vlan5\nnetwork --device=eth1 --vlanid=5",
    "network --device=bond0 --bondslaves=eth0,eth1\nnetwork --device=eth2",
    "network --device=team0 --teamslaves=\"eth0'{}',eth1\"",
    "network --device=br0 --bridgeslaves=eth0\nnetwork --device=br1 --bridgeslaves=eth1",
    "network --device=bond0 --bondslaves=eth0,eth1\nnetwork --device=br0 --bridgeslaves=bond0.5",
    # Made by lines of their own, and then a part of something else.
    "network --device=bond0 --bondslaves=eth0,eth1 --noipv4\nnetwork --device=br0 --bridgeslaves=bond0",
    "network --device=team0 --teamslaves=\"eth0'{}'\"\nnetwork --device=br0 --bridgeslaves=team0",
    "network --device=eth0 --vlanid=5\nnetwork --device=br0 --bridgeslaves=eth0.5",
    "network --device=eth0 --vlanid=5 --interfacename=vlan5\nnetwork --device=br0 --bridgeslaves=vlan5",
    "network --device=br0 --bridgeslaves=eth0\nnetwork --device=bond0 --bondslaves=br0",
    "network --device=link",
    "network --device=52:54:00:aa:00:01\nnetwork --device=bootif",
    "network --device=eth0 --bootproto=dhcp --noipv6",
    "network --device=eth0 --ipv6=auto",
    "network --device=eth0 --ipv6=fd00::2/64 --ipv6gateway=fe80::1",
]

WRONG = [
    (
        "network --device=eth0\nnetwork --device=eth0",
        [(2, "warning", "eth0 is configured in line 1 already")],
    ),
    (
        "network --device=eth0 --vlanid=5\nnetwork --device=eth0 --vlanid=5",
        [(2, "warning", "eth0.5 is configured in line 1 already")],
    ),
    (
        f"{STATIC}\n{STATIC.replace('eth0', 'eth1')}",
        [(2, "error", "--ip=10.0.0.2: eth0 has it already, in line 1")],
    ),
    ("network --device=bond0 --bondslaves=eth0,bond0", [(1, "error", "bond0 cannot be a part of itself")]),
    (
        "network --device=bond0 --bondslaves=eth0,eth1\nnetwork --device=bond1 --bondslaves=eth1,eth2",
        [(2, "error", "--bondslaves: eth1 belongs to bond0 already (line 1)")],
    ),
    (
        "network --device=bond0 --bondslaves=eth0\nnetwork --device=br0 --bridgeslaves=eth0",
        [(2, "error", "--bridgeslaves: eth0 belongs to bond0")],
    ),
    (
        "network --device=eth0 --bootproto=dhcp\nnetwork --device=bond0 --bondslaves=eth0",
        [(1, "warning", "eth0 is a part of bond0 (line 2)")],
    ),
    (
        "network --device=eth0 --vlanid=4095",
        [(1, "error", "--vlanid=4095 is not a VLAN; write a number from 1 to 4094")],
    ),
    ("network --device=eth0 --vlanid=five", [(1, "error", "--vlanid=five is not a VLAN")]),
    ("network --ip=10.0.0.256 --netmask=255.0.0.0", [(1, "error", "--ip=10.0.0.256 is not an address")]),
    ("network --ip=fd00::1 --netmask=255.0.0.0", [(1, "error", "--ip=fd00::1 is not an address")]),
    ("network --ip=10.0.0.2", [(1, "error", "has no --netmask")]),
    ("network --ip=10.0.0.2 --netmask=255.0.255.0", [(1, "error", "--netmask=255.0.255.0 is not a netmask")]),
    (
        "network --ip=10.0.0.2 --netmask=24",
        [(1, "error", "--netmask=24 is not an address; write one such as 255.255")],
    ),
    (f"{STATIC} --gateway=10.0.0", [(1, "error", "--gateway=10.0.0 is not an address")]),
    (f"{STATIC} --gateway=10.0.1.1", [(1, "warning", "--gateway=10.0.1.1 is not in 10.0.0.0/24")]),
    (
        f"{STATIC} --nameserver=10.0.0.1;10.0.0.2",
        [(1, "error", "--nameserver=10.0.0.1;10.0.0.2 is not an address")],
    ),
    ("network --ipv6gateway=10.0.0.1", [(1, "error", "--ipv6gateway=10.0.0.1 is not an address")]),
]


def problems(text: str, version: str = "RHEL8") -> list[findings.Problem]:
    reading = check.read(findings.Kickstart("ks.cfg", f"{text}\n", check.parse_version(version)))
    assert not reading.failed, reading.problems
    return network.problems(reading)


@pytest.mark.parametrize("text", SOUND)
def test_no_false_alarms(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_mistakes(text: str, expected: list[tuple[int, str, str]]) -> None:
    found = problems(text)
    assert [(problem.where.line, problem.severity) for problem in found] == [
        entry[:2] for entry in expected
    ], found
    assert [entry for entry, problem in zip(expected, found) if entry[2] not in problem.text] == [], found


@pytest.mark.parametrize("version", ["RHEL5", "RHEL6", "RHEL7", "RHEL9", "RHEL10", "F42"])
def test_every_version_has_what_is_looked_at(version: str) -> None:
    assert problems(f"{STATIC} --gateway=10.0.0.1 --nameserver=10.0.0.1", version) == []
    assert len(problems("network --ip=10.0.0.256 --netmask=255.0.0.0", version)) == 1
