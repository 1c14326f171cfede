# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: described
short_description: The machines of a plan that have these names
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Takes machines by their names, and of each of them what a module asks for. There may be thousands.
positional: _input
options:
  _input:
    description: The machines, as RV(netinstall.pxe.boot_plan_info#module:plan) has them.
    type: list
    elements: dict
    required: true
  names:
    description: The names. The default is all machines. Names of none are left out.
    type: list
    elements: str
  keys:
    description: The keys to take, as far as a machine has them. The default is all keys.
    type: list
    elements: str
  not_of:
    description: Web servers whose machines are left out.
    type: list
    elements: str
seealso:
  - module: netinstall.pxe.boot_plan_info
"""

EXAMPLES = r"""
- name: What node01 is doing
  netinstall.pxe.installations_info:
    machines: "{{ site_plan.machines | netinstall.pxe.described(names=['node01'], keys=['name', 'address']) }}"
"""

RETURN = r"""
_value:
  description: These machines, in the order of the plan.
  type: list
  elements: dict
"""

Machine = t.Mapping[str, t.Any]


def described(
    machines: t.Iterable[Machine],
    names: t.Iterable[str] | None = None,
    keys: t.Iterable[str] | None = None,
    not_of: t.Iterable[str] = (),
) -> list[dict[str, t.Any]]:
    """Of these machines those with these names, with these keys."""
    wanted = None if names is None else set(names)
    chosen = [machine for machine in machines if wanted is None or machine["name"] in wanted]
    others = set(not_of)
    if others:
        chosen = [machine for machine in chosen if machine.get("http_server") not in others]
    taken = None if keys is None else list(keys)
    return [
        {key: machine[key] for key in (machine if taken is None else taken) if key in machine}
        for machine in chosen
    ]


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"described": described}
