# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real packets to a server whose real firewall drops all else: before the role, with it, and when it is taken away."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.roles.firewall._host import (
    INSIDE,
    NOWHERE,
    OUTSIDE,
    RELAY,
    Host,
    Probe,
    new_host,
    why_not,
)

UDP = (67, 69, 4011, 111, 20048)
TCP = (80, 21, 41000, 41999, 2049, 111, 20048)
SERVED = [*(("udp", port) for port in UDP), *(("tcp", port) for port in TCP)]
# What the server's owner has opened before, to all.
OWNERS: set[Probe] = {(INSIDE, "tcp", 2222), (OUTSIDE, "tcp", 2222)}
OPEN: set[Probe] = {(INSIDE, *each) for each in SERVED} | {(NOWHERE, "udp", 67), (RELAY, "udp", 67)}
CLOSED: set[Probe] = (
    {(source, *each) for source in (OUTSIDE, RELAY) for each in SERVED}
    | {(INSIDE, "udp", 70), (INSIDE, "tcp", 23), (INSIDE, "tcp", 40999), (INSIDE, "tcp", 42000)}
) - {(RELAY, "udp", 67)}

ALL = {
    "firewall_services": ["dhcp", "proxydhcp", "tftp", "http", "ftp", "nfs"],
    "firewall_subnets": ["10.77.0.0/24", "10.78.0.0/16"],
    "firewall_relays": [RELAY],
    "firewall_interface": "install",
}

NFT_RULES = """flush ruleset
table inet filter {
  chain lan { counter reject with icmpx type admin-prohibited; }
  chain input { type filter hook input priority filter; policy drop; iif lo accept; tcp dport 2222 accept; }
  chain output { type filter hook output priority filter; policy drop; oif lo accept; tcp sport 2222 accept; }
}
table ip mine {
  chain late {
    type filter hook input priority 10; policy accept; tcp dport 2222 accept;
    iifname vmap { "install" : jump rest };
  }
  chain rest { counter log drop; }
}
table inet f2b-table {
  set banned { type ipv4_addr; elements = { 192.0.2.1 }; }
  chain input { type filter hook input priority -1; policy accept; ip saddr @banned reject; }
}
"""
START_FIREWALLD = """
mkdir -p /run/dbus
dbus-daemon --system --fork --nopidfile
firewalld --nofork --nopid >/var/log/said 2>&1 &
tries=0
until firewall-cmd --state >/dev/null 2>&1 || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done
echo ready
wait
"""
CONF, DROP_IN = "/etc/nftables.conf", "/etc/systemd/system/nftables.service.d/netinstall-pxe.conf"


def start_nftables(host: Host) -> None:
    host.on_server("tee", CONF, text=NFT_RULES)
    host.on_server("nft", "-f", CONF)


def start_firewalld(host: Host) -> None:
    host.on_server("firewall-offline-cmd", "--add-port=2222/tcp")
    host.background(START_FIREWALLD)


def start_ufw(host: Host) -> None:
    host.on_server("ufw", "--force", "enable")
    host.on_server("ufw", "allow", "2222/tcp")


def state_nftables(host: Host) -> str:
    return host.on_server("nft", "--stateless", "list", "ruleset")


def state_firewalld(host: Host) -> str:
    return "".join(
        host.on_server("firewall-cmd", *where, f"--list-all-{what}")
        for where in ([], ["--permanent"])
        for what in ("zones", "policies")
    )


def state_ufw(host: Host) -> str:
    return host.on_server("ufw", "status", "verbose") + host.on_server("ufw", "show", "added")


FIREWALLS: dict[str, tuple[list[str], t.Callable[[Host], None], t.Callable[[Host], str]]] = {
    "nftables": (["nft"], start_nftables, state_nftables),
    "firewalld": (["firewalld", "firewall-cmd", "dbus-daemon"], start_firewalld, state_firewalld),
    "ufw": (["ufw"], start_ufw, state_ufw),
}


@pytest.mark.parametrize("name", FIREWALLS)
def test_the_install_networks_alone_are_let_through(name: str, tmp_path: pathlib.Path) -> None:
    programs, start, state = FIREWALLS[name]
    reason = why_not(*programs)
    if reason:
        pytest.skip(reason)
    with new_host(tmp_path) as host:
        start(host)
        host.listen(OPEN | CLOSED | OWNERS)
        before = state(host)
        etc = host.on_server("find", "/media/upper", "-newer", "/media/systemctl", "-type", "f")
        assert host.answered(OPEN | CLOSED, 0.7) == set()
        assert host.answered(OWNERS, 60) == OWNERS

        assert host.play("main", variables=ALL, check=True) != [[]]
        assert host.answered(OPEN | CLOSED, 0.7) == set()
        did, again = host.play("main", "main", variables=ALL)
        assert did
        assert again == []
        assert host.answered(OPEN | OWNERS, 60) == OPEN | OWNERS
        assert host.answered(CLOSED, 0.7) == set()
        if name == "nftables":
            reload_nftables(host)

        removed, gone = host.play("remove", "remove", variables=ALL)
        assert removed
        assert gone == []
        assert state(host) == before
        assert (
            host.on_server("find", "/media/upper", "-newer", "/media/systemctl", "-type", "f").split()
            == etc.split()
        )
        assert host.answered(OPEN | CLOSED, 0.7) == set()
        assert host.answered(OWNERS, 60) == OWNERS


def reload_nftables(host: Host) -> None:
    """What nftables.service does when it is reloaded: the owner's commands and then ours."""
    host.on_server("nft", "-f", CONF)
    assert host.answered(OPEN, 0.7) == set()
    lines = host.on_server("cat", DROP_IN).splitlines()
    (command,) = [line.partition("=-")[2] for line in lines if line.startswith("ExecReload=")]
    host.on_server(*command.split())
    assert host.answered(OPEN | OWNERS, 60) == OPEN | OWNERS
    assert host.answered(CLOSED, 0.7) == set()
