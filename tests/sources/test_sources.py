# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role builds the real dnsmasq and nginx, and the tests of the services pass with what it has built.

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
NAMES = ("dnsmasq", "nginx")
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("apt-get") is None, reason="needs root and apt: Debian or Ubuntu"
)

# What the services' own tests run with a program found in PATH
SERVICE_TESTS = {
    "dnsmasq": [
        "-k",
        "dnsmasq",
        "tests/unit/roles/dhcp/test_conversation.py",
        "tests/unit/roles/dhcp_dnsmasq",
    ],
    "nginx": ["tests/unit/roles/http_nginx/test_site.py"],
}


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


@pytest.fixture(scope="session")
def folder() -> t.Iterator[pathlib.Path]:
    # The account that compiles must reach it.
    with tempfile.TemporaryDirectory(prefix="netinstall-sources-") as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session")
def archives(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """The upstream archive of each program's source package."""
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
    found = {}
    for name in NAMES:
        # The archive alone: what Debian changes in it is not asked for.
        run("apt-get", *options, "--quiet", "--tar-only", "source", name, cwd=apt / "sources")
        (found[name],) = (apt / "sources").glob(f"{name}_*.orig.tar.*[!c]")
    return found


@pytest.fixture(scope="session")
def built(folder: pathlib.Path, archives: dict[str, pathlib.Path]) -> dict[str, pathlib.Path]:
    """The programs, as role source_build has published them."""
    programs = {
        name: {"archive": str(path), "checksum": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"}
        for name, path in archives.items()
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {
            "source_build_prefix": str(folder / "prefix"),
            # An account of this machine: tests make none.
            "source_build_build_account": "nobody",
            "source_build_cache": str(folder / "cache"),
            "source_build_programs": programs,
        },
        "roles": [str(ROOT / "roles" / "source_build")],
        "post_tasks": [
            {
                "name": "Tell the test",
                "ansible.builtin.copy": {
                    "content": "{{ source_build_published | to_json }}",
                    "dest": str(folder / "published.json"),
                    "mode": "0644",
                },
            }
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
    environment = {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = (sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", "play.yml")
    run(*command, cwd=folder, **environment)
    published = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    return {name: pathlib.Path(path) for name, path in published.items()}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_version_of_the_archive(
    name: str, archives: dict[str, pathlib.Path], built: dict[str, pathlib.Path], folder: pathlib.Path
) -> None:
    version = archives[name].name.removeprefix(f"{name}_").split(".orig.")[0].split("+")[0]
    said = run(built[name], "--version" if name == "dnsmasq" else "-v", cwd=folder)
    assert f"version {version}" in said or f"version: nginx/{version}" in said, said


@pytest.mark.parametrize("name", NAMES)
def test_the_service_works_with_it(name: str, built: dict[str, pathlib.Path], folder: pathlib.Path) -> None:
    first, used = folder / f"bin-{name}", folder / f"used-{name}"
    first.mkdir()
    used.touch()
    # Services have accounts of their own.
    used.chmod(0o666)
    (first / name).write_text(f'#!/bin/sh\necho >>{used}\nexec {built[name]} "$@"\n', encoding="utf-8")
    (first / name).chmod(0o755)
    command = (sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *SERVICE_TESTS[name])
    said = run(*command, cwd=ROOT, PATH=f"{first}:{os.environ['PATH']}")
    assert " passed" in said, said
    assert used.stat().st_size > 0, f"the tests ran with another {name}"
