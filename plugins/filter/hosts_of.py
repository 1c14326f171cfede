# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.servers import SERVERS, SERVICES, hosts_of_services

DOCUMENTATION = r"""
name: hosts_of
short_description: The hosts of services, as the hosts of a play
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Names the inventory groups of services. A group that is missing or empty means C(pxe_servers).
options:
  _input:
    description: The groups of the inventory, which is what C(groups) has.
    type: dict
    required: true
  services:
    description:
      - The services, as arguments of their own - C(dhcp), C(tftp), C(http), C(ftp) and C(nfs).
      - Without any of them, C(pxe_servers) and all groups of services that the inventory has.
    type: list
    elements: str
    default: []
seealso:
  - plugin: netinstall.pxe.servers
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Provide loaders
  hosts: "{{ groups | netinstall.pxe.hosts_of('http', 'tftp') }}"

- name: Let the install networks through the firewalls
  hosts: "{{ groups | netinstall.pxe.hosts_of }}"
"""

RETURN = r"""
_value:
  description: A pattern of hosts, which is the groups' names with colons between them.
  type: str
  sample: pxe_http:pxe_servers
"""

# In which order the hosts of all services are gone through.
_ALL = (SERVERS, "pxe_http", "pxe_ftp", "pxe_nfs", "pxe_tftp", "pxe_dhcp")


def hosts_of(groups: t.Mapping[str, t.Sequence[str]], *services: str) -> str:
    """The groups of services, as a pattern of hosts.

    :raises AnsibleFilterError: there is no such service.
    """
    for service in services:
        if service not in SERVICES:
            raise AnsibleFilterError(f"hosts_of: '{service}' is not a service; write {', '.join(SERVICES)}.")
    if services:
        known = {service: group for service, group, _names in hosts_of_services(groups)}
        return ":".join(dict.fromkeys(known[service] for service in services))
    return ":".join(group for group in _ALL if group in groups) or SERVERS


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"hosts_of": hosts_of}
