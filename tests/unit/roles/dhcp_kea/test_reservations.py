# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each described machine is reserved in the subnet that has its address, and in no other."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import BY_NAME, machine, subnet

KEA = BY_NAME["kea"]
WIDE = subnet(0, cidr="10.16.0.0/12", network="10.16.0.0", netmask="255.240.0.0", ranges=[])
SMALL = subnet(0, cidr="10.77.0.8/29", network="10.77.0.8", netmask="255.255.255.248", ranges=[])


def test_each_machine_is_in_the_subnet_of_its_address(renderer: t.Callable[[str], t.Any]) -> None:
    addresses = [
        "10.15.255.254",
        "10.16.0.1",
        "10.31.255.254",
        "10.32.0.1",
        "10.77.0.9",
        "10.77.0.14",
        "10.77.0.17",
    ]
    machines = [machine(number, address=address) for number, address in enumerate(addresses)]
    variables = KEA.variables(subnets=[WIDE, SMALL], machines=machines)
    text = renderer(KEA.role).render([(KEA.files[0], variables)])[0]
    subnets = json.loads(re.sub(r"(?m)(^|\s)#.*", "", text))["Dhcp4"]["subnet4"]
    found = {each["subnet"]: [one["ip-address"] for one in each["reservations"]] for each in subnets}
    assert found == {
        "10.16.0.0/12": ["10.16.0.1", "10.31.255.254"],
        "10.77.0.8/29": ["10.77.0.9", "10.77.0.14"],
    }
    broadcasts = [each["option-data"][0]["data"] for each in subnets]
    assert broadcasts == ["10.31.255.255", "10.77.0.15"]
