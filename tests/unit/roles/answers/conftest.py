# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arms machines with the role, on a server that is a folder of the test."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation

ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "answers"
COLLECTIONS = pathlib.Path(installation.__file__).parents[5]
URL = "http://10.77.0.1"

Machine = dict[str, t.Any]


def machine(number: int, name: str, distribution: str, **changes: t.Any) -> Machine:
    """A machine of the plan, with a profile of its own."""
    return {
        "name": name,
        "hostname": name.replace("_", "-"),
        "domain": "lab.example",
        "mac": f"52:54:00:aa:00:{number:02x}",
        "address": f"10.77.0.{number}",
        "netmask": "255.255.255.0",
        "http_server": "",
        "gateway": "10.77.0.1",
        "profile": f"profile-{name}",
        "distribution": distribution,
        "family": "debian" if distribution.startswith("debian") else "redhat",
        "disk": "/dev/no-such-disk",
        "firmware": "any",
        "kernel_arguments": [],
        "dns": [],
        **changes,
    }


def distribution(name: str, version: str | None = None) -> dict[str, t.Any]:
    """A distribution of the plan."""
    urls = {
        "http": f"{URL}/trees/{name}",
        "ftp": f"ftp://10.77.0.1/trees/{name}",
        "nfs": f"nfs:10.77.0.1:/srv/pxe/trees/{name}",
        "nfs-iso": f"nfs:10.77.0.1:/srv/pxe/nfs-iso/{name}",
    }
    return {"name": name, "version": version, "tree_url": urls["http"], "tree_urls": urls}


class Armory:
    """Machines and their answers, with one distribution for each name that a machine says."""

    machine = staticmethod(machine)

    def __init__(self, machines: t.Iterable[Machine], versions: t.Mapping[str, str] | None = None) -> None:
        self.machines = {each["name"]: each for each in machines}
        self.versions = dict(versions or {})
        self.sources: dict[str, str] = {}

    def plan(self) -> dict[str, t.Any]:
        names = {each["distribution"] for each in self.machines.values()}
        profiles = {
            each["profile"]: {"source": self.sources.get(name, "http")}
            for name, each in self.machines.items()
        }
        return {
            "urls": {name: f"{URL}/{name}" for name in ("boot", "answers", "events")},
            "distributions": {name: distribution(name, self.versions.get(name)) for name in names},
            "profiles": profiles,
            "machines": list(self.machines.values()),
        }

    def make_server(self, root: pathlib.Path) -> None:
        """What site.yml makes."""
        for name in ("answers", "events", "boot/profiles", "boot/machines"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for item in self.machines.values():
            (root / f"boot/profiles/{item['profile']}.ipxe").write_text("#!ipxe\n")
            script = root / f"boot/machines/{item['mac'].replace(':', '-')}.ipxe"
            script.write_text(
                f"chain {URL}/answers/{installation.script_path({**item, 'machine': item['name']})}\n"
            )

    def arm(
        self,
        folder: pathlib.Path,
        answers: t.Mapping[str, dict[str, t.Any]],
        names: t.Iterable[str] | None = None,
        files: t.Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Let the role arm these machines; answers by machine, files that answers name as ``file``."""
        self.make_server(folder / "srv")
        (folder / "answers").mkdir(exist_ok=True)
        for name, text in (files or {}).items():
            (folder / "answers" / name).write_text(text)
        variables = {
            "answers_root": str(folder / "srv"),
            "answers_plan": self.plan(),
            "answers_profiles": {
                self.machines[name]["profile"]: {"answers": given} for name, given in answers.items()
            },
            "answers_machines": list(names or answers),
            "answers_search": [str(folder / "answers")],
        }
        return run_role(folder, variables)


def run_role(
    folder: pathlib.Path, variables: dict[str, t.Any], entry: str = "arm"
) -> subprocess.CompletedProcess[str]:
    role = {"name": str(ROLE), "tasks_from": entry}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [{"name": "Arm", "ansible.builtin.include_role": role}],
    }
    (folder / "play.yml").write_text(yaml.safe_dump([{**play, "vars": variables}]))
    (folder / "ansible.cfg").write_text("")
    environment = {
        # ansible-test's PYTHONPATH leads to an Ansible without its command line.
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-vvv", "-i", "localhost,", "-c", "local"]
    return subprocess.run(
        [*command, "play.yml"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="session")
def armory() -> type[Armory]:
    return Armory
