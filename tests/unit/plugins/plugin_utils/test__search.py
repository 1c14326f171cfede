# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _search

COLLECTION = pathlib.Path(_search._COLLECTION)


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name in ("inventory", "other", "project", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "inventory" / "hosts").touch()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_inventories_in_their_order_then_the_playbook_then_where_one_is(place: pathlib.Path) -> None:
    variables = {
        "ansible_inventory_sources": [str(place / "other"), str(place / "inventory" / "hosts"), "node01,"],
        "inventory_dir": str(place / "inventory"),
        "playbook_dir": str(place / "project"),
    }
    assert _search.folders(variables) == [
        str(place / name) for name in ("other", "inventory", "project", "work")
    ]


def test_beside_the_playbooks_of_the_collection_is_nothing_of_the_users(place: pathlib.Path) -> None:
    assert _search.folders({"playbook_dir": str(COLLECTION / "playbooks")}) == [str(place / "work")]
    # The lab is a user's project in the checkout.
    assert _search.folders({"playbook_dir": str(COLLECTION)})[0] == str(COLLECTION)


def test_lookups_look_there_first_and_then_where_ansible_does(place: pathlib.Path) -> None:
    variables: dict[str, t.Any] = {"ansible_search_path": ["/roles/site", str(place / "work")], "kept": 1}
    found = _search.searching(variables)
    assert found == {"ansible_search_path": [str(place / "work"), "/roles/site"], "kept": 1}
    assert variables["ansible_search_path"][0] == "/roles/site"


def test_a_working_directory_that_is_gone(place: pathlib.Path) -> None:
    (place / "work").rmdir()
    assert _search.folders({}) == []
