# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repodata, repomerge
from ansible_collections.netinstall.pxe.tests.unit.tree_images import metadata, package_xml
from hypothesis import given
from hypothesis import strategies as st

NAMES = ("a", "b", "c+d", "e&f")


def source(*rows: tuple[str, str, str]) -> repomerge.Source:
    files = metadata(rows)
    return repomerge.Source(files["primary"], files["filelists"], files["other"])


def row(name: str, content: str = "", base: str = "", href: str | None = None) -> tuple[str, str, str]:
    """What a disc says of a package; ``content`` tells packages of one name apart."""
    where = href or f"Packages/{name}.rpm"
    return package_xml(where, name.replace("&", "and"), f"{name}{content}".encode(), base)


def read(joined: repomerge.Joined) -> repodata.Repodata:
    return repodata.read(joined.files.get)


def test_packages_of_both_discs_as_their_own_disc_says() -> None:
    one, two = source(row("a"), row("b")), source(row("b", "of disc 2"), row("c+d"))
    joined = repomerge.join(
        [one, two], {"Packages/a.rpm": 0, "Packages/b.rpm": 1, "Packages/c+d.rpm": 1, "Packages/z.rpm": 0}
    )
    assert joined.packages == {"Packages/a.rpm", "Packages/b.rpm", "Packages/c+d.rpm"}
    found = {package.href: package.size for package in read(joined).packages}
    assert found == {"Packages/a.rpm": 1, "Packages/b.rpm": len("bof disc 2"), "Packages/c+d.rpm": 3}
    assert joined.files["repodata/filelists.xml"].count(b"<package ") == 3


def test_paths_with_what_xml_escapes() -> None:
    joined = repomerge.join([source(row("e&f"))], {"Packages/e&f.rpm": 0})
    assert [package.href for package in read(joined).packages] == ["Packages/e&f.rpm"]


def test_discs_are_no_more_named() -> None:
    primary = source(row("a", base="media://1.2#1")).primary
    assert repomerge.names_discs(primary)
    assert not repomerge.names_discs(source(row("a", base="http://x/")).primary)
    joined = repomerge.join([source(row("a", base="media://1.2#2"))], {"Packages/a.rpm": 0})
    assert not repomerge.names_discs(joined.files["repodata/primary.xml"])
    assert b"media:" not in joined.files["repodata/primary.xml"]


@pytest.mark.parametrize("kind", ["filelists", "other"])
def test_a_package_without_its_files_or_changes_is_left_out(kind: str) -> None:
    whole = source(row("a"), row("b"))
    cut = whole._replace(**{kind: getattr(source(row("a")), kind)})
    assert repomerge.join([cut], {"Packages/a.rpm": 0, "Packages/b.rpm": 0}).packages == {"Packages/a.rpm"}


def test_nothing_but_discs_without_metadata() -> None:
    assert repomerge.join([repomerge.Source(b"", b"", b"")], {"x": 0}).packages == set()
    assert read(repomerge.join([], {})).packages == []


@given(
    st.lists(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3)), min_size=1, max_size=3), st.data()
)
def test_each_package_once_from_where_it_was_chosen(discs: list[dict[str, int]], data: st.DataObject) -> None:
    """Discs hold some of four packages, of different sizes."""
    sources = [source(*(row(name, "x" * size) for name, size in disc.items())) for disc in discs]
    chosen = {}
    for name in NAMES:
        having = [number for number, disc in enumerate(discs) if name in disc]
        if having:
            chosen[f"Packages/{name}.rpm"] = data.draw(st.sampled_from(having))
    joined = repomerge.join(sources, chosen)
    found = [(package.href, package.size) for package in read(joined).packages]
    expected = {
        (path, len(path) - len("Packages/.rpm") + discs[disc][path[len("Packages/") : -len(".rpm")]])
        for path, disc in chosen.items()
    }
    assert len(found) == len(chosen) == len(joined.packages)
    assert set(found) == expected


@pytest.mark.parametrize(
    "piece", [b"<package>", b"<package><location ", b"<package><checksum pkgid=", b"</package "]
)
def test_hostile_metadata_take_no_time(piece: bytes) -> None:
    data = piece * (2_000_000 // len(piece))
    started = time.process_time()
    source = repomerge.Source(data + b"></package>", data, data)
    assert repomerge.join([source], {}).packages == set()
    assert not repomerge.names_discs(data)
    assert time.process_time() - started < 5
