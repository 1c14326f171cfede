# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import Kickstart, Where


def test_a_line_seen_from_another() -> None:
    assert Where("ks.cfg", 3).seen_from(Where("ks.cfg", 9)) == "line 3"
    assert Where("ks.cfg", 3).seen_from(Where("own.ks", 9)) == "line 3 of ks.cfg"


def test_lines_that_come_from_another_file() -> None:
    kickstart = Kickstart("ks.cfg", "a\nb\n", 34100, origins={2: Where("own.ks", 7)})
    assert [kickstart.where(number) for number in (1, 2)] == [Where("ks.cfg", 1), Where("own.ks", 7)]
