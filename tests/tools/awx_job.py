# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a job template of playbooks/vars/awx.yml with the answers to its survey, by ansible-runner, as AWX does.

``awx_job.py "netinstall install" FOLDER --inventory lab.ini --answers '{"install_machines": "node01"}'`` checks the
answers as AWX does, lays FOLDER out as AWX lays out a job's private data folder (project, inventory, env, artifacts),
runs the playbook in it, and prints what happened as JSON: `status` (of ansible-runner), `lines` (of its output),
`stats` (from set_stats) and `failures` (`host`, `task`, `msg`). The jobs of one FOLDER share its project.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import stat
import subprocess
import sys
import typing as t

import ansible_runner
import yaml

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
OBJECTS = CHECKOUT / "playbooks" / "vars" / "awx.yml"
TYPES = {"text": str, "textarea": str, "multiplechoice": str, "integer": int}
Variables = dict[str, t.Any]


class Unsafe(str):
    """Text that Ansible must not take for a template."""


class Loader(yaml.SafeLoader):
    """YAML with Ansible's ``!unsafe``."""


class Dumper(yaml.SafeDumper):
    """The same, to write."""


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(node.value))
Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def objects() -> Variables:
    """What awx.yml makes in AWX."""
    return t.cast(Variables, yaml.load(OBJECTS.read_text(encoding="utf-8"), Loader))


def template(name: str) -> Variables:
    """The job template of that name."""
    return next(item for item in objects()["awx_job_templates"] if item["name"] == name)


def questions(item: Variables) -> list[Variables]:
    """The survey of a job template or workflow."""
    return list(item.get("survey", {}).get("spec", []))


def launch_variables(survey: list[Variables], answers: Variables) -> Variables:
    """The variables that a job gets.

    :raises ValueError: AWX would refuse to launch it.
    """
    asked = {question["variable"] for question in survey}
    wrong = [f"{name} is not asked for" for name in answers if name not in asked]
    found = {item["variable"]: item["default"] for item in survey if "default" in item} | answers
    for question in survey:
        wrong += mistakes(question, found)
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


def mistakes(question: Variables, answers: Variables) -> list[str]:
    """What AWX has against the answer to one question."""
    name = question["variable"]
    if name not in answers:
        return [f"'{name}' value missing"] if question["required"] else []
    value = answers[name]
    if not isinstance(value, TYPES[question["type"]]):
        return [f"{name}: {value!r} is no {question['type']}"]
    if value not in question.get("choices", [value]):
        return [f"{name}: {value!r} is none of {question['choices']}"]
    size = value if isinstance(value, int) else len(str(value))
    inside = question.get("min", size) <= size <= question.get("max", size)
    return [] if inside else [f"{name}: {value!r} is too small or too large"]


def extra_variables(own: Variables, answers: Variables) -> str:
    """YAML of the variables of a job. As in AWX, only those that the template has itself may be Ansible templates."""
    shielded = {name: Unsafe(value) if isinstance(value, str) else value for name, value in answers.items()}
    return yaml.dump({**own, **shielded}, Dumper=Dumper)


def lay_out(folder: pathlib.Path, inventory: str, variables: str, key: str) -> None:
    """Make the folders as AWX does.

    :raises subprocess.CalledProcessError: the inventory cannot be read.
    """
    project = folder / "project"
    if not project.exists():
        subprocess.run([CHECKOUT / "tests" / "tools" / "copy-checkout", project], check=True)
    for name in ("inventory", "env"):
        (folder / name).mkdir(exist_ok=True)
    command = ["ansible-inventory", "--list", "--export", "--playbook-dir", ".", "-i", inventory]
    listed = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, check=True).stdout.decode()
    # AWX keeps what the source says, and gives it to the job as a program that prints it.
    hosts = folder / "inventory" / "hosts"
    hosts.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(json.loads(listed))!r})\n", encoding="utf-8")
    hosts.chmod(stat.S_IRWXU)
    (folder / "env" / "extravars").write_text(variables, encoding="utf-8")
    if key:
        (folder / "env" / "ssh_key").write_text(
            pathlib.Path(key).read_text(encoding="utf-8"), encoding="utf-8"
        )


def outcome(run: t.Any) -> Variables:
    """What happened, out of the events."""
    failures, stats = [], {}
    for event in run.events:
        data = event.get("event_data", {})
        if event["event"] in ("runner_on_failed", "runner_on_unreachable") and not data.get("ignore_errors"):
            message = str(data.get("res", {}).get("msg", ""))
            failures.append({"host": data.get("host"), "task": data.get("task"), "msg": message})
        if event["event"] == "playbook_on_stats":
            stats = data.get("artifact_data", {})
    lines = run.stdout.read().splitlines()
    return {"status": run.status, "lines": lines, "stats": stats, "failures": failures}


def main() -> None:
    parser = argparse.ArgumentParser(description="Run a job template as AWX does.")
    parser.add_argument("template")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--inventory", required=True, help="path, relative to the project")
    parser.add_argument("--answers", type=json.loads, default={}, help="to the survey, JSON")
    parser.add_argument("--extra", type=json.loads, default={}, help="variables that the template has itself")
    parser.add_argument("--key", default="", help="file with the machine credential's private key")
    parser.add_argument("--timeout", type=int, default=21600, help="seconds")
    options = parser.parse_args()
    wanted = template(options.template)
    try:
        variables = launch_variables(questions(wanted), options.answers)
    except ValueError as error:
        print(json.dumps({"status": "refused", "lines": [str(error)], "stats": {}, "failures": []}))
        return
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("artifacts/*"))) + 1
    meta = {"awx_job_id": number, "tower_job_id": number, "awx_job_template_name": wanted["name"]}
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    # Of whoever runs this, a job in AWX has none.
    for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
        del os.environ[name]
    lay_out(folder, options.inventory, extra_variables(options.extra, {**variables, **meta}), options.key)
    run = ansible_runner.run(
        private_data_dir=str(folder),
        playbook=wanted["playbook"],
        ident=str(number),
        quiet=True,
        # As AWX sets them.
        envvars={"ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True"},
        settings={"job_timeout": options.timeout},
    )
    print(json.dumps(outcome(run)))


if __name__ == "__main__":
    main()
