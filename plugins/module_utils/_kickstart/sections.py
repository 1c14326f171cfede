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
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.secrets import hide_users
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers

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
SOURCES = ("cdrom", "harddrive", "hmc", "nfs", "url")
#: What installs the image of a system, instead of packages.
IMAGES = ("bootc", "liveimg", "ostreecontainer", "ostreesetup")
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
#: What is wrong with a file that an editor of another system saved.
MARKED = "begins with a byte-order mark, which installers take for a command; save the file without one"
#: How the installer shows itself, and what it does at the end.
DISPLAY = ("cmdline", "graphical", "text")
FINISH = ("halt", "poweroff", "reboot", "shutdown")
# What a kickstart of the collection says itself, when it takes over the rest of another one.
_REPLACED = frozenset(("install", "network", *SOURCES, *DISKS, *DISPLAY, *FINISH))
# Repositories of the medium that a machine was installed from by hand.
_LOCAL_REPO = re.compile(r"--(baseurl|mirrorlist|metalink)[= ]['\"]?(file|hd|cdrom):")
_ON_DISK = re.compile(r"""(\s--on(?:disk|drive)(?:=|\s+))(['"]?)([^\s'"]+)\2""")
_BOOT_DRIVE = re.compile(r"""\s--(?:boot-drive|driveorder)(?:=|\s+)("[^"]*"|'[^']*'|\S+)""")
# Where %pre scripts write what the installer includes afterwards.
SCRATCH = ("/tmp/", "/run/", "/var/", "/dev/shm/")  # noqa: S108 - nothing is written there
_INCLUDE = re.compile(r"""\s*%(?:include|ksappend)\s+(['"]?)([^\s'"]+)\1""")
_QUOTED = re.compile(r"""["']([^"']*)["']""")
# What uses partitions, volumes or file systems that are on the disk.
_KEEPING = re.compile(r"\s--(noformat|useexisting|onpart|usepart)\b")


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

_INCLUDED_FILE = re.compile(r"""^([ \t]*)%(?:include|ksappend)([ \t]+['"]?)([^\s'"]+)""", re.MULTILINE)
# Where installers mount their medium: EL 9, EL 7 and 8, before. EL 6 names the drive: cdrom:sr0, which is its tree.
_DRIVE = r"(?:sr|scd|hd)\w+"
_MEDIUM = (
    r"(?:file:/+(?:run/install/(?:sources/[^/\s'\"]+|repo)|mnt/(?:install/)?source)"
    rf"|cdrom:(?!{_DRIVE}/*(?:['\"\s]|$))(?:{_DRIVE}(?=/))?)/*"
)
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


def with_served(text: str, names: t.Container[str], url: str) -> str:
    """A kickstart that includes by their URL the files that are served beside it.

    :param names: what they are called there.
    :param url: that of their folder.
    """

    def served(found: re.Match[str]) -> str:
        path = found[3]
        name = path.rpartition("/")[2]
        local = "://" not in path and not path.startswith(SCRATCH)
        # Both mean the same for commands and whole sections; what is included is looked at in the installer, too.
        return f"{found[1]}%include{found[2]}{url}/{name}" if local and name in names else found[0]

    return _INCLUDED_FILE.sub(served, text)


def of_installation(text: str, installation: t.Mapping[str, t.Any]) -> str:
    """A kickstart in which what lies on the medium, or beside the kickstart, is where the machine finds it."""
    # As the rest is fetched; but not every release takes a repository by NFS.
    trees = installation.get("tree_urls") or {}
    source = installation.get("source")
    tree = trees.get("http" if source in ("nfs", "nfs-iso") else source) or trees.get("http")
    if tree:
        text = with_repositories_of(text, tree)
    files = installation["answers"].get("files") or []
    names = {answers.served_name(file) for file in files}
    return with_served(text, names, installation["files_url"]) if names else text


def adapt(text: str, disk: str, with_end: bool) -> dict[str, t.Any]:
    """What the collection takes over from a kickstart such as ``anaconda-ks.cfg``, for one disk.

    Left out is what it says itself: where packages come from, the network, which disk is used, how the installer
    shows itself and what it does at the end. Partitions of a file that names one disk go to this one.

    :param disk: as kickstarts write it: ``vda``, ``disk/by-id/…``; empty when only the installer finds it.
    :returns: ``commands`` and ``sections``, both text; ``command_lines`` and ``section_lines``, for each line of
        these its number in the file; ``has_storage``, ``has_bootloader``, ``has_packages``; ``includes``, the files
        that are included among the commands.
    :raises PxeError: it is no kickstart, or one of another kind of installation; one sentence a line.
    """
    kickstart = split(_checked(text))
    taken = [(number, line) for number, line in kickstart.commands if not _is_replaced(line)]
    words = {first_word(line) for _number, line in taken}
    if not words - {""} and not kickstart.sections:
        raise PxeError(
            "has neither commands nor sections of a kickstart; name the file that an installer wrote"
        )
    commands = _trimmed(_on_disk(taken, disk))
    return {
        "commands": "\n".join(line for _number, line in commands),
        "command_lines": [number for number, _line in commands],
        "sections": "\n\n".join(section.text(with_end) for section in kickstart.sections),
        "section_lines": _section_lines(kickstart, with_end),
        "has_storage": bool(words.intersection(STORAGE)),
        "has_bootloader": "bootloader" in words,
        "has_packages": any(section.name == "%packages" for section in kickstart.sections),
        "includes": list(dict.fromkeys(name for _n, line in taken for name in included(line))),
    }


def with_included(adapted: dict[str, t.Any], files: t.Mapping[str, str], url: str) -> dict[str, t.Any]:
    """What :func:`adapt` says, and what the files say that are served beside the kickstart and included by it.

    :param files: their texts by name.
    :param url: that of their folder.
    """
    words: set[str] = set()
    left, seen = list(adapted["includes"]), set()
    while left:
        name = left.pop()
        if name in seen or not name.startswith(f"{url}/"):
            continue
        seen.add(name)
        text = files.get(name[len(url) + 1 :], "")
        words.update(first_word(line) for _number, line in split(text).commands)
        left += included(text)
    return {
        **adapted,
        "has_storage": adapted["has_storage"] or bool(words.intersection(STORAGE)),
        "has_bootloader": adapted["has_bootloader"] or "bootloader" in words,
    }


def included(text: str) -> list[str]:
    """The files that lines of commands include."""
    return [match[2] for match in map(_INCLUDE.match, text.split("\n")) if match]


def text_mistake(text: str) -> tuple[int, str] | None:
    """Why a text is no UTF-8 as installers read it: the line, and what to do. Bytes that are none are surrogates."""
    if text.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        return 1, "is UTF-16; save the file as UTF-8 without a byte-order mark"
    if text.startswith("\ufeff"):
        return 1, MARKED
    found = re.search("[\ud800-\udfff]", text)
    if not found:
        return None
    return (
        text.count("\n", 0, found.start()) + 1,
        "is not UTF-8, perhaps it is Latin-1; convert the file: iconv -f latin1 -t utf-8",
    )


def _checked(text: str) -> str:
    """The text of a file that can be taken over, or the reasons why it cannot."""
    unreadable = text_mistake(text)
    if unreadable:
        raise PxeError("line {} {}".format(*unreadable))
    mistakes = [
        f"line {number} ({hide_users(line.strip())}): {reason}"
        for number, line in split(text).commands
        for reason in [_other_kind(line)]
        if reason
    ]
    if mistakes:
        raise PxeError("\n".join(mistakes))
    return text


def _other_kind(line: str) -> str:
    """Why a command cannot be taken over; empty if it can."""
    word = first_word(line)
    instead = "or name a template of your own (NAME.j2), which is served as it is"
    if word in IMAGES:
        return f"{word} installs an image, not packages; take it out to install packages, {instead}"
    if word in INCLUDES and re.search(r"\s", "".join(_QUOTED.findall(line)).strip()):
        return "the name of this file has a blank; give it one without"
    if word in ("rescue", "upgrade"):
        return f"{word} installs nothing; name the kickstart of a new installation"
    if word == "mount" or (word in STORAGE and _KEEPING.search(line)) or _keeps_others(word, line):
        return f"this keeps what is on the disk, but the machine's disk is erased; describe new partitions, {instead}"
    return ""


def _keeps_others(word: str, line: str) -> bool:
    """Whether ``clearpart`` is to spare something. Installers note what a person divided as ``--none --initlabel``."""
    options = {each.partition("=")[0] for each in line.split()} if word == "clearpart" else set()
    return bool(options & {"--linux", "--list"}) or ("--none" in options and "--initlabel" not in options)


def _is_replaced(line: str) -> bool:
    word = first_word(line)
    local = word == "repo" and bool(_LOCAL_REPO.search(line))
    return word in _REPLACED or local or line.startswith("#version=")


def bare_disk(name: str) -> str:
    """``sda`` of ``/dev/sda``: kickstarts may say either."""
    return name[5:] if name.startswith("/dev/") else name


def _on_disk(commands: list[tuple[int, str]], disk: str) -> list[tuple[int, str]]:
    """One disk's partitions go to another one; if there are several, nobody knows which would be which."""
    named = {
        bare_disk(match[3])
        for _number, line in commands
        if first_word(line) in STORAGE
        for match in _ON_DISK.finditer(line)
    }
    if len(named) > 1:
        return commands
    return [(number, _on_one_disk(line, disk)) for number, line in commands]


def _on_one_disk(line: str, disk: str) -> str:
    word = first_word(line)
    if word in STORAGE:
        return _ON_DISK.sub(lambda match: match[1] + disk if disk else "", line)
    return _BOOT_DRIVE.sub("", line) if word == "bootloader" else line


def _trimmed(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Without blank lines at both ends, and one where there were several."""
    kept: list[tuple[int, str]] = []
    for number, line in lines:
        if line or (kept and kept[-1][1]):
            kept.append((number, line))
    return kept[:-1] if kept and not kept[-1][1] else kept


def _section_lines(kickstart: Kickstart, with_end: bool) -> list[int]:
    """For each line of the sections its number; a blank one between them counts to the one before."""
    found: list[int] = []
    for section in kickstart.sections:
        found += [found[-1]] if found else []
        found += range(section.line, section.line + 1 + len(section.body))
        found += [section.line + 1 + len(section.body)] if with_end else []
    return found
