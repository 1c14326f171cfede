# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each answer is declared once: documentation and the role's specification say the same."""

from __future__ import annotations

import importlib.util
import pathlib
import re

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import Key

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
_found = importlib.util.spec_from_file_location(
    "answer_keys", CHECKOUT / "tests" / "tools" / "answer_keys.py"
)
assert _found
assert _found.loader
answer_keys = importlib.util.module_from_spec(_found)
_found.loader.exec_module(answer_keys)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (Key("str"), "none"),
        (Key("int"), "none"),
        (Key("bool"), "`false`"),
        (Key("str", default="a b"), "`a b`"),
        (Key("str", default=("x",), several=True), "`[x]`"),
        (Key({"b": Key("bool", default=True), "a": Key("str")}), "`{b: true}`"),
        (Key("str", default="a", shown="it depends"), "it depends"),
    ],
)
def test_default(key: Key, shown: str) -> None:
    assert answer_keys.shown_default(key) == shown


def test_the_tables_are_those_of_the_families() -> None:
    for name, (family, parts) in answer_keys.PAGES.items():
        text = (CHECKOUT / "docs" / name).read_text(encoding="utf-8")
        assert answer_keys.filled(text, family, parts) == text, f"{name}: run make docs"


def test_a_page_without_its_place() -> None:
    with pytest.raises(SystemExit, match="There is no line <!-- begin: keys made by"):
        answer_keys.filled("", "debian", [""])


def test_each_family_that_installs_has_a_page() -> None:
    assert {family for family, _parts in answer_keys.PAGES.values()} == {
        name for name, family in FAMILIES.items() if family.installs
    }


@pytest.mark.parametrize("family", ["debian", "redhat"])
def test_the_role_says_the_keys_of_each_family(family: str) -> None:
    specs = yaml.safe_load((CHECKOUT / "roles/answers/meta/argument_specs.yml").read_text(encoding="utf-8"))
    (text,) = [
        paragraph
        for paragraph in specs["argument_specs"]["arm"]["description"]
        if paragraph.startswith(f"Answers of the family V({family})")
    ]
    said = set(re.findall(r"C\(([a-z_]+)\)", text))
    keys = FAMILIES[family].answer_keys
    assert set(keys) <= said
    assert said <= {
        *keys,
        *(name for key in keys.values() if not isinstance(key.kind, str) for name in key.kind),
    }
