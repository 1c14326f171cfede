# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads which modules a repository has: names and streams in a stream of YAML documents (modulemd)."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import PIECE, Data, sliced

# A bound that no list of modules comes near.
_LARGEST_MODULES = 64 << 20
_KEY = re.compile(r"([ \t]*)([a-z]{1,20}):[ \t]*(.{0,1000})")


def parse_modules(data: Data) -> list[str]:
    """The ``name:stream`` of each module in a stream of modulemd documents, sorted.

    Servers need not have a YAML library, and libmodulemd always writes these few lines in block style.

    :raises PxeError: it is larger than any list of modules.
    """
    found = set()
    document = _Module()
    for line in _text_lines(data):
        if line.startswith("---") and not line[3:].strip():
            found.add(document.label)
            document = _Module()
        else:
            document.take(line)
    return sorted({*found, document.label} - {""})


class _Module:
    """What is read of one document: a line after the other."""

    def __init__(self) -> None:
        self.kind = ""
        self.in_data = False
        self.indent: str | None = None
        self.found: dict[str, str] = {}

    @property
    def label(self) -> str:
        name, stream = self.found.get("name"), self.found.get("stream")
        return f"{name}:{stream}" if self.kind in ("modulemd", "modulemd-stream") and name and stream else ""

    def take(self, line: str) -> None:
        match = _KEY.match(line)
        indent, key, value = match.groups() if match else ("", "", "")
        if line[:1] not in (" ", "\t", ""):
            # Only the first block of data counts.
            self.in_data = key == "data" and not value.strip() and self.indent is None
            self.kind = self.kind or (_unquoted(value) if key == "document" else "")
        elif self.in_data and line.strip():
            if self.indent is None:
                self.indent = line[: len(line) - len(line.lstrip(" \t"))]
            if match and indent == self.indent:
                self.found.setdefault(key, _unquoted(value))


def _text_lines(data: Data) -> t.Iterator[str]:
    """The lines of a text, each cut off where no key goes on.

    :raises PxeError: it is too large.
    """
    rest, total = b"", 0
    for piece in sliced(data):
        total += len(piece)
        if total > _LARGEST_MODULES:
            raise PxeError(
                f"is larger than {_LARGEST_MODULES >> 20} MiB, which no list of modules is: it is damaged"
            )
        *lines, rest = (rest[:PIECE] + piece).split(b"\n")
        yield from (line[:PIECE].decode("utf-8", "replace") for line in lines)
    yield rest[:PIECE].decode("utf-8", "replace")


def _unquoted(text: str) -> str:
    value = text.strip(" \t")
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
