# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's first stage reads the kernel command line as each release's anaconda does."""

from __future__ import annotations

import pathlib
import shlex
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[5] / "extensions/lab/el/initrd/arguments.sh"
MAC = "52:54:00:aa:00:01"
BOOTIF = "BOOTIF=01-52-54-00-AA-00-01"


def shell(command: str, *words: str) -> str:
    """Run a function of the script; return what it printed."""
    script = f'. "$0"; {command} "$@"'
    done = subprocess.run(["sh", "-c", script, SCRIPT, *words], capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout


def arguments(release: int, line: str) -> dict[str, str]:
    """Return what the first stage makes of a kernel command line, less what is empty."""
    output = shell("arguments", str(release), *line.split())
    pairs = (line.partition("=") for line in output.splitlines())
    values = {name: "".join(shlex.split(value)) for name, _equals, value in pairs}
    return {name: value for name, value in values.items() if value}


KS = "http://10.77.0.1/ks.cfg"
REPO = "http://10.77.0.1/trees/el"


@pytest.mark.parametrize(
    ("release", "line", "found"),
    [
        (6, f"ks={KS} repo={REPO}", {"ks": KS, "repo": REPO}),
        (6, f"ks={KS} method={REPO}", {"ks": KS, "repo": REPO}),
        (6, f"ks={KS} ksdevice=bootif {BOOTIF}", {"ks": KS, "device": MAC}),
        (6, f"{BOOTIF} ks={KS} ksdevice=bootif", {"ks": KS, "device": MAC}),
        (6, f"ks={KS} ksdevice=eth1 {BOOTIF}", {"ks": KS, "device": "eth1"}),
        (6, "ksdevice=52:54:00:AA:00:01", {"device": MAC}),
        (6, "ksdevice=link ip=dhcp", {}),
        (
            6,
            "ip=10.77.0.11 netmask=255.255.255.0 gateway=10.77.0.1 dns=10.77.0.1,10.77.0.2",
            {
                "address": "10.77.0.11",
                "netmask": "255.255.255.0",
                "gateway": "10.77.0.1",
                "nameserver": "10.77.0.1 10.77.0.2",
            },
        ),
        (6, f"inst.ks={KS} inst.repo={REPO}", {"ignored": f"inst.ks={KS} inst.repo={REPO}"}),
        (6, "kssendmac stage2=http://x/install.img", {"sendmac": "1", "stage2": "http://x/install.img"}),
        (7, f"ks={KS} repo={REPO} kssendmac", {"ks": KS, "repo": REPO, "sendmac": "1"}),
        (7, f"inst.ks={KS} inst.repo={REPO} inst.ks.sendmac", {"ks": KS, "repo": REPO, "sendmac": "1"}),
        (7, f"inst.ks={KS} ksdevice=bootif {BOOTIF} ip=dhcp", {"ks": KS, "device": MAC}),
        (7, f"inst.ks={KS} inst.stage2={REPO} ksdevice=ens4", {"ks": KS, "stage2": REPO, "device": "ens4"}),
        (8, f"ks={KS}", {"ks": KS}),
        (9, f"inst.ks={KS} inst.repo={REPO}", {"ks": KS, "repo": REPO}),
        (9, f"ks={KS} repo={REPO} kssendmac", {"ignored": f"ks={KS} repo={REPO} kssendmac"}),
        (9, f"ks={KS} inst.ks={KS}?1", {"ks": f"{KS}?1", "ignored": f"ks={KS}"}),
        (9, f"inst.ks={KS} ip=ens4:dhcp", {"ks": KS, "device": "ens4"}),
        (
            10,
            "ip=10.77.0.11::10.77.0.1:255.255.255.0:node01:ens4:none nameserver=10.77.0.1 nameserver=10.77.0.2",
            {
                "address": "10.77.0.11",
                "gateway": "10.77.0.1",
                "netmask": "255.255.255.0",
                "hostname": "node01",
                "device": "ens4",
                "nameserver": "10.77.0.1 10.77.0.2",
            },
        ),
        (9, "quiet console=ttyS0,115200 inst.text x='$(reboot)'", {}),
    ],
)
def test_each_release_reads_its_own_arguments(release: int, line: str, found: dict[str, str]) -> None:
    assert arguments(release, line) == found


def test_nothing_in_a_value_is_run() -> None:
    assert arguments(9, "inst.ks=http://x/';touch${IFS}/tmp/owned;'") == {
        "ks": "http://x/';touch${IFS}/tmp/owned;'"
    }


def test_stage_2_of_a_tree(tmp_path: pathlib.Path) -> None:
    path = tmp_path / ".treeinfo"
    path.write_text(
        "[general]\nmainimage = no\n\n[stage2]\nmainimage = LiveOS/squashfs.img\n\n[x]\nmainimage = no\n"
    )
    assert shell("tree_stage2", str(path)) == "LiveOS/squashfs.img\n"


@pytest.mark.parametrize(
    "line",
    [
        "url --url=http://h/t",
        'url --url="http://h/t"',
        "url --url http://h/t",
        'url --noverifyssl --url="http://h/t" ',
        "  url --url=http://h/t --proxy=x",
    ],
)
def test_tree_of_a_kickstart(tmp_path: pathlib.Path, line: str) -> None:
    path = tmp_path / "ks.cfg"
    path.write_text(f"# url --url=http://wrong\ntext\n{line}\nurlx --url=http://no\n")
    assert shell("kickstart_url", str(path)) == "http://h/t\n"


def test_tree_of_a_kickstart_for_nfs(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ks.cfg"
    path.write_text("text\nnfs --server=10.77.0.3 --dir=/srv/pxe/trees/el-9\n")
    assert shell("kickstart_url", str(path)) == "nfs:10.77.0.3:/srv/pxe/trees/el-9\n"
