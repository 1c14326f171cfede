# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One publication of boot files: first all are rendered and checked, then they replace the former ones."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder, Source
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.renderers import RENDERERS
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    Changes,
    copy_files,
    publish,
    read_start,
)


def is_ours(root: str, path: str) -> bool:
    # Looking at the names first saves reading the loaders.
    claiming = [renderer for renderer in RENDERERS if renderer.claims(path)]
    if not claiming:
        return False
    start = read_start(root, path) or b""
    return any(renderer.owns(path, start) for renderer in claiming)


def as_diff(changes: Changes) -> Changes:
    """The same for a diff: also the former hashes of passwords are not for the log."""
    for texts in (changes.before, changes.after):
        for path, text in texts.items():
            for renderer in RENDERERS:
                if renderer.claims(path):
                    texts[path] = renderer.for_diff(text)
    return changes


def remove_all(root: str, check: bool) -> Changes:
    return as_diff(publish(root, {}, owned=lambda path: is_ours(root, path), check=check, prune=True))


class Publication:
    """What one run makes of a site."""

    def __init__(self, site: SiteEntries, folder: Folder) -> None:
        self.site, self.folder = site, folder
        for one in site.menu.get("files", []):
            folder.bring(one)
        self.files: dict[str, str] = {}
        self.copies: dict[str, Source] = {}
        for path in (path for renderer in RENDERERS for path in renderer.left_out(site)):
            folder.warn(f"{path} is skipped in this check: the images of its distribution are not known yet")
        wanted = [renderer for renderer in RENDERERS if renderer.is_wanted(site)]
        #: What check mode cannot know on a new server is neither rendered nor removed.
        self.left_out = [renderer for renderer in wanted if not self.is_installed(renderer)]
        self.renderers = [renderer for renderer in wanted if renderer not in self.left_out]
        self.kept = {path for renderer in RENDERERS for path in renderer.kept(site)}

    def is_installed(self, renderer: Renderer) -> bool:
        if renderer.is_installed(self.site):
            return True
        if not self.folder.check_mode:
            name = renderer.name
            raise PxeError(f"{name} is wanted, but not on the server: run the role {renderer.role} first")
        self.folder.warn(
            f"The menu of {renderer.name} is skipped in this check: {renderer.name} is not installed yet"
        )
        return False

    def run(self) -> Changes:
        for renderer in self.renderers:
            self.render(renderer)
        self.check_needed()
        # First what the menus refer to. A machine that boots meanwhile gets the former kernel or this one.
        check, root = self.folder.check_mode, self.folder.root
        copied = copy_files(root, {**self.copies, **self.folder.brought}, check=check)
        files = t.cast("dict[str, bytes | str]", self.files)
        changes = publish(root, files, owned=self.is_stale, check=check)
        changes.created[:0] = copied.created
        changes.changed[:0] = copied.changed
        changes.unchanged += copied.unchanged
        return as_diff(changes)

    def render(self, renderer: Renderer) -> None:
        """A menu without its modules, or an entry without its kernel, is not published."""
        files = renderer.files(self.site)
        self.copies.update(
            (path, self.folder.of_tree(source)) for path, source in renderer.copies(self.site).items()
        )
        renderer.check(files, self.site, self.folder)
        self.files.update(files)
        for path, users in renderer.references(files, self.site, self.folder).items():
            if not self.will_have(path):
                message = f"{users[0]} refers to {path}, which is not in {self.folder.root}"
                self.folder.complain(message, f": run the role {renderer.role} first", " yet")

    def will_have(self, path: str) -> bool:
        return (
            path in self.files or path in self.copies or path in self.folder.brought or self.folder.has(path)
        )

    def check_needed(self) -> None:
        """What the menu's entries name, and the user puts there."""
        places = [renderer.named_in for renderer in RENDERERS if renderer.named_in]
        for one in self.site.menu.get("needed", []):
            if not self.will_have(one["path"]):
                self.folder.complain(
                    f"{one['address']}: there is no {one['path']} below {self.folder.root}; put it there, bring it"
                    f" ({{file: NAME}}), or {', or '.join(places)}"
                )

    def is_stale(self, path: str) -> bool:
        if path in self.copies or path in self.folder.brought or path in self.kept:
            return False
        if any(renderer.claims(path) for renderer in self.left_out):
            return False
        return is_ours(self.folder.root, path)
