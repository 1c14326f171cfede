# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.lookup.clients import LookupModule
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import CLIENTS


def test_a_role_without_a_plan_gets_each_row_of_the_table() -> None:
    rows = LookupModule().run([])
    assert [row["name"] for row in rows] == [client.name for client in CLIENTS]
    assert next(row["loader"] for row in rows if row["name"] == "bios") == "undionly.kpxe"
