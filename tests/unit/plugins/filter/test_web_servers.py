# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.web_servers import FilterModule

HTTP = {"http": {"address": "10.77.0.1"}}


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        ({}, []),
        ({"servers": None}, []),
        ({"servers": {"pxe2": HTTP, "dhcp1": {"dhcp": {}}, "pxe1": {**HTTP, "tftp": {}}}}, ["pxe2", "pxe1"]),
    ],
    ids=["a plan without servers", "none", "several"],
)
def test_those_with_http_in_the_order_of_the_plan(plan: dict[str, t.Any], wanted: list[str]) -> None:
    assert FilterModule().filters()["web_servers"](plan) == wanted
