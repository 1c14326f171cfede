# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about networks: subnets, their ranges, and the addresses that are taken in them."""

from __future__ import annotations

import bisect
import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_options import read_options
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import DhcpBackend, able
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import (
    Intervals,
    kind_of,
    parse_duration,
    parse_ipv4,
    parse_network,
    shown,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Order, Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
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
    "ranges",
    "bootp",
    "lease",
    "max_lease",
    "options",
    "proxy",
    "http_server",
    "shared_network",
)
#: dnsmasq silently makes a shorter lease this long.
_SHORTEST_LEASE = 120


@dataclass(frozen=True)
class Range:
    """Addresses that are assigned to machines which are not described, as it is written."""

    first: int
    last: int
    section: Section
    key: str
    #: Its place in the list, if it is in one.
    index: int | None = None

    @property
    def address(self) -> str:
        """Where it stands in the description."""
        return self.section.at(self.key) + ("" if self.index is None else f"[{self.index}]")

    @property
    def order(self) -> tuple[int, ...]:
        return (*self.section.place(self.key), self.index or 0)

    def __str__(self) -> str:
        return _span(self.first, self.last)


@dataclass
class Subnet:
    """A subnet that could be read."""

    section: Section
    network: ipaddress.IPv4Network
    ranges: list[Range]
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
    ranges = Intervals((span.first, span.last, span) for subnet in subnets for span in subnet.ranges)
    for one_range, other_range in ranges.overlaps():
        before, after = sorted((one_range, other_range), key=lambda span: span.order)
        after.section.mistake(
            after.key,
            f"{after} overlaps {before}, which is {before.address}; separate them",
            after.index,
        )
    return Networks(subnets, by_address, apart and len(subnets) == len(sections) > 0)


def is_proxied(networks: Networks, address: str) -> bool:
    """Whether the network of this address has a DHCP server that is not ours, which assigns the addresses."""
    subnet = networks.by_address.find(int(ipaddress.IPv4Address(address))) if address else None
    return subnet is not None and "proxy" in subnet.record


def share_networks(networks: Networks, server: str) -> None:
    """Add ``shared_from`` to subnets that share a wire: dnsmasq must be told from where it may assign addresses there.

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


def taken_addresses(networks: Networks, servers: t.Iterable[tuple[Order, str, str]]) -> dict[int, str]:
    """The addresses that no machine may have, and what has each.

    :arg servers: the address of each server, and what says it: ``site_server.address``
    """
    taken: dict[int, str] = {}
    for _order, address, name in servers:
        taken.setdefault(int(ipaddress.IPv4Address(address)), name)
    for subnet in networks.subnets:
        if subnet.record["gateway"]:
            taken.setdefault(
                int(ipaddress.IPv4Address(subnet.record["gateway"])), subnet.section.at("gateway")
            )
    return taken


def exclude_taken(networks: Networks, taken: t.Mapping[int, str], machines: t.Iterable[Record]) -> list[str]:
    """Write ``ranges`` into the subnets: what is described, without the addresses that somebody has already.

    :arg taken: the addresses of servers and gateways, and what has each
    :arg machines: the plan's machines
    :returns: sentences about ranges that are not as they are written
    """
    owners = dict(taken)
    for subnet in networks.subnets:
        for key in ("dns", "ntp"):
            for address in subnet.record[key]:
                owners.setdefault(int(ipaddress.IPv4Address(address)), subnet.section.at(key))
    for machine in machines:
        # Without a subnet, its address is wrong.
        if "subnet" in machine:
            owners.setdefault(int(ipaddress.IPv4Address(machine["address"])), machine["name"])
    numbers = sorted(owners)
    notes = []
    for subnet in networks.subnets:
        subnet.record["ranges"] = []
        for span in subnet.ranges:
            inside = numbers[
                bisect.bisect_left(numbers, span.first) : bisect.bisect_right(numbers, span.last)
            ]
            pieces = _pieces(span, inside)
            if inside and pieces:
                notes.append(_note(span, pieces, [(number, owners[number]) for number in inside]))
            if not pieces:
                span.section.mistake(
                    span.key,
                    f"{span} has no free address: described machines and servers have them all; "
                    "write a longer range, or leave it out",
                    span.index,
                )
            subnet.record["ranges"] += [[_dotted(first), _dotted(last)] for first, last in pieces]
    return notes


def _pieces(span: Range, taken: t.Sequence[int]) -> list[tuple[int, int]]:
    """What is left of a range between addresses in it, which are in order."""
    starts = [span.first, *(number + 1 for number in taken)]
    ends = [*(number - 1 for number in taken), span.last]
    return [(start, end) for start, end in zip(starts, ends) if start <= end]


def _note(span: Range, pieces: list[tuple[int, int]], taken: list[tuple[int, str]]) -> str:
    around = _some([f"{_dotted(number)} ({owner})" for number, owner in taken])
    left = _some([_span(first, last) for first, last in pieces])
    return f"{span.address}, {span}, excludes {around}; it leases {left}"


def _some(words: list[str]) -> str:
    """All of a few words, the first of many."""
    if len(words) > 4:
        words = [*words[:3], f"{len(words) - 3} more"]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _dotted(number: int) -> str:
    return str(ipaddress.IPv4Address(number))


def _span(first: int, last: int) -> str:
    return _dotted(first) if first == last else f"{_dotted(first)}-{_dotted(last)}"


#: By key of a subnet's record: the key that is written, which is also the ability, and what is wrong without it.
_SUBNET_KEYS = {
    "proxy": ("proxy", "is not supported by {name!r}; write {able}, or leave proxy out"),
    "shared_network": ("shared_network", "is not supported by {name!r}; write {able}, or leave it out"),
    "boot_url": (
        "http_server",
        "{http_server} cannot be announced by {name!r}, whose lines for other DHCP servers name one HTTP server; "
        "leave it out, or write {able}",
    ),
}


def check_subnets(networks: Networks, backend: DhcpBackend) -> None:
    """Refuse what a DHCP server cannot do for a subnet."""
    for subnet in networks.subnets:
        for said, (key, message) in _SUBNET_KEYS.items():
            if said in subnet.record and not getattr(backend, key):
                words = {
                    "name": backend.name,
                    "able": able("dhcp", key),
                    "http_server": subnet.record["http_server"],
                }
                subnet.section.mistake(key, message.format(**words))


def lease_notes(networks: Networks, backend: DhcpBackend) -> list[str]:
    """What a DHCP server cannot do for the leases of a subnet, as sentences."""
    notes = []
    for subnet in networks.subnets:
        section, record = subnet.section, subnet.record
        lacking = [key for key in ("bootp", "max_lease") if key in record and not getattr(backend, key)]
        if not backend.serves and lacking:
            notes.append(
                f"{' and '.join(map(section.at, lacking))} {'is' if len(lacking) == 1 else 'are'} not in the lines "
                "for other DHCP servers, whose owners assign the addresses"
            )
        elif "max_lease" in lacking:
            notes.append(
                f"{section.at('max_lease')} is not supported by {backend.program}; its leases last {record['lease']}, "
                "less for clients that ask for less, and never more"
            )
    return notes


def _place(subnet: Subnet) -> tuple[int, ...]:
    return subnet.section.order


def _subnet(section: Section, boot_urls: t.Mapping[str, str]) -> Subnet | None:
    network = section.need("cidr", parse_network, "the network, such as 10.77.0.0/24")
    gateway = section.get("gateway", parse_ipv4)
    dns = section.items("dns", parse_ipv4, "[10.77.0.1]")
    ntp = section.items("ntp", parse_ipv4, "[10.77.0.1]")
    ranges = _ranges(section, network)
    record: Record = {
        "gateway": str(gateway) if gateway else None,
        "dns": [str(address) for address in dns],
        "domain": section.get("domain", parse_domain, ""),
        "ntp": [str(address) for address in ntp],
        "ranges": [],
        "lease": section.get("lease", _lease, "12h"),
        **_http_server(section, boot_urls),
        **_extras(section),
    }
    if section.has("shared_network"):
        record["shared_network"] = section.get("shared_network", parse_name, "")
    if section.get("proxy", parse_bool, False):
        # Only where it is so: what knows of no proxy need not know the word.
        record["proxy"] = True
        _check_proxy(section)
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
    return Subnet(section, network, ranges, record)


def _extras(section: Section) -> Record:
    """What is in the record only where it is said: what knows of none of it need not know the words."""
    extras: Record = {}
    if section.get("bootp", parse_bool, False):
        extras["bootp"] = True
    longest = section.get("max_lease", _lease)
    lease = section.get("lease", _lease, "12h") if longest else ""
    if longest and parse_duration(longest) < parse_duration(lease):
        section.mistake(
            "max_lease", f"{longest} is shorter than the lease, {lease}; write a longer one, or leave it out"
        )
    elif longest:
        extras["max_lease"] = longest
    if section.has("options"):
        extras["options"] = read_options(section, "options")
    return extras


def _check_proxy(section: Section) -> None:
    for key in ("range", "ranges"):
        if section.has(key):
            section.mistake(
                key,
                "does not apply to a proxy; the network's own DHCP server assigns the addresses. Leave it out",
            )
    for key in ("bootp", "max_lease", "options"):
        if section.has(key):
            section.mistake(
                key, "is not sent by a proxy; set it on the network's own DHCP server. Leave it out"
            )


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


def _ranges(section: Section, network: ipaddress.IPv4Network | None) -> list[Range]:
    """The good ones of the ranges of a subnet."""
    example = "[10.77.0.100, 10.77.0.199]"
    single = section.raw_list("range", example)
    found = [_range(section, "range", None, single, network)] if section.data.get("range") == single else []
    for index, written in enumerate(section.raw_list("ranges", f"[{example}]")):
        if isinstance(written, list):
            found.append(_range(section, "ranges", index, t.cast("list[object]", written), network))
        else:
            section.mistake("ranges", f"must be a list, not {kind_of(written)}; write {example}", index)
    return [span for span in found if span]


def _range(
    section: Section,
    key: str,
    index: int | None,
    written: list[object],
    network: ipaddress.IPv4Network | None,
) -> Range | None:
    """One range; ``None`` if it is wrong."""
    if len(written) != 2:
        section.mistake(
            key,
            f"has {len(written)} items; write the first and the last address: [10.77.0.100, 10.77.0.199]",
            index,
        )
        return None
    ends = [
        _end(section, key, position if index is None else index, value, network)
        for position, value in enumerate(written)
    ]
    first, last = ends
    if first is None or last is None:
        return None
    if first > last:
        section.mistake(key, f"{first}-{last} ends before it begins; write [{last}, {first}]", index)
        return None
    return Range(int(first), int(last), section, key, index)


def _end(
    section: Section, key: str, index: int, value: object, network: ipaddress.IPv4Network | None
) -> ipaddress.IPv4Address | None:
    """An end of a range."""
    try:
        address = parse_ipv4(value)
        problem = no_host_of(network, address) if network else None
        if problem:
            raise PxeError(f"{address} {problem}; write a range inside the network")
    except PxeError as error:
        section.mistake(key, str(error), index)
        return None
    return address
