# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import functools
import json
import os
import typing as t
import zoneinfo

from ansible_collections.netinstall.pxe.plugins.module_utils._arming import answers_check, answers_packages
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_check import Layers
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_packages import Selection
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import installs
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files

DOCUMENTATION = r"""
name: answers_found
short_description: Mistakes and scripts in the answers of a site
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Evaluates the answers of each machine with that machine's variables, and checks what can be known before it is
    armed. Profiles of which no machine is described are checked, too.
  - What cannot be evaluated here and now, such as a vaulted value without the vault's password, is taken for right.
  - Mistakes show no secrets. Scripts may. Of one that differs between machines there are 50 at most.
options:
  _input:
    description: The plan of M(netinstall.pxe.boot_plan_info).
    type: dict
    required: true
  hostvars:
    description: The variables of all hosts, which is what C(hostvars) has.
    type: dict
    required: true
  profiles:
    description: C(site_profiles), for hosts that do not have the variable.
    type: dict
    default: {}
  defaults:
    description: C(site_answers), likewise.
    type: dict
    default: {}
  names:
    description: The machines to check. By default all machines and profiles of the plan.
    type: list
    elements: str
  search:
    description:
      - Folders on the control node in which the files must be that answers name as C(file) and C(files). By default
        they are not looked for.
    type: list
    elements: str
seealso:
  - module: netinstall.pxe.answers_info
"""

EXAMPLES = r"""
- name: Check the answers
  netinstall.pxe.answers_info:
    found: "{{ site_plan | netinstall.pxe.answers_found(hostvars, site_profiles, site_answers) }}"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The lists C(mistakes), C(unevaluated) and C(scripts), as M(netinstall.pxe.answers_info) takes them.
  type: dict
"""

#: What is said of a value where what it says itself may hold a secret.
_CANNOT = "cannot be evaluated"


@dataclasses.dataclass(frozen=True)
class _Unknown:
    """In place of a value; ``why`` is empty where there is none."""

    why: str = ""


# A script that differs from machine to machine, by a name or an address, is not checked for thousands of them.
_VARIANTS = 50


def answers_found(
    plan: t.Any,
    hostvars: t.Mapping[str, t.Mapping[str, t.Any]],
    profiles: t.Mapping[str, t.Any] | None = None,
    defaults: t.Mapping[str, t.Any] | None = None,
    names: t.Sequence[str] | None = None,
    search: t.Sequence[str] | None = None,
) -> dict[str, t.Any]:
    """Check the answers of a site."""
    common = {"site_profiles": profiles or {}, "site_answers": defaults or {}}
    zones = _zones()
    find = None if search is None else _remembered(search)
    # By (address, message) the machines that it is about, "" for a profile without any; by address each script once.
    mistakes: dict[tuple[str, str], list[str]] = {}
    unevaluated: dict[tuple[str, str], list[str]] = {}
    scripts: dict[str, dict[tuple[str, str, str], None]] = {}
    checked: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str, str]]]] = {}
    disks: dict[str, list[str]] = {}
    for machine in _machines(plan, names):
        layers = _layers(machine, hostvars, common, unknown := dict[str, str]())
        for lost in unknown.items():
            unevaluated.setdefault(lost, []).append(machine["name"])
        key = json.dumps([machine["profile"], machine["disk"], layers], sort_keys=True, default=str)
        if key not in checked:
            checked[key] = _check(plan, machine, layers, zones)
            checked[key][0].extend(answers_check.file_mistakes(layers, find))
        disks[machine["name"]] = _further_disks(layers.merged)
        for mistake in checked[key][0]:
            mistakes.setdefault(mistake, []).append(machine["name"])
        for script in checked[key][1]:
            variants = scripts.setdefault(script[0], {})
            if len(variants) < _VARIANTS:
                variants[script] = None
    keys = ("address", "shell", "text")
    return {
        "mistakes": named(plan, mistakes),
        "unevaluated": named(plan, {one: own for one, own in unevaluated.items() if one[1] and any(own)}),
        "scripts": [dict(zip(keys, one)) for variants in scripts.values() for one in variants],
        "disks": {name: further for name, further in disks.items() if name and further},
    }


def _remembered(search: t.Sequence[str]) -> t.Callable[[str], str]:
    """Looks for a file once: many machines may share it, or miss it."""
    return functools.lru_cache(None)(functools.partial(_missing, search))


def _further_disks(answers: dict[str, t.Any]) -> list[str]:
    """Those that an installation erases beside machine_disk."""
    partitioning = answers.get("partitioning")
    disks = partitioning.get("disks") if isinstance(partitioning, dict) else None
    return [str(disk) for disk in disks] if isinstance(disks, list) else []


class Installing(t.NamedTuple):
    """What some machines install that have the same answers."""

    profile: str
    machines: list[str]
    layers: Layers
    selection: Selection


def selections_found(
    plan: t.Any,
    hostvars: t.Mapping[str, t.Mapping[str, t.Any]],
    common: t.Mapping[str, t.Any],
    distributions: t.Container[str],
    names: t.Sequence[str] | None = None,
) -> list[Installing]:
    """What machines with these distributions install, and profiles that have answers and no machine."""
    found: dict[str, Installing | None] = {}
    plans: dict[str, t.Any] = {}
    for machine in kickstarted(plan, names):
        if machine["distribution"] not in distributions or not _is_answered(machine, common):
            continue
        name, server = machine["name"], machine.get("http_server") or ""
        layers = _layers(machine, hostvars, common, {}, answers_packages.KEYS)
        key = json.dumps([machine["profile"], server, layers], sort_keys=True, default=str)
        if key not in found:
            plans[server] = plans.get(server) or plan_of(plan, server)
            distribution = plans[server]["distributions"][machine["distribution"]]
            selected = answers_packages.selection(distribution, machine, layers)
            found[key] = Installing(machine["profile"], [], layers, selected) if selected else None
        installing = found[key]
        if installing:
            installing.machines.append(name)
    return [installing for installing in found.values() if installing]


def _is_answered(machine: dict[str, t.Any], common: t.Mapping[str, t.Any]) -> bool:
    """Whether it may be installed without questions: an entry of the menu without answers asks."""
    profile = _item(common["site_profiles"], machine["profile"])
    return bool(machine["name"]) or (isinstance(profile, t.Mapping) and "answers" in profile)


def kickstarted(plan: t.Any, names: t.Sequence[str] | None = None) -> list[dict[str, t.Any]]:
    """The machines that are installed by a kickstart, and one that is none for each such profile without any."""
    return [machine for machine in _machines(plan, names) if answers_packages.has_kickstart(machine)]


def named(plan: t.Any, mistakes: t.Mapping[tuple[str, str], t.Sequence[str]]) -> list[dict[str, str]]:
    """Mistakes, each with the machines that it is about, where it is about some only."""
    sizes = _sizes(plan)
    return [
        {"address": address, "message": message + _whose(address, machines, sizes)}
        for (address, message), machines in mistakes.items()
    ]


def _missing(search: t.Sequence[str], name: str) -> str:
    """What is wrong with the name of a file; empty if it is there."""
    try:
        own_files.find(name, search)
    except PxeError as error:
        return str(error)
    return ""


def _machines(plan: t.Any, names: t.Sequence[str] | None) -> list[dict[str, t.Any]]:
    """The machines that install, and one that is none for each profile without any."""
    installing = [machine for machine in plan["machines"] if installs(machine)]
    if names is not None:
        wanted = set(names)
        return [machine for machine in installing if machine["name"] in wanted]
    used = {machine["profile"] for machine in installing}
    unused = [profile for name, profile in plan["profiles"].items() if name not in used]
    return [
        *installing,
        *(answers_check.without_machine(profile, {}) for profile in unused if installs(profile)),
    ]


def _check(
    plan: t.Any, machine: dict[str, t.Any], layers: Layers, zones: t.Collection[str]
) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    answers = layers.merged
    if not machine["name"]:
        machine = answers_check.without_machine(plan["profiles"][machine["profile"]], answers)
    scripts = [
        (layers.origin(path), shell, text) for path, shell, text in answers_check.scripts(machine, answers)
    ]
    return answers_check.mistakes(plan, machine, layers, zones), scripts


def _layers(
    machine: dict[str, t.Any],
    hostvars: t.Mapping[str, t.Mapping[str, t.Any]],
    common: t.Mapping[str, t.Any],
    unknown: dict[str, str],
    keys: t.Container[str] | None = None,
) -> Layers:
    """The answers that a machine has, evaluated as far as they can be.

    :arg unknown: is given the addresses of what cannot be, and why
    :arg keys: those that are looked at; by default all
    """
    name, profile = machine["name"], machine["profile"]
    variables = hostvars.get(name, {}) if name else {}

    def known(container: t.Any, key: str, address: str) -> dict[str, t.Any]:
        value = _evaluated(container, key, address, unknown, keys)
        return value if isinstance(value, dict) else {}

    def of(variable: str) -> t.Any:
        return variables if variable in variables else common

    profiles = _item(of("site_profiles"), "site_profiles")
    described = _item(profiles, profile) if isinstance(profiles, t.Mapping) else profiles
    if isinstance(described, _Unknown):
        unknown["site_profiles"] = described.why
    own, below = f"site_profiles.{profile}.answers", f"pxe_machines.{name}.machine_answers"
    layers = [("site_answers", known(of("site_answers"), "site_answers", "site_answers"))]
    if isinstance(described, t.Mapping) and "answers" in described:
        layers.append((own, known(described, "answers", own)))
    else:
        layers.append((own, {}))
    if "machine_answers" in variables:
        layers.append((below, known(variables, "machine_answers", below)))
    return Layers(layers, not unknown)


def _item(container: t.Any, key: t.Any) -> t.Any:
    try:
        # A template is rendered, and a secret decrypted, when the item is asked for.
        return container[key]
    except KeyError:
        return _Unknown()
    except PxeError as error:
        # Behind the address, which is that of what was asked for.
        return _Unknown(str(error).partition(": ")[2])
    except Exception:  # whatever a template may raise
        return _Unknown(_CANNOT)


def _evaluated(
    container: t.Any,
    key: t.Any,
    address: str,
    unknown: dict[str, str],
    keys: t.Container[str] | None = None,
) -> t.Any:
    """What stands there, without what cannot be known.

    :arg address: that of the value
    :arg keys: of a mapping, those that are looked at; by default all
    """
    value = _item(container, key)
    if isinstance(value, t.Mapping):
        wanted = [name for name in value if keys is None or name in keys]
        items = {str(name): _evaluated(value, name, f"{address}.{name}", unknown) for name in wanted}
        return {name: item for name, item in items.items() if not isinstance(item, _Unknown)}
    if isinstance(value, (list, tuple)):
        # A list is known as a whole: a user without the name that is not known would be another mistake.
        before = len(unknown)
        listed = [_evaluated(value, index, f"{address}[{index}]", unknown) for index in range(len(value))]
        return _Unknown() if len(unknown) > before else listed
    if not isinstance(value, (str, int, float, bool, type(None), _Unknown)):
        # Before ansible-core 2.19, what is undefined or vaulted is an object of its own.
        try:
            value = str(value)
        except Exception:  # whatever a vault may raise
            value = _Unknown(_CANNOT)
    if isinstance(value, _Unknown):
        unknown[address] = value.why
    return value


def _zones() -> set[str]:
    """The time zones that this control node knows, old names among them."""
    zones = set(zoneinfo.available_timezones())
    for folder in zoneinfo.TZPATH:
        # Debian's tzdata leaves old names such as US/Eastern to a package of its own, but for this file.
        path = os.path.join(folder, "tzdata.zi")
        if zones and os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as lines:
                words = [line.split() for line in lines]
            zones |= {word[2] for word in words if len(word) > 2 and word[0] == "L"}
    return zones


def _sizes(plan: t.Any) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for machine in plan["machines"]:
        sizes[machine["profile"]] = sizes.get(machine["profile"], 0) + 1
    return sizes


def _whose(address: str, machines: t.Sequence[str], sizes: t.Mapping[str, int]) -> str:
    """Which machines a mistake in a common answer is about, if it is about some only."""
    named = [machine for machine in machines if machine]
    profile = address.split(".")[1] if address.startswith("site_profiles.") else ""
    all_of_them = sizes.get(profile, 0) if profile else sum(sizes.values())
    if address.startswith("pxe_machines.") or len(named) in (0, all_of_them):
        return ""
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f" (for {', '.join(named[:3])}{more})"


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"answers_found": answers_found}
