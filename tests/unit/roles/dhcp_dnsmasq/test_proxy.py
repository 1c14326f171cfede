# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two real dnsmasq on one wire: a foreign one that assigns addresses, and ours as the role configures it for a proxy.

A third interface of the same network namespace is the machines. What they do is in the Preboot Execution Environment
(PXE) Specification 2.1, 2.2.3, and UEFI 2.10, 24.7.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import struct
import subprocess
import tempfile
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp_dnsmasq._beside import (
    MACHINE,
    OURS,
    THEIRS,
    Wire,
    dnsmasq,
    subnet,
    why_not,
)

CONF = "/etc/netinstall-pxe/dnsmasq.conf"
TFTP = "10.77.0.9"
RELAY = "10.79.0.1"
BOOT = f"http://{OURS}/boot"
# Suboptions of option 43 (PXE 2.1, table 2-1)
DISCOVERY, SERVERS, MENU, PROMPT, ITEM = 6, 8, 9, 10, 71

REASON = why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


PROXIED = subnet(77, range=None, proxy=True)
BEHIND = subnet(81, range=None, proxy=True)
SITES: dict[str, dict[str, t.Any]] = {
    "proxy": {"dhcp_dnsmasq_subnets": [PROXIED], "dhcp_dnsmasq_tftp_address": TFTP},
    "plain": {
        "dhcp_dnsmasq_subnets": [PROXIED],
        "dhcp_dnsmasq_plain_bios_loader": "syslinux/pxelinux.0",
        "dhcp_dnsmasq_loaders": {"bios": "undionly.kpxe", "efi64": ""},
    },
    # A proxy here, and the DHCP server of two networks behind relays.
    "mixed": {
        "dhcp_dnsmasq_subnets": [PROXIED, subnet(79), subnet(80, range=None, lease="1h"), BEHIND],
        "dhcp_dnsmasq_machines": [
            {"name": "node80", "hostname": "node80", "mac": "52:54:00:aa:00:80", "address": "10.80.0.11"}
        ],
    },
}


@pytest.fixture(scope="module")
def wire() -> t.Iterator[Wire]:
    with contextlib.ExitStack() as stack:
        wire = Wire(stack)
        # A neighbour that answers no ARP, for its interface has no address.
        for address in ("10.77.0.11", RELAY, "10.79.80.1", "10.80.0.1", "10.81.0.1"):
            command = [
                "ip",
                "neigh",
                "replace",
                address,
                "lladdr",
                MACHINE,
                "dev",
                "ours",
                "nud",
                "permanent",
            ]
            subprocess.run([*wire.enter, *command], timeout=20, check=True)
        for network in ("10.80.0.0/24", "10.81.0.0/24"):
            command = ["ip", "route", "add", network, "dev", "ours", "src", OURS]
            subprocess.run([*wire.enter, *command], timeout=20, check=True)
        yield wire


@pytest.fixture(scope="module")
def files(renderer: t.Callable[[str], t.Any]) -> dict[str, str]:
    """dnsmasq.conf of each site."""
    common = {
        "dhcp_dnsmasq_interfaces": ["ours"],
        "dhcp_dnsmasq_address": OURS,
        "dhcp_dnsmasq_boot_url": f"{BOOT}/boot.ipxe",
        "dhcp_dnsmasq_tftp": False,
    }
    old = {"__dhcp_dnsmasq_said": {"stdout": "Dnsmasq version 2.79  Copyright (c) 2000-2018 Simon Kelley"}}
    jobs = {**SITES, "old": {**SITES["proxy"], **old}}
    texts = renderer("dhcp_dnsmasq").render([(CONF, {**common, **site}) for site in jobs.values()])
    return dict(zip(jobs, texts, strict=True))


class Ours:
    """Our server on the wire, beside the other one; for one site at a time."""

    def __init__(self, wire: Wire, files: dict[str, str], folder: pathlib.Path) -> None:
        self.wire, self.files, self.folder = wire, files, folder
        self.site = ""
        self.running = contextlib.ExitStack()

    def serve(self, site: str) -> None:
        if site == self.site:
            return
        self.running.close()
        own = self.folder / site
        own.mkdir()
        hosts = "".join(
            f"{each['mac']},{each['address']},{each['hostname']}\n"
            for each in SITES[site].get("dhcp_dnsmasq_machines", [])
        )
        (own / "hosts").write_text(hosts, encoding="utf-8")
        conf = re.sub(r"(?m)^dhcp-leasefile=.*", f"dhcp-leasefile={own}/leases", self.files[site])
        conf = re.sub(r"(?m)^dhcp-hostsfile=.*", f"dhcp-hostsfile={own}/hosts", conf)
        (own / "conf").write_text(conf, encoding="utf-8")
        arguments = [f"--conf-file={own / 'conf'}"]
        self.running.enter_context(dnsmasq(self.wire, own, f": read {own}/hosts", arguments))
        self.site = site


@pytest.fixture(scope="module")
def ours(wire: Wire, files: dict[str, str]) -> t.Iterator[Ours]:
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="netinstall-proxy-")))
        (folder / "theirs").mkdir()
        theirs = [
            "--conf-file=/dev/null",
            "--port=0",
            "--no-ping",
            "--interface=theirs",
            "--except-interface=lo",
            "--bind-dynamic",
            f"--dhcp-leasefile={folder / 'theirs' / 'leases'}",
            "--dhcp-range=10.77.0.100,10.77.0.110,255.255.255.0,1h",
            f"--dhcp-host={MACHINE},10.77.0.11",
        ]
        stack.enter_context(dnsmasq(wire, folder / "theirs", "IP range 10.77.0.100", theirs))
        ours = Ours(wire, files, folder)
        stack.callback(ours.running.close)
        yield ours


@pytest.fixture
def proxy(ours: Ours) -> None:
    ours.serve("proxy")


def menu_of(message: dhcp.Message) -> dict[int, bytes]:
    return dhcp.decode_options(message.options[dhcp.VENDOR_OPTIONS])


def test_bios_takes_its_address_there_and_its_loader_here(wire: Wire, proxy: None) -> None:
    """A menu of one entry, which the firmware takes at once, and asks our port 4011 for (PXE 2.1, 2.2.3)."""
    client = dhcp.firmware(MACHINE, 0)
    offers = wire.offers(client)
    assert set(offers) == {OURS, THEIRS}
    assert offers[OURS].yiaddr == "0.0.0.0"
    assert offers[OURS].options[dhcp.VENDOR_CLASS] == b"PXEClient"
    assert dhcp.boot(offers[THEIRS]) is None
    address = wire.address(client, offers[THEIRS])
    assert address == "10.77.0.11"
    menu = menu_of(offers[OURS])
    kind, length = struct.unpack_from("!HB", menu[MENU])
    assert menu[MENU][3:] == b"Network installation"[:length]
    # After no seconds it takes the first entry, and it asks this server alone.
    assert menu[PROMPT][0] == 0
    assert menu[DISCOVERY] == b"\x03"
    assert menu[SERVERS] == struct.pack("!HB", kind, 1) + dhcp.address_bytes(OURS)
    item = dhcp.encode_options({ITEM: struct.pack("!HH", kind, 0)}) + b"\xff"
    told = wire.at_port_4011(client, address, item)
    assert told is not None
    assert told.kind == dhcp.ACK
    assert dhcp.boot(told) == dhcp.Boot("undionly.kpxe", TFTP)


@pytest.mark.parametrize(
    ("architecture", "loader"), [(7, "snponly.efi"), (9, "snponly.efi"), (11, "arm64/snponly.efi")]
)
def test_uefi_asks_port_4011(wire: Wire, proxy: None, architecture: int, loader: str) -> None:
    """Its menus are broken in many machines: the offer has none, and no file; both come from port 4011."""
    client = dhcp.firmware(MACHINE, architecture)
    offers = wire.offers(client)
    assert set(offers) == {OURS, THEIRS}
    assert offers[OURS].yiaddr == "0.0.0.0"
    assert offers[OURS].options[dhcp.VENDOR_CLASS] == b"PXEClient"
    assert dhcp.boot(offers[OURS]) is None
    assert dhcp.VENDOR_OPTIONS not in offers[OURS].options
    # Where the firmware asks then
    assert offers[OURS].siaddr == OURS
    told = wire.at_port_4011(client, wire.address(client, offers[THEIRS]))
    assert told is not None
    assert told.kind == dhcp.ACK
    assert told.options[dhcp.VENDOR_CLASS] == b"PXEClient"
    assert dhcp.boot(told) == dhcp.Boot(loader, TFTP)


@pytest.mark.parametrize("architecture", [0, 7, 11])
@pytest.mark.parametrize("marks", [{}, {"user_class": False}, {"features": False}])
def test_ipxe_is_told_its_script(wire: Wire, proxy: None, architecture: int, marks: dict[str, bool]) -> None:
    """In the offer and at port 4011: it does not load itself again, whichever it heeds."""
    client = dhcp.ipxe(MACHINE, architecture, **marks)
    offers = wire.offers(client)
    assert set(offers) == {OURS, THEIRS}
    script = f"{BOOT}/boot.ipxe"
    told = wire.at_port_4011(client, wire.address(client, offers[THEIRS]))
    for message in (offers[OURS], told):
        assert message is not None
        boot = dhcp.boot(message)
        assert boot is not None
        assert boot.file == script


@pytest.mark.parametrize(("architecture", "loader"), [(16, "snponly.efi"), (19, "arm64/snponly.efi")])
def test_uefi_that_boots_by_http_is_told_a_url_in_the_offer(
    wire: Wire, proxy: None, architecture: int, loader: str
) -> None:
    offers = wire.offers(dhcp.firmware(MACHINE, architecture))
    assert set(offers) == {OURS, THEIRS}
    assert offers[OURS].yiaddr == "0.0.0.0"
    assert offers[OURS].options[dhcp.VENDOR_CLASS] == b"HTTPClient"
    boot = dhcp.boot(offers[OURS])
    assert boot is not None
    assert boot.file == f"{BOOT}/{loader}"


@pytest.mark.parametrize("client", [dhcp.system(MACHINE, "laptop"), dhcp.firmware(MACHINE, 6)])
def test_others_are_left_to_the_other_server(wire: Wire, proxy: None, client: dhcp.Client) -> None:
    """A system, and firmware for which there is no loader."""
    offers = wire.offers(client, wait=2)
    assert THEIRS in offers
    assert [dhcp.boot(offer) for offer in offers.values()] == [None] * len(offers)
    assert wire.address(client, offers[THEIRS]) == "10.77.0.11"


def test_without_ipxe_each_bios_is_told_the_plain_loader(wire: Wire, ours: Ours) -> None:
    ours.serve("plain")
    for client in (dhcp.firmware(MACHINE, 0), dhcp.ipxe(MACHINE, 0)):
        offers = wire.offers(client)
        kind = struct.unpack_from("!H", menu_of(offers[OURS])[MENU])[0]
        item = dhcp.encode_options({ITEM: struct.pack("!HH", kind, 0)}) + b"\xff"
        told = wire.at_port_4011(client, wire.address(client, offers[THEIRS]), item)
        assert told is not None
        assert dhcp.boot(told) == dhcp.Boot("syslinux/pxelinux.0", OURS)


def test_networks_behind_relays_get_everything_from_here(wire: Wire, ours: Ours) -> None:
    ours.serve("mixed")
    client = dhcp.firmware("52:54:00:aa:00:79", 7)
    offer = wire.relayed(client, RELAY)
    assert offer is not None
    assert offer.kind == dhcp.OFFER
    assert 100 <= int(offer.yiaddr.removeprefix("10.79.0.")) <= 110
    assert dhcp.addresses(offer.options[dhcp.ROUTER]) == ["10.79.0.1"]
    assert dhcp.text(offer.options[dhcp.DOMAIN]) == "net79.example"
    assert dhcp.boot(offer) == dhcp.Boot("snponly.efi", OURS)
    described = wire.relayed(dhcp.firmware("52:54:00:aa:00:80", 0), "10.80.0.1")
    assert described is not None
    assert described.yiaddr == "10.80.0.11"
    assert dhcp.boot(described) == dhcp.Boot("undionly.kpxe", OURS)
    # no menu, which is for the network where this is a proxy
    assert menu_of(described) == {DISCOVERY: b"\x08", PROMPT: b"\0PXE"}
    assert dhcp.number(described.options[dhcp.LEASE_TIME]) == 3600
    http = wire.relayed(dhcp.firmware("52:54:00:aa:00:80", 16), "10.80.0.1")
    assert http is not None
    assert http.options[dhcp.VENDOR_CLASS] == b"HTTPClient"
    script = wire.relayed(dhcp.ipxe("52:54:00:aa:00:80", 0), "10.80.0.1")
    assert script is not None
    assert dhcp.boot(script) == dhcp.Boot(f"{BOOT}/boot.ipxe", OURS)
    # A relay that tells two servers: the other one assigns the addresses, and is not here.
    proxied = wire.relayed(dhcp.firmware("52:54:00:aa:00:81", 0), "10.81.0.1")
    assert proxied is not None
    assert proxied.yiaddr == "0.0.0.0"
    assert menu_of(proxied)[SERVERS][3:] == dhcp.address_bytes(OURS)
    # In the network behind a relay that is not described it is silent, and in its own it is a proxy.
    assert wire.relayed(client, "10.79.80.1") is None
    offers = wire.offers(dhcp.firmware(MACHINE, 7))
    assert set(offers) == {OURS, THEIRS}
    assert offers[OURS].yiaddr == "0.0.0.0"


def test_an_old_dnsmasq_is_not_told_what_it_does_not_know(files: dict[str, str]) -> None:
    assert "dhcp-pxe-vendor=PXEClient,HTTPClient" in files["proxy"]
    assert "dhcp-pxe-vendor" not in files["old"]
    assert "pxe-service=" in files["old"]
