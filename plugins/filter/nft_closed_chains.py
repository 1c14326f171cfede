# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._net.nft import closed_chains

DOCUMENTATION = r"""
name: nft_closed_chains
short_description: The chains of nftables that drop whatever no rule accepts
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - An C(accept) of nftables only ends its own chain; a packet that another chain of the same hook drops is
    dropped. Who opens a port must do so in each chain that drops all else, and this filter finds them.
  - These are the chains at the hooks C(input) and C(output), of IPv4, whose policy is to drop, or that have or
    lead to a rule that drops or rejects every packet. Those that refuse some packets only, as those of fail2ban,
    are not.
options:
  _input:
    description: What C(nft -j list ruleset) says.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the rules
  ansible.builtin.command:
    cmd: nft -j list ruleset
  register: rules
  changed_when: false

- name: Show which chains would have to be opened
  ansible.builtin.debug:
    msg: "{{ rules.stdout | from_json | netinstall.pxe.nft_closed_chains }}"
"""

RETURN = r"""
_value:
  description:
    - The C(family), C(table), C(chain) and C(hook) of each; and C(iptables) and C(firewalld), whether the chain
      belongs to one of these.
  type: list
  elements: dict
  sample: [{family: inet, table: filter, chain: input, hook: input, iptables: false, firewalld: false}]
"""


def nft_closed_chains(value: t.Any) -> list[dict[str, t.Any]]:
    """The chains that drop what no rule accepts."""
    if not isinstance(value, dict):
        raise AnsibleFilterError(
            "netinstall.pxe.nft_closed_chains takes a dictionary; add the filter from_json in front of it"
        )
    try:
        return closed_chains(value)
    except PxeError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"nft_closed_chains": nft_closed_chains}
