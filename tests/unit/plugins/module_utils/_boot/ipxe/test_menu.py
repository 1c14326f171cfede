# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    MENU,
    OWN_ENTRIES,
    PROFILE,
    commands,
    render,
)


@pytest.mark.parametrize(
    ("menu", "lines"),
    [
        (
            {},
            [
                "menu Welcome to PXE server!",
                "choose --default local.ipxe --timeout 30000 target || goto local",
            ],
        ),
        (
            {"default": "debian13", "timeout": 5},
            ["choose --default profiles/debian13.ipxe --timeout 5000 target || goto local"],
        ),
        ({"timeout": 0}, ["choose --default local.ipxe --timeout 0 target || goto local"]),
        ({"title": "Site # 1 || &"}, ["menu Site ${_}# 1 ${_}|| &"]),
        ({"splash": "logo.PNG"}, ["console --picture http://10.77.0.1/boot/menu.png ||"]),
        ({"splash": "http://x/y.png"}, ["console --picture http://x/y.png ||"]),
    ],
)
def test_the_menu(menu: dict[str, t.Any], lines: list[str]) -> None:
    script = render(menu={**MENU, **menu})["menu.ipxe"]
    assert [line for line in lines if line not in script.splitlines()] == []
    assert "item profiles/debian13.ipxe Install Debian 13\n" in script


def test_a_picture_that_ipxe_cannot_show_is_left_out() -> None:
    assert "console" not in render(menu={**MENU, "splash": "splash.jpg"})["menu.ipxe"]


def test_a_bios_gets_the_menu_of_pxelinux_and_that_of_ipxe_if_it_cannot_be_had() -> None:
    lines = commands(render(menu={**MENU, "bios": "pxelinux"})["menu.ipxe"])
    folder = "http://10.77.0.1/boot/syslinux"
    before = lines[: lines.index(":menu")]
    assert before[0] == "iseq ${platform} pcbios || goto menu"
    assert before[1] == "set 209:string pxelinux.cfg/default"
    # A configuration by MAC address that somebody has put there.
    assert "pxelinux.cfg/01-${netX/mac:hexhyp} && imgfree own && set 209:string" in before[2]
    # It must end in a slash.
    assert f"set 210:string {folder}/" in before
    assert f"chain --autofree --timeout 20000 {folder}/pxelinux.0 ||" in before
    assert "menu Welcome to PXE server!" in lines[lines.index(":menu") :]
    assert "209" not in render(menu={**MENU, "bios": "ipxe"})["menu.ipxe"]


LIVE = {**PROFILE, "name": "desk", "label": "Desktop", "family": "live"}


OWN = {**PROFILE, "name": "own", "menu_password": True}


MASTER = {**MENU, "password": True}


def locks(script: str) -> dict[str, str]:
    """What each locked entry of the menu asks for."""
    return dict(re.findall(r"(?m)^iseq \$\{target\} (\S+) && set lock (\S+) && goto locked \|\|$", script))


@pytest.mark.parametrize(
    ("menu", "profiles", "wanted", "shell"),
    [
        (MENU, [PROFILE], {}, True),
        (MENU, [PROFILE, OWN], {"profiles/own.ipxe": "own"}, False),
        (
            MASTER,
            [PROFILE, OWN],
            {
                "profiles/debian13.ipxe": "menu",
                "profiles/own.ipxe": "own",
                "rescue/debian-13.ipxe": "menu",
                "shell": "menu",
            },
            True,
        ),
    ],
)
def test_what_asks_for_which_password(
    menu: dict[str, t.Any], profiles: list[dict[str, t.Any]], wanted: dict[str, str], shell: bool
) -> None:
    script = render(menu=menu, profiles={one["name"]: one for one in profiles})["menu.ipxe"]
    assert locks(script) == wanted
    assert ("item shell iPXE shell" in script.splitlines()) == shell
    assert ("login || goto menu" in script.splitlines()) == bool(wanted)


def test_nothing_is_started_before_the_server_has_seen_the_password() -> None:
    lines = commands(render(menu=MASTER)["menu.ipxe"])
    chosen = next(number for number, line in enumerate(lines) if line.startswith("choose "))
    between = lines[chosen + 1 : lines.index(":unlocked")]
    assert all(line.endswith("&& goto locked ||") for line in between)
    asking = lines[lines.index(":locked") :]
    assert asking[1:5] == [
        "set username ${lock}",
        "clear password ||",
        "login || goto menu",
        "imgfetch --name lock --timeout 20000 "
        "http://${username:uristring}:${password:uristring}@10.77.0.1/locked/${lock} && goto right ||",
    ]
    # A wrong password leads back to the menu, and it does not stay in the memory of the machine.
    assert asking.index("goto menu") < asking.index(":right")
    assert asking[asking.index(":right") + 1 :] == ["clear password ||", "imgfree lock ||", "goto unlocked"]


def test_the_menu_says_what_installs_and_what_runs() -> None:
    lines = render(profiles={"debian13": PROFILE, "desk": LIVE})["menu.ipxe"].splitlines()
    at = lines.index("item --gap -- Install")
    assert lines[at : at + 6] == [
        "item --gap -- Install",
        "item profiles/debian13.ipxe Install Debian 13",
        "item --gap -- Run",
        "item profiles/desk.ipxe Desktop",
        "item --gap -- Repair",
        "item rescue/debian-13.ipxe Rescue system of debian-13",
    ]


@pytest.mark.parametrize(
    ("published", "menu", "offered"),
    [(True, MENU, True), (False, MENU, False), (True, {**MENU, "memory_test": False}, False)],
)
def test_the_memory_test_for_uefi(published: bool, menu: dict[str, t.Any], offered: bool) -> None:
    lines = render(memory_test=published, menu=menu)["menu.ipxe"].splitlines()
    line = "iseq ${platform}/${buildarch} efi/x86_64 && item memtest.efi Test the memory ||"
    assert (line in lines) == offered


def test_from_the_menu_nothing_of_an_armed_installation_is_taken_along() -> None:
    lines = commands(render()["menu.ipxe"])
    for line in ("clear install_arguments ||", "clear release ||"):
        assert lines.index(line) < lines.index("menu Welcome to PXE server!")


def test_own_entries_ask_for_the_password_of_the_menu() -> None:
    script = render(menu={**MENU, "entries": OWN_ENTRIES, "password": True})["menu.ipxe"]
    for name in ("tool", "bios", "uefi", "menu"):
        assert f"iseq ${{target}} entries/{name}.ipxe && set lock menu && goto locked ||" in script


@pytest.mark.parametrize(
    ("position", "before", "after"),
    [
        ("first", "item --gap -- This machine", "item --gap -- Install"),
        ("after:debian13", "item profiles/debian13.ipxe", "item --gap -- More"),
        ("after:uefi", "iseq ${platform} efi && item entries/uefi.ipxe", "item entries/menu.ipxe"),
        ("last", "item shell", "choose"),
    ],
)
def test_where_the_local_disk_is(position: str, before: str, after: str) -> None:
    local = {"label": "disk", "text": "Boot from local drive", "position": position}
    lines = render(menu={**MENU, "entries": OWN_ENTRIES, "local": local})["menu.ipxe"].split("\n")
    at = lines.index("item local.ipxe Boot from local drive")
    assert lines[at - 1].startswith(before)
    assert lines[at + 1].startswith(after)


def test_tenths_of_a_second() -> None:
    assert " --timeout 600 target" in render(menu={**MENU, "timeout": 0.6})["menu.ipxe"]
