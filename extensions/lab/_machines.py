# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's machines: described in a file, kept in a folder, started and ended one by one.

The folder holds `lab.json` (the description as it runs, with the ports chosen), the SSH key and `ssh_config`, and for
each machine `machines/NAME/` with disk, firmware variables, sockets, console log and packet capture.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import typing as t
from pathlib import Path

import _debian_iso
import _el_iso
import _live_iso
import _qemu
from _accelerator import accelerator
from _common import LabError, key_of, locked, run, say
from _images import ServerImage, server_image

SSH_SECONDS = 300
KEY_SECONDS = 0.5
# Emulated code is translated anew for each new address of a program: without randomised addresses a guest is several
# times faster.
FAST = "norandmaps mitigations=off"
CLIENT = {
    "role": "client",
    "firmware": "bios",
    "boot_order": "network",
    "memory": 1024,
    "cpus": 1,
    "disk": "4G",
    "more_disks": [],
    "branch": "",
}
SERVER = {
    "role": "server",
    "release": "bookworm",
    "memory": 1536,
    "cpus": 1,
    "ssh_port": 0,
    "branch": "",
    "router_mac": "",
    "router_address": "",
}
# PCI slots of a client's further disks: those from here on are free.
MORE_DISKS_SLOT = 9
NETWORK_FIRST = {"bios": ",bootindex=1", "uefi": ",bootindex=1,romfile="}
# What decides what a machine tries first: QEMU, which tells UEFI so at each start, or UEFI's own variables.
BOOT_ORDERS = ("network", "firmware")


class Lab:
    """One lab: a folder and the machines described in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.file = self.folder / "lab.json"

    @property
    def key(self) -> Path:
        """The private key that opens every machine of this lab."""
        return self.folder / "id_ed25519"

    @property
    def old_key(self) -> Path:
        """A private key of a kind that the SSH servers of old releases know (EL 6), which opens the same machines."""
        return self.folder / "id_rsa"

    @property
    def ssh_config(self) -> Path:
        """The file for `ssh -F`."""
        return self.folder / "ssh_config"

    def machine(self, name: str) -> Machine:
        """Return a described machine."""
        described = self.load()["machines"]
        if name not in described:
            raise LabError(
                f"no machine {name!r} in {self.file}; it has {', '.join(sorted(described)) or 'none'}"
            )
        return Machine(self, name, described[name])

    def machines(self, role: str = "") -> list[Machine]:
        """Return all machines, or those of a role, in the order of the description."""
        described = self.load()["machines"].items()
        return [Machine(self, name, data) for name, data in described if role in ("", data["role"])]

    def load(self) -> dict[str, t.Any]:
        """Return lab.json."""
        if not self.file.exists():
            raise LabError(f"there is no lab in {self.folder}; start one with: lab.py --dir {self.folder} up")
        return json.loads(self.file.read_text(encoding="utf-8"))

    def describe(self, description: dict[str, t.Any], firmware: str = "") -> None:
        """Take up a description: merge it with what already runs, choose ports, write key, lab.json and ssh_config."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / ".lock"):
            data = self.load() if self.file.exists() else {"machines": {}}
            data["network"] = with_port({**data.get("network", {}), **description.get("network", {})})
            branches = {**data.get("branches", {}), **description.get("branches", {})}
            data["branches"] = {name: with_port(branch) for name, branch in branches.items()}
            data["isos"] = description.get("isos", data.get("isos", []))
            for name, machine in checked(description, firmware).items():
                running = name in data["machines"] and Machine(self, name, data["machines"][name]).pid()
                if not running:
                    data["machines"][name] = with_ssh_port(machine)
            self.file.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
            self.write_access(data)

    def write_access(self, data: dict[str, t.Any]) -> None:
        """Make the lab's keys if there are none, and write ssh_config."""
        for path in (self.key, self.old_key):
            if not path.exists():
                kind = path.name.removeprefix("id_")
                run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "lab", "-f", path])
        keys = [self.key, self.old_key]
        self.ssh_config.write_text(ssh_config(data["machines"], keys), encoding="utf-8")


class Machine:
    """One virtual machine of a lab."""

    def __init__(self, lab: Lab, name: str, data: dict[str, t.Any]) -> None:
        self.lab, self.name, self.data = lab, name, data
        self.folder = lab.folder / "machines" / name

    @property
    def is_server(self) -> bool:
        """Whether this is a server, not a machine to be installed."""
        return self.data["role"] == "server"

    @property
    def serial(self) -> Path:
        """What the machine wrote to its serial console."""
        return self.folder / "serial.log"

    def pid(self) -> int:
        """Return the process id of the running machine, 0 if it is off; never that of a later program."""
        record = self.folder / "process.json"
        if not record.exists():
            return 0
        found = json.loads(record.read_text(encoding="utf-8"))
        return found["pid"] if _qemu.started_at(found["pid"]) == found["started"] else 0

    def power(self, action: str) -> None:
        """Switch on, off, or off and on again."""
        if action in ("off", "cycle"):
            self.off()
        if action in ("on", "cycle"):
            self.on()

    def on(self) -> None:
        """Start the machine unless it runs."""
        if self.pid():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        capture = self.folder / "boot.pcap"
        if capture.exists():
            capture.replace(self.folder / "boot.pcap.1")
        words = self.server_words() if self.is_server else self.client_words()
        pid = _qemu.start(words, self.folder)
        record = {"pid": pid, "started": _qemu.started_at(pid), "since": time.time()}
        (self.folder / "process.json").write_text(json.dumps(record), encoding="utf-8")

    def off(self) -> None:
        """End the machine as a power cut would; only the process that this lab started."""
        pid = self.pid()
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            if not _qemu.wait_until(lambda: not self.pid(), 10, 0.1):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                _qemu.wait_until(lambda: not self.pid(), 10, 0.1)
        (self.folder / "process.json").unlink(missing_ok=True)

    def client_words(self) -> list[str]:
        """Return the command line of a machine to be installed: its disks, empty unless they were brought, and the
        network before the first of them, unless the firmware has an order of its own.
        """
        by_qemu = self.data["boot_order"] == "network"
        disks = client_disks(self.data)
        for name, size in disks.items():
            self.make_disk(name, ["-f", "qcow2", name, size])
        if self.data["firmware"] == "uefi" and not (self.folder / "vars.fd").exists():
            shutil.copy(_qemu.OVMF / "OVMF_VARS_4M.fd", self.folder / "vars.fd")
        return [
            *self.common_words(),
            *_qemu.firmware_words(self.data["firmware"]),
            *_qemu.network_words(
                self.network["port"],
                self.data["mac"],
                NETWORK_FIRST[self.data["firmware"]] if by_qemu else ",romfile=",
                capture=True,
            ),
            *_qemu.disk_words("disk.qcow2", 5, "qcow2", **({"bootindex": "2"} if by_qemu else {})),
            *(
                word
                for slot, name in enumerate([*disks][1:], MORE_DISKS_SLOT)
                for word in _qemu.disk_words(name, slot, "qcow2")
            ),
        ]

    def server_words(self) -> list[str]:
        """Return the command line of a server: a copy of the base image, its kernel booted directly."""
        image = self.base_image()
        self.make_disk("disk.qcow2", ["-f", "qcow2", "-F", "raw", "-b", image.disk, "disk.qcow2"])
        words = [*self.common_words(), *_qemu.uplink_words(self.data["ssh_port"])]
        words += _qemu.network_words(self.network["port"], self.data["mac"], ",romfile=")
        if self.data["router_mac"]:
            words += _qemu.branch_words(self.branch["port"], self.data["router_mac"])
        words += _qemu.disk_words("disk.qcow2", 5, "qcow2")
        isos = iso_disk(self.lab)
        if isos:
            words += _qemu.disk_words(str(isos), 6, "raw", readonly="on")
        return [
            *words,
            "-kernel",
            str(image.kernel),
            "-initrd",
            str(image.initrd),
            "-append",
            self.kernel_arguments(),
        ]

    def base_image(self) -> ServerImage:
        """Return the image on which this server's disk is built; its kernel must match the modules on that disk."""
        record = self.folder / "image.json"
        if not record.exists() or not (self.folder / "disk.qcow2").exists():
            record.write_text(
                json.dumps([str(path) for path in server_image(self.data["release"])]), encoding="utf-8"
            )
        return ServerImage(*(Path(path) for path in json.loads(record.read_text(encoding="utf-8"))))

    def kernel_arguments(self) -> str:
        """Return the server's kernel command line, by which lab-seed makes it this machine."""
        key = ":".join(self.lab.key.with_suffix(".pub").read_text(encoding="ascii").split()[:2])
        address = with_prefix("ens4", self.data["address"], self.network)
        if self.data["router_mac"]:
            address += " " + with_prefix("ens7", self.data["router_address"], self.branch)
        return f"root=/dev/vda rw console=ttyS0 {FAST} lab.hostname={self.name} {address} lab.key={key}"

    def common_words(self) -> list[str]:
        """Return what every machine has."""
        return _qemu.common_words(self.name, self.data["memory"], self.data["cpus"], accelerator()[0])

    @property
    def network(self) -> dict[str, t.Any]:
        """The network that the machine boots from, {cidr, port}: a client of a branch has that alone."""
        return self.lab.load()["network"] if self.is_server or not self.data["branch"] else self.branch

    @property
    def branch(self) -> dict[str, t.Any]:
        """The other network to which a server leads, or of which a client is."""
        return self.lab.load()["branches"][self.data["branch"]]

    def make_disk(self, name: str, words: list[str | Path]) -> None:
        """Create a disk if the machine has none of this name yet."""
        if not (self.folder / name).exists():
            run(["qemu-img", "create", "-q", *words], cwd=self.folder)

    def ssh(self, *words: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
        """Run a command in the machine; status 255 is ssh's own failure."""
        argv = [
            "ssh",
            "-F",
            str(self.lab.ssh_config),
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=10",
            self.name,
            *words,
        ]
        try:
            return subprocess.run(
                argv, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 255, "", "no answer in time")

    def answers(self) -> bool:
        """Whether the machine can be entered by SSH."""
        return self.ssh("true").returncode == 0

    def wait_for_ssh(self, seconds: float = SSH_SECONDS) -> None:
        """Wait until SSH answers; when it does not, show what the console said last."""
        if not _qemu.wait_until(self.answers_or_is_off, seconds) or not self.pid():
            what = f"did not answer by SSH within {seconds:.0f} s" if self.pid() else "went off"
            raise LabError(
                f"{self.name} {what}; its console ({self.serial}) ends with:\n{self.serial_tail()}"
            )

    def answers_or_is_off(self) -> bool:
        """Whether waiting has an end."""
        return self.answers() or not self.pid()

    def serial_tail(self, lines: int = 25) -> str:
        """Return the end of the console's log, without control sequences."""
        if not self.serial.exists():
            return "(nothing)"
        return printable(
            "\n".join(self.serial.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        )

    def screenshot(self, target: Path) -> None:
        """Write a picture of the screen (PNG)."""
        _qemu.command(self.folder, "screendump", filename=str(target.resolve()), format="png")

    def press(self, keys: t.Iterable[str]) -> None:
        """Press keys one after the other: QEMU's names (`down`, `ret`), `+` between those pressed together."""
        for key in keys:
            chord = [{"type": "qcode", "data": name} for name in key.split("+")]
            _qemu.command(self.folder, "send-key", keys=chord)
            # A key that comes while the last one is still down is lost.
            time.sleep(KEY_SECONDS)

    def remove(self) -> None:
        """Forget disk, variables and logs of a machine that is off."""
        shutil.rmtree(self.folder, ignore_errors=True)


def client_disks(data: dict[str, t.Any]) -> dict[str, str]:
    """Return the sizes of a client's disks by their files, in the order in which it sees them."""
    sizes = [data["disk"], *data["more_disks"]]
    return {f"disk{number if number > 1 else ''}.qcow2": size for number, size in enumerate(sizes, 1)}


def printable(text: str) -> str:
    """Return a console's text without escape sequences."""
    import re

    return re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])|[\x00-\x08\x0b-\x1f\x7f]", "", text)


def checked(description: dict[str, t.Any], firmware: str) -> dict[str, dict[str, t.Any]]:
    """Return the described machines with their defaults; `firmware`, if given, is that of all clients."""
    found = {}
    for name, machine in description.get("machines", {}).items():
        if machine.get("role") not in ("client", "server"):
            raise LabError(f"machines.{name}.role: {machine.get('role')!r} is neither 'client' nor 'server'")
        base = SERVER if machine["role"] == "server" else CLIENT
        unknown = sorted(set(machine) - set(base) - {"mac", "address"})
        missing = sorted({"mac", "address"} - set(machine))
        if unknown or missing:
            raise LabError(
                f"machines.{name}: "
                + "; ".join(f"{w} {k}" for w, k in (("unknown:", unknown), ("missing:", missing)) if k)
            )
        found[name] = {**base, **machine}
        if found[name]["branch"] not in ("", *description.get("branches", {})):
            raise LabError(f"machines.{name}.branch: {found[name]['branch']!r} is not among branches")
        if machine["role"] == "client":
            found[name]["firmware"] = firmware or found[name]["firmware"]
            if found[name]["firmware"] not in NETWORK_FIRST:
                raise LabError(f"machines.{name}.firmware: {found[name]['firmware']!r}; write bios or uefi")
            check_boot_order(name, found[name])
    return found


def check_boot_order(name: str, machine: dict[str, t.Any]) -> None:
    """Refuse an order that nobody keeps."""
    if machine["boot_order"] not in BOOT_ORDERS:
        raise LabError(
            f"machines.{name}.boot_order: {machine['boot_order']!r}; write {' or '.join(BOOT_ORDERS)}"
        )
    if machine["boot_order"] == "firmware" and machine["firmware"] != "uefi":
        raise LabError(
            f"machines.{name}.boot_order: a BIOS here keeps no order; write network, or leave it out"
        )


def with_ssh_port(machine: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a machine with a port for SSH on loopback: the one asked for if it is free, else any free one."""
    if machine["role"] != "server":
        return machine
    return {**machine, "ssh_port": free_tcp_port(machine["ssh_port"])}


def free_tcp_port(wanted: int) -> int:
    """Return a free port of 127.0.0.1, the wanted one if possible."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise LabError("no free port on 127.0.0.1")


def with_port(network: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a network with the port that makes it one of its own."""
    return {"port": free_multicast_port(), **network}


def with_prefix(interface: str, address: str, network: dict[str, t.Any]) -> str:
    """Return what lab-seed is told of an interface."""
    return f"lab.address={interface}:{address}/{ipaddress.ip_network(network['cidr']).prefixlen}"


def free_multicast_port() -> int:
    """Return a UDP port that nothing on this machine uses, so that two labs do not share a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def ssh_config(machines: dict[str, dict[str, t.Any]], keys: t.Sequence[Path]) -> str:
    """Return a configuration for `ssh -F`: servers on loopback, other machines through the first server."""
    identities = "".join(f'  IdentityFile "{key}"\n' for key in keys)
    common = f"  User root\n{identities}  IdentitiesOnly yes\n"
    # A machine installed again has a new key at its old address; the lab's network has no one else on it.
    common += "  StrictHostKeyChecking no\n"
    common += "  UserKnownHostsFile /dev/null\n  GlobalKnownHostsFile /dev/null\n  LogLevel ERROR\n"
    common += "  ServerAliveInterval 15\n  ServerAliveCountMax 8\n"
    gate = next((name for name, data in machines.items() if data["role"] == "server"), None)
    blocks = []
    for name, data in machines.items():
        if data["role"] == "server":
            blocks.append(f"Host {name}\n  HostName 127.0.0.1\n  Port {data['ssh_port']}\n{common}")
        else:
            # ssh starts the jump without this file unless told, hence ProxyCommand.
            jump = (
                f'  ProxyCommand ssh -F "{keys[0].parent / "ssh_config"}" -W %h:%p {gate}\n' if gate else ""
            )
            blocks.append(f"Host {name}\n  HostName {data['address']}\n{jump}{common}")
    return "# Written by the lab (extensions/lab); use: ssh -F THIS-FILE NAME\n" + "\n".join(blocks)


def iso_disk(lab: Lab) -> Path | None:
    """Return a read-only ext4 disk with the lab's images, which a server finds in /srv/iso."""
    files = {Path(name).name: image_file(name) for name in lab.load()["isos"]}
    if not files:
        return None
    stamp = key_of(*(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files.values()))
    disk = lab.folder / f"isos-{stamp}.raw"
    if not disk.exists():
        with locked(lab.folder / ".isos.lock"):
            make_iso_disk(files, disk)
    return disk


def image_file(name: str) -> Path:
    """Return the image of a name of the lab's own, built if need be; any other name is a path."""
    if name in _debian_iso.NAMES:
        return _debian_iso.debian_iso(name)
    if name == _live_iso.NAME:
        return _live_iso.live_iso()
    return _el_iso.el_iso(name) if name in _el_iso.NAMES else Path(name)


def make_iso_disk(files: dict[str, Path], disk: Path) -> None:
    """Write the disk: a file system with the images {name on it: file} as its contents."""
    folder = disk.with_suffix(".d")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, path in files.items():
        run(["cp", "--reflink=auto", "--sparse=always", path, folder / name])
    size = sum(path.stat().st_size for path in files.values()) // 2**20 + 64
    temporary = disk.with_suffix(".new")
    run(["truncate", "-s", f"{int(size * 1.05)}M", temporary])
    run(
        [
            "mke2fs",
            "-q",
            "-t",
            "ext4",
            "-m",
            "0",
            "-L",
            "lab-iso",
            "-O",
            "^has_journal",
            "-d",
            folder,
            temporary,
        ]
    )
    temporary.replace(disk)
    shutil.rmtree(folder)


def read_description(path: Path) -> dict[str, t.Any]:
    """Return a description from a JSON file, or from YAML where PyYAML is installed."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.loads(text)
    try:
        import yaml
    except ImportError:
        raise LabError(f"{path}: this Python has no PyYAML; write the description as JSON") from None
    return yaml.safe_load(text)


def up(lab: Lab, names: t.Sequence[str] = ()) -> None:
    """Start the servers (all, or those named) and wait for them; make the disks of nothing else."""
    servers = [machine for machine in lab.machines("server") if not names or machine.name in names]
    for machine in servers:
        machine.on()
    for machine in servers:
        machine.wait_for_ssh()
        if lab.load()["isos"]:
            machine.ssh("mountpoint -q /srv/iso || mount /srv/iso")
        say(f"{machine.name} answers: ssh -F {lab.ssh_config} {machine.name}")


def down(lab: Lab, keep_disks: bool) -> None:
    """End every machine; then remove what the machines left, unless the disks are to stay."""
    if not lab.file.exists():
        return
    for machine in lab.machines():
        machine.off()
        if not keep_disks:
            machine.remove()
    if not keep_disks:
        shutil.rmtree(lab.folder)
