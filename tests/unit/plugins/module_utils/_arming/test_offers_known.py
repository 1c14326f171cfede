# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a web server remembers of machines. What another one makes of it: tests/unit/plugins/modules/test_offers.py."""

from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import offers_known
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.offers_known import Known, known_machines

MAC, NAME = "52:54:00:bb:00:01", "52-54-00-bb-00-01"


def offered(root: pathlib.Path, *paths: str, text: str = "x\n") -> None:
    """Files below the folder of a MAC address, or folders if they end in a slash."""
    for path in paths:
        full = root / "events/offers" / NAME / path
        (full if path.endswith("/") else full.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            full.write_text(text)


def armed(root: pathlib.Path, **record: object) -> None:
    path = root / "events/10.77.0.9" / ("0" * 32) / "armed"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"machine": "old01", "mac": MAC, **record}))


@pytest.mark.parametrize(
    ("paths", "known"),
    [
        # The server was interrupted in the moment of the release.
        ((), Known("", "")),
        (("el9/",), Known("", "el9")),
        (("el9/started", "el9/installed"), Known("", "el9")),
        (("_elsewhere",), Known("", "x")),
        # What the server has seen itself goes over what it was told.
        (("el9/", "_elsewhere"), Known("", "el9")),
        (("described",), Known("x", "")),
        (("described", "el9/"), Known("x", "el9")),
    ],
)
def test_what_lies_there(tmp_path: pathlib.Path, paths: tuple[str, ...], known: Known) -> None:
    (tmp_path / "events/offers" / NAME).mkdir(parents=True)
    offered(tmp_path, *paths)
    assert known_machines(str(tmp_path)) == {NAME: known}


def test_a_server_that_remembers_nothing(tmp_path: pathlib.Path) -> None:
    assert known_machines(str(tmp_path / "missing")) == {}
    for name in ("x", "02-00-00-00-00-00", NAME.upper(), "forgotten"):
        (tmp_path / "events/offers" / name).mkdir(parents=True)
    (tmp_path / "boot/machines").mkdir(parents=True)
    (tmp_path / "boot/machines/x.ipxe").touch()
    assert known_machines(str(tmp_path)) == {}


@pytest.mark.parametrize(("text", "said"), [("", "a described machine"), ("a\nb\x1b[31m\n", "a b?[31m")])
def test_the_mark_of_a_described_machine(tmp_path: pathlib.Path, text: str, said: str) -> None:
    """The account of the web server may have written it; that it is there is what counts."""
    offered(tmp_path, "described", text=text)
    assert known_machines(str(tmp_path)) == {NAME: Known(said, "")}


def test_a_boot_script_and_an_arming_and_an_installation(tmp_path: pathlib.Path) -> None:
    (tmp_path / "boot/machines").mkdir(parents=True)
    (tmp_path / f"boot/machines/{NAME}.ipxe").touch()
    assert known_machines(str(tmp_path)) == {NAME: Known("a machine with a boot script", "")}
    armed(tmp_path)
    assert known_machines(str(tmp_path)) == {NAME: Known("old01", "")}
    offered(tmp_path, "el9/")
    assert known_machines(str(tmp_path)) == {NAME: Known("old01", "el9")}


@pytest.mark.parametrize(
    ("record", "forgotten", "known"),
    [
        ({"armed": "2026-11-30T10:00:00+00:00"}, "1796032800\n", False),
        ({"armed": "2026-11-30T10:00:00+00:00"}, "1796032799\n", True),
        ({"armed": "2026-11-30T10:00:00+00:00"}, "", True),
        ({"armed": "2026-11-30T10:00:00+00:00"}, "x\n", True),
        # An early version did not write it down, or it is damaged.
        ({}, "1796032800\n", False),
        ({"armed": 5}, "1796032800\n", False),
    ],
)
def test_an_arming_of_before_it_was_forgotten(
    tmp_path: pathlib.Path, record: dict[str, object], forgotten: str, known: bool
) -> None:
    armed(tmp_path, **record)
    folder = tmp_path / "events" / offers_known.FORGOTTEN
    folder.mkdir(parents=True)
    (folder / NAME).write_text(forgotten)
    assert (NAME in known_machines(str(tmp_path))) == known


@pytest.mark.parametrize("text", ["../x", "a/b", "", ".x", "_x", "a b", "x\ny"])
def test_what_is_no_profile(text: str) -> None:
    assert offers_known.as_profile(text) == ""
    assert offers_known.as_profile(" el9.4_a-b\n") == "el9.4_a-b"
