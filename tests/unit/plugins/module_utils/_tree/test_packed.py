# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import bz2
import gzip
import lzma
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import packed


def test_zstd_without_anything_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> t.NoReturn:
        raise ImportError(name)

    monkeypatch.setattr(packed.importlib, "import_module", nothing)
    with pytest.raises(PxeError, match=r"^is compressed by Zstandard.*install the program zstd"):
        packed.unpack(b"\x28\xb5\x2f\xfd....")


def test_no_file_unpacks_to_more_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "LARGEST_UNPACKED", 1 << 20)
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert len(packed.unpack(pack(b" " * (1 << 20)))) == 1 << 20
        with pytest.raises(PxeError, match="larger than 1 MiB when it is unpacked"):
            packed.unpack(pack(b" " * ((1 << 20) + 1)))


def test_xz_takes_no_more_memory_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lzma.compress(b"x" * 100, preset=6)
    assert packed.unpack(data) == b"x" * 100
    monkeypatch.setattr(packed, "_XZ_MEMORY", 1 << 20)
    with pytest.raises(PxeError, match="cannot be unpacked"):
        packed.unpack(data)
