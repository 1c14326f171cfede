# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The folder boot/ of a server, as it is and as it will be: with what the site brings."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import open_inside, read_start

# Of a file that is only looked at.
_MOST = 65536
#: A folder of the server, and a path in it that no link leads out of.
Source = tuple[str, str]


def say_nothing(_message: str) -> None:
    """For those who do not listen to warnings."""


@dataclass
class Folder:
    """:param own: the folder with the files that come from the control node."""

    root: str
    trees: str = "/srv/pxe/trees"
    own: str = "/srv/pxe/brought"
    check_mode: bool = False
    warn: t.Callable[[str], None] = say_nothing
    #: Where that lies which will be copied here, by path: what the site brings.
    brought: dict[str, Source] = field(default_factory=dict)

    def of_tree(self, path: str) -> Source:
        """A file of an install tree: no link leads from one tree to another."""
        name, _slash, rest = path.partition("/")
        return f"{self.trees}/{name}", rest

    def bring(self, one: dict[str, t.Any]) -> None:
        """:param one: of the plan's ``menu.files``: ``{path, tree}`` or ``{path, name}``."""
        self.brought[one["path"]] = self.of_tree(one["tree"]) if "tree" in one else (self.own, one["name"])

    def bring_from_beside(self, name: str, path: str, other: str) -> bool:
        """Bring a file, if it lies on a disc, beside one that is brought from there. Whether it does."""
        folder, source = self.brought.get(other, ("", ""))
        beside = (folder, "/".join([*source.split("/")[:-1], name]))
        if not folder or folder == self.own or not _is_there(beside):
            return False
        self.brought[path] = beside
        return True

    def has(self, path: str) -> bool:
        return read_start(self.root, path, 1) is not None

    def read(self, path: str) -> bytes | None:
        """What a file will hold, or nothing if check mode cannot know. At most 64 KiB of it."""
        try:
            if path in self.brought:
                with open_inside(*self.brought[path]) as file:
                    return file.read(_MOST)
            return read_start(self.root, path, _MOST)
        except (OSError, PxeError) as exc:
            if self.check_mode:
                return None
            raise PxeError(f"{path}: {'/'.join(self.brought[path])} on the server cannot be read") from exc

    def check_start(self, path: str, address: str, mistake_in: t.Callable[[bytes], str]) -> None:
        """Refuse a file that is not what it is to be. A URL is not looked at."""
        data = self.read(path) if "://" not in path else None
        mistake = mistake_in(data) if data else ""
        if mistake:
            raise PxeError(f"{address}: {path} {mistake}")

    def complain(self, message: str, remedy: str = "", yet: str = "") -> None:
        """About what is not there: in check mode, when it may come, that is a warning."""
        if not self.check_mode:
            raise PxeError(f"{message}{remedy}")
        self.warn(f"{message}{yet}")


def _is_there(source: Source) -> bool:
    try:
        with open_inside(*source):
            return True
    except (OSError, PxeError):
        return False
