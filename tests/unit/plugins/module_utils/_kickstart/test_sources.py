# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.server
import pathlib
import threading
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings


def read(text: str, version: str = "RHEL9", **more: t.Any) -> findings.Reading:
    return check.read(findings.Kickstart("ks.cfg", text, check.parse_version(version), **more))


def write(folder: pathlib.Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.ks").write_text(text, encoding="utf-8")


def lines(reading: findings.Reading) -> list[tuple[str, int]]:
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
    assert found.unended == findings.Where(str(tmp_path / "a.ks"), 2)
    assert read("%include a.ks\n", "RHEL5", folder=str(tmp_path)).unended is None
    assert read("%post\necho\n%end\n").unended is None


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
