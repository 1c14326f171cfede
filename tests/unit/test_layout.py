# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every piece of the collection has its tests, and they lie where one looks for them."""

from __future__ import annotations

import pathlib
import typing as t

import yaml
from ansible.parsing.dataloader import DataLoader

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
PLUGINS = CHECKOUT / "plugins"


def has_code(path: pathlib.Path) -> bool:
    return "def " in path.read_text(encoding="utf-8")


def test_each_plugin_with_code_has_unit_tests() -> None:
    """Modules are thin: their integration targets test them."""
    sources = [
        path.relative_to(CHECKOUT)
        for kind in ("module_utils", "filter", "lookup", "test", "action")
        for path in PLUGINS.glob(f"{kind}/**/*.py")
        if path.name != "__init__.py" and has_code(path)
    ]
    wanted = [f"tests/unit/{path.parent}/test_{path.name}" for path in sources]
    assert [path for path in wanted if not (CHECKOUT / path).exists()] == []


def test_each_module_has_an_integration_target() -> None:
    wanted = [
        f"tests/integration/targets/{path.stem}/tasks/main.yml"
        for path in sorted(PLUGINS.glob("modules/*.py"))
    ]
    assert [path for path in wanted if not (CHECKOUT / path).exists()] == []


def test_each_integration_target_has_aliases() -> None:
    """ansible-test refuses to run a target that says nothing about itself."""
    targets = sorted(path.parents[1] for path in CHECKOUT.glob("tests/integration/targets/*/tasks/main.yml"))
    assert [target.name for target in targets if not (target / "aliases").exists()] == []


def test_python_files_carry_the_licence() -> None:
    files = [path for path in PLUGINS.rglob("*.py") if path.stat().st_size]
    marker = "SPDX-License-Identifier: GPL-3.0-or-later"
    assert [str(path) for path in files if marker not in path.read_text(encoding="utf-8")] == []


def load(path: str) -> dict[str, t.Any]:
    return dict(yaml.safe_load((CHECKOUT / path).read_text(encoding="utf-8")))


def test_a_project_needs_what_the_collection_depends_on() -> None:
    """AWX and ansible-builder install other collections from lists of their own."""
    wanted = load("galaxy.yml")["dependencies"]
    lists = [
        load("collections/requirements.yml")["collections"],
        load("execution-environment.yml")["dependencies"]["galaxy"]["collections"],
    ]
    assert [{item["name"]: item["version"] for item in each} for each in lists] == [wanted, wanted]


def test_playbooks_at_the_root_find_the_collection_without_an_installation() -> None:
    link = CHECKOUT / "collections" / "ansible_collections" / "netinstall" / "pxe"
    assert link.is_symlink()
    assert link.resolve() == CHECKOUT


def test_the_project_is_not_part_of_the_collection() -> None:
    ignored = set(load("galaxy.yml")["build_ignore"])
    roots = {path.name for path in CHECKOUT.glob("*.yml")} - {"galaxy.yml"}
    assert roots | {"collections"} <= ignored


def _mappings(node: t.Any) -> t.Iterator[dict[str, t.Any]]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from _mappings(part)


def _names(target: pathlib.Path) -> tuple[set[str], set[str]]:
    """What a target's tasks leave on the host (registered or set), and what they have as variables of a task."""
    left: set[str] = set()
    own: set[str] = set()
    for path in target.glob("tasks/*.yml"):
        for task in _mappings(DataLoader().load_from_file(str(path))):
            left |= {task["register"]} if isinstance(task.get("register"), str) else set()
            left |= set(task.get("ansible.builtin.set_fact") or {})
            own |= set(task["vars"]) if isinstance(task.get("vars"), dict) else set()
    return left, own


def test_no_integration_target_hides_variables_of_another() -> None:
    """All targets run in one play, where what was registered takes precedence over a later task's variables."""
    targets = sorted(path.parent for path in CHECKOUT.glob("tests/integration/targets/*/tasks"))
    names = {target.name: _names(target) for target in targets}
    assert sum(len(left) for left, own in names.values()) > 100
    hidden = [
        f"{one} registers {name}, a variable of {other}"
        for one, (left, _own) in names.items()
        for other, (_left, own) in names.items()
        for name in sorted(left & own)
        if one != other and name != "cacheable"
    ]
    assert hidden == []
