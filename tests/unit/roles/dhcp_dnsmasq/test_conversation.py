# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What dnsmasq does beside what all DHCP servers do, which is in tests/unit/roles/dhcp/test_conversation.py."""

from __future__ import annotations

import contextlib
import pathlib
import resource
import signal
import tempfile
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import (
    BY_NAME,
    Cable,
    Record,
    Server,
    mac,
    machine,
    new_cable,
    open_folder,
    subnet,
    why_not,
)

DNSMASQ = BY_NAME["dnsmasq"]
REASON = why_not(DNSMASQ)
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

LOADER = bytes(range(256)) * 300
LARGE = subnet(77, cidr="10.77.0.0/16", netmask="255.255.0.0", prefix=16, range=None)
SITES: dict[str, Record] = {
    "full": {"subnets": [subnet(77)], "machines": [machine(1), machine(2)]},
    "quiet": {"subnets": [subnet(77)], "machines": [machine(1)], "tftp": False},
    "large": {"subnets": [LARGE], "machines": [machine(number) for number in range(1, 10001)]},
}


@pytest.fixture(scope="module")
def place() -> t.Iterator[pathlib.Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def texts(renderer: t.Callable[[str], t.Any], place: pathlib.Path) -> dict[str, list[str]]:
    """dnsmasq.conf and dnsmasq-hosts of each site, with a TFTP folder that is there."""
    root = str(place / "boot")
    jobs = [
        (name, DNSMASQ.variables(tftp_root=root, **site)) for site in SITES.values() for name in DNSMASQ.files
    ]
    rendered = iter(renderer("dhcp_dnsmasq").render(jobs))
    (place / "boot").mkdir()
    (place / "boot" / "undionly.kpxe").write_bytes(LOADER)
    (place / "secret").write_text("not for TFTP", encoding="utf-8")
    return {site: [next(rendered) for _name in DNSMASQ.files] for site in SITES}


@pytest.fixture(scope="module")
def cable() -> t.Iterator[Cable]:
    with new_cable() as one:
        yield one


@pytest.fixture(scope="module")
def other_cable() -> t.Iterator[Cable]:
    """Where the usual server is not."""
    with new_cable() as one:
        yield one


Serving = t.Callable[[Cable, str], contextlib.AbstractContextManager[Server]]


@pytest.fixture(scope="module")
def serving(texts: dict[str, list[str]], place: pathlib.Path) -> Serving:
    def start(cable: Cable, site: str) -> contextlib.AbstractContextManager[Server]:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{site}-", dir=place))
        return Server(DNSMASQ, cable, folder, texts[site]).running()

    return start


@pytest.fixture(scope="module")
def full(cable: Cable, serving: Serving) -> t.Iterator[Server]:
    with serving(cable, "full") as server:
        yield server


def reload(server: Server) -> None:
    times = server.log.read_text(encoding="utf-8").count(server.ready)
    server.process.send_signal(signal.SIGHUP)
    server.wait(server.ready, times + 1)


def test_tftp_serves_the_loader_and_nothing_else(cable: Cable, full: Server) -> None:
    assert bytes.fromhex(cable.tftp("undionly.kpxe")["data"]) == LOADER
    assert bytes.fromhex(cable.tftp("/undionly.kpxe")["data"]) == LOADER
    for path in ("missing", "../secret", "/../secret", "/etc/passwd"):
        assert "error" in cable.tftp(path), path
    assert "error" in cable.tftp("undionly.kpxe", opcode=2), "written"


def test_without_tftp_there_is_none(other_cable: Cable, serving: Serving) -> None:
    with serving(other_cable, "quiet"):
        assert other_cable.lease(dhcp.firmware(mac(1), 0)).yiaddr == "10.77.0.11"
        assert other_cable.tftp("undionly.kpxe") == {"error": "no answer"}


@pytest.fixture
def many_files() -> t.Iterator[int]:
    """What the unit says in LimitNOFILE for ten thousand machines."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = 2 * 8000 + 250
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
    yield limit
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(("site", "transfers"), [("full", 250), ("large", 8000)])
def test_each_machine_may_fetch_its_loader_at_the_same_time(
    other_cable: Cable,
    serving: Serving,
    texts: dict[str, list[str]],
    many_files: int,
    site: str,
    transfers: int,
) -> None:
    assert f"\ntftp-max={transfers}\n" in texts[site][0]
    with serving(other_cable, site) as server:
        assert "data" in other_cable.tftp("undionly.kpxe")
        # Where files are fewer, dnsmasq says so and goes on.
        assert not server.said("restricting maximum simultaneous TFTP transfers")


def test_a_changed_machine_needs_a_reload_only(cable: Cable, full: Server) -> None:
    hosts = full.paths[1]
    before = hosts.read_text(encoding="utf-8")
    pid = full.process.pid
    try:
        added = "52:54:00:aa:00:61,10.77.0.61,node61\n"
        hosts.write_text(before.replace(f"{mac(2)},10.77.0.12,node02\n", added), encoding="utf-8")
        assert cable.lease(dhcp.system(mac(2))).yiaddr == "10.77.0.12"
        reload(full)
        reply = cable.lease(dhcp.system(mac(0x61)))
        assert (reply.yiaddr, dhcp.text(reply.options[dhcp.HOSTNAME])) == ("10.77.0.61", "node61")
        # Its lease is its own until it ends; its name is gone at once.
        dropped = cable.lease(dhcp.system(mac(2)))
        assert dhcp.HOSTNAME not in dropped.options
        assert cable.lease(dhcp.firmware(mac(1), 0)).yiaddr == "10.77.0.11"
        assert full.process.pid == pid
    finally:
        hosts.write_text(before, encoding="utf-8")
        reload(full)


def test_ten_thousand_machines(other_cable: Cable, serving: Serving) -> None:
    started = time.monotonic()
    with serving(other_cable, "large") as server:
        for number in (1, 5000, 10000):
            reply = other_cable.lease(dhcp.firmware(mac(number), 7))
            assert reply.yiaddr == machine(number)["address"]
        reload(server)
        assert other_cable.lease(dhcp.firmware(mac(9999), 7)).yiaddr == machine(9999)["address"]
    assert time.monotonic() - started < 60
