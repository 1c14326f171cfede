# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()

# So many slices without a byte, and the download has failed.
PATIENCE = 4
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def size(count: float) -> str:
    """``1.4 GiB``."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if unit == 0 else f"{count:.1f} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """``2 h 05 min``, ``3 min`` or ``40 s``."""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes else f"{round(seconds)} s"


def progress_line(name: str, received: int, total: int | None, rate: float) -> str:
    """Say how far a download is.

    :param rate: bytes a second.
    """
    words = f"{name}: {size(received)}"
    if total:
        words += f" of {size(total)} ({100 * received // total} %)"
    words += f", {size(rate)}/s"
    return f"{words}, about {duration((total - received) / rate)} left" if total and rate > 0 else words


class ActionModule(ActionBase):
    """Calls the module slice by slice, and tells the user in between."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        idle = 0
        while True:
            started = time.monotonic()
            part = self._execute_module(task_vars=task_vars)
            if part.get("failed") or part.get("finished", True) or self._task.check_mode:
                return {**result, **part}
            gain = part["received"] - part["resumed"]
            idle = 0 if gain > 0 else idle + 1
            if idle >= PATIENCE:
                return {**result, **part, "failed": True, "msg": self._stuck(part)}
            self._tell(part, gain / (time.monotonic() - started), task_vars or {})

    def _stuck(self, part: dict[str, t.Any]) -> str:
        return (
            f"{self._task.args.get('url')}: nothing more comes after {size(part['received'])}. "
            "Run again later; what has come is kept"
        )

    def _tell(self, part: dict[str, t.Any], rate: float, task_vars: dict[str, t.Any]) -> None:
        name = os.path.basename(str(self._task.args.get("path")))
        line = progress_line(name, part["received"], part["total"], rate)
        display.display(f"{task_vars.get('inventory_hostname', 'host')}: {line}")
