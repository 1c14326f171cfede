# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Folder:
    """A server with one file in each place."""
    for path in ("boot/there", "trees/d/isolinux/boot.msg", "trees/d/isolinux/a.lss", "own/mine"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return Folder(str(tmp_path / "boot"), str(tmp_path / "trees"), str(tmp_path / "own"))


def test_what_is_there_and_what_will_be(folder: Folder) -> None:
    folder.bring({"path": "x/mine", "name": "mine"})
    folder.bring({"path": "x/boot.msg", "tree": "d/isolinux/boot.msg"})
    assert folder.read("there") == b"boot/there"
    assert folder.read("x/mine") == b"own/mine"
    assert folder.read("x/boot.msg") == b"trees/d/isolinux/boot.msg"
    assert folder.read("nowhere") is None
    assert (folder.has("there"), folder.has("x/mine")) == (True, False)


def test_a_file_beside_another_one_on_its_disc(folder: Folder) -> None:
    folder.bring({"path": "x/mine", "name": "mine"})
    folder.bring({"path": "x/boot.msg", "tree": "d/isolinux/boot.msg"})
    assert folder.bring_from_beside("a.lss", "a.lss", "x/boot.msg")
    assert folder.read("a.lss") == b"trees/d/isolinux/a.lss"
    assert not folder.bring_from_beside("b.lss", "b.lss", "x/boot.msg")
    # The user's own files are named one by one.
    assert not folder.bring_from_beside("mine", "mine", "x/mine")
    assert not folder.bring_from_beside("a.lss", "c.lss", "there")


def test_what_cannot_be_read_is_an_error_but_in_check_mode(folder: Folder) -> None:
    folder.bring({"path": "x/gone", "name": "gone"})
    with pytest.raises(PxeError, match=r"x/gone: .*/own/gone on the server cannot be read"):
        folder.read("x/gone")
    folder.check_mode = True
    assert folder.read("x/gone") is None


def test_no_link_leads_out_of_a_tree(folder: Folder, tmp_path: pathlib.Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "trees/d/link").symlink_to("../../secret")
    folder.bring({"path": "x/link", "tree": "d/link"})
    with pytest.raises(PxeError, match=r"cannot be read"):
        folder.read("x/link")


def test_what_a_file_must_be(folder: Folder) -> None:
    folder.check_start("there", "site_menu.x", lambda data: "" if data else "is empty")
    folder.check_start("nowhere", "site_menu.x", lambda _data: "is bad")
    folder.check_start("http://10.0.0.1/there", "site_menu.x", lambda _data: "is bad")
    with pytest.raises(PxeError, match=r"^site_menu.x: there is bad$"):
        folder.check_start("there", "site_menu.x", lambda _data: "is bad")


def test_what_is_missing(folder: Folder) -> None:
    warnings: list[str] = []
    folder.warn = warnings.append
    with pytest.raises(PxeError, match=r"^it is not there: bring it$"):
        folder.complain("it is not there", ": bring it", " yet")
    folder.check_mode = True
    folder.complain("it is not there", ": bring it", " yet")
    assert warnings == ["it is not there yet"]
