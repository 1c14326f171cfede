# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import pathlib
import shutil
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, live
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.plugins.module_utils._media import images
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Content, build, debian_files

INFO = b'Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 LIVE/GNOME Binary 20240210-10:22'
LIVE_BOOT: dict[str, Content] = {
    "live/filesystem.squashfs": b"hsqs",
    "live/vmlinuz": b"kernel",
    "live/initrd.img": b"initrd",
}
LIVE_OS: dict[str, Content] = {
    "LiveOS/squashfs.img": b"hsqs",
    "images/pxeboot/vmlinuz": b"kernel",
    "images/pxeboot/initrd.img": b"initrd",
}
FEDORA = "Fedora-WS-Live-41-1-4"
TREES = {"http": "http://10.77.0.1/trees/desk", "nfs": "nfs:10.77.0.1:/srv/pxe/trees/desk"}


def recognise(files: dict[str, Content], volume_id: str = "TEST") -> dict[str, t.Any] | None:
    return live.recognise(Image(io.BytesIO(build(files, volume_id))))


# Identification


@pytest.mark.parametrize(
    ("files", "volume_id", "wanted"),
    [
        (
            {**LIVE_BOOT, ".disk/info": INFO},
            "d-live 12.5.0 gn amd64",
            {
                "product": "Debian GNU/Linux",
                "version": "12.5.0",
                "architecture": "amd64",
                "kernel": "live/vmlinuz",
                "initrd": ["live/initrd.img"],
                "stage2": "live/filesystem.squashfs",
            },
        ),
        # Another one that live-build has made.
        (
            {**LIVE_BOOT, ".disk/info": b"grml64-full 2024.02 Release Codename Glumpad"},
            "grml64",
            {"product": None, "version": "2024.02"},
        ),
        # Only with the release of the kernel in the names.
        (
            {
                "live/filesystem.squashfs": b"hsqs",
                "live/vmlinuz-6.1.0-18-amd64": b"kernel",
                "live/initrd.img-6.1.0-18-amd64": b"initrd",
            },
            "MINE",
            {"kernel": "live/vmlinuz-6.1.0-18-amd64", "initrd": ["live/initrd.img-6.1.0-18-amd64"]},
        ),
        # With Debian's installer on the same image it is a live image nevertheless.
        (
            {**debian_files(), **LIVE_BOOT, ".disk/info": INFO},
            "d-live",
            {"version": "12.5.0", "kernel": "live/vmlinuz"},
        ),
        (
            LIVE_OS,
            FEDORA,
            {
                "product": "Fedora",
                "version": "41",
                "architecture": None,
                "kernel": "images/pxeboot/vmlinuz",
                "initrd": ["images/pxeboot/initrd.img"],
                "stage2": "LiveOS/squashfs.img",
            },
        ),
        (LIVE_OS, "AlmaLinux-9_5-x86_64-Live", {"product": "AlmaLinux", "version": "9", "architecture": "x86_64"}),
        (
            {
                "LiveOS/squashfs.img": b"hsqs",
                "isolinux/vmlinuz0": b"kernel",
                "isolinux/initrd0.img": b"initrd",
            },
            "CentOS-7-x86_64-LiveGNOME-1810",
            {"product": "CentOS", "version": "7", "kernel": "isolinux/vmlinuz0"},
        ),
        (
            {
                "LiveOS/squashfs.img": b"hsqs",
                "boot/x86_64/loader/linux": b"kernel",
                "boot/x86_64/loader/initrd": b"initrd",
            },
            "Fedora-WS-Live-42",
            {"version": "42", "kernel": "boot/x86_64/loader/linux", "initrd": ["boot/x86_64/loader/initrd"]},
        ),
    ],
)  # fmt: skip
def test_live_images(files: dict[str, Content], volume_id: str, wanted: dict[str, t.Any]) -> None:
    image = Image(io.BytesIO(build(files, volume_id)))
    found = images.identify(image, FAMILIES, {"distribution": "live"})
    assert found["family"] == "live"
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    "files",
    [
        debian_files(),
        {},
        {"live/filesystem.squashfs": b"hsqs"},
        {key: content for key, content in LIVE_BOOT.items() if key != "live/initrd.img"},
        {key: content for key, content in LIVE_OS.items() if "initrd" not in key},
        # EL 7's installer
        {**LIVE_OS, ".treeinfo": b"[general]\nfamily = CentOS\nversion = 7\n"},
        {**LIVE_OS, ".discinfo": b"1\nCentOS 7\nx86_64\nALL\n"},
        {**LIVE_OS, "repodata/repomd.xml": b"<x/>"},
    ],
)
def test_what_is_no_live_image(files: dict[str, Content]) -> None:
    assert recognise(files or {"README": b""}) is None


def test_a_live_image_that_is_described_as_another_family() -> None:
    image = Image(io.BytesIO(build({**LIVE_BOOT, ".disk/info": INFO})))
    with pytest.raises(PxeError, match=r"is Debian GNU/Linux 12\.5\.0 \(family 'live'\); correct the family"):
        images.identify(image, FAMILIES, {"distribution": "debian-12", "family": "debian"})


@pytest.mark.skipif(not shutil.which("xorriso"), reason="xorriso is not installed")
def test_an_image_that_xorriso_has_made(tmp_path: pathlib.Path) -> None:
    for path, content in {**LIVE_BOOT, ".disk/info": INFO}.items():
        (tmp_path / "root" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / path).write_bytes(t.cast("bytes", content))
    iso = tmp_path / "live.iso"
    command = [
        "xorriso",
        "-as",
        "mkisofs",
        "-quiet",
        "-r",
        "-J",
        "-V",
        "LIVE",
        "-o",
        str(iso),
        str(tmp_path / "root"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    with images.open_image(str(iso)) as image:
        found = live.recognise(image)
    assert found
    assert (found["version"], found["kernel"], found["stage2"]) == (
        "12.5.0",
        "live/vmlinuz",
        "live/filesystem.squashfs",
    )


def test_what_is_known_of_an_image_that_is_described_by_hand() -> None:
    files: dict[str, Content] = {"live/filesystem.squashfs": b"hsqs", "b/k": b"kernel", "b/i": b"initrd"}
    described = {"distribution": "ours", "family": "live", "kernel": "b/k", "initrd": ["b/i"]}
    found = images.identify(Image(io.BytesIO(build(files))), FAMILIES, described)
    assert (found["kernel"], found["stage2"], found["recognised"]) == (
        "b/k",
        "live/filesystem.squashfs",
        False,
    )


# Kernel arguments

BOOTIF = BOOT_CARD


@pytest.mark.parametrize(
    ("stage2", "source", "wanted"),
    [
        (
            "live/filesystem.squashfs",
            "http",
            ["boot=live", "components", f"fetch={TREES['http']}/live/filesystem.squashfs", BOOTIF],
        ),
        (
            "live/filesystem.squashfs",
            "nfs",
            ["boot=live", "components", "netboot=nfs", "nfsroot=10.77.0.1:/srv/pxe/trees/desk", BOOTIF],
        ),
        (
            "LiveOS/squashfs.img",
            "http",
            [f"root=live:{TREES['http']}/LiveOS/squashfs.img", "rd.live.image", "ip=dhcp", BOOTIF],
        ),
    ],
)
def test_profile_arguments(stage2: str, source: str, wanted: list[str]) -> None:
    distribution = {"name": "desk", "tree_urls": TREES, "stage2": stage2}
    assert live.profile_arguments({"name": "p", "source": source}, distribution) == wanted


@pytest.mark.parametrize(
    ("stage2", "source", "said"),
    [
        (None, "http", r"site_distributions\.desk: its image has neither live/filesystem\.squashfs"),
        (
            "LiveOS/squashfs.img",
            "nfs",
            r"site_profiles\.p\.source: the initrd of desk \(dracut\) .* write http",
        ),
    ],
)
def test_what_cannot_be_booted(stage2: str | None, source: str, said: str) -> None:
    distribution = {"name": "desk", "tree_urls": TREES, "stage2": stage2}
    with pytest.raises(PxeError, match=said):
        live.profile_arguments({"name": "p", "source": source}, distribution)


ROOT = {
    "name": "desk",
    "root": "/srv/roots/desk",
    "tree_urls": {**TREES, "nfs": "nfs:10.77.0.1:/srv/roots/desk"},
}


def test_a_root_file_system_is_mounted_by_nfs() -> None:
    assert live.profile_arguments({"name": "p", "source": "nfs"}, ROOT) == [
        "root=/dev/nfs",
        "nfsroot=10.77.0.1:/srv/roots/desk,vers=3",
        "ro",
        "ip=dhcp",
        BOOTIF,
    ]


def test_a_root_file_system_comes_in_no_other_way() -> None:
    with pytest.raises(PxeError, match=r"site_profiles\.p\.source: desk is a root file system, .* write nfs"):
        live.profile_arguments({"name": "p", "source": "http"}, ROOT)


def test_a_machine_says_who_it_is() -> None:
    machine = {"hostname": "desk01", "kernel_arguments": ["quiet"]}
    assert live.kernel_arguments(machine, "") == ["hostname=desk01", "systemd.hostname=desk01", "quiet"]


def test_nothing_is_installed() -> None:
    with pytest.raises(PxeError, match="desk is a live system: nothing is installed"):
        live.FAMILY.complete_answers({}, {"name": "desk"}, "")
    assert live.FAMILY.rescue_arguments({}) is None
