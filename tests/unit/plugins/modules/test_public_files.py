# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.modules import public_files


@pytest.fixture
def site(tmp_path: pathlib.Path) -> pathlib.Path:
    """A site whose root is a link to a larger disk, as it is named on the server."""
    secret = tmp_path / "data/pxe/answers/10.77.0.11/token/ks.cfg"
    secret.parent.mkdir(parents=True)
    secret.write_text("rootpw secret\n")
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/pxe").symlink_to(tmp_path / "data/pxe")
    (tmp_path / "srv/public").mkdir()
    (tmp_path / "srv/public/one.txt").write_text("one\n")
    (tmp_path / "srv/link").symlink_to(tmp_path / "data/pxe/answers")
    return tmp_path


def publish(site: pathlib.Path, path: str, check: bool = False) -> list[str]:
    root = str(site / "srv/pxe/files")
    params = {"root": root, "path": str(site / path), "manifest": None}
    return list(public_files.present(params, check)["created"])


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("path", ["data", "data/pxe", "data/pxe/answers", "srv/link", "srv/pxe", ""])
def test_what_is_the_sites_is_not_shown(site: pathlib.Path, path: str, check: bool) -> None:
    with pytest.raises(PxeError, match="name a folder outside of that"):
        publish(site, path, check)
    assert not (site / "data/pxe/files").exists()


def test_another_folder_is(site: pathlib.Path) -> None:
    assert publish(site, "srv/public") == ["one.txt"]
    assert (site / "data/pxe/files/one.txt").read_text() == "one\n"
