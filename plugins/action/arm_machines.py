# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import secrets
import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.compose import compose
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.plugin_utils import (
    _answer_checks,
    _answer_files,
    _per_machine,
    _search,
    _site_links,
    _unlogged,
)

Record = dict[str, t.Any]

_SPECIFICATION: Record = {
    **_answer_files.OPTIONS,
    "machines": {"type": "list", "elements": "str", "required": True},
    "only_check": {"type": "bool", "default": False},
    "plain": {"type": "bool", "default": False},
    "machine_answers": {"type": "str", "default": "machine_answers"},
    "lifetime": {"type": "int", "default": 21600},
    "by": {"type": "str", "default": ""},
}
_PLAIN = ("machine", "mac", "address", "token", "profile", "disk", "install_arguments")
_ARMED = (*_PLAIN, "family", "answer", "files")


class _Run:
    """What one task has prepared: for the first server of its loop, and used for the others.

    One process runs all rounds of a loop. Answer files hold secrets: kept here, they are in no result and in no file.
    """

    def __init__(self, task: str) -> None:
        self.task = task
        self.installations: list[Record] | None = None
        self.refused = False


_run = _Run("")


class ActionModule(ActionBase):
    """Renders and checks the answer files of all machines, then hands those of one web server to its module."""

    _supports_check_mode = True
    # The answer files are made here, and published by a module.
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: Record | None = None) -> Record:
        global _run
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(_SPECIFICATION)
        if _run.task != self._task._uuid:
            _run = _Run(self._task._uuid)
        if _run.refused:
            return {**result, "skipped": True, "msg": "No machine was armed, because of the mistakes above."}
        # Until it is known that all went well, also if the server cannot be reached.
        _run.refused = True
        try:
            if _run.installations is None:
                _run.installations = self._prepare(args, _search.searching(task_vars or {}))
            reply = self._arm(args, _run.installations, task_vars or {})
        except PxeError as exc:
            return {
                **result,
                "failed": True,
                "machines": [],
                "msg": f"No machine was armed. {_answer_checks.sentences(str(exc))}",
            }
        _run.refused = bool(reply.get("failed") or reply.get("unreachable"))
        if not self._task.diff:
            # Thousands of entries that nobody asked for.
            reply.pop("diff", None)
        return {**result, **reply}

    # What is known of all machines, before any of them is armed

    def _prepare(self, args: Record, task_vars: Record) -> list[Record]:
        """All installations with their answer files.

        :raises PxeError: all mistakes of all machines. It shows no secrets.
        """
        hosts = _per_machine.Hosts(self._task, task_vars)
        variables = {name: hosts.variables(name) for name in args["machines"]}
        acting = task_vars["inventory_hostname"]
        answers, mistakes = _answer_files.evaluate(hosts, variables, args, acting, self._loader)
        installations, refused = compose(args["plan"], answers, lambda: secrets.token_hex(16))
        mistakes += refused
        search = args["search"] or _search.folders(task_vars)
        mistakes += _answer_files.render(self._loader, installations, variables, search)
        rendered = [item for item in installations if "answer" in item]
        mistakes += _answer_checks.file_mistakes(rendered)
        mistakes += _answer_checks.text_mistakes(self, rendered, args["root"], task_vars)
        mistakes += _site_links.url_mistakes(self, rendered, args, task_vars)
        if args["plain"]:
            mistakes += _answer_checks.never_ended(_loading_pxelinux(args["plan"], rendered))
        if mistakes:
            raise PxeError("\n".join(mistakes))
        return installations

    # What is done on one web server

    def _arm(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        names = {
            machine["name"]
            for machine in args["plan"]["machines"]
            if (machine.get("http_server") or "") == args["server"]
        }
        mine = [item for item in installations if item["machine"] in names]
        urls = plan_of(args["plan"], args["server"])["urls"]
        arguments = {
            "root": args["root"],
            "urls": {name: urls[name] for name in ("boot", "answers", "events")},
            "lifetime": args["lifetime"],
            "by": args["by"] or None,
            "owner": args["owner"] or None,
            "group": args["group"] or None,
            "installations": [{key: item[key] for key in _ARMED} for item in mine],
        }
        if args["only_check"]:
            self._task.check_mode = True
        if args["plain"]:
            # What only that module knows must not fail when others are armed already.
            refused = self._ask_plain(args, mine, task_vars)
            if refused.get("failed") or refused.get("unreachable"):
                return {**refused, "machines": []}
        reply = self._module("netinstall.pxe.arming", arguments, task_vars)
        if args["plain"] and not reply.get("failed"):
            reply = _joined(reply, self._arm_plain(args, mine, task_vars))
            if reply.get("failed"):
                self._take_back(args, mine, task_vars)
        if args["only_check"] and not reply.get("failed"):
            return {"changed": False}
        return reply

    def _ask_plain(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        """Whether machines without iPXE could be armed."""
        self._task.check_mode, before = True, self._task.check_mode
        try:
            return self._arm_plain(args, installations, task_vars)
        finally:
            self._task.check_mode = before

    def _arm_plain(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        """Machines that load pxelinux by TFTP. Until when they may be installed, arming has recorded."""
        mine = _loading_pxelinux(args["plan"], installations)
        arguments = {
            "root": args["root"],
            "installations": [{key: item[key] for key in _PLAIN} for item in mine],
        }
        return self._module("netinstall.pxe.pxelinux_arming", arguments, task_vars)

    def _take_back(self, args: Record, installations: list[Record], task_vars: Record) -> None:
        """Machines must not be installed after it was said that arming failed."""
        arguments = {
            "root": args["root"],
            "state": "absent",
            "installations": [{key: item[key] for key in ("machine", "address")} for item in installations],
        }
        self._module("netinstall.pxe.arming", arguments, task_vars)

    def _module(self, name: str, arguments: Record, task_vars: Record) -> Record:
        return _unlogged.execute(self, name, arguments, task_vars)


def _joined(one: Record, other: Record) -> Record:
    """The results of two modules as one."""
    return {
        **one,
        **{key: other[key] for key in ("failed", "msg") if key in other},
        "changed": bool(one.get("changed") or other.get("changed")),
        "diff": [*(one.get("diff") or []), *(other.get("diff") or [])],
    }


def _loading_pxelinux(plan: Record, installations: t.Iterable[Record]) -> list[Record]:
    """Those of machines whose firmware may load pxelinux, without iPXE."""
    return [
        item
        for item in installations
        if _firmware.may_load(plan["clients"], _firmware.PXELINUX, item["firmware"])
    ]
