# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.kickstarts_to_check import (
    FilterModule,
    kickstarts_to_check,
)


def installation(name: str, **changes: t.Any) -> dict[str, t.Any]:
    return {
        "machine": name,
        "mac": "52:54:00:aa:00:01",
        "answer_format": "kickstart",
        "answer": f"# {name}\n",
        "kickstart_version": "RHEL9",
        "disk": "/dev/vda",
        "index_path": "/srv/pxe/media/rocky-9.json",
        **changes,
    }


FACTS = {
    "machine": "a",
    "tree_urls": {"http": "http://10.77.0.1/trees/rocky-9", "ftp": None},
    "answers": {"partitioning": {"disks": ["/dev/vdb"]}},
}


def test_what_is_known() -> None:
    items = [installation("deb", answer_format="preseed"), installation("a")]
    assert kickstarts_to_check(items, [{"machine": "deb"}, FACTS], ["/srv/pxe/media/rocky-9.json"]) == [
        {
            "name": "a",
            "content": "# a\n",
            "version": "RHEL9",
            "urls": ["http://10.77.0.1/trees/rocky-9"],
            "disks": ["/dev/vda", "/dev/vdb"],
            "distribution": "/srv/pxe/media/rocky-9.json",
        }
    ]


@pytest.mark.parametrize(
    "facts", [[], [{"machine": "a"}], [{"machine": "a", "answers": {}, "tree_urls": None}]]
)
def test_what_is_not_known(facts: list[dict[str, t.Any]]) -> None:
    (found,) = kickstarts_to_check([installation("a")], facts, ["/other.json"])
    assert found == {
        "name": "a",
        "content": "# a\n",
        "version": "RHEL9",
        "urls": [],
        "disks": ["/dev/vda"],
    }


@pytest.mark.parametrize("disk", ["/dev/disk/by-rule", None, ""])
def test_disks_without_a_name(disk: str | None) -> None:
    (found,) = kickstarts_to_check([installation("a", disk=disk)], [FACTS])
    assert found["disks"] == []


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"kickstarts_to_check": kickstarts_to_check}
