# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two machines that load pxelinux by TFTP, and what site.yml publishes for them."""

from __future__ import annotations

import pathlib
import typing as t

FOLDER = "syslinux"
ARMED = f"{FOLDER}/pxelinux.cfg/armed/01-52-54-00-aa-00-01"
NODE01: dict[str, t.Any] = {
    "machine": "node01",
    "mac": "52:54:00:AA:00:01",
    "address": "10.77.0.11",
    "token": "0123456789abcdef0123456789abcdef",
    "profile": "p1",
    "disk": "/dev/vda",
    "install_arguments": ["auto=true"],
    "window": "1795186800-4000000000",
}
NODE02 = {**NODE01, "machine": "node02", "mac": "52:54:00:aa:00:02", "address": "10.77.0.12"}


def published(root: pathlib.Path) -> pathlib.Path:
    """The folder boot/ below a root, with what site.yml publishes."""
    files = {
        "profiles/p1.cfg": "# Written\nLABEL install\n  KERNEL kernels/d/linux\n  INITRD kernels/d/i\n  IPAPPEND 2\n",
        "kernels/d/linux": "kernel",
        "kernels/d/i": "initrd",
        **{
            f"pxelinux.cfg/01-52-54-00-aa-00-0{number}": (
                f"DEFAULT local\nINCLUDE pxelinux.cfg/armed/01-52-54-00-aa-00-0{number}\n"
            )
            for number in (1, 2)
        },
    }
    for name, text in files.items():
        path = root / "boot" / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "boot"
