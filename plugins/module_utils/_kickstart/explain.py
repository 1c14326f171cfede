# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is wrong with a line of a kickstart, in words: what pykickstart complains about, and what to write instead."""

from __future__ import annotations

import re
import shlex
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import history
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    NETWORK,
    STORAGE,
    WARNING,
    Problem,
    Where,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide, hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.sections import MARKED
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import nearest

try:
    from pykickstart.errors import KickstartDeprecationWarning, KickstartError
except ImportError:
    KickstartError = None


class Line(t.NamedTuple):
    """A line that pykickstart complains about. No message shows its secrets.

    :arg version: pykickstart's number of the syntax
    """

    text: str
    where: Where
    version: int

    @property
    def words(self) -> list[str]:
        """At least one, which may be empty."""
        try:
            return shlex.split(self.text, comments=True) or [""]
        except ValueError:
            return self.text.split() or [""]

    def mistakes(self, exc: Exception) -> list[Problem]:
        """What is wrong with a command or the first line of a section."""
        words, text, version = self.words, _message(exc), self.version
        if words[0].startswith("\ufeff"):
            return [self._error("parse", f"the file {MARKED}")]
        if not words[0].startswith("%") and history.command_state(words[0], version) in ("", "removed"):
            return [self._error(*_no_command(words[0], version))]
        known = history.options(words[0], version)
        unknown = [
            option for option in _options_in(words) if not any(name.startswith(option) for name in known)
        ]
        reasons = {option: _no_option(words[0], option, version) for option in unknown}
        found = [self._error(*reason) for reason in reasons.values() if reason]
        if not found or None in reasons.values() or not any(option in text for option in reasons):
            found.append(self._error(_kind_of(words[0]), self._without_secrets(text)))
        return found

    def end(self, exc: Exception) -> Problem:
        """What ended the reading here."""
        text = self._without_secrets(_message(exc))
        if isinstance(exc, ValueError) and not isinstance(exc, UnicodeError):
            text = "a quotation mark is missing: what it opens must close on the same line"
        elif not isinstance(exc, KickstartError):
            text = f"pykickstart cannot read this line ({text or type(exc).__name__})"
        return self._error("parse", text or "%include names no file")

    def warned(self, warning: Warning, category: type, is_section: bool) -> Problem | None:
        """What a warning of pykickstart's means, if anything.

        :arg is_section: whether a section could begin here
        """
        words, text = self.words, str(warning)
        if words[0] == "sshkey":
            # A user may have several keys: the installer appends each of them (anaconda, set_user_ssh_key).
            return None
        if issubclass(category, KickstartDeprecationWarning):
            text = self._deprecation(words) or self._without_secrets(
                re.sub(r" on line \d+(?=[: ])", "", text)
            )
            return Problem(self.where, WARNING, "deprecated", text)
        if is_section and words[0].startswith("%"):
            return self._error("parse", f"there is no section {words[0]}")
        return Problem(self.where, WARNING, _kind_of(words[0]), self._without_secrets(text))

    def _error(self, kind: str, text: str) -> Problem:
        return Problem(self.where, ERROR, kind, text)

    def _without_secrets(self, text: str) -> str:
        return hide(text.strip(), self.text, history.options(self.words[0], self.version))

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


def unreadable(where: Where, exc: Exception) -> Problem:
    """An included file cannot be read, for this reason."""
    return Problem(where, ERROR, "include", hide_users(_message(exc)))


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
