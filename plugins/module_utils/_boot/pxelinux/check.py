# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks that pxelinux would take a configuration as it was meant."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.lines import mistake_of_templates
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    HASH,
    MAX_NAME,
    Version,
    dotted,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import COLOUR_ELEMENTS, HELP_KEYS

# Bytes of a kernel's command line: MAX_CMDLINE_LEN.
MAX_COMMAND_LINE = 2047
_FLAG = re.compile(r"[01]\Z")
_NUMBER = re.compile(r"-?(0x[0-9a-fA-F]+|[0-9]+)\Z")
_COLOUR = re.compile(r"(\*|#([0-9a-fA-F]{6}|[0-9a-fA-F]{8}))\Z")
_ANSI = re.compile(r"(\*|[0-9]+(;[0-9]+)*)\Z")
#: Directives outside of menus, with the kind of what follows: files are looked for, labels must be there.
_DIRECTIVES = {
    "default": "label",
    "ontimeout": "label",
    "onerror": "label",
    "ui": "file",
    "display": "file",
    "include": "optional file",
    "prompt": "flag",
    "noescape": "flag",
    "allowoptions": "flag",
    "implicit": "flag",
    "nohalt": "flag",
    "timeout": "number",
    "totaltimeout": "number",
    "serial": "numbers",
    "say": "text",
    "label": "new label",
    **{key.lower(): "help" for key in HELP_KEYS},
}
#: Directives that say what a LABEL does, of which it needs one, and others that belong to a LABEL.
_ACTIONS = {
    **dict.fromkeys(("kernel", "linux", "com32", "pxe", "config", "boot", "bss", "fdimage"), "file"),
    "localboot": "number",
}
_DETAILS = {"initrd": "files", "append": "text", "ipappend": "number", "sysappend": "number"}
_MENU = {
    "title": "text",
    "background": "background",
    "color": "colour",
    "tabmsg": "text",
    "notabmsg": "text",
    "passprompt": "text",
    "onerror": "label",
    "master": "password",
    "begin": "begin",
    "end": "end",
    "separator": "nothing",
    "margin": "number",
    "rows": "number",
}
_MENU_DETAILS = {
    "label": "text",
    "default": "nothing",
    "hide": "nothing",
    "indent": "number",
    "passwd": "password or nothing",
    "exit": "action",
    "disable": "title",
}
#: The version from which on pxelinux knows it (syslinux NEWS).
_SINCE = {"ui": (3, 74), "initrd": (3, 71), "sysappend": (5, 10), "localboot -1": (4, 0)}


def check_config(text: str, name: str, version: Version = (6, 4)) -> list[str]:
    """Refuse a configuration that pxelinux would not take as it was meant.

    :param name: the file's name, for the message.
    :returns: the files that must be in pxelinux's folder for it; URLs are not among them.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    if not text.endswith("\n"):
        raise PxeError(f"{name}: the last line does not end: was the file cut off?")
    lines = text[:-1].split("\n")
    for number, line in enumerate(lines, 1):
        mistake = mistake_in_characters(line)
        if mistake:
            raise PxeError(f"{name}:{number}: {mistake}")
    found = _check_lines(tuple("" if line.startswith(_SAID) else line for line in lines), version)
    if found.mistake:
        raise PxeError(f"{name}:{found.line}: {found.mistake}" if found.line else f"{name}: {found.mistake}")
    return list(found.files)


class _Found(t.NamedTuple):
    """The first mistake, and in which line (0: none in particular); else the files that must be there."""

    line: int = 0
    mistake: str | None = None
    files: tuple[str, ...] = ()


# What is only for people: the configurations of thousands of machines differ in nothing else.
_SAID = ("#", "SAY This is ")


@functools.lru_cache(maxsize=64)
def _check_lines(lines: tuple[str, ...], version: Version) -> _Found:
    checker = Checker(version)
    for number, line in enumerate(lines, 1):
        mistake = checker.line(line, number)
        if mistake:
            return _Found(number, mistake)
    for number, mistake in checker.at_the_end():
        return _Found(number, mistake)
    return _Found(files=tuple(checker.local_files()))


class Checker:
    """Goes through a configuration line by line."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.files: list[str] = []
        self.labels: dict[str, int] = {}
        self.jumps: list[tuple[str, int]] = []
        #: The submenus that are open, by the line of their beginning.
        self.open: list[int] = []
        #: The label of this section, where it began, and what it does.
        self.section: tuple[str, int] | None = None
        self.action = ""
        self.lengths = {"kernel": 0, "initrd": 0, "append": 0}

    def line(self, line: str, number: int) -> str | None:
        words = line.split()
        if not words or line.startswith("#"):
            return None
        if words[0].lower() == "menu":
            return self.menu(words[1:], number)
        return self.directive(words[0], words[1:], number)

    def directive(self, word: str, values: list[str], number: int) -> str | None:
        key = word.lower()
        if key in _DIRECTIVES:
            return self.value(key, _DIRECTIVES[key], values, number)
        kind = _ACTIONS.get(key) or _DETAILS.get(key)
        if not kind:
            return f"'{word}' is not a directive that this checker knows; pxelinux would ignore it silently"
        if self.section is None:
            return f"{word} belongs to a LABEL, but none precedes it"
        if key in _ACTIONS:
            if self.action:
                return f"{word}: this LABEL says {self.action.upper()} already"
            self.action = key
        return self.value(key, kind, values, number) or self.too_long(key, values)

    def menu(self, words: list[str], number: int) -> str | None:
        key = words[0].lower() if words else ""
        if key in _MENU:
            values = words[1:]
            if key == "master":
                values = values[1:] if values[:1] and values[0].lower() == "passwd" else []
            if key in ("begin", "end", "separator"):
                mistake = self.end_section(number)
                if mistake:
                    return mistake
            return self.value(f"menu {key}", _MENU[key], values, number)
        if key not in _MENU_DETAILS:
            return f"'MENU {key.upper()}' is not a directive that this checker knows"
        if self.section is None:
            return f"MENU {key.upper()} belongs to a LABEL, but none precedes it"
        return self.value(f"menu {key}", _MENU_DETAILS[key], words[1:], number)

    def value(self, key: str, kind: str, values: list[str], number: int) -> str | None:
        """What is wrong with what follows a directive."""
        since = _SINCE.get(" ".join([key, *values[:1]]) if key == "localboot" else key)
        if since and self.version < since:
            return f"{key.upper()} {' '.join(values)}: pxelinux {dotted(self.version)} does not know this"
        check = getattr(self, "_" + kind.replace(" ", "_"))
        mistake: str | None = check(values, number)
        return f"{key.upper()}: {mistake}" if mistake else None

    def too_long(self, key: str, values: list[str]) -> str | None:
        """pxelinux cuts a command line silently. It adds BOOT_IMAGE=, initrd= and BOOTIF=."""
        if key in self.lengths:
            self.lengths[key] = len(" ".join(values))
        if (
            sum(self.lengths.values()) + len("BOOT_IMAGE= initrd= BOOTIF=01-00-11-22-33-44-55 ")
            > MAX_COMMAND_LINE
        ):
            return f"the kernel's command line becomes longer than {MAX_COMMAND_LINE} characters"
        return None

    def end_section(self, _number: int) -> str | None:
        section, action = self.section, self.action
        self.section, self.action = None, ""
        self.lengths = dict.fromkeys(self.lengths, 0)
        if section and not action:
            return f"LABEL {section[0]} (line {section[1]}) has no action: KERNEL or LOCALBOOT is missing"
        return None

    def at_the_end(self) -> t.Iterator[tuple[int, str]]:
        mistake = self.end_section(0)
        if mistake:
            yield 0, mistake
        for number in self.open:
            yield number, "MENU BEGIN without its MENU END"
        for label, number in self.jumps:
            if label not in self.labels:
                yield number, f"there is no LABEL {label}"

    def local_files(self) -> list[str]:
        """The files that must be in pxelinux's folder."""
        return [file for file in dict.fromkeys(self.files) if "://" not in file]

    # One function a kind of value

    def _new_label(self, values: list[str], number: int) -> str | None:
        mistake = self.end_section(number)
        if mistake or len(values) != 1:
            return mistake or "write one word"
        if values[0] in self.labels:
            return f"{values[0]} is there twice; pxelinux would take the first one"
        self.labels[values[0]] = number
        self.section = (values[0], number)
        return None

    def _label(self, values: list[str], number: int) -> str | None:
        if len(values) != 1:
            return "write one label"
        self.jumps.append((values[0], number))
        return None

    def _file(self, values: list[str], _number: int) -> str | None:
        if len(values) != 1:
            return "write one file name without blanks"
        return self._names(values)

    def _background(self, values: list[str], number: int) -> str | None:
        return None if len(values) == 1 and _COLOUR.match(values[0]) else self._file(values, number)

    def _files(self, values: list[str], _number: int) -> str | None:
        return self._names(values[0].split(",")) if len(values) == 1 else "write file names joined by commas"

    def _help(self, values: list[str], _number: int) -> str | None:
        return self._names(values) if len(values) in (1, 2) else "write a file and perhaps a picture"

    def _optional_file(self, values: list[str], _number: int) -> str | None:
        return _bad_name(values[0]) if len(values) == 1 else "write one file name without blanks"

    def _names(self, names: list[str]) -> str | None:
        self.files += names
        return next((mistake for mistake in map(_bad_name, names) if mistake), None)

    @staticmethod
    def _flag(values: list[str], _number: int) -> str | None:
        return None if len(values) == 1 and _FLAG.match(values[0]) else "write 0 or 1"

    @staticmethod
    def _number(values: list[str], _number: int) -> str | None:
        return None if len(values) == 1 and _NUMBER.match(values[0]) else "write a number"

    @staticmethod
    def _numbers(values: list[str], _number: int) -> str | None:
        fits = 1 <= len(values) <= 3 and all(_NUMBER.match(value) for value in values)
        return None if fits else "write port, speed and flow control as numbers"

    @staticmethod
    def _text(values: list[str], _number: int) -> str | None:
        return None if values else "its text is missing"

    @staticmethod
    def _nothing(values: list[str], _number: int) -> str | None:
        return "nothing may follow" if values else None

    @staticmethod
    def _password(values: list[str], _number: int) -> str | None:
        return None if len(values) == 1 and HASH.match(values[0]) else "what follows is not a password hash"

    def _password_or_nothing(self, values: list[str], number: int) -> str | None:
        return self._password(values, number) if values else None

    @staticmethod
    def _colour(values: list[str], _number: int) -> str | None:
        if not values or values[0] not in COLOUR_ELEMENTS:
            return f"write one of {', '.join(COLOUR_ELEMENTS)}"
        text_mode, colours, shadow = values[1:2], values[2:4], values[4:]
        fits = (
            all(_ANSI.match(value) for value in text_mode)
            and all(_COLOUR.match(colour) for colour in colours)
            and shadow in ([], ["none"], ["std"], ["all"], ["rev"])
        )
        return None if text_mode and fits else "write colours such as #ffffffff (opacity, red, green, blue)"

    def _begin(self, values: list[str], number: int) -> str | None:
        self.open.append(number)
        return None if len(values) == 1 else "write one word as its name"

    def _end(self, values: list[str], number: int) -> str | None:
        if not self.open:
            return "there is no MENU BEGIN before it"
        self.open.pop()
        return self._nothing(values, number)

    def _action(self, values: list[str], number: int) -> str | None:
        if not self.open:
            return "it leaves a submenu, but is not in one"
        self.action = "menu exit"
        return self._nothing(values, number)

    def _title(self, values: list[str], number: int) -> str | None:
        """A LABEL that nobody can choose needs nothing to do."""
        self.action = "menu disable"
        return self._nothing(values, number)


@functools.lru_cache(maxsize=1024)
def mistake_in_characters(line: str) -> str | None:
    if not line.isascii() or not line.isprintable():
        return "characters that a BIOS screen cannot show: only ASCII, and no tabs"
    mistake = mistake_of_templates(line)
    if mistake is None and "${" in line:
        mistake = "'${' is a setting of iPXE's, which pxelinux does not know"
    return mistake


def _bad_name(name: str) -> str | None:
    if len(name) > MAX_NAME:
        return f"'{name}' is longer than {MAX_NAME} characters"
    if not name or name.startswith("/") or ".." in name.split("/"):
        return f"'{name}' is not a file below pxelinux's folder: write a relative path without '..', or a URL"
    return None
