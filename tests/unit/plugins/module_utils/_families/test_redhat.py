# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    FAMILIES,
    _redhat_release,
    family_of,
    redhat,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import identify
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.tests.unit.iso_images import (
    EL6_TREEINFO,
    EL9_TREEINFO,
    Content,
    build,
    debian_files,
    redhat_files,
)


def recognise(files: dict[str, Content], volume_id: str = "CentOS_6.8_Final") -> dict[str, t.Any] | None:
    return redhat.recognise(Image(io.BytesIO(build(files, volume_id))))


def found(files: dict[str, Content], volume_id: str = "CentOS_6.8_Final") -> dict[str, t.Any]:
    result = recognise(files, volume_id)
    assert result
    return result


# Identification


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


# Releases


@pytest.mark.parametrize(
    ("name", "version", "release", "kickstart"),
    [
        ("centos-5", None, ("el", 5), "RHEL5"),
        ("centos-6", None, ("el", 6), "RHEL6"),
        ("centos6", None, ("el", 6), "RHEL6"),
        ("centos-6.8", None, ("el", 6), "RHEL6"),
        ("CentOS-x86_64-7", None, ("el", 7), "RHEL7"),
        ("ol8u9", None, ("el", 8), "RHEL8"),
        ("rocky-9", "9.4", ("el", 9), "RHEL9"),
        ("rocky", "9", ("el", 9), "RHEL9"),
        ("rocky-9-for-10-nodes", "10.0", ("el", 10), "RHEL10"),
        ("fedora-42-x86_64", None, ("fedora", 42), "F42"),
        ("centos-stream-10", None, ("el", 10), "RHEL10"),
        ("rhel-12", None, ("el", 12), "RHEL10"),
        ("fedora-42", None, ("fedora", 42), "F42"),
        ("fedora", "37", ("fedora", 37), "F37"),
        ("f40", None, ("fedora", 40), "F40"),
        ("fedora-99", None, ("fedora", 99), "F46"),
        ("fedora-5", None, ("fedora", 5), "F7"),
    ],
)
def test_releases(name: str, version: str | None, release: tuple[str, int], kickstart: str) -> None:
    distribution = {"name": name, "version": version}
    assert _redhat_release.release_of(distribution) == release
    assert _redhat_release.kickstart_version(distribution) == kickstart
    redhat.check_distribution(distribution)


def test_a_release_that_nobody_knows() -> None:
    for distribution in ({"name": "rocky"}, {"name": "centos-x86_64", "version": None}):
        with pytest.raises(PxeError, match=r"has no number; write it in quotes, such as '9\.4'"):
            redhat.check_distribution(distribution)


@pytest.mark.parametrize(
    "name",
    ["centos-6", "rhel9", "redhat-9", "rocky-9", "alma-9", "almalinux9", "oracle-8", "ol8", "fedora-42", "el9", "sl6"],
)  # fmt: skip
def test_names_of_the_family(name: str) -> None:
    assert family_of(name) == "redhat"


# Kernel arguments

URL = "http://10.77.0.1/answers/10.77.0.11/0123456789abcdef0123456789abcdef/ks.cfg"
HTTP = "http://10.77.0.1/trees/x"
TREES = {
    "http": HTTP,
    "ftp": "ftp://10.77.0.1/trees/x",
    "nfs": "nfs:10.77.0.1:/srv/pxe/trees/x",
    "nfs-iso": "nfs:10.77.0.1:/srv/pxe/nfs-iso/x",
}
BOOTIF = "BOOTIF=01-52-54-00-aa-00-01"
MACHINE: dict[str, t.Any] = {
    "hostname": "node01",
    "mac": "52:54:00:AA:00:01",
    "address": "10.77.0.11",
    "netmask": "255.255.255.0",
    "gateway": "10.77.0.254",
    "dns": ["10.77.0.1", "10.77.0.2"],
    "kernel_arguments": [],
    "answers": {},
}
OLD = [f"ks={URL}", "kssendmac", BOOTIF, "ip=dhcp"]
NEW = [f"inst.ks={URL}", "inst.ks.sendmac", BOOTIF, "ip=dhcp"]
METHOD = [f"method={HTTP}", "ksdevice=bootif"]
REPO = [f"repo={HTTP}", f"stage2={HTTP}/images/install.img", "ksdevice=bootif"]
INST = [f"inst.repo={HTTP}", f"inst.stage2={HTTP}"]


@pytest.mark.parametrize(
    ("name", "of_profile", "of_machine"),
    [
        ("centos-5", METHOD, OLD),
        ("centos-6", REPO, OLD),
        ("centos-7", INST, NEW),
        ("rocky-8", INST, NEW),
        ("rocky-9", INST, NEW),
        ("alma-10", INST, NEW),
        ("fedora-8", METHOD, OLD),
        ("fedora-14", REPO, OLD),
        ("fedora-16", [REPO[0], REPO[2]], OLD),
        ("fedora-17", INST, NEW),
        ("fedora-42", INST, NEW),
    ],
)
def test_arguments_by_release(name: str, of_profile: list[str], of_machine: list[str]) -> None:
    distribution = {"name": name, "tree_urls": TREES}
    assert redhat.profile_arguments({"source": "http"}, distribution) == of_profile
    assert redhat.kernel_arguments({**MACHINE, "distribution": distribution}, URL) == of_machine


@pytest.mark.parametrize("name", ["rocky-9", "rhel-10", "fedora-34", "fedora-42"])
def test_no_argument_lacks_the_prefix(name: str) -> None:
    """From EL 9 on anaconda ignores its own arguments without ``inst.``; the rest are the kernel's and dracut's."""
    distribution = {"name": name, "tree_urls": TREES}
    machine = {
        **MACHINE,
        "distribution": distribution,
        "answers": {"console": "ttyS0", "network": {"bootproto": "static"}},
    }
    words = [*redhat.profile_arguments({}, distribution), *redhat.kernel_arguments(machine, URL)]
    others = {word.partition("=")[0] for word in words if not word.startswith("inst.")}
    assert others == {"BOOTIF", "ip", "nameserver", "console"}


@pytest.mark.parametrize(
    ("name", "source", "arguments"),
    [
        ("centos-5", "nfs", ["method=nfs:10.77.0.1:/srv/pxe/trees/x", "ksdevice=bootif"]),
        (
            "centos-6",
            "ftp",
            [
                "repo=ftp://10.77.0.1/trees/x",
                "stage2=ftp://10.77.0.1/trees/x/images/install.img",
                "ksdevice=bootif",
            ],
        ),
        ("rocky-9", "ftp", ["inst.repo=ftp://10.77.0.1/trees/x", "inst.stage2=ftp://10.77.0.1/trees/x"]),
        (
            "rocky-9",
            "nfs",
            ["inst.repo=nfs:10.77.0.1:/srv/pxe/trees/x", "inst.stage2=nfs:10.77.0.1:/srv/pxe/trees/x"],
        ),
        # Images that the installer mounts; all but EL 5 have their second stage by HTTP.
        ("centos-5", "nfs-iso", ["method=nfs:10.77.0.1:/srv/pxe/nfs-iso/x", "ksdevice=bootif"]),
        (
            "centos-6",
            "nfs-iso",
            [
                "repo=nfs:10.77.0.1:/srv/pxe/nfs-iso/x",
                f"stage2={HTTP}/images/install.img",
                "ksdevice=bootif",
            ],
        ),
        ("rocky-9", "nfs-iso", ["inst.repo=nfs:10.77.0.1:/srv/pxe/nfs-iso/x", f"inst.stage2={HTTP}"]),
    ],
)
def test_arguments_by_source(name: str, source: str, arguments: list[str]) -> None:
    assert redhat.profile_arguments({"source": source}, {"name": name, "tree_urls": TREES}) == arguments


@pytest.mark.parametrize(
    ("name", "changes", "arguments"),
    [
        (
            "centos-6",
            {},
            ["ip=10.77.0.11", "netmask=255.255.255.0", "gateway=10.77.0.254", "dns=10.77.0.1,10.77.0.2"],
        ),
        ("centos-6", {"gateway": None, "dns": []}, ["ip=10.77.0.11", "netmask=255.255.255.0"]),
        (
            "rocky-9",
            {},
            [
                "ip=10.77.0.11::10.77.0.254:255.255.255.0:node01::none",
                "nameserver=10.77.0.1",
                "nameserver=10.77.0.2",
            ],
        ),
        ("rocky-9", {"gateway": None, "dns": []}, ["ip=10.77.0.11:::255.255.255.0:node01::none"]),
    ],
)
def test_a_static_address(name: str, changes: dict[str, t.Any], arguments: list[str]) -> None:
    machine = {
        **MACHINE,
        "distribution": {"name": name},
        "answers": {"network": {"bootproto": "static"}},
        **changes,
    }
    words = redhat.kernel_arguments(machine, URL)
    assert words[words.index(BOOTIF) + 1 :] == arguments


def test_console_and_own_arguments_come_last() -> None:
    machine = {
        **MACHINE,
        "distribution": {"name": "rocky-9"},
        "answers": {"console": "ttyS0,115200"},
        "kernel_arguments": ["nomodeset"],
    }
    assert redhat.kernel_arguments(machine, URL)[-2:] == ["console=ttyS0,115200", "nomodeset"]


@pytest.mark.parametrize(("said", "version"), [("56", "5.6"), ("511", "5.11"), ("5.6", "5.6"), ("7", "7")])
def test_scientific_linux_5_writes_its_version_without_a_dot(said: str, version: str) -> None:
    treeinfo = EL6_TREEINFO.replace("CentOS", "Scientific Linux").replace("6.8", said)
    result = found(redhat_files(treeinfo))
    assert (result["product"], result["version"]) == ("Scientific Linux", version)


def test_an_odd_discinfo_is_passed_over() -> None:
    result = found(redhat_files(EL9_TREEINFO, "1714869542\n9.4\nx86_64\nBaseOS\n", ["BaseOS"]))
    assert (result["version"], result["discs"]) == ("9.4", [])


def scientific(name: str, version: str | None = None) -> dict[str, t.Any]:
    """A distribution of the plan."""
    site = {
        "server": {"address": "10.0.0.1", "interface": "eth0"},
        "subnets": [{"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dns": ["10.0.0.1"]}],
        "distributions": {name: {"isos": [{"path": "/srv/iso/sl.iso"}], "version": version}},
        "profiles": {"p": {"distribution": name, "label": "P"}},
    }
    made: dict[str, t.Any] = compile_plan(site, [])["distributions"][name]
    return made


def test_scientific_linux_through_the_plan() -> None:
    seven = scientific("scientificlinux-7")
    assert (seven["family"], _redhat_release.kickstart_version(seven)) == ("redhat", "RHEL7")
    assert redhat.profile_arguments({}, seven)[0].startswith("inst.repo=")
    five = scientific("scientificlinux-5", "5.6")
    assert (five["family"], _redhat_release.kickstart_version(five)) == ("redhat", "RHEL5")
    with pytest.raises(PxeError, match="is 56, which no Enterprise Linux is"):
        scientific("scientificlinux-5", "56")


def test_the_advice_about_an_image_of_scientific_linux_5_is_its_version_with_a_dot() -> None:
    """The image says 56; that as the version made a kickstart for RHEL 10."""
    treeinfo = EL6_TREEINFO.replace("CentOS", "Scientific Linux").replace("6.8", "56")
    image = Image(io.BytesIO(build(redhat_files(treeinfo), "SL")))
    described = {"distribution": "scientificlinux-5", "version": "5.6"}
    assert identify(image, FAMILIES, described)["version"] == "5.6"
    assert identify(image, FAMILIES, {"distribution": "scientificlinux-5"})["version"] == "5.6"
    with pytest.raises(PxeError, match=r"but is Scientific Linux 5\.6"):
        identify(image, FAMILIES, {**described, "version": "56"})


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("centos-5", 255),
        ("centos-6", 1023),
        ("centos-7", 2047),
        ("rocky-9", 2047),
        ("fedora-7", 255),
        ("fedora-14", 1023),
        ("fedora-41", 2047),
    ],
)
def test_the_command_line_of_a_release(name: str, limit: int) -> None:
    assert redhat.longest_command_line({"name": name, "version": None})[0] == limit
