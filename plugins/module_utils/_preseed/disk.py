# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which disk a preseed file of the user's own writes to: ``machine_disk``, or none.

What an answer names is compared. What a command does can be read only in part; so ours runs before it, and looks
whether this is the machine and the disk. And it runs last before d-i partitions, and answers with the disk that was
named, whatever other commands answered before it.
"""

from __future__ import annotations

import posixpath
import re
import shlex
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check as _preseed
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed.check import Entry, Mistake, entries
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answers import BY_RULE

#: What runs our script in the installer; a text that does is guarded.
GUARD = "sh /tmp/netinstall/check-disk"
EARLY = "partman/early_command"
FIRST = "preseed/early_command"
DISK = "partman-auto/disk"
BOOT_DISK = "grub-installer/bootdev"
# Answers whose words are disks.
_NAMES = (
    DISK,
    BOOT_DISK,
    "grub-installer/choose_bootdev",
    "grub-pc/install_devices",
    "grub-pc/install_disks",
    "lilo-installer/bootdev",
    "partman-auto/select_disk",
)
# What such answers may be beside a disk; ours follows, and counts.
_NO_NAMES = ("default", "manual")
# Answers that name disks among other things.
_RECIPES = ("partman-auto/expert_recipe", "partman-auto-raid/recipe", "partman-auto/cap-ram-recipe")
LATE = "preseed/late_command"
_COMMANDS = (EARLY, FIRST, LATE)
# How commands of the collection begin, and how those end that its own template makes of answers.
_BEGIN = "mkdir -p /tmp/netinstall"
_ENDS = {FIRST: "sh /tmp/netinstall/early", EARLY: GUARD, LATE: "sh /tmp/netinstall/late"}
# Written by the first command, and run by partman whatever the answer to EARLY has become until then.
_LAST = "/lib/partman/init.d/02netinstall-pxe"
# What looks at the machine, or at machine and disk, before the file's own command.
_FIRST_OF_ALL = {FIRST: f"; {GUARD} machine", EARLY: f"; {GUARD}"}
# Other files, which nobody has read when the machine is armed.
_OTHERS = ("preseed/include", "preseed/include_command", "preseed/run")
# What to do about several disks.
_ONE = (
    "The installer sees machine_disk only, so it cannot make an array over several disks: write "
    "'d-i partman-auto/method string regular' or lvm, and add the other disks to the installed system"
)
_DEVICE = re.compile(
    r"/dev/(?:disk/by-[a-z]+/[A-Za-z0-9._+:@-]+(?![*?\[A-Za-z0-9._+:@-])|(?:[shv]d|xvd)[a-z]+[0-9]*\b|nvme\d+n\d+(?:p\d+)?\b|mmcblk\d+(?:p\d+)?\b)"
)
_PARTITION = re.compile(r"(?<=[a-z])\d+$|(?<=\d)p\d+$|-part\d+$")
_WRITERS = re.compile(
    r"(?:^|[\s/(`{])(?:mkfs(?:\.\w+)?|mke2fs|parted|[sc]?fdisk|[sc]?gdisk|dd|wipefs|blkdiscard|shred|pvcreate|pvremove|"
    r"vgcreate|vgremove|vgextend|lvremove|mdadm|mkswap|cryptsetup|zpool|grub-install|sg_format|nvme|hdparm|tee)(?=\s)"
    r"|(?:^|[\s/(`{])cp\s.*(?=\s\S+\s*$)"
    # Into a device, or what stands for one.
    r"|>(?=\s*[\"']?(?:/dev/(?:disk/|[shv]d|xvd|nvme|mmcblk)|\$))"
)
# Commands of which each stands by itself.
_SEPARATOR = re.compile(r"[;\n|]|&&|\bdo\b|\bthen\b|\belse\b")
_LISTERS = re.compile(
    r"list-devices|lsblk|parted_devices|/proc/partitions|/sys/(?:class/)?block|\b(?:pvs|vgs|lvs|fdisk -l)\b"
    # Patterns of names
    r"|/dev/(?:disk/by-[a-z]+/[\w.:@+-]*|(?:[shv]d|xvd|nvme|mmcblk)\w*)?[*?\[]"
)
# What a variable stands for: a loop over disks, or one that is remembered.
_VARIABLES = re.compile(r"\bfor\s+\w+\s+in\s+([^;\n]*)|(?:^|[\s;(])(?!if=|of=)\w+=([^;\n\s]*)")


def check(text: str, disk: str) -> list[Mistake]:
    """All that is wrong with a preseed text for this disk; what it says of disks once it can be read."""
    return _preseed.check(text) or (mistakes(text, disk) if disk else [])


def mistakes(text: str, disk: str) -> list[Mistake]:
    """What a preseed text says about another disk than this one, with what to write.

    :param disk: ``machine_disk``.
    """
    found = []
    all_entries = [entry for entry in entries(text) if entry.type != "seen"]
    for entry in all_entries:
        # Their early_commands and late_commands are the user's word.
        if _is_ours(entry.question, entry.value.strip()):
            continue
        found += [Mistake(entry.line, f"{entry.owner} {entry.question}", said) for said in _said(entry, disk)]
    return [*found, *_free_space(all_entries)]


def guarded(text: str, disk: str, guard: str) -> str:
    """The text, with the answers that let d-i take ``disk`` and no other one, on the machine that was armed.

    :param guard: commands that write our script, so that :data:`GUARD` runs it.
    """
    answers: dict[str, str] = {}
    for entry in entries(text):
        if entry.type != "seen":
            # A pasted no-break space is a part of it.
            answers[entry.question] = entry.value.strip(" \t")
    added = [f"d-i {name} string {disk}" for name in (DISK, BOOT_DISK) if answers.get(name) != disk]
    first, early = (answers.get(name, "") for name in (FIRST, EARLY))
    if not _is_ours(FIRST, first):
        # Disks may not be there yet.
        added.append(f"d-i {FIRST} string {guard}{_FIRST_OF_ALL[FIRST]}{_in_own_shell(first)}")
    if not _is_ours(EARLY, early):
        again = f"{_in_own_shell(early)}; {GUARD}" if early else ""
        added.append(f"d-i {EARLY} string {guard}{_FIRST_OF_ALL[EARLY]}{again}")
    if not added:
        return text
    return "\n".join(
        [text.rstrip("\n"), "", "# Added by netinstall.pxe: this machine, and this disk alone", *added, ""]
    )


def _is_ours(question: str, command: str) -> bool:
    """Whether a command is the collection's, or begins with what looks at the machine."""
    if question not in _COMMANDS or not command.startswith(_BEGIN):
        return False
    if question == FIRST and _LAST not in command:
        return False
    return command.endswith(_ENDS[question]) or _FIRST_OF_ALL.get(question, _ENDS[question]) in command


def _in_own_shell(command: str) -> str:
    """It may end with exit, or change what ours relies on."""
    return f" && sh -c {shlex.quote(command)}" if command else ""


def _said(entry: Entry, disk: str) -> t.Iterator[str]:
    if entry.question in _NAMES:
        yield from _named(entry.value, disk)
    elif entry.question in _RECIPES:
        for said in _others(_DEVICE.findall(entry.value), disk):
            yield f"{said}. {_ONE}" if "raid" in entry.question else said
    elif entry.question in _COMMANDS:
        yield from _commands(entry.value, disk)
    elif entry.question in _OTHERS and entry.value.strip():
        yield "what the installer fetches there may name another disk, and is not checked; put its lines here"


def _named(value: str, disk: str) -> t.Iterator[str]:
    words = re.split(r"[\s,]+", value.strip())
    several = len(words) > 1 and any(_path(word) == _path(disk) for word in words)
    for word in words:
        # As partman names its folders: /var/lib/partman/devices/=dev=sda
        name = (
            word.rpartition("/")[2].replace("=", "/")
            if word.startswith("/var/lib/partman/devices/")
            else word
        )
        name = name if name.startswith(("/", "(")) else f"/dev/{name}"
        if word and word.lower() not in _NO_NAMES and _path(name) != _path(disk):
            yield f"{_another(word, disk)}. {_ONE}" if several else _another(word, disk)


def _path(name: str) -> str:
    return re.sub("^//", "/", posixpath.normpath(name))


def _another(name: str, disk: str) -> str:
    if disk == BY_RULE:
        return f"{name} is a disk, but disk_rule finds this machine's; leave the line out"
    return f"{name} is not machine_disk; write {disk}, or leave the line out"


def _others(devices: t.Iterable[str], disk: str) -> t.Iterator[str]:
    """Those of devices that are neither the disk nor a part of it."""
    for device in dict.fromkeys(devices):
        if device != disk and _PARTITION.sub("", device) != disk:
            yield (
                f"{device} is a disk, but disk_rule finds this machine's; leave it out"
                if disk == BY_RULE
                else f"{device} is not a part of machine_disk; write {disk}"
            )


def _commands(value: str, disk: str) -> t.Iterator[str]:
    devices: list[str] = []
    chooses = False
    for command in _SEPARATOR.split(value):
        writer = _WRITERS.search(command)
        if writer:
            words = command[writer.end() :]
            # What dd reads is not written to.
            devices += _DEVICE.findall(re.sub(r"\bif=\S+", "", words))
            chooses = chooses or bool(re.search(r"[$*?\[]", words)) or "xargs" in command
    if chooses:
        devices += _DEVICE.findall(" ".join("".join(found) for found in _VARIABLES.findall(value)))
    yield from _others(devices, disk)
    if chooses and _LISTERS.search(value):
        yield f"a command here chooses the disk that it writes to; write {disk}"


def _free_space(found: list[Entry]) -> t.Iterator[Mistake]:
    """Without a method, d-i asks how to partition, and one of the answers looks at all disks."""
    if any(entry.question == "partman-auto/method" and entry.value.strip() for entry in found):
        return
    for entry in found:
        free = re.search("biggest_free|largest continuous", entry.value)
        if entry.question == "partman-auto/init_automatically_partition" and free:
            said = "the largest free space may be on any disk; write 'd-i partman-auto/method string regular' instead"
            yield Mistake(entry.line, f"{entry.owner} {entry.question}", said)
