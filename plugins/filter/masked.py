# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.masking import mask_machines, mask_site

DOCUMENTATION = r"""
name: masked
short_description: A description without its secrets, for M(netinstall.pxe.boot_plan_info)
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Ansible shows the arguments of modules with C(-vvv), and answers hold password hashes and keys.
  - Replaces what answers and BMCs hold, and whatever stands under keys that nobody knows, by values of the
    same type. The plan looks at keys and types only, so it is the same with or without this filter.
options:
  _input:
    description: A site or a list of machines, as O(netinstall.pxe.boot_plan_info#module:site) and
      O(netinstall.pxe.boot_plan_info#module:machines) take them.
    type: raw
    required: true
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Compile a description
  netinstall.pxe.boot_plan_info:
    site: "{{ description | netinstall.pxe.masked }}"
    machines: "{{ groups['pxe_machines'] | netinstall.pxe.machines(hostvars) | netinstall.pxe.masked }}"
"""

RETURN = r"""
_value:
  description: The same without secrets.
  type: raw
"""


def masked(value: t.Any) -> t.Any:
    """Hide the secrets of a site or of machines."""
    if isinstance(value, dict):
        return mask_site(value)
    if isinstance(value, (list, tuple)):
        return mask_machines(list(value))
    raise AnsibleFilterError("netinstall.pxe.masked takes a site (a dictionary) or machines (a list)")


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"masked": masked}
