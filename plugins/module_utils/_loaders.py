# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What firmware accepts as a loader.

BIOS PXE loads a network boot program to 0:7C00 and jumps there (PXE specification 2.1, 3.1); those of iPXE and
syslinux begin with a jump. UEFI loads PE32+ images of the subsystem "EFI application" (UEFI specification 2.10,
2.1.1; PE format: Microsoft PE and COFF specification).
"""

from __future__ import annotations

import re
import struct
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

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


class Loader(t.NamedTuple):
    """``format`` is pxe or efi; ``architecture`` as iPXE names it."""

    format: str
    architecture: str


def check_loader(name: str, data: bytes) -> Loader:
    """Refuse what a machine could not start.

    :param name: the file's name, which says what it is to be.
    :raises PxeError: names the file and what it is instead.
    """
    if len(data) < _SMALLEST:
        raise PxeError(
            f"{name}: {len(data)} bytes are too few for a loader: was the build or the copy cut off?"
        )
    if name.lower().endswith(".efi"):
        return Loader("efi", _check_efi(name, data))
    if re.search(r"\.(k{0,3}pxe|0|bin)$", name.lower()):
        return Loader("pxe", _check_nbp(name, data))
    raise PxeError(f"{name}: call a loader for BIOS …pxe, …kpxe or …0, one for UEFI …efi")


def _check_nbp(name: str, data: bytes) -> str:
    if data[0] not in _JUMPS:
        raise PxeError(
            f"{name}: this is no program for BIOS PXE: it begins with {data[:4].hex()}, not with a jump"
        )
    if len(data) > _LARGEST_NBP:
        raise PxeError(f"{name}: {len(data)} bytes do not fit into the memory that BIOS PXE has for a loader")
    return "i386"


def _check_efi(name: str, data: bytes) -> str:
    start = struct.unpack_from("<I", data, 0x3C)[0]
    if data[:2] != b"MZ" or data[start : start + 4] != b"PE\0\0" or start + 0x60 > len(data):
        raise PxeError(f"{name}: this is no program for UEFI (PE image)")
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
