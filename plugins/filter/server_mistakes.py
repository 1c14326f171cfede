# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: server_mistakes
short_description: Why a role cannot work on a server
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Checks what roles have in common, before one of them changes a server.
options:
  _input:
    description: Ansible's facts of the server, as C(ansible_facts) has them.
    type: dict
    required: true
  host:
    description: The server's name in the inventory.
    type: str
    required: true
  systemd:
    description: Whether the role needs systemd.
    type: bool
    default: true
  addresses:
    description: Addresses that the server must have, by the name of the role's variable.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Refuse a server that the role does not know
  ansible.builtin.assert:
    that: mistakes | length == 0
    fail_msg: "{{ mistakes | join('\n') }}"
  vars:
    mistakes: >-
      {{ ansible_facts
         | netinstall.pxe.server_mistakes(inventory_hostname, addresses={'http_nginx_address': http_nginx_address}) }}
"""

RETURN = r"""
_value:
  description: A sentence for each mistake.
  type: list
  elements: str
"""

FAMILIES = ("Debian", "RedHat")
KNOWN = "Debian, Ubuntu, Enterprise Linux and Fedora"
Facts = t.Mapping[str, t.Any]


def server_mistakes(
    facts: Facts, host: str, systemd: bool = True, addresses: t.Mapping[str, str] | None = None
) -> list[str]:
    """A sentence for each mistake."""
    family, manager = facts["os_family"], facts["service_mgr"] if systemd else "systemd"
    if family not in FAMILIES or manager != "systemd":
        known, has = (f"{KNOWN} with systemd", f"{family} with {manager}") if systemd else (KNOWN, family)
        return [f"This role knows {known}; {host} is of the family {has}."]
    return [
        f"{variable}: {host} does not have the address {address}; it has "
        f"{', '.join(facts['all_ipv4_addresses']) or 'none'}. Write one of these, or give the server that address."
        for variable, address in (addresses or {}).items()
        if address not in facts["all_ipv4_addresses"] and not address.startswith("127.")
    ]


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"server_mistakes": server_mistakes}
