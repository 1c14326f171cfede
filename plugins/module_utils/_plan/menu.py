# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about the menu for machines that are not described."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu_files import (
    TAKEN_STARTS,
    Find,
    MenuFiles,
    parse_file,
    read_entries,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import (
    COLOUR_ELEMENTS,
    HELP_COLUMNS,
    HELP_KEYS,
    HELP_ROWS,
    LOCAL,
    LONGEST_TIMEOUT,
    MEMORY_TEST,
    has_codes,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    parse_bool,
    parse_lines,
    parse_menu_text,
    parse_name,
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
    "prompt",
    "display",
    "local",
    "entries",
    "include",
    "files",
    "console",
    "submenus_from",
    "rescue",
    "memory_test",
    "password_hash",
)
_SECONDS: float = 30
LOCAL_KEYS = ("label", "text", "position")
BIOS_MENUS = ("pxelinux", "ipxe")
_COLOUR = r"(\*|#([0-9a-fA-F]{2}){3,4})"
_ANSI = r"([0-9]{1,3}(;[0-9]{1,3})*|\*)"
# As MENU COLOR has it: text mode (ANSI), graphics, what is behind the letters, their shadow. The first may be left out.
_COLOURS = re.compile(
    rf"{_ANSI}( {_COLOUR}( {_COLOUR}( (none|std|all|rev))?)?)?|{_COLOUR}( {_COLOUR}( (none|std|all|rev))?)?"
)
_CONSOLE = re.compile(r"ttyS[0-3](,[0-9]{2,6}(n8)?)?")
# Of a hash only its method is looked at here: the rest is hidden on its way to the plan.
# pxelinux's menu compares these, and so does the web server for iPXE's (crypt(5)). $4$ is pxelinux's own.
_METHODS = ("$1$", "$5$", "$6$")


def read_menu(
    top: Section,
    profiles: dict[str, Record],
    bios_loader: str,
    distributions: t.Collection[str] = (),
    find: Find | None = None,
) -> Record:
    """Read ``site_menu``.

    :arg profiles: those of the plan
    :arg bios_loader: ``ipxe`` or ``pxelinux``
    :arg distributions: the names of those that are described
    :arg find: finds the user's own files
    """
    section = top.section("menu", MENU_KEYS)
    password = section.get("password_hash", parse_menu_password, False)
    files = MenuFiles(distributions, find)
    entries = read_entries(section, files, profiles)
    menu = {
        "title": section.get("title", parse_menu_text, "Network installation"),
        "timeout": section.get("timeout", parse_menu_seconds, _SECONDS),
        "default": _default(section, profiles, password),
        **_splash(section, files),
        "bios": _bios(section, bios_loader),
        "prompt": _prompt(section, profiles, password),
        **_look(section, files),
        "local": _local(section, profiles, entries),
        "entries": list(entries.values()),
        "include": _sources(section, "include", files),
        **_memory_test(section, files),
        "rescue": section.get("rescue", parse_bool, True),
        "password": password,
    }
    _sources(section, "files", files)
    menu["files"] = list(files.brought.values())
    menu["needed"] = [{"path": path, "address": address} for path, address in files.needed.items()]
    if menu["bios"] == "ipxe" and bios_loader == "ipxe":
        _refuse_without_pxelinux(section, entries)
    return menu


def _look(section: Section, files: MenuFiles) -> Record:
    """How pxelinux's menu looks."""
    return {
        "text_mode": section.get("text_mode", parse_bool, False),
        "colours": _colours(section),
        "display": _screen(section, "display", files),
        "help": _help(section, files),
        "console": section.get("console", parse_console),
        "submenus_from": section.get("submenus_from", parse_count, 10),
    }


def _refuse_without_pxelinux(section: Section, entries: dict[str, Record]) -> None:
    keys = [
        "prompt",
        "display",
        "include",
        *(["memory_test"] if section.data.get("memory_test") is not True else []),
    ]
    for key in keys:
        if section.has(key) and section.data[key] is not False:
            section.mistake(key, "is pxelinux's, but bios is ipxe; leave one of them out")
    for name, entry in entries.items():
        if entry["pxelinux"] and not entry["ipxe"]:
            section.mistake("entries", "is for pxelinux alone, but bios is ipxe; leave one of them out", name)


def _splash(section: Section, files: MenuFiles) -> Record:
    """The picture's name, and where it lies."""
    name = section.get("splash", parse_file)
    if not name:
        return {"splash": None}
    try:
        parse_name(name.rpartition("/")[2])
        return {"splash": name, "splash_file": files.found(name)}
    except PxeError as error:
        section.mistake("splash", str(error))
    return {"splash": None}


def _prompt(section: Section, profiles: dict[str, Record], password: bool) -> bool:
    """Whether there is ``boot:`` and no menu."""
    prompt = section.get("prompt", parse_bool, False)
    locked = password or any(one["menu_password"] and one["in_menu"] for one in profiles.values())
    if prompt and locked:
        section.mistake(
            "prompt",
            "does not ask for passwords: whoever types a label starts it; leave out the prompt or the hashes",
        )
    if section.has("display") and not prompt:
        section.mistake("display", "is shown above boot: alone; write prompt: true, or leave it out")
    return prompt


def _screen(section: Section, key: str, files: MenuFiles) -> t.Any:
    """A text, or the path of a file: ``{path: syslinux/own/boot.msg}``; None if there is none."""
    if not section.has(key):
        return None
    if isinstance(section.data[key], dict):
        path = files.bring(section, key, section.data[key])
        return {"path": path} if path else None
    return section.get(key, parse_help, "") or None


def _sources(section: Section, key: str, files: MenuFiles) -> list[str]:
    """Paths below boot/ of files that are listed."""
    values = section.raw_list(key, "[{file: NAME}]")
    found = []
    for index, value in enumerate(values):
        if isinstance(value, str) and "://" in value:
            section.mistake(key, "is a URL, whose contents cannot be checked; bring the file", index)
            continue
        found.append(files.refer(section, key, index, value))
    return [path for path in found if path]


def _memory_test(section: Section, files: MenuFiles) -> Record:
    """Whether there is one, and that of pxelinux's menu if it is brought."""
    value = section.data.get("memory_test")
    if not isinstance(value, dict):
        return {"memory_test": section.get("memory_test", parse_bool, True)}
    # With an ending it would be started as something else.
    path = files.bring(section, "memory_test", value, called=MEMORY_TEST)
    return {"memory_test": True, "memory_test_file": path}


def _local(section: Section, profiles: dict[str, Record], entries: dict[str, Record]) -> Record:
    """The entry of the local disk: ``{label, text, position}``, the latter ``first``, ``last`` or ``after:LABEL``."""
    local = section.section("local", LOCAL_KEYS)
    label = local.get("label", parse_name, LOCAL)
    taken = (*profiles, *entries, MEMORY_TEST)
    if label != LOCAL and (label in taken or label.startswith(TAKEN_STARTS)):
        local.mistake("label", f"{shown(label)} is the label of another entry of the menu; write another one")
    position = local.get("position", parse_text, "first")
    if position.startswith("after:"):
        position = position[len("after:") :].strip()
        known = [*(name for name, one in profiles.items() if one["in_menu"]), *entries]
        if position not in known:
            near = section.mistakes.nearest(position, known)
            hint = f"did you mean {near!r}?" if near else "write first, last or after: and the name of one"
            local.mistake("position", f"{shown(position)} is not an entry of the menu; {hint}")
            position = "first"
        else:
            position = f"after:{position}"
    elif position not in ("first", "last"):
        local.mistake("position", f"{shown(position)} is not known; write first, last or after:NAME")
        position = "first"
    return {"label": label, "text": local.get("text", parse_menu_text), "position": position}


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


def _help(section: Section, files: MenuFiles) -> dict[str, t.Any]:
    screens = section.section("help", HELP_KEYS)
    found = {key: _screen(screens, key, files) for key in HELP_KEYS}
    return {key: screen for key, screen in found.items() if screen}


def parse_menu_seconds(value: object) -> float:
    """A number of seconds, of which pxelinux counts tenths."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LONGEST_TIMEOUT
    if not fits or round(t.cast("float", value) * 10, 6) % 1:
        raise PxeError(
            f"{shown(value)} is not a number of seconds from 0 to {LONGEST_TIMEOUT:g}, with at most one decimal; "
            "write one such as 30 or 0.6"
        )
    return t.cast("float", value)


def parse_menu_password(value: object) -> bool:
    """Whether there is the hash of a password. No message shows it, and the plan does not hold it."""
    if not parse_text(value).startswith(_METHODS):
        raise PxeError(
            "is not a password hash that the menus can check; write what `mkpasswd --method=sha-512` prints "
            "($6$...), not the password"
        )
    return True


def parse_colours(value: object) -> str:
    """Foreground and perhaps background, each with or without its opacity before it."""
    text = " ".join(parse_text(value).split())
    if not _COLOURS.fullmatch(text):
        raise PxeError(
            f"{shown(text)} is not a colour; write '#ffffff', '#c0ffffff' (opacity, red, green, blue), or two for text "
            "and background, optionally after a colour of text mode, as in '1;37;44 #ffffff'"
        )
    return text


def parse_help(value: object) -> str:
    """What a help screen shows. One with SYSLINUX's control codes stays what it is."""
    if isinstance(value, str) and has_codes(value):
        return value
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
