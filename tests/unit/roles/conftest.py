# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the templates of roles with the very tasks that the roles use, through ansible-playbook."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import random
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils import _errors

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
COLLECTIONS = pathlib.Path(_errors.__file__).parents[5]
# What the tasks of a role do beside rendering needs a server.
SERVER_SIDE = ("owner", "group", "mode", "validate")

Variables = t.Mapping[str, t.Any]


def tasks_in(tasks: list[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    """All tasks of a list, those in blocks too."""
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_in(task.get(part) or [])


def template_task(role: str, dest: str) -> dict[str, t.Any]:
    """The arguments with which ``role`` renders the file ``dest``."""
    for path in sorted((ROLES / role / "tasks").glob("*.yml")):
        for task in tasks_in(yaml.safe_load(path.read_text(encoding="utf-8")) or []):
            arguments = task.get("ansible.builtin.template") or {}
            if arguments.get("dest") == dest:
                return dict(arguments)
    raise AssertionError(f"role {role} renders no {dest}")


def render_task(role: str, dest: str, variables: Variables, out: pathlib.Path) -> dict[str, t.Any]:
    """The role's task, writing to ``out``."""
    arguments = template_task(role, dest)
    source = ROLES / role / "templates" / arguments.pop("src")
    kept = {name: value for name, value in arguments.items() if name not in SERVER_SIDE}
    return {
        "name": f"Render {dest}",
        "ansible.builtin.template": {**kept, "src": str(source), "dest": str(out), "mode": "0644"},
        "vars": dict(variables),
    }


def run_playbook(play: dict[str, t.Any], folder: pathlib.Path, *options: str) -> None:
    """Runs one play on this machine, with none of the user's settings."""
    # JSON is YAML, and with thousands of machines much quicker.
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "ansible.cfg").write_text("", encoding="utf-8")
    environment = {
        # ansible-test's PYTHONPATH leads to an Ansible without its command line.
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [
        sys.executable,
        "-m",
        "ansible",
        "playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
        "play.yml",
        *options,
    ]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def refusal_task(role: str, tasks_from: str, variables: Variables) -> dict[str, t.Any]:
    """Runs part of a role, and adds to ``said`` the messages with which it failed: none if it did not."""
    failed = (
        "{{ said + [[ansible_failed_result] + ansible_failed_result.results | default([]) "
        "| selectattr('failed', 'defined') | selectattr('failed') | list] }}"
    )
    return {
        "name": "Try",
        "block": [
            {
                "name": "Run the role",
                "ansible.builtin.include_role": {"name": str(ROLES / role), "tasks_from": tasks_from},
                "vars": dict(variables),
            },
            {"name": "It passed", "ansible.builtin.set_fact": {"said": "{{ said + [[]] }}"}},
        ],
        "rescue": [{"name": "It failed", "ansible.builtin.set_fact": {"said": failed}}],
    }


def run_refusals(
    role: str, tasks_from: str, facts: Variables, cases: t.Sequence[Variables], *options: str
) -> list[str]:
    """What part of a role says, in check mode on a server with these facts, to each set of variables.

    :arg options: ``--check`` if the role is to know that it is check mode (``ansible_check_mode``)
    """
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "check_mode": True,
            "tasks": [
                {"name": "Facts", "ansible.builtin.set_fact": {**facts, "said": [], "cacheable": True}},
                *(refusal_task(role, tasks_from, each) for each in cases),
                {
                    "name": "Keep",
                    "check_mode": False,
                    "ansible.builtin.copy": {
                        "content": "{{ said | to_json }}",
                        "dest": str(folder / "said"),
                        "mode": "0644",
                    },
                },
                # Else the handlers that were notified would run, which need a server.
                {"name": "End", "ansible.builtin.meta": "end_play"},
            ],
        }
        run_playbook(play, folder, *options)
        said = json.loads((folder / "said").read_text(encoding="utf-8"))
        return ["\n".join(str(result.get("msg")) for result in results) for results in said]


class Renderer:
    """Renders templates of one role for one family of servers."""

    def __init__(self, role: str) -> None:
        self.role = role

    def vars_files(self, family: str) -> list[str]:
        candidates = ("defaults/main.yml", "vars/main.yml", f"vars/{family}.yml")
        return [str(path) for name in candidates if (path := ROLES / self.role / name).exists()]

    def variables(self, family: str = "Debian") -> dict[str, t.Any]:
        """The role's defaults and variables, not rendered."""
        merged: dict[str, t.Any] = {}
        for name in self.vars_files(family):
            merged.update(yaml.safe_load(pathlib.Path(name).read_text(encoding="utf-8")) or {})
        return merged

    def render(self, jobs: t.Sequence[tuple[str, Variables]], family: str = "Debian") -> list[str]:
        """The texts that the role would write, for (destination, variables) each."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            outs = [folder / f"{number}.out" for number in range(len(jobs))]
            tasks = [
                render_task(self.role, dest, variables, out) for (dest, variables), out in zip(jobs, outs)
            ]
            play = {
                "hosts": "localhost",
                "gather_facts": False,
                "vars_files": self.vars_files(family),
                "tasks": tasks,
            }
            run_playbook(play, folder)
            return [out.read_text(encoding="utf-8") for out in outs]


@pytest.fixture(scope="session")
def renderer() -> t.Callable[[str], Renderer]:
    return Renderer


@pytest.fixture(scope="session")
def refusals() -> t.Callable[..., list[str]]:
    return run_refusals


@pytest.fixture(scope="session")
def free_port() -> t.Callable[[], int]:
    """A TCP port that nobody uses now.

    Not one of those that the kernel gives to connections: templates are rendered before the port is used, and on a busy
    machine another test's connection would have it by then.
    """
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])

    def find() -> int:
        while True:
            port = random.randrange(min(10000, first - 1000), first)
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("", port))
                return port

    return find


@pytest.fixture(scope="session")
def check_command(renderer: t.Callable[[str], Renderer]) -> t.Callable[[str, str], list[str]]:
    """A role's checking command, as Ansible splits it."""

    def split(role: str, variable: str) -> list[str]:
        return shlex.split(renderer(role).variables()[variable])

    return split


@pytest.fixture
def systemd_says(tmp_path: pathlib.Path) -> t.Callable[[t.Mapping[str, str]], list[str]]:
    """What systemd has against units: {file name: text}."""

    def verify(units: t.Mapping[str, str]) -> list[str]:
        if not shutil.which("systemd-analyze"):
            pytest.skip("needs systemd-analyze: apt-get install systemd")
        folder = tmp_path / "units"
        folder.mkdir()
        for name, text in units.items():
            (folder / name).write_text(text, encoding="utf-8")
        paths = [str(folder / name) for name in units]
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *paths],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return [line for line in done.stderr.splitlines() if any(name in line for name in units)]

    return verify
