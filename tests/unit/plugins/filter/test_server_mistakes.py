# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.server_mistakes import FilterModule

FACTS = {
    "os_family": "Debian",
    "service_mgr": "systemd",
    "all_ipv4_addresses": ["10.77.0.1", "192.0.2.5"],
}
server_mistakes = FilterModule().filters()["server_mistakes"]


@pytest.mark.parametrize(
    ("facts", "options", "wanted"),
    [
        ({}, {}, []),
        ({"os_family": "RedHat"}, {}, []),
        (
            {"os_family": "Suse"},
            {"addresses": {"x_address": "10.0.0.1"}},
            [
                "This role knows Debian, Ubuntu, Enterprise Linux and Fedora with systemd; pxe1 is of the family "
                "Suse with systemd."
            ],
        ),
        (
            {"service_mgr": "openrc"},
            {},
            [
                "This role knows Debian, Ubuntu, Enterprise Linux and Fedora with systemd; pxe1 is of the family "
                "Debian with openrc."
            ],
        ),
        ({"service_mgr": "openrc"}, {"systemd": False}, []),
        (
            {"os_family": "Archlinux"},
            {"systemd": False},
            ["This role knows Debian, Ubuntu, Enterprise Linux and Fedora; pxe1 is of the family Archlinux."],
        ),
        ({}, {"addresses": {"x_address": "192.0.2.5", "y_address": "127.0.0.2"}}, []),
        (
            {},
            {"addresses": {"x_address": "10.77.0.2"}},
            [
                "x_address: pxe1 does not have the address 10.77.0.2; it has 10.77.0.1, 192.0.2.5. Write one of "
                "these, or give the server that address."
            ],
        ),
        (
            {"all_ipv4_addresses": []},
            {"addresses": {"x_address": "10.77.0.2"}},
            [
                "x_address: pxe1 does not have the address 10.77.0.2; it has none. Write one of these, or give "
                "the server that address."
            ],
        ),
    ],
)
def test_sentences(facts: dict[str, t.Any], options: dict[str, t.Any], wanted: list[str]) -> None:
    assert server_mistakes({**FACTS, **facts}, "pxe1", **options) == wanted


def test_who_needs_no_systemd_needs_no_fact_of_it() -> None:
    assert server_mistakes({"os_family": "Debian"}, "pxe1", systemd=False) == []
