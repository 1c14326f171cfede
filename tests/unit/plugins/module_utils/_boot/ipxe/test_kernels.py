# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    ARGUMENTS,
    MENU,
    OWN_ENTRIES,
    SCRIPTS,
    TOKEN,
    commands,
    render,
)


def test_the_kernel_line() -> None:
    assert (
        "kernel http://10.77.0.1/trees/debian-13/install.amd/vmlinuz initrd=initrd.gz of=debian-13 quiet"
        " ${install_arguments} || goto failed\n"
        "initrd --name initrd.gz http://10.77.0.1/trees/debian-13/install.amd/initrd.gz || goto failed\n"
        "isset ${release} || goto start\n"
    ) in render()["profiles/debian13.ipxe"]


def test_kernel_and_initrds_from_elsewhere() -> None:
    media = {
        "debian-13": {
            "kernel": "https://mirror.example/linux",
            "initrd": ["a/initrd.gz", "b/initrd.gz"],
            "base_url": "http://10.77.0.1/other/",
        }
    }
    script = render(media=media)["profiles/debian13.ipxe"]
    assert "kernel https://mirror.example/linux initrd=0-initrd.gz initrd=1-initrd.gz " in script
    assert "initrd --name 0-initrd.gz http://10.77.0.1/other/a/initrd.gz || goto failed" in script
    assert "initrd --name 1-initrd.gz http://10.77.0.1/other/b/initrd.gz || goto failed" in script


@pytest.mark.parametrize("media", [{}, {"debian-13": {}}, {"debian-13": {"kernel": "k", "initrd": []}}])
def test_a_kernel_that_nobody_knows(media: t.Any) -> None:
    with pytest.raises(PxeError, match=r"site_distributions\.debian-13"):
        render(media=media)


def test_a_rescue_system() -> None:
    script = render()["rescue/debian-13.ipxe"]
    assert "vmlinuz initrd=initrd.gz rescue=debian-13 ${install_arguments} || goto failed\n" in script
    assert [path for path in render(menu={**MENU, "rescue": False}) if "rescue" in path] == []
    without = ARGUMENTS._replace(rescue=lambda _distribution: None)
    files = render(arguments=without)
    assert "rescue" not in files["menu.ipxe"] + str(list(files))


def test_the_release_is_asked_for_last() -> None:
    """After kernel and initrd are there, and nothing else follows but the start."""
    lines = commands(SCRIPTS["profiles/debian13.ipxe"])
    at = lines.index("isset ${release} || goto start")
    assert lines[at - 1].startswith("initrd ")
    assert lines[at + 1 : at + 5] == [
        "imgfetch --name release --timeout 20000 ${release} && imgfree release || goto refused",
        "clear release ||",
        ":start",
        "boot || goto failed",
    ]
    # and never for the rescue system
    assert "release" not in SCRIPTS["rescue/debian-13.ipxe"]


def test_what_was_not_released_starts_no_kernel() -> None:
    lines = commands(SCRIPTS["profiles/debian13.ipxe"])
    after = lines[lines.index(":refused") :]
    assert after[1] == "imgfree ||"
    # A server that cannot record a release is not asked for kernels without end.
    assert after[3].startswith("prompt --timeout 30000 ")
    assert after[-1] == "goto refused"
    assert "boot || goto failed" not in after
    assert [line for line in after if "${armed_script}" in line or "${local_script}" in line] == [
        "chain --replace --autofree --timeout 20000 ${armed_script} ||",
        "chain --replace --autofree --timeout 20000 ${local_script} ||",
    ]
    armed = SCRIPTS["armed.ipxe"]
    assert "set armed_script http://10.77.0.1/answers/10.77.0.11/node01_52-54-00-aa-00-01.ipxe\n" in armed
    assert f"set release http://10.77.0.1/answers/10.77.0.11/{TOKEN}/1795186800-1795208400/release\n" in armed


def test_own_entries() -> None:
    files = render(menu={**MENU, "entries": OWN_ENTRIES})
    assert [path for path in files if path.startswith("entries/")] == [
        f"entries/{name}.ipxe" for name in ("tool", "bios", "uefi", "menu")
    ]
    items = [line for line in files["menu.ipxe"].split("\n") if "entries/" in line]
    assert items == [
        "item entries/tool.ipxe The tool",
        "iseq ${platform} pcbios && item entries/bios.ipxe The bios ||",
        "iseq ${platform} efi && item entries/uefi.ipxe The uefi ||",
        "item entries/menu.ipxe The menu",
    ]
    tool = commands(files["entries/tool.ipxe"])
    assert (
        "kernel http://10.77.0.1/boot/tools/linux initrd=a.gz ro ${install_arguments} || goto failed" in tool
    )
    assert "initrd --name a.gz http://10.77.0.1/boot/syslinux/own/a.gz || goto failed" in tool
    assert "chain --autofree --timeout 20000 tftp://10.0.0.5/pxelinux.0 ||" in files["entries/bios.ipxe"]
    script = files["entries/menu.ipxe"]
    assert (
        "chain --replace --autofree --timeout 20000 http://10.77.0.1/boot/syslinux/own/other.ipxe ||"
        in script
    )


@pytest.mark.parametrize("entry", OWN_ENTRIES[:4], ids=lambda entry: entry["name"])
def test_an_own_entry_is_no_installation_and_fails_to_the_disk(entry: dict[str, t.Any]) -> None:
    script = commands(render(menu={**MENU, "entries": [entry]})[f"entries/{entry['name']}.ipxe"])
    assert script.index("clear install_arguments ||") < script.index("clear release ||") < len(script) - 3
    assert script[-2:] == ["iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||", "exit 1"]
    # Nothing of the site's machines differs by it.
    assert (
        render(menu={**MENU, "entries": [entry]})["machines/52-54-00-aa-00-01.ipxe"]
        == SCRIPTS["machines/52-54-00-aa-00-01.ipxe"]
    )
