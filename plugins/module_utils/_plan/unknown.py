# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The part of the plan about machines that nobody described: which profiles install on them without questions.

Such a profile is an offer (see ``_offers``). Whoever may be wiped by one is named: by network, by MAC prefix, or both.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, names_answers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import (
    Backends,
    DhcpBackend,
    WebBackend,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.networks import Networks, Subnet
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.offers import DESCRIBED
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import (
    kind_of,
    parse_network,
    shown,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answers import BY_RULE
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    parse_bool,
    parse_disk,
    parse_hostname,
    parse_text,
)

Record = dict[str, t.Any]

UNKNOWN_KEYS = ("install", "subnets", "mac_prefixes", "disk", "overwrite", "hostname")
MENU_INSTALL_KEYS = ("confirm", "disk")
#: What a menu asks before it takes an offer.
CONFIRM = ("word", "password", "none")
#: The host name that DHCP says, and what stands for the MAC address in a pattern of names.
DHCP, MAC = "dhcp", "${mac}"
_PREFIX = re.compile(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){2,5}", re.IGNORECASE)


def read_menu_install(section: Section, family: str | None, answers_by: str) -> Record:
    """``menu_install`` of a profile: ``{menu_install: {confirm, disk}}``, or nothing where it is no offer.

    ``disk`` is None where the site's is meant.
    """
    value = section.data.get("menu_install")
    if value is None or value is False:
        return {}
    if not isinstance(value, dict) and value is not True:
        section.mistake(
            "menu_install",
            f"must be true, false or a mapping such as {{confirm: word}}, not {kind_of(value)}",
        )
        return {}
    _check_installs(section, "menu_install", family, answers_by)
    own = section.section("menu_install", MENU_INSTALL_KEYS) if isinstance(value, dict) else None
    return {
        "menu_install": {
            "confirm": own.word("confirm", CONFIRM, "word") if own else "word",
            "disk": own.get("disk", parse_disk) if own else None,
        }
    }


def _check_installs(section: Section, key: str, family: str | None, answers_by: str) -> None:
    """Refuse a profile that cannot be offered."""
    name = section.address.rpartition(".")[2]
    if family and not FAMILIES[family].installs:
        section.mistake(
            key, "is for an installer, but this is a live system: nothing is installed; leave it out"
        )
    if answers_by == "ftp":
        section.mistake(
            key,
            "needs a web server, which gives an answer file to each machine once; FTP gives it to anybody. "
            "Write answers_by: http",
        )
    if name == DESCRIBED:
        section.mistake(key, f"cannot be offered under the name {name!r}; rename the profile")


def read_unknown(
    top: Section, profiles: dict[str, Record], networks: Networks, menu: Record, backends: Backends
) -> Record:
    """Read ``site_unknown_machines``.

    :arg profiles: those of the plan
    :arg menu: the menu of the plan
    :returns: ``{install, subnets, mac_prefixes, overwrite, hostname, profiles}``; ``profiles`` are the offers by name:
        ``{confirm, disk}``, of which ``confirm`` of ``install`` is none
    """
    section = top.section("unknown_machines", UNKNOWN_KEYS)
    subnets = [str(one) for one in section.items("subnets", parse_network, "[10.77.0.0/24]")]
    prefixes = section.items("mac_prefixes", parse_mac_prefix, "['52:54:00']")
    disk = section.get("disk", parse_disk, BY_RULE)
    offered = {name: one["menu_install"] for name, one in profiles.items() if "menu_install" in one}
    install = _install(section, profiles, menu)
    if install:
        offered[install] = {"disk": None, **offered.get(install, {}), "confirm": "none"}
    _check_subnets(section, subnets, networks, backends.dhcp)
    _check_confirm(top, offered, profiles, menu)
    if offered:
        _check_guarded(section, install, offered, backends.http)
        _check_named(section, offered)
    return {
        "install": install,
        "subnets": subnets,
        "mac_prefixes": list(dict.fromkeys(prefixes)),
        "overwrite": section.get("overwrite", parse_bool, False),
        "hostname": section.get("hostname", parse_hostname_pattern, DHCP),
        "profiles": {name: {**one, "disk": one["disk"] or disk} for name, one in offered.items()},
    }


def _check_guarded(
    section: Section, install: str | None, offered: t.Iterable[str], web_server: WebBackend
) -> None:
    """Refuse offers that nobody guards."""
    if not web_server.guards:
        section.mistake(
            "install" if install else "subnets",
            f"{' and '.join(offered)} cannot be installed on machines that nobody described, because "
            f"site_http_backend is {web_server.name!r}: only the nginx of this collection gives each of them one "
            "installation; write nginx, or leave this and menu_install out",
        )


def _check_named(section: Section, offered: t.Iterable[str]) -> None:
    """Refuse offers that anybody may take."""
    # Where something is written that is wrong, that is said already.
    if not (section.data.get("subnets") or section.data.get("mac_prefixes") or section.broken):
        section.mistake(
            "subnets",
            f"is missing, but {' and '.join(offered)} would be installed on machines that nobody described; name the "
            "networks of those that may be wiped, such as [10.77.0.0/24], or write their mac_prefixes",
        )


def _install(section: Section, profiles: dict[str, Record], menu: Record) -> str | None:
    name = section.reference("install", profiles, "site_profiles") if section.has("install") else None
    if not name:
        return None
    profile = profiles[name]
    if "menu_install" not in profile:
        _check_installs(section, "install", profile["family"], profile["answers_by"])
    if menu["default"] != LOCAL:
        section.mistake(
            "install",
            f"{name!r} becomes the menu's default, but site_menu.default is {menu['default']!r}; write one of them",
        )
    if menu["password"] or profile["menu_password"]:
        section.mistake(
            "install",
            f"{name!r} asks for a password, but the menu takes its default without one; write menu_install for the "
            "profile instead, or leave the password out",
        )
    return name


def _check_subnets(section: Section, named: list[str], networks: Networks, dhcp: DhcpBackend) -> None:
    known = {subnet.record["cidr"]: subnet for subnet in networks.subnets}
    for index, cidr in enumerate(named):
        if cidr not in known and networks.complete:
            section.mistake(
                "subnets",
                f"{cidr} is not one of site_subnets; write one of {', '.join(list(known)[:3])}",
                index,
            )
        elif cidr in known and dhcp.serves and not _assigns(known[cidr]):
            section.mistake(
                "subnets",
                f"{cidr} has no range, so machines that are not described get no address there; write its range "
                "in site_subnets, or leave it out",
                index,
            )


def _assigns(subnet: Subnet) -> bool:
    return bool(subnet.ranges or "proxy" in subnet.record)


def _check_confirm(
    top: Section, offered: dict[str, Record], profiles: dict[str, Record], menu: Record
) -> None:
    for name, offer in offered.items():
        if offer["confirm"] == "password" and not (profiles[name]["menu_password"] or menu["password"]):
            top.mistake(
                "profiles",
                "needs a password, but none is set; write menu_password_hash for the profile, or "
                "password_hash in site_menu, or confirm: word",
                f"{name}.menu_install.confirm",
            )
        if menu["prompt"] and offer["confirm"] != "none":
            top.mistake(
                "profiles",
                "is asked for in a menu, but the prompt of site_menu asks for nothing: whoever types the label starts "
                "it; leave the prompt out, or write confirm: none",
                f"{name}.menu_install.confirm",
            )


def offers_by_server(unknown: Record, profiles: dict[str, Record], networks: Networks) -> dict[str, Record]:
    """What each web server offers to machines of its own subnets, by its name.

    :arg unknown: what ``read_unknown`` returns
    :returns: ``{subnets, mac_prefixes, policy, profiles: [{name, answer_file, format}]}``; a server without offers is
        not there. ``policy`` is another one when other machines, or other disks, may be wiped.
    """
    families = {name: FAMILIES[profiles[name]["family"]] for name in unknown["profiles"]}
    common = {
        "mac_prefixes": unknown["mac_prefixes"],
        "profiles": [
            {"name": name, "answer_file": family.answer_file.name, "format": family.answer_file.format}
            for name, family in families.items()
        ],
    }
    found: dict[str, Record] = {}
    for subnet in networks.subnets if families else []:
        # By MAC prefix alone: in the networks of the site, and in no other one.
        if not unknown["subnets"] or subnet.record["cidr"] in unknown["subnets"]:
            server = found.setdefault(subnet.record["http_server"] or "", {"subnets": [], **common})
            server["subnets"].append(subnet.record["cidr"])
    for server in found.values():
        server["policy"] = _policy(server, unknown)
    return found


def _policy(server: Record, unknown: Record) -> str:
    """By what the web server and the answer files know that they are of one description: see ``_offers``."""
    disks = {name: offer["disk"] for name, offer in unknown["profiles"].items()}
    said = [sorted(server["subnets"]), sorted(server["mac_prefixes"]), unknown["overwrite"], disks]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def parse_mac_prefix(value: object) -> str:
    """The first three to six groups of a MAC address, in lower case with colons."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise PxeError(f"{value} is a number (YAML reads digits and colons as one); quote it: '52:54:00'")
    text = value if isinstance(value, str) else ""
    if not _PREFIX.fullmatch(text) or int(text[:2], 16) & 1:
        raise PxeError(
            f"{shown(value)} is not a prefix of MAC addresses; write at least three groups such as '52:54:00'"
        )
    return text.lower().replace("-", ":")


def parse_hostname_pattern(value: object) -> str:
    """``dhcp``, or a host name with ``${mac}`` in it."""
    text = parse_text(value)
    if text == DHCP:
        return text
    if MAC not in text:
        raise PxeError(
            f"{shown(text)} would be the name of all machines; write {MAC} for the MAC address in it, such as "
            f"node-{MAC}, or {DHCP} for what the DHCP server says"
        )
    parse_hostname(text.replace(MAC, "020000000000"))
    return text.lower()


# What is said about it


def warnings(plan: Record) -> list[str]:
    """What happens to machines that nobody described, a sentence for each offer."""
    unknown = plan["unknown_machines"]
    offers = [_warning(name, offer, plan) for name, offer in unknown["profiles"].items()]
    return [*offers, *_unchecked(plan["profiles"], plan["menu"]["default"])]


def _unchecked(profiles: t.Mapping[str, Record], default: str) -> t.Iterator[str]:
    """Profiles of the menu that bring answers along which nobody checks or releases."""
    for name, profile in profiles.items():
        named = [word for word in profile["kernel_arguments"] if names_answers(profile["family"], word)]
        if named and profile["in_menu"]:
            by_itself = " by itself" if name == default else ""
            yield (
                f"The menu starts {name}{by_itself} with the answers of its kernel_arguments "
                f"({named[0].partition('=')[0]}): any machine may be installed without questions, again and again, and "
                "its disk is not checked; write answers.file and menu_install instead"
            )


def _warning(name: str, offer: Record, plan: Record) -> str:
    unknown, timeout = plan["unknown_machines"], plan["menu"]["timeout"]
    if name == unknown["install"]:
        when = f"after {timeout} s, without confirmation" if timeout else "with the Enter key"
    else:
        asked = {
            "word": "by a word that is typed there",
            "password": "with the password",
            "none": "by one key",
        }
        when = f"when it is chosen in the menu {asked[offer['confirm']]}"
    where = (
        "the only disk (or the one that answers.disk_rule fits)"
        if offer["disk"] == BY_RULE
        else offer["disk"]
    )
    lost = (
        f"WHATEVER IS ON {where} IS LOST"
        if unknown["overwrite"]
        else f"on {where}, if the first and last MiB of it are empty"
    )
    return f"Any machine that is not described and {whose(unknown)} is installed with {name} {when}, once; {lost}"


def whose(unknown: Record) -> str:
    """Which machines, in words."""
    subnets, prefixes = (" or ".join(unknown[key]) for key in ("subnets", "mac_prefixes"))
    parts = [
        f"has an address in {subnets}" if subnets else "",
        f"a MAC address of {prefixes}" if prefixes else "",
    ]
    return " and ".join(part for part in parts if part) if subnets else f"has {parts[1]}"
