# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole plays with it are tested in test_boot_plan_info.py."""

from __future__ import annotations

from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.action import answers_info
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import (
    Evaluation,
    Lazy,
    trust_as_template,
)


def test_what_cannot_be_evaluated_as_a_whole_is_left_to_install() -> None:
    lost = trust_as_template("{{ nowhere }}")
    variables = {"site_profiles": lost, "site_answers": {"timezone": "UTC"}}
    lazy = Lazy(variables, Evaluation(variables, DataLoader()))
    assert not answers_info._known(lazy, "site_profiles")
    assert not answers_info._known(lazy, "site_never")
    assert answers_info._known(lazy, "site_answers")["timezone"] == "UTC"
