# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings, handlers
from hypothesis import given, settings
from hypothesis import strategies as st

GOOD = """\
# A whole kickstart
lang en_US.UTF-8
keyboard us
timezone --utc Europe/Berlin
network --bootproto=dhcp --device=eth0
url --url=http://10.77.0.1/trees/rocky-9
rootpw --iscrypted $6$salt$hash
zerombr
clearpart --all --drives=vda
part / --fstype=ext4 --size=2000 --ondisk=vda
reboot

%packages
@core
bash # a shell
%end

%post --log=/root/post.log
foo 'bar
%end
"""

# What is wrong with each: (text, version, [(line, severity, kind, part of the text)])
TABLE: list[tuple[str, str, list[tuple[int, str, str, str]]]] = [
    (GOOD, "RHEL9", []),
    ("", "RHEL9", [(1, "error", "parse", "the kickstart is empty")]),
    (" \n\n", "RHEL9", [(1, "error", "parse", "the kickstart is empty")]),
    ("# only a comment\n", "RHEL9", []),
    (
        "lang en_US\ninstall\n",
        "RHEL9",
        [(2, "error", "removed", "install was removed in RHEL9; leave it out")],
    ),
    ("install\n", "RHEL10", [(1, "error", "removed", "install was removed in RHEL9")]),
    ("install\n", "RHEL8", [(1, "warning", "deprecated", "install is deprecated since RHEL8; leave it out")]),
    ("install\n", "RHEL7", []),
    ("mouse\n", "RHEL6", [(1, "error", "removed", "mouse was removed in RHEL6")]),
    ("authconfig --enableshadow\n", "RHEL10", [(1, "error", "removed", "in RHEL10; write authselect")]),
    ("authconfig --enableshadow\n", "RHEL9", [(1, "warning", "deprecated", "use authselect")]),
    ("vnc\n", "RHEL10", [(1, "warning", "deprecated", "vnc is deprecated since RHEL10; write rdp")]),
    ("timesource --ntp-disable\n", "RHEL8", [(1, "error", "parse", "is known from RHEL9 on, not in RHEL8")]),
    (
        "user --name=a --lock\n",
        "RHEL5",
        [(1, "error", "parse", "user --lock is known from RHEL6 on, not in RHEL5")],
    ),
    ("keybord us\n", "RHEL9", [(1, "error", "parse", "no command 'keybord'; did you mean 'keyboard'?")]),
    ("qwertz\n", "RHEL9", [(1, "error", "parse", "the line begins with no command of RHEL9")]),
    (
        "part / --size=1 --active\n",
        "RHEL9",
        [(1, "error", "removed", "part --active was removed in RHEL9; leave it out")],
    ),
    (
        "part / --size=1 --active\n",
        "RHEL8",
        [(1, "warning", "deprecated", "part --active is deprecated since RHEL8")],
    ),
    (
        "part / --size=x --active\n",
        "RHEL9",
        [
            (1, "error", "removed", "part --active was removed in RHEL9"),
            (1, "error", "storage", "invalid int value: 'x'"),
        ],
    ),
    (
        "timezone --isUtc Europe/Berlin\n",
        "RHEL10",
        [(1, "error", "removed", "timezone --isUtc was removed in RHEL10; write --utc")],
    ),
    (
        "timezone --ntpservers=a Europe/Berlin\n",
        "RHEL10",
        [
            (
                1,
                "error",
                "removed",
                "timezone --ntpservers was removed in RHEL10; write timesource --ntp-server",
            )
        ],
    ),
    ("zerombr yes\n", "RHEL6", [(1, "error", "parse", "unrecognized arguments: yes")]),
    (
        "part /a --size=1\npart /a --size=1\n",
        "RHEL9",
        [(2, "warning", "storage", "mountpoint /a has already been defined")],
    ),
    (
        "network --device=eth0\nnetwork --device=eth0\n",
        "RHEL9",
        [(2, "warning", "network", "eth0 has already been defined")],
    ),
    # Both are used.
    ("sshkey --username=root 'ssh-rsa A a'\nsshkey --username=root 'ssh-rsa B b'\n", "RHEL9", []),
    (
        "%packages --nobase\n%end\n",
        "RHEL8",
        [(1, "error", "removed", "%packages --nobase was removed in RHEL8")],
    ),
    (
        "%packages --instLangs=de\n%end\n",
        "RHEL10",
        [(1, "error", "removed", "%packages --instLangs was removed in RHEL10; write --inst-langs")],
    ),
    ("%post --nonsense\n%end\n", "RHEL9", [(1, "error", "parse", "unrecognized arguments: --nonsense")]),
    # What ends the program ends nothing here.
    (
        "install\nlang 'en\nqwertz\n%nonsense\nx\n%end\n%include\ninstall\n",
        "RHEL9",
        [
            (1, "error", "removed", "install"),
            (2, "error", "parse", "a quotation mark is missing"),
            (3, "error", "parse", "no command"),
            (4, "error", "parse", "there is no section %nonsense"),
            (7, "error", "parse", "%include names no file"),
            (8, "error", "removed", "install"),
        ],
    ),
    (
        "%packages\nbash\n%post\necho\n%end\ninstall\n%pre\n",
        "RHEL9",
        [
            (3, "error", "parse", "Section %packages does not end with %end."),
            (6, "error", "removed", "install"),
            (7, "error", "parse", "Section %pre does not end with %end."),
        ],
    ),
    ("%packages\nbash\n%post\necho\n", "RHEL5", []),
    (
        "%packages\n-\n%end\ninstall\n",
        "RHEL9",
        [(2, "error", "parse", "cannot read"), (4, "error", "removed", "")],
    ),
    ("lang\n", "RHEL9", [(1, "error", "parse", "required")]),
    ("lang en_US\r\ninstall\r\n", "RHEL9", [(2, "error", "removed", "install")]),
    ("lang en_US\n# caf\udce9\n", "RHEL9", [(2, "error", "parse", "this is not UTF-8")]),
    (
        "%ksappend\ninstall\n",
        "RHEL9",
        [(1, "error", "include", "names no file"), (2, "error", "removed", "")],
    ),
    (
        "%ksappend none.ks\ninstall\n",
        "RHEL9",
        [(1, "error", "include", "none.ks"), (2, "error", "removed", "")],
    ),
]


def read(text: str, version: str = "RHEL9", **more: t.Any) -> findings.Reading:
    return check.read(findings.Kickstart("ks.cfg", text, check.parse_version(version), **more))


@pytest.mark.parametrize(("text", "version", "expected"), TABLE)
def test_problems(
    text: str, version: str, expected: list[tuple[int, str, str, str]], tmp_path: pathlib.Path
) -> None:
    found = read(text, version, folder=str(tmp_path)).problems
    shown = [(problem.where.line, problem.severity, problem.kind) for problem in found]
    assert shown == [entry[:3] for entry in expected], found
    assert [entry for entry, problem in zip(expected, found) if entry[3] not in problem.text] == [], found
    assert {problem.where.file for problem in found} <= {"ks.cfg"}


# The program


def test_the_program_counts_the_same(program: t.Callable[..., list[int]], tmp_path: pathlib.Path) -> None:
    jobs = []
    for number, (text, version, _expected) in enumerate(TABLE):
        path = tmp_path / f"{number}.ks"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        jobs.append(["-v", version, str(path)])
    counted = program(tmp_path, jobs)
    ours = [
        read(text, version, folder=str(tmp_path), follow=False).counted for text, version, _expected in TABLE
    ]
    assert ours == counted
    assert 0 < counted.count(0) < len(counted)


def test_reading_twice_is_reading_once() -> None:
    """A handler that is used again has kept nothing."""
    for version in ("RHEL6", "RHEL9"):
        once = [read(text, version) for text, *_more in TABLE]
        handlers.pristine.cache_clear()
        new = []
        for text, *_more in TABLE:
            new.append(read(text, version))
            handlers.pristine.cache_clear()
        assert [(each.counted, each.problems) for each in once] == [
            (each.counted, each.problems) for each in new
        ]


# Versions


@pytest.mark.parametrize(
    "text", ["RHEL9", "rhel9", "Red Hat Enterprise Linux 9", "Red Hat Enterprise Linux Server 9.4"]
)
def test_versions(text: str) -> None:
    assert check.parse_version(text) == 34100


@pytest.mark.parametrize(
    ("text", "hint"),
    [("RHLE9", "did you mean 'RHEL9'?"), ("DEVEL2", "write one of RHEL10, RHEL11, RHEL3"), ("", "")],
)
def test_other_versions(text: str, hint: str) -> None:
    with pytest.raises(PxeError, match="not a version of the kickstart syntax") as caught:
        check.parse_version(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("# Kickstart\n#version=RHEL9\n", "RHEL9"),
        ("#version=DEVEL\n", "DEVEL"),
        ("#version=RHEL9 \r\nlang\n", "RHEL9"),
        ("lang #version=RHEL9\n", None),
        ("", None),
    ],
)
def test_version_in_a_file(text: str, version: str | None) -> None:
    assert check.version_in(text) == version


# Anything

_WORDS = [
    "part",
    "/",
    "--size=1",
    "%packages",
    "%end",
    "%pre",
    "%include",
    "a",
    "'",
    "install",
    "@core",
    "-",
    "\n",
    "#",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*_WORDS, "\n", "\n"]), max_size=30).map(" ".join))
def test_whatever_comes(text: str) -> None:
    """Each reading ends, and finds something if the program does."""
    found = read(text)
    assert bool(found.counted) == bool(found.problems)
    assert all(1 <= problem.where.line <= max(1, len(text.splitlines())) for problem in found.problems)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    found = read(text)
    assert bool(found.counted) == bool(found.problems)
