# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    _redhat_release,
    family_of,
    redhat,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

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
    with pytest.raises(PxeError, match="is 56, which is not a release of Enterprise Linux"):
        scientific("scientificlinux-5", "56")


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
