# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that ends armings, run on folders of the test."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import time
import typing as t

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="flock is not installed")
PROGRAM = "/usr/local/sbin/netinstall-pxe-expire"
OLD, NEW, DAY = 3700, 3500, 86400


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

    def run(self) -> list[str]:
        done = subprocess.run(["sh", self.program], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def has(self, path: str) -> bool:
        return (self.root / path).exists()


@pytest.fixture
def site(tmp_path: pathlib.Path, text: str) -> Site:
    return Site(tmp_path, text)


def test_nothing_there(site: Site) -> None:
    assert site.run() == []


def test_only_what_is_too_old_goes(site: Site) -> None:
    site.make("answers/10.77.0.11/t/preseed.cfg", OLD)
    site.make("answers/10.77.0.11/armed.ipxe", OLD)
    site.make("answers/10.77.0.12/t/preseed.cfg", OLD)
    site.make("answers/10.77.0.12/armed.ipxe", NEW)
    [line] = site.run()
    assert line.startswith("The arming of 10.77.0.11 expired after 37")
    assert not site.has("answers/10.77.0.11")
    assert site.has("answers/10.77.0.12/t/preseed.cfg")
    assert site.has("answers")
    assert site.run() == []


def test_an_interrupted_arming_goes_too(site: Site) -> None:
    site.make("answers/10.77.0.11/t/preseed.cfg", OLD)
    assert site.run() == []
    site.age("answers/10.77.0.11", OLD)
    assert len(site.run()) == 1
    assert not site.has("answers/10.77.0.11")


def test_links_are_not_followed(site: Site) -> None:
    site.make("elsewhere/armed.ipxe", OLD)
    (site.root / "answers/10.77.0.11").symlink_to(site.root / "elsewhere")
    assert site.run() == []
    assert site.has("elsewhere/armed.ipxe")


def test_it_waits_for_whoever_is_arming(site: Site) -> None:
    site.make("answers/10.77.0.11/armed.ipxe", OLD)
    command = [
        "flock",
        str(site.root / "answers"),
        "sh",
        "-c",
        f"touch {site.root}/locked; sleep 1; touch {site.root}/answers/10.77.0.11/armed.ipxe",
    ]
    with subprocess.Popen(command):
        while not site.has("locked"):
            time.sleep(0.02)
        # What the other one wrote meanwhile is new.
        assert site.run() == []
    assert site.has("answers/10.77.0.11/armed.ipxe")


def test_old_reports_go_but_the_latest_stay(site: Site) -> None:
    for token, days in (("a", 50), ("b", 40), ("c", 20), ("d", 35)):
        site.make(f"events/10.77.0.11/{token}/installed", 0)
        site.age(f"events/10.77.0.11/{token}", days * DAY)
    site.make("events/10.77.0.12/e/installed", 0)
    site.age("events/10.77.0.12/e", 99 * DAY)
    assert len(site.run()) == 3
    assert sorted(path.name for path in site.root.glob("events/*/*")) == ["c", "e"]


def test_reports_of_an_armed_machine_stay(site: Site) -> None:
    for token, days in (("a", 50), ("b", 40)):
        site.make(f"events/10.77.0.11/{token}/started", 0)
        site.age(f"events/10.77.0.11/{token}", days * DAY)
    site.make("answers/10.77.0.11/a/install.ipxe", NEW)
    site.make("answers/10.77.0.11/armed.ipxe", NEW)
    assert site.run() == []
    assert site.has("events/10.77.0.11/a/started")
