# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import progress
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.progress import Follower

MACHINES = [{"name": "node01", "address": "10.77.0.11"}, {"name": "db2", "address": "10.77.0.12"}]


def news(machine: str, stage: str, **more: t.Any) -> dict[str, t.Any]:
    address = {item["name"]: item["address"] for item in MACHINES}[machine]
    about = {"since": 90, "ssh": False, "reason": "", "log": None, "profile": "deb", "expires": 460}
    return {"machine": machine, "address": address, "stage": stage, **about, **more}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "00:00:00"), (0, "00:00:00"), (192.9, "00:03:12"), (3600, "01:00:00"), (100 * 3600, "100:00:00")],
)
def test_duration(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 days")]
)
def test_ago(seconds: float, text: str) -> None:
    assert progress.ago(seconds) == text


def test_a_line_for_each_change_and_no_more() -> None:
    follower = Follower(MACHINES, start=1000)
    assert follower.update([news("node01", "armed"), news("db2", "armed")], 1000) == [
        "node01  00:00:00  armed",
        "db2     00:00:00  armed",
    ]
    assert follower.update([news("node01", "armed"), news("db2", "armed")], 1010) == []
    assert follower.update([news("node01", "progress-netcfg"), news("db2", "armed")], 1192) == [
        "node01  00:03:12  progress-netcfg"
    ]
    assert follower.waiting == ["node01", "db2"]


def test_installed_is_not_enough_until_ssh_answers() -> None:
    follower = Follower(MACHINES[:1], start=0)
    assert follower.update([news("node01", "installed")], 10) == [
        "node01  00:00:10  installed, SSH does not answer yet"
    ]
    assert follower.waiting == ["node01"]
    assert follower.update([news("node01", "installed", ssh=True)], 70) == [
        "node01  00:01:10  installed, and its SSH server answers"
    ]
    assert follower.waiting == []
    [result] = follower.results(500)
    assert (result["finished"], result["seconds"]) == (True, 70)


def test_without_ssh_installed_is_the_end() -> None:
    follower = Follower(MACHINES[:1], start=0, ssh=False)
    follower.update([news("node01", "installed")], 10)
    assert follower.waiting == []


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("failed", "failed: The step pkgsel failed."),
        ("none", "disarmed meanwhile"),
        ("expired", "never started, its arming expired"),
    ],
)
def test_waiting_in_vain_ends(stage: str, text: str) -> None:
    follower = Follower(MACHINES[:1], start=0)
    entry = news("node01", stage, reason="\nThe step pkgsel failed.\nmore\n")
    assert follower.update([entry], 60) == [f"node01  00:01:00  {text}"]
    assert follower.waiting == []
    assert follower.results(90)[0]["finished"] is False


def test_what_comes_after_the_end_changes_nothing() -> None:
    follower = Follower(MACHINES[:1], start=0)
    follower.update([news("node01", "failed", reason="x")], 60)
    assert follower.update([news("node01", "none")], 90) == []
    assert follower.results(99)[0]["stage"] == "failed"


def test_silence_is_told_rarely() -> None:
    follower = Follower(MACHINES, start=0, heartbeat=600)
    same = [news("node01", "armed"), news("db2", "armed")]
    follower.update(same, 0)
    assert follower.update(same, 599) == []
    assert follower.update(same, 600) == ["Waiting for node01, db2. No news for 00:10:00."]
    assert follower.update(same, 601) == []
    assert len(follower.update(same, 1200)) == 1


def test_results_without_any_news() -> None:
    results = Follower(MACHINES, start=0).results(30)
    assert [(item["machine"], item["stage"], item["finished"]) for item in results] == [
        ("node01", "unknown", False),
        ("db2", "unknown", False),
    ]


def test_report_helps_with_those_that_did_not_finish() -> None:
    follower = Follower(MACHINES, start=0)
    failed = news("db2", "failed", reason="The step pkgsel failed.", log="/srv/pxe/events/a/b/log-syslog")
    follower.update([news("node01", "installed", ssh=True), failed], 60)
    results = follower.results(60)
    results[1]["log_tail"] = ["last words"]
    assert progress.report(results) == [
        "node01  00:01:00  finished",
        "db2     00:01:00  NOT FINISHED, last known stage failed",
        "    The step pkgsel failed.",
        "    installer's log on the server: /srv/pxe/events/a/b/log-syslog",
        "      last words",
    ]


def test_report_without_a_log_says_where_to_look() -> None:
    follower = Follower(MACHINES[:1], start=0)
    follower.update([news("node01", "started")], 60)
    assert "serial console" in progress.report(follower.results(60))[1]


def test_wipe_table_names_the_disk() -> None:
    machine = {**MACHINES[0], "mac": "52:54:00:aa:00:01", "profile": "deb", "disk": "/dev/vda"}
    said = news("node01", "started", disk="sda (1 GB)\nsdb (2 GB)")
    assert progress.wipe_table([machine], [said], 100) == [
        "machine  MAC                address     profile  disk to wipe  last time               now",
        "node01   52:54:00:aa:00:01  10.77.0.11  deb      /dev/vda      sda (1 GB), sdb (2 GB)  started (10 s ago)",
    ]
    assert "  not known  " in progress.wipe_table([machine], [news("node01", "started")], 100)[1]


def test_status_table() -> None:
    machines = [{**machine, "profile": "deb"} for machine in MACHINES]
    lines = progress.status_table(machines, [news("node01", "armed")], 100)
    assert lines[1].split("  ")[-1] == "expires in 6 min"
    assert lines[2].split() == ["db2", "10.77.0.12", "deb", "none", "-"]
    failed = news("db2", "failed", reason="no\nmore", log="/l")
    assert progress.status_table(machines[1:], [failed], 100)[1].endswith("no  (log /l)")


def test_no_rows() -> None:
    assert progress.aligned([]) == []


def test_the_history_is_sorted_and_shows_how_each_ended() -> None:
    entry = {
        "machine": "node01",
        "profile": "deb",
        "disk": "/dev/vda",
        "by": "ada",
        "armed": 60,
        "reason": "",
    }
    entries = [
        {**entry, "stage": "installed", "since": 660},
        {**entry, "armed": 0, "by": None, "stage": "failed", "since": 120, "reason": "pkgsel\x1b[2J\nmore"},
        {**entry, "armed": None, "stage": "none", "since": None},
        {**entry, "armed": 86400, "stage": "started", "since": 86410},
        {**entry, "armed": 86401, "stage": "armed", "since": 86401},
        {**entry, "armed": 86402, "stage": "expired", "since": 90000},
    ]
    lines = progress.history_table(entries)
    assert lines[0].split() == ["armed", "(UTC)", "machine", "profile", "disk", "by", "ended"]
    assert [line.split("  ")[-1].strip() for line in lines[1:]] == [
        "failed (pkgsel?[2J)",
        "never started",
        "installed after 00:10:00",
        "not finished, last known stage started",
        "armed",
        "never started",
    ]
    assert lines[1].startswith("1970-01-01 00:00  node01   deb      /dev/vda  -    1970-01-01 00:02")
    assert lines[3].startswith("1970-01-01 00:01  node01   deb      /dev/vda  ada  1970-01-01 00:11")


UNKNOWN = {
    "described": False,
    "elsewhere": False,
    "profile": "el9",
    "reason": "",
    "log": None,
    "released": 1000,
    "since": 1000,
}


def unregistered(_mac: str) -> str | None:
    return None


def test_machines_that_are_not_described() -> None:
    entry = UNKNOWN
    lines = progress.unknown_table(
        [
            {**entry, "mac": "52:54:00:bb:00:03", "stage": "released", "profile": "", "released": 1200},
            {**entry, "mac": "52:54:00:bb:00:01", "stage": "failed", "reason": "\x1b[31mNo.\nx", "log": "/l"},
            {**entry, "mac": "52:54:00:bb:00:02", "stage": "installed", "since": None, "described": True},
            {**entry, "mac": "52:54:00:aa:00:01", "stage": "none", "described": True, "released": None},
        ],
        1060,
        {"52:54:00:bb:00:02": "Ren\xe9's \x1b[2J"}.get,
    )
    assert lines == [
        "MAC                              profile  stage      since",
        "52:54:00:bb:00:01                el9      failed     60 s ago  ?[31mNo.  (log /l)",
        "52:54:00:bb:00:02 (Ren\xe9's ?[2J)  el9      installed  -         described since",
        "52:54:00:bb:00:03                -        released   60 s ago",
    ]
    assert progress.unknown_table([], 0, unregistered) == []


def test_what_web_servers_only_heard_of() -> None:
    """Is not shown where the one that has seen it is asked, too."""
    seen = {**UNKNOWN, "mac": "52:54:00:bb:00:01", "stage": "installed"}
    heard = {**seen, "elsewhere": True, "stage": "released", "released": None, "since": None}
    gone = {**heard, "mac": "52:54:00:bb:00:02"}
    # Another server knows of it that it is described, which is no installation.
    marked = {**gone, "elsewhere": False, "stage": "none", "described": True}
    lines = progress.unknown_table([heard, gone, seen, gone, marked], 1060, unregistered)
    assert lines == [
        "MAC                profile  stage      since",
        "52:54:00:bb:00:02  el9      released   -         by a web server that was not asked",
        "52:54:00:bb:00:01  el9      installed  60 s ago",
    ]
