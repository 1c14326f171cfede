# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No check of Ansible compares the options of action plugins with what their modules document, in part together."""

from __future__ import annotations

import importlib
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.doc_fragments._answer_files import ModuleDocFragment

PLUGINS = "ansible_collections.netinstall.pxe.plugins"


def documented(name: str) -> dict[str, dict[str, t.Any]]:
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    found = yaml.safe_load(module.DOCUMENTATION)
    assert "netinstall.pxe._answer_files" in found["extends_documentation_fragment"]
    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    options = {**shared, **found["options"]}
    return {
        option: {key: value for key, value in about.items() if key != "description"}
        for option, about in options.items()
    }


@pytest.mark.parametrize("name", ["arm_machines", "publish_offers"])
def test_the_options_are_those_that_are_documented(name: str) -> None:
    action = importlib.import_module(f"{PLUGINS}.action.{name}")
    assert documented(name) == action._SPECIFICATION


def test_what_is_shared_is_written_once() -> None:
    """But what one of them says more about."""
    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    own = {
        name: set(
            yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION)["options"]
        )
        for name in ("arm_machines", "publish_offers")
    }
    assert set(shared) & own["publish_offers"] == set()
    assert set(shared) & own["arm_machines"] == {"profiles"}
