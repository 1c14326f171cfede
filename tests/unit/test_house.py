# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The house's own rules: who may import whom, and how long files and functions may be."""

from __future__ import annotations

import ast
import pathlib
import statistics
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
UTILS = ROOT / "plugins" / "module_utils"
PREFIX = "ansible_collections.netinstall.pxe.plugins.module_utils"
# Each imports from those before it only, and from itself.
FLOORS = (
    "_errors",
    "_files",
    "_firmware",
    "_text",
    "_kickstart",
    "_preseed",
    "_net",
    "_families",
    "_plan",
    "_boot",
    "_media",
    "_tree",
    "_arming",
)
LONGEST_FILE = 450
LONGEST_FUNCTION = 40
LONGEST_MEDIAN = 8


def sources() -> list[pathlib.Path]:
    return sorted(path for path in (ROOT / "plugins").rglob("*.py"))


def packages_of(node: ast.AST) -> list[str]:
    """The packages of module_utils that an import names."""
    if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(PREFIX):
        return []
    inside = str(node.module)[len(PREFIX) + 1 :]
    return [inside.split(".")[0]] if inside else [alias.name for alias in node.names]


def test_packages_import_downwards_only() -> None:
    upwards = []
    for path in sorted(UTILS.rglob("*.py")):
        own = path.relative_to(UTILS).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            upwards += [
                f"{path.relative_to(ROOT)}:{t.cast(t.Any, node).lineno}: {name}"
                for name in packages_of(node)
                if FLOORS.index(name) > FLOORS.index(own)
            ]
    assert upwards == []


def test_nothing_lies_beside_the_packages() -> None:
    names = {path.name.removesuffix(".py") for path in UTILS.iterdir() if path.name.startswith("_")}
    assert names - {"__pycache__"} == set(FLOORS)


def test_files_are_short() -> None:
    found = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {path: lines for path, lines in found.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths: dict[str, int] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                name = f"{path.relative_to(ROOT)} {node.name}"
                lengths[name] = max(lengths.get(name, 0), node.end_lineno - node.lineno + 1)
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert statistics.median(lengths.values()) <= LONGEST_MEDIAN
