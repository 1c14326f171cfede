# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Families, and distributions without images, whose machines fetch everything but the kernel from a mirror."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.compose import compose
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import FAMILY_ARGUMENTS
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, PLANNED
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.rendered import scripts

ROCKY = "http://mirror.example/rocky/9/BaseOS/x86_64/os"
DEBIAN = "http://mirror.example:8080/debian"
SITE: dict[str, t.Any] = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "subnets": [{"cidr": "10.77.0.0/24"}],
    "distributions": {"rocky-9": {"mirror": f"{ROCKY}/"}, "debian-13": {"mirror": DEBIAN}},
    "profiles": {"nine": {"distribution": "rocky-9"}, "thirteen": {"distribution": "debian-13"}},
}
MACHINES = [
    {
        "name": f"node{number:02}",
        "mac": f"52:54:00:aa:00:{number:02}",
        "address": f"10.77.0.1{number}",
        "profile": profile,
        "disk": "/dev/vda",
    }
    for number, profile in ((1, "nine"), (2, "thirteen"))
]


def mistakes_of(distribution: t.Any, name: str = "rocky-9", **profile: t.Any) -> list[tuple[str, str]]:
    site = {
        **SITE,
        "distributions": {name: distribution},
        "profiles": {"p": {"distribution": name, **profile}},
    }
    try:
        compile_plan(site, [])
    except PlanError as error:
        return [(mistake["address"], mistake["message"]) for mistake in error.mistakes]
    return []


def test_the_plan() -> None:
    distributions = compile_plan(SITE, MACHINES)["distributions"]
    assert distributions["rocky-9"] == {
        "name": "rocky-9",
        "family": "redhat",
        "isos": [],
        "netboot": None,
        "layout": "overlay",
        "kernel": None,
        "initrd": None,
        "architecture": None,
        "version": None,
        "mirror": ROCKY,
        "tree": "/srv/pxe/trees/rocky-9",
        "tree_url": ROCKY,
        "tree_urls": {"http": ROCKY},
        "netboot_url": "http://10.77.0.1/trees/rocky-9-netboot",
    }


def test_the_kernel_is_the_servers_and_all_else_the_mirrors() -> None:
    plan = compile_plan(SITE, MACHINES)
    media = {
        name: {"kernel": f"{one['netboot_url']}/linux", "initrd": [f"{one['netboot_url']}/initrd.gz"]}
        for name, one in plan["distributions"].items()
    }
    files = scripts(plan, media, FAMILY_ARGUMENTS)
    nine, thirteen = files["profiles/nine.ipxe"], files["profiles/thirteen.ipxe"]
    assert "http://10.77.0.1/trees/rocky-9-netboot/linux" in nine
    assert f"inst.repo={ROCKY} inst.stage2={ROCKY}" in nine
    assert "http://10.77.0.1/trees/debian-13-netboot/initrd.gz" in thirteen
    assert (
        "mirror/http/hostname=mirror.example:8080 mirror/http/directory=/debian mirror/suite=trixie"
        in thirteen
    )
    # What is signed must be so.
    assert "allow_unauthenticated" not in thirteen


def test_the_answers_trust_the_mirrors_signatures_only() -> None:
    plan = compile_plan(SITE, MACHINES)
    given = {"root_password_hash": "$6$x$y"}
    installations, mistakes = compose(plan, {"node01": given, "node02": given}, lambda: "t" * 32)
    assert mistakes == []
    nine, thirteen = installations
    assert nine["tree_urls"] == {"http": ROCKY}
    assert thirteen["answers"]["mirror"] == {
        "host": "mirror.example:8080",
        "directory": "/debian",
        "suite": "trixie",
        "authenticated": True,
    }


def test_each_web_server_has_the_kernel_and_all_the_same_mirror() -> None:
    servers = {
        "http": [
            {"name": "a", "group": "pxe_http", "address": "10.77.0.1"},
            {"name": "b", "group": "pxe_http", "address": "10.77.0.2"},
        ],
        **{
            service: [{"name": "a", "group": "pxe_servers", "address": "10.77.0.1"}]
            for service in ("dhcp", "tftp", "ftp", "nfs")
        },
    }
    there = plan_of(compile_plan(SITE, [], servers=servers), "b")["distributions"]["rocky-9"]
    assert (there["tree_url"], there["tree_urls"]) == (ROCKY, {"http": ROCKY})
    assert there["netboot_url"] == "http://10.77.0.2/trees/rocky-9-netboot"


def test_the_summary() -> None:
    lines = summary(compile_plan(SITE, []))
    assert any(line.split() == ["rocky-9", "redhat", "mirror", ROCKY] for line in lines), lines


@pytest.mark.parametrize(
    "url",
    [
        "https://mirror.example/os",
        "http://mirror.example",
        "http://10.77.0.9:8080/a/b~c/os/",
        "http://mirror.example/fedora/linux/releases/42/Everything/x86_64/os/",
    ],
)
def test_mirrors(url: str) -> None:
    assert mistakes_of({"mirror": url}) == []


@pytest.mark.parametrize(
    ("name", "distribution", "key", "said"),
    [
        ("rocky-9", {"mirror": "ftp://mirror.example/os"}, "mirror", "is not the URL of a mirror"),
        ("rocky-9", {"mirror": "mirror.example/os"}, "mirror", "is not the URL of a mirror"),
        ("rocky-9", {"mirror": "http://mirror.example/os?x=1"}, "mirror", "is not the URL of a mirror"),
        ("rocky-9", {"mirror": "http://mirror.example/a b"}, "mirror", "is not the URL of a mirror"),
        ("rocky-9", {"mirror": "http://mirror.example/../os"}, "mirror", "is not the URL of a mirror"),
        ("rocky-9", {"mirror": "http://mirror.example//os"}, "mirror", "is not the URL of a mirror"),
        ("rocky-9", {"mirror": "http://u:p@mirror.example/os"}, "mirror", "has a user name in it"),
        ("rocky-9", {"mirror": ["http://a"]}, "mirror", "must be text"),
        (
            "rocky-9",
            {"mirror": ROCKY, "isos": [{"path": "/a.iso"}]},
            "isos",
            "is for images, but mirror is given",
        ),
        ("rocky-9", {"mirror": ROCKY, "layout": "copy"}, "layout", "is for images, but mirror is given"),
        ("rocky-9", {"mirror": ROCKY, "kernel": "x"}, "kernel", "is for images, but mirror is given"),
        ("rocky", {"mirror": ROCKY}, "version", "is missing, and the name 'rocky' has no number"),
        (
            "centos-5",
            {"mirror": "https://m.example/os"},
            "mirror",
            "the installer of EL 5 does not support https",
        ),
        (
            "fedora-8",
            {"mirror": "https://m.example/os"},
            "mirror",
            "the installer of Fedora 8 does not support https",
        ),
        ("debian-13", {"mirror": "https://m.example/debian"}, "mirror", "name a mirror with http"),
        ("debian", {"mirror": DEBIAN}, "mirror", "it is not known which release to fetch; write version"),
        ("live-13", {"mirror": DEBIAN}, "mirror", "holds no live system"),
        ("other", {"mirror": DEBIAN}, "family", "is missing"),
    ],
)
def test_mirrors_that_are_refused(name: str, distribution: t.Any, key: str, said: str) -> None:
    found = mistakes_of(distribution, name)
    assert any(
        address == f"site_distributions.{name}.{key}" and said in message for address, message in found
    ), found
    # No message shows a password.
    assert ":p@" not in str(found)


def test_a_mirror_of_an_old_release_by_http() -> None:
    assert mistakes_of({"mirror": "http://m.example/5/os"}, "centos-5") == []
    assert mistakes_of({"mirror": "https://m.example/6/os"}, "centos-6") == []


@pytest.mark.parametrize("source", ["ftp", "nfs", "nfs-iso"])
def test_a_mirror_has_one_source(source: str) -> None:
    [(address, message)] = mistakes_of({"mirror": ROCKY}, source=source)
    assert address == "site_profiles.p.source"
    assert "which machines fetch from its mirror; leave source out" in message


@pytest.mark.parametrize("family", PLANNED)
def test_a_family_that_is_to_come(family: str) -> None:
    assert mistakes_of({"family": family, "isos": [{"path": "/a.iso"}]}, "other") == [
        (
            "site_distributions.other.family",
            f"{family!r} is not available in this version; write {', '.join([*FAMILIES][:-1])} or {[*FAMILIES][-1]}",
        )
    ]
