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
# Not yet: what is too long, and how long. These lists only become shorter.
LONG_FILES = {
    "plugins/action/arm_machines.py": 524,
    "plugins/module_utils/_arming/installation.py": 646,
    "plugins/module_utils/_boot/ipxe.py": 1084,
    "plugins/module_utils/_boot/pxelinux.py": 1410,
    "plugins/module_utils/_families/redhat.py": 494,
    "plugins/module_utils/_files.py": 705,
    "plugins/module_utils/_kickstart/check.py": 760,
    "plugins/module_utils/_media/iso.py": 581,
    "plugins/module_utils/_media/mounts.py": 481,
    "plugins/module_utils/_plan/compile.py": 714,
    "plugins/module_utils/_tree/repodata.py": 617,
    "plugins/modules/arming.py": 595,
    "plugins/modules/boot_files.py": 642,
    "plugins/modules/install_tree.py": 796,
    "plugins/modules/installations_info.py": 587,
    "plugins/modules/kickstart_validate.py": 550,
    "plugins/modules/netboot_tree.py": 491,
    "plugins/modules/offers.py": 538,
}
LONG_FUNCTIONS = {
    "plugins/module_utils/_arming/installation.py compose_offer": 46,
    "plugins/module_utils/_boot/ipxe.py menu_script": 69,
    "plugins/module_utils/_boot/ipxe.py offer_script": 48,
    "plugins/module_utils/_boot/ipxe.py profile_script": 41,
    "plugins/module_utils/_boot/ipxe.py armed_script": 86,
    "plugins/module_utils/_boot/pxelinux.py menu_text": 46,
    "plugins/module_utils/_plan/compile.py compile_plan": 77,
    "plugins/module_utils/_plan/menu.py read_menu": 44,
    "plugins/module_utils/_plan/unknown.py read_unknown": 47,
    "plugins/modules/arming.py main": 49,
    "plugins/modules/installations_info.py main": 45,
    "plugins/modules/netboot_tree.py ask": 47,
    "plugins/modules/offers.py main": 53,
    "plugins/modules/pxelinux_arming.py main": 41,
}


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
    long = {path: lines for path, lines in found.items() if lines > LONGEST_FILE}
    assert long.keys() <= LONG_FILES.keys()
    assert [path for path, lines in long.items() if lines > LONG_FILES[path]] == []
    assert LONG_FILES.keys() <= long.keys(), "is short now: take it out of LONG_FILES"


def test_functions_are_short() -> None:
    lengths: dict[str, int] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                name = f"{path.relative_to(ROOT)} {node.name}"
                lengths[name] = max(lengths.get(name, 0), node.end_lineno - node.lineno + 1)
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}
    assert long.keys() <= LONG_FUNCTIONS.keys()
    assert [name for name, lines in long.items() if lines > LONG_FUNCTIONS[name]] == []
    assert LONG_FUNCTIONS.keys() <= long.keys(), "is short now: take it out of LONG_FUNCTIONS"
    assert statistics.median(lengths.values()) <= LONGEST_MEDIAN
