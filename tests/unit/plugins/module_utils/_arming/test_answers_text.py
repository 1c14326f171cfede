# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import answers_text
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    Answer,
    AnswerFile,
    Checked,
)
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_compose import (
    compose_redhat,
)
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_installation import (
    TOKEN,
    installation,
)

GUARD = "sh /tmp/netinstall/check-disk\n"
REPORT = f"report=http://10.77.0.1/events/10.77.0.11/{TOKEN}\nreport installed\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%include U/storage.ks", ["storage.ks"]),
        ("%include 'U/storage.ks'", ["storage.ks"]),
        ("wget U/a-1 U/motd -O /x; wget U/b.tar.gz; # see U/c.", ["a-1", "b.tar.gz", "c"]),
        ("U/ks.cfg U/motd U http://10.77.0.1/other", []),
        ('wget "U/part-$n" U/part.${n} U/part-`id` U/*.sh', []),
    ],
)
def test_what_is_expected_beside_the_answer_file(text: str, names: list[str]) -> None:
    one = compose_redhat({})
    text = text.replace("U", one["files_url"])
    for texts in ({"answer": text, "files": {"motd": ""}}, {"answer": "", "files": {"motd": text}}):
        assert answers_text.unserved({**one, **texts}) == names


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (GUARD + REPORT, []),
        (f"# {GUARD}{REPORT}", ["does not check that this is the armed machine"]),
        (GUARD, ["never reports that the machine is installed"]),
        (GUARD + REPORT.replace(TOKEN, "0" * 32), ["never reports that the machine is installed"]),
        (
            "",
            ["never reports that the machine is installed", "does not check that this is the armed machine"],
        ),
    ],
)
def test_one_warning_whatever_the_number_of_machines(answer: str, said: list[str]) -> None:
    sound = installation(family="debian", answer=GUARD + REPORT)
    others = [installation(family="debian", machine=name, answer=answer) for name in ("node02", "node03")]
    found = list(answers_text.warnings([sound, *others]))
    assert len(found) == len(said)
    for warning, words in zip(found, said):
        assert warning.startswith("node02, node03: the answer file ")
        assert words in warning
        assert "{% extends 'preseed.cfg.j2' %}" in warning


def check_meta(module: t.Any, answers: t.Mapping[str, Answer]) -> dict[str, Checked]:
    return {
        name: Checked(answer.text.upper(), "is bad" if "bad" in answer.text else "")
        for name, answer in answers.items()
    }


@pytest.fixture
def two_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red Hat's installer, were it answered by a second file."""
    family = FAMILIES["redhat"]
    files = (*family.answer_files, AnswerFile("meta", "meta", "meta.j2", check=check_meta))
    monkeypatch.setitem(FAMILIES, "redhat", dataclasses.replace(family, answer_files=files))


@pytest.mark.usefixtures("two_files")
def test_a_second_answer_file_is_checked_by_its_own_checker() -> None:
    one = installation(family="redhat", answer="text\n", files={"meta": "a\n", "motd": "b\n"})
    answers_text.check_answers(None, [one])
    assert (one["answer"], one["files"]) == ("text\n", {"meta": "A\n", "motd": "b\n"})
    bad = installation(family="redhat", machine="node02", answer="text\n", files={"meta": "bad\n"})
    with pytest.raises(PxeError, match=r"in the answer files\. node02: meta: is bad$"):
        answers_text.check_answers(None, [one, bad])


@pytest.mark.usefixtures("two_files")
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "node01: files: meta is missing, which also answers the installer"),
        ({"meta": "", "ks.cfg": ""}, "node01: files: 'ks.cfg' is not the only one that is served as ks.cfg"),
        ({"meta": "", "x.ipxe": ""}, "node01: files: 'x.ipxe' cannot be served as x.ipxe"),
    ],
)
def test_what_lies_beside_the_answer_file(files: dict[str, str], said: str) -> None:
    with pytest.raises(PxeError) as caught:
        answers_text.check_answers(None, [installation(family="redhat", answer="text\n", files=files)])
    assert str(caught.value).startswith(said)
