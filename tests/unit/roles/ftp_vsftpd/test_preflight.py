# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import typing as t

import pytest

FACTS = {
    "os_family": "Debian",
    "service_mgr": "systemd",
    "all_ipv4_addresses": ["192.0.2.5", "10.77.0.1"],
    "selinux": {"status": "disabled"},
}
# A port that nobody has, whatever runs here.
GOOD: dict[str, t.Any] = {
    "ftp_vsftpd_address": "10.77.0.1",
    "ftp_vsftpd_port": 1,
    "ftp_vsftpd_root": "/usr",
    "ftp_vsftpd_folders": ["share"],
}
TABLE: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    ({"ftp_vsftpd_address": "10.77.0.2"}, ["does not have the address 10.77.0.2", "192.0.2.5, 10.77.0.1"]),
    ({"ftp_vsftpd_root": "/srv/p xe"}, ['ftp_vsftpd_root: "/srv/p xe" is not an absolute path']),
    ({"ftp_vsftpd_folders": ["is-not-here"]}, ["has no folder /usr/is-not-here"]),
    ({"ftp_vsftpd_folders": ["trees", ".."]}, ['".." is not the name of a folder']),
    ({"ftp_vsftpd_folders": ["answers"]}, ["ftp_vsftpd_answers"]),
    ({"ftp_vsftpd_folders": ["a/b"]}, ['"a/b" is not the name of a folder']),
    ({"ftp_vsftpd_subnets": ["10.77.0.0"]}, ['"10.77.0.0" is not a network']),
    ({"ftp_vsftpd_port": 0}, ["from 1 to 65535"]),
    ({"ftp_vsftpd_passive_ports": [41000, 41005]}, ["at least 16 ports"]),
    ({"ftp_vsftpd_passive_ports": [80, 41000]}, ["at least 16 ports"]),
    ({"ftp_vsftpd_passive_address": "host"}, ["is not an IPv4 address"]),
    ({"ftp_vsftpd_extra_lines": ["a = b"]}, ["option=value without blanks"]),
    ({"ftp_vsftpd_extra_lines": ["a=b\nwrite_enable=YES"]}, ["option=value without blanks"]),
]


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    said = refusals("ftp_vsftpd", "preflight", FACTS, [{**GOOD, **change} for change, _wanted in TABLE])
    for message, (change, wanted) in zip(said, TABLE, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)


@pytest.mark.skipif(not shutil.which("ss"), reason="apt-get install iproute2")
def test_another_server_on_the_same_address_and_port(refusals: t.Callable[..., list[str]]) -> None:
    with contextlib.ExitStack() as stack:
        ports = []
        for address in ("127.0.0.1", "0.0.0.0", "127.0.0.2"):
            other = stack.enter_context(contextlib.closing(socket.socket()))
            other.bind((address, 0))
            other.listen()
            ports.append(other.getsockname()[1])
        cases = [{**GOOD, "ftp_vsftpd_address": "127.0.0.1", "ftp_vsftpd_port": port} for port in ports]
        same, every, elsewhere = refusals("ftp_vsftpd", "preflight", FACTS, cases)
    assert f"Another server has the port {ports[0]}" in same
    assert f"Another server has the port {ports[1]}" in every
    assert "It is not touched" in every
    assert elsewhere == ""


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("ftp_vsftpd").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]


# What only vsftpd itself notices: told with its reason, the file, the line and what that was made from.
CHECKED: list[tuple[dict[str, t.Any], list[str]]] = [
    ({}, []),
    (
        {"ftp_vsftpd_extra_lines": ["# more", "max_clientz=3"]},
        [
            "vsftpd.conf is unchanged",
            "unrecognised variable",
            ": max_clientz=3, from ftp_vsftpd_extra_lines)",
        ],
    ),
    (
        {"ftp_vsftpd_extra_lines": ["write_enable=perhaps"]},
        [
            "is unchanged",
            "bad bool value",
            "(line ",
            ": write_enable=perhaps, from ftp_vsftpd_extra_lines)",
        ],
    ),
]


@pytest.mark.skipif(not os.path.exists("/usr/sbin/vsftpd"), reason="apt-get install vsftpd")
def test_vsftpd_checks_the_configuration_before_it_is_written(refusals: t.Callable[..., list[str]]) -> None:
    there = {"__ftp_vsftpd_program": {"stat": {"exists": True}}}
    cases = [{**GOOD, **there, **change} for change, _wanted in CHECKED]
    said = refusals("ftp_vsftpd", "configure", FACTS, cases, "--check")
    for message, (change, wanted) in zip(said, CHECKED, strict=True):
        assert [part for part in wanted if part not in message] == [], (change, message)
        assert bool(message) == bool(wanted), (change, message)
