# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lab starts QEMU: devices, firmware, the machine protocol, and the processes that result."""

from __future__ import annotations

import json
import os
import socket
import time
import typing as t
from pathlib import Path

from _accelerator import PROGRAM, accelerator_words
from _common import LabError, run

OVMF = Path("/usr/share/OVMF")
# The lab's network exists between its machines only: a multicast group on the loopback interface.
MULTICAST = "230.0.0.1"
# Enough of a packet for the pcap reader: a DHCP message up to its type, the request line of HTTP.
CAPTURED_BYTES = 320


def common_words(name: str, memory: int, cpus: int, kind: str) -> list[str]:
    """Return what every machine of the lab has; relative paths are below its own folder."""
    return [
        PROGRAM, "-name", name, "-machine", "pc", *accelerator_words(kind), "-m", str(memory), "-smp", str(cpus),
        "-nodefaults", "-display", "none", "-vga", "std", "-boot", "menu=off,strict=off",
        "-qmp", "unix:qmp,server=on,wait=off",
        "-chardev", "socket,id=console,path=console,server=on,wait=off,logfile=serial.log,logappend=off",
        "-serial", "chardev:console", "-device", "virtio-rng-pci,addr=0x8",
    ]  # fmt: skip


def network_words(port: int, mac: str, extra: str = "", capture: bool = False) -> list[str]:
    """Return the card on the lab's network, in slot 4 (ens4).

    Only BIOS gets the card's ROM, which is iPXE, for it has no network stack of its own. UEFI has one, and so shows how
    firmware boots that is not iPXE.
    """
    card = f"virtio-net-pci,netdev=boot,mac={mac},addr=0x4{extra}"
    words = ["-netdev", f"socket,id=boot,mcast={MULTICAST}:{port},localaddr=127.0.0.1", "-device", card]
    if capture:
        words += ["-object", f"filter-dump,id=dump,netdev=boot,file=boot.pcap,maxlen={CAPTURED_BYTES}"]
    return words


def branch_words(port: int, mac: str) -> list[str]:
    """Return the card on another of the lab's networks, in slot 7 (ens7), of a server that leads there."""
    return [
        "-netdev", f"socket,id=branch,mcast={MULTICAST}:{port},localaddr=127.0.0.1",
        "-device", f"virtio-net-pci,netdev=branch,mac={mac},addr=0x7,romfile=",
    ]  # fmt: skip


def uplink_words(ssh_port: int) -> list[str]:
    """Return the card that only servers have, in slot 3 (ens3): QEMU's user network, with SSH forwarded."""
    return [
        "-netdev", f"user,id=uplink,hostfwd=tcp:127.0.0.1:{ssh_port}-:22",
        "-device", "virtio-net-pci,netdev=uplink,addr=0x3,romfile=",
    ]  # fmt: skip


def disk_words(path: str, slot: int, form: str, **options: str) -> list[str]:
    """Return a virtio disk in a PCI slot; the host's page cache may lose it, as the lab's machines are thrown away."""
    extra = "".join(f",{key}={value}" for key, value in options.items() if key != "bootindex")
    index = f",bootindex={options['bootindex']}" if "bootindex" in options else ""
    return [
        "-drive", f"if=none,id=disk{slot},file={path},format={form},cache=unsafe,aio=threads,discard=unmap{extra}",
        "-device", f"virtio-blk-pci,drive=disk{slot},addr={slot:#x}{index}",
    ]  # fmt: skip


def firmware_words(firmware: str) -> list[str]:
    """Return nothing for BIOS, OVMF with the machine's own variables for UEFI."""
    if firmware != "uefi":
        return []
    return [
        "-drive", f"if=pflash,format=raw,readonly=on,file={OVMF / 'OVMF_CODE_4M.fd'}",
        "-drive", "if=pflash,format=raw,file=vars.fd",
        # The lab's network speaks IPv4; without this OVMF waits for IPv6 before it tries the disk.
        "-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n",
    ]  # fmt: skip


def start(words: t.Sequence[str], folder: Path) -> int:
    """Start QEMU in the background with a folder as its own; return the process id."""
    run([*words, "-daemonize", "-pidfile", "pid"], cwd=folder)
    return int((folder / "pid").read_text(encoding="ascii"))


def command(folder: Path, name: str, **arguments: t.Any) -> t.Any:
    """Give a running machine one command of the QEMU machine protocol and return the answer."""
    # Relative to the folder's descriptor, for a socket's path has room for 107 bytes only.
    handle = os.open(folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(30)
            link.connect(f"/proc/self/fd/{handle}/qmp")
            stream = link.makefile("rw", encoding="utf-8")
            converse(stream, {"execute": "qmp_capabilities"})
            return converse(stream, {"execute": name, "arguments": arguments})
    finally:
        os.close(handle)


def converse(stream: t.TextIO, request: dict[str, t.Any]) -> t.Any:
    """Send one request; return its answer, passing over greeting and events."""
    stream.write(json.dumps(request) + "\n")
    stream.flush()
    for line in stream:
        answer = json.loads(line)
        if "error" in answer:
            raise LabError(f"QEMU refused {request['execute']}: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]
    raise LabError(f"QEMU closed its monitor during {request['execute']}")


def started_at(pid: int) -> str | None:
    """Return when a process was started, in the kernel's own ticks (proc(5), stat field 22); None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def wait_until(ready: t.Callable[[], bool], seconds: float, pause: float = 1.0) -> bool:
    """Ask again and again until the answer is yes or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(pause)
    return ready()
