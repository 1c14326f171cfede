# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate between rendering and arming."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest

GOOD = """\
url --url={{ installation.tree_url }}
rootpw --plaintext Gehe1m
ignoredisk --only-use=vda
part / --size=2000 --ondisk=vda
%packages
@core
lrzsz
%end
%post
echo Gehe1m
%end
"""
BAD = "install\n" + GOOD.replace("@core", "@cor").replace("lrzsz", "lrsz").replace("disk=vda", "disk=sda")
FILES = {"good.ks.j2": GOOD, "bad.ks.j2": BAD, "old.ks.j2": f"install\n{GOOD}"}
ELSEWHERE = GOOD.replace("{{ installation.tree_url }}", "http://mirror.example/rocky/8/BaseOS/x86_64/os/")
FILES["elsewhere.ks.j2"] = ELSEWHERE
BY_RULE = "/dev/disk/by-rule"
# With a tree that has no packages, which the installer refuses although there are other repositories.
FROM_A_MIRROR = {
    "packages": ["@core"],
    "repositories": [
        {"name": name, "baseurl": f"http://mirror.example/rocky/8/{name}/x86_64/os/"}
        for name in ("BaseOS", "AppStream")
    ],
}
# Machines by name: distribution, disk, answers. The tree of almalinux-9 is not known.
SOUND: dict[str, tuple[str, str, dict[str, t.Any]]] = {
    "good": ("rocky-9", "/dev/vda", {"file": "good.ks.j2"}),
    # What was deprecated is worth a warning.
    "old": ("rocky-8", "/dev/vda", {"file": "old.ks.j2"}),
    "deb": ("debian-13", "/dev/vda", {}),
    "elsewhere": ("almalinux-8", "/dev/vda", {"file": "elsewhere.ks.j2"}),
}
MISTAKEN: dict[str, tuple[str, str, dict[str, t.Any]]] = {
    "four": ("rocky-9", "/dev/vda", {"file": "bad.ks.j2"}),
    "no-index": ("almalinux-9", "/dev/vda", {"file": "bad.ks.j2"}),
    "two-disks": (
        "almalinux-9",
        "/dev/vda",
        {"file": "bad.ks.j2", "partitioning": {"method": "raid", "disks": ["/dev/sda"]}},
    ),
    "rule": ("almalinux-9", BY_RULE, {"file": "bad.ks.j2", "disk_rule": {"serial": "S3Z9"}}),
    "netinst": ("almalinux-8", "/dev/vda", FROM_A_MIRROR),
    "netinst-nfs": ("almalinux-8", "/dev/vda", FROM_A_MIRROR),
}


@pytest.fixture(scope="module")
def said(armory: t.Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the role says, by name of the case. Machines are checked together: a play takes much longer than a check."""
    found = {}
    for case, machines in (("sound", SOUND), ("mistaken", {**SOUND, **MISTAKEN})):
        folder = tmp_path_factory.mktemp(case)
        media = folder / "srv/media"
        media.mkdir(parents=True)
        offers = {"packages": ["bash", "lrzsz"], "groups": ["core"]}
        (media / "rocky-9.json").write_text(json.dumps(offers), encoding="utf-8")
        kinds = ("environments", "groups", "modules", "packages", "provides")
        nothing: dict[str, list[str]] = {kind: [] for kind in kinds}
        (media / "almalinux-8.json").write_text(json.dumps(nothing), encoding="utf-8")
        site = armory(
            [
                armory.machine(number, name, distribution, disk=disk)
                for number, (name, (distribution, disk, _answers)) in enumerate(machines.items(), start=1)
            ]
        )
        site.sources = {"netinst-nfs": "nfs"}
        login = {"root_ssh_keys": ["ssh-ed25519 AAAA me"]}
        answers = {name: {**login, **given} for name, (_distribution, _disk, given) in machines.items()}
        done = site.arm(folder, answers, files=FILES)
        armed = len(list(pathlib.Path(folder, "srv/answers").glob("*/*.ipxe")))
        found[case] = re.sub(r"\s+", " ", f"{armed} armed {done.stdout} {done.stderr}")
    return found


def test_what_is_right_passes(said: dict[str, str]) -> None:
    assert said["sound"].startswith(f"{len(SOUND)} armed ")
    assert "old line 1 (install): install" in said["sound"]


def test_four_mistakes_are_four_messages(said: dict[str, str]) -> None:
    assert said["mistaken"].startswith("0 armed ")
    assert (
        "No machine was armed. four line 1 (install): install was removed in RHEL9; leave it out. "
        "four line 5 (part / --size=2000 --ondisk=sda): part --ondisk=sda is not the disk that this machine is to use; "
        "write vda. "
        "four line 7 (@cor): @cor: the tree has no such group; did you mean @core? "
        "four line 8 (lrsz): lrsz: the tree has no such package; did you mean lrzsz? "
        "no-index line 1 (install): install was removed"
    ) in said["mistaken"]


def test_packages_need_an_index(said: dict[str, str]) -> None:
    assert {int(line) for line in re.findall(r"no-index line (\d+) ", said["mistaken"])} == {1, 5}


def test_disks_that_may_be_used(said: dict[str, str]) -> None:
    """Of several disks each may be."""
    line = "two-disks line 5 (part / --size=2000 --ondisk=sda): part --ondisk=sda"
    assert f"{line}: ignoredisk in line 4 hides this disk" in said["mistaken"]
    assert f"{line} is not" not in said["mistaken"]


def test_the_disk_of_a_rule_has_no_other_name(said: dict[str, str]) -> None:
    text = "names a disk, but disk_rule finds this machine's"
    assert f"rule line 4 (ignoredisk --only-use=vda): ignoredisk --only-use=vda {text}" in said["mistaken"]
    assert f"rule line 5 (part / --size=2000 --ondisk=sda): part --ondisk=sda {text}" in said["mistaken"]


def test_a_tree_without_packages_is_no_source(said: dict[str, str]) -> None:
    text = (
        "leads to a tree without packages, as of a boot or netinst image, which the installer refuses; list an image "
        "with packages in isos, such as the DVD, or write a kickstart of your own whose url leads to a repository"
    )
    assert re.search(
        rf"netinst line \d+ \(url [^)]*\): url --url=http://10.77.0.1/trees/almalinux-8 {text}",
        said["mistaken"],
    )
    assert re.search(
        rf"netinst-nfs line \d+ \(nfs [^)]*\): nfs 10.77.0.1:/srv/pxe/trees/almalinux-8 {text}",
        said["mistaken"],
    )
    assert not re.search(r"elsewhere line \d+ \(url", said["mistaken"])


def test_other_machines_are_not_refused(said: dict[str, str]) -> None:
    message = said["mistaken"].partition("No machine was armed. ")[2].partition('"')[0]
    assert not re.search("good line|old line|deb line", message)


def test_no_message_shows_a_secret(said: dict[str, str]) -> None:
    assert "Gehe1m" not in str(said)
