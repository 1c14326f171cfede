# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: server_gaps
short_description: What the servers of a plan cannot have, by what is known of them
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Enterprise Linux drops programs from one release to the next, such as xinetd and ISC dhcpd. Where a plan wants one
    of these of a server whose release no longer has it, this says so, and what to write instead.
  - Servers of which no facts are known are ignored.
positional: _input
options:
  _input:
    description: A plan.
    type: dict
    required: true
  known:
    description: Ansible's facts by server, as C(ansible_facts) has them.
    type: dict
    required: true
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: Refuse what this server cannot have
  ansible.builtin.assert:
    that: gaps | length == 0
    fail_msg: "{{ gaps | join('. ') }}."
  vars:
    gaps: "{{ site_plan | netinstall.pxe.server_gaps({inventory_hostname: ansible_facts}) }}"
"""

RETURN = r"""
_value:
  description: A sentence for each.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.releases import gaps


def server_gaps(plan: t.Any, known: t.Any) -> list[str]:
    """A sentence for each gap."""
    try:
        return gaps(plan, known)
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(
            "netinstall.pxe.server_gaps takes a plan as netinstall.pxe.boot_plan_info returns it, and facts by server"
        ) from error


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"server_gaps": server_gaps}
