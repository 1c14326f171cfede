# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What ksvalidator does not look at: whether what a kickstart refers to is there.

Packages and groups are compared with the metadata of the install tree, disks with those of the machine, and storage
and network commands with each other. Each check is silent where it cannot know.
"""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import network, packages, storage
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    WARNING,
    Problem,
    Reading,
)


@dataclasses.dataclass(frozen=True)
class Context:
    """What is known of the machine and its install tree. Nothing need be.

    :arg disks: the machine's disks, such as ``/dev/vda``
    :arg urls: where the tree is served
    :arg tree: its folder on this host
    :arg limited: whether other disks must stay as they are
    """

    index: packages.Index | None = None
    disks: t.Sequence[str] = ()
    urls: t.Sequence[str] = ()
    tree: str | None = None
    limited: bool = False


def problems(reading: Reading, context: Context) -> list[Problem]:
    """All problems: those of the reading, and what it does not look at, in the order of the lines."""
    found = packages.source_problems(reading, context.urls, _finder(context.tree))
    if context.index and not context.index.packages:
        found += packages.empty_tree_problems(reading, context.urls)
    if context.index:
        found += packages.package_problems(reading, context.index, context.urls)
    if reading.unended:
        text = "the section that begins here does not end in its file; write %end, or all that follows is a part of it"
        found.append(Problem(reading.unended, ERROR, "parse", text))
    found += storage.problems(reading, context.disks, context.limited)
    found += network.problems(reading)
    return _merge(reading.problems, found)


def _finder(tree: str | None) -> t.Callable[[str], bool | None]:
    def has_repository(path: str) -> bool | None:
        if tree is None:
            return None
        folder = os.path.join(tree, path)
        marks = ("repodata/repomd.xml", ".treeinfo", "treeinfo")
        return any(os.path.exists(os.path.join(folder, mark)) for mark in marks)

    return has_repository


def _merge(read: list[Problem], found: list[Problem]) -> list[Problem]:
    """Both lists, without pykickstart's warnings about things used twice where ours say by what."""
    reported = {(problem.where, problem.kind) for problem in found}
    kept = [
        problem
        for problem in read
        if problem.severity == ERROR or (problem.where, problem.kind) not in reported
    ]
    files = list(dict.fromkeys(problem.where.file for problem in [*read, *found]))
    merged = dict.fromkeys([*kept, *found])
    return sorted(merged, key=lambda problem: (files.index(problem.where.file), problem.where.line))


def strict(found: list[Problem]) -> list[Problem]:
    """The same with all warnings as errors."""
    return [problem._replace(severity=ERROR) if problem.severity == WARNING else problem for problem in found]
