# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.renderers import RENDERERS
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

MAC = "52:54:00:AA:00:01"
DISTRIBUTION = {"name": "d", "tree_url": "http://10.0.0.1/trees/d/"}


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (paths.BOOT, "ipxe"),
        (paths.MENU, "ipxe"),
        (paths.LOCAL, "ipxe"),
        (paths.profile_script("p"), "ipxe"),
        (paths.rescue_script("d"), "ipxe"),
        (paths.entry_script("e"), "ipxe"),
        (paths.offer_script("p"), "ipxe"),
        (paths.machine_script(MAC), "ipxe"),
        (paths.in_folder(paths.DEFAULT_IN_FOLDER), "pxelinux"),
        (paths.in_folder(paths.OFFERED_IN_FOLDER), "pxelinux"),
        (paths.in_folder(paths.help_in_folder("F1")), "pxelinux"),
        (paths.in_folder(paths.help_in_folder("display")), "pxelinux"),
        (paths.in_folder(paths.machine_in_folder(MAC)), "pxelinux"),
        (paths.in_folder(paths.profile_in_folder("p")), "pxelinux"),
        (paths.in_folder(paths.kernel_in_folder("d", "a/linux")), "pxelinux"),
        (paths.GRUB_START, "grub"),
        (paths.GRUB_MENU, "grub"),
        (paths.grub_machine(MAC), "grub"),
        (paths.grub_profile("p"), "grub"),
        (paths.grub_kernel("d", "a/linux"), "grub"),
        # Others make these.
        (paths.grub_armed(MAC), None),
        (paths.SHIM, None),
        (paths.SIGNED_GRUB, None),
        (paths.SPLASH, None),
        (paths.MEMORY_TEST, None),
        (paths.in_folder(paths.armed_in_folder(MAC)), None),
        ("syslinux/pxelinux.0", None),
        ("syslinux/vesamenu.c32", None),
        ("undionly.kpxe", None),
        ("profiles/readme.txt", None),
    ],
)
def test_each_file_is_of_one_renderer(path: str, owner: str | None) -> None:
    assert [renderer.name for renderer in RENDERERS if renderer.claims(path)] == ([owner] if owner else [])


def test_armed_files_are_known_by_their_folder() -> None:
    path = paths.in_folder(paths.armed_in_folder(MAC))
    assert path == "syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-01"
    assert paths.is_armed(path)
    assert path.startswith(f"{paths.armed_folder()}/")
    assert not paths.is_armed(paths.in_folder(paths.machine_in_folder(MAC)))


@pytest.mark.parametrize(
    ("facts", "urls"),
    [
        (
            {"kernel": "a/k", "initrd": ["/a/i"]},
            ["http://10.0.0.1/trees/d/a/k", "http://10.0.0.1/trees/d/a/i"],
        ),
        (
            {"kernel": "k", "initrd": ["https://m/i", "j"], "base_url": "http://10.0.0.1/x"},
            ["http://10.0.0.1/x/k", "https://m/i", "http://10.0.0.1/x/j"],
        ),
    ],
)
def test_kernel_urls(facts: dict[str, t.Any], urls: list[str]) -> None:
    assert paths.kernel_urls(DISTRIBUTION, facts) == urls


@pytest.mark.parametrize("facts", [{}, {"kernel": "k"}, {"kernel": "k", "initrd": []}, {"initrd": ["i"]}])
def test_no_kernel(facts: dict[str, t.Any]) -> None:
    assert not paths.has_kernel(facts)
    with pytest.raises(PxeError, match=r"site_distributions.d: its kernel and initrd are not known"):
        paths.kernel_urls(DISTRIBUTION, facts)
