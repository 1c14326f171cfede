# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Writes install trees to the disk: files out of images, hard links to them, and the top layer of an overlay.

Folders get the mode that the umask leaves; files can be read by everybody.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import ctypes
import hashlib
import os
import shutil
import stat
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Entry
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.tree import Disc

# O_EXCL and O_NOFOLLOW: folders are made by us and empty, so that whatever is there already is not ours.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MIB = 1 << 20
_FLUSH_AT_MOST, _FLUSH_AT_ONCE = 256, 32


@contextlib.contextmanager
def telling(doing: str) -> t.Iterator[None]:
    """Say of what the system refuses what it was for.

    :raises PxeError: instead of an OSError.
    """
    try:
        yield
    except OSError as exc:
        raise PxeError(f"{doing}: {exc.filename or ''}: {exc.strerror}".replace(": :", ":")) from exc


def check_space(folder: str, needed: int) -> None:
    """
    :param needed: bytes that are to be written below the folder, which need not be there yet.
    :raises PxeError: the disk has not so much room.
    """
    status = os.statvfs(existing(folder))
    free = status.f_bavail * status.f_frsize
    if free < needed:
        raise PxeError(
            f"{folder}: {needed // _MIB} MiB are to be written there, but only {free // _MIB} MiB are free; "
            "make room, or choose the layout overlay, which copies nothing"
        )


def existing(path: str) -> str:
    """The path, or the nearest folder above it that exists."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def make_folder(path: str) -> None:
    """An empty folder, also where another one was left."""
    remove(path)
    os.makedirs(path)


def remove(path: str) -> None:
    """Remove a file, a link or a folder with all that is in it; what is not there is gone already."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def extract(disc: Disc, entries: t.Iterable[tuple[str, Entry]], root: str) -> None:
    """Write entries of an image below a folder; folders must come before what is in them."""
    for path, entry in entries:
        full = os.path.join(root, path)
        if entry.is_folder:
            _make_one_folder(full)
        elif entry.target is not None:
            os.symlink(entry.target, full)
        else:
            write_new(full, disc.content(entry))
            # As in a mounted image: createrepo_c writes the times of packages into the metadata.
            os.utime(full, (entry.modified, entry.modified))


def _make_one_folder(path: str) -> None:
    """Make a folder, if it is not there: several discs have the same ones. A link to one is none."""
    if not os.path.isdir(path) or os.path.islink(path):
        os.mkdir(path)


def write_new(path: str, chunks: t.Iterable[bytes]) -> None:
    fd = os.open(path, _NEW, 0o600)
    with open(fd, "wb", buffering=0) as file:
        for chunk in chunks:
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
        os.fchmod(fd, 0o644)


def link_all(paths: t.Iterable[tuple[str, str]], root: str) -> None:
    """Make a tree of hard links.

    :param paths: (path below ``root``, the file, folder or symbolic link that is to be there); folders first.
    """
    for path, source in paths:
        full = os.path.join(root, path)
        status = os.lstat(source)
        if stat.S_ISDIR(status.st_mode):
            _make_one_folder(full)
        else:
            os.link(source, full, follow_symlinks=False)


def put(source: str, folder: str) -> None:
    """Move the files of a folder into another one, which is made when it is missing, over what has their names."""
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(source):
        # Not a rename: trees may be on another file system than what is beside them.
        remove(os.path.join(folder, name))
        shutil.move(os.path.join(source, name), os.path.join(folder, name))


def hide(root: str, paths: t.Iterable[str]) -> None:
    """Make files of lower layers invisible: a device 0:0 of their name (kernel, filesystems/overlayfs, whiteouts)."""
    for path in paths:
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), mode=0o755, exist_ok=True)
        if not os.path.lexists(full):
            os.mknod(full, stat.S_IFCHR | 0o600, os.makedev(0, 0))


def publish(new: str, dest: str) -> None:
    """Put a folder in the place of another one, which is removed. Its files reach the disk before its name does."""
    old = os.path.join(os.path.dirname(dest), f".{os.path.basename(dest)}.old")
    remove(old)
    flush(new)
    with contextlib.suppress(FileNotFoundError):
        os.rename(dest, old)
    os.rename(new, dest)
    remove(old)


def flush(root: str) -> None:
    """Let all files of a folder reach the disk."""
    paths = [root]
    for folder, folders, names in os.walk(root):
        paths += [os.path.join(folder, name) for name in [*folders, *names]]
        if len(paths) > _FLUSH_AT_MOST:
            # One by one would take longer.
            return _sync(root)
    kinds = ((path, stat.S_IFMT(os.lstat(path).st_mode)) for path in paths)
    # All at the same time, so that a journal has to be written only once.
    with concurrent.futures.ThreadPoolExecutor(_FLUSH_AT_ONCE) as pool:
        list(pool.map(_flush_one, [path for path, kind in kinds if kind in (stat.S_IFREG, stat.S_IFDIR)]))
    return None


def _sync(folder: str) -> None:
    """Let the file system of a folder reach its disk, by syncfs(2): other disks may be slow."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(fd):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)
    finally:
        os.close(fd)


def _flush_one(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def fingerprint(root: str) -> str | None:
    """Tells whether files were added to a folder, taken away or cut off; ``None`` when it is not there.

    It is of names and sizes, not of contents, so that it is quick.
    """
    if not os.path.isdir(root):
        return None
    digest = hashlib.sha256()
    for line in sorted(_lines(root)):
        digest.update(line.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def _lines(root: str, inner: str = "") -> t.Iterator[str]:
    with os.scandir(os.path.join(root, inner)) as entries:
        found = list(entries)
    for entry in found:
        path = f"{inner}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield f"{path}/"
            yield from _lines(root, f"{path}/")
        else:
            status = entry.stat(follow_symlinks=False)
            yield f"{path} {stat.S_IFMT(status.st_mode):o} {status.st_size}"
