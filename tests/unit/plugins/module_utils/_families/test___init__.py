# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    FAMILIES,
    answer_schema,
    family_of,
    installs,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Family
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import Key

TEMPLATES = pathlib.Path(__file__).resolve().parents[5] / "roles" / "answers" / "templates"
TYPES = {"text", "key", "str", "int", "bool", "list", "dict"}


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("debian", "debian"),
        ("debian-13", "debian"),
        ("debian13", "debian"),
        ("Debian_13", "debian"),
        ("rocky-9", "redhat"),
        ("debianish", None),
        ("13-debian", None),
        ("live-13", "live"),
        ("rescue", "live"),
        ("debian-live-13", "live"),
        ("Fedora_Live_42", "live"),
        ("olive-9", None),
        ("", None),
    ],
)
def test_family_of(name: str, family: str | None) -> None:
    assert family_of(name) == family


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_each_family_can_be_used(family: Family) -> None:
    """Names and types of what it says, mypy compares."""
    assert FAMILIES[family.name] is family
    assert family.name_prefixes
    assert family.sources[0] == "http"
    assert bool(family.answer_keys) == family.installs
    for file in family.answer_files:
        assert (TEMPLATES / file.template).is_file()
        assert [
            name
            for name in (file.file_template, file.own_template)
            if name and not (TEMPLATES / name).is_file()
        ] == []


def test_names_of_answer_files_are_those_of_one_family() -> None:
    """By the name, the module offers knows how to check it."""
    names = [file.name for family in FAMILIES.values() for file in family.answer_files]
    assert len(names) == len(set(names))


def test_what_is_not_known_installs() -> None:
    assert [installs({"family": name}) for name in ("live", "debian", "redhat", "other", None)] == [
        False,
        True,
        True,
        True,
        True,
    ]


def kinds(schema: t.Any) -> t.Iterator[str]:
    if isinstance(schema, str):
        yield schema
    else:
        for item in schema.values() if isinstance(schema, dict) else schema:
            yield from kinds(item)


def test_answers_are_typed() -> None:
    assert set(kinds(answer_schema(FAMILIES))) <= TYPES


def flat(schema: t.Any, path: str = "") -> t.Iterator[tuple[str, str]]:
    """Each key with its path, and the kind of its value."""
    if isinstance(schema, str):
        yield path, schema
    else:
        yield path, type(schema).__name__
        items = schema.items() if isinstance(schema, dict) else [("[]", schema[0])]
        for key, item in items:
            yield from flat(item, f"{path}.{key}")


def test_families_agree_on_the_kind_of_what_they_call_the_same() -> None:
    """``site_answers`` hold for all families at once."""
    seen: dict[str, str] = {}
    for family in FAMILIES.values():
        for path, kind in flat(family.answer_schema()):
            assert seen.setdefault(path, kind) == kind, path
    assert dict(flat(answer_schema(FAMILIES))) == seen


def test_schemas_are_joined_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[dict[str, Key]] = [
        {"a": Key("str"), "b": Key({"x": Key("str")}), "c": Key({"k": Key("str")}, several=True)},
        {"b": Key({"y": Key("int")}), "c": Key({"l": Key("bool")}, several=True), "d": Key("str")},
    ]
    for number, family in enumerate(list(FAMILIES.values())):
        changed = dataclasses.replace(family, answer_keys=keys[number] if number < len(keys) else {})
        monkeypatch.setitem(FAMILIES, family.name, changed)
    assert answer_schema(FAMILIES) == {
        "a": "str",
        "b": {"x": "str", "y": "int"},
        "c": [{"k": "str", "l": "bool"}],
        "d": "str",
    }
