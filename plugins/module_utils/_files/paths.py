# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Paths below a root: what may be one, and how the hidden files beside them are called."""

from __future__ import annotations

import itertools
import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# Hidden file beside the target while it is being written: `.<name>` + this.
TEMPORARY = ".netinstall-pxe.tmp"


def check_paths(wanted: t.Iterable[str]) -> None:
    """Refuse paths that could leave the root, our own hidden names, and a file that is also a folder."""
    paths = list(wanted)
    folders = {parent for path in paths for parent in parents(path)}
    for path in paths:
        parts = path.split("/")
        if "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise PxeError(
                f"'{path}' is not a path below the folder: write names joined by '/', without '..'"
            )
        if parts[-1].endswith(TEMPORARY):
            raise PxeError(f"'{path}': names that end in '{TEMPORARY}' are reserved for files being written")
        if len(temporary(parts[-1]).encode()) > 255:
            raise PxeError(f"'{path}': the name is too long for a file")
        if path in folders:
            raise PxeError(f"'{path}' is to be both a file and a folder")


def parents(relpath: str) -> list[str]:
    """``a/b/c`` → ``[a, a/b]``."""
    parts = relpath.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def temporary(name: str) -> str:
    return f".{name}{TEMPORARY}"


def by_folder(relpaths: t.Iterable[str]) -> t.Iterator[tuple[str, list[str]]]:
    """Neighbours that lie in one folder, as (folder, names), in the order given."""
    for folder, group in itertools.groupby(relpaths, os.path.dirname):
        yield folder, [os.path.basename(relpath) for relpath in group]
