# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Folders that the web server's account writes to as well: events/, and answers/ which it reads.

Nothing here follows a link that this account may have put there.
"""

from __future__ import annotations

import contextlib
import fcntl
import grp
import os
import pwd
import struct
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _files
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Attributes

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# linux/fs.h; the numbers of FS_IOC_GETFLAGS are those of 64-bit systems.
_GET_FLAGS = 0x80086601
_SET_FLAGS = 0x40086602
_DIRSYNC = 0x00010000
# A report may arrive in a folder that is just being emptied.
_TRIES = 5


@contextlib.contextmanager
def alone(root: str, check: bool) -> t.Iterator[None]:
    """Of two runs that arm, offer and take back, one after the other: each consists of several steps."""
    if check or not os.path.isdir(root):
        yield
        return
    with _files.alone(root):
        yield


def web_account(
    owner: str | None, group: str | None, answers: str, events: str
) -> tuple[int | None, int | None]:
    """User and group of the web server; none when we may not set them (tests run as anybody).

    :param owner: its user; without one the owner of ``events``.
    :param group: its group; without one that of ``answers``.
    """
    if os.geteuid() != 0:
        return None, None
    try:
        uid = pwd.getpwnam(owner).pw_uid if owner else os.stat(events).st_uid
        gid = grp.getgrnam(group).gr_gid if group else os.stat(answers).st_gid
    except KeyError as exc:
        raise PxeError(
            f"the server has no user or group {exc.args[0].split()[-1]}; run netinstall.pxe.site first"
        ) from exc
    return uid, gid


def write_through(path: str) -> None:
    """Have the file system write each change of this folder, and of those made in it later, at once: a release must
    outlive a power cut.

    Best effort: ext4 and its like can, others cannot.
    """
    with contextlib.suppress(OSError):
        fd = os.open(path, _FOLDER)
        try:
            flags = struct.unpack("i", fcntl.ioctl(fd, _GET_FLAGS, struct.pack("i", 0)))[0]
            fcntl.ioctl(fd, _SET_FLAGS, struct.pack("i", flags | _DIRSYNC))
        finally:
            os.close(fd)


def make_folder(parent: str, name: str, attributes: Attributes) -> None:
    """Make a folder, or give the one that is there this mode and owner.

    :raises PxeError: something else is in the way.
    """
    base = os.open(parent, _FOLDER)
    try:
        with contextlib.suppress(FileExistsError):
            # Closed until its owner is right.
            os.mkdir(name, 0o700, dir_fd=base)
        try:
            fd = os.open(name, _FOLDER, dir_fd=base)
        except OSError as exc:
            raise PxeError(f"{parent}/{name} is a link or a file, not a folder: remove it") from exc
        try:
            attributes.set_on(fd, attributes.dir_mode)
        finally:
            os.close(fd)
        os.fsync(base)
    finally:
        os.close(base)


def remove_folders(parent: str, name: str, folders: t.Iterable[str]) -> None:
    """Remove folders of ``parent``/``name`` with all that is in them, each of them last."""
    base = os.open(parent, _FOLDER)
    try:
        fd = os.open(name, _FOLDER, dir_fd=base)
        try:
            for folder in folders:
                _remove(fd, folder)
            os.fsync(fd)
        finally:
            os.close(fd)
    finally:
        os.close(base)


def _remove(base: int, folder: str) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            _empty(base, folder)
            os.rmdir(folder, dir_fd=base)
            return
        except OSError:
            if attempt == _TRIES:
                raise


def _empty(base: int, folder: str) -> None:
    for _path, folders, files, fd in os.fwalk(folder, topdown=False, dir_fd=base):
        for name in files:
            os.unlink(name, dir_fd=fd)
        for name in folders:
            # A link to a folder is among them.
            try:
                os.rmdir(name, dir_fd=fd)
            except NotADirectoryError:
                os.unlink(name, dir_fd=fd)
