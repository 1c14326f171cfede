# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.screens import (
    picture_mistake,
    pictures_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import HELP_ROWS
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    MENU_PATH,
    own_entry,
    plan,
    render,
)
from hypothesis import given
from hypothesis import strategies as st


def test_a_prompt_without_a_screen_lists_its_labels() -> None:
    entries = [own_entry("hdt", "com32", "syslinux/hdt.c32")]
    files = render(plan(prompt=True, entries=entries, local={"label": "disk", "text": "Platte"}))
    assert "\nDISPLAY help/display.txt\n" in files[MENU_PATH]
    screen = files["syslinux/help/display.txt"]
    assert [line.split(maxsplit=1) for line in screen.splitlines() if line.startswith("  ")] == [
        ["p0", "Install 0"],
        ["p1", "Install 1"],
        ["hdt", "The hdt"],
        ["disk", "Platte"],
    ]
    many = render(plan(prompt=True, profiles=40))["syslinux/help/display.txt"]
    assert len(many.splitlines()) <= HELP_ROWS


def test_a_screen_with_codes_is_byte_for_byte_what_it_is() -> None:
    text = "\x0c\x0f07\x18splash.lss\n" + "x" * 100 + "\t \r\n\x0f07"
    assert render(plan(help={"F2": text}))["syslinux/help/F2.txt"] == text
    assert pictures_of(text.encode()) == ["splash.lss"]


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0"


def jpeg(width: int, height: int, kind: int = 0xC0) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0".ljust(14, b"\0")
    tables = b"\xff\xc4" + struct.pack(">H", 5) + b"abc"
    return b"\xff\xd8" + app + tables + bytes((0xFF, kind)) + struct.pack(">HBHHB", 17, 8, height, width, 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(640, 480), None),
        (png(16, 16), None),
        (jpeg(640, 480), None),
        (png(641, 480), "it has 641x480 pixels: make it 640x480"),
        (png(640, 481), "640x481"),
        (jpeg(800, 600), "800x600"),
        (jpeg(640, 480, 0xC2), "baseline JPEG"),
        (b"\xff\xd8", "baseline JPEG"),
        (b"\x89PNG\r\n\x1a\n", "0x0"),
        (b"GIF89a", "neither a PNG nor a JPEG"),
        (b"", "neither a PNG nor a JPEG"),
    ],
)
def test_pictures(data: bytes, words: str | None) -> None:
    found = picture_mistake(data)
    assert found is None if words is None else words in (found or "")


@given(st.binary(max_size=64))
def test_no_picture_is_too_strange(data: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"):
        found = picture_mistake(start + data)
        assert found is None or found.startswith("it ")
