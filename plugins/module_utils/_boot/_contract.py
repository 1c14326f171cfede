# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a renderer is: it writes, recognises and checks the files of one loader.

A renderer derives from ``Renderer`` and says what differs from the defaults here; mypy compares the two.
"""

from __future__ import annotations

import typing as t
from abc import abstractmethod

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder

Files = dict[str, str]
Record = dict[str, t.Any]


class Renderer(t.Protocol):
    """One loader's files. All paths are relative to boot/."""

    #: The loader's name, by which messages call it and own entries say what it starts.
    name: str
    #: The role that publishes the loader and what its files refer to.
    role: str = ""
    #: Where the user names more of it; empty if there is no such place.
    named_in: str = ""
    #: Options of the module boot_files, as in an argument specification: what must be known of the server. Their values
    #: are in ``SiteEntries.server``.
    options: t.Mapping[str, Record] = {}

    def is_wanted(self, site: SiteEntries) -> bool:
        """Whether the site uses this loader."""
        return True

    def is_installed(self, site: SiteEntries) -> bool:
        """Whether the server has it. In check mode it is left out if not, else that is an error."""
        return True

    @abstractmethod
    def files(self, site: SiteEntries) -> Files:
        """Text by path; what others refer to comes first.

        :raises PxeError: names the item.
        """

    def copies(self, site: SiteEntries) -> dict[str, str]:
        """What must be copied from install trees: path below trees/ by path."""
        return {}

    def check(self, files: Files, site: SiteEntries, folder: Folder) -> None:
        """Refuse what the loader would not take as it was meant, in the files and in what the site brings.

        :raises PxeError: names the file and line, or the item.
        """
        return

    def references(self, files: Files, site: SiteEntries, folder: Folder) -> dict[str, list[str]]:
        """Files that must be there, and which files refer to each."""
        return {}

    @abstractmethod
    def claims(self, path: str) -> bool:
        """Whether a file could be one of this renderer's, by its name. What others publish is not."""

    @abstractmethod
    def owns(self, path: str, start: bytes) -> bool:
        """Whether this renderer wrote a file that begins so, and would remove it. ``path`` is one that it claims."""

    def left_out(self, site: SiteEntries) -> t.Sequence[str]:
        """Files of profiles that check mode does not render, because their images are not known yet."""
        return ()

    def kept(self, site: SiteEntries) -> t.Collection[str]:
        """Those files, and others that are therefore not known to be stale."""
        return self.left_out(site)

    def for_diff(self, text: str | bytes) -> str | bytes:
        """A file of this renderer's as it may be shown in a diff."""
        return text
