# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders in which another account than root may do as it likes. What the modules do with them is tested there."""

from __future__ import annotations

import fcntl
import os
import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import web_files
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Attributes


def test_one_after_the_other(tmp_path: pathlib.Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        with web_files.alone(str(tmp_path), check=False), pytest.raises(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with web_files.alone(str(tmp_path), check=True):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(fd)


def test_a_folder_that_is_missing_is_not_locked(tmp_path: pathlib.Path) -> None:
    with web_files.alone(str(tmp_path / "missing"), check=False):
        assert not (tmp_path / "missing").exists()


def test_a_folder_is_made_or_put_right(tmp_path: pathlib.Path) -> None:
    for _time in range(2):
        web_files.make_folder(str(tmp_path), "inner", Attributes(dir_mode=0o750))
        assert (tmp_path / "inner").stat().st_mode & 0o777 == 0o750
        (tmp_path / "inner").chmod(0o777)


@pytest.mark.parametrize("kind", ["link", "dangling", "file"])
def test_nothing_else_is_taken_for_a_folder(tmp_path: pathlib.Path, kind: str) -> None:
    target = tmp_path / "target"
    if kind == "file":
        (tmp_path / "inner").touch()
    else:
        (tmp_path / "inner").symlink_to(target)
    if kind == "link":
        target.mkdir(mode=0o700)
    with pytest.raises(PxeError, match="is a link or a file, not a folder: remove it"):
        web_files.make_folder(str(tmp_path), "inner", Attributes(dir_mode=0o750))
    assert kind != "link" or target.stat().st_mode & 0o777 == 0o700


def test_folders_are_removed_and_no_link_is_followed(tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    inner = tmp_path / "parent/name"
    (inner / "one/deep/deeper").mkdir(parents=True)
    (inner / "one/deep/file").touch()
    (inner / "one/deep/link").symlink_to(outside)
    (inner / "one/link").symlink_to(outside / "file")
    (inner / "two").mkdir()
    web_files.remove_folders(str(tmp_path / "parent"), "name", ["one"])
    assert [path.name for path in inner.iterdir()] == ["two"]
    assert (outside / "file").exists()
    (tmp_path / "parent/link").symlink_to(outside)
    with pytest.raises(OSError, match="Not a directory"):
        web_files.remove_folders(str(tmp_path / "parent"), "link", ["file"])


def test_an_account_that_is_missing(tmp_path: pathlib.Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("nobody else sets owners")
    with pytest.raises(PxeError, match="no user or group 'nobody-is-called-so'; run"):
        web_files.web_account("nobody-is-called-so", None, str(tmp_path), str(tmp_path))


def test_what_cannot_be_written_through_is_no_mistake(tmp_path: pathlib.Path) -> None:
    """Another file system, or nothing there."""
    web_files.write_through(str(tmp_path))
    web_files.write_through(str(tmp_path / "missing"))
    (tmp_path / "link").symlink_to(tmp_path)
    web_files.write_through(str(tmp_path / "link"))
    assert tmp_path.is_dir()
