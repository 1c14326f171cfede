# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import pathlib
import struct

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.loaders import (
    check_contains,
    check_loader,
    check_syslinux,
    pxelinux_version,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from hypothesis import given
from hypothesis import strategies as st

SIZE = 70000
NBP = b"\xea\x08\x00\xc0\x07".ljust(SIZE, b"\0")


ELF = b"\x7fELF\x01\x01".ljust(16, b"\0") + b"\x03\0\x03\0" + b"\0" * 40
COM32 = b"\xb8\xff\x4c\xcd\x21" + b"\0" * 40
KERNEL = (b"\0" * 510 + b"\x55\xaa\xeb\x66HdrS").ljust(SIZE, b"\0")


def pxelinux(version: str, kind: str = "PXE") -> bytes:
    return NBP[:100] + f"\r\nPXELINUX {version} {kind} 20200816 \0".encode() + NBP[100:]


def elf(*libraries: str) -> bytes:
    return ELF + b"\0" + b"".join(name.encode() + b"\0" for name in libraries)


def efi(machine: int = 0x8664, subsystem: int = 10, end: int = SIZE, magic: bytes = b"PE\0\0") -> bytes:
    """A PE image with one section that ends at ``end``."""
    start, optional = 0x80, 240
    head = bytearray(SIZE)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3C, start)
    head[start : start + 4] = magic
    struct.pack_into("<HH", head, start + 4, machine, 1)
    struct.pack_into("<H", head, start + 20, optional)
    struct.pack_into("<H", head, start + 24 + 68, subsystem)
    struct.pack_into("<II", head, start + 24 + optional + 16, end - 512, 512)
    return bytes(head)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("undionly.kpxe", NBP, ("pxe", "i386")),
        ("ipxe.pxe", NBP, ("pxe", "i386")),
        ("undionly.kkpxe", NBP, ("pxe", "i386")),
        ("pxelinux.0", NBP, ("pxe", "i386")),
        ("snponly.efi", efi(), ("efi", "x86_64")),
        ("arm64/snponly.efi", efi(0xAA64), ("efi", "arm64")),
        ("BOOTX64.EFI", efi(), ("efi", "x86_64")),
        ("strange.efi", efi(0x1234), ("efi", "0x1234")),
        ("syslinux/menu.c32", ELF, ("elf", "i386")),
        ("syslinux/menu.c32", COM32, ("com32", "i386")),
        ("syslinux/menu.c32", b"\xb8\xfe" + COM32[2:], ("com32", "i386")),
        ("syslinux/memtest", KERNEL, ("kernel", "i386")),
    ],
)
def test_loaders(name: str, data: bytes, expected: tuple[str, str]) -> None:
    assert check_loader(name, data) == expected


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("undionly.kpxe", b"", "too few"),
        ("undionly.kpxe", NBP[:1000], "too few"),
        ("undionly.kpxe", b"<html>".ljust(SIZE), "not with a jump"),
        ("undionly.kpxe", b"#!ipxe".ljust(SIZE), "not with a jump"),
        ("undionly.kpxe", b"\x7fELF".ljust(SIZE), "not with a jump"),
        ("undionly.kpxe", efi(), "not with a jump"),
        ("undionly.kpxe", NBP * 10, "do not fit"),
        ("snponly.efi", NBP, "not a program for UEFI"),
        ("snponly.efi", efi(magic=b"NE\0\0"), "not a program for UEFI"),
        ("snponly.efi", b"MZ".ljust(SIZE, b"\xff"), "not a program for UEFI"),
        ("snponly.efi", efi(subsystem=3), "no EFI application"),
        ("snponly.efi", efi(end=SIZE + 1), "cut off"),
        ("snponly", efi(), "call a loader"),
        ("vmlinuz", NBP, "call a loader"),
        ("menu.c32", b"<html>", "not a module of syslinux for BIOS"),
        ("menu.c32", ELF.replace(b"\x7fELF\x01", b"\x7fELF\x02"), "not a module of syslinux for BIOS"),
        ("memtest", NBP, "not a Linux kernel"),
    ],
)
def test_what_is_none(name: str, data: bytes, words: str) -> None:
    with pytest.raises(PxeError) as caught:
        check_loader(name, data)
    assert str(caught.value).startswith(f"{name}: ")
    assert words in str(caught.value)


@given(st.binary(max_size=300), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFF))
def test_a_damaged_image_is_refused_or_accepted_but_never_breaks(head: bytes, start: int, count: int) -> None:
    data = bytearray((b"MZ" + head).ljust(20000, b"\0"))
    struct.pack_into("<I", data, 0x3C, start % 20010)
    where = start % 20010
    if where + 8 < len(data):
        data[where : where + 4] = b"PE\0\0"
        struct.pack_into("<H", data, where + 6, count)
        data[20000:] = b""
    with contextlib.suppress(PxeError):
        check_loader("x.efi", bytes(data))


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/usr/lib/ipxe/undionly.kpxe", ("pxe", "i386")), ("/usr/lib/ipxe/snponly.efi", ("efi", "x86_64"))],
)
def test_those_of_the_distribution(path: str, expected: tuple[str, str]) -> None:
    file = pathlib.Path(path)
    if not file.exists():
        pytest.skip("the package ipxe is not installed")
    assert check_loader(path, file.read_bytes()) == expected


def test_the_script_must_be_inside() -> None:
    check_contains("x.kpxe", b"...echo loader 12...", "loader 12")
    with pytest.raises(PxeError, match=r"x\.kpxe: the script is not inside"):
        check_contains("x.kpxe", b"...echo loader 12...", "loader 13")


NEW = {
    "syslinux/pxelinux.0": pxelinux("6.04"),
    "syslinux/ldlinux.c32": ELF,
    "syslinux/libutil.c32": elf("libutil.c32"),
    "syslinux/menu.c32": elf("libutil.c32"),
}
OLD = {"old/pxelinux.0": pxelinux("3.86", ""), "old/menu.c32": COM32}


@pytest.mark.parametrize(
    ("loaders", "wanted"),
    [
        ({}, {}),
        ({"undionly.kpxe": NBP, "snponly.efi": efi()}, {}),
        (NEW, {"syslinux": "6.04"}),
        (OLD, {"old": "3.86"}),
        (
            {**NEW, **OLD, "undionly.kpxe": NBP, "syslinux/memtest": KERNEL},
            {"syslinux": "6.04", "old": "3.86"},
        ),
        ({**NEW, "syslinux/lpxelinux.0": pxelinux("6.04", "lwIP")}, {"syslinux": "6.04"}),
        ({"pxelinux.0": pxelinux("4.05")}, {"": "4.05"}),
    ],
)
def test_sets_of_syslinux(loaders: dict[str, bytes], wanted: dict[str, str]) -> None:
    assert check_syslinux(loaders) == wanted


@pytest.mark.parametrize(
    ("loaders", "words"),
    [
        ({**NEW, "syslinux/menu.c32": COM32}, "syslinux/menu.c32 is a module of syslinux before 5.00"),
        ({**OLD, "old/menu.c32": ELF}, "old/menu.c32 is a module of syslinux 5.00 or later"),
        ({"a/menu.c32": ELF}, "no pxelinux.0 that would load them"),
        ({**NEW, "syslinux/lpxelinux.0": pxelinux("6.03")}, "pxelinux.0 is 6.04, lpxelinux.0 is 6.03"),
        ({"a/pxelinux.0": pxelinux("6.04")}, "pxelinux.0 6.04 needs ldlinux.c32"),
        ({**NEW, "syslinux/vesamenu.c32": elf("libutil.c32", "libcom32.c32")}, "vesamenu.c32 needs libcom32.c32"),
        ({**NEW, "syslinux/pxelinux.0": NBP}, "does not name its version"),
    ],
)  # fmt: skip
def test_sets_that_do_not_fit(loaders: dict[str, bytes], words: str) -> None:
    with pytest.raises(PxeError, match=words):
        check_syslinux(loaders)


BIOS = pathlib.Path("/usr/lib/syslinux/modules/bios")


@pytest.mark.skipif(not BIOS.is_dir(), reason="the package syslinux-common is not installed")
def test_the_package_of_the_distribution() -> None:
    files = {f"s/{path.name}": path.read_bytes() for path in sorted(BIOS.glob("*.c32"))}
    files["s/pxelinux.0"] = pathlib.Path("/usr/lib/PXELINUX/pxelinux.0").read_bytes()
    formats = {check_loader(name, data).format for name, data in files.items()}
    assert formats == {"elf", "pxe"}
    assert check_syslinux(files) == {"s": pxelinux_version("s/pxelinux.0", files["s/pxelinux.0"])}
    del files["s/libcom32.c32"]
    with pytest.raises(PxeError, match=r"needs libcom32\.c32"):
        check_syslinux(files)
