# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our configurations on the real pxelinux: started by iPXE over HTTP, and by TFTP alone.

Machines with a BIOS boot from QEMU's own network, with the iPXE of QEMU's network card. The menu is seen, and driven,
on the serial console. The disk's boot sector and the kernel say on that console what was started.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import functools
import http.server
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Arguments
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux import fragments, machines
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot import rendered
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.booted import failures

QEMU = shutil.which("qemu-system-x86_64")
# Of Debian's packages, and of Enterprise Linux's.
FOLDERS = ("/usr/lib/PXELINUX", "/usr/lib/syslinux/modules/bios", "/tftpboot")
NAMES = ("pxelinux.0", "ldlinux.c32", "libcom32.c32", "libutil.c32", "menu.c32", "vesamenu.c32")
LOADERS = [path for name in NAMES for folder in FOLDERS if (path := pathlib.Path(folder) / name).exists()]
SECONDS = 240
# A menu that has just been drawn may throw away what was typed meanwhile: after so many seconds without an answer it is
# typed again, as a person would.
DEAF = 10
MAC = "52:54:00:aa:00:01"
# A machine that the site does not describe.
STRANGER = "52:54:00:aa:00:09"
ADDRESS, TOKEN = "10.0.2.15", "0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.skipif(
    QEMU is None or len(LOADERS) < len(NAMES),
    reason="not installed: qemu-system-x86, pxelinux or syslinux-common",
)

# Writes the text at DS:SI to the first serial port, and halts.
_SAY = bytes.fromhex("fc ac 84c0 7412 88c4 bafd03 ec a820 74fb 88e0 baf803 ee ebe9 f4 ebfd")
_DISK_TEXT = b"\r\nBOOTED FROM DISK\r\n\0"


def boot_sector() -> bytes:
    """Loaded to 0:7c00: xor ax,ax; mov ds,ax; mov si,text."""
    start = bytes.fromhex("31c0 8ed8 be")
    text_at = 0x7C00 + len(start) + 2 + len(_SAY)
    code = start + text_at.to_bytes(2, "little") + _SAY + _DISK_TEXT
    return (code.ljust(510, b"\0") + b"\x55\xaa").ljust(1 << 20, b"\0")


def kernel() -> bytes:
    """A kernel by the boot protocol 2.03 of Linux, whose real-mode part shows its command line, and no more."""
    # mov eax,[0x228]; mov ebx,eax; and bx,15; shr eax,4; mov ds,ax; mov si,bx
    code = bytes.fromhex("66a12802 6689c3 83e30f 66c1e804 8ed8 89de") + _SAY
    image = bytearray(5 * 512 + 4096)
    image[0x1F1] = 4  # sectors of the real-mode part
    image[0x1FE:0x206] = b"\x55\xaa\xeb\x2eHdrS"
    image[0x206:0x208] = b"\x03\x02"
    image[0x211] = 1  # the rest belongs to 1 MiB
    image[0x214:0x218] = (0x100000).to_bytes(4, "little")
    image[0x22C:0x230] = (0x37FFFFFF).to_bytes(4, "little")
    image[0x230 : 0x230 + len(code)] = code
    return bytes(image)


# What `mkpasswd --method=sha-512` makes of the word secret.
HASH = "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"


@dataclasses.dataclass
class Boot:
    """One boot of one machine: what QEMU's DHCP names, and what somebody types once a pattern is on the screen."""

    file: str
    until: str
    mac: str = STRANGER
    types: tuple[tuple[str, str], ...] = ()
    #: Whether the screen itself is read before the first of these, too: characters, each with its colours.
    looks: bool = False
    screen: str = ""
    shown: bytes = b""


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests: t.ClassVar[list[str]] = []

    def log_message(self, _format: str, *values: t.Any) -> None:
        # "GET /path HTTP/1.1", status, size; errors are logged otherwise too.
        if str(values[0]).startswith("GET "):
            self.requests.append(f"{int(values[1])} {values[0].split()[1]}")


# As on the discs of CentOS 6: a clear screen, colours, and a picture, which the serial console does not show.
SCREEN = b"\x0c\x18none.lss\nPress \x0f0fENTER\x0f07 or a label.\r\n"
HELP = b"\x0c\x0f09Options\x0f07 of the kernel\r\n"
# The menu of the oldest guides, with an entry of one's own outside of pxelinux's folder, and a part in its own words.
GUIDE: dict[str, t.Any] = {
    "prompt": True,
    "display": {"path": "syslinux/own/boot.msg"},
    "help": {"F2": {"path": "syslinux/own/options.msg"}},
    "local": {"label": "disk", "text": "Boot from local drive", "position": "last"},
    "include": ["syslinux/own/more.cfg"],
    "entries": [
        {
            "name": "tool",
            "label": "A tool",
            "pxelinux": {
                "action": "kernel",
                "file": "tools/linux",
                "initrd": ["tools/initrd.gz"],
                "append": ["of=tool"],
            },
            "ipxe": None,
        }
    ],
}


def bring(folder: pathlib.Path) -> None:
    """What the module publishes beside the configurations, as it checks them."""
    fragment = "label dban\n\tmenu label Wipe\n\tkernel own/dban\n\tappend nuke\n"
    fragments.check_fragment(fragment, "more.cfg", (6, 4), ["disk"])
    for path, data in {
        "syslinux/own/boot.msg": SCREEN,
        "syslinux/own/options.msg": HELP,
        "syslinux/own/more.cfg": fragment.encode(),
        "syslinux/own/dban": kernel(),
        "tools/linux": kernel(),
        "tools/initrd.gz": b"initrd",
    }.items():
        write(folder / "boot" / path, data)


def publish(
    folder: pathlib.Path,
    url: str,
    loader: str,
    timeout: float = 3,
    menu_hash: str = "",
    offered: str = "",
    **menu: t.Any,
) -> None:
    """A site below ``folder``, as the module publishes it.

    :arg offered: whether its profile installs without questions: as the ``default``, or confirmed by a ``word``
    """
    profile = {
        "name": "p1",
        "label": "Install Debian",
        "distribution": "d",
        "kernel_arguments": ["quiet", "a=b;c"],
    }
    plan = {
        "urls": {name: f"{url}/{name}" for name in ("boot", "trees", "answers", "events")},
        "backends": {"bios_loader": loader},
        "menu": {
            "title": "The title",
            "timeout": timeout,
            "default": "local",
            "bios": "pxelinux",
            "console": "ttyS0,115200",
            "password": bool(menu_hash),
            **menu,
        },
        "profiles": {"p1": profile},
        "distributions": {"d": {"name": "d", "tree_url": f"{url}/trees/d"}},
        "machines": [{"name": "node01", "mac": MAC, "address": ADDRESS, "profile": "p1", "firmware": "bios"}],
        "unknown_machines": {
            "install": "p1" if offered == "default" else None,
            "profiles": {"p1": {"confirm": "word" if offered == "word" else "none"}} if offered else {},
        },
    }
    offers = {"p1": offer(url)}
    media = {"d": {"kernel": "linux", "initrd": ["initrd.gz"]}}
    arguments = Arguments(lambda *_args: ["x=y"], lambda _distribution: None, lambda _machine: None)
    site = rendered.pxelinux_site(plan, media, arguments, menu_hash=menu_hash, offers=offers)
    files = {
        **rendered.checked(Pxelinux(), site),
        **rendered.scripts(plan, media, arguments, offers=offers),
    }
    for path, text in files.items():
        write(folder / "boot" / path, text.encode())
    for path, source in Pxelinux().copies(site).items():
        write(folder / "boot" / path, kernel() if source.endswith("linux") else b"initrd")
    write(folder / "trees" / "d" / "linux", kernel())
    write(folder / "trees" / "d" / "initrd.gz", b"initrd")
    for loader_path in LOADERS:
        write(folder / "boot" / "syslinux" / loader_path.name, loader_path.read_bytes())


def offer(url: str) -> dict[str, t.Any]:
    return {
        "arguments": [
            f"ks={url}/offers/p1/02-00-00-00-00-00/ks.cfg",
            "kssendmac",
            "BOOTIF=01-02-00-00-00-00-00",
        ],
        "disk": "/dev/vda",
        "overwrite": False,
        "answer_file": "ks.cfg",
        "answer_format": "kickstart",
    }


def write(path: pathlib.Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def arm(folder: pathlib.Path) -> None:
    installation = {
        "machine": "node01",
        "mac": MAC,
        "address": ADDRESS,
        "token": TOKEN,
        "window": "1700000000-1700021600",
        "profile": "p1",
        "disk": "/dev/vda",
        "install_arguments": ["auto=true", f"url=http://10.77.0.1/{TOKEN}/preseed.cfg"],
    }
    profile = (folder / "boot" / "syslinux" / paths.profile_in_folder("p1")).read_text()
    text = machines.armed_text(profile, installation)
    machines.check_armed(text, "armed")
    write(folder / "boot" / "syslinux" / paths.armed_in_folder(MAC), text.encode())


def run(boot: Boot, network: str, disk: pathlib.Path) -> None:
    """Boot until its pattern is on the screen."""
    monitor = disk.with_name(f"{abs(hash((boot.file, boot.until, boot.types, network)))}.monitor")
    words = [
        *(str(QEMU), "-accel", "tcg", "-m", "128", "-display", "none", "-vga", "std", "-no-reboot"),
        *("-monitor", f"unix:{monitor},server,nowait", "-serial", "stdio"),
        *("-netdev", f"user,id=net,{network}bootfile={boot.file}"),
        *("-device", f"virtio-net-pci,netdev=net,mac={boot.mac},bootindex=0"),
        *("-drive", f"file={disk},format=raw,if=none,id=disk,snapshot=on"),
        *("-device", "virtio-blk-pci,drive=disk,bootindex=1"),
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as machine:
        try:
            watch(boot, machine, monitor)
        finally:
            machine.kill()


def look(monitor: pathlib.Path) -> bytes:
    """The screen in text mode, 80 by 25, as the memory of the graphics card has it."""
    copy = monitor.with_suffix(".screen")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(monitor))
        connection.sendall(f'pmemsave 0xb8000 4000 "{copy}"\n'.encode())
        until = time.monotonic() + 30
        while time.monotonic() < until and not (copy.exists() and copy.stat().st_size == 4000):
            time.sleep(0.05)
    return copy.read_bytes()


def watch(boot: Boot, machine: subprocess.Popen[bytes], monitor: pathlib.Path) -> None:
    assert machine.stdout is not None
    assert machine.stdin is not None
    os.set_blocking(machine.stdout.fileno(), False)
    waiting, seen, until = list(boot.types), 0, time.monotonic() + SECONDS
    # What was typed last, and since when the screen stands still.
    typed, quiet = b"", time.monotonic()
    while (
        not re.search(boot.until, boot.screen[seen:]) and time.monotonic() < until and machine.poll() is None
    ):
        printed = machine.stdout.read() or b""
        if printed:
            quiet = time.monotonic()
        elif typed and time.monotonic() > quiet + DEAF:
            machine.stdin.write(typed)
            machine.stdin.flush()
            quiet = time.monotonic()
        boot.screen += re.sub(
            r"\x1b(\[[0-9;?=]*[A-Za-z]|[()%].|.)",
            "",
            printed.decode(errors="replace"),
        )
        found = re.search(waiting[0][0], boot.screen[seen:]) if waiting else None
        if found:
            seen += found.end()
            if boot.looks and not boot.shown:
                boot.shown = look(monitor)
            typed, quiet = waiting.pop(0)[1].encode(), time.monotonic()
            machine.stdin.write(typed)
            machine.stdin.flush()
        time.sleep(0.05)


DOWN = "\x1b[B"
DISK = "BOOTED FROM DISK"
COMMAND_LINE = r"BOOT_IMAGE=\S+[^\r\n]* BOOTIF=[0-9a-f-]{20}"


def boots(place: pathlib.Path, url: str) -> dict[str, tuple[Boot, str]]:
    """By name, each with QEMU's network."""
    http_site, slow, locked, tftp_site, lost = (
        place / name for name in ("menu", "slow", "locked", "plain", "no-pxelinux")
    )
    publish(http_site, f"{url}/menu", "ipxe")
    publish(slow, f"{url}/slow", "ipxe", timeout=60)
    publish(locked, f"{url}/locked", "ipxe", timeout=60, menu_hash=HASH)
    publish(lost, f"{url}/no-pxelinux", "ipxe")
    (lost / "boot" / "syslinux" / "pxelinux.0").unlink()
    publish(tftp_site, url, "pxelinux")
    guide, silent, included = (place / name for name in ("guide", "silent", "included"))
    publish(guide, url, "pxelinux", timeout=60, **GUIDE)
    publish(silent, url, "pxelinux", timeout=0.6, **GUIDE)
    publish(included, f"{url}/included", "ipxe", timeout=60, **GUIDE)
    for folder in (guide, silent, included):
        bring(folder)
    word, default, plain_default = (place / name for name in ("word", "default", "plain-default"))
    publish(word, f"{url}/word", "ipxe", timeout=60, offered="word")
    publish(default, f"{url}/default", "ipxe", offered="default")
    # The web server's word, for one machine.
    write(default / "offers" / "p1" / STRANGER.replace(":", "-") / "ready", b"ready")
    publish(plain_default, url, "pxelinux", offered="default")
    armed = place / "armed"
    shutil.copytree(tftp_site, armed)
    arm(armed)
    no_kernel = place / "no-kernel"
    shutil.copytree(armed, no_kernel)
    shutil.rmtree(no_kernel / "boot" / "syslinux" / "kernels")
    secret = (
        ("Automatic boot in", DOWN + "\r"),
        ("Password required", "wrong\r"),
        # The menu is drawn anew.
        ("The title", "\r"),
        ("Password required", "secret\r"),
    )

    typed = (
        ("Automatic boot in", DOWN + DOWN + "\r"),
        (r"Password, or the word install", "yes\r"),
        ("The title", "\r"),
        (r"Password, or the word install", "install\r"),
    )

    def plain(folder: pathlib.Path, until: str, mac: str = MAC) -> tuple[Boot, str]:
        return Boot("syslinux/pxelinux.0", until, mac), f"tftp={folder / 'boot'},"

    return {
        "untouched": (Boot(f"{url}/menu/boot/boot.ipxe", DISK), ""),
        "chosen": (
            Boot(f"{url}/slow/boot/boot.ipxe", COMMAND_LINE, types=(("Automatic boot in", DOWN + "\r"),)),
            "",
        ),
        "locked": (Boot(f"{url}/locked/boot/boot.ipxe", COMMAND_LINE, types=secret), ""),
        "no pxelinux": (Boot(f"{url}/no-pxelinux/boot/boot.ipxe", DISK), ""),
        "word": (Boot(f"{url}/word/boot/boot.ipxe", COMMAND_LINE, types=typed), ""),
        "default": (Boot(f"{url}/default/boot/boot.ipxe", COMMAND_LINE), ""),
        "installed": (Boot(f"{url}/default/boot/boot.ipxe", DISK, "52:54:00:aa:00:0a"), ""),
        "plain default": plain(plain_default, COMMAND_LINE, STRANGER),
        "unarmed": plain(tftp_site, DISK),
        "unknown": plain(tftp_site, DISK, STRANGER),
        "armed": plain(armed, COMMAND_LINE.replace(" BOOTIF", " .*BOOTIF")),
        "no kernel": plain(no_kernel, DISK),
        "typed": (
            Boot(
                "syslinux/pxelinux.0",
                r"BOOT_IMAGE=.* vnc",
                # The second function key, then a label that does not exist, then one with an argument.
                types=(("boot: ", "\x1bOQ"), ("of the kernel", "p7\r"), ("boot: ", "p1 vnc\r")),
                looks=True,
            ),
            f"tftp={guide / 'boot'},",
        ),
        "own": (
            Boot("syslinux/pxelinux.0", COMMAND_LINE, types=(("boot: ", "tool\r"),)),
            f"tftp={guide / 'boot'},",
        ),
        "silent": plain(silent, DISK, STRANGER),
        "described": plain(guide, DISK),
        "included": (
            Boot(f"{url}/included/boot/boot.ipxe", r"BOOT_IMAGE=\S+ nuke", types=(("boot: ", "dban\r"),)),
            "",
        ),
    }


@contextlib.contextmanager
def served(place: pathlib.Path) -> t.Iterator[str]:
    """The folder's URL, as machines on QEMU's own network write it."""
    handler = functools.partial(Handler, directory=str(place))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://10.0.2.2:{server.server_address[1]}"
        finally:
            server.shutdown()


def boot_all(place: pathlib.Path) -> dict[str, Boot]:
    disk = place / "disk"
    disk.write_bytes(boot_sector())
    with served(place) as url:
        found = boots(place, url)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: run(one[0], one[1], disk), found.values()))
    first = next(iter(found.values()))[0].screen
    if "PXELINUX" not in first:
        pytest.skip(f"QEMU has no network card with iPXE here: {first[-300:]!r}")
    return {name: boot for name, (boot, _network) in found.items()}


def check_nobody_touches_the_menu_and_the_machine_boots_its_disk(done: dict[str, Boot]) -> None:
    screen = done["untouched"].screen
    assert "The title" in screen
    assert "Install Debian" in screen
    assert re.search(r"Automatic boot in 3 .*Automatic boot in 2 ", screen, re.DOTALL)
    assert re.search(f"Booting from local disk.*{DISK}", screen, re.DOTALL)


def check_an_entry_starts_its_kernel_with_its_arguments(done: dict[str, Boot]) -> None:
    line = re.search(COMMAND_LINE, done["chosen"].screen)
    assert line, done["chosen"].screen
    assert line[0].split()[1:] == [
        "x=y",
        "quiet",
        "a=b;c",
        f"initrd={line[0].split()[0].partition('=')[2].rpartition('/')[0]}/initrd.gz",
        f"BOOTIF=01-{STRANGER.replace(':', '-')}",
    ]


def check_kernel_and_initrd_come_by_http(_done: dict[str, Boot]) -> None:
    asked = [request for request in Handler.requests if "/slow/" in request]
    assert asked[-2:] == ["200 /slow/trees/d/linux", "200 /slow/trees/d/initrd.gz"]


def check_only_the_password_opens_a_locked_entry(done: dict[str, Boot]) -> None:
    screen = done["locked"].screen
    assert screen.count("Password required") == 2
    assert re.search(COMMAND_LINE, screen)


def check_without_pxelinux_there_is_the_menu_of_ipxe(done: dict[str, Boot]) -> None:
    """It is on the screen only; when its time is over it takes the local disk."""
    asked = [request for request in Handler.requests if "/no-pxelinux/" in request]
    assert asked[-2:] == ["404 /no-pxelinux/boot/syslinux/pxelinux.0", "200 /no-pxelinux/boot/local.ipxe"]
    assert DISK in done["no pxelinux"].screen


def check_an_entry_without_questions_asks_for_the_word(done: dict[str, Boot]) -> None:
    screen = done["word"].screen
    assert screen.count("Password, or the word install") == 2
    assert re.search(r"quiet a=b;c ks=\S+/word/offers/p1/ks.cfg kssendmac initrd=", screen)


def check_the_default_installs_only_where_the_server_says_so(done: dict[str, Boot]) -> None:
    for name in ("default", "plain default"):
        assert re.search(
            r"ks=\S+/offers/p1/ks.cfg kssendmac initrd=\S+ BOOTIF=01-52-54", done[name].screen
        ), name
    assert DISK in done["installed"].screen
    assert "kssendmac" not in done["installed"].screen


def check_plain_a_machine_that_is_not_armed_boots_its_disk(done: dict[str, Boot]) -> None:
    screen = done["unarmed"].screen
    assert DISK in screen
    assert "The title" not in screen


def check_plain_an_unknown_machine_gets_the_menu_and_its_disk(done: dict[str, Boot]) -> None:
    screen = done["unknown"].screen
    assert "The title" in screen
    assert DISK in screen


def check_plain_an_armed_machine_starts_its_kernel(done: dict[str, Boot]) -> None:
    screen = done["armed"].screen
    line = re.search(r"BOOT_IMAGE=[^\r\n]*", screen)
    assert line, screen
    assert line[0].split() == [
        "BOOT_IMAGE=kernels/d/linux",
        "x=y",
        "quiet",
        "a=b;c",
        "auto=true",
        f"url=http://10.77.0.1/{TOKEN}/preseed.cfg",
        "initrd=kernels/d/initrd.gz",
        f"BOOTIF=01-{MAC.replace(':', '-')}",
    ]


def check_plain_a_missing_kernel_is_no_endless_loop(done: dict[str, Boot]) -> None:
    screen = done["no kernel"].screen
    assert screen.count("Loading kernels/d/linux") == 1
    assert DISK in screen


def check_a_prompt_shows_screens_and_starts_what_is_typed(done: dict[str, Boot]) -> None:
    screen = done["typed"].screen
    # pxelinux 5 and 6 show what is above the prompt on the screen alone, which is read here with its colours.
    shown = done["typed"].shown
    text = shown[::2].decode("cp437")
    assert "Press ENTER or a label." in text, text
    at = text.index("Press ENTER")
    assert shown[1::2][at : at + 13].hex() == "07" * 6 + "0f" * 5 + "07" * 2
    assert text[at - at % 80 : at].strip() == ""
    assert at < 80, "The screen is not cleared"
    assert "Options of the kernel" in screen
    assert "The title" not in screen
    # A mistyped label is none, and comes back.
    assert re.search(r"p7.*boot: p1 vnc", screen, re.DOTALL), screen
    assert re.search(r"BOOT_IMAGE=kernels/d/linux x=y quiet a=b;c [^\r\n]* vnc", screen), screen


def check_an_own_entry_is_loaded_from_the_top_of_the_tftp_server(done: dict[str, Boot]) -> None:
    line = re.search(COMMAND_LINE, done["own"].screen)
    assert line, done["own"].screen
    assert line[0].split()[:3] == ["BOOT_IMAGE=::tools/linux", "of=tool", "initrd=::tools/initrd.gz"]


def check_without_a_key_the_default_comes_after_tenths_of_a_second(done: dict[str, Boot]) -> None:
    assert re.search(f"boot: .*{DISK}", done["silent"].screen, re.DOTALL)


def check_a_machine_of_the_site_never_sees_the_prompt(done: dict[str, Boot]) -> None:
    screen = done["described"].screen
    assert DISK in screen
    assert "boot: " not in screen


def check_a_part_of_ones_own_is_in_it_over_http_too(done: dict[str, Boot]) -> None:
    screen = done["included"].screen
    assert "BOOT_IMAGE=own/dban nuke" in screen, screen
    assert "200 /included/boot/syslinux/own/dban" in Handler.requests


def test_the_configurations_do_what_they_promise(tmp_path: pathlib.Path) -> None:
    """One test, because ansible-test runs each in a process of its own."""
    done = boot_all(tmp_path)
    said = failures(globals(), done, at_least=9)
    assert said == {}, [said, {name: boot.screen[-1500:] for name, boot in done.items()}]
