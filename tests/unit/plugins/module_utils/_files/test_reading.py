# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.reading import read_file, read_start


def test_read_start(root: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (root / "f").write_bytes(b"0123456789")
    (tmp_path / "outside").write_text("secret")
    (root / "link").symlink_to(tmp_path / "outside")
    assert read_start(str(root), "f", 4) == b"0123"
    assert [read_start(str(root), name) for name in ("none", "link", "no/such", "../outside")][:3] == [
        None
    ] * 3
    assert read_start(str(root / "none"), "f") is None


def test_read_file(root: pathlib.Path) -> None:
    (root / "f").write_bytes(b"x")
    assert read_file(str(root / "f")) == b"x"
    with pytest.raises(PxeError, match="No such file"):
        read_file(str(root / "none"))
