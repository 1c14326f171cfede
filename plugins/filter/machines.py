# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import reason

DOCUMENTATION = r"""
name: machines
short_description: The machines of an inventory group, as M(netinstall.pxe.boot_plan_info) takes them
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Collects the C(machine_*) variables of hosts.
options:
  _input:
    description: Names of inventory hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts, which is what C(hostvars) has.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the machines that the inventory describes
  ansible.builtin.debug:
    msg: "{{ groups['pxe_machines'] | netinstall.pxe.machines(hostvars) }}"
"""

RETURN = r"""
_value:
  description:
    - One dictionary a host with its C(name) and each of its C(machine_*) variables that has a value, without
      the prefix.
    - Variables that nothing knows are among them, so that M(netinstall.pxe.boot_plan_info) can refuse them by
      name. C(machine_power_command) is not.
  type: list
  elements: dict
"""

PREFIX = "machine_"
# For the control node alone, and nothing to plan.
LEFT_OUT = frozenset(("machine_power_command",))


def machines(
    names: t.Iterable[str], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]
) -> list[dict[str, t.Any]]:
    """Collect the ``machine_`` variables of these hosts."""
    return [{"name": name, **_machine(name, hostvars[name])} for name in names]


def _machine(name: str, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    found = {}
    for variable in variables:
        if variable.startswith(PREFIX) and variable not in LEFT_OUT:
            try:
                value = variables[variable]
            except AnsibleError as error:
                # Ansible's own message shows values, and lines of the inventory.
                raise AnsibleFilterError(f"pxe_machines.{name}.{variable}: {reason(error)}") from None
            if value is not None:
                found[variable[len(PREFIX) :]] = value
    return found


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"machines": machines}
