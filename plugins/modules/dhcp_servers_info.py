# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dhcp_servers_info
short_description: Ask on a network interface who answers DHCP
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Broadcasts DHCP DISCOVER messages as an operating system and as the firmware of a machine, and returns all servers
    that answer, proxy DHCP servers too. It never requests what it is offered, so that no address is leased.
  - It writes whole frames with the interface's own MAC, so that the interface needs no address, and firewalls of this
    host are not in the way. A DHCP server on this host does not hear them.
  - Servers that answer only MACs that they know cannot be found like this.
  - It needs root, for a packet socket. Linux only, and Ethernet only.
requirements:
  - netaddr on the control node
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._attributes.info_module
options:
  interface:
    description: The network interface to ask on.
    type: str
    required: true
  wait:
    description:
      - How many seconds to listen, from V(1) to V(60). It always takes as long, because a second server may be slow.
      - dnsmasq looks for three seconds whether an address is in use before it offers it, ISC dhcpd one second.
    type: float
    default: 6
  known:
    description: Addresses of servers that are left out of the result, because they are yours.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See who answers DHCP
  netinstall.pxe.dhcp_servers_info:
    interface: eth1
    known: [10.77.0.1]
  register: others

- name: Stop if anybody does
  ansible.builtin.assert:
    that: others.servers | length == 0
    fail_msg: "DHCP is answered by {{ others.servers | map(attribute='address') | join(', ') }}"
"""

RETURN = r"""
link:
  description: Whether the interface was up and had a carrier. If not, nobody could be asked.
  returned: success
  type: bool
servers:
  description: Who answered, in the order of their first answers.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: What the server calls itself (option 54), or where its answer came from.
      type: str
      sample: 10.77.0.254
    mac:
      description: The MAC that its answer came from, which is that of the relay if there is one.
      type: str
      sample: 00:0c:42:aa:00:fe
    vendor:
      description:
        - To whom that MAC is registered, by the copy of IEEE's registry in C(netaddr). None if it is not registered, as
          those of most virtual machines, or if the registry does not say to whom.
      type: str
      sample: Routerboard.com
    relay:
      description: The relay that the answer came through, if any.
      type: str
    offers:
      description: The address that it offered. None if it gave none, as proxy DHCP servers do.
      type: str
      sample: 10.77.0.142
    boot_file:
      description: What it told firmware to load, if anything.
      type: str
      sample: pxelinux.0
    boot_server:
      description: The server to load that from.
      type: str
      sample: 10.77.0.254
"""

import contextlib
import fcntl
import secrets
import select
import socket
import struct
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp, dhcp_servers

# linux/if_ether.h, linux/if_arp.h, linux/sockios.h, linux/if.h
_IPV4 = 0x0800
_ETHERNET = 1
_GET_FLAGS = 0x8913
_UP = 0x1
_RUNNING = 0x40
# A busy network may fill the default one between two looks.
_BUFFER = 4 << 20


@contextlib.contextmanager
def opened(interface: str) -> t.Iterator[socket.socket]:
    """A packet socket for IPv4 on an Ethernet interface; PxeError says why there can be none."""
    names = sorted(name for _number, name in socket.if_nameindex())
    if interface not in names:
        raise PxeError(
            f"interface: {interface} is not here; there is {', '.join(names)}. Write the one to ask on"
        )
    try:
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_IPV4))
    except PermissionError:
        raise PxeError("it needs root (CAP_NET_RAW) to write frames; write become: true") from None
    with link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        link.bind((interface, _IPV4))
        if link.getsockname()[3] != _ETHERNET:
            raise PxeError(
                f"interface: {interface} is not an Ethernet interface; write one that machines boot from"
            )
        yield link


def has_link(link: socket.socket) -> bool:
    """Whether the interface is up and has a carrier."""
    name = link.getsockname()[0].encode()
    _name, flags = struct.unpack("16sH14x", fcntl.ioctl(link, _GET_FLAGS, struct.pack("16sH14x", name, 0)))
    return bool(flags & _UP and flags & _RUNNING)


def listen(link: socket.socket, xid: int, until: float) -> t.Iterator[dhcp_servers.Server]:
    """The answers that come in up to a moment of the monotonic clock."""
    while (left := until - time.monotonic()) > 0:
        if not select.select([link], [], [], left)[0]:
            return
        frame, sender = link.recvfrom(65535)
        # What this host sends itself is no answer from the network.
        found = None if sender[2] == socket.PACKET_OUTGOING else dhcp_servers.answer(frame, xid)
        if found:
            yield found


def ask(link: socket.socket, wait: float) -> list[dhcp_servers.Server]:
    """All servers that answer within so many seconds."""
    mac, xid = link.getsockname()[4].hex(":"), secrets.randbits(32)
    start = time.monotonic()
    answers: list[dhcp_servers.Server] = []
    for number, secs in enumerate(dhcp_servers.ROUNDS, 1):
        for frame in dhcp_servers.questions(mac, xid, secs):
            link.send(frame)
        # The last question, too, is given most of the time for its answer.
        part = 1 if number == len(dhcp_servers.ROUNDS) else number / 6
        answers += listen(link, xid, start + wait * part)
    return dhcp_servers.collected(answers)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "interface": {"type": "str", "required": True},
            "wait": {"type": "float", "default": 6.0},
            "known": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        if not 1 <= options["wait"] <= 60:
            raise PxeError(f"wait: {options['wait']:g} is out of range; write 1 to 60 seconds")
        for address in options["known"]:
            dhcp.address_bytes(address)
        with opened(options["interface"]) as link:
            up = has_link(link)
            servers = ask(link, options["wait"]) if up else []
    except PxeError as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=f"{options['interface']}: {exc.strerror}")
    others = [server for server in servers if server["address"] not in options["known"]]
    module.exit_json(changed=False, link=up, servers=others)


if __name__ == "__main__":
    main()
