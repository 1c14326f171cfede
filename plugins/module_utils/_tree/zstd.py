# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Unpacks Zstandard by the program zstd."""

from __future__ import annotations

import os
import tempfile
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import packed


def unpacker(program: str | None, folder: str | None, run: Runner) -> packed.Unpack | None:
    """What unpacks by the program; ``None`` if it is not installed.

    :param folder: where temporary folders are made.
    """
    if not program:
        return None

    def unpack(data: bytes) -> t.Iterator[bytes]:
        with tempfile.TemporaryDirectory(prefix="zstd-", dir=folder) as empty:
            yield from unpack_zstd(data, program, empty, run)

    return unpack


def unpack_zstd(data: bytes, program: str, folder: str, run: Runner) -> t.Iterator[bytes]:
    """Unpack Zstandard by the program, in pieces.

    By files: run_command() writes all of its data before it reads anything, and waits for ever when both pipes fill up.

    :param folder: an empty one.
    :raises PxeError: the data are damaged.
    """
    stored, unpacked = os.path.join(folder, "packed"), os.path.join(folder, "unpacked")
    with open(stored, "wb") as file:
        file.write(data)
    # What is too large is cut off, one byte behind the bound, and refused by whoever reads it.
    bound = packed.LARGEST_UNPACKED
    pipe = '{ "$1" --decompress --stdout --quiet "$2" || echo "status $?" >&2; } | head -c "$3" >"$4"'
    status, _out, err = run(["sh", "-c", pipe, "sh", program, stored, str(bound + 1), unpacked])
    # zstd fails as well when it is cut off.
    if status or (err and os.path.getsize(unpacked) <= bound):
        raise PxeError(f"cannot be unpacked by zstd: {err.strip()}")
    with open(unpacked, "rb") as file:
        while piece := file.read(1 << 16):
            yield piece
