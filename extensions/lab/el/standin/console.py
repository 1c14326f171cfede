# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installer says and logs, and the programs that it runs."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

# Where anaconda has its logs while it runs; kickstarts send them away from there.
LOGS = Path("/tmp")


class FailedError(Exception):
    """The installation cannot go on: why, and what would help."""


class ScriptError(FailedError):
    """A script of the kickstart failed that says that this ends the installation."""


def say(text: str) -> None:
    """Tell the console and the log."""
    seconds = Path("/proc/uptime").read_text(encoding="ascii").partition(".")[0]
    print(f"[stand-in {seconds} s] {text}", flush=True)
    log("anaconda", text)


def log(name: str, text: str) -> None:
    """Add lines to one of the logs."""
    with (LOGS / f"{name}.log").open("a", encoding="utf-8") as handle:
        handle.write(text.rstrip("\n") + "\n")


def run(words: t.Sequence[str | Path], text: str = "", **options: t.Any) -> str:
    """Run a program with a text as its input and return what it printed; both go to the log."""
    argv = [str(word) for word in words]
    log("program", f"Running... {' '.join(argv)}")
    done = subprocess.run(
        argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    log("program", done.stdout)
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise FailedError(f"{' '.join(argv[:4])} failed with status {done.returncode}:\n{tail}")
    return done.stdout
