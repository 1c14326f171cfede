# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.machines import (
    armed_of,
    armed_text,
    check_armed,
    is_armed_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    MACHINE,
    MACHINE_PATH,
    PROFILE_PATH,
    live_plan,
    plan,
    render,
    section,
)


def test_a_machine_boots_its_disk() -> None:
    text = render()[MACHINE_PATH]
    lines = text.split("\n")
    assert [line for line in lines if line and not line.startswith("#")] == [
        "PROMPT 0",
        "NOESCAPE 1",
        "ALLOWOPTIONS 0",
        "DEFAULT local",
        "ONERROR local",
        "SAY This is node01 (52:54:00:AA:00:01, profile p0)",
        "LABEL local",
        "  LOCALBOOT -1",
    ]


def test_in_the_plain_chain_it_looks_whether_it_is_armed() -> None:
    last = render(plan(loader="pxelinux"))[MACHINE_PATH].rstrip("\n").split("\n")[-1]
    assert last == "INCLUDE pxelinux.cfg/armed/01-52-54-00-aa-00-01"


INSTALLATION = {
    "machine": "node01",
    "mac": MACHINE["mac"],
    "address": "10.77.0.11",
    "token": "0" * 32,
    "window": "1795186800-1795208400",
    "profile": "p0",
    "disk": "/dev/vda",
    "install_arguments": ["auto=true", "url=http://10.77.0.1/x;y"],
}


def test_an_armed_machine_installs() -> None:
    files = render(plan(loader="pxelinux"))
    text = armed_text(files[PROFILE_PATH], INSTALLATION)
    assert text.split("\n")[1] == f"# 10.77.0.11/{'0' * 32}/1795186800-1795208400"
    assert is_armed_of(text, armed_of(INSTALLATION))
    for key, value in (("machine", "node0"), ("mac", "52:54:00:aa:00:02"), ("address", "10.77.0.1")):
        assert not is_armed_of(text, armed_of({**INSTALLATION, key: value}))
    assert "SAY ALL DATA ON /dev/vda WILL BE LOST" in text
    assert [line for line in text.split("\n") if line and not line.startswith(("#", "SAY"))] == [
        "DEFAULT install",
        "LABEL install",
        "  KERNEL kernels/d0/vmlinuz",
        "  INITRD kernels/d0/initrd.img",
        "  IPAPPEND 2",
        "  APPEND inst.repo=p0 quiet a=b;c auto=true url=http://10.77.0.1/x;y",
    ]
    # As pxelinux reads it: in the place of the last line of the machine's own file.
    own = files[MACHINE_PATH]
    including = f"INCLUDE {paths.armed_in_folder(MACHINE['mac'])}\n"
    assert own.endswith(including)
    whole = own[: -len(including)] + text
    assert check_config(whole, "f") == ["kernels/d0/vmlinuz", "kernels/d0/initrd.img"]
    assert re.findall(r"(?m)^DEFAULT (\w+)", whole) == ["local", "install"]
    check_armed(text, "f")


def test_an_armed_machine_that_is_told_its_network_card() -> None:
    profile = render(plan(loader="pxelinux"))[PROFILE_PATH]
    arguments = ["BOOTIF=01-52-54-00-aa-00-01"]
    text = armed_text(profile, {**INSTALLATION, "install_arguments": arguments, "disk": None})
    assert "IPAPPEND" not in text
    assert "SAY ALL DATA" not in text
    assert text.endswith("  APPEND inst.repo=p0 quiet a=b;c BOOTIF=01-52-54-00-aa-00-01\n")


@pytest.mark.parametrize(
    ("profile", "changes", "words"),
    [
        ("", {}, "profile p0 is damaged: run netinstall.pxe.site"),
        ("<html>\n", {}, "is damaged"),
        (None, {"install_arguments": ["a b"]}, "install_arguments of node01"),
        (None, {"install_arguments": ["${net0/ip}"]}, "settings of iPXE"),
    ],
)
def test_what_cannot_be_armed(profile: str | None, changes: dict[str, t.Any], words: str) -> None:
    profile = render(plan(loader="pxelinux"))[PROFILE_PATH] if profile is None else profile
    with pytest.raises(PxeError) as caught:
        armed_text(profile, {**INSTALLATION, **changes})
    assert words in str(caught.value)


def test_a_command_line_that_is_too_long_is_not_armed() -> None:
    profile = render(plan(loader="pxelinux"))[PROFILE_PATH]
    text = armed_text(profile, {**INSTALLATION, "install_arguments": ["x" * 2000]})
    with pytest.raises(PxeError, match="longer than 2047"):
        check_armed(text, "f")


@pytest.mark.parametrize("loader", ["ipxe", "pxelinux"])
def test_a_machine_with_a_live_system_boots_it_without_being_armed(loader: str) -> None:
    text = render(live_plan(loader))[MACHINE_PATH]
    assert "\nDEFAULT install\n" in text
    assert "\nONERROR local\n" in text
    assert "APPEND inst.repo=p0 quiet a=b;c hostname=x" in section(text, "install")
    assert "INCLUDE" not in text
