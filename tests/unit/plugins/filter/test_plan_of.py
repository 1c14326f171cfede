# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.filter.plan_of import FilterModule

URLS = {"boot": "http://b/boot", "trees": "http://b/trees"}
PLAN = {
    "urls": {"boot": "http://a/boot", "trees": "http://a/trees"},
    "servers": {
        "a": {"http": {"urls": {"boot": "http://a/boot", "trees": "http://a/trees"}}},
        "b": {"http": {"urls": URLS}},
    },
    "distributions": {
        "d": {"tree_url": "http://a/trees/d", "tree_urls": {"http": "http://a/trees/d", "ftp": "ftp://c"}}
    },
}


def test_the_urls_are_those_of_the_server() -> None:
    plan_of = FilterModule().filters()["plan_of"]
    assert plan_of(PLAN, "a") == PLAN
    tree = {"tree_url": "http://b/trees/d", "tree_urls": {"http": "http://b/trees/d", "ftp": "ftp://c"}}
    assert plan_of(PLAN, "b") == {**PLAN, "urls": URLS, "distributions": {"d": tree}}
