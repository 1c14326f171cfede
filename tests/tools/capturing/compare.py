# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares two captures."""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import pathlib
import typing as t

import yaml

#: Lines of one file's difference that are shown.
MOST_LINES = 40


@dataclasses.dataclass(frozen=True)
class Intended:
    """A change that is meant."""

    pattern: str
    reason: str

    def covers(self, path: str) -> bool:
        return fnmatch.fnmatchcase(path, self.pattern)


@dataclasses.dataclass(frozen=True)
class Difference:
    """A file that is not the same in both captures."""

    path: str
    #: added, removed or changed
    kind: str
    lines: list[str]


def read_intended(path: pathlib.Path) -> list[Intended]:
    """The list of intended changes.

    :raises ValueError: an entry has no pattern or no reason.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or set(entry) != {"pattern", "reason"} or not all(entry.values()):
            raise ValueError(f"{path}: entry {number} must have a pattern and a reason, and nothing else")
    return [Intended(**entry) for entry in entries]


def files_of(folder: pathlib.Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differences(before: pathlib.Path, after: pathlib.Path) -> t.Iterator[Difference]:
    old, new = files_of(before), files_of(after)
    for path in sorted({*old, *new}):
        if old.get(path) != new.get(path):
            kind = "added" if path not in old else "removed" if path not in new else "changed"
            yield Difference(path, kind, unified(path, old.get(path), new.get(path)))


def unified(path: str, old: bytes | None, new: bytes | None) -> list[str]:
    """The differing lines of a file that is in both."""
    if old is None or new is None:
        return []
    before, after = (data.decode("utf-8", "backslashreplace").splitlines() for data in (old, new))
    lines = list(difflib.unified_diff(before, after, f"before/{path}", f"after/{path}", lineterm="", n=1))
    left = len(lines) - MOST_LINES
    return lines[:MOST_LINES] + ([f"… {left} more lines"] if left > 0 else [])


def compare(
    before: pathlib.Path, after: pathlib.Path, intended: t.Sequence[Intended], most_files: int = 25
) -> tuple[list[str], bool]:
    """What to say about two captures, and whether all differences are intended.

    :arg most_files: of how many changed files lines are shown; all files are named
    """
    said, counts = [], dict.fromkeys(("added", "removed", "changed"), 0)
    used: dict[Intended, int] = {}
    shown = 0
    for one in differences(before, after):
        why = next((each for each in intended if each.covers(one.path)), None)
        if why:
            used[why] = used.get(why, 0) + 1
            continue
        counts[one.kind] += 1
        said.append(f"{one.kind} {one.path}")
        if one.lines and shown < most_files:
            shown += 1
            said += [f"    {line}" for line in one.lines]
    said += [f"intended: {each.pattern}: {number} files: {each.reason}" for each, number in used.items()]
    said += [f"needless: {each.pattern} covers no difference" for each in intended if each not in used]
    said.append(", ".join(f"{number} {kind}" for kind, number in counts.items()) + " that are not intended")
    return said, not any(counts.values())
