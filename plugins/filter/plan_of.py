# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of

DOCUMENTATION = r"""
name: plan_of
short_description: A plan as one of several web servers has it
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Web servers of one site have the same content, but the URLs in it are those of each server itself.
options:
  _input:
    description: A plan, as M(netinstall.pxe.boot_plan_info) returns it.
    type: dict
    required: true
  name:
    description: The inventory name of the web server.
    type: str
    required: true
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Publish boot files that lead to this server
  netinstall.pxe.boot_files:
    plan: "{{ site_plan | netinstall.pxe.plan_of(inventory_hostname) }}"
    media: "{{ media_published }}"
"""

RETURN = r"""
_value:
  description: The plan. Its C(urls), and of its C(distributions) the URLs of trees by HTTP, are those of this server.
  type: dict
"""


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"plan_of": plan_of}
