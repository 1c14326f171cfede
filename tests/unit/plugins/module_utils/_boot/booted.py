# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the tests with real loaders look at what many machines did: boot once, then make all checks."""

from __future__ import annotations

import typing as t


def failures(checks: t.Mapping[str, t.Any], done: t.Any, at_least: int) -> dict[str, str]:
    """What each ``check_…`` among a module's names says of ``done``, by its name; nothing of those that are content.

    ansible-test runs each test in a process of its own, so that one test makes all checks.
    """
    found = {name: check for name, check in checks.items() if name.startswith("check_")}
    assert len(found) >= at_least
    said = {}
    for name, check in found.items():
        try:
            check(done)
        except AssertionError as exc:
            said[name] = str(exc)
    return said
