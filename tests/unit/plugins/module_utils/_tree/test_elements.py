# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile lists, through their parsers."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import elements, repoxml

HOSTILE = """
import gzip, lzma, bz2, resource, sys
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import packed, repoxml
head, piece = b"<metadata>" + {between!r}, {piece!r} * (1 << 20)
pack = {{"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}}["{kind}"]
data = pack(head + piece * ({size} // len(piece)))
del piece
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    repoxml.parse_primary(packed.pieces(data))
except PxeError as exc:
    print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, exc)
"""


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
@pytest.mark.parametrize(
    ("between", "piece"), [(b"", b" "), (b"<package>", b"<a/>"), (b"<package>", b"x"), (b"<", b"a")]
)
def test_what_is_small_when_packed_does_not_fill_the_memory(kind: str, between: bytes, piece: bytes) -> None:
    size = 64 << 20
    script = HOSTILE.format(between=between, piece=piece, kind=kind, size=size)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    before, after, message = done.stdout.split(" ", 2)
    assert "has an element of more than 8 MiB or 200000 parts" in message, done.stderr
    # In KiB. The packer's own work counts before.
    assert int(after) - int(before) < 100_000


def test_an_element_of_many_parts_is_damage() -> None:
    """Each is some bytes in the file, and a hundred in the memory."""
    parts = b"<a/>" * elements._MOST_ELEMENTS
    assert len(parts) < 1 << 20
    package = b"<metadata><package>"
    with pytest.raises(PxeError, match="more than 8 MiB or 200000 parts"):
        repoxml.parse_primary(package + parts)
    # Not of a list as a whole.
    group = b"<group><id>x</id>" + parts[: len(parts) // 2] + b"</group>"
    assert list(repoxml.parse_comps(b"<comps>" + group * 3 + b"</comps>")[0]) == ["x"]


def test_what_was_read_is_not_kept() -> None:
    """A list may be larger than the memory, if its elements are not."""
    data = b"<comps>" + b"<category/>" * 200_000 + b"</comps>"
    tracemalloc.start()
    assert repoxml.parse_comps(data) == ({}, {})
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 << 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize(
    "declared", ['<!DOCTYPE x [<!ENTITY a "b">]>', "<!DOCTYPE x [<!ELEMENT a ANY>]>", "<!DOCTYPE x [ ]>"]
)
def test_no_encoding_hides_entities(encoding: str, declared: str) -> None:
    name = "utf-16" if encoding.startswith("utf-16") else encoding
    text = f'<?xml version="1.0" encoding="{name}"?>{declared}<comps><group><id>x</id></group></comps>'
    with pytest.raises(PxeError, match="declares XML entities or a document type"):
        repoxml.parse_comps(text.encode(encoding))
    with pytest.raises(PxeError, match="declares XML entities or a document type"):
        repoxml.parse_comps(bytes([byte]) for byte in text.encode(encoding))
