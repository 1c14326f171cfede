# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine did on the lab's network while it booted, read from a packet capture.

The capture is a pcap file (libpcap's classic format, microseconds, Ethernet) of which packets may be cut off after
some bytes: sizes come from the IP header, and only request lines of HTTP are read.
"""

from __future__ import annotations

import collections
import struct
import typing as t

MAGIC = 0xA1B2C3D4
UDP, TCP = 17, 6
DHCP_PORTS, TFTP_PORT, HTTP_PORT = frozenset((67, 68, 4011)), 69, 80
NOT_TFTP = DHCP_PORTS | {53, 123, 1900, 5353, 5355}
DHCP_MAGIC, DHCP_MESSAGE_TYPE, DHCPDISCOVER = b"\x63\x82\x53\x63", 53, 1
KERNEL_NAMES = ("vmlinuz", "linux", "vmlinuz.efi", "wimboot", "mboot.efi", "mboot.c32")
TFTP_DATA, TFTP_HEADER = 3, 4
ECHO_SECONDS, ECHO_FRAMES = 0.05, 256


class Packet(t.NamedTuple):
    """An IPv4 packet with UDP or TCP: `payload` may be cut off, `size` is the payload's true length in bytes."""

    time: float
    source: str
    target: str
    protocol: int
    source_port: int
    target_port: int
    size: int
    payload: bytes


class Request(t.NamedTuple):
    """A request line of HTTP."""

    time: float
    method: str
    path: str
    agent: str


def frames(data: bytes) -> t.Iterator[tuple[float, bytes]]:
    """Yield (unix time, captured bytes) of a pcap file; a last, half-written packet is left out."""
    if len(data) < 24:
        return
    order = "<" if struct.unpack_from("<I", data)[0] == MAGIC else ">"
    if struct.unpack_from(order + "I", data)[0] != MAGIC:
        raise ValueError("not a pcap file with microseconds (the classic libpcap format)")
    offset = 24
    while offset + 16 <= len(data):
        seconds, micros, captured, _length = struct.unpack_from(order + "IIII", data, offset)
        offset += 16 + captured
        if offset <= len(data):
            yield seconds + micros / 1e6, data[offset - captured : offset]


def packets(data: bytes) -> t.Iterator[Packet]:
    """Yield the UDP and TCP packets of a pcap file, each once.

    A multicast group of QEMU's hands a machine its own frames back, so all that it sends is recorded twice.
    """
    recent: collections.OrderedDict[bytes, float] = collections.OrderedDict()
    for time, frame in frames(data):
        packet = ipv4_packet(time, frame)
        if packet and time - recent.get(frame, -ECHO_SECONDS) >= ECHO_SECONDS:
            yield packet
        recent[frame] = time
        if len(recent) > ECHO_FRAMES:
            recent.pop(next(iter(recent), frame))


def ipv4_packet(time: float, frame: bytes) -> Packet | None:
    """Return the UDP or TCP packet of an Ethernet frame (RFC 791, 768, 9293), None for anything else.

    Later fragments of a packet have no ports and are ignored.
    """
    if len(frame) < 42 or frame[12:14] != b"\x08\x00":
        return None
    start = 14 + (frame[14] & 15) * 4
    total, fragment, protocol = (
        int.from_bytes(frame[16:18], "big"),
        int.from_bytes(frame[20:22], "big"),
        frame[23],
    )
    if protocol not in (UDP, TCP) or fragment & 0x1FFF or len(frame) < start + (20 if protocol == TCP else 8):
        return None
    header = 8 if protocol == UDP else (frame[start + 12] >> 4) * 4
    source_port, target_port = struct.unpack_from(">HH", frame, start)
    size = total - (start - 14) - header
    source, target = (".".join(map(str, frame[at : at + 4])) for at in (26, 30))
    return Packet(
        time, source, target, protocol, source_port, target_port, size, frame[start + header : 14 + total]
    )


def is_discover(packet: Packet) -> bool:
    """Whether this is a DHCPDISCOVER (RFC 2131; option 53 = 1)."""
    return (
        packet.protocol == UDP
        and packet.target_port == 67
        and dhcp_option(packet.payload, DHCP_MESSAGE_TYPE) == bytes([DHCPDISCOVER])
    )


def dhcp_option(message: bytes, wanted: int) -> bytes | None:
    """Return an option of a DHCP message (RFC 2132, section 2), None if it is absent or cut off."""
    if message[236:240] != DHCP_MAGIC:
        return None
    at = 240
    while at + 1 < len(message) and message[at] != 255:
        if message[at] == 0:
            at += 1
            continue
        end = at + 2 + message[at + 1]
        if message[at] == wanted and end <= len(message):
            return message[at + 2 : end]
        at = end
    return None


def http_request(packet: Packet) -> Request | None:
    """Return the request that a packet to port 80 begins with."""
    if packet.protocol != TCP or packet.target_port != HTTP_PORT:
        return None
    head, *fields = packet.payload.split(b"\r\n")
    words = head.split(b" ")
    if words[0] not in (b"GET", b"HEAD", b"PUT", b"POST") or len(words) < 2:
        return None
    agent = next((field[11:].strip() for field in fields if field[:11].lower() == b"user-agent:"), b"")
    return Request(
        packet.time, words[0].decode(), words[1].decode("utf-8", "replace"), agent.decode("utf-8", "replace")
    )


def is_tftp(packet: Packet) -> bool:
    """Whether a UDP packet belongs to TFTP: after the first request both sides use ports of their own (RFC 1350)."""
    return packet.protocol == UDP and not {packet.source_port, packet.target_port} & NOT_TFTP


def tftp_bytes(packet: Packet) -> int:
    """Return the file's bytes in a TFTP packet."""
    data = is_tftp(packet) and packet.payload[:2] == TFTP_DATA.to_bytes(2, "big")
    return packet.size - TFTP_HEADER if data else 0


def is_kernel(path: str) -> bool:
    """Whether a request asks for an operating system's kernel."""
    return path.partition("?")[0].rpartition("/")[2] in KERNEL_NAMES


def summary(data: bytes) -> dict[str, t.Any]:
    """Return what a capture shows.

    `seconds` counts from the first DHCPDISCOVER: `tftp` first byte by TFTP, `http` first request over HTTP (that of
    the loader), `kernel` request for the kernel, `installer` first request that is not the loader's. A stage that was
    not seen is absent. `bytes` are those of the files' contents by TFTP and of the answers by HTTP, in bytes, headers
    of HTTP and packets sent twice included. `requests` holds [seconds, method, path].
    """
    found = list(packets(data))
    first = next((packet.time for packet in found if is_discover(packet)), found[0].time if found else 0.0)
    requests = [request for request in map(http_request, found) if request]
    times = {
        "tftp": next((packet.time for packet in found if tftp_bytes(packet)), None),
        "http": next((request.time for request in requests), None),
        "kernel": next((request.time for request in requests if is_kernel(request.path)), None),
        "installer": next((request.time for request in requests if not is_firmware(request.agent)), None),
    }
    return {
        "started": first,
        "seconds": {stage: round(time - first, 3) for stage, time in times.items() if time is not None},
        "bytes": {
            "tftp": sum(map(tftp_bytes, found)),
            "http": sum(
                packet.size for packet in found if packet.protocol == TCP and packet.source_port == HTTP_PORT
            ),
        },
        "requests": [[round(request.time - first, 3), request.method, request.path] for request in requests],
    }


def is_firmware(agent: str) -> bool:
    """Whether a program that asks over HTTP runs before the operating system."""
    return agent.startswith(("iPXE", "gPXE", "Syslinux", "UefiHttpBoot", "GRUB"))
