# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._arming import published
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import script_path
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_installation import (
    TOKEN,
    installation,
)


def test_what_is_published_and_where() -> None:
    both = [
        installation(family="debian", files={"motd": ""}),
        installation(machine="node02", address="10.77.0.12", family="redhat"),
    ]
    assert list(published.answer_files(both)) == [
        f"10.77.0.11/{TOKEN}/motd",
        f"10.77.0.11/{TOKEN}/preseed.cfg",
        f"10.77.0.12/{TOKEN}/ks.cfg",
    ]
    assert list(published.ticket_files(both)) == [
        f"10.77.0.1{number}/{TOKEN}/ticket-1795168800-1795172400" for number in (1, 2)
    ]
    assert script_path(both[0]) == "10.77.0.11/node01_52-54-00-aa-00-01.ipxe"
