# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads a description that people wrote: a mapping of mappings and lists, of which anything may be wrong.

Nothing here stops at a mistake. Each is noted with its address (``site_subnets[0].gateway``), the reader gets a
default in its place, and at the end ``Mistakes.raise_if_any`` reports them all, in the order of the description.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import kind_of, shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    line_mistake,
    lines_mistake,
    parse_text,
)

T = t.TypeVar("T")
Order = tuple[int, ...]


class PlanError(PxeError):
    """A description has mistakes.

    ``mistakes`` is a list of ``{address, message}`` in the order of the description; the error's own text
    numbers them, one a line.
    """

    def __init__(self, mistakes: list[dict[str, str]]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join([self.headline, *self.lines]))

    @property
    def headline(self) -> str:
        count = len(self.mistakes)
        return f"The description has {count} mistakes:" if count != 1 else "The description has a mistake:"

    @property
    def lines(self) -> list[str]:
        """One numbered line a mistake."""
        width = len(str(len(self.mistakes)))
        return [
            f"{number:{width}}. {mistake['address']}: {mistake['message']}"
            for number, mistake in enumerate(self.mistakes, 1)
        ]


class Mistakes:
    """What was found wrong so far."""

    def __init__(self) -> None:
        self._found: list[tuple[Order, str, str]] = []
        self._nearest: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def add(self, order: Order, address: str, message: str) -> None:
        """Note a mistake; ``order`` says where in the description the item stands."""
        self._found.append((order, address if address.isprintable() else ascii(address), message))

    def nearest(self, word: str, known: t.Iterable[str]) -> str | None:
        """The known word that looks most like this one. Remembered: many machines may share one mistake."""
        key = (word, tuple(known))
        if key not in self._nearest:
            self._nearest[key] = nearest(word, key[1])
        return self._nearest[key]

    def raise_if_any(self) -> None:
        """Raise ``PlanError`` unless all is well."""
        if self._found:
            found = sorted(self._found, key=lambda mistake: mistake[0])
            raise PlanError([{"address": address, "message": message} for _order, address, message in found])


def nearest(word: str, known: t.Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that looks most like this one, if one is as like it as that (0 to 1, see difflib)."""
    lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=likeness)
    return lower[found[0]] if found else None


class Section:
    """A mapping of the description, with the keys that it may have.

    :arg prefix: what comes before a key in its address, such as ``site_server.``
    :arg value: what stands there; anything but a mapping is noted as a mistake and read as an empty one
    :arg keys: the keys that are known here
    :arg order: where it stands in the description
    :arg address: its own address; if not given, the prefix without the dot at its end
    :arg withdrawn: keys that were known once, and what to write instead
    """

    def __init__(
        self,
        mistakes: Mistakes,
        prefix: str,
        value: object,
        keys: t.Sequence[str],
        order: Order = (),
        address: str | None = None,
        withdrawn: t.Mapping[str, str] | None = None,
    ) -> None:
        self.mistakes = mistakes
        self.prefix = prefix
        self.address = prefix.rstrip(".") if address is None else address
        self.order = order
        self.keys = keys
        self.broken = not isinstance(value, dict)
        self.data: dict[t.Any, t.Any] = value if isinstance(value, dict) else {}
        if self.broken:
            mistakes.add(
                order,
                self.address,
                f"must be a mapping with the keys {', '.join(keys)}, not {kind_of(value)}",
            )
        for key in self.data:
            if key not in keys:
                self.mistake(key, (withdrawn or {}).get(key) or unknown(mistakes, key, keys))

    def at(self, key: object) -> str:
        """The address of a key."""
        return f"{self.prefix}{key}"

    def place(self, key: object) -> Order:
        """Where a key stands: as described, those that are missing after all others."""
        if key in self.data:
            return (*self.order, list(self.data).index(key))
        return (
            *self.order,
            len(self.data) + (self.keys.index(t.cast("str", key)) if key in self.keys else 0),
        )

    def mistake(self, key: object, message: str, index: object = None) -> None:
        """Note a mistake of a key, or of an item of the list or mapping there."""
        address = self.at(key)
        if index is not None:
            address += f"[{index}]" if isinstance(index, int) else f".{index}"
        self.mistakes.add(self.place(key), address, message)

    def has(self, key: str) -> bool:
        """Whether something stands there; an empty value in YAML counts as nothing."""
        return self.data.get(key) is not None

    @t.overload
    def get(self, key: str, parse: t.Callable[[object], T]) -> T | None: ...

    @t.overload
    def get(self, key: str, parse: t.Callable[[object], T], default: T) -> T: ...

    def get(self, key: str, parse: t.Callable[[object], T], default: T | None = None) -> T | None:
        """The value of a key, or the default if there is none or it is wrong."""
        value = self.data.get(key)
        if value is None:
            return default
        try:
            return parse(value)
        except PxeError as error:
            self.mistake(key, str(error))
            return default

    def need(self, key: str, parse: t.Callable[[object], T], example: str) -> T | None:
        """The value of a key that must be there; ``None`` if it is missing or wrong."""
        if not self.has(key) and not self.broken:
            self.mistake(key, f"is missing; write {example}")
        return self.get(key, parse)

    def items(self, key: str, parse: t.Callable[[object], T], example: str) -> list[T]:
        """The good items of a list."""
        found = []
        for index, value in enumerate(self.raw_list(key, example)):
            try:
                found.append(parse(value))
            except PxeError as error:
                self.mistake(key, str(error), index)
        return found

    def raw_list(self, key: str, example: str) -> list[object]:
        """The items of a list, as they are; none if there is no list."""
        value = self.data.get(key)
        if value is None or isinstance(value, list):
            return value or []
        self.mistake(key, f"must be a list, not {kind_of(value)}; write {example}")
        return []

    def word(self, key: str, words: t.Sequence[str], default: str) -> str:
        """One of a few words, or the default."""
        value = self.data.get(key)
        if value is None or value in words:
            return str(value or default)
        near = self.mistakes.nearest(value, words) if isinstance(value, str) else None
        hint = f"did you mean {near!r}?" if near else f"write one of {', '.join(words)}"
        self.mistake(key, f"{shown(value)} is not known; {hint}")
        return default

    def reference(self, key: str, described: t.Collection[str], where: str) -> str | None:
        """The name of something that is described elsewhere; ``None`` if it is missing or is not described.

        :arg where: the address under which such things are described
        """
        name = self.need(key, parse_text, f"the name of one of {where}")
        if name is None or name in described:
            return name
        near = self.mistakes.nearest(name, described)
        hint = f"did you mean {near!r}?" if near else f"write one of {where}, or describe it there"
        self.mistake(key, f"{shown(name)} is not described; {hint}")
        return None

    def check_shape(self, key: str, schema: t.Any) -> None:
        """Check keys and types under a key, and no contents; see the function."""
        if self.has(key):
            check_shape(self.mistakes, self.place(key), self.at(key), self.data[key], schema)

    def section(self, key: str, keys: t.Sequence[str]) -> Section:
        """The mapping under a key, empty if there is none."""
        value = self.data.get(key)
        return Section(
            self.mistakes, f"{self.at(key)}.", {} if value is None else value, keys, self.place(key)
        )

    def sections(self, key: str, keys: t.Sequence[str], example: str) -> list[Section]:
        """The mappings in the list under a key."""
        place = self.place(key)
        return [
            Section(self.mistakes, f"{self.at(key)}[{index}].", value, keys, (*place, index))
            for index, value in enumerate(self.raw_list(key, example))
        ]

    def named(
        self, key: str, keys: t.Sequence[str], parse_name: t.Callable[[object], str]
    ) -> dict[str, Section]:
        """The mappings under the names in the mapping under a key."""
        value = self.data.get(key)
        place = self.place(key)
        if value is not None and not isinstance(value, dict):
            self.mistake(key, f"must be a mapping of names to mappings, not {kind_of(value)}")
            value = None
        found = {}
        for index, (name, content) in enumerate((value or {}).items()):
            order = (*place, index)
            try:
                parse_name(name)
            except PxeError as error:
                self.mistakes.add(order, f"{self.at(key)}.{name}", str(error))
            content = {} if content is None else content
            found[str(name)] = Section(self.mistakes, f"{self.at(key)}.{name}.", content, keys, order)
        return found


def unknown(mistakes: Mistakes, key: object, keys: t.Sequence[str]) -> str:
    """The message about a key that is not known."""
    # In a list of machines people also write machine_mac, say.
    near = mistakes.nearest(str(key), keys) or mistakes.nearest(str(key).partition("_")[2], keys)
    hint = f"did you mean {near!r}?" if near else f"known are {', '.join(keys)}"
    return f"is not known here; {hint}"


_TYPES: dict[str, tuple[type, str]] = {
    "str": (str, "text"),
    "key": (str, "text"),
    "text": (str, "text"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "list": (list, "a list"),
    "dict": (dict, "a mapping"),
}


def check_shape(mistakes: Mistakes, order: Order, address: str, value: object, schema: t.Any) -> None:
    """Check keys and types, and that lines are lines. No message shows contents: they may be secret.

    :arg schema: the name of a type (``str``: one line, ``key``: one line, and what is around it does not count,
        ``text``: several lines, ``int``, ``bool``, ``list``, ``dict``), ``[schema]`` for a list of such items, or
        ``{key: schema}`` for a mapping that may have these keys
    """
    name = schema if isinstance(schema, str) else "list" if isinstance(schema, list) else "dict"
    wanted, words = _TYPES[name]
    if value is None:
        return
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        quote = "; quote it" if wanted is str and isinstance(value, (int, float)) else ""
        mistakes.add(order, address, f"must be {words}, not {kind_of(value)}{quote}")
    elif isinstance(value, str):
        said = (
            lines_mistake(value)
            if name == "text"
            else line_mistake(value.strip() if name == "key" else value)
        )
        if said:
            mistakes.add(order, address, said)
    elif isinstance(schema, list):
        for index, item in enumerate(t.cast("list[object]", value)):
            check_shape(mistakes, order, f"{address}[{index}]", item, schema[0])
    elif isinstance(schema, dict):
        for key, item in t.cast("dict[t.Any, object]", value).items():
            if key in schema:
                check_shape(mistakes, order, f"{address}.{key}", item, schema[key])
            else:
                mistakes.add(order, f"{address}.{key}", unknown(mistakes, key, list(schema)))
