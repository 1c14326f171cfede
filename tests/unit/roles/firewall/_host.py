# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server with a firewall of its own: a namespace with its own network and processes, and files in /etc and /run.

The programs are this machine's. There is no systemd in it, so systemctl is a stand-in that says that all is well.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp

ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "firewall"
COLLECTIONS = pathlib.Path(dhcp.__file__).parents[5]
PROBE = str(pathlib.Path(__file__).with_name("_probe.py"))
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

SERVER, INSIDE, OUTSIDE, RELAY, NOWHERE = "10.77.0.1", "10.77.0.200", "10.88.0.5", "10.88.0.9", "0.0.0.0"
SETUP = """set -e
mount -t tmpfs tmpfs /media
mkdir /media/upper /media/work
mount -t overlay -o lowerdir=/etc,upperdir=/media/upper,workdir=/media/work overlay /etc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir -p /etc/systemd/system /etc/firewalld
printf '#!/bin/sh\\n[ "$1" != is-active ] || echo active\\n' >/media/systemctl
chmod 755 /media/systemctl
mount --bind /media/systemctl /usr/bin/systemctl
ip link set lo up
echo ready
exec cat
"""

Probe = tuple[str, str, int]
Record = dict[str, t.Any]


def why_not(*programs: str) -> str:
    """Empty if this machine can do it."""
    missing = [
        name for name in (*programs, "ip", "nsenter", "unshare") if shutil.which(name, path=PATH) is None
    ]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "needs root: firewalls do"
    done = subprocess.run(
        ["unshare", "-mnp", "--fork", "true"], capture_output=True, text=True, timeout=20, check=False
    )
    return f"no namespaces here: {done.stderr.strip()}" if done.returncode else ""


class Host:
    """The server, and a client at the other end of its cable, with addresses inside and outside the install network."""

    def __init__(self, stack: contextlib.ExitStack, folder: pathlib.Path) -> None:
        self.stack = stack
        self.folder = folder
        flags = [
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--propagation",
            "private",
        ]
        self.server = self._hold("unshare", *flags, "sh", "-c", SETUP)
        self.client = self._hold(
            "unshare", "--net", "--fork", "--kill-child", "sh", "-c", "echo ready; exec cat"
        )
        self._connect()

    def _hold(self, *command: str) -> list[str]:
        """Something that lasts as long as the test, and how to enter it."""
        process = self.stack.enter_context(
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PATH": PATH},
            )
        )
        self.stack.callback(process.kill)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        pid = (
            pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            .read_text(encoding="ascii")
            .split()[0]
        )
        own_files = ["--mount", "--pid"] if "--mount" in command else []
        return ["nsenter", "--target", pid, "--net", *own_files]

    def _connect(self) -> None:
        pid = self.client[2]
        # By way of this machine, in whose terms the client's process is known.
        self.on_server("ip", "link", "add", "install", "type", "veth", "peer", "name", "client")
        self.on_server("ip", "addr", "add", f"{SERVER}/24", "dev", "install")
        done = subprocess.run(
            ["nsenter", "--target", self.server[2], "--net", "ip", "link", "set", "client", "netns", pid],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.on_server("ip", "link", "set", "install", "up")
        self.on_server("ip", "route", "add", "10.88.0.0/24", "via", INSIDE, "onlink", "dev", "install")
        for address in (f"{INSIDE}/24", f"{OUTSIDE}/24", f"{RELAY}/24"):
            self._run(self.client, ["ip", "addr", "add", address, "dev", "client"])
        self._run(self.client, ["ip", "link", "set", "client", "up"])

    def _run(self, enter: list[str], command: t.Sequence[str], **more: t.Any) -> str:
        done = subprocess.run(
            [*enter, *command],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8"},
            **more,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def on_server(self, *command: str, text: str = "") -> str:
        return self._run(self.server, command, input=text)

    def background(self, command: str) -> None:
        """Starts something on the server, which says ready."""
        process = self.stack.enter_context(
            subprocess.Popen(
                [*self.server, "sh", "-c", command],
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PATH": PATH},
            )
        )
        self.stack.callback(process.kill)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"

    def listen(self, probes: t.Iterable[Probe]) -> None:
        ports = {
            name: sorted({port for _from, kind, port in probes if kind == name}) for name in ("udp", "tcp")
        }
        self.background(f"exec {sys.executable} {PROBE} listen install '{ports['udp']}' '{ports['tcp']}'")

    def answered(self, probes: t.Iterable[Probe], seconds: float) -> set[Probe]:
        request = {"server": SERVER, "interface": "client", "seconds": seconds, "probes": sorted(probes)}
        said = self._run(self.client, [sys.executable, PROBE, "ask"], input=json.dumps(request))
        return {(source, protocol, int(port)) for source, protocol, port in json.loads(said)}

    def play(self, *entry_points: str, variables: Record, check: bool = False) -> list[list[str]]:
        """Runs the role, at these entry points one after the other: the tasks of each that changed something."""
        plays = [
            {
                "hosts": "localhost",
                "gather_facts": False,
                "vars": variables,
                "tasks": [
                    {
                        "name": "Role",
                        "ansible.builtin.import_role": {"name": str(ROLE), "tasks_from": entry_point},
                    }
                ],
            }
            for entry_point in entry_points
        ]
        (self.folder / "play.yml").write_text(json.dumps(plays), encoding="utf-8")
        (self.folder / "ansible.cfg").write_text("", encoding="utf-8")
        settings = {
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        }
        words = [f"{name}={value}" for name, value in settings.items()]
        said = self.on_server(
            "env",
            "-u",
            "PYTHONPATH",
            *words,
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            "-i",
            "localhost,",
            "-c",
            "local",
            str(self.folder / "play.yml"),
            *(["--check"] if check else []),
        )
        return [
            [
                task["task"]["name"]
                for task in play["tasks"]
                if task["hosts"].get("localhost", {}).get("changed")
            ]
            for play in json.loads(said)["plays"]
        ]


@contextlib.contextmanager
def new_host(folder: pathlib.Path) -> t.Iterator[Host]:
    with contextlib.ExitStack() as stack:
        yield Host(stack, folder)
