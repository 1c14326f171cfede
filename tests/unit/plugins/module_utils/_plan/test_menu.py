# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu import (
    parse_colours,
    parse_help,
    read_menu,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    Section,
)
from hypothesis import given
from hypothesis import strategies as st

HASH = "$6$0123456789abcdef$" + "x" * 86
PROFILES = {
    "open": {"in_menu": True, "menu_password": False},
    "locked": {"in_menu": True, "menu_password": True},
    "hidden": {"in_menu": False, "menu_password": False},
}
UNLOCKED = {"open": PROFILES["open"]}


def read(
    menu: t.Any, profiles: dict[str, t.Any] | None = None, bios_loader: str = "ipxe"
) -> tuple[dict[str, t.Any], list[dict[str, str]]]:
    """The plan's menu, and the mistakes."""
    profiles = UNLOCKED if profiles is None else profiles
    top = Section(Mistakes(), "site_", {"menu": menu}, ("menu",))
    found = read_menu(top, profiles, bios_loader)
    try:
        top.mistakes.raise_if_any()
    except PlanError as error:
        return found, error.mistakes
    return found, []


@pytest.mark.parametrize(
    ("menu", "wanted"),
    [
        ({}, {"bios": "pxelinux", "default": "local", "timeout": 30, "password": False, "rescue": True}),
        ({"bios": "ipxe"}, {"bios": "ipxe"}),
        ({"default": "open"}, {"default": "open"}),
        (
            {"colours": {"title": "#ffffff", "sel": "#c0000000  #20FF8000"}},
            {"colours": {"title": "#ffffff", "sel": "#c0000000 #20FF8000"}},
        ),
        ({"help": {"F2": "a\tb  \n\nc\n", "F12": "x"}}, {"help": {"F2": "a       b\n\nc", "F12": "x"}}),
        ({"console": "ttyS1,38400n8"}, {"console": "ttyS1,38400n8"}),
        (
            {"submenus_from": 2, "text_mode": True, "memory_test": False},
            {"submenus_from": 2, "text_mode": True, "memory_test": False},
        ),
        # The plan never holds the hash itself.
        ({"password_hash": HASH}, {"password": True}),
        ({"bios": "ipxe", "password_hash": HASH}, {"bios": "ipxe", "password": True}),
    ],
)
def test_menus(menu: dict[str, t.Any], wanted: dict[str, t.Any]) -> None:
    found, mistakes = read(menu)
    assert mistakes == []
    assert {key: found[key] for key in wanted} == wanted
    assert HASH not in str(found)


@pytest.mark.parametrize(
    ("menu", "profiles", "bios_loader", "address", "said"),
    [
        ({"default": "opne"}, UNLOCKED, "ipxe", "default", "did you mean 'open'?"),
        ({"default": "hidden"}, PROFILES, "ipxe", "default", "is not in the menu"),
        ({"default": "locked"}, PROFILES, "ipxe", "default", "takes its default without one"),
        ({"default": "open", "password_hash": HASH}, UNLOCKED, "ipxe", "default", "takes its default without one"),
        ({"bios": "grub"}, UNLOCKED, "ipxe", "bios", "write one of pxelinux, ipxe"),
        ({"bios": "ipxe"}, UNLOCKED, "pxelinux", "bios", "never starts; leave bios out"),
        ({"password_hash": "$4$salt$hash"}, UNLOCKED, "ipxe", "password_hash", "is not a password hash"),
        ({"password_hash": "geheim"}, UNLOCKED, "ipxe", "password_hash", "$6$"),
        ({"password_hash": "$y$j9T$salt$hash"}, UNLOCKED, "ipxe", "password_hash", "is not a password hash"),
        ({"password_hash": 4711}, UNLOCKED, "ipxe", "password_hash", "must be text"),
        ({"colours": {"titel": "#ffffff"}}, UNLOCKED, "ipxe", "colours.titel", "did you mean 'title'?"),
        ({"colours": {"title": None}}, UNLOCKED, "ipxe", "colours.title", "quote it"),
        ({"colours": {"title": "red"}}, UNLOCKED, "ipxe", "colours.title", "is not a colour"),
        ({"colours": {"title": "#fff"}}, UNLOCKED, "ipxe", "colours.title", "is not a colour"),
        ({"colours": "#ffffff"}, UNLOCKED, "ipxe", "colours", "must be a mapping"),
        ({"help": {"f1": "x"}}, UNLOCKED, "ipxe", "help.f1", "did you mean 'F1'?"),
        ({"help": {"F1": "x" * 79}}, UNLOCKED, "ipxe", "help.F1", "at most 24 lines of at most 78"),
        ({"help": {"F1": "x\n" * 25}}, UNLOCKED, "ipxe", "help.F1", "does not fit"),
        ({"help": {"F1": ["x"]}}, UNLOCKED, "ipxe", "help.F1", "must be text"),
        ({"console": "tty0"}, UNLOCKED, "ipxe", "console", "ttyS0,115200"),
        ({"console": "ttyS0,115200e7"}, UNLOCKED, "ipxe", "console", "ttyS0,115200"),
        ({"submenus_from": 1}, UNLOCKED, "ipxe", "submenus_from", "from 2 to 1000"),
        ({"submenus_from": True}, UNLOCKED, "ipxe", "submenus_from", "from 2 to 1000"),
        ({"rescue": "yes"}, UNLOCKED, "ipxe", "rescue", "true or false"),
    ],
)  # fmt: skip
def test_mistakes(
    menu: dict[str, t.Any], profiles: dict[str, t.Any], bios_loader: str, address: str, said: str
) -> None:
    _found, mistakes = read(menu, profiles, bios_loader)
    assert [mistake["address"] for mistake in mistakes] == [f"site_menu.{address}"]
    assert said in mistakes[0]["message"]
    assert "geheim" not in mistakes[0]["message"]


@given(st.text())
def test_help_that_is_taken_fits_on_the_screen(text: str) -> None:
    try:
        found = parse_help(text)
    except PxeError:
        return
    assert len(found.splitlines()) <= 24
    assert all(len(line) <= 78 for line in found.splitlines())


@given(st.text(alphabet="#0123456789abcdefg "))
def test_colours_that_are_taken_are_one_or_two(text: str) -> None:
    try:
        found = parse_colours(text)
    except PxeError:
        return
    line = f"MENU COLOR title {'* ' if found.startswith('#') else ''}{found}\n"
    assert check_config(f"{line}", "test") == []
