# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""MAC addresses, IPv4 addresses, networks and ranges, as users write them.

Every parser takes one value as it comes out of YAML or INI, returns it in its one normal form, or raises
``PxeError`` with a sentence that names the value, what is wrong with it and what to write instead.
"""

from __future__ import annotations

import bisect
import ipaddress
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

_MAC_EXAMPLE = "52:54:00:aa:00:01"
# All twelve digits must be there: netaddr takes groups that lack some, and a slip would become another machine's MAC.
_MAC_FORMS = re.compile(
    r"[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}|[0-9a-f]{4}([.-])[0-9a-f]{4}\2[0-9a-f]{4}|[0-9a-f]{6}-?[0-9a-f]{6}",
    re.IGNORECASE,
)
# 20 bytes (RFC 4391), or the port's GUID, of 8.
_INFINIBAND = re.compile(r"[0-9a-f]{2}(?:(?:[:-][0-9a-f]{2}){19}|(?:[:-][0-9a-f]{2}){7})", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdw])")

T = t.TypeVar("T")


def shown(value: object) -> str:
    """A value of a description for a message: on one line, cut short if it is long."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:57]}...")
    return str(value) if isinstance(value, (int, float)) else kind_of(value)


def kind_of(value: object) -> str:
    """What a value is, in a user's words."""
    for types, name in (
        ((bool,), "true/false"),
        ((str,), "text"),
        ((int, float), "a number"),
        ((list, tuple), "a list"),
        ((dict,), "a mapping"),
    ):
        if isinstance(value, types):
            return name
    return "nothing" if value is None else "something else"


def parse_mac(value: object) -> str:
    """A MAC address (IEEE 802, 48 bits) in lower case with colons.

    Accepts colons, hyphens, Cisco's dotted groups, the same with hyphens (Huawei, HPE Comware), two halves (HPE
    ProCurve), and digits alone, as on labels. YAML 1.1 reads ``52:54:00:00:00:01``, unquoted, as a number
    in base 60 (https://yaml.org/type/int.html): such a number is refused, with the address that it likely was.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        likely = mac_from_base60(value)
        example = likely or _MAC_EXAMPLE
        was = " (YAML read the digits and colons as one number in base 60)" if likely else ""
        raise PxeError(f"{value} is a number{was}; quote the MAC: '{example}'")
    if not isinstance(value, str):
        raise PxeError(f"must be text, not {kind_of(value)}; write a MAC address such as '{_MAC_EXAMPLE}'")
    if _INFINIBAND.fullmatch(value):
        # RFC 4390: such a client's requests have no hardware address.
        raise PxeError(
            f"{shown(value)} is the address of an InfiniBand port, by which neither DHCP nor boot files know a "
            f"machine; write the MAC address of an Ethernet port that the machine boots from, such as '{_MAC_EXAMPLE}'"
        )
    if not _MAC_FORMS.fullmatch(value):
        raise PxeError(
            f"{shown(value)} is not a MAC address; write six groups of two hexadecimal digits such as '{_MAC_EXAMPLE}'"
        )
    digits = re.sub(r"[^0-9a-f]", "", value.lower())
    if int(digits, 16) == 0 or int(digits[:2], 16) & 1:
        raise PxeError(
            f"{shown(value)} is not the MAC address of one machine (it is zero, a multicast or the broadcast address); "
            "write the one that the machine's network card has"
        )
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def mac_from_base60(number: int) -> str | None:
    """The MAC address whose six groups of decimal digits YAML 1.1 has read as a number in base 60.

    ``None`` if the number cannot have been one: then it has other than six digits in base 60.
    """
    groups: list[int] = []
    while len(groups) < 5:
        number, group = divmod(number, 60)
        groups.append(group)
    # YAML allows any first group; a MAC address has two digits there, and it begins with 1 to 9.
    if not 1 <= number <= 99:
        return None
    return ":".join(f"{group:02d}" for group in [number, *reversed(groups)])


def parse_ipv4(value: object) -> ipaddress.IPv4Address:
    """One IPv4 address."""
    if not isinstance(value, str):
        raise PxeError(f"must be text, not {kind_of(value)}; write an IPv4 address such as 10.77.0.1")
    try:
        address = ipaddress.IPv4Address(value)
    except ValueError:
        raise PxeError(_not_ipv4(value, "address", "10.77.0.1")) from None
    if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_reserved:
        raise PxeError(
            f"{shown(value)} is not the address of a host in a network; write one such as 10.77.0.1"
        )
    return address


def parse_network(value: object) -> ipaddress.IPv4Network:
    """An IPv4 network as ``address/prefix length``, with room for hosts: at most /30."""
    if not isinstance(value, str):
        raise PxeError(f"must be text, not {kind_of(value)}; write a network such as 10.77.0.0/24")
    if not re.fullmatch(r"[^/]+/[0-9]{1,2}", value):
        raise PxeError(_not_ipv4(value, "network", "10.77.0.0/24"))
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        raise PxeError(_not_ipv4(value, "network", "10.77.0.0/24")) from None
    if str(network) != value:
        raise PxeError(f"{shown(value)} is an address in a network; write the network itself: {network}")
    if not 8 <= network.prefixlen <= 30:
        raise PxeError(f"{shown(value)} is not a network that machines can boot in; write one from /8 to /30")
    if (
        network.is_multicast
        or network.is_loopback
        or network.is_reserved
        or network.network_address.packed[0] == 0
    ):
        raise PxeError(f"{shown(value)} is not a network of hosts; write one such as 10.77.0.0/24")
    return network


def _not_ipv4(value: str, what: str, example: str) -> str:
    try:
        ipaddress.IPv6Interface(value)
    except ValueError:
        return f"{shown(value)} is not an IPv4 {what}; write one such as {example}"
    return f"{shown(value)} is IPv6, over which this version does not boot; write an IPv4 {what} such as {example}"


def parse_duration(value: object) -> int:
    """Seconds of a duration such as ``90s``, ``45m``, ``12h``, ``2d`` or ``1w`` (dnsmasq's units)."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise PxeError(
            f"{shown(value)} is not a duration; write a whole number and its unit (s, m, h, d or w), such as 12h"
        )
    return int(match[1]) * _SECONDS[match[2]]


class Intervals(t.Generic[T]):
    """Closed intervals of whole numbers, each with an owner; finds the owner of a number in O(log n).

    They should not overlap. Where they do, ``overlaps`` says so, and ``find`` still finds an owner.
    """

    def __init__(self, items: t.Iterable[tuple[int, int, T]]) -> None:
        self._items = sorted(items, key=lambda item: item[:2])
        self._starts = [item[0] for item in self._items]

    def find(self, number: int) -> T | None:
        """The owner of the interval that begins last among those that have the number; ``None`` if none has it.

        With overlaps, an interval that ends before the number hides one around it: nothing is found then.
        """
        index = bisect.bisect_right(self._starts, number) - 1
        if index < 0 or self._items[index][1] < number:
            return None
        return self._items[index][2]

    def overlaps(self) -> t.Iterator[tuple[T, T]]:
        """Each interval that overlaps one that begins before it, after that one."""
        reach: tuple[int, int, T] | None = None
        for item in self._items:
            if reach is not None and item[0] <= reach[1]:
                yield reach[2], item[2]
            if reach is None or item[1] > reach[1]:
                reach = item
