# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about networks: subnets, their ranges, and the addresses that are taken in them."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._addresses import (
    Intervals,
    parse_duration,
    parse_ipv4,
    parse_network,
    shown,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._description import Order, Section
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._texts import (
    parse_bool,
    parse_domain,
    parse_name,
)

Record = dict[str, t.Any]

SUBNET_KEYS = (
    "cidr",
    "gateway",
    "dns",
    "domain",
    "ntp",
    "range",
    "lease",
    "proxy",
    "http_server",
    "shared_network",
)
#: dnsmasq silently makes a shorter lease this long.
_SHORTEST_LEASE = 120


@dataclass
class Subnet:
    """A subnet that could be read."""

    section: Section
    network: ipaddress.IPv4Network
    #: First and last address of the dynamic range.
    range: tuple[int, int] | None
    #: What the plan says of it.
    record: Record


@dataclass
class Networks:
    """What the addresses of machines are checked against."""

    subnets: list[Subnet]
    by_address: Intervals[Subnet]
    #: False if a subnet has a mistake: then nobody can say that an address is outside all of them.
    complete: bool


def read_networks(top: Section, boot_urls: t.Mapping[str, str] | None = None) -> Networks:
    """Read ``site_subnets`` and check them against each other.

    :arg boot_urls: iPXE's script on each web server, by the server's name; the first is that of all subnets which do
        not say another
    """
    example = "[{cidr: 10.77.0.0/24, range: [10.77.0.100, 10.77.0.199]}]"
    sections = top.sections("subnets", SUBNET_KEYS, example)
    if not top.data.get("subnets"):
        top.mistake("subnets", f"is empty; describe the network that the machines boot in: {example}")
    subnets = [subnet for section in sections if (subnet := _subnet(section, boot_urls or {}))]
    by_address = Intervals((int(s.network[0]), int(s.network[-1]), s) for s in subnets)
    apart = True
    for one, other in by_address.overlaps():
        apart = False
        first, second = sorted((one, other), key=_place)
        second.section.mistake(
            "cidr",
            f"{second.network} overlaps {first.network}, which is {first.section.at('cidr')}; "
            "describe each network once",
        )
    for one, other in _ranges(subnets).overlaps():
        first, second = sorted((one, other), key=_place)
        second.section.mistake(
            "range",
            f"{'-'.join(second.record['range'])} overlaps {'-'.join(first.record['range'])}, "
            f"which is {first.section.at('range')}; separate them",
        )
    return Networks(subnets, by_address, apart and len(subnets) == len(sections) > 0)


def is_proxied(networks: Networks, address: str) -> bool:
    """Whether the network of this address has a DHCP server that is not ours, which lends the addresses."""
    subnet = networks.by_address.find(int(ipaddress.IPv4Address(address))) if address else None
    return subnet is not None and "proxy" in subnet.record


def share_networks(networks: Networks, server: str) -> None:
    """Add ``shared_from`` to subnets that share a wire, for dnsmasq, which must be told from where it may lend there.

    That is, in the other subnets on the wire, the server's own address, and the gateways as the relays they may be.

    :arg server: the DHCP server's address
    """
    shared = [subnet for subnet in networks.subnets if subnet.record.get("shared_network")]
    for subnet in shared:
        wire = subnet.record["shared_network"]
        others = [one for one in shared if one is not subnet and one.record["shared_network"] == wire]
        relays = [one.record["gateway"] for one in others if one.record["gateway"]]
        ours = [server for one in others if server and ipaddress.IPv4Address(server) in one.network]
        subnet.record["shared_from"] = list(dict.fromkeys(ours + relays))


def taken_addresses(
    top: Section, networks: Networks, servers: t.Iterable[tuple[Order, str, str]]
) -> dict[int, str]:
    """The addresses that no machine may have, and what has each; none of them may be lent to machines.

    :arg servers: where the address of each server stands, the address, and what says it: ``site_server.address``
    """
    taken: dict[int, str] = {}
    ranges = _ranges(networks.subnets)
    for order, address, name in servers:
        number = int(ipaddress.IPv4Address(address))
        lender = ranges.find(number)
        if number not in taken and lender:
            top.mistakes.add(
                order,
                name,
                f"{address} is inside the dynamic range {lender.section.at('range')}, so that a machine could get it; "
                "write an address outside it, or another range",
            )
        taken.setdefault(number, name)
    for subnet in networks.subnets:
        if subnet.record["gateway"]:
            taken.setdefault(
                int(ipaddress.IPv4Address(subnet.record["gateway"])), subnet.section.at("gateway")
            )
    return taken


def _place(subnet: Subnet) -> tuple[int, ...]:
    return subnet.section.order


def _ranges(subnets: list[Subnet]) -> Intervals[Subnet]:
    return Intervals((*subnet.range, subnet) for subnet in subnets if subnet.range)


def _subnet(section: Section, boot_urls: t.Mapping[str, str]) -> Subnet | None:
    network = section.need("cidr", parse_network, "the network, such as 10.77.0.0/24")
    gateway = section.get("gateway", parse_ipv4)
    dns = section.items("dns", parse_ipv4, "[10.77.0.1]")
    ntp = section.items("ntp", parse_ipv4, "[10.77.0.1]")
    span = _range(section, network, gateway)
    record: Record = {
        "gateway": str(gateway) if gateway else None,
        "dns": [str(address) for address in dns],
        "domain": section.get("domain", parse_domain, ""),
        "ntp": [str(address) for address in ntp],
        "range": [str(address) for address in span] if span else None,
        "lease": section.get("lease", _lease, "12h"),
        **_http_server(section, boot_urls),
    }
    if section.has("shared_network"):
        record["shared_network"] = section.get("shared_network", parse_name, "")
    if section.get("proxy", parse_bool, False):
        # Only where it is so: what knows of no proxy need not know the word.
        record["proxy"] = True
        if span:
            section.mistake(
                "range", "is nothing that a proxy lends; the network's own DHCP server does. Leave it out"
            )
    if network is None:
        return None
    if gateway and (problem := no_host_of(network, gateway)):
        section.mistake("gateway", f"{gateway} {problem}; write the router's address inside {network}")
    record = {
        "cidr": str(network),
        "network": str(network.network_address),
        "netmask": str(network.netmask),
        "prefix": network.prefixlen,
        **record,
    }
    return Subnet(section, network, (int(span[0]), int(span[1])) if span else None, record)


def _http_server(section: Section, boot_urls: t.Mapping[str, str]) -> Record:
    """The web server of a subnet, and iPXE's script there if it is not that of most subnets."""
    names = list(boot_urls)
    name = names[0] if names else None
    if section.has("http_server"):
        name = section.reference("http_server", names, "the hosts of pxe_http") or name
    return {"http_server": name, **({"boot_url": boot_urls[name]} if name and name != names[0] else {})}


def no_host_of(network: ipaddress.IPv4Network, address: ipaddress.IPv4Address) -> str | None:
    """Why an address cannot be that of a host in a network, if it cannot."""
    if address not in network:
        return f"is outside {network}"
    if address == network.network_address:
        return f"is the network address of {network}"
    if address == network.broadcast_address:
        return f"is the broadcast address of {network}"
    return None


def _lease(value: object) -> str:
    """A lease time, as it is written."""
    if parse_duration(value) < _SHORTEST_LEASE:
        raise PxeError(f"{shown(value)} is shorter than DHCP servers allow; write at least 2m")
    return str(value)


def _range(
    section: Section, network: ipaddress.IPv4Network | None, gateway: ipaddress.IPv4Address | None
) -> tuple[ipaddress.IPv4Address, ipaddress.IPv4Address] | None:
    """First and last address that are lent to unknown machines; ``None`` if there are none or they are wrong."""
    example = "[10.77.0.100, 10.77.0.199]"
    ends = section.items("range", parse_ipv4, example)
    written = section.data.get("range")
    if isinstance(written, list) and len(written) != 2:
        section.mistake("range", f"has {len(written)} items; write the first and the last address: {example}")
    if len(ends) != 2 or len(t.cast("list[object]", written)) != 2:
        return None
    first, last = ends
    problems = [
        (index, end, problem)
        for index, end in enumerate(ends)
        if network and (problem := no_host_of(network, end))
    ]
    for index, end, problem in problems:
        section.mistake("range", f"{end} {problem}; write a range inside the network", index)
    if first > last:
        section.mistake("range", f"{first}-{last} ends before it begins; write [{last}, {first}]")
    elif gateway and not problems and first <= gateway <= last:
        section.mistake("range", f"{first}-{last} has the gateway {gateway} in it; write a range without it")
    return (first, last) if first <= last and not problems else None
