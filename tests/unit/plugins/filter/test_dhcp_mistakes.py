# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.dhcp_mistakes import FilterModule, dhcp_mistakes
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._refusals import FACTS, GOOD

SETTINGS = {key: value for key, value in GOOD.items() if key != "boot_url"}


@pytest.mark.parametrize("role", ["dhcp_dnsmasq", "dhcp_isc", "dhcp_kea"])
def test_it_names_the_role(role: str) -> None:
    assert dhcp_mistakes(SETTINGS, role, FACTS, "pxe1") == []
    said = dhcp_mistakes({**SETTINGS, "address": "192.0.2.9"}, role, FACTS, "pxe1")
    assert [sentence.split(" does not")[0] for sentence in said] == [f"{role}_address: of pxe1 ens4"]


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"dhcp_mistakes": dhcp_mistakes}
