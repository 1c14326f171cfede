# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES

DOCUMENTATION = r"""
name: installer
short_description: What the collection knows of an installer
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Says of the installer that a distribution uses what does not depend on the distribution.
options:
  _input:
    description: The family, such as V(debian). Of an empty one nothing is known.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say whether machines with this distribution are installed
  ansible.builtin.debug:
    msg: "{{ ('live' | netinstall.pxe.installer).installs }}"
"""

RETURN = r"""
_value:
  description:
    - C(name).
    - C(installs), whether it installs anything.
    - C(several_images), whether an install tree can be made from more than one image.
    - C(built_tree), whether M(netinstall.pxe.install_tree) makes the tree. Otherwise the image is the tree.
    - C(expected), C(kernel) and C(initrd) of an image that nobody has seen yet, as far as they are known.
  type: dict
"""

# Of an image that will say what it is.
_UNKNOWN = {"name": "", "installs": True, "several_images": True, "built_tree": False, "expected": {}}


def installer(name: str | None) -> dict[str, t.Any]:
    """What does not depend on the distribution."""
    if not name:
        return _UNKNOWN
    if name not in FAMILIES:
        raise AnsibleFilterError(f"family '{name}' is not known; write one of {', '.join(sorted(FAMILIES))}")
    family = FAMILIES[name]
    expected = {"kernel": family.expected_kernel, "initrd": list(family.expected_initrd)}
    return {
        "name": name,
        "installs": family.installs,
        "several_images": family.several_images,
        "built_tree": family.built_tree,
        "expected": expected if family.expected_kernel else {},
    }


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"installer": installer}
