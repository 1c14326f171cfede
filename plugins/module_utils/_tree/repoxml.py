# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads the XML files of RPM repositories, as createrepo_c writes them and yum and dnf read them.

* ``repodata/repomd.xml``: which metadata files there are, each with its checksum
* ``primary``: the packages
* ``group`` (comps): package groups and environments
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.elements import (
    attribute,
    bare,
    child_of,
    elements,
    text_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import Data

REPOMD = "repodata/repomd.xml"
_MEDIA = re.compile(r"media:", re.IGNORECASE)
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# ``vim``, but not ``perl(strict)``, ``/bin/sh`` and ``libc.so.6``.
_ASKED_FOR = re.compile(r"(?!.*\.so\b)[A-Za-z0-9][A-Za-z0-9+._-]*")
# Bounds that no release comes near: of a repository's packages and the names that they provide.
_MOST_PACKAGES = 300_000
_MOST_NAMES = 3_000_000
# What has no type in comps is mandatory to yum.
_DEFAULT_TYPE = "mandatory"


class Package(t.NamedTuple):
    """A package of a repository.

    ``href`` is its path relative to the repository (which ``..`` may leave), or a URL where it lies elsewhere; ``size``
    is in bytes; ``checksum`` is (algorithm, hexadecimal digits), where SHA-1 may be called ``sha``; ``provides`` are
    further names that one may ask for it by, such as ``vim`` for vim-enhanced.
    """

    name: str
    arch: str
    href: str
    size: int
    checksum: tuple[str, str]
    provides: tuple[str, ...] = ()


class Group(t.NamedTuple):
    """A package group. ``packages`` are names by type: mandatory, default, optional, conditional."""

    id: str
    name: str
    packages: dict[str, list[str]]


class Environment(t.NamedTuple):
    """A set of groups. ``groups`` and ``options`` are groups' ids."""

    id: str
    name: str
    groups: list[str]
    options: list[str]


class File(t.NamedTuple):
    """A metadata file, as repomd.xml lists it. ``href`` is relative to the repository; ``size`` may be unknown."""

    type: str
    href: str
    size: int | None
    checksum: tuple[str, str]


def parse_repomd(data: Data) -> list[File]:
    """Parse repodata/repomd.xml.

    :raises PxeError: it is not one.
    """
    files = []
    try:
        for element in elements(data, "repomd.xml", frozenset({"data"})):
            kind = attribute(element, "type")
            href = _href(element, f"'{kind}'")
            if _REMOTE.match(href) or ".." in href.split("/"):
                raise PxeError(f"gives '{href}' as the place of '{kind}', which is not in the repository")
            files.append(File(kind, href, _number(text_of(element, "size")), _checksum(element)))
    except PxeError as exc:
        raise PxeError(f"{REPOMD} {exc}") from exc
    return files


def parse_primary(data: Data) -> list[Package]:
    """Parse the list of packages.

    :raises PxeError: it is not one, or a package lacks its name, size or place.
    """
    packages: list[Package] = []
    names = 0
    for element in elements(data, "a list of packages", frozenset({"package"})):
        name = text_of(element, "name")
        size = _number(attribute(child_of(element, "size"), "package"))
        if not name or size is None:
            raise PxeError(f"has a package without name or size (number {len(packages) + 1})")
        href = _href(element, f"the package {name}")
        provides = _provides(element, name)
        packages.append(Package(name, text_of(element, "arch"), href, size, _checksum(element), provides))
        names += len(provides)
        if len(packages) > _MOST_PACKAGES or names > _MOST_NAMES:
            raise PxeError(f"lists more than {_MOST_PACKAGES} packages or {_MOST_NAMES} names: it is damaged")
    return packages


def _provides(package: ET.Element, name: str) -> tuple[str, ...]:
    """The names that a package provides and that somebody may ask for: no capabilities, files and libraries."""
    for element in package:
        if bare(element.tag) == "format":
            entries = child_of(element, "provides")
            names = dict.fromkeys(attribute(entry, "name") for entry in (() if entries is None else entries))
            return tuple(each for each in names if each != name and _ASKED_FOR.fullmatch(each))
    return ()


def parse_comps(data: Data) -> tuple[dict[str, Group], dict[str, Environment]]:
    """Parse comps: groups and environments by id. What is there twice is one, as for yum.

    :raises PxeError: it is no comps file, or a group has no id.
    """
    groups: dict[str, Group] = {}
    environments: dict[str, Environment] = {}
    for element in elements(data, "a list of groups", frozenset({"group", "environment"})):
        identity, name = text_of(element, "id"), text_of(element, "name")
        if not identity:
            raise PxeError(f"has a {bare(element.tag)} without id: '{name}'")
        if bare(element.tag) == "environment":
            lists = [_members(child_of(element, key)) for key in ("grouplist", "optionlist")]
            environments[identity] = Environment(identity, name, *lists)
        else:
            packages = groups[identity].packages if identity in groups else {}
            groups[identity] = Group(identity, name, packages)
            for kind, package in _requirements(element):
                packages.setdefault(kind, []).append(package)
    return groups, environments


def _requirements(group: ET.Element) -> t.Iterator[tuple[str, str]]:
    """(type, name) of each package of a group."""
    for child in child_of(group, "packagelist") or ():
        if bare(child.tag) == "packagereq" and (child.text or "").strip():
            yield child.attrib.get("type") or _DEFAULT_TYPE, (child.text or "").strip()


def _members(element: ET.Element | None) -> list[str]:
    """The ids in a ``<grouplist>`` or ``<optionlist>``."""
    children = [] if element is None else list(element)
    return [(child.text or "").strip() for child in children if bare(child.tag) == "groupid"]


def _checksum(element: ET.Element) -> tuple[str, str]:
    return attribute(child_of(element, "checksum"), "type").lower(), text_of(element, "checksum").lower()


def _href(element: ET.Element, what: str) -> str:
    """Where a ``<location>`` points to, relative to the repository.

    DVDs name their disc (``xml:base="media://1467300000.123456#2"``), which yum passes over on a network.

    :raises PxeError: there is none, or it is an absolute path.
    """
    location = child_of(element, "location")
    href, base = attribute(location, "href"), attribute(location, "base")
    if _REMOTE.match(href) or (base and not _MEDIA.match(base)):
        return f"{base.rstrip('/')}/{href}" if base else href
    parts = [part for part in href.split("/") if part != "."]
    if not parts or "\0" in href or "" in parts:
        raise PxeError(f"gives '{href}' as the place of {what}, which is not a relative path")
    return "/".join(parts)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
