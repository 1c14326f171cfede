# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Compiles the description of a site into one plan, in which every reference is resolved and every value checked.

Nothing here touches a file or the network; what finds the user's files is passed in. The time it takes grows with the
number of machines, not with its square.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, answer_schema
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import (
    Backends,
    check_passwords,
    read_backends,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.distributions import read_distributions
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import (
    SiteSoFar,
    arming_warnings,
    disk_warnings,
    read_machines,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu import read_menu
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.networks import (
    Networks,
    check_subnets,
    exclude_taken,
    is_proxied,
    lease_notes,
    read_networks,
    share_networks,
    taken_addresses,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.profiles import read_profiles, sources_of
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import (
    Servers,
    check_servers,
    read_servers,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.unknown import (
    offers_by_server,
    read_unknown,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.unknown import (
    warnings as unknown_warnings,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.web import read_aliases, read_files
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import parse_duration, shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    Section,
    nearest,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.lifetimes import (
    LONGEST_LIFETIME,
    SHORTEST_LIFETIME,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import parse_root

Plan = dict[str, t.Any]
Find = t.Callable[[str], str]

SITE_KEYS = (
    "root",
    "server",
    "services",
    "subnets",
    "distributions",
    "profiles",
    "menu",
    "answers",
    "dhcp_backend",
    "tftp_backend",
    "http_backend",
    "dhcp_foreign",
    "bios_loader",
    "on_failed_install",
    "arming_lifetime",
    "aliases",
    "files",
    "unknown_machines",
)
WITHDRAWN = {
    "machines": "is no longer read, because nothing could be installed with it; describe each machine as a host of the "
    "inventory group pxe_machines with machine_mac, machine_address and so on. From a spreadsheet: "
    "'Machines from a CSV file' in docs/site.md"
}
DHCP_FOREIGN = ("refuse", "allow")
ON_FAILED_INSTALL = ("hold", "retry")


def compile_plan(
    site: t.Any,
    machines: t.Any,
    group: str = "pxe_machines",
    site_names: t.Iterable[str] = (),
    servers: t.Any = None,
    find: Find | None = None,
) -> Plan:
    """Check a description and resolve it.

    :arg site: the ``site_`` variables without their prefix (``SITE_KEYS``)
    :arg machines: a list of mappings with ``name`` and ``MACHINE_KEYS``
    :arg group: the inventory group that the machines come from, for messages (``pxe_machines.node01.machine_mac``)
    :arg site_names: names of all variables that begin with ``site_``, to find those that were mistyped
    :arg servers: by service the hosts that have it: ``{http: [{name, group, address, interface, url}], ...}``, of which
        only name and group must be there; nothing if they are not known
    :arg find: finds a file of the user's that the menu names, or raises PxeError; without it none is looked for
    :returns: the plan, as boot_plan_info documents it. Contents of answers are never in it.
    :raises PlanError: naming every mistake, in the order of the description
    """
    mistakes = Mistakes()
    top = Section(mistakes, "site_", site, SITE_KEYS, address="site")
    _refuse_near_misses(top, site_names)
    backends = read_backends(top)
    found = read_servers(top, servers, backends.dhcp.serves)
    networks = read_networks(top, found.boot_urls)
    plan = _site(top, found, backends)
    plan.update(_networks(top, networks, found, backends))
    plan.update(_installed(top, plan["root"], found))
    plan.update(_served(top, plan, networks, backends, find))
    so_far = SiteSoFar(plan["profiles"], networks, taken_addresses(networks, found.said))
    plan["machines"] = read_machines(top, machines, group, so_far)
    notes = exclude_taken(networks, so_far.taken, plan["machines"])
    mistakes.raise_if_any()
    plan["notes"] = [*notes, *lease_notes(networks, backends.dhcp)]
    plan["offers"] = offers_by_server(plan["unknown_machines"], plan["profiles"], networks)
    plan["warnings"] = [*unknown_warnings(plan), *arming_warnings(plan), *disk_warnings(plan["machines"])]
    return plan


def _site(top: Section, found: Servers, backends: Backends) -> Plan:
    """What is served from where, and by what."""
    check_servers(top, backends, found)
    return {
        "root": top.get("root", parse_root, "/srv/pxe"),
        "server": found.server,
        "servers": found.hosts,
        "services": found.services,
        "urls": found.urls,
        "backends": backends.names,
        "abilities": backends.abilities,
        "clients": _firmware.clients(backends.bios_loader),
        "on_failed_install": top.word("on_failed_install", ON_FAILED_INSTALL, "hold"),
        "arming_lifetime": top.get("arming_lifetime", _lifetime, _lifetime("6h")),
    }


def _networks(top: Section, networks: Networks, found: Servers, backends: Backends) -> Plan:
    """The subnets, and who assigns their addresses."""
    address = found.services["dhcp"]["address"]
    check_subnets(networks, backends.dhcp)
    if backends.dhcp.shared_from:
        share_networks(networks, address)
    return {
        "subnets": [subnet.record for subnet in networks.subnets],
        "dhcp_foreign": _foreign(top, networks, address),
    }


def _foreign(top: Section, networks: Networks, address: str) -> str:
    """What another DHCP server in the DHCP server's own network means: ``refuse``, ``allow``, or ``expect``."""
    word = top.word("dhcp_foreign", DHCP_FOREIGN, "refuse")
    return "expect" if is_proxied(networks, address) else word


def _installed(top: Section, root: str, found: Servers) -> Plan:
    """Distributions, and the ways to install them."""
    distributions = read_distributions(top, root, found.services)
    profiles = read_profiles(top, root, distributions, found)
    top.check_shape("answers", answer_schema(FAMILIES))
    return {
        "distributions": distributions,
        "profiles": profiles,
        "sources": sources_of(profiles, distributions),
    }


def _served(top: Section, plan: Plan, networks: Networks, backends: Backends, find: Find | None) -> Plan:
    """What any machine may see: the menu, what is offered in it, and what else the web server has."""
    profiles, distributions = plan["profiles"], plan["distributions"]
    menu = read_menu(top, profiles, backends.bios_loader, distributions, find)
    check_passwords(top, backends.http, profiles, menu)
    files = read_files(top)
    return {
        "menu": menu,
        "files": files,
        "aliases": read_aliases(top, distributions, files),
        "unknown_machines": read_unknown(top, profiles, networks, menu, backends),
    }


def _lifetime(value: object) -> int:
    """Seconds for which a machine stays armed: long enough to boot, and not so long that it is forgotten."""
    seconds = parse_duration(value)
    if not SHORTEST_LIFETIME <= seconds <= LONGEST_LIFETIME:
        raise PxeError(
            f"{shown(value)} is not between 1m and 30d; write how long a machine may take until it boots, such as 6h"
        )
    return seconds


def _refuse_near_misses(top: Section, names: t.Iterable[str]) -> None:
    """Other people's variables may begin with ``site_``, too; refuse only what looks like one of ours."""
    for name in names:
        key = name[len("site_") :]
        if key in WITHDRAWN:
            top.mistake(key, WITHDRAWN[key])
            continue
        near = nearest(key, SITE_KEYS, 0.8)
        if near and key not in SITE_KEYS:
            top.mistake(key, f"is not known; did you mean 'site_{near}'?")
