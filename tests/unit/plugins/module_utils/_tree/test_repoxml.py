# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repoxml
from ansible_collections.netinstall.pxe.tests.unit.tree_images import listed, primary
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("href", "base", "expected"),
    [
        ("Packages/a.rpm", "", "Packages/a.rpm"),
        ("./Packages/a.rpm", "", "Packages/a.rpm"),
        ("../Packages/a.rpm", "", "../Packages/a.rpm"),
        ("Packages/a&b.rpm", "media://1467300000.123456#2", "Packages/a&b.rpm"),
        ("a.rpm", "http://elsewhere.example/x/", "http://elsewhere.example/x/a.rpm"),
        ("ftp://elsewhere.example/a.rpm", "", "ftp://elsewhere.example/a.rpm"),
    ],
)
def test_where_a_package_lies(href: str, base: str, expected: str) -> None:
    (found,) = repoxml.parse_primary(primary(listed("a", href, base=base)))
    assert found.href == expected


@pytest.mark.parametrize("href", ["../../etc/passwd", "/etc/passwd", "http://elsewhere.example/p.xml"])
def test_metadata_outside_of_the_repository(href: str) -> None:
    text = f'<repomd><data type="primary"><location href="{href}"/></data></repomd>'
    with pytest.raises(PxeError, match=r"repomd\.xml gives"):
        repoxml.parse_repomd(text.encode())


# Printable, without what XML cannot hold.
TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc")), min_size=1
)
NAMES = TEXT.map(str.strip).filter(bool)
HREFS = st.from_regex(r"[A-Za-z0-9_+~^-]{1,8}(/[A-Za-z0-9_+~^&'\"<-]{1,8}){0,2}\.rpm", fullmatch=True)


@given(st.lists(st.tuples(NAMES, HREFS, st.integers(0, 2**40)), max_size=5))
def test_reads_whatever_is_written(items: list[tuple[str, str, int]]) -> None:
    found = repoxml.parse_primary(primary(*(listed(*item) for item in items)))
    assert [(one.name, one.href, one.size) for one in found] == items


@pytest.mark.parametrize("bound", ["_MOST_PACKAGES", "_MOST_NAMES"])
def test_a_list_of_packages_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    data = primary(*(listed(name, f"{name}.rpm") for name in ("a", "b", "c")))
    assert len(repoxml.parse_primary(data)) == 3
    monkeypatch.setattr(repoxml, bound, 2 if bound == "_MOST_PACKAGES" else -1)
    with pytest.raises(PxeError, match="lists more than"):
        repoxml.parse_primary(data)
