# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures site.yml against a server in a container: with nothing to do, and its DHCP part for 1,000 machines.

Prints one table, and fails when a run takes more of the processor's time, or more calls of modules, than promised, or
when a second run changes something. With names of DHCP servers as arguments it measures no others: dnsmasq, isc, kea.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing as t

import _container

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BACKENDS = ("dnsmasq", "isc", "kea")
PACKAGES = ("ipxe",)
MACHINES = 1000
# Of the playbook with nothing to do: seconds of the processor's time on the control node, and modules that run.
PROMISED_SITE, PROMISED_CALLS = 25.0, 90
# Of its DHCP part for so many machines, control node and server together: the first run, and one with nothing to do.
# Most of it is what Ansible takes for the part's tasks with a single machine, which is measured beside it.
PROMISED_DHCP = (13.0, 12.0)
# What so many machines may take besides that.
PROMISED_MACHINES = (4.0, 3.0)
# No backend may take so many times another's.
MOST_BETWEEN_BACKENDS = 1.5

# Counts what Ansible runs on the server, and the processor's time that it takes there.
INTERPRETER = """#!/bin/bash
{python} "$@"
code=$?
times >> {folder}/calls
exit $code
"""
TIMED = """
import json, os, resource, subprocess, sys
done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as out:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], out)
sys.exit(done.returncode)
"""


class Run(t.NamedTuple):
    #: seconds of the processor's time
    control: float
    server: float
    calls: int
    executed: int
    skipped: int
    changed: int
    output: str


def inventory(folder: pathlib.Path, backend: str, count: int) -> dict[str, object]:
    machines = {
        f"node{number:05}": {
            "machine_mac": "52:54:00:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(3, "big")),
            "machine_address": f"10.77.{10 + number // 250}.{number % 250 + 1}",
        }
        for number in range(count)
    }
    site = {
        "ansible_python_interpreter": str(folder / "python"),
        "site_server": {"address": "10.77.0.1", "interface": "ens4"},
        "site_subnets": [
            {"cidr": "10.77.0.0/16", "gateway": "10.77.0.1", "dns": ["10.77.0.1"], "domain": "lab.example"}
        ],
        "site_distributions": {
            "debian-13": {"layout": "copy", "isos": [{"path": str(folder / "debian.iso")}]},
        },
        "site_answers": {"root_ssh_keys": ["ssh-ed25519 AAAA me"], "timezone": "Europe/Berlin"},
        "site_profiles": {"some": {"distribution": "debian-13", "answers": {"packages": ["vim"]}}},
        "site_dhcp_backend": backend,
        "site_tftp_backend": "dnsmasq" if backend == "dnsmasq" else "systemd",
        "loader_ipxe_method": "package",
    }
    children = {
        "pxe_servers": {"hosts": {"pxe1": {"ansible_connection": "local"}}},
        "pxe_machines": {
            "hosts": machines,
            "vars": {"machine_profile": "some", "machine_disk": "/dev/vda"},
        },
    }
    return {"all": {"vars": site, "children": children}}


class Site:
    """A site that is set up in a container from a folder there."""

    def __init__(self, container: _container.Container, folder: pathlib.Path) -> None:
        self.container, self.folder = container, folder
        (folder / "python").write_text(INTERPRETER.format(python="/usr/bin/python3", folder=folder))
        (folder / "python").chmod(0o755)
        (folder / "timed.py").write_text(TIMED)

    def run(self, backend: str, count: int, *arguments: str, **settings: str) -> Run:
        # JSON is YAML.
        (self.folder / "inventory.yml").write_text(json.dumps(inventory(self.folder, backend, count)))
        (self.folder / "calls").write_text("")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".ansible" / "collections"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_NOCOLOR": "1",
            **settings,
        }
        done = self.container.run(
            *(sys.executable, str(self.folder / "timed.py"), str(self.folder / "used")),
            *(sys.executable, "-m", "ansible", "playbook", "-i", str(self.folder / "inventory.yml")),
            *("netinstall.pxe.site", *arguments),
            env=environment,
        )
        if done.returncode:
            raise SystemExit(f"{backend}: {done.stdout[-5000:]}{done.stderr[-2000:]}")
        return self.report(done.stdout)

    def report(self, output: str) -> Run:
        used, _peak = json.loads((self.folder / "used").read_text())
        calls = (self.folder / "calls").read_text()
        # Of each call two lines, the second of which is what Python took.
        spans = [
            span for line in calls.splitlines()[1::2] for span in re.findall(r"([0-9]+)m([0-9.]+)s", line)
        ]
        server = sum(60 * int(minutes) + float(seconds) for minutes, seconds in spans)
        numbers = dict(re.findall(r"(ok|changed|skipped)=([0-9]+)", output.rpartition("PLAY RECAP")[2]))
        ok, changed, skipped = (int(numbers[name]) for name in ("ok", "changed", "skipped"))
        return Run(used - server, server, calls.count("\n") // 2, ok, skipped, changed, output)


def prepare(container: _container.Container, folder: pathlib.Path) -> None:
    """What a server has before the playbook runs for the first time: packages, which are not measured, and an image."""
    commands = [
        f"cd {folder}",
        f"apt-get -qq download {' '.join(PACKAGES)}",
    ]
    subprocess.run(["sh", "-euc", "\n".join(commands)], check=True, capture_output=True)
    done = container.run("sh", "-euc", f"dpkg -i {folder}/*.deb")
    if done.returncode:
        raise SystemExit(f"The packages cannot be installed: {done.stderr}")
    subprocess.run(
        [str(CHECKOUT / "tests/integration/make-iso"), str(folder / "debian.iso")],
        check=True,
        capture_output=True,
    )


def measure_site(site: Site) -> list[str]:
    """The playbook as a whole, with one machine: what is too much of the run with nothing to do."""
    site.run(BACKENDS[0], 1)
    run = site.run(BACKENDS[0], 1)
    print(
        f"{'nothing to do':>24} {'control s':>10} {'server s':>9} {'modules':>8} {'executed':>9} {'skipped':>8}"
    )
    print(
        f"{'site.yml, 1 machine':>24} {run.control:>10.1f} {run.server:>9.1f} {run.calls:>8}"
        f" {run.executed:>9} {run.skipped:>8}",
        flush=True,
    )
    complaints = []
    if run.changed:
        complaints.append(f"site.yml: the second run changed {run.changed} things")
    if run.control > PROMISED_SITE:
        complaints.append(f"site.yml took {run.control:.1f} s, promised are {PROMISED_SITE:.0f} s")
    if run.calls > PROMISED_CALLS:
        complaints.append(f"site.yml ran {run.calls} modules, promised are {PROMISED_CALLS}")
    return complaints


def measure_dhcp(site: Site, backends: t.Sequence[str]) -> list[str]:
    """The DHCP part for many machines: what takes too long, and which backend takes longer than the others."""
    complaints = []
    print(f"{'DHCP, 1,000 machines':>24} {'first s':>10} {'again s':>9} {'one machine s':>14}")
    rows = {}
    for backend in backends:
        tag = f"dhcp_{backend}"
        # What the tag takes besides: the plan, who else answers, and whether packages are to be had.
        site.run(backend, 1, "--tags", tag)
        one = site.run(backend, 1, "--tags", tag)
        floor = one.control + one.server
        runs = [site.run(backend, MACHINES, "--tags", tag) for _number in range(2)]
        rows[backend] = [run.control + run.server for run in runs]
        print(f"{backend:>24} {rows[backend][0]:>10.1f} {rows[backend][1]:>9.1f} {floor:>14.1f}", flush=True)
        if runs[1].changed:
            complaints.append(f"{backend}: the second run changed {runs[1].changed} things")
        for number, name in enumerate(("first run", "second run")):
            seconds = rows[backend][number]
            if seconds > PROMISED_DHCP[number]:
                complaints.append(
                    f"{backend}: the {name} took {seconds:.1f} s, promised are {PROMISED_DHCP[number]:.0f} s"
                )
            if seconds - floor > PROMISED_MACHINES[number]:
                complaints.append(
                    f"{backend}: the machines took {seconds - floor:.1f} s of the {name}, promised are"
                    f" {PROMISED_MACHINES[number]:.0f} s"
                )
    for number, name in enumerate(("first run", "second run")):
        column = [row[number] for row in rows.values()]
        if max(column) > MOST_BETWEEN_BACKENDS * min(column):
            complaints.append(
                f"The {name} takes one backend {max(column) / min(column):.1f} times another's time"
            )
    return complaints


def main() -> None:
    parts = sys.argv[1:] or ["site", *BACKENDS]
    output = CHECKOUT / "tests" / "output"
    output.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output) as name:
        root, folder = pathlib.Path(name, "root"), pathlib.Path(name, "shared")
        root.mkdir()
        folder.mkdir()
        with _container.started(root, folder) as container:
            prepare(container, folder)
            site = Site(container, folder)
            complaints = measure_site(site)
            backends = [backend for backend in BACKENDS if backend in parts]
            complaints += measure_dhcp(site, backends) if backends else []
    if complaints:
        raise SystemExit("\n".join(complaints))


if __name__ == "__main__":
    main()
