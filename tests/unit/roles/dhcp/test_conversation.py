# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of client gets the same answer from each DHCP server, made from the same slice of the plan."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import statistics
import struct
import subprocess
import tempfile
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp as _dhcp
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_options import OPTIONS as NAMES
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import (
    BACKENDS,
    BOOT,
    RELAY,
    SCRIPT,
    SERVER,
    Backend,
    Cable,
    Record,
    Server,
    answer,
    clients_of,
    mac,
    machine,
    new_cable,
    open_folder,
    options_of,
    subnet,
    why_not,
)

#: A value of each type
VALUES: Record = {
    "address": "10.0.0.1",
    "addresses": ["10.0.0.1", "10.0.0.2"],
    "pairs": ["10.1.0.0", "10.0.0.1", "10.2.0.0", "10.0.0.2"],
    "text": "some text",
    "uint8": 4,
    "uint16": 576,
    "uint32": 7,
    "int32": 7,
    "bool": False,
    "domains": "x",
    "routes": "10.0.0.0/8 via 10.0.0.1",
}
EACH_OPTION = {name: VALUES[kind] for name, (_code, kind) in NAMES.items()}


#: Each type, the shortest values, and those that a program could take for something else
OPTIONS = options_of(
    {
        **EACH_OPTION,
        "interface-mtu": 1500,
        "log-servers": "10.77.0.8",
        "domain-search": ["lab.example", "example"],
        "root-path": 'nfs:10.77.0.1:/srv/a "b" c\\d,vers=3',
        "netbios-scope": "1",
        "pcode": "EST5EDT4,M3.2.0/02:00,M11.1.0/02:00",
        "time-offset": -3600,
        "arp-cache-timeout": 4294967295,
        "classless-static-route": ["0.0.0.0/0 via 10.77.0.254", "10.0.0.0/8 via 10.77.0.253"],
        "tftp-server-address": ["10.77.0.1"],
        224: {"type": "text", "value": "10.1.2.3"},
        225: {"type": "text", "value": "42"},
        223: {"type": "text", "value": "42s"},
        226: {"type": "text", "value": "be:ef"},
        227: {"type": "address", "value": "10.77.0.7"},
        228: {"type": "hex", "value": "0a"},
        229: {"type": "hex", "value": "0001"},
        231: {"type": "uint16", "value": 7},
        232: {"type": "uint32", "value": 7},
        233: {"type": "int32", "value": -7},
        234: {"type": "bool", "value": True},
        235: {"type": "domains", "value": "lab.example"},
        236: {"type": "pairs", "value": ["10.77.0.7", "10.77.0.8"]},
        237: {"type": "text", "value": "#;{}$'`%|"},
    }
)


def planned(subnet: Record, machine: Record) -> Record:
    """What the plan hands to the roles."""
    site = {
        "server": {"address": SERVER, "interface": "server"},
        "subnets": [subnet],
        "distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
        "profiles": {"minimal": {"distribution": "debian-13"}},
    }
    plan = compile_plan(site, [{**machine, "profile": "minimal", "disk": "/dev/vda"}])
    return {"subnets": plan["subnets"], "machines": plan["machines"]}


OTHER_BOOT = "http://10.78.0.9:8080/boot"
PLAIN: Record = {"dns": [], "ntp": [], "domain": "", "gateway": None, "ranges": []}
#: Slices of plans
SITES: dict[str, Record] = {
    # The second subnet is behind the relay.
    "full": {
        "subnets": [subnet(77), subnet(78, lease="45m", ntp=[])],
        "machines": [machine(1), machine(2), machine(3, address="10.78.0.13")],
    },
    "static": {
        "subnets": [subnet(77, **PLAIN, lease="infinite")],
        "machines": [machine(1), machine(2, address="10.78.0.12")],
        "tftp_address": "10.77.0.9",
        "loaders": {"bios": "", "efi64": "ipxe.efi"},
        "loader_url": "http://10.77.0.8/loaders",
    },
    # The web server of the second subnet is another.
    "two": {
        "subnets": [subnet(77), subnet(78, boot_url=f"{OTHER_BOOT}/boot.ipxe")],
        "machines": [machine(1), machine(3, address="10.78.0.13")],
        "interfaces": ["server", "lo"],
    },
    "plain": {
        "subnets": [subnet(77)],
        "machines": [machine(1)],
        "plain_bios_loader": "syslinux/pxelinux.0",
    },
    "elsewhere": {"subnets": [subnet(78)], "machines": [machine(1), machine(3, address="10.78.0.13")]},
    "many": {
        "subnets": [subnet(77, cidr="10.77.0.0/16", netmask="255.255.0.0", prefix=16)],
        "machines": [machine(number, address=f"10.77.1.{number}") for number in range(1, 201)],
    },
    "modest": {"subnets": [subnet(77)], "authoritative": False},
    "bootp": {"subnets": [subnet(77, bootp=True), subnet(78)], "machines": [machine(1)]},
    # Its range has the router and a machine in it.
    "pieces": planned(
        {
            "cidr": "10.77.0.0/24",
            "gateway": "10.77.0.102",
            "range": ["10.77.0.100", "10.77.0.105"],
            "ranges": [["10.77.0.110", "10.77.0.110"]],
        },
        {"name": "node01", "mac": mac(1), "address": "10.77.0.104"},
    ),
    "lasting": {"subnets": [subnet(77, max_lease="6h")], "machines": [machine(1)]},
    "options": {
        "subnets": [subnet(77, options=OPTIONS)],
        "machines": [
            machine(
                1,
                dhcp_options=options_of(
                    {
                        "interface-mtu": 1400,
                        224: {"type": "text", "value": "own"},
                        230: {"type": "uint8", "value": 127},
                    }
                ),
            ),
            machine(2),
        ],
    },
}


@pytest.fixture(scope="module", params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen = t.cast("Backend", request.param)
    if reason := why_not(chosen):
        pytest.skip(reason)
    return chosen


@pytest.fixture(scope="module")
def texts(backend: Backend, renderer: t.Callable[[str], t.Any]) -> dict[str, list[str]]:
    """What the role writes for each site."""
    jobs = [(name, backend.variables(**site)) for site in SITES.values() for name in backend.files]
    rendered = iter(renderer(backend.role).render(jobs))
    return {site: [next(rendered) for _name in backend.files] for site in SITES}


@pytest.fixture(scope="module")
def cable(backend: Backend) -> t.Iterator[Cable]:
    with new_cable() as one:
        yield one


@pytest.fixture(scope="module")
def other_cable(backend: Backend) -> t.Iterator[Cable]:
    """Where the usual server is not."""
    with new_cable() as one:
        yield one


Serving = t.Callable[[Cable, str], contextlib.AbstractContextManager[Server]]


@pytest.fixture(scope="module")
def serving(backend: Backend, texts: dict[str, list[str]]) -> t.Iterator[Serving]:
    with open_folder() as place:

        def start(cable: Cable, site: str) -> contextlib.AbstractContextManager[Server]:
            folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{site}-", dir=place))
            return Server(backend, cable, folder, texts[site]).running()

        yield start


@pytest.fixture(scope="module")
def full(cable: Cable, serving: Serving) -> t.Iterator[Server]:
    with serving(cable, "full") as server:
        yield server


ELSEWHERE = "192.0.2.7"
RANGE = [f"10.77.0.{number}" for number in range(100, 111)]
#: dnsmasq says it unasked, the others where it is asked for.
BROADCAST_ADDRESS = 28
NODE01, NODE03 = mac(1), mac(3)
#: What every client of the first subnet is told
NETWORK: Record = {
    "next server": SERVER,
    "server": [SERVER],
    "netmask": ["255.255.255.0"],
    "router": ["10.77.0.254"],
    "dns": ["10.77.0.2", "10.77.0.3"],
    "domain": "lab.example",
    "lease": 3 * 3600,
    "renewal": 3 * 3600 // 2,
    "rebinding": 3 * 3600 * 7 // 8,
}
DESCRIBED: Record = {**NETWORK, "address": "10.77.0.11", "host name": "node01"}
#: What firmware and systems ask for, and iPXE does not
ASKED: Record = {"ntp": ["10.77.0.4"]}
FIRMWARE: Record = {**DESCRIBED, **ASKED}
HTTP: Record = {**FIRMWARE, "vendor class": "HTTPClient"}
IPXE: Record = {
    **DESCRIBED,
    "file": SCRIPT,
    # so that it does not wait for a proxy DHCP server
    "iPXE": {_dhcp.IPXE_NO_PROXY: b"\x01"},
}


def whole_answer(file: str | None) -> Record:
    """What a described machine is told that is to load this; see clients_of()."""
    if file == SCRIPT:
        return IPXE
    by_http = file is not None and file.startswith("http")
    return {**(HTTP if by_http else FIRMWARE), "file": file}


@pytest.mark.parametrize("kind", clients_of(NODE01))
def test_each_kind_of_client_gets_the_same_answer_from_each_server(
    cable: Cable, full: Server, kind: str
) -> None:
    """And whatever stage of its boot asks, the same address."""
    client, file = clients_of(NODE01)[kind]
    wanted = whole_answer(file)
    if client.options.get(_dhcp.VENDOR_CLASS, b"").startswith(b"HTTPClient"):
        wanted = {**wanted, "vendor class": "HTTPClient"}
    assert answer(cable.lease(client)) == wanted


def bootp(cable: Cable, who: str) -> _dhcp.Message | None:
    """The answer to plain BOOTP (RFC 951)."""
    return cable.send(_dhcp.Message(1, next(cable.xids), who, {}, _dhcp.BROADCAST), wait=3)


def test_plain_bootp_is_a_bios(cable: Cable, full: Server) -> None:
    reply = bootp(cable, NODE01)
    assert reply is not None
    assert (reply.kind, reply.yiaddr) == (None, "10.77.0.11")
    assert _dhcp.boot(reply) == _dhcp.Boot("undionly.kpxe", SERVER)
    told = answer(reply)
    assert {name: told[name] for name in ("netmask", "router", "dns")} == {
        name: NETWORK[name] for name in ("netmask", "router", "dns")
    }


def test_plain_bootp_of_others_is_not_answered(cable: Cable, full: Server) -> None:
    """They would keep an address of the range for ever."""
    assert bootp(cable, mac(95)) is None


def test_a_range_may_be_for_plain_bootp_too(backend: Backend, other_cable: Cable, serving: Serving) -> None:
    """In the subnet that says so; and whoever asks by DHCP there has a lease as before."""
    with serving(other_cable, "bootp"):
        reply = bootp(other_cable, mac(94))
        assert reply is not None
        assert (reply.kind, reply.yiaddr in RANGE) == (None, True)
        assert _dhcp.boot(reply) == _dhcp.Boot("undionly.kpxe", SERVER)
        for who, address in ((NODE01, "10.77.0.11"), (mac(94), reply.yiaddr)):
            again = bootp(other_cable, who)
            assert again is not None
            assert again.yiaddr == address
        lease = other_cable.lease(_dhcp.firmware(mac(93), 0))
        assert lease.yiaddr in set(RANGE) - {reply.yiaddr}
        assert answer(lease)["lease"] == NETWORK["lease"]
        relayed = _dhcp.Message(1, next(other_cable.xids), mac(92), {}, giaddr=RELAY, hops=1)
        elsewhere = other_cable.send(relayed, wait=2)
        # Beside a subnet that lends by BOOTP, Kea sends a reply without an address to the others.
        assert elsewhere is None or (backend.name, elsewhere.yiaddr) == ("kea", _dhcp.NO_ADDRESS)


def test_a_range_in_pieces(other_cable: Cable, serving: Serving) -> None:
    """As the plan cuts it around the router: no more is lent than that, and all of it."""
    with serving(other_cable, "pieces"):
        lent = {other_cable.lease(_dhcp.firmware(mac(number), 0)).yiaddr for number in range(801, 806)}
        assert lent == {"10.77.0.100", "10.77.0.101", "10.77.0.103", "10.77.0.105", "10.77.0.110"}
        assert other_cable.offer(_dhcp.firmware(mac(806), 0), wait=2) is None
        assert other_cable.lease(_dhcp.firmware(NODE01, 0)).yiaddr == "10.77.0.104"


@pytest.mark.parametrize(
    ("asked", "isc", "dnsmasq"), [(None, 10800, 10800), (14400, 14400, 10800), (90000, 21600, 10800)]
)
def test_clients_may_ask_for_a_longer_lease(
    backend: Backend, lasting: Cable, asked: int | None, isc: int, dnsmasq: int
) -> None:
    """Up to the longest; dnsmasq knows none, as the plan says. T1 and T2 are those of the lease (RFC 2131, 4.4.5)."""
    client = _dhcp.system(NODE01)
    wants = {} if asked is None else {_dhcp.LEASE_TIME: struct.pack("!I", asked)}
    told = answer(lasting.lease(_dhcp.Client(NODE01, {**client.options, **wants})))
    lease = dnsmasq if backend.name == "dnsmasq" else isc
    assert told["lease"] == lease
    # Those that say none leave both to the client.
    assert told.get("renewal", lease // 2) == lease // 2
    assert told.get("rebinding", lease * 7 // 8) == lease * 7 // 8


@pytest.fixture(scope="module")
def lasting(serving: Serving) -> t.Iterator[Cable]:
    with new_cable() as one, serving(one, "lasting"):
        yield one


@pytest.fixture(scope="module")
def optional(serving: Serving) -> t.Iterator[Cable]:
    with new_cable() as one, serving(one, "options"):
        yield one


def told_of(cable: Cable, who: str, codes: t.Iterable[int]) -> dict[int, bytes]:
    """What a client gets that asks for these options."""
    client = _dhcp.system(who)
    wants = bytes((*client.options[_dhcp.PARAMETERS], *codes))
    reply = cable.lease(_dhcp.Client(who, {**client.options, _dhcp.PARAMETERS: wants}))
    told = {code: reply.options[code] for code in codes if code in reply.options}
    return {code: uncompressed(value) if code == DOMAIN_SEARCH else value for code, value in told.items()}


DOMAIN_SEARCH = 119


def uncompressed(names: bytes) -> bytes:
    """Domain names without pointers to earlier ones (RFC 3397, RFC 1035, 4.1.4), which Kea does not make."""
    found, at = b"", 0
    while at < len(names):
        place = at
        at = 0
        while names[place]:
            if names[place] >= 0xC0:
                at = at or place + 2
                place = names[place + 1]
                continue
            found += names[place : place + 1 + names[place]]
            place += 1 + names[place]
        found += b"\0"
        at = at or place + 1
    return found


def test_each_server_says_the_options_of_a_subnet_as_the_plan_has_them(optional: Cable) -> None:
    """Byte for byte: each type, and each name that the servers have in common."""
    wanted = {option["code"]: bytes.fromhex(option["hex"].replace(":", "")) for option in OPTIONS}
    # They would not fit into one message.
    codes = list(wanted)
    for some in (codes[at : at + 12] for at in range(0, len(codes), 12)):
        assert told_of(optional, mac(90), some) == {code: wanted[code] for code in some}


def test_a_machine_has_options_of_its_own(optional: Cable) -> None:
    """Rather than the subnet's, beside the subnet's others."""
    told = told_of(optional, NODE01, (26, 7, 119, 224, 230))
    assert told == {
        26: (1400).to_bytes(2, "big"),
        7: _dhcp.address_bytes("10.77.0.8"),
        119: b"\3lab\7example\0\7example\0",
        224: b"own",
        230: b"\x7f",
    }
    assert told_of(optional, mac(2), (26, 230)) == {26: (1500).to_bytes(2, "big")}


def test_options_change_nothing_of_what_firmware_and_ipxe_are_told(optional: Cable) -> None:
    clients = clients_of(NODE01)
    for kind in (
        "BIOS",
        "UEFI x64",
        "HTTP x64",
        "nothing but PXEClient",
        "iPXE on BIOS",
        "iPXE by option 175",
    ):
        client, file = clients[kind]
        boot = _dhcp.boot(optional.lease(client))
        assert (boot.file if boot else None) == file, kind


def test_http_clients_are_told_their_vendor_class_unasked(cable: Cable, full: Server) -> None:
    client = _dhcp.firmware(NODE01, 16)
    wants = client.options[_dhcp.PARAMETERS].replace(bytes((_dhcp.VENDOR_CLASS,)), b"")
    told = cable.lease(_dhcp.Client(NODE01, {**client.options, _dhcp.PARAMETERS: wants}))
    assert answer(told) == {**HTTP, "file": f"{BOOT}/snponly.efi"}


def test_a_user_class_with_its_length_is_ipxe_too(cable: Cable, full: Server) -> None:
    """RFC 3004's form, which iPXE may take up one day."""
    client = _dhcp.ipxe(NODE01, 7, features=False)
    assert answer(cable.lease(_dhcp.Client(NODE01, {**client.options, _dhcp.USER_CLASS: b"\4iPXE"}))) == IPXE


@pytest.mark.parametrize(
    ("client", "changes"),
    [
        (_dhcp.firmware(NODE03, 0), {"file": "undionly.kpxe"}),
        (_dhcp.firmware(NODE03, 7), {"file": "snponly.efi"}),
        (_dhcp.ipxe(NODE03, 7), {"file": SCRIPT, "iPXE": IPXE["iPXE"]}),
    ],
    ids=["BIOS", "UEFI", "iPXE"],
)
def test_a_machine_behind_a_relay(cable: Cable, full: Server, client: _dhcp.Client, changes: Record) -> None:
    half = {"lease": 45 * 60, "renewal": 45 * 60 // 2, "rebinding": 45 * 60 * 7 // 8}
    there = {"address": "10.78.0.13", "host name": "node03", "router": [RELAY], **half}
    assert answer(cable.lease(client, relay=RELAY)) == {**NETWORK, **there, **changes}


def test_a_laptop_gets_an_address_and_no_boot_file(cable: Cable, full: Server) -> None:
    reply = cable.lease(_dhcp.system(mac(96), "laptop"))
    assert _dhcp.addresses(reply.options[BROADCAST_ADDRESS]) == ["10.77.0.255"]
    told = answer(reply)
    assert told.pop("address") in RANGE
    # Its own name is all that servers may say beside.
    assert told.pop("host name", "laptop") == "laptop"
    assert told == {**NETWORK, **ASKED, "file": None}


def test_one_that_is_not_described_gets_an_address_of_the_range(cable: Cable, full: Server) -> None:
    """The same one from firmware to system: the pool is not used up by a machine that boots."""
    clients = [_dhcp.firmware(mac(99), 0), _dhcp.ipxe(mac(99), 0), _dhcp.system(mac(99))]
    leases = {cable.lease(client).yiaddr for client in clients}
    assert len(leases) == 1
    assert leases.pop() in RANGE


def test_nobody_waits_for_an_unknown_machine(other_cable: Cable, serving: Serving) -> None:
    """Servers that ping an address before they offer it make all wait (dnsmasq, 3 s each) or that one (dhcpd, 1 s)."""
    unknown = [_dhcp.firmware(mac(number), 0) for number in range(901, 907)]
    described = [_dhcp.firmware(mac(number), 0) for number in range(1, 201)]
    with serving(other_cable, "many"):
        times = other_cable.offers_at_once(unknown + described, wait=30)
        answered = [seconds for seconds in times if seconds is not None]
        assert len(answered) == len(times)
        assert statistics.median(answered) < 1
        alone = other_cable.offers_at_once([_dhcp.firmware(mac(907), 0)], wait=30)[0]
        assert alone is not None
        assert alone < 0.9


def test_an_address_from_elsewhere_is_refused_at_once(cable: Cable, full: Server) -> None:
    reply = cable.send(wants_back(cable, mac(98), ELSEWHERE), wait=10)
    assert reply is not None
    assert reply.kind == _dhcp.NAK


def wants_back(cable: Cable, who: str, address: str) -> _dhcp.Message:
    """A client that comes back with an address (RFC 2131, 4.3.2, INIT-REBOOT)."""
    client = _dhcp.system(who)
    options = {
        _dhcp.MESSAGE_TYPE: bytes((_dhcp.REQUEST,)),
        _dhcp.REQUESTED_ADDRESS: _dhcp.address_bytes(address),
        **client.options,
    }
    return _dhcp.Message(1, next(cable.xids), client.mac, options, _dhcp.BROADCAST)


def test_a_relay_of_a_network_that_is_not_described_is_not_answered(cable: Cable, full: Server) -> None:
    assert cable.offer(_dhcp.firmware(NODE01, 0), wait=2, relay="10.99.0.254") is None


@pytest.mark.skipif(shutil.which("ss") is None, reason="ss is not installed: apt-get install iproute2")
def test_nothing_but_dhcp_is_open(backend: Backend, cable: Cable, full: Server) -> None:
    done = subprocess.run(
        [*cable.server.enter, "ss", "-4Hln", "--udp", "--tcp"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    ends = {line.split()[4] for line in done.stdout.splitlines()}
    # dhcpd answers through raw sockets of the listed interfaces; this one is for relays, and reads nothing.
    dhcp = {"dnsmasq": "0.0.0.0%server:67", "isc": "0.0.0.0:67", "kea": f"{SERVER}:67"}
    tftp = {f"{SERVER}:69"} if backend.name == "dnsmasq" else set()
    assert ends == {dhcp[backend.name], *tftp}


def test_without_a_range_described_machines_only(
    backend: Backend, other_cable: Cable, serving: Serving
) -> None:
    with serving(other_cable, "static"):
        told = answer(other_cable.lease(_dhcp.system(NODE01)))
        # dhcpd counts to the year 2038 only.
        assert told.pop("lease") >= (2**27 if backend.name == "isc" else 0xFFFFFFFF)
        assert told == {
            "address": "10.77.0.11",
            "host name": "node01",
            # the TFTP server is another, and this client boots nothing
            "next server": told["next server"],
            "file": None,
            "server": [SERVER],
            "netmask": ["255.255.255.0"],
        }
        assert other_cable.offer(_dhcp.firmware(mac(99), 0), wait=2) is None
        # its address is in a subnet that is not served here
        assert other_cable.offer(_dhcp.firmware(mac(2), 0), wait=2) is None


def test_loaders_may_come_from_elsewhere(other_cable: Cable, serving: Serving) -> None:
    with serving(other_cable, "static"):
        told = {
            architecture: _dhcp.boot(other_cable.lease(_dhcp.firmware(NODE01, architecture)))
            for architecture in (0, 7, 11, 16, 19)
        }
        assert told == {
            0: None,
            7: _dhcp.Boot("ipxe.efi", "10.77.0.9"),
            11: None,
            16: _dhcp.Boot("http://10.77.0.8/loaders/ipxe.efi", "10.77.0.9"),
            19: None,
        }


def test_without_ipxe_each_bios_is_told_the_plain_loader_and_uefi_as_before(
    other_cable: Cable, serving: Serving
) -> None:
    plain = _dhcp.Boot("syslinux/pxelinux.0", SERVER)
    with serving(other_cable, "plain"):
        for client in (_dhcp.firmware(NODE01, 0), _dhcp.ipxe(NODE01, 0), _dhcp.ipxe(mac(98), 0)):
            assert _dhcp.boot(other_cable.lease(client)) == plain
        told = [_dhcp.boot(other_cable.lease(make(NODE01, 7))) for make in (_dhcp.firmware, _dhcp.ipxe)]
        assert told == [_dhcp.Boot("snponly.efi", SERVER), _dhcp.Boot(f"{BOOT}/boot.ipxe", SERVER)]


def test_each_subnet_is_told_its_own_web_server(other_cable: Cable, serving: Serving) -> None:
    with serving(other_cable, "two"):
        for who, relay, base in ((NODE01, _dhcp.NO_ADDRESS, BOOT), (NODE03, RELAY, OTHER_BOOT)):
            told = [
                _dhcp.boot(other_cable.lease(client, relay=relay))
                for client in (
                    _dhcp.ipxe(who, 0),
                    _dhcp.ipxe(who, 7),
                    _dhcp.firmware(who, 0),
                    _dhcp.firmware(who, 7),
                    _dhcp.firmware(who, 16),
                    _dhcp.firmware(who, 19),
                    _dhcp.system(who),
                )
            ]
            assert told == [
                _dhcp.Boot(f"{base}/boot.ipxe", SERVER),
                _dhcp.Boot(f"{base}/boot.ipxe", SERVER),
                _dhcp.Boot("undionly.kpxe", SERVER),
                _dhcp.Boot("snponly.efi", SERVER),
                _dhcp.Boot(f"{base}/snponly.efi", SERVER),
                _dhcp.Boot(f"{base}/arm64/snponly.efi", SERVER),
                None,
            ]


def test_a_server_with_networks_behind_relays_only(other_cable: Cable, serving: Serving) -> None:
    """Its own network is not described, and nobody in it is answered: not with an address, not with a refusal."""
    with serving(other_cable, "elsewhere"):
        assert other_cable.lease(_dhcp.firmware(NODE03, 0), relay=RELAY).yiaddr == "10.78.0.13"
        assert other_cable.offer(_dhcp.firmware(NODE01, 0), wait=2) is None
        assert other_cable.send(wants_back(other_cable, mac(98), "10.77.0.105"), wait=2) is None


def test_beside_another_server_it_refuses_nothing(other_cable: Cable, serving: Serving) -> None:
    with serving(other_cable, "modest"):
        assert other_cable.send(wants_back(other_cable, mac(97), ELSEWHERE), wait=2) is None
