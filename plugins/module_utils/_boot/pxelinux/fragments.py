# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Parts of the menu that the site brings: checks that they change nothing of the rest."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import (
    Checker,
    mistake_in_characters,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import Version
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import HELP_KEYS

# What the menu itself says, and a part of it must not.
_NOT_IN_A_FRAGMENT = frozenset(
    (
        *(
            "default",
            "ontimeout",
            "onerror",
            "ui",
            "display",
            "include",
            "prompt",
            "noescape",
            "allowoptions",
        ),
        *("implicit", "timeout", "totaltimeout", "serial", "menu default", "menu master", "menu onerror"),
        *("menu background", *(key.lower() for key in HELP_KEYS)),
    )
)


def check_fragment(
    text: str, name: str, version: Version, taken: t.Iterable[str], locked: bool = False
) -> tuple[list[str], list[str]]:
    """Refuse a part of a menu that would change what the rest of it says.

    :param taken: the labels that the menu has already.
    :param locked: whether the menu has a password, which each entry must ask for then.
    :returns: the labels of the part, and the files that must be in pxelinux's folder for it.
    :raises PxeError: ``<name>:<line>: <what is wrong>``.
    """
    checker = Checker(version)
    checker.labels = dict.fromkeys(taken, 0)
    known = set(checker.labels)
    for number, line in _lines_of_fragment(text):
        mistake = mistake_in_characters(line) or _not_in_a_fragment(line) or checker.line(line, number)
        if mistake:
            raise PxeError(f"{name}:{number}: {mistake}")
    for number, mistake in checker.at_the_end():
        raise PxeError(f"{name}:{number}: {mistake}" if number else f"{name}: {mistake}")
    labels = [label for label in checker.labels if label not in known]
    if locked:
        _refuse_unlocked(text, name)
    return labels, checker.local_files()


def _lines_of_fragment(text: str) -> t.Iterator[tuple[int, str]]:
    """Numbered lines, without the texts that a menu shows about an entry."""
    in_text = False
    for number, line in enumerate(text.expandtabs().splitlines(), 1):
        words = [word.lower() for word in line.split()]
        if words[:1] == ["endtext"]:
            in_text = False
        elif words[:2] == ["text", "help"]:
            in_text = True
        elif not in_text:
            yield number, line


def _not_in_a_fragment(line: str) -> str | None:
    words = [word.lower() for word in line.split()[:2]]
    for directive in (" ".join(words[:1]), " ".join(words)):
        if directive in _NOT_IN_A_FRAGMENT:
            return f"{directive.upper()} is for the whole menu: set it in site_menu, not in a part"
    return None


def _refuse_unlocked(text: str, name: str) -> None:
    for section in re.split(r"(?im)^\s*label\s", text)[1:]:
        if not re.search(r"(?im)^\s*menu\s+(passwd|exit|disable)\b", section):
            label = section.split()[0] if section.split() else ""
            raise PxeError(
                f"{name}: LABEL {label} asks for no password, but site_menu.password_hash is set; write MENU PASSWD"
                " below it"
            )


def labels_of(text: str) -> list[str]:
    """The labels of a configuration of ours."""
    return re.findall(r"(?m)^LABEL (\S+)$", text)
