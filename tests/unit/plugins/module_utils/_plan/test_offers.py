# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers

BASE = "http://10.77.0.1"
MAC = "52:54:00:AA:00:01"


def test_urls() -> None:
    here = f"{BASE}/offers/el9"
    machine = f"{here}/52-54-00-aa-00-01"
    where = (BASE, "el9", MAC)
    assert offers.offer_url(BASE, "el9") == here
    assert offers.ready_url(*where) == f"{machine}/ready"
    assert offers.release_url(*where) == f"{machine}/release"
    assert offers.answer_url(*where, "ks.cfg") == f"{machine}/ks.cfg"
    assert offers.files_url(*where) == machine
    assert offers.released_answer_url(*where, "ks.cfg") == f"{machine}/release/ks.cfg"
    assert offers.events_url(*where) == f"{machine}/events"
    assert offers.known_url(*where) == f"{machine}/known"
    assert offers.kickstart_url_without_mac(BASE, "el9") == f"{here}/ks.cfg"
    assert offers.start_url(BASE, "el9") == f"{here}/start.cfg"


def test_a_loader_puts_its_mac_into_a_url() -> None:
    """It must not be changed."""
    assert offers.ready_url(BASE, "el9", offers.IPXE_MAC) == f"{BASE}/offers/el9/${{netX/mac:hexhyp}}/ready"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("52-54-00-aa-00-01", True),
        ("00-00-00-00-00-00", True),
        # that of the machine that answer files are made for
        ("02-00-00-00-00-00", False),
        ("53-54-00-aa-00-01", False),
        ("52-54-00-AA-00-01", False),
        ("52:54:00:aa:00:01", False),
        ("52-54-00-aa-00", False),
        ("52-54-00-aa-00-01\n", False),
        ("52-54-00-aa-00-01-02", False),
        ("", False),
    ],
)
def test_folders_of_machines(name: str, wanted: bool) -> None:
    assert offers.is_mac_name(name) == wanted


def test_a_folder_and_its_mac() -> None:
    assert offers.mac_name(MAC) == "52-54-00-aa-00-01"
    assert offers.mac_of(offers.mac_name(MAC)) == MAC.lower()


def test_no_spelling_of_the_stand_in_is_part_of_another() -> None:
    """The web server replaces each, wherever it is."""
    words = [spelling.stand_in for spelling in offers.SPELLINGS]
    assert words == ["02:00:00:00:00:00", "02-00-00-00-00-00", "020000000000"]
    words.append(offers.STAND_IN_ADDRESS)
    assert not [(one, other) for one in words for other in words if one != other and one in other]
