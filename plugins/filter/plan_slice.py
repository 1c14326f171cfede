# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: plan_slice
short_description: The part of a plan that a role needs
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Playbooks hand each role its part of the plan, and nothing else.
options:
  _input:
    description: A plan, as M(netinstall.pxe.boot_plan_info) returns it.
    type: dict
    required: true
  role:
    description: The role.
    type: str
    choices: [answers, boot_files]
    required: true
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Publish boot files and menus
  ansible.builtin.import_role:
    name: netinstall.pxe.boot_files
  vars:
    boot_files_plan: "{{ site_plan | netinstall.pxe.plan_slice('boot_files') }}"
"""

RETURN = r"""
_value:
  description: These parts of the plan, as far as it has them.
  type: dict
"""

SLICES = {
    "answers": (
        "aliases",
        "backends",
        "clients",
        "distributions",
        "machines",
        "offers",
        "profiles",
        "servers",
        "services",
        "subnets",
        "unknown_machines",
        "urls",
    ),
    "boot_files": (
        "backends",
        "distributions",
        "machines",
        "menu",
        "profiles",
        "servers",
        "unknown_machines",
        "urls",
    ),
}


def plan_slice(plan: t.Mapping[str, t.Any], role: str) -> dict[str, t.Any]:
    """What a role needs of a plan.

    :raises AnsibleFilterError: no part of the plan is for this role.
    """
    if role not in SLICES:
        raise AnsibleFilterError(
            f"plan_slice: no part of the plan is for '{role}'; write {' or '.join(SLICES)}."
        )
    return {key: plan[key] for key in SLICES[role] if key in plan}


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_slice": plan_slice}
