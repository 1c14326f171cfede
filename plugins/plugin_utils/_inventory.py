# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads the description of a site from the variables of the inventory, each evaluated on its own.

What the plan does not need, which is answers and whatever has a name that nobody knows, is not evaluated at all. A
mistake names the variable and the key, and shows no value.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.filter.machines import LEFT_OUT, PREFIX
from ansible_collections.netinstall.pxe.plugins.filter.servers import hosts_of_services
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import SITE_KEYS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import MACHINE_KEYS
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.masking import HASHES, MASK
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.profiles import PROFILE_KEYS
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _per_machine
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import Evaluation, Variables

_MARKS = ("{{", "{%", "{#")
_SERVER = ("address", "interface", "url")


class Inventory:
    """What the inventory says. ``mistakes`` are those of the values that cannot be evaluated."""

    def __init__(self, task_vars: Variables, loader: t.Any) -> None:
        self.mistakes: list[dict[str, str]] = []
        self._task_vars = task_vars
        self._loader = loader
        self._host = Evaluation(task_vars, loader)

    def site(self) -> Variables:
        """The ``site_*`` variables of the host that the task is about, without their prefix."""
        found = {}
        for key in SITE_KEYS:
            name = f"site_{key}"
            raw = self._host.raw(name)
            if raw is None:
                continue
            if key == "answers":
                found[key] = unevaluated(raw, self._host)
            elif key == "profiles":
                found[key] = self._profiles(raw)
            else:
                found[key] = self._value(self._host, raw, name)
        return found

    def machines(self, group: str) -> list[Variables]:
        """The ``machine_*`` variables of the hosts of a group, without their prefix."""
        return [self._machine(group, name) for name in self._groups.get(group) or []]

    def servers(self) -> dict[str, list[Variables]]:
        """The hosts of each service."""
        known: dict[tuple[str, str], Variables] = {}
        found: dict[str, list[Variables]] = {}
        for service, group, names in hosts_of_services(self._groups):
            for name in names:
                if (group, name) not in known:
                    known[group, name] = self._server(group, name)
            found[service] = [known[group, name] for name in names]
        return found

    def menu_hashes(self) -> Variables:
        """The hashes of the passwords of the menu, as ``menu``, and of its entries, as ``profiles``."""
        menu = self._whole(self._host.raw("site_menu"), "site_menu")
        profiles = self._whole(self._host.raw("site_profiles"), "site_profiles")
        written = {
            f"site_profiles.{name}": self._whole(profiles[name], f"site_profiles.{name}")
            for name in (profiles if isinstance(profiles, dict) else {})
        }
        hashes = {
            address.partition(".")[2]: self._hash(profile, "menu_password_hash", address)
            for address, profile in written.items()
        }
        return {
            "menu": self._hash(menu, "password_hash", "site_menu"),
            "profiles": {name: value for name, value in hashes.items() if value},
        }

    def _hash(self, mapping: t.Any, key: str, address: str) -> str:
        raw = mapping.get(key) if isinstance(mapping, dict) else None
        known = len(self._host.mistakes)
        value = self._host.value(raw, f"{address}.{key}")
        if len(self._host.mistakes) > known:
            raise PxeError(self._host.mistakes[-1])
        return value or ""

    @property
    def _groups(self) -> t.Mapping[str, t.Sequence[str]]:
        return t.cast("t.Mapping[str, t.Sequence[str]]", self._task_vars.get("groups") or {})

    def _of(self, name: str) -> Evaluation:
        return Evaluation(variables_of(name, self._task_vars), self._loader)

    def _profiles(self, raw: t.Any) -> t.Any:
        profiles = self._whole(raw, "site_profiles")
        if not isinstance(profiles, dict):
            return profiles
        return {name: self._profile(f"site_profiles.{name}", profiles[name]) for name in profiles}

    def _profile(self, address: str, raw: t.Any) -> t.Any:
        profile = self._whole(raw, address)
        if not isinstance(profile, dict):
            return unevaluated(profile, self._host)
        return {key: self._key_of_profile(f"{address}.{key}", key, profile[key]) for key in profile}

    def _key_of_profile(self, address: str, key: str, raw: t.Any) -> t.Any:
        if key == "answers" or key not in PROFILE_KEYS:
            return unevaluated(raw, self._host)
        return self._value(self._host, raw, address)

    def _whole(self, raw: t.Any, address: str) -> t.Any:
        """A mapping as it is written; evaluated only if it is a template as a whole."""
        raw = self._host.written(raw)
        return self._value(self._host, raw, address) if isinstance(raw, str) else raw

    def _machine(self, group: str, name: str) -> Variables:
        evaluation = self._of(name)
        found = {"name": name}
        for variable in evaluation.variables:
            key = variable.removeprefix(PREFIX)
            if key == variable or variable in LEFT_OUT:
                continue
            raw = evaluation.raw(variable)
            if key in MACHINE_KEYS and key != "answers":
                value = self._value(evaluation, raw, f"{group}.{name}.{variable}")
            else:
                value = unevaluated(raw, evaluation)
            if value is not None:
                found[key] = value
        return found

    def _server(self, group: str, name: str) -> Variables:
        evaluation = self._of(name)
        found = {"name": name, "group": group}
        for key in _SERVER:
            variable = f"server_{key}"
            if variable in evaluation.variables:
                raw = evaluation.raw(variable)
                found[key] = self._value(evaluation, raw, f"{group}.{name}.{variable}")
        return found

    def _value(self, evaluation: Evaluation, raw: t.Any, address: str) -> t.Any:
        known = len(evaluation.mistakes)
        value = evaluation.value(raw, address)
        for mistake in evaluation.mistakes[known:]:
            where, _colon, message = mistake.partition(": ")
            # The plan needs no hash; where the vault's password is not known, it does without.
            if not where.endswith(HASHES):
                self.mistakes.append({"address": where, "message": message})
        return value


def unevaluated(raw: t.Any, evaluation: Evaluation) -> t.Any:
    """The same shape, in which templates are ``None``: what they give is not known."""
    return _shape(evaluation.written(raw))


def _shape(raw: t.Any) -> t.Any:
    if _per_machine.is_encrypted(raw):
        return MASK
    if isinstance(raw, dict):
        return {key: _shape(raw[key]) for key in raw}
    if isinstance(raw, (list, tuple)):
        return [_shape(item) for item in raw]
    return None if isinstance(raw, str) and any(mark in raw for mark in _MARKS) else raw


def variables_of(name: str, task_vars: Variables) -> Variables:
    """The variables of a host; what only the play or the role says of the site is valid for it, too."""
    hostvars = task_vars["hostvars"]
    common = {key: value for key, value in task_vars.items() if key.startswith("site_")}
    running = {key: task_vars[key] for key in ("hostvars", "ansible_search_path") if key in task_vars}
    return {**common, **hostvars.raw_get(name), **running}
