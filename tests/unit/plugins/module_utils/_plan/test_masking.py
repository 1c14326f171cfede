# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.masking import (
    MASK,
    mask,
    mask_machines,
    mask_site,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError
from hypothesis import given
from hypothesis import strategies as st

SECRET = "the-secret"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def shape(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value)


@given(VALUES)
def test_a_mask_keeps_the_shape(value: t.Any) -> None:
    assert shape(mask(value)) == shape(value)


class Vault(dict[str, object]):
    """Like a mapping of Ansible's whose items are decrypted, or rendered, when they are asked for."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError("no vault secrets found")


def test_what_cannot_be_had_is_not_asked_for_twice() -> None:
    site = {"answers": Vault(root_password_hash="x"), "profiles": {"a": {"answers": Vault(locale="x")}}}
    assert mask_site(site) == {
        "answers": {"root_password_hash": None},
        "profiles": {"a": {"answers": {"locale": None}}},
    }


def test_of_the_hash_of_a_password_its_method_is_left() -> None:
    """By it the plan sees whether the menu can compare it."""
    site = {
        "menu": {"title": "A", "password_hash": f"$6${SECRET}", "pasword_hash": SECRET},
        "profiles": {"a": {"menu_password_hash": SECRET, "label": "B"}, "b": {"menu_password_hash": None}},
    }
    assert mask_site(site) == {
        "menu": {"title": "A", "password_hash": f"$6${MASK}", "pasword_hash": MASK},
        "profiles": {"a": {"menu_password_hash": MASK, "label": "B"}, "b": {"menu_password_hash": None}},
    }


def test_only_what_is_public_is_left() -> None:
    site = {
        "server": {"address": "10.0.0.1"},
        "answers": {"root_password_hash": SECRET, "users": [{"name": SECRET}], "install_recommends": True},
        "answer": {"root_password_hash": SECRET},
        "profiles": {
            "answers": {"distribution": "debian-13", "answers": {"x": SECRET}, "anwsers": {"y": SECRET}},
            "broken": SECRET,
        },
        "distributions": {"a": {"isos": [{"url": f"https://me:{SECRET}@example.com/x.iso", "path": "/a@b"}]}},
    }
    assert mask_site(site) == {
        "server": {"address": "10.0.0.1"},
        "answers": {"root_password_hash": MASK, "users": [{"name": MASK}], "install_recommends": True},
        "answer": {"root_password_hash": MASK},
        "profiles": {
            "answers": {"distribution": "debian-13", "answers": {"x": MASK}, "anwsers": {"y": MASK}},
            "broken": MASK,
        },
        "distributions": {"a": {"isos": [{"url": f"https://{MASK}@example.com/x.iso", "path": "/a@b"}]}},
    }
    machines = [
        {"name": "a", "mac": "b", "answers": {"c": SECRET}, "bmc": {"d": SECRET, "e": 7}, "pass": SECRET},
        SECRET,
    ]
    assert mask_machines(machines) == [
        {"name": "a", "mac": "b", "answers": {"c": MASK}, "bmc": {"d": MASK, "e": 0}, "pass": MASK},
        MASK,
    ]


@pytest.mark.parametrize("profiles", [[SECRET], SECRET, {"a": [SECRET]}])
def test_profiles_of_a_wrong_type(profiles: object) -> None:
    assert SECRET not in json.dumps(mask_site({"profiles": profiles}))


def test_the_plan_finds_the_same_mistakes() -> None:
    site = {
        "server": {"address": "10.0.0.1", "interface": "eth0"},
        "subnets": [{"cidr": "10.0.0.0/24"}],
        "distributions": {"debian-13": {"isos": [{"url": "https://me:pw@example.com/x.iso"}]}},
        "profiles": {
            "a": {
                "distribution": "debian-13",
                "answers": {"timezone": 1, "packages": "x", "loc": {}},
                "lable": "x",
            }
        },
        "answers": ["x"],
        "answrs": {},
    }
    machines = [{"name": "a", "mac": 1, "answers": {"users": "x"}, "bmc": "x"}, "x"]
    found = []
    for one, others in ((site, machines), (mask_site(site), mask_machines(machines))):
        with pytest.raises(PlanError) as caught:
            compile_plan(one, others)
        found.append(str(caught.value))
    assert found[0] == found[1]
    assert "site_answrs" in found[0]
