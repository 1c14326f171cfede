# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks the network commands of a kickstart against each other."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    NETWORK,
    WARNING,
    Entry,
    Problem,
    Reading,
)

_KIND = "network"
# 802.1Q; NetworkManager takes 0, too.
_LAST_VLAN = 4094


def problems(reading: Reading) -> list[Problem]:
    """All that is wrong with the network commands."""
    entries = [entry for entry in reading.entries if entry.command in NETWORK]
    found = [*_configured_twice(entries), *_ports(entries)]
    for entry in entries:
        found += [Problem(entry.where, ERROR, _KIND, f"network {text}") for text in _values(entry.data)]
        found += _far_gateway(entry)
    return found


def _interface(data: t.Any) -> str:
    """The interface that a line configures; empty where the installer chooses one."""
    if getattr(data, "interfacename", ""):
        return str(data.interfacename)
    vlan = getattr(data, "vlanid", "")
    return f"{data.device}.{vlan}" if data.device and vlan else str(data.device or "")


def _configured_twice(entries: list[Entry]) -> t.Iterator[Problem]:
    names: dict[str, Entry] = {}
    addresses: dict[str, Entry] = {}
    for entry in entries:
        name, address = _interface(entry.data), entry.data.ip or ""
        first = names.setdefault(name, entry)
        if name and first is not entry:
            text = f"network: {name} is configured in {first.where.seen_from(entry.where)} already"
            yield Problem(entry.where, WARNING, _KIND, text)
        first = addresses.setdefault(address, entry)
        if address and first is not entry and _interface(first.data) != name:
            place = first.where.seen_from(entry.where)
            text = f"network --ip={address}: {_interface(first.data)} has it already, in {place}"
            yield Problem(entry.where, ERROR, _KIND, text)


def _ports_of(data: t.Any) -> list[tuple[str, str]]:
    """The interfaces that a bond, bridge or team is made of, and the option that says so."""
    found = []
    for option in ("bondslaves", "bridgeslaves"):
        names = [name.strip() for name in (getattr(data, option, "") or "").split(",")]
        found += [(f"--{option}", name) for name in names if name]
    # A team's ports come with their configurations.
    found += [("--teamslaves", str(port[0])) for port in getattr(data, "teamslaves", None) or []]
    return found


def _ports(entries: list[Entry]) -> t.Iterator[Problem]:
    owners: dict[str, Entry] = {}
    for entry in entries:
        for option, port in _ports_of(entry.data):
            first = owners.setdefault(port, entry)
            if port == entry.data.device:
                text = f"network {option}: {port} cannot be a part of itself"
                yield Problem(entry.where, ERROR, _KIND, text)
            elif first is not entry:
                place = first.where.seen_from(entry.where)
                text = f"network {option}: {port} belongs to {first.data.device} already ({place})"
                yield Problem(entry.where, ERROR, _KIND, text)
    for entry in entries:
        owner = owners.get(_interface(entry.data))
        # A bond, bridge, team or VLAN is there only by its line.
        made = bool(_ports_of(entry.data) or getattr(entry.data, "vlanid", ""))
        if owner and owner is not entry and not made:
            place = owner.where.seen_from(entry.where)
            text = (
                f"network: {_interface(entry.data)} is a part of {owner.data.device} ({place}), "
                "which is configured instead; leave this line out"
            )
            yield Problem(entry.where, WARNING, _KIND, text)


def _values(data: t.Any) -> t.Iterator[str]:
    """What is wrong with the values of one line."""
    for option, version in (("ip", 4), ("netmask", 4), ("gateway", 0), ("ipv6gateway", 6)):
        value = getattr(data, option, "") or ""
        if value and _address(value, version) is None:
            yield f"--{option}={value} is not an address; write one such as {_EXAMPLES[option]}"
    if data.netmask and _address(data.netmask, 4) and not _is_netmask(data.netmask):
        yield f"--netmask={data.netmask} is not a netmask; write one such as 255.255.255.0"
    if data.ip and not data.netmask:
        yield f"--ip={data.ip} has no --netmask; write it, too"
    for value in (data.nameserver or "").split(","):
        if value.strip() and _address(value.strip(), 0) is None:
            yield f"--nameserver={value} is not an address; write addresses with commas between"
    vlan = str(getattr(data, "vlanid", "") or "")
    if vlan and not (vlan.isascii() and vlan.isdigit() and int(vlan) <= _LAST_VLAN):
        yield f"--vlanid={vlan} is not a VLAN; write a number from 1 to {_LAST_VLAN}"


_EXAMPLES = {
    "ip": "10.77.0.11",
    "netmask": "255.255.255.0",
    "gateway": "10.77.0.1",
    "ipv6gateway": "fd00::1",
}


def _address(text: str, version: int) -> t.Any:
    """The address, of this version of IP or with 0 of any; ``None`` if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address if version in (0, address.version) else None


def _is_netmask(text: str) -> bool:
    """Whether the ones of a mask come before its zeros."""
    inverted = int(ipaddress.IPv4Address(text)) ^ 0xFFFFFFFF
    return inverted & (inverted + 1) == 0


def _far_gateway(entry: Entry) -> list[Problem]:
    data = entry.data
    address, mask, gateway = _address(data.ip or "", 4), data.netmask or "", _address(data.gateway or "", 4)
    if not (address and gateway and _address(mask, 4) and _is_netmask(mask)):
        return []
    network = ipaddress.ip_network(f"{address}/{mask}", strict=False)
    # A single address has no neighbours: its gateway is always elsewhere.
    if gateway in network or network.prefixlen == 32:
        return []
    text = f"network --gateway={gateway} is not in {network}, the network of --ip and --netmask"
    return [Problem(entry.where, WARNING, _KIND, text)]
