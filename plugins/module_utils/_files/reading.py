# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads files of this host: any, or those below a folder, where no link leads out of it."""

from __future__ import annotations

import contextlib
import os
import stat
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.folders import FOLDER, open_below, walk
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import check_paths

# O_NONBLOCK: a FIFO in the way must not hang the run.
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_file(path: str) -> bytes:
    """The content of a file, wherever it is.

    :raises PxeError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as exc:
        raise PxeError(f"{path}: cannot read it: {exc.strerror}") from exc


def read_start(root: str, relpath: str, size: int = 4096) -> bytes | None:
    """The first ``size`` bytes of a regular file below ``root``; ``None`` for anything else, links too."""
    try:
        check_paths([relpath])
        base = os.open(os.path.realpath(root), FOLDER)
    except (OSError, PxeError):
        return None
    try:
        with open_below(base, os.path.dirname(relpath)) as fd:
            handle = os.open(os.path.basename(relpath), READ, dir_fd=fd)
            with open(handle, "rb") as file:
                return file.read(size) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    except (OSError, PxeError):
        return None
    finally:
        os.close(base)


def files_below(root: str) -> list[str]:
    """The regular files below a folder, by path relative to it, without following links and leaving its file system."""
    try:
        base = os.open(os.path.realpath(root), FOLDER)
    except OSError as exc:
        raise PxeError(f"{root}: cannot read this folder: {exc.strerror}") from exc
    try:
        return [relpath for relpath in walk(base) if regular_file(root, relpath)]
    except OSError as exc:
        raise PxeError(f"{root}: cannot read {exc.filename or 'this folder'}: {exc.strerror}") from exc
    finally:
        os.close(base)


def regular_file(root: str, relpath: str) -> os.stat_result | None:
    """What is known of a file below ``root``; ``None`` when there is no regular file."""
    try:
        status = os.lstat(os.path.join(root, relpath))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def inside(folder: str, path: str) -> str:
    """The place of a path, its links followed as if the folder were ``/``: none leads to a file of this host."""
    rest, found = path.split("/")[::-1], [folder]
    for _step in range(100):
        if not rest:
            break
        part = rest.pop()
        here = os.path.join(*found, part)
        if part == "..":
            found[1:] = found[1:-1]
        elif part in ("", "."):
            continue
        elif os.path.islink(here):
            target = os.readlink(here)
            found[1:] = [] if target.startswith("/") else found[1:]
            rest += target.split("/")[::-1]
        else:
            found.append(part)
    return os.path.join(*found)


@contextlib.contextmanager
def open_inside(folder: str, path: str) -> t.Iterator[t.BinaryIO]:
    """Open a file below a folder to read it, its links followed as by ``inside``.

    :raises PxeError: it is no file.
    """
    real = os.path.realpath(folder)
    relpath = os.path.relpath(inside(real, path), real)
    base = os.open(real, FOLDER)
    try:
        # Nothing that is found there now is a link, also if somebody exchanged it meanwhile.
        with open_below(base, os.path.dirname(relpath)) as fd:
            handle = os.open(os.path.basename(relpath), READ, dir_fd=fd)
    finally:
        os.close(base)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PxeError(f"{folder}/{path}: this is not a regular file")
        yield file
