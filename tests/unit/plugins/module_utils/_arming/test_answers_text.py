# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import answers_text
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_compose import (
    compose_redhat,
)


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
