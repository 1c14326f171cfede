# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plays must say themselves, whatever ansible.cfg says."""

from __future__ import annotations

import pathlib

import pytest
import yaml

PLAYBOOKS = sorted((pathlib.Path(__file__).resolve().parents[3] / "playbooks").glob("*.yml"))


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.name)
def test_plays_are_linear(playbook: pathlib.Path) -> None:
    """Only this strategy knows run_once and any_errors_fatal."""
    for play in yaml.safe_load(playbook.read_text()):
        assert play["strategy"] == "ansible.builtin.linear", play["name"]
