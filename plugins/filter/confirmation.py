# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.filter.named_machines import Groups, select

DOCUMENTATION = r"""
name: confirmation
short_description: What confirms an installation, and whether it was said
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - V(yes) confirms that machines are installed which were written out, or a group of them. Where a word or a pattern
    stands for every machine, or for all but some, only their number does. The number confirms fewer machines, too.
options:
  _input:
    description: What was said, such as V(yes) or V(12).
    type: raw
    required: true
  machines:
    description: The machines that will be installed.
    type: list
    elements: str
    required: true
  named:
    description: The names that they come from, see P(netinstall.pxe.named_machines#filter).
    type: raw
    required: true
  groups:
    description: The groups of the inventory, which is what C(groups) has.
    type: dict
    required: true
  limit:
    description: The limit of the command line, which is what C(ansible_limit) has.
    type: str
    default: ''
seealso:
  - plugin: netinstall.pxe.named_machines
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop unless it is confirmed
  ansible.builtin.assert:
    that: confirmation.given
    fail_msg: "Confirm it by install_confirm={{ confirmation.word }}"
  vars:
    confirmation: "{{ said | netinstall.pxe.confirmation(ansible_play_hosts_all, install_machines, groups) }}"
"""

RETURN = r"""
_value:
  description:
    - What confirms it (C(word)), whether that was said (C(given)), whether something else was said (C(refused)),
      whether every machine was meant (C(wholesale)), and whether the machines are those that were named (C(sound)).
  type: dict
"""

_YES = ("yes", "true")


def confirmation(
    said: t.Any, machines: t.Sequence[str], named: t.Any, groups: Groups, limit: str = ""
) -> dict[str, t.Any]:
    """Judge what somebody said."""
    selection = select(named, groups, limit)
    number = str(len(machines))
    word = number if selection.wholesale else "yes"
    answer = str(said).strip().lower() if isinstance(said, (str, int)) else "no"
    given = answer == number or (answer in _YES and not selection.wholesale)
    return {
        "word": word,
        "given": given,
        "refused": bool(answer) and not given,
        "wholesale": selection.wholesale,
        "sound": sorted(machines) == sorted(selection.machines),
    }


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"confirmation": confirmation}
