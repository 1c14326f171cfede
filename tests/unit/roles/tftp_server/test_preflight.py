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
    "distribution": "Debian",
    "distribution_major_version": "12",
    "service_mgr": "systemd",
    "all_ipv4_addresses": ["192.0.2.5", "10.77.0.1"],
}
GOOD = {"tftp_server_address": "10.77.0.1", "tftp_server_root": "/usr/share"}
TABLE: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({"tftp_server_backend": "xinetd", "tftp_server_port_range": [40000, 40015]}, []),
    ({"tftp_server_address": "10.77.0.2"}, ["does not have the address 10.77.0.2", "192.0.2.5, 10.77.0.1"]),
    ({"tftp_server_root": "/srv/p xe"}, ['tftp_server_root: "/srv/p xe" is not an absolute path']),
    ({"tftp_server_root": "/srv/is-not-here"}, ["has no folder /srv/is-not-here"]),
    ({"tftp_server_user": "no body"}, ["tftp_server_user"]),
    ({"tftp_server_subnets": ["10.77.0.0/24", "10.77.0.1"]}, ['"10.77.0.1" is not a network']),
    ({"tftp_server_block_size": 500}, ["from 512 to 65464"]),
    ({"tftp_server_block_size": 65465}, ["from 512 to 65464"]),
    ({"tftp_server_port_range": [40000]}, ["at least 16 ports"]),
    ({"tftp_server_port_range": [69, 100]}, ["at least 16 ports"]),
    ({"tftp_server_port_range": [40999, 40000]}, ["at least 16 ports"]),
    ({"tftp_server_idle": 0}, ["tftp_server_idle"]),
    ({"tftp_server_map": ["rg x y\nr z z"]}, ["a rule of one line"]),
    ({"tftp_server_xinetd_cps": [100]}, ["[100, 2]"]),
    ({"tftp_server_xinetd_flags": ["IPv4\n}"]}, ["tftp_server_xinetd_flags"]),
]


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    cases = [{**GOOD, **change} for change, _wanted in TABLE]
    said = refusals("tftp_server", "preflight", FACTS, cases)
    for message, (change, wanted) in zip(said, TABLE, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)


def test_xinetd_is_refused_where_there_is_none(refusals: t.Callable[..., list[str]]) -> None:
    facts = {**FACTS, "os_family": "RedHat", "distribution": "Rocky", "distribution_major_version": "9"}
    cases = [{**GOOD, "tftp_server_backend": backend} for backend in ("xinetd", "systemd")]
    refused, passed = refusals("tftp_server", "preflight", facts, cases)
    assert "Rocky 9 of" in refused
    assert "Write systemd." in refused
    assert passed == ""


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("tftp_server").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]


# What only in.tftpd and xinetd notice: told with the reason, the file, the line and what that was made from.
CHECKED: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    (
        {"tftp_server_map": ["rg \\\\ /", "zz x y"]},
        ["/etc/netinstall-pxe/tftp-map is unchanged", ": zz x y", "line ", "correct tftp_server_map"],
    ),
    (
        {"tftp_server_backend": "xinetd", "tftp_server_xinetd_flags": ["IPV7"]},
        [
            "/etc/xinetd.d/tftp is unchanged",
            "Bad service flag: IPV7",
            "[line=",
            "(flags = IPV7, from tftp_server_xinetd_flags)",
        ],
    ),
]


@pytest.mark.skipif(
    os.geteuid() != 0 or not all(os.path.exists(f"/usr/sbin/{name}") for name in ("in.tftpd", "xinetd")),
    reason="needs root, and apt-get install tftpd-hpa xinetd",
)
def test_the_programs_check_what_would_be_written(refusals: t.Callable[..., list[str]]) -> None:
    there = {
        "__tftp_server_root": {"stat": {"exists": True}},
        "__tftp_server_programs": {"results": [{"stat": {"exists": True}}]},
        "__tftp_server_xinetd_before": {"rc": 1, "stdout": ""},
    }
    cases = [{**GOOD, **there, **change} for change, _wanted in CHECKED]
    said = refusals("tftp_server", "configure", FACTS, cases, "--check")
    for message, (change, wanted) in zip(said, CHECKED, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)
