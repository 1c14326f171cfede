# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: clients
short_description: The kinds of firmware that this collection knows
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Returns the rows of the firmware table as a plan has them under C(clients), for roles that are used without a plan.
options: {}
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: See what UEFI on arm64 loads first
  ansible.builtin.debug:
    msg: "{{ query('netinstall.pxe.clients') | selectattr('name', 'equalto', 'efiarm64') | map(attribute='loader') }}"
"""

RETURN = r"""
_raw:
  description: The rows. RV(netinstall.pxe.boot_plan_info#module:plan.clients) says what is in them.
  type: list
  elements: dict
"""

import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import clients


class LookupModule(LookupBase):
    """Hands the table to roles."""

    def run(self, terms: t.Any, variables: t.Any = None, **kwargs: t.Any) -> list[dict[str, t.Any]]:
        return clients()
