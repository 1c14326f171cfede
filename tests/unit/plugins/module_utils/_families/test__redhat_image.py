# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, redhat
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import identify
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.tests.unit.iso_images import (
    EL6_TREEINFO,
    EL9_TREEINFO,
    Content,
    build,
    debian_files,
    redhat_files,
)


def recognise(files: dict[str, Content], volume_id: str = "CentOS_6.8_Final") -> dict[str, t.Any] | None:
    return redhat.FAMILY.recognise(Image(io.BytesIO(build(files, volume_id))))


def found(files: dict[str, Content], volume_id: str = "CentOS_6.8_Final") -> dict[str, t.Any]:
    result = recognise(files, volume_id)
    assert result
    return result


def test_el6() -> None:
    assert recognise(redhat_files()) == {
        "family": "redhat",
        "product": "CentOS",
        "version": "6.8",
        "architecture": "x86_64",
        "variant": None,
        "disc": 1,
        "discs": [1],
        "timestamp": "1463887421.60",
        "kernel": "images/pxeboot/vmlinuz",
        "initrd": ["images/pxeboot/initrd.img"],
        "stage2": "images/install.img",
        "repositories": [{"id": "base", "path": ""}],
    }


def test_el9() -> None:
    files = redhat_files(EL9_TREEINFO, "1714869542\n9.4\nx86_64\nALL\n", ["BaseOS", "AppStream"])
    assert recognise(files, "Rocky-9-4-x86_64-dvd") == {
        "family": "redhat",
        "product": "Rocky Linux",
        "version": "9.4",
        "architecture": "x86_64",
        "variant": "AppStream",
        "disc": 1,
        "discs": [],
        "timestamp": "1714869542",
        "kernel": "images/pxeboot/vmlinuz",
        "initrd": ["images/pxeboot/initrd.img"],
        "stage2": "images/install.img",
        "repositories": [{"id": "AppStream", "path": "AppStream"}, {"id": "BaseOS", "path": "BaseOS"}],
    }


def general(family: str, version: str, arch: str = "x86_64", more: str = "") -> str:
    return (
        f"[general]\nfamily = {family}\nversion = {version}\narch = {arch}\n{more}\n"
        f"[images-{arch}]\nkernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n"
    )


@pytest.mark.parametrize(
    ("family", "version", "product", "variant"),
    [
        ("CentOS", "5.11", "CentOS", None),
        ("Red Hat Enterprise Linux Server", "5.11", "Red Hat Enterprise Linux", "Server"),
        ("Red Hat Enterprise Linux", "6.10", "Red Hat Enterprise Linux", None),
        ("CentOS", "7", "CentOS", None),
        ("CentOS Linux", "8", "CentOS", None),
        ("CentOS Stream", "10", "CentOS Stream", None),
        ("Rocky Linux", "8.10", "Rocky Linux", None),
        ("AlmaLinux", "10.0", "AlmaLinux", None),
        ("Oracle Linux Server", "7.9", "Oracle Linux", "Server"),
        ("Scientific Linux", "6.10", "Scientific Linux", None),
        ("Fedora", "42", "Fedora", None),
        # Anything else that has anaconda keeps its own name.
        ("NetinstallEL", "9.1", "NetinstallEL", None),
        ("openEuler", "22.03", "openEuler", None),
        ("Example 2 Linux", "9.4", "Example 2 Linux", None),
    ],
)
def test_products(family: str, version: str, product: str, variant: str | None) -> None:
    result = found(redhat_files(general(family, version)), "X")
    assert (result["product"], result["version"], result["variant"]) == (product, version, variant)
    assert result["kernel"] == "images/pxeboot/vmlinuz"


def test_the_variant_of_fedora() -> None:
    assert found(redhat_files(general("Fedora", "42", more="variant = Server")))["variant"] == "Server"


@pytest.mark.parametrize(
    ("volume_id", "discinfo", "media", "product", "version"),
    [
        ("CentOS_6.8_Final", "1\nFinal\nx86_64\n1\n", None, "CentOS", "6.8"),
        ("OL-8-6-0-BaseOS-x86_64", "1\n8.6.0\nx86_64\n", None, "Oracle Linux", "8.6.0"),
        ("RHEL-8-10-0-x86_64", "1\nx\nx86_64\n", "RHEL 8.10.0", "Red Hat Enterprise Linux", "8.10.0"),
        ("X", "1\nRed Hat Enterprise Linux Server 5\nx86_64\n1,2,3\n", None, "Red Hat Enterprise Linux", "5"),
        ("SL-610-x86_64", "1\nScientific 6.10\nx86_64\n1\n", None, "Scientific Linux", "6.10"),
        ("X", "1\nx\nx86_64\n", None, None, None),
    ],
)  # fmt: skip
def test_without_treeinfo(
    volume_id: str, discinfo: str, media: str | None, product: str | None, version: str | None
) -> None:
    files = redhat_files(None, discinfo)
    if media:
        files["media.repo"] = f"[InstallMedia]\nname={media}\nmediaid=1\n".encode()
    result = found(files, volume_id)
    assert (result["product"], result["version"], result["architecture"]) == (product, version, "x86_64")
    assert (result["kernel"], result["stage2"]) == ("images/pxeboot/vmlinuz", "images/install.img")


def test_by_layout_alone() -> None:
    result = found(redhat_files(None, None, ["BaseOS", "AppStream"]), "CentOS-Stream-9-BaseOS-aarch64")
    assert (result["product"], result["version"], result["architecture"]) == ("CentOS Stream", "9", "aarch64")
    assert [item["id"] for item in result["repositories"]] == ["AppStream", "BaseOS"]


def test_isolinux_is_needed_only_without_pxeboot() -> None:
    files = redhat_files(None)
    moved = {path.replace("images/pxeboot", "isolinux"): content for path, content in files.items()}
    result = found(moved)
    assert (result["kernel"], result["initrd"]) == ("isolinux/vmlinuz", ["isolinux/initrd.img"])


@pytest.mark.parametrize(
    ("discinfo", "treeinfo", "volume_id", "disc", "discs"),
    [
        ("1\nFinal\nx86_64\n2\n", None, "CentOS_6.8_Final", 2, [2]),
        ("1\nFinal\nx86_64\n2\n", general("CentOS", "6.8", more="discnum = 1"), "X", 2, [2]),
        ("1\nRHEL 5\nx86_64\n4,5,6\n", None, "X", 4, [4, 5, 6]),
        (None, general("CentOS", "6.8", more="discnum = 2\ntotaldiscs = 2"), "X", 2, []),
        (None, general("CentOS", "6.8"), "RHEL_6.8 x86_64 Disc 3", 3, []),
        ("1\nx\nx86_64\nALL\n", general("CentOS", "6.8"), "CentOS-DVD2", 2, []),
    ],
)
def test_a_further_disc_carries_no_installer(
    discinfo: str | None, treeinfo: str | None, volume_id: str, disc: int, discs: list[int]
) -> None:
    files = redhat_files(treeinfo, discinfo)
    result = found({path: content for path, content in files.items() if "images/" not in path}, volume_id)
    assert (result["disc"], result["discs"]) == (disc, discs)
    assert (result["kernel"], result["initrd"], result["stage2"]) == (None, [], None)
    assert result["repositories"] == [{"id": "base", "path": ""}]


@pytest.mark.parametrize("package", ["bash.rpm", "Packages/bash.rpm"])
def test_a_further_disc_without_metadata(package: str) -> None:
    result = found({".discinfo": b"1\nRed Hat Enterprise Linux 7.9\nx86_64\n2\n", package: b""})
    assert (result["version"], result["disc"], result["repositories"]) == ("7.9", 2, [])
    # Without .discinfo it is somebody's folder of packages.
    assert recognise({package: b""}) is None


@pytest.mark.parametrize(
    "stage2", ["images/install.img", "LiveOS/squashfs.img", "images/stage2.img", "images/minstg2.img"]
)
def test_stage2(stage2: str) -> None:
    assert found(redhat_files(general("X", "1"), stage2=stage2))["stage2"] == stage2
    told = general("X", "1") + "[stage2]\nmainimage = own.img\n"
    assert found({**redhat_files(told, stage2=stage2), "own.img": b""})["stage2"] == "own.img"


@pytest.mark.parametrize(
    ("treeinfo", "folders", "repositories"),
    [
        (general("CentOS", "5.11"), ["", "CentOS"], [("base", ""), ("CentOS", "CentOS")]),
        (
            general("Red Hat Enterprise Linux Server", "5.11"),
            ["Server", "VT"],
            [("Server", "Server"), ("VT", "VT")],
        ),
        # What is not there is not told, and what is there is, once.
        (
            general("CentOS", "7") + "[variant-CentOS]\nid = CentOS\nrepository = .\n",
            ["", "CentOS"],
            [("CentOS", ""), ("CentOS", "CentOS")],
        ),
        (EL9_TREEINFO, ["BaseOS"], [("BaseOS", "BaseOS")]),
        (general("CentOS", "6.8"), [], []),
    ],
)
def test_repositories(treeinfo: str, folders: list[str], repositories: list[tuple[str, str]]) -> None:
    result = found(redhat_files(treeinfo, repositories=folders))["repositories"]
    assert [(item["id"], item["path"]) for item in result] == repositories


def test_what_is_nothing_of_anaconda() -> None:
    assert recognise(debian_files()) is None
    assert recognise({"a": b""}) is None
    # A live image, of which nothing can be installed over the network
    assert recognise(redhat_files(None, None, [], "LiveOS/squashfs.img"), "Fedora-WS-Live-42") is None
    # A further disc without packages
    assert recognise({".discinfo": b"1\nx\nx86_64\n2\n"}) is None
    assert recognise(redhat_files(general("openSUSE", "13.2"), None)) is None
    assert recognise(redhat_files(None, None), "SLES-15") is None


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (redhat_files("family\n"), r"\.treeinfo cannot be read"),
        (redhat_files("[x]\n"), r"\.treeinfo has neither"),
        (redhat_files(discinfo="x"), r"\.discinfo must have"),
    ],
)
def test_damaged_files_are_told(files: dict[str, Content], message: str) -> None:
    with pytest.raises(PxeError, match=message):
        recognise(files)


def test_files_of_others_by_the_same_names() -> None:
    """Such as a hypervisor's .treeinfo without [general]: nothing of ours, rather than a damaged image."""
    assert (
        recognise({".treeinfo": b"[platform]\nname = XCP\n", "boot/vmlinuz": b"", "boot/initrd.img": b""})
        is None
    )
    assert recognise({".discinfo": b"something else\n", "repodata/repomd.xml": b""}) is None


@pytest.mark.parametrize(("said", "version"), [("56", "5.6"), ("511", "5.11"), ("5.6", "5.6"), ("7", "7")])
def test_scientific_linux_5_writes_its_version_without_a_dot(said: str, version: str) -> None:
    treeinfo = EL6_TREEINFO.replace("CentOS", "Scientific Linux").replace("6.8", said)
    result = found(redhat_files(treeinfo))
    assert (result["product"], result["version"]) == ("Scientific Linux", version)


def test_an_odd_discinfo_is_passed_over() -> None:
    result = found(redhat_files(EL9_TREEINFO, "1714869542\n9.4\nx86_64\nBaseOS\n", ["BaseOS"]))
    assert (result["version"], result["discs"]) == ("9.4", [])


def test_the_advice_about_an_image_of_scientific_linux_5_is_its_version_with_a_dot() -> None:
    """The image says 56; that as the version made a kickstart for RHEL 10."""
    treeinfo = EL6_TREEINFO.replace("CentOS", "Scientific Linux").replace("6.8", "56")
    image = Image(io.BytesIO(build(redhat_files(treeinfo), "SL")))
    described = {"distribution": "scientificlinux-5", "version": "5.6"}
    assert identify(image, FAMILIES, described)["version"] == "5.6"
    assert identify(image, FAMILIES, {"distribution": "scientificlinux-5"})["version"] == "5.6"
    with pytest.raises(PxeError, match=r"but is Scientific Linux 5\.6"):
        identify(image, FAMILIES, {**described, "version": "56"})
