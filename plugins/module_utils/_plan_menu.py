# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about the menu for machines that are not described."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._addresses import shown
from ansible_collections.netinstall.pxe.plugins.module_utils._description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._pxelinux import (
    COLOUR_ELEMENTS,
    HELP_COLUMNS,
    HELP_KEYS,
    HELP_ROWS,
    LOCAL,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._texts import (
    parse_bool,
    parse_lines,
    parse_menu_text,
    parse_name,
    parse_seconds,
    parse_text,
)

Record = dict[str, t.Any]

MENU_KEYS = (
    "title",
    "timeout",
    "default",
    "splash",
    "bios",
    "text_mode",
    "colours",
    "help",
    "console",
    "submenus_from",
    "rescue",
    "memory_test",
    "password_hash",
)
BIOS_MENUS = ("pxelinux", "ipxe")
_COLOURS = re.compile(r"#([0-9a-fA-F]{2}){3,4}( #([0-9a-fA-F]{2}){3,4})?")
_CONSOLE = re.compile(r"ttyS[0-3](,[0-9]{2,6}(n8)?)?")
# Of a hash only its method is looked at here: the rest is hidden on its way to the plan.
# pxelinux's menu compares these, and so does the web server for iPXE's (crypt(5)). $4$ is pxelinux's own.
_METHODS = ("$1$", "$5$", "$6$")


def read_menu(top: Section, profiles: dict[str, Record], bios_loader: str) -> Record:
    """Read ``site_menu``.

    :arg profiles: those of the plan
    :arg bios_loader: ``ipxe`` or ``pxelinux``
    """
    section = top.section("menu", MENU_KEYS)
    password = section.get("password_hash", parse_menu_password, False)
    return {
        "title": section.get("title", parse_menu_text, "Network installation"),
        "timeout": section.get("timeout", parse_seconds, 30),
        "default": _default(section, profiles, password),
        "splash": section.get("splash", parse_name),
        "bios": _bios(section, bios_loader),
        "text_mode": section.get("text_mode", parse_bool, False),
        "colours": _colours(section),
        "help": _help(section),
        "console": section.get("console", parse_console),
        "submenus_from": section.get("submenus_from", parse_count, 10),
        "rescue": section.get("rescue", parse_bool, True),
        "memory_test": section.get("memory_test", parse_bool, True),
        "password": password,
    }


def _default(section: Section, profiles: dict[str, Record], password: bool) -> str:
    default = section.get("default", parse_text, LOCAL)
    if default == LOCAL:
        return default
    if default not in profiles:
        near = section.mistakes.nearest(default, [LOCAL, *profiles])
        hint = f"did you mean {near!r}?" if near else f"write {LOCAL!r} or the name of one of site_profiles"
        section.mistake("default", f"{shown(default)} is not described; {hint}")
    elif not profiles[default]["in_menu"]:
        section.mistake(
            "default", f"{shown(default)} is not in the menu; set its in_menu to true, or write {LOCAL!r}"
        )
    elif password or profiles[default]["menu_password"]:
        section.mistake(
            "default",
            f"{shown(default)} asks for a password, but the menu takes its default without one; write {LOCAL!r}",
        )
    return default


def _bios(section: Section, bios_loader: str) -> str:
    """Which menu BIOS machines get."""
    bios = section.word("bios", BIOS_MENUS, "pxelinux")
    if bios == "pxelinux":
        return bios
    if bios_loader == "pxelinux":
        section.mistake(
            "bios", f"site_bios_loader is 'pxelinux', so that {bios!r} never starts; leave bios out"
        )
    return bios


def _colours(section: Section) -> dict[str, str]:
    colours = section.section("colours", COLOUR_ELEMENTS)
    found = {}
    for element in colours.data:
        if element in COLOUR_ELEMENTS and colours.data[element] is None:
            colours.mistake(
                element, "is empty; YAML takes what follows '#' for a comment: quote it, '#c0ffffff'"
            )
        elif element in COLOUR_ELEMENTS:
            found[str(element)] = colours.get(element, parse_colours, "")
    return found


def _help(section: Section) -> dict[str, str]:
    screens = section.section("help", HELP_KEYS)
    found = {key: screens.get(key, parse_help, "") for key in HELP_KEYS if screens.has(key)}
    return {key: text for key, text in found.items() if text}


def parse_menu_password(value: object) -> bool:
    """Whether there is the hash of a password. No message shows it, and the plan does not hold it."""
    if not parse_text(value).startswith(_METHODS):
        raise PxeError(
            "is no hash of a password that the menus can compare; write what `mkpasswd --method=sha-512` prints "
            "($6$...), not the password"
        )
    return True


def parse_colours(value: object) -> str:
    """Foreground and perhaps background, each with or without its opacity before it."""
    text = " ".join(parse_text(value).split())
    if not _COLOURS.fullmatch(text):
        raise PxeError(
            f"{shown(text)} is not a colour; write '#ffffff', '#c0ffffff' (opacity, red, green, blue), or two of them "
            "for the text and what is behind it"
        )
    return text


def parse_help(value: object) -> str:
    """What a help screen shows."""
    text = parse_lines(value)
    lines = text.expandtabs().splitlines()
    if len(lines) > HELP_ROWS or any(len(line) > HELP_COLUMNS for line in lines):
        raise PxeError(
            f"does not fit on the screen; write at most {HELP_ROWS} lines of at most {HELP_COLUMNS} characters"
        )
    return "\n".join(line.rstrip() for line in lines)


def parse_console(value: object) -> str:
    """A serial console as Linux names it."""
    text = parse_text(value)
    if not _CONSOLE.fullmatch(text):
        raise PxeError(f"{shown(text)} is not a serial console of a BIOS; write one such as ttyS0,115200")
    return text


def parse_count(value: object) -> int:
    """A whole number from 2 on."""
    if not isinstance(value, int) or isinstance(value, bool) or not 2 <= value <= 1000:
        raise PxeError(f"{shown(value)} is not a number from 2 to 1000; write one such as 10")
    return value
