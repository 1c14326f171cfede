# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    Section,
    check_shape,
    nearest,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import parse_name, parse_text


def lines(mistakes: Mistakes) -> list[str]:
    try:
        mistakes.raise_if_any()
    except PlanError as error:
        return error.lines
    return []


def test_numbers_are_aligned() -> None:
    mistakes = Mistakes()
    for number in range(10):
        mistakes.add((number,), f"a{number}", "x")
    assert lines(mistakes)[::9] == [" 1. a0: x", "10. a9: x"]


def test_mistakes_of_one_place_stay_in_the_order_of_their_discovery() -> None:
    mistakes = Mistakes()
    for message in ("z", "a", "m"):
        mistakes.add((1, 2), "here", message)
    mistakes.add((1,), "before", "x")
    assert lines(mistakes) == ["1. before: x", "2. here: z", "3. here: a", "4. here: m"]


def test_an_address_that_cannot_be_printed_is_quoted() -> None:
    mistakes = Mistakes()
    mistakes.add((), "a\nb", "x")
    assert lines(mistakes) == [r"1. 'a\nb': x"]


@pytest.mark.parametrize(
    ("word", "found"),
    [("rokcy-9", "rocky-9"), ("ROCKY-9", "rocky-9"), ("debian13", "Debian-13"), ("solaris", None)],
)
def test_nearest(word: str, found: str | None) -> None:
    assert nearest(word, ["rocky-9", "Debian-13"]) == found


def test_a_section_reads_what_is_there() -> None:
    mistakes = Mistakes()
    section = Section(
        mistakes, "top.", {"text": "x", "list": ["a", "b"], "none": None}, ("text", "list", "none", "other")
    )
    assert section.get("text", parse_text) == "x"
    assert section.get("none", parse_text, "default") == "default"
    assert section.items("list", parse_text, "[]") == ["a", "b"]
    assert section.items("other", parse_text, "[]") == []
    assert not section.has("none")
    assert section.section("none", ()).data == {}
    assert section.sections("other", (), "[]") == []
    assert section.named("none", (), parse_name) == {}
    mistakes.raise_if_any()


def test_a_section_goes_on_after_mistakes() -> None:
    mistakes = Mistakes()
    section = Section(
        mistakes, "top.", {"b": 1, "a": [1, "x"], "c": {"d/e": {}, "f": 3}, "g": "x"}, tuple("abcgh")
    )
    assert section.get("b", parse_text) is None
    assert section.items("a", parse_text, "[]") == ["x"]
    assert set(section.named("c", ("k",), parse_name)) == {"d/e", "f"}
    assert section.word("g", ("yes", "no"), "no") == "no"
    assert section.need("h", parse_text, "one") is None
    assert [line.partition(". ")[2] for line in lines(mistakes)] == [
        "top.b: must be text, not a number; quote it: '1'",
        "top.a[0]: must be text, not a number; quote it: '1'",
        "top.c.d/e: 'd/e' cannot be a file name and a word in a script; write at most 63 letters, digits, "
        "'.', '_' and '-', beginning with a letter or digit",
        "top.c.f: must be a mapping with the keys k, not a number",
        "top.g: 'x' is not known; write one of yes, no",
        "top.h: is missing; write one",
    ]


def test_what_is_missing_in_something_broken_is_not_mentioned() -> None:
    mistakes = Mistakes()
    section = Section(mistakes, "top.", "x", ("a",))
    assert section.need("a", parse_text, "one") is None
    assert len(lines(mistakes)) == 1


SCHEMA: dict[str, t.Any] = {
    "text": "str",
    "number": "int",
    "switch": "bool",
    "any_list": "list",
    "any_mapping": "dict",
    "texts": ["str"],
    "users": [{"name": "str", "keys": ["str"]}],
}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (
            {
                "text": "x",
                "number": 1,
                "switch": True,
                "any_list": [1, {}],
                "any_mapping": {"x": 1},
                "texts": ["x"],
            },
            [],
        ),
        ({"users": [{"name": "x", "keys": ["a"]}, {}], "text": None}, []),
        ("x", ["a: must be a mapping, not text"]),
        ({"text": 1}, ["a.text: must be text, not a number; quote it"]),
        ({"text": True}, ["a.text: must be text, not true/false; quote it"]),
        ({"number": True}, ["a.number: must be a whole number, not true/false"]),
        ({"switch": "yes"}, ["a.switch: must be true or false, not text"]),
        ({"any_list": {}}, ["a.any_list: must be a list, not a mapping"]),
        ({"any_mapping": []}, ["a.any_mapping: must be a mapping, not a list"]),
        ({"texts": ["x", 1]}, ["a.texts[1]: must be text, not a number; quote it"]),
        (
            {"users": [{"nam": "x"}, {"keys": [["y"]]}]},
            [
                "a.users[0].nam: is not known here; did you mean 'name'?",
                "a.users[1].keys[0]: must be text, not a list",
            ],
        ),
    ],
)
def test_check_shape(value: object, found: list[str]) -> None:
    mistakes = Mistakes()
    check_shape(mistakes, (), "a", value, SCHEMA)
    assert [line.partition(". ")[2] for line in lines(mistakes)] == found
