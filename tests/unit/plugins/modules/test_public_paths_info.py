# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.modules.public_paths_info import is_there


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("boot", True),
        ("boot/x/", True),
        ("trees/a/b", True),
        ("trees/a/c", False),
        ("files", False),
        ("answers", False),
        ("answers/secret", False),
        ("boot/../answers/secret", False),
        ("", False),
        ("/", False),
    ],
)
def test_what_is_there(tmp_path: pathlib.Path, path: str, there: bool) -> None:
    for folder in ("boot", "trees/a", "answers"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("boot/x", "trees/a/b", "answers/secret"):
        (tmp_path / name).write_text("x")
    assert is_there(str(tmp_path), path) is there
