# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real dnsmasq with the files as the role renders them, and clients of every kind that talk to it.

Server and client are network namespaces of their own, joined by one cable; nothing leaves them. As root dnsmasq runs as
the unit runs it, under its own account with three capabilities; else in a user namespace.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils import _dhcp

ROOT = os.geteuid() == 0
PROGRAMS = ("dnsmasq", "ip", "nsenter", "setpriv", "unshare")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
CONF = "/etc/netinstall-pxe/dnsmasq.conf"
HOSTS = "/etc/netinstall-pxe/dnsmasq-hosts"
SERVER = "10.77.0.1"
BOOT = f"http://{SERVER}/boot"
LOADER = bytes(range(256)) * 300
CAPABILITIES = "+net_admin,+net_bind_service,+net_raw"


def why_not() -> str:
    """Empty if this machine can do it."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (packages dnsmasq-base, iproute2, util-linux)"
    flags = "-n" if ROOT else "-rn"
    done = subprocess.run(["unshare", flags, "true"], capture_output=True, text=True, timeout=20, check=False)
    return f"no network namespaces here: {done.stderr.strip()}" if done.returncode else ""


REASON = why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


def subnet(number: int, **changes: object) -> dict[str, object]:
    """As the plan has it."""
    base: dict[str, object] = {
        "cidr": f"10.{number}.0.0/24",
        "network": f"10.{number}.0.0",
        "netmask": "255.255.255.0",
        "prefix": 24,
        "gateway": f"10.{number}.0.254",
        "dns": ["10.77.0.2", "10.77.0.3"],
        "domain": "lab.example",
        "ntp": ["10.77.0.4"],
        "range": [f"10.{number}.0.100", f"10.{number}.0.110"],
        "lease": "3h",
    }
    return {**base, **changes}


def machine(number: int, **changes: object) -> dict[str, object]:
    """As the plan has it, with keys that are not DHCP's business."""
    base: dict[str, object] = {
        "name": f"node{number:02}.lab.example",
        "hostname": f"node{number:02}",
        "mac": mac(number),
        "address": f"10.77.{number // 200}.{number % 200 + 10}",
        "profile": "debian13-minimal",
        "disk": "/dev/vda",
    }
    return {**base, **changes}


def mac(number: int) -> str:
    return f"52:54:00:aa:{number // 256:02x}:{number % 256:02x}"


PLAIN: dict[str, object] = {"dns": [], "ntp": [], "domain": "", "gateway": None, "range": None}
SITES: dict[str, dict[str, t.Any]] = {
    "full": {"dhcp_dnsmasq_subnets": [subnet(77)], "dhcp_dnsmasq_machines": [machine(1), machine(2)]},
    "static": {
        "dhcp_dnsmasq_subnets": [subnet(77, **PLAIN)],
        "dhcp_dnsmasq_machines": [machine(1), machine(2, address="10.78.0.12")],
        "dhcp_dnsmasq_tftp": False,
        "dhcp_dnsmasq_tftp_address": "10.77.0.9",
        "dhcp_dnsmasq_loaders": {"bios": "", "efi64": "ipxe.efi"},
        "dhcp_dnsmasq_loader_url": "http://10.77.0.8/loaders",
    },
    "plain": {
        "dhcp_dnsmasq_subnets": [subnet(77)],
        "dhcp_dnsmasq_machines": [machine(1)],
        "dhcp_dnsmasq_plain_bios_loader": "syslinux/pxelinux.0",
    },
    "elsewhere": {"dhcp_dnsmasq_subnets": [subnet(79)], "dhcp_dnsmasq_machines": [machine(1)]},
    "modest": {"dhcp_dnsmasq_subnets": [subnet(77)], "dhcp_dnsmasq_authoritative": False},
    "large": {
        "dhcp_dnsmasq_subnets": [
            subnet(77, cidr="10.77.0.0/16", netmask="255.255.0.0", prefix=16, range=None)
        ],
        "dhcp_dnsmasq_machines": [machine(number) for number in range(1, 10001)],
    },
}


@pytest.fixture(scope="module")
def place() -> t.Iterator[pathlib.Path]:
    """A folder that dnsmasq's own account can reach: pytest's are closed to all but their owner."""
    with tempfile.TemporaryDirectory(prefix="netinstall-dhcp-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def files(renderer: t.Callable[[str], t.Any], place: pathlib.Path) -> dict[str, dict[str, str]]:
    """dnsmasq.conf and dnsmasq-hosts of each site, with a TFTP folder that is there."""
    common = {
        "dhcp_dnsmasq_interface": "server",
        "dhcp_dnsmasq_address": SERVER,
        "dhcp_dnsmasq_boot_url": f"{BOOT}/boot.ipxe",
        "dhcp_dnsmasq_tftp_root": str(place / "boot"),
    }
    jobs = [(dest, {**common, **site}) for site in SITES.values() for dest in (CONF, HOSTS)]
    texts = renderer("dhcp_dnsmasq").render(jobs)
    (place / "boot").mkdir()
    (place / "boot" / "undionly.kpxe").write_bytes(LOADER)
    (place / "secret").write_text("not for TFTP", encoding="utf-8")
    return {
        name: {"conf": conf, "hosts": hosts}
        for name, conf, hosts in zip(SITES, texts[::2], texts[1::2], strict=True)
    }


class Space:
    """A network namespace that lasts as long as a `cat` in it."""

    def __init__(self, stack: contextlib.ExitStack, inside: Space | None = None) -> None:
        flags = "-n" if ROOT or inside else "-rn"
        before = os.readlink("/proc/self/ns/net")
        command = [*(inside.enter if inside else []), "unshare", flags, "cat"]
        self.holder = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        )
        stack.callback(self.holder.kill)
        others = {before, *([inside.name] if inside else [])}
        deadline = time.monotonic() + 20
        while self.name in others or not self.name:
            assert time.monotonic() < deadline, "no network namespace came up"
            time.sleep(0.02)

    @property
    def name(self) -> str:
        try:
            return os.readlink(f"/proc/{self.holder.pid}/ns/net")
        except PermissionError:  # while it changes over
            return ""

    @property
    def enter(self) -> list[str]:
        who = ["-n"] if ROOT else ["-U", "-n", "--preserve-credentials"]
        return ["nsenter", "-t", str(self.holder.pid), *who]

    def run(self, *command: str) -> None:
        done = subprocess.run(
            [*self.enter, *command], capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == 0, done.stderr


class Cable:
    """A server's and a client's end."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.server = Space(stack)
        self.client = Space(stack, self.server)
        pid = str(self.client.holder.pid)
        self.server.run("ip", "link", "add", "server", "type", "veth", "peer", "name", "client", "netns", pid)
        self.server.run("ip", "addr", "add", f"{SERVER}/16", "dev", "server")
        self.server.run("ip", "link", "set", "server", "up")
        self.server.run("ip", "link", "set", "lo", "up")
        self.client.run("ip", "addr", "add", "10.77.0.200/16", "dev", "client")
        self.client.run("ip", "link", "set", "client", "up")
        script = str(pathlib.Path(__file__).with_name("_client.py"))
        self.talker = stack.enter_context(
            subprocess.Popen(
                [*self.client.enter, sys.executable, script, "client"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(self.talker.kill)
        self.xids = itertools.count(0x4E455401)

    def ask(self, request: dict[str, t.Any]) -> t.Any:
        assert self.talker.stdin
        assert self.talker.stdout
        self.talker.stdin.write(json.dumps(request) + "\n")
        self.talker.stdin.flush()
        return json.loads(self.talker.stdout.readline())

    def send(self, message: _dhcp.Message, wait: float) -> _dhcp.Message | None:
        frame = _dhcp.frame(_dhcp.build(message), message.mac)
        replies = self.ask({"frame": frame.hex(), "xid": f"{message.xid:08x}", "wait": wait})
        payloads = [_dhcp.unframe(bytes.fromhex(reply)) for reply in replies]
        found = [_dhcp.parse(payload) for payload in payloads if payload is not None]
        assert len(found) <= 1, "answered twice"
        return found[0] if found else None

    def offer(self, client: _dhcp.Client, wait: float = 10) -> _dhcp.Message | None:
        return self.send(_dhcp.discover(client, next(self.xids)), wait)

    def lease(self, client: _dhcp.Client) -> _dhcp.Message:
        """The whole conversation; offer and acknowledgement must say the same."""
        offer = self.offer(client)
        assert offer is not None, "no offer"
        assert offer.kind == _dhcp.OFFER
        acknowledged = self.send(_dhcp.request(client, offer), 10)
        assert acknowledged is not None, "no acknowledgement"
        assert acknowledged.kind == _dhcp.ACK
        assert acknowledged.yiaddr == offer.yiaddr
        assert _dhcp.boot(acknowledged) == _dhcp.boot(offer)
        return acknowledged

    def tftp(self, path: str, opcode: int = 1) -> dict[str, str]:
        return t.cast("dict[str, str]", self.ask({"tftp": [SERVER, path], "opcode": opcode}))


@pytest.fixture(scope="module")
def cable() -> t.Iterator[Cable]:
    with contextlib.ExitStack() as stack:
        yield Cable(stack)


@pytest.fixture(scope="module")
def other_cable() -> t.Iterator[Cable]:
    """Where the usual server is not."""
    with contextlib.ExitStack() as stack:
        yield Cable(stack)


class Server:
    """A running dnsmasq."""

    def __init__(self, cable: Cable, folder: pathlib.Path, rendered: dict[str, str]) -> None:
        self.cable = cable
        self.hosts = folder / "hosts"
        self.log = folder / "log"
        self.hosts.write_text(rendered["hosts"], encoding="utf-8")
        conf = rendered["conf"].replace(HOSTS, str(self.hosts))
        conf = re.sub(r"(?m)^dhcp-leasefile=.*", f"dhcp-leasefile={folder}/leases", conf)
        (folder / "conf").write_text(conf, encoding="utf-8")
        self.command = [
            *(self.unprivileged(folder) if ROOT else []),
            "dnsmasq",
            # A user namespace of one user has no account to change to; this mode does without.
            "--keep-in-foreground" if ROOT else "--no-daemon",
            f"--conf-file={folder / 'conf'}",
            f"--pid-file={folder / 'pid'}",
            "--log-facility=-",
        ]

    def unprivileged(self, folder: pathlib.Path) -> list[str]:
        """As the unit does: dnsmasq's own account, three capabilities, and no way to more."""
        account = pwd.getpwnam("dnsmasq")
        os.chown(folder, account.pw_uid, account.pw_gid)
        return [
            "setpriv",
            f"--reuid={account.pw_uid}",
            f"--regid={account.pw_gid}",
            "--clear-groups",
            f"--inh-caps={CAPABILITIES}",
            f"--ambient-caps={CAPABILITIES}",
            f"--bounding-set=-all,{CAPABILITIES}",
            "--no-new-privs",
        ]

    def said(self, text: str, times: int = 1) -> bool:
        return self.log.read_text(encoding="utf-8").count(text) >= times

    def wait(self, text: str, times: int = 1, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not self.said(text, times):
            alive = self.process.poll() is None and time.monotonic() < deadline
            assert alive, self.log.read_text(encoding="utf-8")
            time.sleep(0.02)

    @contextlib.contextmanager
    def running(self) -> t.Iterator[Server]:
        with (
            self.log.open("w") as log,
            subprocess.Popen([*self.cable.server.enter, *self.command], stderr=log) as self.process,
        ):
            try:
                self.wait(f": read {self.hosts}")
                yield self
            finally:
                self.process.terminate()
                self.process.wait(timeout=20)

    def reload(self) -> None:
        times = self.log.read_text(encoding="utf-8").count(f": read {self.hosts}")
        self.process.send_signal(signal.SIGHUP)
        self.wait(f": read {self.hosts}", times + 1)


Serving = t.Callable[[Cable, str], contextlib.AbstractContextManager[Server]]


@pytest.fixture(scope="module")
def serving(files: dict[str, dict[str, str]], place: pathlib.Path) -> Serving:
    def start(cable: Cable, site: str) -> contextlib.AbstractContextManager[Server]:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{site}-", dir=place))
        return Server(cable, folder, files[site]).running()

    return start


@pytest.fixture(scope="module")
def full(cable: Cable, serving: Serving) -> t.Iterator[Server]:
    with serving(cable, "full") as server:
        yield server


NODE01 = mac(1)


@pytest.mark.parametrize(
    ("client", "boot", "vendor_class"),
    [
        # firmware that is not iPXE, by option 93
        (_dhcp.firmware(NODE01, 0), "undionly.kpxe", None),
        (_dhcp.firmware(NODE01, 7), "snponly.efi", None),
        (_dhcp.firmware(NODE01, 9), "snponly.efi", None),
        (_dhcp.firmware(NODE01, 11), "arm64/snponly.efi", None),
        (_dhcp.firmware(NODE01, 16), f"{BOOT}/snponly.efi", b"HTTPClient"),
        (_dhcp.firmware(NODE01, 19), f"{BOOT}/arm64/snponly.efi", b"HTTPClient"),
        # no loader for these
        (_dhcp.firmware(NODE01, 6), None, None),
        (_dhcp.firmware(NODE01, 15), None, b"HTTPClient"),
        # iPXE, by either of its marks, whatever it runs on
        (_dhcp.ipxe(NODE01, 0), f"{BOOT}/boot.ipxe", None),
        (_dhcp.ipxe(NODE01, 7), f"{BOOT}/boot.ipxe", None),
        (_dhcp.ipxe(NODE01, 11), f"{BOOT}/boot.ipxe", None),
        (_dhcp.ipxe(NODE01, 0, features=False), f"{BOOT}/boot.ipxe", None),
        (_dhcp.ipxe(NODE01, 7, user_class=False), f"{BOOT}/boot.ipxe", None),
        # an installer or a system
        (_dhcp.system(NODE01, "something"), None, None),
    ],
    ids=lambda value: str(value) if not isinstance(value, _dhcp.Client) else "client",
)
def test_each_client_is_told_its_own_loader(
    cable: Cable, full: Server, client: _dhcp.Client, boot: str | None, vendor_class: bytes | None
) -> None:
    reply = cable.lease(client)
    assert _dhcp.boot(reply) == (boot and _dhcp.Boot(boot, SERVER))
    assert reply.options.get(_dhcp.VENDOR_CLASS) == vendor_class
    # Whatever stage of its boot asks: the same address.
    assert reply.yiaddr == "10.77.0.11"


@pytest.mark.parametrize("marks", [{}, {"user_class": False}, {"features": False}])
def test_ipxe_does_not_wait_for_a_proxy(cable: Cable, full: Server, marks: dict[str, bool]) -> None:
    reply = cable.lease(_dhcp.ipxe(NODE01, 0, **marks))
    assert _dhcp.decode_options(reply.options[_dhcp.IPXE]) == {_dhcp.IPXE_NO_PROXY: b"\x01"}


@pytest.mark.parametrize("client", [_dhcp.firmware(NODE01, 0), _dhcp.ipxe(NODE01, 7), _dhcp.system(NODE01)])
def test_the_network_is_described(cable: Cable, full: Server, client: _dhcp.Client) -> None:
    options = cable.lease(client).options
    assert _dhcp.addresses(options[_dhcp.NETMASK]) == ["255.255.255.0"]
    assert _dhcp.addresses(options[_dhcp.ROUTER]) == ["10.77.0.254"]
    assert _dhcp.addresses(options[_dhcp.DNS]) == ["10.77.0.2", "10.77.0.3"]
    assert _dhcp.text(options[_dhcp.DOMAIN]) == "lab.example"
    assert _dhcp.text(options[_dhcp.HOSTNAME]) == "node01"
    assert _dhcp.number(options[_dhcp.LEASE_TIME]) == 3 * 3600
    assert _dhcp.addresses(options[_dhcp.SERVER_ID]) == [SERVER]
    if client.options[_dhcp.PARAMETERS].find(_dhcp.NTP) >= 0:
        assert _dhcp.addresses(options[_dhcp.NTP]) == ["10.77.0.4"]


def test_one_that_is_not_described_gets_an_address_of_the_range(cable: Cable, full: Server) -> None:
    """The same one from firmware to system: the pool is not used up by a machine that boots."""
    clients = [_dhcp.firmware(mac(99), 0), _dhcp.ipxe(mac(99), 0), _dhcp.system(mac(99))]
    leases = {cable.lease(client).yiaddr for client in clients}
    assert len(leases) == 1
    assert 100 <= int(leases.pop().rsplit(".", 1)[1]) <= 110


def test_an_address_from_elsewhere_is_refused_at_once(cable: Cable, full: Server) -> None:
    client = _dhcp.system(mac(98))
    options = {
        _dhcp.MESSAGE_TYPE: bytes((_dhcp.REQUEST,)),
        _dhcp.REQUESTED_ADDRESS: _dhcp.address_bytes("192.0.2.7"),
        **client.options,
    }
    reply = cable.send(_dhcp.Message(1, next(cable.xids), client.mac, options, _dhcp.BROADCAST), wait=10)
    assert reply is not None
    assert reply.kind == _dhcp.NAK


def test_tftp_serves_the_loader_and_nothing_else(cable: Cable, full: Server) -> None:
    assert bytes.fromhex(cable.tftp("undionly.kpxe")["data"]) == LOADER
    assert bytes.fromhex(cable.tftp("/undionly.kpxe")["data"]) == LOADER
    for path in ("missing", "../secret", "/../secret", "/etc/passwd"):
        assert "error" in cable.tftp(path), path
    assert "error" in cable.tftp("undionly.kpxe", opcode=2), "written"


def test_a_changed_machine_needs_a_reload_only(cable: Cable, full: Server) -> None:
    before = full.hosts.read_text(encoding="utf-8")
    pid = full.process.pid
    try:
        added = "52:54:00:aa:00:61,10.77.0.61,node61\n"
        full.hosts.write_text(before.replace(f"{mac(2)},10.77.0.12,node02\n", added), encoding="utf-8")
        assert cable.lease(_dhcp.system(mac(2))).yiaddr == "10.77.0.12"
        full.reload()
        reply = cable.lease(_dhcp.system(mac(0x61)))
        assert (reply.yiaddr, _dhcp.text(reply.options[_dhcp.HOSTNAME])) == ("10.77.0.61", "node61")
        # Its lease is its own until it ends; its name is gone at once.
        dropped = cable.lease(_dhcp.system(mac(2)))
        assert _dhcp.HOSTNAME not in dropped.options
        assert cable.lease(_dhcp.firmware(NODE01, 0)).yiaddr == "10.77.0.11"
        assert full.process.pid == pid
    finally:
        full.hosts.write_text(before, encoding="utf-8")
        full.reload()


def test_it_keeps_to_the_one_interface(cable: Cable, full: Server) -> None:
    """DHCP is bound to the interface, TFTP to its address; nothing of DNS."""
    done = subprocess.run(
        [*cable.server.enter, "ss", "-Hlnup4"] if shutil.which("ss") else ["true"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    ends = {line.split()[3] for line in done.stdout.splitlines()}
    assert ends in ({"0.0.0.0%server:67", f"{SERVER}:69"}, set())


def test_without_a_range_described_machines_only(other_cable: Cable, serving: Serving) -> None:
    with serving(other_cable, "static"):
        reply = other_cable.lease(_dhcp.system(NODE01))
        assert reply.yiaddr == "10.77.0.11"
        # nothing was described, and dnsmasq must not fill the gaps with itself
        for option in (_dhcp.ROUTER, _dhcp.DNS, _dhcp.NTP, _dhcp.DOMAIN):
            assert option not in reply.options
        assert other_cable.offer(_dhcp.firmware(mac(99), 0), wait=4) is None
        # its address is in a subnet that is not served here
        assert other_cable.offer(_dhcp.firmware(mac(2), 0), wait=4) is None


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
        assert other_cable.tftp("undionly.kpxe") == {"error": "no answer"}


def test_without_ipxe_each_bios_is_told_the_plain_loader_and_uefi_as_before(
    other_cable: Cable, serving: Serving
) -> None:
    plain = _dhcp.Boot("syslinux/pxelinux.0", SERVER)
    with serving(other_cable, "plain"):
        for client in (_dhcp.firmware(NODE01, 0), _dhcp.ipxe(NODE01, 0), _dhcp.ipxe(mac(98), 0)):
            assert _dhcp.boot(other_cable.lease(client)) == plain
        told = [_dhcp.boot(other_cable.lease(make(NODE01, 7))) for make in (_dhcp.firmware, _dhcp.ipxe)]
        assert told == [_dhcp.Boot("snponly.efi", SERVER), _dhcp.Boot(f"{BOOT}/boot.ipxe", SERVER)]


def test_a_subnet_that_is_not_described_is_not_answered(other_cable: Cable, serving: Serving) -> None:
    with serving(other_cable, "elsewhere"):
        assert other_cable.offer(_dhcp.firmware(NODE01, 0), wait=4) is None


def test_beside_another_server_it_is_silent_about_its_addresses(other_cable: Cable, serving: Serving) -> None:
    client = _dhcp.system(mac(97))
    options = {
        _dhcp.MESSAGE_TYPE: bytes((_dhcp.REQUEST,)),
        _dhcp.REQUESTED_ADDRESS: _dhcp.address_bytes("10.77.0.105"),
        **client.options,
    }
    with serving(other_cable, "modest"):
        message = _dhcp.Message(1, next(other_cable.xids), client.mac, options, _dhcp.BROADCAST)
        assert other_cable.send(message, wait=3) is None


def test_ten_thousand_machines(other_cable: Cable, serving: Serving) -> None:
    started = time.monotonic()
    with serving(other_cable, "large") as server:
        for number in (1, 5000, 10000):
            reply = other_cable.lease(_dhcp.firmware(mac(number), 7))
            assert reply.yiaddr == machine(number)["address"]
        server.reload()
        assert other_cable.lease(_dhcp.firmware(mac(9999), 7)).yiaddr == machine(9999)["address"]
    assert time.monotonic() - started < 60
