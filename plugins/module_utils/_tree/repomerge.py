# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Joins the metadata of several discs into one repository that createrepo_c can take over.

createrepo_c would read and hash every package anew, gigabytes of them. With ``--update --update-md-path`` it believes
what a repository says of packages that have the same path, so a repository is made for it which says of each package
what that package's own disc says. What createrepo_c writes then is its own, in the order and form of its version.

Metadata are joined as text, package by package: elements that this collection has never heard of stay.
"""

from __future__ import annotations

import hashlib
import html
import re
import typing as t

KINDS = ("primary", "filelists", "other")
_NAMESPACES = {
    "primary": (
        "metadata",
        'xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"',
    ),
    "filelists": ("filelists", 'xmlns="http://linux.duke.edu/metadata/filelists"'),
    "other": ("otherdata", 'xmlns="http://linux.duke.edu/metadata/other"'),
}
# Texts escape '<', so a package ends at its own end tag.
_START, _END = re.compile(rb"<package\b"), re.compile(rb"</package\s*>")
# No tag holds another one. The bounds keep the time in proportion to the size, whatever a disc holds.
_LOCATION = re.compile(rb"<location\b[^<>]{0,4096}>")
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_MEDIA_BASE = re.compile(rb"\s+xml:base\s*=\s*(?:\"media:[^\"]*\"|'media:[^']*')", re.IGNORECASE)
_CHECKSUM = re.compile(rb"<checksum\b([^<>]{0,4096})>\s*([0-9A-Fa-f]{1,256})\s*</checksum")
_IS_OWN_ID = re.compile(rb"\bpkgid\s*=\s*[\"']YES[\"']")
_FOREIGN_ID = re.compile(rb"\bpkgid\s*=\s*[\"']([0-9A-Fa-f]+)[\"']")


class Source(t.NamedTuple):
    """The unpacked metadata of one disc's repository."""

    primary: bytes
    filelists: bytes
    other: bytes


class Joined(t.NamedTuple):
    """A repository: its files by path, and the packages (paths relative to it) that are in it."""

    files: dict[str, bytes]
    packages: set[str]


def names_discs(primary: bytes) -> bool:
    """Whether a list of packages says on which disc each of them lies (``xml:base="media://…#2"``)."""
    return any(_MEDIA_BASE.search(location[0]) for location in _LOCATION.finditer(primary))


def join(sources: t.Sequence[Source], chosen: t.Mapping[str, int]) -> Joined:
    """Join metadata of several discs.

    :param chosen: for each package's path relative to the repository, which source is to be believed.
    :returns: a package of which its source has no list of files or no changelog is left out, as it would lose its
        files.
    """
    blocks: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    packages = set()
    for number, source in enumerate(sources):
        wanted = {path for path, where in chosen.items() if where == number}
        details = {kind: _by_id(getattr(source, kind)) for kind in KINDS[1:]}
        for path, identity, block in _primary(source.primary):
            if path not in wanted or not all(identity in found for found in details.values()):
                continue
            wanted.discard(path)
            packages.add(path)
            blocks["primary"].append(block)
            for kind, found in details.items():
                blocks[kind].append(found[identity])
    return Joined(_repository(blocks), packages)


def _packages(data: bytes) -> t.Iterator[bytes]:
    """The text of each package. One that does not end, ends the search: every other would not end either."""
    end = 0
    while start := _START.search(data, end):
        last = _END.search(data, start.end())
        if last is None:
            return
        end = last.end()
        yield data[start.start() : end]


def _primary(data: bytes) -> t.Iterator[tuple[str, bytes, bytes]]:
    """(path, package id, text without the disc) of each package."""
    for block in _packages(data):
        location, identity = _LOCATION.search(block), _own_id(block)
        href = _HREF.search(location[0]) if location else None
        if location is None or href is None or identity is None:
            continue
        path = html.unescape((href[1] or href[2] or b"").decode("utf-8", "replace"))
        bare = _MEDIA_BASE.sub(b"", location[0])
        text = block[: location.start()] + bare + block[location.end() :]
        yield "/".join(part for part in path.split("/") if part != "."), identity, text


def _own_id(package: bytes) -> bytes | None:
    found = (match for match in _CHECKSUM.finditer(package) if _IS_OWN_ID.search(match[1]))
    return next((match[2].lower() for match in found), None)


def _by_id(data: bytes) -> dict[bytes, bytes]:
    """The packages of filelists or other by package id."""
    found = {}
    for block in _packages(data):
        identity = _FOREIGN_ID.search(block, 0, min(block.find(b">"), 4096))
        if identity:
            found[identity[1].lower()] = block
    return found


def _repository(blocks: t.Mapping[str, t.Sequence[bytes]]) -> dict[str, bytes]:
    files = {}
    rows = []
    for kind in KINDS:
        tag, namespaces = _NAMESPACES[kind]
        head = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag} {namespaces} packages="{len(blocks[kind])}">\n'
        )
        data = b"\n".join([head.encode(), *blocks[kind], f"</{tag}>\n".encode()])
        files[f"repodata/{kind}.xml"] = data
        digest = hashlib.sha256(data).hexdigest()
        rows.append(
            f'<data type="{kind}"><checksum type="sha256">{digest}</checksum>'
            f'<open-checksum type="sha256">{digest}</open-checksum><location href="repodata/{kind}.xml"/>'
            f"<timestamp>0</timestamp><size>{len(data)}</size><open-size>{len(data)}</open-size></data>"
        )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo">'
        f"<revision>0</revision>{''.join(rows)}</repomd>\n"
    )
    return {**files, "repodata/repomd.xml": text.encode()}
