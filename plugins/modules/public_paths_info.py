#!/usr/bin/python
# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: public_paths_info
short_description: Find files and folders that a site lacks
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Looks for paths below the folder of a site, as the web server would find them. Paths outside of C(boot/), C(files/)
    and C(trees/) are ignored.
extends_documentation_fragment:
  - netinstall.pxe._attributes
  - netinstall.pxe._attributes.info_module
options:
  root:
    description: The folder of the site.
    type: path
    required: true
  paths:
    description: Paths below it.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Check whether a repository exists
  netinstall.pxe.public_paths_info:
    root: /srv/pxe
    paths: [trees/rocky-9/AppStream]
"""

RETURN = r"""
missing:
  description: The paths that do not exist.
  returned: success
  type: list
  elements: str
  sample: [trees/rocky-9/AppStream]
"""

import os

from ansible.module_utils.basic import AnsibleModule

PUBLIC = ("boot", "files", "trees")


def is_there(root: str, path: str) -> bool:
    """Whether a path is there and leads to nothing that is not public."""
    parts = path.strip("/").split("/")
    return parts[0] in PUBLIC and ".." not in parts and os.path.exists(os.path.join(root, *parts))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "required": True},
            "paths": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    root = module.params["root"]
    module.exit_json(
        changed=False, missing=[path for path in module.params["paths"] if not is_there(root, path)]
    )


if __name__ == "__main__":
    main()
