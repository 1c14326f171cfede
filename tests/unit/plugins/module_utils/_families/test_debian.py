# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._families import debian
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.tests.unit.iso_images import (
    Content,
    build,
    debian_files,
)


def recognise(files: dict[str, Content]) -> dict[str, t.Any] | None:
    return debian.recognise(Image(io.BytesIO(build(files))))


def test_a_netinst_image() -> None:
    assert recognise(debian_files()) == {
        "family": "debian",
        "product": "Debian GNU/Linux",
        "version": "13.1.0",
        "codename": "trixie",
        "suite": "stable",
        "architecture": "amd64",
        "variant": "NETINST",
        "disc": 1,
        "kernel": "install.amd/vmlinuz",
        "initrd": ["install.amd/initrd.gz"],
        "initrd_flavour": "netboot",
        "kernel_releases": ["6.12.43+deb13-amd64"],
    }


@pytest.mark.parametrize(
    ("info", "version", "variant", "disc"),
    [
        (
            'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 DVD Binary-1 with firmware 20240210-11:28',
            "12.5.0",
            "DVD",
            1,
        ),
        ('Debian GNU/Linux 8.11.0 "Jessie" - Official amd64 CD Binary-3 20180623-12:50', "8.11.0", "CD", 3),
        ('Debian GNU/Linux 11.0.0 "Bullseye" - Official amd64 BD Binary-2 20210814-10:04', "11.0.0", "BD", 2),
        (
            'Debian GNU/Linux testing "Forky" - Official Snapshot amd64 NETINST 20260101-03:22',
            "testing",
            "NETINST",
            1,
        ),
        (
            'Debian GNU/Linux 10.0.0 "Buster" - Official Multi-architecture amd64/i386 NETINST 20190706-10:26',
            "10.0.0",
            "NETINST",
            1,
        ),
        ('Debian GNU/Linux 13 "Trixie" - lab amd64 NETINST\n', "13", "NETINST", 1),
    ],
)
def test_what_disk_info_says(info: str, version: str, variant: str, disc: int) -> None:
    found = recognise(debian_files(info=info))
    assert found
    assert (found["version"], found["variant"], found["disc"]) == (version, variant, disc)
    assert found["architecture"] == "amd64"


def test_another_architecture() -> None:
    files = debian_files('Debian GNU/Linux 13.1.0 "Trixie" - Official arm64 NETINST 20250906-10:22')
    files["install.a64/vmlinuz"] = files.pop("install.amd/vmlinuz")
    files["install.a64/initrd.gz"] = files.pop("install.amd/initrd.gz")
    found = recognise(files)
    assert found
    assert (found["architecture"], found["kernel"]) == ("arm64", "install.a64/vmlinuz")


def test_a_further_disc_has_no_installer() -> None:
    files = debian_files('Debian GNU/Linux 13.1.0 "Trixie" - Official amd64 DVD Binary-2 20250906-10:22')
    found = recognise({path: content for path, content in files.items() if not path.startswith("install")})
    assert found
    assert (found["disc"], found["kernel"], found["initrd"], found["initrd_flavour"]) == (2, None, [], None)


@pytest.mark.parametrize("lost", [".disk/info", "dists/trixie/Release"])
def test_an_image_without_its_marks_is_not_recognised(lost: str) -> None:
    files = debian_files()
    del files[lost]
    assert recognise(files) is None


@pytest.mark.parametrize(
    "info",
    [
        'Ubuntu-Server 22.04.4 LTS "Jammy Jellyfish" - Release amd64 (20240216.1)',
        'Kali GNU/Linux 2024.1rc3 "Kali-last-snapshot" - Official amd64 NETINST',
        "",
    ],
)
def test_other_images_are_not_recognised(info: str) -> None:
    assert recognise(debian_files(info=info)) is None
