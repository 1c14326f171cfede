# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, findings, packages

INDEX = packages.make_index(
    {
        "packages": [
            "bash",
            "glibc",
            "gcc-c++",
            "java-1.8.0-openjdk",
            "lrzsz",
            "python3.11",
            "vim-enhanced",
            "xterm",
        ],
        "groups": ["Base", "Core", "Office/Productivity", "X Window System", "base", "core", "office", "x11"],
        "environments": ["Minimal Install", "minimal-environment"],
        "modules": ["nodejs:18", "nodejs:20", "perl:5.32"],
        "provides": ["vim", "webserver"],
    }
)
TREE = "http://10.77.0.1/trees/rocky-9"
URLS = [TREE, "ftp://10.77.0.1/trees/rocky-9", "nfs:10.77.0.1:/srv/pxe/trees/rocky-9"]

THERE = [
    "bash",
    "bash.x86_64",
    "glibc.i686",
    "bash-5.1.8",
    "bash-5.1.8-6.el9",
    "bash-5.1.8-6.el9.x86_64",
    "bash-0:5.1.8-6.el9.x86_64",
    "0:bash-5.1.8-6.el9",
    "java-1.8.0-openjdk",
    "java-1.8.0-openjdk-1.8.0.362",
    "python3.11",
    "gcc-c++",
    "vim",
    "webserver",
    "vim*",
    "*term",
    "?ash",
    "glibc*.i686",
    "java-*-openjdk",
    "/usr/bin/zsh",
    "perl(Digest::MD5)",
    "bash >= 5",
    "-nonsense",
    "-@nonsense",
    "-@^nonsense",
    "bash # a shell",
    "@core",
    "@Core",
    "@CORE",
    "@ Core",
    "@core --nodefaults",
    "@X Window System",
    "@x window system --optional",
    "@Office/Productivity",
    "@x1*",
    "@^minimal-environment",
    "@^Minimal Install",
    "@minimal-environment",
    "@nodejs",
    "@nodejs:18",
    "@nodejs:18/development",
    "@nodejs/minimal",
]

MISSING = [
    ("bahs", "unknown-package", "bahs: the tree has no such package; did you mean bash?"),
    ("bsah.x86_64", "unknown-package", "bsah.x86_64: the tree has no such package"),
    ("bash.xy", "unknown-package", "bash.xy: the tree"),
    ("zzzz", "unknown-package", "leave it out, or add a repository that has it"),
    ("zz*", "unknown-package", "zz*: the tree has no such package"),
    ("bash lrzsz", "unknown-package", "write one in each line"),
    ("Bash", "unknown-package", "did you mean bash?"),
    ("bash-x", "unknown-package", "bash-x: the tree"),
    ("@cor", "unknown-group", "@cor: the tree has no such group; did you mean @core?"),
    ("@X Windows System", "unknown-group", "did you mean @X Window System?"),
    ("@zz*", "unknown-group", "@zz*: the tree has no such group"),
    ("@nodejs:19", "unknown-group", "@nodejs:19: the tree has only nodejs:18, nodejs:20 of this module"),
    ("@ruby:3.1", "unknown-group", "@ruby:3.1: the tree has no such group"),
    (
        "@^minimal",
        "unknown-group",
        "@^minimal: the tree has no such environment; did you mean @^Minimal Install?",
    ),
    ("@^core", "unknown-group", "@^core: the tree has no such environment"),
]


def read(text: str, version: str = "RHEL9") -> findings.Reading:
    return check.read(findings.Kickstart("ks.cfg", text, check.parse_version(version)))


def look(
    line: str, before: str = "", options: str = "", urls: t.Sequence[str] = ()
) -> list[findings.Problem]:
    return packages.package_problems(read(f"{before}%packages{options}\n{line}\n%end\n"), INDEX, urls)


@pytest.mark.parametrize("line", THERE)
def test_what_is_there(line: str) -> None:
    assert look(line) == []


@pytest.mark.parametrize(("line", "kind", "text"), MISSING)
def test_what_is_not_there(line: str, kind: str, text: str) -> None:
    found = look(line)
    assert [(problem.where.line, problem.severity, problem.kind) for problem in found] == [(2, "error", kind)]
    assert text in found[0].text


def test_a_tree_without_modules() -> None:
    index = packages.make_index({"packages": ["bash"], "groups": ["core"]})
    found = packages.package_problems(read("%packages\n@core\n@core:1\n@^x\nbash\nbsh\n%end\n"), index, [])
    assert [problem.where.line for problem in found] == [3, 4, 6]


def test_without_provides() -> None:
    """What is not known to be provided is taken for a mistake."""
    index = packages.make_index({"packages": ["vim-enhanced"]})
    found = packages.package_problems(read("%packages\nvim\n%end\n"), index, [])
    assert [problem.kind for problem in found] == ["unknown-package"]


@pytest.mark.parametrize(
    ("before", "urls", "severity"),
    [
        ("", [], "error"),
        (f"url --url={TREE}\n", [], "error"),
        (f"url --url={TREE}/\n", URLS, "error"),
        ("url --url=ftp://10.77.0.1/trees/rocky-9\n", URLS, "error"),
        ("nfs --server=10.77.0.1 --dir=/srv/pxe/trees/rocky-9\n", URLS, "error"),
        ("nfs --server=10.77.0.1 --dir=/srv/pxe/trees/rocky-9/\n", [], "error"),
        (f"repo --name=AppStream --baseurl={TREE}/AppStream\n", URLS, "error"),
        (f"url --url={TREE}\nrepo --name=AppStream --baseurl={TREE}/AppStream\n", [], "error"),
        (
            "repo --name=AppStream --baseurl=file:///run/install/sources/mount-0000-cdrom/AppStream\n",
            URLS,
            "error",
        ),
        ("repo --name=epel --baseurl=http://example.com/epel\n", URLS, "warning"),
        ("repo --name=epel --mirrorlist=http://example.com/epel\n", [], "warning"),
        ("repo --name=epel --metalink=http://example.com/epel\n", [], "warning"),
        ("url --url=http://example.com/rocky\n", URLS, "warning"),
        ("nfs --server=10.77.0.1 --dir=/other\n", URLS, "warning"),
        ("cdrom\n", URLS, "warning"),
        (f"url --url={TREE}-other\n", URLS, "warning"),
    ],
)
def test_other_repositories_may_have_it(before: str, urls: list[str], severity: str) -> None:
    found = look("bahs", before, urls=urls)
    assert [problem.severity for problem in found] == [severity]


def test_passwords_of_other_repositories_are_not_shown() -> None:
    found = look("bahs", "repo --name=a --baseurl=http://joe:Gehe1m@example.com/\n", urls=URLS)
    assert "(only the tree was searched, not http://********@example.com/)" in found[0].text


def test_what_the_installer_would_ignore() -> None:
    assert [problem.severity for problem in look("bahs", options=" --ignoremissing")] == ["warning"]


def test_what_is_included_later_may_add_a_repository() -> None:
    before = "%include /tmp/repo.ks\n%pre\necho > /tmp/repo.ks\n%end\n"
    assert [problem.severity for problem in look("bahs", before)] == ["warning"]


def test_repositories_that_the_installer_does_not_use_unless_it_is_told_to() -> None:
    addon = {"packages": ["pacemaker"], "groups": ["ha"]}
    index = packages.make_index({"packages": ["bash"], "disabled": {"addons/HighAvailability": addon}})

    def found(before: str, urls: list[str]) -> list[str]:
        text = f"{before}%packages\nbash\npacemaker\n@ha\n%end\n"
        return [problem.text for problem in packages.package_problems(read(text), index, urls)]

    first, second = found("", URLS)
    assert first == (
        "pacemaker: is in the tree's repository addons/HighAvailability, which the installer does not use unless it is "
        f"told to; write repo --name=HighAvailability --baseurl={TREE}/addons/HighAvailability, "
        "or the same into answers.repositories"
    )
    assert second.startswith("@ha: is in the tree's repository")
    assert len(found("", [])) == 2
    for url in URLS[:2]:
        assert found(f"repo --name=ha --baseurl={url}/addons/HighAvailability/\n", URLS) == []
    assert len(found(f"repo --name=ha --baseurl={TREE}/addons/Other\n", URLS)) == 2


@pytest.mark.parametrize(("version", "known"), [("RHEL5", True), ("RHEL6", False), ("RHEL7", False)])
def test_everything_is_a_word_of_el_5(version: str, known: bool) -> None:
    text = "%packages --nobase\n@Everything\n@ everything\n-@Conflicts\n" + (
        "" if version == "RHEL5" else "%end\n"
    )
    reading = check.read(findings.Kickstart("ks.cfg", text, check.parse_version(version)))
    assert not [problem for problem in reading.problems if problem.severity == "error"]
    assert len(packages.package_problems(reading, INDEX, [])) == (0 if known else 2)


# Sources


def sources(
    text: str, urls: t.Sequence[str] = tuple(URLS), known: t.Sequence[str] | None = None
) -> list[str]:
    def has_repository(path: str) -> bool | None:
        return None if known is None else path in known

    found = packages.source_problems(read(f"{text}\n", "F42"), urls, has_repository)
    assert {problem.severity for problem in found} <= {"error"}
    assert {problem.kind for problem in found} <= {"source"}
    return [problem.text for problem in found]


@pytest.mark.parametrize(
    "text",
    [
        f"url --url={TREE}",
        f"url --url={TREE}/",
        "url --url=http://example.com/x",
        "url --url=https://example.com:8443/x/$releasever/$basearch",
        "url --url=http://[fd00::1]/x",
        "url --mirrorlist=http://example.com/?repo=x",
        "url --metalink=https://example.com/?repo=x",
        "repo --name=a",
        "repo --name=a --baseurl=nfs:10.77.0.1:/x",
        "repo --name=a --baseurl=file:///run/install/repo/AppStream",
        f"repo --name=a --baseurl={TREE}/AppStream",
        "repo --name=a --baseurl=http://10.77.0.1/trees/other",
    ],
)
def test_sources_that_can_work(text: str) -> None:
    assert sources(text, known=["", "AppStream"]) == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (
            "url --url=10.77.0.1/x",
            "url --url=10.77.0.1/x is not a URL that this command takes; write http://server/folder",
        ),
        ("url --url=htp://10.77.0.1/x", "is not a URL"),
        ("url --url=nfs:10.77.0.1:/x", "write nfs --server=… --dir=…"),
        ("url --url=http:/10.77.0.1/x", "names no server"),
        ("url --url=http://", "names no server"),
        ("url --url='http://10.77.0.1/a b'", "has a blank in it"),
        ("url --url=http://[fd00::1/x", "names no server"),
        ("repo --name=a --mirrorlist=example.com", "repo --mirrorlist=example.com is not a URL"),
        (
            "url --url=http://10.77.0.1/trees/rokcy-9",
            f"another tree than that of this machine's distribution; write {TREE}",
        ),
        (f"url --url={TREE}/BaseOs", "does not lead to a repository: the tree has neither"),
        (f"repo --name=a --baseurl={TREE}/Appstream", "does not lead to a repository"),
        ("url --url=http:joe:Gehe1m@", "names no server"),
    ],
)
def test_sources_that_cannot_work(text: str, part: str) -> None:
    found = sources(text, known=["", "AppStream"])
    assert len(found) == 1
    assert part in found[0]


def test_sources_of_which_nothing_is_known() -> None:
    assert sources(f"url --url={TREE}/x", urls=[]) == []
    assert sources(f"url --url={TREE}/x", known=None) == []
