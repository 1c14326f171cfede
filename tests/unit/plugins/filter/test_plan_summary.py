# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.plan_summary import FilterModule, plan_summary
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

SITE = {"server": {"address": "10.0.0.1", "interface": "eth0"}, "subnets": [{"cidr": "10.0.0.0/24"}]}


def test_plan_summary() -> None:
    assert plan_summary(compile_plan(SITE, []))[0].startswith("server ")


@pytest.mark.parametrize("plan", [{}, "x", None, {"server": "x"}])
def test_anything_else_is_refused(plan: object) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a plan"):
        plan_summary(plan)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"plan_summary": plan_summary}
