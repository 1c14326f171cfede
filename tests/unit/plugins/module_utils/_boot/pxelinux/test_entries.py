# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.fragments import labels_of
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    HASH,
    MACHINE_PATH,
    MENU_PATH,
    OTHER_HASH,
    live_plan,
    order,
    own_entry,
    plan,
    render,
    section,
)


def test_many_profiles_lie_in_a_submenu_for_each_distribution() -> None:
    many = plan(profiles=4, distributions=2, submenus_from=4, rescue=False)
    text = render(many)[MENU_PATH]
    assert order(text) == [
        *("local", "SEPARATOR"),
        *("BEGIN install-d0", "p0", "p2", "back-install-d0", "END"),
        *("BEGIN install-d1", "p1", "p3", "back-install-d1", "END"),
    ]
    assert "MENU TITLE d0 (2)" in text
    few = {**many, "menu": {**many["menu"], "submenus_from": 5}}
    assert order(render(few)[MENU_PATH]) == ["local", "SEPARATOR", "p0", "p1", "p2", "p3"]


def test_rescue_systems_and_the_memory_test() -> None:
    text = render(plan(distributions=1), memory_test=True)[MENU_PATH]
    assert order(text) == ["local", "SEPARATOR", "p0", "p1", "SEPARATOR", "rescue-d0", "memtest"]
    assert "APPEND rescue=d0" in section(text, "rescue-d0")
    assert section(text, "memtest") == ["MENU LABEL Test the ^memory", "KERNEL memtest", "APPEND -"]
    several = order(render(plan(distributions=2))[MENU_PATH])
    assert several[5:] == ["BEGIN rescue", "rescue-d0", "rescue-d1", "back-rescue", "END"]
    assert order(render(rescue_arguments=lambda _distribution: None)[MENU_PATH]) == several[:4]
    off = plan(rescue=False, memory_test=False)
    assert order(render(off, memory_test=True)[MENU_PATH]) == several[:4]


def test_a_profile_that_is_not_in_the_menu() -> None:
    hidden = plan()
    for profile in hidden["profiles"].values():
        profile["in_menu"] = False
    assert order(render(hidden)[MENU_PATH]) == ["local"]


def test_the_password_of_the_menu_locks_all_that_is_not_the_local_disk() -> None:
    text = render(menu_hash=HASH, profile_hashes={"p1": OTHER_HASH}, memory_test=True)[MENU_PATH]
    lines = text.split("\n")
    assert f"MENU MASTER PASSWD {HASH}" in lines
    assert "NOESCAPE 1" in lines
    assert "MENU PASSWD" in section(text, "p0")
    assert f"MENU PASSWD {OTHER_HASH}" in section(text, "p1")
    assert "MENU PASSWD" in section(text, "rescue-d0")
    assert not [line for label in ("local", "memtest") for line in section(text, label) if "PASSWD" in line]


def test_the_password_of_one_entry() -> None:
    text = render(profile_hashes={"p1": OTHER_HASH})[MENU_PATH]
    assert f"MENU PASSWD {OTHER_HASH}" in section(text, "p1")
    assert "PASSWD" not in "".join(section(text, "p0"))
    # Else another entry could be changed into this one.
    assert "ALLOWOPTIONS 0" in text.split("\n")
    assert "MASTER" not in text


def test_a_profile_that_is_called_like_another_entry() -> None:
    bad = plan()
    bad["profiles"]["memtest"] = {**bad["profiles"]["p0"], "name": "memtest"}
    with pytest.raises(PxeError, match="memtest is there twice"):
        render(bad, memory_test=True)


def test_live_systems_are_below_a_title_of_their_own() -> None:
    text = render(live_plan())[MENU_PATH]
    assert order(text)[:5] == ["local", "SEPARATOR", "p1", "SEPARATOR", "-run"]
    assert section(text, "-run") == ["MENU LABEL Run:", "MENU DISABLE"]
    assert order(text)[5] == "p0"


@pytest.mark.parametrize(
    ("position", "wanted"),
    [
        ("first", ["local", "p0", "p1", "hdt"]),
        ("after:p0", ["p0", "local", "p1", "hdt"]),
        ("after:hdt", ["p0", "p1", "hdt", "local"]),
        ("last", ["p0", "p1", "hdt", "local"]),
    ],
)
@pytest.mark.parametrize("prompt", [True, False])
def test_where_the_local_disk_is(position: str, wanted: list[str], prompt: bool) -> None:
    entries = [own_entry("hdt", "com32", "syslinux/hdt.c32")]
    local = {"label": "local", "text": "Boot from local drive", "position": position}
    text = render(plan(entries=entries, local=local, rescue=False, prompt=prompt))[MENU_PATH]
    assert labels_of(text) == wanted
    assert ("MENU LABEL Boot from local drive" in section(text, "local")) == (not prompt)


def test_after_an_entry_of_a_submenu_is_after_the_submenu() -> None:
    local = {"label": "disk", "text": None, "position": "after:p0"}
    text = render(plan(profiles=4, distributions=2, submenus_from=2, local=local, rescue=False))[MENU_PATH]
    assert order(text) == [
        *("SEPARATOR", "BEGIN install-d0", "p0", "p2", "back-install-d0", "END", "disk"),
        *("BEGIN install-d1", "p1", "p3", "back-install-d1", "END"),
    ]


@pytest.mark.parametrize(
    ("entry", "loader", "wanted"),
    [
        (own_entry("a", "com32", "syslinux/y.c32", append=["hd0", "1"]), "ipxe", ["COM32 y.c32", "APPEND hd0 1"]),
        (own_entry("a", "config", "syslinux/own/old.cfg"), "ipxe", ["CONFIG own/old.cfg"]),
        (own_entry("a", "chain", "tftp://10.0.0.5/x/pxelinux.0"), "ipxe", ["PXE tftp://10.0.0.5/x/pxelinux.0"]),
        (own_entry("a", "chain", "tftp://10.0.0.5/x/pxelinux.0"), "pxelinux", ["PXE 10.0.0.5::x/pxelinux.0"]),
        (
            own_entry("a", "kernel", "tools/linux", initrd=["tools/a.gz", "syslinux/own/b.gz"], append=["ro"]),
            "ipxe",
            [
                "LINUX http://10.77.0.1/boot/tools/linux",
                "INITRD http://10.77.0.1/boot/tools/a.gz,own/b.gz",
                "APPEND ro",
                "IPAPPEND 2",
            ],
        ),
        (
            own_entry("a", "kernel", "tools/linux", initrd=["tools/a.gz"]),
            "pxelinux",
            ["LINUX ::tools/linux", "INITRD ::tools/a.gz", "IPAPPEND 2"],
        ),
    ],
)  # fmt: skip
def test_own_entries(entry: dict[str, t.Any], loader: str, wanted: list[str]) -> None:
    text = render(plan(loader=loader, entries=[entry]))[MENU_PATH]
    assert section(text, "a") == ["MENU LABEL The a", *wanted]
    # In the menu alone: no machine of the site has it, armed or not.
    other = render(plan(loader=loader, entries=[entry]))[MACHINE_PATH]
    assert other == render(plan(loader=loader))[MACHINE_PATH]


def test_own_entries_ask_for_the_password_of_the_menu() -> None:
    text = render(plan(entries=[own_entry("a", "com32", "syslinux/x.c32")]), menu_hash=HASH)[MENU_PATH]
    assert section(text, "a") == ["MENU LABEL The a", "MENU PASSWD", "COM32 x.c32"]


def test_a_memory_test_that_is_brought() -> None:
    text = render(plan(memory_test_file="syslinux/own/centos-6/memtest"))[MENU_PATH]
    assert section(text, "memtest")[1:] == ["KERNEL own/centos-6/memtest", "APPEND -"]
