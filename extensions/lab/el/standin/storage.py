# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides what a kickstart does to the disks: which may be touched, what is made on them, how large it becomes.

Computes only; `disks` does it. All sizes are MiB.
"""

from __future__ import annotations

import fnmatch
import typing as t

from pykickstart import constants

from .console import FailedError
from .kickstart import command

# Before the first partition, and after the last one for GPT's second table.
MARGIN = 1
EXTENT = 4
PRIMARIES = 4
ESP = "/boot/efi"
BIOS_BOOT = "biosboot"
FIRST = {BIOS_BOOT: 0, ESP: 1, "/boot": 2}
# What `autopart` makes, as far as the lab's small disks allow.
AUTO_BOOT, AUTO_ESP, AUTO_ROOT = 512, 200, 1024
VG_NAME = "standin"


class Disk(t.NamedTuple):
    """A disk of the machine: `vda`, its size, whether it has a table of partitions, and how many are in it."""

    name: str
    size: int
    labelled: bool
    partitions: int


class Machine(t.NamedTuple):
    """What the plan depends on. `links`: `disk/by-id/…` → `vda`; `memory` in MiB; `release`: 6, 7, …"""

    disks: tuple[Disk, ...]
    links: dict[str, str]
    uefi: bool
    memory: int
    release: int


class Wish(t.NamedTuple):
    """What a kickstart asks for. `mount`: a path, `swap`, `biosboot`, or the name of a physical volume (`pv.01`)."""

    mount: str
    fstype: str
    size: int = 0
    grow: bool = False
    maximum: int = 0
    disk: str = ""
    group: str = ""
    name: str = ""
    percent: int = 0
    label: str = ""
    options: str = ""


class Piece(t.NamedTuple):
    """What will be made: a partition or a logical volume of a size."""

    device: str
    size: int
    wish: Wish


class Plan(t.NamedTuple):
    """`tables`: disk → its new partitions in order; `labels`: disk → `gpt` or `msdos`; `groups`: name → devices."""

    tables: dict[str, list[Piece]]
    labels: dict[str, str]
    groups: dict[str, list[str]]
    volumes: list[Piece]
    boot_disk: str

    def pieces(self) -> list[Piece]:
        """Return partitions and volumes together."""
        return [piece for table in self.tables.values() for piece in table] + self.volumes

    def mounted(self) -> list[Piece]:
        """Return what gets mounted, parents first."""
        found = [piece for piece in self.pieces() if piece.wish.mount.startswith("/")]
        return sorted(found, key=lambda piece: (piece.wish.mount.rstrip("/").count("/"), piece.wish.mount))


def plan(handler: t.Any, machine: Machine) -> Plan:
    """Return what to do; raise FailedError where anaconda would refuse, or ask a person."""
    disks = allowed(handler, machine)
    default = "ext4" if machine.release <= 6 else "xfs"
    wishes = automatic(handler, machine, default) or described(handler, machine, default)
    partitions = [wish for wish in wishes if not wish.group]
    check(wishes, machine.uefi)
    by_disk = assign(partitions, disks, machine)
    for disk in by_disk:
        check_free(handler, disk, machine)
    labels = {disk.name: label(handler, machine.uefi, found) for disk, found in by_disk.items()}
    tables = {disk.name: table(disk, found, labels[disk.name]) for disk, found in by_disk.items()}
    groups, volumes = logical(handler, wishes, tables)
    return Plan(tables, labels, groups, volumes, boot_disk(handler, machine, by_disk))


def allowed(handler: t.Any, machine: Machine) -> list[Disk]:
    """Return the disks that the kickstart lets the installer touch."""
    only = [
        resolve(name, machine, "ignoredisk --only-use")
        for name in command(handler, "ignoredisk", "onlyuse", [])
    ]
    ignored = command(handler, "ignoredisk", "ignoredisk", [])
    left = [disk for disk in machine.disks if not only or disk.name in only]
    left = [disk for disk in left if not any(fnmatch.fnmatch(disk.name, bare(name)) for name in ignored)]
    if not left:
        raise FailedError(f"ignoredisk leaves no disk; the machine has {names(machine)}")
    return left


def bare(name: str) -> str:
    """Return a disk's name without /dev/."""
    return name.removeprefix("/dev/")


def names(machine: Machine) -> str:
    """Return the machine's disks for a message."""
    return ", ".join(disk.name for disk in machine.disks) or "none"


def resolve(name: str, machine: Machine, where: str) -> str:
    """Return `vda` for a disk's name, path or link."""
    wanted = machine.links.get(bare(name), bare(name))
    if wanted not in [disk.name for disk in machine.disks]:
        raise FailedError(f"{where}: {name} is no disk of this machine; it has {names(machine)}")
    return wanted


def automatic(handler: t.Any, machine: Machine, default: str) -> list[Wish]:
    """Return what `autopart` stands for; nothing without it."""
    if not command(handler, "autopart", "autopart", False):
        return []
    kind = command(handler, "autopart", "type", None)
    if command(handler, "autopart", "encrypted", False) or kind in (
        constants.AUTOPART_TYPE_BTRFS,
        constants.AUTOPART_TYPE_LVM_THINP,
    ):
        raise FailedError("autopart: the stand-in makes plain partitions and simple LVM only")
    fstype = command(handler, "autopart", "fstype", "") or default
    firmware = [Wish(ESP, "efi", AUTO_ESP)] if machine.uefi else []
    boot = Wish("/boot", fstype if fstype.startswith("ext") else default, AUTO_BOOT)
    wanted = (
        []
        if command(handler, "autopart", "noswap", False)
        else [Wish("swap", "swap", recommended_swap(machine))]
    )
    wanted.append(Wish("/", fstype, AUTO_ROOT, grow=True))
    if kind == constants.AUTOPART_TYPE_PLAIN:
        return [*firmware, boot, *wanted]
    volumes = [wish._replace(group=VG_NAME, name=wish.mount.strip("/") or "root") for wish in wanted]
    return [*firmware, boot, Wish("pv.00", "lvmpv", EXTENT, grow=True), *volumes]


def recommended_swap(machine: Machine) -> int:
    """Return what anaconda recommends: twice the memory, from 2 GiB on the memory; at most a tenth of the disk."""
    wanted = 2 * machine.memory if machine.memory < 2048 else machine.memory
    return min(wanted, machine.disks[0].size // 10)


def described(handler: t.Any, machine: Machine, default: str) -> list[Wish]:
    """Return what the kickstart's part and logvol commands ask for."""
    if command(handler, "raid", "raidList", []) or command(handler, "btrfs", "btrfsList", []):
        raise FailedError("raid, btrfs: the stand-in makes plain partitions and simple LVM only")
    wishes = [wish_of(one, machine, default) for one in command(handler, "partition", "partitions", [])]
    wishes += [
        wish_of(one, machine, default)._replace(group=one.vgname, name=one.name, percent=one.percent or 0)
        for one in command(handler, "logvol", "lvList", [])
    ]
    return wishes + required(handler, machine, default)


def required(handler: t.Any, machine: Machine, default: str) -> list[Wish]:
    """Return what `reqpart` adds: the partitions that the firmware needs, and /boot if it says so."""
    if not command(handler, "reqpart", "reqpart", False):
        return []
    found = [Wish("/boot", default, AUTO_BOOT)] if command(handler, "reqpart", "addBoot", False) else []
    if machine.uefi:
        found.append(Wish(ESP, "efi", AUTO_ESP))
    elif command(handler, "clearpart", "disklabel", "") == "gpt":
        found.append(Wish(BIOS_BOOT, BIOS_BOOT, 1))
    return found


def wish_of(data: t.Any, machine: Machine, default: str) -> Wish:
    """Return what one part or logvol command asks for."""
    if getattr(data, "onPart", "") or getattr(data, "preexist", False) or not data.format:
        raise FailedError(f"{data.mountpoint}: the stand-in makes new file systems only")
    if getattr(data, "encrypted", False):
        raise FailedError(f"{data.mountpoint}: the stand-in does not encrypt")
    kinds = {"swap": "swap", BIOS_BOOT: BIOS_BOOT, ESP: "efi"}
    fstype = data.fstype or kinds.get(data.mountpoint, default)
    mount = fstype if fstype in ("swap", BIOS_BOOT) else data.mountpoint
    if mount.startswith("pv."):
        fstype = "lvmpv"
    return Wish(
        mount,
        fstype,
        recommended_swap(machine) if getattr(data, "recommended", False) else int(data.size or 0),
        bool(data.grow),
        int(data.maxSizeMB or 0),
        getattr(data, "disk", ""),
        label=getattr(data, "label", "") or "",
        options=getattr(data, "fsopts", "") or "",
    )


def check(wishes: list[Wish], uefi: bool) -> None:
    """Refuse a set of wishes with which no system could start."""
    mounts = [wish.mount for wish in wishes]
    if not wishes:
        raise FailedError("nothing says how to partition; anaconda would ask. Write autopart or part")
    if "/" not in mounts:
        raise FailedError("no / is asked for: write part / or logvol /")
    if uefi and ESP not in mounts:
        raise FailedError(f"a machine with UEFI needs {ESP}: write part {ESP} --fstype=efi, or reqpart")
    twice = {mount for mount in mounts if mount.startswith("/") and mounts.count(mount) > 1}
    if twice:
        raise FailedError(f"asked for twice: {', '.join(sorted(twice))}")


def assign(wishes: list[Wish], disks: list[Disk], machine: Machine) -> dict[Disk, list[Wish]]:
    """Return which disk gets which partitions: the one named, else the first that may be touched."""
    found: dict[Disk, list[Wish]] = {}
    for wish in sorted(wishes, key=lambda one: FIRST.get(one.mount, len(FIRST))):
        name = resolve(wish.disk, machine, f"part {wish.mount} --ondisk") if wish.disk else disks[0].name
        disk = next((one for one in disks if one.name == name), None)
        if disk is None:
            raise FailedError(f"part {wish.mount} --ondisk={wish.disk}: ignoredisk does not leave this disk")
        found.setdefault(disk, []).append(wish)
    return found


def check_free(handler: t.Any, disk: Disk, machine: Machine) -> None:
    """Refuse a disk that the kickstart does not say to clear, or to give its first table of partitions."""
    kind = command(handler, "clearpart", "type", None)
    drives = [
        resolve(name, machine, "clearpart --drives") for name in command(handler, "clearpart", "drives", [])
    ]
    clears = kind in (constants.CLEARPART_TYPE_ALL, constants.CLEARPART_TYPE_LINUX)
    clears = clears and (not drives or disk.name in drives)
    fresh = command(handler, "zerombr", "zerombr", False) or command(handler, "clearpart", "initAll", False)
    if disk.partitions and not clears:
        raise FailedError(f"{disk.name} holds partitions, and no clearpart lets them go")
    if not disk.labelled and not fresh:
        raise FailedError(f"{disk.name} has no table of partitions; anaconda would ask. Write zerombr")


def label(handler: t.Any, uefi: bool, wishes: list[Wish]) -> str:
    """Return the kind of table of partitions."""
    wanted = command(handler, "clearpart", "disklabel", "") or ""
    has_place = any(wish.mount == BIOS_BOOT for wish in wishes)
    kind = wanted or ("gpt" if uefi or has_place else "msdos")
    if kind == "gpt" and not uefi and not has_place:
        raise FailedError("GRUB has no place on a GPT disk of a machine with BIOS: write part biosboot")
    return kind


def table(disk: Disk, wishes: list[Wish], kind: str) -> list[Piece]:
    """Return the partitions of a disk with their sizes and devices."""
    logical_room = MARGIN * len(wishes) if kind == "msdos" and len(wishes) > PRIMARIES else 0
    sizes = fit(wishes, disk.size - 2 * MARGIN - logical_room, disk.name)
    numbers = partition_numbers(len(wishes), kind)
    return [
        Piece(partition_device(disk.name, number), size, wish)
        for number, size, wish in zip(numbers, sizes, wishes, strict=True)
    ]


def partition_numbers(count: int, kind: str) -> list[int]:
    """Return the numbers of partitions: the fourth of an MBR holds those from 5 on when four are not enough."""
    if kind == "gpt" or count <= PRIMARIES:
        return list(range(1, count + 1))
    return [1, 2, 3, *range(5, 5 + count - 3)]


def partition_device(disk: str, number: int) -> str:
    """Return the path of a partition."""
    return f"/dev/{disk}{'p' if disk[-1].isdigit() else ''}{number}"


def volume_device(group: str, name: str) -> str:
    """Return the path of a logical volume, as device mapper writes it."""
    return f"/dev/mapper/{group.replace('-', '--')}-{name.replace('-', '--')}"


def fit(wishes: list[Wish], room: int, where: str) -> list[int]:
    """Return sizes: what is asked for, and for those that grow an equal share of what is left, up to their maximum."""
    sizes = [wish.size or wish.percent * room // 100 for wish in wishes]
    left = room - sum(sizes)
    if left < 0:
        raise FailedError(f"{where} has {room} MiB, but {sum(sizes)} are asked for")
    growing = [number for number, wish in enumerate(wishes) if wish.grow]
    while left > 0 and growing:
        share = max(left // len(growing), 1)
        for number in list(growing):
            limit = wishes[number].maximum - sizes[number] if wishes[number].maximum else share
            more = max(min(share, limit, left), 0)
            sizes[number] += more
            left -= more
            if more < share:
                growing.remove(number)
    return sizes


def logical(
    handler: t.Any, wishes: list[Wish], tables: dict[str, list[Piece]]
) -> tuple[dict[str, list[str]], list[Piece]]:
    """Return the volume groups with their devices, and the logical volumes."""
    wanted = {one.vgname: list(one.physvols) for one in command(handler, "volgroup", "vgList", [])}
    if command(handler, "autopart", "autopart", False):
        wanted = {wish.group: ["pv.00"] for wish in wishes if wish.group}
    parts = {piece.wish.mount: piece for table in tables.values() for piece in table}
    groups: dict[str, list[str]] = {}
    volumes: list[Piece] = []
    for name, members in wanted.items():
        missing = [member for member in members if member not in parts]
        if missing:
            raise FailedError(f"volgroup {name}: no part {', '.join(missing)}")
        groups[name] = [parts[member].device for member in members]
        room = sum((parts[member].size // EXTENT - 1) * EXTENT for member in members)
        inside = [wish for wish in wishes if wish.group == name]
        for wish, size in zip(inside, fit(inside, room, f"volgroup {name}"), strict=True):
            volumes.append(Piece(volume_device(name, wish.name), size // EXTENT * EXTENT, wish))
    lost = {wish.group for wish in wishes if wish.group} - set(wanted)
    if lost:
        raise FailedError(f"logvol: no volgroup {', '.join(sorted(lost))}")
    return groups, volumes


def boot_disk(handler: t.Any, machine: Machine, by_disk: dict[Disk, list[Wish]]) -> str:
    """Return the disk that gets the boot loader: the one named, else the one that holds /boot, else the first."""
    order = command(handler, "bootloader", "driveorder", [])
    named = command(handler, "bootloader", "bootDrive", "") or (order[0] if order else "")
    if named:
        wanted = resolve(named, machine, "bootloader")
        if wanted not in [disk.name for disk in by_disk]:
            raise FailedError(f"bootloader: nothing is installed on {named}")
        return wanted
    for wanted in ("/boot", "/"):
        for disk, wishes in by_disk.items():
            if any(wish.mount == wanted for wish in wishes):
                return disk.name
    return next(iter(by_disk)).name


def partition_script(plan: Plan, disk: str) -> str:
    """Return what to tell sfdisk(8) of a disk."""
    kind, pieces = plan.labels[disk], plan.tables[disk]
    types = PARTITION_TYPES[kind]
    extended = kind == "msdos" and len(pieces) > PRIMARIES
    lines = [f"label: {'dos' if kind == 'msdos' else kind}"]
    for number, piece in enumerate(pieces):
        if extended and number == PRIMARIES - 1:
            lines.append("type=5")
        bootable = ", bootable" if kind == "msdos" and piece.wish.mount == "/boot" else ""
        lines.append(f"size={piece.size}MiB, type={types.get(piece.wish.fstype, types[''])}{bootable}")
    return "\n".join(lines) + "\n"


PARTITION_TYPES = {
    "msdos": {"": "83", "swap": "82", "lvmpv": "8e", "efi": "ef", BIOS_BOOT: "83"},
    "gpt": {
        "": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
        "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
        "lvmpv": "E6D6D379-F507-44C2-A23C-238F2A3DF928",
        "efi": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
        BIOS_BOOT: "21686148-6449-6E6F-744E-656564454649",
    },
}
