# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleError
from ansible_collections.netinstall.pxe.plugins.action.dhcp_servers_info import ActionModule
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _vendors


class Action(ActionModule):
    """One whose host tells of two servers, or fails."""

    def __init__(self, reply: dict[str, t.Any]) -> None:
        self.reply, self.asked = reply, False

    def _execute_module(self, *_arguments: t.Any, **_named: t.Any) -> dict[str, t.Any]:
        self.asked = True
        return self.reply


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_arguments: {})


@pytest.mark.parametrize(
    ("reply", "vendors"),
    [
        (
            {"servers": [{"mac": "52:54:00:aa:00:01"}, {"mac": "00:0c:42:aa:00:01"}]},
            [None, "Routerboard.com"],
        ),
        ({"servers": []}, []),
        ({"failed": True, "msg": "interface: eth7 is not here"}, []),
    ],
)
def test_dhcp_servers_have_vendors(reply: dict[str, t.Any], vendors: list[str | None]) -> None:
    result = Action(reply).run(task_vars={})
    assert [server["vendor"] for server in result.get("servers", [])] == vendors
    assert result == reply


def test_without_netaddr_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only on the day that somebody answers."""
    monkeypatch.setattr(_vendors, "netaddr", None)
    action = Action({"servers": []})
    with pytest.raises(AnsibleError, match=r"Python library \(netaddr\).*on the control node.* install"):
        action.run(task_vars={})
    assert not action.asked
