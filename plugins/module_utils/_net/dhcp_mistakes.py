# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is wrong with the variables of the roles dhcp_dnsmasq, dhcp_isc and dhcp_kea, before their programs are asked.

These roles are used without the plan, too. So this checks what they are handed once more, in few words.
"""

from __future__ import annotations

import collections.abc
import itertools
import json
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

Record = t.Mapping[str, t.Any]

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ADDRESS = re.compile(rf"{_OCTET}([.]{_OCTET}){{3}}$")
#: Of each key of a machine what it must look like, and that in words
_SHAPES = {
    "mac": (
        re.compile(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$"),
        "six hexadecimal pairs with colons (in YAML a MAC of digits must be quoted)",
    ),
    "address": (_ADDRESS, "an IPv4 address"),
    "hostname": (
        re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"),
        "a host name of letters, digits and hyphens without a domain",
    ),
}
_NEEDED = ("name", "mac", "address")
# So many machines are named in a message.
_MOST = 10


class Settings(t.NamedTuple):
    """The variables that the roles have in common, without the role's name before theirs."""

    role: str
    interfaces: t.Sequence[str]
    address: str
    subnets: t.Sequence[Record]
    machines: t.Sequence[Record]
    #: None where the program checks it
    tftp_address: str | None = None
    #: None where they are not looked at
    clients: t.Sequence[Record] | None = None
    loaders: Record | None = None


class _Program(t.NamedTuple):
    """What the checks of a role need to know of its program."""

    #: what it does when no interface is listed
    unlisted: str
    check_subnets: t.Callable[[Settings], t.Iterator[str]]


def mistakes(settings: Settings, facts: Record, host: str) -> list[str]:
    """A sentence for each mistake.

    :arg facts: Ansible's facts of the server
    :arg host: its name in the inventory
    """
    program = _PROGRAMS[settings.role]
    checks = [
        _interfaces(settings, facts, host, program.unlisted),
        _tftp_address(settings),
        program.check_subnets(settings),
        _machines(settings),
        _loaders(settings),
    ]
    return list(itertools.chain.from_iterable(checks))


def _interfaces(settings: Settings, facts: Record, host: str, unlisted: str) -> list[str]:
    """Whether the server has the interfaces, and one of them the address."""
    role, wanted = settings.role, list(settings.interfaces)
    if not wanted:
        return [f"{role}_interfaces: list at least one interface; without one {unlisted}."]
    present = ", ".join(sorted(set(facts["interfaces"]) - {"lo"}))
    missing = [name for name in wanted if name not in facts["interfaces"]]
    if missing:
        return [
            f"{role}_interfaces: {host} has no interface {name}; it has {present}. Write those on the install networks."
            for name in missing
        ]
    addresses = _addresses(facts, wanted)
    if settings.address in addresses:
        return []
    return [
        f"{role}_address: of {host} {' and '.join(wanted)} does not have the address {settings.address}; "
        f"it has {', '.join(addresses) or 'none'}. Write the right interfaces or address."
    ]


def _addresses(facts: Record, interfaces: t.Sequence[str]) -> list[str]:
    """The addresses of interfaces: first the main ones, then all others."""
    mappings = [fact for fact in facts.values() if isinstance(fact, collections.abc.Mapping)]
    links = [link for link in mappings if link.get("device") in interfaces]
    first = [link["ipv4"] for link in links if "ipv4" in link]
    others = [address for link in links for address in link.get("ipv4_secondaries", ())]
    return [one["address"] for one in (*first, *others)]


def _tftp_address(settings: Settings) -> t.Iterator[str]:
    address = settings.tftp_address
    if address and not _ADDRESS.match(address):
        yield f"{settings.role}_tftp_address: {address} is not an IPv4 address; firmware does not resolve names."


def _no_subnets(settings: Settings) -> t.Iterator[str]:
    if not settings.subnets:
        yield f"{settings.role}_subnets: describe at least one subnet; without one no machine gets an address."


def _proxies(settings: Settings) -> t.Iterator[str]:
    """dnsmasq may be a server beside another one, and checks addresses itself."""
    yield from _no_subnets(settings)
    proxies = [subnet for subnet in settings.subnets if subnet.get("proxy")]
    double = [subnet["cidr"] for key in ("range", "ranges") for subnet in proxies if subnet.get(key)]
    if double:
        yield (
            f"{settings.role}_subnets: {', '.join(double)} has both a range and proxy. Another server assigns "
            "the addresses where dnsmasq is a proxy; leave one of them out."
        )


def _literals(settings: Settings) -> t.Iterator[str]:
    """dhcpd takes any word for a host name, and would only notice when a client asks."""
    yield from _no_subnets(settings)
    for subnet in settings.subnets:
        wrong = [address for address in _addresses_in(subnet) if not _ADDRESS.match(address)]
        if wrong:
            yield (
                f"{settings.role}_subnets: {subnet['cidr']} has {', '.join(wrong)} where an IPv4 address must be, in "
                "network, netmask, gateway, dns, ntp or range."
            )


def _addresses_in(subnet: Record) -> list[str]:
    single = [subnet["network"], subnet["netmask"], *filter(None, [subnet.get("gateway")])]
    lists = [subnet.get(key) or [] for key in ("dns", "ntp", "range")]
    spans = subnet.get("ranges") or []
    return [str(address) for address in itertools.chain(single, *lists, *spans)]


def _machines(settings: Settings) -> t.Iterator[str]:
    wanted = (*_NEEDED, "hostname")
    # Once, and no more than is looked at: thousands of machines, each of them one of Ansible's own mappings.
    machines = [{key: machine[key] for key in wanted if key in machine} for machine in settings.machines]
    where = f"{settings.role}_machines"
    for key in _NEEDED:
        lacking = [machine for machine in settings.machines if key not in machine]
        if lacking:
            quoted = ", ".join(json.dumps(_evaluated(machine)) for machine in lacking[:_MOST])
            verb = "has" if len(lacking) == 1 else "have"
            yield f"{where}: {quoted} {verb} no {key}. Each machine needs a name, a mac and an address."
    # A machine without a name was told above.
    named = [machine for machine in machines if "name" in machine]
    for key in _SHAPES:
        yield from _shapeless(where, key, named)
    for key in ("mac", "address"):
        yield from _shared(where, key, named)


def _loaders(settings: Settings) -> t.Iterator[str]:
    """Whether loaders are those of kinds of clients that there are."""
    try:
        if settings.clients is not None:
            _firmware.client_loaders(
                map(dict, settings.clients), dict(settings.loaders or {}), "", settings.role
            )
    except PxeError as exc:
        yield f"{exc}."


def _evaluated(value: t.Any) -> t.Any:
    """Ansible's mappings and lists evaluate what is in them when it is asked for, which ``json`` does not do."""
    if isinstance(value, collections.abc.Mapping):
        return {key: _evaluated(value[key]) for key in value}
    return [_evaluated(one) for one in value] if isinstance(value, list) else value


def _shapeless(where: str, key: str, machines: t.Sequence[Record]) -> t.Iterator[str]:
    pattern, wanted = _SHAPES[key]
    wrong = [machine for machine in machines if key in machine and not pattern.match(str(machine[key]))]
    if wrong:
        names = ", ".join(machine["name"] for machine in wrong[:_MOST])
        others = " and others" if len(wrong) > _MOST else ""
        values = ", ".join(str(machine[key]) for machine in wrong[:_MOST])
        yield f"{where}: {key} of {names}{others} is not {wanted}: {values}."


def _shared(where: str, key: str, machines: t.Sequence[Record]) -> t.Iterator[str]:
    groups: dict[str, list[Record]] = {}
    for machine in machines:
        if key in machine:
            groups.setdefault(str(machine[key]).lower(), []).append(machine)
    shared = [groups[value] for value in sorted(groups) if len(groups[value]) > 1]
    if shared:
        doubles = "".join(
            f"{' and '.join(machine['name'] for machine in group)} have the same {key} {group[0][key]}; "
            for group in shared[:_MOST]
        )
        yield f"{where}: {doubles}each machine needs its own."


_PROGRAMS = {
    "dhcp_dnsmasq": _Program("dnsmasq would listen on all of them", _proxies),
    "dhcp_isc": _Program("dhcpd would listen on all of them", _literals),
    "dhcp_kea": _Program("Kea would answer no client", _literals),
}
