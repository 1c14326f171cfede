# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""DHCP options of a site's own, as users write them: ``{interface-mtu: 1500, 224: {type: text, value: abc}}``.

Names are those that ISC dhcpd (dhcp-options(5)) and Kea (its list of standard options) have in common. The servers are
told numbers: dnsmasq has other names. Formats: RFC 2132; RFC 1035, 3.1, for domains (RFC 3397); RFC 3442 for routes.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import kind_of, parse_ipv4, shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    one_of,
    parse_bool,
    parse_domain,
)

Record = dict[str, t.Any]
#: The values as text, and all of them as they are sent.
_Read = tuple[list[str], bytes]

#: What names are said to be written for instead of a name or a number.
_EXAMPLE = "224: {type: text, value: abc}"
# The length of an option is one byte.
_LONGEST = 255
_ROUTE = re.compile(r"(\S+) via (\S+)")
_HEX = re.compile(r"[0-9a-f]{2}(?::?[0-9a-f]{2})*", re.IGNORECASE)


def _address(value: object) -> _Read:
    address = parse_ipv4(value)
    return [str(address)], address.packed


def _several(value: object, parse: t.Callable[[object], _Read]) -> _Read:
    """One or a list of them."""
    items = t.cast("list[object]", value) if isinstance(value, list) else [value]
    if not items:
        raise PxeError("is an empty list; write at least one value, or leave the option out")
    read = [parse(item) for item in items]
    return [text for texts, _sent in read for text in texts], b"".join(sent for _texts, sent in read)


def _addresses(value: object) -> _Read:
    return _several(value, _address)


def _pairs(value: object) -> _Read:
    texts, sent = _addresses(value)
    if len(texts) % 2:
        raise PxeError(
            f"has {len(texts)} addresses; write pairs, each the target and its router or mask, in one list"
        )
    return texts, sent


def _text(value: object) -> _Read:
    if not isinstance(value, str):
        quote = "; quote it" if isinstance(value, (int, float)) else ""
        raise PxeError(f"must be text, not {kind_of(value)}{quote}")
    if not value or not value.isascii() or not value.isprintable():
        raise PxeError(f"{value!a} is not one line of printable ASCII; type hex takes any bytes")
    return [value], value.encode()


def _number(bits: int, signed: bool = False) -> t.Callable[[object], _Read]:
    least = -(1 << (bits - 1)) if signed else 0
    most = least + (1 << bits) - 1

    def parse(value: object) -> _Read:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise PxeError(f"{shown(value)} is not a whole number from {least} to {most}")
        return [str(value)], value.to_bytes(bits // 8, "big", signed=signed)

    return parse


def _bool(value: object) -> _Read:
    said = parse_bool(value)
    return ["true" if said else "false"], bytes((said,))


def _domain(value: object) -> _Read:
    domain = parse_domain(value)
    if not domain:
        raise PxeError("'' is not a domain name; write one such as lab.example")
    labels = [label.encode() for label in domain.split(".")]
    return [domain], b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def _domains(value: object) -> _Read:
    return _several(value, _domain)


def _route(value: object) -> _Read:
    match = _ROUTE.fullmatch(value) if isinstance(value, str) else None
    try:
        network = ipaddress.IPv4Network(match[1] if match else "")
    except ValueError:
        raise PxeError(
            f"{shown(value)} is not a route; write a network and its router, such as 10.0.0.0/8 via 10.77.0.254"
        ) from None
    router = parse_ipv4(match[2] if match else "")
    # Of the network only the bytes that its prefix reaches
    destination = network.network_address.packed[: (network.prefixlen + 7) // 8]
    return [f"{network} via {router}"], bytes((network.prefixlen,)) + destination + router.packed


def _routes(value: object) -> _Read:
    return _several(value, _route)


def _hex(value: object) -> _Read:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise PxeError(f"{shown(value)} is not in hexadecimal digits; write bytes such as '01:ff:20', quoted")
    sent = bytes.fromhex(value.replace(":", ""))
    return [sent.hex(":")], sent


#: What a value may be.
TYPES: dict[str, t.Callable[[object], _Read]] = {
    "address": _address,
    "addresses": _addresses,
    "text": _text,
    "uint8": _number(8),
    "uint16": _number(16),
    "uint32": _number(32),
    "int32": _number(32, signed=True),
    "bool": _bool,
    "domains": _domains,
    "routes": _routes,
    "hex": _hex,
    "pairs": _pairs,
}
#: Code and type by name
OPTIONS: dict[str, tuple[int, str]] = {
    "time-offset": (2, "int32"),
    "time-servers": (4, "addresses"),
    "log-servers": (7, "addresses"),
    "cookie-servers": (8, "addresses"),
    "lpr-servers": (9, "addresses"),
    "impress-servers": (10, "addresses"),
    "resource-location-servers": (11, "addresses"),
    "boot-size": (13, "uint16"),
    "merit-dump": (14, "text"),
    "swap-server": (16, "address"),
    "root-path": (17, "text"),
    "extensions-path": (18, "text"),
    "ip-forwarding": (19, "bool"),
    "non-local-source-routing": (20, "bool"),
    "policy-filter": (21, "pairs"),
    "max-dgram-reassembly": (22, "uint16"),
    "default-ip-ttl": (23, "uint8"),
    "path-mtu-aging-timeout": (24, "uint32"),
    "interface-mtu": (26, "uint16"),
    "all-subnets-local": (27, "bool"),
    "perform-mask-discovery": (29, "bool"),
    "mask-supplier": (30, "bool"),
    "router-discovery": (31, "bool"),
    "router-solicitation-address": (32, "address"),
    "static-routes": (33, "pairs"),
    "trailer-encapsulation": (34, "bool"),
    "arp-cache-timeout": (35, "uint32"),
    "ieee802-3-encapsulation": (36, "bool"),
    "default-tcp-ttl": (37, "uint8"),
    "tcp-keepalive-interval": (38, "uint32"),
    "tcp-keepalive-garbage": (39, "bool"),
    "nis-domain": (40, "text"),
    "nis-servers": (41, "addresses"),
    "netbios-name-servers": (44, "addresses"),
    "netbios-dd-server": (45, "addresses"),
    "netbios-node-type": (46, "uint8"),
    "netbios-scope": (47, "text"),
    "font-servers": (48, "addresses"),
    "x-display-manager": (49, "addresses"),
    "nisplus-servers": (65, "addresses"),
    "mobile-ip-home-agent": (68, "addresses"),
    "smtp-server": (69, "addresses"),
    "pop-server": (70, "addresses"),
    "nntp-server": (71, "addresses"),
    "www-server": (72, "addresses"),
    "finger-server": (73, "addresses"),
    "irc-server": (74, "addresses"),
    "streettalk-server": (75, "addresses"),
    "streettalk-directory-assistance-server": (76, "addresses"),
    "pcode": (100, "text"),
    "tcode": (101, "text"),
    "domain-search": (119, "domains"),
    # Not dhcpd's, but everybody's.
    "classless-static-route": (121, "routes"),
    "tftp-server-address": (150, "addresses"),
}
_NAMES = {code: name for name, (code, _type) in OPTIONS.items()}

_CHAIN = "is how firmware and iPXE are told what to load; leave it out"
_PROTOCOL = "is set by DHCP itself, and differs from message to message; leave it out"
_SERVERS = "is written differently for each DHCP server; write it in its own lines (dhcp_..._extra_lines)"
#: Why an option may not be described, by its code
REFUSED: dict[int, str] = {
    0: "is padding, not an option",
    1: "follows from cidr; leave it out",
    3: "is the gateway; write gateway for the subnet",
    6: "is the name servers; write dns for the subnet",
    12: "is the host name; write machine_hostname",
    15: "is the domain; write domain for the subnet",
    28: "follows from cidr; leave it out",
    42: "is the time servers; write ntp for the subnet",
    43: "misleads the firmware's own boot menu; leave it out",
    51: "is the lease; write lease for the subnet",
    58: "follows from lease; leave it out",
    59: "follows from lease; leave it out",
    108: "tells machines to do without IPv4; leave it out",
    **dict.fromkeys((50, 52, 53, 54, 55, 56, 57, 61, 80, 81, 82, 90, 118), _PROTOCOL),
    **dict.fromkeys((60, 66, 67, 77, 93, 94, 97, 175), _CHAIN),
    209: "makes pxelinux miss what is armed; leave it out",
    210: "makes pxelinux miss what is armed; leave it out",
    **dict.fromkeys((120, 124, 125), _SERVERS),
    255: "ends the message, and is not an option",
}
#: Names of what is refused, and of two fields that are no options
_REFUSED_NAMES: dict[str, int] = {
    "subnet-mask": 1,
    "routers": 3,
    "domain-name-servers": 6,
    "host-name": 12,
    "domain-name": 15,
    "broadcast-address": 28,
    "ntp-servers": 42,
    "vendor-encapsulated-options": 43,
    "dhcp-requested-address": 50,
    "dhcp-lease-time": 51,
    "dhcp-option-overload": 52,
    "dhcp-message-type": 53,
    "dhcp-server-identifier": 54,
    "dhcp-parameter-request-list": 55,
    "dhcp-renewal-time": 58,
    "dhcp-rebinding-time": 59,
    "vendor-class-identifier": 60,
    "dhcp-client-identifier": 61,
    "tftp-server-name": 66,
    "bootfile-name": 67,
    "boot-file-name": 67,
    "filename": 67,
    "next-server": 66,
    "user-class": 77,
    "client-system": 93,
    "pxe-system-type": 93,
    "pxe-interface-id": 94,
    "pxe-client-id": 97,
}


def read_options(section: Section, key: str) -> list[Record]:
    """The options under a key, each as ``{code, name, type, texts, hex}``; those that are wrong are noted.

    ``name`` is the number where an option has no name; ``texts`` are its values, and ``hex`` is what is sent
    (``05:dc``).
    """
    written = section.data.get(key)
    if written is None or isinstance(written, dict):
        found: dict[int, Record] = {}
        for name, value in (written or {}).items():
            try:
                option = _option(section, name, value)
                if option["code"] in found:
                    raise PxeError(f"is option {option['code']}, which is described already; write it once")
            except PxeError as error:
                section.mistake(key, str(error), ascii(str(name))[1:-1])
            else:
                found[option["code"]] = option
        return list(found.values())
    section.mistake(key, f"must be a mapping such as {{interface-mtu: 1500}}, not {kind_of(written)}")
    return []


def _option(section: Section, written: object, value: object) -> Record:
    code, kind = _identify(section, written)
    if isinstance(value, dict):
        kind, value = _typed(code, kind, t.cast("dict[t.Any, object]", value))
    if kind is None:
        raise PxeError(f"is an option without a name, so it needs a type; write one such as {_EXAMPLE}")
    texts, sent = TYPES[kind](value)
    if len(sent) > _LONGEST:
        raise PxeError(f"has {len(sent)} bytes; an option has room for {_LONGEST}")
    return {
        "code": code,
        "name": _NAMES.get(code, str(code)),
        "type": kind,
        "texts": texts,
        "hex": sent.hex(":"),
    }


def _identify(section: Section, written: object) -> tuple[int, str | None]:
    """Code and, if it is known, type of an option by its name or number."""
    is_number = isinstance(written, int) and not isinstance(written, bool)
    if is_number or (isinstance(written, str) and written.isdecimal()):
        code = int(t.cast("str", written))
        if not 0 <= code <= 255:
            raise PxeError("is not an option; options are numbered from 1 to 254")
    else:
        code = _code_of(section, str(written))
    if code in REFUSED:
        raise PxeError(REFUSED[code])
    name = _NAMES.get(code)
    return code, OPTIONS[name][1] if name else None


def _code_of(section: Section, name: str) -> int:
    if name in _REFUSED_NAMES:
        return _REFUSED_NAMES[name]
    if name not in OPTIONS:
        near = section.mistakes.nearest(name, [*OPTIONS, *_REFUSED_NAMES]) or _ending_with(name)
        hint = f"did you mean {near!r}?" if near else f"write its number and type, such as {_EXAMPLE}"
        raise PxeError(f"is not the name of a DHCP option that is known here; {hint}")
    return OPTIONS[name][0]


def _ending_with(word: str) -> str | None:
    """dnsmasq's short names are the ends of others', such as mtu."""
    return next((name for name in OPTIONS if name.endswith(f"-{word}")), None)


def _typed(code: int, known: str | None, written: dict[t.Any, object]) -> tuple[str, object]:
    """Type and value of an option that is written with its type."""
    kind = written.get("type", known)
    if set(written) - {"type", "value"} or "value" not in written or kind is None:
        raise PxeError(f"must have a type and a value, such as {_EXAMPLE}")
    if not isinstance(kind, str) or kind not in TYPES:
        raise PxeError(f"has a type that is not known; write {one_of(TYPES)}")
    if known and kind != known:
        raise PxeError(f"is {_NAMES[code]}, whose type is {known}, not {kind}; leave the type out")
    return kind, written["value"]
