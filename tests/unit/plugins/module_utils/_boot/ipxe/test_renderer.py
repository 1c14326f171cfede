# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.renderer import Ipxe
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    PROFILE,
    SCRIPTS,
    render,
)


def test_what_others_refer_to_comes_first() -> None:
    assert list(render()) == [
        "profiles/debian13.ipxe",
        "rescue/debian-13.ipxe",
        "local.ipxe",
        "menu.ipxe",
        "machines/52-54-00-aa-00-01.ipxe",
        "boot.ipxe",
    ]


def test_no_boot_file_holds_a_token_and_arming_changes_none() -> None:
    for name, script in render().items():
        assert not re.search(r"[0-9a-f]{32}", script), name
        assert "/events/" not in script, name


def is_ours(path: str, start: bytes) -> bool:
    renderer = Ipxe()
    return renderer.claims(path) and renderer.owns(path, start)


def test_which_files_are_ours() -> None:
    start = SCRIPTS["boot.ipxe"].encode()[:100]
    assert is_ours("machines/52-54-00-aa-00-01.ipxe", start)
    assert is_ours("boot.ipxe", start)
    assert not is_ours("machines/52-54-00-aa-00-01.ipxe", b"#!ipxe\n# by hand\n")
    assert not is_ours("other.ipxe", start)
    assert not is_ours("profiles/readme.txt", start)


def test_a_profile_that_is_not_in_the_menu_is_still_published() -> None:
    files = render(profiles={"debian13": {**PROFILE, "in_menu": False}})
    assert "profiles/debian13.ipxe" in files
    assert "profiles/" not in files["menu.ipxe"]
    assert "rescue/" not in files["menu.ipxe"]
