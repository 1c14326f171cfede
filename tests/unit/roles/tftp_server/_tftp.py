# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches or writes one file by TFTP (RFC 1350, options of RFC 2347 and 2348); run in the network of the server.

``_tftp.py get|put SOURCE ADDRESS PORT BLOCK NAME`` prints one JSON object: ``size``, ``digest`` (SHA-256), ``block``
(the one that was agreed upon) and ``port`` (that the server sent from), or ``error`` with its ``code`` and text, or
``{"silent": true}``.
"""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import sys
import typing as t

RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)
PATIENCE = 2.0


def request(operation: int, name: str, block: int) -> bytes:
    words = [name.encode(), b"octet", b"blksize", str(block).encode()]
    return struct.pack("!H", operation) + b"".join(word + b"\0" for word in words)


def agreed(packet: bytes) -> int:
    words = packet[2:].split(b"\0")
    return int(words[words.index(b"blksize") + 1])


def failure(packet: bytes) -> dict[str, t.Any]:
    return {"code": struct.unpack("!H", packet[2:4])[0], "error": packet[4:].rstrip(b"\0").decode()}


def receive(server: socket.socket, packet: bytes, peer: t.Any) -> dict[str, t.Any]:
    """Everything from the server's first packet on."""
    content, block, number = b"", 512, 0
    while True:
        kind = struct.unpack("!H", packet[:2])[0]
        if kind == ERROR:
            return failure(packet)
        if kind == OACK:
            block = agreed(packet)
        if kind == DATA and struct.unpack("!H", packet[2:4])[0] == (number + 1) % 65536:
            number += 1
            content += packet[4:]
        server.sendto(struct.pack("!HH", ACK, number % 65536), peer)
        if kind == DATA and len(packet) - 4 < block:
            digest = hashlib.sha256(content).hexdigest()
            return {"size": len(content), "digest": digest, "block": block, "port": peer[1]}
        packet, peer = server.recvfrom(70000)


def talk(what: str, source: str, address: str, port: int, block: int, name: str) -> dict[str, t.Any]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((source, 0))
        server.settimeout(PATIENCE)
        server.sendto(request(WRQ if what == "put" else RRQ, name, block), (address, port))
        try:
            packet, peer = server.recvfrom(70000)
        except TimeoutError:
            return {"silent": True}
        if what == "get":
            return receive(server, packet, peer)
        return failure(packet) if struct.unpack("!H", packet[:2])[0] == ERROR else {"allowed": True}


if __name__ == "__main__":
    said, source_address, server_address, number_of_port, size_of_block, path = sys.argv[1:]
    result = talk(said, source_address, server_address, int(number_of_port), int(size_of_block), path)
    print(json.dumps(result))
