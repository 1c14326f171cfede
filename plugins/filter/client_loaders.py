# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: client_loaders
short_description: What a DHCP server tells each kind of firmware to load
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Takes the kinds of firmware, and the variables of a DHCP server's role that say loaders, and returns the kinds that
    have one.
positional: _input, role, loaders, plain_bios_loader
options:
  _input:
    description: Kinds of firmware, as a plan has them under C(clients).
    type: list
    elements: dict
    required: true
  role:
    description: The role. Its variables have names that begin so.
    type: str
    required: true
  loaders:
    description: The loaders, by kind. A kind that is not there, or whose loader is empty, has none.
    type: dict
    required: true
  plain_bios_loader:
    description: A loader for BIOS that does without iPXE, if there is one.
    type: str
    default: ""
seealso:
  - plugin: netinstall.pxe.clients
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: See who is told what
  ansible.builtin.debug:
    msg: "{{ query('netinstall.pxe.clients') | netinstall.pxe.client_loaders('dhcp_isc', {'bios': 'undionly.kpxe'}) }}"
"""

RETURN = r"""
_value:
  description:
    - The kinds that have a C(loader), with C(codes), those of option 93 by TFTP and by HTTP; C(plain), whether the
      loader is also for clients that say they are iPXE; C(from), the variable that says the loader; and C(ways), for
      each way to fetch a C(name), C(by) (V(tftp) or V(http)) and its C(codes).
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import (
    client_loaders as loaders_of_clients,
)


def client_loaders(
    clients: list[dict[str, t.Any]], role: str, loaders: dict[str, t.Any], plain_bios_loader: str = ""
) -> list[dict[str, t.Any]]:
    """The kinds of firmware that are told a loader."""
    try:
        return loaders_of_clients(clients, loaders, plain_bios_loader, role)
    except PxeError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"client_loaders": client_loaders}
