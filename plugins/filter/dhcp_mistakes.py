# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dhcp_mistakes
short_description: What is wrong with the variables of a DHCP server's role
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Checks what the roles C(dhcp_dnsmasq), C(dhcp_isc) and C(dhcp_kea) have in common, before one of them changes a
    server.
options:
  _input:
    description:
      - The variables C(interfaces), C(address), C(subnets) and C(machines) of the role, by these names.
      - C(tftp_address) too, where firmware is to be told an address and no name.
      - C(clients) and C(loaders) too, whose names must be the same.
    type: dict
    required: true
  role:
    description: The role's name, with which the names of its variables begin.
    type: str
    choices: [dhcp_dnsmasq, dhcp_isc, dhcp_kea]
    required: true
  facts:
    description: Ansible's facts of the server, as C(ansible_facts) has them.
    type: dict
    required: true
  host:
    description: The server's name in the inventory.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse what dhcpd cannot do
  ansible.builtin.assert:
    that: mistakes | length == 0
    fail_msg: "{{ mistakes | join('\n') }}"
  vars:
    mistakes: "{{ settings | netinstall.pxe.dhcp_mistakes('dhcp_isc', ansible_facts, inventory_hostname) }}"
    settings:
      interfaces: "{{ dhcp_isc_interfaces }}"
      address: "{{ dhcp_isc_address }}"
      subnets: "{{ dhcp_isc_subnets }}"
      machines: "{{ dhcp_isc_machines }}"
"""

RETURN = r"""
_value:
  description: A sentence for each mistake.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_mistakes import Settings, mistakes


def dhcp_mistakes(
    settings: t.Mapping[str, t.Any], role: str, facts: t.Mapping[str, t.Any], host: str
) -> list[str]:
    """A sentence for each mistake."""
    return mistakes(Settings(role=role, **settings), facts, host)


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"dhcp_mistakes": dhcp_mistakes}
