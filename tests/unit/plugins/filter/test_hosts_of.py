# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.hosts_of import FilterModule, hosts_of
from ansible_collections.netinstall.pxe.tests.unit.playbooks.conftest import PROJECT

SPLIT = {"pxe_servers": ["a"], "pxe_http": ["b"], "pxe_tftp": ["b", "c"], "pxe_dhcp": []}


@pytest.mark.parametrize(
    ("groups", "services", "pattern"),
    [
        pytest.param(SPLIT, ["http"], "pxe_http", id="a group of its own"),
        pytest.param(SPLIT, ["ftp"], "pxe_servers", id="a missing group"),
        pytest.param(SPLIT, ["dhcp"], "pxe_servers", id="an empty group"),
        pytest.param(SPLIT, ["http", "tftp"], "pxe_http:pxe_tftp", id="two groups"),
        pytest.param(SPLIT, ["dhcp", "tftp"], "pxe_servers:pxe_tftp", id="one has no group"),
        pytest.param(SPLIT, ["ftp", "nfs"], "pxe_servers", id="neither has a group"),
        pytest.param(SPLIT, [], "pxe_servers:pxe_http:pxe_tftp:pxe_dhcp", id="all"),
        pytest.param({"pxe_nfs": ["a"]}, [], "pxe_nfs", id="no general servers"),
        pytest.param({}, [], "pxe_servers", id="no servers"),
        pytest.param({}, ["http"], "pxe_servers", id="no servers of a service"),
    ],
)
def test_groups_of_services(groups: dict[str, list[str]], services: list[str], pattern: str) -> None:
    assert hosts_of(groups, *services) == pattern


def test_no_such_service() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"'smtp' is not a service; write dhcp, tftp, http, ftp, nfs"
    ):
        hosts_of(SPLIT, "http", "smtp")


@pytest.mark.parametrize("playbook", ["site", "teardown"])
def test_playbooks_leave_the_fallback_to_it(playbook: str) -> None:
    text = (PROJECT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    plays = re.findall(r"^  hosts: (?!.*hosts_of)(.*)", text, re.MULTILINE)
    # The first play refuses a limit that leaves no host.
    assert plays == [">-"]
    assert not re.search(r"groups\['pxe_(dhcp|tftp|http|ftp|nfs|servers)'\]", text)


def test_ansible_finds_it() -> None:
    filters: dict[str, t.Any] = FilterModule().filters()
    assert filters == {"hosts_of": hosts_of}
