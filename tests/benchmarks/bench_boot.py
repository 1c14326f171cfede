# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the boot of an armed machine of the lab, on its own network cable, from DHCPDISCOVER to the kernel.

Prints one table: seconds to the loader's first byte by TFTP and to the kernel's request over HTTP, and how many of the
bytes travelled by TFTP. Fails when the machine asks for a menu, or for anything but its loader by TFTP.

QEMU's network cards have iPXE in their ROM. With a BIOS they need no loader of ours, and nothing travels by TFTP.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import typing as t

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".lab-bench"
LAB = [sys.executable, str(CHECKOUT / "extensions/lab/lab.py"), "--dir", str(FOLDER)]
PLAYBOOK = str(pathlib.Path(sys.executable).with_name("ansible-playbook"))
# The installer asks for its answers when the kernel and all else have arrived.
LIMIT = 300
# The loaders have 70 kB to 400 kB; an installer's kernel alone has 10 MB.
MOST_TFTP = 2_000_000
TITLES = ("firmware", "loader s", "kernel s", "installer s", "TFTP bytes", "HTTP bytes", "by TFTP")


def run(words: t.Sequence[str], firmware: str) -> None:
    """Run a program; show what it said only when it failed."""
    environment = {
        **os.environ,
        "LAB_DIR": str(FOLDER),
        "LAB_FIRMWARE": firmware,
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
    }
    done = subprocess.run(words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def capture() -> dict[str, t.Any]:
    """What travelled to and from the machine since it was switched on."""
    done = subprocess.run([*LAB, "capture", "node01"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"seconds": {}}


def measure(firmware: str) -> dict[str, t.Any]:
    """Boot an armed machine until its installer asks for its answers."""
    run([*LAB, "up", "--file", str(CHECKOUT / "extensions/molecule/shared/lab.json")], firmware)
    run([PLAYBOOK, "-i", "lab.ini", "site.yml"], firmware)
    words = ["-i", "lab.ini", "install.yml", "-l", "node01", "-e", "install_confirm=yes install_follow=no"]
    run([PLAYBOOK, *words], firmware)
    deadline = time.monotonic() + LIMIT
    found = capture()
    while "installer" not in found["seconds"]:
        if time.monotonic() > deadline:
            raise SystemExit(f"{firmware}: the machine did not reach its installer within {LIMIT} s: {found}")
        time.sleep(5)
        found = capture()
    return found


def check(firmware: str, found: dict[str, t.Any]) -> None:
    """Refuse a boot that was not what is promised."""
    paths = [path for _seconds, _method, path in found["requests"]]
    if any(path.endswith("/menu.ipxe") for path in paths):
        raise SystemExit(f"{firmware}: an armed machine was shown a menu: {paths}")
    least = 1 if firmware == "uefi" else 0
    if not least <= found["bytes"]["tftp"] < MOST_TFTP:
        raise SystemExit(f"{firmware}: {found['bytes']['tftp']} bytes by TFTP: not the loader alone")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--firmware", action="append", choices=["bios", "uefi"], help="all of those named (uefi)"
    )
    print(" ".join(f"{title:>12}" for title in TITLES))
    for firmware in parser.parse_args().firmware or ["uefi"]:
        try:
            found = measure(firmware)
        finally:
            run([*LAB, "down"], firmware)
        check(firmware, found)
        seconds, size = found["seconds"], found["bytes"]
        share = size["tftp"] / (size["tftp"] + size["http"])
        print(
            f"{firmware:>12} {seconds['tftp'] or 0:>12.1f} {seconds['kernel']:>12.1f} {seconds['installer']:>12.1f}"
            f" {size['tftp']:>12,} {size['http']:>12,} {share:>12.2%}"
        )


if __name__ == "__main__":
    main()
