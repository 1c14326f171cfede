# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""From the plan and the answers of machines to what it takes to write their answer files and to arm them."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_complete import (
    answer_template,
    complete_answers,
    merge,
    unserved_by_ftp,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import Installation
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, argument_mistakes
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import backends, offers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answers import BY_RULE

# What templates of answer files get of the machine and of its distribution.
_OF_MACHINE = (
    "hostname",
    "domain",
    "mac",
    "uuid",
    "serial",
    "address",
    "netmask",
    "gateway",
    "dns",
    "profile",
    "distribution",
    "family",
    "disk",
    "firmware",
)
# What site_unknown_machines.hostname may be, and what stands for the MAC address in it.
_HOSTNAME_DHCP, _HOSTNAME_MAC = "dhcp", "${mac}"
_OF_DISTRIBUTION = ("version", "tree_url", "tree_urls")


def compose(
    plan: dict[str, t.Any], answers: t.Mapping[str, dict[str, t.Any]], make_token: t.Callable[[], str]
) -> tuple[list[Installation], list[str]]:
    """What is needed to write the answer files of these machines and to arm them.

    :param plan: ``{urls, services, distributions, profiles, machines}`` of the plan; the plan itself holds no answers.
    :param answers: by name of the machine.
    :returns: per machine ``{machine, hostname, domain, mac, uuid, serial, address, netmask, gateway, dns, profile,
        distribution, family, disk, firmware, version, tree_url, tree_urls, source, token, template, answer_format,
        answer_url, files_url, events_url, answers, install_arguments}``, and what its family tells of the release
        (release_facts); without the text of its answer file; and the mistakes of all others, each with machine and
        key. They show no secrets.
    """
    known = {machine["name"]: machine for machine in plan["machines"]}
    plans: dict[str, dict[str, t.Any]] = {}
    installations, mistakes = [], []
    for name, given in answers.items():
        if name not in known:
            mistakes.append(f"{name} is not a machine of the site; describe it in the group pxe_machines")
            continue
        if not backends.guards(plan):
            why = backends.why_not_armed(plan)
            mistakes.append(f"{name} is not armed, because {why}; write {backends.able('http', 'guards')}")
            continue
        server = known[name].get("http_server") or ""
        if server not in plans:
            plans[server] = plan_of(plan, server)
        try:
            installation = _installation(plans[server], known[name], given, make_token())
            installations.append(installation)
            mistakes += [f"{name}: {mistake}" for mistake in _line_mistakes(plans[server], installation)]
        except PxeError as exc:
            mistakes += [f"{name}: answers.{mistake}" for mistake in str(exc).split("\n")]
    return installations, mistakes


def _line_mistakes(plan: dict[str, t.Any], installation: Installation) -> t.Iterator[str]:
    """A command line that is cut loses what comes last: the machine's own arguments."""
    family = FAMILIES[installation["family"]]
    distribution = plan["distributions"][installation["distribution"]]
    profile = _profile_of(plan, installation)
    initrds = [path.rpartition("/")[2] for path in distribution.get("initrd") or ["initrd.img"]]
    words = [
        *(f"initrd={name}" for name in initrds),
        *family.profile_arguments(profile, distribution),
        *(profile.get("kernel_arguments") or []),
        *installation["install_arguments"],
    ]
    length, (limit, reader) = len(" ".join(words).encode()), family.longest_command_line(distribution)
    if length > limit:
        yield (
            f"machine_kernel_arguments: the kernel's command line has {length} bytes, and {reader} reads only {limit}; "
            "write fewer of them, or fewer kernel_arguments of the profile"
        )
    yield from argument_mistakes(installation["family"], words, installation["answer_url"])


def compose_offer(plan: dict[str, t.Any], profile: str, answers: dict[str, t.Any]) -> Installation:
    """What is needed to write the answer file of a profile for machines that nobody described: the installation of a
    machine that does not exist, whose values the web server replaces by those of whoever asks.

    :param plan: as the web server has it: ``{urls, distributions, profiles, subnets, machines, unknown_machines}``.
    :param answers: of the site and the profile.
    :returns: as ``compose``; ``offer`` is ``{url, overwrite, uuids, serials}``, the last two those of described
        machines, which may have new network cards. The host name is empty where DHCP says it.
    :raises PxeError: all that is wrong, one a line. It shows no secrets.
    """
    family = FAMILIES[plan["profiles"][profile]["family"]]
    machine = _stand_in(plan, profile)
    rule = {"disk_rule": {"only": True}} if machine["disk"] == BY_RULE else {}
    try:
        installation = _composed(plan, machine, merge(rule, answers), "", _offer_urls(plan, profile))
        mistakes = list(_line_mistakes(plan, installation))
    except PxeError as exc:
        mistakes = [f"answers.{line}" for line in str(exc).split("\n")]
    mistakes += [f"answers.{mistake}" for mistake in family.offer_mistakes(answers)]
    if mistakes:
        raise PxeError("\n".join(mistakes))
    unknown = plan["unknown_machines"]
    name = unknown["hostname"].replace(_HOSTNAME_MAC, offers.SPELLINGS[-1].stand_in)
    return {
        **installation,
        "hostname": "" if name == _HOSTNAME_DHCP else name,
        "offer": {
            "url": offers.offer_url(_base(plan), profile),
            "overwrite": unknown["overwrite"],
            "uuids": sorted(machine["uuid"] for machine in plan["machines"] if machine.get("uuid")),
            "serials": sorted(machine["serial"] for machine in plan["machines"] if machine.get("serial")),
        },
    }


def _base(plan: dict[str, t.Any]) -> str:
    """The web server's URL."""
    return str(plan["urls"]["answers"].rpartition("/")[0])


def _offer_urls(plan: dict[str, t.Any], profile: str) -> dict[str, str]:
    where = (_base(plan), profile, offers.STAND_IN_MAC)
    file = FAMILIES[plan["profiles"][profile]["family"]].answer_file.name
    return {
        "files_url": offers.files_url(*where),
        "answer_url": offers.answer_url(*where, file),
        "events_url": offers.events_url(*where),
    }


def _stand_in(plan: dict[str, t.Any], profile: str) -> dict[str, t.Any]:
    """The machine that does not exist. What all networks of an offer have in common, it has too."""
    unknown, described = plan["unknown_machines"], plan["profiles"][profile]
    named = unknown["subnets"]
    subnets = [subnet for subnet in plan["subnets"] if not named or subnet["cidr"] in named]
    domains = {subnet["domain"] for subnet in subnets}
    return {
        "name": offers.STAND_IN_NAME,
        # On the kernel's command line nobody can say it.
        "hostname": "",
        "domain": domains.pop() if len(domains) == 1 else "",
        "mac": offers.STAND_IN_MAC,
        "address": offers.STAND_IN_ADDRESS,
        "netmask": "",
        "gateway": "",
        "dns": next((subnet["dns"] for subnet in subnets if subnet["dns"]), []),
        "firmware": "any",
        "kernel_arguments": [],
        **{key: described[key] for key in ("distribution", "family")},
        "profile": profile,
        "disk": unknown["profiles"][profile]["disk"],
    }


def _installation(
    plan: dict[str, t.Any], machine: dict[str, t.Any], answers: dict[str, t.Any], token: str
) -> Installation:
    installation = _composed(plan, machine, answers, token, _urls(plan, machine, token))
    unserved = unserved_by_ftp(_profile_of(plan, machine), installation["answers"])
    if unserved:
        raise PxeError(f"files: {unserved}")
    return installation


def _profile_of(plan: dict[str, t.Any], machine: dict[str, t.Any]) -> dict[str, t.Any]:
    return plan.get("profiles", {}).get(machine["profile"]) or {}


def _urls(plan: dict[str, t.Any], machine: dict[str, t.Any], token: str) -> dict[str, str]:
    folder = f"{machine['address']}/{token}"
    by_ftp = _profile_of(plan, machine).get("answers_by") == "ftp"
    answers_url = f"{plan['services']['ftp']['url']}/answers" if by_ftp else plan["urls"]["answers"]
    return {
        "files_url": f"{answers_url}/{folder}",
        "answer_url": f"{answers_url}/{folder}/{FAMILIES[machine['family']].answer_file.name}",
        "events_url": f"{plan['urls']['events']}/{folder}",
    }


def _composed(
    plan: dict[str, t.Any],
    machine: dict[str, t.Any],
    answers: dict[str, t.Any],
    token: str,
    urls: dict[str, str],
) -> Installation:
    """:param urls: of its files, its answer file and its reports."""
    family = FAMILIES[machine["family"]]
    distribution = plan["distributions"][machine["distribution"]]
    complete = complete_answers(family, answers, distribution, machine["disk"] or "")
    details = {"answers": complete, "distribution": distribution}
    return {
        "machine": machine["name"],
        **{key: machine.get(key) for key in _OF_MACHINE},
        **{key: distribution.get(key) for key in _OF_DISTRIBUTION},
        **family.release_facts(distribution),
        "source": _profile_of(plan, machine).get("source", "http"),
        "token": token,
        "template": answer_template(family.answer_file, complete["file"]),
        "answer_format": family.answer_file.format,
        **urls,
        "answers": complete,
        "install_arguments": family.kernel_arguments({**machine, **details}, urls["answer_url"]),
    }
