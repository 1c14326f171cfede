# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import publication
from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Files, Record, Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Entry, SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.publication import Publication, remove_all
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


class Some(Renderer):
    """Writes one file, and what it is told to refer to."""

    role = "loader_some"
    named_in = "write it into some_files"
    options: t.Mapping[str, Record] = {"some": {"type": "list"}}

    def __init__(self, name: str = "some", installed: bool = True) -> None:
        self.name, self.installed = name, installed

    def is_installed(self, site: SiteEntries) -> bool:
        return self.installed

    def files(self, site: SiteEntries) -> Files:
        return {f"{self.name}/menu": "mine: password"}

    def copies(self, site: SiteEntries) -> dict[str, str]:
        return {f"{self.name}/kernel": "d/kernel"}

    def references(self, files: Files, site: SiteEntries, folder: Folder) -> dict[str, list[str]]:
        return {name: list(files) for name in site.server.get("some", [])}

    def claims(self, path: str) -> bool:
        return path.startswith(f"{self.name}/")

    def owns(self, path: str, start: bytes) -> bool:
        return start.startswith(b"mine")

    def left_out(self, site: SiteEntries) -> list[str]:
        return list(site.server.get("unknown", []))

    def for_diff(self, text: str | bytes) -> str | bytes:
        return "(hidden)"


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setattr(publication, "RENDERERS", (Some(),))
    for path in ("trees/d/kernel", "boot/some/menu.c32"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return Folder(str(tmp_path / "boot"), str(tmp_path / "trees"))


def site(menu: Record | None = None, **server: t.Any) -> SiteEntries:
    return SiteEntries({"menu": menu or {}}, {}, [], [], None, Entry("local", ""), [], server=server)


def there(folder: Folder) -> list[str]:
    return sorted(
        str(path.relative_to(folder.root)) for path in pathlib.Path(folder.root).rglob("*") if path.is_file()
    )


def test_files_and_copies_come_and_go(folder: Folder) -> None:
    stale = pathlib.Path(folder.root, "some/stale")
    stale.write_text("mine")
    changes = Publication(site(), folder).run()
    assert (changes.created, changes.removed) == (["some/kernel", "some/menu"], ["some/stale"])
    assert changes.after["some/menu"] == "(hidden)"
    assert there(folder) == ["some/kernel", "some/menu", "some/menu.c32"]
    assert not Publication(site(), folder).run()
    # What does not begin as it should is of somebody else, wherever it lies.
    assert remove_all(folder.root, check=False).removed == ["some/menu"]


def test_what_is_referred_to_must_be_there(folder: Folder) -> None:
    Publication(site(some=["some/menu.c32", "some/menu", "some/kernel"]), folder)
    message = r"some/menu refers to some/x\.c32, which is not in .*: run the role loader_some first"
    with pytest.raises(PxeError, match=message):
        Publication(site(some=["some/x.c32"]), folder).run()
    assert there(folder) == ["some/menu.c32"]
    folder.bring({"path": "some/x.c32", "tree": "d/kernel"})
    assert Publication(site(some=["some/x.c32", "some/menu.c32"]), folder).run()


def test_what_the_menu_needs(folder: Folder) -> None:
    needed = {"needed": [{"path": "tool", "address": "site_menu.entries.tool"}]}
    message = "^site_menu.entries.tool: there is no tool below .*, or write it into some_files$"
    with pytest.raises(PxeError, match=message):
        Publication(site(needed), folder).run()
    pathlib.Path(folder.root, "tool").touch()
    assert Publication(site(needed), folder).run()


def test_a_loader_that_is_not_installed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    Publication(site(), folder).run()
    monkeypatch.setattr(publication, "RENDERERS", (Some(installed=False), Some("other")))
    with pytest.raises(
        PxeError, match=r"^some is wanted, but not on the server: run the role loader_some first$"
    ):
        Publication(site(), folder)
    # In check mode its files are neither written nor stale; the others are looked at.
    warnings: list[str] = []
    folder.check_mode, folder.warn = True, warnings.append
    changes = Publication(site(), folder).run()
    assert (changes.created, changes.removed) == (["other/kernel", "other/menu"], [])
    assert warnings == ["The menu of some is skipped in this check: some is not installed yet"]


def test_files_of_unknown_images_are_kept(folder: Folder) -> None:
    pathlib.Path(folder.root, "some/unknown").write_text("mine")
    warnings: list[str] = []
    folder.warn = warnings.append
    assert Publication(site(unknown=["some/unknown"]), folder).run().removed == []
    assert [text.partition(" is ")[0] for text in warnings] == ["some/unknown"]
    assert Publication(site(), folder).run().removed == ["some/unknown"]
