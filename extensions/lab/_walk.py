# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make lab` does: from nothing to a machine that was installed over the network and boots its own disk."""

from __future__ import annotations

import os
import subprocess
import time
import typing as t
from pathlib import Path

import _machines
import _report
from _accelerator import accelerator
from _common import HERE, LabError, say

CHECKOUT = HERE.parent.parent
INVENTORY = "lab.ini"
BOOT_SECONDS = 420
# Prints "time name" of every event of a machine; the server keeps them under its address.
EVENTS = "find /srv/pxe/events/{address} -type f -printf '%C@ %f\\n' 2>/dev/null"


class Walk:
    """One walk through the whole chain, with a clock."""

    def __init__(self, lab: _machines.Lab) -> None:
        self.lab = lab
        self.started = time.monotonic()

    def stage(self, text: str) -> None:
        """Say what happens now and how long the walk has taken so far."""
        say(f"[{_report.clock(time.monotonic() - self.started)}] {text}")

    def run(self, description: dict[str, t.Any]) -> None:
        """Walk the chain; leave the lab running for a look around."""
        self.stage(f"starting the server ({': '.join(accelerator())})")
        self.empty_clients()
        self.lab.describe(description, os.environ.get("LAB_FIRMWARE", ""))
        _machines.up(self.lab)
        self.stage("turning it into a network-installation server (site.yml)")
        self.playbook("site.yml")
        clients = self.lab.machines("client")
        found = {}
        for machine in clients:
            found[machine.name] = self.install(machine)
        report = _report.write(self.lab.folder, found)
        self.stage(f"done; {report}")
        self.hints()

    def empty_clients(self) -> None:
        """Make the machines of an earlier walk new: off, and with nothing on their disks."""
        for machine in self.lab.machines("client") if self.lab.file.exists() else ():
            machine.off()
            machine.remove()

    def install(self, machine: _machines.Machine) -> dict[str, t.Any]:
        """Install one empty machine, then see that it boots its own disk; return its part of the report."""
        firmware = machine.data["firmware"]
        self.stage(
            f"installing {machine.name} ({firmware}): armed by name, powered on, followed (install.yml)"
        )
        begun = time.time()
        try:
            self.playbook("install.yml", "-l", machine.name, "-e", "install_confirm=yes")
            machine.wait_for_ssh(BOOT_SECONDS)
            events = {"ssh": time.time(), **self.events(machine, begun)}
            captured = _report.capture(machine.folder)
            self.stage(f"{machine.name} answers; switching it off and on: it must boot its own disk")
            self.check_local_boot(machine)
        except LabError as error:
            raise LabError(f"{error}\n{evidence(machine)}") from None
        return _report.machine_report(firmware, captured, events)

    def check_local_boot(self, machine: _machines.Machine) -> None:
        """Power-cycle a machine and prove that the same system came up, and that nothing was installed again."""
        identity = machine.ssh("cat /etc/machine-id").stdout
        booted = machine.ssh("cat /proc/sys/kernel/random/boot_id").stdout
        machine.power("cycle")
        machine.wait_for_ssh(BOOT_SECONDS)
        if machine.ssh("cat /etc/machine-id").stdout != identity or not identity:
            raise LabError(f"{machine.name} came back as another system: it was installed again")
        if machine.ssh("cat /proc/sys/kernel/random/boot_id").stdout == booted:
            raise LabError(f"{machine.name} was not switched off")
        if "kernel" in _report.capture(machine.folder)["seconds"]:
            raise LabError(f"{machine.name} fetched an installer's kernel although it was installed")
        self.stage(f"{machine.name} booted its own disk, as it should")

    def playbook(self, name: str, *words: str) -> None:
        """Run a playbook of the checkout against the lab."""
        program = CHECKOUT / ".venv/bin/ansible-playbook"
        if not program.exists():
            raise LabError(f"{program} is not there; run make setup")
        argv = [str(program), "-i", INVENTORY, name, *words]
        # ANSIBLE_CONFIG, for Ansible ignores the file of a folder that everyone may write to.
        environment = {
            **os.environ,
            "LAB_DIR": str(self.lab.folder),
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        }
        if subprocess.run(
            argv, cwd=CHECKOUT, env=environment, check=False, stdin=subprocess.DEVNULL
        ).returncode:
            raise LabError(f"{name} failed; its messages are above")

    def events(self, machine: _machines.Machine, since: float) -> dict[str, float]:
        """Return {event: unix time} of what a machine reported to the servers after a time."""
        found = {}
        for server in self.lab.machines("server"):
            listing = server.ssh(EVENTS.format(address=machine.data["address"])).stdout
            found.update(parse_events(listing, since))
        return found

    def hints(self) -> None:
        """Say how to look around."""
        folder = os.path.relpath(self.lab.folder)
        say(
            f"\nThe lab keeps running. Look around with: ssh -F {folder}/ssh_config {self.lab.machines()[0].name}"
        )
        say(f"End it with: python3 {os.path.relpath(HERE / 'lab.py')} --dir {folder} down")


def parse_events(listing: str, since: float) -> dict[str, float]:
    """Return {name: unix time} of lines "time name" that are not older than `since`; logs are no stages."""
    pairs = [line.split(" ", 1) for line in listing.splitlines() if " " in line]
    # Reports of earlier installations may be listed before or after those of this one.
    recent = [(float(moment), name) for moment, name in pairs if float(moment) >= since]
    return {name: moment for moment, name in sorted(recent) if not name.startswith("log-")}


def evidence(machine: _machines.Machine) -> str:
    """Return what a failed machine shows: where its picture is, and the end of its console."""
    if not machine.pid():
        return f"{machine.name} is off"
    picture = Path(machine.folder / "screen.png")
    try:
        machine.screenshot(picture)
    except (LabError, OSError) as error:
        return f"no picture of {machine.name}: {error}\n{machine.serial_tail()}"
    return f"{machine.name}'s screen: {picture}\nits console ends with:\n{machine.serial_tail()}"
