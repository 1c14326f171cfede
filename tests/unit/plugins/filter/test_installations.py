# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.installations import FilterModule, installations

PLAN: dict[str, t.Any] = {
    "urls": {"boot": "http://s/boot", "answers": "http://s/answers", "events": "http://s/events"},
    "distributions": {
        "debian-13": {"name": "debian-13", "version": None, "tree_url": "http://s/trees/debian-13"}
    },
    "machines": [
        {
            "name": "node01",
            "hostname": "node01",
            "domain": "",
            "mac": "52:54:00:aa:00:01",
            "address": "10.77.0.11",
            "profile": "deb",
            "distribution": "debian-13",
            "family": "debian",
            "disk": "/dev/vda",
            "kernel_arguments": [],
            "dns": [],
        }
    ],
}
PROFILES: dict[str, t.Any] = {"deb": {"answers": {"root_ssh_keys": ["ssh-ed25519 AAAA me"]}}}


class Lazy(dict[str, t.Any]):
    """As Ansible's own mappings: a value is expanded when it is asked for by its key, and only then."""

    def __getitem__(self, key: str) -> t.Any:
        value = super().__getitem__(key)
        return value.replace("{{ zone }}", "Asia/Tokyo") if isinstance(value, str) else value


def test_every_evaluation_makes_a_new_token() -> None:
    tokens = {installations(PLAN, ["node01"], PROFILES)[0]["token"] for _try in range(9)}
    assert len(tokens) == 9
    assert {len(bytes.fromhex(token)) for token in tokens} == {16}


def test_mistakes() -> None:
    bad = {"deb": {"answers": {"root_password_hash": "SECRET", "timezone": "x y"}}}
    with pytest.raises(AnsibleFilterError, match=r"node01: answers\.timezone") as caught:
        installations(PLAN, ["node01"], bad)
    assert "SECRET" not in str(caught.value)
    found = installations(PLAN, ["node01"], bad, only_mistakes=True)
    assert [line.partition(": ")[0] for line in found] == ["node01"] * len(found)
    assert len(found) > 1
    assert installations(PLAN, ["node01"], PROFILES, only_mistakes=True) == []


def test_templates_in_answers_are_expanded() -> None:
    answers = Lazy(PROFILES["deb"]["answers"], timezone="{{ zone }}")
    [one] = installations(PLAN, ["node01"], Lazy(deb=Lazy(answers=answers)))
    assert one["answers"]["timezone"] == "Asia/Tokyo"


def test_what_other_profiles_refer_to_is_not_needed() -> None:
    class Broken(dict[str, t.Any]):
        def __getitem__(self, key: str) -> t.Any:
            if key == "other":
                raise AssertionError("asked for a profile that nobody installs")
            return super().__getitem__(key)

    installations(PLAN, ["node01"], Broken(**PROFILES, other={}))


def test_the_filter_has_the_name_of_its_file() -> None:
    assert FilterModule().filters() == {"installations": installations}
