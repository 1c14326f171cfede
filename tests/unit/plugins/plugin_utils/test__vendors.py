# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import pathlib

import pytest
from ansible.errors import AnsibleError
from ansible_collections.netinstall.pxe.plugins.filter.installation_lines import installation_lines
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _vendors

PLUGINS = pathlib.Path(_vendors.__file__).parents[1]
UNKNOWN = {
    "mac": "00:0c:42:bb:00:01",
    "described": False,
    "elsewhere": False,
    "profile": "el9",
    "stage": "started",
    "released": 1,
    "since": 1,
}


@pytest.mark.parametrize(
    ("mac", "vendor"),
    [
        ("00:0c:42:aa:00:01", "Routerboard.com"),
        ("D0-94-66-aa-00-01", "Dell Inc."),
        ("00:50:56:aa:00:01", "VMware, Inc."),
        # Before the second bit said that an address is made up, it was sold.
        ("aa:00:04:00:00:01", "DIGITAL EQUIPMENT CORPORATION"),
        # Its block was sold on in parts.
        ("00:50:c2:00:0f:ff", "T.L.S. Corp."),
        ("00:50:c2:04:d0:01", None),
        ("70:b3:d5:00:00:01", None),
        ("ac:de:48:00:11:22", None),
        ("52:54:00:aa:00:01", None),
        ("02:00:00:00:00:01", None),
    ],
)
def test_to_whom_a_mac_is_registered(mac: str, vendor: str | None) -> None:
    assert _vendors.vendor_of(mac) == vendor


def test_without_netaddr_it_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_vendors, "netaddr", None)
    with pytest.raises(AnsibleError, match=r"Python library \(netaddr\).*on the control node.* install"):
        installation_lines([], "unknown", [{"now": 1, "unknown": [UNKNOWN]}])
    # Nothing else is worse off.
    assert installation_lines([], "unknown", [{"now": 1, "unknown": []}]) == []
    assert installation_lines([], "status", []) != []


def imported(path: pathlib.Path) -> set[str]:
    """The modules that a file names in its imports, wherever they stand."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_nothing_that_runs_on_servers_imports_it() -> None:
    """Servers have Python alone, and what Ansible sends them: modules and module_utils."""
    files = [path for kind in ("modules", "module_utils") for path in (PLUGINS / kind).rglob("*.py")]
    guilty = {
        path.name: name
        for path in files
        for name in imported(path)
        if name.split(".")[0] == "netaddr" or ".plugin_utils" in name
    }
    assert len(files) > 80
    assert guilty == {}
