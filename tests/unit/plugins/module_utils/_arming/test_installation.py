# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

TOKEN = "0123456789abcdef" * 2
START = 1795168800.0


def installation(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "machine": "node01",
        "mac": "52:54:00:AA:00:01",
        "address": "10.77.0.11",
        "token": TOKEN,
        "profile": "deb",
        "disk": "/dev/vda",
        "answer": "d-i a/b string c\n",
        "from": int(START),
        "window": f"{int(START)}-{int(START) + 3600}",
        **changes,
    }


@pytest.mark.parametrize(
    ("known", "begin"),
    [
        ({}, 1795168800),
        ({"from": 1795160000}, 1795160000),
        ({"from": 7}, 1795168800),
        ({"from": "x"}, 1795168800),
    ],
)
def test_a_window_has_ten_digits_each(known: dict[str, t.Any], begin: int) -> None:
    item = installation()
    _arming.set_window(item, known, 1795168800, 3600)
    assert (item["from"], item["window"]) == (begin, f"{begin}-{begin + 3600}")


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (f"10.77.0.11/{TOKEN}/ticket-1795168800-1795172400", True),
        (f"10.77.0.11/{TOKEN}/ticket-1-2", False),
        (f"10.77.0.11/{TOKEN}/released", False),
        ("10.77.0.11/ticket-1795168800-1795172400", False),
    ],
)
def test_what_is_a_ticket(path: str, is_one: bool) -> None:
    assert _arming.is_ticket(path) == is_one


def test_the_release_of_plain_pxelinux_is_the_answer_file() -> None:
    item = installation()
    words = [
        "auto=true",
        f"url=http://10.77.0.1/answers/10.77.0.11/{TOKEN}/preseed.cfg",
        f"inst.ks=ftp://10.77.0.1/answers/10.77.0.11/{TOKEN}/ks.cfg",
        f"url=http://10.77.0.1/answers/10.77.0.12/{TOKEN}/preseed.cfg",
    ]
    gated = _arming.gated(words, item)
    assert gated[1] == f"url=http://10.77.0.1/answers/10.77.0.11/{TOKEN}/{item['window']}/preseed.cfg"
    assert [gated[index] for index in (0, 2, 3)] == [words[index] for index in (0, 2, 3)]


def test_tokens_are_masked() -> None:
    assert _arming.masked(f"/srv/answers/10.77.0.11/{TOKEN}/x and {TOKEN}") == (
        "/srv/answers/10.77.0.11/01234567.../x and 01234567..."
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"address": "../../etc"}, "not an IPv4 address"),
        ({"address": "10.77.0.011"}, "not an IPv4 address"),
        ({"address": ""}, "not an IPv4 address"),
        ({"token": "../" + TOKEN[3:]}, "32 hexadecimal digits"),
        ({"token": TOKEN[1:]}, "32 hexadecimal digits"),
        ({"token": TOKEN + "\n"}, "32 hexadecimal digits"),
        ({"token": ""}, "32 hexadecimal digits"),
    ],
)
def test_nothing_else_becomes_a_path(changes: dict[str, str], message: str) -> None:
    with pytest.raises(PxeError, match=f"node01: .*{message}"):
        _arming.check_installations([installation(**changes)])


def test_two_machines_at_one_address() -> None:
    with pytest.raises(PxeError, match=r"node02: node01 has the address 10\.77\.0\.11 too"):
        _arming.check_installations([installation(), installation(machine="node02")])


def test_boot_scripts_must_be_about_the_machine() -> None:
    assert _arming.boot_script_names(installation()) == {
        "profiles/deb.ipxe": "",
        "machines/52-54-00-aa-00-01.ipxe": "/10.77.0.11/node01_52-54-00-aa-00-01.ipxe",
    }
