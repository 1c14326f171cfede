# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not offered. What is, and what becomes of it: tests/unit/guard/test_offered.py."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.guard.test_offered import description, local_plan, play

MISTAKEN: dict[str, dict[str, t.Any]] = {
    "deb": {"packages": ["{{ inventory_hostname }}"], "timezone": "{{ machine_rack }}"},
    "el9": {"timezone": "No where", "network": {"bootproto": "static"}},
    # It looks at nothing before it writes.
    "el6": {"file": "alone.ks.j2"},
    "el5": {"file": "nowhere.cfg"},
    "own": {"file": "disk.cfg"},
    # It wipes before it looks.
    "hasty": {"file": "hasty.ks.j2"},
    # Of the disks it names one that nobody looks at.
    "wide": {"file": "wide.ks"},
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, pathlib.Path]:
    """What is said of offers with mistakes of every kind, and where nothing is published."""
    folder = tmp_path_factory.mktemp("refused")
    root = folder / "small/pxe"
    for name in ("answers", "events"):
        (root / name).mkdir(parents=True)
    (folder / "disk.cfg").write_text("d-i partman-auto/disk string /dev/sda\n")
    (folder / "alone.ks.j2").write_text(
        "lang C\nrootpw --lock\nclearpart --all --drives=sda\n%packages\n%end\n"
    )
    (folder / "hasty.ks.j2").write_text(
        "{% extends 'kickstart.cfg.j2' %}\n{% block mirror %}\n{{ super() }}\n"
        "%pre\nwipefs --all /dev/sda\n%end\n{% endblock %}\n"
    )
    (folder / "wide.ks").write_text(
        "repo --name=more --baseurl=http://127.0.0.1/files/more\n%include http://127.0.0.1/boot/more.ks\n"
        "rootpw --lock\nlang C\nkeyboard us\ntimezone UTC\nclearpart --all --drives=sdb\n"
        "part / --size=4096 --ondisk=sdb\npart /srv --size=1 --grow --ondisk=sdc\n%packages\n%end\n"
    )
    own = {"distribution": "debian-13", "menu_install": True}
    other = {"distribution": "rocky-9", "menu_install": True}
    profiles = {**description()["profiles"], "own": own, "hasty": other, "wide": other}
    # As the guides have it.
    profiles["foreign"] = {**other, "kernel_arguments": ["ks=http://10.77.0.9/ks.cfg"]}
    plan = local_plan(80, profiles=profiles)
    done = play(folder, plan, MISTAKEN)
    assert done.returncode == 2, done.stdout[-3000:]
    return re.sub(r"\s+", " ", done.stdout + done.stderr).replace("''", "'"), root


@pytest.mark.parametrize(
    "said",
    [
        "No profile was offered. ",
        # The server's name is not theirs.
        "deb for machines that nobody described: answers.packages[0]: cannot be evaluated: 'inventory_hostname' is",
        "deb for machines that nobody described: answers.timezone: cannot be evaluated: 'machine_rack' is undefined",
        "el9 for machines that nobody described: answers.timezone: 'No where' is not usable",
        "el9 for machines that nobody described: answers.network.bootproto: undescribed machines have no fixed address",
        "el6 for machines that nobody described: its answer file does not check machine and disk",
        "el5 for machines that nobody described: answers.file: ",
        "hasty for machines that nobody described line 9: this script would run before it is known whether this is",
        "wide.ks line 9 (part /srv --size=1 --grow --ondisk=sdc): part --ondisk=sdc names a disk",
        "wide.ks line 1: http://127.0.0.1/files/more: there is no files/more below ",
        "foreign for machines that nobody described: kernel_arguments: ks points to other answers",
        "/dev/sda is a disk, but disk_rule finds this machine's; leave the line out",
    ],
)
def test_all_mistakes_of_all_offers_are_named(refused: tuple[str, pathlib.Path], said: str) -> None:
    assert said in refused[0]


def test_a_mistake_offers_nothing(refused: tuple[str, pathlib.Path]) -> None:
    said, root = refused
    assert list((root / "answers").iterdir()) == []
    assert not (root / "boot").exists()
    assert "S3CRET" not in said
    # Boot files are published when offers are.
    assert "there is no boot/more.ks" not in said
