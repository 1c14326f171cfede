# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole plays with it are tested in test_boot_plan_info.py."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.action import answers_info
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _unlogged
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import (
    Evaluation,
    Lazy,
    trust_as_template,
)


def test_what_cannot_be_evaluated_as_a_whole_is_left_to_install() -> None:
    lost = trust_as_template("{{ nowhere }}")
    variables = {"site_profiles": lost, "site_answers": {"timezone": "UTC"}}
    lazy = Lazy(variables, Evaluation(variables, DataLoader()))
    assert not answers_info._known(lazy, "site_profiles")
    assert not answers_info._known(lazy, "site_never")
    assert answers_info._known(lazy, "site_answers")["timezone"] == "UTC"


PROFILES = {"el9": {"distribution": "rocky-9", "answers": {"packages": ["nowhere"]}}}


def packages(monkeypatch: pytest.MonkeyPatch, reply: dict[str, t.Any]) -> dict[str, t.Any]:
    """What is said of packages where the server says this of the list of its tree."""
    asked: list[tuple[t.Any, ...]] = []

    def execute(_action: t.Any, *arguments: t.Any) -> dict[str, t.Any]:
        asked.append(arguments[:2])
        return reply

    monkeypatch.setattr(_unlogged, "execute", execute)
    plan = compile_plan(
        {
            "server": {"address": "10.77.0.1", "interface": "eth1"},
            "subnets": [{"cidr": "10.77.0.0/24"}],
            "distributions": {"rocky-9": {"isos": [{"path": "/srv/iso/rocky-9.iso"}]}},
            "profiles": {"el9": {"distribution": "rocky-9"}},
        },
        [],
    )
    action = object.__new__(answers_info.ActionModule)
    action._loader = DataLoader()
    common = {"site_profiles": PROFILES, "site_answers": {}}
    said = action._packages(plan, None, "/srv/pxe", common, {"hostvars": {}})
    assert asked == [("ansible.builtin.slurp", {"src": "/srv/pxe/media/rocky-9.json"})]
    return said


LIST = base64.b64encode(json.dumps({"packages": ["openssh-server"], "groups": ["core"]}).encode()).decode()


def test_without_pykickstart_it_is_said_that_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_info.check, "IMPORT_ERROR", "it is not there")
    [line] = packages(monkeypatch, {"content": LIST})["lines"]
    assert line.startswith("1. site_profiles: names of packages are not checked. ")
    assert "pykickstart" in line
    # Nobody needs it who has no such tree.
    assert packages(monkeypatch, {"failed": True, "msg": "file not found: x"})["lines"] == []


def test_a_list_that_cannot_be_read_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        PxeError, match=r"/srv/pxe/media/rocky-9\.json on the server cannot be read: not allowed"
    ):
        packages(monkeypatch, {"failed": True, "msg": "not allowed"})
    assert len(packages(monkeypatch, {"content": LIST})["mistakes"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"packages": ["openssh-s',
        "[]",
        "null",
        "{}",
        '{"packages": null}',
        '{"packages": [1]}',
        '{"packages": [], "groups": {"core": 1}}',
        '{"packages": [], "disabled": []}',
        '{"packages": [], "disabled": {"HighAvailability": null}}',
        "\x00\x00",
    ],
)
def test_a_damaged_list_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(PxeError) as caught:
        packages(monkeypatch, {"content": base64.b64encode(text.encode()).decode()})
    assert str(caught.value) == (
        "/srv/pxe/media/rocky-9.json on the server is damaged; "
        "remove it and run netinstall.pxe.site, which writes it again"
    )


def test_repositories_that_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    index = {"packages": ["openssh-server"], "disabled": {"HighAvailability": {"packages": ["pacemaker"]}}}
    content = base64.b64encode(json.dumps(index).encode()).decode()
    assert packages(monkeypatch, {"content": content})["mistakes"]
