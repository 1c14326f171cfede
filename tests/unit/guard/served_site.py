# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site on the loopback: the modules' own code publishes and arms, a real nginx serves what they wrote.

Machines have addresses 127.0.0.N. nginx runs under libfaketime, so that its clock can be set; the modules get the same
time. The folder lies on a small file system of its own, which can be filled.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import types
import typing as t
from unittest import mock

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import site_of
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.publication import Publication
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.modules import arming
from ansible_collections.netinstall.pxe.plugins.modules.offers import Offers
from ansible_collections.netinstall.pxe.tests.unit.guard import ipxe_client

ADDRESS = "127.0.0.1"
LIFETIME = 3600
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
FAKETIME = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
ANSWER = "d-i debian-installer/locale string C\n"
GUARDED = f"{ANSWER}d-i preseed/early_command string sh /tmp/netinstall/check-disk\n"
#: What a site may offer to machines that are not described, where, and its answer file.
OFFERED = {"unattended-ks": "ks.cfg", "unattended-di": "preseed.cfg"}
OFFERED_SUBNET = "127.2.0.0/16"
MEDIA = {"debian-13": {"kernel": "linux", "initrd": ["initrd.gz"]}}
# As Debian's nginx.conf; what libfaketime reads must outlive nginx's clearing of its environment.
WRAPPER = """\
env FAKETIME_TIMESTAMP_FILE; env FAKETIME_NO_CACHE; env DONT_FAKE_MONOTONIC;
{user}
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/small/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/netinstall-pxe.conf;
}}
"""


class Machine(t.NamedTuple):
    """What the inventory says of one machine."""

    name: str
    mac: str
    address: str


class _Module:
    """As much of AnsibleModule as the module ``arming`` uses."""

    check_mode = False

    def __init__(self, **params: t.Any) -> None:
        self.params = params

    def get_bin_path(self, _name: str) -> None:
        return None

    def warn(self, _message: str) -> None:
        pass


class ServedSite:
    """The server. Times are the server's own, in Unix seconds."""

    def __init__(self, folder: pathlib.Path, port: int, conf: str) -> None:
        self.folder, self.port = folder, port
        # nginx's own folder for bodies is on the same file system as the site, as on a server.
        self.small = folder / "small"
        self.root = self.small / "pxe"
        self.socket = folder / "release.sock"
        self.offset = 0
        #: The profiles that the description offers now.
        self.offered: list[str] = []
        (folder / "netinstall-pxe.conf").write_text(conf, encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(WRAPPER.format(folder=folder, user=user), encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None
        self.set_clock(0)

    # The server itself

    def empty(self) -> None:
        """Begin anew, without starting nginx anew."""
        self.free_disk()
        shutil.rmtree(self.root, ignore_errors=True)
        for name in ("boot", "answers", "events", "trees/debian-13"):
            (self.root / name).mkdir(parents=True)
        for name in ("linux", "initrd.gz"):
            (self.root / "trees/debian-13" / name).write_bytes(b"stands in for it")
        self.set_clock(0)
        self.offered = []

    def start(self) -> None:
        # As the unit does: a crash leaves it behind.
        self.socket.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        command = [str(NGINX), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")]
        # A process group of its own, so that its workers can be killed with it.
        self.process = subprocess.Popen(command, env=environment, start_new_session=True)
        self.wait_until(self.listens)

    def listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((ADDRESS, self.port), timeout=1):
            return True
        return False

    def wait_until(self, condition: t.Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, (self.folder / "error.log").read_text(encoding="utf-8")
            time.sleep(0.01)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def lose_power(self) -> None:
        """All of nginx ends at once, and starts anew."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)
        # Its workers end a moment later, and hold the port until then.
        self.wait_until(lambda: not self.listens())
        self.start()

    def set_clock(self, offset: int) -> None:
        """Let the server's clock be wrong by so many seconds."""
        self.offset = offset
        # In place: libfaketime may read it at any moment.
        new = self.folder / "clock.new"
        new.write_text(f"{offset:+d}\n", encoding="utf-8")
        new.replace(self.folder / "clock")

    def now(self) -> float:
        return time.time() + self.offset

    def fill_disk(self) -> None:
        with contextlib.suppress(OSError), (self.small / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(65536))
        with contextlib.suppress(OSError), (self.small / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(b"0")

    def free_disk(self) -> None:
        (self.small / "filler").unlink(missing_ok=True)

    # The operator

    def plan(self, machines: t.Iterable[Machine]) -> dict[str, t.Any]:
        """The plan of the module. The loopback is no network for a site, so it is put in afterwards."""
        site = {
            "server": {"address": "10.77.0.1", "interface": "lo", "url": f"http://10.77.0.1:{self.port}"},
            "subnets": [{"cidr": "10.77.0.0/24", "gateway": "10.77.0.1", "dns": ["10.77.0.1"]}],
            "distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
            "profiles": {"p1": {"distribution": "debian-13", "label": "One"}},
            "menu": {"bios": "ipxe"},
        }
        described = [
            {
                **one._asdict(),
                "address": one.address.replace("127.0.0.", "10.77.0."),
                "profile": "p1",
                "disk": "/dev/vda",
            }
            for one in machines
        ]
        text = json.dumps(compile_plan(site, described)).replace("10.77.0.", "127.0.0.")
        plan: dict[str, t.Any] = json.loads(text)
        return plan

    def publish(self, machines: t.Sequence[Machine]) -> None:
        """As site.yml: first what was armed for others is taken back, then the offers, then the boot files."""
        self.module("only", machines)
        self.publish_offers(machines)
        self.publish_boot_files(machines)

    def publish_offers(self, machines: t.Sequence[Machine]) -> bool:
        offers = [
            {"profile": profile, "files": {OFFERED[profile]: GUARDED}, "disk": ""} for profile in self.offered
        ]
        described = [{"name": machine.name, "mac": machine.mac} for machine in machines]
        return self.offers("present", offers=offers, described=described)

    def forget(self, *macs: str, everything: bool = False) -> bool:
        return self.offers("forgotten", macs=list(macs), all=everything)

    def offers(self, state: str, **params: t.Any) -> bool:
        """Run the module ``offers``; whether it succeeded."""
        nothing: dict[str, t.Any] = {name: [] for name in ("offers", "described", "known", "macs")}
        nothing |= {"policy": "", "all": False}
        module = _Module(root=str(self.root), state=state, owner=None, group=None, **{**nothing, **params})
        return _has_room(Offers(t.cast("t.Any", module)).run)

    def publish_boot_files(self, machines: t.Sequence[Machine]) -> None:
        Publication(site_of(self.plan(machines), MEDIA), Folder(str(self.root / "boot"))).run()

    def arm(self, machine: Machine, token: str, files: dict[str, str] | None = None) -> bool:
        """Whether the module said that it is armed."""
        folder = f"{machine.address}/{token}"
        installation = {
            **_described(machine),
            "token": token,
            "profile": "p1",
            "family": "debian",
            "disk": "/dev/vda",
            "install_arguments": [f"url=http://{ADDRESS}:{self.port}/answers/{folder}/preseed.cfg"],
            "answer": ANSWER,
            "files": files or {},
        }
        return self.module("present", [installation])

    def disarm(self, machine: Machine) -> bool:
        return self.module("absent", [machine])

    def module(self, state: str, machines: t.Sequence[Machine | dict[str, t.Any]]) -> bool:
        """Run the module ``arming`` at the server's time; whether it succeeded."""
        url = f"http://{ADDRESS}:{self.port}"
        module = _Module(
            root=str(self.root),
            state=state,
            urls={name: f"{url}/{name}" for name in ("boot", "answers", "events")},
            lifetime=LIFETIME,
            by=None,
            owner=None,
            group=None,
            installations=[_described(one) if isinstance(one, Machine) else one for one in machines],
        )
        with mock.patch.object(arming, "time", types.SimpleNamespace(time=self.now)):
            return _has_room(arming.Arming(t.cast("t.Any", module)).run)

    # Machines

    def boot(self, mac: str, address: str, platform: str = "efi") -> Boot:
        """Switch a machine on that got this address by DHCP."""
        boot = Boot(self, address)
        settings = {"netX/mac": mac, "netX/ip": address, "platform": platform, "buildarch": "x86_64"}
        url = f"http://{ADDRESS}:{self.port}/boot/boot.ipxe"
        boot.ending = ipxe_client.boot(url, settings, boot.fetch)
        return boot

    def request(
        self,
        path: str,
        source: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=20, source_address=(source, 0))
        with contextlib.closing(connection):
            try:
                connection.request(method, path, body=body, headers=headers or {})
                response = connection.getresponse()
            except (BrokenPipeError, ConnectionResetError):
                # nginx refuses a report without reading it to its end.
                assert body
                return 400, ""
            return response.status, response.read().decode()


class Boot:
    """One boot of one machine: how it ended, and which releases it was given."""

    def __init__(self, site: ServedSite, address: str) -> None:
        self.site, self.address = site, address
        self.ending = ipxe_client.Ending("disk")
        #: Tokens whose release was answered with 200.
        self.released: list[str] = []
        self.asked: list[tuple[str, int]] = []

    def fetch(self, url: str) -> str | None:
        path = "/" + url.split("/", 3)[3]
        status, text = self.site.request(path, self.address)
        self.asked.append((path, status))
        if status == 200 and path.endswith("/release"):
            self.released.append(path.split("/")[3])
        return text if status == 200 else None

    @property
    def answer_path(self) -> str:
        """The path of the answer file that the kernel was told."""
        url = next(word for word in self.ending.arguments if word.startswith("url="))
        return "/" + url.split("/", 3)[3]

    def fetch_answer(self) -> int:
        return self.site.request(self.answer_path, self.address)[0]

    def report(self, event: str, body: bytes = b"x\n") -> int:
        path = self.answer_path.replace("/answers/", "/events/").rsplit("/", 1)[0]
        return self.site.request(f"{path}/{event}", self.address, "PUT", body)[0]


def _has_room(work: t.Callable[[], t.Any]) -> bool:
    """Whether a module's work was done; if not, the disk is full."""
    try:
        work()
    except (PxeError, OSError) as exc:
        if os.strerror(errno.ENOSPC) not in str(exc):
            raise
        return False
    return True


def _described(machine: Machine) -> dict[str, t.Any]:
    return {"machine": machine.name, "mac": machine.mac, "address": machine.address}
