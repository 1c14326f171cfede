# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import entries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Files, Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import SiteEntries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.renderers import RENDERERS


class Smallest(Renderer):
    """All that a renderer must say."""

    name = "smallest"

    def files(self, site: SiteEntries) -> Files:
        return {"smallest": "text"}

    def claims(self, path: str) -> bool:
        return path == "smallest"

    def owns(self, path: str, start: bytes) -> bool:
        return start == b"text"


@pytest.fixture
def site() -> SiteEntries:
    return SiteEntries({"menu": {}}, {}, [], [], None, entries.Entry("local", ""), [])


def test_the_smallest_renderer(site: SiteEntries) -> None:
    """It is for all sites, refers to nothing, copies nothing, and hides nothing."""
    one = Smallest()
    files = one.files(site)
    one.check(files, site, Folder("/nowhere"))
    assert (one.is_wanted(site), one.is_installed(site)) == (True, True)
    assert (one.copies(site), one.references(files, site, Folder("/nowhere"))) == ({}, {})
    assert (list(one.left_out(site)), list(one.kept(site))) == ([], [])
    assert (one.for_diff("text"), dict(one.options), one.role, one.named_in) == ("text", {}, "", "")


def test_renderers_have_different_names_and_options() -> None:
    names = [renderer.name for renderer in RENDERERS]
    options = [option for renderer in RENDERERS for option in renderer.options]
    assert len(names) == len(set(names)) > 1
    assert len(options) == len(set(options))


def test_a_renderer_that_says_too_little_is_none() -> None:
    class Nothing(Renderer):
        name = "nothing"

    with pytest.raises(TypeError):
        Nothing()  # type: ignore[abstract]
