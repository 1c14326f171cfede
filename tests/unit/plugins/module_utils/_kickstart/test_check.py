# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.server
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import threading
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check
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


def read(text: str, version: str = "RHEL9", **more: t.Any) -> check.Reading:
    return check.read(check.Kickstart("ks.cfg", text, check.parse_version(version), **more))


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
        check._pristine.cache_clear()
        new = []
        for text, *_more in TABLE:
            new.append(read(text, version))
            check._pristine.cache_clear()
        assert [(each.counted, each.problems) for each in once] == [
            (each.counted, each.problems) for each in new
        ]


def test_a_handler_is_as_new() -> None:
    pristine = check._Pristine(check.parse_version("RHEL9"))
    text = (
        GOOD
        + "raid / --level=1 --device=md0 raid.1 raid.2\nlogvol / --name=a --vgname=b --size=1\nrepo --name=a\n"
    )
    new = str(pristine.take())
    handler = pristine.take()
    check._Parser(handler, errorsAreFatal=False).readKickstartFromString(text)
    assert str(handler) != new
    assert str(pristine.take()) == new


# Files


def write(folder: pathlib.Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.ks").write_text(text, encoding="utf-8")


def lines(reading: check.Reading) -> list[tuple[str, int]]:
    return [(pathlib.Path(problem.where.file).name, problem.where.line) for problem in reading.problems]


def test_includes(tmp_path: pathlib.Path, program: t.Callable[..., list[int]]) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, a="lang en_US\ninstall\n%include sub/b.ks\ninstall\n")
    write(tmp_path / "sub", b="# b\n%include c.ks\ninstall\n", c="install\n%packages\nbash\n%end\n")
    text = "%include a.ks\ninstall\n%packages\n@core\n%include sub/d.ks\nzsh\n%end\n"
    (tmp_path / "sub" / "d.ks").write_text("dash\n# x\nfish\n", encoding="utf-8")
    found = read(text, folder=str(tmp_path))
    assert lines(found) == [("ks.cfg", 2), ("a.ks", 2), ("a.ks", 4), ("b.ks", 3), ("c.ks", 1)]
    where = [(pathlib.Path(place.file).name, place.line, line) for place, line in found.packages]
    assert where == [
        ("c.ks", 3, "bash"),
        ("ks.cfg", 4, "@core"),
        ("d.ks", 1, "dash"),
        ("d.ks", 3, "fish"),
        ("ks.cfg", 6, "zsh"),
    ]
    assert found.complete
    (tmp_path / "ks.cfg").write_text(text, encoding="utf-8")
    counted = program(tmp_path, [["-v", "RHEL9", "ks.cfg"], ["-i", "-v", "RHEL9", "ks.cfg"]])
    assert counted == [read(text, folder=str(tmp_path), follow=False).counted, found.counted]


def test_includes_are_not_followed_when_not_wanted(tmp_path: pathlib.Path) -> None:
    write(tmp_path, a="install\n")
    found = read("%include a.ks\n%include none.ks\n", folder=str(tmp_path), follow=False)
    assert found.problems == []
    assert not found.complete


def test_missing_includes(tmp_path: pathlib.Path, program: t.Callable[..., list[int]]) -> None:
    text = "%include none.ks\ninstall\n%include /none/at/all.ks\n"
    found = read(text, folder=str(tmp_path))
    assert lines(found) == [("ks.cfg", 1), ("ks.cfg", 2), ("ks.cfg", 3)]
    assert [problem.kind for problem in found.problems] == ["include", "removed", "include"]
    assert not found.complete
    (tmp_path / "ks.cfg").write_text(text, encoding="utf-8")
    assert program(tmp_path, [["-i", "-v", "RHEL9", "ks.cfg"]]) == [found.counted] == [1]


@pytest.mark.parametrize(
    ("include", "script", "expected"),
    [
        ("/tmp/part.ks", "echo part > /tmp/part.ks", 0),
        ("/tmp/part.ks", "d=/tmp; echo part > $d/part.ks", 0),
        ("/mnt/x/part.ks", "echo part > /mnt/x/part.ks", 0),
        ("/mnt/x/part.ks", "echo part > /mnt/y/part.ks", 1),
        ("/tmp/part.ks", "", 1),
    ],
)
def test_what_pre_writes_is_not_missing(include: str, script: str, expected: int) -> None:
    text = f"%include {include}\ninstall\n" + (f"%pre\n{script}\n%end\n" if script else "")
    found = read(text)
    assert [problem.kind for problem in found.problems] == ["include"] * expected + ["removed"]
    assert not found.complete


def test_what_pre_writes_is_not_taken_from_here(tmp_path: pathlib.Path) -> None:
    """A file of this name on the control node is another one."""
    path = tmp_path / "part.ks"
    path.write_text("install\n", encoding="utf-8")
    found = read(f"%include {path}\n%pre\necho > {path}\n%end\n")
    assert found.problems == []


def test_files_that_include_themselves(tmp_path: pathlib.Path, program: t.Callable[..., list[int]]) -> None:
    write(tmp_path, a="lang en_US\n%include b.ks\n", b="%include a.ks\ninstall\n")
    found = read("%include a.ks\n", folder=str(tmp_path))
    assert [problem.text.partition(" ")[2] for problem in found.problems if problem.kind == "include"] == [
        "includes itself"
    ]
    (tmp_path / "ks.cfg").write_text("%include a.ks\n", encoding="utf-8")
    assert program(tmp_path, [["-i", "-v", "RHEL9", "ks.cfg"]]) == [found.counted] == [1]


def test_a_file_may_be_included_twice(tmp_path: pathlib.Path) -> None:
    write(tmp_path, a="install\n")
    found = read("%include a.ks\n%include a.ks\n", folder=str(tmp_path))
    assert lines(found) == [("a.ks", 1)]
    assert found.counted == 2


def test_mistakes_that_end_the_program_inside_of_includes(tmp_path: pathlib.Path) -> None:
    write(tmp_path, a="lang 'en\ninstall\n", b="%nonsense\n%end\ninstall\n")
    found = read("%include a.ks\ninstall\n%include b.ks\ninstall\n", folder=str(tmp_path))
    assert found.counted == 1
    assert sorted(lines(found)) == [
        ("a.ks", 1),
        ("a.ks", 2),
        ("b.ks", 1),
        ("b.ks", 3),
        ("ks.cfg", 2),
        ("ks.cfg", 4),
    ]


def test_sections_that_included_files_do_not_end(
    tmp_path: pathlib.Path, program: t.Callable[..., list[int]]
) -> None:
    write(tmp_path, a="# a\n%post\necho\n")
    text = "%include a.ks\ninstall\n"
    (tmp_path / "ks.cfg").write_text(text, encoding="utf-8")
    found = read(text, folder=str(tmp_path))
    assert program(tmp_path, [["-i", "-v", "RHEL9", "ks.cfg"]]) == [found.counted] == [0]
    assert found.problems == []
    assert found.unended == check.Where(str(tmp_path / "a.ks"), 2)
    assert read("%include a.ks\n", "RHEL5", folder=str(tmp_path)).unended is None
    assert read(GOOD).unended is None


def test_appended_files(tmp_path: pathlib.Path, program: t.Callable[..., list[int]]) -> None:
    write(tmp_path, a="# a\ninstall\n", b="zerombr")
    text = (
        f"install\n%ksappend {tmp_path}/a.ks\n%ksappend {tmp_path}/b.ks\ninstall\n%packages\n%end\ninstall\n"
    )
    found = read(text)
    # b.ks does not end with a line feed, so that its last line goes on with the next one: pykickstart does so.
    assert lines(found) == [("ks.cfg", 1), ("ks.cfg", 7), ("a.ks", 2), ("b.ks", 1)]
    (tmp_path / "ks.cfg").write_text(text, encoding="utf-8")
    assert program(tmp_path, [["-v", "RHEL9", "ks.cfg"]]) == [found.counted]


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/a.ks"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b"# a\ninstall\n" if found else b"")
        self.server.asked += 1  # type: ignore[attr-defined]

    def log_message(self, *_args: t.Any) -> None:
        pass


@pytest.fixture
def server() -> t.Iterator[http.server.HTTPServer]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Server) as found:
        found.asked = 0  # type: ignore[attr-defined]
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def test_urls(server: http.server.HTTPServer) -> None:
    url = f"http://joe:Gehe1m@127.0.0.1:{server.server_port}"
    found = read(f"%include {url}/a.ks\n%include {url}/b.ks\n%ksappend {url}/a.ks\n")
    assert [(problem.kind, problem.where.line) for problem in found.problems] == [
        ("include", 2),
        ("removed", 2),
    ]
    assert "404" in found.problems[0].text
    assert found.problems[1].where.file == f"http://********@127.0.0.1:{server.server_port}/a.ks"
    assert "Gehe1m" not in str(found.problems)
    # Both readings together fetch each file once.
    assert server.asked == 2  # type: ignore[attr-defined]


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
    with pytest.raises(PxeError, match="no version of the kickstart syntax") as caught:
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
