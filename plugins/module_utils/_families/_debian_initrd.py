# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Initrds of d-i, which fetch the rest of the installer from a mirror or from a CD."""

from __future__ import annotations

import lzma
import typing as t
import zlib

_LARGEST_INITRD = 1 << 30
_XZ_MEMORY = 256 << 20
_PIECE = 4096
# The program in d-i's initrd that fetches the rest of d-i (anna), as a cpio entry's name ends.
_RETRIEVER = b"debian-installer/retriever/%s\0"
_FLAVOURS = {"netboot": _RETRIEVER % b"net-retriever", "cdrom": _RETRIEVER % b"cdrom-retriever"}


def initrd_flavour(chunks: t.Iterable[bytes]) -> str | None:
    """Tell where an initrd of d-i fetches the rest of the installer from.

    :param chunks: the initrd's bytes, in pieces of which the first has at least 6: cpio, plain or compressed by
        gzip or xz.
    :returns: ``netboot`` (from a mirror, over the network), ``cdrom`` (from a CD in the machine, so it is of no
        use to a machine that boots from the network), or ``None``: neither, or not readable.
    """
    overlap = max(len(mark) for mark in _FLAVOURS.values())
    found = None
    tail = b""
    total = 0
    try:
        for data in _decompress(chunks):
            total += len(data)
            if total > _LARGEST_INITRD:
                break
            window = tail + data
            if _FLAVOURS["netboot"] in window:
                return "netboot"
            if _FLAVOURS["cdrom"] in window:
                found = "cdrom"
            tail = window[-overlap:]
    except (zlib.error, lzma.LZMAError):
        # Something follows that is not compressed, or is damaged: what was seen so far counts.
        pass
    return found


def _decompress(chunks: t.Iterable[bytes]) -> t.Iterator[bytes]:
    """Undo gzip or xz; members may follow each other, padded with zeros, as the kernel allows."""
    decoder: t.Any = None
    make: t.Any = None
    # Small pieces: what is packed may become a thousand times as large.
    slices = (chunk[at : at + _PIECE] for chunk in chunks for at in range(0, len(chunk), _PIECE))
    for data in slices:
        if make is None:
            make = _decoder_for(data)
        while data:
            decoder = decoder or make()
            out = decoder.decompress(data)
            if out:
                yield out
            data = decoder.unused_data.lstrip(b"\0") if decoder.eof else b""
            decoder = None if decoder.eof else decoder


class _Plain:
    """An uncompressed initrd, in the manner of a decoder."""

    eof = False
    unused_data = b""

    def decompress(self, data: bytes) -> bytes:
        return data


def _decoder_for(start: bytes) -> t.Callable[[], t.Any]:
    if start.startswith(b"\x1f\x8b"):
        return lambda: zlib.decompressobj(zlib.MAX_WBITS | 16)
    if start.startswith(b"\xfd7zXZ"):
        return lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    return _Plain
