# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.masking import mask_machines, mask_site
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _inventory, _search


class ActionModule(ActionBase):
    """Hands the module a description without its secrets, and evaluates no more of it than the plan needs.

    Before ansible-core 2.19, an argument of a task is evaluated with all that is in it: answers that only a machine can
    evaluate would fail every plan, and Ansible's message would quote all the others.
    """

    _supports_check_mode = True
    # The module runs where the task says.
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if "site" not in arguments:
            variables = _search.searching(task_vars or {})
            inventory = _inventory.Inventory(variables, self._loader)
            group = str(arguments.get("group") or "pxe_machines")
            arguments["site"] = inventory.site()
            arguments.setdefault("machines", inventory.machines(group))
            arguments.setdefault("servers", inventory.servers())
            arguments.setdefault("search", _search.folders(variables))
            if inventory.mistakes:
                error = PlanError(inventory.mistakes)
                return {
                    **result,
                    "failed": True,
                    "msg": str(error),
                    "mistakes": error.mistakes,
                    "lines": error.lines,
                }
        if isinstance(arguments["site"], dict):
            arguments["site"] = mask_site(arguments["site"])
        if isinstance(arguments.get("machines"), list):
            arguments["machines"] = mask_machines(arguments["machines"])
        reply = self._execute_module(module_args=arguments, task_vars=task_vars)
        return {**result, **reply}
