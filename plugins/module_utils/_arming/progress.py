# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Shows people what machines are doing. Input are the entries of installations_info; times are Unix seconds."""

from __future__ import annotations

import datetime
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.stages import (
    ARMED,
    EXPIRED,
    FAILED,
    INSTALLED,
    NONE,
    RELEASED,
)

Installation = dict[str, t.Any]
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]")
# Nobody allows these machines anything any more, so that waiting for them is in vain.
_GIVEN_UP = {
    NONE: "disarmed meanwhile",
    EXPIRED: "never started, its arming expired",
}


def duration(seconds: float) -> str:
    """``00:03:12``; days are counted as hours."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"


def ago(seconds: float) -> str:
    """``12 s``, ``3 min``, ``5 h``, ``9 days``: enough for a status."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def aligned(rows: t.Sequence[t.Sequence[str]]) -> list[str]:
    """Columns, two blanks apart."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def wipe_table(
    machines: t.Sequence[dict[str, t.Any]], found: t.Sequence[Installation], now: float
) -> list[str]:
    """What an installation of these machines overwrites, which disk that was last time, and what they are doing now.

    :param machines: from the plan, or installations: ``{machine or name, mac, address, profile, disk}``.
    """
    stages = {entry["address"]: _stage_text(entry, now) for entry in found}
    disks = {entry["address"]: ", ".join(entry.get("disk", "").split("\n")) for entry in found}
    rows = [["machine", "MAC", "address", "profile", "disk to wipe", "last time", "now"]]
    for machine in machines:
        name = machine.get("machine") or machine["name"]
        about = [machine["mac"], machine["address"], machine["profile"], machine.get("disk") or "none"]
        last = disks.get(machine["address"]) or "not known"
        rows.append([name, *about, last, stages.get(machine["address"], NONE)])
    return aligned(rows)


def status_table(
    machines: t.Sequence[dict[str, t.Any]], found: t.Sequence[Installation], now: float
) -> list[str]:
    """One line a machine: name, address, profile, stage and since when, until when it may still install."""
    by_address = {entry["address"]: entry for entry in found}
    rows = [["machine", "address", "profile", "stage", "since", ""]]
    for machine in machines:
        entry = by_address.get(machine["address"], {"stage": NONE, "since": None})
        since = f"{ago(now - entry['since'])} ago" if entry["since"] else "-"
        profile = entry.get("profile") or machine["profile"]
        rows.append(
            [machine["name"], machine["address"], profile, entry["stage"], since, _remark(entry, now)]
        )
    return aligned(rows)


def unknown_table(
    entries: t.Sequence[dict[str, t.Any]], now: float, vendor_of: t.Callable[[str], str | None]
) -> list[str]:
    """One line for each machine that was installed without being described: what it is doing, and since when.

    :arg vendor_of: says to whom a MAC address is registered, if that is known.
    """
    rows = [["MAC", "profile", "stage", "since", ""]]
    for entry in sorted(_first_hand(entries), key=lambda item: (item["released"] or 0, item["mac"])):
        if entry["stage"] == NONE:
            continue
        since = f"{ago(now - entry['since'])} ago" if entry["since"] else "-"
        elsewhere = "by a web server that was not asked" if entry["elsewhere"] else ""
        described = "described since" if entry["described"] else ""
        remark = ", ".join(filter(None, (_remark(entry, now), elsewhere, described)))
        vendor = vendor_of(entry["mac"])
        mac = f"{entry['mac']} ({vendor})" if vendor else entry["mac"]
        rows.append([mac, entry["profile"] or "-", entry["stage"], since, remark])
    return [_UNPRINTABLE.sub("?", line) for line in aligned(rows)] if len(rows) > 1 else []


def _first_hand(entries: t.Sequence[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Without what a web server only heard of, where the one that has seen it was asked, too; else once."""
    seen = {entry["mac"] for entry in entries if entry["stage"] != NONE and not entry["elsewhere"]}
    heard = {entry["mac"]: entry for entry in entries if entry["elsewhere"] and entry["mac"] not in seen}
    return [*(entry for entry in entries if not entry["elsewhere"]), *heard.values()]


def history_table(entries: t.Sequence[dict[str, t.Any]]) -> list[str]:
    """One line an installation, the oldest first: who armed which machine when, with what, and how it ended."""
    rows = [["armed (UTC)", "machine", "profile", "disk", "by", "ended", ""]]
    for entry in sorted(entries, key=lambda item: item["armed"] or 0):
        about = [entry.get(key) or "-" for key in ("machine", "profile", "disk", "by")]
        rows.append([_utc(entry["armed"]), *about, *_outcome(entry)])
    return [_UNPRINTABLE.sub("?", line) for line in aligned(rows)]


def _utc(moment: float | None) -> str:
    if moment is None:
        return "-"
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")


def _outcome(entry: dict[str, t.Any]) -> list[str]:
    """When it ended, and how."""
    stage = entry["stage"]
    if stage in (NONE, EXPIRED):
        return ["-", "never started"]
    if stage == ARMED:
        return ["-", "armed"]
    if stage == INSTALLED:
        took = duration((entry["since"] or 0) - (entry["armed"] or 0))
        return [_utc(entry["since"]), f"installed after {took}"]
    if stage == FAILED:
        return [_utc(entry["since"]), f"failed ({first_line(entry['reason']) or 'it did not say why'})"]
    return ["-", f"not finished, last known stage {stage}"]


def _stage_text(entry: Installation, now: float) -> str:
    if entry["since"] is None:
        return str(entry["stage"])
    return f"{entry['stage']} ({ago(now - entry['since'])} ago)"


def _remark(entry: Installation, now: float) -> str:
    """What an operator asks next."""
    stage, expires = entry["stage"], entry.get("expires")
    if stage == ARMED and expires:
        return f"expires in {ago(expires - now)}"
    if stage == FAILED:
        return first_line(entry["reason"]) + (f"  (log {entry['log']})" if entry.get("log") else "")
    if stage == INSTALLED:
        return "SSH answers" if entry.get("ssh") else ""
    return ""


def first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def taken_back(machines: t.Sequence[dict[str, t.Any]]) -> list[str]:
    """Armings that were taken back: ``{machine, mac, address, reason}``."""
    lines = []
    for item in machines:
        where = ", ".join(filter(None, (item["mac"], item["address"])))
        lines.append(f"{item['machine']} ({where}) is no longer armed: {item['reason']}.")
    return lines


class Follower:
    """Turns what the server says, again and again, into one line for each change.

    A machine is done when it is installed and, if wanted, answers as an SSH server; when it failed; and when nobody
    allows it to install any more.
    """

    def __init__(
        self, machines: t.Sequence[dict[str, str]], start: float, ssh: bool = True, heartbeat: float = 600
    ) -> None:
        self._start = start
        self._ssh = ssh
        self._heartbeat = heartbeat
        self._said = start
        self._width = max((len(machine["name"]) for machine in machines), default=0)
        self._texts: dict[str, str] = {}
        self._done: dict[str, float] = {}
        self._last: dict[str, Installation] = {}
        self.machines = [machine["name"] for machine in machines]

    @property
    def waiting(self) -> list[str]:
        """The machines that are not done."""
        return [name for name in self.machines if name not in self._done]

    def update(self, installations: t.Sequence[Installation], now: float) -> list[str]:
        """The lines to show for this news; rarely one more, so that nobody wonders whether this still runs."""
        lines = []
        for entry in installations:
            name = entry["machine"]
            if name in self._done:
                continue
            self._last[name] = entry
            text = self._text(entry)
            if text != self._texts.get(name):
                self._texts[name] = text
                lines.append(self.line(name, text, now))
            if self._is_done(entry):
                self._done[name] = now
        if lines:
            self._said = now
        elif now - self._said >= self._heartbeat and self.waiting:
            self._said = now
            lines.append(f"Waiting for {', '.join(self.waiting)}. No news for {duration(self._heartbeat)}.")
        return lines

    def line(self, name: str, text: str, now: float) -> str:
        return f"{name.ljust(self._width)}  {duration(now - self._start)}  {text}"

    def _is_done(self, entry: Installation) -> bool:
        stage = entry["stage"]
        if stage == INSTALLED:
            return bool(entry["ssh"]) or not self._ssh
        return stage == FAILED or stage in _GIVEN_UP

    def _text(self, entry: Installation) -> str:
        stage = entry["stage"]
        if stage == INSTALLED and self._ssh:
            return (
                "installed, and its SSH server answers"
                if entry["ssh"]
                else "installed, SSH does not answer yet"
            )
        if stage == RELEASED:
            return "released: its installer starts"
        if stage == FAILED:
            return f"failed: {first_line(entry['reason']) or 'it did not say why'}"
        return str(_GIVEN_UP.get(stage, stage))

    def results(self, now: float) -> list[dict[str, t.Any]]:
        """How it ended, machine by machine. ``seconds`` from the start until the machine was done, or until now."""
        return [self._result(name, now) for name in self.machines]

    def _result(self, name: str, now: float) -> dict[str, t.Any]:
        entry = self._last.get(name) or {
            "stage": "unknown",
            "address": "",
            "ssh": False,
            "reason": "",
            "log": None,
        }
        finished = name in self._done and entry["stage"] == INSTALLED
        return {
            "machine": name,
            "address": entry["address"],
            "finished": finished,
            "stage": entry["stage"],
            "ssh": entry["ssh"],
            "seconds": int(self._done.get(name, now) - self._start),
            "reason": entry["reason"],
            "log": entry["log"],
        }


def report(results: t.Sequence[dict[str, t.Any]]) -> list[str]:
    """The end of the story: a line a machine, below it what helps with those that did not finish."""
    rows = [[item["machine"], duration(item["seconds"]), _ending(item)] for item in results]
    lines = []
    for line, item in zip(aligned(rows), results):
        lines.append(line)
        lines += [f"    {text}" for text in _help(item)]
    return lines


def _ending(item: dict[str, t.Any]) -> str:
    if item["finished"]:
        return "finished"
    return f"NOT FINISHED, last known stage {item['stage']}"


def _help(item: dict[str, t.Any]) -> list[str]:
    if item["finished"]:
        return []
    lines = [line for line in item["reason"].splitlines() if line.strip()]
    if item["log"]:
        lines.append(f"installer's log on the server: {item['log']}")
        lines += [f"  {line}" for line in item.get("log_tail", [])]
    else:
        lines.append("the machine uploaded no log; look at its screen or serial console")
    return lines
