# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in a network namespace and writes frames there. Knows nothing of DHCP but where its transaction number is.

One JSON request a line on standard input, one JSON answer a line on standard output:
``{"interface": name, "frame": hex, "count": frames, "wait": seconds}`` → the frames with the same transaction that come
back, as hex; it waits for so many, or so long.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
import typing as t

IPV4 = 0x0800
# In UDP in IPv4 without options, a DHCP message begins at byte 42 with its direction (2: a reply), and its transaction
# number is at byte 46.
REPLY, XID = slice(42, 43), slice(46, 50)


def exchange(link: socket.socket, request: dict[str, t.Any]) -> list[str]:
    frame = bytes.fromhex(request["frame"])
    found: list[str] = []
    link.send(frame)
    deadline = time.monotonic() + request["wait"]
    while len(found) < request["count"] and (left := deadline - time.monotonic()) > 0:
        if select.select([link], [], [], left)[0]:
            data, sender = link.recvfrom(65535)
            if sender[2] != socket.PACKET_OUTGOING and data[REPLY] == b"\2" and data[XID] == frame[XID]:
                found.append(data.hex())
    return found


def main() -> None:
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4)) as link:
            link.bind((request["interface"], IPV4))
            print(json.dumps(exchange(link, request)), flush=True)


if __name__ == "__main__":
    main()
