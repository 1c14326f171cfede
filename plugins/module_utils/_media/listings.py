# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads the system's own listings of mounts, loop devices and exports: text in, values out."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


@dataclass(frozen=True)
class Mount:
    """A line of mountinfo. ``device`` is major:minor; ``details`` are the file system's own options."""

    point: str
    source: str
    fstype: str
    device: str
    options: frozenset[str]
    details: str = field(default="", compare=False)


@dataclass(frozen=True)
class Loop:
    """A loop device and the file behind it: path, inode number and the file system's major:minor."""

    device: str
    file: str
    inode: int
    file_system: str


def parse_mountinfo(text: str) -> list[Mount]:
    """Parse /proc/self/mountinfo (proc_pid_mountinfo(5)); lines that do not fit are ignored."""
    mounts = []
    for line in text.splitlines():
        front, dash, back = line.partition(" - ")
        fields, kind = front.split(" "), back.split(" ")
        if not dash or len(fields) < 6 or len(kind) < 2:
            continue
        options = frozenset(fields[5].split(","))
        details = _unescape(kind[2]) if len(kind) > 2 else ""
        mounts.append(Mount(_unescape(fields[4]), _unescape(kind[1]), kind[0], fields[2], options, details))
    return mounts


def mounted_at(mounts: t.Iterable[Mount], point: str) -> Mount | None:
    """The mount that is seen at a path: the last one, as each covers those before it."""
    return next((mount for mount in reversed(list(mounts)) if mount.point == point), None)


def mounted_below(mounts: t.Iterable[Mount], point: str) -> list[str]:
    return [mount.point for mount in mounts if mount.point.startswith(f"{point}/")]


def parse_losetup(text: str) -> list[Loop]:
    """Parse ``losetup --list --json -O NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN``.

    Old versions of util-linux write numbers as strings, and nothing at all when there is no loop device.

    :raises PxeError: the text is not such a listing.
    """
    try:
        rows = json.loads(text)["loopdevices"] if text.strip() else []
        return [
            Loop(row["name"], row["back-file"] or "", int(row["back-ino"]), str(row["back-maj:min"]).strip())
            for row in rows
        ]
    except (ValueError, KeyError, TypeError) as exc:
        raise PxeError(f"cannot understand what losetup says: {exc!r}") from exc


def parse_fstab(text: str) -> dict[str, str]:
    """Mount point → device of /etc/fstab (fstab(5))."""
    lines = (line.split() for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {_unescape(words[1]).rstrip("/") or "/": _unescape(words[0]) for words in lines if len(words) >= 2}


def parse_exports(text: str) -> list[str]:
    """Paths in /var/lib/nfs/etab, of which each line is a path, a tab and the clients (exportfs(8))."""
    return list(dict.fromkeys(_unescape(line.split("\t")[0]) for line in text.splitlines() if "\t" in line))


def _unescape(text: str) -> str:
    r"""Undo the kernel's octal escapes: ``\040`` is a blank."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8) & 0xFF), text)
