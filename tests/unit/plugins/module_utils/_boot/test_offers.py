# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers import offers_of
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.offered import (
    PUBLISHED,
    offers,
    plan,
)


def test_what_is_said_of_the_disk() -> None:
    one, two = offers(plan())
    assert (one.lost, two.lost) == (
        "It is installed only if its disk is empty",
        "WHATEVER IS ON /dev/sda WILL BE LOST",
    )


def test_what_is_not_published_is_not_offered() -> None:
    assert offers_of(plan(), {}) == []
    assert offers_of({**plan(), "unknown_machines": {}}, PUBLISHED) == []


def test_the_default_comes_first() -> None:
    made = plan(unknown_machines={"install": "two"})
    assert [offer.name for offer in offers(made)] == ["two", "one"]
