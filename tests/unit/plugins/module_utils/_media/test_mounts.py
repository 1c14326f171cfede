# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import shutil
import subprocess

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mounts as _mounts
from ansible_collections.netinstall.pxe.plugins.module_utils._media.mounts import (
    Decision,
    Found,
    Identity,
    Loop,
    Mount,
    Wanted,
)
from hypothesis import given
from hypothesis import strategies as st

POINT = "/srv/pxe/trees/debian-13"
IMAGE = "/srv/iso/debian-13.iso"
OPTIONS = ("ro", "loop", "nosuid", "nodev", "noexec")
IDENTITY = Identity(inode=77, file_system="254:1", size=1000, modified=5)
WANTED = Wanted(IMAGE, POINT, IDENTITY, OPTIONS, ("nginx.service",))
MOUNT = Mount(
    POINT, "/dev/loop0", "iso9660", "7:0", frozenset({"ro", "nosuid", "nodev", "noexec", "relatime"})
)
LOOP = Loop("/dev/loop0", IMAGE, 77, "254:1")
UNIT = _mounts.unit_text(WANTED)
# All is as it should be.
DONE = Found(mount=MOUNT, loop=LOOP, unit=UNIT, enabled=True, folder="")

MOUNTINFO = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
36 22 0:32 / /mnt/with\\040blank rw - tmpfs tmpfs rw
40 22 7:0 / /srv/pxe/trees/debian-13 ro,nosuid,nodev,noexec,relatime shared:20 master:3 - iso9660 /dev/loop0 ro,check=s
41 40 7:1 / /srv/pxe/trees/debian-13 ro,relatime - iso9660 /dev/loop1 ro
42 22 7:2 / /srv/pxe/trees/debian-13/below ro,relatime - iso9660 /dev/loop2 ro
garbage
"""


# Listings


def test_mountinfo() -> None:
    mounts = _mounts.parse_mountinfo(MOUNTINFO)
    assert [mount.point for mount in mounts][:2] == ["/", "/mnt/with blank"]
    assert mounts[2] == MOUNT
    assert len(mounts) == 5


def test_the_last_mount_covers_the_others() -> None:
    mounts = _mounts.parse_mountinfo(MOUNTINFO)
    found = _mounts.mounted_at(mounts, POINT)
    assert found
    assert found.source == "/dev/loop1"
    assert _mounts.mounted_at(mounts, "/srv") is None
    assert _mounts.mounted_below(mounts, POINT) == [f"{POINT}/below"]


NEW_LOSETUP = {"name": "/dev/loop0", "back-file": IMAGE, "back-ino": 77, "back-maj:min": "254:1  "}


@pytest.mark.parametrize(
    "row", [NEW_LOSETUP, {**NEW_LOSETUP, "back-ino": " 77"}, {**NEW_LOSETUP, "back-maj:min": "254:1"}]
)
def test_losetup(row: dict[str, object]) -> None:
    assert _mounts.parse_losetup(json.dumps({"loopdevices": [row]})) == [LOOP]


def test_losetup_without_loop_devices() -> None:
    assert _mounts.parse_losetup("") == _mounts.parse_losetup("\n") == []


@pytest.mark.parametrize("text", ["{", "[]", '{"loopdevices": [{}]}', '{"loopdevices": 1}', '{"x": []}'])
def test_losetup_that_is_not_understood(text: str) -> None:
    with pytest.raises(PxeError, match="cannot understand what losetup says"):
        _mounts.parse_losetup(text)


def test_fstab() -> None:
    text = f"# comment\n\nUUID=1 / ext4 defaults 0 1\n{IMAGE} {POINT}/ iso9660 loop\n/a /with\\040blank ext4\nshort\n"
    assert _mounts.parse_fstab(text) == {"/": "UUID=1", POINT: IMAGE, "/with blank": "/a"}


@given(st.text())
def test_parsers_take_anything(text: str) -> None:
    _mounts.parse_mountinfo(text)
    _mounts.parse_fstab(text)
    _mounts.parse_unit(text)
    _mounts.parse_exports(text)
    with contextlib.suppress(PxeError):
        _mounts.parse_losetup(text)


# Units


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ("/", "-.mount"),
        (POINT, "srv-pxe-trees-debian\\x2d13.mount"),
        ("/a//b/", "a-b.mount"),
        ("/.a/.b", "\\x2ea-.b.mount"),
        ("/a b/ü", "a\\x20b-\\xc3\\xbc.mount"),
    ],
)
def test_unit_names(point: str, name: str) -> None:
    assert _mounts.unit_name(point) == name


@pytest.mark.skipif(not shutil.which("systemd-escape"), reason="needs systemd-escape")
@pytest.mark.parametrize("point", ["/", POINT, "/a//b", "/.a/.b", "/a b/ü", "/a-b:c_d.e/~"])
def test_unit_names_are_those_of_systemd(point: str) -> None:
    command = ["systemd-escape", "--path", "--suffix=mount", point]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert _mounts.unit_name(point) == done.stdout.strip()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_unit_names_are_one_word_and_can_be_undone(name: str) -> None:
    unit = _mounts.unit_name(f"/{name}")
    assert re.fullmatch(r"[A-Za-z0-9:_.\\-]+\.mount", unit)
    plain = re.sub(
        rb"\\x(..)", lambda match: bytes([int(match[1], 16)]), unit[:-6].replace("-", "/").encode()
    )
    assert plain.decode() == ("/".join(part for part in name.split("/") if part) or "/")


def test_unit() -> None:
    assert _mounts.is_ours(UNIT)
    assert not _mounts.is_ours("[Unit]\n")
    lines = UNIT.splitlines()
    for line in (
        f"What={IMAGE}",
        f"Where={POINT}",
        "Type=iso9660",
        "Options=ro,loop,nosuid,nodev,noexec",
        f'RequiresMountsFor="{IMAGE}"',
        "Before=umount.target nginx.service",
        "DefaultDependencies=no",
        "WantedBy=multi-user.target",
    ):
        assert line in lines


def test_unit_of_odd_paths() -> None:
    wanted = dataclasses.replace(WANTED, image='/iso/50% "off" \\ x.iso')
    text = _mounts.unit_text(wanted)
    assert 'What=/iso/50%% "off" \\ x.iso' in text
    assert 'RequiresMountsFor="/iso/50%% \\"off\\" \\\\ x.iso"' in text
    assert _mounts.parse_unit(text)["What"] == wanted.image


@pytest.mark.parametrize("path", ["relative", "/a\nb", "/a ", " /a", "/a\\", "/a/../b", "/a/..", "/\x7f", ""])
def test_paths_that_cannot_stand_in_a_unit(path: str) -> None:
    with pytest.raises(PxeError):
        _mounts.check_path(path)


CONTEXT = "system_u:object_r:public_content_t:s0"


@pytest.mark.parametrize(
    ("context", "selinux", "options"),
    [
        (None, True, OPTIONS),
        ("", True, OPTIONS),
        (CONTEXT, False, OPTIONS),
        (CONTEXT, True, (*OPTIONS, f"context={CONTEXT}")),
        (f"{CONTEXT}:c1,c2", True, (*OPTIONS, f'context="{CONTEXT}:c1,c2"')),
        ("user_u:role_r:type_t", True, (*OPTIONS, "context=user_u:role_r:type_t")),
    ],
)
def test_selinux(context: str | None, selinux: bool, options: tuple[str, ...]) -> None:
    found = _mounts.with_context(OPTIONS, context, selinux)
    assert found == options
    unit = _mounts.parse_unit(_mounts.unit_text(dataclasses.replace(WANTED, options=found)))
    assert unit["Options"] == ",".join(options)


@pytest.mark.parametrize(
    ("options", "context", "message"),
    [
        (OPTIONS, "public_content_t", "write user, role, type and level"),
        (OPTIONS, f"{CONTEXT},exec", "write user, role, type and level"),
        (OPTIONS, f'{CONTEXT}"', "write user, role, type and level"),
        ((*OPTIONS, f"context={CONTEXT}"), CONTEXT, "has an SELinux context already"),
        ((*OPTIONS, f"fscontext={CONTEXT}"), CONTEXT, "has an SELinux context already"),
    ],
)
def test_selinux_contexts_that_are_refused(options: tuple[str, ...], context: str, message: str) -> None:
    for selinux in (True, False):
        if selinux or "write user" in message:
            with pytest.raises(PxeError, match=message):
                _mounts.with_context(options, context, selinux)


# Decisions


def change(**changes: object) -> Found:
    return dataclasses.replace(DONE, **changes)  # type: ignore[arg-type]


NOTHING = Found()


@pytest.mark.parametrize(
    ("found", "steps", "reason"),
    [
        (DONE, [], ""),
        (NOTHING, ["folder", "unit", "mount", "enable"], "not mounted"),
        (Found(folder="empty"), ["unit", "mount", "enable"], "not mounted"),
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
                unit=_mounts.unit_text(
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
            change(unit=_mounts.unit_text(dataclasses.replace(WANTED, options=("ro", "loop")))),
            ["unmount", "unit", "mount"],
            "the options differ",
        ),
        # What matters at the next start only needs no new mount.
        (change(unit=_mounts.unit_text(dataclasses.replace(WANTED, before=()))), ["unit"], ""),
    ],
)
def test_present(found: Found, steps: list[str], reason: str) -> None:
    assert _mounts.decide_present(WANTED, found) == Decision(steps, reason)


def test_a_file_system_may_get_another_number_at_a_start() -> None:
    wanted = dataclasses.replace(WANTED, identity=dataclasses.replace(IDENTITY, file_system="254:17"))
    found = change(loop=dataclasses.replace(LOOP, file_system="254:17"))
    assert _mounts.decide_present(wanted, found).steps == []


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Found(folder="full"), "is not empty, and a mount would hide what is in it"),
        (Found(folder="other"), "is not a folder"),
        (
            Found(unit="[Mount]\n"),
            r"unit srv-pxe-trees-debian\\x2d13.mount is there, but is not this collection's",
        ),
        (Found(in_fstab=True), "/etc/fstab mounts something there"),
        (
            Found(mount=MOUNT, loop=Loop("/dev/loop0", "/other.iso", 1, "254:1")),
            f"/other.iso is mounted there, but not by this collection; run 'umount {POINT}' first",
        ),
        (Found(mount=Mount(POINT, "/dev/vdb", "ext4", "8:1", frozenset())), "/dev/vdb is mounted there"),
    ],
)
def test_what_is_in_the_way(found: Found, message: str) -> None:
    with pytest.raises(PxeError, match=message):
        _mounts.decide_present(WANTED, found)


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (DONE, ["unmount", "forget", "remove_folder"]),
        (change(mount=None, loop=None, folder="empty"), ["forget", "remove_folder"]),
        (change(mount=None, loop=None, folder="full"), ["forget"]),
        (change(mount=None, loop=None, folder="missing"), ["forget"]),
        (Found(folder="missing"), []),
        (Found(folder="full"), []),
        (Found(folder="empty"), ["remove_folder"]),
        (Found(folder="missing", unit="[Mount]\n"), []),
    ],
)
def test_absent(found: Found, steps: list[str]) -> None:
    assert _mounts.decide_absent(POINT, found).steps == steps


@pytest.mark.parametrize(
    "found", [Found(mount=MOUNT, loop=LOOP), change(unit="[Mount]\n"), change(in_fstab=True)]
)
def test_absent_leaves_what_is_not_ours(found: Found) -> None:
    with pytest.raises(PxeError):
        _mounts.decide_absent(POINT, found)


# Messages


def test_holders() -> None:
    links = [
        (1, "systemd", "/"),
        (812, "nginx", f"{POINT}/install.amd/initrd.gz"),
        (812, "nginx", f"{POINT}/other"),
        (900, "bash", POINT),
        (901, "bash", f"{POINT}-netboot/x"),
    ]
    assert _mounts.holders(links, POINT) == (
        f"nginx (pid 812: {POINT}/install.amd/initrd.gz), bash (pid 900: {POINT})"
    )
    assert _mounts.holders([], POINT) == ""


def test_exports() -> None:
    text = f"{POINT}\t10.77.0.0/24(ro,sync)\n{POINT}\t*(ro)\n/srv/with\\040blank\t*(rw)\ngarbage\n"
    exports = _mounts.parse_exports(text)
    assert exports == [POINT, "/srv/with blank"]
    assert _mounts.exported(exports, POINT) == f"the NFS export of {POINT} (exportfs -u)"
    assert _mounts.exported([f"{POINT}/below", f"{POINT}-2"], POINT).count("export of") == 1
    assert _mounts.exported(exports, "/srv/other") == _mounts.exported([], POINT) == ""


def test_kernels() -> None:
    filesystems = "nodev\tsysfs\n\text4\n"
    assert _mounts.why_unmountable(f"{filesystems}\tiso9660\n", False, "6.1") == ""
    assert _mounts.why_unmountable(filesystems, True, "6.1") == ""
    message = _mounts.why_unmountable(filesystems, False, "6.1.0-1")
    assert "the kernel 6.1.0-1" in message
    assert "linux-image-cloud-amd64" in message
    assert "site_distributions.<name>.layout: copy" in message


# Overlays

LAYERS = ("/srv/pxe/media/x/upper", "/srv/pxe/media/x/disc1", "/srv/pxe/media/x/disc 100%")
OVERLAY = _mounts.Overlay(POINT, LAYERS, "content 1", ("ro", "nosuid"), ("nginx.service",))
OVERLAY_UNIT = _mounts.overlay_text(OVERLAY)
OVERLAID = Found(
    mount=Mount(
        POINT, "overlay", "overlay", "0:40", frozenset({"ro", "nosuid"}), f"ro,lowerdir={':'.join(LAYERS)}"
    ),
    unit=OVERLAY_UNIT,
    enabled=True,
    folder="",
)


def test_unit_of_an_overlay() -> None:
    assert _mounts.is_ours(OVERLAY_UNIT)
    lines = OVERLAY_UNIT.splitlines()
    for line in (
        "What=overlay",
        f"Where={POINT}",
        "Type=overlay",
        "Options=ro,nosuid,lowerdir=/srv/pxe/media/x/upper:/srv/pxe/media/x/disc1:/srv/pxe/media/x/disc 100%%",
        'RequiresMountsFor="/srv/pxe/media/x/upper" "/srv/pxe/media/x/disc1" "/srv/pxe/media/x/disc 100%%"',
        "Before=umount.target nginx.service",
        "DefaultDependencies=no",
        "WantedBy=multi-user.target",
    ):
        assert line in lines
    assert "upperdir" not in OVERLAY_UNIT


@pytest.mark.parametrize("path", ["/a:b", "/a,b", '/a"b', "/a\\b", "relative", "/a\nb"])
def test_layers_that_cannot_stand_in_an_option(path: str) -> None:
    with pytest.raises(PxeError):
        _mounts.overlay_text(dataclasses.replace(OVERLAY, layers=(path,)))


def overlaid(**changes: object) -> Found:
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
            overlaid(unit=_mounts.overlay_text(dataclasses.replace(OVERLAY, content="content 0"))),
            ["unmount", "unit", "mount"],
            "the layers were changed",
        ),
        (overlaid(unit=_mounts.overlay_text(dataclasses.replace(OVERLAY, before=()))), ["unit"], ""),
        (overlaid(enabled=False), ["enable"], ""),
    ],
)
def test_overlay_present(found: Found, steps: list[str], reason: str) -> None:
    assert _mounts.decide_overlay(OVERLAY, found) == Decision(steps, reason)


def test_overlay_refuses_strangers() -> None:
    with pytest.raises(PxeError, match="is not this collection's"):
        _mounts.decide_overlay(OVERLAY, Found(unit="[Mount]\n"))
    with pytest.raises(PxeError, match="is not empty"):
        _mounts.decide_overlay(OVERLAY, Found(folder="full"))
    assert _mounts.decide_absent(POINT, OVERLAID).steps == ["unmount", "forget", "remove_folder"]


def test_kernels_without_overlay() -> None:
    message = _mounts.why_unmountable("nodev\tsysfs\n", False, "6.1", "overlay")
    assert "cannot mount several images as one tree: it has no overlay file system" in message
    assert _mounts.why_unmountable("nodev\toverlay\n", False, "6.1", "overlay") == ""
