# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import shutil
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Entry
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import tree
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.repodata import Repodata
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.repoxml import File, Package
from hypothesis import given
from hypothesis import strategies as st

# A disc: content by path; a path that ends in / is a folder, a content that begins with → a link.
Files = dict[str, str]


def disc(files: Files) -> dict[str, Entry]:
    entries = {}
    for path, content in files.items():
        name = path.rstrip("/").rpartition("/")[2]
        if path.endswith("/"):
            entries[path.rstrip("/")] = Entry(name, True)
        elif content.startswith("→"):
            entries[path] = Entry(name, False, (), content[1:])
        else:
            entries[path] = Entry(name, False, ((0, len(content)),))
    return entries


def unite(*discs: Files) -> tuple[dict[str, int], list[tree.Clash]]:
    """Which disc each path comes from, and the clashes."""

    def same(one: tree.Item, other: tree.Item) -> bool:
        contents = {id(entry): discs[number][path] for number, path, entry in known}
        return contents[id(one.entry)] == contents[id(other.entry)]

    entries = [disc(files) for files in discs]
    known = [
        (number, path, entry)
        for number, files in enumerate(entries)
        for path, entry in files.items()
        if not entry.is_folder
    ]
    items, clashes = tree.unite(entries, same)
    return {path: item.disc for path, item in items.items()}, clashes


Clash = tree.Clash


@pytest.mark.parametrize(
    ("discs", "items", "clashes"),
    [
        ([{"a": "1"}, {"a": "1", "b": "2"}], {"a": 0, "b": 1}, []),
        ([{"a": "1"}, {"a": "2"}], {"a": 0}, [Clash("a", 1, 2)]),
        ([{"a": "1"}, {"a": "22"}, {"a": "1"}], {"a": 0}, [Clash("a", 1, 2)]),
        ([{"d/": "", "d/a": "1"}, {"d/": "", "d/b": "2"}], {"d": 0, "d/a": 0, "d/b": 1}, []),
        # What each disc has of its own is no clash.
        ([{".discinfo": "1"}, {".discinfo": "2"}], {".discinfo": 0}, []),
        ([{"TRANS.TBL": "1"}, {"TRANS.TBL": "2"}], {"TRANS.TBL": 0}, []),
        (
            [{"repodata/": "", "repodata/x": "1"}, {"repodata/": "", "repodata/x": "2"}],
            {"repodata": 0, "repodata/x": 0},
            [],
        ),
        # A file covers a folder with all that is in it, a folder covers a file.
        ([{"d": "1"}, {"d/": "", "d/a": "1"}], {"d": 0}, [Clash("d", 1, 2)]),
        ([{"d/": "", "d/a": "1"}, {"d": "1"}], {"d": 0, "d/a": 0}, [Clash("d", 1, 2)]),
        # What is below a covered folder stays covered, also for the discs that follow.
        (
            [{"d/": ""}, {"d": "1"}, {"d/": "", "d/e/": "", "d/e/f": "1", "g": "2"}],
            {"d": 0, "g": 2},
            [Clash("d", 1, 2)],
        ),
        # Links.
        ([{"l": "→a"}, {"l": "→a"}], {"l": 0}, []),
        ([{"l": "→a"}, {"l": "→b"}], {"l": 0}, [Clash("l", 1, 2)]),
        ([{"l": "→a"}, {"l/": "", "l/x": "1"}], {"l": 0}, [Clash("l", 1, 2)]),
        # An image with a file that is not in one of its folders.
        ([{"l": "→/etc", "l/x": "1"}], {"l": 0}, []),
    ],
)
def test_unite(discs: list[Files], items: dict[str, int], clashes: list[tree.Clash]) -> None:
    assert unite(*discs) == (items, clashes)


def may_overlay() -> bool:
    words = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


PATHS = ["a", "d", "d/a", "d/e", "d/e/f", "g"]


@st.composite
def trees(draw: st.DrawFn) -> Files:
    """A few files and folders, whose names meet."""
    files: Files = {}
    for path in PATHS:
        parent = path.rpartition("/")[0]
        kind = draw(st.sampled_from(["", "", "file", "folder"]))
        if kind and (not parent or f"{parent}/" in files):
            files[f"{path}/" if kind == "folder" else path] = (
                "" if kind == "folder" else draw(st.sampled_from("12"))
            )
    return files


@pytest.mark.skipif(not may_overlay(), reason="must be allowed to mount")
def test_what_is_seen_is_what_an_overlay_shows(tmp_path: pathlib.Path) -> None:
    """A hundred sets of discs, in one mount namespace."""
    sets: list[list[Files]] = []

    @given(st.lists(trees(), min_size=2, max_size=3))
    def collect(discs: list[Files]) -> None:
        sets.append(discs)

    collect()
    commands = []
    for number, discs in enumerate(sets):
        layers = []
        for position, files in enumerate(discs):
            root = tmp_path / str(number) / str(position)
            root.mkdir(parents=True)
            for path, content in files.items():
                (root / path).mkdir() if path.endswith("/") else (root / path).write_text(content)
            layers.append(str(root))
        point = tmp_path / f"{number}-point"
        point.mkdir()
        commands.append(f"mount -t overlay -o ro,lowerdir={':'.join(layers)} overlay {point}")
        commands.append(
            f"cd {point}; echo set {number}; find . -mindepth 1 -type f -exec tail -vn1 {{}} + -o -print; cd /"
        )
    shown = subprocess.run(
        ["unshare", "--mount", "sh", "-ec", "\n".join(commands)], check=True, capture_output=True, text=True
    ).stdout
    for number, (discs, text) in enumerate(zip(sets, shown.split("set ")[1:])):
        items, _clashes = unite(*discs)
        expected = {path: discs[where].get(path, "folder") for path, where in items.items()}
        assert listing(text) == expected, (number, discs)
    shutil.rmtree(tmp_path)


def listing(text: str) -> dict[str, str]:
    """What find and tail print: path → content of a file, or ``folder``."""
    found = {}
    lines = text.splitlines()[1:]
    for line, following in zip(lines, [*lines[1:], ""]):
        if line.startswith("==> ./"):
            found[line[6:-4]] = following
        elif line.startswith("./"):
            found[line[2:]] = "folder"
    return found


# Links


ITEMS = {
    path: tree.Item(0, entry)
    for path, entry in disc(
        {
            "Packages/": "",
            "Packages/a.rpm": "1",
            "Server/": "",
            "Server/Packages": "→../Packages",
            "up": "→..",
            "absolute": "→/Packages",
            "loop": "→loop",
            "here": "→./Packages/../Packages",
        }
    ).items()
}


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("Packages/a.rpm", "Packages/a.rpm"),
        ("Server/Packages/a.rpm", "Packages/a.rpm"),
        ("Server/../Packages//./a.rpm", "Packages/a.rpm"),
        ("here/a.rpm", "Packages/a.rpm"),
        ("Packages/b.rpm", None),
        ("up/x", None),
        ("absolute/a.rpm", None),
        ("loop", None),
        ("../etc/passwd", None),
    ],
)
def test_resolve(path: str, real: str | None) -> None:
    assert tree.resolve(ITEMS, path) == real


# Small files


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1\nFinal\nx86_64\n1\n", "1\nFinal\nx86_64\nALL\n"),
        ("1\nFinal\nx86_64\n1,2\n", "1\nFinal\nx86_64\nALL\n"),
        ("1\r\nFinal\r\nx86_64\r\n1\r\nmore\r\n", "1\r\nFinal\r\nx86_64\r\nALL\r\nmore\r\n"),
        ("1\nFinal\nx86_64\n1", "1\nFinal\nx86_64\nALL"),
        ("1\nFinal\nx86_64\nALL\n", "1\nFinal\nx86_64\nALL\n"),
        ("1\nFinal\nx86_64\n", "1\nFinal\nx86_64\n"),
        ("", ""),
    ],
)
def test_discinfo(before: str, after: str) -> None:
    assert tree.discinfo_of_all(before) == after


def test_treeinfo() -> None:
    text = (
        "[general]\nfamily = X\nversion = 1\ndiscnum = 1\ntotaldiscs=2\n; totaldiscs = 2\n\n[checksums]\n"
        "repodata/repomd.xml = md5:00\nimages/a = sha256:11\n"
    )
    found = tree.treeinfo_of_all(text, {"repodata/repomd.xml": "ab", "Other/repodata/repomd.xml": "cd"})
    assert found == text.replace("totaldiscs=2", "totaldiscs=1").replace("md5:00", "sha256:ab")
    assert tree.treeinfo_of_all("totaldiscs = 2\n", {}) == "totaldiscs = 2\n"


@given(st.text())
def test_any_text(text: str) -> None:
    tree.discinfo_of_all(text)
    tree.treeinfo_of_all(text, {"repodata/repomd.xml": "ab"})


# New metadata


def metadata(sizes: dict[str, int], kinds: t.Iterable[str] = ("primary", "group")) -> Repodata:
    packages = [Package(path, "noarch", path, size, ("sha256", "00")) for path, size in sizes.items()]
    files = [File(kind, kind, None, ("sha256", "00")) for kind in kinds]
    return Repodata(packages, {}, {}, [], files)


def test_new_metadata_are_looked_at() -> None:
    repository = tree.Repository("AppStream", "AppStream", 0, {})
    tree.check_merged(repository, metadata({"a": 1}), {"a": 1}, ["primary"])
    for found, sizes, message in (
        (
            metadata({"a": 1}),
            {"a": 1, "b": 2},
            r"AppStream/repodata/repomd\.xml: .* list 1 packages; the tree has 2",
        ),
        (metadata({"a": 1, "b": 2}), {"a": 1}, "It failed for b"),
        (metadata({"a": 1}), {"a": 2}, "It failed for a"),
    ):
        with pytest.raises(PxeError, match=message):
            tree.check_merged(repository, found, sizes, ["primary"])
    with pytest.raises(PxeError, match="made metadata without modules"):
        tree.check_merged(repository, metadata({}), {}, ["primary", "modules"])


def test_an_image_is_named_when_it_is_damaged() -> None:
    class Damaged:
        def walk(self) -> t.Iterator[tuple[str, Entry]]:
            raise PxeError("ends")

        def content(self, entry: Entry) -> t.Iterator[bytes]:
            raise PxeError(f"ends in {entry.name}")

        def read(self, path: str, limit: int = 1) -> bytes | None:
            return path.encode()[:limit]

    named = tree.NamedDisc(Damaged(), "isos[1]")
    with pytest.raises(PxeError, match=r"^isos\[1\]: ends$"):
        list(named.walk())
    with pytest.raises(PxeError, match=r"^isos\[1\]: ends in a$"):
        list(named.content(Entry("a", False)))
    assert named.read("path", 2) == b"pa"


def test_names_are_cut_short() -> None:
    assert tree.some(["a", "b"]) == "a, b"
    assert tree.some(list("abcdefg")) == "a, b, c, d, e and 2 more"
