# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.lookup.own_file import LookupModule


def find(*names: str, **variables: t.Any) -> list[str]:
    return LookupModule(loader=DataLoader()).run(list(names), variables=variables)


def test_files_and_folders_beside_the_inventory(tmp_path: pathlib.Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "syslinux-3.86.tar.gz").touch()
    (tmp_path / "ipxe").mkdir()
    assert find("syslinux-3.86.tar.gz", "ipxe", str(tmp_path), inventory_dir=str(tmp_path)) == [
        str(tmp_path / "files" / "syslinux-3.86.tar.gz"),
        str(tmp_path / "ipxe"),
        str(tmp_path),
    ]


def test_what_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(
        AnsibleLookupError, match=f"there is no lost.tar on the control node: looked in {tmp_path}"
    ):
        find("lost.tar", inventory_dir=str(tmp_path))
