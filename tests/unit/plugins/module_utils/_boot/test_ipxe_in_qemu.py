# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our scripts on a real iPXE: QEMU's own network card ROM, or a loader that was built.

One virtual machine without a disk boots once and runs one script after the other against a web server whose answers
each scenario sets. Local boot ends a scenario with a failure status there, which is what the firmware would get.

``NETINSTALL_PXE_LOADER=/path/undionly.kpxe`` takes that loader instead, whose embedded script must ask for
http://10.0.2.2:8000/boot/boot.ipxe.
"""

from __future__ import annotations

import dataclasses
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import threading
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import armed_script
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot import rendered
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.booted import failures

QEMU = shutil.which("qemu-system-x86_64")
LOADER = os.environ.get("NETINSTALL_PXE_LOADER")
SECONDS = 300
# What QEMU gives to its only client.
ADDRESS = "10.0.2.15"
MAC = "52:54:00:aa:00:01"
TOKEN = "0123456789abcdef0123456789abcdef"
WINDOW = "1795186800-1795208400"
# Stands in for a kernel: iPXE starts it like one, and it fails.
KERNEL = "#!ipxe\nexit 1\n"
KERNEL_FILES: dict[str, t.Any] = {"trees/d/linux": KERNEL, "trees/d/initrd.gz": "initrd"}

Answer = t.Union[str, int, None]
Answers = dict[str, t.Union[Answer, list[Answer]]]

pytestmark = pytest.mark.skipif(QEMU is None, reason="qemu-system-x86_64 is not there")


@dataclasses.dataclass
class Scenario:
    """``answers``: by path below the scenario's own URL, a text, a status (0: hang up), or one after the other."""

    name: str
    start: str
    answers: Answers
    #: Sent once its pattern is on the screen.
    keys: tuple[str, str] | None = None
    requests: list[str] = dataclasses.field(default_factory=list)
    screen: str = ""
    status: str = ""

    def count(self, path: str) -> int:
        return self.requests.count(path)


def scripts(url: str, **menu: t.Any) -> dict[str, str]:
    """All scripts of a site of one machine and one profile, quickened."""
    urls = {name: f"{url}/{name}" for name in ("boot", "answers", "events")}
    profile = {
        "name": "p1",
        "label": "Install # Debian || 13",
        "distribution": "d",
        "kernel_arguments": ["quiet"],
    }
    machine = {"name": "node01", "mac": MAC, "address": ADDRESS, "profile": "p1", "firmware": "bios"}
    installation = {
        "machine": "node01",
        "mac": MAC,
        "address": ADDRESS,
        "token": TOKEN,
        "window": WINDOW,
        "profile": "p1",
        "disk": "/dev/vda",
        "install_arguments": ["auto=true", f"url={url}/preseed.cfg", "a#b", "c;d", "---", "console=ttyS0"],
    }
    plan = {
        "urls": urls,
        "menu": {"title": "Title", "timeout": 1, "default": "local", **menu},
        "profiles": {"p1": profile},
        "distributions": {"d": {"name": "d", "tree_url": f"{url}/trees/d"}},
        "machines": [machine],
    }
    media = {"d": {"kernel": "linux", "initrd": ["initrd.gz"]}}
    files = {f"boot/{path}": text for path, text in rendered.scripts(plan, media).items()}
    files[ARMED] = armed_script(installation, urls)
    scripts = {path: quick(text) for path, text in files.items()}
    return {**scripts, READY: "ready", RELEASE: "released"}


def quick(script: str) -> str:
    """Wait less, and show what is about to be booted."""
    script = script.replace("\nboot ||", "\nimgstat ||\nboot ||")
    return script.replace("sleep 3 ", "sleep 0 ").replace("--timeout 30000", "--timeout 200")


MACHINE_PATH = f"boot/{paths.machine_script(MAC)}"
ARMED = f"answers/{ADDRESS}/node01_52-54-00-aa-00-01.ipxe"
READY = f"answers/{ADDRESS}/{TOKEN}/{WINDOW}/ready"
RELEASE = f"answers/{ADDRESS}/{TOKEN}/{WINDOW}/release"
INSTALLED = f"events/{ADDRESS}/{TOKEN}/installed"
EXPIRED = f"answers/{ADDRESS}/{TOKEN}/{WINDOW}/expired"
PROFILE = "boot/profiles/p1.ipxe"
LOCAL = "boot/local.ipxe"


def scenarios(url: str) -> list[Scenario]:
    def make(name: str, changes: Answers, **more: t.Any) -> Scenario:
        menu = more.pop("menu", {})
        answers: Answers = {**scripts(f"{url}/{name}", **menu), **changes}
        return Scenario(name, "boot/boot.ipxe", answers, **more)

    entry = scripts(f"{url}/no-server")["boot/boot.ipxe"]
    names = (
        "disarmed",
        "key",
        "dead-while-held",
        "refused-and-disarmed",
        "refused-and-dead",
        "another-machine",
    )
    armed = {name: scripts(f"{url}/{name}")[ARMED] for name in (*names, "another-address")}
    return [
        make("unarmed", {ARMED: 404}),
        make("unarmed-and-local-gone", {ARMED: 404, LOCAL: 404}),
        make("wrong-address", {ARMED: 403}),
        make("unknown", {MACHINE_PATH: 404}),
        make("unknown-picks", {MACHINE_PATH: 404, "trees/d/linux": 404}, menu={"default": "p1"}),
        make("no-server", {**dict.fromkeys(scripts(url), 0), "boot/boot.ipxe": entry}),
        make("armed", KERNEL_FILES),
        make("no-initrd", {"trees/d/linux": KERNEL, "trees/d/initrd.gz": 404}),
        make("no-profile", {PROFILE: 404}),
        make("another-machine", {ARMED: armed["another-machine"].replace(MAC, "52:54:00:aa:00:99")}),
        make("another-address", {ARMED: armed["another-address"].replace(ADDRESS, "10.0.2.99")}),
        make("refused", {READY: ["ready", 409], RELEASE: 409, INSTALLED: [404, ""], **KERNEL_FILES}),
        make(
            "refused-and-disarmed",
            {RELEASE: 500, ARMED: [armed["refused-and-disarmed"], 404], **KERNEL_FILES},
        ),
        make(
            "refused-and-dead",
            {
                RELEASE: 0,
                ARMED: [armed["refused-and-dead"], 503, 503, armed["refused-and-dead"]],
                LOCAL: [503, 503, ""],
                READY: ["ready", 503],
                INSTALLED: "",
                **KERNEL_FILES,
            },
        ),
        make("installed", {READY: 410, INSTALLED: ""}),
        make("expired", {READY: 410, INSTALLED: 404, EXPIRED: "expired"}),
        make("held", {READY: [409, 409, 409, "ready"], INSTALLED: 404, "trees/d/linux": 404}),
        make("disarmed", {READY: 409, INSTALLED: 404, ARMED: [armed["disarmed"], 404]}),
        make(
            "key",
            {READY: 409, INSTALLED: 404, ARMED: armed["key"].replace("--timeout 200", "--timeout 20000")},
            keys=("Press l to boot", "l"),
        ),
        make(
            "dead-while-held",
            {
                READY: [409, 404],
                INSTALLED: [503, ""],
                ARMED: [armed["dead-while-held"], 503, 503, armed["dead-while-held"]],
                LOCAL: 503,
            },
        ),
        make("held-for-long", {READY: 409, INSTALLED: [404] * 60 + [""]}),
    ]


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scenarios: dict[str, Scenario] = {}
        self.master = ""

    def answer(self, path: str) -> Answer:
        name, _slash, rest = path.lstrip("/").partition("/")
        if name not in self.scenarios:
            return self.master if rest == "boot.ipxe" else 404
        scenario = self.scenarios[name]
        scenario.requests.append(rest)
        answer = scenario.answers.get(rest, 404)
        if isinstance(answer, list):
            return answer[min(scenario.count(rest), len(answer)) - 1]
        return answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = t.cast("Server", self.server).answer(self.path)
        if answer == 0:
            self.close_connection = True
            return
        body = answer.encode() if isinstance(answer, str) else b"no"
        self.send_response(200 if isinstance(answer, str) else t.cast("int", answer))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: t.Any) -> None:
        pass


def master_script(url: str, names: t.Iterable[str]) -> str:
    lines = ["#!ipxe"]
    for name in names:
        lines += [
            f"echo BEGIN {name}",
            f"chain --autofree {url}/{name}/boot/boot.ipxe && echo STATUS {name} success || echo STATUS {name} failure",
            "imgfree ||",
        ]
    return "\n".join([*lines, "echo ALL DONE", ":end", "sleep 5 ||", "goto end", ""])


def watch(machine: subprocess.Popen[bytes], keys: list[tuple[str, str]]) -> str:
    """Read the console until all is done, and press keys."""
    assert machine.stdout is not None
    assert machine.stdin is not None
    os.set_blocking(machine.stdout.fileno(), False)
    screen, until = "", time.monotonic() + SECONDS
    while "ALL DONE\r" not in screen and time.monotonic() < until and machine.poll() is None:
        screen += re.sub(
            r"\x1b\[[0-9;?=]*[A-Za-z]", "", (machine.stdout.read() or b"").decode(errors="replace")
        )
        for pattern, key in list(keys):
            if pattern in screen.rpartition("BEGIN key")[2] and "BEGIN key" in screen:
                machine.stdin.write(key.encode())
                machine.stdin.flush()
                keys.remove((pattern, key))
        time.sleep(0.05)
    return screen


def start(url: str) -> list[str]:
    network = f"user,id=net,bootfile={url}/boot/boot.ipxe"
    if LOADER:
        path = pathlib.Path(LOADER)
        network = f"user,id=net,tftp={path.parent},bootfile={path.name}"
    return [
        *(
            str(QEMU),
            "-accel",
            "tcg",
            "-m",
            "96",
            "-nographic",
            "-no-reboot",
            "-monitor",
            "none",
            "-serial",
            "stdio",
        ),
        *("-netdev", network, "-device", f"virtio-net-pci,netdev=net,mac={MAC},bootindex=0"),
    ]


def boot() -> dict[str, Scenario]:
    server = Server(8000 if LOADER else 0)
    url = f"http://10.0.2.2:{server.server_address[1]}"
    found = {scenario.name: scenario for scenario in scenarios(url)}
    server.scenarios, server.master = found, master_script(url, found)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe = subprocess.PIPE
    with subprocess.Popen(start(url), stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as machine:
        try:
            screen = watch(machine, [scenario.keys for scenario in found.values() if scenario.keys])
        finally:
            machine.kill()
            server.shutdown()
            server.server_close()
    if "iPXE" not in screen:
        pytest.skip(f"QEMU has no network card with iPXE here: {screen[-300:]!r}")
    for name, scenario in found.items():
        lines = screen.partition(f"BEGIN {name}\r")[2].partition(f"STATUS {name} ")[0]
        # The console breaks lines at 80 characters, in the middle of words.
        scenario.screen = lines.replace("\r\n", "")
        status = re.search(rf"^STATUS {name} (\w+)", screen, re.M)
        scenario.status = status[1] if status else "never ended"
    return found


def check_local_boot_reaches_the_firmware_as_a_failure(done: dict[str, Scenario]) -> None:
    """Through three scripts that replaced one another; UEFI then tries its next boot entry."""
    for name, scenario in done.items():
        assert scenario.status == "failure", name
        assert "Booting the local disk" in scenario.screen or name == "unarmed-and-local-gone", name


def check_an_unarmed_machine_boots_its_disk(done: dict[str, Scenario]) -> None:
    for name in ("unarmed", "unarmed-and-local-gone", "wrong-address"):
        assert done[name].requests == ["boot/boot.ipxe", MACHINE_PATH, ARMED, LOCAL], name
        assert "This is node01" in done[name].screen
        assert "node01 is not armed" in done[name].screen


def check_the_script_is_asked_for_by_the_mac_with_dashes(done: dict[str, Scenario]) -> None:
    assert done["unarmed"].requests[1] == "boot/machines/52-54-00-aa-00-01.ipxe"


def check_an_unknown_machine_gets_the_menu_and_then_its_disk(done: dict[str, Scenario]) -> None:
    assert done["unknown"].requests == ["boot/boot.ipxe", MACHINE_PATH, "boot/menu.ipxe", LOCAL]
    assert "Install # Debian || 13" in done["unknown"].screen


def check_a_profile_from_the_menu_has_no_arguments_of_an_installation(done: dict[str, Scenario]) -> None:
    assert done["unknown-picks"].count(PROFILE) == 1
    assert done["unknown-picks"].count("trees/d/linux") == 5


def check_a_dead_server_means_a_few_tries_and_the_disk(done: dict[str, Scenario]) -> None:
    # iPXE itself asks once more when a connection that it had kept is closed.
    assert 5 <= done["no-server"].count(MACHINE_PATH) <= 10
    assert 5 <= done["no-server"].count("boot/menu.ipxe") <= 10
    assert "(try 4 of 5). Next try in 3 seconds." in done["no-server"].screen
    assert PROFILE not in done["no-server"].requests


def check_an_armed_machine_goes_straight_to_its_kernel(done: dict[str, Scenario]) -> None:
    kernel = ["trees/d/linux", "trees/d/initrd.gz"]
    straight = ["boot/boot.ipxe", MACHINE_PATH, ARMED, READY, PROFILE, *kernel, RELEASE, *kernel]
    assert done["armed"].requests[: len(straight)] == straight
    assert "ALL DATA ON /dev/vda WILL BE LOST" in done["armed"].screen


def check_the_release_is_asked_for_once_and_not_for_nothing(done: dict[str, Scenario]) -> None:
    """A kernel that does not start may be loaded again; one that cannot be loaded costs nothing."""
    assert done["armed"].count(RELEASE) == 1
    assert done["no-initrd"].count(RELEASE) == 0


def check_what_the_server_said_is_no_initrd(done: dict[str, Scenario]) -> None:
    assert "linux : " in done["armed"].screen
    for name in ("ready", "release"):
        assert f"{name} : " not in done["armed"].screen, name


def check_what_is_armed_of_another_machine_is_not_installed(done: dict[str, Scenario]) -> None:
    for name in ("another-machine", "another-address"):
        assert done[name].requests == ["boot/boot.ipxe", MACHINE_PATH, ARMED], name
        assert "What is armed is node01" in done[name].screen


def check_what_is_not_released_is_not_started(done: dict[str, Scenario]) -> None:
    for name in ("refused", "refused-and-disarmed", "refused-and-dead"):
        assert "linux : " not in done[name].screen, name
        assert "The server did not release the installation." in done[name].screen
    # It goes back to the armed script, which holds, until the server says more.
    held = [ARMED, READY, INSTALLED, EXPIRED]
    assert done["refused"].requests[-8:] == [RELEASE, *held, ARMED, READY, INSTALLED]
    assert "HOLD: node01" in done["refused"].screen
    assert done["refused-and-disarmed"].requests[-3:] == [RELEASE, ARMED, LOCAL]
    assert done["refused-and-dead"].requests[-4:] == [LOCAL, ARMED, READY, INSTALLED]
    assert "node01 is installed" in done["refused-and-dead"].screen


def check_the_kernel_gets_all_its_arguments_in_order(done: dict[str, Scenario]) -> None:
    wanted = r"initrd=initrd\.gz quiet auto=true url=\S+/preseed\.cfg a#b c;d --- console=ttyS0"
    assert re.search(wanted, done["armed"].screen), done["armed"].screen


def check_an_installer_that_does_not_start_is_tried_a_few_times(done: dict[str, Scenario]) -> None:
    for name in ("armed", "no-initrd"):
        assert done[name].count("trees/d/linux") == 5
        assert done[name].count("trees/d/initrd.gz") == 5
        assert "cannot be loaded. The disk was not touched." in done[name].screen


def check_no_half_loaded_kernel_stays(done: dict[str, Scenario]) -> None:
    """Else the second try would start with two of them."""
    assert done["armed"].screen.count("linux : ") == done["armed"].count("trees/d/linux")
    assert done["armed"].screen.count("initrd.gz : ") == done["armed"].count("trees/d/initrd.gz")


def check_a_missing_profile_is_said(done: dict[str, Scenario]) -> None:
    assert done["no-profile"].count(PROFILE) == 5
    assert "It is still armed." in done["no-profile"].screen


def check_an_installed_machine_boots_its_disk(done: dict[str, Scenario]) -> None:
    """The event is an empty file."""
    assert done["installed"].requests == ["boot/boot.ipxe", MACHINE_PATH, ARMED, READY, INSTALLED]
    assert "node01 is installed" in done["installed"].screen


def check_what_expired_without_a_release_boots_its_disk(done: dict[str, Scenario]) -> None:
    """Whether or not something takes the arming back."""
    assert done["expired"].requests == ["boot/boot.ipxe", MACHINE_PATH, ARMED, READY, INSTALLED, EXPIRED]
    assert "EXPIRED: node01 was armed for profile p1, but did not boot in time" in done["expired"].screen


def check_an_unfinished_installation_holds_until_the_server_releases_it(done: dict[str, Scenario]) -> None:
    assert done["held"].count(READY) == 4
    assert done["held"].screen.count("HOLD: node01") == 3
    assert "netinstall.pxe.install -l node01" in done["held"].screen
    assert (
        done["held"].requests.index(PROFILE)
        > [i for i, r in enumerate(done["held"].requests) if r == READY][3]
    )


def check_a_held_machine_that_is_disarmed_boots_its_disk(done: dict[str, Scenario]) -> None:
    assert done["disarmed"].requests[-5:] == [READY, INSTALLED, EXPIRED, ARMED, LOCAL]


def check_a_key_lets_a_held_machine_boot_its_disk(done: dict[str, Scenario]) -> None:
    assert done["key"].count(ARMED) == 1
    assert PROFILE not in done["key"].requests


def check_a_network_that_dies_never_installs(done: dict[str, Scenario]) -> None:
    assert done["dead-while-held"].count(ARMED) == 4
    assert PROFILE not in done["dead-while-held"].requests
    assert "node01 is installed" in done["dead-while-held"].screen


def check_holding_for_long_does_not_wear_ipxe_out(done: dict[str, Scenario]) -> None:
    assert done["held-for-long"].count(READY) == 61
    assert "node01 is installed" in done["held-for-long"].screen


def test_the_scripts_do_what_they_promise() -> None:
    """One test, because ansible-test runs each in a process of its own, and one boot is enough for all checks."""
    done = boot()
    said = failures(globals(), done, at_least=11)
    assert said == {}, {name: scenario.screen for name, scenario in done.items()}
