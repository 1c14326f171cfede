# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What must be known of a kickstart that the collection made, to check it as the machine will read it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import sections
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers

# What scripts of kickstart/disk.sh.j2 and kickstart/includes.sh.j2 write.
_GENERATED = re.compile(
    r"> \$here/(?P<name>\w+\.ks) <<'NETINSTALL_PXE_STORAGE'\n(?P<text>.*?)^NETINSTALL_PXE_STORAGE$"
    r"|echo '(?P<line>[^'\n]*)' > \$here/(?P<file>\w+\.ks)$",
    re.DOTALL | re.MULTILINE,
)
_FOLDER = "/tmp/netinstall/"  # noqa: S108 - nothing is written there


def generated(answer: str) -> dict[str, str]:
    """The files, by path, that the installer makes and includes, with a stand-in for a disk that only it can find."""
    stand_in = sections.bare_disk(answers.BY_RULE)
    return {
        f"{_FOLDER}{found['name'] or found['file']}": (found["text"] or f"{found['line'] or ''}\n").replace(
            "@DISK@", stand_in
        )
        for found in _GENERATED.finditer(answer)
    }


def origins(answer: str, name: str, own: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Which lines of an answer are those of a file that was brought along.

    :param own: what ``_kickstart.adapt`` has taken over from it.
    :returns: ``{file, first, lines}``: from the line ``first`` on, the numbers in the file.
    """
    found = []
    for part in ("command", "section"):
        start = answer.find(f"\n{own[f'{part}s']}\n") if own[f"{part}s"] else -1
        if start >= 0:
            first = answer.count("\n", 0, start) + 2
            found.append({"file": name, "first": first, "lines": own[f"{part}_lines"]})
    return found


# What looks at machine and disk, and the script before it, which writes what reports.
_GUARD = re.compile(r"sh /tmp/netinstall/check-disk$")
_REPORT = re.compile(r"^cat > /tmp/netinstall/report <<", re.MULTILINE)
_TOO_EARLY = "would run before it is known whether this is the armed machine and its disk"
# The last release that knows no commands behind sections.
_COMMANDS_FIRST = 5


def before_guard(answer: str, texts: t.Mapping[str, str], level: int) -> t.Iterator[tuple[int, str]]:
    """What the installer would run before ours looks whether this is the machine, and the disk.

    It reads a kickstart with all that it includes, and then runs the %pre scripts in that order. On EL 5 commands come
    before sections, so that ours stands behind all that is included among the commands.

    :param texts: what is known of files that are included, by URL.
    :param level: the release's, as answers of its family say it.
    :returns: the number of each line, and what is wrong with it.
    """
    before = _before_ours(answer.split("\n"))
    for section in sections.split("\n".join(before)).sections:
        if section.name == "%pre" and not _REPORT.search("\n".join(section.body)):
            yield section.line, f"this script {_TOO_EARLY}; write it into the block scripts"
    for number, line in enumerate(before, start=1):
        for name in sections.included(line):
            mistake = _early_include(name, texts, level)
            if mistake:
                yield number, mistake


def _before_ours(lines: list[str]) -> list[str]:
    """The lines before the section that looks at machine and disk; none if there is no such section."""
    ours = next((number for number, line in enumerate(lines) if _GUARD.match(line)), 0)
    while ours and sections.first_word(lines[ours]) != "%pre":
        ours -= 1
    return lines[:ours]


def _early_include(name: str, texts: t.Mapping[str, str], level: int) -> str:
    """What is wrong with a file that is included there; empty if nothing is run of it."""
    names, seen = [name], set()
    while names:
        each = names.pop()
        # What a script writes is not there yet when scripts are looked for.
        if each in seen or "://" not in each:
            continue
        seen.add(each)
        shown = hide_users(each)
        if each not in texts and level <= _COMMANDS_FIRST:
            return (
                f"a %pre script of {shown} {_TOO_EARLY}, and EL 5 includes no commands later; name the file in "
                "answers.files, or write its text here"
            )
        if each not in texts:
            return f"a %pre script of {shown} {_TOO_EARLY}; write this line into the block extra"
        if any(section.name == "%pre" for section in sections.split(texts[each]).sections):
            return f"the %pre script of {shown} {_TOO_EARLY}; write the script into the kickstart itself"
        names += sections.included(texts[each])
    return ""
