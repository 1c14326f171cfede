# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throw-away server: this machine's own files and programs, with systemd, behind a network of its own.

What is written in it goes to memory and is gone with it. Needs root and systemd-nspawn.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time
import typing as t

# The distribution's services stay off: what runs is what the playbook starts.
SETUP = """
mount -t tmpfs -o mode=755 tmpfs "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" overlay "$0/root"
cd "$0/root"
rm -rf etc/systemd/system/*.wants etc/rc[S0-6].d srv/pxe etc/netinstall-pxe
tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
exec systemd-nspawn --quiet --directory="$0/root" --bind="$1" --private-network --register=no --keep-unit \\
    --machine=netinstall-bench --console=read-only --boot systemd.unit=multi-user.target
"""
NETWORK = """
ip link add ens4 type veth peer name cable
ip link set cable up
ip address add 10.77.0.1/16 dev ens4
ip link set ens4 up
"""


class Container:
    """Runs commands in it: the paths of this machine are the same there, but for /tmp and /run."""

    def __init__(self, leader: int) -> None:
        self.leader = leader

    def run(self, *command: str, **options: t.Any) -> subprocess.CompletedProcess[str]:
        enter = ["nsenter", "--all", "--target", str(self.leader), "--", *command]
        return subprocess.run(enter, capture_output=True, text=True, check=False, **options)


def leader_of(starter: int) -> int | None:
    """The container's first process: systemd, below systemd-nspawn, which takes the place of what started it."""
    path = pathlib.Path(f"/proc/{starter}/task/{starter}/children")
    with contextlib.suppress(OSError):
        for child in path.read_text(encoding="ascii").split():
            if pathlib.Path(f"/proc/{child}/comm").read_text(encoding="ascii").strip() == "systemd":
                return int(child)
    return None


def wait_for(starter: subprocess.Popen[bytes]) -> Container:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and starter.poll() is None:
        leader = leader_of(starter.pid)
        if leader:
            container = Container(leader)
            done = container.run("systemctl", "is-system-running")
            if done.stdout.strip() in ("running", "degraded"):
                return container
        time.sleep(0.5)
    raise SystemExit("The container did not start.")


@contextlib.contextmanager
def started(folder: pathlib.Path, shared: pathlib.Path) -> t.Iterator[Container]:
    """:arg folder: an empty one
    :arg shared: one that container and this machine share
    """
    if os.geteuid() or not shutil.which("systemd-nspawn"):
        raise SystemExit("This needs root, and systemd-nspawn: apt-get install systemd-container")
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", SETUP, str(folder)]
    command += [str(shared)]
    with (shared / "console").open("wb") as console:
        starter = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        container = wait_for(starter)
        done = container.run("sh", "-euc", NETWORK)
        if done.returncode:
            raise SystemExit(f"The container has no network: {done.stderr}")
        yield container
    finally:
        # It is systemd-nspawn by now, which ends what it runs.
        starter.send_signal(signal.SIGTERM)
        starter.wait(timeout=60)
