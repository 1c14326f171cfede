# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Folders below a root: opened one by one without following links, made with owner and mode, locked.

Some of these folders belong to a web server's user, who must not lead root's programs elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Attributes:
    """Modes and owners of what is published. ``None`` leaves the owner or group as it comes."""

    mode: int = 0o644
    dir_mode: int = 0o755
    uid: int | None = None
    gid: int | None = None

    def fit(self, status: os.stat_result, mode: int) -> bool:
        return (
            status.st_mode & 0o777 == mode
            and self.uid in (None, status.st_uid)
            and self.gid in (None, status.st_gid)
        )

    def set_on(self, fd: int, mode: int) -> None:
        if self.uid is not None or self.gid is not None:
            os.fchown(fd, -1 if self.uid is None else self.uid, -1 if self.gid is None else self.gid)
        # After fchown, which may clear bits. The setgid bit of a folder is its administrator's affair.
        os.fchmod(fd, os.fstat(fd).st_mode & 0o7000 | mode)


@contextlib.contextmanager
def locked(root: str, attributes: Attributes, lock: bool) -> t.Iterator[int]:
    """Open ``root`` (which may itself be a link), alone among the runs that publish into it."""
    if not os.path.isdir(root):
        os.makedirs(root, attributes.dir_mode)
    base = os.open(os.path.realpath(root), FOLDER)
    try:
        if lock:
            _lock(base, root)
        yield base
    finally:
        os.close(base)


def _lock(base: int, root: str) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            # A lock on the folder itself: no lock file to leave behind, and the kernel frees it when we die.
            return fcntl.flock(base, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise PxeError(
                    f"{root}: another run is publishing or arming there: this folder has been locked for more than "
                    f"{_LOCK_SECONDS} seconds ({_holder(base)}); run again when it is done, or end that process if "
                    "it hangs"
                ) from None
            time.sleep(0.1)


def _holder(folder: int) -> str:
    """Who holds the lock of an open folder, as far as /proc/locks (proc(5)) tells."""
    status = os.fstat(folder)
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    with contextlib.suppress(OSError, ValueError), open("/proc/locks", encoding="ascii") as lines:
        for words in map(str.split, lines):
            # A process of another namespace has the number 0 or -1.
            if words[1:2] == ["FLOCK"] and words[5:6] == [place] and int(words[4]) > 0:
                with open(f"/proc/{words[4]}/comm", encoding="utf-8", errors="replace") as name:
                    return f"process {words[4]}, {name.read().strip()}"
    return f"fuser -v {os.readlink(f'/proc/self/fd/{folder}')} may tell who"


@contextlib.contextmanager
def alone(folder: str) -> t.Iterator[None]:
    """Work alone among all that hold the lock of this folder while they work; what comes first is waited for.

    :raises PxeError: the lock is not free after a minute.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(fd, folder)
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def open_below(base: int, relpath: str, create: Attributes | None = None) -> t.Iterator[int]:
    """Open a folder below ``base`` step by step, following no links; make missing ones when told how."""
    fd = os.dup(base)
    try:
        for part in filter(None, relpath.split("/")):
            if create:
                _make_folder(fd, part, create)
            fd = _enter(fd, part, relpath)
        yield fd
    finally:
        os.close(fd)


def _enter(fd: int, part: str, relpath: str) -> int:
    try:
        inner = os.open(part, FOLDER, dir_fd=fd)
    except OSError as exc:
        if exc.errno in (errno.ELOOP, errno.ENOTDIR):
            raise PxeError(f"'{part}' in '{relpath}' is a link or a file, not a folder: remove it") from exc
        raise
    os.close(fd)
    return inner


def _make_folder(parent: int, name: str, attributes: Attributes) -> None:
    try:
        # Closed until its owner is right: answer files hold secrets.
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    fd = os.open(name, FOLDER, dir_fd=parent)
    try:
        attributes.set_on(fd, attributes.dir_mode)
    finally:
        os.close(fd)
    os.fsync(parent)


def walk(base: int, relpath: str = "") -> t.Iterator[str]:
    """All files below ``base`` that are not links or folders, sorted, without leaving its file system."""
    with open_below(base, relpath) as fd:
        device = os.fstat(fd).st_dev
        with os.scandir(fd) as entries:
            own = (entry for entry in entries if not entry.is_symlink())
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in own)
        inner = [name for name, is_folder in found if is_folder and os.stat(name, dir_fd=fd).st_dev == device]
    prefix = f"{relpath}/" if relpath else ""
    yield from (prefix + name for name, is_folder in found if not is_folder)
    for name in inner:
        yield from walk(base, prefix + name)
