# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about machines."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import (
    FAMILIES,
    answer_schema,
    installs,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._net.dhcp_options import read_options
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import guards, why_not_armed
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.networks import (
    Networks,
    Subnet,
    no_host_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import (
    parse_ipv4,
    parse_mac,
    shown,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    parse_disk,
    parse_hostname,
    parse_kernel_argument,
    parse_machine_name,
    parse_serial,
    parse_uuid,
)

Record = dict[str, t.Any]

MACHINE_KEYS = (
    "mac",
    "uuid",
    "serial",
    "address",
    "profile",
    "disk",
    "firmware",
    "architecture",
    "hostname",
    "dhcp_options",
    "kernel_arguments",
    "answers",
    "ssh_address",
)
WITHDRAWN = {
    "bmc": "is not used; leave it out, and write how the machine is switched on in machine_power_command"
}
# Of the kernel's names those that go by the order of discovery, among all kinds of controllers.
_NUMBERED = re.compile(r"/dev/[hs]d[a-z]+")


@dataclass
class SiteSoFar:
    """What of the site is known when its machines are read, and which values earlier ones have."""

    profiles: dict[str, Record]
    networks: Networks
    #: Addresses that no machine may have, and what has each.
    taken: dict[int, str]
    #: What each (key, value) that only one machine may have is the value of.
    seen: dict[tuple[str, object], str] = field(default_factory=dict)


def read_machines(top: Section, machines: t.Any, group: str, so_far: SiteSoFar) -> list[Record]:
    """Read the machines, which come from an inventory group."""
    end = len(top.data) + len(top.keys)
    if not isinstance(machines, list):
        top.mistakes.add((end,), group, "must be hosts of the inventory")
        return []
    for index, machine in enumerate(machines):
        if not (isinstance(machine, dict) and isinstance(machine.get("name"), str)):
            top.mistakes.add((end, index), f"{group}[{index}]", "must be a mapping with the name of a host")
    return [
        _machine(name, section, so_far)
        for index, machine in enumerate(machines)
        if isinstance(machine, dict) and isinstance(machine.get("name"), str)
        for name, section in [_from_inventory(top, machine, (end, index), group)]
    ]


def _from_inventory(top: Section, machine: t.Any, order: tuple[int, int], group: str) -> tuple[str, Section]:
    """A host of the inventory: its name cannot come twice, and its variables have a prefix."""
    name = machine["name"]
    address = f"{group}.{name}"
    said = {key: value for key, value in machine.items() if key != "name"}
    section = Section(top.mistakes, f"{address}.machine_", said, MACHINE_KEYS, order, address, WITHDRAWN)
    try:
        parse_machine_name(name)
    except PxeError as error:
        top.mistakes.add(order, address, str(error))
    return name, section


def _refuse_second(section: Section, key: str, value: object, so_far: SiteSoFar, written: str = "") -> None:
    """Refuse what another machine has already."""
    if value is None:
        return
    other = so_far.seen.setdefault((key, value), section.at(key))
    if other != section.at(key):
        section.mistake(key, f"{written or value} is also {other}; each machine needs its own")


def _machine(name: str, section: Section, so_far: SiteSoFar) -> Record:
    mac = section.need(
        "mac", parse_mac, "the MAC of the network card it boots from, such as '52:54:00:aa:00:01'"
    )
    address = section.need("address", parse_ipv4, "the address it gets, such as 10.77.0.11")
    subnet = _subnet_of(section, address, so_far) if address else None
    uuid, serial = section.get("uuid", parse_uuid), section.get("serial", parse_serial)
    _refuse_second(section, "mac", mac, so_far)
    _refuse_second(section, "uuid", uuid, so_far)
    _refuse_second(section, "serial", serial, so_far)
    _refuse_second(section, "address", address, so_far)
    hostname, domain = _hostname(name, section), subnet.record["domain"] if subnet else ""
    _refuse_second(section, "hostname", (hostname, domain) if hostname else None, so_far, hostname or "")
    profile = so_far.profiles.get(section.reference("profile", so_far.profiles, "site_profiles") or "", {})
    family = profile.get("family")
    check_answers(section, family)
    return {
        "name": name,
        "hostname": hostname,
        "domain": domain,
        "mac": mac,
        **({"uuid": uuid} if uuid else {}),
        **({"serial": serial} if serial else {}),
        "address": str(address),
        # Where it is found when it is installed.
        "ssh_address": section.get("ssh_address", _parse_ssh_address),
        "profile": profile.get("name"),
        "distribution": profile.get("distribution"),
        "family": family,
        "disk": _disk(section, profile),
        **_firmware_of(section),
        **_dhcp_options(section, subnet),
        "kernel_arguments": section.items("kernel_arguments", parse_kernel_argument, "[quiet, nomodeset]"),
        **_of_subnet(subnet),
    }


def _firmware_of(section: Section) -> Record:
    """Firmware and processor; where a processor has one kind of firmware only, it is that."""
    firmware = section.word("firmware", (_firmware.ANY, *_firmware.PLATFORMS), _firmware.ANY)
    architecture = section.word("architecture", _firmware.processors(), _firmware.processors()[0])
    platforms = _firmware.platforms(architecture)
    if firmware not in (_firmware.ANY, *platforms):
        section.mistake(
            "architecture",
            f"{architecture!r} machines have no {firmware!r}; write machine_firmware: {' or '.join(platforms)}, or "
            "leave machine_firmware out",
        )
    elif len(platforms) == 1:
        firmware = platforms[0]
    return {"firmware": firmware, "architecture": architecture}


def _dhcp_options(section: Section, subnet: Subnet | None) -> Record:
    """In the record only where they are said."""
    if not section.has("dhcp_options"):
        return {}
    if subnet and "proxy" in subnet.record:
        section.mistake(
            "dhcp_options",
            f"are not sent by a proxy, which our DHCP server is in {subnet.network}; set them on the "
            "network's own DHCP server. Leave them out",
        )
    return {"dhcp_options": read_options(section, "dhcp_options")}


def _parse_ssh_address(value: object) -> str:
    """An address of either kind: it may have nothing to do with the network that the machine boots in."""
    try:
        return str(ipaddress.ip_address(value if isinstance(value, str) else ""))
    except ValueError:
        raise PxeError(
            f"{shown(value)} is not an IP address; write the one that the installed machine has, such as 10.88.0.11"
        ) from None


def _of_subnet(subnet: Subnet | None) -> Record:
    if subnet is None:
        return {}
    record = subnet.record
    return {
        "subnet": record["cidr"],
        "netmask": record["netmask"],
        "gateway": record["gateway"],
        "dns": record["dns"],
        "http_server": record["http_server"],
    }


def _subnet_of(section: Section, address: ipaddress.IPv4Address, so_far: SiteSoFar) -> Subnet | None:
    """The subnet that a machine is in; its address must be free there."""
    networks = so_far.networks
    subnet = networks.by_address.find(int(address))
    if subnet is None:
        if networks.complete:
            known = ", ".join(str(subnet.network) for subnet in networks.subnets[:3])
            more = ", ..." if len(networks.subnets) > 3 else ""
            section.mistake(
                "address", f"{address} is outside every subnet of site_subnets; write one in {known}{more}"
            )
        return None
    problem = no_host_of(subnet.network, address) or _why_not_free(int(address), so_far)
    if problem:
        section.mistake("address", f"{address} {problem}; write another address in {subnet.network}")
    return subnet


def _why_not_free(number: int, so_far: SiteSoFar) -> str | None:
    return f"is {so_far.taken[number]}" if number in so_far.taken else None


def _hostname(name: str, section: Section) -> str | None:
    """The host name: as said, or the first label of the machine's name."""
    if section.has("hostname"):
        return section.get("hostname", parse_hostname)
    try:
        return parse_hostname(name.partition(".")[0])
    except PxeError as error:
        # A name that is no name has been reported as that.
        if name:
            section.mistake("hostname", f"is missing, and the machine's name cannot be used: {error}")
        return None


def check_answers(section: Section, family: str | None) -> None:
    """The answers of a profile or a machine must be those that its installer knows."""
    if family and FAMILIES[family].installs:
        section.check_shape("answers", answer_schema([family]))
    elif family and section.has("answers"):
        section.mistake(
            "answers", "are for an installer, but this is a live system: nothing is installed; leave them out"
        )


def arming_warnings(plan: t.Mapping[str, t.Any]) -> list[str]:
    """A machine that is described as if it could be installed."""
    names = [machine["name"] for machine in plan["machines"] if installs(machine)]
    if guards(plan) or not names:
        return []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [f"{', '.join(names[:3])}{more}: cannot be armed, because {why_not_armed(plan)}"]


def disk_warnings(machines: t.Iterable[Record]) -> list[str]:
    """Disks whose names say only in which order the kernel found them: one warning about all of them."""
    names = [machine["name"] for machine in machines if _NUMBERED.fullmatch(machine["disk"] or "")]
    if not names:
        return []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [
        f"{', '.join(names[:3])}{more}, machine_disk: /dev/sd... is whichever disk the kernel finds first, "
        "which may be another one at the next boot; /dev/disk/by-id/... (WWN, serial number) and "
        "/dev/disk/by-path/... always name the same one, and so does answers.disk_rule, such as {serial: S3Z9NB0K}"
    ]


def _disk(section: Section, profile: Record) -> str | None:
    family = profile.get("family")
    if section.has("disk") and family and not FAMILIES[family].installs:
        section.mistake(
            "disk",
            f"is for an installation, but {profile['name']!r} runs a live system: nothing is installed; leave it out",
        )
    if not section.has("disk") and family and FAMILIES[family].needs_disk:
        section.mistake(
            "disk",
            f"is missing; {profile['distribution']!r} is installed on a disk, which is erased: "
            "name it, such as /dev/vda or /dev/disk/by-id/...",
        )
    return section.get("disk", parse_disk)
