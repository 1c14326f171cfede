# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands with which the role lets in.tftpd and xinetd judge its files before they are in place."""

from __future__ import annotations

import os
import pathlib
import subprocess
import typing as t

import pytest

XINETD = "/etc/xinetd.d/tftp"
REASON = ""
if os.geteuid() != 0:
    REASON = "needs root: in.tftpd changes its root"
elif not (pathlib.Path("/usr/sbin/in.tftpd").exists() and pathlib.Path("/usr/sbin/xinetd").exists()):
    REASON = "apt-get install tftpd-hpa xinetd"
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

Check = t.Callable[[str], "subprocess.CompletedProcess[str]"]


def runs(command: list[str], *more: str) -> Check:
    """The command with a candidate on its standard input, as the role uses it in check mode."""

    def run(candidate: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "/dev/stdin", *more],
            input=candidate,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def check_map(check_command: t.Callable[[str, str], list[str]], tmp_path: pathlib.Path) -> Check:
    return runs(check_command("tftp_server", "__tftp_server_check_map"), str(tmp_path))


@pytest.fixture
def check_xinetd(check_command: t.Callable[[str, str], list[str]]) -> Check:
    return runs(check_command("tftp_server", "__tftp_server_check_xinetd"))


def test_the_rules_are_accepted(check_map: Check, written: t.Any) -> None:
    done = check_map(written.texts["/etc/netinstall-pxe/tftp-map"])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("rule", ["zz x y", "r ( /", "r"])
def test_rules_that_are_none_are_refused(check_map: Check, written: t.Any, rule: str) -> None:
    done = check_map(written.texts["/etc/netinstall-pxe/tftp-map"] + rule + "\n")
    assert done.returncode == 1
    assert "status 78" in done.stderr


@pytest.mark.parametrize("name", [XINETD, "plain xinetd"])
def test_the_service_is_accepted(check_xinetd: Check, written: t.Any, name: str) -> None:
    """The second one is at an address that this machine does not have."""
    before = sorted(os.listdir("/etc/xinetd.d"))
    done = check_xinetd(written.texts[name])
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir("/etc/xinetd.d")) == before


MISTAKES = [
    ("per_source = ", "per_sauce = ", "bad service attribute: per_sauce"),
    ("cps = 100", "cps = many", "cps argument not a number"),
    ("flags = IPv4", "flags = IPV7", "Bad service flag: IPV7"),
    ("bind = 127.0.0.1", "bind = nobody.invalid", "bad address"),
    ("/usr/sbin/in.tftpd\n", "/usr/sbin/in.nothing\n", "/usr/sbin/in.nothing is not executable"),
    ("wait = yes", "# none", "missing attribute wait"),
    ("}\n", "", "missing }"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_a_mistake_is_refused(check_xinetd: Check, written: t.Any, right: str, wrong: str, said: str) -> None:
    text = written.texts[XINETD]
    assert right in text
    done = check_xinetd(text.replace(right, wrong))
    assert done.returncode == 1
    assert said in done.stderr
    assert "/etc/xinetd.d/tftp" in done.stderr or "tftp" in done.stderr


def test_the_old_guides_would_recognise_it(written: t.Any) -> None:
    said = {
        key.strip(): value.strip()
        for key, found, value in (line.partition("=") for line in written.texts["plain xinetd"].splitlines())
        if found
    }
    assert said["per_source"] == "11"
    assert said["cps"] == "100 2"
    assert said["flags"] == "IPv4"
    assert (said["wait"], said["socket_type"], said["disable"]) == ("yes", "dgram", "no")
    words = said["server_args"].split()
    assert "-s" in words
    assert "-c" not in words
    assert words[-1] == "/srv/pxe/boot"
    assert "only_from" not in said
