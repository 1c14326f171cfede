# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.offers import arguments_of
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.renderer import Ipxe
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot import rendered
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.offered import (
    ARGUMENTS,
    MEDIA,
    URL,
    offers,
    plan,
    scripts,
)


def test_what_ipxe_is_told() -> None:
    one, two = offers(plan())
    assert arguments_of(one) == [
        "auto=true",
        f"url={URL}/offers/one/${{netX/mac:hexhyp}}/preseed.cfg",
        "BOOTIF=01-${netX/mac:hexhyp}",
    ]
    assert arguments_of(two)[2:] == ["x=${netX/mac}", "y=${netX/mac:hexraw}"]


def test_what_is_not_published_is_in_no_menu() -> None:
    files = rendered.scripts(plan(), MEDIA, ARGUMENTS)
    assert "without questions" not in files["menu.ipxe"]
    assert not [path for path in files if path.startswith("offers/")]


def test_the_default_is_asked_for_before_the_menu() -> None:
    made = plan(unknown_machines={"install": "two"})
    menu = scripts(made)["menu.ipxe"]
    ready = f"{URL}/offers/two/${{netX/mac:hexhyp}}/ready"
    assert "set first local.ipxe\n" in menu
    assert f"{ready} && imgfree ready && set first offers/two.ipxe ||\n" in menu
    assert menu.index(ready) < menu.index("set 209:string pxelinux.cfg/default")
    assert "iseq ${first} offers/two.ipxe && set 209:string pxelinux.cfg/offered ||\n" in menu
    assert "choose --default ${first} --timeout 30000 target" in menu


def test_the_menu_of_ipxe() -> None:
    files = scripts(plan())
    menu = files["menu.ipxe"]
    assert "item offers/one.ipxe Label one (installs without questions)\n" in menu
    # The one that asks is not in the menu, the one that does not is.
    assert "profiles/two.ipxe" not in menu
    assert "item offers/two.ipxe Label two (installs without questions)\n" in menu
    assert "choose --default local.ipxe" in menu
    assert "/ready" not in menu
    script = files["offers/two.ipxe"]
    assert script.index("/ready") < script.index("read answer") < script.index("set release ")
    assert f"set armed_script {URL}/boot/offers/two.ipxe\n" in script
    assert Ipxe().claims("offers/two.ipxe")


@pytest.mark.parametrize(
    ("changes", "locks"),
    [
        ({"menu": {"password": True}}, {"one": "menu", "two": "menu"}),
        (
            {"profiles": {"two": {**plan()["profiles"]["two"], "menu_password": True}}},
            {"two": "two"},
        ),
        ({}, {}),
    ],
)
def test_passwords_of_the_menu_of_ipxe(changes: dict[str, t.Any], locks: dict[str, str]) -> None:
    menu = scripts(plan(**changes))["menu.ipxe"]
    found = {
        name: lock
        for name in ("one", "two")
        for lock in ("menu", "one", "two")
        if f"iseq ${{target}} offers/{name}.ipxe && set lock {lock} && goto locked ||" in menu
    }
    assert found == locks
    # The shell would be the way around the password of one entry.
    assert ("item shell" in menu) == ("two" not in locks.values())
