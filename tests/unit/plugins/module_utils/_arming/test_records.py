# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.published import record_files
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import parse_record
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_installation import (
    TOKEN,
    installation,
)


def test_a_record_says_who_and_until_when_and_no_more() -> None:
    [(path, text)] = record_files([installation()]).items()
    assert path == f"10.77.0.11/{TOKEN}/armed"
    assert json.loads(text) == {
        "machine": "node01",
        "mac": "52:54:00:AA:00:01",
        "address": "10.77.0.11",
        "profile": "deb",
        "disk": "/dev/vda",
        "from": 1795168800,
        "until": 1795172400,
        "armed": "2026-11-20T10:00:00+00:00",
        "expires": "2026-11-20T11:00:00+00:00",
    }
    assert parse_record(text.encode())["machine"] == "node01"


@pytest.mark.parametrize("data", [None, b"", b"{", b"[]", b"\xff", b'"text"'])
def test_a_damaged_record_is_none(data: bytes | None) -> None:
    assert parse_record(data) == {}
