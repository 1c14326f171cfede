# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A foreign ISC dhcpd, Kea and dnsmasq with our lines and next to nothing else, and machines that ask it."""

from __future__ import annotations

import contextlib
import json
import pathlib
import re
import shutil
import tempfile
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import (
    BY_NAME,
    SCRIPT,
    clients_of,
    options_of,
)
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp_dnsmasq._beside import (
    MACHINE,
    PATH,
    THEIRS,
    Wire,
    dnsmasq,
    serving,
    subnet,
    why_not,
)

REASON = why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

DEST = "{{ dhcp_none_root }}/dhcp/{{ item }}"
TFTP = "10.77.0.9"
OPTIONS: dict[t.Any, t.Any] = {
    "interface-mtu": 1500,
    "log-servers": ["10.77.0.8"],
    "root-path": "/srv/a b",
    "default-ip-ttl": 64,
    224: {"type": "text", "value": "42"},
}
OWN: dict[t.Any, t.Any] = {"interface-mtu": 1400}
SITE: dict[str, t.Any] = {
    "dhcp_none_subnets": [subnet(77, options=options_of(OPTIONS))],
    "dhcp_none_machines": [
        {
            "name": "node01.lab",
            "hostname": "node01",
            "mac": MACHINE,
            "address": "10.77.0.11",
            "subnet": "10.77.0.0/24",
            "dhcp_options": options_of(OWN),
        }
    ],
    "dhcp_none_boot_url": SCRIPT,
    "dhcp_none_tftp_address": TFTP,
}
PLAIN = {**SITE, "dhcp_none_plain_bios_loader": "syslinux/pxelinux.0"}
SERVERS = {"isc.conf": "dhcpd", "kea.json": "kea-dhcp4", "dnsmasq.conf": "dnsmasq"}


@pytest.fixture(scope="module")
def lines(renderer: t.Callable[[str], t.Any]) -> dict[tuple[str, str], str]:
    jobs = [(site, name) for site in ("full", "plain") for name in SERVERS]
    sites = {"full": SITE, "plain": PLAIN}
    texts = renderer("dhcp_none").render([(DEST, {**sites[site], "item": name}) for site, name in jobs])
    return dict(zip(jobs, texts, strict=True))


@pytest.fixture(scope="module")
def wire() -> t.Iterator[Wire]:
    with contextlib.ExitStack() as stack:
        yield Wire(stack)


def isc(wire: Wire, folder: pathlib.Path, text: str) -> contextlib.AbstractContextManager[None]:
    (folder / "conf").write_text(text, encoding="utf-8")
    (folder / "leases").touch()
    command = ["dhcpd", "-4", "-f", "-d", "-cf", "conf", "-lf", "leases", "-pf", "pid"]
    paths = [str(folder / word) if word in ("conf", "leases", "pid") else word for word in command]
    return serving(wire, folder, "Server starting service", [*paths, "theirs"])


def kea(wire: Wire, folder: pathlib.Path, text: str) -> contextlib.AbstractContextManager[None]:
    whole = json.loads(re.sub(r"(?m)^//.*$", "", text))
    own = {
        "interfaces-config": {"interfaces": ["theirs"]},
        "lease-database": {"type": "memfile", "persist": False},
    }
    library = BY_NAME["kea"].variables()["__dhcp_kea_bootp_library"]
    whole["Dhcp4"].update({**own, "hooks-libraries": [{"library": library}]})
    (folder / "conf").write_text(json.dumps(whole), encoding="utf-8")
    folders = {"KEA_PIDFILE_DIR": str(folder), "KEA_LOCKFILE_DIR": "none"}
    return serving(wire, folder, "DHCP4_STARTED", ["kea-dhcp4", "-d", "-c", str(folder / "conf")], **folders)


def plain_dnsmasq(wire: Wire, folder: pathlib.Path, text: str) -> contextlib.AbstractContextManager[None]:
    (folder / "conf").write_text(text, encoding="utf-8")
    own = [
        "--port=0",
        "--no-ping",
        "--interface=theirs",
        "--except-interface=lo",
        "--bind-dynamic",
        f"--dhcp-leasefile={folder / 'leases'}",
        "--dhcp-range=set:netinstall-10-77-0-0,10.77.0.0,static,255.255.255.0",
    ]
    return dnsmasq(wire, folder, "static leases only", [f"--conf-file={folder / 'conf'}", *own])


START = {"isc.conf": isc, "kea.json": kea, "dnsmasq.conf": plain_dnsmasq}

CLIENTS = clients_of(MACHINE)


def plainly(kind: str, file: str | None) -> str | None:
    """What a kind of client loads where BIOS does without iPXE."""
    bios = file == "undionly.kpxe" or kind in ("iPXE on BIOS", "iPXE by its user class")
    return "syslinux/pxelinux.0" if bios else file


@pytest.mark.parametrize("site", ["full", "plain"])
@pytest.mark.parametrize("name", SERVERS)
def test_each_client_is_told_its_loader_and_gets_its_address(
    wire: Wire, lines: dict[tuple[str, str], str], name: str, site: str
) -> None:
    if shutil.which(SERVERS[name], path=PATH) is None:
        pytest.skip(f"{SERVERS[name]} is not installed: see tests/packages.txt")
    with (
        tempfile.TemporaryDirectory(prefix="netinstall-none-") as folder,
        START[name](wire, pathlib.Path(folder), lines[site, name]),
    ):
        for kind, (client, full) in CLIENTS.items():
            offer = wire.offers(client, count=1)[THEIRS]
            boot = dhcp.boot(offer)
            assert (boot.file if boot else None) == (full if site == "full" else plainly(kind, full)), kind
            if boot and not boot.is_url:
                assert boot.server == TFTP, kind
            by_http = client.options.get(dhcp.VENDOR_CLASS, b"").startswith(b"HTTPClient")
            assert offer.options.get(dhcp.VENDOR_CLASS) == (b"HTTPClient" if by_http else None), kind
            assert offer.yiaddr == "10.77.0.11", kind


@pytest.mark.parametrize("name", SERVERS)
def test_each_says_the_options_and_answers_plain_bootp(
    wire: Wire, lines: dict[tuple[str, str], str], name: str
) -> None:
    if shutil.which(SERVERS[name], path=PATH) is None:
        pytest.skip(f"{SERVERS[name]} is not installed: see tests/packages.txt")
    with (
        tempfile.TemporaryDirectory(prefix="netinstall-none-") as folder,
        START[name](wire, pathlib.Path(folder), lines["full", name]),
    ):
        wanted = {
            one["code"]: bytes.fromhex(one["hex"].replace(":", "")) for one in options_of({**OPTIONS, **OWN})
        }
        client = dhcp.system(MACHINE)
        wants = bytes((*client.options[dhcp.PARAMETERS], *wanted))
        asking = dhcp.Client(MACHINE, {**client.options, dhcp.PARAMETERS: wants})
        offer = wire.offers(asking, count=1)[THEIRS]
        assert {code: offer.options.get(code) for code in wanted} == wanted
        plain = dhcp.Message(1, next(wire.xids), MACHINE, {}, dhcp.BROADCAST)
        (reply,) = wire.send(dhcp.frame(dhcp.build(plain), MACHINE), 1, 5)
        assert (reply.kind, reply.yiaddr) == (None, "10.77.0.11")
        assert dhcp.boot(reply) == dhcp.Boot("undionly.kpxe", TFTP)
