# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.lines import (
    MAX_LINE,
    mistake_in_characters,
    mistake_of_templates,
)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x" * MAX_LINE, None),
        ("x" * (MAX_LINE + 1), "longer than 2048 bytes"),
        # Bytes, not letters.
        ("\u00fc" * (MAX_LINE // 2 + 1), "longer than 2048 bytes"),
        ("kernel\tlinux", "control characters"),
        ("kernel linux\r", "control characters"),
        ("kernel linux \\", "joins the next line"),
        ("kernel {{ url }}", "template was not expanded"),
        ("kernel linux {% if %}", "template was not expanded"),
        ("kernel linux a=b;c ${net0/mac}", None),
    ],
)
def test_what_no_line_may_hold(line: str, said: str | None) -> None:
    found = mistake_in_characters(line)
    assert (found is None) if said is None else (found is not None and said in found)


def test_templates_alone() -> None:
    assert mistake_of_templates("{# why #}")
    assert mistake_of_templates("x" * 3000) is None
