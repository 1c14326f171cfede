# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Modules whose arguments hold secrets."""

from __future__ import annotations

import typing as t


def execute(
    action: t.Any, name: str, arguments: dict[str, t.Any], task_vars: dict[str, t.Any]
) -> dict[str, t.Any]:
    """Run a module of which no log says what it was told.

    An option's own ``no_log`` does not do for the system's log, where a text with line breaks in a list is not found.

    :arg action: the action plugin that does so
    """
    task = action._task
    task.no_log, before = True, task.no_log
    try:
        reply = action._execute_module(module_name=name, module_args=arguments, task_vars=task_vars)
    finally:
        task.no_log = before
    reply.pop("invocation", None)
    reply.pop("_ansible_no_log", None)
    return t.cast("dict[str, t.Any]", reply)
