# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import layout, look, tree


def silent(_command: list[str]) -> tuple[int, str, str]:
    return 0, "", ""


@pytest.fixture
def media(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "units").mkdir()
    monkeypatch.setattr(mount_units, "UNITS", str(tmp_path / "units"))
    (tmp_path / "media").mkdir()
    return tmp_path / "media"


def found_in(media: pathlib.Path, images: int = 1) -> layout.TreeState:
    return look.look_for(f"{media.parent}/tree", str(media), f"{media}.json", images, silent)


def test_nothing_is_there(media: pathlib.Path) -> None:
    media.rmdir()
    found = found_in(media)
    assert list(found.mounts) == [f"{media.parent}/tree", f"{media}/disc1"]
    assert (found.stamp, found.indexed, found.names, found.extracted) == (None, False, set(), {})
    assert (found.single_image, found.units) == (False, {})


def test_what_is_there_is_found(media: pathlib.Path) -> None:
    """Also discs that are no longer described, if they have a unit."""
    (media / "tree.json").write_text('{"plain": true}')
    (media / "files1").mkdir()
    (media / "files1.json").write_text('{"image": "inode 1"}')
    # Its folder is gone.
    (media / "files2.json").write_text('{"image": "inode 2"}')
    media.with_suffix(".json").touch()
    for name in (unit_files.unit_name(f"{media}/disc7"), unit_files.unit_name(f"{media}/disc")):
        (media.parent / "units" / name).write_text("unit")
    found = found_in(media)
    assert (found.single_image, found.indexed, found.extracted) == (
        True,
        True,
        {f"{media}/files1": "inode 1"},
    )
    assert found.units == {f"{media}/disc7": "unit"}


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_damaged_stamp_is_none_of_somebody_else(media: pathlib.Path, text: str) -> None:
    (media / "tree.json").write_text(text)
    assert found_in(media).stamp == {}


def test_what_stands_in_the_way(media: pathlib.Path) -> None:
    target = layout.TreeTarget(f"{media.parent}/tree", str(media), "copy", ())
    entry: t.Any = type("Entry", (), {"size": 1 << 60})
    survey = tree.Survey([], None, {"x": tree.Item(0, entry)}, [])
    with pytest.raises(PxeError, match="MiB are free; make room, or choose the layout overlay"):
        look.check_before(silent, target, found_in(media), survey, check=False)
    # Nothing is built.
    look.check_before(silent, target, found_in(media), None, check=False)


@pytest.mark.parametrize(("said", "remedy"), [("no iso9660", True), ("write layout: copy", False)])
def test_a_host_that_cannot_mount(monkeypatch: pytest.MonkeyPatch, said: str, remedy: bool) -> None:
    def cannot(_run: t.Any, _names: list[str]) -> None:
        raise PxeError(said)

    monkeypatch.setattr(mount_units, "check_system", cannot)
    look.check_mounts(silent, [layout.Step("unmount", "/x")], [])
    with pytest.raises(PxeError) as caught:
        look.check_mounts(silent, [layout.Step("mount", "/x")], [])
    assert ("Or choose the layout copy" in str(caught.value)) is remedy
