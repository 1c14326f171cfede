# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import dotted
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    MACHINE_PATH,
    MENU_PATH,
    PROFILE_PATH,
    plan,
    render,
    site,
)


def test_all_files() -> None:
    files = render(plan(help={"F3": "third"}))
    assert list(files) == ["syslinux/help/F1.txt", "syslinux/help/F3.txt", MACHINE_PATH, MENU_PATH]
    assert files["syslinux/help/F3.txt"] == "third\n"
    assert "local disk" in files["syslinux/help/F1.txt"]


@pytest.mark.parametrize(
    ("version", "loader", "words"),
    [
        ((3, 63), "ipxe", "too old"),
        ((5, 10), "ipxe", "5.10 cannot load by HTTP"),
        ((6, 3), "ipxe", "6.03 cannot load by HTTP"),
        ((6, 3), "pxelinux", None),
        ((6, 4), "ipxe", None),
        ((4, 5), "ipxe", None),
    ],
)
def test_versions_that_cannot_do_it(version: tuple[int, int], loader: str, words: str | None) -> None:
    if words is None:
        assert MENU_PATH in render(plan(loader=loader), version=dotted(version))
        return
    with pytest.raises(PxeError, match=words):
        render(plan(loader=loader), version=dotted(version))


@pytest.mark.parametrize(
    ("menu", "loader", "wanted"),
    [("pxelinux", "ipxe", True), ("ipxe", "ipxe", False), ("ipxe", "pxelinux", True)],
)
def test_whether_pxelinux_is_used(menu: str, loader: str, wanted: bool) -> None:
    assert Pxelinux().is_wanted(site(plan(loader=loader, bios=menu))) is wanted


def references(files: dict[str, str]) -> dict[str, list[str]]:
    return Pxelinux().references(files, site(), Folder("/nowhere"))


def test_references() -> None:
    files = render(plan(loader="pxelinux", help={"F2": "x"}), splash="splash.png", memory_test=True)
    found = references(files)
    assert sorted(found) == [
        "syslinux/help/F1.txt",
        "syslinux/help/F2.txt",
        "syslinux/kernels/d0/initrd.img",
        "syslinux/kernels/d0/vmlinuz",
        "syslinux/memtest",
        "syslinux/splash.png",
        "syslinux/vesamenu.c32",
    ]
    assert found["syslinux/memtest"] == [MENU_PATH]
    # What comes by HTTP is not looked for here.
    assert list(references(render())) == ["syslinux/vesamenu.c32", "syslinux/help/F1.txt"]


def is_ours(path: str, start: bytes) -> bool:
    renderer = Pxelinux()
    return renderer.claims(path) and renderer.owns(path, start)


@pytest.mark.parametrize(
    ("path", "start", "ours"),
    [
        (MENU_PATH, b"# Written by netinstall.pxe (boot_files)", True),
        (MENU_PATH, b"DEFAULT mine", False),
        (MACHINE_PATH, b"# Written by netinstall.pxe", True),
        ("syslinux/pxelinux.cfg/01-52-54-00-aa-00-01.bak", b"# Written by netinstall.pxe", False),
        ("syslinux/pxelinux.cfg/0A4D", b"# Written by netinstall.pxe", False),
        ("syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-01", b"# Written by netinstall.pxe", False),
        ("syslinux/help/F12.txt", b"anything", True),
        ("syslinux/help/F13.txt", b"anything", False),
        ("syslinux/help/mine.txt", b"anything", False),
        ("syslinux/kernels/debian-13/linux", b"anything", True),
        ("syslinux/kernels/linux", b"anything", False),
        (PROFILE_PATH, b"# Written by netinstall.pxe", True),
        (PROFILE_PATH, b"mine", False),
        ("pxelinux.cfg/default", b"# Written by netinstall.pxe", False),
        ("syslinux/pxelinux.0", b"# Written by netinstall.pxe", False),
    ],
)
def test_what_is_ours(path: str, start: bytes, ours: bool) -> None:
    assert is_ours(path, start) is ours


def test_what_is_brought_is_ours_and_armed_files_are_not() -> None:
    assert is_ours("syslinux/own/centos-6/boot.msg", b"")
    assert is_ours("syslinux/splash.lss", b"")
    assert not is_ours("syslinux/chain.c32", b"")
    assert not is_ours("syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-01", b"# Written by netinstall.pxe")
