# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The checksum inside an image: what anaconda's "Test this media" compares, and ``checkisomd5``.

The program ``implantisomd5`` (isomd5sum, libimplantisomd5.c) writes words into the application use area of an image's
primary volume descriptor, which is otherwise blank::

    ISO MD5SUM = <32 digits>;SKIPSECTORS = 15;RHLISOSTATUS=1;FRAGMENT SUMS = <60 digits>;FRAGMENT COUNT = 20;
    THIS IS NOT THE SAME AS RUNNING MD5SUM ON THIS ISO!!

The sum is that of the image with a blank area, without its last SKIPSECTORS sectors. A fragment's sum is made of
some digits of the sum so far, so that the place of the first damage is known roughly.
"""

from __future__ import annotations

import hashlib
import re
import typing as t

_SECTOR = 2048
_AREA = 512
# The unit in which isomd5sum reads, which decides where a fragment ends.
_PIECE = 16 * _SECTOR


class Image(t.Protocol):
    """What is asked of an image; see _iso.Image."""

    size: int
    application_use: bytes
    application_use_at: int

    def raw(self, length: int, piece: int) -> t.Iterator[bytes]: ...


class Implant(t.NamedTuple):
    """What the image says. ``fragments`` are the digits of each fragment's sum, none in the oldest images."""

    md5: str
    skipped_sectors: int
    fragments: list[str]


class Result(t.NamedTuple):
    """``status`` is ``none``, ``present``, ``passed`` or ``failed``; ``damage`` the bytes between which it failed."""

    status: str
    damage: tuple[int, int] | None = None


def read(image: Image) -> Implant | None:
    """What was implanted into an image, if anything was."""
    text = image.application_use.decode("ascii", "replace")
    fields = {}
    for part in text.split(";"):
        key, _equals, value = part.partition("=")
        fields[key.strip()] = value.strip()
    md5, skipped = fields.get("ISO MD5SUM", ""), fields.get("SKIPSECTORS", "")
    if not re.fullmatch(r"[0-9a-f]{32}", md5) or not re.fullmatch(r"[0-9]{1,9}", skipped):
        return None
    return Implant(
        md5, int(skipped), _fragments(fields.get("FRAGMENT SUMS", ""), fields.get("FRAGMENT COUNT", ""))
    )


def _fragments(digits: str, count: str) -> list[str]:
    number = int(count) if re.fullmatch(r"[0-9]{1,2}", count) else 0
    width = len(digits) // number if number else 0
    return [digits[at : at + width] for at in range(0, width * number, width)] if width else []


def look(image: Image, verify: bool) -> Result:
    """Say whether an image holds a checksum and, with ``verify``, whether it is right, which reads all of it."""
    implant = read(image)
    if implant is None:
        return Result("none")
    return _verify(image, implant) if verify else Result("present")


def _verify(image: Image, implant: Implant) -> Result:
    length = max(0, image.size - implant.skipped_sectors * _SECTOR)
    digest = hashlib.new("md5", usedforsecurity=False)
    width = length // (len(implant.fragments) + 1)
    good = fragment = offset = 0
    damage: tuple[int, int] | None = None
    for piece in image.raw(length, _PIECE):
        digest.update(_blanked(piece, image.application_use_at - offset))
        reached = offset // width if width else 0
        offset += len(piece)
        # Images of less than some 700 KB have fragments smaller than a piece; of these nothing can be told.
        if reached == fragment + 1 and damage is None and reached <= len(implant.fragments):
            damage = None if _matches(digest.digest(), implant.fragments[fragment]) else (good, offset)
            good = offset
        fragment = reached
    if digest.hexdigest() == implant.md5:
        return Result("passed")
    return Result("failed", damage or (good, length))


def _blanked(piece: bytes, at: int) -> bytes:
    """A piece of the image with blanks where the words are, which may begin before the piece."""
    start, end = max(0, at), min(len(piece), at + _AREA)
    return piece[:start] + b" " * (end - start) + piece[end:] if start < end else piece


def _matches(digest: bytes, digits: str) -> bool:
    """isomd5sum keeps the first digit of each of the digest's first bytes, written without leading zeros."""
    return all(f"{byte:x}"[0] == digit for byte, digit in zip(digest, digits))
