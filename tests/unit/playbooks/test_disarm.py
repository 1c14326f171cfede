# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import yaml

PLAYBOOK = pathlib.Path(__file__).parents[3] / "playbooks" / "disarm.yml"
SEEN = {
    "pxe1": [
        {"mac": "52:54:00:bb:00:01", "described": False},
        {"mac": "52:54:00:bb:00:02", "described": True},
    ],
    "pxe2": [
        {"mac": "52:54:00:bb:00:01", "described": False},
        {"mac": "52:54:00:bb:00:02", "described": False},
        {"mac": "52:54:00:bb:00:03", "described": False},
    ],
}


def test_all_are_not_those_that_one_server_knows_as_described(tmp_path: pathlib.Path) -> None:
    """What is forgotten by name is forgotten on all servers, that it was described too."""
    variables = {
        name: text
        for name, text in yaml.safe_load(PLAYBOOK.read_text())[0]["vars"].items()
        if name not in ("__disarm_said", "__disarm_web")
    }
    variables["__disarm_said"] = {"disarm_unknown": ["all"]}
    variables["__disarm_seen"] = {"results": [{"unknown": one} for one in SEEN.values()]}
    task = {
        "ansible.builtin.copy": {"content": "{{ __disarm_macs | to_json }}", "dest": str(tmp_path / "macs")}
    }
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "play.yml"]
    environment = {
        # ansible-test's PYTHONPATH leads to an Ansible without its command line.
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "macs").read_text()) == ["52:54:00:bb:00:01", "52:54:00:bb:00:03"]
