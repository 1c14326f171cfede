# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shlex

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings, history
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import (
    COMMANDS,
    MASK,
    hide,
    hide_users,
)
from hypothesis import given
from hypothesis import strategies as st
from pykickstart import version as ks

# Lines with mistakes, so that pykickstart speaks of them. The secret is always Gehe1m.
MISTAKES = [
    "rootpw Gehe1m Gehe1m",
    "rootpw --plaintxt Gehe1m",
    "rootpw --pasword=Gehe1m",
    "rootpw -Gehe1m",
    "rootpw --Gehe1m",
    "rootpw --lock=Gehe1m",
    "rootpw --iscrypted=Gehe1m x",
    "user --name=joe --pasword=Gehe1m",
    "user --name=joe --pasword Gehe1m",
    "user --name=joe --password=a Gehe1m",
    "user --name=joe --lock Gehe1m",
    "user --pass=Gehe1m",
    "sshpw --username=joe Gehe1m Gehe1m --nonsense",
    "sshpw --usrname=joe Gehe1m",
    "bootloader --md5=Gehe1m --nonsense",
    "bootloader --passwort=Gehe1m",
    "bootloader --iscrypted --password Gehe1m Gehe1m",
    "part / --size=1 --passphrase ge Gehe1m",
    "part / --size=1 --passphrse=Gehe1m",
    "part / --size=1 --passphrse Gehe1m Gehe1m",
    "autopart --encrypted --pasphrase=Gehe1m",
    "autopart --passphrase ge Gehe1m",
    "logvol / --name=a --vgname=b --size=1 --passphrase=ge Gehe1m",
    "raid / --level=1 --device=md0 --passphrase=ge Gehe1m --nonsense",
    "vnc --pasword=Gehe1m",
    "vnc Gehe1m",
    "iscsi --target=a --ipaddr=b --port=3 --reverse-pasword=Gehe1m",
    "rhsm --organization=1 --activationkey=Gehe1m",
    "rhsm --organization=1 Gehe1m",
    "network --device=wlan0 --wepkey= --wpakay=Gehe1m",
    "realm join --one-time-pasword=Gehe1m example.com",
    "url --url=http://joe:Gehe1m@example.com/ --nonsense",
    "url --url http://joe:Gehe1m@example.com/ http://joe:Gehe1m@example.com/",
    "repo --name=a --baseurl=http://joe:Gehe1m@example.com/ --nonsense http://Gehe1m@example.com/",
    "%include http://joe:Gehe1m@127.0.0.1:9/ks.cfg",
    "%ksappend http://joe:Gehe1m@127.0.0.1:9/ks.cfg",
    'rootpw "Gehe1m',
    "rootpw --iscrypted \\\nGehe1m",
    "rootpww Gehe1m",
    "ROOTPW Gehe1m",
]


@pytest.mark.parametrize("version", ["RHEL5", "RHEL7", "RHEL9", "RHEL10"])
@pytest.mark.parametrize("line", MISTAKES)
def test_no_problem_shows_a_secret(line: str, version: str) -> None:
    found = check.read(findings.Kickstart("ks.cfg", f"{line}\n", check.parse_version(version))).problems
    assert not [problem for problem in found if "Gehe1m" in str(problem)]


def test_the_lines_above_are_mistakes() -> None:
    """Else they would prove nothing."""
    found = [
        line
        for line in MISTAKES
        if not check.read(findings.Kickstart("ks.cfg", f"{line}\n", ks.RHEL9)).problems
    ]
    assert found == []


def test_scripts_are_not_shown() -> None:
    """Neither where a section does not end, nor where one is not known."""
    text = (
        "%pre\necho Gehe1m\n%post\nGehe1m\n%nonsense\nGehe1m 'Gehe1m\n%end\n%addon x\nGehe1m\n%pre\n'Gehe1m"
    )
    found = check.read(findings.Kickstart("ks.cfg", text, ks.RHEL9)).problems
    assert len(found) > 2
    assert "Gehe1m" not in str(found)


def test_what_is_public_stays() -> None:
    options = history.options("user", ks.RHEL9)
    line = "user --name=joe --password=Gehe1m --uid=x --gropus=wheel"
    assert hide("invalid int value: 'x'", line, options) == "invalid int value: 'x'"
    assert hide("unrecognized arguments: --gropus=wheel", line, options) == (
        f"unrecognized arguments: --gropus={MASK}"
    )
    assert hide("joe has Gehe1m", line, options) == f"joe has {MASK}"


def test_short_secrets_leave_other_words_alone() -> None:
    assert hide("a bad word: a", "rootpw a", {}) == f"{MASK} bad word: {MASK}"


def test_other_commands_are_shown() -> None:
    assert hide("invalid choice: 'x'", "selinux x", {}) == "invalid choice: 'x'"
    assert hide("x", "", {}) == "x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://joe:pw@host/x", f"http://{MASK}@host/x"),
        ("http://joe@host/x", f"http://{MASK}@host/x"),
        ("ftp://a:b@c/@d", f"ftp://{MASK}@c/@d"),
        ("http://joe:p@ss@host/x", f"http://{MASK}@host/x"),
        ("http://host/x@y", "http://host/x@y"),
        ("joe@example.com", "joe@example.com"),
    ],
)
def test_users_in_urls(text: str, shown: str) -> None:
    assert hide_users(text) == shown


@given(
    st.sampled_from(sorted(COMMANDS)),
    st.text("abcXYZ019$/.\"'\\ =-", min_size=4, max_size=12).map(lambda text: f"Q{text}Q"),
    st.sampled_from(["--password={}", "--passphrase {}", "--nonsense={}", "--nonsense {}", "--iscrypted {}"]),
)
def test_whatever_argparse_quotes(command: str, secret: str, shape: str) -> None:
    """Secrets with any characters, however the message quotes them."""
    line = f"{command} {shape.format(shlex.quote(secret))}"
    if (
        command in ("rootpw", "sshpw", "user", "vnc", "rdp", "key", "realm", "rhsm")
        or "iscrypted" not in shape
    ):
        for message in (f"unrecognized arguments: {secret} x", f"bad: {[secret]}"):
            shown = hide(message, line, history.options(command, ks.RHEL9))
            assert secret not in shown
            assert repr(secret)[1:-1] not in shown
