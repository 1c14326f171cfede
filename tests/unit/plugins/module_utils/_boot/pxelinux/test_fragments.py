# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.fragments import check_fragment
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

FRAGMENT = """\
# Of somebody who knows pxelinux.
MENU BEGIN tools
MENU TITLE Tools
label dban
\tmenu label ^Wipe
  text help
  Anything may stand here: DEFAULT x
  endtext
\tkernel own/dban.bzi
\tappend nuke="dwipe" silent
LABEL back
  MENU LABEL Back
  MENU EXIT
MENU END
"""


def test_a_part_of_ones_own() -> None:
    labels, files = check_fragment(FRAGMENT, "more.cfg", (6, 4), ["local", "p0"])
    assert labels == ["dban", "back"]
    assert files == ["own/dban.bzi"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DEFAULT x\n", "more.cfg:1: DEFAULT is for the whole menu"),
        ("\n  menu  default\n", "more.cfg:2: MENU DEFAULT is for the whole menu"),
        ("INCLUDE x\n", "INCLUDE is for the whole menu"),
        ("TIMEOUT 1\n", "TIMEOUT is for the whole menu"),
        ("ALLOWOPTIONS 1\n", "ALLOWOPTIONS is for the whole menu"),
        ("F1 x\n", "F1 is for the whole menu"),
        ("LABEL p0\n  KERNEL x\n", "more.cfg:1: LABEL: p0 is there twice"),
        ("LABEL x\n", "LABEL x (line 1) has no action"),
        ("LABEL x\n  KERNEL ../x\n", "more.cfg:2: KERNEL: '../x' is not a file below"),
        ("LABEL x\n  KERNLE x\n", "'KERNLE' is not a directive"),
        ("MENU BEGIN x\n", "MENU BEGIN without its MENU END"),
    ],
)
def test_parts_that_would_change_the_rest(text: str, words: str) -> None:
    with pytest.raises(PxeError) as caught:
        check_fragment(text, "more.cfg", (6, 4), ["p0"])
    assert words in str(caught.value)


def test_with_a_password_a_part_is_locked_too() -> None:
    with pytest.raises(PxeError, match="LABEL dban asks for no password"):
        check_fragment(FRAGMENT, "more.cfg", (6, 4), [], locked=True)
    locked = FRAGMENT.replace("\tkernel", "\tmenu passwd\n\tkernel")
    assert check_fragment(locked, "more.cfg", (6, 4), [], locked=True)[0] == ["dban", "back"]
