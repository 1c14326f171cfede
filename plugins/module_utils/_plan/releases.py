# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the release of a server no longer has, so that it can be said before anything is changed.

docs/servers.md says where each fact comes from; the roles' variables say the same of the server that they run on.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import TABLE, Gap, backend_of

Facts = t.Mapping[str, t.Any]


#: The first release of Enterprise Linux on which ansible-core 2.17 and later can install packages: the Python library
#: of dnf in 8 is for Python 3.6 alone, which they have given up (ansible/ansible, issue 83357).
FIRST = 9


def _enterprise(facts: Facts) -> int:
    """The release of Enterprise Linux that a server has; 0 if it has another system, or we do not know."""
    major = str(facts.get("distribution_major_version") or "")
    is_one = facts.get("os_family") == "RedHat" and facts.get("distribution") != "Fedora"
    return int(major) if is_one and major.isdigit() else 0


def lacks(gap: Gap, facts: Facts) -> bool:
    """Whether a server of which we know this no longer has the program. False of one that we know nothing about.

    :arg facts: Ansible's, without the prefix: C(os_family), C(distribution), C(distribution_major_version)
    """
    is_fedora = facts.get("os_family") == "RedHat" and facts.get("distribution") == "Fedora"
    return gap.fedora if is_fedora else _enterprise(facts) >= gap.since


def _of(facts: Facts, wanted: t.Iterable[Gap]) -> t.Iterator[str]:
    """What is wrong with one server, behind the name of its system."""
    if 0 < _enterprise(facts) < FIRST:
        yield (
            "cannot be a server: ansible-core 2.17 and later cannot install packages on it; "
            f"take Enterprise Linux {FIRST} or later"
        )
    for gap in wanted:
        if lacks(gap, facts):
            yield f"no longer has {gap.program}; {gap.remedy}"


def gaps(plan: t.Mapping[str, t.Any], known: t.Mapping[str, Facts]) -> list[str]:
    """A sentence for each server that has no package of what the plan wants of it.

    :arg plan: as boot_plan_info returns it
    :arg known: facts by server; those of which nothing is known may be missing
    """
    found = []
    for name, facts in sorted(known.items()):
        here = plan["servers"].get(name)
        if here is None:
            continue
        wanted = [gap for service in TABLE if service in here and (gap := backend_of(plan, service).gap)]
        version = facts.get("distribution_version") or facts.get("distribution_major_version")
        found += [f"{name}: {facts.get('distribution')} {version} {what}" for what in _of(facts, wanted)]
    return found
