# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kickstarts, one or thousands: each read and compared with what is known of its machine and its install tree."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_file
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import (
    check,
    history,
    packages,
    references,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import (
    ERROR,
    WARNING,
    Kickstart,
    Problem,
    Where,
)

Result = dict[str, t.Any]
_OF_ONE = ("path", "content", "name", "version", "index", "tree", "urls", "disks", "generated", "origins")


def for_machines(kickstarts: list[Result], indexes: Result) -> Result:
    """What is wrong with kickstarts that other machines will read."""
    return Validation(
        {
            **dict.fromkeys(_OF_ONE),
            "for_machine": True,
            "kickstarts": kickstarts,
            "indexes": indexes,
            "follow_includes": True,
            "references": True,
            "strict": False,
        }
    ).run()


class Validation:
    """One run.

    :arg params: as the module kickstart_validate has them
    :arg read_tree: reads what an install tree offers, as an index. Without it trees are not looked at.
    """

    def __init__(self, params: Result, read_tree: t.Callable[[str], Result] | None = None) -> None:
        self.params, self.read_tree = params, read_tree
        self._indexes: dict[tuple[str, int], packages.Index] = {}

    def run(self) -> Result:
        results = [self.check(item) for item in self.items()]
        problems = [problem for _result, problems in results for problem in problems]
        return {
            "changed": False,
            "valid": all(result["valid"] for result, _problems in results),
            "problems": problems,
            "error_lines": _lines(problems, ERROR),
            "warning_lines": _lines(problems, WARNING),
            "kickstarts": [result for result, _problems in results],
        }

    def items(self) -> list[Result]:
        """What to check, each with all options that it can have."""
        common = {key: self.params[key] for key in _OF_ONE}
        further = [self.completed(item, common) for item in self.params["kickstarts"]]
        alone = common["path"] is not None or common["content"] is not None
        items = ([common] if alone else []) + further
        if not items:
            raise PxeError("there is nothing to check: write path, content or kickstarts")
        return items

    @staticmethod
    def completed(item: Result, common: Result) -> Result:
        """A further kickstart, with what it does not say itself."""
        own = {key: value for key, value in item.items() if value is not None}
        shared = ["version", "urls", "disks"]
        if not own.keys() & {"index", "distribution", "tree"}:
            shared += ["index", "tree"]
        return {**{key: common[key] for key in shared}, **own}

    def check(self, item: Result) -> tuple[Result, list[Result]]:
        """Result and problems of one kickstart."""
        kickstart = self.kickstart(item)
        reading = check.read(kickstart)
        problems = reading.problems
        if self.params["references"]:
            context = references.Context(
                self.index(item),
                item["disks"] or [],
                item["urls"] or [],
                item.get("tree"),
                self.params["for_machine"],
            )
            problems = references.problems(reading, context)
        if self.params["strict"]:
            problems = references.strict(problems)
        errors = sum(problem.severity == ERROR for problem in problems)
        result = {
            "name": kickstart.name,
            "version": history.name_of(kickstart.version),
            "valid": not errors,
            "errors": errors,
            "warnings": len(problems) - errors,
            "ksvalidator": reading.counted,
        }
        # Who has a file at hand can look at the line.
        quotes = [
            "" if item.get("path") is not None else reading.quote(problem.where) for problem in problems
        ]
        return result, [_as_result(kickstart.name, *each) for each in zip(problems, quotes)]

    def kickstart(self, item: Result) -> Kickstart:
        path, text = item.get("path"), item.get("content")
        name = item.get("name") or path or "kickstart"
        if path is not None:
            # What is no text is a problem of this kickstart alone.
            text = read_file(path).decode("utf-8", "surrogateescape")
        if text is None:
            raise PxeError(f"{name}: write its path or its content")
        version = item.get("version") or check.version_in(text)
        if not version:
            raise PxeError(f"{name}: write which version of the syntax it is for, such as version: RHEL9")
        try:
            number = check.parse_version(version)
        except PxeError as exc:
            raise PxeError(f"{name}: {exc}") from exc
        folder = os.path.dirname(os.path.abspath(path)) if path is not None else os.getcwd()
        return Kickstart(
            name,
            text,
            number,
            folder,
            self.params["follow_includes"],
            self.params["for_machine"],
            item.get("generated") or {},
            {
                first: Where(origin["file"], number)
                for origin in item.get("origins") or []
                for first, number in enumerate(origin["lines"], origin["first"])
            },
        )

    def index(self, item: Result) -> packages.Index | None:
        """What the tree of a kickstart offers, if it is known. Each index is prepared once."""
        distribution, tree, data = item.get("distribution"), item.get("tree"), item.get("index")
        if distribution is not None:
            if distribution not in self.params["indexes"]:
                raise PxeError(f"kickstarts: distribution '{distribution}' is not in indexes; add it there")
            data = self.params["indexes"][distribution]
        if data is None and (tree is None or self.read_tree is None):
            return None
        key = (distribution or tree or "", id(data))
        if key not in self._indexes:
            found = self.read_tree(str(tree)) if data is None and self.read_tree else data
            self._indexes[key] = packages.make_index(found or {})
        return self._indexes[key]


def _as_result(name: str, problem: Problem, quote: str) -> Result:
    return {
        "kickstart": name,
        "file": problem.where.file,
        "line": problem.where.line,
        "severity": problem.severity,
        "kind": problem.kind,
        "text": problem.text,
        "quote": quote,
    }


def _lines(problems: list[Result], severity: str) -> list[str]:
    """``node01 line 3: what is wrong``, with the file where that is another one."""
    found = []
    for problem in problems:
        if problem["severity"] == severity:
            own = problem["file"] == problem["kickstart"]
            place = problem["kickstart"] if own else f"{problem['kickstart']}: {problem['file']}"
            quote = f" ({problem['quote']})" if problem["quote"] else ""
            found.append(f"{place} line {problem['line']}{quote}: {problem['text']}")
    return found
