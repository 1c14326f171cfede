# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Family
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import (
    Key,
    default_of,
    filled,
    form_mistakes,
    schema_of,
)

KEYS: dict[str, Key] = {
    "word": Key("str", default="a", form=(r"[a-z]+", "abc")),
    "secret": Key("str", form=(r"(--\w+)?", "--x"), hidden=True),
    "choice": Key("str", default="one", choices=("", "one", "two")),
    "number": Key("int", choices=(0, 1)),
    "flag": Key("bool", default=True),
    "list": Key("str", default=("x",), several=True, form=(r"[x-z]", "x")),
    "map": Key({"word": Key("str", form=(r"\d*", "12")), "flag": Key("bool")}),
    "items": Key({"name": Key("str"), "keys": Key("key", several=True)}, several=True),
}
DEFAULTS = {
    "word": "a",
    "secret": "",
    "choice": "one",
    "number": 0,
    "flag": True,
    "list": ["x"],
    "map": {"word": "", "flag": False},
    "items": [],
}


def test_types() -> None:
    assert schema_of(KEYS) == {
        "word": "str",
        "secret": "str",
        "choice": "str",
        "number": "int",
        "flag": "bool",
        "list": ["str"],
        "map": {"word": "str", "flag": "bool"},
        "items": [{"name": "str", "keys": ["key"]}],
    }


@pytest.mark.parametrize("given", [{}, dict.fromkeys(KEYS), {"map": {"word": None}, "of_others": 1}])
def test_an_empty_value_counts_as_nothing(given: dict[str, t.Any]) -> None:
    assert filled(given, KEYS) == DEFAULTS


def test_what_is_given_stays() -> None:
    given = {"flag": False, "list": [], "map": {"flag": True}, "items": [{"name": "n"}, {"keys": ["k"]}]}
    assert filled(given, KEYS) == {
        **DEFAULTS,
        "flag": False,
        "list": [],
        "map": {"word": "", "flag": True},
        "items": [{"name": "n", "keys": []}, {"name": "", "keys": ["k"]}],
    }


def test_defaults_are_not_shared() -> None:
    for key in ("list", "map", "items"):
        assert default_of(KEYS[key]) == default_of(KEYS[key])
        assert default_of(KEYS[key]) is not default_of(KEYS[key])


def test_defaults_have_their_form() -> None:
    assert list(form_mistakes(filled({}, KEYS), KEYS)) == []


def test_words_come_first_and_lists_last() -> None:
    given = {
        "list": ["x", "?"],
        "choice": "three",
        "secret": "s3cret",
        "map": {"word": "w"},
        "word": "W",
        "number": 2,
    }
    assert list(form_mistakes(filled(given, KEYS), KEYS, "answers.")) == [
        "answers.word: 'W' is not usable; write it like abc",
        "answers.map.word: 'w' is not usable; write it like 12",
        "answers.secret: is not usable; write options in one line, such as --x",
        "answers.choice: 'three' is unknown; write one of one, two",
        "answers.number: 2 is unknown; write one of 0, 1",
        "answers.list[1]: '?' is not usable; write it like x",
    ]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_each_answer_is_described(family: Family) -> None:
    assert [name for name, key in family.answer_keys.items() if not key.description] == []
