# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible_collections.netinstall.pxe.plugins.action import installation_follow as plugin

MACHINES = [{"name": "node01", "address": "10.77.0.11"}]
ARGS: dict[str, t.Any] = {
    "root": "/srv/pxe",
    "machines": MACHINES,
    "time_limit": 100,
    "interval": 10,
    "heartbeat": 600,
    "ssh": True,
    "log_lines": 20,
}


def news(stage: str, **more: t.Any) -> dict[str, t.Any]:
    entry = {
        "machine": "node01",
        "address": "10.77.0.11",
        "stage": stage,
        "ssh": False,
        "reason": "",
        "log": None,
    }
    return {"installations": [{**entry, **more}]}


class Follow(plugin.ActionModule):
    """The plugin without Ansible around it: ``replies`` of the server in turn, and a clock that runs on."""

    def __init__(self, replies: t.Iterable[t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.replies = iter(replies)
        self.asked: list[dict[str, t.Any]] = []
        self.shown: list[str] = []
        self.resets = 0
        self.now = 1000.0
        self._connection = self
        monkeypatch.setattr(plugin.time, "time", lambda: self.now)
        monkeypatch.setattr(plugin.time, "sleep", self.sleep)
        monkeypatch.setattr(plugin.display, "display", self.shown.append)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def reset(self) -> None:
        self.resets += 1

    def _execute_module(self, module_name: str, module_args: dict[str, t.Any], task_vars: t.Any) -> t.Any:
        assert module_name == "netinstall.pxe.installations_info"
        self.asked.append(module_args)
        reply = next(self.replies)
        if isinstance(reply, Exception):
            raise reply
        return reply


def test_until_ssh_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Follow(
        [news("armed"), news("started"), news("installed"), news("installed", ssh=True)], monkeypatch
    )
    follower = follow._follow(ARGS, None)
    assert follower.waiting == []
    assert [line.split("  ")[-1] for line in follow.shown[1:]] == [
        "armed",
        "started",
        "installed, SSH does not answer yet",
        "installed, and its SSH server answers",
    ]
    assert all(asked["ssh"] is True and asked["machines"] == MACHINES for asked in follow.asked)


@pytest.mark.parametrize("loss", [AnsibleConnectionFailure("gone"), {"unreachable": True}])
def test_a_server_that_is_away_for_a_while(monkeypatch: pytest.MonkeyPatch, loss: t.Any) -> None:
    follow = Follow([news("started"), loss, loss, news("installed", ssh=True)], monkeypatch)
    assert follow._follow(ARGS, None).waiting == []
    told = [line for line in follow.shown if "server" in line and "SSH" not in line]
    assert told == [
        "The server does not answer; the machines go on without it. Still trying.",
        "The server answers again, after 00:00:20.",
    ]
    assert follow.resets == 2


def test_the_time_limit_holds_also_while_the_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Follow([news("started")] + [AnsibleConnectionFailure("gone")] * 20, monkeypatch)
    follower = follow._follow(ARGS, None)
    assert follower.waiting == ["node01"]
    assert follow.now == 1100
    assert follow.shown[-1] == "00:01:40 are over: no longer waiting."


def test_a_question_that_makes_no_sense_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Follow([{"failed": True, "msg": "node01: '1' is not an IPv4 address"}], monkeypatch)
    with pytest.raises(AnsibleActionFail, match="not an IPv4 address"):
        follow._follow(ARGS, None)


def test_the_end_of_the_log_of_those_that_did_not_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = news("failed", reason="x", log="/l")
    follow = Follow([failed, news("failed", log="/l", log_tail=["last"])], monkeypatch)
    entries = follow._follow(ARGS, None).results(follow.now)
    follow._add_logs(entries, ARGS, None)
    assert (entries[0]["log"], entries[0]["log_tail"]) == ("/l", ["last"])
    assert follow.asked[-1]["log_lines"] == 20


def test_no_question_about_logs_when_all_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Follow([news("installed", ssh=True)], monkeypatch)
    follow._add_logs(follow._follow(ARGS, None).results(follow.now), ARGS, None)
    assert len(follow.asked) == 1
