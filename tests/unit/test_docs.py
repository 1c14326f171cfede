# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages for people: every link leads somewhere, and what they name exists."""

from __future__ import annotations

import ast
import functools
import pathlib
import re

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.machines import MACHINE_KEYS

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
PAGES = sorted(
    [
        *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")),
        *DOCS.glob("*.md"),
        *CHECKOUT.glob("examples/**/*.md"),
        *CHECKOUT.glob("roles/*/README.md"),
    ]
)


def prose(path: pathlib.Path) -> str:
    """A page without its code, in which neither headings nor links are meant."""
    text = re.sub(r"(?ms)^ *```.*?^ *```$", "", path.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", lambda code: re.sub(r"[\[\]()]", "", code[0]), text)


@functools.cache
def anchors(path: pathlib.Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"(?m)^#+ (.*)$", prose(path))
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def links(path: pathlib.Path) -> list[str]:
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(path))


def is_broken(page: pathlib.Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    name, _hash, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return not target.exists() or (anchor != "" and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: pathlib.Path) -> None:
    assert [link for link in links(page) if is_broken(page, link)] == []


def test_the_contents_page_leads_to_every_page() -> None:
    wanted = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert wanted - set(links(DOCS / "README.md")) == set()


def mentions(path: pathlib.Path) -> list[str]:
    """Pages that a file mentions, such as a message does."""
    try:
        return re.findall(r"\bdocs/[\w-]+\.md\b", path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return []


def test_pages_that_other_files_mention_exist() -> None:
    folders = ("changelogs", "examples", "group_vars", "playbooks", "plugins", "roles", "tests")
    files = [path for folder in folders for path in (CHECKOUT / folder).rglob("*") if path.is_file()]
    named = {(path, page) for path in [*files, *PAGES] for page in mentions(path)}
    assert len(named) > 3
    assert [(str(path), page) for path, page in named if not (CHECKOUT / page).exists()] == []


# CONTRIBUTING.md

CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WALKS = re.findall(
    r"(?ms)^\*\*(A[^*]*)\*\*.*?^\|---.*?\n(.*?)(?=^$)", CONTRIBUTING.partition("## Three walks")[2]
)


@pytest.mark.parametrize(("walk", "rows"), WALKS, ids=[walk for walk, _rows in WALKS])
def test_a_walk_leads_through_code(walk: str, rows: str) -> None:
    steps = re.findall(r"(?m)^\| `([^`]*)` \| `([^`]*)` \|", rows)
    assert 1 < len(steps) == len(rows.splitlines()) <= 5
    for path, name in steps:
        text = (CHECKOUT / path).read_text(encoding="utf-8")
        assert (f"def {name}(" if path.endswith(".py") else name) in text, f"{path} has no {name}"


def test_three_things_are_walked() -> None:
    assert len(WALKS) == 3


def test_what_contributing_names_is_there() -> None:
    names = [name for name in re.findall(r"`([\w./*-]+/[\w./*-]*)`", CONTRIBUTING) if name != "needs/vm"]
    assert len(names) > 30
    folders = (CHECKOUT, CHECKOUT / "plugins" / "module_utils")
    there = {name for name in names for folder in folders if any(folder.glob(name.rstrip("/")))}
    assert [name for name in names if name not in there] == []


#: What works on text alone, though it is called ``os``.
TEXT_ALONE = re.compile(
    r"os\.path\.(abspath|basename|dirname|expanduser|isabs|join|normpath|relpath|split|splitext)"
    r"|os\.(fspath|major|makedev|minor|strerror)"
)


def touches_the_system(path: pathlib.Path) -> bool:
    calls = [
        node.func
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    names = {ast.unparse(call) for call in calls if isinstance(call, (ast.Name, ast.Attribute))}
    return any(
        re.match(r"open$|(os|shutil|tempfile)\.", name) and not TEXT_ALONE.fullmatch(name) for name in names
    )


def test_who_touches_the_system() -> None:
    said = re.search(r"(?s)only these files touch the system.*?All others are pure", CONTRIBUTING)
    assert said
    folder = CHECKOUT / "plugins" / "module_utils"
    found = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if touches_the_system(path)}
    assert set(re.findall(r"`(\w[\w/]*\.py)`", said[0])) == found


# Tables that mirror code


def options(role: str) -> set[str]:
    text = (CHECKOUT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return {
        name
        for entry in yaml.safe_load(text)["argument_specs"].values()
        for name in entry.get("options") or {}
    }


def first_cells(page: str, heading: str) -> set[str]:
    """The names in the first column of the first table below a heading."""
    below = (DOCS / page).read_text(encoding="utf-8").partition(f"\n{heading}\n")[2]
    table = re.search(r"(?ms)^\| *---.*?\n(.*?)^$", below)
    assert table, f"{page} has no table below {heading}"
    return {name for row in table[1].splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_all_variables_of_a_site_are_explained_and_no_others() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    # Without what one part of the role hands to another.
    wanted = {name for name in options("site") if name.startswith("site_")} - {
        "site_plan",
        "site_checked_machines",
    }
    assert set(re.findall(r"\bsite_\w+", text)) == wanted


def test_the_table_of_a_machines_variables() -> None:
    known = {f"machine_{key}" for key in MACHINE_KEYS} | {"machine_power_command"}
    assert first_cells("site.md", "## Machines") == known


def test_the_tables_of_commands() -> None:
    playbooks = {path.stem for path in CHECKOUT.glob("playbooks/*.yml")}
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `ansible-playbook netinstall\.pxe\.(\w+)", readme)) == playbooks
    operate = (DOCS / "operate.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `(\w+)\.yml", operate)) == playbooks - {"awx"}


def test_the_table_of_layouts() -> None:
    spec = yaml.safe_load((CHECKOUT / "roles/site/meta/argument_specs.yml").read_text(encoding="utf-8"))
    named = spec["argument_specs"]["main"]["options"]["site_distributions"]["options"]["NAME"]["options"][
        "layout"
    ]
    assert first_cells("images.md", "## Layouts of a tree") == set(
        re.findall(r"V\((\w+)\)", named["description"][0])
    )


ROLES = [path.parents[1].name for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml")]


def test_variables_of_roles_that_pages_name_exist() -> None:
    known = {name for role in ROLES for name in options(role)}
    pages = [page for page in PAGES if "roles" not in page.parts]
    named = {name for page in pages for name in re.findall(r"`(\w+)`", page.read_text(encoding="utf-8"))}
    ours = {name for name in named if name.startswith(tuple(f"{role}_" for role in ROLES))}
    # An option of a module.
    assert ours - known == {"media_check"}
