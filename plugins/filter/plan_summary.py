# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary

DOCUMENTATION = r"""
name: plan_summary
short_description: A plan in words, one line for each thing that it describes
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Makes lines for people out of what M(netinstall.pxe.boot_plan_info) returns. Programs read the plan itself.
options:
  _input:
    description: A plan.
    type: dict
    required: true
  full:
    description: Whether each machine has a line. Without it, more than 50 are counted by subnet and profile.
    type: bool
    default: false
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ site_plan | netinstall.pxe.plan_summary }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""


def plan_summary(plan: t.Any, full: bool = False) -> list[str]:
    """A plan in lines."""
    try:
        return summary(plan, full)
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(
            "netinstall.pxe.plan_summary takes a plan as netinstall.pxe.boot_plan_info returns it"
        ) from error


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_summary": plan_summary}
