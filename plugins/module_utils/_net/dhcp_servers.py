# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Finds out who answers DHCP on a network: frames to send, and what the frames that come back say. No sockets.

Formats: those of ``_dhcp.py``. A server is named by option 54; what has none, such as a BOOTP server, by the source of
its datagram.
"""

from __future__ import annotations

import struct
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp

Server = dict[str, t.Any]

#: Seconds that the client says it has been waiting, in each round of questions. A standby server may be told to answer
#: only those who wait long (``min-secs`` of ISC dhcpd, ``delay-threshold`` of RouterOS).
ROUNDS = (0, 4, 64)
#: Option 93 of a machine with a BIOS.
_BIOS = 0


def _anonymous(client: dhcp.Client) -> dhcp.Client:
    """The client without an identifier: a server then keeps one address for both kinds of question, not two."""
    options = {code: value for code, value in client.options.items() if code != dhcp.CLIENT_ID}
    return dhcp.Client(client.mac, options)


def questions(mac: str, xid: int, secs: int) -> list[bytes]:
    """The frames of one round: an operating system asks, and firmware, which is all that proxy DHCP servers answer.

    :arg mac: the asking interface's own address; switches and hypervisors may drop frames from any other
    :arg xid: the first question's transaction; the second one has the next number
    """
    clients = [dhcp.system(mac), dhcp.firmware(mac, _BIOS)]
    messages = [
        dhcp.discover(_anonymous(client), (xid + at) & 0xFFFFFFFF, secs) for at, client in enumerate(clients)
    ]
    return [dhcp.frame(dhcp.build(message), mac) for message in messages]


def answer(frame: bytes, xid: int) -> Server | None:
    """The server that sent this frame, in the form of the module's RETURN; ``None`` if it answers no question of ours.

    :arg xid: the first question's transaction
    """
    payload = dhcp.unframe(frame)
    if payload is None:
        return None
    try:
        message = dhcp.parse(payload)
        ours = (xid, (xid + 1) & 0xFFFFFFFF)
        if message.op != 2 or message.xid not in ours or message.kind not in (None, dhcp.OFFER, dhcp.ACK):
            return None
        return _server(message, _source(frame), frame[6:12].hex(":"))
    except dhcp.DhcpError:
        return None  # somebody's broken datagram is no reason to stop


def _source(frame: bytes) -> str:
    """The sender in the IPv4 header (RFC 791)."""
    return ".".join(str(byte) for byte in struct.unpack_from("!4B", frame, 26))


def _server(message: dhcp.Message, source: str, mac: str) -> Server:
    named = dhcp.addresses(message.options.get(dhcp.SERVER_ID, b""))
    boot = dhcp.boot(message)
    return {
        "address": named[0] if named else source,
        "mac": mac,
        # A relay's address is in the datagram's header then, and its MAC in the frame's.
        "relay": None if message.giaddr == dhcp.NO_ADDRESS else message.giaddr,
        "offers": None if message.yiaddr == dhcp.NO_ADDRESS else message.yiaddr,
        "boot_file": boot.file if boot else None,
        "boot_server": boot.server if boot else None,
    }


def collected(answers: t.Iterable[Server]) -> list[Server]:
    """One entry for each server, with the first that it said of each thing; in the order in which they answered."""
    servers: dict[str, Server] = {}
    for each in answers:
        known = servers.setdefault(each["address"], dict(each))
        for key, value in each.items():
            if known[key] is None:
                known[key] = value
    return list(servers.values())
