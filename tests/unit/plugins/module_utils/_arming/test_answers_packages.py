# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found by it: tests/unit/plugins/action/test_answers_packages.py."""

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_packages import has_kickstart


@pytest.mark.parametrize(("family", "has"), [("redhat", True), ("debian", False), ("live", False)])
def test_only_kickstarts_are_looked_at(family: str, has: bool) -> None:
    assert has_kickstart({"family": family}) is has
