# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks the text of a preseed file without debconf.

The format is that of debconf-set-selections(1) and of appendix B of the Debian installation guide:
``owner question type value``, one a line, ``#`` in the first column starts a comment, ``\\`` at a line's end
continues it. Two programs read it: debconf's own (Perl) and the installer's (a shell script in the udeb
preseed-common). They differ in what they forgive; a text passes here when both of them read the same from it.
"""

from __future__ import annotations

import bisect
import dataclasses
import difflib
import functools
import re
import typing as t

# The types of debconf-devel(7) that debconf-set-selections sets, and the one flag it knows.
TYPES = ("boolean", "multiselect", "note", "password", "select", "string", "text", "title")
FLAG = "seen"

# Not str.split(): what Unicode calls a space (a pasted no-break space, say) is none to debconf.
_BLANKS = " \t"
_OWNER = re.compile(r"[a-z0-9][a-z0-9+.-]*\Z")
_QUESTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*(/[A-Za-z0-9+._-]+)+\Z")


# Stands in many files, and does nothing there: it is a name for the kernel's command line (/etc/preseed_aliases).
_ALIASES = frozenset(["keymap"])


@dataclasses.dataclass(frozen=True)
class Entry:
    """One logical line. ``line`` is the number of its first physical line, from 1."""

    line: int
    owner: str
    question: str
    type: str
    value: str


@dataclasses.dataclass(frozen=True)
class Mistake:
    """What is wrong in line ``line`` (from 1). ``text`` names the place without its value: that may be secret."""

    line: int
    text: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}"
        return f"{place} ({self.text}): {self.message}" if self.text else f"{place}: {self.message}"


class _Lines:
    """Joins continued lines and remembers what one of the two readers would take differently."""

    def __init__(self, text: str) -> None:
        self.mistakes: list[Mistake] = []
        self.logical: list[tuple[int, str]] = []
        self._start = 0
        self._parts: list[str] = []
        for number, line in _mended(text):
            self._take(number, line)
        if self._parts:
            self._mistake(self._start, "\\", "the text ends within a continued line; remove the last '\\'")
            self._finish()

    def _mistake(self, number: int, text: str, message: str) -> None:
        self.mistakes.append(Mistake(number, text, message))

    def _take(self, number: int, line: str) -> None:
        bare = line.strip(_BLANKS)
        if not bare or bare.startswith("#"):
            self._between(number, line)
            return
        self._start = self._start or number
        if line.endswith("\\"):
            self._parts.append(line[:-1].strip(_BLANKS))
            return
        if bare.endswith("\\"):
            self._mistake(number, "\\", "a blank after the final '\\' ends the line here; remove the blank")
        self._parts.append(bare)
        self._finish()

    def _between(self, number: int, line: str) -> None:
        """A blank line or a comment."""
        comment = line.strip(_BLANKS)
        if self._parts and comment:
            self._mistake(number, "#", "a comment inside a continued line becomes part of it; put it above")
        elif comment and not line.startswith("#"):
            self._mistake(number, "#", "the installer takes only comments that start in the first column")
        elif comment.endswith("\\"):
            self._mistake(number, "#", "a comment that ends in '\\' swallows the next line; remove the '\\'")

    def _finish(self) -> None:
        self.logical.append((self._start, " ".join(self._parts)))
        self._start, self._parts = 0, []


# Its mistakes are looked for first, and then what it says.
@functools.lru_cache(maxsize=1)
def _read(text: str) -> _Lines:
    """Its lines, for those who only look at them."""
    return _Lines(text)


def mended(text: str) -> str:
    """The same text where both programs read it alike, and as its author meant it.

    The installer leaves out comments and blank lines first and joins lines then, so that an answer after a blank line
    becomes a part of the one above it that ended in ``\\``. debconf joins first: a comment that ends in ``\\`` takes
    the next line along.
    """
    return "\n".join(line for _number, line in _mended(text))


def _mended(text: str) -> list[tuple[int, str]]:
    """The lines, each with the number that it has in ``text``."""
    lines = [line[:-1] if line.endswith("\r") else line for line in text.split("\n")]
    found: list[tuple[int, str]] = []
    for index, line in enumerate(lines):
        continued = bool(found) and found[-1][1].endswith("\\") and not found[-1][1].startswith("#")
        if line.startswith("#"):
            if not continued:
                found.append((index + 1, _comment(lines, index)))
        elif continued and not line.strip(_BLANKS):
            if _begins_anew(lines[index:]):
                found[-1] = (found[-1][0], found[-1][1].rstrip(f"\\{_BLANKS}"))
                found.append((index + 1, line))
        else:
            found.append((index + 1, line))
    return found


def _comment(lines: list[str], index: int) -> str:
    """A comment without what makes debconf take the next comment or blank line along; an answer is a mistake."""
    follower = lines[index + 1].strip(_BLANKS) if index + 1 < len(lines) else ""
    return lines[index] if follower and not follower.startswith("#") else lines[index].rstrip("\\")


def _begins_anew(lines: list[str]) -> bool:
    """Whether the next line with something in it begins an entry, or there is none."""
    following = (line for line in lines if line.strip(_BLANKS) and not line.startswith("#"))
    words = next(following, "").split()
    return not words or (len(words) > 2 and words[2] in (*TYPES, FLAG) and bool(_OWNER.match(words[0])))


def entries(text: str) -> list[Entry]:
    """The entries that a correct text holds, in its order; of an incorrect one, those with all fields."""
    return [entry for entry in map(_entry, _read(text).logical) if isinstance(entry, Entry)]


def check(text: str) -> list[Mistake]:
    """All mistakes of a preseed text, by line. An empty list means that the installer can load it, mended."""
    encoding = _encoding_mistake(text)
    if encoding:
        return [encoding]
    if not text.strip():
        return [Mistake(1, "", "the text is empty; a preseed file answers at least one question")]
    lines = _read(text)
    mistakes = [*lines.mistakes, *_characters(text)]
    for parsed in map(_entry, lines.logical):
        mistakes += _entry_mistakes(parsed) if isinstance(parsed, Entry) else [parsed]
    return sorted(mistakes, key=lambda mistake: mistake.line)


def _encoding_mistake(text: str) -> Mistake | None:
    """A byte-order mark, and bytes that are no UTF-8, which Python keeps as surrogates."""
    if text.startswith("\ufeff"):
        return Mistake(1, "", "the text begins with a byte-order mark; save it as UTF-8 without one")
    found = re.search("[\ud800-\udfff]", text)
    if found:
        line = text[: found.start()].count("\n") + 1
        return Mistake(line, "", "this is not UTF-8, but perhaps Latin-1; save the text as UTF-8")
    return None


def _characters(text: str) -> list[Mistake]:
    """Control characters end a shell's or debconf's line early."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        bad = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line[:-1] if line.endswith("\r") else line)
        if bad:
            found.append(Mistake(number, "", f"control character {bad.group()!r}; remove it"))
    return found


def _entry(logical: tuple[int, str]) -> Entry | Mistake:
    number, line = logical
    words = [word for word in re.split(f"[{_BLANKS}]+", line, maxsplit=3) if word]
    if len(words) < 3:
        # The second word may be a secret whose owner was forgotten.
        shown = words[:1] + [word for word in words[1:] if _QUESTION.match(word)]
        return Mistake(
            number, " ".join(shown), "write 'owner question type value', such as 'd-i time/zone string UTC'"
        )
    return Entry(number, words[0], words[1], words[2], words[3] if len(words) > 3 else "")


def _entry_mistakes(entry: Entry) -> list[Mistake]:
    name = f"{entry.owner} {entry.question}"
    messages = [
        _owner_mistake(entry.owner),
        _question_mistake(entry),
        "" if _has_two_owners(entry) else _type_mistake(entry.type),
        _value_mistake(entry),
    ]
    return [Mistake(entry.line, name, message) for message in messages if message]


def _owner_mistake(owner: str) -> str:
    if _OWNER.match(owner):
        return ""
    return f"'{owner}' is not an owner: write 'd-i' or the name of the package that asks"


def _question_mistake(entry: Entry) -> str:
    if _QUESTION.match(entry.question) or entry.question in _ALIASES:
        return ""
    if _has_two_owners(entry):
        return f"there are two owners; leave out '{entry.owner}'"
    return f"'{entry.question}' is not a question: write package/name, such as 'netcfg/get_hostname'"


def _has_two_owners(entry: Entry) -> bool:
    return "/" not in entry.question and bool(_QUESTION.match(entry.type))


def _type_mistake(kind: str) -> str:
    if kind in (*TYPES, FLAG):
        return ""
    # Where the type was forgotten this is the value, such as a password.
    near = difflib.get_close_matches(kind, TYPES, n=1, cutoff=0.8)
    if near:
        return f"unknown type '{kind}'; did you mean '{near[0]}'?"
    return f"the type is missing or unknown; write one of {', '.join(TYPES)} before the value"


def _value_mistake(entry: Entry) -> str:
    if entry.type in ("boolean", FLAG) and entry.value.rstrip() not in ("true", "false"):
        return f"a {entry.type} is 'true' or 'false'"
    return ""


def debconf_mistakes(stderr: str) -> list[Mistake]:
    """What ``debconf-set-selections --checkonly`` (1.5.82) holds against a text, from its standard error.

    Only what it says about the format counts: even with ``--checkonly`` it looks up the questions of flags in its
    own database, and it may find that locked. The lines themselves are left out: they may hold secrets.
    """
    numbers = re.findall(
        r"^error: parse error on line (\d+):|^warning: Unknown type \S+, skipping line (\d+)", stderr, re.M
    )
    return [
        Mistake(
            int(parse or kind), "", "debconf cannot parse it" if parse else "debconf does not know the type"
        )
        for parse, kind in numbers
    ]


def debconf_check(module: t.Any, texts: t.Mapping[str, str]) -> dict[str, list[Mistake]]:
    """Debian's own checker, where the server has it: once for all, because its start takes longer than its work.

    :param module: an AnsibleModule.
    :returns: the mistakes in each text that has any.
    """
    program = module.get_bin_path("debconf-set-selections")
    if not program or not texts:
        return {}
    together, first_lines = joined(texts)
    _status, _out, err = module.run_command(
        [program, "--checkonly"], data=together, binary_data=False, environ_update={"LC_ALL": "C"}
    )
    return parted(debconf_mistakes(err), first_lines)


def joined(texts: t.Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """Correct texts as one, to be checked by one process; and the line, from 1 on, in which each of them begins."""
    parts, first_lines, line = [], {}, 1
    for name, text in texts.items():
        first_lines[name] = line
        parts.append(text if text.endswith("\n") else f"{text}\n")
        line += parts[-1].count("\n")
    return "".join(parts), first_lines


def parted(mistakes: t.Iterable[Mistake], first_lines: t.Mapping[str, int]) -> dict[str, list[Mistake]]:
    """Mistakes in such a text, by the text that they are in, with the line that they have there."""
    names = list(first_lines)
    starts = list(first_lines.values())
    found: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        name = names[max(bisect.bisect_right(starts, mistake.line) - 1, 0)]
        own = dataclasses.replace(mistake, line=mistake.line - first_lines[name] + 1)
        found.setdefault(name, []).append(own)
    return found


def summary(mistakes: t.Sequence[Mistake], limit: int = 10) -> str:
    """The first mistakes as one readable text."""
    shown = [str(mistake) for mistake in mistakes[:limit]]
    more = len(mistakes) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
