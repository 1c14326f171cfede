# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's defaults and its argument specs tell the same story, and each role is named and described."""

from __future__ import annotations

import pathlib
import typing as t

import pytest
import yaml

ROLES = sorted(path.parent for path in pathlib.Path(__file__).resolve().parents[3].glob("roles/*/tasks"))

pytestmark = pytest.mark.skipif(not ROLES, reason="there is no role yet")


def load(path: pathlib.Path) -> dict[str, t.Any]:
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def entry_points(role: pathlib.Path) -> dict[str, dict[str, t.Any]]:
    return load(role / "meta" / "argument_specs.yml").get("argument_specs", {})


def options_of(role: pathlib.Path) -> dict[str, dict[str, t.Any]]:
    """All options of a role, whatever their entry point."""
    return {
        name: option
        for spec in entry_points(role).values()
        for name, option in (spec.get("options") or {}).items()
    }


def walk(options: dict[str, t.Any], path: str = "") -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """Every option and suboption with its path."""
    for name, option in options.items():
        yield f"{path}{name}", option
        yield from walk(option.get("options") or {}, f"{path}{name}.")


@pytest.fixture(params=ROLES, ids=lambda role: role.name)
def role(request: pytest.FixtureRequest) -> pathlib.Path:
    return t.cast("pathlib.Path", request.param)


def test_each_entry_point_is_described(role: pathlib.Path) -> None:
    specs = entry_points(role)
    assert "main" in specs
    assert [
        name
        for name, spec in specs.items()
        if not (spec.get("short_description") and spec.get("description"))
    ] == []


def test_each_entry_point_is_a_task_file(role: pathlib.Path) -> None:
    assert [name for name in entry_points(role) if not (role / "tasks" / f"{name}.yml").exists()] == []


def test_defaults_and_specs_have_the_same_names(role: pathlib.Path) -> None:
    """An option that must be given has no default; each other one has, in defaults/main.yml."""
    options = options_of(role)
    wanted = {name for name, option in options.items() if not option.get("required")}
    assert set(load(role / "defaults" / "main.yml")) == wanted


def test_names_begin_with_the_role(role: pathlib.Path) -> None:
    assert [name for name in options_of(role) if not name.startswith(f"{role.name}_")] == []


def test_each_option_is_typed_and_described(role: pathlib.Path) -> None:
    lacking = {
        path: lack
        for path, option in walk(options_of(role))
        if (lack := [key for key in ("type", "description") if not option.get(key)])
    }
    assert lacking == {}


def test_each_list_says_of_what(role: pathlib.Path) -> None:
    options = walk(options_of(role))
    assert [
        path for path, option in options if option.get("type") == "list" and not option.get("elements")
    ] == []


def test_a_default_in_the_specs_is_the_one_in_the_defaults(role: pathlib.Path) -> None:
    defaults = load(role / "defaults" / "main.yml")
    differing = {
        name: (option["default"], defaults[name])
        for name, option in options_of(role).items()
        if "default" in option and name in defaults and option["default"] != defaults[name]
    }
    assert differing == {}


def test_an_option_means_the_same_at_each_entry_point(role: pathlib.Path) -> None:
    seen: dict[str, str] = {}
    for spec in entry_points(role).values():
        for name, option in (spec.get("options") or {}).items():
            assert seen.setdefault(name, option.get("type")) == option.get("type"), name
