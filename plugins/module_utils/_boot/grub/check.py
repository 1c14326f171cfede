# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks that GRUB would run a script as it was meant."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import LOCAL_BOOT
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.lines import mistake_in_characters
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# What the signed images of Debian 12 and 13 have, besides the words of the language.
_SIGNED_HAVE = """
    boot chainloader echo exit initrd linux menuentry regexp search serial set sleep source terminal_input
    terminal_output [
"""
_COMMANDS = frozenset((*_SIGNED_HAVE.split(), LOCAL_BOOT))
_OPENING = {"if": "fi", "for": "done", "function": "}", "menuentry": "}"}
_CLOSING = frozenset(_OPENING.values())
_WORDS = re.compile(r"""(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\;])+|;|\S""")
_EXPANDED = re.compile(r"\$\{|[`*?|&<>]")


def check_script(script: str, name: str) -> None:
    """Refuse a script that GRUB would not run as it was meant.

    :param name: the file's name, for the message.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    if not script.endswith("\n"):
        raise PxeError(f"{name}: the last line does not end: was the script cut off?")
    open_blocks: list[str] = []
    for number, line in enumerate(script[:-1].split("\n"), 1):
        mistake = mistake_in_characters(line) or _mistake_in_words(line, open_blocks)
        if mistake:
            raise PxeError(f"{name}:{number}: {mistake}")
    if open_blocks:
        raise PxeError(f"{name}: the script ends before '{open_blocks[-1]}'")


def _mistake_in_words(line: str, open_blocks: list[str]) -> str | None:
    """Also keep account of the blocks that are open."""
    if line.lstrip().startswith("#"):
        return None
    words = _WORDS.findall(line)
    if any(word in ("'", '"') for word in words):
        return "a quotation mark is not closed"
    bare = [re.sub(r"'[^']*'|\"[^\"]*\"|\\.", "", word) for word in words]
    if any(_EXPANDED.search(word) for word in bare):
        return "outside of quotation marks GRUB would expand or refuse some of this"
    first = words[0] if words else ""
    if first in _CLOSING:
        return _close(first, open_blocks)
    if first in _OPENING:
        open_blocks.append(_OPENING[first])
    command = _command(words)
    known = not command or command in _COMMANDS
    return None if known else f"'{command}' is no command of all supported versions of GRUB"


def _close(word: str, open_blocks: list[str]) -> str | None:
    if not open_blocks or open_blocks.pop() != word:
        return f"'{word}' ends nothing"
    return None


def _command(words: t.Sequence[str]) -> str:
    """The command of a line, if it has one."""
    if words[:1] == ["if"]:
        return words[1] if len(words) > 1 else "if"
    return "" if not words or words[0] in ("else", "for", "function") else words[0]
