# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures whole commands about many machines: install (arm, no following), status, disarm.

One server, which is this machine. Prints one line a command: the processor's time of ansible-playbook and of all
modules that it runs, and the largest memory of one of these processes. Fails when a command takes more than promised,
or when ten times the machines take more than twelve times the processor's time.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing as t

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
DEBIAN, ROCKY = "debian-13", "rocky-9"


class Case(t.NamedTuple):
    """A command about all machines of a site, or about the first one, and the seconds that it may take."""

    command: str
    distribution: str
    machines: int
    promised: float
    only_first: bool = False


CASES = (
    Case("install", DEBIAN, 100, 20),
    Case("install", DEBIAN, 200, 20),
    Case("install", DEBIAN, 1000, 90),
    Case("install", ROCKY, 100, 20),
    Case("install", ROCKY, 200, 20),
    Case("install", ROCKY, 1000, 90),
    Case("install", DEBIAN, 5000, 12, only_first=True),
    Case("status", DEBIAN, 1000, 4),
    Case("disarm", DEBIAN, 1000, 15),
)
MOST_MEMORY = 400  # MiB
MOST_GROWTH = 12.0
MORE = {"install": ["-e", "install_follow=no"], "disarm": [], "status": []}


def inventory(root: pathlib.Path, distribution: str, count: int) -> dict[str, t.Any]:
    """A site of ``count`` machines."""
    machines = {
        f"node{number:05}": {
            "machine_mac": "52:54:00:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(3, "big")),
            "machine_address": f"10.77.{number // 250}.{number % 250 + 1}",
        }
        for number in range(count)
    }
    return {
        "all": {
            "vars": {
                "ansible_python_interpreter": sys.executable,
                "site_root": str(root),
                "site_server": {"address": "10.77.255.1", "interface": "lo"},
                "site_subnets": [{"cidr": "10.77.0.0/16", "domain": "lab.example"}],
                "site_distributions": {distribution: {"isos": [{"path": "/srv/iso/some.iso"}]}},
                "site_answers": {"root_ssh_keys": ["ssh-ed25519 AAAA me"], "timezone": "{{ zone }}"},
                "site_profiles": {"some": {"distribution": distribution, "answers": {"packages": ["vim"]}}},
                "zone": "Europe/Berlin",
            },
            "children": {
                "pxe_servers": {"hosts": {"pxe1": {"ansible_connection": "local", "ansible_become": False}}},
                "pxe_machines": {
                    "hosts": machines,
                    "vars": {"machine_profile": "some", "machine_disk": "/dev/vda"},
                },
            },
        }
    }


def make_site(folder: pathlib.Path, distribution: str, count: int) -> None:
    root = folder / "srv"
    described = inventory(root, distribution, count)
    # JSON is YAML.
    (folder / "inventory.yml").write_text(json.dumps(described))
    (folder / "ansible.cfg").write_text("")
    for name in ("answers", "events", "boot/profiles", "boot/machines"):
        (root / name).mkdir(parents=True)
    (root / "boot/profiles/some.ipxe").write_text("#!ipxe\n")
    for name, data in described["all"]["children"]["pxe_machines"]["hosts"].items():
        mac = data["machine_mac"].replace(":", "-")
        script = root / f"boot/machines/{mac}.ipxe"
        script.write_text(f"chain http://10.77.255.1/answers/{data['machine_address']}/{name}_{mac}.ipxe\n")


class Cost(t.NamedTuple):
    """Seconds of the processor's time for a command with all its processes, and the largest one in MiB."""

    seconds: float
    memory: float


def run(folder: pathlib.Path, *words: str) -> Cost:
    """Run a playbook.

    :raises SystemExit: it fails.
    """
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".ansible" / "collections"),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", *words]
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        # As soon as it ends: what it and its own children used.
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {log.read_text()[-3000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def armed(folder: pathlib.Path) -> int:
    return len(list((folder / "srv/answers").glob("*/*/*.cfg")))


def measure(case: Case) -> Cost:
    """What the command itself costs, on a site where there is something to do."""
    named = ["-l", "node00000" if case.only_first else "pxe_machines"]
    number = 1 if case.only_first else case.machines
    confirmed = ["-e", f"install_confirm={number}"]
    install = ["netinstall.pxe.install", *named, *confirmed, *MORE["install"]]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_site(folder, case.distribution, case.machines)
        if case.command != "install":
            run(folder, *install)
            install = [f"netinstall.pxe.{case.command}", *named, *MORE[case.command]]
        cost = run(folder, *install)
        found, expected = armed(folder), 0 if case.command == "disarm" else number
    if found != expected:
        raise SystemExit(f"{case.command}: {found} machines are armed, and not {expected}")
    return cost


def complaints(costs: t.Mapping[Case, Cost]) -> t.Iterator[str]:
    for case, cost in costs.items():
        about = f"{case.command} of {case.machines} machines, {case.distribution}"
        if cost.seconds > case.promised:
            yield f"{about}: took {cost.seconds:.1f} s, promised are {case.promised:.0f} s"
        if cost.memory > MOST_MEMORY and not case.only_first:
            yield f"{about}: needs {cost.memory:.0f} MiB, promised are {MOST_MEMORY}"
        tenth = next(
            (
                costs[other]
                for other in costs
                if case == other._replace(machines=10 * other.machines, promised=case.promised)
            ),
            None,
        )
        if tenth and cost.seconds > MOST_GROWTH * tenth.seconds:
            yield f"{about}: ten times the machines take {cost.seconds / tenth.seconds:.1f} times the time"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--at-most", type=int, default=max(case.machines for case in CASES), help="machines of a site"
    )
    parser.add_argument("--command", choices=sorted(MORE), help="only this one")
    options = parser.parse_args()
    costs: dict[Case, Cost] = {}
    print(f"{'command':<10} {'of':<10} {'machines':>9} {'CPU s':>8} {'MiB':>6}")
    for case in CASES:
        if case.machines > options.at_most or options.command not in (None, case.command):
            continue
        costs[case] = cost = measure(case)
        number = f"1 of {case.machines}" if case.only_first else str(case.machines)
        print(
            f"{case.command:<10} {case.distribution:<10} {number:>9} {cost.seconds:>8.1f} {cost.memory:>6.0f}",
            flush=True,
        )
    found = list(complaints(costs))
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
