# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Bytes of metadata files: their checksums, and what is in them when they are packed, in pieces."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import importlib
import io
import lzma
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

Data = t.Union[bytes, t.Iterable[bytes]]
Unpack = t.Callable[[bytes], Data]

# A bound that no release comes near.
LARGEST_UNPACKED = 512 << 20
PIECE = 1 << 16
_XZ_MEMORY = 256 << 20
_ZSTD = b"\x28\xb5\x2f\xfd"
# The name that old versions of createrepo give to SHA-1.
_SHA1 = "sha"


def digest(algorithm: str, data: bytes) -> str:
    """Hexadecimal digits of a checksum.

    :raises PxeError: nobody here knows the algorithm.
    """
    try:
        name = "sha1" if algorithm == _SHA1 else algorithm
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()
    except (ValueError, TypeError):
        raise PxeError(f"has a checksum of the kind '{algorithm}', which this host cannot compute") from None


def unpack(data: bytes, unzstd: Unpack | None = None) -> bytes:
    """Unpack gzip, xz, bzip2 or Zstandard, told by their first bytes; anything else is returned as it is.

    :raises PxeError: the data are damaged or too large, or there is nothing that unpacks them.
    """
    return b"".join(pieces(data, unzstd))


def pieces(data: bytes, unzstd: Unpack | None = None) -> t.Iterator[bytes]:
    """``unpack``, in pieces: what is small on a disc may be large in the memory.

    :raises PxeError: as there.
    """
    unpackers: tuple[tuple[bytes, t.Callable[[bytes], t.Iterator[bytes]]], ...] = (
        (b"\x1f\x8b", lambda packed: _read_pieces(gzip.GzipFile(fileobj=io.BytesIO(packed)))),
        (b"\xfd7zXZ\0", _unxz),
        (b"BZh", lambda packed: _read_pieces(bz2.BZ2File(io.BytesIO(packed)))),
        (_ZSTD, lambda packed: sliced(unzstd(packed)) if unzstd else _unzstd(packed)),
    )
    unpacker = next((found for magic, found in unpackers if data.startswith(magic)), sliced)
    total = 0
    try:
        for piece in unpacker(data):
            total += len(piece)
            if total > LARGEST_UNPACKED:
                raise PxeError(
                    f"is larger than {LARGEST_UNPACKED >> 20} MiB when it is unpacked: it is damaged"
                )
            yield piece
    except PxeError:
        raise
    # Each library has errors of its own, those of Zstandard's are not even importable here.
    except Exception as exc:
        raise PxeError(f"is damaged: it cannot be unpacked ({exc})") from exc


class _Readable(t.Protocol):
    def read(self, size: int, /) -> bytes: ...


def _read_pieces(file: _Readable) -> t.Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def sliced(data: Data) -> t.Iterator[bytes]:
    """Data in pieces, also what comes as a whole."""
    if isinstance(data, bytes):
        return (data[at : at + PIECE] for at in range(0, len(data), PIECE))
    return iter(data)


def _unxz(data: bytes) -> t.Iterator[bytes]:
    """Unpack xz. Unlike LZMAFile, LZMADecompressor can be told how much memory it may take."""
    while data.startswith(b"\xfd7zXZ\0"):
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
        while not decoder.eof:
            piece = decoder.decompress(data, PIECE)
            data = b""
            if piece:
                yield piece
            elif decoder.needs_input and not decoder.eof:
                raise EOFError("it ends too early")
        data = decoder.unused_data.lstrip(b"\0")


def _unzstd(data: bytes) -> t.Iterator[bytes]:
    """Unpack Zstandard by Python's own module (3.14) or one of the libraries."""
    for name in ("compression.zstd", "backports.zstd", "pyzstd"):
        try:
            return _read_pieces(importlib.import_module(name).ZstdFile(io.BytesIO(data)))
        except ImportError:
            continue
    try:
        library = importlib.import_module("zstandard")
    except ImportError:
        raise PxeError(
            "is compressed by Zstandard, which this host cannot unpack; install the program zstd (package zstd)"
        ) from None
    # Unlike decompress(), a stream needs no length in its header.
    return _read_pieces(library.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True))
