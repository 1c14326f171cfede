# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware table itself. That a row is all that a kind of firmware needs is in roles/dhcp/test_clients.py."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import CLIENTS, PLATFORMS

LOADERS = [loader for kind in CLIENTS for chain in kind.loaders.values() for loader in chain]


def told(loaders: dict[str, t.Any] | None = None, plain: str = "", chain: str = "ipxe") -> dict[str, t.Any]:
    """By name ``(loader, plain, from)``; the loaders by default as a role's defaults have them."""
    rows = _firmware.clients(chain)
    defaults = {row["name"]: row["loader"] for row in rows}
    found = _firmware.client_loaders(rows, defaults if loaders is None else loaders, plain, "dhcp_x")
    return {row["name"]: (row["loader"], row["plain"], row["from"]) for row in found}


def test_each_architecture_is_of_one_kind_and_one_way() -> None:
    codes = [code for kind in CLIENTS for code in (*kind.tftp, *kind.http)]
    assert sorted(codes) == sorted(set(codes))
    assert all(0 <= code < 256 for code in codes), "the templates write one byte"


def test_names_are_words_that_every_server_takes() -> None:
    names = [kind.name for kind in CLIENTS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*", name)] == []


def test_the_kind_that_is_meant_where_none_is_named() -> None:
    """Templates say so by this name: plain BOOTP, and firmware that says no architecture."""
    assert [kind.name for kind in CLIENTS if 0 in kind.tftp] == ["bios"]


def test_each_kind_is_on_a_known_platform_and_processor() -> None:
    assert {kind.platform for kind in CLIENTS} == set(PLATFORMS)
    assert _firmware.processors()[0] == "x86_64"
    assert all(kind.processors for kind in CLIENTS)
    assert {kind.platform for kind in CLIENTS if kind.secure_boot} == {"uefi"}


def test_each_loader_of_ipxe_can_be_built() -> None:
    ipxe = [loader for kind in CLIENTS for loader in kind.loaders.get("ipxe", ())]
    assert [loader.name for loader in ipxe if not re.fullmatch(r"bin[a-z0-9_-]*/\S+", loader.target)] == []
    assert len({loader.name for loader in LOADERS}) == len(LOADERS)


def test_the_plan_has_the_loader_of_the_chain() -> None:
    ipxe = {"bios": "undionly.kpxe", "efi32": "", "efi64": "snponly.efi", "efiarm64": "arm64/snponly.efi"}
    assert {row["name"]: row["loader"] for row in _firmware.clients()} == ipxe
    rows = {row["name"]: row for row in _firmware.clients("pxelinux")}
    assert {name: row["loader"] for name, row in rows.items()} == {**ipxe, "bios": "syslinux/pxelinux.0"}
    # iPXE's loader is built all the same: a machine may have it on a stick.
    assert rows["bios"]["built"] == [{"name": "undionly.kpxe", "target": "bin/undionly.kpxe"}]
    assert rows["efiarm64"]["built"] == [], "it needs a compiler for another processor"


def test_what_a_dhcp_server_tells() -> None:
    efi64 = ("snponly.efi", False, "dhcp_x_loaders.efi64")
    assert told() == {
        "bios": ("undionly.kpxe", False, "dhcp_x_loaders.bios"),
        "efi64": efi64,
        "efiarm64": ("arm64/snponly.efi", False, "dhcp_x_loaders.efiarm64"),
    }
    assert told({"efi64": "snponly.efi", "bios": "", "efiarm64": None}) == {"efi64": efi64}
    assert told({"efi32": "a.efi"}) == {"efi32": ("a.efi", False, "dhcp_x_loaders.efi32")}
    plain = ("pxelinux.0", True, "dhcp_x_plain_bios_loader")
    assert told({"efi64": "snponly.efi"}, "pxelinux.0") == {"bios": plain, "efi64": efi64}
    assert told(chain="pxelinux")["bios"] == ("syslinux/pxelinux.0", True, "dhcp_x_plain_bios_loader")
    assert told(plain="pxelinux.0", chain="pxelinux")["bios"] == plain


def test_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(PxeError, match=r"dhcp_x_loaders: 'efi46': no such .*; there are bios, efi32, efi64"):
        told({"efi46": "x.efi"})


def test_each_way_to_fetch_has_a_name_of_its_own() -> None:
    rows = _firmware.client_loaders(_firmware.clients(), {"efi64": "a.efi", "bios": "b"}, "", "dhcp_x")
    ways = [(way["name"], way["by"], way["codes"]) for row in rows for way in row["ways"]]
    assert ways == [("bios", "tftp", [0]), ("efi64", "tftp", [7, 9]), ("http64", "http", [16])]


@pytest.mark.parametrize(("code", "by_http"), [(0, False), (7, False), (15, True), (16, True), (19, True)])
def test_who_fetches_by_http(code: int, by_http: bool) -> None:
    assert _firmware.fetches_by_http(code) is by_http
