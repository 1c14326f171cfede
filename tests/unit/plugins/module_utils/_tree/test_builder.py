# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units
from ansible_collections.netinstall.pxe.plugins.module_utils._media.mounts import MountState
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import builder, layout


def silent(_command: list[str]) -> tuple[int, str, str]:
    return 0, "", ""


def made(folder: pathlib.Path, **stamp: bool) -> builder.Builder:
    target = layout.TreeTarget(f"{folder}/tree", f"{folder}/media", "copy", ())
    found = layout.TreeState({f"{folder}/tree": MountState()}, stamp=dict(stamp) or None)
    return builder.Builder(silent, target, found, f"{folder}/media.json")


def test_what_is_begun_is_not_believed(tmp_path: pathlib.Path) -> None:
    made(tmp_path, complete=True, plain=True).take([layout.Step("begin", f"{tmp_path}/media")])
    stamp = json.loads((tmp_path / "media/tree.json").read_text())
    assert stamp == {"complete": False, "plain": True, "dest": f"{tmp_path}/tree"}


def test_removal_stops_at_mounts(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree").mkdir()
    monkeypatch.setattr(mount_units, "mounts_below", lambda path: [f"{path}/x"])
    step = layout.Step("remove", f"{tmp_path}/tree")
    with pytest.raises(PxeError, match=r"tree is not removed, as .*tree/x is mounted in it"):
        made(tmp_path).take([step])
    monkeypatch.setattr(mount_units, "mounts_below", lambda _path: [])
    made(tmp_path).take([step])
    assert not (tmp_path / "tree").exists()


def test_what_the_system_refuses_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "media").touch()
    with pytest.raises(PxeError, match=rf"^{tmp_path}/tree: cannot be made: {tmp_path}/media: File exists"):
        made(tmp_path).take([layout.Step("begin", f"{tmp_path}/media")])


def test_only_one_run_makes_trees_in_a_place(tmp_path: pathlib.Path) -> None:
    folder = str(tmp_path / "media")
    with (
        builder.locked(folder),
        pytest.raises(PxeError, match="another run is making trees there"),
        builder.locked(folder),
    ):
        pass
    with builder.locked(folder):
        pass
