# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import reason

DOCUMENTATION = r"""
name: servers
short_description: The hosts of each service, as M(netinstall.pxe.boot_plan_info) takes them
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Collects the hosts of the inventory groups C(pxe_dhcp), C(pxe_tftp), C(pxe_http), C(pxe_ftp) and C(pxe_nfs), and
    what they say of themselves. A group that is missing or empty means C(pxe_servers).
options:
  _input:
    description: The groups of the inventory, which is what C(groups) has.
    type: dict
    required: true
  hostvars:
    description: The variables of all hosts, which is what C(hostvars) has.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show which host has which service
  ansible.builtin.debug:
    msg: "{{ groups | netinstall.pxe.servers(hostvars) }}"
"""

RETURN = r"""
_value:
  description:
    - By service (C(dhcp), C(tftp), C(http), C(ftp), C(nfs)) a list of hosts, each with its C(name), the C(group) that
      it is in, and C(address), C(interface) and C(url), where the host has the variables C(server_address),
      C(server_interface) and C(server_url).
  type: dict
  sample: {http: [{name: pxe1, group: pxe_servers, address: 10.77.0.1}]}
"""

#: Hosts of every service that has no group of its own
SERVERS = "pxe_servers"
SERVICES = ("dhcp", "tftp", "http", "ftp", "nfs")
# Other people's variables may begin with server_, too.
_VARIABLES = ("address", "interface", "url")


def servers(
    groups: t.Mapping[str, t.Sequence[str]], hostvars: t.Mapping[str, t.Mapping[str, t.Any]]
) -> dict[str, list[dict[str, t.Any]]]:
    """Find the hosts of each service."""
    return {
        service: [_server(name, group, hostvars[name]) for name in names]
        for service, group, names in hosts_of_services(groups)
    }


def hosts_of_services(
    groups: t.Mapping[str, t.Sequence[str]],
) -> t.Iterator[tuple[str, str, t.Sequence[str]]]:
    """Each service with the group that its hosts are in, and their names."""
    for service in SERVICES:
        group = f"pxe_{service}" if groups.get(f"pxe_{service}") else SERVERS
        yield service, group, groups.get(group) or []


def _server(name: str, group: str, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    server = {"name": name, "group": group}
    for key in _VARIABLES:
        variable = f"server_{key}"
        if variable in variables:
            try:
                server[key] = variables[variable]
            except AnsibleError as error:
                # Ansible's own message shows values, and lines of the inventory.
                raise AnsibleFilterError(f"{group}.{name}.{variable}: {reason(error)}") from None
    return server


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"servers": servers}
