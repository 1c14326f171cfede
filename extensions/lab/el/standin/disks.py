# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the machine's disks and does to them what a storage plan says."""

from __future__ import annotations

import contextlib
import json
import time
import typing as t
from pathlib import Path

from . import storage
from .console import FailedError, run, say

SYSTEM = Path("/mnt/sysimage")
MEBIBYTE = 2**20
# Without these lvm waits for udev to make the nodes, which it does not in every kernel's /dev.
LVM = "activation { udev_sync = 0 udev_rules = 0 }"
MAKERS = {
    "ext2": "mkfs.ext2 -q -F", "ext3": "mkfs.ext3 -q -F", "ext4": "mkfs.ext4 -q -F", "xfs": "mkfs.xfs -q -f",
    "vfat": "mkfs.vfat -F 32", "efi": "mkfs.vfat -F 32", "swap": "mkswap -f",
}  # fmt: skip
FSTAB_TYPES = {"efi": "vfat"}


def machine(release: int) -> storage.Machine:
    """Return what there is: disks, links to them, firmware, memory."""
    listing = json.loads(run(["lsblk", "--json", "--bytes", "--output", "NAME,TYPE,SIZE,PTTYPE,RO"]))
    found = [
        storage.Disk(
            one["name"], one["size"] // MEBIBYTE, bool(one["pttype"]), len(one.get("children") or [])
        )
        for one in listing["blockdevices"]
        if one["type"] == "disk" and not one["ro"]
    ]
    memory = Path("/proc/meminfo").read_text(encoding="ascii").split("MemTotal:")[1].split()[0]
    uefi = Path("/sys/firmware/efi").exists()
    return storage.Machine(tuple(found), links(), uefi, int(memory) // 1024, release)


def links() -> dict[str, str]:
    """Return udev's other names of disks: `disk/by-id/…` → `vda`."""
    return {
        f"disk/{path.parent.name}/{path.name}": path.resolve().name
        for path in Path("/dev/disk").glob("by-*/*")
    }


def apply(plan: storage.Plan) -> None:
    """Make partitions, volumes and file systems, and mount them."""
    # Volumes of an earlier installation would keep the disk busy.
    with contextlib.suppress(FailedError):
        run(["vgchange", "--config", LVM, "-an"])
    for disk, pieces in plan.tables.items():
        say(f"partitioning {disk}: " + ", ".join(f"{one.wish.mount} {one.size} MiB" for one in pieces))
        for old in sorted(Path("/sys/block", disk).glob(f"{disk}*")):
            run(["wipefs", "--all", "--force", f"/dev/{old.name}"])
        run(["wipefs", "--all", "--force", f"/dev/{disk}"])
        run(["sfdisk", "--wipe=always", f"/dev/{disk}"], text=storage.partition_script(plan, disk))
    run(["udevadm", "settle", "--timeout=30"])
    for group, devices in plan.groups.items():
        make_group(group, devices, [piece for piece in plan.volumes if piece.wish.group == group])
    for piece in plan.pieces():
        make_file_system(piece)
    mount(plan)


def make_group(group: str, devices: list[str], volumes: list[storage.Piece]) -> None:
    """Make a volume group and its logical volumes."""
    for device in devices:
        wait_for(device)
    run(["pvcreate", "--config", LVM, "-ff", "-y", *devices])
    run(["vgcreate", "--config", LVM, "-s", f"{storage.EXTENT}m", group, *devices])
    for piece in volumes:
        words = ["lvcreate", "--config", LVM, "-y", "-W", "n", "-Z", "n", "-L", f"{piece.size}m"]
        run([*words, "-n", piece.wish.name, group])
    run(["vgmknodes", "--config", LVM])


def wait_for(device: str) -> None:
    """Wait until the kernel has made a device."""
    for _try in range(50):
        if Path(device).exists():
            return
        time.sleep(0.2)
    raise FailedError(f"{device} did not appear")


def make_file_system(piece: storage.Piece) -> None:
    """Format a partition or volume, if its kind has a format."""
    kind = piece.wish.fstype
    if kind in (storage.BIOS_BOOT, "lvmpv"):
        return
    if kind not in MAKERS:
        raise FailedError(f"{piece.wish.mount}: the stand-in makes no {kind}; it can {', '.join(MAKERS)}")
    wait_for(piece.device)
    run([*MAKERS[kind].split(), *label_words(kind, piece.wish.label), piece.device])


def label_words(kind: str, label: str) -> list[str]:
    """Return how a maker of file systems is told a label."""
    option = "-n" if MAKERS[kind].startswith("mkfs.vfat") else "-L"
    return [option, label] if label else []


def mount(plan: storage.Plan) -> None:
    """Mount the new file systems, and what programs expect in them."""
    for piece in plan.mounted():
        target = SYSTEM / piece.wish.mount.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        kind = FSTAB_TYPES.get(piece.wish.fstype, piece.wish.fstype)
        run(["mount", "-t", kind, piece.device, target])
    for name in ("proc", "sys", "dev", "run"):
        (SYSTEM / name).mkdir(parents=True, exist_ok=True)
        run(["mount", "--rbind", f"/{name}", SYSTEM / name])


def unmount() -> None:
    """Unmount everything below the new system, whatever still uses it."""
    run(["sync"])
    with contextlib.suppress(FailedError):
        run(["umount", "--recursive", "--lazy", SYSTEM])
    run(["sync"])


def uuid(device: str) -> str:
    """Return the UUID of a file system."""
    return run(["blkid", "-s", "UUID", "-o", "value", "-p", device]).strip()


def source(piece: storage.Piece) -> str:
    """Return how fstab and the kernel's command line name a file system."""
    return piece.device if piece.wish.group else f"UUID={uuid(piece.device)}"


def fstab(plan: storage.Plan, source_of: t.Callable[[storage.Piece], str] = source) -> str:
    """Return fstab(5) of the new system."""
    lines = []
    for piece in [*plan.mounted(), *(one for one in plan.pieces() if one.wish.fstype == "swap")]:
        kind = FSTAB_TYPES.get(piece.wish.fstype, piece.wish.fstype)
        options = piece.wish.options or "defaults"
        passes = "0 0" if kind in ("swap", "vfat", "xfs") else "1 1" if piece.wish.mount == "/" else "1 2"
        lines.append(f"{source_of(piece)} {piece.wish.mount} {kind} {options} {passes}\n")
    return "".join(lines)
