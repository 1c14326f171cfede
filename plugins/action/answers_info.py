# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible_collections.netinstall.pxe.plugins.filter.answers_found import (
    Installing,
    answers_found,
    kickstarted,
    named,
    selections_found,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import answers_packages
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, validation
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _search, _tree_indexes, _unlogged
from ansible_collections.netinstall.pxe.plugins.plugin_utils._inventory import variables_of
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import Evaluation, Lazy

Record = dict[str, t.Any]

_UNCHECKED = f"names of packages are not checked. {missing_required_lib('pykickstart')}"


class ActionModule(ActionBase):
    """Evaluates the answers of each machine with its own variables, and has checked what is found."""

    _supports_check_mode = True
    # The module runs where the task says.
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        plan, names, root = (arguments.pop(key, None) for key in ("plan", "names", "root"))
        variables = _search.searching(task_vars or {})
        lazy = Lazy(variables, Evaluation(variables, self._loader))
        if plan and root:
            common = {name: _known(lazy, name) for name in ("site_profiles", "site_answers")}
            try:
                return {**result, **self._packages(plan, names or None, root, common, variables)}
            except PxeError as exc:
                return {**result, "failed": True, "msg": str(exc)}
        if plan:
            arguments["found"] = answers_found(
                plan,
                _Machines(variables, self._loader),
                _known(lazy, "site_profiles"),
                _known(lazy, "site_answers"),
                names or None,
                _search.folders(variables),
            )
        reply = _unlogged.execute(self, "netinstall.pxe.answers_info", arguments, task_vars or {})
        return {**result, **reply}

    def _packages(
        self, plan: Record, names: list[str] | None, root: str, common: Record, task_vars: Record
    ) -> Record:
        """What the install trees on the server do not have.

        :raises PxeError: their lists cannot be read.
        """
        distributions = {machine["distribution"] for machine in kickstarted(plan, names)}
        indexes = _tree_indexes.read(self, distributions, root, task_vars)
        found = selections_found(plan, _Machines(task_vars, self._loader), common, indexes, names)
        if found and check.IMPORT_ERROR:
            return _said([{"address": "site_profiles", "message": _UNCHECKED}])
        return _said(named(plan, _package_mistakes(found, indexes)))


def _package_mistakes(found: t.Sequence[Installing], indexes: Record) -> dict[tuple[str, str], list[str]]:
    """The machines that a mistake is about, by (address, message)."""
    mistakes: dict[tuple[str, str], list[str]] = {}
    for each, problems in zip(found, _problems(found, indexes)):
        for mistake in answers_packages.mistakes(each.selection, each.profile, each.layers, problems):
            mistakes.setdefault(mistake, []).extend(each.machines)
    return mistakes


def _problems(found: t.Sequence[Installing], indexes: Record) -> list[list[Record]]:
    """What kickstart_validate says of each."""
    if not found:
        return []
    kickstarts = [
        {
            # Not only for people here.
            "name": str(number),
            "content": each.selection.text,
            **{key: getattr(each.selection, key) for key in ("distribution", "version", "urls")},
            "disks": [],
        }
        for number, each in enumerate(found)
    ]
    checked = validation.for_machines(kickstarts, indexes)
    problems: list[list[Record]] = [[] for _each in found]
    for problem in checked["problems"]:
        problems[int(problem["kickstart"])].append(problem)
    return problems


def _said(mistakes: list[dict[str, str]]) -> Record:
    """What the module returns."""
    lines = PlanError(mistakes).lines if mistakes else []
    return {"changed": False, "mistakes": mistakes, "lines": lines, "unchecked": [], "disks": {}}


class _Machines(t.Mapping[str, Lazy]):
    """The variables of each machine, made when they are asked for."""

    def __init__(self, task_vars: dict[str, t.Any], loader: t.Any) -> None:
        self._task_vars = task_vars
        self._loader = loader

    def __getitem__(self, name: str) -> Lazy:
        variables = variables_of(name, self._task_vars)
        return Lazy(variables, Evaluation(variables, self._loader))

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._task_vars["hostvars"])

    def __len__(self) -> int:
        return len(self._task_vars["hostvars"])


def _known(variables: Lazy, name: str) -> t.Any:
    """A variable of the host that the task is about; nothing if it cannot be evaluated as a whole."""
    try:
        return variables[name]
    except (KeyError, PxeError):
        return {}
