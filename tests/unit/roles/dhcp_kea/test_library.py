# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kea's library for plain BOOTP is looked for on the server, and goes with those of the site."""

from __future__ import annotations

import json
import os
import pathlib
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import BY_NAME, subnet
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._refusals import (
    FACTS,
    SUBNET,
    Table,
    cases,
    check,
)

KEA = BY_NAME["kea"]
OURS = "/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_bootp.so"


@pytest.mark.skipif(
    not os.path.exists("/usr/sbin/kea-dhcp4"), reason="Kea is not installed: apt-get install kea-dhcp4-server"
)
def test_bootp_without_the_library_is_refused(
    refusals: t.Callable[..., list[str]], tmp_path: pathlib.Path
) -> None:
    """What is in the folder is found, also where no package is installed for it."""
    for name in ("full", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "libdhcp_bootp.so").touch()
    lending = {"subnets": [{**SUBNET, "bootp": True}]}
    table: Table = [
        ({**lending, "__dhcp_kea_hooks": str(tmp_path / "full")}, []),
        (
            {**lending, "__dhcp_kea_hooks": str(tmp_path / "empty")},
            ["10.77.0.0/24 has bootp, but localhost has no", "empty/libdhcp_bootp.so", "or leave bootp out"],
        ),
        ({"__dhcp_kea_hooks": str(tmp_path / "empty")}, []),
    ]
    given = cases("dhcp_kea", table, __dhcp_kea_hooks_package="")
    check(refusals("dhcp_kea", "install", FACTS, given), table)


LATER = {"library": "/x.so", "parameters": {"a": 1}}


@pytest.mark.parametrize(
    ("library", "own", "wanted"),
    [
        ("", [], []),
        (OURS, [], [{"library": OURS}]),
        ("", [LATER], [LATER]),
        (OURS, [LATER], [{"library": OURS}, LATER]),
        (OURS, [{"library": "/own/libdhcp_bootp.so"}], [{"library": OURS}]),
    ],
)
def test_libraries(
    renderer: t.Callable[[str], t.Any], library: str, own: list[t.Any], wanted: list[t.Any]
) -> None:
    """Kea takes one list of them."""
    settings = {"hooks-libraries": own, "valid-lifetime": 7}
    variables = KEA.variables(subnets=[subnet(77)], extra_settings=settings)
    text = renderer(KEA.role).render([(KEA.files[0], {**variables, "__dhcp_kea_bootp_library": library})])[0]
    assert text.count('"hooks-libraries"') == bool(wanted)
    found = json.loads(re.sub(r"(?m)(^|\s)#.*", "", text))["Dhcp4"]
    assert found.get("hooks-libraries", []) == wanted
    assert found["valid-lifetime"] == 7
