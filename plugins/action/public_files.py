# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import files_below
from ansible_collections.netinstall.pxe.plugins.module_utils._text import own_files
from ansible_collections.netinstall.pxe.plugins.modules.public_files import digest
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _search


class ActionModule(ActionBase):
    """Sends the host those files of the control node that it lacks, and no others."""

    TRANSFERS_FILES = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if not arguments.get("folder") or arguments.get("state") == "absent":
            return {**result, **self._execute_module(module_args=arguments, task_vars=task_vars)}
        try:
            folder = self._found(str(arguments["folder"]), arguments.get("search") or [], task_vars or {})
            manifest = [
                {"name": name, "sha256": digest(os.path.join(folder, name))} for name in files_below(folder)
            ]
        except PxeError as exc:
            return {**result, "failed": True, "msg": str(exc)}
        arguments["manifest"] = manifest
        reply = self._look(arguments, task_vars)
        if reply.get("failed") or not reply.get("changed") or self._task.check_mode:
            return {**result, **reply}
        self._stage(folder, manifest, {*reply["created"], *reply["replaced"]})
        return {**result, **self._execute_module(module_args=arguments, task_vars=task_vars)}

    def _look(self, arguments: dict[str, t.Any], task_vars: t.Any) -> dict[str, t.Any]:
        """What would be changed."""
        self._task.check_mode, before = True, self._task.check_mode
        try:
            return t.cast(
                "dict[str, t.Any]", self._execute_module(module_args=arguments, task_vars=task_vars)
            )
        finally:
            self._task.check_mode = before

    def _found(self, folder: str, search: t.Sequence[str], task_vars: dict[str, t.Any]) -> str:
        """The folder's path.

        :raises PxeError: there is none.
        """
        try:
            found = own_files.find(folder, search or _search.folders(task_vars), also_folders=True)
        except PxeError as exc:
            raise PxeError(f"folder: {exc}") from exc
        if not os.path.isdir(found):
            raise PxeError(f"folder: {found} on the control node is not a folder")
        _refuse_the_site_itself(found, task_vars)
        return found

    def _stage(self, folder: str, manifest: list[dict[str, t.Any]], names: set[str]) -> None:
        """Send files into the host's temporary folder for this task, and say where they are."""
        place = self._connection._shell.tmpdir
        staged = []
        for number, one in enumerate(manifest):
            if one["name"] in names:
                one["staged"] = self._connection._shell.join_path(place, f"file-{number}")
                self._transfer_file(os.path.join(folder, one["name"]), one["staged"])
                staged.append(one["staged"])
        self._fixup_perms2([place, *staged])


def _refuse_the_site_itself(folder: str, task_vars: dict[str, t.Any]) -> None:
    """Variables with passwords lie beside inventory and playbook.

    :raises PxeError: one of them is in the folder.
    """
    for name in ("inventory_dir", "playbook_dir"):
        place = task_vars.get(name)
        if place and os.path.join(os.path.realpath(place), "").startswith(
            os.path.join(os.path.realpath(folder), "")
        ):
            raise PxeError(
                f"folder: {folder} holds {place}, which may contain passwords; name a folder below that"
            )
