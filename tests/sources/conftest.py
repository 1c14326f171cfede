# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sources, and what builds and publishes them: what the tests of this folder share.

The sources are those of this machine's Debian: what its own apt gets from its own archives, for which nothing needs to
be changed on the machine. Takes minutes; ``make sources`` and ``make test-full`` run it, ``make test`` does not.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing as t

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# `make setup` has put a link to the checkout there.
sys.path.insert(0, str(ROOT / ".ansible" / "collections"))
# Of this machine: tests make no accounts.
ACCOUNT = "nobody"
NEEDS = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("apt-get") is None, reason="needs root and apt: Debian or Ubuntu"
)


def run(*command: str | pathlib.Path, cwd: pathlib.Path, **environment: str) -> str:
    """What the command says; that it fails is a failed test."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(str(word) for word in command)}:\n{done.stdout[-8000:]}"
    return done.stdout


def source_lists(folder: pathlib.Path) -> None:
    """This machine's archives, asked for sources in place of packages."""
    parts = folder / "sources.list.d"
    parts.mkdir()
    for path in pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"):
        lines = path.read_text(encoding="utf-8").splitlines()
        changed = ["Types: deb-src" if line.startswith("Types:") else line for line in lines]
        (parts / path.name).write_text("\n".join(changed) + "\n", encoding="utf-8")
    lists = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*.list")]
    one = [line for path in lists if path.exists() for line in path.read_text(encoding="utf-8").splitlines()]
    archives = [f"deb-src{line[3:]}" for line in one if line.startswith(("deb ", "deb\t"))]
    (folder / "sources.list").write_text("".join(f"{line}\n" for line in archives), encoding="utf-8")


def checksum(path: pathlib.Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def play(folder: pathlib.Path, role: str, fact: str, variables: dict[str, t.Any]) -> t.Any:
    """Run the role on this machine, and return the fact that it sets."""
    told = folder / f"{role}.json"
    tell = {
        "name": "Tell the test",
        "ansible.builtin.copy": {
            "content": f"{{{{ {fact} | to_json }}}}",
            "dest": str(told),
            "mode": "0644",
        },
    }
    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": variables,
            "roles": [f"netinstall.pxe.{role}"],
            "post_tasks": [tell],
        }
    ]
    (folder / f"{role}.yml").write_text(json.dumps(plays), encoding="utf-8")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    environment = {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible" / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = (sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", f"{role}.yml")
    run(*command, cwd=folder, **environment)
    return json.loads(told.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def folder() -> t.Iterator[pathlib.Path]:
    # The account that compiles must reach it.
    with tempfile.TemporaryDirectory(prefix="netinstall-sources-") as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session")
def fetch(folder: pathlib.Path) -> t.Callable[..., pathlib.Path]:
    """Fetches the files of a source package, into the folder that it returns."""
    apt = folder / "apt"
    for name in ("lists/partial", "cache/archives/partial", "sources"):
        (apt / name).mkdir(parents=True)
    source_lists(apt)
    options = [
        f"-oDir::Etc::SourceList={apt}/sources.list",
        f"-oDir::Etc::SourceParts={apt}/sources.list.d",
        f"-oDir::State::Lists={apt}/lists",
        f"-oDir::Cache={apt}/cache",
        "-oAPT::Sandbox::User=root",
    ]
    run("apt-get", *options, "--quiet", "update", cwd=apt)

    def one(name: str, *more: str) -> pathlib.Path:
        run("apt-get", *options, "--quiet", "--download-only", *more, "source", name, cwd=apt / "sources")
        return apt / "sources"

    return one
