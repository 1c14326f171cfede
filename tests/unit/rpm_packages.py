# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes RPM packages without rpmbuild, for whoever reads their headers alone.

The format is that of rpm's docs/manual/format.md: a lead of 96 bytes, a signature header, a header. There is no
payload: such a package can be indexed, but not installed.
"""

from __future__ import annotations

import pathlib
import struct
import typing as t

_MAGIC = b"\x8e\xad\xe8\x01\0\0\0\0"
_INT16, _INT32, _STRING, _ARRAY, _I18N = 3, 4, 6, 8, 9
# Number types: length in bytes, which they are aligned to as well, and struct's letter.
_NUMBERS = {_INT16: (2, "H"), _INT32: (4, "I")}


def package(name: str, version: str = "1.0", arch: str = "noarch", files: t.Sequence[str] = ()) -> bytes:
    """A package of nothing; ``files`` are what it claims to hold."""
    folders = sorted({f"{pathlib.PurePosixPath(path).parent}/" for path in files})
    tags: list[tuple[int, int, t.Any]] = [
        (1000, _STRING, name),
        (1001, _STRING, version),
        (1002, _STRING, "1"),
        (1004, _I18N, [f"The package {name}"]),
        (1005, _I18N, [f"What {name} is"]),
        (1006, _INT32, [1600000000]),
        (1009, _INT32, [4]),
        (1014, _STRING, "MIT"),
        (1016, _I18N, ["Unspecified"]),
        (1021, _STRING, "linux"),
        (1022, _STRING, arch),
        (1044, _STRING, f"{name}-{version}-1.src.rpm"),
        (1047, _ARRAY, [name]),
        (1112, _INT32, [8]),
        (1113, _ARRAY, [f"{version}-1"]),
        (1124, _STRING, "cpio"),
        (1125, _STRING, "gzip"),
    ]
    if files:
        paths = [pathlib.PurePosixPath(path) for path in files]
        tags += [
            (1028, _INT32, [0 for _path in paths]),
            (1030, _INT16, [0o100644 for _path in paths]),
            (1034, _INT32, [1600000000 for _path in paths]),
            (1035, _ARRAY, ["" for _path in paths]),
            (1036, _ARRAY, ["" for _path in paths]),
            (1037, _INT32, [0 for _path in paths]),
            (1039, _ARRAY, ["root" for _path in paths]),
            (1040, _ARRAY, ["root" for _path in paths]),
            (1116, _INT32, [folders.index(f"{path.parent}/") for path in paths]),
            (1117, _ARRAY, [path.name for path in paths]),
            (1118, _ARRAY, folders),
        ]
    lead = struct.pack(">4sBBHH66sHH16x", b"\xed\xab\xee\xdb", 3, 0, 0, 1, name.encode()[:65], 1, 5)
    signature = _header([(1000, _INT32, [0])], 62)
    return lead + signature + b"\0" * (-len(signature) % 8) + _header(sorted(tags), 63)


def _header(tags: list[tuple[int, int, t.Any]], region: int) -> bytes:
    """An index and its data, the whole of it an immutable region, as since rpm 4."""
    index, data = b"", b""
    for tag, kind, value in tags:
        length, letter = _NUMBERS.get(kind, (1, ""))
        data += b"\0" * (-len(data) % length)
        values = value if isinstance(value, list) else [value]
        index += struct.pack(">IIII", tag, kind, len(data), len(values))
        if letter:
            data += struct.pack(f">{len(values)}{letter}", *values)
        else:
            data += b"".join(text.encode() + b"\0" for text in values)
    count = len(tags) + 1
    # The region's own entry comes first, its trailer last; the trailer says how long the index is, backwards.
    first = struct.pack(">IIII", region, 7, len(data), 16)
    data += struct.pack(">IIiI", region, 7, -16 * count, 16)
    return _MAGIC + struct.pack(">II", count, len(data)) + first + index + data
