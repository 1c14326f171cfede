# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ipxe_embed_script
short_description: The script to build into an iPXE loader
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Makes the script that brings the network up and goes on with a script from a server. It never needs to change.
  - When nothing can be fetched, it says so on the screen and ends in a shell, or at the local disk.
positional: _input
options:
  _input:
    description:
      - The URLs of the served script, in the order in which they are tried.
    type: list
    elements: str
    required: true
  name:
    description:
      - What the loader calls itself on the screen.
    type: str
    required: true
  tries:
    description:
      - How often it tries before it gives up.
    type: int
    default: 10
  pause:
    description:
      - Seconds between two tries.
    type: int
    default: 5
  fallback:
    description:
      - What follows when all tries have failed.
    type: str
    choices: [shell, local]
    default: shell
"""

EXAMPLES = r"""
- name: Write the script
  ansible.builtin.copy:
    content: "{{ urls | netinstall.pxe.ipxe_embed_script(name='iPXE of our site') }}"
    dest: /var/cache/ipxe/embed.ipxe
    mode: "0644"
  vars:
    urls: ["http://10.77.0.1/boot/boot.ipxe", "tftp://10.77.0.1/boot.ipxe"]
"""

RETURN = r"""
_value:
  description: The script.
  type: str
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.start import embed_script
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


def ipxe_embed_script(
    urls: list[str], name: str, tries: int = 10, pause: int = 5, fallback: str = "shell"
) -> str:
    if fallback not in ("shell", "local"):
        raise AnsibleFilterError(f"ipxe_embed_script: fallback is '{fallback}': write shell or local")
    try:
        script = embed_script(urls, name, tries, pause, shell=fallback == "shell")
        check_script(script, "embed.ipxe")
    except PxeError as exc:
        raise AnsibleFilterError(f"ipxe_embed_script: {exc}") from exc
    return script


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"ipxe_embed_script": ipxe_embed_script}
