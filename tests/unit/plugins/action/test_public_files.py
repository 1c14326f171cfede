# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folder of the control node is meant; the integration target sends its files."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.action.public_files import ActionModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError


@pytest.fixture
def action(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> ActionModule:
    for folder in ("play/files/public", "inventory/files/public", "other/public"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "play")
    return ActionModule.__new__(ActionModule)


def test_where_a_folder_is_looked_for(action: ActionModule, tmp_path: pathlib.Path) -> None:
    inventory = {"inventory_dir": str(tmp_path / "inventory")}
    assert action._found("public", [], {}) == str(tmp_path / "play/files/public")
    assert action._found("public", [], inventory) == str(tmp_path / "inventory/files/public")
    search = [str(tmp_path / "nowhere"), str(tmp_path / "other")]
    assert action._found("public", search, inventory) == str(tmp_path / "other/public")
    assert action._found(str(tmp_path / "other/public"), search, {}) == str(tmp_path / "other/public")


def test_a_folder_that_is_nowhere(action: ActionModule, tmp_path: pathlib.Path) -> None:
    with pytest.raises(PxeError, match=f"there is no lost on the control node: looked in {tmp_path}/play"):
        action._found("lost", [], {})
    (tmp_path / "other/file").touch()
    with pytest.raises(PxeError, match="file on the control node is not a folder"):
        action._found("file", [str(tmp_path / "other")], {})


@pytest.mark.parametrize("folder", [".", "..", "/"])
def test_inventory_and_playbook_are_not_shown(
    action: ActionModule, tmp_path: pathlib.Path, folder: str
) -> None:
    """Beside them are variables with passwords."""
    search = [str(tmp_path / "inventory/files")]
    (tmp_path / "play/link").symlink_to(tmp_path / "inventory/files")
    for name in ("inventory_dir", "playbook_dir"):
        with pytest.raises(PxeError, match="name a folder below that"):
            action._found(folder, search, {name: str(tmp_path / "inventory/files/.")})
        with pytest.raises(PxeError, match="name a folder below that"):
            action._found(str(tmp_path / "play/link"), search, {name: str(tmp_path / "inventory/files")})
