# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One wire in a network namespace: a server of ours, one of somebody else's, and machines that ask."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import time
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp

ROOT = os.geteuid() == 0
PROGRAMS = ("dnsmasq", "ip", "nsenter", "unshare")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
OURS, THEIRS = "10.77.0.1", "10.77.0.254"
PXE_PORT = 4011
MACHINE = "52:54:00:aa:00:01"

NETWORK = """
set -eu
ip link set lo up
ip link add switch type bridge
ip link set switch up
for name in ours theirs machine; do
    ip link add "$name" type veth peer name "$name-far"
    ip link set "$name-far" master switch up
    ip link set "$name" up
done
ip address add 10.77.0.1/24 dev ours
ip address add 10.77.0.254/24 dev theirs
# The way to the networks behind the relay, which is one of the machines' interface.
ip route add 10.79.0.0/16 dev ours src 10.77.0.1
exec "$@"
"""


def why_not() -> str:
    """Empty if this machine can do it."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (packages dnsmasq-base, iproute2, util-linux)"
    done = subprocess.run(
        ["unshare", "-n" if ROOT else "-rn", "true"], capture_output=True, text=True, timeout=20, check=False
    )
    return f"no network namespaces here: {done.stderr.strip()}" if done.returncode else ""


def subnet(number: int, **changes: object) -> dict[str, object]:
    """As the plan has it."""
    base: dict[str, object] = {
        "cidr": f"10.{number}.0.0/24",
        "network": f"10.{number}.0.0",
        "netmask": "255.255.255.0",
        "prefix": 24,
        "gateway": f"10.{number}.0.1",
        "dns": [f"10.{number}.0.2"],
        "domain": f"net{number}.example",
        "ntp": [],
        "range": [f"10.{number}.0.100", f"10.{number}.0.110"],
        "lease": "3h",
    }
    return {**base, **changes}


class Wire:
    """The namespace, and the machines' end in it."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        script = str(pathlib.Path(__file__).with_name("_wire.py"))
        command = [sys.executable, script]
        self.process = stack.enter_context(
            subprocess.Popen(
                ["unshare", "-n" if ROOT else "-rn", "sh", "-c", NETWORK, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(self.process.kill)
        assert self.process.stdout
        assert json.loads(self.process.stdout.readline()) == "ready"
        self.xids = itertools.count(0x4E455401)

    @property
    def enter(self) -> list[str]:
        who = ["-n"] if ROOT else ["-U", "-n", "--preserve-credentials"]
        return ["nsenter", "-t", str(self.process.pid), *who]

    def send(self, frame: bytes, count: int, wait: float) -> list[dhcp.Message]:
        assert self.process.stdin
        assert self.process.stdout
        request = {"interface": "machine", "frame": frame.hex(), "count": count, "wait": wait}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        frames = [bytes.fromhex(text) for text in json.loads(self.process.stdout.readline())]
        # Whatever port it came from and went to.
        return [dhcp.parse(frame[42:]) for frame in frames]

    def broadcast(self, message: dhcp.Message, count: int, wait: float = 10) -> dict[str, dhcp.Message]:
        """The answers by server."""
        replies = self.send(dhcp.frame(dhcp.build(message), message.mac), count, wait)
        found = {dhcp.addresses(reply.options[dhcp.SERVER_ID])[0]: reply for reply in replies}
        assert len(found) == len(replies), "a server answered twice"
        return found

    def offers(self, client: dhcp.Client, count: int = 2, wait: float = 10) -> dict[str, dhcp.Message]:
        return self.broadcast(dhcp.discover(client, next(self.xids)), count, wait)

    def address(self, client: dhcp.Client, offer: dhcp.Message) -> str:
        """The address, requested from the one that lends it; the other one must be silent about it."""
        replies = self.broadcast(dhcp.request(client, offer), 2, 1)
        assert list(replies) == [THEIRS]
        assert replies[THEIRS].kind == dhcp.ACK
        return replies[THEIRS].yiaddr

    def at_port_4011(self, client: dhcp.Client, address: str, menu: bytes = b"") -> dhcp.Message | None:
        """What our server says to a request by unicast, with the machine's address."""
        options = {dhcp.MESSAGE_TYPE: bytes((dhcp.REQUEST,)), **client.options}
        if menu:
            options[dhcp.VENDOR_OPTIONS] = menu
        message = dhcp.Message(1, next(self.xids), client.mac, options, ciaddr=address)
        frame = dhcp.frame(dhcp.build(message), client.mac, address, OURS)
        # Another port, and so no checksum, which UDP in IPv4 need not have.
        frame = frame[:36] + struct.pack("!H", PXE_PORT) + frame[38:40] + b"\0\0" + frame[42:]
        replies = self.send(frame, 1, 5)
        return replies[0] if replies else None

    def relayed(self, client: dhcp.Client, relay: str, kind: int = dhcp.DISCOVER) -> dhcp.Message | None:
        """What our server sends to a relay that hands on what it heard in its network."""
        options = {dhcp.MESSAGE_TYPE: bytes((kind,)), **client.options}
        message = dhcp.Message(1, next(self.xids), client.mac, options, hops=1, giaddr=relay)
        frame = dhcp.frame(dhcp.build(message), client.mac, relay, OURS)
        replies = self.send(frame[:40] + b"\0\0" + frame[42:], 1, 8)
        return replies[0] if replies else None


@contextlib.contextmanager
def serving(
    wire: Wire, folder: pathlib.Path, ready: str, command: list[str], **environment: str
) -> t.Iterator[None]:
    """A server on the wire, as soon as its log says that it is ready."""
    log = folder / "log"
    with (
        log.open("w") as file,
        subprocess.Popen(
            [*wire.enter, *command],
            stdout=file,
            stderr=file,
            env={**os.environ, "PATH": PATH, **environment},
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 20
            while ready not in log.read_text(encoding="utf-8"):
                alive = process.poll() is None and time.monotonic() < deadline
                assert alive, log.read_text(encoding="utf-8")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def dnsmasq(
    wire: Wire, folder: pathlib.Path, ready: str, arguments: list[str]
) -> contextlib.AbstractContextManager[None]:
    command = ["dnsmasq", "--no-daemon", f"--pid-file={folder / 'pid'}", "--log-facility=-", "--user=root"]
    return serving(wire, folder, ready, [*command, *arguments])
