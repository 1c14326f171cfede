# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two subnets on one wire; and clients of plain BOOTP, where one of the two is for them, too."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import (
    BY_NAME,
    RELAY,
    SERVER,
    Backend,
    Cable,
    Server,
    mac,
    machine,
    new_cable,
    open_folder,
    subnet,
    why_not,
)

SUBNETS = [subnet(77, ranges=[], shared_network="wire"), subnet(76, bootp=True, shared_network="wire")]
FAR = [subnet(78, ranges=[], shared_network="far"), subnet(79, shared_network="far")]
MACHINES = [machine(1), machine(4, address="10.76.0.14"), machine(5, address="10.79.0.15")]
# As the plan tells dnsmasq: each wire has the server's address or a relay's in its first subnet.
FROM = {"10.76.0.0": SERVER, "10.79.0.0": RELAY}


@pytest.fixture(scope="module", params=BY_NAME)
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen = BY_NAME[request.param]
    if reason := why_not(chosen):
        pytest.skip(reason)
    return chosen


@pytest.fixture(scope="module")
def cable(backend: Backend, renderer: t.Callable[[str], t.Any]) -> t.Iterator[Cable]:
    """To a server that runs."""
    subnets = SUBNETS + FAR
    if backend.name == "dnsmasq":
        told = {network: [address] for network, address in FROM.items()}
        subnets = [{**one, "shared_from": told.get(one["network"], [])} for one in subnets]
    variables = backend.variables(subnets=subnets, machines=MACHINES)
    texts = renderer(backend.role).render([(name, variables) for name in backend.files])
    with (
        new_cable() as one,
        open_folder() as folder,
        Server(backend, one, folder, texts).running(),
    ):
        yield one


def test_each_gets_an_address_of_its_subnet_and_strangers_one_of_the_range(cable: Cable) -> None:
    assert cable.lease(dhcp.firmware(mac(1), 0)).yiaddr == "10.77.0.11"
    other = cable.lease(dhcp.firmware(mac(4), 0))
    assert (other.yiaddr, dhcp.addresses(other.options[dhcp.ROUTER])) == ("10.76.0.14", ["10.76.0.254"])
    assert cable.lease(dhcp.system(mac(99))).yiaddr.startswith("10.76.0.10")


def test_each_gets_an_address_of_its_subnet_behind_a_relay_too(cable: Cable) -> None:
    known = cable.lease(dhcp.firmware(mac(5), 0), relay=RELAY)
    assert (known.yiaddr, dhcp.addresses(known.options[dhcp.ROUTER])) == ("10.79.0.15", ["10.79.0.254"])
    assert cable.lease(dhcp.system(mac(97)), relay=RELAY).yiaddr.startswith("10.79.0.10")


def test_plain_bootp(cable: Cable) -> None:
    reply = cable.send(dhcp.Message(1, next(cable.xids), mac(98), {}, dhcp.BROADCAST), wait=3)
    assert reply is not None
    assert reply.kind is None
    assert reply.yiaddr.startswith("10.76.0.10")
    assert dhcp.boot(reply) == dhcp.Boot("undionly.kpxe", SERVER)
