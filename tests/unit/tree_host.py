# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for install_tree that has no systemd and cannot mount images.

Overlays are the kernel's own, in a mount namespace of this process. Where systemd would mount an image, its files are
extracted and mounted by a bind.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import files

OPTIONS = ["ro", "loop", "nosuid", "nodev", "noexec"]


def private_mounts() -> bool:
    """Put this process into a mount namespace of its own; whether it may."""
    clone_newns = 0x00020000
    if os.geteuid() or ctypes.CDLL(None).unshare(clone_newns):
        return False
    return subprocess.run(["mount", "--make-rprivate", "/"], check=False, capture_output=True).returncode == 0


class System:
    """Stands in for systemd, the loop devices and the kernel's iso9660."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.units = folder / "units"
        self.wants = self.units / "multi-user.target.wants"
        self.wants.mkdir(parents=True)
        self.store = folder / "mounted-images"
        self.images: dict[str, tuple[str, str]] = {}
        self.numbers = itertools.count()

    def read(self, path: str) -> str:
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="surrogateescape")
        return (
            "".join(map(self._line, text.splitlines(keepends=True))) if path.endswith("mountinfo") else text
        )

    def _line(self, line: str) -> str:
        """What was mounted for an image looks like one."""
        device, _file = self.images.get(line.split(" ")[4], ("", ""))
        return re.sub(r" - .*", f" - iso9660 {device} ro", line) if device else line

    def run(self, command: list[str]) -> tuple[int, str, str]:
        own = getattr(self, command[0].replace("-", "_"), None)
        if own:
            return t.cast("tuple[int, str, str]", own(*command[1:]))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def modprobe(self, *_words: str) -> tuple[int, str, str]:
        return 0, "", ""

    def losetup(self, *_words: str) -> tuple[int, str, str]:
        rows = []
        for device, file in self.images.values():
            status = os.stat(file)
            where = f"{os.major(status.st_dev)}:{os.minor(status.st_dev)}"
            rows.append({"name": device, "back-file": file, "back-ino": status.st_ino, "back-maj:min": where})
        return 0, json.dumps({"loopdevices": rows}), ""

    def systemctl(self, verb: str, *words: str) -> tuple[int, str, str]:
        if verb not in ("daemon-reload", "reset-failed"):
            getattr(self, verb)(words[-1])
        return 0, "", ""

    def enable(self, unit: str) -> None:
        (self.wants / unit).symlink_to(self.units / unit)

    def disable(self, unit: str) -> None:
        (self.wants / unit).unlink(missing_ok=True)

    def settings(self, unit: str) -> dict[str, str]:
        return unit_files.parse_unit((self.units / unit).read_text())

    def start(self, unit: str) -> None:
        text = (self.units / unit).read_text()
        # RequiresMountsFor= pulls in the units of mounts.
        for path in re.findall(r'"([^"]+)"', text.partition("RequiresMountsFor=")[2].partition("\n")[0]):
            if (self.units / unit_files.unit_name(path)).exists():
                self.start(unit_files.unit_name(path))
        found = self.settings(unit)
        point = found["Where"]
        if mount_units.mounts_below(point)[:1] == [point]:
            return
        if found["Type"] == "overlay":
            self.mount("-t", "overlay", "-o", found["Options"], "overlay", point)
        else:
            self.mount("--bind", str(self.content(found["What"])), point)
            self.mount("-o", "remount,bind,ro,nosuid,nodev,noexec", point)
            self.images[point] = (f"/dev/loop{next(self.numbers)}", found["What"])

    def content(self, image: str) -> pathlib.Path:
        """A folder with the files of an image."""
        folder = self.store / str(next(self.numbers))
        extract(image, folder)
        return folder

    def mount(self, *words: str) -> None:
        subprocess.run(["mount", *words], check=True, capture_output=True)

    def stop(self, unit: str) -> None:
        point = self.settings(unit)["Where"]
        if mount_units.mounts_below(point)[:1] == [point]:
            subprocess.run(["umount", point], check=True, capture_output=True)
            self.images.pop(point, None)

    def restart(self) -> None:
        """Start the host anew."""
        self.off()
        for unit in sorted(self.wants.iterdir()):
            self.start(unit.name)

    def off(self) -> None:
        points = [self.settings(unit.name)["Where"] for unit in self.units.glob("*.mount")]
        for point in sorted(points, key=lambda point: "/trees/" not in point):
            subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
        self.images.clear()


def extract(image: str, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    with open(image, "rb") as file:
        disc = Image(file)
        files.extract(disc, sorted(disc.walk()), str(folder))


class Module:
    """Stands in for AnsibleModule. What is not given is the module's default."""

    tmpdir: str | None = None

    def __init__(self, params: t.Mapping[str, t.Any], check: bool, warn: t.Callable[[str], None]) -> None:
        self.check_mode, self.warn = check, warn
        nothing = dict.fromkeys(["index", "kernel", "name", "context", "stamps"])
        defaults = {"layout": "overlay", "initrd": [], "options": OPTIONS, "before": [], "state": "present"}
        self.params = {**nothing, **defaults, **params}

    @staticmethod
    def get_bin_path(program: str) -> str | None:
        return shutil.which(program)


def use(system: System, patch: t.Callable[[t.Any, str, t.Any], None]) -> None:
    """Let install_tree work on this host.

    :param patch: called like ``setattr``.
    """
    patch(mount_units, "UNITS", str(system.units))
    patch(mount_units, "_read", system.read)
    patch(mount_units, "check_system", lambda _run, _names: None)
    patch(mount_units, "runner", lambda _module: system.run)
