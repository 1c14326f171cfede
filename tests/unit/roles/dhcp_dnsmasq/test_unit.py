# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service, as systemd reads it."""

from __future__ import annotations

import configparser
import pathlib
import typing as t

import pytest

UNIT = "/etc/systemd/system/dnsmasq-pxe.service"
VARIABLES = {
    "dhcp_dnsmasq_address": "10.77.0.1",
    "dhcp_dnsmasq_subnets": [{"cidr": "10.77.0.0/24"}, {"cidr": "10.78.0.0/16"}],
    "dhcp_dnsmasq_relays": ["192.0.2.1"],
}


@pytest.fixture(scope="module")
def unit(renderer: t.Callable[[str], t.Any]) -> str:
    return str(renderer("dhcp_dnsmasq").render([(UNIT, VARIABLES)])[0])


def test_it_is_never_root_and_has_three_capabilities(unit: str) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(unit)
    service = parsed["Service"]
    wanted = "CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW"
    assert service["User"] == "dnsmasq"
    assert service["AmbientCapabilities"] == service["CapabilityBoundingSet"] == wanted
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    # TFTP asks nobody who he is; DHCP needs broadcasts and relays
    assert service["IPAddressDeny"] == "any"
    allowed = {"10.77.0.0/24", "10.78.0.0/16", "10.77.0.1", "0.0.0.0", "255.255.255.255", "192.0.2.1"}
    assert set(service["IPAddressAllow"].split()) == allowed
    # checked again at each start, whoever has edited the file since
    assert "--test" in service["ExecStartPre"]


def test_files_for_all_tftp_transfers_of_ten_thousand_machines(renderer: t.Callable[[str], t.Any]) -> None:
    many = {**VARIABLES, "dhcp_dnsmasq_machines": [{}] * 10000}
    without = {**many, "dhcp_dnsmasq_tftp": False}
    texts = renderer("dhcp_dnsmasq").render([(UNIT, VARIABLES), (UNIT, many), (UNIT, without)])
    found = [[line for line in text.splitlines() if line.startswith("LimitNOFILE=")] for text in texts]
    assert found == [["LimitNOFILE=750"], ["LimitNOFILE=16250"], []]


def test_a_program_that_was_built_anew_is_another_unit(renderer: t.Callable[[str], t.Any]) -> None:
    """By which the role knows that it must be started again."""
    program = {**VARIABLES, "dhcp_dnsmasq_program": "/usr/local/sbin/dnsmasq"}
    old, new = (
        {**program, "__dhcp_dnsmasq_program": {"stat": {"checksum": checksum}}} for checksum in ("1", "2")
    )
    texts = renderer("dhcp_dnsmasq").render([(UNIT, old), (UNIT, new)])
    assert texts[0] != texts[1]


@pytest.mark.skipif(
    not pathlib.Path("/usr/sbin/dnsmasq").exists(), reason="needs dnsmasq: apt-get install dnsmasq-base"
)
def test_systemd_understands_every_line(
    unit: str, systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]
) -> None:
    assert systemd_says({"dnsmasq-pxe.service": unit}) == []
