# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.kernels import all_kernel_copies
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import chain_of
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    MENU_PATH,
    URL,
    plan,
    render,
    section,
    site,
)


def test_an_entry_over_http() -> None:
    assert section(render()[MENU_PATH], "p0") == [
        "MENU LABEL Install 0",
        "KERNEL http://10.77.0.1/trees/d0/images/vmlinuz",
        "INITRD http://10.77.0.1/trees/d0/images/initrd.img",
        "APPEND inst.repo=p0 quiet a=b;c",
        "IPAPPEND 2",
    ]


def test_an_entry_by_tftp_names_copies_below_the_folder() -> None:
    entry = section(render(plan(loader="pxelinux"))[MENU_PATH], "p0")
    assert entry[1:3] == ["KERNEL kernels/d0/vmlinuz", "INITRD kernels/d0/initrd.img"]


def test_what_is_copied_for_tftp() -> None:
    described = site(plan(loader="pxelinux", profiles=3, distributions=2))
    assert all_kernel_copies(chain_of(described)) == {
        "kernels/d0/vmlinuz": "d0/images/vmlinuz",
        "kernels/d0/initrd.img": "d0/images/initrd.img",
        "kernels/d1/vmlinuz": "d1/images/vmlinuz",
        "kernels/d1/initrd.img": "d1/images/initrd.img",
    }
    assert all_kernel_copies(chain_of(site())) == {}


def test_a_url_below_our_trees_is_a_file_of_this_server() -> None:
    """So the role media says where an unpacked network installer lies."""
    media = {
        "d0": {"kernel": f"{URL}/trees/d0-netboot/linux", "initrd": [f"{URL}/trees/d0-netboot/initrd.gz"]}
    }
    described = site(plan(loader="pxelinux"), media=media)
    assert all_kernel_copies(chain_of(described)) == {
        "kernels/d0/linux": "d0-netboot/linux",
        "kernels/d0/initrd.gz": "d0-netboot/initrd.gz",
    }


def test_several_initrds() -> None:
    media = {"d0": {"kernel": "a/linux", "initrd": ["a/one.gz", f"{URL}/two.gz"], "base_url": f"{URL}/x/"}}
    lines = section(render(media=media)[MENU_PATH], "p0")
    assert lines[1:3] == [f"KERNEL {URL}/x/a/linux", f"INITRD {URL}/x/a/one.gz,{URL}/two.gz"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"media": {}}, "site_distributions.d0: its kernel and initrd are not known"),
        ({"media": {"d0": {"kernel": "a b", "initrd": ["i"]}}}, "site_distributions.d0: 'http.*a b' cannot be loaded"),
        ({"media": {"d0": {"kernel": "k" * 127, "initrd": ["i"]}}}, "at most 127"),
        ({"media": {"d0": {"kernel": "k", "initrd": ["i,j"]}}}, "has a comma in it"),
        ({"profile_arguments": lambda *_args: ["x=${net0/ip}"]}, "no settings of iPXE"),
        ({"profile_arguments": lambda *_args: ["x=" + "y" * 2048]}, "command line becomes longer than 2047"),
        ({"profile_arguments": lambda *_args: ["zürich"]}, "ASCII only"),
    ],
)  # fmt: skip
def test_what_pxelinux_could_not_load(changes: dict[str, t.Any], words: str) -> None:
    with pytest.raises(PxeError, match=words):
        render(**changes)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"kernel": f"{URL}/k", "initrd": ["i"]}, "cannot load it by TFTP"),
        ({"kernel": "k", "initrd": ["http://mirror.example/trees/i"]}, "cannot load it by TFTP"),
        ({"kernel": "k", "initrd": ["a/i", "b/i"]}, "different file names"),
    ],
)
def test_what_tftp_cannot_show(facts: dict[str, t.Any], words: str) -> None:
    with pytest.raises(PxeError, match=words):
        render(plan(loader="pxelinux"), media={"d0": facts})
