# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.armed_scripts import Armed
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import SiteFolders
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

TOKEN = "0123456789abcdef" * 2
FOLDER = f"10.77.0.11/{TOKEN}"
NODE: dict[str, t.Any] = {
    "machine": "node01",
    "mac": "52:54:00:AA:00:01",
    "address": "10.78.0.11",
    "token": TOKEN,
}
SCRIPT = "10.77.0.11/node01_52-54-00-aa-00-01.ipxe"


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """A server with the reports of one machine, whose address in the description is another one by now."""
    for name in (
        f"events/{FOLDER}",
        "events/offers/52-54-00-bb-00-01",
        "answers/offers/el9",
        "boot/machines",
    ):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "answers/10.77.0.11").mkdir()
    (tmp_path / "answers" / SCRIPT).write_text(
        "#!ipxe\n# Machine node01 (52:54:00:aa:00:01) is armed: one installation, profile el9, disk /dev/sdb.\n"
    )
    return tmp_path


def test_offers_lie_beside_machines(root: pathlib.Path) -> None:
    assert SiteFolders(str(root)).addresses() == ["10.77.0.11"]
    assert SiteFolders(str(root / "missing")).addresses() == []


def test_what_is_armed_and_where(root: pathlib.Path) -> None:
    site = SiteFolders(str(root))
    [armed] = site.armed()
    assert armed == Armed("10.77.0.11", "node01", "52-54-00-aa-00-01")
    assert site.disk_of(armed) == "/dev/sdb"
    both = {"10.77.0.11", "10.78.0.11"}
    assert site.places([NODE]) == both
    assert site.places([{**NODE, "machine": "renamed"}]) == both
    assert site.places([{**NODE, "mac": None}]) == both
    assert site.places([{**NODE, "machine": "other", "mac": None}]) == {"10.78.0.11"}


def test_records_of_installations_that_never_began(root: pathlib.Path) -> None:
    site, folder = SiteFolders(str(root)), root / "events" / FOLDER
    (folder / "armed").touch()
    assert site.silent_records("10.77.0.11") == [f"{FOLDER}/armed"]
    (folder / "released").touch()
    assert site.silent_records("10.77.0.11") == []
    assert site.silent_records("10.77.0.12") == []


def test_no_link_of_the_web_servers_is_followed(root: pathlib.Path) -> None:
    site, folder = SiteFolders(str(root)), root / "events" / FOLDER
    secret = root / "secret"
    secret.write_text("S3CRET\n")
    for name in ("failed", "progress-disk", "log-syslog"):
        (folder / name).symlink_to(secret)
    assert (site.reason(FOLDER), site.disk_in(FOLDER), site.times(FOLDER)) == ("", "", {})
    with pytest.raises(OSError, match="symbolic links"):
        site.log_tail(str(folder / "log-syslog"), 1)


def test_the_end_of_a_log_can_be_shown(root: pathlib.Path) -> None:
    log = root / "events" / FOLDER / "log-syslog"
    log.write_text("1\n2\x1b[2J\n3\n")
    assert SiteFolders(str(root)).log_tail(str(log), 2) == ["2?[2J", "3"]
    assert SiteFolders(str(root)).log_tail(str(log), 0) == []


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("events", "events is missing on the server; run netinstall.pxe.site first"),
        ("key", "node01: profile, answer must be given to arm it"),
        ("boot/profiles/el9.ipxe", "node01: .*/boot/profiles/el9.ipxe is missing on the server; run"),
        ("boot/machines/52-54-00-aa-00-01.ipxe", "ipxe is not about address 10.78.0.11; run"),
    ],
)
def test_what_the_site_lacks(root: pathlib.Path, missing: str, said: str) -> None:
    (root / "boot/profiles").mkdir()
    (root / "boot/profiles/el9.ipxe").touch()
    script = root / "boot/machines/52-54-00-aa-00-01.ipxe"
    script.write_text("chain http://10.77.0.1/answers/10.78.0.11/node01_52-54-00-aa-00-01.ipxe\n")
    item = {**NODE, "family": "redhat", "profile": "el9", "answer": "lang C\n"}
    site = SiteFolders(str(root))
    site.check_site([item])
    if missing == "key":
        item = {**item, "profile": None, "answer": ""}
    elif missing.startswith("boot/machines"):
        script.write_text(script.read_text().replace("10.78", "10.77"))
    else:
        (root / missing).rename(root / "away")
    with pytest.raises(PxeError, match=said):
        site.check_site([item])
