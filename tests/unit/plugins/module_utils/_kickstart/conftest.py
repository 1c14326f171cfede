# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.metadata
import json
import pathlib
import subprocess
import sys
import typing as t

import pytest


@pytest.fixture(scope="module")
def program() -> t.Callable[[pathlib.Path, list[tuple[str, str]]], list[int]]:
    """Runs the program ksvalidator: (version, options and file) in, exit statuses out. One process for all."""
    files = importlib.metadata.files("pykickstart") or []
    path = next(str(file.locate()) for file in files if file.name == "ksvalidator")
    code = (
        "import contextlib, io, json, runpy, sys\n"
        f"main = runpy.run_path({path!r})['main']\n"
        "found = []\n"
        "for arguments in json.load(sys.stdin):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        found.append(main(arguments)[0])\n"
        "print(json.dumps(found))\n"
    )

    def run(folder: pathlib.Path, jobs: list[tuple[str, str]]) -> list[int]:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            input=json.dumps(jobs),
            env={"TMPDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        )
        return [int(number) for number in json.loads(done.stdout)]

    return run
