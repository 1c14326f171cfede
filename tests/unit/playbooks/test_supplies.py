# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server without Internet is told all that it cannot have: the real package manager, which reaches no repository."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import typing as t

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[3]
NOWHERE = "http://127.0.0.1:9"
pytestmark = pytest.mark.skipif(
    shutil.which("apt-get") is None, reason="this test makes a server of Debian's family"
)


@pytest.fixture
def apt(tmp_path: pathlib.Path) -> dict[str, str]:
    """An apt of its own, whose only repository nobody answers for."""
    for name in ("lists/partial", "archives/partial", "none"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "status").touch()
    (tmp_path / "sources.list").write_text(
        f"deb [trusted=yes] {NOWHERE}/debian trixie main\n", encoding="utf-8"
    )
    places = {
        "State": "",
        "State::status": "status",
        "State::lists": "lists",
        "Cache": "",
        "Cache::archives": "archives",
        "Etc::sourcelist": "sources.list",
        "Etc::sourceparts": "none",
        "Etc::parts": "none",
    }
    lines = [f'Dir::{name} "{tmp_path}/{path}";' for name, path in places.items()]
    (tmp_path / "apt.conf").write_text("\n".join([*lines, 'Debug::NoLocking "true";\n']), encoding="utf-8")
    return {"APT_CONFIG": str(tmp_path / "apt.conf")}


def run(folder: pathlib.Path, environment: dict[str, str], **variables: t.Any) -> tuple[int, str]:
    """Runs the tasks on this machine."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "__site_packages": {
                "Debian": {"here": ["dpkg"], "absent": ["netinstall-absent", "dpkg", "gcc-netinstall"]}
            },
            "__site_ipxe": {"git_url": f"{NOWHERE}/ipxe.git", "build_dir": str(folder / "ipxe")},
            **variables,
        },
        "tasks": [
            {"name": "Look", "ansible.builtin.include_tasks": str(PROJECT / "playbooks/tasks/supplies.yml")}
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "play.yml"],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **environment,
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "no_proxy": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_all_that_cannot_be_had_is_said_at_once(tmp_path: pathlib.Path, apt: dict[str, str]) -> None:
    code, said = run(tmp_path, apt, __site_kinds=["here", "absent", "loader_ipxe_git"])
    assert code != 0
    assert "the packages gcc-netinstall, netinstall-absent (E: Unable to locate package" in said
    assert f"the source of iPXE, {NOWHERE}/ipxe.git (" in said
    assert "Connection refused" in said
    assert "Nothing was changed." in said
    assert "write loader_ipxe_method: package" in said
    assert "docs/air-gap.md" in said


def test_a_server_that_has_all_asks_nobody(tmp_path: pathlib.Path, apt: dict[str, str]) -> None:
    (tmp_path / "ipxe/tree-1").mkdir(parents=True)
    (tmp_path / "ipxe/tree-1/.complete").touch()
    code, said = run(tmp_path, apt, __site_kinds=["here", "loader_ipxe_git"])
    assert code == 0, said
    assert "changed=0" in said
    assert list((tmp_path / "lists").iterdir()) == [tmp_path / "lists/partial"]


def test_what_is_brought_follows_the_roles(tmp_path: pathlib.Path) -> None:
    """The page and the list that site.yml reads are current, and a change of a role is seen."""
    copy = tmp_path / "checkout"
    for name in ("roles", "playbooks", "docs", "tests/tools"):
        shutil.copytree(PROJECT / name, copy / name)
    shutil.copy(PROJECT / "requirements.txt", copy)
    command = [sys.executable, str(copy / "tests/tools/air_gap.py"), "--check"]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    role = copy / "roles/dhcp_isc/vars/Debian.yml"
    role.write_text(role.read_text(encoding="utf-8").replace("isc-dhcp-server", "isc-dhcp"), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "docs/air-gap.md is not what the roles' variables say" in done.stdout
