# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import stat
import tempfile
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import TEMPORARY
from ansible_collections.netinstall.pxe.plugins.module_utils._files.publishing import Changes, publish
from ansible_collections.netinstall.pxe.tests.unit.file_trees import (
    END,
    NEW,
    OLD,
    Tree,
    contents,
    fill,
    owned,
    stamps,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def test_publishes_and_removes_what_is_stale(root: pathlib.Path) -> None:
    fill(root, OLD)
    changes = publish(str(root), dict(NEW), owned=owned)
    assert contents(root) == END
    assert changes.created == ["profiles/new.ipxe", "machines/b.ipxe", "deep/er/file"]
    assert changes.changed == ["profiles/p.ipxe", "menu.ipxe", "machines/a.ipxe", "boot.ipxe"]
    assert changes.removed == ["machines/gone.ipxe", "profiles/gone.ipxe"]
    assert changes.unchanged == 1


def test_makes_a_root_that_is_missing(tmp_path: pathlib.Path) -> None:
    assert publish(str(tmp_path / "a" / "b"), {"c/d": "text"})
    assert (tmp_path / "a" / "b" / "c" / "d").read_text() == "text"


def test_makes_no_root_when_there_is_nothing_to_publish(tmp_path: pathlib.Path) -> None:
    assert not publish(str(tmp_path / "a"), {}, owned=owned)
    assert not (tmp_path / "a").exists()


def test_check_mode_says_the_same_and_touches_nothing(root: pathlib.Path) -> None:
    fill(root, OLD)
    before = stamps(root)
    predicted = publish(str(root), dict(NEW), owned=owned, check=True)
    assert stamps(root) == before
    assert publish(str(root), dict(NEW), owned=owned) == predicted


def test_check_mode_on_an_empty_server(tmp_path: pathlib.Path) -> None:
    assert publish(str(tmp_path / "none"), dict(NEW), check=True).created == list(NEW)
    assert not (tmp_path / "none").exists()


def test_a_second_run_touches_nothing_and_opens_nothing_for_writing(
    root: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, OLD)
    publish(str(root), dict(NEW), owned=owned)
    before = stamps(root)
    flags_used: list[int] = []
    real_open = os.open

    def recording_open(path: t.Any, flags: int, *args: t.Any, **kwargs: t.Any) -> int:
        flags_used.append(flags)
        return real_open(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", recording_open)
    changes = publish(str(root), dict(NEW), owned=owned)
    monkeypatch.undo()
    assert not changes
    assert changes.unchanged == len(NEW)
    assert stamps(root) == before
    assert flags_used
    assert not [flags for flags in flags_used if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)]


def test_modes_do_not_depend_on_the_umask(root: pathlib.Path) -> None:
    before = os.umask(0o077)
    try:
        publish(str(root), {"a/b": "x"}, mode=0o640, dir_mode=0o750)
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / "a" / "b").stat().st_mode) == 0o640
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o750


def test_a_wrong_mode_is_put_right_without_a_new_file(root: pathlib.Path) -> None:
    publish(str(root), {"a/b": "x"})
    inode = (root / "a" / "b").stat().st_ino
    (root / "a" / "b").chmod(0o600)
    (root / "a").chmod(0o700)
    changes = publish(str(root), {"a/b": "x"})
    assert changes.changed == ["a/b", "a/"]
    assert changes.attributes == ["a/b", "a/"]
    assert stat.S_IMODE((root / "a" / "b").stat().st_mode) == 0o644
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o755
    assert (root / "a" / "b").stat().st_ino == inode
    assert not publish(str(root), {"a/b": "x"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owner_and_group(root: pathlib.Path) -> None:
    publish(str(root), {"a/b": "x"}, uid=12, gid=34)
    for path in (root / "a", root / "a" / "b"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12, 34)
    assert publish(str(root), {"a/b": "x"}, uid=12, gid=35).attributes == ["a/b", "a/"]
    assert (root / "a" / "b").stat().st_gid == 35


def test_prune_removes_folders_that_became_empty(root: pathlib.Path) -> None:
    fill(root, {"a/b/c": b"1", "a/keep": b"2", "d/e": b"3", "empty/x": b"4"})
    (root / "empty" / "x").unlink()
    publish(str(root), {}, owned=lambda path: path in ("a/b/c", "d/e"), prune=True)
    assert sorted(path.name for path in root.iterdir()) == ["a", "empty"]
    assert [path.name for path in (root / "a").iterdir()] == ["keep"]


def test_leftovers_are_removed_and_are_a_change(root: pathlib.Path) -> None:
    publish(str(root), {"a/b": "x"})
    (root / "a" / f".other{TEMPORARY}").write_text("half")
    (root / f".b{TEMPORARY}").write_text("half")
    changes = publish(str(root), {"a/b": "x"})
    assert sorted(changes.leftovers) == [f".b{TEMPORARY}", f"a/.other{TEMPORARY}"]
    assert bool(changes) is True
    assert contents(root) == {"a/b": b"x"}


def test_the_diff_shows_both_sides(root: pathlib.Path) -> None:
    fill(root, {"a": b"old\n", "gone": b"gone\n", "binary": b"\0\1"})
    changes = publish(
        str(root),
        {"a": "new\n", "b": "b\n", "binary": b"\0\2\3"},
        owned=lambda path: path == "gone",
        check=True,
    )
    found = {
        entry["after_header"].rsplit("/", 1)[1]: (entry["before"], entry["after"])
        for entry in changes.diff("/r")
    }
    assert found == {
        "a": ("old\n", "new\n"),
        "b": ("", "b\n"),
        "gone": ("gone\n", ""),
        "binary": ("(2 bytes, not text)\n", "(3 bytes, not text)\n"),
    }


PATHS = st.sampled_from(
    [f"{folder}{name}" for folder in ("", "x/", "y/", "x/z/") for name in ("1", "2", "3")]
)
TREES = st.dictionaries(PATHS, st.binary(max_size=20), max_size=8)


@settings(max_examples=60, deadline=None)
@given(old=TREES, new=TREES, ours=st.frozensets(PATHS))
def test_any_tree_becomes_any_other(old: Tree, new: Tree, ours: frozenset[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        fill(root, old)
        predicted = publish(name, dict(new), owned=ours.__contains__, check=True)
        assert contents(root) == old
        assert publish(name, dict(new), owned=ours.__contains__) == predicted
        foreign = {path: data for path, data in old.items() if path not in ours}
        assert contents(root) == {**foreign, **new}
        assert not publish(name, dict(new), owned=ours.__contains__)


def test_no_changes_are_false() -> None:
    assert not Changes(unchanged=7)
