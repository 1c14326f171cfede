# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the tables of answers in docs/ from what the families declare.

``answer_keys.py`` writes those that differ; ``answer_keys.py --check`` writes nothing and fails if one differs.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
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
#: The tables of each page, by the mark that they stand behind: the family, and the key whose mapping it is.
PAGES = {
    "kickstart.md": ("redhat", ("", "partitioning")),
    "preseed.md": ("debian", ("", "partitioning")),
}
BEGIN, END = "<!-- begin: {} made by tests/tools/answer_keys.py -->\n", "\n<!-- end -->"


def shown_default(key: Key) -> str:
    """As the second column has it."""
    if key.shown:
        return key.shown
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
    kind = keys[name].kind if name else keys
    return {} if isinstance(kind, str) else kind


def filled(text: str, family: str, parts: t.Iterable[str]) -> str:
    """A page with its tables. What has no star is this family's alone."""
    keys = FAMILIES[family].answer_keys
    others = [one.answer_keys for name, one in FAMILIES.items() if name != family and one.installs]
    for part in parts:
        same = {name for one in others for name in below(one, part)}
        begin = BEGIN.format(part or "keys")
        before, found, rest = text.partition(begin)
        _old, _end, after = rest.partition(END)
        if not found:
            raise SystemExit(f"There is no line {begin.strip()}")
        text = f"{before}{begin}\n{table(below(keys, part), same, not part)}\n{END}{after}"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a page differs")
    check = parser.parse_args().check
    stale = []
    for name, (family, parts) in PAGES.items():
        old = (DOCS / name).read_text(encoding="utf-8")
        new = filled(old, family, parts)
        if new != old:
            stale.append(name)
            print(f"docs/{name} {'differs: run make docs' if check else 'is written'}")
            if not check:
                (DOCS / name).write_text(new, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
