# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads what anaconda's install trees say of themselves: ``.treeinfo`` and ``.discinfo``.

The format of .treeinfo is that of productmd (doc/treeinfo-1.2.rst), whose sections [release], [tree] and
[variant-…] are preferred. Older trees, up to EL 6 and Fedora 20, have [general] alone.
"""

from __future__ import annotations

import configparser
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

# Checksums without the name of their algorithm (Fedora 7 to 9) are told by their length.
_ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
# Real ones have some 10 KB, and no line of more than 200 characters.
_LARGEST, _LONGEST_LINE = 1 << 20, 4096
_BLANKS = re.compile(r"(?<=\S)[^\S\n]+")
_SECTION = re.compile(r"\[([^]\n]+)\]")
# What products call themselves (.treeinfo, .discinfo, media.repo, volume identifier), and the name they get here. The
# first one that matches counts.
_PRODUCTS = (
    (r"centos[ _-]stream", "CentOS Stream"),
    (r"centos", "CentOS"),
    (r"red ?hat enterprise linux|rhel", "Red Hat Enterprise Linux"),
    (r"rocky", "Rocky Linux"),
    (r"alma", "AlmaLinux"),
    (r"oracle|ol(?=[-_ ]?\d)", "Oracle Linux"),
    (r"scientific|sl(?=[-_ ]?\d)", "Scientific Linux"),
    (r"fedora", "Fedora"),
)


@dataclass
class TreeInfo:
    """What .treeinfo says. Paths are relative to the tree; ``None`` and empty are what it does not say.

    ``repositories`` are (id, path), the tree's own path being ``""``; ``addons`` the paths of those of add-ons;
    ``disc`` and ``discs`` the number in its set and how many there are; ``checksums`` (algorithm, hexadecimal digits)
    by path.
    """

    family: str | None = None
    version: str | None = None
    arch: str | None = None
    variant: str | None = None
    timestamp: str | None = None
    kernel: str | None = None
    initrd: str | None = None
    stage2: str | None = None
    repositories: list[tuple[str, str]] = field(default_factory=list)
    addons: list[str] = field(default_factory=list)
    packagedir: str | None = None
    checksums: dict[str, tuple[str, str]] = field(default_factory=dict)
    disc: int | None = None
    discs: int | None = None


class DiscInfo(t.NamedTuple):
    """What .discinfo says; ``discs`` is empty for ``ALL``."""

    timestamp: str
    release: str
    arch: str
    discs: list[int]


def known_product(text: str) -> str | None:
    """``CentOS`` for ``centos-6`` and ``CentOS Linux``; ``None`` for a product that is not known."""
    return next(
        (product for pattern, product in _PRODUCTS if re.match(pattern, text.strip(), re.IGNORECASE)), None
    )


def parse(text: str) -> TreeInfo:
    """Parse the content of .treeinfo.

    :raises PxeError: it is no such file: naming the line, or the section that is missing.
    """
    sections = _sections(text)
    general, release, tree = (sections.get(name, {}) for name in ("general", "release", "tree"))
    if not general and not (release and tree):
        raise PxeError(".treeinfo has neither a section [general] nor [release] and [tree]")
    arch = _first(tree.get("arch"), general.get("arch"))
    images = _images(sections, arch)
    media = {**general, **sections.get("media", {})}
    return TreeInfo(
        family=_first(release.get("name"), general.get("family")),
        version=_first(release.get("version"), general.get("version")),
        arch=arch,
        variant=_first(general.get("variant"), *_words(tree.get("variants", ""))),
        timestamp=_first(tree.get("build_timestamp"), general.get("timestamp")),
        kernel=_path(images.get("kernel")),
        initrd=_path(images.get("initrd")),
        stage2=_path(sections.get("stage2", {}).get("mainimage")),
        repositories=_repositories(sections),
        addons=_addons(sections),
        packagedir=_path(general.get("packagedir")),
        checksums=_checksums(sections.get("checksums", {})),
        disc=_number(media.get("discnum")),
        discs=_number(media.get("totaldiscs")),
    )


def _sections(text: str) -> dict[str, dict[str, str]]:
    if len(text) > _LARGEST or any(len(line) > _LONGEST_LINE for line in text.split("\n")):
        raise PxeError(
            f".treeinfo is larger than {_LARGEST >> 20} MiB, or has a line of more than {_LONGEST_LINE} characters: "
            "it is damaged"
        )
    # configparser takes a time that grows with the square of the number of blanks in a row.
    text = _BLANKS.sub(" ", text)
    parser = configparser.RawConfigParser(
        delimiters=("=",), comment_prefixes=("#", ";"), strict=False, default_section="", allow_no_value=True
    )
    # Keys are paths too, and their case counts.
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text, source=".treeinfo")
    except configparser.Error as exc:
        raise PxeError(f".treeinfo cannot be read: {' '.join(str(exc).split())}") from exc
    return {
        name: {key: (value or "").strip() for key, value in parser.items(name)} for name in parser.sections()
    }


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,4}", text) else None


def _path(text: str | None) -> str | None:
    """A path inside the tree; ``None`` for one that leads out of it. ``.`` is the tree itself: ``""``."""
    if not text:
        return None
    # The first trees had the paths of the host where they were made (productmd, TreeInfo._fix_path).
    if text.startswith("/") and "/os/" in text:
        text = text.partition("/os/")[2]
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return None if ".." in parts else "/".join(parts)


def _images(sections: dict[str, dict[str, str]], arch: str | None) -> dict[str, str]:
    """The images of the tree's architecture; else of the first platform that has a kernel and is not Xen."""
    if f"images-{arch}" in sections:
        return sections[f"images-{arch}"]
    others = (name for name in sections if name.startswith("images-") and not name.startswith("images-xen"))
    return next((sections[name] for name in others if "kernel" in sections[name]), {})


def _repositories(sections: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Repositories of variants and add-ons in the order of the file, each path once; else that of [general]."""
    found: dict[str, str] = {}
    for name, section in sections.items():
        kind, _dash, identifier = name.partition("-")
        path = _repository_path(section.get("repository")) if kind in ("variant", "addon") else None
        if path is not None:
            found.setdefault(path, section.get("id") or identifier)
    general = sections.get("general", {})
    path = _repository_path(general.get("repository"))
    if not found and path is not None:
        found[path] = general.get("variant") or "base"
    return [(identifier, path) for path, identifier in found.items()]


def _addons(sections: dict[str, dict[str, str]]) -> list[str]:
    """The repositories of add-ons, which the installers of EL 6 and 7 know, and leave disabled."""
    named = (section.get("repository") for name, section in sections.items() if name.startswith("addon-"))
    return [path for path in map(_repository_path, named) if path is not None]


def _repository_path(text: str | None) -> str | None:
    # RHEL 6 names the folder repodata itself.
    path = _path(text)
    return re.sub(r"(^|/)repodata$", "", path) if path else path


def _checksums(section: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Those that can be understood."""
    found = {}
    for key, value in section.items():
        algorithm, colon, digits = value.partition(":")
        if not colon:
            algorithm, digits = _ALGORITHMS.get(len(value), ""), value
        path = _path(key)
        if path and algorithm and re.fullmatch(r"[0-9A-Fa-f]+", digits.strip()):
            found[path] = (algorithm.strip().lower(), digits.strip().lower())
    return found


# .discinfo


def parse_discinfo(text: str) -> DiscInfo:
    """Parse the content of .discinfo: four lines, of which the last is ``ALL``, ``1`` or ``1,2``, or is not there.

    Any other last line, such as ``BaseOS`` on images made in-house, says nothing: no installer needs it.

    :raises PxeError: it is no such file.
    """
    lines = [line.strip() for line in text[:_LARGEST].splitlines()]
    if len(lines) < 3 or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", lines[0]):
        raise PxeError(".discinfo must have a time, a release and an architecture, a line each")
    numbers = _words(lines[3]) if len(lines) > 3 else []
    known = all(re.fullmatch(r"[0-9]{1,4}", number) for number in numbers)
    discs = [int(number) for number in numbers] if known else []
    return DiscInfo(lines[0], lines[1].strip("\"'"), lines[2], discs)


# Changing checksums, every other byte as it was


def with_checksum(text: str, path: str, algorithm: str, digits: str) -> str:
    """Put the checksum of a file into the section [checksums] of .treeinfo, which is made if it is missing."""
    lines = _lines(text)
    value = f"{algorithm}:{digits}"
    found = [number for number in _checksum_lines(lines) if _is_of(lines[number], path)]
    for number in found:
        lines[number] = re.sub(r"=([ \t]*)[^\r\n]*", rf"=\g<1>{value}", lines[number], count=1)
    if not found:
        _add(lines, f"{path} = {value}\n")
    return "".join(lines)


def without_checksum(text: str, path: str) -> str:
    """Take the checksum of a file out of the section [checksums] of .treeinfo."""
    lines = _lines(text)
    gone = {number for number in _checksum_lines(lines) if _is_of(lines[number], path)}
    return "".join(line for number, line in enumerate(lines) if number not in gone)


def _lines(text: str) -> list[str]:
    """With their ends; unlike splitlines(), only what a parser of INI files takes for one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _checksum_lines(lines: list[str]) -> list[int]:
    """Numbers of the lines of [checksums], its header among them."""
    section, numbers = "", []
    for number, line in enumerate(lines):
        header = _SECTION.match(line)
        section = header[1] if header else section
        if section == "checksums":
            numbers.append(number)
    return numbers


def _is_of(line: str, path: str) -> bool:
    key, equals, _value = line.partition("=")
    # What is indented goes on with the line before.
    return bool(equals) and not line.startswith((" ", "\t", "#", ";")) and _path(key.strip()) == path


def _add(lines: list[str], line: str) -> None:
    """Add a line after the last one of the section that is not empty; or a section at the end."""
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    section = [number for number in _checksum_lines(lines) if lines[number].strip()]
    if section:
        lines.insert(section[-1] + 1, line)
    else:
        lines += [*(["\n"] if lines else []), "[checksums]\n", line]
