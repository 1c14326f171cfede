# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole plays with it are tested with the action boot_plan_info."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader


def hashes(**variables: t.Any) -> t.Any:
    lookup = lookup_loader.get("netinstall.pxe.menu_hashes", loader=DataLoader())
    return lookup.run([], variables=variables)


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


def test_nothing_is_described() -> None:
    with pytest.raises(AnsibleLookupError):
        hashes(site_menu={"password_hash": 3}, site_profiles={"a": {"menu_password_hash": "{{ nowhere }}"}})
