# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files

#: In the order in which they are looked for.
PLACES = (
    "inventory/files/a/x",
    "inventory/templates/a/x",
    "inventory/answers/a/x",
    "inventory/a/x",
    "project/files/a/x",
    "project/a/x",
)


def put(folder: pathlib.Path, path: str) -> str:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(path)
    return str(place)


def test_one_order_for_all_files(tmp_path: pathlib.Path) -> None:
    folders = [str(tmp_path / "inventory"), str(tmp_path / "project")]
    for path in reversed(PLACES):
        place = put(tmp_path, path)
        assert own_files.find("a/x", folders) == place
        # Whatever lies elsewhere.
        assert own_files.find(place, folders) == place


def test_what_is_not_there_is_said_with_all_places(tmp_path: pathlib.Path) -> None:
    (tmp_path / "splash.png").mkdir()
    with pytest.raises(PxeError) as caught:
        own_files.find("splash.png", [str(tmp_path), "/nowhere"])
    assert str(caught.value) == (
        f"there is no splash.png on the control node: looked in {tmp_path}, /nowhere, nor in files, templates, answers"
        " of these"
    )
    with pytest.raises(PxeError, match="there is no file /nowhere/x on the control node"):
        own_files.find("/nowhere/x", [str(tmp_path)])
    with pytest.raises(PxeError, match="looked in no folder"):
        own_files.find("x", [])
