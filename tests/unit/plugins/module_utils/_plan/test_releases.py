# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import TABLE
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.releases import gaps


def plan(dhcp: str = "dnsmasq", tftp: str = "dnsmasq") -> dict[str, t.Any]:
    servers: dict[str, dict[str, t.Any]] = {
        "pxe1": {"dhcp": {}, "tftp": {}, "http": {}},
        "pxe2": {"http": {}},
    }
    return {"servers": servers, "backends": {"dhcp": dhcp, "tftp": tftp}}


def rocky(major: str) -> dict[str, str]:
    return {"os_family": "RedHat", "distribution": "Rocky", "distribution_major_version": major}


FEDORA = {"os_family": "RedHat", "distribution": "Fedora", "distribution_major_version": "44"}
DEBIAN = {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13"}


@pytest.mark.parametrize(
    ("dhcp", "tftp", "facts", "said"),
    [
        ("isc", "dnsmasq", rocky("9"), []),
        ("isc", "dnsmasq", rocky("10"), ["no longer has ISC dhcpd; write site_dhcp_backend: kea or"]),
        ("kea", "systemd", rocky("10"), []),
        (
            "dnsmasq",
            "dnsmasq",
            rocky("8"),
            ["cannot be a server: ansible-core 2.17 and later cannot install packages"],
        ),
        ("dnsmasq", "xinetd", rocky("9"), ["no longer has xinetd; write site_tftp_backend: systemd"]),
        ("isc", "xinetd", rocky("10"), ["ISC dhcpd", "xinetd"]),
        ("isc", "xinetd", FEDORA, ["xinetd"]),
        ("isc", "xinetd", DEBIAN, []),
        ("isc", "xinetd", {}, []),
        ("isc", "xinetd", {"os_family": "RedHat", "distribution_major_version": "Stream"}, []),
    ],
)
def test_what_a_release_has_no_more(dhcp: str, tftp: str, facts: dict[str, str], said: list[str]) -> None:
    found = gaps(plan(dhcp, tftp), {"pxe1": facts})
    assert len(found) == len(said)
    for sentence, part in zip(found, said, strict=True):
        assert sentence.startswith(f"pxe1: {facts['distribution']} {facts['distribution_major_version']} ")
        assert part in sentence


def test_a_server_is_asked_for_its_own_services_only() -> None:
    known = {"pxe1": DEBIAN, "pxe2": rocky("10"), "elsewhere": rocky("8")}
    assert gaps(plan("isc", "xinetd"), known) == []


def test_the_full_version_is_named_where_it_is_known() -> None:
    (said,) = gaps(plan("isc"), {"pxe1": {**rocky("10"), "distribution_version": "10.1"}})
    assert said.startswith("pxe1: Rocky 10.1 no longer has ISC dhcpd; ")


def test_each_gap_says_what_to_write() -> None:
    found = [(service, row.gap) for service, rows in TABLE.items() for row in rows if row.gap]
    assert len(found) == 2
    assert [gap for service, gap in found if f"site_{service}_backend: " not in gap.remedy] == []
