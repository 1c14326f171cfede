# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: web_servers
short_description: The web servers of a plan
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Names the hosts on which machines are armed, and to which they report.
options:
  _input:
    description: A plan, as M(netinstall.pxe.boot_plan_info) returns it.
    type: dict
    required: true
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Ask each web server what its machines are doing
  netinstall.pxe.installations_info:
    root: "{{ site_plan.root }}"
  loop: "{{ site_plan | netinstall.pxe.web_servers }}"
  delegate_to: "{{ item }}"
"""

RETURN = r"""
_value:
  description: Their names in the inventory; none if the plan names no servers.
  type: list
  elements: str
"""


def web_servers(plan: t.Mapping[str, t.Any]) -> list[str]:
    """The names of the servers that have HTTP."""
    return [name for name, services in (plan.get("servers") or {}).items() if "http" in services]


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"web_servers": web_servers}
