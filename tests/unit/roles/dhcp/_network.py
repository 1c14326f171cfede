# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real DHCP servers with the files as the roles render them, and a cable to ask them over.

Server and client are network namespaces of their own, joined by one cable; nothing leaves them. As root the servers run
with the accounts and capabilities of their units; else in a user namespace.
"""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import itertools
import json
import os
import pathlib
import pwd
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_options import read_options
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Mistakes, Section

ROOT = os.geteuid() == 0
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
SERVER = "10.77.0.1"
BOOT = f"http://{SERVER}/boot"
SCRIPT = f"{BOOT}/boot.ipxe"
#: The client's end is a relay too, with this address in the network behind it.
CLIENT, RELAY = "10.77.0.200", "10.78.0.254"

Record = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Backend:
    """A DHCP server and its role. ``files`` are what the role writes, the configuration first."""

    name: str
    program: str
    package: str
    files: tuple[str, ...]
    leases: str
    #: arguments behind the program: configuration, records of leases, folder
    arguments: t.Callable[[pathlib.Path, pathlib.Path, pathlib.Path], list[str]]
    #: said when it answers
    ready: str
    account: str = ""
    capabilities: str = "+net_bind_service,+net_raw"
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def role(self) -> str:
        return f"dhcp_{self.name}"

    def variables(self, **slice_of_the_plan: t.Any) -> Record:
        """The role's variables, as site.yml names them."""
        common = {
            "interfaces": ["server"],
            "address": SERVER,
            "boot_url": f"{BOOT}/boot.ipxe",
        }
        told = {f"{self.role}_{key}": value for key, value in {**common, **slice_of_the_plan}.items()}
        # The role looks for it on the server.
        library = next(
            iter(
                glob.glob("/usr/lib*/*/kea/hooks/libdhcp_bootp.so")
                + glob.glob("/usr/lib64/kea/hooks/libdhcp_bootp.so")
            ),
            "",
        )
        return {**told, "__dhcp_kea_bootp_library": library} if self.name == "kea" else told


def _dnsmasq(conf: pathlib.Path, leases: pathlib.Path, folder: pathlib.Path) -> list[str]:
    return [
        # A user namespace of one user has no account to change to; this mode does without.
        "--keep-in-foreground" if ROOT else "--no-daemon",
        f"--conf-file={conf}",
        f"--dhcp-leasefile={leases}",
        f"--pid-file={folder / 'pid'}",
        "--log-facility=-",
    ]


def _dhcpd(conf: pathlib.Path, leases: pathlib.Path, folder: pathlib.Path) -> list[str]:
    leases.touch()
    return ["-4", "-d", "-cf", str(conf), "-lf", str(leases), "--no-pid", "server"]


def _kea(conf: pathlib.Path, leases: pathlib.Path, folder: pathlib.Path) -> list[str]:
    return ["-c", str(conf)]


BACKENDS = (
    Backend(
        "dnsmasq",
        "dnsmasq",
        "dnsmasq-base",
        ("/etc/netinstall-pxe/dnsmasq.conf", "/etc/netinstall-pxe/dnsmasq-hosts"),
        "/var/lib/netinstall-pxe/dnsmasq/leases",
        _dnsmasq,
        ": read {folder}/dnsmasq-hosts",
        account="dnsmasq",
        capabilities="+net_admin,+net_bind_service,+net_raw",
    ),
    Backend(
        "isc",
        "dhcpd",
        "isc-dhcp-server",
        ("/etc/dhcp/netinstall-pxe.conf",),
        "/var/lib/dhcp/dhcpd.leases.netinstall-pxe",
        _dhcpd,
        "Server starting service.",
    ),
    Backend(
        "kea",
        "kea-dhcp4",
        "kea-dhcp4-server",
        ("/etc/kea/netinstall-pxe/kea-dhcp4.conf",),
        "/var/lib/kea/kea-leases4.csv.netinstall-pxe",
        _kea,
        "DHCP4_STARTED",
        account="_kea",
        environment={"KEA_LOCKFILE_DIR": "{folder}", "KEA_PIDFILE_DIR": "{folder}"},
    ),
)
BY_NAME = {backend.name: backend for backend in BACKENDS}


def why_not(backend: Backend) -> str:
    """Empty if this machine can do it."""
    needed = (backend.program, "ip", "nsenter", "setpriv", "unshare")
    missing = [name for name in needed if shutil.which(name, path=PATH) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (packages {backend.package}, iproute2, util-linux)"
    flags = "-n" if ROOT else "-rn"
    done = subprocess.run(["unshare", flags, "true"], capture_output=True, text=True, timeout=20, check=False)
    return f"no network namespaces here: {done.stderr.strip()}" if done.returncode else ""


# As the plan has it


def subnet(number: int, **changes: object) -> Record:
    base: Record = {
        "cidr": f"10.{number}.0.0/24",
        "network": f"10.{number}.0.0",
        "netmask": "255.255.255.0",
        "prefix": 24,
        "gateway": f"10.{number}.0.254",
        "dns": ["10.77.0.2", "10.77.0.3"],
        "domain": "lab.example",
        "ntp": ["10.77.0.4"],
        "ranges": [[f"10.{number}.0.100", f"10.{number}.0.110"]],
        "lease": "3h",
    }
    return {**base, **changes}


def machine(number: int, **changes: object) -> Record:
    """With keys that are not DHCP's business."""
    base: Record = {
        "name": f"node{number:02}.lab.example",
        "hostname": f"node{number:02}",
        "mac": mac(number),
        "address": f"10.77.{number // 200}.{number % 200 + 10}",
        "profile": "debian13-minimal",
        "disk": "/dev/vda",
    }
    return {**base, **changes}


def options_of(described: t.Mapping[t.Any, t.Any]) -> list[Record]:
    """As the plan has them."""
    return read_options(Section(Mistakes(), "", {"options": dict(described)}, ("options",)), "options")


def mac(number: int) -> str:
    return f"52:54:00:aa:{number // 256:02x}:{number % 256:02x}"


def listing(who: str, *architectures: int, vendor: str = "PXEClient") -> dhcp.Client:
    """Firmware with a list of architectures (RFC 4578, 2.1), or without one; its vendor class does not say any."""
    options = dict(dhcp.firmware(who, 0).options)
    del options[dhcp.ARCHITECTURE]
    if architectures:
        options[dhcp.ARCHITECTURE] = struct.pack(f"!{len(architectures)}H", *architectures)
    return dhcp.Client(who, {**options, dhcp.VENDOR_CLASS: vendor.encode()})


def clients_of(who: str) -> dict[str, tuple[dhcp.Client, str | None]]:
    """Each kind of client, and what each DHCP server tells it to load: ours, and those of others with our lines."""
    firmware, ipxe = dhcp.firmware, dhcp.ipxe
    arm64, by_http = "arm64/snponly.efi", f"{BOOT}/snponly.efi"
    return {
        "BIOS": (firmware(who, 0), "undionly.kpxe"),
        "UEFI ia32 without a loader": (firmware(who, 6), None),
        "UEFI x64": (firmware(who, 7), "snponly.efi"),
        "UEFI x64 as RFC 4578 had it": (firmware(who, 9), "snponly.efi"),
        "UEFI arm64": (firmware(who, 11), arm64),
        "HTTP ia32 without a loader": (firmware(who, 15), None),
        "HTTP x64": (firmware(who, 16), by_http),
        "HTTP arm64": (firmware(who, 19), f"{BOOT}/{arm64}"),
        "nothing but PXEClient": (listing(who), "undionly.kpxe"),
        "no option 93 and a word of its own": (listing(who, vendor="PXEClient/2"), "undionly.kpxe"),
        "no option 93, BIOS by its vendor class": (
            listing(who, vendor="PXEClient:Arch:00000"),
            "undionly.kpxe",
        ),
        "no option 93, UEFI by its vendor class": (
            listing(who, vendor="PXEClient:Arch:00007:UNDI:003016"),
            "snponly.efi",
        ),
        "no option 93, HTTP by its vendor class": (listing(who, vendor="HTTPClient:Arch:00016"), by_http),
        "no option 93, ia32 by its vendor class": (listing(who, vendor="PXEClient:Arch:00006"), None),
        "x64 by TFTP or HTTP, starts by TFTP": (listing(who, 7, 16), "snponly.efi"),
        "x64 by HTTP or TFTP, starts by TFTP": (listing(who, 16, 7), "snponly.efi"),
        "x64 by TFTP or HTTP, starts by HTTP": (listing(who, 7, 16, vendor="HTTPClient"), by_http),
        "ia32 without a loader, or x64": (listing(who, 6, 7), "snponly.efi"),
        "two without a loader, or arm64": (listing(who, 6, 27, 11), arm64),
        "BIOS before UEFI": (listing(who, 0, 7), "undionly.kpxe"),
        "UEFI before BIOS": (listing(who, 7, 0), "snponly.efi"),
        "none with a loader": (listing(who, 6, 15), None),
        "an architecture whose code ends with another's": (listing(who, 0x0700, 0x0900), None),
        "iPXE on BIOS": (ipxe(who, 0), SCRIPT),
        "iPXE on UEFI x64": (ipxe(who, 7), SCRIPT),
        "iPXE on UEFI arm64": (ipxe(who, 11), SCRIPT),
        "iPXE by its user class": (ipxe(who, 0, features=False), SCRIPT),
        "iPXE by option 175": (ipxe(who, 7, user_class=False), SCRIPT),
        "installer or system": (dhcp.system(who, "something"), None),
    }


@contextlib.contextmanager
def open_folder() -> t.Iterator[pathlib.Path]:
    """A folder that a server's own account can reach: pytest's are closed to all but their owner."""
    with tempfile.TemporaryDirectory(prefix="netinstall-dhcp-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        yield folder


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
    """A server's and a client's end. Behind the client's is a further network, whose relay it is."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.server = Space(stack)
        self.client = Space(stack, self.server)
        pid = str(self.client.holder.pid)
        self.server.run("ip", "link", "add", "server", "type", "veth", "peer", "name", "client", "netns", pid)
        self.server.run("ip", "addr", "add", f"{SERVER}/16", "dev", "server")
        self.server.run("ip", "link", "set", "server", "up")
        self.server.run("ip", "link", "set", "lo", "up")
        self.client.run("ip", "addr", "add", f"{CLIENT}/16", "dev", "client")
        self.client.run("ip", "link", "set", "client", "up")
        self.client.run("ip", "addr", "add", f"{RELAY}/24", "dev", "client")
        self.server.run("ip", "route", "add", "10.78.0.0/24", "via", CLIENT)
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

    def ask(self, request: Record) -> t.Any:
        assert self.talker.stdin
        assert self.talker.stdout
        self.talker.stdin.write(json.dumps(request) + "\n")
        self.talker.stdin.flush()
        return json.loads(self.talker.stdout.readline())

    def send(self, message: dhcp.Message, wait: float) -> dhcp.Message | None:
        relayed = message.giaddr != dhcp.NO_ADDRESS
        frame = dhcp.frame(dhcp.build(message), message.mac, message.giaddr)
        replies = self.ask({"frame": frame.hex(), "xid": f"{message.xid:08x}", "wait": wait})
        frames = [bytes.fromhex(reply) for reply in replies]
        # A relay gets its answers at the servers' port, and as IPv4 without options; see _client.py.
        payloads = [frame[42:] if relayed else dhcp.unframe(frame) for frame in frames]
        found = [dhcp.parse(payload) for payload in payloads if payload is not None]
        assert len(found) <= 1, "answered twice"
        return found[0] if found else None

    def offer(
        self, client: dhcp.Client, wait: float = 10, relay: str = dhcp.NO_ADDRESS
    ) -> dhcp.Message | None:
        message = dhcp.discover(client, next(self.xids))
        return self.send(_through(message, relay), wait)

    def offers_at_once(self, clients: t.Iterable[dhcp.Client], wait: float) -> list[float | None]:
        """Seconds until each of them has its offer, if all ask at the same moment; None without one."""
        messages = [dhcp.discover(client, next(self.xids)) for client in clients]
        frames = [dhcp.frame(dhcp.build(message), message.mac).hex() for message in messages]
        return t.cast("list[float | None]", self.ask({"burst": frames, "wait": wait}))

    def lease(self, client: dhcp.Client, relay: str = dhcp.NO_ADDRESS) -> dhcp.Message:
        """The whole conversation; offer and acknowledgement must say the same."""
        offer = self.offer(client, relay=relay)
        assert offer is not None, "no offer"
        assert offer.kind == dhcp.OFFER
        acknowledged = self.send(_through(dhcp.request(client, offer), relay), 10)
        assert acknowledged is not None, "no acknowledgement"
        assert acknowledged.kind == dhcp.ACK
        assert acknowledged.yiaddr == offer.yiaddr
        assert dhcp.boot(acknowledged) == dhcp.boot(offer)
        return acknowledged

    def tftp(self, path: str, opcode: int = 1) -> dict[str, str]:
        return t.cast("dict[str, str]", self.ask({"tftp": [SERVER, path], "opcode": opcode}))


def _through(message: dhcp.Message, relay: str) -> dhcp.Message:
    """The message as a relay passes it on (RFC 1542, 4.1.1)."""
    return dataclasses.replace(message, giaddr=relay, hops=0 if relay == dhcp.NO_ADDRESS else 1)


@contextlib.contextmanager
def new_cable() -> t.Iterator[Cable]:
    with contextlib.ExitStack() as stack:
        yield Cable(stack)


class Server:
    """A DHCP server that runs."""

    process: subprocess.Popen[bytes]

    def __init__(self, backend: Backend, cable: Cable, folder: pathlib.Path, texts: t.Sequence[str]) -> None:
        """:arg texts: what the role wrote to each of ``backend.files``"""
        self.backend = backend
        self.cable = cable
        self.log = folder / "log"
        self.folder = folder
        self.paths = [folder / pathlib.Path(name).name for name in backend.files]
        for path, text in zip(self.paths, texts, strict=True):
            path.write_text(self._here(text), encoding="utf-8")
        leases = folder / pathlib.Path(backend.leases).name
        arguments = backend.arguments(self.paths[0], leases, folder)
        self.command = [*self._confined(), backend.program, *arguments]
        self.ready = backend.ready.format(folder=folder)

    def _here(self, text: str) -> str:
        """The same, with what the server writes and reads in its folder."""
        for name in (*self.backend.files, self.backend.leases):
            text = text.replace(name, str(self.folder / pathlib.Path(name).name))
        return text

    def _confined(self) -> list[str]:
        """As the unit does: few capabilities, no way to more, and its own account if it has one."""
        if not ROOT:
            return []
        backend = self.backend
        command = ["setpriv", f"--bounding-set=-all,{backend.capabilities}", "--no-new-privs"]
        if not backend.account:
            return command
        account = pwd.getpwnam(backend.account)
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        return [
            *command,
            f"--reuid={account.pw_uid}",
            f"--regid={account.pw_gid}",
            "--clear-groups",
            f"--inh-caps={backend.capabilities}",
            f"--ambient-caps={backend.capabilities}",
        ]

    def said(self, text: str, times: int = 1) -> bool:
        return self.log.read_text(encoding="utf-8", errors="replace").count(text) >= times

    def wait(self, text: str, times: int = 1, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.said(text, times):
            alive = self.process.poll() is None and time.monotonic() < deadline
            assert alive, self.log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.02)

    @contextlib.contextmanager
    def running(self) -> t.Iterator[Server]:
        with (
            self.log.open("w") as log,
            subprocess.Popen(
                [*self.cable.server.enter, *self.command],
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": PATH, **self._environment()},
            ) as self.process,
        ):
            try:
                self.wait(self.ready)
                yield self
            finally:
                self.process.terminate()
                self.process.wait(timeout=20)

    def _environment(self) -> dict[str, str]:
        return {name: value.format(folder=self.folder) for name, value in self.backend.environment.items()}


def answer(message: dhcp.Message) -> Record:
    """What of an acknowledgement a client acts on, however the server packed it."""
    told = dhcp.boot(message)
    options = {code: value for code, value in message.options.items() if code in READERS}
    return {
        "address": message.yiaddr,
        "next server": message.siaddr,
        "file": told.file if told else None,
        **{READERS[code][0]: READERS[code][1](value) for code, value in options.items()},
    }


#: Options that clients act on: their names and how they are read
READERS: dict[int, tuple[str, t.Callable[[bytes], t.Any]]] = {
    dhcp.NETMASK: ("netmask", dhcp.addresses),
    dhcp.ROUTER: ("router", dhcp.addresses),
    dhcp.DNS: ("dns", dhcp.addresses),
    dhcp.HOSTNAME: ("host name", dhcp.text),
    dhcp.DOMAIN: ("domain", dhcp.text),
    dhcp.NTP: ("ntp", dhcp.addresses),
    dhcp.LEASE_TIME: ("lease", dhcp.number),
    dhcp.SERVER_ID: ("server", dhcp.addresses),
    58: ("renewal", dhcp.number),
    59: ("rebinding", dhcp.number),
    dhcp.VENDOR_CLASS: ("vendor class", dhcp.text),
    dhcp.IPXE: ("iPXE", dhcp.decode_options),
}
