# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that guards machines without iPXE, run on folders of the test, and its units, as systemd reads them."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import typing as t

import pytest

ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "answers"
PROGRAM = "/usr/local/sbin/netinstall-pxe-plain"
UNITS = ("netinstall-pxe-plain.service", "netinstall-pxe-plain.path", "netinstall-pxe-plain@.path")
ONE, TWO = "10.77.0.11/" + "1" * 32, "10.77.0.12/" + "2" * 32
# Shows the units of the test, and notes what it is told to disable.
SYSTEMCTL = """#!/bin/sh
case "$1" in
  list-units) cat "$UNITS" ;;
  *) echo "$*" >>"$TOLD" ;;
esac
"""

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="flock is not installed")


@pytest.fixture(scope="module")
def texts(renderer: t.Callable[[str], t.Any]) -> dict[str, str]:
    """By what the site does with an installation that did not finish."""
    jobs = [
        (PROGRAM, {"answers_root": "/site", "answers_on_failed_install": word}) for word in ("hold", "retry")
    ]
    return dict(zip(("hold", "retry"), renderer("answers").render(jobs), strict=True))


class Site:
    def __init__(self, root: pathlib.Path, text: str) -> None:
        self.root = root
        self.program = root / "plain"
        self.program.write_text(text.replace("/site", str(root)))
        self.armed = root / "boot/syslinux/pxelinux.cfg/armed"
        self.units = root / "units"
        self.told = root / "told"
        for folder in (self.armed, root / "answers", root / "events", root / "bin"):
            folder.mkdir(parents=True)
        for file in (self.units, self.told):
            file.touch()
        (root / "bin" / "systemctl").write_text(SYSTEMCTL)
        (root / "bin" / "systemctl").chmod(0o755)

    def arm(self, installation: str, name: str) -> None:
        (self.root / "answers" / installation).mkdir(parents=True)
        (self.root / "events" / installation).mkdir(parents=True)
        (self.armed / name).write_text(f"# Written by netinstall.pxe\n# {installation}\nDEFAULT install\n")
        with self.units.open("a") as units:
            instance = installation.replace("/", "-")
            units.write(f"netinstall-pxe-plain@{instance}.path loaded active waiting Watch\n")

    def report(self, installation: str, event: str) -> None:
        (self.root / "events" / installation / event).touch()

    def run(self) -> list[str]:
        environment = {
            **os.environ,
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "UNITS": str(self.units),
            "TOLD": str(self.told),
        }
        done = subprocess.run(
            ["sh", self.program], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def left(self) -> list[str]:
        return sorted(path.name for path in self.armed.iterdir())

    def disabled(self) -> list[str]:
        return [line.split()[-1] for line in self.told.read_text().splitlines()]


@pytest.fixture
def make_site(tmp_path: pathlib.Path, texts: dict[str, str]) -> t.Callable[[str], Site]:
    return lambda word: Site(tmp_path, texts[word])


@pytest.fixture
def site(make_site: t.Callable[[str], Site]) -> Site:
    """Two armed machines, of a site that holds what did not finish."""
    made = make_site("hold")
    made.arm(ONE, "01-one")
    made.arm(TWO, "01-two")
    return made


def test_nothing_there(make_site: t.Callable[[str], Site]) -> None:
    empty = make_site("hold")
    assert empty.run() == []
    empty.armed.rmdir()
    assert empty.run() == []


def test_an_armed_machine_that_has_not_reported_is_left_alone(site: Site) -> None:
    assert site.run() == []
    assert site.left() == ["01-one", "01-two"]
    assert site.disabled() == []


def test_its_first_report_ends_it(site: Site) -> None:
    site.report(ONE, "started")
    assert site.run() == ["01-one boots its disk from now on"]
    assert site.left() == ["01-two"]
    assert site.disabled() == [f"netinstall-pxe-plain@{ONE.replace('/', '-')}.path"]
    assert site.run() == []


def test_a_site_that_tries_again_waits_until_it_is_installed(make_site: t.Callable[[str], Site]) -> None:
    site = make_site("retry")
    site.arm(ONE, "01-one")
    for event in ("started", "progress-1", "failed"):
        site.report(ONE, event)
    assert site.run() == []
    assert site.left() == ["01-one"]
    site.report(ONE, "installed")
    assert len(site.run()) == 1
    assert site.left() == []


def test_what_was_taken_back_or_has_expired_ends(site: Site) -> None:
    shutil.rmtree(site.root / "answers" / "10.77.0.11")
    assert site.run() == ["01-one boots its disk from now on"]
    assert site.left() == ["01-two"]


def test_what_is_being_armed_is_watched_already(site: Site) -> None:
    """The unit is started before the file is there, and the answers before both."""
    (site.armed / "01-two").unlink()
    assert site.run() == []
    assert site.disabled() == []


@pytest.mark.parametrize("text", ["", "DEFAULT install\n", "# a\n# ../../etc\n", "# a\n# 10.77.0.11\n"])
def test_a_file_that_says_nothing_is_not_trusted(site: Site, text: str) -> None:
    (site.armed / "01-strange").write_text(text)
    assert site.run() == ["01-strange boots its disk from now on"]
    assert site.left() == ["01-one", "01-two"]


def test_links_and_files_of_others_are_left_alone(site: Site) -> None:
    (site.armed / "01-link").symlink_to(site.program)
    (site.armed / "mine").touch()
    assert site.run() == []
    assert site.left() == ["01-link", "01-one", "01-two", "mine"]
    assert site.program.exists()


def test_systemd_understands_every_line(systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]) -> None:
    said = {"ansible_managed": "managed", "answers_root": "/srv/pxe", "__answers_plain_mark": "started"}
    units = {}
    for name in UNITS:
        text = (ROLE / "templates/etc/systemd/system" / f"{name}.j2").read_text()
        for variable, value in said.items():
            text = text.replace(f"{{{{ {variable} }}}}", value)
        assert "{{" not in text
        instance = name.replace("@", f"@{ONE.replace('/', '-')}")
        units[instance] = text.replace(PROGRAM, "/bin/true")
    assert systemd_says(units) == []
