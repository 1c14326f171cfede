# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.server_gaps import FilterModule, server_gaps
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

SERVER = {"name": "pxe1", "group": "pxe_servers"}
SITE = {
    "server": {"address": "10.0.0.1", "interface": "eth0"},
    "subnets": [{"cidr": "10.0.0.0/24"}],
    "dhcp_backend": "isc",
    "tftp_backend": "systemd",
}
EL10 = {"os_family": "RedHat", "distribution": "Rocky", "distribution_major_version": "10"}


def test_a_real_plan() -> None:
    servers = {service: [SERVER] for service in ("http", "ftp", "nfs", "tftp", "dhcp")}
    plan = compile_plan(SITE, [], servers=servers)
    (said,) = server_gaps(plan, {"pxe1": EL10})
    assert said.startswith("pxe1: Rocky 10 no longer has ISC dhcpd; ")


@pytest.mark.parametrize("plan", [{}, "x", None])
def test_anything_else_is_refused(plan: object) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a plan"):
        server_gaps(plan, {"pxe1": EL10})


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"server_gaps": server_gaps}
