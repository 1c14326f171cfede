# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where profiles install from: images that installers mount themselves, too."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

SITE: dict[str, t.Any] = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "services": {"nfs": {"address": "10.77.0.3"}},
    "subnets": [{"cidr": "10.77.0.0/24"}],
}
ONE = {"isos": [{"path": "/srv/iso/1.iso"}]}
TWO = {"isos": [{"path": "/srv/iso/1.iso"}, {"path": "/srv/iso/2.iso"}]}


def compiled(name: str, distribution: t.Any, *sources: str) -> dict[str, t.Any]:
    profiles = {
        f"p{number}": {"distribution": name, "source": source} for number, source in enumerate(sources)
    }
    return compile_plan({**SITE, "distributions": {name: distribution}, "profiles": profiles}, [])


def test_the_images_are_exported_and_the_tree_is_not() -> None:
    plan = compiled("centos-6", TWO, "nfs-iso", "http")
    distribution = plan["distributions"]["centos-6"]
    assert distribution["nfs_images"] == "/srv/pxe/nfs-iso/centos-6"
    assert distribution["tree_urls"]["nfs-iso"] == "nfs:10.77.0.3:/srv/pxe/nfs-iso/centos-6"
    assert plan["sources"]["nfs"] == [
        {"name": "centos-6", "path": "/srv/pxe/nfs-iso/centos-6", "mounted": False}
    ]


def test_the_tree_and_the_images() -> None:
    plan = compiled("rocky-9", ONE, "nfs", "nfs-iso")
    assert [(one["path"], one["mounted"]) for one in plan["sources"]["nfs"]] == [
        ("/srv/pxe/trees/rocky-9", True),
        ("/srv/pxe/nfs-iso/rocky-9", False),
    ]


def test_without_such_a_profile_there_is_nothing() -> None:
    plan = compiled("rocky-9", ONE, "nfs")
    assert "nfs_images" not in plan["distributions"]["rocky-9"]
    assert "nfs-iso" not in plan["distributions"]["rocky-9"]["tree_urls"]


@pytest.mark.parametrize("name", ["centos-5", "centos-6"])
def test_old_installers_look_for_all_discs(name: str) -> None:
    assert compiled(name, TWO, "nfs-iso")["distributions"][name]["nfs_images"]


@pytest.mark.parametrize(
    ("name", "distribution", "said"),
    [
        (
            "rocky-9",
            TWO,
            "the installer of EL 9 mounts one image only, and rocky-9 has 2; write nfs, with layout",
        ),
        ("centos-7", TWO, "the installer of EL 7 mounts one image only"),
        ("debian-13", ONE, "'nfs-iso' is not supported by the installer of debian"),
        ("live-13", ONE, "'nfs-iso' is not supported by the installer of live"),
        ("office", {"root": "/srv/roots/office"}, "'nfs-iso' cannot serve office"),
    ],
)
def test_what_cannot_be(name: str, distribution: t.Any, said: str) -> None:
    with pytest.raises(PlanError) as raised:
        compiled(name, distribution, "nfs-iso")
    [mistake] = raised.value.mistakes
    assert mistake["address"] == "site_profiles.p0.source"
    assert mistake["message"].startswith(said) or said in mistake["message"]


def test_a_distribution_without_a_family_is_one_mistake() -> None:
    """The source of a profile is no reason to fall over it."""
    with pytest.raises(PlanError) as raised:
        compiled("other", ONE, "http", "ftp", "nfs", "nfs-iso")
    assert [mistake["address"] for mistake in raised.value.mistakes] == ["site_distributions.other.family"]
