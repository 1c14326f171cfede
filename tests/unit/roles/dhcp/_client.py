# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the client's network namespace: sends frames, fetches by TFTP. Knows nothing of DHCP.

One JSON request a line on standard input, one JSON answer a line on standard output:

* ``{"frame": hex, "xid": hex, "wait": seconds}`` → the frames with that transaction, as hex; it waits for one
* ``{"burst": [hex, …], "wait": seconds}`` → of each frame the seconds until its transaction was answered, or null
* ``{"tftp": [server, path], "opcode": 1}`` → ``{"data": hex}`` or ``{"error": text}`` (RFC 1350, RFC 2347)
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
import typing as t

EVERY_PROTOCOL = 3


def exchange(interface: socket.socket, request: dict[str, t.Any]) -> list[str]:
    """Frames that answer the one that is sent; a little longer after the first, to see a second."""
    xid = bytes.fromhex(request["xid"])
    found: list[str] = []
    # Frames of the TFTP transfers fill its buffer, and then it would take no more.
    while select.select([interface], [], [], 0)[0]:
        interface.recv(65535)
    interface.send(bytes.fromhex(request["frame"]))
    deadline = time.monotonic() + request["wait"]
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([interface], [], [], left)[0]:
            break
        frame, sender = interface.recvfrom(65535)
        # In UDP in IPv4 without options, a DHCP message begins at byte 42 with its direction (2: a reply) and has its
        # transaction at byte 46. A network of virtual machines may bring one's own request back.
        if sender[2] != socket.PACKET_OUTGOING and frame[42:43] == b"\2" and frame[46:50] == xid:
            found.append(frame.hex())
            deadline = min(deadline, time.monotonic() + 0.2)
    return found


def burst(interface: socket.socket, frames: list[str], wait: float) -> list[float | None]:
    """Seconds until each frame's transaction was answered; see exchange() for the bytes.

    A frame is sent every 5 ms: more would not fit into the buffers of sockets.
    """
    sent = [bytes.fromhex(frame) for frame in frames]
    times: list[float] = []
    answered: dict[bytes, float] = {}
    started = time.monotonic()
    while len(answered) < len(sent) and time.monotonic() < started + wait:
        if len(times) < len(sent) and time.monotonic() >= started + 0.005 * len(times):
            interface.send(sent[len(times)])
            times.append(time.monotonic())
        if select.select([interface], [], [], 0.001)[0]:
            frame, sender = interface.recvfrom(65535)
            if sender[2] != socket.PACKET_OUTGOING and frame[42:43] == b"\2":
                answered.setdefault(frame[46:50], time.monotonic())
    ends = [answered.get(frame[46:50]) for frame in sent]
    return [None if end is None else end - begin for end, begin in zip(ends, times, strict=True)]


def tftp(server: str, path: str, opcode: int) -> dict[str, str]:
    """Reads a file in blocks of 1024 bytes, or tries to write one."""
    head = struct.pack("!H", opcode) + path.encode() + b"\0octet\0" + b"blksize\x001024\0"
    data = b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(5)
        link.sendto(head, (server, 69))
        while True:
            packet, peer = link.recvfrom(2048)
            kind, number = struct.unpack_from("!HH", packet)
            if kind == 5:
                return {"error": packet[4:].split(b"\0")[0].decode()}
            if kind == 3:
                data += packet[4:]
            link.sendto(struct.pack("!HH", 4, number if kind == 3 else 0), peer)
            if kind == 3 and len(packet) < 1028:
                return {"data": data.hex()}


def main() -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL)) as interface:
        interface.bind((sys.argv[1], EVERY_PROTOCOL))
        for line in sys.stdin:
            request = json.loads(line)
            answer: object
            if "tftp" in request:
                try:
                    server, path = request["tftp"]
                    answer = tftp(server, path, request["opcode"])
                except TimeoutError:
                    answer = {"error": "no answer"}
            elif "burst" in request:
                answer = burst(interface, request["burst"], request["wait"])
            else:
                answer = exchange(interface, request)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
