# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Replaces files so that readers and a power cut see the old content or the new one.

Every new content goes into a hidden file beside its target, all of them reach the disk, and then they are renamed in
the order in which they were given.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.folders import (
    FOLDER,
    Attributes,
    locked,
    open_below,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import by_folder, parents, temporary
from ansible_collections.netinstall.pxe.plugins.module_utils._files.reading import READ

Data = t.Union[bytes, str]

# Up to so many files are flushed one by one; beyond that one sync() of everything is quicker.
_FSYNC_AT_MOST = 64
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def atomic_write(
    path: str,
    data: Data,
    mode: int = 0o644,
    uid: int | None = None,
    gid: int | None = None,
    check: bool = False,
) -> bool:
    """Replace one file so that readers and a power cut see the old or the new content. The folder must exist.

    :returns: whether it differed in content, mode or owner. With ``check`` nothing is written.
    :raises PxeError: the folder is missing, something else than a file is in the way, or the disk refuses.
    """
    folder, name = os.path.split(path)
    attributes = Attributes(mode, uid=uid, gid=gid)
    try:
        base = os.open(os.path.realpath(folder or "."), FOLDER)
    except OSError as exc:
        raise PxeError(f"{path}: cannot open its folder: {exc.strerror}") from exc
    try:
        found = read_old(base, name, path)
        if found and found[0] == as_bytes(data) and attributes.fit(found[1], mode):
            return False
        if not check:
            unlink_if_there(base, temporary(name))
            write_all(base, {name: data}, [name], attributes)
            rename_all(base, [name])
        return True
    except OSError as exc:
        raise PxeError(f"{path}: cannot write: {exc.strerror}") from exc
    finally:
        os.close(base)


def remove_files(root: str, relpaths: list[str]) -> None:
    """Remove files below a folder, and the folders that are empty then.

    :raises PxeError: the disk refuses.
    """
    try:
        with locked(root, Attributes(), lock=True) as base:
            remove_all(base, relpaths, prune=True)
    except OSError as exc:
        raise PxeError(f"{root}: cannot remove {exc.filename or 'a file'}: {exc.strerror}") from exc


def as_bytes(data: Data) -> bytes:
    return data.encode() if isinstance(data, str) else data


def read_old(folder: int, name: str, path: str) -> tuple[bytes, os.stat_result] | None:
    """Content and status of a file; ``None`` when there is none."""
    try:
        fd = os.open(name, READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            raise PxeError(f"{path} is a symbolic link where a file is to be published: remove it") from exc
        raise
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise PxeError(f"{path} is in the way: a file is to be published there")
        return file.read(), status


def write_all(base: int, wanted: dict[str, Data], ordered: list[str], attributes: Attributes) -> None:
    """Write every hidden file and let all of them reach the disk."""
    one_by_one = len(ordered) <= _FSYNC_AT_MOST
    try:
        for folder, names in by_folder(ordered):
            with open_below(base, folder, create=attributes) as fd:
                for name in names:
                    data = wanted[f"{folder}/{name}" if folder else name]
                    _write_one(fd, temporary(name), as_bytes(data), attributes, one_by_one)
        if not one_by_one:
            os.sync()
    except OSError:
        _forget_all(base, ordered)
        raise


def _write_one(folder: int, name: str, data: bytes, attributes: Attributes, flush: bool) -> None:
    fd = os.open(name, NEW_FILE, 0o600, dir_fd=folder)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        attributes.set_on(fd, attributes.mode)
        if flush:
            os.fsync(fd)
    finally:
        os.close(fd)


def _forget_all(base: int, ordered: list[str]) -> None:
    """After a full disk: leave no hidden files."""
    for folder, names in by_folder(ordered):
        with contextlib.suppress(OSError), open_below(base, folder) as fd:
            for name in names:
                unlink_if_there(fd, temporary(name))


def rename_all(base: int, ordered: list[str]) -> None:
    for folder, names in by_folder(ordered):
        with open_below(base, folder) as fd:
            for name in names:
                os.rename(temporary(name), name, src_dir_fd=fd, dst_dir_fd=fd)
            # Each folder's names reach the disk before the files that refer to them.
            os.fsync(fd)


def remove_all(base: int, relpaths: list[str], prune: bool) -> None:
    for folder, names in by_folder(reversed(relpaths)):
        with open_below(base, folder) as fd:
            for name in names:
                unlink_if_there(fd, name)
            os.fsync(fd)
    if prune:
        for folder in sorted({parent for relpath in relpaths for parent in parents(relpath)}, reverse=True):
            with contextlib.suppress(OSError), open_below(base, os.path.dirname(folder)) as fd:
                os.rmdir(os.path.basename(folder), dir_fd=fd)


def unlink_if_there(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
