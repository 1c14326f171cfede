# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole plays with it are tested with the action boot_plan_info."""

from __future__ import annotations

import typing as t

from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.lookup.menu_hashes import LookupModule


def hashes(**variables: t.Any) -> t.Any:
    return LookupModule(loader=DataLoader()).run([], variables=variables)


def test_only_hashes_are_read() -> None:
    profiles = {
        "open": {"label": "Open"},
        "locked": {"menu_password_hash": "$6$of-locked", "answers": {"post": 1}},
    }
    assert hashes(site_menu={"password_hash": "$6$of-menu"}, site_profiles=profiles) == [
        {"menu": "$6$of-menu", "profiles": {"locked": "$6$of-locked"}}
    ]


def test_a_menu_without_passwords() -> None:
    assert hashes(site_menu={}, site_profiles={"open": {}}) == [{"menu": "", "profiles": {}}]
