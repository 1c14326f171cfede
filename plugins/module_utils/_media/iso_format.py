# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Decodes the structures of ISO 9660 images: bytes in, values out.

Formats, with the names used below:

* ECMA-119 (ISO 9660): volume descriptors (8), directory records (9.1)
* SUSP (IEEE P1281): system use entries SP, CE, ER, ST
* RRIP (IEEE P1282, Rock Ridge): NM names, SL symbolic links, TF times, CL and RE relocated folders
* Joliet: a supplementary volume descriptor whose names are UCS-2

Numbers are stored in both byte orders; the little-endian one is read, as Linux does.
"""

from __future__ import annotations

import calendar
import datetime
import struct
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

SECTOR = 2048
PRIMARY = 1
SUPPLEMENTARY = 2
_TERMINATOR = 255
_FIRST_DESCRIPTOR = 16 * SECTOR
_MOST_DESCRIPTORS = 64
APPLICATION_USE = 883
# Escape sequences of UCS-2 levels 1 to 3 (ECMA-119 8.5.6, Joliet specification).
_JOLIET = (b"%/@", b"%/C", b"%/E")
# A flag of directory records.
_IS_FOLDER = 0x02
# What a component of a link can be (RRIP 4.1.3): a name, this folder, its parent, the root.
_COMPONENTS = (0, 2, 4, 8)


class IsoError(PxeError):
    """The file is no ISO 9660 image, or a damaged or incomplete one."""


@dataclass(frozen=True)
class Volume:
    """What is needed of a volume descriptor (ECMA-119 8.4). ``blocks`` is its volume space size, ``start`` its byte."""

    volume_id: str
    blocks: int
    block_size: int
    root: bytes
    application_use: bytes
    start: int


@dataclass
class Record:
    """A directory record (ECMA-119 9.1), its system use area decoded."""

    extent: int
    length: int
    flags: int
    name: bytes
    rock: RockRidge
    modified: int

    @property
    def is_folder(self) -> bool:
        return bool(self.flags & _IS_FOLDER) or self.rock.child is not None


@dataclass
class RockRidge:
    """The RRIP entries of one record. ``link`` holds the parts of a symbolic link's target."""

    name: bytes | None = None
    link: list[bytes] = field(default_factory=list)
    child: int | None = None
    relocated: bool = False
    extension: bytes = b""
    skip: int | None = None
    modified: int | None = None
    # A component of a link's target, or none, goes on in the next SL entry.
    joined: bool = False

    def take(self, signature: bytes, body: bytes) -> None:
        """Take over one system use entry."""
        if signature == b"NM" and body:
            # Flag 1: the name goes on in the next NM. Flags 2 and 4 are '.' and '..', which have no name.
            if not body[0] & 0x06:
                self.name = (self.name or b"") + body[1:]
        elif signature == b"SL" and body:
            self._take_link(body)
        elif signature == b"CL" and len(body) >= 8:
            self.child = struct.unpack_from("<I", body)[0]
        elif signature == b"RE":
            self.relocated = True
        elif signature == b"SP" and body[:2] == b"\xbe\xef":
            self.skip = body[2] if len(body) > 2 else 0
        elif signature == b"ER" and len(body) >= 4:
            self.extension = body[4 : 4 + body[0]]
        elif signature == b"TF" and body:
            self._take_times(body)

    def _take_times(self, body: bytes) -> None:
        """Take over the time of the last change from a TF entry (RRIP 4.1.6), in the short form, as Linux does."""
        created, modified, long_form = body[0] & 0x01, body[0] & 0x02, body[0] & 0x80
        start = 8 if created else 1
        if modified and not long_form and len(body) >= start + 7:
            self.modified = _seconds(body[start : start + 7])

    def _take_link(self, body: bytes) -> None:
        """Add the components of an SL entry (RRIP 4.1.3) to the link's target."""
        position = 1
        while position + 2 <= len(body):
            flags, length = body[position], body[position + 1]
            if flags & ~1 not in _COMPONENTS:
                # Linux passes over it: its link would lead elsewhere than ours.
                raise IsoError("has a symbolic link that is not understood: it is damaged")
            text = body[position + 2 : position + 2 + length]
            # Flags 2, 4, 8: this folder, its parent, the root (which becomes a leading slash).
            part = b"." if flags & 2 else b".." if flags & 4 else b"" if flags & 8 else text
            if self.joined and self.link:
                self.link[-1] += part
            else:
                self.link.append(part)
            self.joined = bool(flags & 1)
            position += 2 + length


# Volume descriptors


def descriptors(read_at: t.Callable[[int, int], bytes]) -> t.Iterator[tuple[int, Volume]]:
    """The primary descriptor and Joliet's, if any (ECMA-119 8.1)."""
    for number in range(_MOST_DESCRIPTORS):
        try:
            data = read_at(_FIRST_DESCRIPTOR + number * SECTOR, SECTOR)
        except IsoError:
            return
        if data[1:6] != b"CD001" or data[0] == _TERMINATOR:
            return
        if data[0] == PRIMARY or (data[0] == SUPPLEMENTARY and data[88:91] in _JOLIET):
            yield data[0], _volume(data, _FIRST_DESCRIPTOR + number * SECTOR)


def _volume(data: bytes, start: int) -> Volume:
    block_size = struct.unpack_from("<H", data, 128)[0]
    if block_size not in (512, 1024, SECTOR):
        raise IsoError(f"the image claims blocks of {block_size} bytes: it is damaged")
    return Volume(
        volume_id=data[40:72].decode("utf-8", "replace").rstrip(" \0"),
        blocks=struct.unpack_from("<I", data, 80)[0],
        block_size=block_size,
        root=data[156:190],
        application_use=data[APPLICATION_USE : APPLICATION_USE + 512],
        start=start,
    )


def no_iso(start: bytes) -> str:
    """Say what the file seems to be instead."""
    guesses = (
        (b"\x1f\x8b", "it is compressed by gzip; unpack it first"),
        (b"\xfd7zXZ", "it is compressed by xz; unpack it first"),
        (b"BZh", "it is compressed by bzip2; unpack it first"),
        (b"PK\3\4", "it is a ZIP archive"),
        (b"<", "it is an HTML or XML page, probably a server's error message"),
        (b"QFI\xfb", "it is a QEMU disk image"),
    )
    head = start.lstrip()
    hint = next((text for magic, text in guesses if head.startswith(magic)), None)
    if not start:
        hint = "it is empty"
    message = "is not an ISO 9660 image: there is no volume descriptor (CD001) at byte 32768"
    return f"{message}; {hint}" if hint else message


# Directory records


def whole(sector: bytes) -> bytes:
    """The first record of a sector."""
    if sector[0] < 34:
        raise IsoError("a relocated folder of the image is damaged")
    return sector[: sector[0]]


def record(raw: bytes, rock: RockRidge) -> Record:
    """Decode a directory record. Its data begin behind the extended attribute record, if there is one."""
    if raw[26]:
        raise IsoError("the image has interleaved files (ECMA-119 6.4.3), which is not supported")
    extent, length = struct.unpack_from("<I4xI", raw, 2)
    return Record(extent + raw[1], length, raw[25], raw[33 : 33 + raw[32]], rock, _seconds(raw[18:25]))


def _seconds(date: bytes) -> int:
    """Seconds since 1970 of a date of seven bytes (ECMA-119 9.1.5); 0 when it is none."""
    year, month, day, hour, minute, second, quarters = struct.unpack("6Bb", date)
    try:
        local = calendar.timegm(datetime.datetime(1900 + year, month, day, hour, minute, second).timetuple())
    except ValueError:
        return 0
    # East of Greenwich, in quarters of an hour.
    return local - quarters * 900 if -52 <= quarters <= 52 else local


def system_use_area(raw: bytes) -> bytes:
    """What follows the name and its padding to an even length (ECMA-119 9.1.12, 9.1.13)."""
    name_length = raw[32]
    return raw[33 + name_length + (1 - name_length % 2) :]


def system_use_entries(area: bytes) -> t.Iterator[tuple[bytes, bytes]]:
    """Split into (signature, what follows the four bytes of header), up to ST or padding (SUSP 4.1)."""
    position = 0
    while position + 4 <= len(area):
        signature, length = area[position : position + 2], area[position + 2]
        if signature == b"ST" or length < 4 or position + length > len(area):
            return
        yield signature, area[position + 4 : position + length]
        position += length
