# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    dotted,
    parse_version,
    without_hashes,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    HASH,
    MACHINE_PATH,
    MENU_PATH,
    OTHER_HASH,
    own_entry,
    plan,
    render,
    section,
    site,
)


@pytest.mark.parametrize(
    ("version", "wanted"),
    [((3, 86), "LOCALBOOT 0"), ((4, 0), "LOCALBOOT -1"), ((6, 4), "LOCALBOOT -1")],
)
def test_local_boot_by_version(version: tuple[int, int], wanted: str) -> None:
    files = render(version=dotted(version))
    for path in (MENU_PATH, MACHINE_PATH):
        assert wanted in section(files[path], "local")


@pytest.mark.parametrize(
    ("text", "version"),
    [("6.04", (6, 4)), ("6.04-pre1", (6, 4)), ("4.05", (4, 5)), ("3.86", (3, 86)), ("5.10", (5, 10))],
)
def test_version(text: str, version: tuple[int, int]) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize("text", ["", "6", "6.4", "six", "6.041"])
def test_no_version(text: str) -> None:
    with pytest.raises(PxeError, match=r"6\.04 or 3\.86"):
        parse_version(text)


@pytest.mark.parametrize(
    "value", ["secret", "$6$salt$short", "$y$j9T$" + "x" * 50, f"{HASH}\nDEFAULT p0", ""]
)
def test_a_bad_hash_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(PxeError) as caught:
        render(profile_hashes={"p1": value or "x"})
    assert "site_profiles.p1.menu_password_hash" in str(caught.value)
    assert not value or value not in str(caught.value)


def test_hashes_are_no_part_of_what_is_printed() -> None:
    locked = site(menu_hash=HASH, profile_hashes={"p1": OTHER_HASH})
    assert HASH not in repr(locked)
    assert OTHER_HASH not in repr(locked)
    text = Pxelinux().files(locked)[MENU_PATH]
    for given_text in (text, text.encode()):
        shown = without_hashes(given_text)
        assert HASH not in shown
        assert OTHER_HASH not in shown
        assert shown.count("PASSWD (the hash of a password)") == 2


def test_by_tftp_alone_nothing_comes_by_http() -> None:
    with pytest.raises(PxeError, match="loads by TFTP alone"):
        render(plan(loader="pxelinux", entries=[own_entry("a", "kernel", "http://10.0.0.5/x")]))
