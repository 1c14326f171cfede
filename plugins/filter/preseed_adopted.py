# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import disk

DOCUMENTATION = r"""
name: preseed_adopted
short_description: A preseed file that somebody brings along, for one disk
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Adds the answers that let the installer use the disk of the installation and no other one, and commands that look
    whether it is there.
  - What the file itself says about other disks, M(netinstall.pxe.arming) refuses.
options:
  _input:
    description: Text of the preseed file.
    type: str
    required: true
  installation:
    description: The installation that templates of answer files get.
    type: dict
    required: true
  guard:
    description: The commands that write the script which looks at machine and disk, and answers with the disk.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See what is added
  ansible.builtin.debug:
    msg: "{{ text | netinstall.pxe.preseed_adopted(installation, 'mkdir -p /tmp/netinstall') }}"
  vars:
    text: "{{ lookup('ansible.builtin.file', 'preseed.cfg') }}"
"""

RETURN = r"""
_value:
  description: The text with what was added at its end.
  type: str
"""

# Of a template that was not called so.
_TEMPLATE = re.compile(r"\{\{-?\s*installation\b|\{%-?\s*(extends|block|if|for|set|include|import)\b")


def preseed_adopted(text: str, installation: t.Mapping[str, t.Any], guard: str) -> str:
    """The user's own preseed file with what the site adds."""
    file = installation["answers"]["file"]
    if not file.endswith(".j2") and _TEMPLATE.search(text):
        said = f"answers.file: {file} is a template; call it {file}.j2, or take out its {{{{ }}}}"
        raise AnsibleFilterError(said) from PxeError(said)
    return disk.guarded(text, installation["disk"] or "", guard.strip())


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"preseed_adopted": preseed_adopted}
