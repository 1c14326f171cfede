# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import (
    SiteEntries,
    Words,
    site_of,
    unknown_profiles,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

SITE: dict[str, t.Any] = {
    "server": {"address": "10.0.0.1", "interface": "eth0"},
    "subnets": [{"cidr": "10.0.0.0/24", "gateway": "10.0.0.1", "dns": ["10.0.0.1"]}],
    "distributions": {
        "rocky-9": {"isos": [{"path": "/srv/iso/rocky-9.iso"}]},
        "live-13": {"family": "live", "isos": [{"path": "/srv/iso/live-13.iso"}]},
    },
    "profiles": {
        "nine": {"distribution": "rocky-9", "label": "Nine", "kernel_arguments": ["quiet"]},
        "desk": {"distribution": "live-13", "label": "Desk", "in_menu": False},
    },
}
MACHINES: list[dict[str, t.Any]] = [
    {
        "name": "node1",
        "mac": "52:54:00:00:00:01",
        "address": "10.0.0.11",
        "profile": "nine",
        "disk": "/dev/vda",
    },
    {"name": "node2", "mac": "52:54:00:00:00:02", "address": "10.0.0.12", "profile": "desk"},
]
MEDIA = {
    "rocky-9": {"kernel": "k", "initrd": ["i"]},
    "live-13": {"kernel": "k", "initrd": ["i"], "stage2": "live/root.squashfs"},
}
HASH = "$6$salt$" + "a" * 86


def site(media: t.Any = None, left_out: t.Sequence[str] = (), **changes: t.Any) -> SiteEntries:
    plan = compile_plan({**SITE, **changes}, MACHINES)
    return site_of(plan, MEDIA if media is None else media, left_out=left_out)


def test_a_profile() -> None:
    nine, desk = site().profiles.values()
    kernel = nine.boots
    assert (nine.label, nine.lock, nine.in_menu, nine.installs) == ("Nine", "", True, True)
    assert (kernel.distribution, kernel.url) == ("rocky-9", "http://10.0.0.1/trees/rocky-9/k")
    assert kernel.arguments[1] == Words("site_profiles.nine.kernel_arguments", ["quiet"])
    assert (desk.in_menu, desk.installs) == (False, False)
    # Where its root file system lies only the image tells. The card that it was booted from each loader says itself.
    said = desk.boots.arguments[0].said
    assert "fetch=http://10.0.0.1/trees/live-13/live/root.squashfs" in said
    assert BOOT_CARD in said


def test_no_entry_speaks_a_loaders_language() -> None:
    assert "${" not in str(site())
    assert "BOOTIF" not in str(site().profiles)


def test_rescue_systems_are_of_what_is_in_the_menu() -> None:
    assert [(rescue.name, rescue.label) for rescue in site().rescues] == [
        ("rocky-9", "Rescue system of rocky-9")
    ]
    assert site(menu={"rescue": False}).rescues == []


def test_machines() -> None:
    node1, node2 = site().machines
    assert node1.live is None
    assert node2.live is not None
    assert node2.live.address == "kernel_arguments of node2"


@pytest.mark.parametrize(
    ("menu", "own", "locks"),
    [
        ({}, {}, ["", ""]),
        ({"password_hash": HASH}, {}, ["menu", "menu"]),
        ({"password_hash": HASH}, {"menu_password_hash": HASH}, ["nine", "menu"]),
        ({}, {"menu_password_hash": HASH}, ["nine", ""]),
    ],
)
def test_whose_password_is_asked_for(menu: dict[str, t.Any], own: dict[str, t.Any], locks: list[str]) -> None:
    profiles = {**SITE["profiles"], "nine": {**SITE["profiles"]["nine"], **own}}
    found = site(menu=menu, profiles=profiles)
    assert [profile.lock for profile in found.profiles.values()] == locks
    assert found.profiles["nine"].has_own_lock == bool(own)
    assert [rescue.lock for rescue in found.rescues] == [locks[1]]


def test_what_the_site_brings_itself() -> None:
    menu = {"entries": {"tool": {"kernel": "tools/linux", "initrd": ["tools/i.gz"], "append": "a b"}}}
    found = site(menu=menu)
    [tool] = found.own
    assert tool.address == "site_menu.entries.tool"
    assert tool.programs["ipxe"] == ("kernel", "tools/linux", ["tools/i.gz"], ["a", "b"])
    assert found.own_of("pxelinux") == [tool]
    assert found.own_of("toy") == []
    with pytest.raises(PxeError, match=r"tool: this entry has no kernel"):
        assert tool.boots


def test_local_disk_and_memory_test() -> None:
    assert (site().local.name, site().local.label) == ("local", "")
    local = site(menu={"local": {"label": "disk", "text": "Platte"}}).local
    assert (local.name, local.label) == ("disk", "Platte")
    assert site().memory_test is not None
    assert site(menu={"memory_test": False}).memory_test is None


def test_what_nobody_has_found_yet() -> None:
    media = {"live-13": MEDIA["live-13"]}
    plan = compile_plan(SITE, MACHINES)
    assert unknown_profiles(plan, media) == ["nine"]
    with pytest.raises(PxeError, match=r"site_distributions.rocky-9: its kernel"):
        site(media)
    found = site(media, left_out=["nine"])
    assert [profile.boots.is_known for profile in found.profiles.values()] == [False, True]
    assert [rescue.boots.is_known for rescue in found.rescues] == [False]


def test_an_installer_that_nobody_knows() -> None:
    plan = compile_plan(SITE, MACHINES)
    plan["profiles"]["nine"]["family"] = "beos"
    with pytest.raises(PxeError, match=r"site_profiles.nine: no installer 'beos' is known; there are debian"):
        site_of(plan, MEDIA)


def test_hashes_are_no_part_of_what_is_printed() -> None:
    plan = compile_plan(SITE, MACHINES)
    shown = repr(site_of(plan, MEDIA, menu_hash=HASH, profile_hashes={"nine": HASH}))
    assert HASH not in shown
