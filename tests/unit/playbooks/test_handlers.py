# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role notifies runs, whatever else a play does with the role."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.tests.unit.playbooks.conftest import PROJECT

Record = dict[str, t.Any]
IMPORT = "ansible.builtin.import_role"
PLAYS = [
    pytest.param(play, id=f"{path.stem}: {play['name']}")
    for path in sorted((PROJECT / "playbooks").glob("*.yml"))
    for play in yaml.safe_load(path.read_text(encoding="utf-8"))
    if "hosts" in play
]


def tasks_of(tasks: list[Record] | None) -> t.Iterator[Record]:
    for task in tasks or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_of(task.get(part))


def conditions(play: Record) -> dict[str, set[str]]:
    """Under which conditions a play has each role with handlers. Roles that are included come when they are wanted."""
    found: dict[str, set[str]] = {}
    for role in play.get("roles") or []:
        found.setdefault(role["role"], set()).add(str(role.get("when")))
    for part in ("pre_tasks", "tasks", "post_tasks"):
        for task in tasks_of(play.get(part)):
            if IMPORT in task:
                found.setdefault(task[IMPORT]["name"], set()).add(str(task.get("when")))
    return {name: when for name, when in found.items() if has_handlers(name)}


def has_handlers(role: str) -> bool:
    return pathlib.Path(PROJECT, "roles", role.rpartition(".")[2], "handlers/main.yml").exists()


@pytest.mark.parametrize("play", PLAYS)
def test_no_condition_hides_handlers(play: Record) -> None:
    """Of handlers of one name Ansible takes the last that was imported, with the condition of its import."""
    assert {name: when for name, when in conditions(play).items() if len(when) > 1} == {}
