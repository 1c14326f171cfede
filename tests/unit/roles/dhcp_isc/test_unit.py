# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service, as systemd reads it."""

from __future__ import annotations

import configparser
import pathlib
import typing as t

import pytest

UNIT = "/etc/systemd/system/dhcpd-pxe.service"


@pytest.fixture(scope="module", params=["Debian", "RedHat"])
def unit(request: pytest.FixtureRequest, renderer: t.Callable[[str], t.Any]) -> tuple[str, str]:
    variables = {"dhcp_isc_interfaces": ["ens4", "ens5"]}
    return request.param, str(renderer("dhcp_isc").render([(UNIT, variables)], request.param)[0])


def test_it_has_few_rights_and_listens_where_it_is_told(unit: tuple[str, str]) -> None:
    family, text = unit
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text)
    service = parsed["Service"]
    wanted = {
        "Debian": "CAP_NET_BIND_SERVICE CAP_NET_RAW",
        "RedHat": "CAP_CHOWN CAP_DAC_OVERRIDE CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SETGID CAP_SETUID",
    }
    assert service["CapabilityBoundingSet"] == wanted[family]
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    # checked again at each start, whoever has edited the file since
    assert service["ExecStartPre"].startswith("/usr/sbin/dhcpd -t -4 ")
    account = [] if family == "Debian" else ["-user", "dhcpd", "-group", "dhcpd"]
    command = service["ExecStart"].split()
    assert command[command.index("-pf") + 2 :] == [*account, "ens4", "ens5"]


@pytest.mark.skipif(
    not pathlib.Path("/usr/sbin/dhcpd").exists(), reason="needs dhcpd: apt-get install isc-dhcp-server"
)
def test_systemd_understands_every_line(
    unit: tuple[str, str], systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]
) -> None:
    assert systemd_says({"dhcpd-pxe.service": unit[1]}) == []
