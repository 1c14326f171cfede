# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.machines import armed_text, needed_by
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.machines import (
    armed_of,
    armed_until,
    is_armed_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.grub.sites import (
    INSTALLATION,
    MACHINE_PATH,
    PROFILE_PATH,
    live_plan,
    render,
    said,
)

CARD = "52-54-00-aa-00-01"


def armed(**changes: t.Any) -> str:
    return armed_text(render()[PROFILE_PATH], {**INSTALLATION, **changes})


def test_a_machine_boots_its_disk_unless_it_is_armed() -> None:
    """First of all it says whose file it is."""
    assert said(render()[MACHINE_PATH]) == [
        f"set machine={CARD}",
        "echo 'This is node01 (52:54:00:AA:00:01, profile p0)'",
        f'source "$prefix/armed/{CARD}.cfg"',
    ]


def test_a_live_system_starts_whenever_the_machine_does() -> None:
    lines = said(render(live_plan())[MACHINE_PATH])
    assert lines[0] == f"set machine={CARD}"
    assert "'a=b;c' 'hostname=x'; then" in lines[2]
    assert lines[3:] == [
        "  if initrd \"$prefix\"/'kernels/d/initrd.img'; then",
        f"    set ready={CARD}",
        "  fi",
        "fi",
    ]
    assert not any("armed" in line for line in lines)


def test_an_armed_machine_installs() -> None:
    """All of it is one ``if``: a part of it does nothing."""
    assert said(armed()) == [
        f'if [ "$card" = {CARD} -a "$net_default_ip" = 10.77.0.11 ]; then',
        "  echo 'Installing node01 with profile p0'",
        "  echo 'ALL DATA ON /dev/vda WILL BE LOST'",
        "  if linux \"$prefix\"/'kernels/d/vmlinuz' 'inst.repo=p0' \"BOOTIF=01-$card\" 'quiet' 'a=b;c' 'auto=true'"
        " 'url=http://10.77.0.1/x;y'; then",
        "    if initrd \"$prefix\"/'kernels/d/initrd.img'; then",
        f"      set ready={CARD}",
        "    fi",
        "  fi",
        "else",
        "  echo 'What is armed is node01 (52:54:00:aa:00:01, 10.77.0.11), not this machine:'",
        '  echo "$net_default_mac, $net_default_ip"',
        "fi",
    ]


def test_the_server_knows_whose_it_is_and_until_when() -> None:
    """By the same lines as in pxelinux's armed files."""
    text = armed()
    assert text.split("\n")[1] == f"# 10.77.0.11/{'0' * 32}/1795186800-1795208400"
    assert is_armed_of(text, armed_of(INSTALLATION))
    assert armed_until(text) == 1795208400


def test_a_machine_that_is_told_its_network_card() -> None:
    text = armed(install_arguments=[f"BOOTIF=01-{CARD}"], disk=None)
    assert '$card"' not in text.partition("linux ")[2].partition("\n")[0]
    assert f"'BOOTIF=01-{CARD}'; then" in text
    assert "ALL DATA" not in text


@pytest.mark.parametrize(
    ("profile", "changes", "words"),
    [
        ("", {}, "profile p0 is damaged: run netinstall.pxe.site"),
        ("<html>\n", {}, "is damaged"),
        ("initrd a\nlinux b\n", {}, "is damaged"),
        (None, {"install_arguments": ["a b"]}, r"install_arguments of node01\[0\]: GRUB cannot pass"),
        (None, {"install_arguments": ["a" * 2048]}, "longer than 2048 bytes"),
        (None, {"machine": "a\x1bb"}, "write one line"),
    ],
)
def test_what_cannot_be_armed(profile: str | None, changes: dict[str, t.Any], words: str) -> None:
    profile = render()[PROFILE_PATH] if profile is None else profile
    with pytest.raises(PxeError, match=words):
        armed_text(profile, {**INSTALLATION, **changes})


def test_what_it_needs() -> None:
    assert needed_by(armed()) == ["grub/kernels/d/vmlinuz", "grub/kernels/d/initrd.img"]
    assert needed_by("boot\n") == []
