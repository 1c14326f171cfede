# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes from what the families declare: the tables of answers in docs/, and what the role answers says of them.

A page has a family's table where it has its mark. ``answer_keys.py`` writes the files that differ; ``answer_keys.py
--check`` writes nothing and fails if one differs.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import sys
import textwrap
import typing as t

import yaml

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / ".ansible" / "collections"))

from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import (
    Key,
    Keys,
    default_of,
)

DOCS = CHECKOUT / "docs"
SPECIFICATION = CHECKOUT / "roles" / "answers" / "meta" / "argument_specs.yml"
#: Which keys of which family: ``keys`` are all, anything else is the key whose mapping it is.
TABLE = re.compile(
    r"(<!-- begin: (\w+) of (\w+) made by tests/tools/answer_keys\.py -->\n).*?(\n<!-- end -->)", re.DOTALL
)
PARAGRAPHS = re.compile(
    r"( *)(# begin: answers made by tests/tools/answer_keys\.py\n).*?( *# end\n)", re.DOTALL
)


def shown_default(key: Key) -> str:
    """As the second column has it."""
    if key.documented_default:
        return key.documented_default
    value = default_of(key)
    if isinstance(value, dict):
        value = {name: one for name, one in value.items() if one}
    if value in ("", [], {}, 0) and not isinstance(value, bool):
        return "none"
    if not isinstance(value, str):
        value = yaml.safe_dump(value, default_flow_style=True, width=10**6, sort_keys=False).replace(
            "...", ""
        )
    return f"`{value.strip()}`"


def row(cells: t.Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def table(keys: Keys, same: t.Container[str], defaults: bool) -> str:
    """:param same: the keys that get a star."""
    head = ("key", "default", "what it is") if defaults else ("key", "what it is")
    rows = [row(head), row("---" for _cell in head)]
    for name, key in keys.items():
        star = f"`{name}` *" if name in same else f"`{name}`"
        rows.append(row([star, *([shown_default(key)] if defaults else []), key.description]))
    return "\n".join(rows)


def below(keys: Keys, name: str) -> Keys:
    """The keys themselves, or those of the mapping of that name."""
    if name == "keys":
        return keys
    kind = keys[name].kind if name in keys else {}
    return {} if isinstance(kind, str) else kind


def with_tables(text: str) -> str:
    """A page with its tables. What has no star is this family's alone."""

    def filled(found: re.Match[str]) -> str:
        begin, part, family, end = found.groups()
        others = [one.answer_keys for name, one in FAMILIES.items() if name != family and one.installs]
        same = {name for keys in others for name in below(keys, part)}
        shown = table(below(FAMILIES[family].answer_keys, part), same, part == "keys")
        return f"{begin}\n{shown}\n{end}"

    return TABLE.sub(filled, text)


def pages() -> dict[str, str]:
    """The page that has the keys of each family."""
    return {
        found[3]: path.name
        for path in sorted(DOCS.glob("*.md"))
        for found in TABLE.finditer(path.read_text(encoding="utf-8"))
        if found[2] == "keys"
    }


def said(name: str, key: Key) -> str:
    """A key in the words of a specification, with its default or the keys that are in it."""
    if not isinstance(key.kind, str):
        inner = ", ".join(said(*item) for item in key.kind.items())
        return f"C({name}) ({'a list of ' if key.several else ''}{inner})"
    value = [] if key.several else default_of(key)
    default = str(value).lower() if isinstance(value, bool) else str(value or "")
    return f"C({name}) V({default})" if default and default != "false" else f"C({name})"


def with_paragraphs(text: str) -> str:
    """The role's specification, with a paragraph for each family."""

    def filled(found: re.Match[str]) -> str:
        indent, begin, end = found.groups()
        lines = [f"{indent}{begin}"]
        for family, page in pages().items():
            keys = ", ".join(said(*item) for item in FAMILIES[family].answer_keys.items())
            text = (
                f"Answers of the family V({family}), with their defaults, are {keys}. They are described in the "
                f"collection's L(docs/{page},../../docs/{page})."
            )
            wrapped = textwrap.fill(text, 138, break_long_words=False, break_on_hyphens=False)
            lines.append(f"{indent}- >-\n{textwrap.indent(wrapped, indent + '  ')}\n")
        return "".join([*lines, end])

    return PARAGRAPHS.sub(filled, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a file differs")
    check = parser.parse_args().check
    stale = []
    for path in [*sorted(DOCS.glob("*.md")), SPECIFICATION]:
        old = path.read_text(encoding="utf-8")
        new = with_paragraphs(old) if path == SPECIFICATION else with_tables(old)
        if new != old:
            stale.append(path)
            print(f"{path.relative_to(CHECKOUT)} {'differs: run make docs' if check else 'is written'}")
            if not check:
                path.write_text(new, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
