# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import script_path
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import Machine
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import (
    armed_script,
    machine_script,
)
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    INSTALLATION,
    MACHINE,
    SCRIPTS,
    URLS,
    commands,
    render,
)


def test_a_machine_with_a_live_system_boots_it_without_being_armed() -> None:
    machine = {**MACHINE, "family": "live"}
    script = render(machines=[machine])["machines/52-54-00-aa-00-01.ipxe"]
    lines = commands(script)
    at = lines.index("set install_arguments hostname=node01")
    assert lines[at - 2 : at] == ["clear install_arguments ||", "clear release ||"]
    assert lines[at + 3] == (
        "chain --replace --autofree --timeout 20000 http://10.77.0.1/boot/profiles/debian13.ipxe ||"
    )
    assert "answers" not in script


@pytest.mark.parametrize(("firmware", "platform"), [("bios", "pcbios"), ("uefi", "efi"), ("any", None)])
def test_a_machine_with_the_other_firmware_is_told(firmware: str, platform: str | None) -> None:
    script = machine_script(Machine({**MACHINE, "firmware": firmware}, None), URLS)
    assert re.findall(r"^iseq \$\{platform\} (\w+) \|\| echo", script, re.M) == (
        [platform] if platform else []
    )


def test_install_arguments_arrive_in_order() -> None:
    script = SCRIPTS["armed.ipxe"]
    assert f"set install_arguments {' '.join(INSTALLATION['install_arguments'])}\n" in script
    assert "ALL DATA ON /dev/vda WILL BE LOST" in script


def test_an_installation_without_disk_and_arguments() -> None:
    script = armed_script({**INSTALLATION, "disk": None, "install_arguments": []}, URLS)
    check_script(script, "armed.ipxe")
    assert script.count("clear install_arguments ||") == 2
    assert "LOST" not in script


def test_only_the_armed_script_leads_to_a_profile() -> None:
    """Apart from the menu, where somebody chooses it."""
    assert [name for name, script in SCRIPTS.items() if "/boot/profiles/" in script] == ["armed.ipxe"]


def test_an_armed_script_is_of_one_machine() -> None:
    """Before anything else is done, and wherever it was got from."""
    lines = commands(armed_script({**INSTALLATION, "mac": "52:54:00:AA:00:01"}, URLS))
    assert lines[0] == "iseq ${netX/mac} 52:54:00:aa:00:01 || goto other"
    assert lines[1] == "iseq ${netX/ip} 10.77.0.11 || goto other"
    after = lines[lines.index(":other") :]
    assert after[2] == "goto local"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "10.77.0.11/node01_52-54-00-aa-00-01.ipxe"),
        ({"name": "renamed"}, "10.77.0.11/renamed_52-54-00-aa-00-01.ipxe"),
        ({"mac": "52:54:00:AA:00:0B"}, "10.77.0.11/node01_52-54-00-aa-00-0b.ipxe"),
        ({"address": "10.78.0.11"}, "10.78.0.11/node01_52-54-00-aa-00-01.ipxe"),
    ],
)
def test_a_machine_asks_for_what_is_armed_of_itself(changes: dict[str, str], path: str) -> None:
    """As arming writes it: who is described otherwise asks for another file."""
    machine = {**MACHINE, **changes}
    script = machine_script(Machine(machine, None), URLS)
    [url] = re.findall(r"http://10\.77\.0\.1/answers/(\S+)", script)
    assert url == path
    assert url == script_path({**machine, "machine": machine["name"]})


def test_what_the_server_said_is_no_image_any_more() -> None:
    """A kernel would take it for an initrd."""
    lines = commands(SCRIPTS["armed.ipxe"])
    for label in ("ready", "installed"):
        assert lines[lines.index(f":{label}") + 1] == f"imgfree {label} ||"
    [asked] = [line for line in lines if line.endswith("/ready && goto ready ||")]
    assert lines.index(asked) < lines.index(":hold")


@pytest.mark.parametrize("answer", ["installed", "expired"])
def test_only_what_the_server_says_leads_an_armed_machine_to_its_disk(answer: str) -> None:
    """Without it, what follows is the message that holds: the disk may be half installed."""
    lines = armed_script(INSTALLATION, URLS).splitlines()
    (jump,) = [line for line in lines if f"goto {answer}" in line]
    assert jump.startswith("imgfetch ")
    assert jump.endswith(f"/{answer} && goto {answer} ||")
    assert lines.index(jump) < lines.index(":hold") < lines.index(f":{answer}")
