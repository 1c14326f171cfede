# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_text import unguarded
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.compose import compose_offer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.offers import start_text
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers as _offers
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.plugin_utils import (
    _answer_checks,
    _answer_files,
    _per_machine,
    _search,
    _site_links,
    _unlogged,
)

display = Display()

Record = dict[str, t.Any]

_SPECIFICATION: Record = {
    **_answer_files.OPTIONS,
    "known": {"type": "list", "elements": "dict", "default": []},
}
# What the server is called, which nobody means in answers for other machines.
_NOT_THEIRS = ("inventory_hostname", "inventory_hostname_short")


class ActionModule(ActionBase):
    """Renders and checks the answer files for machines that nobody described, and hands them to their module.

    They are made as those of armed machines are, for a machine that does not exist. Its variables are those of the web
    server, for there is nobody else who has any.
    """

    _supports_check_mode = True
    # The answer files are made here, and published by a module.
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: Record | None = None) -> Record:
        result = super().run(tmp, task_vars)
        _checked, args = self.validate_argument_spec(_SPECIFICATION)
        variables = _search.searching(task_vars or {})
        try:
            installations = self._installations(args, variables)
            reply = self._publish(args, installations, variables)
        except PxeError as exc:
            return {
                **result,
                "failed": True,
                "msg": f"No profile was offered. {_answer_checks.sentences(str(exc))}",
            }
        offered = {item["profile"]: _for_loaders(item) for item in installations}
        return {**result, **reply, "offered": offered}

    def _installations(self, args: Record, task_vars: Record) -> list[Record]:
        """The answer files of all offers of this server.

        :raises PxeError: all mistakes of all offers. It shows no secrets.
        """
        offers = (args["plan"].get("offers") or {}).get(args["server"]) or {}
        plan = plan_of(args["plan"], args["server"])
        installations: list[Record] = []
        mistakes: list[str] = []
        for name in [offer["name"] for offer in offers.get("profiles") or []]:
            try:
                installations.append(self._installation(plan, name, args, task_vars))
            except PxeError as exc:
                mistakes += [f"{_called(name)}: {line}" for line in str(exc).split("\n")]
        mistakes += self._mistakes(installations, args, task_vars)
        if mistakes:
            raise PxeError("\n".join(mistakes))
        return installations

    def _installation(self, plan: Record, profile: str, args: Record, task_vars: Record) -> Record:
        hosts = _per_machine.Hosts(self._task, task_vars)
        variables = {
            name: value
            for name, value in hosts.variables(task_vars["inventory_hostname"]).items()
            if name not in _NOT_THEIRS
        }
        evaluation = _per_machine.Evaluation(variables, self._loader)
        answers = _answer_files.answers_of(evaluation, profile, {**args, "machine_answers": ""})
        if evaluation.mistakes:
            raise PxeError("\n".join(evaluation.mistakes))
        installation = compose_offer(plan, profile, answers)
        search = args["search"] or _search.folders(task_vars)
        mistakes = _answer_files.render(
            self._loader, [installation], {installation["machine"]: variables}, search
        )
        if mistakes:
            raise PxeError("\n".join(line.partition(": ")[2] for line in mistakes))
        return installation

    def _mistakes(self, installations: list[Record], args: Record, task_vars: Record) -> list[str]:
        """What the installer would refuse, or do to a machine of which it knows nothing."""
        named = [{**item, "machine": _called(item["profile"])} for item in installations]
        found = list(_answer_checks.file_mistakes(named))
        found += [_unguarded(item) for item in named if unguarded(item)]
        found += _answer_checks.text_mistakes(self, named, args["root"], task_vars)
        # In check mode nothing was published before.
        if not self._task.check_mode:
            # Boot files follow, for they say what is offered.
            found += _site_links.url_mistakes(self, named, args, task_vars, shown_later=("boot/",))
        for item in named:
            if item["events_url"] not in item["answer"]:
                display.warning(
                    f"{item['machine']}: its answer file reports nothing, so its end will not be known"
                )
        return found

    def _publish(self, args: Record, installations: list[Record], task_vars: Record) -> Record:
        described = args["plan"]["machines"] if installations else []
        arguments = {
            "root": args["root"],
            "owner": args["owner"] or None,
            "group": args["group"] or None,
            "offers": [
                {"profile": item["profile"], "files": _files(item), "disk": item["disk"]}
                for item in installations
            ],
            "policy": ((args["plan"].get("offers") or {}).get(args["server"]) or {}).get("policy", ""),
            "described": [{key: machine[key] for key in ("name", "mac")} for machine in described],
            "known": args["known"] if installations else [],
        }
        return _unlogged.execute(self, "netinstall.pxe.offers", arguments, task_vars)


def _called(profile: str) -> str:
    """How messages call an offer."""
    return f"{profile} for machines that nobody described"


def _unguarded(item: Record) -> str:
    return (
        f"{item['machine']}: its answer file does not check machine and disk before anything is written, so it is not "
        "offered; let it begin with {% extends 'kickstart.cfg.j2' %}, and keep its block before_partitioning"
    )


def _files(item: Record) -> dict[str, str]:
    """What is served of an offer."""
    answer_file = item["answer_url"].rpartition("/")[2]
    files = {**item["files"], answer_file: item["answer"]}
    if item["answer_format"] == "preseed":
        files[_offers.START_FILE] = start_text(item["offer"]["url"], answer_file)
    return files


def _for_loaders(item: Record) -> Record:
    """What boot files must know of an offer. It is not secret."""
    return {
        "arguments": item["install_arguments"],
        "disk": item["disk"],
        "overwrite": item["offer"]["overwrite"],
        "answer_file": item["answer_url"].rpartition("/")[2],
        "answer_format": item["answer_format"],
    }
