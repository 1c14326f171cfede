# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What installers look at on machines that nobody described: the scripts of the published answer files, run by the
installers' own shells."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import threading
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check as _preseed
from ansible_collections.netinstall.pxe.tests.unit.guard.test_offered import description, play
from ansible_collections.netinstall.pxe.tests.unit.roles.answers import test_kickstart, test_preseed

pytestmark = pytest.mark.skipif(
    not shutil.which("busybox") or not shutil.which("curl"), reason="busybox or curl is not installed"
)
MAC = "52:54:00:bb:00:01"
OTHER = "52:54:00:bb:00:02"
SECTORS = 20000
MIB = 1048576
UUID, SERIAL = "4c4c4544-0042-3510-8050-b4c04f4d3432", "7B5M42 (old)"
#: Described machines whose hardware is known.
IDENTIFIED = [
    {
        "name": f"node0{number}",
        "mac": f"52:54:00:aa:00:0{number}",
        "address": f"10.77.0.1{number}",
        "profile": "deb",
        "disk": "/dev/vda",
        **identity,
    }
    for number, identity in enumerate(
        ({"uuid": UUID}, {"serial": SERIAL}, {"uuid": f"{UUID[:-1]}9", "serial": "X-1"})
    )
]
#: Where a disk may hold something that somebody would miss.
ENDS = {"first": 0, "first MiB": MIB - 1, "last MiB": SECTORS * 512 - MIB, "last": SECTORS * 512 - 1}


class Offered(t.NamedTuple):
    """What was published, once for empty disks, once for all of them."""

    folders: dict[bool, pathlib.Path]

    def text(self, profile: str, overwrite: bool = False) -> str:
        name = "preseed.cfg" if profile == "deb" else "ks.cfg"
        text = (self.folders[overwrite] / "small/pxe/answers/offers" / profile / name).read_text()
        for separator in (":", "-", ""):
            text = text.replace(separator.join(["02", *["00"] * 5]), MAC.replace(":", separator))
        return text.replace("192.0.2.1", "10.77.0.101")


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Offered:
    folders = {}
    for overwrite in (False, True):
        folder = folders[overwrite] = tmp_path_factory.mktemp("offered")
        for name in ("answers", "events"):
            (folder / "small/pxe" / name).mkdir(parents=True)
        unknown = {**description()["unknown_machines"], "overwrite": overwrite}
        site = description(unknown_machines=unknown)
        site["profiles"]["el6"]["menu_install"] = True
        done = play(folder, compile_plan(site, IDENTIFIED), {}, boot=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return Offered(folders)


class Handler(test_kickstart.Handler):
    """Also says what is known of network cards."""

    def do_GET(self) -> None:  # noqa: N802 - its name there
        server = t.cast("Server", self.server)
        server.asked.append("/".join(self.path.split("/")[-2:]))
        self.send_response(server.replies.get(server.asked[-1], 404))
        self.send_header("Content-Length", "0")
        self.end_headers()


class Server(test_kickstart.Server):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.replies: dict[str, int] = {}
        self.RequestHandlerClass = Handler


class Anaconda(test_kickstart.Installer):
    """On a machine with two network cards."""

    def __init__(self, root: pathlib.Path, server: Server, release: str) -> None:
        super().__init__(root, server)
        self.release = release
        self.server: Server = server
        if release == "el5":
            # Busybox's; it tells by its status whether it got the file.
            (root / "bin/wget").symlink_to(shutil.which("wget") or "/nonexistent")
        else:
            for name in ("dd", "sha256sum"):
                (root / "bin" / name).symlink_to(shutil.which(name) or "/nonexistent")
        for number, mac in enumerate((MAC, OTHER)):
            card = root / f"sys/class/net/eth{number}"
            card.mkdir(exist_ok=True)
            (card / "address").write_text(mac + "\n")
        (root / "proc/cmdline").write_text("quiet\n")
        shutil.rmtree(root / "sys/block/vda")
        self.empty_disk("vda")

    def empty_disk(self, name: str) -> None:
        self.disk(name, SECTORS)
        os.truncate(self.root / "dev" / name, SECTORS * 512)

    def write(self, name: str, offset: int) -> None:
        with (self.root / "dev" / name).open("r+b") as disk:
            disk.seek(offset)
            disk.write(b"\1")

    def check(self, text: str) -> int:
        """Run what comes before the disk is written."""
        base = f"http://10.77.0.1/offers/{self.release}"
        text = text.replace(base, f"http://127.0.0.1:{self.server.server_port}/offers/{self.release}")
        text = text.replace("for pause in 2 5 0", "for pause in 0")
        sections = text.split("\n%pre")[1:]
        code = 0
        for section in sections:
            script = self.here(section.split("\n%end" if "\n%end" in section else "\n\n%")[0], "no such URL")
            script = script.replace('echo "/dev/$(echo', f'echo "{self.root}/dev/$(echo')
            code = code or self.shell(script.partition("\n")[2])
        return code

    def shell(self, text: str, path: str = "") -> int:
        shells = {"el5": ["busybox", "sh"], "el6": ["bash"], "el9": ["bash"]}
        environment = {"PATH": f"{self.root}/bin", "ROOT": str(self.root)}
        shell = [shutil.which(shells[self.release][0]) or "", *shells[self.release][1:], "-c", text]
        done = subprocess.run(
            shell, env=environment, capture_output=True, timeout=60, check=False, cwd=self.root
        )
        return done.returncode


class Debian(test_preseed.Installer):
    """The same in d-i."""

    def __init__(self, root: pathlib.Path) -> None:
        super().__init__(root)
        self.replies: dict[str, int] = {}
        wget = root / "bin/wget"
        get = (
            "#!/bin/sh\nfor w; do u=${w#*/offers/deb/}; done\ncase $* in\n  *body-file*) ;;\n"
            f'  *) echo "$u" >> {root}/asked; grep -qxF "$u" {root}/allowed; exit ;;\nesac\n'
        )
        wget.write_text(wget.read_text().replace("#!/bin/sh\n", get))
        (root / "asked").touch()
        for name in ("dd", "sha256sum", "sed", "hostname"):
            program = root / "bin" / name
            program.write_text(
                f'#!/bin/sh\nexec busybox {name} "$@"\n' if name != "hostname" else "#!/bin/sh\n"
            )
            program.chmod(0o755)
        for number, mac in enumerate((MAC, OTHER)):
            card = root / f"sys/class/net/eth{number}"
            card.mkdir(exist_ok=True)
            (card / "address").write_text(mac + "\n")
        (root / "proc/cmdline").write_text("quiet\n")
        (root / "etc").mkdir()
        (root / "etc/hostname").write_text("debian\n")
        (root / "etc/hosts").write_text("127.0.0.1\tlocalhost\n127.0.1.1\tdebian.lab.example\tdebian\n")
        self.stand_ins = (
            *self.stand_ins,
            ("/etc/host", "etc/host"),
            ("/sys/class/dmi/", "sys/class/dmi/"),
            ('"/dev/$(echo', '"dev/$(echo'),
            ("wanted=/dev/$(", "wanted=dev/$("),
        )
        self.allow(f"{OTHER.replace(':', '-')}/known")
        self.empty_disk("vda")

    def allow(self, *paths: str) -> None:
        (self.root / "allowed").write_text("".join(f"{path}\n" for path in paths))

    @property
    def asked(self) -> list[str]:
        return self.read("asked").split()

    def empty_disk(self, name: str) -> None:
        self.disk(name, size=str(SECTORS))
        os.truncate(self.root / "dev" / name, SECTORS * 512)

    def write(self, name: str, offset: int) -> None:
        with (self.root / "dev" / name).open("r+b") as disk:
            disk.seek(offset)
            disk.write(b"\1")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        # Of these two, the path is not at the beginning of what is replaced.
        for before in ('"/dev/$(echo', "wanted=/dev/$("):
            command = command.replace(before, before.replace("/dev/", f"{self.root}/dev/"))
        return super().run(command.replace("for pause in 2 5 0", "for pause in 0"))

    def check(self, text: str) -> int:
        for question in ("preseed/early_command", "partman/early_command"):
            answers = [entry.value for entry in _preseed.entries(text) if entry.question == question]
            code = self.run(answers[-1]).returncode
            if code:
                return code
        return 0


Installer = t.Union[Anaconda, Debian]
KINDS = ["el9", "el6", "el5", "deb"]


@pytest.fixture
def installer(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> t.Iterator[Installer]:
    if request.param == "deb":
        yield from _debian(tmp_path)
        return
    with Server() as server:
        server.replies = {f"{OTHER.replace(':', '-')}/known": 200}
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        made = Anaconda(tmp_path / "anaconda", server, request.param)
        yield made
        (made.root / "tmp/netinstall").mkdir(exist_ok=True)
        (made.root / "tmp/netinstall/installed").write_text("")
        server.shutdown()
        thread.join()


def _debian(tmp_path: pathlib.Path) -> t.Iterator[Debian]:
    yield Debian(tmp_path / "d-i")
    # The watcher, which reads the log below this folder.
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(tmp_path) in line:
            os.kill(int(process.name), 15)


def kind(installer: Installer) -> str:
    return installer.release if isinstance(installer, Anaconda) else "deb"


def asked(installer: Installer) -> list[str]:
    return installer.server.asked if isinstance(installer, Anaconda) else installer.asked


def restarts(installer: Installer) -> bool:
    """Whether the installer asks the kernel to restart the machine, and the screen says so."""
    path = installer.root / ("proc/sysrq-trigger" if isinstance(installer, Anaconda) else "restart")
    screen = installer.root / "screen"
    said = "The machine restarts in a minute." in (screen.read_text() if screen.exists() else "")
    asked_for = path.exists() and path.read_text() == "b\n"
    assert said == asked_for
    for each in (path, screen):
        each.unlink(missing_ok=True)
    return asked_for


def reply(installer: Installer, replies: dict[str, int]) -> None:
    if isinstance(installer, Anaconda):
        installer.server.replies = replies
    else:
        installer.allow(*(path for path, status in replies.items() if status == 200))


every = pytest.mark.parametrize("installer", KINDS, indirect=True)


@every
def test_an_empty_disk_of_an_unknown_machine(offered: Offered, installer: Installer) -> None:
    assert installer.check(offered.text(kind(installer))) == 0, installer.put("failed")
    assert installer.put("progress-disk").startswith("vda (")
    assert set(asked(installer)) == {f"{OTHER.replace(':', '-')}/known"}
    assert not restarts(installer)


@every
@pytest.mark.parametrize("place", ENDS)
def test_a_disk_that_is_not_empty(offered: Offered, installer: Installer, place: str) -> None:
    installer.write("vda", ENDS[place])
    assert installer.check(offered.text(kind(installer))) == 1
    said = installer.put("failed")
    assert "vda (" in said
    assert "is not empty, and nobody described this machine. Wipe the disk, or write overwrite: true" in said
    # Its disk may be booted.
    assert restarts(installer)
    assert installer.check(offered.text(kind(installer), overwrite=True)) == 0
    assert not restarts(installer)


@every
def test_only_the_ends_of_a_disk_are_read(offered: Offered, installer: Installer) -> None:
    """A disk of many TB cannot be read as a whole; whoever wiped it has wiped its ends."""
    installer.write("vda", SECTORS * 256)
    assert installer.check(offered.text(kind(installer))) == 0


@every
def test_a_disk_that_cannot_be_read_is_not_empty(offered: Offered, installer: Installer) -> None:
    os.truncate(installer.root / "dev/vda", 0)
    assert installer.check(offered.text(kind(installer))) == 1
    assert "is not empty" in installer.put("failed")


@every
def test_several_disks(offered: Offered, installer: Installer) -> None:
    """Which one is meant nobody has said."""
    installer.empty_disk("vdb")
    assert installer.check(offered.text(kind(installer))) == 1
    said = installer.put("failed")
    assert "answers.disk_rule fits more than one disk: it has several." in said
    assert "vdb" in said


@every
def test_a_stick_is_no_second_disk(offered: Offered, installer: Installer) -> None:
    installer.empty_disk("sda")
    (installer.root / "sys/block/sda/removable").write_text("1\n")
    assert installer.check(offered.text(kind(installer))) == 0


@every
@pytest.mark.parametrize("status", [403, 409])
def test_the_second_card_of_a_machine_that_is_known(
    offered: Offered, installer: Installer, status: int
) -> None:
    """It is described, or it was installed: nothing of it is touched."""
    reply(installer, {f"{OTHER.replace(':', '-')}/known": status})
    assert installer.check(offered.text(kind(installer), overwrite=True)) == 1
    said = installer.put("failed")
    assert f"This installation was released for the machine {MAC}, which is not described: its other" in said
    assert f"network card {OTHER} is that of a machine which is described, or was installed already" in said
    assert restarts(installer)


@every
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("product_uuid", UUID.upper(), f"its UUID {UUID} is that of a machine which is described"),
        ("product_uuid", f"{UUID[:-1]}9", f"its UUID {UUID[:-1]}9 is that of"),
        # As firmware before SMBIOS 2.6 has it.
        (
            "product_uuid",
            "44454C4C-4200-1035-8050-B4C04F4D3432",
            "its UUID 44454c4c-4200-1035-8050-b4c04f4d3432",
        ),
        (
            "product_serial",
            f"{SERIAL} ",
            f"its serial number {SERIAL} is that of a machine which is described",
        ),
        ("product_uuid", f"{UUID[:-1]}8", ""),
        ("product_serial", "7B5M42", ""),
    ],
)
def test_a_described_machine_with_a_new_network_card(
    offered: Offered, installer: Installer, name: str, text: str, said: str
) -> None:
    (installer.root / "sys/class/dmi/id").mkdir(parents=True, exist_ok=True)
    (installer.root / "sys/class/dmi/id" / name).write_text(f"{text}\n")
    assert installer.check(offered.text(kind(installer), overwrite=True)) == (1 if said else 0)
    if said:
        assert said in installer.put("failed")


@every
def test_what_has_no_address_of_ethernet_is_not_asked_for(offered: Offered, installer: Installer) -> None:
    for name, address in {"sit0": "0.0.0.0", "ib0": "80:00:02:08:fe:" + ":".join(["00"] * 15)}.items():
        (installer.root / "sys/class/net" / name).mkdir()
        (installer.root / "sys/class/net" / name / "address").write_text(address + "\n")
    assert installer.check(offered.text(kind(installer))) == 0
    assert set(asked(installer)) == {f"{OTHER.replace(':', '-')}/known"}


@every
def test_another_machine_than_the_one_that_asked(offered: Offered, installer: Installer) -> None:
    (installer.root / "sys/class/net/eth0/address").write_text("52:54:00:cc:00:01\n")
    assert installer.check(offered.text(kind(installer))) == 1
    assert f"no network card has {MAC}, only" in installer.put("failed")


@every
@pytest.mark.parametrize("status", [200, 409])
def test_it_was_booted_from_another_card(offered: Offered, installer: Installer, status: int) -> None:
    """As pxelinux and anaconda may have it: that card has its installation by this, so that the menu knows it."""
    card = OTHER.replace(":", "-")
    (installer.root / "proc/cmdline").write_text(f"quiet BOOTIF=01-{card} ip=dhcp\n")
    reply(installer, {f"{card}/known": 200, f"{card}/release": status})
    assert installer.check(offered.text(kind(installer))) == (0 if status == 200 else 1)
    assert f"{card}/release" in asked(installer)
    if status == 200:
        # Once: it would be refused the second time.
        assert asked(installer).count(f"{card}/release") == 1
    else:
        assert f"it was booted from its card {OTHER}, which had its installation" in installer.put("failed")


@every
def test_it_was_booted_from_the_card_that_asked(offered: Offered, installer: Installer) -> None:
    (installer.root / "proc/cmdline").write_text(f"BOOTIF=01-{MAC.replace(':', '-')}\n")
    assert installer.check(offered.text(kind(installer))) == 0
    assert not [path for path in asked(installer) if path.endswith("/release")]


@pytest.mark.parametrize("installer", ["deb"], indirect=True)
class TestDebian:
    def test_it_partitions_anew(self, offered: Offered, installer: Debian) -> None:
        """Then what it wrote itself is no reason to stop."""
        assert installer.check(offered.text("deb")) == 0
        installer.write("vda", 0)
        assert installer.check(offered.text("deb")) == 0

    def test_it_is_told_the_disk_that_was_found(self, offered: Offered, installer: Debian) -> None:
        assert installer.check(offered.text("deb")) == 0
        assert f"partman-auto/disk={installer.root}/dev/vda\n" in installer.read("debconf")
        assert f"grub-installer/bootdev={installer.root}/dev/vda\n" in installer.read("debconf")

    def test_its_name(self, offered: Offered, installer: Debian) -> None:
        name = f"node-{MAC.replace(':', '')}"
        for _again in range(2):
            assert installer.check(offered.text("deb")) == 0
            assert installer.read("etc/hostname") == f"{name}\n"
            assert installer.read("etc/hosts") == (
                f"127.0.0.1\tlocalhost\n127.0.1.1\t{name}.lab.example\t{name}\n"
            )
