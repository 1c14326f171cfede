# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import bisect
import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: subnet_facts
short_description: What follows from the networks of subnets, and which machines are in each
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Computes in one pass what the configuration of a DHCP server needs, for any number of subnets and machines.
positional: _input
options:
  _input:
    description: Subnets with C(network) and C(netmask), as the plan of M(netinstall.pxe.boot_plan_info) has them.
    type: list
    elements: dict
    required: true
  machines:
    description: Anything with an C(address).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show where machines are
  ansible.builtin.debug:
    msg: "{{ item.cidr }} {{ item.inside | map(attribute='name') | join(' ') }}"
  loop: "{{ site_plan.subnets | netinstall.pxe.subnet_facts(site_plan.machines) }}"
"""

RETURN = r"""
_value:
  description:
    - Each subnet with C(broadcast), its broadcast address; C(number), its network address as a number; and C(inside),
      those machines whose address is in it, in their order.
  type: list
  elements: dict
"""

Record = t.Mapping[str, t.Any]


def subnet_facts(subnets: t.Iterable[Record], machines: t.Iterable[Record] = ()) -> list[dict[str, t.Any]]:
    """Add what follows from the network to each subnet."""
    machines = list(machines)
    try:
        # By address, so that a subnet's are a slice.
        placed = sorted((int(ipaddress.IPv4Address(one["address"])), at) for at, one in enumerate(machines))
        # A network with host bits is refused by the server's own check, in its words.
        networks = [
            (one, ipaddress.IPv4Network(f"{one['network']}/{one['netmask']}", strict=False))
            for one in subnets
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(
            f"netinstall.pxe.subnet_facts takes subnets with network and netmask, and machines with an address: {error}"
        ) from error
    numbers = [number for number, _at in placed]
    found = []
    for subnet, network in networks:
        first, last = int(network.network_address), int(network.broadcast_address)
        here = placed[bisect.bisect_left(numbers, first) : bisect.bisect_right(numbers, last)]
        inside = [machines[at] for at in sorted(at for _number, at in here)]
        found.append(
            {**subnet, "broadcast": str(network.broadcast_address), "number": first, "inside": inside}
        )
    return found


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"subnet_facts": subnet_facts}
