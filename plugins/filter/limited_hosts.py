# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.named_machines import (
    UNCHANGED,
    Groups,
    fit_limit,
    is_syntax_check,
)

DOCUMENTATION = r"""
name: limited_hosts
short_description: The hosts of groups that fit the limit, as hosts of a play
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Takes names of groups and the limit of the command line. If no host is left, that is an error, so that nobody takes
    a play without hosts for a success.
options:
  _input:
    description: Names of groups. Those that the inventory does not have count as empty.
    type: list
    elements: str
    required: true
  groups:
    description: The groups of the inventory, which is what C(groups) has.
    type: dict
    required: true
  limit:
    description: The limit of the command line, which is what C(ansible_limit) has.
    type: str
    default: ''
seealso:
  - plugin: netinstall.pxe.named_machines
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Set up the servers
  hosts: "{{ ['pxe_servers', 'pxe_http'] | netinstall.pxe.limited_hosts(groups, ansible_limit | default('')) }}"
"""

RETURN = r"""
_value:
  description: Names of hosts, in the order of the groups.
  type: list
  elements: str
"""


def limited_hosts(wanted: t.Sequence[str], groups: Groups, limit: str = "") -> list[str]:
    """The hosts of groups that fit the limit.

    :raises AnsibleFilterError: there are none.
    """
    hosts = list(dict.fromkeys(host for group in wanted for host in groups.get(group, ())))
    if is_syntax_check():
        return hosts
    if not hosts:
        raise AnsibleFilterError(
            f"The inventory has no host in {' or '.join(wanted)}: put one into the group {wanted[0]}. {UNCHANGED}"
        )
    fitting = fit_limit(limit, groups) if limit else set(hosts)
    if not fitting.intersection(hosts):
        raise AnsibleFilterError(
            f"-l '{limit}' leaves no host of {' or '.join(wanted)}; write -l {hosts[0]}, or leave it out. {UNCHANGED}"
        )
    return [host for host in hosts if host in fitting]


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"limited_hosts": limited_hosts}
