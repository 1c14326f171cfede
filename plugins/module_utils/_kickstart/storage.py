# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks the storage commands of a kickstart against each other and against the machine's disks.

What is wrong here is what anaconda refuses or silently does otherwise (``custom_partitioning.py``, before EL 8
``kickstart.py``): members of arrays and volume groups that nothing defines, names that are used twice. What depends
on the machine, on the contents of its disks or on a file that ``%pre`` writes is left alone.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    STORAGE,
    WARNING,
    Entry,
    Problem,
    Reading,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.sections import bare_disk
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import nearest

_KIND = "storage"
# Names that exist only in the kickstart: part pv.01, then volgroup … pv.01.
_MEMBER = re.compile(r"(raid|pv|btrfs|stratis)\.")
_PARTITION = re.compile(r"((?:[shv]|xv)d[a-z]+)\d+|((?:nvme\d+n|mmcblk|md|loop)\d+)p\d+")
#: The fewest members of an array, as blivet demands them.
_FEWEST_MEMBERS = {"RAID0": 2, "RAID1": 2, "RAID4": 3, "RAID5": 3, "RAID6": 4, "RAID10": 2}
_PARTS = ("part", "partition")
# What clearpart deletes: pykickstart's constants.
_CLEAR_LINUX, _CLEAR_ALL, _CLEAR_LIST = 0, 1, 3
_MOUNTING = (*_PARTS, "raid", "logvol", "btrfs", "mount", "stratisfs")
# What may be there already.
_MADE = (*_PARTS, "raid", "volgroup", "logvol", "btrfs")
#: How a disk is called that only the machine finds, by a rule.
BY_RULE = "disk/by-rule"
# Options that say which disks may be touched at all.
_LIMITING = ("--drives", "--only-use")
_FURTHER = ", or add the disk to answers.partitioning: {method: raid, disks: [...]}, which erases it, too"
# With these, other rules hold, or a person decides.
_UNUSUAL = ("upgrade", "rescue", "interactive")


def problems(reading: Reading, disks: t.Sequence[str], limited: bool = False) -> list[Problem]:
    """All that is wrong with the storage commands.

    :arg disks: the machine's disks, such as ``/dev/vda``; empty if they are not known
    :arg limited: whether it may have others, which must stay as they are
    """
    entries = [
        entry for entry in reading.entries if entry.command in STORAGE or entry.command == "bootloader"
    ]
    # What is not known here may be defined there.
    whole = reading.complete and not reading.failed & STORAGE
    found = [*_used_twice(entries), *_few_members(entries)]
    if whole:
        found += [*_undefined_members(entries), *_undefined_groups(entries), *_undefined_pools(entries)]
        found += _no_root(reading, entries)
    names = [bare_disk(disk) for disk in disks if re.match(r"/dev/[^/ ]|[A-Za-z0-9/._-]+$", disk)]
    others = list(_other_disks(entries, names, limited)) if names else []
    found += _deleted(entries)
    found += _chosen_later(reading, names) if names else []
    # One message is enough for a disk that is wrong for two reasons.
    reported = {problem.where for problem in others}
    found += [*others, *(problem for problem in _ignored_disks(entries) if problem.where not in reported)]
    return found + (_unlimited(reading, entries, names, limited) if names and whole else [])


def _error(entry: Entry, text: str) -> Problem:
    return Problem(entry.where, ERROR, _KIND, f"{entry.command} {text}")


def _of(entries: t.Iterable[Entry], *commands: str) -> list[Entry]:
    return [entry for entry in entries if entry.command in commands]


def _target(entry: Entry) -> str:
    """Where an entry's device is mounted, or the name that it gets for use by others."""
    found = getattr(entry.data, "mount_point", None) or getattr(entry.data, "mountpoint", None)
    return str(found or "")


def _members(entry: Entry) -> list[str]:
    """The devices that an entry is made of."""
    for name in ("members", "physvols", "devices"):
        found = getattr(entry.data, name, None)
        if found and entry.command not in ("clearpart", *_PARTS):
            return list(found)
    return []


# References


def _used_twice(entries: list[Entry]) -> t.Iterator[Problem]:
    """Mount points, names, partitions and members that two commands claim."""
    claims: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for kind, name in _claims(entry):
            first = claims.setdefault((kind, name), entry)
            if first is not entry:
                yield _error(entry, f"{name}: {kind} in {first.where.seen_from(entry.where)} already")


def _claims(entry: Entry) -> t.Iterator[tuple[str, str]]:
    target = _target(entry) if entry.command in _MOUNTING else ""
    if target.startswith("/"):
        yield "something is mounted there", target
    elif _MEMBER.match(target):
        yield "this name is given", target
    if entry.command in _PARTS and entry.data.onPart:
        yield "this partition is used", bare_disk(entry.data.onPart)
    for member in dict.fromkeys(_members(entry)):
        # Any other word may be the rest of a passphrase.
        if _MEMBER.match(member) or _disk_of(member):
            yield "this device is a member of something", bare_disk(member)


def _undefined_members(entries: list[Entry]) -> t.Iterator[Problem]:
    defined = {_target(entry) for entry in entries}
    for entry in entries:
        for member in _members(entry):
            if _MEMBER.match(member) and member not in defined:
                near = nearest(member, [name for name in defined if _MEMBER.match(name)], 0.75)
                hint = f"did you mean {near}?" if near else f"write part {member} …, too"
                yield _error(entry, f"refers to {member}, which nothing defines; {hint}")


def _undefined_groups(entries: list[Entry]) -> t.Iterator[Problem]:
    defined = [entry.data.vgname for entry in _of(entries, "volgroup")]
    kept = _keeps_old_volumes(entries)
    for entry in _of(entries, "logvol"):
        name = entry.data.vgname
        if name in defined or _is_there_already(entry):
            continue
        near = nearest(name, defined, 0.75)
        hint = f"did you mean {near}?" if near else f"write volgroup {name} …, too"
        # A volume group that is on the disk may be used without being mentioned.
        severity = WARNING if kept and not near else ERROR
        yield Problem(entry.where, severity, _KIND, f"logvol --vgname={name}: nothing defines it; {hint}")


def _undefined_pools(entries: list[Entry]) -> t.Iterator[Problem]:
    volumes = _of(entries, "logvol")
    made = {entry.data.vgname for entry in _of(entries, "volgroup") if not _is_there_already(entry)}
    pools = {
        (entry.data.vgname, entry.data.name) for entry in volumes if getattr(entry.data, "thin_pool", False)
    }
    for entry in volumes:
        data = entry.data
        if not getattr(data, "thin_volume", False) or data.vgname not in made or _is_there_already(entry):
            continue
        if (data.vgname, data.pool_name) not in pools:
            text = f"--poolname={data.pool_name}: no logvol --thinpool of {data.vgname} has this name"
            yield _error(entry, text)


def _is_there_already(entry: Entry) -> bool:
    """``--useexisting`` or ``--noformat``"""
    return bool(getattr(entry.data, "preexist", False)) or not getattr(entry.data, "format", True)


def _keeps_old_volumes(entries: list[Entry]) -> bool:
    """Whether volume groups that are on the disks may survive ``clearpart``."""
    deleting = (_CLEAR_LINUX, _CLEAR_ALL, _CLEAR_LIST)
    return not any(entry.data.type in deleting for entry in _of(entries, "clearpart"))


def _few_members(entries: list[Entry]) -> t.Iterator[Problem]:
    for entry in _of(entries, "raid"):
        level = str(entry.data.level).upper()
        active = len(entry.data.members) - int(entry.data.spares or 0)
        needed = _FEWEST_MEMBERS.get(level, 0)
        if not _is_there_already(entry) and active < needed:
            yield _error(entry, f"--level={level} needs {needed} members besides spares, but has {active}")


def _no_root(reading: Reading, entries: list[Entry]) -> list[Problem]:
    mounting = _of(entries, *_MOUNTING)
    commands = {entry.command for entry in reading.entries}
    if not mounting or commands & {"autopart", *_UNUSUAL}:
        return []
    if any(_target(entry) == "/" for entry in mounting):
        return []
    return [Problem(mounting[0].where, ERROR, _KIND, "nothing is mounted at /; write part / … or logvol / …")]


def _deleted(entries: list[Entry]) -> t.Iterator[Problem]:
    """Commands that use what is on a disk which is cleared."""
    clearing = _of(entries, "clearpart")[-1:]
    if not clearing or clearing[0].data.type != _CLEAR_ALL:
        return
    cleared = [bare_disk(disk) for disk in clearing[0].data.drives or []]
    only = [bare_disk(disk) for disk in _only_used(entries)]
    # Without names each disk is cleared, and what is not looked at cannot be used.
    everything = not cleared or bool(only and set(only) <= set(cleared))
    for entry in entries:
        what, disk = _reused(entry)
        if what and (everything or disk in cleared):
            place = clearing[0].where.seen_from(entry.where)
            text = f"{what} needs what is on the disk, but clearpart in {place} deletes it; describe new partitions"
            yield _error(entry, text)


def _reused(entry: Entry) -> tuple[str, str | None]:
    """What an entry takes from a disk as it is, and the disk, if its name tells."""
    data = entry.data
    if entry.command in _PARTS and data.onPart:
        return f"--onpart={data.onPart}", _disk_of(data.onPart)
    if entry.command == "mount" and data.device:
        return str(data.device), _disk_of(data.device)
    if entry.command in _MADE and _is_there_already(entry):
        return "--useexisting" if getattr(data, "preexist", False) else "--noformat", None
    return "", None


def _only_used(entries: list[Entry]) -> list[str]:
    """The disks that the last ``ignoredisk`` leaves to the installer; empty if it leaves whatever there is."""
    rules = _of(entries, "ignoredisk")[-1:]
    return list(getattr(rules[0].data, "onlyuse", None) or []) if rules else []


# Disks


def _sort_of(name: str) -> str:
    """How a disk is named. Names of different sorts cannot be compared without the machine."""
    return "/".join(name.split("/")[:-1]) if "=" not in name else name.partition("=")[0]


def _fits(disk: str, spec: str) -> bool:
    """Whether a disk is meant by ``sda``, ``/dev/disk/by-id/…``, ``sd*`` or ``sda|vda``."""
    return any(fnmatch.fnmatchcase(disk, bare_disk(each)) for each in spec.split("|"))


def _disk_of(partition: str) -> str | None:
    """``sda`` of ``/dev/sda1``; ``None`` where the name does not tell."""
    found = _PARTITION.fullmatch(bare_disk(partition))
    return (found[1] or found[2]) if found else None


def _named_disks(entry: Entry) -> t.Iterator[tuple[str, str]]:
    """The disks that an entry writes to: option, and disk."""
    data = entry.data
    if entry.command in _PARTS:
        yield "--ondisk", data.disk or ""
        yield "--onpart", _disk_of(data.onPart or "") or ""
    elif entry.command == "clearpart":
        yield from (("--drives", disk) for disk in data.drives or [])
        yield from (("--list", _disk_of(name) or "") for name in getattr(data, "devices", None) or [])
    elif entry.command == "ignoredisk":
        yield from (("--only-use", disk) for disk in getattr(data, "onlyuse", None) or [])
    elif entry.command == "bootloader":
        yield "--boot-drive", getattr(data, "bootDrive", "") or ""
        yield from (("--driveorder", disk) for disk in getattr(data, "driveorder", None) or [])
    elif entry.command == "mount":
        yield "", _disk_of(data.device or "") or ""


def _other_disks(entries: list[Entry], disks: list[str], limited: bool) -> t.Iterator[Problem]:
    """Disks that are named and are not the machine's."""
    ours = " and ".join(disks)
    # Written to one disk, the parts of an array over two would protect nothing.
    further = limited and any(_is_part_of(entry, disks) for entry in entries)
    for entry in entries:
        for option, spec in dict.fromkeys(_named_disks(entry)):
            what = f"{option}={spec}" if option else spec
            if any(_fits(disk, spec) for disk in disks):
                if option in _LIMITING and re.search(r"[*?\[|]", spec):
                    yield _error(entry, f"{what} may be other disks, too; write {ours}")
            elif spec:
                yield _other_disk(entry, spec, what, disks, further and option == "--ondisk")
        for spec in getattr(entry.data, "ignoredisk", None) or [] if entry.command == "ignoredisk" else []:
            if any(_fits(disk, spec) for disk in disks):
                yield _error(entry, f"--drives={spec} ignores the disk that this machine is to use")


def _is_part_of(entry: Entry, disks: list[str]) -> bool:
    """Whether an entry makes a partition on one of these disks, by name."""
    spec = (entry.data.disk or "") if entry.command in _PARTS else ""
    return any(_fits(disk, spec) for disk in disks)


def _other_disk(entry: Entry, spec: str, what: str, disks: list[str], further: bool) -> Problem:
    """:arg further: whether the kickstart may be meant for more disks than the machine is to use"""
    ours = " and ".join(disks)
    if BY_RULE in disks:
        return _error(entry, f"{what} names a disk, but disk_rule finds this machine's; leave the name out")
    if any(_sort_of(bare_disk(spec)) == _sort_of(disk) for disk in disks):
        text = f"{what} is not the disk that this machine is to use; write {ours}"
        return _error(entry, text + (_FURTHER if further else ""))
    text = f"{entry.command} {what}: whether this is {ours} cannot be told; write the same name"
    return Problem(entry.where, WARNING, _KIND, text)


def _ignored_disks(entries: list[Entry]) -> t.Iterator[Problem]:
    """Disks that one command uses and another one hides."""
    rules = _of(entries, "ignoredisk")[-1:]
    for entry in _of(entries, *_PARTS, "clearpart", "bootloader") if rules else []:
        rule, data = rules[0], rules[0].data
        for option, disk in dict.fromkeys(_named_disks(entry)):
            only, ignored = getattr(data, "onlyuse", None) or [], getattr(data, "ignoredisk", None) or []
            alike = [spec for spec in only if _sort_of(bare_disk(spec)) == _sort_of(bare_disk(disk))]
            hidden = any(_fits(bare_disk(disk), spec) for spec in ignored)
            missing = len(alike) == len(only) > 0 and not any(_fits(bare_disk(disk), spec) for spec in only)
            if disk and (hidden or missing):
                yield _error(
                    entry,
                    f"{option}={disk}: ignoredisk in {rule.where.seen_from(entry.where)} hides this disk",
                )


def _chosen_later(reading: Reading, disks: list[str]) -> list[Problem]:
    """What is not read and comes after the last word about disks: it may say another one."""
    last = [
        index
        for index, entry in enumerate(reading.entries)
        if entry.command == "ignoredisk" and getattr(entry.data, "onlyuse", None)
    ][-1:]
    for before, where in reading.unread:
        if not last or before > last[0]:
            text = (
                f"what is included here is not known and may choose another disk; {_limit(disks)} behind it"
            )
            return [Problem(where, ERROR, _KIND, text)]
    return []


def _limit(disks: list[str]) -> str:
    if BY_RULE in disks:
        return "name the disk in machine_disk, and write ignoredisk --only-use=… of it"
    return f"write ignoredisk --only-use={','.join(disks)}"


def _unlimited(reading: Reading, entries: list[Entry], disks: list[str], limited: bool) -> list[Problem]:
    """What would touch more than the machine's disks, or leave it to a person to name them."""
    found = [] if _only_used(entries) else _clearing(reading, entries, disks)
    if limited and not found and not _only_used(entries):
        found = _choosing(entries, disks)
    said = {entry.command for entry in reading.entries}
    if not said & {"autopart", "reqpart", "ostreesetup", *_MOUNTING, *_UNUSUAL}:
        where = Problem(
            reading.start, WARNING, _KIND, "nothing says how the disk is divided; the installer will ask"
        )
        found.append(where)
    return found


def _clearing(reading: Reading, entries: list[Entry], disks: list[str]) -> list[Problem]:
    found = []
    for entry in _of(entries, "clearpart")[-1:] + _of(reading.entries, "zerombr")[-1:]:
        everywhere = entry.command == "zerombr" or not entry.data.drives
        if everywhere and getattr(entry.data, "type", _CLEAR_ALL) in (_CLEAR_LINUX, _CLEAR_ALL):
            found.append(_error(entry, f"clears every disk of the machine; {_limit(disks)}"))
    return found


def _choosing(entries: list[Entry], disks: list[str]) -> list[Problem]:
    """The first command that takes room, or a boot record, wherever the installer finds one."""
    return [
        _error(entry, f"may use another disk of the machine; {_limit(disks)}")
        for entry in [entry for entry in entries if _chooses(entry)][:1]
    ]


def _chooses(entry: Entry) -> bool:
    """Whether the installer chooses the disk that something is written to."""
    if entry.command == "bootloader":
        nowhere = str(getattr(entry.data, "location", "")) == "none"
        return not nowhere and not any(disk for _option, disk in _named_disks(entry))
    if entry.command in _PARTS:
        return not entry.data.disk and not entry.data.onPart
    return entry.command in ("autopart", "reqpart")
