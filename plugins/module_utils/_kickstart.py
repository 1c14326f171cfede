# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The outer form of kickstarts: commands, then sections. What a command means is left to pykickstart.

As pykickstart reads them (KickstartParser in parser.py): a section begins with a line whose first word is its name,
and ends with ``%end``. Before Fedora 8, hence on EL 5, it ends where the next one begins, and ``%end`` is an error.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

SECTIONS = (
    "%addon",
    "%anaconda",
    "%certificate",
    "%onerror",
    "%packages",
    "%post",
    "%pre",
    "%pre-install",
    "%traceback",
)
END = "%end"
#: Understood within sections, too, even in the text of a script.
INCLUDES = ("%include", "%ksappend")

#: Where packages come from.
SOURCES = ("cdrom", "harddrive", "liveimg", "nfs", "ostreecontainer", "ostreesetup", "url")
#: Which disks are touched.
DISKS = ("clearpart", "ignoredisk", "zerombr")
#: What is put on them.
STORAGE = (
    "autopart",
    "btrfs",
    "logvol",
    "mount",
    "part",
    "partition",
    "raid",
    "reqpart",
    "volgroup",
)
#: How the installer shows itself, and what it does at the end.
DISPLAY = ("cmdline", "graphical", "text")
FINISH = ("halt", "poweroff", "reboot", "shutdown")
# What a kickstart of the collection says itself, when it takes over the rest of another one.
_REPLACED = frozenset(("install", "network", "upgrade", *SOURCES, *DISKS, *DISPLAY, *FINISH))
# Repositories of the medium that a machine was installed from by hand.
_LOCAL_REPO = re.compile(r"--(baseurl|mirrorlist|metalink)[= ]['\"]?(file|hd|cdrom):")
_ON_DISK = re.compile(r"""(\s--on(?:disk|drive)(?:=|\s+))(['"]?)([^\s'"]+)\2""")
_BOOT_DRIVE = re.compile(r"""\s--(?:boot-drive|driveorder)(?:=|\s+)("[^"]*"|'[^']*'|\S+)""")


@dataclass
class Section:
    """``header`` is its first line, ``line`` the number of that, from 1."""

    line: int
    header: str
    body: list[str] = field(default_factory=list)
    ended: bool = False

    @property
    def name(self) -> str:
        return self.header.split()[0]

    def text(self, with_end: bool) -> str:
        """The section as releases with or without ``%end`` read it."""
        return "\n".join([self.header, *self.body, *([END] if with_end else [])])


@dataclass
class Kickstart:
    """``commands`` are the lines outside of sections, with comments and blank lines, each with its number."""

    commands: list[tuple[int, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


def first_word(line: str) -> str:
    """The command or the section that a line is about; empty for blank lines and comments."""
    words = line.split(maxsplit=1)
    return words[0] if words and not words[0].startswith("#") else ""


def split(text: str) -> Kickstart:
    """Take a kickstart apart. Anything is accepted; ``Section.ended`` tells whether its end was there."""
    kickstart = Kickstart()
    section: Section | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        line = line[:-1] if line.endswith("\r") else line
        word = first_word(line)
        if word in SECTIONS:
            section = Section(number, line.strip())
            kickstart.sections.append(section)
        elif section is None:
            kickstart.commands.append((number, line))
        elif word == END:
            section.ended = True
            section = None
        else:
            section.body.append(line)
    return kickstart


def body_mistakes(text: str) -> t.Iterator[str]:
    """Lines of a script or an add-on at which it would end too early."""
    for number, line in enumerate(text.split("\n"), start=1):
        word = first_word(line)
        if word in (*SECTIONS, *INCLUDES, END):
            yield f"line {number} begins with {word}, which ends the section there; leave it out"
        elif re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line):
            yield f"line {number} has a control character; remove it"


def command_mistakes(text: str, refused: t.Mapping[str, str]) -> t.Iterator[str]:
    """Lines that are no commands, or refused ones.

    :param refused: what to write instead, by command.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        word = first_word(line)
        if word in SECTIONS or word == END:
            yield f"line {number}: {word} is about a section; write sections in extra_sections"
        elif word in refused:
            yield f"line {number}: {word} is written by the collection; use {refused[word]}"


def section_mistakes(text: str, with_end: bool) -> t.Iterator[str]:
    """What is not a list of whole sections."""
    kickstart = split(text)
    for number, line in kickstart.commands:
        if first_word(line):
            yield f"line {number} is outside of a section; write commands in extra"
    for section in kickstart.sections:
        if section.ended != with_end:
            what = (
                "without %end; add it" if with_end else "by %end, which this release does not know; remove it"
            )
            yield f"line {section.line}: {section.name} ends {what}"


# Kickstarts that somebody brings along

# Where installers mount their medium: EL 9, EL 7 and 8, before.
_MEDIUM = r"(?:file:/+(?:run/install/(?:sources/[^/\s'\"]+|repo)|mnt/(?:install/)?source)|cdrom:)/*"
_REPO_OF_MEDIUM = re.compile(rf"(\s--baseurl(?:=|\s+)['\"]?){_MEDIUM}(?=[^/\s'\"])")


def with_repositories_of(text: str, tree: str) -> str:
    """A kickstart in which repositories of the medium are those of the tree, whose URL this is."""
    lines = text.split("\n")
    return "\n".join(
        _REPO_OF_MEDIUM.sub(lambda found: f"{found[1]}{tree.rstrip('/')}/", line)
        if first_word(line) == "repo"
        else line
        for line in lines
    )


def adapt(text: str, disk: str, with_end: bool) -> dict[str, t.Any]:
    """What the collection takes over from a kickstart such as ``anaconda-ks.cfg``, for one disk.

    Left out is what it says itself: where packages come from, the network, which disk is used, how the installer
    shows itself and what it does at the end. Partitions of a file that names one disk go to this one.

    :param disk: as kickstarts write it: ``vda``, ``disk/by-id/…``; empty when only the installer finds it.
    :returns: ``commands`` and ``sections``, both text; ``has_storage``, ``has_bootloader``, ``has_packages``.
    :raises PxeError: it is no kickstart.
    """
    kickstart = split(text)
    commands = [line for _number, line in kickstart.commands if not _is_replaced(line)]
    words = {first_word(line) for line in commands}
    if not words - {""} and not kickstart.sections:
        raise PxeError(
            "has neither commands nor sections of a kickstart; name the file that an installer wrote"
        )
    return {
        "commands": _trimmed(_on_disk(commands, disk)),
        "sections": "\n\n".join(section.text(with_end) for section in kickstart.sections),
        "has_storage": bool(words.intersection(STORAGE)),
        "has_bootloader": "bootloader" in words,
        "has_packages": any(section.name == "%packages" for section in kickstart.sections),
    }


def _is_replaced(line: str) -> bool:
    word = first_word(line)
    local = word == "repo" and bool(_LOCAL_REPO.search(line))
    return word in _REPLACED or local or line.startswith("#version=")


def _on_disk(commands: list[str], disk: str) -> list[str]:
    """One disk's partitions go to another one; if there are several, nobody knows which would be which."""
    named = {
        match[3] for line in commands if first_word(line) in STORAGE for match in _ON_DISK.finditer(line)
    }
    if len(named) > 1:
        return commands
    return [_on_one_disk(line, disk) for line in commands]


def _on_one_disk(line: str, disk: str) -> str:
    word = first_word(line)
    if word in STORAGE:
        return _ON_DISK.sub(lambda match: match[1] + disk if disk else "", line)
    return _BOOT_DRIVE.sub("", line) if word == "bootloader" else line


def _trimmed(lines: list[str]) -> str:
    """Without blank lines at both ends, and one where there were several."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
