# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the lab's DHCP and TFTP servers from a machine of the boot network, as firmware, as iPXE and as a laptop.

Prints ``{client: {address, file, next_server, loader (bytes)}}`` as JSON; ``null`` where there was no answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(CHECKOUT / ".ansible/collections"))

from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp

TALKER = CHECKOUT / "tests/unit/roles/dhcp_dnsmasq/_client.py"
NODE01, STRANGER = "52:54:00:aa:00:01", "52:54:00:aa:00:99"
CLIENTS = {
    "bios": dhcp.firmware(NODE01, 0),
    "uefi": dhcp.firmware(NODE01, 7),
    "uefi_http": dhcp.firmware(NODE01, 16),
    "ipxe": dhcp.ipxe(NODE01, 0),
    "laptop": dhcp.system(STRANGER),
}


class Client:
    """A machine of the lab that sends what it is told to (see TALKER)."""

    def __init__(self, name: str) -> None:
        ssh = ["ssh", "-F", os.path.join(os.environ["LAB_DIR"], "ssh_config"), name]
        subprocess.run([*ssh, "cat > talker.py"], input=TALKER.read_bytes(), check=True)
        self.program = subprocess.Popen(
            [*ssh, "python3 -u talker.py ens4"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, request: dict[str, t.Any]) -> t.Any:
        """Send one request, return its answer."""
        assert self.program.stdin
        assert self.program.stdout
        self.program.stdin.write(json.dumps(request) + "\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())

    def offer(self, client: dhcp.Client, xid: int) -> dhcp.Message | None:
        """Return what DHCP offers to a client."""
        message = dhcp.discover(client, xid)
        frame = dhcp.frame(dhcp.build(message), message.mac)
        replies = self.ask({"frame": frame.hex(), "xid": f"{xid:08x}", "wait": 20})
        payloads = [dhcp.unframe(bytes.fromhex(reply)) for reply in replies]
        found = [dhcp.parse(payload) for payload in payloads if payload is not None]
        return found[0] if found else None

    def told(self, client: dhcp.Client, xid: int) -> dict[str, t.Any] | None:
        """Return what a client is told, and how large the file is that it then fetches by TFTP."""
        offer = self.offer(client, xid)
        if offer is None:
            return None
        boot = dhcp.boot(offer)
        found: dict[str, t.Any] = {"address": offer.yiaddr, "file": boot.file if boot else None}
        if boot and not boot.is_url:
            data = self.ask({"tftp": [boot.server, boot.file], "opcode": 1}).get("data", "")
            found.update(next_server=boot.server, loader=len(data) // 2)
        return found


if __name__ == "__main__":
    asker = Client("client01")
    print(
        json.dumps(
            {name: asker.told(client, 0x4E455430 + n) for n, (name, client) in enumerate(CLIENTS.items())}
        )
    )
    asker.program.terminate()
