# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Shows a plan to people."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import HTTP, backend_of

Plan = dict[str, t.Any]


#: With more machines than that, they are counted by subnet and profile.
MACHINES_SHOWN = 50
#: With more ranges of a subnet than that, the rest is counted.
RANGES_SHOWN = 3


def summary(plan: Plan, full: bool = False) -> list[str]:
    """A plan in a few lines, and one more for each subnet, distribution, profile and machine.

    :arg full: show each machine, however many there are
    """
    return [
        *_site(plan),
        *_servers(plan["servers"]),
        *_part("subnets", [_subnet(subnet, plan) for subnet in plan["subnets"]]),
        *_part("distributions", [_distribution(item) for item in plan["distributions"].values()]),
        *_part("profiles", [_profile(item) for item in plan["profiles"].values()]),
        *_machines(plan["machines"], full),
        *(f"Note. {text}" for text in plan.get("notes", ())),
        *(f"Warning. {text}" for text in plan.get("warnings", ())),
    ]


def _machines(machines: list[Plan], full: bool) -> list[str]:
    if full or len(machines) <= MACHINES_SHOWN:
        return _part("machines", [_machine(machine) for machine in machines])
    rows = []
    for (subnet, profile), names in _by_subnet_and_profile(machines).items():
        shown = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        rows.append([subnet, profile, f"{len(names)} machine{'s' if len(names) > 1 else ''}", shown])
    return [f"machines ({len(machines)}), each of them with -e plan_full=yes", *_part("", rows)[1:]]


def _by_subnet_and_profile(machines: list[Plan]) -> dict[tuple[str, str], list[str]]:
    """Names of machines, in their order."""
    found: dict[tuple[str, str], list[str]] = {}
    for machine in machines:
        found.setdefault((machine["subnet"], machine["profile"]), []).append(machine["name"])
    return found


def _site(plan: Plan) -> list[str]:
    server, backends = plan["server"], plan["backends"]
    hours = plan["arming_lifetime"] / 3600
    rows = [
        [
            "server",
            f"{server['address']} on {server['interface']}, {plan['urls']['boot']}, files in {plan['root']}",
        ],
        [
            "services",
            f"DHCP by {backends['dhcp']}, TFTP by {backends['tftp']}, "
            + (f"HTTP by {backends['http']}, " if backend_of(plan, "http") is not HTTP[0] else "")
            + f"{backends['bios_loader']} for BIOS",
        ],
        ["unknown machines", _unknown(plan)],
        ["armed machines", f"for {hours:g} h, after a failed installation {plan['on_failed_install']}"],
    ]
    return _aligned(rows)


def _unknown(plan: Plan) -> str:
    """What becomes of machines that nobody described."""
    menu, install = plan["menu"], (plan.get("unknown_machines") or {}).get("install")
    if install:
        return f"after {menu['timeout']} s INSTALLED with {install}, once each; see the warnings"
    return f"menu, after {menu['timeout']} s {menu['default']}"


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _part(title: str, rows: list[list[str]]) -> list[str]:
    """A heading and aligned rows."""
    # No colons and quotes around: Ansible would quote such lines once more.
    return [f"{title} ({len(rows)})", *(f"  {line}" for line in (_aligned(rows) if rows else []))]


def _servers(servers: Plan) -> list[str]:
    """Of several servers which has what, by which address."""
    if len(servers) < 2:
        return []
    rows = [[name, _places(host), ", ".join(host["interfaces"])] for name, host in servers.items()]
    return _part("servers", rows)


def _places(host: Plan) -> str:
    services = {name: service for name, service in host.items() if name != "interfaces"}
    return ", ".join(
        f"{name} {service.get('url') or service['address']}" for name, service in services.items()
    )


def _subnet(subnet: Plan, plan: Plan) -> list[str]:
    several = len([host for host in plan["servers"].values() if "http" in host]) > 1
    return [
        subnet["cidr"],
        _leasing(subnet),
        f"gateway {subnet['gateway']}" if subnet["gateway"] else "no gateway",
        f"DNS {', '.join(subnet['dns'])}" if subnet["dns"] else "no DNS",
        subnet["domain"],
        f"web server {subnet['http_server']}" if several else "",
    ]


def _leasing(subnet: Plan) -> str:
    if "proxy" in subnet:
        return "proxy of another DHCP server"
    if not subnet["ranges"]:
        return "leases nothing"
    longest = f", {subnet['max_lease']} at most" if "max_lease" in subnet else ""
    return f"leases {leased(subnet['ranges'])} for {subnet['lease']}{longest}"


def leased(ranges: list[list[str]]) -> str:
    """Ranges, of many the first ones."""
    shown = [first if first == last else f"{first}-{last}" for first, last in ranges]
    if len(shown) > RANGES_SHOWN + 1:
        shown = [*shown[:RANGES_SHOWN], f"{len(shown) - RANGES_SHOWN} more ranges"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _distribution(distribution: Plan) -> list[str]:
    if "mirror" in distribution:
        return [distribution["name"], distribution["family"], f"mirror {distribution['mirror']}"]
    images = [*distribution["isos"], *([distribution["netboot"]] if distribution["netboot"] else [])]
    # The tree of one image is that image, mounted.
    mounted = len(distribution["isos"]) < 2 and distribution["layout"] == "overlay"
    return [
        distribution["name"],
        distribution["family"],
        ", ".join(image["url"] or image["path"] for image in images)
        + ("" if mounted else f" ({distribution['layout']})")
        + (", no checksum: not verified" if any(not one.get("checksum") for one in images) else ""),
    ]


def _profile(profile: Plan) -> list[str]:
    return [
        profile["name"],
        profile["distribution"],
        profile["label"] if profile["in_menu"] else f"{profile['label']} (not in the menu)",
        " ".join(profile["kernel_arguments"]),
    ]


def _machine(machine: Plan) -> list[str]:
    return [
        machine["name"],
        machine["mac"],
        machine["address"],
        machine["firmware"],
        machine["profile"],
        machine["disk"] or "no disk",
        " ".join(machine["kernel_arguments"]),
    ]
