# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES

DOCUMENTATION = r"""
name: installers_report
short_description: What installers report by names of their own
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Names the steps and logs that the web server keeps apart from others.
options:
  _input:
    description: Steps that are no installer's own.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the steps that have a file of their own
  ansible.builtin.debug:
    msg: "{{ (['disk', 'packages'] | netinstall.pxe.installers_report).steps }}"
"""

RETURN = r"""
_value:
  description:
    - C(steps), those given and those of all installers.
    - C(logs), the names of the installers' logs.
  type: dict
"""


def installers_report(steps: t.Iterable[str]) -> dict[str, list[str]]:
    """Each name once."""
    families = FAMILIES.values()
    return {
        "steps": list(dict.fromkeys([*steps, *(step for family in families for step in family.steps)])),
        "logs": list(dict.fromkeys(log for family in families for log in family.logs)),
    }


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"installers_report": installers_report}
