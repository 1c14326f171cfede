# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import (
    check,
    findings,
    packages,
    references,
)

TREE = "http://10.77.0.1/trees/rocky-9"
INDEX = packages.make_index({"packages": ["bash", "lrzsz"], "groups": ["base", "core"]})
FOUR_MISTAKES = f"""\
install
url --url={TREE}
rootpw --plaintext Gehe1m
ignoredisk --only-use=vda
part / --size=2000 --ondisk=sda
%packages
@cor
@base
lrzsz
bahs
%end
"""


def problems(text: str, context: references.Context, **more: t.Any) -> list[findings.Problem]:
    reading = check.read(findings.Kickstart("ks.cfg", text, check.parse_version("RHEL9"), **more))
    return references.problems(reading, context)


def test_four_mistakes_are_four_messages() -> None:
    found = problems(FOUR_MISTAKES, references.Context(INDEX, ["/dev/vda"], [TREE]))
    assert [(problem.where.line, problem.severity, problem.kind, problem.text) for problem in found] == [
        (1, "error", "removed", "install was removed in RHEL9; leave it out"),
        (5, "error", "storage", "part --ondisk=sda is not the disk that this machine is to use; write vda"),
        (7, "error", "unknown-group", "@cor: the tree has no such group; did you mean @core?"),
        (10, "error", "unknown-package", "bahs: the tree has no such package; did you mean bash?"),
    ]


def test_nothing_is_known_of_the_machine() -> None:
    found = problems(FOUR_MISTAKES, references.Context())
    assert [problem.kind for problem in found] == ["removed", "storage"]


def test_warnings_are_said_once() -> None:
    """pykickstart says that a thing is there twice, and we say where the first one is."""
    text = (
        "network --device=eth0\nnetwork --device=eth0\npart /a --size=1\npart /a --size=1\npart / --size=1\n"
    )
    found = problems(text, references.Context())
    assert [(problem.where.line, problem.severity) for problem in found] == [(2, "warning"), (4, "error")]
    assert "in line 1" in found[0].text
    assert "in line 3" in found[1].text


def test_errors_are_not_replaced() -> None:
    found = problems("part / --size=1 --nonsense\npart /a --size=1\n", references.Context(disks=["/dev/vda"]))
    assert [problem.text for problem in found] == ["Unexpected arguments to partition command: ['********']"]


def test_the_tree_is_looked_at(tmp_path: pathlib.Path) -> None:
    (tmp_path / "AppStream" / "repodata").mkdir(parents=True)
    (tmp_path / "AppStream" / "repodata" / "repomd.xml").touch()
    (tmp_path / ".treeinfo").touch()
    text = (
        f"url --url={TREE}\nrepo --name=a --baseurl={TREE}/AppStream\nrepo --name=b --baseurl={TREE}/BaseOS\n"
    )
    found = problems(text, references.Context(urls=[TREE], tree=str(tmp_path)))
    assert [(problem.where.line, problem.kind) for problem in found] == [(3, "source")]


def test_sections_without_an_end(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.ks").write_text("%post\n", encoding="utf-8")
    found = problems("%include a.ks\nlang en_US\n", references.Context(), folder=str(tmp_path))
    assert [(problem.where.line, problem.severity) for problem in found] == [(1, "error")]
    assert "does not end in its file" in found[0].text


def test_strict() -> None:
    found = references.strict(
        problems("network --device=a\nnetwork --device=a\ninstall\n", references.Context())
    )
    assert [problem.severity for problem in found] == ["error", "error"]


def test_a_tree_without_packages_is_no_source(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".treeinfo").touch()
    context = references.Context(index=packages.make_index({}), urls=[TREE], tree=str(tmp_path))
    (found,) = [one for one in problems(f"url --url={TREE}\n", context) if one.kind == "source"]
    assert found.severity == findings.ERROR
    assert "leads to a tree without packages, as of a boot or netinst image" in found.text
    elsewhere = problems("url --url=http://mirror.example/rocky-9\n", context)
    assert not [one for one in elsewhere if one.kind == "source"]
