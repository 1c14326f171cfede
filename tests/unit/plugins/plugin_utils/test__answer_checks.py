# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.kickstart_adapted import kickstart_adapted
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _answer_checks


@pytest.mark.parametrize("line", ["repo --name=a --baseurl=file:///mnt/source/AppStream", "%include part.ks"])
def test_lines_that_lead_to_the_server_are_still_those_of_the_file(tmp_path: pathlib.Path, line: str) -> None:
    path = tmp_path / "own.ks"
    path.write_text(f"# mine\nlang C\n{line}\n")
    item: dict[str, t.Any] = {
        "answers": {"file": "own.ks", "files": ["part.ks"]},
        "files_url": "http://10.77.0.1/answers/10.77.0.11/T",
        "tree_urls": {"http": "http://10.77.0.1/trees/rocky-9"},
        "own_file": str(path),
        "template": "anaconda-ks.cfg.j2",
        "disk": "/dev/vda",
        "syntax": {"sections_end": True},
    }
    own = kickstart_adapted(path.read_text(), item)
    assert "http://10.77.0.1/" in own["commands"]
    item["answer"] = f"# ours\n\n{own['commands']}\n\n%packages\n%end\n"
    about = {"machine": "node01", "kickstart_version": "RHEL9", "distribution": "rocky-9", "files": {}}
    asked = _answer_checks._to_check({**item, **about}, ())
    assert asked["origins"] == [{"file": "own.ks", "first": 3, "lines": [1, 2, 3]}]
