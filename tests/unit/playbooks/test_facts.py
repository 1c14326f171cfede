# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a server are gathered once a run of site.yml, not once a play."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import yaml

PLAYBOOKS = pathlib.Path(__file__).resolve().parents[3] / "playbooks"
FACTS = {"ansible.builtin.import_tasks": "tasks/facts.yml"}


def test_no_play_of_site_gathers_by_itself_and_each_with_roles_asks_first() -> None:
    """Whatever tags are asked for, as far as Ansible itself would have gathered."""
    for play in yaml.safe_load((PLAYBOOKS / "site.yml").read_text()):
        assert play["gather_facts"] is False, play["name"]
        tasks = [*play.get("pre_tasks", ()), *play.get("tasks", ())]
        brings_roles = bool(play.get("roles")) or any(
            task.get("ansible.builtin.include_role", {}).get("name", "").startswith("netinstall.pxe.")
            for task in tasks
        )
        if not brings_roles or "firewall" in str(play.get("roles")):
            # That role learns itself what it needs.
            continue
        assert FACTS.items() <= tasks[0].items(), play["name"]
        assert tasks[0]["tags"] == "always", play["name"]


def test_a_later_play_does_not_ask_again(tmp_path: pathlib.Path) -> None:
    """Also where tags leave out all else."""
    facts = {"ansible.builtin.import_tasks": str(PLAYBOOKS / "tasks/facts.yml"), "tags": "always"}
    show = {"ansible.builtin.debug": {"msg": "a {{ ansible_facts.os_family }}"}, "tags": "show"}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [facts, show]}
    (tmp_path / "ansible.cfg").write_text("")
    # JSON is YAML.
    (tmp_path / "play.yml").write_text(json.dumps([play, play, play]))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,"]
    done = subprocess.run(
        [*command, "-e", f"ansible_python_interpreter={sys.executable}", "--tags", "show", "play.yml"],
        cwd=tmp_path,
        env={
            **environment,
            "ANSIBLE_HOME": str(tmp_path),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"localhost +: ok=4 +changed=0 .* skipped=2 ", done.stdout), done.stdout
