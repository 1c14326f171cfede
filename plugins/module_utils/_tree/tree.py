# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Says what the install tree of one or more images is: what is seen in it, what is wrong, what is to be rewritten.

The rules, which are those of an overlay, so that all layouts give the same tree:

* Folders of the same name become one. Of files of the same name, the first disc's is seen.
* A single image that is whole in itself is the tree, byte by byte.
* Otherwise TRANS.TBL (the discs' own tables of names) goes, .discinfo says ``ALL``, and the metadata of a repository
  are regenerated if its packages lie on several discs, or if it lists packages of a disc that is not given.
"""

from __future__ import annotations

import contextlib
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Entry
from ansible_collections.netinstall.pxe.plugins.module_utils._text import treeinfo
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repodata, repomerge, repoxml
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.packed import Unpack
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.repodata import Repodata

TREEINFOS = (".treeinfo", "treeinfo")
DISCINFO = ".discinfo"
TABLE = "TRANS.TBL"
# Metadata that createrepo_c writes itself, or that would not fit any more.
_OWN_KINDS = re.compile(
    r"(primary|filelists|filelists-ext|other|group)(_(db|gz|xz|zst|bz2))?\Z|prestodelta\Z|.*_zck\Z"
)
_MODULES = "modules"
_MOST_LINKS = 40
_MOST_NAMED = 5
LARGEST = repodata.LARGEST
# More than .treeinfo, .discinfo and the like ever have.
SMALL = 1 << 20


class Disc(t.Protocol):
    """What is asked of an image (see ``iso.Image``)."""

    def walk(self) -> t.Iterator[tuple[str, Entry]]: ...

    def read(self, path: str, limit: int = ...) -> bytes | None: ...

    def content(self, entry: Entry) -> t.Iterator[bytes]: ...


class NamedDisc:
    """An image whose damages are told with its name."""

    def __init__(self, disc: Disc, name: str) -> None:
        self.disc, self.name = disc, name

    def walk(self) -> t.Iterator[tuple[str, Entry]]:
        with self._telling():
            yield from self.disc.walk()

    def content(self, entry: Entry) -> t.Iterator[bytes]:
        with self._telling():
            yield from self.disc.content(entry)

    def read(self, path: str, limit: int = LARGEST) -> bytes | None:
        """As the image's own: who reads metadata tells damages himself."""
        return self.disc.read(path, limit)

    @contextlib.contextmanager
    def _telling(self) -> t.Iterator[None]:
        try:
            yield
        except PxeError as exc:
            raise PxeError(f"{self.name}: {exc}") from exc


class Item(t.NamedTuple):
    """A file, folder or link of the tree, and the disc (from 0) that it comes from."""

    disc: int
    entry: Entry


class Clash(t.NamedTuple):
    """A name that several discs use for different things. Discs are counted from 1."""

    path: str
    kept: int
    dropped: int


@dataclass
class Repository:
    """A repository of the tree. Packages are named by their path relative to the repository.

    ``chosen`` says for each package which disc's metadata describe it; ``unlisted`` are packages that no disc's
    metadata describe; ``merge`` whether the metadata must be rebuilt.
    """

    path: str
    id: str
    visible: int
    listings: dict[int, Repodata]
    chosen: dict[str, int] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    merge: bool = False
    #: Whether the installer uses it without being told to.
    enabled: bool = True

    def full(self, path: str) -> str:
        return f"{self.path}/{path}" if self.path else path

    @property
    def count(self) -> int:
        return len(self.chosen) + len(self.unlisted)

    @property
    def algorithm(self) -> str:
        """What the first disc's metadata are hashed with: clients of EL 5 know no other than SHA-1."""
        return next((file.checksum[0] for file in self.listings[self.visible].files), "sha256")


@dataclass
class Survey:
    """What the tree will be, as long as ``discs`` are open. ``problems`` forbid it; ``warnings`` do not."""

    discs: t.Sequence[Disc]
    unzstd: Unpack | None
    items: dict[str, Item]
    clashes: list[Clash]
    repositories: list[Repository] = field(default_factory=list)
    kernel: str | None = None
    initrd: list[str] = field(default_factory=list)
    stage2: str | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # Links that lead out of the tree: target by path.
    links_out: dict[str, str] = field(default_factory=dict)
    # Whether the tree is the image.
    single_image: bool = False

    @property
    def merged(self) -> list[Repository]:
        return [repository for repository in self.repositories if repository.merge]

    @property
    def dropped(self) -> list[str]:
        """What the discs have and the tree has not, or not as they have it: files and links, sorted."""
        if self.single_image:
            return []
        stale = tuple(repository.full("repodata/") for repository in self.merged)
        return sorted(
            path
            for path, item in self.items.items()
            if not item.entry.is_folder
            and (name_of(path) == TABLE or path.startswith(stale) or path in self.links_out)
        )

    def find(self, path: str) -> Item | None:
        """A file of the tree, by any path that leads to it."""
        item = self.items.get(resolve(self.items, path) or "")
        return item if item and not item.entry.is_folder else None

    def disc_of(self, path: str) -> int:
        """The disc that a file comes from; the first one for what is not there."""
        item = self.find(path)
        return item.disc if item else 0

    def chunks(self, path: str) -> t.Iterator[bytes]:
        """The content of a file, in pieces; nothing if it is not there."""
        item = self.find(path)
        return self.discs[item.disc].content(item.entry) if item else iter(())

    def read(self, path: str) -> bytes | None:
        """The content of a small file of the tree.

        :raises PxeError: it is none.
        """
        if not self.find(path):
            return None
        data = bytearray()
        for chunk in self.chunks(path):
            data += chunk
            if len(data) > SMALL:
                raise PxeError(f"{path} is larger than {SMALL >> 20} MiB: the image is damaged")
        return bytes(data)

    def sizes(self, repository: Repository) -> dict[str, int]:
        """The size of each package of a repository."""
        found = (
            (path, self.find(repository.full(path))) for path in [*repository.chosen, *repository.unlisted]
        )
        return {path: item.entry.size for path, item in found if item}

    # What createrepo_c gets

    def raw(self, repository: Repository, disc: int, kind: str) -> bytes | None:
        """One kind of metadata that a disc has of a repository, unpacked; ``None`` when it has none."""
        files = repository.listings[disc].files
        return repodata.raw(reader(self.discs[disc], repository), files, kind, self.unzstd)

    def joined(self, repository: Repository) -> repomerge.Joined:
        """The metadata that the discs have of one repository, joined."""
        order = sorted(repository.listings)
        sources = [
            repomerge.Source(*(self.raw(repository, disc, kind) or b"" for kind in repomerge.KINDS))
            for disc in order
        ]
        chosen = {path: order.index(disc) for path, disc in repository.chosen.items()}
        return repomerge.join(sources, chosen)

    def comps(self, repository: Repository) -> bytes | None:
        """The groups of the first disc that has some."""
        found = (self.raw(repository, disc, "group") for disc in sorted(repository.listings))
        return next((data for data in found if data is not None), None)

    def extras(self, repository: Repository) -> dict[str, bytes]:
        """Metadata that createrepo_c does not make, by kind: of modules those of all discs, else the first disc's."""
        found: dict[str, bytes] = {}
        for disc in sorted(repository.listings):
            for kind in (file.type for file in repository.listings[disc].files):
                if _OWN_KINDS.match(kind):
                    continue
                data = self.raw(repository, disc, kind) or b""
                if kind not in found:
                    found[kind] = data
                elif kind == _MODULES and data not in found[kind]:
                    found[kind] = found[kind].rstrip(b"\n") + b"\n" + data
        return found

    @property
    def timestamp(self) -> int:
        """When the release was made, in seconds since 1970: so that the same images make the same metadata."""
        data = self.read(DISCINFO)
        try:
            return int(float(treeinfo.parse_discinfo(text_of(data)).timestamp)) if data is not None else 0
        except PxeError:
            return 0

    def texts(self, checksums: t.Mapping[str, str]) -> dict[str, bytes]:
        """The small files that the tree has instead of the discs', by path.

        :param checksums: SHA-256 of new metadata by path.
        """
        found = {}
        for path in (*TREEINFOS, DISCINFO):
            data = self.read(path)
            if data is not None and not self.single_image:
                text = text_of(data)
                new = discinfo_of_all(text) if path == DISCINFO else treeinfo_of_all(text, checksums)
                found[path] = new.encode("utf-8", "surrogateescape")
        return {path: data for path, data in found.items() if data != self.read(path)}


# What is seen


def unite(
    discs: t.Sequence[t.Mapping[str, Entry]], same: t.Callable[[Item, Item], bool]
) -> tuple[dict[str, Item], list[Clash]]:
    """Lay discs over each other, the first one on top.

    :param discs: their files, folders and links by path.
    :param same: compares the content of two files of one size.
    """
    items: dict[str, Item] = {}
    clashes = []
    # Below these, nothing of the discs that follow is seen.
    closed: set[str] = set()
    for number, entries in enumerate(discs):
        hidden, closing = set(closed), set()
        # A folder sorts before what is in it.
        for path in sorted(entries):
            item, parent = Item(number, entries[path]), path.rpartition("/")[0]
            if parent in hidden or (parent and not _is_folder(items.get(parent))):
                hidden.add(path)
                continue
            found = items.setdefault(path, item)
            if found is item:
                continue
            if found.entry.is_folder != item.entry.is_folder:
                closing.add(path)
            if not _alike(path, found, item, same):
                clashes.append(Clash(path, found.disc + 1, number + 1))
        closed |= closing
    return items, clashes


def _is_folder(item: Item | None) -> bool:
    return item is not None and item.entry.is_folder


def _alike(path: str, one: Item, other: Item, same: t.Callable[[Item, Item], bool]) -> bool:
    if _is_ours(path):
        return True
    kinds = [(item.entry.is_folder, item.entry.target) for item in (one, other)]
    if kinds[0] != kinds[1]:
        return False
    if one.entry.is_folder or one.entry.target is not None:
        return True
    return one.entry.size == other.entry.size and same(one, other)


def _is_ours(path: str) -> bool:
    """Whether each disc has its own, and the tree gets its own as well."""
    folder = path.rpartition("/")[0]
    return (
        path in (*TREEINFOS, DISCINFO)
        or name_of(path) == TABLE
        or folder == "repodata"
        or folder.endswith("/repodata")
    )


def name_of(path: str) -> str:
    return path.rpartition("/")[2]


def resolve(items: t.Mapping[str, Item], path: str) -> str | None:
    """Follow links and ``..`` to a file or folder of the tree; ``None`` when they lead nowhere or out of it."""
    trail: list[str] = []
    parts = path.split("/")
    links = 0
    while parts:
        part = parts.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if not trail:
                return None
            trail.pop()
            continue
        item = items.get("/".join([*trail, part]))
        if item is None:
            return None
        target = item.entry.target
        if target is None:
            trail.append(part)
            continue
        links += 1
        # To a client, an absolute link of a served folder is one out of it.
        if links > _MOST_LINKS or target.startswith("/"):
            return None
        parts = target.split("/") + parts
    return "/".join(trail)


def reader(disc: Disc, repository: Repository) -> repodata.ReadFile:
    return lambda path: disc.read(repository.full(path), LARGEST)


def some(names: t.Sequence[str]) -> str:
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + rest


def text_of(data: bytes) -> str:
    """Text whose every byte can be had back."""
    return data.decode("utf-8", "surrogateescape")


# What is rewritten


def discinfo_of_all(text: str) -> str:
    """.discinfo of a tree that holds all discs: its fourth line is ``ALL``; every other byte stays."""
    lines = text.splitlines(keepends=True)
    if len(lines) > 3 and lines[3].strip():
        lines[3] = "ALL" + lines[3][len(lines[3].rstrip("\r\n")) :]
    return "".join(lines)


_DISC_OF = re.compile(r"^((?:discnum|totaldiscs)[ \t]*=[ \t]*)[0-9]+", re.MULTILINE)


def treeinfo_of_all(text: str, checksums: t.Mapping[str, str]) -> str:
    """.treeinfo of a tree that holds all discs: it is disc 1 of 1, and knows its new metadata.

    :param checksums: SHA-256 by path, of which those are rewritten that are there.
    """
    try:
        known = treeinfo.parse(text).checksums
    except PxeError:
        # Nobody reads it.
        return text
    text = _DISC_OF.sub(r"\g<1>1", text)
    for path, digits in checksums.items():
        if path in known:
            text = treeinfo.with_checksum(text, path, "sha256", digits)
    return text


def check_merged(
    repository: Repository, found: Repodata, sizes: t.Mapping[str, int], wanted: t.Iterable[str]
) -> None:
    """Look whether new metadata list what they should.

    :param sizes: the size of each package's file.
    :param wanted: kinds of metadata that must be there.
    :raises PxeError: they do not.
    """
    where = repository.full(repoxml.REPOMD)
    listed = {package.href: package.size for package in found.packages}
    wrong = sorted({path for path, size in {*listed.items()} ^ {*sizes.items()}})
    if wrong:
        raise PxeError(
            f"{where}: createrepo_c made metadata that list {len(listed)} packages; the tree has {len(sizes)}. "
            f"It failed for {some(wrong)}"
        )
    missing = sorted({*wanted} - {file.type for file in found.files})
    if missing:
        raise PxeError(f"{where}: createrepo_c made metadata without {', '.join(missing)}")
