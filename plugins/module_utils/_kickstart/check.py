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

import copy
import functools
import os
import re
import shlex
import traceback
import types
import typing as t
import warnings

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import history
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide, hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.sections import (
    INCLUDES,
    MARKED,
    SCRATCH,
    SECTIONS,
    text_mistake,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import nearest

_Parser: t.Any = object
_Packages: t.Any = object
IMPORT_ERROR: str | None = None
try:
    from pykickstart import constants, load
    from pykickstart import version as ks_version
    from pykickstart.base import BaseData
    from pykickstart.errors import (
        KickstartDeprecationWarning,
        KickstartError,
        KickstartParseWarning,
        KickstartVersionError,
    )
    from pykickstart.ko import KickstartObject
    from pykickstart.parser import STATE_COMMANDS, KickstartParser
    from pykickstart.sections import PackageSection
except ImportError:
    IMPORT_ERROR = traceback.format_exc()
else:
    _Parser, _Packages = KickstartParser, PackageSection

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
# A file with more mistakes of the kind that ends it is not worth more readings.
_MOST_REPAIRS = 50
# The collection's own scripts of %pre. What they write is known, and they write nothing else.
_OUR_SCRIPTS = re.compile(
    r"^cat > /tmp/netinstall/(report|check-disk|includes) <<'NETINSTALL_PXE_END'$", re.M
)
_LONGEST_QUOTE = 100


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
        raise PxeError(f"version: '{text}' is no version of the kickstart syntax; {hint}") from exc


def version_in(text: str) -> str | None:
    """What the comment ``#version=RHEL9`` says, which the installer writes into ``anaconda-ks.cfg``."""
    found = re.search(r"^#version=(\S.*?)\s*$", text, re.MULTILINE)
    return found[1] if found else None


def read(kickstart: Kickstart) -> Reading:
    """Read a kickstart with all that it includes. See the top of this file.

    The data of entries is valid until the next kickstart is read.
    """
    files = _Files(kickstart)
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
    kickstart: Kickstart, files: _Files, source: _Source, problems: list[Problem], counted: int
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


# Handlers


class _Pristine:
    """A handler of one version, put back into its first state for each use: making a new one takes 15 ms."""

    def __init__(self, version: int) -> None:
        self.handler = ks_version.makeVersion(version)
        objects = {id(each): each for each in [self.handler, *self.handler.commands.values()]}
        # Copies are kept, and copies of them are used.
        self.states = [(each, _copy_of(vars(each))) for each in objects.values()]

    def take(self) -> t.Any:
        for each, state in self.states:
            attributes = vars(each)
            attributes.clear()
            attributes.update(_copy_of(state))
        return self.handler


def _copy_of(state: dict[str, t.Any]) -> dict[str, t.Any]:
    return {name: _copied(value) for name, value in state.items()}


def _copied(value: t.Any) -> t.Any:
    """A copy of what reading a kickstart changes in place: lists, dicts, and the handler's package list."""
    if isinstance(value, (list, dict, set)):
        return value.copy()
    return copy.deepcopy(value) if isinstance(value, KickstartObject) and _is_plain(value) else value


def _is_plain(value: t.Any) -> bool:
    """Whether it holds data only: neither a command nor a handler."""
    return not hasattr(value, "handler") and not hasattr(value, "commands")


@functools.cache
def _pristine(version: int) -> _Pristine:
    return _Pristine(version)


# Files


class _Source:
    """The lines of a file, with where each comes from: ``%ksappend`` puts other files' lines among them."""

    def __init__(self, name: str, folder: str) -> None:
        self.name, self.folder = name, folder
        self.lines: list[str] = []
        self.origins: list[Where] = []

    def add(self, name: str, text: str, first: int = 1) -> None:
        for number, line in enumerate(text.splitlines(True), first):
            if self.lines and self.lines[-1].splitlines()[0] == self.lines[-1]:
                # pykickstart appends files without looking whether they end with a line feed.
                self.lines[-1] += line
            else:
                self.lines.append(line)
                self.origins.append(Where(name, number))

    def at(self, where: Where) -> t.Iterator[str]:
        """The lines that come from there."""
        return (line for line, origin in zip(self.lines, self.origins) if origin == where)

    def where(self, index: int) -> Where:
        if not self.origins:
            return Where(self.name, 1)
        return self.origins[max(0, min(index, len(self.origins) - 1))]


class _Files:
    """The files of one kickstart. Each is fetched once."""

    def __init__(self, kickstart: Kickstart) -> None:
        self.kickstart = kickstart
        self.order = [kickstart.name]
        self._texts: dict[str, str | Exception] = {}
        self._main = _Source(kickstart.name, kickstart.folder)
        self._sources: dict[str, _Source] = {}
        self._scripts = _pre_scripts(kickstart.text)
        if kickstart.elsewhere:
            self._scripts = "".join(
                each for each in _each_pre_script(kickstart.text) if not _OUR_SCRIPTS.search(each)
            )

    def main(self) -> tuple[_Source, list[Problem]]:
        """The kickstart with what it appends, and what is wrong with that."""
        kickstart = self.kickstart
        source, problems = _Source(kickstart.name, kickstart.folder), _not_text(kickstart)
        self._main = source
        for number, line in enumerate(kickstart.text.splitlines(True), 1):
            where = kickstart.where(number)
            self.shown(where.file)
            if not line.strip().startswith("%ksappend"):
                source.add(where.file, line, where.line)
                continue
            try:
                self._append(source, where, line)
            except Exception as exc:  # pykickstart's own, and whatever a broken file may raise
                problems.append(Problem(where, ERROR, "include", hide_users(_message(exc))))
        if not problems and not "".join(source.lines).strip():
            problems.append(Problem(Where(kickstart.name, 1), ERROR, "parse", "the kickstart is empty"))
        return source, problems

    def _append(self, source: _Source, where: Where, line: str) -> None:
        """Put in what a line with ``%ksappend`` means.

        :raises Exception: what pykickstart says when it cannot be read, or why the machine cannot read it.
        """
        words = line.strip().split(" ")
        if len(words) < 2:
            raise KickstartError("%ksappend names no file")
        if self.kickstart.elsewhere:
            # Installers append before any script runs.
            self.check_elsewhere(words[1], is_written=False)
            source.add(where.file, line.replace("%ksappend", "%include", 1), where.line)
            return
        path = self._path(words[1], [self.kickstart.folder])
        source.add(self.shown(path), self.text(path))

    @staticmethod
    def check_elsewhere(name: str, is_written: bool) -> None:
        """Whether a machine may find a file.

        :raises KickstartError: it cannot.
        """
        if not is_written and (not load.is_url(name) or name.startswith("file:")):
            raise KickstartError(
                f"{name}: the machine has no such file, and no %pre script writes it; name it in answers.files, "
                "write a URL, or write the file's text"
            )

    def included(self, name: str, folder: str) -> _Source:
        """The file that ``%include name`` means in a file of this folder.

        :raises Exception: what pykickstart says when it cannot be read.
        """
        generated = self.kickstart.generated.get(name)
        path = name if generated is not None else self._path(name, [self.kickstart.folder, folder])
        if generated is not None:
            self._texts[path] = generated
        if path not in self._sources:
            source = _Source(self.shown(path), "" if load.is_url(path) else os.path.dirname(path))
            source.add(source.name, self.text(path))
            self._sources[path] = source
        return self._sources[path]

    def is_written_later(self, name: str) -> bool:
        """Whether a ``%pre`` script of the kickstart writes this file, on the machine."""
        return name in self._scripts or (bool(self._scripts) and name.startswith(SCRATCH))

    def text(self, path: str) -> str:
        if path not in self._texts:
            try:
                self._texts[path] = load.load_to_str(path)
                self._scripts += _pre_scripts(str(self._texts[path]))
            except Exception as exc:  # also a file that is no text
                self._texts[path] = exc
        found = self._texts[path]
        if isinstance(found, Exception):
            raise found
        return found

    def quote(self, packages: set[Where], where: Where) -> str:
        """The line that a problem is about, without its secrets; empty if it may be a part of a script or a secret.

        :arg packages: the lines of ``%packages``
        """
        line = next((line for source in self.all_sources() for line in source.at(where)), "").strip()
        words = line.split()
        command = words[0] if words else ""
        version = self.kickstart.version
        if command not in (*history.COMMANDS[version], *SECTIONS, *INCLUDES) and where not in packages:
            return ""
        shown = hide(line, line, history.options(command, version))
        return shown if len(shown) <= _LONGEST_QUOTE else f"{shown[:_LONGEST_QUOTE]}…"

    def all_sources(self) -> list[_Source]:
        return [self._main, *self._sources.values()]

    def shown(self, path: str) -> str:
        """How messages call a file: without a password in its URL."""
        name = hide_users(path)
        if name not in self.order:
            self.order.append(name)
        return name

    @staticmethod
    def _path(name: str, folders: list[str]) -> str:
        """The first of these folders that has the file."""
        if load.is_url(name):
            return name
        paths = [os.path.join(folder, name) for folder in folders]
        return next((path for path in paths if os.path.exists(path)), paths[0])


def _not_text(kickstart: Kickstart) -> list[Problem]:
    """Bytes that are no UTF-8: Python keeps them as surrogates. pykickstart reads nothing of such a file."""
    found = text_mistake(kickstart.text)
    if not found or kickstart.text.startswith("\ufeff"):
        # A byte-order mark is a command that there is not.
        return []
    return [Problem(kickstart.where(found[0]), ERROR, "parse", f"this {found[1]}")]


def _pre_scripts(text: str) -> str:
    """All lines of ``%pre`` scripts."""
    return "".join(_each_pre_script(text))


def _each_pre_script(text: str) -> list[str]:
    found: list[str] = []
    inside = False
    for line in text.splitlines(True):
        if line.startswith("%"):
            inside = line.split()[0] in ("%pre", "%pre-install")
            found += [""] if inside else []
        elif inside:
            found[-1] += line
    return found


class _Cursor:
    """The lines of a source for pykickstart, which may put one back, and an empty one at the end."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self._next = 0

    def __iter__(self) -> _Cursor:
        return self

    def __next__(self) -> str:
        if self._next > len(self.source.lines):
            raise StopIteration
        self._next += 1
        return "" if self.at_end else self.source.lines[self.index]

    def put(self, line: str) -> None:
        if line:
            self._next -= 1

    @property
    def index(self) -> int:
        """Of the line that was given out last, from 0 on."""
        return self._next - 1

    @property
    def at_end(self) -> bool:
        return self.index >= len(self.source.lines)

    @property
    def where(self) -> Where:
        return self.source.where(self.index)


# Reading


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

    def __init__(self, kickstart: Kickstart, files: _Files, exact: bool) -> None:
        self.files, self.exact = files, exact
        self.problems: list[Problem] = []
        self.entries: list[Entry] = []
        self.packages: list[tuple[Where, str]] = []
        self.failed: set[str] = set()
        self.complete = True
        self.unread: list[tuple[int, Where]] = []
        # Where the last section begins.
        self.opened: Where | None = None
        self.cursors: list[_Cursor] = []
        super().__init__(
            _pristine(kickstart.version).take(),
            followIncludes=kickstart.follow,
            errorsAreFatal=False,
            # Else pykickstart warns, which is noted, and reads on.
            unknownSectionIsFatal=exact,
        )

    def read(self, source: _Source) -> Problem | None:
        """Read it all. What ends the reading too early is returned."""
        try:
            self._run(source)
        except (
            Exception
        ) as exc:  # as ksvalidator does: a parser that was not written for this may raise anything
            # The cursors stay as they are, and say where it was.
            return self._problem(exc)
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

    def _run(self, source: _Source) -> None:
        self.cursors.append(_Cursor(source))
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
        source = self.files.included(f, self.cursors[-1].source.folder)
        if any(cursor.source is source for cursor in self.cursors):
            raise KickstartError(f"{source.name} includes itself")
        self._run(source)

    def handleCommand(self, lineno: int, args: list[str]) -> t.Any:  # noqa: N802
        data = super().handleCommand(lineno, args)
        if not isinstance(data, BaseData):
            # The command's own object: the next line of this command changes it.
            kept = types.SimpleNamespace(**_copy_of({} if data is None else vars(data)))
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
            source = self.files.included(f, self.cursors[-1].source.folder)
            if any(cursor.source is source for cursor in self.cursors):
                raise KickstartError(f"{source.name} includes itself")
        except Exception as exc:  # pykickstart's own, and whatever a file that is no text may raise
            self._leave_unread()
            self.problems.append(Problem(self.where, ERROR, "include", hide_users(_message(exc))))
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
            self.problems.append(Problem(self.where, ERROR, "include", hide_users(_message(exc))))
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
            words = self._words()
            self.failed.add(words[0])
            if not self.exact:
                self.problems += self._explain(exc, words)

    # What it finds

    def note_warning(self, message: Warning, category: type, *_unused: t.Any, **_also: t.Any) -> None:
        """Python's hook for warnings."""
        if not issubclass(category, KickstartParseWarning):
            return
        words = self._words()
        if words[0] == "sshkey":
            # A user may have several keys: the installer appends each of them (anaconda, set_user_ssh_key).
            return
        if issubclass(category, KickstartDeprecationWarning):
            text = self._deprecation(words) or self._shown(re.sub(r" on line \d+(?=[: ])", "", str(message)))
            problem = Problem(self.where, WARNING, "deprecated", text)
        elif self._state == STATE_COMMANDS and words and words[0].startswith("%"):
            problem = Problem(self.where, ERROR, "parse", f"there is no section {words[0]}")
        else:
            problem = Problem(self.where, WARNING, _kind_of(words[0]), self._shown(str(message)))
        self.problems.append(problem)

    def _deprecation(self, words: list[str]) -> str | None:
        version = self.version
        since = history.deprecated_in(words[0], version)
        if since and history.command_state(words[0], version) == "deprecated":
            return f"{words[0]} is deprecated since {since}; {history.instead_of(words[0])}"
        for option in _options_in(words):
            action = history.options(words[0], version).get(option)
            since = history.deprecated_in(words[0], version, option)
            if since and getattr(action, "deprecated", False):
                what = f"{words[0]} {option}"
                return f"{what} is deprecated since {since}; {history.instead_of(what)}"
        return None

    def _explain(self, exc: Exception, words: list[str]) -> list[Problem]:
        """What is wrong with a command or the first line of a section."""
        where, message = self.where, _message(exc)
        if words[0].startswith("\ufeff"):
            return [Problem(where, ERROR, "parse", f"the file {MARKED}")]
        if not words[0].startswith("%") and history.command_state(words[0], self.version) in ("", "removed"):
            return [Problem(where, ERROR, *_no_command(words[0], self.version))]
        known = history.options(words[0], self.version)
        unknown = [
            option for option in _options_in(words) if not any(name.startswith(option) for name in known)
        ]
        told = {option: _no_option(words[0], option, self.version) for option in unknown}
        found = [Problem(where, ERROR, *reason) for reason in told.values() if reason]
        if not found or None in told.values() or not any(option in message for option in told):
            found.append(Problem(where, ERROR, _kind_of(words[0]), self._shown(message)))
        return found

    def _problem(self, exc: Exception) -> Problem:
        """What ended the reading."""
        text = self._shown(_message(exc))
        if isinstance(exc, ValueError) and not isinstance(exc, UnicodeError):
            text = "a quotation mark is missing: what it opens must close on the same line"
        elif not isinstance(exc, KickstartError):
            text = f"pykickstart cannot read this line ({text or type(exc).__name__})"
        return Problem(self.where, ERROR, "parse", text or "%include names no file")

    def _words(self) -> list[str]:
        try:
            return shlex.split(self._line, comments=True) or [""]
        except ValueError:
            return self._line.split() or [""]

    def _shown(self, text: str) -> str:
        words = self._words()
        return hide(text.strip(), self._line, history.options(words[0], self.version))

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


def _kind_of(command: str) -> str:
    if command in STORAGE:
        return "storage"
    return "network" if command in NETWORK else "parse"


def _message(exc: Exception) -> str:
    """What an exception says, without the line number, which is wrong after an include."""
    text = exc.message if isinstance(exc, KickstartError) else str(exc)
    return str(text).strip()


def _options_in(words: list[str]) -> list[str]:
    return [word.partition("=")[0] for word in words[1:] if word.startswith("--")]


def _no_command(word: str, version: int) -> tuple[str, str]:
    """Kind and text for a command that a version does not have."""
    removed = history.removed_in(word, version)
    if removed:
        return "removed", f"{word} was removed in {removed}; {history.instead_of(word)}"
    name, later = history.name_of(version), history.added_in(word, version)
    if later:
        return "parse", f"{word} is known from {later} on, not in {name}; leave it out"
    near = nearest(word, history.COMMANDS[version], 0.75)
    if near:
        return "parse", f"{name} has no command '{word}'; did you mean '{near}'?"
    # The word itself may be the rest of a password that was broken into two lines.
    return "parse", f"the line begins with no command of {name}"


def _no_option(command: str, option: str, version: int) -> tuple[str, str] | None:
    """Kind and text for an option that a version does not have; ``None`` if no version has."""
    what = f"{command} {option}"
    removed = history.removed_in(command, version, option)
    if removed:
        return "removed", f"{what} was removed in {removed}; {history.instead_of(what)}"
    later = history.added_in(command, version, option)
    if later:
        return "parse", f"{what} is known from {later} on, not in {history.name_of(version)}; leave it out"
    return None
