# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the program that takes back what is over, as a server's timer runs it: 100, 1,000 and 5,000 armed machines.

Each of them was installed before, long ago. Fails when a run takes more of the processor's time than promised, or does
not do its work.
"""

from __future__ import annotations

import os
import pathlib
import resource
import shlex
import subprocess
import sys
import tempfile
import time
import typing as t

import jinja2

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = CHECKOUT / "roles/answers/templates/usr/local/sbin/netinstall-pxe-expire.j2"
COUNTS = (100, 1000, 5000)
# Seconds of the processor's time.
PROMISED = 1.0
URLS = {name: f"http://10.77.255.1/{name}" for name in ("boot", "answers", "events")}
DAY = 86400


def make_site(root: pathlib.Path, count: int) -> None:
    """Armed machines, of which the time of one is over."""
    sys.path.insert(0, str(CHECKOUT / ".ansible" / "collections"))
    from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation
    from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import armed_script

    now = int(time.time())
    for number in range(count):
        begin = now - 60 if number else now - 7200
        item: dict[str, t.Any] = {
            "machine": f"node{number:05}",
            "mac": "52:54:00:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(3, "big")),
            "address": f"10.77.{number // 250}.{number % 250 + 1}",
            "token": f"{number:032x}",
            "window": installation.window_of(begin, begin + 3600),
            "profile": "some",
            "disk": "/dev/vda",
            "install_arguments": ["auto=true"],
        }
        for path in (f"events/{installation.folder_of(item)}", f"events/{item['address']}/{'f' * 32}"):
            (root / path).mkdir(parents=True)
        os.utime(root / f"events/{item['address']}/{'f' * 32}", (now - 9 * DAY, now - 9 * DAY))
        script = root / "answers" / installation.script_path(item)
        (script.parent / item["token"]).mkdir(parents=True)
        script.write_text(armed_script(item, URLS))


def measure(count: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        make_site(root, count)
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
        environment.filters["quote"] = shlex.quote
        variables = {"answers_root": name, "answers_lifetime": 3600, "answers_history_days": 30}
        text = environment.from_string(PROGRAM.read_text()).render(ansible_managed="", **variables)
        # The clock of a server that has just been started counts for nothing.
        (root / "uptime").write_text("100000.00 1.00\n")
        (root / "program").write_text(text.replace("/proc/uptime", f"{name}/uptime"))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(["sh", root / "program"], capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.stdout != "The arming of 10.77.0.1 expired after 3600 seconds\n" or done.stderr:
        raise SystemExit(f"it said: {done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    print(f"{'machines':>9} {'CPU s':>8}")
    for count in COUNTS:
        seconds = measure(count)
        print(f"{count:>9} {seconds:>8.2f}", flush=True)
        if seconds > PROMISED:
            raise SystemExit(f"{count} machines took {seconds:.1f} s, promised are {PROMISED:.0f} s")


if __name__ == "__main__":
    main()
