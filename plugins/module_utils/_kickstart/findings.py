# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A kickstart that is to be checked, what it says, and what is wrong with it."""

from __future__ import annotations

import types
import typing as t

ERROR = "error"
WARNING = "warning"

#: Commands that say where the system goes, and those that configure the network.
STORAGE = frozenset(
    [
        *("autopart", "btrfs", "clearpart", "ignoredisk", "logvol", "mount", "part", "partition", "raid"),
        *("reqpart", "stratisfs", "stratispool", "volgroup"),
    ]
)
NETWORK = frozenset(["network"])


class Where(t.NamedTuple):
    """A line, from 1 on, of a file or URL."""

    file: str
    line: int

    def seen_from(self, other: Where) -> str:
        """``line 3``, with the file where that is another one."""
        return f"line {self.line}" if self.file == other.file else f"line {self.line} of {self.file}"


class Problem(t.NamedTuple):
    """Something that is wrong (``error``), or that will be or may be (``warning``). It shows no secrets."""

    where: Where
    severity: str
    kind: str
    text: str


class Entry(t.NamedTuple):
    """A command that was understood.

    :arg data: pykickstart's object for this line, or a copy of what the command's object held after it
    """

    command: str
    where: Where
    data: t.Any


class Kickstart(t.NamedTuple):
    """What is to be checked.

    :arg name: how messages call the file
    :arg version: pykickstart's number
    :arg folder: where relative paths of ``%include`` and ``%ksappend`` begin
    :arg elsewhere: a machine reads it: files of this host are none of its files, and URLs are not fetched
    :arg generated: texts of files that the machine makes before it reads them, by path
    :arg origins: where lines of the text come from, by their numbers, if that is another file
    """

    name: str
    text: str
    version: int
    folder: str = "."
    follow: bool = True
    elsewhere: bool = False
    generated: t.Mapping[str, str] = types.MappingProxyType({})
    origins: t.Mapping[int, Where] = types.MappingProxyType({})

    def where(self, number: int) -> Where:
        return self.origins.get(number, Where(self.name, number))


class Reading(t.NamedTuple):
    """What a kickstart says, and what is wrong with it.

    :arg start: its first line
    :arg counted: as many problems as the program ksvalidator counts: 1 for a mistake that ends the file
    :arg packages: the lines of ``%packages`` that are neither blank nor comments
    :arg ignore_missing: whether the installer goes on without packages that are not there
    :arg failed: commands of which at least one was not understood
    :arg complete: whether all includes among the commands were read
    :arg unread: those that were not, each with how many entries were read before it
    :arg version: pykickstart's number of the syntax
    :arg unended: where a section begins that the included file it is in does not end. pykickstart takes all that
        follows for a part of it, and neither it nor the installer says so.
    """

    start: Where
    problems: list[Problem]
    counted: int
    entries: list[Entry]
    packages: list[tuple[Where, str]]
    ignore_missing: bool
    failed: set[str]
    complete: bool
    unread: list[tuple[int, Where]]
    unended: Where | None
    quote: t.Callable[[Where], str]
    version: int = 0
