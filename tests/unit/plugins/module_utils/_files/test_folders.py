# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import os
import pathlib
import stat

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import folders
from ansible_collections.netinstall.pxe.plugins.module_utils._files.publishing import publish
from ansible_collections.netinstall.pxe.tests.unit.file_trees import (
    contents,
)


@pytest.mark.parametrize("target", ["folder", "file", "nowhere"])
def test_links_in_the_way(root: pathlib.Path, tmp_path: pathlib.Path, target: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("secret")
    link = root / "machines"
    link.symlink_to({"folder": outside, "file": outside / "f", "nowhere": tmp_path / "nowhere"}[target])
    with pytest.raises(PxeError, match="machines"):
        publish(str(root), {"first": "x", "machines/f": "y"}, owned=lambda path: True)
    assert (outside / "f").read_text() == "secret"
    assert not (root / "first").exists()


def test_links_below_the_root_are_neither_followed_nor_removed(
    root: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("secret")
    (root / "link").symlink_to(outside)
    publish(str(root), {"a": "x"}, owned=lambda path: True)
    assert (outside / "f").read_text() == "secret"
    assert (root / "link").is_symlink()


def test_the_root_itself_may_be_a_link(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "link").symlink_to(root)
    publish(str(tmp_path / "link"), {"a": "x"})
    assert contents(root) == {"a": b"x"}


def test_another_run_at_the_same_time(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = os.open(root, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    monkeypatch.setattr(folders, "_LOCK_SECONDS", 0.3)
    with pytest.raises(PxeError, match="another run"):
        publish(str(root), {"a": "x"})
    assert publish(str(root), {"a": "x"}, check=True)
    os.close(holder)
    assert publish(str(root), {"a": "x"})


def test_a_setgid_bit_of_a_folder_stays(root: pathlib.Path) -> None:
    publish(str(root), {"a/b": "x"})
    (root / "a").chmod(0o2750)
    publish(str(root), {"a/b": "x"})
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o2755
