# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import os
import pathlib
import stat

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import files
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Content, Link
from ansible_collections.netinstall.pxe.tests.unit.tree_images import image

FILES: dict[str, Content] = {
    "a/b/c": b"content",
    "big": bytes(range(256)) * 9000,
    "link": Link("a/b"),
    "empty": b"",
}


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    disc = image(FILES)
    files.make_folder(str(tmp_path / "root"))
    files.extract(disc, sorted(disc.walk()), str(tmp_path / "root"))
    return tmp_path / "root"


def test_extracts_files_folders_and_links(root: pathlib.Path) -> None:
    assert (root / "a/b/c").read_bytes() == b"content"
    assert (root / "big").read_bytes() == FILES["big"]
    assert (root / "empty").read_bytes() == b""
    assert os.readlink(root / "link") == "a/b"
    assert stat.S_IMODE((root / "big").stat().st_mode) == 0o644


def test_extracted_files_have_the_times_of_the_image(tmp_path: pathlib.Path) -> None:
    disc = image(FILES)
    entries = [(path, dataclasses.replace(entry, modified=1400000123)) for path, entry in sorted(disc.walk())]
    files.make_folder(str(tmp_path / "root"))
    files.extract(disc, entries, str(tmp_path / "root"))
    assert (tmp_path / "root/a/b/c").stat().st_mtime == 1400000123


def test_never_writes_through_a_link(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (root / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="exists"):
        files.write_new(str(root / "out"), [b"x"])
    assert not (tmp_path / "elsewhere").exists()


def test_hard_links(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    new = tmp_path / "new"
    files.make_folder(str(new))
    paths = ["a", "a/b", "a/b/c", "link", "big"]
    files.link_all([(path, str(root / path)) for path in paths], str(new))
    assert (new / "a/b/c").samefile(root / "a/b/c")
    assert os.readlink(new / "link") == "a/b"
    assert not (new / "a").samefile(root / "a")


def test_puts_files_over_others(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "c").write_text("new")
    (source / "d").write_text("more")
    files.put(str(source), str(root / "a/b"))
    assert {path.name: path.read_text() for path in (root / "a/b").iterdir()} == {"c": "new", "d": "more"}
    assert list(source.iterdir()) == []


def test_publishes_by_rename(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    dest, new = tmp_path / "dest", tmp_path / "new"
    files.publish(str(root), str(dest))
    new.mkdir()
    (new / "only").touch()
    (tmp_path / ".dest.old").mkdir()
    files.publish(str(new), str(dest))
    assert [path.name for path in dest.iterdir()] == ["only"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dest"]


@pytest.mark.parametrize("many", [0, 300])
def test_flushes_all_files(root: pathlib.Path, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed, synced = set(), []
    for number in range(many):
        (root / str(number)).touch()
    monkeypatch.setattr(os, "fsync", lambda fd: flushed.add(os.readlink(f"/proc/self/fd/{fd}")))
    sync = files._sync

    def syncing(folder: str) -> None:
        synced.append(folder)
        sync(folder)

    monkeypatch.setattr(files, "_sync", syncing)
    files.flush(str(root))
    wanted = {root, *(root / path for path in ("a", "a/b", "a/b/c", "big", "empty"))}
    assert synced == ([str(root)] if many else [])
    assert flushed == (set() if many else {str(path) for path in wanted})


def test_fingerprints_tell_names_and_sizes(root: pathlib.Path) -> None:
    before = files.fingerprint(str(root))
    assert before == files.fingerprint(str(root))
    found = {before}
    (root / "a/b/c").write_bytes(b"longer content")
    found.add(files.fingerprint(str(root)))
    (root / "a/b/c").rename(root / "a/b/d")
    found.add(files.fingerprint(str(root)))
    (root / "link").unlink()
    found.add(files.fingerprint(str(root)))
    (root / "a/folder").mkdir()
    found.add(files.fingerprint(str(root)))
    assert len(found) == 5
    assert files.fingerprint(str(root / "nothing")) is None


def test_removes_whatever_it_is(root: pathlib.Path) -> None:
    for path in ("link", "a", "big", "nothing"):
        files.remove(str(root / path))
    assert [path.name for path in root.iterdir()] == ["empty"]


def test_room(tmp_path: pathlib.Path) -> None:
    files.check_space(str(tmp_path / "not/there/yet"), 1)
    with pytest.raises(PxeError, match="1048576 MiB are to be written there, but only"):
        files.check_space(str(tmp_path), 1 << 40)


def test_what_the_system_refuses_is_told(tmp_path: pathlib.Path) -> None:
    message = r"^doing this: .*/nothing: No such file or directory$"
    with pytest.raises(PxeError, match=message), files.telling("doing this"):
        (tmp_path / "nothing").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_hides_files_of_lower_layers(root: pathlib.Path) -> None:
    files.hide(str(root), ["new/folder/x", "big"])
    status = (root / "new/folder/x").lstat()
    assert stat.S_ISCHR(status.st_mode)
    assert status.st_rdev == 0
    # What is rewritten stays.
    assert (root / "big").is_file()
