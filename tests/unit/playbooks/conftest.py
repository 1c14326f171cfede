# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs site.yml itself, and others, with roles that change nothing but say where they run, and with which variables.

The roles keep their argument_specs, which Ansible checks. The role `site`, and so the plan, is the real one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest
import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[3]
Record = dict[str, t.Any]

#: What roles hand on to others
PUBLISHED = {
    "media": {"media_published": {"debian-13": {"kernel": "linux", "initrd": ["initrd.gz"]}}},
    "loader_syslinux": {"loader_syslinux_published": {"version": "6.04"}},
}
SUPPLIES = "supplies"
#: Writes down each role that runs, in the order in which they do.
CALLBACK = """
import json, os
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "note"

    def v2_runner_on_ok(self, result):
        said = result._result.get("note")
        if said:
            with open(os.environ["NOTES"], "a") as notes:
                notes.write(json.dumps({"host": result._host.get_name(), **said}) + "\\n")
"""
MODULE = """#!/usr/bin/python
import json
print(json.dumps({result}))
"""
#: An action plugin, so that nothing has to be sent to hosts
ACTION = """
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return {**super().run(tmp, task_vars), "note": self._task.args}
"""


@dataclasses.dataclass(frozen=True)
class Call:
    """A role that ran on a host."""

    host: str
    role: str
    entry: str
    variables: Record


@dataclasses.dataclass(frozen=True)
class Run:
    """How the playbook ended."""

    code: int
    said: str
    calls: list[Call]
    #: what each host is looked through for before anything is changed
    supplies: dict[str, list[str]]

    @property
    def words(self) -> str:
        return " ".join(self.said.split())

    def of(self, role: str, entry: str = "main") -> dict[str, Record]:
        """The variables of a role on each host where it ran."""
        return {call.host: call.variables for call in self.calls if (call.role, call.entry) == (role, entry)}

    def order(self, *roles: str) -> list[tuple[str, str, str]]:
        return [(call.host, call.role, call.entry) for call in self.calls if call.role in roles]


class Site:
    """A copy of the collection in which roles do nothing."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.collection = folder / "ansible_collections" / "netinstall" / "pxe"
        self.collection.mkdir(parents=True)
        for name in ("meta", "galaxy.yml"):
            (self.collection / name).symlink_to(PROJECT / name)
        shutil.copytree(PROJECT / "playbooks", self.collection / "playbooks")
        # It would look at this machine; test_supplies.py runs it.
        note = {"role": SUPPLIES, "entry": "main", "variables": {"kinds": "{{ __site_kinds }}"}}
        tasks = self.collection / "playbooks" / "tasks" / "supplies.yml"
        tasks.write_text(json.dumps([{"name": "Note", "note": note}]), encoding="utf-8")
        self._plugins()
        for role in sorted(path.name for path in (PROJECT / "roles").iterdir()):
            self._role(role)
        self.numbers = iter(range(1000))

    def _plugins(self) -> None:
        for kind in ("action", "filter", "lookup", "module_utils", "plugin_utils", "doc_fragments"):
            (self.collection / "plugins" / kind).parent.mkdir(exist_ok=True)
            (self.collection / "plugins" / kind).symlink_to(PROJECT / "plugins" / kind)
        modules = self.collection / "plugins" / "modules"
        modules.mkdir()
        for name in (
            "boot_plan_info.py",
            "answers_info.py",
            "installations_info.py",
            "kickstart_validate.py",
        ):
            (modules / name).symlink_to(PROJECT / "plugins" / "modules" / name)
        (modules / "dhcp_servers_info.py").write_text(MODULE.format(result={"changed": False, "servers": []}))
        for kind, name, text in (
            ("callback", "note", CALLBACK),
            ("action", "note", ACTION),
            ("library", "setup", MODULE.format(result={"ansible_facts": {"os_family": "Debian"}})),
            ("library", "note", "# An action plugin does it."),
        ):
            (self.folder / kind).mkdir(exist_ok=True)
            (self.folder / kind / f"{name}.py").write_text(text, encoding="utf-8")

    def _role(self, role: str) -> None:
        original, copy = PROJECT / "roles" / role, self.collection / "roles" / role
        copy.parent.mkdir(exist_ok=True)
        if role == "site":
            copy.symlink_to(original)
            return
        (copy / "tasks").mkdir(parents=True)
        (copy / "meta").symlink_to(original / "meta")
        if (original / "defaults").exists():
            (copy / "defaults").symlink_to(original / "defaults")
        variables = "{{ dict(names | zip(query('ansible.builtin.vars', *names))) }}"
        for path in (original / "tasks").glob("*.yml"):
            tasks: list[Record] = [
                {
                    "name": "Note",
                    "note": {
                        "role": role,
                        "entry": path.stem,
                        # What takes a role away has no arguments that must be there.
                        "variables": variables if path.stem in ("main", "offers") else {},
                    },
                    "vars": {"names": f"{{{{ query('ansible.builtin.varnames', '^{role}_') | sort }}}}"},
                }
            ]
            if path.stem == "main" and role in PUBLISHED:
                tasks.append({"name": "Publish", "ansible.builtin.set_fact": PUBLISHED[role]})
            (copy / "tasks" / path.name).write_text(json.dumps(tasks), encoding="utf-8")

    def run(self, inventory: Record, *arguments: str, playbook: str = "site") -> Run:
        """:arg inventory: as YAML has it"""
        place = self.folder / f"run{next(self.numbers)}"
        place.mkdir()
        notes = place / "notes"
        notes.touch()
        (place / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")
        (place / "ansible.cfg").write_text("", encoding="utf-8")
        environment = {
            # ansible-test's PYTHONPATH leads to an Ansible without its command line.
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "ANSIBLE_CONFIG": str(place / "ansible.cfg"),
            "ANSIBLE_HOME": str(place),
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder),
            "ANSIBLE_REMOTE_TEMP": str(place / "remote"),
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_CALLBACK_PLUGINS": str(self.folder / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "note",
            "ANSIBLE_ACTION_PLUGINS": str(self.folder / "action"),
            "ANSIBLE_LIBRARY": str(self.folder / "library"),
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "NOTES": str(notes),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", "-c", "local"]
        done = subprocess.run(
            [*command, f"netinstall.pxe.{playbook}", *arguments],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        lines = notes.read_text(encoding="utf-8").splitlines()
        calls = [Call(**json.loads(line)) for line in lines]
        supplies = {call.host: sorted(call.variables["kinds"]) for call in calls if call.role == SUPPLIES}
        roles = [call for call in calls if call.role != SUPPLIES]
        return Run(done.returncode, done.stdout + done.stderr, roles, supplies)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def plays() -> list[Record]:
    """What site.yml says."""
    text = (PROJECT / "playbooks" / "site.yml").read_text(encoding="utf-8")
    return t.cast("list[Record]", yaml.safe_load(text))
