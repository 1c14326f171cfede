# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    MACHINE_PATH,
    MENU_PATH,
    plan,
    render,
    section,
)


def test_the_default_is_the_local_disk_and_so_is_every_failure() -> None:
    text = render()[MENU_PATH]
    lines = text.split("\n")
    for line in ("TIMEOUT 300", "ONTIMEOUT local", "DEFAULT local", "ONERROR local", "MENU ONERROR local"):
        assert line in lines
    assert section(text, "local") == ["MENU LABEL ^Boot the local disk", "MENU DEFAULT", "LOCALBOOT -1"]
    # Without a password it would only make a missing menu an endless loop.
    assert "NOESCAPE" not in text


@pytest.mark.parametrize(
    ("menu", "wanted", "unwanted"),
    [
        ({}, ["UI vesamenu.c32", "MENU BACKGROUND #ff14243a", "MENU TITLE Welcome"], ["SERIAL", "PASSWD"]),
        ({"text_mode": True}, ["UI menu.c32"], ["BACKGROUND", "vesamenu"]),
        ({"timeout": 0}, [], ["TIMEOUT"]),
        ({"timeout": 3600}, ["TIMEOUT 35996"], ["TOTALTIMEOUT"]),
        ({"timeout": 60}, ["TIMEOUT 600", "TOTALTIMEOUT 9000"], []),
        ({"default": "p1"}, ["DEFAULT p1"], ["ONTIMEOUT"]),
        ({"console": "ttyS1,38400n8"}, ["SERIAL 1 38400"], []),
        ({"console": "ttyS0"}, ["SERIAL 0 9600"], []),
        ({"colours": {"title": "#ffffff #000000"}}, ["MENU COLOR title * #ffffff #000000"], ["title * #ffffffff"]),
        ({"help": {"F2": "x"}}, ["F1 help/F1.txt", "F2 help/F2.txt"], ["F3"]),
        ({"title": "^"}, ["MENU TITLE Network installation"], []),
        ({"title": "Zürich^ #1\t{"}, ["MENU TITLE Zurich #1 {"], []),
    ],
)  # fmt: skip
def test_the_menu(menu: dict[str, t.Any], wanted: list[str], unwanted: list[str]) -> None:
    text = render(plan(**menu))[MENU_PATH]
    assert [line for line in wanted if line not in text.split("\n")] == []
    assert [word for word in unwanted if word in text] == []


def test_the_serial_console_comes_before_all_else() -> None:
    files = render(plan(console="ttyS0,115200"))
    for path in (MENU_PATH, MACHINE_PATH):
        first = next(line for line in files[path].split("\n") if line and not line.startswith("#"))
        assert first == "SERIAL 0 115200"


def test_the_picture_of_the_site() -> None:
    assert "MENU BACKGROUND splash.jpg" in render(splash="splash.jpg")[MENU_PATH].split("\n")


def test_a_prompt_and_no_menu() -> None:
    local = {"label": "disk", "text": "Boot from local drive", "position": "last"}
    text = render(
        plan(
            prompt=True,
            timeout=0.6,
            display={"path": "syslinux/own/centos-6/boot.msg"},
            help={"F2": {"path": "syslinux/own/options.msg"}},
            local=local,
            default="p0",
            include=["syslinux/own/more.cfg"],
            submenus_from=2,
        ),
        memory_test=True,
    )[MENU_PATH]
    assert not re.search(r"(?m)^\s*(MENU|UI|NOESCAPE)\b", text)
    assert [line for line in text.split("\n") if line and not line.startswith(("#", " "))] == [
        *("PROMPT 1", "TIMEOUT 6", "TOTALTIMEOUT 9000", "DEFAULT p0", "ONERROR disk", "F1 help/F1.txt"),
        *("F2 own/options.msg", "DISPLAY own/centos-6/boot.msg"),
        *("LABEL p0", "LABEL p1", "LABEL rescue-d0", "LABEL memtest", "LABEL disk", "INCLUDE own/more.cfg"),
    ]
    assert section(text, "disk") == ["LOCALBOOT -1"]
    assert section(text, "p0")[0] == "KERNEL http://10.77.0.1/trees/d0/images/vmlinuz"


def test_a_mistyped_label_comes_back_to_the_prompt() -> None:
    text = render(plan(prompt=True))[MENU_PATH]
    assert "\nDEFAULT local\n" in text
    assert "\nONTIMEOUT local\n" in text
    assert "ONERROR" not in text


def test_colours_of_text_mode() -> None:
    colours = {"title": "1;36;44 #ffffffff #00000000 std", "sel": "7", "border": "#ffffff"}
    lines = render(plan(colours=colours, text_mode=True))[MENU_PATH].split("\n")
    assert "MENU COLOR title 1;36;44 #ffffffff #00000000 std" in lines
    assert "MENU COLOR sel 7" in lines
    assert "MENU COLOR border * #ffffff" in lines
