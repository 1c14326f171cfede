# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that guards machines without iPXE, run on folders of the test, and its units, as systemd reads them."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers as _offers

ROLE = pathlib.Path(__file__).resolve().parents[4] / "roles" / "answers"
PROGRAM = "/usr/local/sbin/netinstall-pxe-plain"
UNITS = ("netinstall-pxe-plain.service", "netinstall-pxe-plain.timer")
ONE, TWO = "10.77.0.11/" + "1" * 32, "10.77.0.12/" + "2" * 32
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
        # The first word of /proc/uptime: seconds since the start of the server.
        self.uptime = root / "uptime"
        self.uptime.write_text("100000.05 1.23\n")
        text = text.replace("/proc/uptime", str(self.uptime))
        self.program.write_text(text.replace("/site", str(root)))
        self.armed = root / "boot/syslinux/pxelinux.cfg/armed"
        for folder in (self.armed, root / "answers", root / "events"):
            folder.mkdir(parents=True)

    def arm(self, installation: str, name: str, begin: int = -60, end: int = 3600) -> None:
        (self.root / "answers" / installation).mkdir(parents=True)
        (self.root / "events" / installation).mkdir(parents=True)
        window = _arming.window_of(int(time.time()) + begin, int(time.time()) + end)
        text = f"# Written by netinstall.pxe\n# {installation}/{window}\nDEFAULT install\n"
        (self.armed / name).write_text(text)

    def report(self, installation: str, event: str) -> None:
        (self.root / "events" / installation / event).touch()

    def run(self) -> list[str]:
        done = subprocess.run(["sh", self.program], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def left(self) -> list[str]:
        return sorted(path.name for path in self.armed.iterdir())


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


@pytest.mark.parametrize("event", ["released", "started", "installed"])
def test_its_release_ends_it(site: Site, event: str) -> None:
    """Or its first report, where the answers come by FTP."""
    site.report(ONE, event)
    assert site.run() == ["01-one boots its disk from now on"]
    assert site.left() == ["01-two"]
    assert site.run() == []


def test_a_site_that_tries_again_waits_until_it_is_installed(make_site: t.Callable[[str], Site]) -> None:
    site = make_site("retry")
    site.arm(ONE, "01-one")
    for event in ("released", "started", "progress-1", "failed"):
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


def test_a_site_that_tries_again_does_not_wait_for_ever_for_a_first_report(
    make_site: t.Callable[[str], Site],
) -> None:
    """One that never reports gets its answers once, whatever the site says."""
    site = make_site("retry")
    site.arm(ONE, "01-one")
    site.report(ONE, "released")
    assert site.run() == []
    site.program.write_text(site.program.read_text().replace("now=$(date +%s)", "now=$(($(date +%s) + 301))"))
    assert len(site.run()) == 1
    assert site.left() == []


def test_what_is_outside_of_its_time_ends(make_site: t.Callable[[str], Site]) -> None:
    site = make_site("hold")
    site.arm(ONE, "01-over", -3600, 0)
    site.arm(TWO, "01-future", 86400, 90000)
    site.arm("10.77.0.13/" + "3" * 32, "01-nearly", 240, 3840)
    assert len(site.run()) == 2
    assert site.left() == ["01-nearly"]


def test_a_clock_that_may_not_be_set_yet_takes_nothing_back(make_site: t.Callable[[str], Site]) -> None:
    """What is over is refused all the same: where answers come by FTP nothing else would."""
    site = make_site("hold")
    site.uptime.write_text("899.99 3.14\n")
    site.arm(ONE, "01-over", -3600, 0)
    site.arm(TWO, "01-future", 86400, 90000)
    assert site.run() == ["01-over boots its disk from now on"]
    assert site.left() == ["01-future"]
    site.uptime.write_text("900.00 3.14\n")
    assert site.run() == ["01-future boots its disk from now on"]


def test_it_waits_for_whoever_is_arming(site: Site) -> None:
    """The modules hold the lock of the site's folder while they write."""
    site.report(ONE, "released")
    command = [
        "flock",
        str(site.root),
        "sh",
        "-c",
        f"touch {site.root}/locked; sleep 1; rm {site.armed}/01-one",
    ]
    with subprocess.Popen(command):
        while not (site.root / "locked").exists():
            time.sleep(0.02)
        assert site.run() == []


@pytest.mark.parametrize(
    "text", ["", "DEFAULT install\n", "# a\n# ../../etc\n", "# a\n# 10.77.0.11\n", f"# a\n# {TWO}\n"]
)
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


# Machines that are not described


MAC = "52-54-00-bb-00-01"


@pytest.fixture
def offering(make_site: t.Callable[[str], Site]) -> Site:
    """A site that offers something, and one machine that had its installation."""
    site = make_site("hold")
    (site.root / "answers/offers/el9").mkdir(parents=True)
    (site.root / "events/offers" / MAC / "el9").mkdir(parents=True)
    (site.armed.parent / "default").write_text("DEFAULT vesamenu.c32\nLABEL local\n  LOCALBOOT -1\n")
    return site


def configs(site: Site) -> dict[str, str]:
    return {path.name: path.read_text() for path in site.armed.parent.glob("*") if path.is_file()}


def test_a_machine_that_had_its_installation_boots_its_disk(offering: Site) -> None:
    assert offering.run() == [f"{MAC} boots its disk from now on"]
    files = configs(offering)
    assert set(files) == {"default", f"01-{MAC}"}
    assert f"01-{MAC}" == pathlib.Path(paths.machine_in_folder(_offers.mac_of(MAC))).name
    assert files[f"01-{MAC}"].startswith(_offers.LOCAL_HEADER)
    assert check_config(files[f"01-{MAC}"], f"01-{MAC}") == []
    assert (offering.armed.parent / f"01-{MAC}").stat().st_mode & 0o777 == 0o644
    # site.yml does not take it for one of its own.
    renderer = Pxelinux()
    assert renderer.claims(f"syslinux/pxelinux.cfg/01-{MAC}")
    assert not renderer.owns(f"syslinux/pxelinux.cfg/01-{MAC}", files[f"01-{MAC}"].encode())
    assert offering.run() == []


def test_it_boots_the_disk_as_the_menu_does(offering: Site) -> None:
    """pxelinux before 4.00 knows LOCALBOOT 0 only."""
    (offering.armed.parent / "default").write_text("LABEL local\n  LOCALBOOT 0\n")
    offering.run()
    assert configs(offering)[f"01-{MAC}"].endswith("\nLABEL local\n  LOCALBOOT 0\n")


def test_one_that_is_forgotten_may_be_installed_again(offering: Site) -> None:
    offering.run()
    shutil.rmtree(offering.root / "events/offers" / MAC)
    assert offering.run() == [f"{MAC} may be installed again, if it is offered"]
    assert set(configs(offering)) == {"default"}


def test_without_offers_there_is_nothing_to_keep_it_from(offering: Site) -> None:
    offering.run()
    shutil.rmtree(offering.root / "answers/offers/el9")
    assert len(offering.run()) == 1
    assert set(configs(offering)) == {"default"}
    assert offering.run() == []


def test_the_file_of_a_described_machine_is_left_alone(offering: Site) -> None:
    own = offering.armed.parent / f"01-{MAC}"
    own.write_text("# Written by netinstall.pxe (boot_files)\n")
    assert offering.run() == []
    shutil.rmtree(offering.root / "events/offers" / MAC)
    assert offering.run() == []
    assert own.exists()


def test_only_folders_of_machines_count(offering: Site) -> None:
    offers = offering.root / "events/offers"
    (offers / "52-54-00-bb-00-02").symlink_to(offers / MAC)
    (offers / "52-54-00-bb-00-03").touch()
    (offers / "x").mkdir()
    # Also one that was described once: nothing is offered to it.
    (offers / "52-54-00-bb-00-04").mkdir()
    (offers / "52-54-00-bb-00-04/described").touch()
    assert len(offering.run()) == 2
    assert set(configs(offering)) == {"default", f"01-{MAC}", "01-52-54-00-bb-00-04"}


def test_links_are_not_written_through(offering: Site) -> None:
    target = offering.root / "target"
    (offering.armed.parent / f"01-{MAC}").symlink_to(target)
    (offering.armed.parent / ".01.netinstall-pxe.tmp").symlink_to(target)
    offering.run()
    assert not target.exists()


def test_systemd_understands_every_line(systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]) -> None:
    said = {"ansible_managed": "managed", "answers_root": "/srv/pxe"}
    units = {}
    for name in UNITS:
        text = (ROLE / "templates/etc/systemd/system" / f"{name}.j2").read_text()
        for variable, value in said.items():
            text = text.replace(f"{{{{ {variable} }}}}", value)
        assert "{{" not in text
        units[name] = text.replace(PROGRAM, "/bin/true")
    assert systemd_says(units) == []
