# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The only place of this collection's utilities that writes files or runs programs.

A machine may ask for its boot file at any moment, also while a run is killed or the power fails. Hence files
are published like this, and in no other way: every new content goes into a hidden file beside its target, all
of them reach the disk, then they are renamed in the order in which they were given, and only then stale files
go. Whoever reads sees the old file or the new one, never less.

Paths below a root are opened folder by folder without following symbolic links, because some of these folders
belong to a web server's user.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import shutil
import stat
import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

Data = t.Union[bytes, str]
# Takes a command as a list of words, returns its exit status, standard output and standard error.
Runner = t.Callable[[list[str]], tuple[int, str, str]]

# Hidden file beside the target while it is being written: `.<name>` + this.
TEMPORARY = ".netinstall-pxe.tmp"
# Up to so many files are flushed one by one; beyond that one sync() of everything is quicker.
_FSYNC_AT_MOST = 64
_LOCK_SECONDS = 60
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a FIFO in the way must not hang the run.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Attributes:
    """Modes and owners of what is published. ``None`` leaves the owner or group as it comes."""

    mode: int = 0o644
    dir_mode: int = 0o755
    uid: int | None = None
    gid: int | None = None

    def fit(self, status: os.stat_result, mode: int) -> bool:
        return (
            status.st_mode & 0o777 == mode
            and self.uid in (None, status.st_uid)
            and self.gid in (None, status.st_gid)
        )

    def set_on(self, fd: int, mode: int) -> None:
        if self.uid is not None or self.gid is not None:
            os.fchown(fd, -1 if self.uid is None else self.uid, -1 if self.gid is None else self.gid)
        # After fchown, which may clear bits. The setgid bit of a folder is its administrator's affair.
        os.fchmod(fd, os.fstat(fd).st_mode & 0o7000 | mode)


@dataclass
class Changes:
    """What ``publish`` changed, or in check mode would change. All paths are relative to the root.

    ``changed`` holds also files and folders (these end in ``/``) of which only mode or owner differ; they are
    listed in ``attributes`` too. ``leftovers`` are hidden files of an interrupted run. ``before`` and
    ``after`` hold the contents for a diff.
    """

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    unchanged: int = 0
    before: dict[str, Data] = field(default_factory=dict)
    after: dict[str, Data] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.removed or self.leftovers)

    def diff(self, root: str = "") -> list[dict[str, str]]:
        """The changes in the form that ``exit_json(diff=…)`` takes: one entry a file."""
        entries = []
        for relpath in [*self.created, *self.changed, *self.removed]:
            path = os.path.join(root, relpath)
            entry = {"before_header": path, "after_header": path}
            entry["before"] = _as_text(self.before.get(relpath, ""))
            entry["after"] = _as_text(self.after.get(relpath, ""))
            if relpath in self.attributes:
                entry["before"], entry["after"] = "other mode or owner\n", "mode and owner as described\n"
            entries.append(entry)
        return entries


def publish(
    root: str,
    wanted: dict[str, Data],
    owned: t.Callable[[str], bool] | None = None,
    check: bool = False,
    mode: int = 0o644,
    dir_mode: int = 0o755,
    uid: int | None = None,
    gid: int | None = None,
    prune: bool = False,
) -> Changes:
    """Make the files below ``root`` be what ``wanted`` says, all of them or none.

    :param wanted: content by path relative to ``root``. Files are renamed into place in this dict's order:
        put what others refer to first.
    :param owned: asked for each other file below ``root``; those it says yes to are stale and removed, last
        of all.
    :param check: only say what would change.
    :param prune: also remove folders that are empty once their stale files are gone.
    :raises PxeError: a path leads outside ``root`` or through a symbolic link, something else is in the way,
        or the disk refuses. Then nothing was replaced, except when the disk fails in the middle of the
        renames.

    A run that finds nothing to do opens nothing for writing. A file whose content is right but whose mode or
    owner is not keeps its inode.
    """
    _check_paths(wanted)
    attributes = Attributes(mode, dir_mode, uid, gid)
    if not os.path.lexists(root) and (check or not wanted):
        return Changes(created=list(wanted), after=dict(wanted))
    try:
        with _locked(root, attributes, lock=not check) as base:
            changes = _compare(base, root, wanted, owned, attributes)
            if changes and not check:
                _apply(base, wanted, changes, attributes, prune)
    except OSError as exc:
        raise PxeError(f"{root}: cannot publish {exc.filename or 'the files'}: {exc.strerror}") from exc
    return changes


def copy_files(
    root: str,
    sources: dict[str, tuple[str, str]],
    check: bool = False,
    mode: int = 0o644,
) -> Changes:
    """Make large files below ``root`` the same as others on this host, without reading them into memory.

    :param sources: by path relative to ``root``, the folder of the other file and its path in there. Links are
        followed as if that folder were ``/``: what an image says must not publish a file of this host. One after the
        other is written beside its target, flushed and renamed.
    :param check: only say what would change; then a source may be missing.
    :raises PxeError: as ``publish``, or a source cannot be read.

    A copy gets its source's time of modification. Where that and the size are equal nothing is read.
    """
    _check_paths(sources)
    changes = Changes()
    for relpath, source in sources.items():
        try:
            _copy_one(root, relpath, source, changes, Attributes(mode), check)
        except OSError as exc:
            name = "/".join(source)
            raise PxeError(f"{root}/{relpath}: cannot copy {name} there: {exc.strerror}") from exc
    return changes


def files_below(root: str) -> list[str]:
    """The plain files below a folder, by path relative to it, without following links and leaving its file system."""
    try:
        base = os.open(os.path.realpath(root), _FOLDER)
    except OSError as exc:
        raise PxeError(f"{root}: cannot read this folder: {exc.strerror}") from exc
    try:
        return [relpath for relpath in _walk(base) if _status(root, relpath)]
    except OSError as exc:
        raise PxeError(f"{root}: cannot read {exc.filename or 'this folder'}: {exc.strerror}") from exc
    finally:
        os.close(base)


def remove_files(root: str, relpaths: list[str]) -> None:
    """Remove files below a folder, and the folders that are empty then.

    :raises PxeError: the disk refuses.
    """
    try:
        with _locked(root, Attributes(), lock=True) as base:
            _remove_all(base, relpaths, prune=True)
    except OSError as exc:
        raise PxeError(f"{root}: cannot remove {exc.filename or 'a file'}: {exc.strerror}") from exc


def atomic_write(
    path: str,
    data: Data,
    mode: int = 0o644,
    uid: int | None = None,
    gid: int | None = None,
    check: bool = False,
) -> bool:
    """Replace one file so that readers and a power cut see the old or the new content. The folder must exist.

    :returns: whether it differed in content, mode or owner. With ``check`` nothing is written.
    :raises PxeError: the folder is missing, something else than a file is in the way, or the disk refuses.
    """
    folder, name = os.path.split(path)
    attributes = Attributes(mode, uid=uid, gid=gid)
    try:
        base = os.open(os.path.realpath(folder or "."), _FOLDER)
    except OSError as exc:
        raise PxeError(f"{path}: cannot open its folder: {exc.strerror}") from exc
    try:
        found = _read(base, name, path)
        if found and found[0] == _as_bytes(data) and attributes.fit(found[1], mode):
            return False
        if not check:
            _unlink_if_there(base, _temporary(name))
            _write_all(base, {name: data}, [name], attributes)
            _rename_all(base, [name])
        return True
    except OSError as exc:
        raise PxeError(f"{path}: cannot write: {exc.strerror}") from exc
    finally:
        os.close(base)


def read_file(path: str) -> bytes:
    """The content of a file, wherever it is.

    :raises PxeError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as exc:
        raise PxeError(f"{path}: cannot read it: {exc.strerror}") from exc


def read_start(root: str, relpath: str, size: int = 4096) -> bytes | None:
    """The first ``size`` bytes of a plain file below ``root``; ``None`` for anything else, links too."""
    try:
        _check_paths([relpath])
        base = os.open(os.path.realpath(root), _FOLDER)
    except (OSError, PxeError):
        return None
    try:
        with _folder(base, os.path.dirname(relpath)) as fd:
            handle = os.open(os.path.basename(relpath), _READ, dir_fd=fd)
            with open(handle, "rb") as file:
                return file.read(size) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    except (OSError, PxeError):
        return None
    finally:
        os.close(base)


def inside(folder: str, path: str) -> str:
    """The place of a path, its links followed as if the folder were ``/``: none leads to a file of this host."""
    rest, found = path.split("/")[::-1], [folder]
    for _step in range(100):
        if not rest:
            break
        part = rest.pop()
        here = os.path.join(*found, part)
        if part == "..":
            found[1:] = found[1:-1]
        elif part in ("", "."):
            continue
        elif os.path.islink(here):
            target = os.readlink(here)
            found[1:] = [] if target.startswith("/") else found[1:]
            rest += target.split("/")[::-1]
        else:
            found.append(part)
    return os.path.join(*found)


@contextlib.contextmanager
def open_inside(folder: str, path: str) -> t.Iterator[t.BinaryIO]:
    """Open a file below a folder to read it, its links followed as by ``inside``.

    :raises PxeError: it is no file.
    """
    real = os.path.realpath(folder)
    relpath = os.path.relpath(inside(real, path), real)
    base = os.open(real, _FOLDER)
    try:
        # Nothing that is found there now is a link, also if somebody exchanged it meanwhile.
        with _folder(base, os.path.dirname(relpath)) as fd:
            handle = os.open(os.path.basename(relpath), _READ, dir_fd=fd)
    finally:
        os.close(base)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PxeError(f"{folder}/{path}: this is no file to be copied")
        yield file


def make_runner(module: t.Any) -> Runner:
    """Wrap ``AnsibleModule.run_command``: a list of words in, (status, stdout, stderr) in English out."""

    def run(command: list[str]) -> tuple[int, str, str]:
        # Messages are parsed: no translations.
        status, out, err = module.run_command(command, environ_update={"LC_ALL": "C", "LANGUAGE": "C"})
        return int(status), out, err

    return run


# Paths


def _check_paths(wanted: t.Iterable[str]) -> None:
    """Refuse paths that could leave the root, our own hidden names, and a file that is also a folder."""
    paths = list(wanted)
    folders = {parent for path in paths for parent in _parents(path)}
    for path in paths:
        parts = path.split("/")
        if "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise PxeError(f"'{path}' is no path below the folder: write names joined by '/', without '..'")
        if parts[-1].endswith(TEMPORARY):
            raise PxeError(f"'{path}': names that end in '{TEMPORARY}' are reserved for files being written")
        if len(_temporary(parts[-1]).encode()) > 255:
            raise PxeError(f"'{path}': the name is too long for a file")
        if path in folders:
            raise PxeError(f"'{path}' is to be both a file and a folder")


def _parents(relpath: str) -> list[str]:
    """``a/b/c`` → ``[a, a/b]``."""
    parts = relpath.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _temporary(name: str) -> str:
    return f".{name}{TEMPORARY}"


def _by_folder(relpaths: t.Iterable[str]) -> t.Iterator[tuple[str, list[str]]]:
    """Neighbours that lie in one folder, as (folder, names), in the order given."""
    for folder, group in itertools.groupby(relpaths, os.path.dirname):
        yield folder, [os.path.basename(relpath) for relpath in group]


def _as_bytes(data: Data) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _as_text(data: Data) -> str:
    if isinstance(data, str):
        return data
    if b"\0" in data:
        return f"({len(data)} bytes, not text)\n"
    return data.decode(errors="replace")


# Folders


@contextlib.contextmanager
def _locked(root: str, attributes: Attributes, lock: bool) -> t.Iterator[int]:
    """Open ``root`` (which may itself be a link), alone among the runs that publish into it."""
    if not os.path.isdir(root):
        os.makedirs(root, attributes.dir_mode)
    base = os.open(os.path.realpath(root), _FOLDER)
    try:
        if lock:
            _lock(base, root)
        yield base
    finally:
        os.close(base)


def _lock(base: int, root: str) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            # A lock on the folder itself: no lock file to leave behind, and the kernel frees it when we die.
            return fcntl.flock(base, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise PxeError(
                    f"{root}: another run is publishing or arming there: this folder is locked for more than "
                    f"{_LOCK_SECONDS} seconds ({_holder(base)}); run again when it is done, or end that process if "
                    "it hangs"
                ) from None
            time.sleep(0.1)


def _holder(folder: int) -> str:
    """Who holds the lock of an open folder, as far as /proc/locks (proc(5)) tells."""
    status = os.fstat(folder)
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    with contextlib.suppress(OSError, ValueError), open("/proc/locks", encoding="ascii") as lines:
        for words in map(str.split, lines):
            # A process of another namespace has the number 0 or -1.
            if words[1:2] == ["FLOCK"] and words[5:6] == [place] and int(words[4]) > 0:
                with open(f"/proc/{words[4]}/comm", encoding="utf-8", errors="replace") as name:
                    return f"process {words[4]}, {name.read().strip()}"
    return f"fuser -v {os.readlink(f'/proc/self/fd/{folder}')} may tell who"


@contextlib.contextmanager
def alone(folder: str) -> t.Iterator[None]:
    """Work alone among all that hold the lock of this folder while they work; what comes first is waited for.

    :raises PxeError: the lock is not free after a minute.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(fd, folder)
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def _folder(base: int, relpath: str, create: Attributes | None = None) -> t.Iterator[int]:
    """Open a folder below ``base`` step by step, following no links; make missing ones when told how."""
    fd = os.dup(base)
    try:
        for part in filter(None, relpath.split("/")):
            if create:
                _make_folder(fd, part, create)
            fd = _enter(fd, part, relpath)
        yield fd
    finally:
        os.close(fd)


def _enter(fd: int, part: str, relpath: str) -> int:
    try:
        inner = os.open(part, _FOLDER, dir_fd=fd)
    except OSError as exc:
        if exc.errno in (errno.ELOOP, errno.ENOTDIR):
            raise PxeError(f"'{part}' in '{relpath}' is no folder but a link or a file: remove it") from exc
        raise
    os.close(fd)
    return inner


def _make_folder(parent: int, name: str, attributes: Attributes) -> None:
    try:
        # Closed until its owner is right: answer files hold secrets.
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    fd = os.open(name, _FOLDER, dir_fd=parent)
    try:
        attributes.set_on(fd, attributes.dir_mode)
    finally:
        os.close(fd)
    os.fsync(parent)


def _walk(base: int, relpath: str = "") -> t.Iterator[str]:
    """All files below ``base`` that are not links or folders, sorted, without leaving its file system."""
    with _folder(base, relpath) as fd:
        device = os.fstat(fd).st_dev
        with os.scandir(fd) as entries:
            plain = (entry for entry in entries if not entry.is_symlink())
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in plain)
        inner = [name for name, is_folder in found if is_folder and os.stat(name, dir_fd=fd).st_dev == device]
    prefix = f"{relpath}/" if relpath else ""
    yield from (prefix + name for name, is_folder in found if not is_folder)
    for name in inner:
        yield from _walk(base, prefix + name)


# Comparing


def _compare(
    base: int,
    root: str,
    wanted: dict[str, Data],
    owned: t.Callable[[str], bool] | None,
    attributes: Attributes,
) -> Changes:
    changes = Changes()
    for folder, names in _by_folder(wanted):
        try:
            with _folder(base, folder) as fd:
                for name in names:
                    relpath = f"{folder}/{name}" if folder else name
                    found = _read(fd, name, f"{root}/{relpath}")
                    _compare_one(found, relpath, wanted[relpath], attributes, changes)
        except FileNotFoundError:
            missing = [f"{folder}/{name}" for name in names]
            changes.created += missing
            changes.after.update((relpath, wanted[relpath]) for relpath in missing)
    _compare_folders(base, wanted, attributes, changes)
    _find_stale(base, root, wanted, owned, changes)
    return changes


def _compare_one(
    found: tuple[bytes, os.stat_result] | None,
    relpath: str,
    data: Data,
    attributes: Attributes,
    changes: Changes,
) -> None:
    if found is None:
        changes.created.append(relpath)
        changes.after[relpath] = data
    elif found[0] != _as_bytes(data):
        changes.changed.append(relpath)
        changes.before[relpath], changes.after[relpath] = found[0], data
    elif not attributes.fit(found[1], attributes.mode):
        changes.changed.append(relpath)
        changes.attributes.append(relpath)
    else:
        changes.unchanged += 1


def _compare_folders(base: int, wanted: dict[str, Data], attributes: Attributes, changes: Changes) -> None:
    """A run killed between making a folder and giving it its owner must not leave it so."""
    for folder in sorted({parent for relpath in wanted for parent in _parents(relpath)}):
        try:
            with _folder(base, folder) as fd:
                fits = attributes.fit(os.fstat(fd), attributes.dir_mode)
        except FileNotFoundError:
            continue
        if not fits:
            changes.changed.append(f"{folder}/")
            changes.attributes.append(f"{folder}/")


def _find_stale(
    base: int,
    root: str,
    wanted: dict[str, Data],
    owned: t.Callable[[str], bool] | None,
    changes: Changes,
) -> None:
    for relpath in _walk(base):
        name = os.path.basename(relpath)
        if name.startswith(".") and name.endswith(TEMPORARY):
            changes.leftovers.append(relpath)
        elif owned and relpath not in wanted and owned(relpath):
            changes.removed.append(relpath)
            with _folder(base, os.path.dirname(relpath)) as fd:
                found = _read(fd, name, f"{root}/{relpath}")
            changes.before[relpath] = found[0] if found else b""


def _read(folder: int, name: str, path: str) -> tuple[bytes, os.stat_result] | None:
    """Content and status of a file; ``None`` when there is none."""
    try:
        fd = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            raise PxeError(f"{path} is a symbolic link where a file is to be published: remove it") from exc
        raise
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise PxeError(f"{path} is in the way: a file is to be published there")
        return file.read(), status


# Writing


def _apply(base: int, wanted: dict[str, Data], changes: Changes, attributes: Attributes, prune: bool) -> None:
    for folder, names in _by_folder(changes.leftovers):
        with _folder(base, folder) as fd:
            for name in names:
                os.unlink(name, dir_fd=fd)
    replaced = {*changes.created, *changes.changed} - set(changes.attributes)
    ordered = [relpath for relpath in wanted if relpath in replaced]
    _write_all(base, wanted, ordered, attributes)
    _rename_all(base, ordered)
    for relpath in changes.attributes:
        _set_attributes(base, relpath, attributes)
    _remove_all(base, changes.removed, prune)


def _write_all(base: int, wanted: dict[str, Data], ordered: list[str], attributes: Attributes) -> None:
    """Write every hidden file and let all of them reach the disk."""
    one_by_one = len(ordered) <= _FSYNC_AT_MOST
    try:
        for folder, names in _by_folder(ordered):
            with _folder(base, folder, create=attributes) as fd:
                for name in names:
                    data = wanted[f"{folder}/{name}" if folder else name]
                    _write_one(fd, _temporary(name), _as_bytes(data), attributes, one_by_one)
        if not one_by_one:
            os.sync()
    except OSError:
        _forget_all(base, ordered)
        raise


def _write_one(folder: int, name: str, data: bytes, attributes: Attributes, flush: bool) -> None:
    fd = os.open(name, _NEW_FILE, 0o600, dir_fd=folder)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        attributes.set_on(fd, attributes.mode)
        if flush:
            os.fsync(fd)
    finally:
        os.close(fd)


def _copy_one(
    root: str, relpath: str, source: tuple[str, str], changes: Changes, attributes: Attributes, check: bool
) -> None:
    if check and not os.path.lexists(inside(*source)):
        return changes.created.append(relpath)
    with open_inside(*source) as file:
        status = os.fstat(file.fileno())
        found = _status(root, relpath)
        if found and (found.st_size, found.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            changes.unchanged += 1
            return None
        (changes.changed if found else changes.created).append(relpath)
        if not check:
            _copy_from(file, status.st_mtime_ns, root, relpath, attributes)
    return None


def _status(root: str, relpath: str) -> os.stat_result | None:
    """What is known of a file below ``root``; ``None`` when there is no plain file."""
    try:
        status = os.lstat(os.path.join(root, relpath))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _copy_from(file: t.BinaryIO, modified: int, root: str, relpath: str, attributes: Attributes) -> None:
    name = os.path.basename(relpath)
    with contextlib.ExitStack() as stack:
        base = stack.enter_context(_locked(root, attributes, lock=True))
        folder = stack.enter_context(_folder(base, os.path.dirname(relpath), create=attributes))
        _unlink_if_there(folder, _temporary(name))
        try:
            with open(os.open(_temporary(name), _NEW_FILE, 0o600, dir_fd=folder), "wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
                copy.flush()
                attributes.set_on(copy.fileno(), attributes.mode)
                os.utime(copy.fileno(), ns=(modified, modified))
                os.fsync(copy.fileno())
            os.rename(_temporary(name), name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            _unlink_if_there(folder, _temporary(name))
            raise
        os.fsync(folder)


def _forget_all(base: int, ordered: list[str]) -> None:
    """After a full disk: leave no hidden files."""
    for folder, names in _by_folder(ordered):
        with contextlib.suppress(OSError), _folder(base, folder) as fd:
            for name in names:
                _unlink_if_there(fd, _temporary(name))


def _rename_all(base: int, ordered: list[str]) -> None:
    for folder, names in _by_folder(ordered):
        with _folder(base, folder) as fd:
            for name in names:
                os.rename(_temporary(name), name, src_dir_fd=fd, dst_dir_fd=fd)
            # Each folder's names reach the disk before the files that refer to them.
            os.fsync(fd)


def _set_attributes(base: int, relpath: str, attributes: Attributes) -> None:
    with _folder(base, os.path.dirname(relpath)) as parent:
        if relpath.endswith("/"):
            return attributes.set_on(parent, attributes.dir_mode)
        fd = os.open(os.path.basename(relpath), _READ, dir_fd=parent)
        try:
            attributes.set_on(fd, attributes.mode)
        finally:
            os.close(fd)


def _remove_all(base: int, relpaths: list[str], prune: bool) -> None:
    for folder, names in _by_folder(reversed(relpaths)):
        with _folder(base, folder) as fd:
            for name in names:
                _unlink_if_there(fd, name)
            os.fsync(fd)
    if prune:
        for folder in sorted({parent for relpath in relpaths for parent in _parents(relpath)}, reverse=True):
            with contextlib.suppress(OSError), _folder(base, os.path.dirname(folder)) as fd:
                os.rmdir(os.path.basename(folder), dir_fd=fd)


def _unlink_if_there(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
