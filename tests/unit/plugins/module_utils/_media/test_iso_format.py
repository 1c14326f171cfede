# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import io

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._media import iso_format
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso_format import IsoError
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Link, build
from hypothesis import given
from hypothesis import strategies as st


def image_of(data: bytes) -> Image:
    return Image(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "it is empty"),
        (b"\x1f\x8b\x08" + b"x" * 50000, "compressed by gzip"),
        (b"<!DOCTYPE html><html>404" + b" " * 50000, "HTML or XML page"),
        (b"QFI\xfb" + b"\0" * 50000, "QEMU"),
        (b"PK\3\4" + b"\0" * 50000, "ZIP"),
        (b"\0" * 50000, "CD001"),
    ],
)
def test_says_what_a_foreign_file_seems_to_be(data: bytes, hint: str) -> None:
    with pytest.raises(IsoError, match=hint):
        image_of(data)


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        (bytes((70, 1, 1, 0, 0, 0, 0)), 0),
        (bytes((114, 5, 13, 16, 55, 23, 0)), 1400000123),
        (bytes((114, 5, 13, 18, 55, 23, 8)), 1400000123),
        (bytes((114, 5, 13, 13, 25, 23, 256 - 14)), 1400000123),
        # No such zone: taken as UTC, as Linux does. No such day: none.
        (bytes((114, 5, 13, 16, 55, 23, 100)), 1400000123),
        (bytes((114, 2, 30, 0, 0, 0, 0)), 0),
        (bytes(7), 0),
    ],
)
def test_times_without_rock_ridge(date: bytes, seconds: int) -> None:
    data = bytearray(build({"A": b""}, rock_ridge=False))
    record = data.index(b"A.;1") - 33
    data[record + 18 : record + 25] = date
    entry = image_of(bytes(data)).lookup("a")
    assert entry
    assert entry.modified == seconds


@pytest.mark.parametrize(
    ("flags", "place", "seconds"),
    [
        # The time of the last change comes first, or after that of creation. In the long form it is not read.
        (0x02, 5, 1400000123),
        (0x03, 12, 1400000123),
        (0x82, 5, 0),
        (0x04, 5, 0),
    ],
)
def test_times_of_rock_ridge_go_before_those_of_the_record(flags: int, place: int, seconds: int) -> None:
    data = bytearray(build({"a": b""}))
    name = data.index(b"N000001.;1")
    data[name - 15 : name - 8] = bytes(7)
    times = data.index(b"TF", name)
    data[times + 4] = flags
    data[times + place : times + place + 7] = bytes((114, 5, 13, 16, 55, 23, 0))
    entry = image_of(bytes(data)).lookup("a")
    assert entry
    assert entry.modified == seconds


def test_a_link_with_components_that_nobody_knows_is_damage() -> None:
    data = build({"aa": Link("bb/cc")})
    assert data.count(b"\x00\x02bb\x00\x02cc") == 1
    image = Image(io.BytesIO(data.replace(b"\x00\x02bb\x00\x02cc", b"\x20\x02bb\x00\x02cc")))
    with pytest.raises(IsoError, match="link that is not understood"):
        list(image.walk())


@given(st.binary(max_size=300))
def test_any_system_use_area_is_read_or_damaged(area: bytes) -> None:
    rock = iso_format.RockRidge()
    with contextlib.suppress(IsoError):
        for signature, body in iso_format.system_use_entries(area):
            rock.take(signature, body)


@given(st.binary(min_size=34, max_size=300))
def test_any_record_is_read_or_damaged(raw: bytes) -> None:
    with contextlib.suppress(IsoError):
        assert iso_format.record(raw, iso_format.RockRidge()).length >= 0
