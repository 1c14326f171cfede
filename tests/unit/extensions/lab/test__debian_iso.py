# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apt's texts and the decisions of the image builder."""

from __future__ import annotations

import pathlib

import _debian_iso
import _packages
import pytest
from _common import LabError

INDEX = """\
Package: acl-udeb
Version: 2.3.2-2+b1
Filename: pool/main/a/acl/acl-udeb_2.3.2-2+b1_amd64.udeb

Package: dpkg
Description: package manager
 more of it
 .
 and more
Tag:

"""


def test_stanzas_are_read_and_written_unchanged() -> None:
    stanzas = _packages.parse_stanzas(INDEX)
    assert [stanza["Package"] for stanza in stanzas] == ["acl-udeb", "dpkg"]
    assert stanzas[1]["Description"] == "package manager\n more of it\n .\n and more"
    assert _packages.parse_stanzas("".join(_packages.format_stanza(one) + "\n" for one in stanzas)) == stanzas


def test_pool_name_of_a_uri() -> None:
    line = "'http://m/debian/pool/main/g/grub2/grub-pc_2.12-9%2bdeb13u2_amd64.deb' grub-pc_2.deb 1 SHA256:x"
    assert _packages.pool_name(line) == "pool/main/g/grub2/grub-pc_2.12-9+deb13u2_amd64.deb"


def test_a_package_outside_a_pool_is_refused() -> None:
    with pytest.raises(LabError, match="not in a Debian pool"):
        _packages.pool_name("'http://m/x.deb' x.deb 1 SHA256:x")


UDEBS = [
    {"Package": "ext4-modules-1-di", "Kernel-Version": "6.12.94+deb13-amd64", "Filename": "a"},
    {"Package": "nic-modules-1-di", "Kernel-Version": "6.12.94+deb13-amd64", "Filename": "b"},
    {"Package": "ext4-modules-2-di", "Kernel-Version": "6.12.107+deb13-amd64", "Filename": "c"},
    {"Package": "nic-modules-2-di", "Kernel-Version": "6.12.107+deb13-amd64", "Filename": "d"},
    {"Package": "anna", "Filename": "e"},
]
PACKAGED = {
    "Package": "debian-installer-13-netboot-amd64",
    "Version": "20250803+deb13u3",
    "Uri": "http://m/pool/debian-installer-13-netboot-amd64_20250803+deb13u3_all.deb",
    "SHA256": "x",
    "Built-Using": "libfoo (= 1), linux (= 6.12.107-1), zlib (= 2)",
}


@pytest.mark.parametrize(
    ("present", "kernels"),
    [
        ("abe", {"6.12.94+deb13-amd64"}),
        ("abcde", {"6.12.94+deb13-amd64", "6.12.107+deb13-amd64"}),
        ("ace", set()),
    ],
)
def test_complete_kernels(present: str, kernels: set[str]) -> None:
    assert _debian_iso.complete_kernels(UDEBS, lambda name: name in present) == kernels


def test_the_packaged_installer_comes_first() -> None:
    first = next(_debian_iso.installer_candidates(PACKAGED, {"6.12.107+deb13-amd64"}))
    assert first == PACKAGED


def test_predecessors_when_the_mirror_lacks_the_kernel_of_the_packaged_one() -> None:
    found = list(_debian_iso.installer_candidates(PACKAGED, {"6.12.94+deb13-amd64"}))
    assert [stanza["Version"] for stanza in found] == ["20250803+deb13u2", "20250803+deb13u1"]
    assert found[0]["Uri"].endswith("20250803+deb13u2_all.deb")
    assert "SHA256" not in found[0]


def test_kernel_release_of_a_boot_image() -> None:
    image = bytearray(0x3000)
    image[0x20E:0x210] = (0x2C00).to_bytes(2, "little")
    image[0x2E00 : 0x2E00 + 30] = b"6.12.94+deb13-amd64 (debian@x)"
    assert _debian_iso.kernel_release(bytes(image)) == "6.12.94+deb13-amd64"


@pytest.mark.parametrize("name", ["partman-jfs", "btrfs-modules-6.12.94+deb13-amd64-di", "kickseed-common"])
def test_needless_installer_packages(name: str) -> None:
    assert all(needless.fullmatch(name) for needless in _debian_iso.NAMES.values())


@pytest.mark.parametrize(
    "name",
    [
        "partman-efi",
        "ext4-modules-6.12.94+deb13-amd64-di",
        "nic-modules-6.12.94+deb13-amd64-di",
        "partman-target",
    ],
)
def test_needed_installer_packages(name: str) -> None:
    assert not any(needless.fullmatch(name) for needless in _debian_iso.NAMES.values())


@pytest.mark.parametrize(
    "name",
    [
        "partman-auto-lvm",
        "partman-auto-raid",
        "partman-lvm",
        "partman-md",
        "lvm2-udeb",
        "lvmcfg-utils",
        "mdadm-udeb",
        "md-modules-6.12.94+deb13-amd64-di",
    ],
)
def test_one_installer_knows_arrays_and_volume_groups(name: str) -> None:
    assert _debian_iso.NAMES["debian-13-lab.iso"].fullmatch(name)
    assert not _debian_iso.NAMES["debian-13-lab-storage.iso"].fullmatch(name)


def test_each_image_has_a_place_of_its_own_in_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.delenv("LAB_ISO", raising=False)
    monkeypatch.setattr(_debian_iso, "debian_sources", lambda *_words, **_options: [])
    monkeypatch.setattr(_debian_iso, "run", lambda _words: "")
    monkeypatch.setattr(_debian_iso, "cached", lambda name, _build: tmp_path / name)
    found = [_debian_iso.debian_iso(name) for name in _debian_iso.NAMES]
    assert [path.name for path in found] == ["debian-13-lab.iso", "debian-13-lab-storage.iso"]
    assert found[0].parent != found[1].parent
