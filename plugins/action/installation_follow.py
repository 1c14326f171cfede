# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.progress import Follower, duration

display = Display()


class ActionModule(ActionBase):
    """Asks the server again and again, from the control node, and says what is new."""

    _supports_check_mode = True
    # The server is asked through its own module, and the waiting is done here.
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(
            {
                "root": {"type": "path", "default": "/srv/pxe"},
                "machines": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": {
                        "name": {"type": "str", "required": True},
                        "address": {"type": "str", "required": True},
                        "ssh_address": {"type": "str"},
                    },
                },
                "time_limit": {"type": "int", "default": 5400},
                "interval": {"type": "int", "default": 10},
                "heartbeat": {"type": "int", "default": 600},
                "ssh": {"type": "bool", "default": True},
                "log_lines": {"type": "int", "default": 20},
            }
        )
        if self._task.check_mode:
            return {**result, "changed": False, "skipped": True, "msg": "nothing is installed in check mode"}
        follower = self._follow(args, task_vars)
        entries = follower.results(time.time())
        self._add_logs(entries, args, task_vars)
        unfinished = [entry["machine"] for entry in entries if not entry["finished"]]
        return {**result, "changed": False, "installations": entries, "unfinished": unfinished}

    def _follow(self, args: dict[str, t.Any], task_vars: dict[str, t.Any] | None) -> Follower:
        start = time.time()
        follower = Follower(args["machines"], start, args["ssh"], args["heartbeat"])
        lost = 0.0
        names = ", ".join(follower.machines)
        display.display(f"\nFollowing {names}. They install by themselves: to stop here does not stop them.")
        while follower.waiting:
            found = self._ask(args, task_vars, ssh=args["ssh"])
            now = time.time()
            if found is None and not lost:
                lost = now
                display.display("The server does not answer; the machines go on without it. Still trying.")
            elif found is not None:
                if lost:
                    display.display(f"The server answers again, after {duration(now - lost)}.")
                lost = 0.0
                for line in follower.update(found, now):
                    display.display(line)
            if not follower.waiting:
                break
            if now - start >= args["time_limit"]:
                display.display(f"{duration(args['time_limit'])} are over: no longer waiting.")
                break
            time.sleep(max(0.2, min(args["interval"], start + args["time_limit"] - now)))
        return follower

    def _ask(
        self, args: dict[str, t.Any], task_vars: dict[str, t.Any] | None, **more: t.Any
    ) -> list[dict[str, t.Any]] | None:
        """What the server knows; ``None`` when it cannot be reached.

        :raises AnsibleActionFail: it can be reached, but the question makes no sense to it.
        """
        arguments = {"root": args["root"], "machines": args["machines"], **more}
        try:
            reply = self._execute_module(
                module_name="netinstall.pxe.installations_info", module_args=arguments, task_vars=task_vars
            )
        except AnsibleConnectionFailure:
            self._forget_connection()
            return None
        if reply.get("unreachable"):
            self._forget_connection()
            return None
        if reply.get("failed"):
            raise AnsibleActionFail(f"cannot follow the installations: {reply.get('msg')}")
        return t.cast("list[dict[str, t.Any]]", reply["installations"])

    def _forget_connection(self) -> None:
        """A kept connection to a server that was restarted never comes back."""
        try:
            self._connection.reset()
        except (AnsibleError, AttributeError, OSError):
            return

    def _add_logs(
        self, entries: list[dict[str, t.Any]], args: dict[str, t.Any], task_vars: dict[str, t.Any] | None
    ) -> None:
        """The ends of the logs of those that did not finish."""
        if all(entry["finished"] for entry in entries):
            return
        found = self._ask(args, task_vars, log_lines=args["log_lines"]) or []
        tails = {item["machine"]: item for item in found}
        for entry in entries:
            news = tails.get(entry["machine"])
            if not entry["finished"] and news:
                entry.update(log=news["log"], log_tail=news["log_tail"])
