# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the roles that plan and arm machines as one command: 10, 100 and 200, with preseeds and with kickstarts.

Prints one table, and fails when arming takes more of the processor's time than promised, or grows faster than the
number of machines.
"""

from __future__ import annotations

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
COUNTS = (10, 100, 200)
# Seconds of the processor's time for the largest number of machines.
PROMISED = 20.0
# Twice the machines may take so many times the processor's time.
MOST_GROWTH = 2.2
DISTRIBUTIONS = ("debian-13", "rocky-9")
PLAY = {
    "hosts": "pxe1",
    "gather_facts": False,
    "tasks": [
        {
            "name": "Plan",
            "ansible.builtin.import_role": {"name": "netinstall.pxe.site", "rolespec_validate": False},
        },
        {
            "name": "Arm",
            "ansible.builtin.import_role": {
                "name": "netinstall.pxe.answers",
                "tasks_from": "arm",
                "rolespec_validate": False,
            },
            "vars": {
                "answers_root": "{{ site_plan.root }}",
                "answers_plan": "{{ site_plan }}",
                "answers_machines": "{{ groups['pxe_machines'] }}",
                "answers_profiles": "{{ site_profiles }}",
                "answers_defaults": "{{ site_answers }}",
                "answers_machine_answers": "{{ machine_answers }}",
            },
        },
    ],
}


def inventory(root: pathlib.Path, distribution: str, count: int) -> dict[str, object]:
    """A site of ``count`` machines that are all to be armed."""
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
    (folder / "play.yml").write_text(json.dumps([PLAY]))
    (folder / "ansible.cfg").write_text("")
    for name in ("answers", "events", "boot/profiles", "boot/machines"):
        (root / name).mkdir(parents=True)
    (root / "boot/profiles/some.ipxe").write_text("#!ipxe\n")
    for name, data in described["all"]["children"]["pxe_machines"]["hosts"].items():  # type: ignore[index]
        mac = data["machine_mac"].replace(":", "-")
        script = root / f"boot/machines/{mac}.ipxe"
        script.write_text(f"chain http://10.77.255.1/answers/{data['machine_address']}/{name}_{mac}.ipxe\n")


def measure(distribution: str, count: int) -> float:
    """Seconds of the processor's time for the command and the modules that it runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_site(folder, distribution, count)
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".ansible" / "collections"),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", "play.yml"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        armed = len(list((folder / "srv/answers").glob("*/*/*.cfg")))
        if done.returncode or armed != count:
            raise SystemExit(f"{armed} of {count} machines were armed: {done.stdout.decode()[-3000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    print(f"{'machines':>9} " + " ".join(f"{name + ', CPU s':>18}" for name in DISTRIBUTIONS))
    rows: dict[int, list[float]] = {}
    for count in COUNTS:
        rows[count] = [measure(distribution, count) for distribution in DISTRIBUTIONS]
        print(f"{count:>9} " + " ".join(f"{seconds:>18.1f}" for seconds in rows[count]), flush=True)
    complaints = []
    for distribution, half, whole in zip(DISTRIBUTIONS, rows[100], rows[200]):
        if whole > PROMISED:
            complaints.append(
                f"{distribution}: 200 machines took {whole:.1f} s, promised are {PROMISED:.0f} s"
            )
        if whole > MOST_GROWTH * half:
            complaints.append(f"{distribution}: twice the machines took {whole / half:.1f} times the time")
    if complaints:
        raise SystemExit("\n".join(complaints))


if __name__ == "__main__":
    main()
