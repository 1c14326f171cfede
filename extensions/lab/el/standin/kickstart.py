# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads kickstarts as anaconda does: first only %pre, then, when these scripts have run, all of it."""

from __future__ import annotations

import typing as t
import warnings

from pykickstart import constants, errors, parser, sections, version

from .console import FailedError

OTHER_SECTIONS = (
    "%addon", "%anaconda", "%certificate", "%onerror", "%packages", "%post", "%pre-install", "%traceback",
)  # fmt: skip
# pykickstart's rhel6-branch, parser.py: %pre, %post, %traceback and %packages are all that there is.
NOT_IN_EL6 = ("%addon", "%anaconda", "%certificate", "%onerror", "%pre-install")
KINDS = {
    "pre": constants.KS_SCRIPT_PRE,
    "pre-install": constants.KS_SCRIPT_PREINSTALL,
    "post": constants.KS_SCRIPT_POST,
    "onerror": constants.KS_SCRIPT_ONERROR,
    "traceback": constants.KS_SCRIPT_TRACEBACK,
}


class PreParser(parser.KickstartParser):
    """Sees the %pre sections and nothing else; a file that %pre is to write may be missing."""

    def setupSections(self) -> None:  # noqa: N802 (pykickstart's name)
        """Take notice of one kind of section."""
        self._sections: dict[str, t.Any] = {}
        self.registerSection(sections.PreScriptSection(self.handler, dataObj=parser.Script))
        for name in OTHER_SECTIONS:
            self.registerSection(sections.NullSection(self.handler, sectionOpen=name))

    def handleCommand(self, lineno: int, args: list[str]) -> None:  # noqa: N802 (pykickstart's name)
        """Pass over commands."""


class Parser(parser.KickstartParser):
    """Sees everything that the release knows."""

    def __init__(self, handler: t.Any, number: int) -> None:
        self.number = number
        super().__init__(handler)

    def setupSections(self) -> None:  # noqa: N802 (pykickstart's name)
        """Forget the sections that came with EL 7; pykickstart itself knows them in each version's syntax."""
        super().setupSections()
        if self.number <= 6:
            for name in NOT_IN_EL6:
                self._sections.pop(name, None)


def syntax(number: int) -> str:
    """Return pykickstart's name for the kickstarts of a release."""
    return f"RHEL{number}"


def read_pre(path: str, number: int) -> t.Any:
    """Return a handler with the %pre scripts of a kickstart."""
    handler = version.makeVersion(syntax(number))
    return read_with(PreParser(handler, missingIncludeIsFatal=False, unknownSectionIsFatal=False), path)


def read_all(path: str, number: int, warn: t.Callable[[str], None]) -> t.Any:
    """Return a handler with everything that a kickstart says; `warn` is told what pykickstart complains of."""
    handler = version.makeVersion(syntax(number))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = read_with(Parser(handler, number), path)
    for one in caught:
        warn(" ".join(str(one.message).split()))
    return found


def read_with(reader: t.Any, path: str) -> t.Any:
    """Read a kickstart, %ksappend and %include followed, and return the reader's handler."""
    try:
        whole = parser.preprocessKickstart(path)
        reader.readKickstart(whole or path)
    except (errors.KickstartError, OSError) as error:
        raise FailedError(f"the kickstart cannot be used: {' '.join(str(error).split())}") from None
    return reader.handler


def scripts(handler: t.Any, kind: str, chroot: bool | None = None) -> list[t.Any]:
    """Return the scripts of a kind (see KINDS) in their order."""
    found = [one for one in handler.scripts if one.type == KINDS[kind]]
    return [one for one in found if chroot is None or one.inChroot == chroot]


def command(handler: t.Any, name: str, attribute: str, default: t.Any = None) -> t.Any:
    """Return an attribute of a command; the default where this syntax has no such command or attribute."""
    return getattr(getattr(handler, name, None), attribute, default)


def seen(handler: t.Any) -> set[str]:
    """Return the names of the commands that a kickstart has."""
    return {name for name, one in handler.commands.items() if one is not None and one.seen}
