# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how long it takes to check 500 kickstarts: by the module in one run, and by as many runs of ksvalidator.

The module's time is that of ``ansible-playbook`` from its start to its end. Fails when the module is not ten times
faster, or when it counts other problems than the program does.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
FASTEST = 10.0
VERSIONS = ("RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10")
# One kickstart in so many has a mistake, and is read twice.
MISTAKEN = 10


def kickstart(number: int) -> str:
    """A kickstart of usual length. Each is another one."""
    address = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
    mistake = "instal" if number % MISTAKEN == 0 else "reboot"
    return f"""\
# Answers of node{number:05}
{mistake}
url --url=http://10.77.0.1/trees/tree-{number % 7}
lang en_US.UTF-8
keyboard us
timezone --utc Europe/Berlin
network --device=eth0 --bootproto=static --ip={address} --netmask=255.0.0.0 --gateway=10.0.0.1 --nameserver=10.0.0.1
network --hostname=node{number:05}.lab.example
rootpw --iscrypted $6$salt$hash{number}
user --name=admin{number} --groups=wheel --iscrypted --password=$6$salt$hash
selinux --enforcing
firewall --enabled --ssh
services --enabled=sshd
firstboot --disable
ignoredisk --only-use=vda
zerombr
clearpart --all --initlabel --drives=vda
bootloader --location=mbr --append="console=ttyS0"
part /boot --fstype=ext4 --size=1024 --ondisk=vda
part pv.01 --size=10000 --grow --ondisk=vda
volgroup system pv.01
logvol swap --vgname=system --name=swap --size=2048
logvol / --vgname=system --name=root --fstype=ext4 --size=8000
logvol /var --vgname=system --name=var --fstype=ext4 --size=2000
poweroff

%packages
@core
chrony
lrzsz
package-{number}
%end

%pre --log=/tmp/pre.log
for number in 1 2 3; do
    echo "$number"
done
%end

%post --log=/root/post.log
{chr(10).join(f"echo 'step {step} of node{number:05}'" for step in range(40))}
%end
"""


def write(folder: pathlib.Path, count: int) -> list[tuple[str, str]]:
    """(path, version) of each."""
    found = []
    for number in range(count):
        path = folder / f"node{number:05}.ks"
        path.write_text(kickstart(number), encoding="utf-8")
        found.append((str(path), VERSIONS[number % len(VERSIONS)]))
    return found


def by_module(folder: pathlib.Path, files: list[tuple[str, str]]) -> tuple[float, list[int]]:
    """Seconds, and the problems of each file as ksvalidator would count them."""
    result = folder / "result.json"
    tasks = [
        {
            "netinstall.pxe.kickstart_validate": {
                "kickstarts": [{"path": path, "version": version} for path, version in files],
                "follow_includes": False,
                "fail": False,
            },
            "register": "checked",
        },
        {"ansible.builtin.copy": {"content": "{{ checked | to_json }}", "dest": str(result), "mode": "0600"}},
    ]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (folder / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".ansible" / "collections"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-c", "local", "play.yml"]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    found = json.loads(result.read_text(encoding="utf-8"))
    return seconds, [each["ksvalidator"] for each in found["kickstarts"]]


def by_program(folder: pathlib.Path, files: list[tuple[str, str]]) -> tuple[float, list[int]]:
    """Seconds, and the exit status for each file."""
    program = pathlib.Path(sys.executable).with_name("ksvalidator")
    found = []
    # It leaves a file behind each time.
    environment = {**os.environ, "TMPDIR": str(folder)}
    start = time.perf_counter()
    for path, version in files:
        command = [str(program), "-v", version, path]
        found.append(subprocess.run(command, env=environment, capture_output=True, check=False).returncode)
    return time.perf_counter() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=500, help="kickstarts (500)")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = write(folder, count)
        module, counted = by_module(folder, files)
        program, status = by_program(folder, files)
    ratio = program / module
    print(f"{'kickstarts':>11} {'refused':>8} {'module s':>9} {'ksvalidator s':>14} {'ratio':>7}")
    print(f"{count:>11} {sum(map(bool, status)):>8} {module:>9.1f} {program:>14.1f} {ratio:>6.1f}x")
    differing = sum(ours != theirs for ours, theirs in zip(counted, status))
    if differing or len(counted) != len(status):
        raise SystemExit(
            f"{differing} of {count} kickstarts: the module counts other problems than ksvalidator"
        )
    if ratio < FASTEST:
        raise SystemExit(f"the module is {ratio:.1f} times faster, promised is {FASTEST:.0f} times")


if __name__ == "__main__":
    main()
