# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place for accelerator and processor model: KVM if a guest really runs under it, else emulation."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from _common import cache_dir
from _images import server_image

PROGRAM = "qemu-system-x86_64"
SECTOR_SECONDS, KERNEL_SECONDS = 10, 30
SECTOR_STATUS = 85  # isa-debug-exit ends QEMU with (value << 1) | 1
KERNEL_END = "not syncing: VFS: Unable to mount root fs"


def accelerator_words(kind: str) -> list[str]:
    """Return accelerator and processor for `kvm` or `tcg`.

    Emulated (QEMU 7.2), cmpxchg16b leaves a wrong idea of the flags behind. Debian 13's kernel uses it in every
    kmalloc and panics (double fault, EFLAGS full of an address) when an interrupt comes right after it: within half a
    minute on `max`, in some boots on `qemu64`. A processor without the instruction does not have the trouble.
    """
    if kind == "kvm":
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "qemu64,-cx16"]


def accelerator() -> tuple[str, str]:
    """Return (`kvm` or `tcg`, why). What a probe found holds until the host boots again."""
    known = cache_dir() / "accelerator.json"
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    if known.exists():
        found = json.loads(known.read_text(encoding="utf-8"))
        if found["boot"] == boot and found["user"] == os.getuid():
            return found["kind"], found["why"]
    kind, why = probe()
    found = {"boot": boot, "user": os.getuid(), "kind": kind, "why": why}
    known.write_text(json.dumps(found), encoding="utf-8")
    return kind, why


def probe() -> tuple[str, str]:
    """Start guests under KVM with a time limit; a device node alone proves nothing."""
    device = Path("/dev/kvm")
    if not os.access(device, os.R_OK | os.W_OK):
        return "tcg", f"{device} is not there or not open to this user"
    trouble = sector_trouble("kvm") or kernel_trouble("kvm", server_image("bookworm").kernel)
    return ("tcg", f"KVM cannot be used: {trouble}") if trouble else ("kvm", "a guest's kernel ran under KVM")


def sector_trouble(kind: str) -> str:
    """Run a boot sector; return what went wrong, "" if it ran. It costs nothing where KVM is plainly broken."""
    image = cache_dir() / "probe.img"
    image.write_bytes(boot_sector())
    words = ["-drive", f"file={image},format=raw,if=ide", "-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
    status, output = guest(kind, words, SECTOR_SECONDS)
    if status is None:
        return f"a guest did not run its first instructions within {SECTOR_SECONDS} s"
    return "" if status == SECTOR_STATUS else (output.strip().splitlines() or [f"status {status}"])[-1]


def kernel_trouble(kind: str, kernel: Path) -> str:
    """Boot a kernel that has no root to mount; return what went wrong, "" if it got as far as to say so."""
    words = ["-kernel", str(kernel), "-append", "console=ttyS0 panic=-1", "-serial", "stdio"]
    status, output = guest(kind, words, KERNEL_SECONDS)
    if KERNEL_END in output:
        return ""
    return (
        f"a guest's kernel did not come up within {KERNEL_SECONDS} s"
        if status is None
        else "a guest's kernel crashed"
    )


def guest(kind: str, words: list[str], seconds: float) -> tuple[int | None, str]:
    """Run a small guest to its end; return QEMU's status (None: out of time) and output."""
    argv = [
        PROGRAM,
        "-nodefaults",
        "-display",
        "none",
        "-no-reboot",
        "-m",
        "256",
        *accelerator_words(kind),
        *words,
    ]
    try:
        done = subprocess.run(
            argv, capture_output=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def boot_sector() -> bytes:
    """Return a boot sector that writes 42 to port 0xf4 and halts."""
    code = bytes([0xB0, 0x2A, 0xE6, 0xF4, 0xFA, 0xF4])  # mov al,42; out 0xf4,al; cli; hlt
    return code.ljust(510, b"\0") + b"\x55\xaa"
