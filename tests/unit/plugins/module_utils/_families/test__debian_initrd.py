# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import lzma
import tracemalloc

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _debian_initrd
from ansible_collections.netinstall.pxe.tests.unit.iso_images import initrd
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("data", "flavour"),
    [
        (initrd("net-retriever"), "netboot"),
        (initrd("cdrom-retriever"), "cdrom"),
        (initrd("cdrom-retriever") + initrd("net-retriever"), "netboot"),
        (initrd("cdrom-retriever") + b"\0" * 512 + initrd("x"), "cdrom"),
        (initrd("cdrom-retriever") + b"appended, not compressed", "cdrom"),
        (initrd("file-preseed"), None),
        (lzma.compress(gzip.decompress(initrd("net-retriever"))), "netboot"),
        (gzip.decompress(initrd("net-retriever")), "netboot"),
        (gzip.compress(b"Depends: net-retriever\n", mtime=0), None),
        (initrd("net-retriever")[:40], None),
        (b"", None),
    ],
)
def test_initrd_flavour(data: bytes, flavour: str | None) -> None:
    assert _debian_initrd.initrd_flavour([data]) == flavour


@settings(deadline=None)
@given(st.integers(6, 5000), st.integers(0, 200_000))
def test_initrd_flavour_does_not_depend_on_the_pieces(size: int, padding: int) -> None:
    data = initrd("net-retriever", padding)
    assert (
        _debian_initrd.initrd_flavour(data[at : at + size] for at in range(0, len(data), size)) == "netboot"
    )


@settings(deadline=None)
@given(st.binary())
def test_initrd_flavour_of_anything_is_no_error(data: bytes) -> None:
    assert _debian_initrd.initrd_flavour([b"\x1f\x8b\x08" + data, data]) is None


def test_an_initrd_that_unpacks_to_anything_is_read_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_debian_initrd, "_LARGEST_INITRD", 16 << 20)
    for data in (gzip.compress(bytes(64 << 20)), lzma.compress(bytes(64 << 20))):
        tracemalloc.start()
        assert _debian_initrd.initrd_flavour([data]) is None
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 80 << 20


def test_an_initrd_takes_no_more_memory_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    data = lzma.compress(gzip.decompress(initrd("net-retriever")), preset=6)
    assert _debian_initrd.initrd_flavour([data]) == "netboot"
    monkeypatch.setattr(_debian_initrd, "_XZ_MEMORY", 1 << 20)
    assert _debian_initrd.initrd_flavour([data]) is None
