# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which chains of nftables drop whatever no rule lets in or out. The format is that of libnftables-json(5)."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

Record = dict[str, t.Any]

# A packet of IPv4 to or from this host passes the chains of these.
FAMILIES = ("inet", "ip")
HOOKS = ("input", "output")
# What a rule may say without looking at the packet: with these alone it is for all packets.
UNCONDITIONAL = {"comment", "counter", "drop", "log", "reject"}
# iptables-nft writes chains of these tables, and takes rules that are not its own for a broken table (iptables-nft(8)).
IPTABLES = ("filter", "mangle", "nat", "raw", "security")


def closed_chains(ruleset: t.Mapping[str, t.Any]) -> list[Record]:
    """The base chains that let nothing through but what their rules accept.

    A chain is one of them if its policy is to drop, or if it has, or leads to, a rule that drops or rejects every
    packet. Chains that only refuse some packets, as those of fail2ban, are not.

    :arg ruleset: what ``nft -j list ruleset`` says, as libnftables-json(5) describes it.
    :returns: ``family``, ``table``, ``chain``, ``hook`` (``input`` or ``output``), ``iptables`` (made by iptables) and
        ``firewalld``, in the order of the ruleset.
    :raises PxeError: it is something else.
    """
    objects = ruleset.get("nftables")
    if not isinstance(objects, list):
        raise PxeError(
            "nft_closed_chains: this is not what 'nft -j list ruleset' says; it has no list 'nftables'"
        )
    bodies = _bodies(objects)
    bases = [each["chain"] for each in objects if each.get("chain", {}).get("hook") in HOOKS]
    return [
        {
            "family": chain["family"],
            "table": chain["table"],
            "chain": chain["name"],
            "hook": chain["hook"],
            "iptables": chain["table"] in IPTABLES and chain["name"] == chain["hook"].upper(),
            "firewalld": chain["table"] == "firewalld",
        }
        for chain in bases
        if chain["family"] in FAMILIES and _closes(chain, bodies)
    ]


def _bodies(objects: t.Iterable[Record]) -> dict[tuple[str, str, str], list[list[Record]]]:
    """The expressions of each rule, by family, table and chain."""
    bodies: dict[tuple[str, str, str], list[list[Record]]] = {}
    for each in objects:
        rule = each.get("rule")
        if rule:
            bodies.setdefault((rule["family"], rule["table"], rule["chain"]), []).append(rule.get("expr", []))
    return bodies


def _closes(chain: Record, bodies: dict[tuple[str, str, str], list[list[Record]]]) -> bool:
    """Whether a base chain drops what it does not accept."""
    if chain.get("policy") == "drop":
        return True
    seen: set[str] = set()
    ahead = [chain["name"]]
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        rules = bodies.get((chain["family"], chain["table"], name), [])
        if any(_drops_all(rule) for rule in rules):
            return True
        ahead += _targets(rules)
    return False


def _drops_all(rule: list[Record]) -> bool:
    words = {word for statement in rule for word in statement}
    return bool(words & {"drop", "reject"}) and words <= UNCONDITIONAL


def _targets(value: t.Any) -> list[str]:
    """The chains that rules jump or go to, in verdict maps too."""
    if isinstance(value, list):
        return [name for each in value for name in _targets(each)]
    if not isinstance(value, dict):
        return []
    own = [value[word]["target"] for word in ("jump", "goto") if isinstance(value.get(word), dict)]
    return own + _targets(list(value.values()))
