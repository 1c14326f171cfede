# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads the metadata of RPM repositories: which packages, groups, environments and modules they offer.

Formats, as createrepo_c writes them and yum and dnf read them:

* ``repodata/repomd.xml``: which metadata files there are, each with its checksum
* ``primary``: the packages
* ``group`` (comps): package groups and environments; also as ``group_gz`` and the like
* ``modules``: a stream of YAML documents (modulemd), of which only names and streams are read here
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import importlib
import io
import lzma
import os
import re
import typing as t
import xml.etree.ElementTree as ET
import xml.parsers.expat

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_file as _read_file

REPOMD = "repodata/repomd.xml"
# Takes a path relative to the repository, returns the file's content, or ``None`` when there is none.
ReadFile = t.Callable[[str], t.Optional[bytes]]
Data = t.Union[bytes, t.Iterable[bytes]]
Unpack = t.Callable[[bytes], Data]

_ZSTD = b"\x28\xb5\x2f\xfd"
# The name that old versions of createrepo give to SHA-1.
_SHA1 = "sha"
_MEDIA = re.compile(r"media:", re.IGNORECASE)
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# ``vim``, but not ``perl(strict)``, ``/bin/sh`` and ``libc.so.6``.
_ASKED_FOR = re.compile(r"(?!.*\.so\b)[A-Za-z0-9][A-Za-z0-9+._-]*")
# Bounds that no release comes near: of a file as it is stored and when it is unpacked, of a list of modules, of one
# package or group of a list (in bytes and elements), and of a repository's packages and the names that they provide.
LARGEST = LARGEST_UNPACKED = 512 << 20
_LARGEST_MODULES = 64 << 20
_LARGEST_ELEMENT = 8 << 20
_MOST_ELEMENTS = 200_000
_MOST_PACKAGES = 300_000
_MOST_NAMES = 3_000_000
_XZ_MEMORY = 256 << 20
_PIECE = 1 << 16
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


class Repodata(t.NamedTuple):
    """What a repository offers. ``modules`` are ``name:stream``, each once, sorted."""

    packages: list[Package]
    groups: dict[str, Group]
    environments: dict[str, Environment]
    modules: list[str]
    files: list[File]


# All of it


def read(read_file: ReadFile, unzstd: Unpack | None = None) -> Repodata:
    """Read a repository's metadata, of which each file must have the checksum that repomd.xml gives.

    :param read_file: reads a file of the repository, called with ``repodata/repomd.xml`` first.
    :param unzstd: unpacks Zstandard; without it a Python library is looked for when a file needs one.
    :raises PxeError: a file is missing, damaged or not understood; the message begins with its path.
    """
    text = read_file(REPOMD)
    if text is None:
        raise PxeError(f"{REPOMD} is missing: this is no RPM repository")
    files = parse_repomd(text)
    packages = _load(read_file, _file(files, "primary"), unzstd, parse_primary)
    if packages is None:
        raise PxeError(f"{REPOMD} lists no 'primary' metadata: the repository is damaged")
    groups, environments = _load(read_file, _file(files, "group"), unzstd, parse_comps) or ({}, {})
    modules = _load(read_file, _file(files, "modules"), unzstd, parse_modules) or []
    return Repodata(packages, groups, environments, modules, files)


def index(root: str, repositories: t.Sequence[str], unzstd: Unpack | None = None) -> dict[str, t.Any]:
    """What the repositories of a tree offer together, in a form that JSON can hold.

    :param root: the tree's folder.
    :param repositories: paths relative to it; ``""`` is the tree itself.
    :returns: ``packages`` (names), ``provides`` (other names of packages), ``groups`` and ``environments`` (ids and
        names), ``modules`` (``name:stream``), all sorted.
    :raises PxeError: the metadata of one of them is missing or damaged.
    """
    return summary([read_folder(os.path.join(root, path), unzstd) for path in repositories])


def summary(found: t.Iterable[Repodata]) -> dict[str, t.Any]:
    """What ``index`` returns, of metadata that were read already."""
    keys = ("packages", "provides", "groups", "environments", "modules")
    names: dict[str, set[str]] = {key: set() for key in keys}
    for data in found:
        names["packages"].update(package.name for package in data.packages)
        names["provides"].update(name for package in data.packages for name in package.provides)
        names["modules"].update(data.modules)
        for key, items in (("groups", data.groups), ("environments", data.environments)):
            names[key].update(
                filter(None, (text for item in items.values() for text in (item.id, item.name)))
            )
    names["provides"] -= names["packages"]
    return {key: sorted(values) for key, values in names.items()}


def read_folder(folder: str, unzstd: Unpack | None = None) -> Repodata:
    """``read`` a repository on the disk.

    :raises PxeError: as there; the message begins with the folder.
    """

    def read_one(path: str) -> bytes | None:
        full = os.path.join(folder, path)
        if not os.path.exists(full):
            return None
        if os.path.getsize(full) > LARGEST:
            raise PxeError(f"{path} is larger than {LARGEST >> 20} MiB: it is damaged")
        return _read_file(full)

    try:
        return read(read_one, unzstd)
    except PxeError as exc:
        text = str(exc)
        raise PxeError(text if text.startswith(folder) else f"{folder.rstrip('/')}/{text}") from exc


def raw(read_file: ReadFile, files: list[File], kind: str, unzstd: Unpack | None = None) -> bytes | None:
    """One kind of metadata, unpacked but not parsed; ``None`` when the repository has none.

    :param files: what repomd.xml lists.
    :raises PxeError: the file is missing or damaged.
    """
    return _load(read_file, _file(files, kind), unzstd, _joined)


_Parsed = t.TypeVar("_Parsed")


def _load(
    read_file: ReadFile, file: File | None, unzstd: Unpack | None, parse: t.Callable[[Data], _Parsed]
) -> _Parsed | None:
    """Read, check, unpack and parse one metadata file; ``None`` when the repository has none."""
    if file is None:
        return None
    data = read_file(file.href)
    if data is None:
        raise PxeError(f"{file.href} is missing, but {REPOMD} lists it")
    try:
        check(data, file.checksum)
        return parse(pieces(data, unzstd))
    except PxeError as exc:
        raise PxeError(f"{file.href} {exc}") from exc


def _file(files: list[File], kind: str) -> File | None:
    """The file of a type, also where only a packed one is listed (``group_gz``)."""
    suffixes = ("", "_gz", "_xz", "_zst", "_bz2")
    found = {file.type: file for file in reversed(files)}
    return next((found[kind + suffix] for suffix in suffixes if kind + suffix in found), None)


# Bytes


def check(data: bytes, checksum: tuple[str, str]) -> None:
    """Compare data with a checksum.

    :raises PxeError: they differ, or nobody here knows the algorithm.
    """
    algorithm, wanted = checksum
    found = digest(algorithm, data)
    if found != wanted.lower():
        raise PxeError(f"has {algorithm} {found}, not {wanted} as {REPOMD} says: it is damaged")


def digest(algorithm: str, data: bytes) -> str:
    """Hexadecimal digits of a checksum.

    :raises PxeError: nobody here knows the algorithm.
    """
    try:
        name = "sha1" if algorithm == _SHA1 else algorithm
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()
    except (ValueError, TypeError):
        raise PxeError(f"has a checksum of the kind '{algorithm}', which this host cannot compute") from None


def unpack(data: bytes, unzstd: Unpack | None = None) -> bytes:
    """Unpack gzip, xz, bzip2 or Zstandard, told by their first bytes; anything else is returned as it is.

    :raises PxeError: the data are damaged or too large, or there is nothing that unpacks them.
    """
    return b"".join(pieces(data, unzstd))


def pieces(data: bytes, unzstd: Unpack | None = None) -> t.Iterator[bytes]:
    """``unpack``, in pieces: what is small on a disc may be large in the memory.

    :raises PxeError: as there.
    """
    unpackers: tuple[tuple[bytes, t.Callable[[bytes], t.Iterator[bytes]]], ...] = (
        (b"\x1f\x8b", lambda packed: _read_pieces(gzip.GzipFile(fileobj=io.BytesIO(packed)))),
        (b"\xfd7zXZ\0", _unxz),
        (b"BZh", lambda packed: _read_pieces(bz2.BZ2File(io.BytesIO(packed)))),
        (_ZSTD, lambda packed: _cut(unzstd(packed)) if unzstd else _unzstd(packed)),
    )
    unpacker = next((found for magic, found in unpackers if data.startswith(magic)), _slices)
    total = 0
    try:
        for piece in unpacker(data):
            total += len(piece)
            if total > LARGEST_UNPACKED:
                raise PxeError(
                    f"is larger than {LARGEST_UNPACKED >> 20} MiB when it is unpacked: it is damaged"
                )
            yield piece
    except PxeError:
        raise
    # Each library has errors of its own, those of Zstandard's are not even importable here.
    except Exception as exc:
        raise PxeError(f"is damaged: it cannot be unpacked ({exc})") from exc


class _Readable(t.Protocol):
    def read(self, size: int, /) -> bytes: ...


def _read_pieces(file: _Readable) -> t.Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _slices(data: bytes) -> t.Iterator[bytes]:
    return (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))


def _cut(data: Data) -> t.Iterator[bytes]:
    return _slices(data) if isinstance(data, bytes) else iter(data)


def _joined(data: Data) -> bytes:
    return data if isinstance(data, bytes) else b"".join(data)


def _unxz(data: bytes) -> t.Iterator[bytes]:
    """Unpack xz. Unlike LZMAFile, LZMADecompressor can be told how much memory it may take."""
    while data.startswith(b"\xfd7zXZ\0"):
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
        while not decoder.eof:
            piece = decoder.decompress(data, _PIECE)
            data = b""
            if piece:
                yield piece
            elif decoder.needs_input and not decoder.eof:
                raise EOFError("it ends too early")
        data = decoder.unused_data.lstrip(b"\0")


def _unzstd(data: bytes) -> t.Iterator[bytes]:
    """Unpack Zstandard by Python's own module (3.14) or one of the libraries."""
    for name in ("compression.zstd", "backports.zstd", "pyzstd"):
        try:
            return _read_pieces(importlib.import_module(name).ZstdFile(io.BytesIO(data)))
        except ImportError:
            continue
    try:
        library = importlib.import_module("zstandard")
    except ImportError:
        raise PxeError(
            "is packed by Zstandard, which nothing here unpacks; install the program zstd (package zstd)"
        ) from None
    # Unlike decompress(), a stream needs no length in its header.
    return _read_pieces(library.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True))


# XML


def _elements(data: Data, what: str, keep: frozenset[str]) -> t.Iterator[ET.Element]:
    """Each element of the names ``keep`` below the root, when it is complete; it is forgotten afterwards.

    :raises PxeError: the data are no XML, or larger than any of this kind.
    """
    reader = _Reader(what)
    try:
        for piece in _cut(data):
            yield from (element for element in reader.feed(piece) if _bare(element.tag) in keep)
        yield from (element for element in reader.close() if _bare(element.tag) in keep)
    except (ET.ParseError, xml.parsers.expat.ExpatError, ValueError, LookupError) as exc:
        raise PxeError(f"is no XML that is understood as {what}: {exc}") from exc


class _Reader:
    """Reads XML piece by piece. Each piece is looked at before it is parsed: no entity is ever expanded.

    expat itself tells of entities, so that no encoding hides them. A document type that only names a file, as comps
    has it, is none of them: nobody reads that file.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.parser = ET.XMLPullParser(("start", "end"))
        self.in_prolog = True
        self.prolog = xml.parsers.expat.ParserCreate()
        self.prolog.StartDoctypeDeclHandler = self._doctype
        self.prolog.EntityDeclHandler = self._refuse_entities
        self.prolog.StartElementHandler = self._started
        self.root: ET.Element | None = None
        self.depth = self.size = self.number = 0

    def feed(self, piece: bytes) -> t.Iterator[ET.Element]:
        if self.in_prolog:
            self.prolog.Parse(piece, False)
        self.parser.feed(piece)
        self.size += len(piece)
        yield from self._complete()
        if self.size > _LARGEST_ELEMENT or self.number > _MOST_ELEMENTS:
            raise PxeError(
                f"has an element of more than {_LARGEST_ELEMENT >> 20} MiB or {_MOST_ELEMENTS} parts: as "
                f"{self.what} it is damaged"
            )

    def close(self) -> t.Iterator[ET.Element]:
        if self.in_prolog:
            self.prolog.Parse(b"", True)
        self.parser.close()
        yield from self._complete()

    def _complete(self) -> t.Iterator[ET.Element]:
        """Elements below the root that are complete."""
        events = t.cast("t.Iterator[tuple[str, ET.Element]]", self.parser.read_events())
        for event, element in events:
            if event == "start":
                self.root = element if self.root is None else self.root
                self.depth += 1
                self.number += 1
                continue
            self.depth -= 1
            if self.depth == 1 and self.root is not None:
                yield element
                # Neither the element nor what is between them is needed any more.
                self.root.clear()
                self.size = self.number = 0

    def _started(self, *_element: t.Any) -> None:
        self.in_prolog = False

    def _doctype(self, _name: str, _system: str | None, _public: str | None, own: bool) -> None:
        if own:
            self._refuse_entities()

    def _refuse_entities(self, *_entity: t.Any) -> None:
        raise PxeError(
            f"declares XML entities or a document type of its own, which nothing needs as {self.what}"
        )


def _bare(tag: str) -> str:
    """``{namespace}name`` → ``name``. Namespaces differ between versions, names do not."""
    return tag.rpartition("}")[2]


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return next((child for child in element if _bare(child.tag) == name), None)


def _text(element: ET.Element, name: str) -> str:
    """The text of a child, in no language where it is there in several."""
    for child in element:
        if _bare(child.tag) == name and not any(_bare(key) == "lang" for key in child.attrib):
            return (child.text or "").strip()
    return ""


def _attribute(element: ET.Element | None, name: str) -> str:
    attributes = element.attrib if element is not None else {}
    return next((value for key, value in attributes.items() if _bare(key) == name), "")


def _checksum(element: ET.Element) -> tuple[str, str]:
    return _attribute(_child(element, "checksum"), "type").lower(), _text(element, "checksum").lower()


def _href(element: ET.Element, what: str) -> str:
    """Where a ``<location>`` points to, relative to the repository.

    DVDs name their disc (``xml:base="media://1467300000.123456#2"``), which yum passes over on a network.

    :raises PxeError: there is none, or it is an absolute path.
    """
    location = _child(element, "location")
    href, base = _attribute(location, "href"), _attribute(location, "base")
    if _REMOTE.match(href) or (base and not _MEDIA.match(base)):
        return f"{base.rstrip('/')}/{href}" if base else href
    parts = [part for part in href.split("/") if part != "."]
    if not parts or "\0" in href or "" in parts:
        raise PxeError(f"gives '{href}' as the place of {what}, which is no relative path")
    return "/".join(parts)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def parse_repomd(data: Data) -> list[File]:
    """Parse repodata/repomd.xml.

    :raises PxeError: it is not one.
    """
    files = []
    try:
        for element in _elements(data, "repomd.xml", frozenset({"data"})):
            kind = _attribute(element, "type")
            href = _href(element, f"'{kind}'")
            if _REMOTE.match(href) or ".." in href.split("/"):
                raise PxeError(f"gives '{href}' as the place of '{kind}', which is not in the repository")
            files.append(File(kind, href, _number(_text(element, "size")), _checksum(element)))
    except PxeError as exc:
        raise PxeError(f"{REPOMD} {exc}") from exc
    return files


def parse_primary(data: Data) -> list[Package]:
    """Parse the list of packages.

    :raises PxeError: it is not one, or a package lacks its name, size or place.
    """
    packages: list[Package] = []
    names = 0
    for element in _elements(data, "a list of packages", frozenset({"package"})):
        name = _text(element, "name")
        size = _number(_attribute(_child(element, "size"), "package"))
        if not name or size is None:
            raise PxeError(f"has a package without name or size (number {len(packages) + 1})")
        href = _href(element, f"the package {name}")
        provides = _provides(element, name)
        packages.append(Package(name, _text(element, "arch"), href, size, _checksum(element), provides))
        names += len(provides)
        if len(packages) > _MOST_PACKAGES or names > _MOST_NAMES:
            raise PxeError(f"lists more than {_MOST_PACKAGES} packages or {_MOST_NAMES} names: it is damaged")
    return packages


def _provides(package: ET.Element, name: str) -> tuple[str, ...]:
    """The names that a package provides and that somebody may ask for: no capabilities, files and libraries."""
    for element in package:
        if _bare(element.tag) == "format":
            entries = _child(element, "provides")
            names = dict.fromkeys(_attribute(entry, "name") for entry in (() if entries is None else entries))
            return tuple(each for each in names if each != name and _ASKED_FOR.fullmatch(each))
    return ()


def parse_comps(data: Data) -> tuple[dict[str, Group], dict[str, Environment]]:
    """Parse comps: groups and environments by id. What is there twice is one, as for yum.

    :raises PxeError: it is no comps file, or a group has no id.
    """
    groups: dict[str, Group] = {}
    environments: dict[str, Environment] = {}
    for element in _elements(data, "a list of groups", frozenset({"group", "environment"})):
        identity, name = _text(element, "id"), _text(element, "name")
        if not identity:
            raise PxeError(f"has a {_bare(element.tag)} without id: '{name}'")
        if _bare(element.tag) == "environment":
            lists = [_members(_child(element, key)) for key in ("grouplist", "optionlist")]
            environments[identity] = Environment(identity, name, *lists)
        else:
            packages = groups[identity].packages if identity in groups else {}
            groups[identity] = Group(identity, name, packages)
            for kind, package in _requirements(element):
                packages.setdefault(kind, []).append(package)
    return groups, environments


def _requirements(group: ET.Element) -> t.Iterator[tuple[str, str]]:
    """(type, name) of each package of a group."""
    for child in _child(group, "packagelist") or ():
        if _bare(child.tag) == "packagereq" and (child.text or "").strip():
            yield child.attrib.get("type") or _DEFAULT_TYPE, (child.text or "").strip()


def _members(element: ET.Element | None) -> list[str]:
    """The ids in a ``<grouplist>`` or ``<optionlist>``."""
    children = [] if element is None else list(element)
    return [(child.text or "").strip() for child in children if _bare(child.tag) == "groupid"]


# modulemd


_KEY = re.compile(r"([ \t]*)([a-z]{1,20}):[ \t]*(.{0,1000})")


def parse_modules(data: Data) -> list[str]:
    """The ``name:stream`` of each module in a stream of modulemd documents, sorted.

    Servers need not have a YAML library, and libmodulemd always writes these few lines in block style.

    :raises PxeError: it is larger than any list of modules.
    """
    found = set()
    document = _Module()
    for line in _text_lines(data):
        if line.startswith("---") and not line[3:].strip():
            found.add(document.label)
            document = _Module()
        else:
            document.take(line)
    return sorted({*found, document.label} - {""})


class _Module:
    """What is read of one document: a line after the other."""

    def __init__(self) -> None:
        self.kind = ""
        self.in_data = False
        self.indent: str | None = None
        self.found: dict[str, str] = {}

    @property
    def label(self) -> str:
        name, stream = self.found.get("name"), self.found.get("stream")
        return f"{name}:{stream}" if self.kind in ("modulemd", "modulemd-stream") and name and stream else ""

    def take(self, line: str) -> None:
        match = _KEY.match(line)
        indent, key, value = match.groups() if match else ("", "", "")
        if line[:1] not in (" ", "\t", ""):
            # Only the first block of data counts.
            self.in_data = key == "data" and not value.strip() and self.indent is None
            self.kind = self.kind or (_unquoted(value) if key == "document" else "")
        elif self.in_data and line.strip():
            if self.indent is None:
                self.indent = line[: len(line) - len(line.lstrip(" \t"))]
            if match and indent == self.indent:
                self.found.setdefault(key, _unquoted(value))


def _text_lines(data: Data) -> t.Iterator[str]:
    """The lines of a text, each cut off where no key goes on.

    :raises PxeError: it is too large.
    """
    rest, total = b"", 0
    for piece in _cut(data):
        total += len(piece)
        if total > _LARGEST_MODULES:
            raise PxeError(
                f"is larger than {_LARGEST_MODULES >> 20} MiB, which no list of modules is: it is damaged"
            )
        *lines, rest = (rest[:_PIECE] + piece).split(b"\n")
        yield from (line[:_PIECE].decode("utf-8", "replace") for line in lines)
    yield rest[:_PIECE].decode("utf-8", "replace")


def _unquoted(text: str) -> str:
    value = text.strip(" \t")
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
