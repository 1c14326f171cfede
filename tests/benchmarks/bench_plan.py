# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the plan and the boot files of sites with 1,000 and 10,000 machines.

Prints one table, and fails when a site takes longer than promised, when a run that has nothing to do touches a file,
or when the time grows faster than the number of machines.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import typing as t

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
# Seconds for plan and boot files together.
PROMISED = {1000: 5.0, 10000: 30.0}
# Ten times the machines may take so many times the processor's time. Unlike seconds by the clock, that does not depend
# on what else the machine, or its disk, is doing.
MOST_GROWTH = 13.0
RUNS = 3
STEPS = ("plan", "boot files", "no-op")
MEDIA = {"debian-13": {"kernel": "install.amd/vmlinuz", "initrd": ["install.amd/initrd.gz"]}}


def describe(count: int) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
    """A site of ``count`` machines in one subnet."""
    subnet = ipaddress.ip_network("10.64.0.0/14")
    server = str(subnet[1])
    site = {
        "server": {"address": server, "interface": "eth0", "url": f"http://{server}"},
        "subnets": [{"cidr": str(subnet), "gateway": server, "dns": [server], "domain": "lab.example"}],
        "distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
        "profiles": {
            f"profile-{number}": {"distribution": "debian-13", "label": f"Install Debian 13, kind {number}"}
            for number in range(5)
        },
    }
    machines = [
        {
            "name": f"node{number:05}",
            "mac": "52:54:00:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(3, "big")),
            "address": str(subnet[256 + number]),
            "profile": f"profile-{number % 5}",
            "disk": "/dev/vda",
        }
        for number in range(count)
    ]
    return site, machines


def stamps(root: str) -> dict[str, tuple[int, int, int]]:
    """Inode, time of content and time of anything, of all files and folders."""
    found = {}
    for folder, _folders, names in os.walk(root):
        for path in [folder, *(os.path.join(folder, name) for name in names)]:
            status = os.stat(path)
            found[path] = (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
    return found


def measure(count: int) -> dict[str, float]:
    """Run once, in a process of its own, so that the peak of memory is this site's."""
    sys.path.insert(0, str(CHECKOUT / ".ansible" / "collections"))
    from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import site_of
    from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
    from ansible_collections.netinstall.pxe.plugins.module_utils._boot.publication import Publication
    from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

    site, machines = describe(count)
    row: dict[str, float] = {"machines": count}
    plan = timed(row, "plan", lambda: compile_plan(site, machines))
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root, "syslinux")
        folder.mkdir()
        (folder / "vesamenu.c32").touch()

        def publish() -> t.Any:
            site = site_of(plan, MEDIA, server={"pxelinux": {"version": "6.04"}})
            return Publication(site, Folder(root)).run()

        first = timed(row, "boot files", publish)
        before = stamps(root)
        second = timed(row, "no-op", publish)
        after = stamps(root)
    # Five profiles, rescue system, local disk, two menus, the first help screen, boot.ipxe.
    if len(first.created) != 2 * count + 11 or second:
        raise SystemExit(
            f"{count} machines: the runs did not do what they should: {first.created[:9]}, {second}"
        )
    row["touched"] = sum(before[path] != after.get(path) for path in before)
    row["peak MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row


def timed(row: dict[str, float], step: str, work: t.Callable[[], t.Any]) -> t.Any:
    """Note the seconds that a step takes, by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    row[step] = time.perf_counter() - clock
    row[f"{step}, processor"] = time.process_time() - processor
    return result


def in_a_process(count: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", str(count)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def best(count: int) -> dict[str, float]:
    """The least of several runs: whatever else the machine does only adds to it."""
    runs = [in_a_process(count) for _run in range(RUNS)]
    return {
        key: min(run[key] for run in runs) if key != "touched" else max(run[key] for run in runs)
        for key in runs[0]
    }


def complaints(rows: list[dict[str, float]]) -> list[str]:
    found = []
    for row in rows:
        count, total = int(row["machines"]), row["plan"] + row["boot files"]
        if total > PROMISED[count]:
            found.append(f"{count} machines took {total:.1f} s, promised are {PROMISED[count]:.0f} s")
        if row["touched"]:
            found.append(f"{count} machines: a run with nothing to do touched {row['touched']:.0f} files")
    for name, ratio in growth(rows).items():
        if ratio > MOST_GROWTH:
            found.append(f"{name}: ten times the machines take {ratio:.1f} times the processor's time")
    return found


def growth(rows: list[dict[str, float]]) -> dict[str, float]:
    small, large = rows[0], rows[-1]
    return {step: large[f"{step}, processor"] / small[f"{step}, processor"] for step in STEPS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    rows = [best(count) for count in PROMISED]
    print(
        f"{'machines':>9} {'plan s':>8} {'boot files s':>13} {'no-op s':>8} {'touched by no-op':>17} {'peak MiB':>9}"
    )
    for row in rows:
        print(
            f"{row['machines']:>9.0f} {row['plan']:>8.2f} {row['boot files']:>13.2f} {row['no-op']:>8.2f}"
            f" {row['touched']:>17.0f} {row['peak MiB']:>9.0f}"
        )
    ratios = growth(rows)
    print(
        f"{'10k/1k':>9} {ratios['plan']:>7.1f}x {ratios['boot files']:>12.1f}x {ratios['no-op']:>7.1f}x"
        "  of the processor's time"
    )
    if found := complaints(rows):
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
