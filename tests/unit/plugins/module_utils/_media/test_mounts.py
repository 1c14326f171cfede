# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mounts, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._media.listings import Loop, Mount
from ansible_collections.netinstall.pxe.plugins.module_utils._media.mounts import (
    MountChange,
    MountState,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media.unit_files import Identity, ImageMount

POINT = "/srv/pxe/trees/debian-13"
IMAGE = "/srv/iso/debian-13.iso"
OPTIONS = ("ro", "loop", "nosuid", "nodev", "noexec")
IDENTITY = Identity(inode=77, file_system="254:1", size=1000, modified=5)
WANTED = ImageMount(IMAGE, POINT, IDENTITY, OPTIONS, ("nginx.service",))
MOUNT = Mount(
    POINT, "/dev/loop0", "iso9660", "7:0", frozenset({"ro", "nosuid", "nodev", "noexec", "relatime"})
)
LOOP = Loop("/dev/loop0", IMAGE, 77, "254:1")
UNIT = unit_files.unit_text(WANTED)
# All is as it should be.
DONE = MountState(mount=MOUNT, loop=LOOP, unit=UNIT, enabled=True, folder="")


# Decisions


def change(**changes: object) -> MountState:
    return dataclasses.replace(DONE, **changes)  # type: ignore[arg-type]


NOTHING = MountState()


@pytest.mark.parametrize(
    ("found", "steps", "reason"),
    [
        (DONE, [], ""),
        (NOTHING, ["folder", "unit", "mount", "enable"], "not mounted"),
        (MountState(folder="empty"), ["unit", "mount", "enable"], "not mounted"),
        # Unmounted by hand.
        (change(mount=None, loop=None, folder="empty"), ["mount"], "not mounted"),
        (change(enabled=False), ["enable"], ""),
        # Mounted by hand, as it should be: only the unit is missing.
        (change(unit=None, enabled=False), ["unit", "enable"], ""),
        # Replaced under the same name: another inode.
        (
            change(loop=Loop("/dev/loop0", f"{IMAGE} (deleted)", 66, "254:1")),
            ["unmount", "mount"],
            "another image is mounted",
        ),
        (change(loop=Loop("/dev/loop0", IMAGE, 77, "8:1")), ["unmount", "mount"], "another image is mounted"),
        (change(loop=None), ["unmount", "mount"], "something else is mounted"),
        (
            change(mount=dataclasses.replace(MOUNT, fstype="ext4")),
            ["unmount", "mount"],
            "something else is mounted",
        ),
        # Written over in place: the same inode, another size or time.
        (
            change(
                unit=unit_files.unit_text(
                    dataclasses.replace(WANTED, identity=dataclasses.replace(IDENTITY, modified=4))
                )
            ),
            ["unmount", "unit", "mount"],
            "the image was changed",
        ),
        (
            change(mount=dataclasses.replace(MOUNT, options=frozenset({"ro", "relatime"}))),
            ["unmount", "mount"],
            "the options differ",
        ),
        (
            change(unit=unit_files.unit_text(dataclasses.replace(WANTED, options=("ro", "loop")))),
            ["unmount", "unit", "mount"],
            "the options differ",
        ),
        # What matters at the next start only needs no new mount.
        (change(unit=unit_files.unit_text(dataclasses.replace(WANTED, before=()))), ["unit"], ""),
    ],
)
def test_present(found: MountState, steps: list[str], reason: str) -> None:
    assert mounts.decide_present(WANTED, found) == MountChange(steps, reason)


def test_a_file_system_may_get_another_number_at_a_start() -> None:
    wanted = dataclasses.replace(WANTED, identity=dataclasses.replace(IDENTITY, file_system="254:17"))
    found = change(loop=dataclasses.replace(LOOP, file_system="254:17"))
    assert mounts.decide_present(wanted, found).steps == []


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (MountState(folder="full"), "is not empty, and a mount would hide what is in it"),
        (MountState(folder="other"), "is not a folder"),
        (
            MountState(unit="[Mount]\n"),
            r"unit srv-pxe-trees-debian\\x2d13.mount is there, but is not this collection's",
        ),
        (MountState(in_fstab=True), "/etc/fstab mounts something there"),
        (
            MountState(mount=MOUNT, loop=Loop("/dev/loop0", "/other.iso", 1, "254:1")),
            f"/other.iso is mounted there, but not by this collection; run 'umount {POINT}' first",
        ),
        (MountState(mount=Mount(POINT, "/dev/vdb", "ext4", "8:1", frozenset())), "/dev/vdb is mounted there"),
    ],
)
def test_what_is_in_the_way(found: MountState, message: str) -> None:
    with pytest.raises(PxeError, match=message):
        mounts.decide_present(WANTED, found)


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (DONE, ["unmount", "forget", "remove_folder"]),
        (change(mount=None, loop=None, folder="empty"), ["forget", "remove_folder"]),
        (change(mount=None, loop=None, folder="full"), ["forget"]),
        (change(mount=None, loop=None, folder="missing"), ["forget"]),
        (MountState(folder="missing"), []),
        (MountState(folder="full"), []),
        (MountState(folder="empty"), ["remove_folder"]),
        (MountState(folder="missing", unit="[Mount]\n"), []),
    ],
)
def test_absent(found: MountState, steps: list[str]) -> None:
    assert mounts.decide_absent(POINT, found).steps == steps


@pytest.mark.parametrize(
    "found", [MountState(mount=MOUNT, loop=LOOP), change(unit="[Mount]\n"), change(in_fstab=True)]
)
def test_absent_leaves_what_is_not_ours(found: MountState) -> None:
    with pytest.raises(PxeError):
        mounts.decide_absent(POINT, found)


# Messages


def test_holders() -> None:
    links = [
        (1, "systemd", "/"),
        (812, "nginx", f"{POINT}/install.amd/initrd.gz"),
        (812, "nginx", f"{POINT}/other"),
        (900, "bash", POINT),
        (901, "bash", f"{POINT}-netboot/x"),
    ]
    assert mounts.holders(links, POINT) == (
        f"nginx (pid 812: {POINT}/install.amd/initrd.gz), bash (pid 900: {POINT})"
    )
    assert mounts.holders([], POINT) == ""


def test_exports() -> None:
    exports = [POINT, "/srv/with blank"]
    assert mounts.exported(exports, POINT) == f"the NFS export of {POINT} (exportfs -u)"
    assert mounts.exported([f"{POINT}/below", f"{POINT}-2"], POINT).count("export of") == 1
    assert mounts.exported(exports, "/srv/other") == mounts.exported([], POINT) == ""


def test_kernels() -> None:
    filesystems = "nodev\tsysfs\n\text4\n"
    assert mounts.why_unmountable(f"{filesystems}\tiso9660\n", False, "6.1") == ""
    assert mounts.why_unmountable(filesystems, True, "6.1") == ""
    message = mounts.why_unmountable(filesystems, False, "6.1.0-1")
    assert "the kernel 6.1.0-1" in message
    assert "linux-image-cloud-amd64" in message
    assert "site_distributions.<name>.layout: copy" in message


# Overlays

LAYERS = ("/srv/pxe/media/x/upper", "/srv/pxe/media/x/disc1", "/srv/pxe/media/x/disc 100%")
OVERLAY = unit_files.Overlay(POINT, LAYERS, "content 1", ("ro", "nosuid"), ("nginx.service",))
OVERLAY_UNIT = unit_files.unit_text(OVERLAY)
OVERLAID = MountState(
    mount=Mount(
        POINT, "overlay", "overlay", "0:40", frozenset({"ro", "nosuid"}), f"ro,lowerdir={':'.join(LAYERS)}"
    ),
    unit=OVERLAY_UNIT,
    enabled=True,
    folder="",
)


def overlaid(**changes: object) -> MountState:
    return dataclasses.replace(OVERLAID, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "steps", "reason"),
    [
        (OVERLAID, [], ""),
        (NOTHING, ["folder", "unit", "mount", "enable"], "not mounted"),
        (overlaid(mount=None, folder="empty"), ["mount"], "not mounted"),
        (DONE, ["unmount", "unit", "mount"], "something else is mounted"),
        (
            overlaid(
                mount=Mount(
                    POINT, "overlay", "overlay", "0:40", frozenset({"ro", "nosuid"}), "ro,lowerdir=/a"
                )
            ),
            ["unmount", "mount"],
            "other layers are mounted",
        ),
        # Not every kernel tells the layers.
        (overlaid(mount=Mount(POINT, "overlay", "overlay", "0:40", frozenset({"ro", "nosuid"}))), [], ""),
        (
            overlaid(mount=Mount(POINT, "overlay", "overlay", "0:40", frozenset({"ro"}))),
            ["unmount", "mount"],
            "the options differ",
        ),
        (
            overlaid(unit=unit_files.unit_text(dataclasses.replace(OVERLAY, content="content 0"))),
            ["unmount", "unit", "mount"],
            "the layers were changed",
        ),
        (overlaid(unit=unit_files.unit_text(dataclasses.replace(OVERLAY, before=()))), ["unit"], ""),
        (overlaid(enabled=False), ["enable"], ""),
    ],
)
def test_overlay_present(found: MountState, steps: list[str], reason: str) -> None:
    assert mounts.decide_present(OVERLAY, found) == MountChange(steps, reason)


def test_overlay_refuses_strangers() -> None:
    with pytest.raises(PxeError, match="is not this collection's"):
        mounts.decide_present(OVERLAY, MountState(unit="[Mount]\n"))
    with pytest.raises(PxeError, match="is not empty"):
        mounts.decide_present(OVERLAY, MountState(folder="full"))
    assert mounts.decide_absent(POINT, OVERLAID).steps == ["unmount", "forget", "remove_folder"]


def test_kernels_without_overlay() -> None:
    message = mounts.why_unmountable("nodev\tsysfs\n", False, "6.1", "overlay")
    assert "cannot mount several images as one tree: it has no overlay file system" in message
    assert mounts.why_unmountable("nodev\toverlay\n", False, "6.1", "overlay") == ""
