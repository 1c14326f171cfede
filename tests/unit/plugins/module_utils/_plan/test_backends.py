# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What backends can, and what the plan refuses because they cannot."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.compose import compose
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import DHCP, TABLE, able
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

SITE: dict[str, t.Any] = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "subnets": [{"cidr": "10.77.0.0/24"}],
    "distributions": {
        "rocky-9": {"isos": [{"path": "/srv/iso/9.iso"}]},
        "live-13": {"isos": [{"path": "/srv/iso/live.iso"}]},
    },
    "profiles": {"nine": {"distribution": "rocky-9"}, "desk": {"distribution": "live-13"}},
    "http_backend": "none",
}


def mistakes_of(**site: t.Any) -> list[tuple[str, str]]:
    try:
        compile_plan({**SITE, "http_backend": "nginx", **site}, [])
    except PlanError as error:
        return [(mistake["address"], mistake["message"]) for mistake in error.mistakes]
    return []


# TFTP beside DHCP


@pytest.mark.parametrize("dhcp", ["isc", "kea", "none"])
def test_dhcp_that_is_not_dnsmasq_cannot_have_its_tftp(dhcp: str) -> None:
    ((address, message),) = mistakes_of(dhcp_backend=dhcp)
    assert address == "site_tftp_backend"
    assert message == (
        f"'dnsmasq' serves TFTP only as a part of the DHCP server dnsmasq, but site_dhcp_backend is {dhcp!r}; "
        "write site_dhcp_backend: dnsmasq, or site_tftp_backend: xinetd or systemd"
    )


@pytest.mark.parametrize("tftp", ["xinetd", "systemd"])
@pytest.mark.parametrize("dhcp", ["dnsmasq", "isc", "kea", "none"])
def test_other_combinations_work(dhcp: str, tftp: str) -> None:
    apart = {"tftp": {"address": "10.77.0.3"}}
    assert mistakes_of(dhcp_backend=dhcp, tftp_backend=tftp, services=apart) == []


def test_dnsmasq_serves_tftp_and_dhcp_from_one_host() -> None:
    ((address, message),) = mistakes_of(services={"tftp": {"address": "10.77.0.3"}})
    assert address == "site_tftp_backend"
    assert "the TFTP server is 10.77.0.3, and the DHCP server 10.77.0.1; put both on one host" in message
    assert message.endswith("or write site_tftp_backend: systemd")


# Subnets and leases

#: What a subnet asks of its DHCP server, and which backends refuse it how.
ASKED: list[tuple[dict[str, t.Any], list[str], str]] = [
    (
        {"proxy": True},
        ["isc", "kea", "none"],
        "site_subnets[0].proxy: is not supported by '{name}'; write site_dhcp_backend: dnsmasq, or leave proxy out",
    ),
    (
        {"shared_network": "wire"},
        ["none"],
        "site_subnets[0].shared_network: is not supported by '{name}'; write site_dhcp_backend: dnsmasq, isc or kea, "
        "or leave it out",
    ),
    (
        {"http_server": "b"},
        ["none"],
        "site_subnets[0].http_server: b cannot be announced by '{name}', whose lines for other DHCP servers name one "
        "HTTP server; leave it out, or write site_dhcp_backend: dnsmasq, isc or kea",
    ),
]


@pytest.mark.parametrize("dhcp", [row.name for row in DHCP])
@pytest.mark.parametrize(("asked", "refusing", "said"), ASKED, ids=lambda value: str(value)[:9])
def test_what_a_subnet_asks_of_its_dhcp_server(
    asked: dict[str, t.Any], refusing: list[str], said: str, dhcp: str
) -> None:
    servers = {
        service: [
            {"name": name, "group": "pxe_servers", "address": f"10.77.0.{number}"}
            for number, name in ((1, "a"), (2, "b"))
            if name == "a" or service == "http"
        ]
        for service in ("dhcp", "tftp", "http", "ftp", "nfs")
    }
    site = {"subnets": [{"cidr": "10.77.0.0/24", **asked}], "dhcp_backend": dhcp, "tftp_backend": "systemd"}
    found = []
    try:
        compile_plan({**SITE, "http_backend": "nginx", **site}, [], servers=servers)
    except PlanError as error:
        found = [f"{mistake['address']}: {mistake['message']}" for mistake in error.mistakes]
    assert found == ([said.format(name=dhcp)] if dhcp in refusing else [])


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("isc", []),
        ("kea", []),
        (
            "dnsmasq",
            [
                "site_subnets[0].max_lease is not supported by dnsmasq; its leases last 6h, less for clients that ask "
                "for less, and never more"
            ],
        ),
        (
            "none",
            [
                "site_subnets[0].bootp and site_subnets[0].max_lease are not in the lines for other DHCP servers, "
                "whose owners assign the addresses"
            ],
        ),
    ],
)
def test_what_a_server_cannot_do_is_said(backend: str, said: list[str]) -> None:
    subnet = {"cidr": "10.77.0.0/24", "lease": "6h", "max_lease": "12h", "bootp": True}
    site = {**SITE, "subnets": [subnet], "dhcp_backend": backend, "tftp_backend": "systemd"}
    assert compile_plan(site, [])["notes"] == said


# The table


def test_a_word_that_is_no_backend() -> None:
    assert mistakes_of(dhcp_backend="dnsmask") == [
        ("site_dhcp_backend", "'dnsmask' is not known; did you mean 'dnsmasq'?")
    ]


@pytest.mark.parametrize("service", sorted(TABLE))
def test_the_plan_hands_the_row_on(service: str) -> None:
    for row in TABLE[service]:
        site = {**SITE, "tftp_backend": "systemd", f"{service}_backend": row.name}
        plan = compile_plan(site, [])
        assert plan["backends"][service] == row.name
        assert plan["abilities"][service]["serves"] is row.serves
        assert plan["abilities"][service]["supplies"] == row.supplies


def test_what_to_write_is_what_the_table_says() -> None:
    assert able("http", "guards") == "site_http_backend: nginx"
    assert able("dhcp", "serves") == "site_dhcp_backend: dnsmasq, isc or kea"


@pytest.mark.parametrize("service", sorted(TABLE))
def test_names_are_given_once(service: str) -> None:
    names = [row.name for row in TABLE[service]]
    assert len(set(names)) == len(names)


# Sites that a web server of the house serves


def machine(number: int, profile: str = "nine") -> dict[str, t.Any]:
    return {
        "name": f"node0{number}",
        "mac": f"52:54:00:aa:00:0{number}",
        "address": f"10.77.0.1{number}",
        "profile": profile,
        **({"disk": "/dev/disk/by-id/x"} if profile == "nine" else {}),
    }


def test_no_machine_of_it_is_armed() -> None:
    plan = compile_plan(SITE, [machine(1)])
    installations, mistakes = compose(plan, {"node01": {"root_password_hash": "$6$x$y"}}, lambda: "t" * 32)
    assert installations == []
    assert len(mistakes) == 1
    assert mistakes[0].startswith("node01 is not armed, because site_http_backend is 'none'")
    plan = compile_plan({**SITE, "http_backend": "nginx"}, [machine(1)])
    assert compose(plan, {"node01": {"root_password_hash": "$6$x$y"}}, lambda: "t" * 32)[1] == []


def test_the_plan_says_which_machines_cannot_be_armed() -> None:
    plan = compile_plan(SITE, [machine(number) for number in (1, 2, 3, 4)])
    assert plan["backends"]["http"] == "none"
    assert plan["warnings"][0].startswith("node01, node02, node03 and 1 more: cannot be armed, because")
    assert any("HTTP by none" in line for line in summary(plan))


def test_live_systems_need_no_arming() -> None:
    assert compile_plan(SITE, [machine(1, "desk")])["warnings"] == []
    assert compile_plan({**SITE, "http_backend": "nginx"}, [machine(1)])["warnings"] == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"menu": {"password_hash": "$6$x$y"}}, "of site_menu"),
        (
            {"profiles": {"nine": {"distribution": "rocky-9", "menu_password_hash": "$6$x$y"}}},
            "of site_profiles.nine",
        ),
    ],
)
def test_nobody_would_compare_passwords(more: dict[str, t.Any], said: str) -> None:
    with pytest.raises(PlanError) as raised:
        compile_plan({**SITE, **more}, [])
    [mistake] = raised.value.mistakes
    assert mistake["address"] == "site_http_backend"
    assert said in mistake["message"]


def test_a_web_server_that_is_not_known() -> None:
    with pytest.raises(PlanError, match="'apache' is not known; write one of nginx, none"):
        compile_plan({**SITE, "http_backend": "apache"}, [])
