# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service, as systemd reads it."""

from __future__ import annotations

import configparser
import pathlib
import typing as t

import pytest

UNIT = "/etc/systemd/system/kea-dhcp4-pxe.service"


@pytest.fixture(scope="module", params=["Debian", "RedHat"])
def unit(request: pytest.FixtureRequest, renderer: t.Callable[[str], t.Any]) -> tuple[str, str]:
    variables = {"dhcp_kea_interfaces": ["ens4", "ens5"]}
    return request.param, str(renderer("dhcp_kea").render([(UNIT, variables)], request.param)[0])


def test_it_is_never_root_and_has_two_capabilities(unit: tuple[str, str]) -> None:
    family, text = unit
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(text)
    service = parsed["Service"]
    assert service["User"] == {"Debian": "_kea", "RedHat": "kea"}[family]
    wanted = "CAP_NET_BIND_SERVICE CAP_NET_RAW"
    assert service["AmbientCapabilities"] == service["CapabilityBoundingSet"] == wanted
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    # checked again at each start, whoever has edited the file since
    assert service["ExecStartPre"].split()[:2] == ["/usr/sbin/kea-dhcp4", "-t"]


@pytest.mark.skipif(
    not pathlib.Path("/usr/sbin/kea-dhcp4").exists(), reason="needs Kea: apt-get install kea-dhcp4-server"
)
def test_systemd_understands_every_line(
    unit: tuple[str, str], systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]
) -> None:
    assert systemd_says({"kea-dhcp4-pxe.service": unit[1]}) == []
