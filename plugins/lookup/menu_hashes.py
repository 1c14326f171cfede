# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: menu_hashes
short_description: The hashes of the passwords of the boot menu
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Reads them from C(site_menu) and C(site_profiles), and evaluates nothing else of these. Before ansible-core 2.19, a
    template that names C(site_profiles) evaluates the answers of all profiles, though some may be for a machine alone.
options: {}
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: See which menu entries have a password
  ansible.builtin.debug:
    msg: "{{ lookup('netinstall.pxe.menu_hashes').profiles.keys() | list }}"
"""

RETURN = r"""
_raw:
  description: The hash of the password of the C(menu), empty if it has none, and the hashes of C(profiles), by name.
  type: list
  elements: dict
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.plugin_utils._inventory import Inventory


class LookupModule(LookupBase):
    """Reads what the plan has no values of."""

    def run(self, terms: t.Any, variables: t.Any = None, **kwargs: t.Any) -> list[dict[str, t.Any]]:
        inventory = Inventory(variables or {}, self._loader)
        try:
            found = inventory.menu_hashes()
            said = "; ".join(f"{item['address']}: {item['message']}" for item in inventory.mistakes)
        except PxeError as exc:
            said = str(exc)
        # Not within the handling of an error, of which Ansible would show the causes.
        if said:
            raise AnsibleLookupError(said)
        return [found]
