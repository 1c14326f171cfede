# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.client_loaders import FilterModule
from ansible_collections.netinstall.pxe.plugins.lookup.clients import LookupModule

client_loaders = FilterModule().filters()["client_loaders"]
#: As a role has them that is used without a plan.
CLIENTS = LookupModule().run([])


def test_those_that_have_a_loader() -> None:
    (row,) = client_loaders(CLIENTS, "dhcp_isc", {"efi64": "snponly.efi"})
    assert (row["name"], row["codes"], row["from"]) == ("efi64", [7, 9, 16], "dhcp_isc_loaders.efi64")
    assert [row["loader"] for row in client_loaders(CLIENTS, "dhcp_isc", {}, "pxelinux.0")] == ["pxelinux.0"]


def test_a_mistyped_kind() -> None:
    with pytest.raises(AnsibleFilterError, match="dhcp_isc_loaders: 'efi_64'"):
        client_loaders(CLIENTS, "dhcp_isc", {"efi_64": "snponly.efi"})
