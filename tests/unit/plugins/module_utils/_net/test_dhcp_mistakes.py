# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences themselves. That each role has them is what the roles' own tests show."""

from __future__ import annotations

import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_mistakes import Settings, mistakes
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._refusals import (
    FACTS,
    GOOD,
    NODE01,
    NODE02,
    PREFLIGHT,
    SUBNET,
)

ROLES = ("dhcp_dnsmasq", "dhcp_isc", "dhcp_kea")
MANY = [{**NODE01, "name": f"n{number:02}", "mac": f"x{number}", "address": ""} for number in range(11)]


def found(role: str = "dhcp_isc", **changes: t.Any) -> list[str]:
    values = {**GOOD, "clients": _firmware.clients(), **changes}
    wanted = {key: value for key, value in values.items() if key in Settings._fields}
    return mistakes(Settings(role, **wanted), FACTS, "pxe1")


@pytest.mark.parametrize("role", ["dhcp_isc", "dhcp_kea"])
@pytest.mark.parametrize(("changes", "parts"), PREFLIGHT, ids=str)
def test_what_is_refused(role: str, changes: dict[str, t.Any], parts: list[str]) -> None:
    said = "\n".join(found(role, **changes))
    assert bool(said) == bool(parts)
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"interfaces": ["ens5", "ens4", "ens6"]},
            [
                f"dhcp_isc_interfaces: pxe1 has no interface {name}; it has br-lab, ens3, ens4. Write those on the "
                "install networks."
                for name in ("ens5", "ens6")
            ],
        ),
        (
            {"interfaces": ["ens3", "br-lab"]},
            [
                "dhcp_isc_address: of pxe1 ens3 and br-lab does not have the address 10.77.0.1; it has 192.0.2.5. "
                "Write the right interfaces or address."
            ],
        ),
        (
            {"machines": [{"mac": NODE01["mac"], "dhcp_options": [{"code": 1}]}, NODE02]},
            [
                'dhcp_isc_machines: {"mac": "52:54:00:aa:00:01", "dhcp_options": [{"code": 1}]} has no name. Each '
                "machine needs a name, a mac and an address.",
                'dhcp_isc_machines: {"mac": "52:54:00:aa:00:01", "dhcp_options": [{"code": 1}]} has no address. Each '
                "machine needs a name, a mac and an address.",
            ],
        ),
        (
            {"machines": [{"name": "a", "mac": NODE01["mac"]}, {"name": "b", "mac": NODE02["mac"]}]},
            [
                'dhcp_isc_machines: {"name": "a", "mac": "52:54:00:aa:00:01"}, '
                '{"name": "b", "mac": "52:54:00:aa:00:02"} '
                "have no address. Each machine needs a name, a mac and an address."
            ],
        ),
        (
            {"machines": [{**one, "address": NODE01["address"]} for one in (NODE01, NODE02)]},
            [
                "dhcp_isc_machines: node01 and node02 have the same address 10.77.0.11; each machine needs its own."
            ],
        ),
        # several mistakes at once
        (
            {"subnets": [], "tftp_address": "pxe1", "machines": [{**NODE01, "hostname": "a.b"}]},
            [
                "dhcp_isc_tftp_address: pxe1 is not an IPv4 address; firmware does not resolve names.",
                "dhcp_isc_subnets: describe at least one subnet; without one no machine gets an address.",
                "dhcp_isc_machines: hostname of node01 is not a host name of letters, digits and hyphens without a "
                "domain: a.b.",
            ],
        ),
    ],
)
def test_whole_sentences(changes: dict[str, t.Any], sentences: list[str]) -> None:
    assert found(**changes) == sentences


def test_ten_machines_are_named() -> None:
    said = found(machines=MANY)
    assert said[0].startswith(
        "dhcp_isc_machines: mac of n00, n01, n02, n03, n04, n05, n06, n07, n08, n09 and others is"
    )
    assert said[0].endswith(": x0, x1, x2, x3, x4, x5, x6, x7, x8, x9.")


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("dhcp_dnsmasq", "dnsmasq would listen on all of them"),
        ("dhcp_isc", "dhcpd would listen on all of them"),
        ("dhcp_kea", "Kea would answer no client"),
    ],
)
def test_no_interface(role: str, sentence: str) -> None:
    assert found(role, interfaces=[]) == [
        f"{role}_interfaces: list at least one interface; without one {sentence}."
    ]


def test_dnsmasq_beside_another_server() -> None:
    double = {**SUBNET, "proxy": True, "ranges": [SUBNET["range"]]}
    assert found("dhcp_dnsmasq", subnets=[{**double, "range": None}]) == [
        "dhcp_dnsmasq_subnets: 10.77.0.0/24 has both a range and proxy. Another server assigns the addresses where "
        "dnsmasq is a proxy; leave one of them out."
    ]
    # It says so itself.
    assert found("dhcp_dnsmasq", subnets=[{**SUBNET, "dns": ["none"]}]) == []
    assert found("dhcp_dnsmasq", subnets=[]) == [
        "dhcp_dnsmasq_subnets: describe at least one subnet; without one no machine gets an address."
    ]


@pytest.mark.parametrize("role", ROLES)
def test_ten_thousand_machines(role: str) -> None:
    machines = [
        {
            "name": f"n{number}",
            "mac": f"52:54:00:00:{number // 256:02x}:{number % 256:02x}",
            "address": f"10.{number // 62500}.{number // 250 % 250}.{number % 250}",
        }
        for number in range(10000)
    ]
    before = time.process_time()
    assert found(role, machines=machines) == []
    assert time.process_time() - before < 2
