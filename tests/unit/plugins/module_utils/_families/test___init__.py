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

TYPES = {"str", "int", "bool", "list", "dict"}


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("debian", "debian"),
        ("debian-13", "debian"),
        ("debian13", "debian"),
        ("Debian_13", "debian"),
        ("debianish", None),
        ("13-debian", None),
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
    assert family.ANSWER_FILE
    assert family.ANSWER_FORMAT
    assert {
        name for name in ("recognise", "kernel_arguments", "profile_arguments") if not hasattr(family, name)
    } == set()


def kinds(schema: t.Any) -> t.Iterator[str]:
    if isinstance(schema, str):
        yield schema
    else:
        for item in schema.values() if isinstance(schema, dict) else schema:
            yield from kinds(item)


def test_answers_are_typed() -> None:
    assert set(kinds(answer_schema(FAMILIES))) <= TYPES
