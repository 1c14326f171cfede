# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The house's own rules: who may import whom, how long files and functions may be, and what roles may know."""

from __future__ import annotations

import ast
import pathlib
import re
import statistics
import typing as t

import jinja2.nodes
import pytest
from ansible.parsing.dataloader import DataLoader

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
    return [inside.partition(".")[0]] if inside else [alias.name for alias in node.names]


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


# Roles: each knows its own variables; playbooks and the role site are the wiring.

MOST_FILTERS = 3
# Expressions of tasks and variables, and not of templates, where a line of output may need more.
EXPRESSIONS = (
    "roles/*/tasks/*.yml",
    "roles/*/handlers/*.yml",
    "roles/*/vars/*.yml",
    "roles/*/defaults/*.yml",
    "playbooks/**/*.yml",
)
# Keys whose text is an expression without braces.
CONDITIONS = frozenset(("when", "that", "until", "failed_when", "changed_when"))
# What a role is made of but its documentation (README.md, meta/), which may say what it is used with.
OWN_FILES = ("tasks", "handlers", "templates", "files", "defaults", "vars")
WIRING = "site"
# What names variables that it cannot know.
STRANGERS = {
    # On the machine's screen, to people who have nothing else to go by: it says what the owner of the site must write.
    "roles/answers/templates/guard/disks.sh.j2": {"site_unknown_machines"},
}


def texts(value: t.Any, key: str = "") -> t.Iterator[tuple[str, str]]:
    """All texts of a YAML file, each with the key that it belongs to."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, key)
    elif isinstance(value, str):
        yield key, value


def expressions(node: jinja2.nodes.Node) -> t.Iterator[jinja2.nodes.Expr]:
    """The outermost expressions of a template: what stands between braces, and in statements."""
    for child in node.iter_child_nodes():
        if isinstance(child, jinja2.nodes.Expr):
            yield child
        else:
            yield from expressions(child)


def filters_of(key: str, text: str) -> list[int]:
    """How many filters each expression of a text has; ``default`` and ``list`` are filters, too."""
    if key in CONDITIONS and not re.search(r"\{[{%]", text):
        text = f"{{{{ {text} }}}}"
    # As Ansible reads them: a backslash is one, and escapes nothing.
    tree = jinja2.Environment(extensions=["jinja2.ext.do"]).parse(text.replace("\\", "\\\\"))
    return [
        len(list(jinja2.nodes.Output([each]).find_all(jinja2.nodes.Filter))) for each in expressions(tree)
    ]


@pytest.mark.parametrize(
    ("key", "text", "wanted"),
    [
        ("msg", "plain | text", [0]),
        ("msg", "{{ a | b | c }} and {{ d[e | f] }}", [2, 0, 1]),
        ("msg", "{{ (a | b) + c | d(e | f) if g | h else '{{ | }}' }}", [4]),
        ("msg", "{% for a in b | c %}{{ a | d }}{% endfor %}", [0, 1, 1]),
        ("when", "a | b | length > 0", [2]),
        ("that", "{{ a | b }}", [1]),
    ],
)
def test_filters_are_counted(key: str, text: str, wanted: list[int]) -> None:
    assert sorted(filters_of(key, text)) == sorted(wanted)


def test_expressions_are_short() -> None:
    """Who needs more writes a filter with documentation, or names the first half."""
    found: dict[str, list[str]] = {}
    for path in (path for pattern in EXPRESSIONS for path in sorted(ROOT.glob(pattern))):
        for key, text in texts(DataLoader().load(path.read_text(), str(path))):
            if max(filters_of(key, text), default=0) > MOST_FILTERS:
                found.setdefault(str(path.relative_to(ROOT)), []).append(text)
    assert found == {}


def test_roles_name_no_variable_of_others() -> None:
    roles = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()}
    found: dict[str, set[str]] = {}
    for role in sorted(roles - {WIRING}):
        others = "|".join(sorted(roles - {role}))
        strange = re.compile(rf"(?<!\w)(?:__)?((?:{others})_[a-z]\w*)")
        for path in (path for part in OWN_FILES for path in (ROOT / "roles" / role / part).rglob("*")):
            if path.is_file():
                names = set(strange.findall(path.read_text()))
                found |= {str(path.relative_to(ROOT)): names} if names else {}
    assert found == STRANGERS
