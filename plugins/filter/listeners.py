# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

DOCUMENTATION = r"""
name: listeners
short_description: Who has a port of an address already
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Finds the services that keep another one from listening, before that one is made and fails to start.
options:
  _input:
    description: What C(ss -H -l -n -p) says, line by line.
    type: list
    elements: str
    required: true
  address:
    description: The address that the new service is to have. Who listens on all addresses, is in its way, too.
    type: str
    required: true
  port:
    description: The port.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Refuse to start beside another FTP server
  ansible.builtin.assert:
    that: ss.stdout_lines | netinstall.pxe.listeners('10.77.0.1', 21) | length == 0
"""

RETURN = r"""
_value:
  description: Their lines.
  type: list
  elements: str
"""


def listeners(lines: t.Iterable[str], address: str, port: int | str) -> list[str]:
    """The lines whose local address is this one, or stands for all; an interface may follow."""
    ours = re.compile(rf" ({re.escape(address)}|0[.]0[.]0[.]0|[*]|\[::\])(%[^ ]*)?:{port} ")
    return [line for line in lines if ours.search(line)]


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"listeners": listeners}
