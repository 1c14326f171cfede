# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What an answer is, said once: its type, default, form and description. All else is made from that."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

#: A type by Ansible's name (``str`` is one line), ``text`` for several lines, ``key`` for a line with blanks around it,
#: a list of such, or a mapping of keys to such. Line breaks are looked for by these types, so that no key forgets it.
Schema = t.Any
Answers = dict[str, t.Any]

_EMPTY: dict[str, t.Any] = {"str": "", "text": "", "key": "", "bool": False, "int": 0}


@dataclass(frozen=True)
class Key:
    """One key of ``answers``, or of a mapping in them."""

    #: ``str``, ``text``, ``key``, ``bool`` or ``int`` (see ``Schema``), or the keys of a mapping.
    kind: str | t.Mapping[str, Key]
    #: For documentation, in Markdown.
    description: str = ""
    #: By default what is empty, or the defaults of the mapping's keys.
    default: t.Any = None
    #: Whether it is a list of such.
    several: bool = False
    #: A regular expression for the whole value, or for each one of a list; and an example.
    form: tuple[str, str] | None = None
    #: The values there are.
    choices: tuple[t.Any, ...] = ()
    #: Whether there may be a password in it, so that no message shows it.
    hidden: bool = False
    #: The default as documentation says it, in Markdown, where it is not the one above alone.
    documented_default: str = ""


Keys = t.Mapping[str, Key]


def schema_of(keys: Keys) -> dict[str, Schema]:
    """The types alone."""
    return {name: _schema(key) for name, key in keys.items()}


def _schema(key: Key) -> Schema:
    one = key.kind if isinstance(key.kind, str) else schema_of(key.kind)
    return [one] if key.several else one


def default_of(key: Key) -> t.Any:
    """What counts where nothing is given; a new one each time."""
    if key.several:
        return list(key.default or ())
    if not isinstance(key.kind, str):
        return {name: default_of(below) for name, below in key.kind.items()}
    return _EMPTY[key.kind] if key.default is None else key.default


def filled(answers: t.Mapping[str, t.Any], keys: Keys) -> Answers:
    """All keys, with what is given there. An empty value in YAML (``None``) counts as nothing."""
    return {name: _filled(answers.get(name), key) for name, key in keys.items()}


def _filled(value: t.Any, key: Key) -> t.Any:
    if value is None:
        return default_of(key)
    if isinstance(key.kind, str):
        return value
    return [filled(item, key.kind) for item in value] if key.several else filled(value, key.kind)


def form_mistakes(answers: Answers, keys: Keys, place: str = "") -> t.Iterator[str]:
    """Values that do not have the form of their key: sentences with the address of each, first those of single words.

    :param answers: all keys are there. Lists of mappings are left to those who know them.
    :param place: the address of ``answers``, with a dot at its end.
    """
    leaves = list(_leaves(answers, keys, place))
    for check in (_word_mistake, _hidden_mistake, _choice_mistake):
        for address, key, value in leaves:
            yield from check(address, key, value)
    for address, key, value in leaves:
        for number, item in enumerate(value) if key.several else ():
            yield from _word_mistake(f"{address}[{number}]", _one_of(key), item)


def _leaves(answers: Answers, keys: Keys, place: str) -> t.Iterator[tuple[str, Key, t.Any]]:
    for name, key in keys.items():
        if isinstance(key.kind, str):
            yield f"{place}{name}", key, answers[name]
        elif not key.several:
            yield from _leaves(answers[name], key.kind, f"{place}{name}.")


def _one_of(key: Key) -> Key:
    return Key(key.kind, form=key.form)


def _word_mistake(address: str, key: Key, value: t.Any) -> t.Iterator[str]:
    if key.form and not key.several and not key.hidden and not re.fullmatch(key.form[0], value):
        yield f"{address}: {value!r} is not usable; write it like {key.form[1]}"


def _hidden_mistake(address: str, key: Key, value: t.Any) -> t.Iterator[str]:
    if key.form and key.hidden and not re.fullmatch(key.form[0], value):
        yield f"{address}: is not usable; write options in one line, such as {key.form[1]}"


def _choice_mistake(address: str, key: Key, value: t.Any) -> t.Iterator[str]:
    if key.choices and value not in key.choices:
        known = ", ".join(str(choice) for choice in key.choices if choice != "")
        yield f"{address}: {value!r} is unknown; write one of {known}"
