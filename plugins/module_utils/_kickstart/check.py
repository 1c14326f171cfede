# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What ``ksvalidator`` finds in a kickstart, and all of it.

The engine is ksvalidator's own, pykickstart (3.78). A kickstart is read first as the program reads it
(``tools/ksvalidator.py``): a warning is an error and ends its line, what is not the fault of one command ends the
file, and the result is a number. If that is 0, it is all there is to say. Else the file is read once more: warnings
are noted and let pass, and what would end the file is noted, mended, and read again. So each problem is found, with
its file and its line, across ``%include`` and ``%ksappend``.
"""

from __future__ import annotations

import functools
import re
import traceback
import types
import typing as t
import warnings

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import history
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.explain import Line, unreadable
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    WARNING,
    Entry,
    Kickstart,
    Problem,
    Reading,
    Where,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.handlers import copy_of, pristine
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.sources import Cursor, Files, Source
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import nearest

_Parser: t.Any = object
_Packages: t.Any = object
IMPORT_ERROR: str | None = None
try:
    from pykickstart import constants, load
    from pykickstart import version as ks_version
    from pykickstart.base import BaseData
    from pykickstart.errors import KickstartError, KickstartParseWarning, KickstartVersionError
    from pykickstart.parser import STATE_COMMANDS, KickstartParser
    from pykickstart.sections import PackageSection
except ImportError:
    IMPORT_ERROR = traceback.format_exc()
else:
    _Parser, _Packages = KickstartParser, PackageSection

# A file with more mistakes of the kind that ends it is not worth more readings.
_MOST_REPAIRS = 50


def parse_version(text: str) -> int:
    """pykickstart's number of a version such as ``RHEL9``, ``f42`` or ``Red Hat Enterprise Linux 9``.

    :raises PxeError: there is no such version.
    """
    known = sorted(set(ks_version.versionMap) - {"DEVEL"}, key=lambda name: (name[:4] != "RHEL", name))
    try:
        return int(ks_version.stringToVersion(text))
    except KickstartVersionError as exc:
        near = nearest(text, known)
        hint = f"did you mean {near!r}?" if near else f"write one of {', '.join(known)}"
        raise PxeError(f"version: '{text}' is not a version of the kickstart syntax; {hint}") from exc


def version_in(text: str) -> str | None:
    """What the comment ``#version=RHEL9`` says, which the installer writes into ``anaconda-ks.cfg``."""
    found = re.search(r"^#version=(\S.*?)\s*$", text, re.MULTILINE)
    return found[1] if found else None


def read(kickstart: Kickstart) -> Reading:
    """Read a kickstart with all that it includes. See the top of this file.

    The data of entries is valid until the next kickstart is read.
    """
    files = Files(kickstart)
    source, problems = files.main()
    if problems:
        return _read_all(kickstart, files, source, problems, 1)
    reader = _Reader(kickstart, files, exact=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", category=KickstartParseWarning)
        stopped = reader.read(source)
    if stopped is None and not reader.errorsCount:
        return reader.result(reader.problems, 0)
    return _read_all(kickstart, files, source, [], 1 if stopped else reader.errorsCount)


def _read_all(
    kickstart: Kickstart, files: Files, source: Source, problems: list[Problem], counted: int
) -> Reading:
    """Read until nothing ends the reading any more."""
    for _attempt in range(_MOST_REPAIRS):
        reader = _Reader(kickstart, files, exact=False)
        with warnings.catch_warnings():
            warnings.simplefilter("always", category=KickstartParseWarning)
            warnings.showwarning = reader.note_warning  # type: ignore[assignment]
            stopped = reader.read(source)
        if stopped is None:
            break
        problems.append(stopped)
        reader.repair()
    found = list(dict.fromkeys(problems + reader.problems))
    order = {name: index for index, name in enumerate(files.order)}
    found.sort(key=lambda problem: (order.get(problem.where.file, len(order)), problem.where.line))
    return reader.result(found, counted)


class _PackageLines(_Packages):
    """The section ``%packages``, which remembers its lines."""

    def __init__(self, handler: t.Any, reader: _Reader) -> None:
        super().__init__(handler)
        self.reader = reader

    def handleLine(self, line: str) -> None:  # noqa: N802
        text = line.partition("#")[0].strip()
        self.reader.packages.append((self.reader.where, text))
        super().handleLine(line)


class _Reader(_Parser):
    """pykickstart's parser, which knows where it is and what it found.

    :arg exact: read as the program ksvalidator does
    """

    def __init__(self, kickstart: Kickstart, files: Files, exact: bool) -> None:
        self.files, self.exact = files, exact
        self.problems: list[Problem] = []
        self.entries: list[Entry] = []
        self.packages: list[tuple[Where, str]] = []
        self.failed: set[str] = set()
        self.complete = True
        self.unread: list[tuple[int, Where]] = []
        # Where the last section begins.
        self.opened: Where | None = None
        self.cursors: list[Cursor] = []
        super().__init__(
            pristine(kickstart.version).take(),
            followIncludes=kickstart.follow,
            errorsAreFatal=False,
            # Else pykickstart warns, which is noted, and reads on.
            unknownSectionIsFatal=exact,
        )

    def read(self, source: Source) -> Problem | None:
        """Read it all. What ends the reading too early is returned."""
        try:
            self._run(source)
        except Exception as exc:
            # As ksvalidator does: a parser that was not written for this may raise anything.
            # The cursors stay as they are, and say where it was.
            return self._here.end(exc)
        return None

    def result(self, problems: list[Problem], counted: int) -> Reading:
        return Reading(
            Where(self.files.kickstart.name, 1),
            problems,
            counted,
            self.entries,
            self.packages,
            self.handler.packages.handleMissing == constants.KS_MISSING_IGNORE,
            self.failed,
            self.complete,
            self.unread,
            self.opened if self._state != STATE_COMMANDS and self.version >= ks_version.F8 else None,
            functools.partial(self.files.quote, {where for where, _line in self.packages}),
            self.version,
        )

    @property
    def where(self) -> Where:
        return self.cursors[-1].where

    def _run(self, source: Source) -> None:
        self.cursors.append(Cursor(source))
        self._stateMachine(self.cursors[-1])
        self.cursors.pop()

    # What pykickstart calls

    def setupSections(self) -> None:  # noqa: N802
        super().setupSections()
        self.registerSection(_PackageLines(self.handler, self))
        for name, section in self._sections.items():
            # Making the parser of a section's first line takes longer than reading most kickstarts' commands.
            if hasattr(section, "_getParser"):
                section._getParser = functools.partial(history.section_parser, name, self.version)

    def readKickstart(self, f: str, reset: bool = True) -> None:  # noqa: N802
        """Read an included file."""
        self._run(self._included(f))

    def _included(self, name: str) -> Source:
        """An included file.

        :raises Exception: pykickstart's own, and whatever a file that is no text may raise.
        """
        source = self.files.included(name, self.cursors[-1].source.folder)
        if any(cursor.source is source for cursor in self.cursors):
            raise KickstartError(f"{source.name} includes itself")
        return source

    def handleCommand(self, lineno: int, args: list[str]) -> t.Any:  # noqa: N802
        data = super().handleCommand(lineno, args)
        if not isinstance(data, BaseData):
            # The command's own object: the next line of this command changes it.
            kept = types.SimpleNamespace(**copy_of({} if data is None else vars(data)))
        self.entries.append(Entry(args[0], self.where, data if isinstance(data, BaseData) else kept))
        return data

    def _leave_unread(self) -> None:
        # What is included within a section can be no command.
        if self._state == STATE_COMMANDS:
            self.complete = False
            self.unread.append((len(self.entries), self.where))

    def _handleInclude(self, f: str) -> None:  # noqa: N802
        kickstart = self.files.kickstart
        if self.followIncludes and kickstart.elsewhere and f not in kickstart.generated:
            self._include_elsewhere(f)
            return
        if not self.followIncludes:
            self._leave_unread()
        if self.exact or not self.followIncludes or f in kickstart.generated:
            super()._handleInclude(f)
            return
        if self.files.is_written_later(f):
            self._leave_unread()
            return
        try:
            self._included(f)
        except Exception as exc:
            self._leave_unread()
            self.problems.append(unreadable(self.where, exc))
            return
        super()._handleInclude(f)

    def _include_elsewhere(self, name: str) -> None:
        """A file that only the machine can read."""
        self._leave_unread()
        try:
            self.files.check_elsewhere(name, self.files.is_written_later(name))
        except KickstartError as exc:
            if self.exact:
                raise
            self.problems.append(unreadable(self.where, exc))
            return
        if load.is_url(name):
            text = (
                f"{hide_users(name)}: the machine fetches this and reads it; what it says is not checked here"
            )
            self.problems.append(Problem(self.where, WARNING, "include", text))

    def _tryFunc(self, fn: t.Callable[[], t.Any]) -> None:  # noqa: N802
        if self._line.lstrip().startswith("%"):
            self.opened = self.where
        try:
            fn()
        except Exception as exc:  # as pykickstart does
            self.errorsCount += 1
            self.failed.add(self._here.words[0])
            if not self.exact:
                self.problems += self._here.mistakes(exc)

    # What it finds

    @property
    def _here(self) -> Line:
        return Line(self._line, self.where, self.version)

    def note_warning(self, message: Warning, category: type, *_unused: t.Any, **_also: t.Any) -> None:
        """Python's hook for warnings."""
        if issubclass(category, KickstartParseWarning):
            problem = self._here.warned(message, category, self._state == STATE_COMMANDS)
            self.problems += [problem] if problem else []

    def repair(self) -> None:
        """Change the source where the reading ended, so that it ends later or not at all the next time."""
        cursor = self.cursors[-1]
        lines, index = cursor.source.lines, cursor.index
        words = lines[index].split() if not cursor.at_end else []
        if self._state != STATE_COMMANDS and (not words or self._validState(words[0])):
            # A section that does not end ends here.
            lines.insert(index, "%end\n")
            cursor.source.origins.insert(index, cursor.where)
        elif not cursor.at_end:
            lines[index] = "\n"
