# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trees of files that tests publish, and what lies there."""

from __future__ import annotations

import pathlib

Tree = dict[str, bytes]

OLD: Tree = {
    "profiles/gone.ipxe": b"old gone\n",
    "profiles/p.ipxe": b"old p\n",
    "menu.ipxe": b"old menu\n",
    "machines/a.ipxe": b"old a\n",
    "machines/gone.ipxe": b"old machine\n",
    "machines/same.ipxe": b"same\n",
    "boot.ipxe": b"old boot\n",
    "undionly.kpxe": b"not ours\n",
}
# What others refer to comes first.
NEW: Tree = {
    "profiles/new.ipxe": b"new profile\n" * 500,
    "profiles/p.ipxe": b"new p\n",
    "menu.ipxe": b"new menu\n",
    "machines/a.ipxe": b"new a\n",
    "machines/b.ipxe": b"new b\n",
    "machines/same.ipxe": b"same\n",
    "deep/er/file": b"deep\n",
    "boot.ipxe": b"new boot\n",
}
END: Tree = {**NEW, "undionly.kpxe": b"not ours\n"}


def owned(path: str) -> bool:
    return path.startswith(("machines/", "profiles/"))


def fill(root: pathlib.Path, tree: Tree) -> None:
    for relpath, data in tree.items():
        path = root / relpath
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)


def contents(root: pathlib.Path) -> Tree:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def stamps(root: pathlib.Path) -> dict[str, tuple[int, int, int]]:
    return {
        str(path): (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        for path in [root, *root.rglob("*")]
        for status in [path.lstat()]
    }
