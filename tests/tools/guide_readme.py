# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the tables in the READMEs of examples/ from tests/unit/examples/guides.yml: what became of each guide's lines.

``guide_readme.py`` writes those that differ; ``guide_readme.py --check`` writes nothing and fails if one differs.
"""

from __future__ import annotations

import argparse
import collections
import pathlib
import sys
import typing as t

import yaml

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = CHECKOUT / "examples"
TABLE = CHECKOUT / "tests" / "unit" / "examples" / "guides.yml"
BEGIN, END = "<!-- begin: made by tests/tools/guide_readme.py -->", "<!-- end -->"
STATES = ("same", "different", "absent")
#: Files that the example itself has.
OWN: dict[str, str] = {"site.yml": "group_vars/all/site.yml", "lab.ini": "lab.ini"}
NAMES: dict[str, str] = {**OWN, "xinetd": "/etc/xinetd.d/tftp", "nginx.conf": "conf.d/netinstall-pxe.conf"}

Row = dict[str, t.Any]


def load() -> dict[str, Row]:
    return t.cast("dict[str, Row]", yaml.safe_load(TABLE.read_text(encoding="utf-8")))


def lines_of(row: Row) -> list[str]:
    """What is there, as the table has it."""
    now = row.get("now", [])
    return [now] if isinstance(now, str) else list(now)


def code(text: str) -> str:
    """Text that can leave neither its code span nor its cell."""
    return f"`{text}`".replace("|", "\\|")


def where(row: Row) -> str:
    """The file that the right column speaks of."""
    name: str = row["in"]
    if name.startswith("ks "):
        return f"the kickstart of {name[3:]}"
    return code(NAMES.get(name, name))


def cells(row: Row) -> tuple[str, str, str]:
    guide = code(row["line"]) if "line" in row else row["step"].replace("|", "\\|")
    now = [code(line.replace("*", "…")) for line in lines_of(row)]
    if row["is"] == "absent":
        here = "–"
    elif row["is"] == "same" and not now:
        here = "the same"
    else:
        here = " and ".join(now)
    file = f" in {where(row)}" if "in" in row and here != "–" else ""
    return guide, f"{here}{file}", row.get("why", "")


def table(guide: Row) -> str:
    rows = ["| the guide | | here | why |", "| --- | --- | --- | --- |"]
    for row in guide["rows"]:
        theirs, ours, why = cells(row)
        rows.append(f"| {theirs} | {row['is']} | {ours} | {why} |")
    return "\n".join(rows)


def counts(guide: Row) -> dict[str, int]:
    found = collections.Counter(row["is"] for row in guide["rows"])
    return {state: found[state] for state in STATES}


def summary(guides: dict[str, Row]) -> str:
    rows = [
        "| example | what its guide makes | same | different | absent |",
        "| --- | --- | --- | --- | --- |",
    ]
    total: collections.Counter[str] = collections.Counter()
    for name, guide in guides.items():
        found = counts(guide)
        total.update(found)
        numbers = " | ".join(str(found[state]) for state in STATES)
        rows.append(f"| [{name}]({name}/README.md) | {guide['title']} | {numbers} |")
    return "\n".join([*rows, f"| all | | {' | '.join(str(total[state]) for state in STATES)} |"])


def filled(text: str, part: str) -> str:
    """A README with its table."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"


def wanted() -> dict[pathlib.Path, str]:
    guides = load()
    parts = {EXAMPLES / name / "README.md": table(guide) for name, guide in guides.items()}
    parts[EXAMPLES / "README.md"] = summary(guides)
    return {path: filled(path.read_text(encoding="utf-8"), part) for path, part in parts.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if a README differs")
    check = parser.parse_args().check
    stale = {path: text for path, text in wanted().items() if path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        print(f"{path.relative_to(CHECKOUT)} {'differs: run make docs' if check else 'is written'}")
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
