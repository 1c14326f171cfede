# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _vendors


class ActionModule(ActionBase):
    """Lets the host ask, and says who made the network cards that answered: the registry is on the control node."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        # Not only on the day that somebody answers.
        _vendors.require()
        reply = self._execute_module(task_vars=task_vars)
        for server in reply.get("servers", []):
            server["vendor"] = _vendors.vendor_of(server["mac"])
        return {**result, **reply}
