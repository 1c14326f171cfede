# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Makes the files below a root be what is described, all of them or none.

A machine may ask for its boot file at any moment, also while a run is killed or the power fails. So new files are
written and renamed (``writing``), and only then stale ones go. Whoever reads sees the old file or the new one, never
less.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.folders import (
    Attributes,
    locked,
    open_below,
    walk,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import (
    TEMPORARY,
    by_folder,
    check_paths,
    parents,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files.reading import READ
from ansible_collections.netinstall.pxe.plugins.module_utils._files.writing import (
    Data,
    as_bytes,
    read_old,
    remove_all,
    rename_all,
    write_all,
)


@dataclass
class Changes:
    """What ``publish`` changed, or in check mode would change. All paths are relative to the root.

    ``changed`` holds also files and folders (these end in ``/``) of which only mode or owner differ; they are
    listed in ``attributes`` too. ``leftovers`` are hidden files of an interrupted run. ``before`` and
    ``after`` hold the contents for a diff.
    """

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    unchanged: int = 0
    before: dict[str, Data] = field(default_factory=dict)
    after: dict[str, Data] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.removed or self.leftovers)

    def diff(self, root: str = "") -> list[dict[str, str]]:
        """The changes in the form that ``exit_json(diff=…)`` takes: one entry a file."""
        entries = []
        for relpath in [*self.created, *self.changed, *self.removed]:
            path = os.path.join(root, relpath)
            entry = {"before_header": path, "after_header": path}
            entry["before"] = _as_text(self.before.get(relpath, ""))
            entry["after"] = _as_text(self.after.get(relpath, ""))
            if relpath in self.attributes:
                entry["before"], entry["after"] = "other mode or owner\n", "mode and owner as described\n"
            entries.append(entry)
        return entries


def publish(
    root: str,
    wanted: dict[str, Data],
    owned: t.Callable[[str], bool] | None = None,
    check: bool = False,
    mode: int = 0o644,
    dir_mode: int = 0o755,
    uid: int | None = None,
    gid: int | None = None,
    prune: bool = False,
) -> Changes:
    """Make the files below ``root`` be what ``wanted`` says, all of them or none.

    :param wanted: content by path relative to ``root``. Files are renamed into place in this dict's order:
        put what others refer to first.
    :param owned: asked for each other file below ``root``; those it says yes to are stale and removed, last
        of all.
    :param check: only say what would change.
    :param prune: also remove folders that are empty once their stale files are gone.
    :raises PxeError: a path leads outside ``root`` or through a symbolic link, something else is in the way,
        or the disk refuses. Then nothing was replaced, except when the disk fails in the middle of the
        renames.

    A run that finds nothing to do opens nothing for writing. A file whose content is right but whose mode or
    owner is not keeps its inode.
    """
    check_paths(wanted)
    attributes = Attributes(mode, dir_mode, uid, gid)
    if not os.path.lexists(root) and (check or not wanted):
        return Changes(created=list(wanted), after=dict(wanted))
    try:
        with locked(root, attributes, lock=not check) as base:
            changes = _compare(base, root, wanted, owned, attributes)
            if changes and not check:
                _apply(base, wanted, changes, attributes, prune)
    except OSError as exc:
        raise PxeError(f"{root}: cannot publish {exc.filename or 'the files'}: {exc.strerror}") from exc
    return changes


def _compare(
    base: int,
    root: str,
    wanted: dict[str, Data],
    owned: t.Callable[[str], bool] | None,
    attributes: Attributes,
) -> Changes:
    changes = Changes()
    for folder, names in by_folder(wanted):
        try:
            with open_below(base, folder) as fd:
                for name in names:
                    relpath = f"{folder}/{name}" if folder else name
                    found = read_old(fd, name, f"{root}/{relpath}")
                    _compare_one(found, relpath, wanted[relpath], attributes, changes)
        except FileNotFoundError:
            missing = [f"{folder}/{name}" for name in names]
            changes.created += missing
            changes.after.update((relpath, wanted[relpath]) for relpath in missing)
    _compare_folders(base, wanted, attributes, changes)
    _find_stale(base, root, wanted, owned, changes)
    return changes


def _compare_one(
    found: tuple[bytes, os.stat_result] | None,
    relpath: str,
    data: Data,
    attributes: Attributes,
    changes: Changes,
) -> None:
    if found is None:
        changes.created.append(relpath)
        changes.after[relpath] = data
    elif found[0] != as_bytes(data):
        changes.changed.append(relpath)
        changes.before[relpath], changes.after[relpath] = found[0], data
    elif not attributes.fit(found[1], attributes.mode):
        changes.changed.append(relpath)
        changes.attributes.append(relpath)
    else:
        changes.unchanged += 1


def _compare_folders(base: int, wanted: dict[str, Data], attributes: Attributes, changes: Changes) -> None:
    """A run killed between making a folder and giving it its owner must not leave it so."""
    for folder in sorted({parent for relpath in wanted for parent in parents(relpath)}):
        try:
            with open_below(base, folder) as fd:
                fits = attributes.fit(os.fstat(fd), attributes.dir_mode)
        except FileNotFoundError:
            continue
        if not fits:
            changes.changed.append(f"{folder}/")
            changes.attributes.append(f"{folder}/")


def _find_stale(
    base: int,
    root: str,
    wanted: dict[str, Data],
    owned: t.Callable[[str], bool] | None,
    changes: Changes,
) -> None:
    for relpath in walk(base):
        name = os.path.basename(relpath)
        if name.startswith(".") and name.endswith(TEMPORARY):
            changes.leftovers.append(relpath)
        elif owned and relpath not in wanted and owned(relpath):
            changes.removed.append(relpath)
            with open_below(base, os.path.dirname(relpath)) as fd:
                found = read_old(fd, name, f"{root}/{relpath}")
            changes.before[relpath] = found[0] if found else b""


def _apply(base: int, wanted: dict[str, Data], changes: Changes, attributes: Attributes, prune: bool) -> None:
    for folder, names in by_folder(changes.leftovers):
        with open_below(base, folder) as fd:
            for name in names:
                os.unlink(name, dir_fd=fd)
    replaced = {*changes.created, *changes.changed} - set(changes.attributes)
    ordered = [relpath for relpath in wanted if relpath in replaced]
    write_all(base, wanted, ordered, attributes)
    rename_all(base, ordered)
    for relpath in changes.attributes:
        _set_attributes(base, relpath, attributes)
    remove_all(base, changes.removed, prune)


def _set_attributes(base: int, relpath: str, attributes: Attributes) -> None:
    with open_below(base, os.path.dirname(relpath)) as parent:
        if relpath.endswith("/"):
            return attributes.set_on(parent, attributes.dir_mode)
        fd = os.open(os.path.basename(relpath), READ, dir_fd=parent)
        try:
            attributes.set_on(fd, attributes.mode)
        finally:
            os.close(fd)


def _as_text(data: Data) -> str:
    if isinstance(data, str):
        return data
    if b"\0" in data:
        return f"({len(data)} bytes, not text)\n"
    return data.decode(errors="replace")
