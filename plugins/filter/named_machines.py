# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import difflib
import json
import pathlib
import re
import typing as t

from ansible import context
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.inventory.manager import InventoryManager, split_host_pattern
from ansible.parsing.dataloader import DataLoader

DOCUMENTATION = r"""
name: named_machines
short_description: The machines that somebody named, as hosts of a play
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Takes names of machines and of groups as people write them into a field of a survey, and the limit of the command
    line. A name or a part of the limit that fits no machine is an error, so that nobody takes a play without hosts for
    a success, or a misspelt exclusion for one.
options:
  _input:
    description:
      - Names, as a list, a JSON list, or a text with commas, semicolons, blanks or line ends between them. V(none) and
        the empty text name none, and mean the whole group C(pxe_machines).
      - Anything else that holds no name, such as a blank or a comma, is an error.
    type: raw
    required: true
  groups:
    description: The groups of the inventory, which is what C(groups) has.
    type: dict
    required: true
  limit:
    description:
      - The limit of the command line, which is what C(ansible_limit) has. Only machines that fit it are chosen.
    type: str
    default: ''
  variable:
    description: The variable that the names come from, for messages.
    type: str
    default: machines
  or_a_server:
    description:
      - Whether a server will do where no machine is described and nobody asked for one. It is the first host of
        C(pxe_servers), or V(localhost).
    type: bool
    default: false
seealso:
  - plugin: netinstall.pxe.confirmation
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what machines are doing
  hosts: "{{ status_machines | default('') | netinstall.pxe.named_machines(groups, ansible_limit | default('')) }}"
"""

RETURN = r"""
_value:
  description:
    - Names of hosts of the group C(pxe_machines), in its order; the group itself where none was named; or a server.
  type: list
  elements: str
"""

GROUP = "pxe_machines"
SERVERS = "pxe_servers"
_NAME = re.compile(r"[^\s,;]+")
UNCHANGED = "Nothing was changed."
Groups = t.Mapping[str, t.Sequence[str]]


class Selection(t.NamedTuple):
    """What was chosen: ``machines``, and ``wholesale``, whether a word or pattern stood for every machine."""

    machines: list[str]
    wholesale: bool


def named_machines(
    named: t.Any, groups: Groups, limit: str = "", variable: str = "machines", or_a_server: bool = False
) -> list[str]:
    """The machines that are named and fit the limit.

    :arg or_a_server: whether a server will do where there is no machine
    :raises AnsibleFilterError: something is no list of names, or a name fits no machine.
    """
    if or_a_server and not (named or limit or groups.get(GROUP)):
        return [*(groups.get(SERVERS) or ()), "localhost"][:1]
    if not names_in(named, variable) and not limit and (groups.get(GROUP) or is_syntax_check()):
        return [GROUP]
    return select(named, groups, limit, variable).machines


def select(named: t.Any, groups: Groups, limit: str = "", variable: str = "machines") -> Selection:
    """What is chosen, for what uses it and for what guards it.

    :raises AnsibleFilterError: nothing is named; something is no list of names; a name fits no machine.
    """
    names = names_in(named, variable)
    machines = list(groups.get(GROUP, ()))
    if not machines:
        raise AnsibleFilterError(
            f"The inventory has no machines: put them into the group {GROUP}. {UNCHANGED}"
        )
    if not names and not limit:
        raise AnsibleFilterError(
            f"Name the machines with -l, such as -l {machines[0]}. All of them are -l {GROUP}. {UNCHANGED}"
        )
    found = [_by_names(names, groups, machines, variable)] if names else []
    found += [_by_limit(limit, groups, machines)] if limit else []
    chosen = set.intersection(*(set(selection.machines) for selection in found))
    if not chosen:
        raise AnsibleFilterError(
            f"No machine is both in {variable} ({', '.join(names)}) and in -l '{limit}'. {UNCHANGED}"
        )
    # Whoever wrote names in one of the two places did not mean everything.
    wholesale = all(selection.wholesale for selection in found)
    return Selection([machine for machine in machines if machine in chosen], wholesale)


def is_syntax_check() -> bool:
    """Then there need not be an inventory."""
    return bool(context.CLIARGS.get("syntax"))


def fit_limit(limit: str, groups: Groups) -> set[str]:
    """The hosts that Ansible takes a limit for."""
    return _matching(_inventory(groups), _terms(limit))


def names_in(value: t.Any, variable: str) -> list[str]:
    """The names that somebody wrote; none for nothing at all.

    :raises AnsibleFilterError: it is no list of names.
    """
    if value is None or value == "":
        return []
    items = _items(value)
    names = [name for item in items for name in _NAME.findall(item)] if items else []
    if not items or not all(map(_NAME.search, items)):
        raise AnsibleFilterError(
            f"{variable}: {_shown(value)} is not a list of names; write names of hosts or groups of {GROUP} with "
            f"commas between, or leave it out. {UNCHANGED}"
        )
    return names


def _items(value: t.Any) -> list[str]:
    """The texts of a list, of a list as JSON, or of a text; none for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    # A host may have a number for its name. In Python, true and false are numbers, too.
    good = all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in items)
    return [str(item) for item in items] if good else []


def _shown(value: t.Any) -> str:
    return json.dumps(value, default=str)[:80] if not isinstance(value, str) else f"'{value[:80]}'"


def _by_names(names: t.Sequence[str], groups: Groups, machines: t.Sequence[str], variable: str) -> Selection:
    known = set(machines)
    chosen: set[str] = set()
    for name in names:
        found = {name} if name in known else known.intersection(groups.get(name, ()))
        if not found:
            raise AnsibleFilterError(_unknown(name, machines, variable))
        chosen |= found
    written_out = known.intersection(names) == chosen
    return Selection(sorted(chosen), chosen == known and not written_out)


def _by_limit(limit: str, groups: Groups, machines: t.Sequence[str]) -> Selection:
    """What Ansible makes of a limit, and whether each part of it means something."""
    inventory, terms, known = _inventory(groups), _terms(limit), set(machines)
    matches = {term: _matching(inventory, term.lstrip("!&")) for term in terms}
    for term in terms:
        bare = term.lstrip("!&")
        # An exclusion may be about other hosts than machines, or of a group that is empty now.
        about = matches[term] or bare in groups if term[0] == "!" else matches[term] & known
        if not about:
            raise AnsibleFilterError(_unknown(bare, machines, f"-l '{limit}'"))
    chosen = known.intersection(host.name for host in inventory.get_hosts(terms))
    if not chosen:
        raise AnsibleFilterError(f"-l '{limit}' leaves no machine of {GROUP}. {UNCHANGED}")
    written_out = known.intersection(terms) >= chosen
    return Selection(sorted(chosen), not written_out and (chosen == known or _all_but(matches, known)))


def _matching(inventory: InventoryManager, term: str | list[str]) -> set[str]:
    """The names that a limit, or a part of it, fits: none even where Ansible is to fail (host_pattern_mismatch)."""
    try:
        return {host.name for host in inventory.get_hosts(term)}
    except AnsibleError:
        return set()


def _all_but(matches: t.Mapping[str, set[str]], known: set[str]) -> bool:
    """Whether a limit begins with every machine, and only takes some away: Ansible begins so by itself."""
    positive = [found for term, found in matches.items() if term[0] not in "!&"]
    restricted = any(term[0] == "&" for term in matches)
    return not restricted and (not positive or any(found >= known for found in positive))


def _terms(limit: str) -> list[str]:
    """The parts of a limit; those of a file for ``@FILE``, as --limit has it.

    :raises AnsibleFilterError: there are none.
    """
    terms: list[str] = []
    for term in filter(None, split_host_pattern(limit)):
        lines = pathlib.Path(term[1:]).read_text(encoding="utf-8").splitlines() if term[0] == "@" else [term]
        terms += [line.strip() for line in lines if line.strip()]
    if not terms:
        raise AnsibleFilterError(
            f"-l '{limit}' names nothing; write -l {GROUP} for every machine. {UNCHANGED}"
        )
    return terms


def _inventory(groups: Groups) -> InventoryManager:
    """The inventory again, for Ansible's own understanding of patterns."""
    inventory = InventoryManager(loader=DataLoader(), sources=None, parse=False)
    for group, hosts in groups.items():
        inventory.add_group(group)
        for host in hosts:
            inventory.add_host(host, group)
    return inventory


def _unknown(name: str, machines: t.Sequence[str], where: str) -> str:
    alike = difflib.get_close_matches(name, machines, n=1)
    advice = (
        f"did you mean '{alike[0]}'?" if alike else f"write names of hosts of {GROUP} with commas between."
    )
    return f"{where}: '{name}' is neither a machine of the inventory nor a group with machines; {advice} {UNCHANGED}"


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"named_machines": named_machines}
