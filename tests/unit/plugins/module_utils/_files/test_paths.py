# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files.paths import TEMPORARY
from ansible_collections.netinstall.pxe.plugins.module_utils._files.publishing import publish
from ansible_collections.netinstall.pxe.tests.unit.file_trees import (
    contents,
)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        "a/",
        "",
        ".",
        "a/./b",
        "a\0b",
        f"a/.b{TEMPORARY}",
        "n" * 240,
    ],
)
def test_paths_that_lead_elsewhere(root: pathlib.Path, path: str) -> None:
    with pytest.raises(PxeError):
        publish(str(root), {"fine": "x", path: "y"})
    assert contents(root) == {}


def test_a_file_that_is_also_a_folder(root: pathlib.Path) -> None:
    with pytest.raises(PxeError, match="both a file and a folder"):
        publish(str(root), {"a": "x", "a/b": "y"})
