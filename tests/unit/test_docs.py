# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages for people: every link leads somewhere, and what they name exists."""

from __future__ import annotations

import functools
import pathlib
import re
import typing as t

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
PAGES = sorted(
    [
        *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")),
        *DOCS.glob("*.md"),
        *CHECKOUT.glob("examples/**/*.md"),
        *CHECKOUT.glob("roles/*/README.md"),
    ]
)


def prose(path: pathlib.Path) -> str:
    """A page without its code, in which neither headings nor links are meant."""
    text = re.sub(r"(?ms)^ *```.*?^ *```$", "", path.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", lambda code: re.sub(r"[\[\]()]", "", code[0]), text)


@functools.cache
def anchors(path: pathlib.Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"(?m)^#+ (.*)$", prose(path))
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def links(path: pathlib.Path) -> list[str]:
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(path))


def is_broken(page: pathlib.Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return not target.exists() or (anchor != "" and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: pathlib.Path) -> None:
    assert [link for link in links(page) if is_broken(page, link)] == []


def test_the_contents_page_leads_to_every_page() -> None:
    wanted = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert wanted - set(links(DOCS / "README.md")) == set()
