# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import (
    listings,
    mount_units,
    mounts,
    unit_files,
)

Answer = tuple[int, str, str]


class Host:
    """A host whose mounts are a text and whose programs answer as told."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.units = folder / "units"
        (self.units / "multi-user.target.wants").mkdir(parents=True)
        self.point = str(folder / "tree")
        self.mounts = ""
        self.answers: dict[str, Answer] = {}
        self.commands: list[str] = []

    def run(self, command: list[str]) -> Answer:
        text = " ".join(command)
        self.commands.append(text)
        if command[0] == "umount" and not self.answers.get("umount"):
            self.mounts = ""
        return next((answer for start, answer in self.answers.items() if text.startswith(start)), (0, "", ""))

    def read(self, path: str) -> str:
        return self.mounts if path.endswith("mountinfo") else pathlib.Path(path).read_text(errors="replace")

    def mount(self, source: str = "/dev/loop0", fstype: str = "iso9660") -> None:
        self.mounts = f"40 22 7:0 / {self.point} ro - {fstype} {source} ro\n"

    @property
    def unit(self) -> pathlib.Path:
        return self.units / unit_files.unit_name(self.point)

    def worker(self, previous: str | None = None, what: str = "the image") -> mount_units.Worker:
        return mount_units.Worker(self.run, self.point, "text", previous, what)


@pytest.fixture
def host(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(tmp_path)
    monkeypatch.setattr(mount_units, "UNITS", str(made.units))
    monkeypatch.setattr(mount_units, "_read", made.read)
    return made


def test_finds_nothing(host: Host) -> None:
    assert mount_units.find(host.point, host.run) == mounts.MountState()
    assert not host.commands


def test_finds_mount_unit_and_loop_device(host: Host) -> None:
    host.mount()
    host.unit.write_text("a unit")
    (host.units / "multi-user.target.wants" / host.unit.name).symlink_to(host.unit)
    row = '{"name": "/dev/loop0", "back-file": "/x.iso", "back-ino": 7, "back-maj:min": "254:1"}'
    host.answers["losetup"] = (0, f'{{"loopdevices": [{row}]}}', "")
    found = mount_units.find(host.point, host.run)
    assert (found.unit, found.enabled, found.folder) == ("a unit", True, "")
    assert found.loop == listings.Loop("/dev/loop0", "/x.iso", 7, "254:1")
    host.answers["losetup"] = (1, "", "no")
    with pytest.raises(PxeError, match="losetup fails: no"):
        mount_units.find(host.point, host.run)


@pytest.mark.parametrize("kind", ["empty", "full", "other"])
def test_finds_what_the_folder_is(host: Host, kind: str) -> None:
    point = pathlib.Path(host.point)
    if kind == "other":
        point.symlink_to("/")
    else:
        point.mkdir()
        if kind == "full":
            (point / "x").touch()
    assert mount_units.find(host.point, host.run).folder == kind


def test_what_is_mounted_at_and_below(host: Host) -> None:
    host.mount()
    assert mount_units.mounts_below(host.point) == [host.point]
    assert mount_units.mounts_below(str(pathlib.Path(host.point).parent)) == [host.point]
    assert mount_units.mounts_below(f"{host.point}/x") == []


def test_a_mount_that_fails_leaves_nothing(host: Host) -> None:
    host.answers = {"systemctl start": (1, "", "bad"), "journalctl": (0, "why\n", "")}
    worker = host.worker(what="the tree")
    with pytest.raises(PxeError, match=rf"{host.point}: the tree cannot be mounted: bad why$"):
        worker.take(["folder", "unit", "mount"])
    assert not host.unit.exists()
    assert not pathlib.Path(host.point).exists()


def test_a_mount_that_fails_leaves_the_unit_as_it_was(host: Host) -> None:
    host.unit.write_text("before")
    host.answers = {"systemctl start": (1, "", "bad")}
    with pytest.raises(PxeError):
        host.worker(previous="before").take(["unit", "mount"])
    assert host.unit.read_text() == "before"


def test_unmounts_also_what_systemd_does_not_know(host: Host) -> None:
    host.mount()
    host.worker().unmount()
    assert [command.split()[0] for command in host.commands] == ["systemctl", "umount"]


def test_a_busy_mount_names_its_holder(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.mount()
    host.answers["umount"] = (32, "", "target is busy")
    monkeypatch.setattr(mount_units, "_open_paths", lambda: iter([(812, "nginx", f"{host.point}/x")]))
    with pytest.raises(PxeError, match=r"held by nginx \(pid 812: .*It stays mounted"):
        host.worker().unmount()


def test_a_full_folder_is_not_removed(host: Host) -> None:
    point = pathlib.Path(host.point)
    (point / "x").mkdir(parents=True)
    host.worker().remove_folder()
    assert point.exists()


@pytest.mark.parametrize(
    ("filesystems", "modprobe", "names", "message"),
    [
        (
            "\tiso9660\n",
            1,
            ["iso9660", "overlay"],
            "cannot mount several images as one tree: it has no overlay",
        ),
        ("nodev\toverlay\n", 1, ["iso9660"], "cannot mount ISO images: it has no iso9660"),
    ],
)
def test_what_the_kernel_lacks(
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    filesystems: str,
    modprobe: int,
    names: list[str],
    message: str,
) -> None:
    host.answers["modprobe"] = (modprobe, "", "")
    monkeypatch.setattr(mount_units, "_read", lambda _path: filesystems)
    with pytest.raises(PxeError, match=message):
        mount_units.check_system(host.run, names)


def test_images_are_told_apart(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.iso"
    with pytest.raises(PxeError, match="cannot read the image"):
        mount_units.identity_of(str(path))
    path.write_bytes(b"1")
    one = mount_units.identity_of(str(path))
    assert one == mount_units.identity_of(str(path))
    path.write_bytes(b"22")
    assert one != mount_units.identity_of(str(path))


@pytest.mark.parametrize(
    ("point", "message"),
    [("relative", "absolute path"), ("/", "over the root folder"), ("/a/../b", "without")],
)
def test_mount_points_that_cannot_be(point: str, message: str) -> None:
    with pytest.raises(PxeError, match=message):
        mount_units.real_point(point)


def test_the_real_mount_point(tmp_path: pathlib.Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert mount_units.real_point(f"{tmp_path}/link/x/") == f"{tmp_path}/real/x"
