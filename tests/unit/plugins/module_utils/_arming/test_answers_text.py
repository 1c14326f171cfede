# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import answers_text
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
        (f"# {GUARD}{REPORT}", ["does not look whether it is the machine that was armed"]),
        (GUARD, ["never reports that the machine is installed"]),
        (GUARD + REPORT.replace(TOKEN, "0" * 32), ["never reports that the machine is installed"]),
        ("", ["never reports that the machine is installed", "does not look whether it is the machine"]),
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
