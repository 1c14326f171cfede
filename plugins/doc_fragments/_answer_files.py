# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    # For modules that make answer files and hand them to another module on the web server. `owner` and `group` are
    # options of that one.
    DOCUMENTATION = r"""
options:
  plan:
    description: The plan of M(netinstall.pxe.boot_plan_info).
    type: dict
    required: true
  defaults:
    description: The name of the variable with answers for all machines.
    type: str
    default: site_answers
  profiles:
    description:
      - The name of the variable with the profiles.
      - C(answers) of a profile go over O(defaults).
    type: str
    default: site_profiles
  search:
    description:
      - Folders on the control node in which the files are that answers name as C(file) and C(files), or in C(files),
        C(templates) or C(answers) of these.
      - By default the folders of the inventories, that of the playbook unless it is one of this collection, and the
        working directory.
    type: list
    elements: path
    default: []
  root:
    description: The folder of the site on the server.
    type: path
    default: /srv/pxe
  owner:
    description:
      - User of the web server, which reads the answer files and writes what the machines report.
      - Empty means the owner of C(events/).
    type: str
    default: ""
  group:
    description:
      - Group of the web server.
      - Empty means the group of C(answers/).
    type: str
    default: ""
"""
