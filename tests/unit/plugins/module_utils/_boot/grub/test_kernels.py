# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.kernels import (
    kernel_copies,
    loading,
    when_loaded,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.grub.sites import site


def test_kernel_and_initrd_come_from_the_tftp_server() -> None:
    kernel = site().profiles["p0"].boots
    linux, initrd = loading(kernel, ["'more'"])
    assert linux == (
        "linux \"$prefix\"/'kernels/d/vmlinuz' 'inst.repo=p0' \"BOOTIF=01-$card\" 'quiet' 'a=b;c' 'more'"
    )
    assert initrd == "initrd \"$prefix\"/'kernels/d/initrd.img'"


def test_what_follows_needs_both() -> None:
    assert when_loaded(["linux /k", "initrd /i"], ["boot"]) == [
        "if linux /k; then",
        "  if initrd /i; then",
        "    boot",
        "  fi",
        "fi",
    ]


def test_what_is_copied() -> None:
    assert kernel_copies(site()) == {
        "grub/kernels/d/vmlinuz": "d/images/vmlinuz",
        "grub/kernels/d/initrd.img": "d/images/initrd.img",
    }


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"kernel": "http://h/linux", "initrd": ["i"]}, "http://h/linux is not on this server"),
        ({"kernel": "a/x", "initrd": ["b/x"]}, "need different file names"),
    ],
)
def test_what_tftp_cannot_hand_out(facts: dict[str, object], words: str) -> None:
    with pytest.raises(PxeError, match=f"site_distributions.d: .*{words}"):
        kernel_copies(site(media={"d": facts}))
