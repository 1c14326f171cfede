# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads the metadata of RPM repositories: which packages, groups, environments and modules they offer.

``repodata/repomd.xml`` lists the files: ``primary``, ``group`` (also as ``group_gz`` and the like) and ``modules``.
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_file as _read_file
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.modulemd import parse_modules
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import Unpack, digest, pieces
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.repoxml import (
    REPOMD,
    Environment,
    File,
    Group,
    Package,
    parse_comps,
    parse_primary,
    parse_repomd,
)

# Takes a path relative to the repository, returns the file's content, or ``None`` when there is none.
ReadFile = t.Callable[[str], t.Optional[bytes]]
# A bound that no release comes near, of a file as it is stored.
LARGEST = 512 << 20


class Repodata(t.NamedTuple):
    """What a repository offers. ``modules`` are ``name:stream``, each once, sorted."""

    packages: list[Package]
    groups: dict[str, Group]
    environments: dict[str, Environment]
    modules: list[str]
    files: list[File]


def read(read_file: ReadFile, unzstd: Unpack | None = None) -> Repodata:
    """Read a repository's metadata, of which each file must have the checksum that repomd.xml gives.

    :param read_file: reads a file of the repository, called with ``repodata/repomd.xml`` first.
    :param unzstd: unpacks Zstandard; without it a Python library is looked for when a file needs one.
    :raises PxeError: a file is missing, damaged or not understood; the message begins with its path.
    """
    text = read_file(REPOMD)
    if text is None:
        raise PxeError(f"{REPOMD} is missing: this is not an RPM repository")
    files = parse_repomd(text)
    packages = _load(read_file, _file(files, "primary"), unzstd, parse_primary)
    if packages is None:
        raise PxeError(f"{REPOMD} lists no 'primary' metadata: the repository is damaged")
    groups, environments = _load(read_file, _file(files, "group"), unzstd, parse_comps) or ({}, {})
    modules = _load(read_file, _file(files, "modules"), unzstd, parse_modules) or []
    return Repodata(packages, groups, environments, modules, files)


def index(root: str, repositories: t.Sequence[str], unzstd: Unpack | None = None) -> dict[str, t.Any]:
    """What the repositories of a tree offer together, in a form that JSON can hold.

    :param root: the tree's folder.
    :param repositories: paths relative to it; ``""`` is the tree itself.
    :returns: ``packages`` (names), ``provides`` (other names of packages), ``groups`` and ``environments`` (ids and
        names), ``modules`` (``name:stream``), all sorted.
    :raises PxeError: the metadata of one of them is missing or damaged.
    """
    return summary([read_folder(os.path.join(root, path), unzstd) for path in repositories])


def summary(found: t.Iterable[Repodata]) -> dict[str, t.Any]:
    """What ``index`` returns, of metadata that were read already."""
    keys = ("packages", "provides", "groups", "environments", "modules")
    names: dict[str, set[str]] = {key: set() for key in keys}
    for data in found:
        names["packages"].update(package.name for package in data.packages)
        names["provides"].update(name for package in data.packages for name in package.provides)
        names["modules"].update(data.modules)
        for key, items in (("groups", data.groups), ("environments", data.environments)):
            names[key].update(
                filter(None, (text for item in items.values() for text in (item.id, item.name)))
            )
    names["provides"] -= names["packages"]
    return {key: sorted(values) for key, values in names.items()}


def read_folder(folder: str, unzstd: Unpack | None = None) -> Repodata:
    """``read`` a repository on the disk.

    :raises PxeError: as there; the message begins with the folder.
    """

    def read_one(path: str) -> bytes | None:
        full = os.path.join(folder, path)
        if not os.path.exists(full):
            return None
        if os.path.getsize(full) > LARGEST:
            raise PxeError(f"{path} is larger than {LARGEST >> 20} MiB: it is damaged")
        return _read_file(full)

    try:
        return read(read_one, unzstd)
    except PxeError as exc:
        text = str(exc)
        raise PxeError(text if text.startswith(folder) else f"{folder.rstrip('/')}/{text}") from exc


def raw(read_file: ReadFile, files: list[File], kind: str, unzstd: Unpack | None = None) -> bytes | None:
    """One kind of metadata, unpacked but not parsed; ``None`` when the repository has none.

    :param files: what repomd.xml lists.
    :raises PxeError: the file is missing or damaged.
    """
    return _load(read_file, _file(files, kind), unzstd, b"".join)


_Parsed = t.TypeVar("_Parsed")


def _load(
    read_file: ReadFile,
    file: File | None,
    unzstd: Unpack | None,
    parse: t.Callable[[t.Iterable[bytes]], _Parsed],
) -> _Parsed | None:
    """Read, check, unpack and parse one metadata file; ``None`` when the repository has none."""
    if file is None:
        return None
    data = read_file(file.href)
    if data is None:
        raise PxeError(f"{file.href} is missing, but {REPOMD} lists it")
    try:
        check(data, file.checksum)
        return parse(pieces(data, unzstd))
    except PxeError as exc:
        raise PxeError(f"{file.href} {exc}") from exc


def _file(files: list[File], kind: str) -> File | None:
    """The file of a type, also where only a packed one is listed (``group_gz``)."""
    suffixes = ("", "_gz", "_xz", "_zst", "_bz2")
    found = {file.type: file for file in reversed(files)}
    return next((found[kind + suffix] for suffix in suffixes if kind + suffix in found), None)


def check(data: bytes, checksum: tuple[str, str]) -> None:
    """Compare data with a checksum.

    :raises PxeError: they differ, or nobody here knows the algorithm.
    """
    algorithm, wanted = checksum
    found = digest(algorithm, data)
    if found != wanted.lower():
        raise PxeError(f"has {algorithm} {found}, not {wanted} as {REPOMD} says: it is damaged")
