# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role refuses, and in which words."""

from __future__ import annotations

import typing as t

import pytest

FACTS = {"os_family": "Debian", "service_mgr": "systemd"}
GOOD: dict[str, t.Any] = {"answers_http_user": "root"}


@pytest.mark.parametrize("lifetime", [59, 2592001, 10**9])
def test_how_long_a_machine_may_be_armed(refusals: t.Callable[..., list[str]], lifetime: int) -> None:
    cases = [{**GOOD, "answers_lifetime": seconds} for seconds in (60, 2592000, lifetime)]
    *fine, said = refusals("answers", "preflight", FACTS, cases)
    assert fine == ["", ""]
    assert f"answers_lifetime 60 to 2592000 seconds, which are 30 days (it is {lifetime})" in said
