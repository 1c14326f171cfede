# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._net import nft

SSH = {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}
LAN = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lan"}}
COUNTER = {"counter": {"packets": 0, "bytes": 0}}
BY_INTERFACE = {
    "vmap": {
        "key": {"meta": {"key": "iifname"}},
        "data": {"set": [["lo", {"accept": None}], ["lan", {"goto": {"target": "rest"}}]]},
    }
}


def base(policy: str = "accept", **changes: t.Any) -> dict[str, t.Any]:
    chain = {
        "family": "inet",
        "table": "filter",
        "name": "input",
        "type": "filter",
        "hook": "input",
        "prio": 0,
    }
    return {"chain": {**chain, "policy": policy, **changes}}


def rule(*statements: dict[str, t.Any], chain: str = "input", table: str = "filter") -> dict[str, t.Any]:
    return {"rule": {"family": "inet", "table": table, "chain": chain, "handle": 1, "expr": list(statements)}}


def found(*objects: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    return nft.closed_chains({"nftables": [{"metainfo": {"json_schema_version": 1}}, *objects]})


CLOSED = [
    [base("drop")],
    [base("drop", family="ip", name="INPUT", table="mine")],
    [base("drop", hook="output", name="out")],
    [base(), rule(SSH, {"accept": None}), rule({"drop": None})],
    [
        base(),
        rule(COUNTER, {"log": {"prefix": "no"}}, {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}),
    ],
    [base(), rule(LAN, {"jump": {"target": "rest"}}), rule({"drop": None}, chain="rest")],
    [
        base(),
        rule(BY_INTERFACE),
        rule({"jump": {"target": "more"}}, chain="rest"),
        rule({"drop": None}, chain="more"),
    ],
]
OPEN = [
    [],
    [base()],
    [base(), rule(SSH, {"drop": None})],
    [base(), rule({"limit": {"rate": 3, "per": "second"}}, {"drop": None})],
    # of another table, and of a chain that nobody leads to
    [base(), rule({"drop": None}, table="other"), rule({"drop": None}, chain="rest")],
    # a circle, which nft itself refuses
    [base(), rule({"jump": {"target": "rest"}}), rule({"jump": {"target": "rest"}}, chain="rest")],
    [base("drop", hook="forward")],
    [base("drop", family="ip6")],
    [base("drop", family="bridge")],
]


@pytest.mark.parametrize("objects", CLOSED)
def test_what_drops_all_else_is_found(objects: list[dict[str, t.Any]]) -> None:
    (chain,) = found(*objects)
    wanted = objects[0]["chain"]
    assert {key: chain[key] for key in ("family", "table", "hook")} == {
        key: wanted[key] for key in ("family", "table", "hook")
    }
    assert chain["chain"] == wanted["name"]
    assert (chain["iptables"], chain["firewalld"]) == (False, False)


@pytest.mark.parametrize("objects", OPEN)
def test_what_refuses_some_packets_only_is_not(objects: list[dict[str, t.Any]]) -> None:
    assert found(*objects) == []


def test_chains_of_others_are_named() -> None:
    chains = found(
        base("drop", family="ip", name="INPUT"), base("drop", table="firewalld", name="filter_INPUT")
    )
    assert [(chain["iptables"], chain["firewalld"]) for chain in chains] == [(True, False), (False, True)]


@pytest.mark.parametrize("ruleset", [{}, {"nftables": None}, {"nftables": "table"}])
def test_anything_else_is_refused(ruleset: dict[str, t.Any]) -> None:
    with pytest.raises(PxeError, match="nft -j list ruleset"):
        nft.closed_chains(ruleset)
