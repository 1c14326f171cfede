# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import json
import os
import pathlib
import random
import signal
import stat
import sys
import tempfile
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils import _files
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    TEMPORARY,
    Changes,
    atomic_write,
    make_runner,
    publish,
    read_file,
    read_start,
)
from hypothesis import given, settings
from hypothesis import strategies as st

Tree = dict[str, bytes]

OLD: Tree = {
    "profiles/gone.ipxe": b"old gone\n",
    "profiles/p.ipxe": b"old p\n",
    "menu.ipxe": b"old menu\n",
    "machines/a.ipxe": b"old a\n",
    "machines/gone.ipxe": b"old machine\n",
    "machines/same.ipxe": b"same\n",
    "boot.ipxe": b"old boot\n",
    "undionly.kpxe": b"not ours\n",
}
# What others refer to comes first.
NEW: Tree = {
    "profiles/new.ipxe": b"new profile\n" * 500,
    "profiles/p.ipxe": b"new p\n",
    "menu.ipxe": b"new menu\n",
    "machines/a.ipxe": b"new a\n",
    "machines/b.ipxe": b"new b\n",
    "machines/same.ipxe": b"same\n",
    "deep/er/file": b"deep\n",
    "boot.ipxe": b"new boot\n",
}
END: Tree = {**NEW, "undionly.kpxe": b"not ours\n"}


def owned(path: str) -> bool:
    return path.startswith(("machines/", "profiles/"))


def fill(root: pathlib.Path, tree: Tree) -> None:
    for relpath, data in tree.items():
        path = root / relpath
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)


def contents(root: pathlib.Path) -> Tree:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def stamps(root: pathlib.Path) -> dict[str, tuple[int, int, int]]:
    return {
        str(path): (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        for path in [root, *root.rglob("*")]
        for status in [path.lstat()]
    }


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "boot"
    folder.mkdir()
    return folder


# What it does


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


def test_a_setgid_bit_of_a_folder_stays(root: pathlib.Path) -> None:
    publish(str(root), {"a/b": "x"})
    (root / "a").chmod(0o2750)
    publish(str(root), {"a/b": "x"})
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o2755


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


# What it refuses


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        "a/",
        "",
        ".",
        "a/./b",
        "a\0b",
        f"a/.b{TEMPORARY}",
        "n" * 240,
    ],
)
def test_paths_that_lead_elsewhere(root: pathlib.Path, path: str) -> None:
    with pytest.raises(PxeError):
        publish(str(root), {"fine": "x", path: "y"})
    assert contents(root) == {}


def test_a_file_that_is_also_a_folder(root: pathlib.Path) -> None:
    with pytest.raises(PxeError, match="both a file and a folder"):
        publish(str(root), {"a": "x", "a/b": "y"})


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


@pytest.mark.parametrize("make", ["link", "folder", "fifo"])
def test_things_in_the_way_of_a_file(root: pathlib.Path, tmp_path: pathlib.Path, make: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    path = root / "f"
    {"link": lambda: path.symlink_to(outside), "folder": path.mkdir, "fifo": lambda: os.mkfifo(path)}[make]()
    with pytest.raises(PxeError):
        publish(str(root), {"a": "x", "f": "y"})
    assert outside.read_text() == "secret"
    assert not (root / "a").exists()


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


@pytest.mark.parametrize("write", range(6))
def test_a_full_disk_changes_nothing(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    fill(root, OLD)
    left = [write]
    real_write = os.write

    def failing_write(fd: int, data: bytes) -> int:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        return real_write(fd, data)

    monkeypatch.setattr(os, "write", failing_write)
    with pytest.raises(PxeError, match="No space left on device"):
        publish(str(root), dict(NEW), owned=owned)
    monkeypatch.undo()
    assert contents(root) == OLD


def test_another_run_at_the_same_time(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    holder = os.open(root, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    monkeypatch.setattr(_files, "_LOCK_SECONDS", 0.3)
    with pytest.raises(PxeError, match="another run"):
        publish(str(root), {"a": "x"})
    assert publish(str(root), {"a": "x"}, check=True)
    os.close(holder)
    assert publish(str(root), {"a": "x"})


# Crashes


class Crash:
    """Ends this process at the n-th operation that changes the disk, after half of it if it is a write.

    Keeps account of what would not have survived a power cut at that moment: contents that were not flushed, and
    renames whose folder was not.
    """

    def __init__(self, at: int, report: pathlib.Path) -> None:
        self.left, self.report = at, report
        self.unflushed: set[int] = set()
        self.renames: list[tuple[int, str, str | None]] = []

    def install(self) -> None:
        for name in ("mkdir", "rename", "unlink", "rmdir", "fchmod", "fchown"):
            setattr(os, name, self._counted(getattr(os, name)))
        real_open, real_write, real_fsync, real_sync = os.open, os.write, os.fsync, os.sync
        real_rename = os.rename

        def counted_open(path: t.Any, flags: int, *args: t.Any, **kwargs: t.Any) -> int:
            if flags & os.O_CREAT:
                self._count()
            return real_open(path, flags, *args, **kwargs)

        def counted_write(fd: int, data: t.Any) -> int:
            self.unflushed.add(os.fstat(fd).st_ino)
            if self.left == 0:
                real_write(fd, bytes(data)[: len(data) // 2])
            self._count()
            return real_write(fd, data)

        def counted_fsync(fd: int) -> None:
            self._count()
            real_fsync(fd)
            inode = os.fstat(fd).st_ino
            self.unflushed.discard(inode)
            self.renames = [rename for rename in self.renames if rename[0] != inode]

        def counted_sync() -> None:
            self._count()
            real_sync()
            self.unflushed.clear()

        def counted_rename(source: str, target: str, src_dir_fd: int, dst_dir_fd: int) -> None:
            path = f"/proc/self/fd/{dst_dir_fd}/{target}"
            before = pathlib.Path(path).read_bytes().decode() if os.path.exists(path) else None
            real_rename(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
            self.renames.append((os.fstat(dst_dir_fd).st_ino, os.path.realpath(path), before))

        for name, function in {
            "open": counted_open,
            "write": counted_write,
            "fsync": counted_fsync,
            "sync": counted_sync,
            "rename": counted_rename,
        }.items():
            setattr(os, name, function)

    def _counted(self, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def counted(*args: t.Any, **kwargs: t.Any) -> t.Any:
            self._count()
            return function(*args, **kwargs)

        return counted

    def _count(self) -> None:
        if self.left == 0:
            lost = {"unflushed": list(self.unflushed), "renames": [rename[1:] for rename in self.renames]}
            self.report.write_text(json.dumps(lost))
            os._exit(9)
        self.left -= 1


def crash_at(step: int, root: pathlib.Path, report: pathlib.Path, new: Tree) -> bool:
    """Publish in a child that dies at that step. Returns whether it did."""
    child = os.fork()
    if child == 0:
        try:
            Crash(step, report).install()
            publish(str(root), dict(new), owned=owned)
        except BaseException:
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 9)
    return os.waitstatus_to_exitcode(status) == 9


def cut_power(root: pathlib.Path, report: pathlib.Path, lose_renames: bool) -> None:
    """Take away what the disk does not hold yet. The kernel may or may not have written the renames."""
    lost = json.loads(report.read_text())
    for path in root.rglob("*"):
        if path.is_file() and path.stat().st_ino in lost["unflushed"]:
            path.write_bytes(b"")
    if lose_renames:
        for name, before in reversed(lost["renames"]):
            pathlib.Path(name).unlink()
            if before is not None:
                pathlib.Path(name).write_text(before)


def check_invariants(root: pathlib.Path, old: Tree, new: Tree) -> None:
    found = {path: data for path, data in contents(root).items() if not path.endswith(TEMPORARY)}
    for path, data in found.items():
        assert data in (old.get(path), new.get(path)), f"{path} is neither the old nor the new one"
    published = [path in found and found[path] == data for path, data in new.items() if old.get(path) != data]
    assert published == sorted(published, reverse=True), "a file was published before one that it refers to"
    for path in old:
        if path not in found:
            assert path not in new, f"{path} is missing"
            assert owned(path)
            assert all(published), f"{path} was removed before all new files were there"


@pytest.mark.parametrize("flush", ["one by one", "all at once"])
@pytest.mark.parametrize("event", ["kill", "power cut", "power cut, renames lost"])
@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform != "linux", reason="needs Linux")
def test_a_crash_at_any_step(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, event: str, flush: str
) -> None:
    if flush == "all at once":
        monkeypatch.setattr(_files, "_FSYNC_AT_MOST", 2)
    report = tmp_path / "report"
    for step in range(1000):
        root = tmp_path / f"boot{step}"
        root.mkdir()
        fill(root, OLD)
        if not crash_at(step, root, report, NEW):
            assert contents(root) == END
            break
        if event != "kill":
            cut_power(root, report, lose_renames=event.endswith("lost"))
        check_invariants(root, OLD, NEW)
        publish(str(root), dict(NEW), owned=owned)
        assert contents(root) == END
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o644 for path in root.rglob("*") if path.is_file())
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o755 for path in root.rglob("*") if path.is_dir())
    # Every file is made, written, given its mode and renamed; a harness that counts nothing would end at once.
    assert step > 4 * 7


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments(tmp_path: pathlib.Path) -> None:
    """SIGKILL, as an out-of-memory killer or an impatient operator sends it."""
    root = tmp_path / "boot"
    one = {f"machines/{number}": b"one\n" * 100 for number in range(300)}
    two = {f"machines/{number}": b"two\n" * 100 for number in range(100, 400)}
    publish(str(root), dict(one))
    choose = random.Random(1)
    killed = 0
    for trial in range(12):
        old, new = (one, two) if trial % 2 == 0 else (two, one)
        child = os.fork()
        if child == 0:
            publish(str(root), dict(new), owned=owned)
            os._exit(0)
        time.sleep(choose.random() * 0.06)
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        check_invariants(root, old, new)
        publish(str(root), dict(new), owned=owned)
        assert contents(root) == new
    assert killed


# The small ones


def test_atomic_write(root: pathlib.Path) -> None:
    path = str(root / "fstab")
    assert atomic_write(path, "a\n", check=True)
    assert not (root / "fstab").exists()
    assert atomic_write(path, "a\n", mode=0o600)
    inode = (root / "fstab").stat().st_ino
    assert not atomic_write(path, b"a\n", mode=0o600)
    assert (root / "fstab").stat().st_ino == inode
    assert atomic_write(path, "b\n", mode=0o600)
    assert contents(root) == {"fstab": b"b\n"}
    assert stat.S_IMODE((root / "fstab").stat().st_mode) == 0o600


def test_atomic_write_after_an_interrupted_one(root: pathlib.Path) -> None:
    (root / f".f{TEMPORARY}").write_text("half")
    assert atomic_write(str(root / "f"), "whole")
    assert contents(root) == {"f": b"whole"}


def test_atomic_write_into_nothing(tmp_path: pathlib.Path) -> None:
    with pytest.raises(PxeError, match="cannot open its folder"):
        atomic_write(str(tmp_path / "none" / "f"), "x")


def test_read_start(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (root / "f").write_bytes(b"0123456789")
    (tmp_path / "outside").write_text("secret")
    (root / "link").symlink_to(tmp_path / "outside")
    assert read_start(str(root), "f", 4) == b"0123"
    assert [read_start(str(root), name) for name in ("none", "link", "no/such", "../outside")][:3] == [
        None
    ] * 3
    assert read_start(str(root / "none"), "f") is None


def test_read_file(root: pathlib.Path) -> None:
    (root / "f").write_bytes(b"x")
    assert read_file(str(root / "f")) == b"x"
    with pytest.raises(PxeError, match="No such file"):
        read_file(str(root / "none"))


def test_the_runner_speaks_english() -> None:
    class Module:
        def run_command(self, command: list[str], environ_update: dict[str, str]) -> tuple[int, str, str]:
            assert environ_update["LC_ALL"] == "C"
            return 3, " ".join(command), "err"

    assert make_runner(Module())(["nginx", "-t"]) == (3, "nginx -t", "err")


def test_no_changes_are_false() -> None:
    assert not Changes(unchanged=7)


def test_copies_are_made_once(tmp_path: pathlib.Path) -> None:
    source, root = tmp_path / "kernel", tmp_path / "root"
    source.write_bytes(b"k" * 3_000_000)
    wanted = {"kernels/one": (str(tmp_path), "kernel")}
    assert _files.copy_files(str(root), wanted, check=True).created == ["kernels/one"]
    assert not root.exists()
    assert _files.copy_files(str(root), wanted).created == ["kernels/one"]
    copy = root / "kernels" / "one"
    assert copy.read_bytes() == source.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o644
    before = copy.stat()
    again = _files.copy_files(str(root), wanted)
    assert not again
    assert again.unchanged == 1
    assert copy.stat() == before
    source.write_bytes(b"another")
    assert _files.copy_files(str(root), wanted, check=True).changed == ["kernels/one"]
    assert copy.read_bytes() == b"k" * 3_000_000
    assert _files.copy_files(str(root), wanted).changed == ["kernels/one"]
    assert copy.read_bytes() == b"another"
    assert [path.name for path in copy.parent.iterdir()] == ["one"]


def test_a_copy_replaces_whatever_an_interrupted_run_left(tmp_path: pathlib.Path) -> None:
    source, root = tmp_path / "kernel", tmp_path / "root"
    source.write_text("kernel")
    root.mkdir()
    (root / f".one{_files.TEMPORARY}").write_text("half")
    _files.copy_files(str(root), {"one": (str(tmp_path), "kernel")})
    assert sorted(path.name for path in root.iterdir()) == ["one"]
    assert (root / "one").read_text() == "kernel"


@pytest.mark.parametrize(
    ("relpath", "source", "words"),
    [
        ("one", "none", "cannot copy .*none there: No such file"),
        ("one", "folder", "Is a directory"),
        ("one", "pipe", "no file to be copied"),
        ("../one", "kernel", "no path below the folder"),
        ("link/one", "kernel", "no folder but a link"),
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
        _files.copy_files(str(root), {relpath: (str(tmp_path), source)})
    assert not list(tmp_path.rglob(f"*{_files.TEMPORARY}"))
    assert not (tmp_path / "one").exists()


def test_in_check_mode_a_source_may_be_missing(tmp_path: pathlib.Path) -> None:
    changes = _files.copy_files(str(tmp_path), {"one": (str(tmp_path), "none")}, check=True)
    assert changes.created == ["one"]


@pytest.mark.parametrize("climb", ["", "../../../../../.."])
def test_a_copied_link_leads_nowhere_out_of_its_folder(tmp_path: pathlib.Path, climb: str) -> None:
    secret = tmp_path / "shadow"
    secret.write_text("root:secret")
    tree = tmp_path / "tree"
    (tree / "boot").mkdir(parents=True)
    (tree / "boot/vmlinuz").symlink_to(f"{climb}{secret}")
    with pytest.raises(PxeError, match=r"cannot copy .*tree/boot/vmlinuz there: No such file"):
        _files.copy_files(str(tmp_path / "root"), {"one": (str(tree), "boot/vmlinuz")})
    (tree / "boot/folder").symlink_to(f"{climb}{tmp_path}")
    with pytest.raises(PxeError, match="No such file"):
        _files.copy_files(str(tmp_path / "root"), {"one": (str(tree), "boot/folder/shadow")})
    with pytest.raises(PxeError, match="No such file"):
        _files.copy_files(str(tmp_path / "root"), {"one": (str(tree), "../shadow")})
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
        _files.copy_files(str(tmp_path / "root"), {name: (str(tmp_path / "link"), name)})
        assert (tmp_path / "root" / name).read_text() == "kernel"


def test_a_loop_of_links_is_no_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(PxeError, match=r"cannot copy|no file to be copied"):
        _files.copy_files(str(tmp_path / "root"), {"copy": (str(tmp_path), "one")})
