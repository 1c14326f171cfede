# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our files on Debian's signed GRUB, started by its shim, in firmware that enforces Secure Boot.

Machines with UEFI boot from QEMU's own network. Loaders and kernels that are not signed are refused. Shim,
GRUB, kernel and what lies on the disk are those of one package of Debian's, whose GRUB has another prefix than the one
that site.yml publishes: every file of ours is named from there.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import struct
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Arguments, site_of
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub import machines
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.renderer import Grub
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot import rendered
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.booted import failures

QEMU = shutil.which("qemu-system-x86_64")
FIRMWARE = pathlib.Path("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd")
# Microsoft's certificates are in it, and Secure Boot is on.
VARIABLES = pathlib.Path("/usr/share/OVMF/OVMF_VARS_4M.ms.fd")
PREFIX = "debian-installer/amd64"
SIGNED = sorted(
    pathlib.Path("/usr/lib/debian-installer/images").glob(f"*/amd64/text/{PREFIX}/bootnetx64.efi")
)
SECONDS = 240
MAC, STRANGER, OTHER = "52:54:00:aa:00:01", "52:54:00:aa:00:09", "52:54:00:aa:00:02"
ADDRESS, TOKEN = "10.0.2.15", "0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.skipif(
    QEMU is None or not FIRMWARE.exists() or not VARIABLES.exists() or not SIGNED,
    reason="not installed: qemu-system-x86, ovmf or debian-installer-12-netboot-amd64 (13 on Debian 13)",
)

ON_DISK = """\
echo "BOOTED FROM"" DISK"
sleep 60
"""
TOLD = ["earlyprintk=ttyS0", "a=b;c", "d=$e", "f=#g", "h=*?", "i=(j|k)&l"]
PROFILE = {
    "name": "p1",
    "label": "Install Debian's $HOME; `here` (100 %)",
    "distribution": "d",
    "kernel_arguments": TOLD,
}


@dataclasses.dataclass
class Boot:
    """One boot of one machine, and what somebody types once a pattern is on the screen."""

    folder: pathlib.Path
    until: str
    mac: str = MAC
    loader: str = "shimx64.efi"
    types: tuple[tuple[str, str], ...] = ()
    screen: str = ""


def plan(timeout: float = 2) -> dict[str, t.Any]:
    url = "http://10.77.0.1"
    machine = {"profile": "p1", "firmware": "uefi"}
    return {
        "urls": {name: f"{url}/{name}" for name in ("boot", "trees", "answers", "events")},
        "backends": {"uefi_loader": "grub"},
        "menu": {"title": "The title", "timeout": timeout, "default": "local"},
        "profiles": {"p1": PROFILE},
        "distributions": {"d": {"name": "d", "tree_url": f"{url}/trees/d"}},
        "machines": [
            {"name": "node01", "mac": MAC, "address": ADDRESS, **machine},
            {"name": "node02", "mac": OTHER, "address": "10.0.2.16", **machine},
        ],
    }


def write(path: pathlib.Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def publish(folder: pathlib.Path, **options: t.Any) -> pathlib.Path:
    """What the module publishes, where this GRUB looks for it."""
    source = SIGNED[-1].parent
    arguments = Arguments(lambda *_args: ["x=y"], lambda _distribution: None, lambda _machine: None)
    site = site_of(plan(**options), {"d": {"kernel": "linux", "initrd": ["initrd.gz"]}}, arguments)
    for path, text in rendered.checked(Grub(), site).items():
        write(folder / PREFIX / path, text)
    write(folder / PREFIX / paths.grub_kernel("d", "linux"), (source / "linux").read_bytes())
    write(folder / PREFIX / paths.grub_kernel("d", "initrd.gz"), b"initrd")
    write(folder / "shimx64.efi", SIGNED[-1].read_bytes())
    write(folder / "grubx64.efi", (source / "grubx64.efi").read_bytes())
    return folder


def disk(folder: pathlib.Path) -> pathlib.Path:
    """An installed system: QEMU makes a FAT file system of the folder."""
    write(folder / "EFI/debian/shimx64.efi", SIGNED[-1].read_bytes())
    write(folder / "EFI/debian/grubx64.efi", (SIGNED[-1].parent / "grubx64.efi").read_bytes())
    write(folder / PREFIX / "grub/grub.cfg", ON_DISK)
    return folder


def arm(folder: pathlib.Path, mac: str = MAC, address: str = ADDRESS, file: str = MAC) -> pathlib.Path:
    installation = {
        "machine": "node01",
        "mac": mac,
        "address": address,
        "token": TOKEN,
        "window": "1700000000-1700021600",
        "profile": "p1",
        "disk": "/dev/vda",
        "install_arguments": ["auto=true", f"url=http://10.77.0.1/{TOKEN}/preseed.cfg"],
    }
    profile = (folder / PREFIX / paths.grub_profile("p1")).read_text()
    write(folder / PREFIX / paths.grub_armed(file), machines.armed_text(profile, installation))
    return folder


def unsigned(program: bytes) -> bytes:
    """The same program without its signatures: the fifth data directory of a PE32+ image."""
    image = bytearray(program)
    (header,) = struct.unpack_from("<I", image, 0x3C)
    at = header + 24 + 112 + 4 * 8
    start, size = struct.unpack_from("<II", image, at)
    assert start + size == len(image)
    struct.pack_into("<II", image, at, 0, 0)
    return bytes(image[:start])


def run(boot: Boot, place: pathlib.Path) -> None:
    """Boot until its pattern is on the screen."""
    own = place / f"{boot.folder.name}-{boot.loader}-{boot.mac[-2:]}.fd"
    shutil.copy(VARIABLES, own)
    words = [
        *(str(QEMU), "-accel", "tcg", "-m", "768", "-machine", "q35,smm=on", "-display", "none"),
        *("-global", "driver=cfi.pflash01,property=secure,value=on"),
        *("-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}"),
        *("-drive", f"if=pflash,format=raw,unit=1,file={own}"),
        *("-no-reboot", "-monitor", "none", "-serial", "stdio"),
        *("-netdev", f"user,id=net,tftp={boot.folder},bootfile={boot.loader}"),
        *("-device", f"virtio-net-pci,netdev=net,mac={boot.mac},bootindex=0,romfile="),
        *("-drive", f"file=fat:{place / 'disk'},format=raw,if=none,id=disk,read-only=on"),
        *("-device", "virtio-blk-pci,drive=disk,bootindex=1"),
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as machine:
        try:
            watch(boot, machine)
        finally:
            machine.kill()
            own.unlink()


def watch(boot: Boot, machine: subprocess.Popen[bytes]) -> None:
    assert machine.stdout is not None
    assert machine.stdin is not None
    os.set_blocking(machine.stdout.fileno(), False)
    waiting, until = list(boot.types), time.monotonic() + SECONDS
    while not re.search(boot.until, boot.screen) and time.monotonic() < until and machine.poll() is None:
        printed = (machine.stdout.read() or b"").decode(errors="replace")
        boot.screen += re.sub(r"\x1b(\[[0-9;?=]*[A-Za-z]|[()%].|.)|\r", "", printed)
        if waiting and re.search(waiting[0][0], boot.screen):
            machine.stdin.write(waiting.pop(0)[1].encode())
            machine.stdin.flush()
        time.sleep(0.05)


DISK = "BOOTED FROM DISK"
COMMAND_LINE = r"Command line: [^\n]*\n"


def boots(place: pathlib.Path) -> dict[str, Boot]:
    disk(place / "disk")
    site = publish(place / "site")
    write(site / "unsigned.efi", unsigned((site / "grubx64.efi").read_bytes()))

    def changed(name: str) -> pathlib.Path:
        return pathlib.Path(shutil.copytree(site, place / name))

    armed, bare, garbled, cut = arm(changed("armed")), changed("bare"), changed("garbled"), changed("cut")
    for name in ("machines", "menu.cfg"):
        path = bare / PREFIX / "grub" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    write(garbled / PREFIX / paths.grub_machine(MAC), "<html>\n<title>'Not' found (</title>\nset ready\n")
    own = arm(cut) / PREFIX / paths.grub_armed(MAC)
    own.write_text(own.read_text()[: own.read_text().index("  fi\n")])
    no_kernel, not_signed = arm(changed("no-kernel")), arm(changed("not-signed"))
    (no_kernel / PREFIX / paths.grub_kernel("d", "linux")).unlink()
    kernel = not_signed / PREFIX / paths.grub_kernel("d", "linux")
    kernel.write_bytes(unsigned(kernel.read_bytes()))
    slow = publish(place / "slow", timeout=60)
    return {
        "armed": Boot(armed, COMMAND_LINE),
        "unarmed": Boot(site, DISK),
        "unknown": Boot(site, DISK, STRANGER),
        "chosen": Boot(slow, COMMAND_LINE, STRANGER, types=((r"executed automatically in", "\x1b[B\r"),)),
        "no script": Boot(bare, DISK),
        "garbled": Boot(garbled, DISK),
        "cut off": Boot(cut, DISK),
        "armed for another": Boot(arm(changed("other"), OTHER), DISK),
        "other address": Boot(arm(changed("moved"), address="10.0.2.99"), DISK),
        "no kernel": Boot(no_kernel, DISK),
        "kernel not signed": Boot(not_signed, DISK),
        "loader not signed": Boot(site, "Access Denied|netinstall.pxe", loader="unsigned.efi"),
    }


def check_an_armed_machine_starts_its_kernel(done: dict[str, Boot]) -> None:
    screen = done["armed"].screen
    assert "ALL DATA ON /dev/vda WILL BE LOST" in screen
    assert "Secure Boot is enabled" in screen
    line = re.search(COMMAND_LINE, screen)
    assert line, screen
    url = f"url=http://10.77.0.1/{TOKEN}/preseed.cfg"
    assert line[0].split()[3:] == ["x=y", *TOLD, "auto=true", url]


def check_whoever_chooses_gets_the_kernel(done: dict[str, Boot]) -> None:
    screen = done["chosen"].screen
    assert f"Loading {PROFILE['label']}" in screen
    line = re.search(COMMAND_LINE, screen)
    assert line, screen
    assert line[0].split()[3:] == ["x=y", *TOLD]


def check_all_others_boot_their_disk(done: dict[str, Boot]) -> None:
    for name, boot in done.items():
        if boot.until == DISK:
            assert re.search(rf"Booting the local disk.*{DISK}", boot.screen, re.DOTALL), name
            assert "Command line:" not in boot.screen, name
            assert boot.screen.count("asks 10.0.2.2") == 1, name


def check_only_unknown_machines_see_the_menu(done: dict[str, Boot]) -> None:
    shown = {name for name, boot in done.items() if "executed automatically in" in boot.screen}
    # Whose file says nothing is unknown.
    assert shown == {"unknown", "chosen", "garbled"}


def check_it_is_said_why(done: dict[str, Boot]) -> None:
    for name, words in {
        "unarmed": "This is node01 (52:54:00:aa:00:01, profile p1)",
        "armed for another": f"What is armed is node01 ({OTHER}, {ADDRESS}), not this machine",
        "other address": f"What is armed is node01 ({MAC}, 10.0.2.99), not this machine",
        "no kernel": "File not found",
        "kernel not signed": "bad shim signature",
    }.items():
        assert words in " ".join(done[name].screen.split()), name


def check_what_is_not_signed_does_not_start(done: dict[str, Boot]) -> None:
    screen = done["loader not signed"].screen
    assert "Access Denied" in screen
    assert "netinstall.pxe" not in screen


def test_the_files_do_what_they_promise(tmp_path: pathlib.Path) -> None:
    """One test, because ansible-test runs each in a process of its own."""
    done = boots(tmp_path)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda boot: run(boot, tmp_path), done.values()))
    said = failures(globals(), done, at_least=6)
    assert said == {}, [said, {name: boot.screen[-1500:] for name, boot in done.items()}]
