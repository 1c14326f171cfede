# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import stat

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.copying import copy_files
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import TEMPORARY


def test_copies_are_made_once(tmp_path: pathlib.Path) -> None:
    source, root = tmp_path / "kernel", tmp_path / "root"
    source.write_bytes(b"k" * 3_000_000)
    wanted = {"kernels/one": (str(tmp_path), "kernel")}
    assert copy_files(str(root), wanted, check=True).created == ["kernels/one"]
    assert not root.exists()
    assert copy_files(str(root), wanted).created == ["kernels/one"]
    copy = root / "kernels" / "one"
    assert copy.read_bytes() == source.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o644
    before = copy.stat()
    again = copy_files(str(root), wanted)
    assert not again
    assert again.unchanged == 1
    assert copy.stat() == before
    source.write_bytes(b"another")
    assert copy_files(str(root), wanted, check=True).changed == ["kernels/one"]
    assert copy.read_bytes() == b"k" * 3_000_000
    assert copy_files(str(root), wanted).changed == ["kernels/one"]
    assert copy.read_bytes() == b"another"
    assert [path.name for path in copy.parent.iterdir()] == ["one"]


def test_a_copy_replaces_whatever_an_interrupted_run_left(tmp_path: pathlib.Path) -> None:
    source, root = tmp_path / "kernel", tmp_path / "root"
    source.write_text("kernel")
    root.mkdir()
    (root / f".one{TEMPORARY}").write_text("half")
    copy_files(str(root), {"one": (str(tmp_path), "kernel")})
    assert sorted(path.name for path in root.iterdir()) == ["one"]
    assert (root / "one").read_text() == "kernel"


@pytest.mark.parametrize(
    ("relpath", "source", "words"),
    [
        ("one", "none", "cannot copy .*none there: No such file"),
        ("one", "folder", "Is a directory"),
        ("one", "pipe", "not a regular file"),
        ("../one", "kernel", "not a path below the folder"),
        ("link/one", "kernel", "is a link or a file, not a folder"),
        ("folder", "kernel", "cannot copy .*kernel there"),
    ],
)
def test_what_cannot_be_copied(tmp_path: pathlib.Path, relpath: str, source: str, words: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "kernel").write_text("kernel")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PxeError, match=words):
        copy_files(str(root), {relpath: (str(tmp_path), source)})
    assert not list(tmp_path.rglob(f"*{TEMPORARY}"))
    assert not (tmp_path / "one").exists()


def test_in_check_mode_a_source_may_be_missing(tmp_path: pathlib.Path) -> None:
    changes = copy_files(str(tmp_path), {"one": (str(tmp_path), "none")}, check=True)
    assert changes.created == ["one"]


@pytest.mark.parametrize("climb", ["", "../../../../../.."])
def test_a_copied_link_leads_nowhere_out_of_its_folder(tmp_path: pathlib.Path, climb: str) -> None:
    secret = tmp_path / "shadow"
    secret.write_text("root:secret")
    tree = tmp_path / "tree"
    (tree / "boot").mkdir(parents=True)
    (tree / "boot/vmlinuz").symlink_to(f"{climb}{secret}")
    with pytest.raises(PxeError, match=r"cannot copy .*tree/boot/vmlinuz there: No such file"):
        copy_files(str(tmp_path / "root"), {"one": (str(tree), "boot/vmlinuz")})
    (tree / "boot/folder").symlink_to(f"{climb}{tmp_path}")
    with pytest.raises(PxeError, match="No such file"):
        copy_files(str(tmp_path / "root"), {"one": (str(tree), "boot/folder/shadow")})
    with pytest.raises(PxeError, match="No such file"):
        copy_files(str(tmp_path / "root"), {"one": (str(tree), "../shadow")})
    assert not (tmp_path / "root/one").exists()


def test_a_copied_link_is_followed_as_if_its_folder_were_the_root(tmp_path: pathlib.Path) -> None:
    tree = tmp_path / "tree"
    (tree / "boot").mkdir(parents=True)
    (tree / "boot/vmlinuz-6").write_text("kernel")
    (tree / "vmlinuz").symlink_to("/boot/vmlinuz")
    (tree / "boot/vmlinuz").symlink_to("../../../boot/vmlinuz-6")
    (tmp_path / "link").symlink_to(tree)
    (tree / "boot/absolute").symlink_to("/boot/vmlinuz")
    for name in ("vmlinuz", "boot/absolute"):
        copy_files(str(tmp_path / "root"), {name: (str(tmp_path / "link"), name)})
        assert (tmp_path / "root" / name).read_text() == "kernel"


def test_a_loop_of_links_is_no_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(PxeError, match=r"cannot copy|not a regular file"):
        copy_files(str(tmp_path / "root"), {"copy": (str(tmp_path), "one")})
