# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each role's README.md from its meta/argument_specs.yml, meta/main.yml and defaults/main.yml, and the list of
roles in docs/README.md.

``role_readme.py`` writes those that differ; ``role_readme.py --check`` writes nothing and fails if one differs.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import sys
import typing as t

import yaml

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
COLLECTION = "netinstall.pxe"
CONTENTS = CHECKOUT / "docs" / "README.md"
BEGIN, END = "<!-- begin: made by tests/tools/role_readme.py -->", "<!-- end -->"

# Ansible's markup, https://docs.ansible.com/ansible/latest/dev_guide/ansible_markup.html
MARKUP = (
    (re.compile(r"\b(?:C|V|O|E|RV|M|P)\(([^)]*)\)"), r"`\1`"),
    (re.compile(r"\bI\(([^)]*)\)"), r"*\1*"),
    (re.compile(r"\bB\(([^)]*)\)"), r"**\1**"),
    (re.compile(r"\bU\(([^)]*)\)"), r"<\1>"),
    (re.compile(r"\bL\(([^,)]*), *([^)]*)\)"), r"[\1](\2)"),
)

Spec = dict[str, t.Any]


def markdown(text: str) -> str:
    """Ansible markup to Markdown."""
    for pattern, replacement in MARKUP:
        text = pattern.sub(replacement, text)
    return text.strip()


def paragraphs(description: str | list[str] | None) -> list[str]:
    """A description, which may be one text or a list of them, as Markdown paragraphs."""
    if not description:
        return []
    texts = [description] if isinstance(description, str) else description
    return [markdown(str(text)) for text in texts]


def cell(text: str) -> str:
    """Text that cannot leave its table cell."""
    return re.sub(r"\s*\n\s*", " ", text).replace("|", "\\|")


def literal(value: object) -> str:
    """A default as YAML in one line; `` ` `` in it would end the code span."""
    if isinstance(value, str):
        text = value.strip() if value else '""'
    else:
        text = yaml.safe_dump(value, default_flow_style=True, width=10**6, sort_keys=False)
        text = text.replace("\n...", "").strip()
    return f"`{cell(text)}`" if "`" not in text else cell(text)


def type_of(option: Spec) -> str:
    """``list of dict``, ``str``, …"""
    kind = option.get("type", "str")
    return f"{kind} of {option['elements']}" if option.get("elements") else str(kind)


def meaning(option: Spec) -> str:
    """The last column: description, then what may be chosen, then whether it is a secret."""
    parts = paragraphs(option.get("description"))
    if option.get("choices"):
        parts.append("One of " + ", ".join(literal(choice) for choice in option["choices"]) + ".")
    if option.get("no_log"):
        parts.append("Secret: never shown.")
    return cell(" ".join(parts))


def default_of(name: str, option: Spec, defaults: Spec) -> str:
    """What holds if the user writes nothing; what the role's defaults say counts more than what the spec says."""
    if option.get("required"):
        return "**required**"
    if name in defaults:
        return literal(defaults[name])
    return literal(option["default"]) if option.get("default") is not None else ""


def table(options: dict[str, Spec], defaults: Spec) -> list[str]:
    """One table, one row an option."""
    lines = ["| variable | type | default | meaning |", "|---|---|---|---|"]
    for name, option in options.items():
        shown = default_of(name, option, defaults)
        lines.append(f"| `{name}` | {type_of(option)} | {shown} | {meaning(option)} |")
    return [*lines, ""]


def nested_tables(options: dict[str, Spec], path: str = "") -> list[str]:
    """A table for each option that has options of its own, depth first."""
    lines: list[str] = []
    for name, option in options.items():
        inner = option.get("options")
        if not inner:
            continue
        here = f"{path}{name}{'[]' if option.get('type') == 'list' else ''}"
        lines += [f"`{here}`:", "", *table(inner, {}), *nested_tables(inner, f"{here}.")]
    return lines


def entry_point(name: str, spec: Spec, defaults: Spec) -> list[str]:
    """The section of one entry point."""
    lines = [] if name == "main" else [f"## Entry point `{name}`", ""]
    if name != "main" and spec.get("short_description"):
        lines += [markdown(spec["short_description"]), ""]
    for paragraph in paragraphs(spec.get("description")):
        lines += [paragraph, ""]
    options = spec.get("options") or {}
    if options:
        lines += ["## Variables" if name == "main" else "Variables:", ""]
        lines += table(options, defaults) + nested_tables(options)
    if spec.get("examples"):
        lines += ["## Example" if name == "main" else "Example:", ""]
        lines += ["```yaml", spec["examples"].strip(), "```", ""]
    return lines


def load(path: pathlib.Path) -> Spec:
    """A YAML file's mapping; empty if there is no such file."""
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def summary_of(role: pathlib.Path) -> str:
    """What a role does, in one line."""
    specs = load(role / "meta" / "argument_specs.yml").get("argument_specs") or {}
    galaxy = load(role / "meta" / "main.yml").get("galaxy_info") or {}
    return markdown(specs.get("main", {}).get("short_description") or galaxy.get("description") or "")


def readme(role: pathlib.Path) -> str:
    """The whole README of a role."""
    specs = load(role / "meta" / "argument_specs.yml").get("argument_specs") or {}
    defaults = load(role / "defaults" / "main.yml")
    lines = [
        "<!-- Made by `make docs` from meta/argument_specs.yml: change that file, not this one. -->",
        "",
        f"# Role `{COLLECTION}.{role.name}`",
        "",
    ]
    if summary_of(role):
        lines += [summary_of(role), ""]
    for name in sorted(specs, key=lambda key: (key != "main", key)):
        lines += entry_point(name, specs[name] or {}, defaults)
    return "\n".join(lines).rstrip() + "\n"


def roles() -> list[pathlib.Path]:
    """Every role's folder, by name."""
    return sorted(spec.parents[1] for spec in CHECKOUT.glob("roles/*/meta/argument_specs.yml"))


def contents() -> str:
    """The contents page with its list of roles."""
    before, _begin, rest = CONTENTS.read_text(encoding="utf-8").partition(BEGIN)
    rows = [
        f"| [{role.name}](../roles/{role.name}/README.md) | {cell(summary_of(role))} |" for role in roles()
    ]
    table = "\n".join(["| role | what it does |", "| --- | --- |", *rows])
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Returns the exit status: 1 if --check found a README that is not up to date."""
    parser = argparse.ArgumentParser(description="Write the roles' READMEs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is not up to date")
    only_check = parser.parse_args().check
    stale = 0
    texts = {**{role / "README.md": readme(role) for role in roles()}, CONTENTS: contents()}
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if only_check:
            print(f"{path.relative_to(CHECKOUT)} is not up to date: run `make docs` and commit it")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(CHECKOUT)}")
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
