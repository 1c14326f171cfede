# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import has_codes


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("Press F2 for help\n\ttabs and lines are text\n", False),
        ("\x0c\x0f07blue", True),
        ("\x18logo.lss\n", True),
        ("end\x1ahidden", True),
        ("binary\x0f\0", False),
    ],
)
def test_screens_with_codes_of_syslinux(text: str, has: bool) -> None:
    assert has_codes(text) == has
