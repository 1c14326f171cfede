# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks that iPXE would run a script as it was meant."""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import NOTHING
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.lines import mistake_in_characters
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# What all supported versions of iPXE have (`console` not in every build), by whether a script must say what follows
# when they fail.
_MAY_FAIL = """
    boot chain choose clear console dhcp ifconf ifopen imgargs imgexec imgfetch imgfree imgselect initrd iseq isset
    kernel module param params prompt read route sanboot sanhook shell sleep sync
"""
_HARMLESS = """
    config cpair colour echo exit goto ifclose ifstat imgstat inc item login menu poweroff reboot sanunhook set show
"""
_FALLIBLE = frozenset(_MAY_FAIL.split())
_COMMANDS = _FALLIBLE | frozenset(_HARMLESS.split())
_LAST = frozenset(("exit", "goto", "reboot", "poweroff"))
_SETTING = re.compile(r"\$\{[A-Za-z0-9_./:-]*\}")


def check_script(script: str, name: str) -> None:
    """Refuse a script that iPXE would not run as it was meant.

    :param name: the file's name, for the message.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    if not script.startswith("#!ipxe\n"):
        raise PxeError(f"{name}:1: an iPXE script starts with the line '#!ipxe'")
    if not script.endswith("\n"):
        raise PxeError(f"{name}: the last line does not end: was the script cut off?")
    labels: set[str] = set()
    jumps: dict[str, int] = {}
    last: str | None = None
    for number, line in enumerate(script[:-1].split("\n"), 1):
        found = _check_line(line)
        if found.mistake:
            raise PxeError(f"{name}:{number}: {found.mistake}")
        if found.label is not None:
            if found.label in labels:
                raise PxeError(
                    f"{name}:{number}: label '{found.label}' is there twice; iPXE would take the first one"
                )
            labels.add(found.label)
        jumps.update((label, number) for label in found.jumps)
        last = found.last or last
    _check_flow(name, labels, jumps, last)


def _check_flow(name: str, labels: set[str], jumps: dict[str, int], last: str | None) -> None:
    for label, number in jumps.items():
        if "${" not in label and label not in labels:
            raise PxeError(f"{name}:{number}: 'goto {label}': there is no ':{label}'")
    if last not in _LAST:
        raise PxeError(f"{name}: the script runs off its end; end it with one of {', '.join(sorted(_LAST))}")


class _Line(t.NamedTuple):
    mistake: str | None = None
    label: str | None = None
    jumps: tuple[str, ...] = ()
    last: str | None = None


# The scripts of thousands of machines differ in a few lines only.
@functools.lru_cache(maxsize=4096)
def _check_line(line: str) -> _Line:
    mistake = _check_characters(line)
    if mistake:
        return _Line(mistake)
    words = line.split()
    label = words.pop(0)[1:] if words and words[0].startswith(":") else None
    if label is not None and not re.fullmatch(r"[a-z][a-z0-9_]*", label):
        return _Line(f"':{label}' is not a label: use lower-case letters, digits and '_'")
    commands, mistake = _commands(words)
    mistake = mistake or _check_commands(commands)
    jumps = tuple(
        command[1] for command, _operator in commands if command[:1] == ["goto"] and len(command) > 1
    )
    done = [command[0] for command, _operator in commands if command]
    return _Line(mistake, label, jumps, done[-1] if done else None)


def _check_characters(line: str) -> str | None:
    mistake = mistake_in_characters(line)
    if mistake:
        return mistake
    if "${" in _SETTING.sub("", line):
        return "'${' without its '}', or no name of a setting between them"
    return None


def _commands(words: list[str]) -> tuple[list[tuple[list[str], str]], str | None]:
    """Split at the operators as ``command_terminator`` does: [(command's words, operator after it)]."""
    commands: list[tuple[list[str], str]] = []
    current: list[str] = []
    for item in words:
        if item.startswith("#"):
            break
        if item in ("||", "&&", ";"):
            commands.append((current, item))
            current = []
        elif _is_stuck(item):
            return [], f"'{item}': '||' and '&&' are operators only with blanks around them"
        else:
            current.append(item)
    commands.append((current, ""))
    return commands, None


def _is_stuck(item: str) -> bool:
    return ("||" in item or "&&" in item) and not item.startswith(NOTHING)


def _check_commands(commands: list[tuple[list[str], str]]) -> str | None:
    for position, (command, _operator) in enumerate(commands):
        if not command:
            continue
        if command[0] not in _COMMANDS:
            return f"'{command[0]}' is not a command of all supported versions of iPXE"
        if command[0] == "goto" and len(command) != 2:
            return "'goto' takes one label"
        if command[0] in _FALLIBLE and "||" not in (operator for _command, operator in commands[position:]):
            return f"'{command[0]}' may fail: say with '||' what follows then"
    return None
