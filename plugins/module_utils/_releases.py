# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the release of a server has no more, so that it can be said before anything is changed.

docs/servers.md says where each fact comes from; the roles' variables say the same of the server that they run on.
"""

from __future__ import annotations

import typing as t

Facts = t.Mapping[str, t.Any]


class Gap(t.NamedTuple):
    """A program that Enterprise Linux has no more."""

    service: str
    backend: str
    program: str
    #: The first release of Enterprise Linux without it, and whether Fedora lacks it too
    since: int
    fedora: bool
    remedy: str


GAPS = (
    Gap("dhcp", "isc", "ISC dhcpd", 10, False, "write site_dhcp_backend: kea or site_dhcp_backend: dnsmasq"),
    Gap("tftp", "xinetd", "xinetd", 9, True, "write site_tftp_backend: systemd"),
)


def lacks(gap: Gap, facts: Facts) -> bool:
    """Whether a server of which we know this has the program no more. False of one that we know nothing about.

    :arg facts: Ansible's, without the prefix: C(os_family), C(distribution), C(distribution_major_version)
    """
    if facts.get("os_family") != "RedHat":
        return False
    if facts.get("distribution") == "Fedora":
        return gap.fedora
    major = str(facts.get("distribution_major_version") or "")
    return major.isdigit() and int(major) >= gap.since


def gaps(plan: t.Mapping[str, t.Any], known: t.Mapping[str, Facts]) -> list[str]:
    """A sentence for each server that has no package of what the plan wants of it.

    :arg plan: as boot_plan_info returns it
    :arg known: facts by server; those of which nothing is known may be missing
    """
    return [
        f"{name}: {facts.get('distribution')} {facts.get('distribution_version') or facts.get('distribution_major_version')} "
        f"has no {gap.program} any more; {gap.remedy}"
        for name, facts in sorted(known.items())
        for gap in GAPS
        if gap.service in plan["servers"].get(name, {}) and plan["backends"][gap.service] == gap.backend
        if lacks(gap, facts)
    ]
