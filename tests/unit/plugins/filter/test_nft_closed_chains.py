# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.nft_closed_chains import (
    FilterModule,
    nft_closed_chains,
)


def test_closed_chains() -> None:
    chain = {"family": "inet", "table": "filter", "name": "input", "hook": "input", "policy": "drop"}
    assert [found["chain"] for found in nft_closed_chains({"nftables": [{"chain": chain}]})] == ["input"]


@pytest.mark.parametrize(
    ("value", "message"), [('{"nftables": []}', "from_json"), ({}, "nft -j list ruleset")]
)
def test_anything_else_is_refused(value: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        nft_closed_chains(value)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"nft_closed_chains": nft_closed_chains}
