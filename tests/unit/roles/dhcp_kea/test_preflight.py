# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words. Nothing of the machine that runs the test is changed."""

from __future__ import annotations

import os
import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._refusals import (
    FACTS,
    PREFLIGHT,
    SUBNET,
    Table,
    cases,
    check,
)


def test_preflight(refusals: t.Callable[..., list[str]]) -> None:
    check(refusals("dhcp_kea", "preflight", FACTS, cases("dhcp_kea", PREFLIGHT)), PREFLIGHT)


def wrong_subnet(**changes: object) -> dict[str, t.Any]:
    return {"subnets": [{**SUBNET, **changes}]}


# What only Kea itself notices: told with its reason, the line and what that was made from, before a file is written.
CHECKED_BY_KEA: Table = [
    ({}, []),
    (
        wrong_subnet(range=["10.77.0.100", "10.78.0.1"]),
        ["is unchanged", "does not match the prefix", "dhcp_kea_subnets, 10.77.0.0/24"],
    ),
    (
        wrong_subnet(lease="12 hours"),
        ["is unchanged", "Invalid character", '"valid-lifetime": 12 hours,', "10.77.0.0/24, lease"],
    ),
    (
        wrong_subnet(cidr="10.77.0.0/33"),
        ["is unchanged", "Invalid prefix", "dhcp_kea_subnets, 10.77.0.0/33"],
    ),
    (
        {"boot_url": "http://10.77.0.1/" + "boot/" * 30},
        ["is unchanged", "boot-file-name", "dhcp_kea_boot_url"],
    ),
    (
        {"extra_settings": {"valid-lifetmie": 10}},
        ["is unchanged", "valid-lifetmie", "dhcp_kea_extra_settings.valid-lifetmie"],
    ),
]


@pytest.mark.skipif(
    not os.path.exists("/usr/sbin/kea-dhcp4"), reason="Kea is not installed: apt-get install kea-dhcp4-server"
)
def test_kea_checks_the_configuration_before_it_is_written(refusals: t.Callable[..., list[str]]) -> None:
    # Kea looks for its interfaces, and this machine has not those of the facts.
    there = {
        "__dhcp_kea_program": {"stat": {"exists": True}},
        "interfaces": ["lo"],
        # Of the family's variables the one that the tasks after the check need
        "__dhcp_kea_user": "root",
    }
    said = refusals("dhcp_kea", "configure", FACTS, cases("dhcp_kea", CHECKED_BY_KEA, **there), "--check")
    check(said, CHECKED_BY_KEA)


def test_each_family_of_servers_has_the_same_variables(renderer: t.Callable[[str], t.Any]) -> None:
    families = [set(renderer("dhcp_kea").variables(family)) for family in ("Debian", "RedHat")]
    assert families[0] == families[1]


def test_a_kea_that_serves_already_is_refused(
    refusals: t.Callable[..., list[str]], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one on the machine of the test only because this stand-in says so."""
    stand_in = tmp_path / "systemctl"
    stand_in.write_text("#!/bin/sh\necho active\n", encoding="utf-8")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    table: Table = [({}, ["kea-dhcp4-server.service runs", "systemctl disable --now kea-dhcp4-server"])]
    check(refusals("dhcp_kea", "preflight", FACTS, cases("dhcp_kea", table)), table)
