# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines are those of ss from iproute2 6.1."""

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.listeners import FilterModule

TAIL = ' 0.0.0.0:*    users:(("vsftpd",pid=812,fd=3))'


@pytest.mark.parametrize(
    ("local", "wanted"),
    [
        ("10.77.0.1:21", True),
        ("0.0.0.0:21", True),
        ("*:21", True),
        ("[::]:21", True),
        ("0.0.0.0%ens4:21", True),
        ("10.77.0.1%ens4:21", True),
        ("10.77.0.11:21", False),
        ("110.77.0.1:21", False),
        ("10.77.0.2:21", False),
        ("10x77.0.1:21", False),
        ("[::1]:21", False),
        ("10.77.0.1:2121", False),
        ("10.77.0.1:121", False),
    ],
)
@pytest.mark.parametrize("port", [21, "21"])
def test_who_is_in_the_way(local: str, wanted: bool, port: int | str) -> None:
    line = f"LISTEN 0      32        {local}{TAIL}"
    assert FilterModule().filters()["listeners"]([line], "10.77.0.1", port) == ([line] if wanted else [])


def test_nobody() -> None:
    assert FilterModule().filters()["listeners"]([], "10.77.0.1", 21) == []
