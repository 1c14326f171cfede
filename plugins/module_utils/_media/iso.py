# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads ISO 9660 images without mounting them, without privileges and without libraries.

Names are those that Linux shows when it mounts the image: Rock Ridge's, else Joliet's, else lower case
without version. A file may be of several sections (ECMA-119 6.5.1).
"""

from __future__ import annotations

import io
import struct
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._media import iso_format
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso_format import (
    PRIMARY,
    SECTOR,
    SUPPLEMENTARY,
    IsoError,
    Record,
    RockRidge,
)

# A flag of directory records: the file goes on in the next one.
_CONTINUED = 0x80
_ROCK_RIDGE = (b"RRIP_1991A", b"IEEE_P1282", b"IEEE_1282")
# Bounds that no real image reaches, for damaged ones.
_LARGEST_FOLDER = 64 * 1024 * 1024
_MOST_CONTINUATIONS = 64
_MOST_LINKS = 40
_MOST_ENTRIES = 1_000_000
_LONGEST_PATH = 4096
# Files share their content where they were hard links, or the same when the image was made (mkisofs -cache-inodes and
# -duplicates-once, oscdimg -o): on DVDs of Linux a kernel or two, on Windows discs of many editions some nine times.
_MOST_SHARED = 16
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Entry:
    """A file, folder or link. ``sections`` are (byte offset, length); ``target`` is set for links.

    ``modified`` is what Linux shows as the time of its last change: seconds since 1970.
    """

    name: str
    is_folder: bool
    sections: tuple[tuple[int, int], ...] = ()
    target: str | None = None
    modified: int = 0

    @property
    def size(self) -> int:
        return sum(length for _offset, length in self.sections)


class Image:
    """A read-only view of an image in a seekable binary file, which stays the caller's to close.

    Paths are relative to the image's root, with or without a leading slash.

    :raises IsoError: from any method, when the image is not ISO 9660, damaged or incomplete.
    """

    def __init__(self, file: t.BinaryIO) -> None:
        self._file = file
        self.actual_size = file.seek(0, io.SEEK_END)
        volumes = dict(iso_format.descriptors(self._read_at))
        if PRIMARY not in volumes:
            raise IsoError(iso_format.no_iso(self._read_start()))
        primary = volumes[PRIMARY]
        self.volume_id = primary.volume_id
        # 512 bytes that are free for any use (ECMA-119 8.4.32), and where they begin.
        self.application_use = primary.application_use
        self.application_use_at = primary.start + iso_format.APPLICATION_USE
        # What the image says of its own length, in bytes (ECMA-119 8.4.8).
        self.size = primary.blocks * primary.block_size
        self._block = primary.block_size
        self._skip = 0
        self._joliet = False
        self._root = self._find_root(volumes)

    @property
    def missing(self) -> int:
        """How many bytes of the image are not there: more than 0 after an unfinished download."""
        return max(0, self.size - self.actual_size)

    def exists(self, path: str) -> bool:
        return self.lookup(path) is not None

    def lookup(self, path: str) -> Entry | None:
        """Find a file or folder, following symbolic links inside the image; ``None`` when there is none."""
        trail = [self._root]
        parts = _parts(path)
        links = 0
        while parts:
            part = parts.pop(0)
            if part == "..":
                trail = trail[:-1] or [self._root]
                continue
            found = self._child(trail[-1], part)
            if found is None:
                return None
            if found.target is not None:
                links += 1
                if links > _MOST_LINKS:
                    return None
                trail = [self._root] if found.target.startswith("/") else trail
                parts = _parts(found.target) + parts
            else:
                trail.append(found)
        return trail[-1]

    def listdir(self, path: str = "") -> list[str]:
        """Names in a folder, sorted; an empty list when there is no such folder."""
        entry = self.lookup(path)
        return sorted(child.name for child in self._children(entry)) if entry and entry.is_folder else []

    def walk(self) -> t.Iterator[tuple[str, Entry]]:
        """Everything in the image, as (path, entry); a folder comes before what is in it. Links are not followed.

        Of two entries of one name the first counts, as for ``lookup`` and for Linux: a link and a folder of one name
        would otherwise lead what is in the folder elsewhere.

        :raises IsoError: also when a file's content lies outside of the image, as after a download that broke off, or
            when files are many times as large as the image.
        """
        seen = {self._root.sections}
        waiting = [("", self._root)]
        number = total = 0
        while waiting:
            path, folder = waiting.pop()
            names: set[str] = set()
            for child in self._children(folder):
                number += 1
                place = _place(path, child.name, number)
                if child.name in names:
                    continue
                names.add(child.name)
                for start, length in child.sections:
                    self._check_extent(start, length)
                total += child.size
                self._check_total(total)
                yield place, child
                if child.is_folder:
                    if child.sections in seen:
                        raise IsoError(f"has the folder '{place}' inside itself: the image is damaged")
                    seen.add(child.sections)
                    waiting.append((place, child))

    def links_out(self) -> dict[str, str]:
        """Symbolic links that lead out of the image when a server follows them: target by path."""
        return links_out({path: entry.target for path, entry in self.walk()})

    def is_link(self, path: str) -> bool:
        """Whether the last part of ``path`` is itself a symbolic link."""
        folder, _slash, name = path.strip("/").rpartition("/")
        parent = self.lookup(folder)
        found = self._child(parent, name) if parent else None
        return found is not None and found.target is not None

    def read(self, path: str, limit: int = 4 * _CHUNK) -> bytes | None:
        """The content of a file, at most ``limit`` bytes of it; ``None`` when there is no such file."""
        chunks = self.chunks(path)
        if chunks is None:
            return None
        data = bytearray()
        for chunk in chunks:
            data += chunk
            if len(data) >= limit:
                break
        return bytes(data[:limit])

    def chunks(self, path: str) -> t.Iterator[bytes] | None:
        """The content of a file in pieces of at most 1 MiB; ``None`` when there is no such file."""
        entry = self.lookup(path)
        if entry is None or entry.is_folder:
            return None
        return self.content(entry)

    def content(self, entry: Entry) -> t.Iterator[bytes]:
        """The content of a file that ``walk`` or ``lookup`` found, in pieces of at most 1 MiB."""
        for start, length in entry.sections:
            for offset in range(0, length, _CHUNK):
                yield self._read_at(start + offset, min(_CHUNK, length - offset))

    def raw(self, length: int, piece: int) -> t.Iterator[bytes]:
        """The image's first ``length`` bytes as they are, in pieces of ``piece`` bytes."""
        for offset in range(0, length, piece):
            yield self._read_at(offset, min(piece, length - offset))

    # Reading

    def _read_start(self) -> bytes:
        self._file.seek(0)
        return self._file.read(SECTOR)

    def _read_at(self, offset: int, length: int) -> bytes:
        self._check_extent(offset, length)
        self._file.seek(offset)
        return self._file.read(length)

    def _check_extent(self, offset: int, length: int) -> None:
        if offset + length > self.actual_size:
            raise IsoError(
                f"the image ends at byte {self.actual_size}, but refers to {length} bytes at byte {offset}: "
                "it is incomplete or damaged; fetch it again and compare its checksum"
            )

    def _check_total(self, total: int) -> None:
        """A small image could fill the disk that it is copied to, with files that all lie at the same place."""
        if total > _MOST_SHARED * self.actual_size:
            raise IsoError(
                f"has files of more than {_MOST_SHARED} times its own size, which lie one over the other: the image is "
                "damaged"
            )

    # Folders

    def _find_root(self, volumes: dict[int, iso_format.Volume]) -> Entry:
        """Choose Rock Ridge, else Joliet, else plain names, and set how names are read."""
        primary = iso_format.record(volumes[PRIMARY].root, RockRidge())
        found = self._rock_ridge_of(primary)
        root = primary
        if found is not None:
            self._skip = found
        elif SUPPLEMENTARY in volumes:
            self._joliet = True
            root = iso_format.record(volumes[SUPPLEMENTARY].root, RockRidge())
        self._rock = found is not None
        return Entry("", True, ((root.extent * self._block, root.length),))

    def _rock_ridge_of(self, root: Record) -> int | None:
        """SP's skip length when the root's first record says that Rock Ridge is in use (SUSP 5.3, 5.5)."""
        data = self._read_at(root.extent * self._block, SECTOR)
        length = data[0]
        if length < 34:
            raise IsoError("the root folder of the image is damaged")
        rock = self._system_use(iso_format.system_use_area(data[:length]))
        return rock.skip or 0 if rock.skip is not None and rock.extension in _ROCK_RIDGE else None

    def _child(self, folder: Entry, name: str) -> Entry | None:
        if not folder.is_folder:
            return None
        return next((child for child in self._children(folder) if child.name == name), None)

    def _children(self, folder: Entry) -> t.Iterator[Entry]:
        """The entries of a folder, without its first two records (itself and its parent)."""
        sections: list[tuple[int, int]] = []
        for record in self._records(folder):
            if record.name in (b"\0", b"\1") or record.rock.relocated:
                continue
            sections.append(self._section(record))
            # All but the last record of a file of several sections carry the flag.
            if not record.flags & _CONTINUED:
                yield self._entry(record, tuple(sections))
                sections = []

    def _section(self, record: Record) -> tuple[int, int]:
        if record.rock.child is None:
            return record.extent * self._block, record.length
        # A relocated folder's length is in its own first record (RRIP 4.1.5).
        start = record.rock.child * self._block
        return start, iso_format.record(iso_format.whole(self._read_at(start, SECTOR)), RockRidge()).length

    def _entry(self, record: Record, sections: tuple[tuple[int, int], ...]) -> Entry:
        target = None
        if record.rock.link:
            target = b"/".join(record.rock.link).decode("utf-8", "replace") or "/"
        rock = record.rock.modified
        modified = record.modified if rock is None else rock
        return Entry(self._name(record), record.is_folder, sections, target, modified)

    def _name(self, record: Record) -> str:
        if record.rock.name is not None:
            return record.rock.name.decode("utf-8", "replace")
        if self._joliet:
            return record.name.decode("utf-16-be", "replace").partition(";")[0]
        # ECMA-119 7.5: NAME.EXTENSION;VERSION, each of the last two perhaps empty.
        name = record.name.decode("ascii", "replace").partition(";")[0]
        return name.rstrip(".").lower()

    def _records(self, folder: Entry) -> t.Iterator[Record]:
        start, length = folder.sections[0]
        if length > _LARGEST_FOLDER:
            raise IsoError(f"folder '{folder.name}' of the image claims {length} bytes: the image is damaged")
        data = self._read_at(start, length)
        position = 0
        while position < length:
            size = data[position]
            if size == 0:
                # Records do not cross sectors; the rest of one is zero (ECMA-119 6.8.1.1).
                position = (position // SECTOR + 1) * SECTOR
                continue
            raw = data[position : position + size]
            if len(raw) < size or size < 34:
                raise IsoError(f"folder '{folder.name}' of the image is damaged")
            rock = self._system_use(iso_format.system_use_area(raw)[self._skip :])
            if not self._rock:
                # Linux reads them even where the image does not say that it uses Rock Ridge.
                if rock.link:
                    raise IsoError(f"has symbolic links in '{folder.name}' without Rock Ridge: it is damaged")
                rock = RockRidge()
            yield iso_format.record(raw, rock)
            position += size

    def _system_use(self, area: bytes) -> RockRidge:
        """Decode the system use area and its continuations (SUSP 5.1)."""
        rock = RockRidge()
        for _turn in range(_MOST_CONTINUATIONS):
            following = None
            for signature, body in iso_format.system_use_entries(area):
                if signature == b"CE" and len(body) >= 24:
                    block, offset, length = (struct.unpack_from("<I", body, at)[0] for at in (0, 8, 16))
                    following = (block * self._block + offset, min(length, SECTOR * 32))
                else:
                    rock.take(signature, body)
            if following is None:
                break
            area = self._read_at(*following)
        return rock


def _place(folder: str, name: str, number: int) -> str:
    """The path of a name in a folder.

    :param number: how many names there were so far.
    :raises IsoError: it is no name, or there are too many.
    """
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise IsoError(f"has an impossible name, {name[:100]!r}, in '/{folder[:200]}': the image is damaged")
    place = f"{folder}/{name}" if folder else name
    if len(place.encode("utf-8", "replace")) >= _LONGEST_PATH:
        raise IsoError(
            f"has a path of more than {_LONGEST_PATH} bytes: '{place[:100]}…': the image is damaged"
        )
    if number > _MOST_ENTRIES:
        raise IsoError(f"has more than {_MOST_ENTRIES} files: the image is damaged")
    return place


def links_out(targets: t.Mapping[str, str | None]) -> dict[str, str]:
    """Those links of a tree that lead out of it: absolute ones, and those that climb above its root.

    :param targets: of everything in the tree by path; ``None`` for what is no link.
    """
    return {
        path: target for path, target in targets.items() if target is not None and _leads_out(targets, path)
    }


def _leads_out(targets: t.Mapping[str, str | None], path: str) -> bool:
    trail: list[str] = []
    parts = _parts(path)
    links = 0
    while parts:
        part = parts.pop(0)
        if part == "..":
            if not trail:
                return True
            trail.pop()
            continue
        trail.append(part)
        # What is not there counts as a folder: it may be there one day.
        target = targets.get("/".join(trail))
        if target is None:
            continue
        trail.pop()
        links += 1
        # A loop leads nowhere, but neither does anybody need it.
        if target.startswith("/") or "\0" in target or links > _MOST_LINKS:
            return True
        parts = _parts(target) + parts
    return False


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
