# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Looks at mounts and their systemd units on this host, and changes them step by step, as ``mounts`` decides."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner, atomic_write, make_runner
from ansible_collections.netinstall.pxe.plugins.module_utils._media import listings, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mounts as _mounts

UNITS = "/etc/systemd/system"
_EXPORTS = "/var/lib/nfs/etab"
# Only where the kernel runs with SELinux.
_SELINUX = "/sys/fs/selinux/enforce"
_LOSETUP = ["losetup", "--list", "--json", "--output", "NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN"]


# Looking


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def _read_or_none(path: str) -> str | None:
    """A file's content; empty when it cannot be read, as with a masked unit's link."""
    try:
        return _read(path)
    except OSError:
        return "" if os.path.lexists(path) else None


def _folder(point: str) -> str:
    if not os.path.lexists(point):
        return "missing"
    if not os.path.isdir(point) or os.path.islink(point):
        return "other"
    return "full" if os.listdir(point) else "empty"


def _wanted_link(unit: str) -> str:
    """The link that ``systemctl enable`` makes for WantedBy=multi-user.target."""
    return f"{UNITS}/multi-user.target.wants/{unit}"


def find(point: str, run: Runner) -> _mounts.MountState:
    """Look at what is there now.

    :raises PxeError: losetup fails.
    """
    unit = unit_files.unit_name(point)
    mount = listings.mounted_at(listings.parse_mountinfo(_read("/proc/self/mountinfo")), point)
    return _mounts.MountState(
        mount=mount,
        loop=_loop(mount.source, run) if mount and mount.source.startswith("/dev/loop") else None,
        unit=_read_or_none(f"{UNITS}/{unit}"),
        enabled=os.path.lexists(_wanted_link(unit)),
        folder="" if mount else _folder(point),
        in_fstab=point in listings.parse_fstab(_read_or_none("/etc/fstab") or ""),
    )


def _loop(device: str, run: Runner) -> listings.Loop | None:
    status, out, err = run(_LOSETUP)
    if status:
        raise PxeError(f"losetup fails: {err.strip()}")
    return next((loop for loop in listings.parse_losetup(out) if loop.device == device), None)


def identity_of(path: str) -> unit_files.Identity:
    """What tells this image from another one.

    :raises PxeError: it is not there.
    """
    try:
        status = os.stat(path)
    except OSError as exc:
        raise PxeError(f"{path}: cannot read the image: {exc.strerror}") from exc
    device = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
    return unit_files.Identity(status.st_ino, device, status.st_size, status.st_mtime_ns)


def options_with(options: t.Sequence[str], context: str | None) -> tuple[str, ...]:
    """Mount options with an SELinux context, if this host's kernel runs with SELinux.

    :raises PxeError: it is no context, or the options give one already.
    """
    return unit_files.with_context(options, context, os.path.exists(_SELINUX))


def check_system(run: Runner, file_systems: t.Sequence[str] = ("iso9660",)) -> None:
    """Say what stands in the way of mounting, before anything is changed.

    :param file_systems: what the kernel must know.
    :raises PxeError: no systemd, no such file system, or no loop devices.
    """
    for name in file_systems:
        has_module = run(["modprobe", "--dry-run", "--quiet", name])[0] == 0
        problem = _mounts.why_unmountable(_read("/proc/filesystems"), has_module, os.uname().release, name)
        if problem:
            raise PxeError(problem)
    if not os.path.exists("/dev/loop-control") and run(["modprobe", "--dry-run", "--quiet", "loop"])[0]:
        raise PxeError("this host has no loop devices (/dev/loop-control), so it cannot mount a file")
    if not os.path.isdir("/run/systemd/system"):
        raise PxeError(
            "this host was not started by systemd, which is to mount the image after each start; "
            "use a virtual or real machine, or a container that runs systemd"
        )


# Doing


class Worker:
    """Takes the steps of a decision. Each method has the name of a step."""

    def __init__(
        self, run: Runner, point: str, text: str = "", previous: str | None = None, what: str = "the image"
    ) -> None:
        self.run = run
        self.what = what
        self.point = point
        self.unit = unit_files.unit_name(point)
        self.text = text
        self.previous = previous
        self.made_folder = False

    def systemctl(self, *words: str) -> None:
        status, out, err = self.run(["systemctl", *words])
        if status:
            raise PxeError(f"{self.point}: 'systemctl {' '.join(words)}' fails: {(err or out).strip()}")

    def folder(self) -> None:
        try:
            os.makedirs(self.point, mode=0o755)
        except OSError as exc:
            raise PxeError(f"{self.point}: cannot make the mount point: {exc.strerror}") from exc
        self.made_folder = True

    def unmount(self) -> None:
        """Unmount whatever is mounted there, also several mounts over each other."""
        while _mounted(self.point):
            # By systemd first, which else might still believe in the mount when it is to start it again.
            self.run(["systemctl", "stop", self.unit])
            if _mounted(self.point):
                status, _out, err = self.run(["umount", "--", self.point])
                if status:
                    raise PxeError(_busy(self.point, err.strip()))

    def write_unit(self) -> None:
        atomic_write(f"{UNITS}/{self.unit}", self.text)
        self.systemctl("daemon-reload")

    def mount(self) -> None:
        status, _out, err = self.run(["systemctl", "start", self.unit])
        if status:
            journal = self.run(
                ["journalctl", "--unit", self.unit, "--lines", "5", "--output", "cat", "--no-pager"]
            )[1]
            self._restore()
            raise PxeError(
                f"{self.point}: {self.what} cannot be mounted: {err.strip()} {journal.strip()}".rstrip()
            )

    def _restore(self) -> None:
        """After a mount that failed: leave no unit that would fail at the next start as well."""
        if self.previous is None:
            self.forget()
        else:
            atomic_write(f"{UNITS}/{self.unit}", self.previous)
            self.systemctl("daemon-reload")
        if self.made_folder:
            self.remove_folder()
        self.run(["systemctl", "reset-failed", self.unit])

    def enable(self) -> None:
        self.systemctl("enable", "--quiet", self.unit)

    def forget(self) -> None:
        self.run(["systemctl", "disable", "--quiet", self.unit])
        for path in (_wanted_link(self.unit), f"{UNITS}/{self.unit}"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        self.systemctl("daemon-reload")

    def remove_folder(self) -> None:
        # Not empty: what is in it is not ours.
        with contextlib.suppress(OSError):
            os.rmdir(self.point)

    def take(self, steps: list[str]) -> None:
        names = {"unit": "write_unit"}
        for step in steps:
            getattr(self, names.get(step, step))()


def _mounted(point: str) -> bool:
    return listings.mounted_at(listings.parse_mountinfo(_read("/proc/self/mountinfo")), point) is not None


def mounts_below(path: str) -> list[str]:
    """What is mounted at a path or below it."""
    mounts = listings.parse_mountinfo(_read("/proc/self/mountinfo"))
    own = [path] if listings.mounted_at(mounts, path) else []
    return own + listings.mounted_below(mounts, path)


def _busy(point: str, error: str) -> str:
    below = listings.mounted_below(listings.parse_mountinfo(_read("/proc/self/mountinfo")), point)
    exports = listings.parse_exports(_read_or_none(_EXPORTS) or "")
    reasons = [
        _mounts.holders(_open_paths(), point),
        *(f"the mount {path}" for path in below),
        _mounts.exported(exports, point),
    ]
    who = ", ".join(filter(None, reasons))
    held = f"it is held by {who}; end that" if who else f"({error}); end what uses it"
    return f"{point} cannot be unmounted: {held}, and run again. It stays mounted as it was"


def _open_paths() -> t.Iterator[tuple[int, str, str]]:
    """Each process's open files, working and root folders and program, as far as they can be read."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        base = f"/proc/{pid}"
        with contextlib.suppress(OSError):
            name = _read(f"{base}/comm").strip()
            links = [f"{base}/cwd", f"{base}/root", f"{base}/exe"]
            links += [f"{base}/fd/{number}" for number in os.listdir(f"{base}/fd")]
            for link in links:
                with contextlib.suppress(OSError):
                    yield int(pid), name, os.readlink(link)


# Telling


def describe(found: _mounts.MountState) -> str:
    """What is there now, for a diff."""
    if found.mount is None:
        return "not mounted\n" + (found.unit or "")
    source = found.loop.file if found.loop else found.mount.source
    return f"mounted: {source}\n" + (found.unit or "")


def diff(point: str, before: str, after: str) -> dict[str, str]:
    return {"before_header": point, "after_header": point, "before": before, "after": after}


def runner(module: t.Any) -> Runner:
    """A runner that finds programs of /sbin, and for which a missing program is a failing one."""
    run_found = make_runner(module)

    def run(command: list[str]) -> tuple[int, str, str]:
        program = module.get_bin_path(command[0])
        return run_found([program, *command[1:]]) if program else (127, "", f"{command[0]} is not installed")

    return run


def real_point(point: str) -> str:
    """The mount point by its real folder: units and mountinfo know no other."""
    unit_files.check_path(point)
    folder, name = os.path.split(point.rstrip("/"))
    if not name:
        raise PxeError(f"mountpoint '{point}': nothing can be mounted over the root folder")
    return os.path.join(os.path.realpath(folder), name)
