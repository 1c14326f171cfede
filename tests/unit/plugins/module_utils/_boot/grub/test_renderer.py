# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.folder import Folder
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.renderer import Grub
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.grub.sites import (
    MACHINE_PATH,
    MENU_PATH,
    PROFILE_PATH,
    START_PATH,
    live_plan,
    plan,
    render,
    site,
)


def test_all_files() -> None:
    assert list(render()) == [PROFILE_PATH, "grub/profiles/p1.cfg", MACHINE_PATH, MENU_PATH, START_PATH]


def test_whether_grub_is_used() -> None:
    """Not unless the site says so."""
    silent = {key: value for key, value in plan().items() if key != "backends"}
    assert not Grub().is_wanted(site(silent))
    assert not Grub().is_wanted(site({**plan(), "backends": {"uefi_loader": "ipxe"}}))
    assert Grub().is_wanted(site())


def test_references() -> None:
    needed = Grub().references(render(), site(), Folder("/nowhere"))
    assert needed == {
        "grubx64.efi": [START_PATH],
        "shimx64.efi": [START_PATH],
        "grub/kernels/d/vmlinuz": [PROFILE_PATH, "grub/profiles/p1.cfg", MENU_PATH],
        "grub/kernels/d/initrd.img": [PROFILE_PATH, "grub/profiles/p1.cfg", MENU_PATH],
    }
    assert set(Grub().copies(site())) < set(needed)


def test_its_own_files() -> None:
    """Configurations by their first line, copies of kernels by their folder. What arming makes is not published."""
    for path, text in render().items():
        assert Grub().claims(path)
        assert Grub().owns(path, text.encode())
        assert not Grub().owns(path, b"# mine\n")
    assert Grub().claims("grub/kernels/d/vmlinuz")
    assert Grub().owns("grub/kernels/d/vmlinuz", b"MZ")
    for path in ("grub/armed/52-54-00-aa-00-01.cfg", "grub/own.cfg", "grub/fonts/unicode.pf2", "grubx64.efi"):
        assert not Grub().claims(path)


def test_check_mode_on_a_new_server() -> None:
    """What needs an image that nobody has looked into is left out, and kept where it is."""
    unknown = site(live_plan(), media={}, left_out=["p0", "p1"])
    assert list(Grub().files(unknown)) == [MENU_PATH, START_PATH]
    assert Grub().copies(unknown) == {}
    assert Grub().left_out(unknown) == [PROFILE_PATH, "grub/profiles/p1.cfg"]
    assert Grub().kept(unknown) == {PROFILE_PATH, "grub/profiles/p1.cfg", MACHINE_PATH}
    without = site({**live_plan(), "backends": {"uefi_loader": "ipxe"}}, media={}, left_out=["p0", "p1"])
    assert Grub().left_out(without) == []
