# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What firmware accepts as a loader.

BIOS PXE loads a network boot program to 0:7C00 and jumps there (PXE specification 2.1, 3.1); those of iPXE and
syslinux begin with a jump. UEFI loads PE32+ images of the subsystem "EFI application" (UEFI specification 2.10,
2.1.1; PE format: Microsoft PE and COFF specification).

syslinux's modules are ELF objects from 5.00 on, before that flat programs that begin with ``mov eax,21CD4CFFh``
(COM32) or ``…FEh`` (COM32R, 4.00 and later); a core of one kind cannot load modules of the other (syslinux NEWS, 5.00;
``core/com32.inc``, ``com32/lib/sys/entry.S``).
"""

from __future__ import annotations

import re
import struct
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import MEMORY_TEST

_MACHINES = {
    0x014C: "i386",
    0x8664: "x86_64",
    0xAA64: "arm64",
    0x01C2: "arm32",
    0x5064: "riscv64",
    0x6264: "loong64",
}
_EFI_APPLICATION = 10
_SMALLEST = 16 * 1024
# Below 640 KiB there must be room for it, the PXE stack and the BIOS.
_LARGEST_NBP = 512 * 1024
_JUMPS = (0xEA, 0xE9, 0xEB, 0xFA, 0x66)
# What pxelinux.0 says when it starts: PXELINUX 6.04 PXE 20200816, PXELINUX 3.86 2010-04-01
_PXELINUX = re.compile(rb"PXELINUX (\d+\.\d\d)(?!\d)")
_COM32 = (b"\xb8\xff\x4c\xcd\x21", b"\xb8\xfe\x4c\xcd\x21")
# 32 bit, little endian; then at 16 the type (3: shared object) and at 18 the machine (3: i386)
_ELF32 = b"\x7fELF\x01\x01"
_ELF_I386_OBJECT = struct.pack("<HH", 3, 3)
# Libraries by name in a module's string table
_LIBRARY = re.compile(rb"\0(lib[a-z0-9]+\.c32)(?=\0)")


class Loader(t.NamedTuple):
    """``format`` is pxe, efi, com32, elf or kernel; ``architecture`` as iPXE names it."""

    format: str
    architecture: str


def check_loader(name: str, data: bytes) -> Loader:
    """Refuse what a machine could not start.

    :param name: the file's name, which says what it is to be.
    :raises PxeError: names the file and what it is instead.
    """
    if name.lower().endswith(".c32"):
        return Loader(_check_module(name, data), "i386")
    if len(data) < _SMALLEST:
        raise PxeError(
            f"{name}: {len(data)} bytes are too few for a loader: was the build or the copy cut off?"
        )
    if name.lower().endswith(".efi"):
        return Loader("efi", _check_efi(name, data))
    if re.search(r"\.(k{0,3}pxe|0|bin)$", name.lower()):
        return Loader("pxe", _check_nbp(name, data))
    if _base(name) == MEMORY_TEST:
        return Loader("kernel", _check_kernel(name, data))
    raise PxeError(f"{name}: call a loader for BIOS …pxe, …kpxe or …0, one for UEFI …efi, a module …c32")


def _check_nbp(name: str, data: bytes) -> str:
    if data[0] not in _JUMPS:
        raise PxeError(
            f"{name}: this is not a program for BIOS PXE: it begins with {data[:4].hex()}, not with a jump"
        )
    if len(data) > _LARGEST_NBP:
        raise PxeError(f"{name}: {len(data)} bytes do not fit into the memory that BIOS PXE has for a loader")
    return "i386"


def _check_module(name: str, data: bytes) -> str:
    if is_com32_module(data):
        return "com32"
    if is_elf_module(data):
        return "elf"
    raise PxeError(f"{name}: this is not a module of syslinux for BIOS: it begins with {data[:5].hex()}")


def is_com32_module(data: bytes) -> bool:
    """A module of syslinux before 5.00."""
    return data.startswith(_COM32)


def is_elf_module(data: bytes) -> bool:
    """A module of syslinux from 5.00 on."""
    return data.startswith(_ELF32) and data[16:20] == _ELF_I386_OBJECT


def _check_kernel(name: str, data: bytes) -> str:
    """The mark of a boot sector, which even old kernels (Documentation/arch/x86/boot.rst) and memtest86+ have."""
    if data[510:512] != b"\x55\xaa":
        raise PxeError(f"{name}: pxelinux could not start this: it is not a Linux kernel, nor in its format")
    return "i386"


def _check_efi(name: str, data: bytes) -> str:
    start = struct.unpack_from("<I", data, 0x3C)[0]
    if data[:2] != b"MZ" or data[start : start + 4] != b"PE\0\0" or start + 0x60 > len(data):
        raise PxeError(f"{name}: this is not a program for UEFI (PE image)")
    machine, sections = struct.unpack_from("<HH", data, start + 4)
    optional_size = struct.unpack_from("<H", data, start + 20)[0]
    if struct.unpack_from("<H", data, start + 24 + 68)[0] != _EFI_APPLICATION:
        raise PxeError(f"{name}: this is a PE image, but no EFI application")
    table = start + 24 + optional_size
    if _end_of_sections(data, table, sections) > len(data):
        raise PxeError(f"{name}: this EFI application is cut off")
    return _MACHINES.get(machine, f"{machine:#06x}")


def _end_of_sections(data: bytes, table: int, count: int) -> int:
    """Where the last section of a PE image ends. A header is 40 bytes: size at 16, place at 20."""
    if table + 40 * count > len(data):
        return table + 40 * count
    ends = (sum(struct.unpack_from("<II", data, table + 40 * number + 16)) for number in range(count))
    return max(ends, default=table)


def check_contains(name: str, data: bytes, marker: str) -> None:
    """Refuse a loader that was built without our script.

    :param data: the loader before its compression.
    """
    if marker.encode() not in data:
        raise PxeError(f"{name}: the script is not inside: '{marker}' is nowhere in it")


def check_syslinux(loaders: dict[str, bytes]) -> dict[str, str]:
    """Refuse modules that the pxelinux.0 beside them cannot load, and modules without their libraries.

    :param loaders: what is published, by path; each has passed ``check_loader``.
    :returns: the version of pxelinux.0 by folder (``{"syslinux": "6.04"}``).
    :raises PxeError: names the file, and what it would need.
    """
    folders: dict[str, dict[str, bytes]] = {}
    for path, data in loaders.items():
        folder, _slash, name = path.rpartition("/")
        if name.endswith((".c32", "pxelinux.0")):
            folders.setdefault(folder, {})[name] = data
    return {folder: _check_folder(folder, files) for folder, files in folders.items()}


def _check_folder(folder: str, files: dict[str, bytes]) -> str:
    versions = {name: pxelinux_version(name, data) for name, data in files.items() if name.endswith(".0")}
    if not versions:
        raise PxeError(f"{folder}: there are modules of syslinux, but no pxelinux.0 that would load them")
    if len(set(versions.values())) > 1:
        said = ", ".join(f"{name} is {version}" for name, version in versions.items())
        raise PxeError(f"{folder}: {said}: take all files from one version of syslinux")
    version = next(iter(versions.values()))
    is_elf = int(version.split(".")[0]) >= 5
    for name, data in files.items():
        if name.endswith(".c32") and data.startswith(_ELF32) != is_elf:
            raise PxeError(
                f"{folder}/{name} is a module of syslinux {'before 5.00' if is_elf else '5.00 or later'}, which"
                f" pxelinux.0 {version} cannot load: take all files from one version of syslinux"
            )
    if is_elf:
        _check_libraries(folder, version, files)
    return version


def _check_libraries(folder: str, version: str, files: dict[str, bytes]) -> None:
    needed = {"ldlinux.c32": f"pxelinux.0 {version}"}
    for name, data in files.items():
        needed.update((found.decode(), name) for found in _LIBRARY.findall(data) if name.endswith(".c32"))
    for name, user in needed.items():
        if name not in files:
            raise PxeError(f"{folder}: {user} needs {name}, which is not there")


def pxelinux_version(name: str, data: bytes) -> str:
    """The version that a pxelinux.0 will show, such as ``6.04``.

    :raises PxeError: it shows none.
    """
    found = _PXELINUX.search(data)
    if not found:
        raise PxeError(f"{name}: this is not pxelinux: it does not name its version")
    return found[1].decode()


def _base(path: str) -> str:
    return path.rpartition("/")[2]
