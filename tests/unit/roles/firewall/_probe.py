# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ends of packets that a firewall lets through or not: ``listen`` on the server, ``ask`` on a client.

``ask`` reads ``{"server": address, "interface": name, "seconds": n, "probes": [[source, protocol, port], ...]}`` and
prints the probes that were answered, as soon as all are. The source 0.0.0.0 is that of a machine without an address,
which asks by broadcast.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
import typing as t

Probe = list[t.Any]
NOWHERE = "0.0.0.0"
BROADCAST = "255.255.255.255"
READ = b"\0\1file\0octet\0"


def udp(address: str, port: int, interface: str = "") -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if interface:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    link.bind((address, port))
    return link


class Listener:
    """Answers whatever comes. TFTP answers from another port, and once more to what comes there (RFC 1350, 4)."""

    def __init__(self, interface: str, udp_ports: list[int], tcp_ports: list[int]) -> None:
        self.datagrams = {udp("", port, interface if port == 67 else ""): port for port in udp_ports}
        self.streams = [socket.create_server(("", port)) for port in tcp_ports]

    def answer(self, link: socket.socket) -> None:
        port = self.datagrams[link]
        try:
            data, peer = link.recvfrom(2048)
            if port == 69:
                transfer = udp("", 0)
                self.datagrams[transfer] = 0
                transfer.sendto(b"first", peer)
            else:
                link.sendto(b"last" if port == 0 else data, (BROADCAST, 68) if peer[0] == NOWHERE else peer)
        except OSError:
            pass  # dropped on its way out

    def serve(self) -> None:
        print("ready", flush=True)
        while True:
            ready, _writable, _failed = select.select([*self.datagrams, *self.streams], [], [])
            for link in ready:
                if link in self.datagrams:
                    self.answer(link)
                else:
                    link.accept()[0].close()


class Question:
    """One probe on its way."""

    def __init__(self, probe: Probe, server: str, interface: str) -> None:
        self.probe = probe
        source, protocol, port = probe
        if source == NOWHERE:
            self.link = udp("", 68, interface)
            self._broadcast(interface, port)
        elif protocol == "tcp":
            self.link = socket.socket()
            self.link.setblocking(False)
            self.link.bind((source, 0))
            self.link.connect_ex((server, port))
        else:
            self.link = udp(source, 0)
            self.link.sendto(READ if port == 69 else b"ask", (server, port))

    def _broadcast(self, interface: str, port: int) -> None:
        body = struct.pack("!HHHH", 68, port, 11, 0) + b"ask"
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 31, 0, 0, 64, 17, 0, b"\0" * 4, b"\xff" * 4)
        total = sum(struct.unpack("!10H", head))
        head = head[:10] + struct.pack("!H", 0xFFFF - (total % 0xFFFF)) + head[12:]
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind((interface, 0))
            mac = raw.getsockname()[4]
            raw.send(b"\xff" * 6 + mac + b"\x08\0" + head + body)

    def answered(self) -> bool:
        """Whether it has its answer now; TFTP goes on at the port that the answer came from."""
        if self.probe[1] == "tcp":
            return self.link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        try:
            data, peer = self.link.recvfrom(2048)
        except OSError:
            return False
        if data == b"first":
            self.link.sendto(b"acknowledged", peer)
            return False
        return True


def ask(request: dict[str, t.Any]) -> list[Probe]:
    waiting = [Question(probe, request["server"], request["interface"]) for probe in request["probes"]]
    found = []
    deadline = time.monotonic() + request["seconds"]
    while waiting and (left := deadline - time.monotonic()) > 0:
        streams = [each.link for each in waiting if each.probe[1] == "tcp"]
        ready, writable, _failed = select.select([each.link for each in waiting], streams, [], left)
        for each in [each for each in waiting if each.link in ready or each.link in writable]:
            if each.answered():
                found.append(each.probe)
            elif each.probe[1] == "udp":
                continue
            waiting.remove(each)
    return found


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        Listener(sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4])).serve()
    print(json.dumps(ask(json.load(sys.stdin))))
