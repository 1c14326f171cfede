# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The files of a kickstart: what ``%include`` and ``%ksappend`` mean, and where each line comes from."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import history
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.explain import unreadable
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    Kickstart,
    Problem,
    Where,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide, hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.sections import (
    INCLUDES,
    SCRATCH,
    SECTIONS,
    text_mistake,
)

try:
    from pykickstart import load
    from pykickstart.errors import KickstartError
except ImportError:
    KickstartError = None

# The collection's own scripts of %pre. What they write is known, and they write nothing else.
_OUR_SCRIPTS = re.compile(
    r"^cat > /tmp/netinstall/(report|check-disk|includes) <<'NETINSTALL_PXE_END'$", re.M
)
_LONGEST_QUOTE = 100


class Source:
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


class Files:
    """The files of one kickstart. Each is fetched once."""

    def __init__(self, kickstart: Kickstart) -> None:
        self.kickstart = kickstart
        self.order = [kickstart.name]
        self._texts: dict[str, str | Exception] = {}
        self._main = Source(kickstart.name, kickstart.folder)
        self._sources: dict[str, Source] = {}
        scripts = _pre_scripts(kickstart.text)
        if kickstart.elsewhere:
            scripts = [each for each in scripts if not _OUR_SCRIPTS.search(each)]
        self._scripts = "".join(scripts)

    def main(self) -> tuple[Source, list[Problem]]:
        """The kickstart with what it appends, and what is wrong with that."""
        kickstart = self.kickstart
        source, problems = Source(kickstart.name, kickstart.folder), _not_text(kickstart)
        self._main = source
        for number, line in enumerate(kickstart.text.splitlines(True), 1):
            where = kickstart.where(number)
            self.public_name(where.file)
            if not line.strip().startswith("%ksappend"):
                source.add(where.file, line, where.line)
                continue
            try:
                self._append(source, where, line)
            except Exception as exc:  # pykickstart's own, and whatever a broken file may raise
                problems.append(unreadable(where, exc))
        if not problems and not "".join(source.lines).strip():
            problems.append(Problem(Where(kickstart.name, 1), ERROR, "parse", "the kickstart is empty"))
        return source, problems

    def _append(self, source: Source, where: Where, line: str) -> None:
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
        source.add(self.public_name(path), self.text(path))

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

    def included(self, name: str, folder: str) -> Source:
        """The file that ``%include name`` means in a file of this folder.

        :raises Exception: what pykickstart says when it cannot be read.
        """
        generated = self.kickstart.generated.get(name)
        path = name if generated is not None else self._path(name, [self.kickstart.folder, folder])
        if generated is not None:
            self._texts[path] = generated
        if path not in self._sources:
            source = Source(self.public_name(path), "" if load.is_url(path) else os.path.dirname(path))
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
                self._scripts += "".join(_pre_scripts(str(self._texts[path])))
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

    def all_sources(self) -> list[Source]:
        return [self._main, *self._sources.values()]

    def public_name(self, path: str) -> str:
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


def _pre_scripts(text: str) -> list[str]:
    """The lines of each ``%pre`` script."""
    found: list[str] = []
    inside = False
    for line in text.splitlines(True):
        if line.startswith("%"):
            inside = line.split()[0] in ("%pre", "%pre-install")
            found += [""] if inside else []
        elif inside:
            found[-1] += line
    return found


class Cursor:
    """The lines of a source for pykickstart, which may put one back, and an empty one at the end."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._next = 0

    def __iter__(self) -> Cursor:
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
