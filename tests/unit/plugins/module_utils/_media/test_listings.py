# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import listings
from ansible_collections.netinstall.pxe.plugins.module_utils._media.listings import Loop, Mount
from hypothesis import given
from hypothesis import strategies as st

POINT = "/srv/pxe/trees/debian-13"
IMAGE = "/srv/iso/debian-13.iso"
MOUNT = Mount(
    POINT, "/dev/loop0", "iso9660", "7:0", frozenset({"ro", "nosuid", "nodev", "noexec", "relatime"})
)
LOOP = Loop("/dev/loop0", IMAGE, 77, "254:1")

MOUNTINFO = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
36 22 0:32 / /mnt/with\\040blank rw - tmpfs tmpfs rw
40 22 7:0 / /srv/pxe/trees/debian-13 ro,nosuid,nodev,noexec,relatime shared:20 master:3 - iso9660 /dev/loop0 ro,check=s
41 40 7:1 / /srv/pxe/trees/debian-13 ro,relatime - iso9660 /dev/loop1 ro
42 22 7:2 / /srv/pxe/trees/debian-13/below ro,relatime - iso9660 /dev/loop2 ro
garbage
"""


def test_mountinfo() -> None:
    mounts = listings.parse_mountinfo(MOUNTINFO)
    assert [mount.point for mount in mounts][:2] == ["/", "/mnt/with blank"]
    assert mounts[2] == MOUNT
    assert len(mounts) == 5


def test_the_last_mount_covers_the_others() -> None:
    mounts = listings.parse_mountinfo(MOUNTINFO)
    found = listings.mounted_at(mounts, POINT)
    assert found
    assert found.source == "/dev/loop1"
    assert listings.mounted_at(mounts, "/srv") is None
    assert listings.mounted_below(mounts, POINT) == [f"{POINT}/below"]


NEW_LOSETUP = {"name": "/dev/loop0", "back-file": IMAGE, "back-ino": 77, "back-maj:min": "254:1  "}


@pytest.mark.parametrize(
    "row", [NEW_LOSETUP, {**NEW_LOSETUP, "back-ino": " 77"}, {**NEW_LOSETUP, "back-maj:min": "254:1"}]
)
def test_losetup(row: dict[str, object]) -> None:
    assert listings.parse_losetup(json.dumps({"loopdevices": [row]})) == [LOOP]


def test_losetup_without_loop_devices() -> None:
    assert listings.parse_losetup("") == listings.parse_losetup("\n") == []


@pytest.mark.parametrize("text", ["{", "[]", '{"loopdevices": [{}]}', '{"loopdevices": 1}', '{"x": []}'])
def test_losetup_that_is_not_understood(text: str) -> None:
    with pytest.raises(PxeError, match="cannot understand what losetup says"):
        listings.parse_losetup(text)


def test_fstab() -> None:
    text = f"# comment\n\nUUID=1 / ext4 defaults 0 1\n{IMAGE} {POINT}/ iso9660 loop\n/a /with\\040blank ext4\nshort\n"
    assert listings.parse_fstab(text) == {"/": "UUID=1", POINT: IMAGE, "/with blank": "/a"}


def test_exports() -> None:
    text = f"{POINT}\t10.77.0.0/24(ro,sync)\n{POINT}\t*(ro)\n/srv/with\\040blank\t*(rw)\ngarbage\n"
    assert listings.parse_exports(text) == [POINT, "/srv/with blank"]


@given(st.text())
def test_parsers_take_anything(text: str) -> None:
    listings.parse_mountinfo(text)
    listings.parse_fstab(text)
    listings.parse_exports(text)
    with contextlib.suppress(PxeError):
        listings.parse_losetup(text)
