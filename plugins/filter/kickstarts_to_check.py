# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: kickstarts_to_check
short_description: What to ask kickstart_validate about machines that are to be armed
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Puts together the kickstart of each machine and what is known of the machine and of its install tree, as
    M(netinstall.pxe.kickstart_validate) takes them.
options:
  _input:
    description:
      - One dictionary a machine with C(machine), C(answer_format), C(answer), C(kickstart_version), C(disk) and
        C(index_path). Those of another format than V(kickstart) are left out.
    type: list
    elements: dict
    required: true
  prepared:
    description: What P(netinstall.pxe.installations#filter) returned for these machines.
    type: list
    elements: dict
    required: true
  indexes:
    description: The values of C(index_path) under which there is an index.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Check kickstarts
  netinstall.pxe.kickstart_validate:
    kickstarts: "{{ rendered | netinstall.pxe.kickstarts_to_check(prepared, indexes.keys()) }}"
    indexes: "{{ indexes }}"
"""

RETURN = r"""
_value:
  description: Values for O(netinstall.pxe.kickstart_validate#module:kickstarts).
  type: list
  elements: dict
"""

# A disk that the machine itself finds by a rule has no name here.
_BY_RULE = "/dev/disk/by-rule"

Item = t.Mapping[str, t.Any]


def kickstarts_to_check(
    installations: t.Iterable[Item], prepared: t.Iterable[Item], indexes: t.Iterable[str] = ()
) -> list[dict[str, t.Any]]:
    """What to ask the module about each machine that has a kickstart."""
    facts = {item["machine"]: item for item in prepared}
    known = set(indexes)
    found = []
    for item in installations:
        if item["answer_format"] == "kickstart":
            one = _to_check(item, facts.get(item["machine"], {}))
            index = {"distribution": item["index_path"]} if item["index_path"] in known else {}
            found.append({**one, **index})
    return found


def _to_check(item: Item, facts: Item) -> dict[str, t.Any]:
    partitioning = (facts.get("answers") or {}).get("partitioning") or {}
    named = item["disk"] and item["disk"] != _BY_RULE
    return {
        "name": item["machine"],
        "content": item["answer"],
        "version": item["kickstart_version"],
        "urls": [url for url in (facts.get("tree_urls") or {}).values() if url],
        "disks": [item["disk"], *(partitioning.get("disks") or [])] if named else [],
    }


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"kickstarts_to_check": kickstarts_to_check}
