# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module makes of URLs; test__download.py downloads."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.modules import image_download


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "127.0.0.1:port", "[::1"])
def test_hosts_that_nobody_can_ask(tmp_path: pathlib.Path, host: str) -> None:
    params: dict[str, t.Any] = {
        "url": f"http://{host}/x.iso",
        "path": str(tmp_path / "x.iso"),
        "checksum": f"sha256:{'0' * 64}",
        "stamps": None,
        "interval": 1,
        "timeout": 1,
    }
    with pytest.raises(PxeError, match=r"/x\.iso: cannot be fetched: "):
        image_download.run(params, check=False)
    assert list(tmp_path.iterdir()) == []
