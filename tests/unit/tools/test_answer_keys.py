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
        (Key("str", default="a", documented_default="it depends"), "it depends"),
    ],
)
def test_default(key: Key, shown: str) -> None:
    assert answer_keys.shown_default(key) == shown


def test_the_tables_are_those_of_the_families() -> None:
    for path in answer_keys.DOCS.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert answer_keys.with_tables(text) == text, f"{path.name}: run make docs"


def test_each_family_that_installs_has_a_page() -> None:
    assert set(answer_keys.pages()) == {name for name, family in FAMILIES.items() if family.installs}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (Key("str"), "C(x)"),
        (Key("int", default=1), "C(x) V(1)"),
        (Key("bool"), "C(x)"),
        (Key("bool", default=True), "C(x) V(true)"),
        (Key("str", several=True, default=("a",)), "C(x)"),
        (Key({"a": Key("str", default="b"), "c": Key("str")}), "C(x) (C(a) V(b), C(c))"),
        (Key({"a": Key("str")}, several=True), "C(x) (a list of C(a))"),
    ],
)
def test_a_key_in_the_specification(key: Key, said: str) -> None:
    assert answer_keys.said("x", key) == said


def test_the_role_says_the_keys_of_each_family() -> None:
    text = answer_keys.SPECIFICATION.read_text(encoding="utf-8")
    assert answer_keys.with_paragraphs(text) == text, "run make docs"
    described = yaml.safe_load(text)["argument_specs"]["arm"]["description"]
    for name in answer_keys.pages():
        (paragraph,) = [one for one in described if one.startswith(f"Answers of the family V({name})")]
        assert set(FAMILIES[name].answer_keys) <= set(re.findall(r"C\(([a-z_]+)\)", paragraph))
