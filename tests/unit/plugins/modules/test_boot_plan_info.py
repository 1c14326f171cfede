# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import typing as t

import pytest
from ansible.module_utils import basic
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import SITE_KEYS
from ansible_collections.netinstall.pxe.plugins.modules import boot_plan_info

SITE = {"server": {"address": "10.0.0.1", "interface": "eth0"}, "subnets": [{"cidr": "10.0.0.0/24"}]}


def run(
    arguments: dict[str, t.Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, t.Any]]:
    """Run the module in this process; its exit status and its result."""
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(SystemExit) as caught:
        boot_plan_info.main()
    return int(caught.value.code or 0), json.loads(capsys.readouterr().out)


def test_a_plan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    status, result = run({"site": SITE, "_ansible_check_mode": True}, monkeypatch, capsys)
    assert status == 0
    assert result["changed"] is False
    assert result["plan"]["subnets"][0]["cidr"] == "10.0.0.0/24"


def test_mistakes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    site = {**SITE, "root": "x", "profiles": {"a": {"distribution": "b"}}}
    arguments = {"site": site, "machines": [{"name": "c"}], "site_names": ["site_subnet"]}
    status, result = run(arguments, monkeypatch, capsys)
    assert status == 1
    assert result["failed"] is True
    assert [mistake["address"] for mistake in result["mistakes"]] == [
        "site_root",
        "site_profiles.a.distribution",
        "site_subnet",
        "pxe_machines.c.machine_mac",
        "pxe_machines.c.machine_address",
        "pxe_machines.c.machine_profile",
    ]
    assert result["msg"].splitlines() == ["The description has 6 mistakes:", *result["lines"]]
    assert result["lines"][0].startswith("1. site_root: 'x' is not an absolute path; write")


def test_the_documentation_names_each_key() -> None:
    assert [key for key in SITE_KEYS if f"V({key})" not in boot_plan_info.DOCUMENTATION] == []
