# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import progress
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _vendors

DOCUMENTATION = r"""
name: installation_lines
short_description: What machines are doing, as lines to read
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Makes aligned columns of what M(netinstall.pxe.installations_info) or M(netinstall.pxe.installation_follow)
    returned.
options:
  _input:
    description:
      - For O(kind=wipe) and O(kind=status) the machines, as the plan of M(netinstall.pxe.boot_plan_info) has them.
      - For O(kind=report) the RV(netinstall.pxe.installation_follow#module:installations).
      - For O(kind=history) the RV(netinstall.pxe.installations_info#module:history).
      - For O(kind=unknown) nothing, O(found) has them.
      - For O(kind=taken_back) the RV(netinstall.pxe.arming#module:machines).
    type: list
    elements: dict
    required: true
  kind:
    description:
      - V(wipe) shows what an installation would overwrite.
      - V(status) shows how far machines are.
      - V(report) shows how installations ended.
      - V(history) shows all of them.
      - V(unknown) shows how far machines are that are not described, and who made their network cards. It needs
        C(netaddr). No lines if there are none.
      - V(taken_back) shows which machines are no longer armed, and why.
    type: str
    choices: [wipe, status, report, history, unknown, taken_back]
    required: true
  found:
    description:
      - What M(netinstall.pxe.installations_info) returned, for O(kind=wipe), O(kind=status) and O(kind=unknown), of
        each server that was asked. The times are reckoned by each server's own clock.
    type: list
    elements: dict
  disks:
    description: For O(kind=wipe) the RV(netinstall.pxe.answers_info#module:disks).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what all machines are doing
  ansible.builtin.debug:
    msg: "{{ site_plan.machines | netinstall.pxe.installation_lines('status', [result]) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""


def installation_lines(
    items: t.Sequence[dict[str, t.Any]],
    kind: str,
    found: t.Sequence[t.Mapping[str, t.Any]] | None = None,
    disks: t.Mapping[str, t.Sequence[str]] | None = None,
) -> list[str]:
    """Show ``items`` to people."""
    of_items = {
        "report": progress.report,
        "history": progress.history_table,
        "taken_back": progress.taken_back,
    }
    if kind in of_items:
        return of_items[kind](items)
    if kind == "unknown" and found is not None:
        return progress.unknown_table(*_together(found, "unknown"), _vendors.vendor_of)
    tables = {"wipe": progress.wipe_table, "status": progress.status_table}
    if kind not in tables or found is None:
        raise AnsibleFilterError(f"installation_lines: '{kind}' is not a kind, or what was found is missing")
    if kind == "wipe":
        items = [_with_disks(item, (disks or {}).get(item["name"], ())) for item in items]
    return tables[kind](items, *_together(found, "installations"))


def _with_disks(machine: dict[str, t.Any], further: t.Sequence[str]) -> dict[str, t.Any]:
    """The machine with all disks that its installation erases."""
    return {**machine, "disk": ", ".join(filter(None, (machine["disk"], *further)))} if further else machine


def _together(found: t.Sequence[t.Mapping[str, t.Any]], key: str) -> tuple[list[dict[str, t.Any]], float]:
    """What several servers said, as the one whose clock is most ahead had said it, and when that is."""
    now = max((result["now"] for result in found), default=0)
    return [_later(entry, now - result["now"]) for result in found for entry in result.get(key, [])], now


def _later(entry: dict[str, t.Any], seconds: float) -> dict[str, t.Any]:
    """The entry as a server had said it whose clock is so much ahead."""
    return {
        **entry,
        **{key: entry[key] + seconds for key in ("since", "expires", "released") if entry.get(key)},
    }


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"installation_lines": installation_lines}
