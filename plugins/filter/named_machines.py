# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import difflib
import re
import typing as t

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: named_machines
short_description: The machines that somebody wrote down, as hosts of a play
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Takes names of machines and of groups as people write them into a field of a survey. Unlike a limit, a name that
    fits no machine is an error, so that nobody takes a play without hosts for a success.
options:
  _input:
    description: Names with commas, blanks or line ends between them; empty means the whole group C(pxe_machines).
    type: str
    required: true
  groups:
    description: The groups of the inventory, which is what C(groups) has.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what machines are doing
  hosts: "{{ status_machines | default('', true) | netinstall.pxe.named_machines(groups) }}"
"""

RETURN = r"""
_value:
  description: Names of hosts of the group C(pxe_machines), in its order; the group itself where none was named.
  type: list
  elements: str
"""

_GROUP = "pxe_machines"


def named_machines(text: t.Any, groups: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """The machines named in ``text``.

    :raises AnsibleFilterError: a name is neither that of a machine nor that of a group with machines.
    """
    names = re.findall(r"[^\s,;]+", str(text))
    if not names:
        return [_GROUP]
    machines = list(groups.get(_GROUP, ()))
    chosen: set[str] = set()
    for name in names:
        found = {name} if name in machines else set(groups.get(name, ())).intersection(machines)
        if not found:
            raise AnsibleFilterError(_unknown(name, machines))
        chosen |= found
    return [machine for machine in machines if machine in chosen]


def _unknown(name: str, machines: t.Sequence[str]) -> str:
    alike = difflib.get_close_matches(name, machines, n=1)
    advice = (
        f"did you mean '{alike[0]}'?" if alike else f"write names of hosts of {_GROUP} with commas between."
    )
    return (
        f"'{name}' is no machine of the inventory, and no group with machines; {advice} Nothing was changed."
    )


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"named_machines": named_machines}
