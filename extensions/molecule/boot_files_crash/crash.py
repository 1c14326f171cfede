# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupts the publication of a few thousand boot files on the lab's server, and looks at the files afterwards.

Prints ``[{event, published (new files that were in place by then), harm (sentences)}]`` as JSON.
Arguments are events, if not all of them are wanted.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
LAB = Path(os.environ["LAB_DIR"])
SSH = ["ssh", "-F", str(LAB / "ssh_config"), "pxe1"]
POWER = [sys.executable, str(CHECKOUT / "extensions/lab/lab.py"), "--dir", str(LAB)]
MACHINES = 1500
EVENTS = ("control process killed", "module killed", "power cut")
Files = dict[str, str]

# Waits until the renames are under way, then says so; "kill" as an argument ends the module besides.
WATCHER = """
import os, signal, sys, time
folder = "/srv/pxe/boot/machines"
def module():
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = open(f"/proc/{name}/cmdline").read()
        except OSError:
            continue
        if "AnsiballZ_boot_files" in command and "/bin/sh" not in command and int(name) != os.getpid():
            return int(name)
until = time.monotonic() + 900
while time.monotonic() < until:
    if sum(not name.startswith(".") for name in os.listdir(folder)) > 50:
        found = module() if "kill" in sys.argv else None
        if found:
            os.kill(found, signal.SIGKILL)
        print("now" if found or "kill" not in sys.argv else "too late", flush=True)
        break
    # The server has one processor.
    time.sleep(0.005)
"""
LISTING = """
import hashlib, json, os
found = {}
for folder, _folders, names in os.walk("/srv/pxe/boot"):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            found[os.path.relpath(file.name, "/srv/pxe/boot")] = hashlib.sha256(file.read()).hexdigest()
print(json.dumps(found))
"""


def describe_many() -> list[str]:
    """Write a description with many more machines; return the words that add it to a run."""
    lines = [
        f"m{number} machine_mac=52:54:01:00:{number // 256:02x}:{number % 256:02x}"
        f" machine_address=10.78.{number // 250}.{number % 250 + 1}"
        " machine_profile=debian13-minimal machine_disk=/dev/vda"
        for number in range(MACHINES)
    ]
    (LAB / "many.ini").write_text("\n".join(["[pxe_machines]", *lines, ""]), encoding="utf-8")
    subnets = [
        {"cidr": "10.77.0.0/24", "range": ["10.77.0.100", "10.77.0.199"], "dns": ["10.77.0.1"]},
        {"cidr": "10.78.0.0/16", "dns": ["10.77.0.1"]},
    ]
    return [f"--inventory={LAB / 'many.ini'}", "--extra-vars", json.dumps({"site_subnets": subnets})]


def start(words: list[str]) -> subprocess.Popen[str]:
    """Start the part of site.yml that publishes boot files, in a process group of its own."""
    program = Path(sys.executable).with_name("ansible-playbook")
    argv = [str(program), "site.yml", "--inventory=lab.ini", "--tags=media", *words]
    return subprocess.Popen(
        argv,
        cwd=CHECKOUT,
        # Without pipelining the module is a program with a name on the server.
        env={**os.environ, "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"), "ANSIBLE_PIPELINING": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def publish(words: list[str]) -> Files:
    """Let it run to its end; return what is on the server then."""
    run = start(words)
    output, _err = run.communicate(timeout=900)
    if run.returncode:
        raise SystemExit(output)
    return listing()


def remote(program: str, *words: str) -> str:
    """Run a Python program on the server, return its output."""
    done = subprocess.run(
        [*SSH, "python3", "-", *words], input=program, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def listing() -> Files:
    """SHA-256 of each file below boot/ by its path."""
    return t.cast(Files, json.loads(remote(LISTING)))


def kill(run: subprocess.Popen[str]) -> None:
    """End a run and its workers, which have process groups of their own and would wait for it for ever."""
    command = ["ps", "-o", "pid=", "--ppid", str(run.pid)]
    workers = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.split()
    os.killpg(run.pid, signal.SIGKILL)
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(worker), signal.SIGKILL)


def interrupt(event: str, words: list[str]) -> None:
    """Start a run, wait for the moment, and do it."""
    run = start(words)
    said = remote(WATCHER, *(["kill"] if event == "module killed" else []))
    if said.strip() != "now":
        kill(run)
        raise SystemExit(f"{event}: the renames were not met ({said.strip()}):\n{run.communicate()[0]}")
    if event == "power cut":
        subprocess.run([*POWER, "power", "pxe1", "off"], check=True, stdout=subprocess.DEVNULL)
    if event != "module killed":
        kill(run)
    run.communicate(timeout=300)
    if event == "power cut":
        subprocess.run(
            [*POWER, "up", "pxe1", "--file", os.environ["LAB_FILE"]], check=True, stdout=subprocess.DEVNULL
        )


def harm(found: Files, old: Files, new: Files) -> t.Iterator[str]:
    """What a machine that boots now would suffer from."""
    for path, digest in found.items():
        # Hidden files are what an interrupted run leaves; nobody asks for them.
        if not os.path.basename(path).startswith(".") and digest not in (old.get(path), new.get(path)):
            yield f"{path} is neither the old nor the new one"
    yield from (f"{path} is missing" for path in old if path in new and path not in found)


def trial(event: str, words: list[str], old: Files, new: Files) -> dict[str, t.Any]:
    """Interrupt one publication, look, publish again, look, and go back."""
    interrupt(event, words)
    found = listing()
    wrong = list(harm(found, old, new))
    published = sum(path in found for path in new if path not in old)
    if publish(words) != new:
        wrong.append("the next run ends in another state")
    if publish([]) != old:
        wrong.append("the way back ends in another state")
    return {"event": event, "published": published, "harm": wrong}


def main() -> None:
    """Three trials; the states before and after come from undisturbed runs."""
    words = describe_many()
    old = listing()
    new = publish(words)
    publish([])
    print(json.dumps([trial(event, words, old, new) for event in sys.argv[1:] or EVENTS], indent=1))


if __name__ == "__main__":
    main()
