# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.script import HEADER
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.paths import machine_script
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    SCRIPTS,
    commands,
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_passes_the_check(name: str) -> None:
    check_script(SCRIPTS[name], name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_says_what_it_is_and_speaks_on_the_screen(name: str) -> None:
    assert SCRIPTS[name].startswith(HEADER)
    assert SCRIPTS[name].splitlines()[2].startswith("# ")
    assert "\necho " in SCRIPTS[name]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_replaced_by_the_next(name: str) -> None:
    """Else the status of local boot would not reach the firmware."""
    for line in commands(SCRIPTS[name]):
        if line.startswith("chain "):
            assert line.startswith("chain --replace --autofree --timeout "), line


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "menu.ipxe"])
def test_waiting_is_for_after_a_failure(name: str) -> None:
    """Before the first request that may fail, no script sleeps or asks."""
    lines = commands(SCRIPTS[name])
    may_fail = re.compile(r"(chain|kernel|imgfetch|dhcp|sanboot|iseq.*sanboot)")
    first = next((number for number, line in enumerate(lines) if may_fail.match(line)), None)
    assert first is not None
    assert not [line for line in lines[:first] if line.startswith(("sleep", "prompt", "menu", "choose"))]


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_end_is_local_boot_with_the_status_that_firmware_wants(name: str) -> None:
    lines = commands(SCRIPTS[name])
    at = lines.index("exit 1")
    assert lines[at - 1] == "iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||"
    assert "exit 0" not in lines
    assert "exit" not in lines


def test_each_machine_asks_for_its_own_script() -> None:
    """iPXE puts its MAC address in, lower case, with hyphens: settings and formats are spelt as it spells them."""
    lines = commands(SCRIPTS["boot.ipxe"])
    own = "http://10.77.0.1/boot/machines/${netX/mac:hexhyp}.ipxe"
    at = lines.index(f"chain --replace --autofree --timeout 20000 {own} ||")
    assert lines[at + 1].endswith(" http://10.77.0.1/boot/menu.ipxe ||")
    assert own.replace("${netX/mac:hexhyp}", "52-54-00-aa-00-01").endswith(
        machine_script("52:54:00:AA:00:01")
    )
