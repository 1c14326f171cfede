# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.netinstall.pxe.plugins.filter.answers_found import answers_found
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _search, _unlogged
from ansible_collections.netinstall.pxe.plugins.plugin_utils._inventory import variables_of
from ansible_collections.netinstall.pxe.plugins.plugin_utils._per_machine import Evaluation, Lazy


class ActionModule(ActionBase):
    """Evaluates the answers of each machine with its own variables, and has the module check what is found."""

    _supports_check_mode = True
    # The module runs where the task says.
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        plan, names = arguments.pop("plan", None), arguments.pop("names", None)
        if plan:
            variables = _search.searching(task_vars or {})
            common = Lazy(variables, Evaluation(variables, self._loader))
            arguments["found"] = answers_found(
                plan,
                _Machines(variables, self._loader),
                _known(common, "site_profiles"),
                _known(common, "site_answers"),
                names or None,
                _search.folders(variables),
            )
        reply = _unlogged.execute(self, "netinstall.pxe.answers_info", arguments, task_vars or {})
        return {**result, **reply}


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
