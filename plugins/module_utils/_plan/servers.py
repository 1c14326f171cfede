# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about servers: which of them has which service, and by which address machines find it.

``site_server`` describes one server. Of several, each says its own address by host variables (``server_address``,
``server_interface``, ``server_url``); what it does not say it has from ``site_server``.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import TFTP, Backends
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import parse_ipv4
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Order, Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    one_of,
    parse_ftp_url,
    parse_http_url,
    parse_interface,
)

Record = dict[str, t.Any]

SERVER_KEYS = ("address", "interface", "url")
#: What else than its address may be said of each service.
SERVICE_KEYS = {
    "dhcp": ("address",),
    "tftp": ("address",),
    "http": ("address", "url"),
    "ftp": ("address", "url"),
    "nfs": ("address",),
}
_FOLDERS = ("boot", "trees", "answers", "events")


@dataclass
class Host:
    """A host of the inventory that has services."""

    name: str
    section: Section
    services: list[str]
    address: str
    interfaces: list[str]
    url: str | None


@dataclass
class Servers:
    """All servers, and what the plan says of them."""

    #: ``{address, interface, url}``, of ``site_server`` or, without it, of the DHCP server and the web server
    server: Record
    #: ``{address, url}`` of each service, as it is told to machines: that of the first host which has it.
    services: dict[str, Record]
    #: By name ``{interfaces, dhcp: {address}, http: {address, url, urls}, ...}`` with the services that a host has.
    hosts: dict[str, Record]
    #: The names of the hosts by service.
    names: dict[str, list[str]]
    #: Each address that is said, with the place and the name of what says it.
    said: list[tuple[Order, str, str]]

    @property
    def boot_urls(self) -> dict[str, str]:
        """iPXE's script on each web server, by the host's name; the first one's first."""
        return {name: f"{self.hosts[name]['http']['urls']['boot']}/boot.ipxe" for name in self.names["http"]}

    @property
    def urls(self) -> dict[str, str]:
        """Those of the first web server."""
        return _urls(self.services["http"]["url"])

    def together(self, *services: str) -> bool:
        """Whether some services are on one host, and no other host has one of them too."""
        if self.hosts:
            return len({name for service in services for name in self.names[service]}) == 1
        return len({self.services[service]["address"] for service in services}) == 1

    def where(self, service: str) -> str:
        """The hosts that have a service, for people."""
        return " and ".join(self.names[service]) or self.services[service]["address"]


def read_servers(top: Section, described: t.Any, ours: bool = True) -> Servers:
    """Read ``site_server``, ``site_services`` and the hosts.

    :arg described: by service the hosts that have it, as the filter ``servers`` collects them:
        ``{http: [{name, group, address, interface, url}], ...}``; empty if nobody knows them
    :arg ours: whether the DHCP server is one of ours
    """
    mapping = t.cast("dict[str, list[Record]]", described if isinstance(described, dict) else {})
    names = {service: [host["name"] for host in mapping.get(service) or []] for service in SERVICE_KEYS}
    own = top.section("services", tuple(SERVICE_KEYS))
    overrides = {service: _override(own, service, keys) for service, keys in SERVICE_KEYS.items()}
    default = _default(top, mapping)
    hosts = _hosts(top, mapping, names)
    _lend_address(top, hosts, default, overrides)
    if ours:
        _check_dhcp(top, hosts, mapping)
    _check_override(own, names["http"])
    records = {host.name: _record(host, default, overrides) for host in hosts}
    services = {
        service: dict(records[names[service][0]][service])
        if names[service]
        else _service(service, default["address"], default["url"], overrides[service])
        for service in SERVICE_KEYS
    }
    services["http"].pop("urls", None)
    interfaces = records[names["dhcp"][0]]["interfaces"] if names["dhcp"] else default.get("interfaces", [])
    server = {
        "address": default["address"] or services["dhcp"]["address"],
        "interface": (interfaces or [""])[0],
        "url": default["url"] if default["address"] else services["http"]["url"],
    }
    return Servers(server, services, records, names, _said(top, default, hosts, overrides))


def check_servers(top: Section, backends: Backends, servers: Servers) -> None:
    """Refuse what must be on one host, but is not."""
    if backends.tftp.part_of_dhcp:
        _check_part_of_dhcp(top, backends, servers)
    if backends.bios_loader == _firmware.PXELINUX:
        _check_plain_pxelinux(top, servers)


def _check_part_of_dhcp(top: Section, backends: Backends, servers: Servers) -> None:
    """One process for DHCP and TFTP cannot serve TFTP beside another DHCP server."""
    name = backends.tftp.name
    if backends.dhcp.name != name:
        others = one_of(row.name for row in TFTP if not row.part_of_dhcp)
        top.mistake(
            "tftp_backend",
            f"{name!r} serves TFTP only as a part of the DHCP server {name}, but site_dhcp_backend is "
            f"{backends.dhcp.name!r}; write site_dhcp_backend: {name}, or site_tftp_backend: {others}",
        )
    elif servers.services["tftp"]["address"] != servers.services["dhcp"]["address"]:
        anywhere = next(row.name for row in TFTP if not row.part_of_dhcp and not row.gap)
        top.mistake(
            "tftp_backend",
            f"{name!r} serves TFTP as a part of the DHCP server, but the TFTP server is {servers.where('tftp')}, and "
            f"the DHCP server {servers.where('dhcp')}; put both on one host (groups pxe_tftp and pxe_dhcp), or write "
            f"site_tftp_backend: {anywhere}",
        )


def _check_plain_pxelinux(top: Section, servers: Servers) -> None:
    """Kernels are copied to where TFTP finds them, and a machine's files go with its first report to the web server."""
    if not servers.together("tftp", "http"):
        top.mistake(
            "bios_loader",
            f"'pxelinux' loads everything by TFTP, and a machine's files go when it reports by HTTP, so that both must "
            f"be on one host; but the TFTP server is {servers.where('tftp')}, and the HTTP server "
            f"{servers.where('http')}. Put one host into pxe_tftp and pxe_http, or write site_bios_loader: ipxe",
        )


def plan_of(plan: Record, name: str) -> Record:
    """A plan as one web server has it: its own URLs in place of those of the first one.

    :arg name: the host's; the plan is returned as it is if it knows no such web server
    """
    http = (plan.get("servers") or {}).get(name, {}).get("http")
    if not http or http["urls"] == plan["urls"]:
        return plan
    trees = http["urls"]["trees"]
    distributions = {
        key: {**distribution, **_own_urls(distribution, f"{trees}/{key}")}
        for key, distribution in plan["distributions"].items()
    }
    return {**plan, "urls": http["urls"], "distributions": distributions}


def _own_urls(distribution: Record, tree: str) -> Record:
    """A mirror is the same for all; only its kernel is on each web server."""
    if "mirror" in distribution:
        return {"netboot_url": f"{tree}-netboot"}
    return {"tree_url": tree, "tree_urls": {**distribution.get("tree_urls", {}), "http": tree}}


def urls_of(plan: Record, machine: Record) -> dict[str, str]:
    """The URLs of a machine's own web server."""
    http = (plan.get("servers") or {}).get(machine.get("http_server") or "", {}).get("http")
    return t.cast("dict[str, str]", http["urls"] if http else plan["urls"])


def _urls(url: str) -> dict[str, str]:
    return {folder: f"{url}/{folder}" for folder in _FOLDERS}


def _default(top: Section, mapping: dict[str, list[Record]]) -> Record:
    """``site_server``; its parts may be missing if each host says its own."""
    hosts = [host for hosts in mapping.values() for host in hosts]
    if not top.data.get("server"):
        if not hosts or not all(host.get("address") for host in hosts):
            top.mistake(
                "server",
                "is missing; describe the server in group_vars/all, such as {address: 10.77.0.1, interface: eth0}, "
                "or each of several by its own server_address, and the DHCP server by its server_interface too",
            )
        return {"address": "", "interface": "", "url": "http://"}
    section = top.section("server", SERVER_KEYS)
    example = "the server's address in the boot network, such as 10.77.0.1"
    needed = not hosts or not all(host.get("address") for host in hosts)
    address = section.need("address", parse_ipv4, example) if needed else section.get("address", parse_ipv4)
    interfaces = _interfaces(section)
    missing = not section.has("interface") and not section.broken
    if missing and not _all_say_interfaces(mapping):
        section.mistake(
            "interface", "is missing; write its network interface in the boot network, such as eth0"
        )
    url = section.get("url", parse_http_url, f"http://{address}")
    return {
        "address": str(address or ""),
        "interface": interfaces[0] if interfaces else "",
        "interfaces": interfaces,
        "url": url,
    }


def _all_say_interfaces(mapping: dict[str, list[Record]]) -> bool:
    servers = mapping.get("dhcp") or []
    return bool(servers) and all(host.get("interface") for host in servers)


def _interfaces(section: Section) -> list[str]:
    """One interface, or a list of them."""
    if isinstance(section.data.get("interface"), list):
        return section.items("interface", parse_interface, "[eth1, eth2]")
    interface = section.get("interface", parse_interface)
    return [interface] if interface else []


def _hosts(top: Section, mapping: dict[str, list[Record]], names: dict[str, list[str]]) -> list[Host]:
    found: dict[str, Host] = {}
    owners: dict[str, str] = {}
    for service in SERVICE_KEYS:
        for host in mapping.get(service) or []:
            name = host["name"]
            if name not in found:
                found[name] = _host(top, host, len(found), owners)
            found[name].services = [one for one in SERVICE_KEYS if name in names[one]]
    return list(found.values())


def _host(top: Section, host: Record, index: int, owners: dict[str, str]) -> Host:
    """A host's own variables.

    :arg owners: what has each address so far
    """
    prefix = f"{host['group']}.{host['name']}"
    said = {key: host[key] for key in SERVER_KEYS if host.get(key) is not None}
    section = Section(
        top.mistakes, f"{prefix}.server_", said, SERVER_KEYS, (*top.place("server"), 1, index), prefix
    )
    address = str(section.get("address", parse_ipv4) or "")
    if address and owners.setdefault(address, section.at("address")) != section.at("address"):
        section.mistake("address", f"{address} is also {owners[address]}; each server needs its own")
    return Host(host["name"], section, [], address, _interfaces(section), section.get("url", parse_http_url))


def _lend_address(top: Section, hosts: list[Host], default: Record, overrides: dict[str, Record]) -> None:
    """Give the address of ``site_server`` to the one host that does not say its own."""
    owner = next((host.section.at("address") for host in hosts if host.address == default["address"]), "")
    for host in hosts:
        elsewhere = all(overrides[service].get("address") for service in host.services)
        if host.section.has("address") or elsewhere or not default["address"]:
            continue
        if owner:
            host.section.mistake(
                "address",
                f"is missing; {top.at('server.address')} {default['address']} is that of {owner}. "
                "Write the address that this server has in the boot network, such as 10.77.0.2",
            )
        owner = owner or host.name
        host.address = default["address"]


def _check_dhcp(top: Section, hosts: list[Host], mapping: dict[str, list[Record]]) -> None:
    """There is one DHCP server, and it listens somewhere."""
    servers = [host for host in hosts if "dhcp" in host.services]
    if len(servers) > 1:
        first = mapping["dhcp"][0]
        top.mistakes.add(
            servers[0].section.order,
            first["group"],
            f"has {' and '.join(host.name for host in servers)}, and both would assign the same addresses; "
            "put one of them into the group pxe_dhcp",
        )
    for host in servers[:1]:
        alone = not top.data.get("server") and host.section.has("address")
        if alone and not host.section.has("interface"):
            host.section.mistake(
                "interface", "is missing; write the DHCP server's interface in the boot network, such as eth0"
            )


def _check_override(section: Section, names: list[str]) -> None:
    if len(names) > 1 and section.has("http"):
        section.mistake(
            "http",
            f"is one web server, but the inventory has {' and '.join(names)}; "
            "write server_address, and perhaps server_url, for each of them instead",
        )


def _override(section: Section, service: str, keys: tuple[str, ...]) -> Record:
    own = section.section(service, keys)
    parse_url = parse_ftp_url if service == "ftp" else parse_http_url
    address = own.get("address", parse_ipv4)
    url = own.get("url", parse_url) if "url" in keys else None
    return {"address": str(address or ""), "url": url}


def _service(service: str, address: str, url: str | None, override: Record) -> Record:
    """What machines are told of a service.

    :arg address: the server's
    :arg url: that of the server's web site, if one is described
    """
    where = override["address"] or address
    record: Record = {"address": where}
    if service == "http":
        record["url"] = override["url"] or (url if url and where == address else f"http://{where}")
    elif service == "ftp":
        record["url"] = override["url"] or f"ftp://{where}"
    return record


def _record(host: Host, default: Record, overrides: dict[str, Record]) -> Record:
    url = host.url or (default["url"] if host.address == default["address"] else None)
    record: Record = {"interfaces": host.interfaces or default.get("interfaces", [])}
    for service in host.services:
        record[service] = _service(service, host.address, url, overrides[service])
    if "http" in record:
        record["http"]["urls"] = _urls(record["http"]["url"])
    return record


def _said(
    top: Section, default: Record, hosts: list[Host], overrides: dict[str, Record]
) -> list[tuple[Order, str, str]]:
    """Every address that is said, where, and as what."""
    said = [(top.place("server"), default["address"], top.at("server.address"))]
    said += [
        (top.place("services"), override["address"], top.at(f"services.{service}.address"))
        for service, override in overrides.items()
    ]
    said += [
        (host.section.order, host.address, host.section.at("address"))
        for host in hosts
        if host.section.has("address")
    ]
    return [one for one in said if one[1]]
