# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import tracemalloc

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import modulemd


def test_a_list_of_modules_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "document: modulemd\ndata:\n" + " " * 2_000_000 + "\n" * 100_000 + "  name: x\n  stream: y\n"
    assert modulemd.parse_modules(hostile.encode()) == ["x:y"]
    monkeypatch.setattr(modulemd, "_LARGEST_MODULES", 1 << 20)
    with pytest.raises(PxeError, match="larger than 1 MiB"):
        modulemd.parse_modules(hostile.encode())


def test_a_line_of_modules_is_not_kept_as_a_whole() -> None:
    pieces = (b"x" * (1 << 16) for _number in range(500))
    tracemalloc.start()
    assert modulemd.parse_modules(pieces) == []
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20
