# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that ends armings, run on folders of the test."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import armed_script

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="flock is not installed")
PROGRAM = "/usr/local/sbin/netinstall-pxe-expire"
OLD, NEW, HOUR, DAY = 3700, 3500, 3600, 86400
TOKEN = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def text(renderer: t.Callable[[str], t.Any]) -> str:
    """Rendered once, for a folder that each test replaces."""
    variables = {"answers_root": "/site", "answers_lifetime": 3600, "answers_history_days": 30}
    [rendered] = renderer("answers").render([(PROGRAM, variables)])
    return str(rendered)


class Site:
    def __init__(self, root: pathlib.Path, text: str) -> None:
        self.root = root
        self.program = root / "expire"
        # The first word of /proc/uptime: seconds since the start of the server.
        self.uptime = root / "uptime"
        self.uptime.write_text("100000.05 1.23\n")
        text = text.replace("/proc/uptime", str(self.uptime))
        self.program.write_text(text.replace("/site", str(root)))
        for name in ("answers", "events"):
            (root / name).mkdir()

    def make(self, path: str, age: float) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("x")
        self.age(path, age)

    def age(self, path: str, seconds: float) -> None:
        moment = time.time() - seconds
        os.utime(self.root / path, (moment, moment))

    def arm(self, address: str, begin: float, end: float) -> None:
        """An armed machine, as the module writes it; the files are always new."""
        now = int(time.time())
        item = {
            "machine": "node01",
            "mac": "52:54:00:aa:00:01",
            "address": address,
            "token": TOKEN,
            "window": installation.window_of(now + int(begin), now + int(end)),
            "profile": "deb",
            "disk": "/dev/vda",
            "install_arguments": ["auto=true"],
        }
        urls = {name: f"http://10.77.0.1/{name}" for name in ("boot", "answers", "events")}
        for path, text in (
            (f"{address}/{TOKEN}/preseed.cfg", "x"),
            (installation.script_path(item), armed_script(item, urls)),
        ):
            (self.root / "answers" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / "answers" / path).write_text(text)

    def run(self) -> list[str]:
        done = subprocess.run(["sh", self.program], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def run_anyhow(self) -> None:
        subprocess.run(["sh", self.program], capture_output=True, timeout=60, check=False)

    def has(self, path: str) -> bool:
        return (self.root / path).exists()


@pytest.fixture
def site(tmp_path: pathlib.Path, text: str) -> Site:
    return Site(tmp_path, text)


def test_nothing_there(site: Site) -> None:
    assert site.run() == []


def test_only_what_is_over_goes(site: Site) -> None:
    """As its script says, whenever it was written."""
    site.arm("10.77.0.11", -3660, -60)
    # The clock of nginx may be behind by a moment.
    site.arm("10.77.0.12", -3600, 0)
    site.arm("10.77.0.13", -9000, -5400)
    assert site.run() == [
        "The arming of 10.77.0.11 expired after 3600 seconds",
        "The arming of 10.77.0.13 expired after 3600 seconds",
    ]
    assert [path.name for path in site.root.glob("answers/*")] == ["10.77.0.12"]
    assert site.has(f"answers/10.77.0.12/{TOKEN}/preseed.cfg")
    assert site.run() == []


def test_an_arming_of_the_future_goes(site: Site) -> None:
    """The clock was set back since; an arming that would begin in a year would never expire. Minutes are forgiven."""
    site.arm("10.77.0.11", 86400, 90000)
    site.arm("10.77.0.12", 240, 3840)
    [line] = site.run()
    assert re.fullmatch(
        r"The arming of 10\.77\.0\.11 is dated \d{5} seconds ahead: the clock was wrong", line
    )
    assert [path.name for path in site.root.glob("answers/*")] == ["10.77.0.12"]


def release(site: Site, address: str, ago: float = 0) -> None:
    """As the web server does it. What it is reckoned from, the time of that rename, cannot be set: the clock can."""
    ticket = site.root / f"events/{address}/{TOKEN}/ticket-1"
    ticket.parent.mkdir(parents=True)
    ticket.write_text("x")
    ticket.rename(ticket.with_name("released"))
    text = site.program.read_text()
    site.program.write_text(text.replace("now=$(date +%s)", f"now=$(($(date +%s) + {int(ago)}))"))


@pytest.mark.parametrize(
    ("begin", "end", "ago", "stays"),
    [
        # Released in its last second.
        (-HOUR, 0, 61, True),
        (-HOUR, 0, 5 * HOUR, True),
        (-HOUR, 0, 6 * HOUR, False),
        # Released long before its end.
        (0, 12 * HOUR, 11 * HOUR, True),
        (0, 12 * HOUR, 12 * HOUR + 60, False),
        # The clock was set back afterwards.
        (0, HOUR, -DAY, True),
        # It was ahead at the release: what it is reckoned from is of no use.
        (-DAY, -DAY + HOUR, 0, False),
    ],
)
def test_what_was_released_may_be_finished(site: Site, begin: int, end: int, ago: int, stays: bool) -> None:
    """Also after the end of its time: six hours long."""
    site.arm("10.77.0.11", begin, end)
    release(site, "10.77.0.11", ago)
    assert len(site.run()) == (0 if stays else 1)
    assert site.has(f"answers/10.77.0.11/{TOKEN}/preseed.cfg") == stays
    # Its right was used up by the release: what stays are the answers.
    assert site.has(f"events/10.77.0.11/{TOKEN}/released")


def test_what_has_started_without_a_release_may_be_finished(site: Site) -> None:
    """Answers by FTP."""
    site.arm("10.77.0.11", -HOUR - 120, -120)
    site.make(f"events/10.77.0.11/{TOKEN}/started", 0)
    assert site.run() == []
    site.make(f"events/10.77.0.11/{TOKEN}/installed", 0)
    assert len(site.run()) == 1


def test_what_is_installed_goes_at_its_end(site: Site) -> None:
    site.arm("10.77.0.11", -HOUR, 0)
    release(site, "10.77.0.11", 60)
    site.make(f"events/10.77.0.11/{TOKEN}/installed", 0)
    assert site.run() == ["The arming of 10.77.0.11 expired after 3600 seconds"]


@pytest.mark.parametrize(("uptime", "gone"), [("0.50", 0), ("899.99", 0), ("900.00", 2)])
def test_a_clock_that_may_not_be_set_yet_takes_nothing_back(site: Site, uptime: str, gone: int) -> None:
    """Servers without a battery start in the past, others in local time; the right time comes from the network."""
    site.uptime.write_text(f"{uptime} 3.14\n")
    site.arm("10.77.0.11", DAY, DAY + HOUR)
    site.arm("10.77.0.12", -DAY - HOUR, -DAY)
    assert len(site.run()) == gone
    assert len(list(site.root.glob("answers/*"))) == 2 - gone


def test_what_an_earlier_version_armed_goes_in_its_time(site: Site) -> None:
    for address, age in (("10.77.0.11", OLD), ("10.77.0.12", NEW)):
        site.make(f"answers/{address}/armed.ipxe", age)
        site.age(f"answers/{address}", age)
    assert site.run() == ["The arming of 10.77.0.11 expired after 3600 seconds"]
    assert site.has("answers/10.77.0.12/armed.ipxe")


def test_an_interrupted_arming_goes_too(site: Site) -> None:
    site.make("answers/10.77.0.11/t/preseed.cfg", OLD)
    assert site.run() == []
    site.age("answers/10.77.0.11", OLD)
    assert len(site.run()) == 1
    assert not site.has("answers/10.77.0.11")


def test_links_are_not_followed(site: Site) -> None:
    site.arm("10.77.0.11", -7200, -3600)
    folder = site.root / "answers/10.77.0.11"
    folder.rename(site.root / "elsewhere")
    folder.symlink_to(site.root / "elsewhere")
    assert site.run() == []
    assert list(site.root.glob("elsewhere/*.ipxe"))
    assert site.has(f"elsewhere/{TOKEN}/preseed.cfg")


def test_it_waits_for_whoever_is_arming(site: Site) -> None:
    site.arm("10.77.0.11", -3660, -60)
    folder = site.root / "answers"
    command = [
        "flock",
        str(site.root),
        "sh",
        "-c",
        f"touch {site.root}/locked; sleep 1; rm -r {folder}/10.77.0.11",
    ]
    with subprocess.Popen(command):
        while not site.has("locked"):
            time.sleep(0.02)
        # What the other one took away meanwhile is nothing to speak of.
        assert site.run() == []


def test_of_two_scripts_the_last_one_counts(site: Site) -> None:
    """Whatever is not one script with one time is looked at, however good one of the times is."""
    site.arm("10.77.0.11", -60, 3540)
    site.arm("10.77.0.12", -7200, -3600)
    [script] = site.root.glob("answers/10.77.0.12/*.ipxe")
    script.rename(site.root / "answers/10.77.0.11/other_52-54-00-aa-00-99.ipxe")
    site.age("answers/10.77.0.12", OLD)
    assert "The arming of 10.77.0.11 expired after 3600 seconds" in site.run()
    assert not site.has("answers/10.77.0.11")


def test_machines_of_which_nothing_is_over_cost_no_process_each(site: Site) -> None:
    """The timer runs every few minutes; there may be thousands of machines."""
    for number in range(12):
        address = f"10.77.0.{number}"
        site.arm(address, -60, 3540)
        site.make(f"events/{address}/{TOKEN}/armed", 0)
        site.age(f"events/{address}/{TOKEN}", 50 * DAY)
    tools = site.root / "tools"
    tools.mkdir()
    for name in ("sed", "stat", "ls", "tail", "grep", "find", "awk", "sort", "date"):
        (tools / name).write_text(f'#!/bin/sh\necho >> "{site.root}/calls"\nexec {shutil.which(name)} "$@"\n')
        (tools / name).chmod(0o755)
    path = {"PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", site.program], capture_output=True, env=path, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len((site.root / "calls").read_text()) <= 12
    assert len(list(site.root.glob("answers/*/*.ipxe"))) == 12


@pytest.mark.parametrize("newest", ["other.name", ".hidden"])
def test_what_has_another_name_than_a_token_stays(site: Site, newest: str) -> None:
    """It is the latest there is, unless it is hidden."""
    site.make(f"events/10.77.0.11/{TOKEN}/installed", 0)
    site.age(f"events/10.77.0.11/{TOKEN}", 50 * DAY)
    site.make(f"events/10.77.0.11/{newest}/file", 0)
    assert len(site.run()) == (0 if newest == ".hidden" else 1)
    assert site.has(f"events/10.77.0.11/{newest}/file")
    assert site.has(f"events/10.77.0.11/{TOKEN}") == (newest == ".hidden")


def test_names_with_line_breaks_lead_nowhere(site: Site) -> None:
    for name in (f"x\n1 10.77.0.99/{TOKEN}", "x\n1 /a", "x\n1 offers/a"):
        site.make(f"events/10.77.0.11/{name.replace('/', '_')}/file", 0)
    for name in ("offers/some", "10.77.0.99/some"):
        site.make(f"events/{name}/file", 0)
        site.age(f"events/{name}", 99 * DAY)
    assert site.run() == []
    assert site.has("events/offers/some/file")
    assert site.has("events/10.77.0.99/some/file")


def test_old_reports_go_but_the_latest_stay(site: Site) -> None:
    for token, days in (("a", 50), ("b", 40), ("c", 20), ("d", 35)):
        site.make(f"events/10.77.0.11/{token}/installed", 0)
        site.age(f"events/10.77.0.11/{token}", days * DAY)
    site.make("events/10.77.0.12/e/installed", 0)
    site.age("events/10.77.0.12/e", 99 * DAY)
    assert len(site.run()) == 3
    assert sorted(path.name for path in site.root.glob("events/*/*")) == ["c", "e"]


def test_links_to_reports_are_not_followed(site: Site) -> None:
    """Of one machine, and of all."""
    for name in ("old", "new"):
        site.make(f"elsewhere/10.77.0.11/{name}/file", 0)
    site.age("elsewhere/10.77.0.11/old", 50 * DAY)
    (site.root / "events/10.77.0.11").symlink_to(site.root / "elsewhere/10.77.0.11")
    assert site.run() == []
    (site.root / "events/10.77.0.11").unlink()
    (site.root / "events").rmdir()
    (site.root / "events").symlink_to(site.root / "elsewhere")
    assert site.run() == []
    assert site.has("elsewhere/10.77.0.11/old/file")


def test_reports_of_an_armed_machine_stay(site: Site) -> None:
    for token, days in ((TOKEN, 50), ("b", 40)):
        site.make(f"events/10.77.0.11/{token}/started", 0)
        site.age(f"events/10.77.0.11/{token}", days * DAY)
    site.arm("10.77.0.11", -60, 3600)
    assert site.run() == []
    assert site.has(f"events/10.77.0.11/{TOKEN}/started")


@pytest.mark.skipif(os.geteuid() != 0, reason="another account's files: run as root")
def test_root_does_not_go_where_the_web_server_leads_it(site: Site) -> None:
    """events/ and all in it are of the web server's account, which may put there what it likes, at any moment."""
    account = 65534
    site.root.chmod(0o755)
    for parent in site.root.parents:
        if parent.stat().st_mode & 0o005 != 0o005 and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    site.make("precious/old/file", 0)
    site.make("precious/new/file", 0)
    site.age("precious/old", 50 * DAY)
    (site.root / "events" / "10.77.0.11").symlink_to(site.root / "precious")
    for token, days in (("a", 50), ("b", 40), ("c", 1)):
        site.make(f"events/10.77.0.12/{token}/installed", 0)
        site.age(f"events/10.77.0.12/{token}", days * DAY)
    (site.root / "events/10.77.0.12/a/link").symlink_to(site.root / "precious/new")
    site.age("events/10.77.0.12/a", 50 * DAY)
    for path in [site.root / "events", *(site.root / "events").rglob("*")]:
        os.chown(path, account, account, follow_symlinks=False)
    # What that account could not remove itself tells who did: a folder may become a link between look and removal.
    site.make("events/10.77.0.13/d/of-root/file", 0)
    site.make("events/10.77.0.13/e/installed", 0)
    site.age("events/10.77.0.13/d", 50 * DAY)
    for path in (site.root / "events/10.77.0.13", site.root / "events/10.77.0.13/d"):
        os.chown(path, account, account)
    site.run_anyhow()
    assert site.has("precious/old/file")
    assert site.has("precious/new/file")
    assert site.has("events/10.77.0.13/d/of-root/file")
    # Its own reports it may clean up.
    assert [path.name for path in site.root.glob("events/10.77.0.12/*")] == ["c"]


def test_what_is_offered_to_others_never_expires(site: Site) -> None:
    """A folder that goes would let a machine be installed again."""
    for number in range(3):
        site.make(f"events/offers/52-54-00-bb-00-0{number}/el9/started", 400 * DAY)
        site.age(f"events/offers/52-54-00-bb-00-0{number}", 400 * DAY + number)
    site.make("events/offers/52-54-00-bb-00-07/described", 400 * DAY)
    site.make("answers/offers/el9/ks.cfg", 400 * DAY)
    site.age("answers/offers/el9", 400 * DAY)
    site.age("answers/offers", 400 * DAY)
    before = sorted(site.root.rglob("*"))
    assert site.run() == []
    assert sorted(site.root.rglob("*")) == before
