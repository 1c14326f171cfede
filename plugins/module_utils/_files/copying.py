# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Copies large files of this host below a root, each written beside its target and renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.folders import (
    Attributes,
    locked,
    open_below,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import check_paths, temporary
from ansible_collections.netinstall.pxe.plugins.module_utils._files.publishing import Changes
from ansible_collections.netinstall.pxe.plugins.module_utils._files.reading import (
    inside,
    open_inside,
    regular_file,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files.writing import NEW_FILE, unlink_if_there


def copy_files(
    root: str,
    sources: dict[str, tuple[str, str]],
    check: bool = False,
    mode: int = 0o644,
) -> Changes:
    """Make large files below ``root`` the same as others on this host, without reading them into memory.

    :param sources: by path relative to ``root``, the folder of the other file and its path in there. Links are
        followed as if that folder were ``/``: what an image says must not publish a file of this host. One after the
        other is written beside its target, flushed and renamed.
    :param check: only say what would change; then a source may be missing.
    :raises PxeError: as ``publish``, or a source cannot be read.

    A copy gets its source's time of modification. Where that and the size are equal nothing is read.
    """
    check_paths(sources)
    changes = Changes()
    for relpath, source in sources.items():
        try:
            _copy_one(root, relpath, source, changes, Attributes(mode), check)
        except OSError as exc:
            name = "/".join(source)
            raise PxeError(f"{root}/{relpath}: cannot copy {name} there: {exc.strerror}") from exc
    return changes


def _copy_one(
    root: str, relpath: str, source: tuple[str, str], changes: Changes, attributes: Attributes, check: bool
) -> None:
    if check and not os.path.lexists(inside(*source)):
        return changes.created.append(relpath)
    with open_inside(*source) as file:
        status = os.fstat(file.fileno())
        found = regular_file(root, relpath)
        if found and (found.st_size, found.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            changes.unchanged += 1
            return None
        (changes.changed if found else changes.created).append(relpath)
        if not check:
            _copy_from(file, status.st_mtime_ns, root, relpath, attributes)
    return None


def _copy_from(file: t.BinaryIO, modified: int, root: str, relpath: str, attributes: Attributes) -> None:
    name = os.path.basename(relpath)
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(locked(root, attributes, lock=True))
        folder = stack.enter_context(open_below(base, os.path.dirname(relpath), create=attributes))
        unlink_if_there(folder, temporary(name))
        try:
            with open(os.open(temporary(name), NEW_FILE, 0o600, dir_fd=folder), "wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
                copy.flush()
                attributes.set_on(copy.fileno(), attributes.mode)
                os.utime(copy.fileno(), ns=(modified, modified))
                os.fsync(copy.fileno())
            os.rename(temporary(name), name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            unlink_if_there(folder, temporary(name))
            raise
        os.fsync(folder)
