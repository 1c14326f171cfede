# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads XML element by element: only one is kept at a time, and no entity is ever expanded."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
import xml.parsers.expat

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import Data, sliced

# Bounds that no release comes near: of one package or group of a list, in bytes and elements.
_LARGEST_ELEMENT = 8 << 20
_MOST_ELEMENTS = 200_000


def elements(data: Data, what: str, keep: frozenset[str]) -> t.Iterator[ET.Element]:
    """Each element of the names ``keep`` below the root, when it is complete; it is forgotten afterwards.

    :raises PxeError: the data are no XML, or larger than any of this kind.
    """
    reader = _Reader(what)
    try:
        for piece in sliced(data):
            yield from (element for element in reader.feed(piece) if bare(element.tag) in keep)
        yield from (element for element in reader.close() if bare(element.tag) in keep)
    except (ET.ParseError, xml.parsers.expat.ExpatError, ValueError, LookupError) as exc:
        raise PxeError(f"is not XML that can be read as {what}: {exc}") from exc


class _Reader:
    """Reads XML piece by piece. Each piece is looked at before it is parsed: no entity is ever expanded.

    expat itself tells of entities, so that no encoding hides them. A document type that only names a file, as comps
    has it, is none of them: nobody reads that file.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.parser = ET.XMLPullParser(("start", "end"))
        self.in_prolog = True
        self.prolog = xml.parsers.expat.ParserCreate()
        self.prolog.StartDoctypeDeclHandler = self._doctype
        self.prolog.EntityDeclHandler = self._refuse_entities
        self.prolog.StartElementHandler = self._started
        self.root: ET.Element | None = None
        self.depth = self.size = self.number = 0

    def feed(self, piece: bytes) -> t.Iterator[ET.Element]:
        if self.in_prolog:
            self.prolog.Parse(piece, False)
        self.parser.feed(piece)
        self.size += len(piece)
        yield from self._complete()
        if self.size > _LARGEST_ELEMENT or self.number > _MOST_ELEMENTS:
            raise PxeError(
                f"has an element of more than {_LARGEST_ELEMENT >> 20} MiB or {_MOST_ELEMENTS} parts: as "
                f"{self.what} it is damaged"
            )

    def close(self) -> t.Iterator[ET.Element]:
        if self.in_prolog:
            self.prolog.Parse(b"", True)
        self.parser.close()
        yield from self._complete()

    def _complete(self) -> t.Iterator[ET.Element]:
        """Elements below the root that are complete."""
        events = t.cast("t.Iterator[tuple[str, ET.Element]]", self.parser.read_events())
        for event, element in events:
            if event == "start":
                self.root = element if self.root is None else self.root
                self.depth += 1
                self.number += 1
                continue
            self.depth -= 1
            if self.depth == 1 and self.root is not None:
                yield element
                # Neither the element nor what is between them is needed any more.
                self.root.clear()
                self.size = self.number = 0

    def _started(self, *_element: t.Any) -> None:
        self.in_prolog = False

    def _doctype(self, _name: str, _system: str | None, _public: str | None, own: bool) -> None:
        if own:
            self._refuse_entities()

    def _refuse_entities(self, *_entity: t.Any) -> None:
        raise PxeError(
            f"declares XML entities or a document type of its own, which nothing needs as {self.what}"
        )


def bare(tag: str) -> str:
    """``{namespace}name`` → ``name``. Namespaces differ between versions, names do not."""
    return tag.rpartition("}")[2]


def child_of(element: ET.Element, name: str) -> ET.Element | None:
    return next((child for child in element if bare(child.tag) == name), None)


def text_of(element: ET.Element, name: str) -> str:
    """The text of a child, in no language where it is there in several."""
    for child in element:
        if bare(child.tag) == name and not any(bare(key) == "lang" for key in child.attrib):
            return (child.text or "").strip()
    return ""


def attribute(element: ET.Element | None, name: str) -> str:
    attributes = element.attrib if element is not None else {}
    return next((value for key, value in attributes.items() if bare(key) == name), "")
