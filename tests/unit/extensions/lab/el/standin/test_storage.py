# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in installer does to disks, decided from real kickstarts."""

from __future__ import annotations

import pathlib
import re

import pytest
from el.standin import disks, kickstart, storage
from el.standin.console import FailedError

VDA = storage.Disk("vda", 4096, labelled=False, partitions=0)
USED = storage.Disk("vda", 4096, labelled=True, partitions=3)
VDB = storage.Disk("vdb", 8192, labelled=True, partitions=1)
LINKS = {"disk/by-id/virtio-system": "vda", "disk/by-path/pci-0000:00:05.0": "vda"}
FRESH = "zerombr\nclearpart --all --initlabel\n"


def plan(
    tmp_path: pathlib.Path,
    text: str,
    release: int = 9,
    uefi: bool = False,
    found: tuple[storage.Disk, ...] = (VDA,),
) -> storage.Plan:
    """Return the plan for a kickstart on a machine with these disks."""
    path = tmp_path / "ks.cfg"
    path.write_text(text)
    handler = kickstart.read_all(str(path), release, lambda _text: None)
    return storage.plan(handler, storage.Machine(found, LINKS, uefi, 1024, release))


def layout(found: storage.Plan) -> list[tuple[str, str, str, int]]:
    """Return (mount, device, file system, MiB) of everything."""
    return [(one.wish.mount, one.device, one.wish.fstype, one.size) for one in found.pieces()]


@pytest.mark.parametrize(
    ("release", "uefi", "text", "expected"),
    [
        (
            6,
            False,
            "autopart\n",
            [
                ("/boot", "/dev/vda1", "ext4", 512),
                ("pv.00", "/dev/vda2", "lvmpv", 3582),
                ("swap", "/dev/mapper/standin-swap", "swap", 408),
                ("/", "/dev/mapper/standin-root", "ext4", 3164),
            ],
        ),
        (
            9,
            True,
            "autopart --type=plain --noswap\n",
            [
                ("/boot/efi", "/dev/vda1", "efi", 200),
                ("/boot", "/dev/vda2", "xfs", 512),
                ("/", "/dev/vda3", "xfs", 3382),
            ],
        ),
        (
            7,
            False,
            "part swap --recommended\npart / --size=1\n",
            [("swap", "/dev/vda1", "swap", 409), ("/", "/dev/vda2", "xfs", 1)],
        ),
        (
            7,
            False,
            "part / --fstype=ext4 --size=1000 --grow\npart swap --size=100\npart /boot --fstype=ext4 --size=300\n",
            [
                ("/boot", "/dev/vda1", "ext4", 300),
                ("/", "/dev/vda2", "ext4", 3694),
                ("swap", "/dev/vda3", "swap", 100),
            ],
        ),
        (
            9,
            True,
            "reqpart --add-boot\npart pv.1 --size=1 --grow\nvolgroup el-vg pv.1\n"
            "logvol / --vgname=el-vg --name=root --size=1000\nlogvol /srv --vgname=el-vg --name=my-srv --percent=50\n",
            [
                ("/boot/efi", "/dev/vda1", "efi", 200),
                ("/boot", "/dev/vda2", "xfs", 512),
                ("pv.1", "/dev/vda3", "lvmpv", 3382),
                ("/", "/dev/mapper/el--vg-root", "xfs", 1000),
                ("/srv", "/dev/mapper/el--vg-my--srv", "xfs", 1688),
            ],
        ),
        (
            9,
            False,
            "part / --size=1000\npart /a --size=1\npart /b --size=1\npart /c --size=1\npart /d --size=1\n",
            [
                ("/", "/dev/vda1", "xfs", 1000),
                ("/a", "/dev/vda2", "xfs", 1),
                ("/b", "/dev/vda3", "xfs", 1),
                ("/c", "/dev/vda5", "xfs", 1),
                ("/d", "/dev/vda6", "xfs", 1),
            ],
        ),
    ],
)
def test_layouts(
    tmp_path: pathlib.Path, release: int, uefi: bool, text: str, expected: list[tuple[str, str, str, int]]
) -> None:
    assert layout(plan(tmp_path, FRESH + text, release, uefi)) == expected


@pytest.mark.parametrize(
    ("text", "disk"),
    [
        ("ignoredisk --only-use=vdb\n", "vdb"),
        ("ignoredisk --only-use=/dev/disk/by-id/virtio-system\n", "vda"),
        ("ignoredisk --only-use=disk/by-path/pci-0000:00:05.0\n", "vda"),
        ("ignoredisk --drives=vda\n", "vdb"),
        ("ignoredisk --drives=vd[a]\n", "vdb"),
        ("", "vda"),
    ],
)
def test_only_allowed_disks_are_touched(tmp_path: pathlib.Path, text: str, disk: str) -> None:
    found = plan(tmp_path, f"{FRESH}{text}autopart --type=plain\n", found=(VDA, VDB))
    assert list(found.tables) == [disk]
    assert found.boot_disk == disk


def test_partitions_may_lie_on_two_disks(tmp_path: pathlib.Path) -> None:
    text = "part /boot --size=300 --ondisk=vda\npart / --size=1 --grow --ondisk=/dev/vdb\n"
    found = plan(tmp_path, FRESH + text, found=(VDA, VDB))
    assert layout(found) == [("/boot", "/dev/vda1", "xfs", 300), ("/", "/dev/vdb1", "xfs", 8190)]
    assert found.boot_disk == "vda"


@pytest.mark.parametrize(
    ("text", "uefi", "found", "message"),
    [
        ("autopart\n", False, (VDA,), "vda has no table of partitions"),
        ("zerombr\nautopart\n", False, (USED,), "vda holds partitions, and no clearpart"),
        ("zerombr\nclearpart --all --drives=vdb\nautopart\n", False, (USED, VDB), "vda holds partitions"),
        ("zerombr\nclearpart --none\nautopart\n", False, (USED,), "vda holds partitions"),
        (FRESH, False, (VDA,), "nothing says how to partition"),
        (FRESH + "part /boot --size=300\n", False, (VDA,), "no / is asked for"),
        (FRESH + "part / --size=3000\n", True, (VDA,), "needs /boot/efi"),
        (FRESH + "part / --size=9000\n", False, (VDA,), "vda has 4094 MiB, but 9000 are asked for"),
        (
            FRESH + "part / --size=900 --ondisk=vdc\n",
            False,
            (VDA,),
            "vdc is no disk of this machine; it has vda",
        ),
        (
            FRESH + "ignoredisk --only-use=vda\npart / --size=9 --ondisk=vdb\n",
            False,
            (VDA, VDB),
            "does not leave",
        ),
        (
            FRESH + "ignoredisk --only-use=sda\nautopart\n",
            False,
            (VDA,),
            "ignoredisk --only-use: sda is no disk",
        ),
        (FRESH + "ignoredisk --drives=vd*\nautopart\n", False, (VDA, VDB), "ignoredisk leaves no disk"),
        ("zerombr\nclearpart --all --disklabel=gpt\npart / --size=9\n", False, (VDA,), "write part biosboot"),
        (FRESH + "part / --onpart=vda1\n", False, (VDA,), "makes new file systems only"),
        (FRESH + "part / --size=9 --encrypted --passphrase=x\n", False, (VDA,), "does not encrypt"),
        (FRESH + "autopart --type=btrfs\n", False, (VDA,), "simple LVM only"),
        (
            FRESH + "bootloader --boot-drive=vdb\npart / --size=99\n",
            False,
            (VDA, VDB),
            "nothing is installed on vdb",
        ),
        (
            FRESH + "part pv.1 --size=9\nvolgroup v pv.1 pv.2\nlogvol / --vgname=v --name=r --size=4\n",
            False,
            (VDA,),
            "volgroup v: no part pv.2",
        ),
        (
            FRESH + "part pv.1 --size=9\nlogvol / --vgname=v --name=r --size=4\n",
            False,
            (VDA,),
            "no volgroup v",
        ),
    ],
)
def test_what_anaconda_would_refuse_or_ask_about(
    tmp_path: pathlib.Path, text: str, uefi: bool, found: tuple[storage.Disk, ...], message: str
) -> None:
    with pytest.raises(FailedError, match=re.escape(message)):
        plan(tmp_path, text, 9 if "btrfs" not in text else 7, uefi, found)


def test_software_raid_is_beyond_it(tmp_path: pathlib.Path) -> None:
    raid = "part raid.1 --size=99\npart raid.2 --size=99\nraid / --level=1 --device=md0 raid.1 raid.2\n"
    with pytest.raises(FailedError, match="plain partitions and simple LVM only"):
        plan(tmp_path, FRESH + raid)


@pytest.mark.parametrize(
    ("room", "wishes", "sizes"),
    [
        (100, [(10, False, 0), (10, True, 0)], [10, 90]),
        (100, [(10, True, 0), (10, True, 0)], [50, 50]),
        (100, [(10, True, 20), (10, True, 0)], [20, 80]),
        (100, [(10, True, 20), (10, True, 30)], [20, 30]),
        (21, [(10, True, 0), (10, True, 0)], [11, 10]),
        (20, [(10, False, 0), (10, False, 0)], [10, 10]),
    ],
)
def test_growing(room: int, wishes: list[tuple[int, bool, int]], sizes: list[int]) -> None:
    asked = [storage.Wish("/x", "xfs", size, grow, maximum) for size, grow, maximum in wishes]
    assert storage.fit(asked, room, "vda") == sizes


def test_what_sfdisk_is_told(tmp_path: pathlib.Path) -> None:
    gpt = plan(tmp_path, FRESH + "autopart --type=plain\n", uefi=True)
    lines = storage.partition_script(gpt, "vda").splitlines()
    assert lines[:2] == ["label: gpt", "size=200MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B"]
    parts = "".join(f"part /{name} --size=9\n" for name in "abcd")
    msdos = plan(tmp_path, FRESH + "part /boot --size=9\n" + parts + "part / --size=9\n")
    assert storage.partition_script(msdos, "vda").splitlines() == [
        "label: dos",
        "size=9MiB, type=83, bootable",
        *["size=9MiB, type=83"] * 2,
        "type=5",
        *["size=9MiB, type=83"] * 3,
    ]


def test_fstab(tmp_path: pathlib.Path) -> None:
    text = (
        "part /boot/efi --fstype=efi --size=99\npart swap --size=9\npart /srv --fstype=xfs --size=300\n"
        "part / --fstype=ext4 --size=999 --fsoptions=noatime\n"
    )
    found = plan(tmp_path, FRESH + text, uefi=True)
    assert disks.fstab(found, lambda piece: piece.device).splitlines() == [
        "/dev/vda4 / ext4 noatime 1 1",
        "/dev/vda3 /srv xfs defaults 0 0",
        "/dev/vda1 /boot/efi vfat defaults 0 0",
        "/dev/vda2 swap swap defaults 0 0",
    ]
