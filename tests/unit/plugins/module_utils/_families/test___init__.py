# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    FAMILIES,
    answer_schema,
    family_of,
)

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
def test_each_family_says_all_that_is_asked(family: t.Any) -> None:
    assert FAMILIES[family.NAME] is family
    assert isinstance(family.NEEDS_DISK, bool)
    assert family.NAME_PREFIXES
    assert bool(family.ANSWER_FILE) == bool(family.ANSWER_FORMAT) == family.INSTALLS
    assert family.ANSWER_TEMPLATE.endswith(".j2") == family.INSTALLS
    assert family.SOURCES[0] == "http"
    assert isinstance(family.SEVERAL_IMAGES, bool)
    assert isinstance(family.NETBOOT, bool)
    functions = (
        "recognise",
        "kernel_arguments",
        "profile_arguments",
        "complete_answers",
        "check_distribution",
        "mirror_mistake",
    )
    assert [name for name in functions if not callable(getattr(family, name, None))] == []


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
        for path, kind in flat(family.ANSWER_KEYS):
            assert seen.setdefault(path, kind) == kind, path
    assert dict(flat(answer_schema(FAMILIES))) == seen


def test_schemas_are_joined_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[dict[str, t.Any]] = [
        {"a": "str", "b": {"x": "str"}, "c": [{"k": "str"}]},
        {"b": {"y": "int"}, "c": [{"l": "bool"}], "d": "str"},
    ]
    for number, family in enumerate(FAMILIES.values()):
        monkeypatch.setattr(family, "ANSWER_KEYS", keys[number] if number < len(keys) else {})
    assert answer_schema(FAMILIES) == {
        "a": "str",
        "b": {"x": "str", "y": "int"},
        "c": [{"k": "str", "l": "bool"}],
        "d": "str",
    }
