# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Builds and reads DHCPv4 messages as PXE clients send and receive them. Bytes in, bytes out; no sockets.

Formats:

* RFC 2131: the message, and options that overflow into its ``file`` and ``sname`` fields (option 52)
* RFC 2132: options; RFC 3396: one option in several pieces; RFC 3004: user class
* RFC 4578: client architecture (93), network interface (94) and machine identifier (97) of PXE clients
* iPXE's encapsulated option 175 and its plain-text user class (src/include/ipxe/dhcp.h of iPXE)
* RFC 791, RFC 768: IPv4 and UDP, for clients that have no address yet and so must write whole frames

MAC addresses and IPv4 addresses are text (``52:54:00:aa:00:01``, ``10.77.0.11``); times are seconds.
"""

from __future__ import annotations

import re
import socket
import struct
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import fetches_by_http

CLIENT_PORT, SERVER_PORT = 68, 67
# A field that says nothing; nobody listens there.
NO_ADDRESS = "0.0.0.0"  # noqa: S104
BROADCAST = 0x8000

# Message types (option 53)
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)

# Options
PAD, END = 0, 255
NETMASK, ROUTER, DNS, HOSTNAME, DOMAIN, NTP = 1, 3, 6, 12, 15, 42
VENDOR_OPTIONS, REQUESTED_ADDRESS, LEASE_TIME, OVERLOAD, MESSAGE_TYPE = 43, 50, 51, 52, 53
SERVER_ID, PARAMETERS, MESSAGE, MAXIMUM_SIZE = 54, 55, 56, 57
VENDOR_CLASS, CLIENT_ID, TFTP_SERVER, BOOT_FILE, USER_CLASS = 60, 61, 66, 67, 77
ARCHITECTURE, INTERFACE, MACHINE_ID, IPXE = 93, 94, 97, 175
# Inside option 175
IPXE_NO_PROXY, IPXE_HTTP, IPXE_VERSION = 176, 19, 235

# op, htype, hlen, hops, xid, secs, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file
_HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_COOKIE = b"\x63\x82\x53\x63"
# BOOTP's size (RFC 951): some servers and relays drop what is shorter.
_SMALLEST = 300
_ETHERNET, _MAC_LENGTH, _IPV4, _UDP = 1, 6, 0x0800, 17
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class DhcpError(PxeError):
    """Bytes that are no DHCP message, or values that fit into none."""


@dataclass(frozen=True)
class Message:
    """A DHCP message. ``options`` maps codes to whole values: pieces joined, overloaded fields included."""

    op: int
    xid: int
    mac: str
    options: dict[int, bytes] = field(default_factory=dict)
    flags: int = 0
    secs: int = 0
    hops: int = 0
    ciaddr: str = NO_ADDRESS
    yiaddr: str = NO_ADDRESS
    siaddr: str = NO_ADDRESS
    giaddr: str = NO_ADDRESS
    sname: bytes = b""
    file: bytes = b""

    @property
    def kind(self) -> int | None:
        """The message type (``OFFER``, ``ACK``, …); None for plain BOOTP."""
        value = self.options.get(MESSAGE_TYPE, b"")
        return value[0] if len(value) == 1 else None


@dataclass(frozen=True)
class Boot:
    """What a client was told to load: a TFTP path below ``server``, or a whole URL."""

    file: str
    server: str

    @property
    def is_url(self) -> bool:
        return "://" in self.file


def mac_bytes(mac: str) -> bytes:
    """``52:54:00:aa:00:01`` as six bytes."""
    if not _MAC.fullmatch(mac.lower()):
        raise DhcpError(
            f"{mac!r} is not a MAC address: write six hexadecimal pairs, such as 52:54:00:aa:00:01"
        )
    return bytes.fromhex(mac.replace(":", ""))


def address_bytes(address: str) -> bytes:
    """``10.77.0.11`` as four bytes."""
    try:
        return socket.inet_pton(socket.AF_INET, address)
    except OSError:
        raise DhcpError(f"{address!r} is not an IPv4 address: write one such as 10.77.0.11") from None


def _text_address(value: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET, value)


def addresses(value: bytes) -> list[str]:
    """The value of an option that is a list of addresses (3, 6, 42, …)."""
    if len(value) % 4:
        raise DhcpError(f"a list of addresses has {len(value)} bytes, not a multiple of 4")
    return [_text_address(value[at : at + 4]) for at in range(0, len(value), 4)]


def text(value: bytes) -> str:
    """The value of a text option: some servers end it with a NUL (RFC 2132, 2)."""
    return value.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def number(value: bytes) -> int:
    """The value of an option that is one unsigned number of 1, 2 or 4 bytes."""
    return int.from_bytes(value, "big")


# Options


def encode_options(options: t.Mapping[int, bytes]) -> bytes:
    """Options in the mapping's order, without the end mark; long ones in pieces of 255 bytes (RFC 3396)."""
    parts = []
    for code, value in options.items():
        if not PAD < code < END:
            raise DhcpError(f"{code} is not an option: options are numbered from 1 to 254")
        pieces = [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]
        parts += [bytes((code, len(piece))) + piece for piece in pieces]
    return b"".join(parts)


def decode_options(data: bytes) -> dict[int, bytes]:
    """Options up to the end mark, or the end of ``data``; pieces of the same code are joined (RFC 3396)."""
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != END:
        if data[at] == PAD:
            at += 1
            continue
        value = data[at + 2 : at + 2 + data[at + 1]] if at + 1 < len(data) else None
        if value is None or len(value) < data[at + 1]:
            raise DhcpError(f"option {data[at]} is cut off")
        options[data[at]] = options.get(data[at], b"") + value
        at += 2 + len(value)
    return options


def _overloaded(
    options: dict[int, bytes], file: bytes, sname: bytes
) -> tuple[dict[int, bytes], bytes, bytes]:
    """The fields that hold options (option 52: 1 file, 2 sname, 3 both) read as such, file first (RFC 2131, 4.1)."""
    which = number(options.get(OVERLOAD, b"\0"))
    areas = [area for bit, area in ((1, file), (2, sname)) if which & bit]
    merged = dict(options)
    for area in areas:
        for code, value in decode_options(area).items():
            merged[code] = merged.get(code, b"") + value
    return merged, b"" if which & 1 else file, b"" if which & 2 else sname


# Messages


def build(message: Message) -> bytes:
    """The message as it goes into a UDP datagram, padded to BOOTP's size."""
    if len(message.file) > 128 or len(message.sname) > 64:
        raise DhcpError("the boot file's name may have 128 bytes and the server's name 64")
    fields = [address_bytes(getattr(message, name)) for name in ("ciaddr", "yiaddr", "siaddr", "giaddr")]
    head = _HEADER.pack(
        message.op,
        _ETHERNET,
        _MAC_LENGTH,
        message.hops,
        message.xid,
        message.secs,
        message.flags,
        *fields,
        mac_bytes(message.mac),
        message.sname,
        message.file,
    )
    return (head + _COOKIE + encode_options(message.options) + bytes((END,))).ljust(_SMALLEST, b"\0")


def parse(data: bytes) -> Message:
    """A UDP datagram's content as a message; DhcpError says what is wrong with it."""
    if len(data) < _HEADER.size + len(_COOKIE):
        raise DhcpError(f"{len(data)} bytes are too few for a DHCP message")
    op, kind, length, hops, xid, secs, flags, *rest = _HEADER.unpack_from(data)
    if (kind, length) != (_ETHERNET, _MAC_LENGTH):
        raise DhcpError(
            f"the hardware address is of type {kind} with {length} bytes: only Ethernet is understood"
        )
    if data[_HEADER.size : _HEADER.size + len(_COOKIE)] != _COOKIE:
        raise DhcpError("the magic cookie is missing: this is BOOTP or no DHCP message at all")
    ciaddr, yiaddr, siaddr, giaddr, hardware, sname, file = rest
    options, file, sname = _overloaded(decode_options(data[_HEADER.size + len(_COOKIE) :]), file, sname)
    return Message(
        op,
        xid,
        hardware[:_MAC_LENGTH].hex(":"),
        options,
        flags,
        secs,
        hops,
        _text_address(ciaddr),
        _text_address(yiaddr),
        _text_address(siaddr),
        _text_address(giaddr),
        sname.split(b"\0", 1)[0],
        file.split(b"\0", 1)[0],
    )


def boot(message: Message) -> Boot | None:
    """What an offer or acknowledgement tells the client to load; None if nothing.

    The name is in option 67, else in the ``file`` field; the server is ``siaddr``, else option 66, else option 54.
    """
    name = text(message.options.get(BOOT_FILE, b"")) or text(message.file)
    if not name:
        return None
    if message.siaddr != NO_ADDRESS:
        return Boot(name, message.siaddr)
    other = text(message.options.get(TFTP_SERVER, b""))
    return Boot(name, other or ", ".join(addresses(message.options.get(SERVER_ID, b""))))


# Clients


@dataclass(frozen=True)
class Client:
    """Something that asks for an address. ``options`` are those that it sends with every message."""

    mac: str
    options: dict[int, bytes]


# What each kind of client asks for (option 55): PXE 2.1 firmware, iPXE (src/net/udp/dhcp.c), an operating system.
_PXE_WANTS = bytes(
    (*range(1, 7), 12, 13, 15, 17, 18, 22, 23, 28, *range(40, 44), 50, 51, 54, *range(58, 61), 66, 67, 97)
)
_IPXE_WANTS = bytes((1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, *range(128, 136), 175, 203))
_SYSTEM_WANTS = bytes((1, 3, 6, 12, 15, 26, 28, 42, 51, 54, 58, 59, 119, 121))


def _pxe_options(mac: str, architecture: int, vendor: str) -> dict[int, bytes]:
    """What RFC 4578 demands of every PXE client; the machine identifier is made of the MAC."""
    machine = b"\0" + b"netinstall" + mac_bytes(mac)
    return {
        MAXIMUM_SIZE: struct.pack("!H", 1472),
        MACHINE_ID: machine,
        ARCHITECTURE: struct.pack("!H", architecture),
        INTERFACE: b"\x01\x03\x10",
        VENDOR_CLASS: f"{vendor}:Arch:{architecture:05d}:UNDI:003016".encode(),
    }


def firmware(mac: str, architecture: int) -> Client:
    """A PXE ROM or UEFI of that architecture (option 93); it says itself whether it boots by HTTP."""
    vendor = "HTTPClient" if fetches_by_http(architecture) else "PXEClient"
    options = _pxe_options(mac, architecture, vendor)
    return Client(mac, {**options, CLIENT_ID: options[MACHINE_ID], PARAMETERS: _PXE_WANTS})


def ipxe(mac: str, architecture: int, user_class: bool = True, features: bool = True) -> Client:
    """iPXE on a machine of that architecture (0 BIOS, 7 UEFI); either of the two marks of iPXE may be left out."""
    options = _pxe_options(mac, architecture, "PXEClient")
    if user_class:
        options[USER_CLASS] = b"iPXE"
    if features:
        inner = {177: b"\x01\x1a\xf4\x10\x41", IPXE_HTTP: b"\x01", IPXE_VERSION: b"\x02\x00\x00"}
        options[IPXE] = encode_options(inner)
    return Client(mac, {**options, CLIENT_ID: b"\x01" + mac_bytes(mac), PARAMETERS: _IPXE_WANTS})


def system(mac: str, hostname: str = "") -> Client:
    """An operating system that boots from its disk; its identifier is not the MAC (RFC 4361), as systemd's."""
    options = {
        CLIENT_ID: b"\xff" + mac_bytes(mac)[2:] + b"\x00\x02\x00\x00\xab\x11" + mac_bytes(mac),
        PARAMETERS: _SYSTEM_WANTS,
    }
    return Client(mac, {**options, HOSTNAME: hostname.encode()} if hostname else options)


def discover(client: Client, xid: int, secs: int = 0) -> Message:
    """The client's first message."""
    return Message(1, xid, client.mac, {MESSAGE_TYPE: bytes((DISCOVER,)), **client.options}, BROADCAST, secs)


def request(client: Client, offer: Message) -> Message:
    """The client's answer to an offer that it takes (RFC 2131, 4.3.2, SELECTING)."""
    if SERVER_ID not in offer.options:
        raise DhcpError("the offer does not say which server it is from (option 54)")
    options = {
        MESSAGE_TYPE: bytes((REQUEST,)),
        SERVER_ID: offer.options[SERVER_ID],
        REQUESTED_ADDRESS: address_bytes(offer.yiaddr),
        **client.options,
    }
    return Message(1, offer.xid, client.mac, options, BROADCAST, offer.secs)


def release(client: Client, lease: Message) -> Message:
    """Gives the address of an acknowledgement back."""
    options = {MESSAGE_TYPE: bytes((RELEASE,)), SERVER_ID: lease.options[SERVER_ID]}
    if CLIENT_ID in client.options:
        options[CLIENT_ID] = client.options[CLIENT_ID]
    return Message(1, lease.xid, client.mac, options, ciaddr=lease.yiaddr)


# Frames


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(payload: bytes, mac: str, source: str = NO_ADDRESS, target: str = "255.255.255.255") -> bytes:
    """A client's DHCP datagram as a broadcast Ethernet frame."""
    ends = address_bytes(source) + address_bytes(target)
    length = 8 + len(payload)
    udp = struct.pack("!HHHH", CLIENT_PORT, SERVER_PORT, length, 0) + payload
    checksum = _checksum(ends + struct.pack("!BBH", 0, _UDP, length) + udp) or 0xFFFF
    udp = udp[:6] + struct.pack("!H", checksum) + udp[8:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0x10, 20 + length, 0, 0, 64, _UDP, 0) + ends
    ip = ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:]
    return b"\xff" * 6 + mac_bytes(mac) + struct.pack("!H", _IPV4) + ip + udp


def unframe(data: bytes) -> bytes | None:
    """The DHCP datagram in an Ethernet frame from a server to a client; None for any other frame."""
    if len(data) < 34 or data[12:14] != struct.pack("!H", _IPV4) or data[14] >> 4 != 4 or data[23] != _UDP:
        return None
    if struct.unpack_from("!H", data, 20)[0] & 0x3FFF:
        return None  # a fragment
    start = 14 + (data[14] & 15) * 4
    if len(data) < start + 8 or data[14] & 15 < 5:
        return None
    source, target, length, _checksum_field = struct.unpack_from("!HHHH", data, start)
    if (source, target) != (SERVER_PORT, CLIENT_PORT) or not 8 <= length <= len(data) - start:
        return None
    return data[start + 8 : start + length]
