# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: own_file
short_description: Where a file of the user's is on the control node
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Finds a file or a folder where this collection looks for all files that a description names. An absolute path is
    taken as it is. Others are looked for in the folders of the inventories, in that of the playbook unless it is one of
    this collection, and in the working directory; in C(files), C(templates) and C(answers) of each before the folder
    itself.
  - If the file does not exist, it fails and names the places that were searched.
options:
  _terms:
    description: Names, or paths.
    type: list
    elements: str
    required: true
seealso:
  - plugin: ansible.builtin.first_found
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: See which picture the menu would have
  ansible.builtin.debug:
    msg: "{{ lookup('netinstall.pxe.own_file', 'splash.png') }}"
"""

RETURN = r"""
_raw:
  description: Absolute paths.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _search


class LookupModule(LookupBase):
    """Finds files as the plan does."""

    def run(self, terms: t.Any, variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        folders = _search.folders(variables or {})
        try:
            return [own_files.find(str(term), folders, also_folders=True) for term in terms]
        except PxeError as exc:
            raise AnsibleLookupError(str(exc)) from exc
