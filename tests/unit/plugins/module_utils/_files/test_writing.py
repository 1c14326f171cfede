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
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import writing
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import TEMPORARY
from ansible_collections.netinstall.pxe.plugins.module_utils._files.publishing import publish
from ansible_collections.netinstall.pxe.plugins.module_utils._files.writing import atomic_write
from ansible_collections.netinstall.pxe.tests.unit.file_trees import (
    END,
    NEW,
    OLD,
    Tree,
    contents,
    fill,
    owned,
)


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
        monkeypatch.setattr(writing, "_FSYNC_AT_MOST", 2)
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
