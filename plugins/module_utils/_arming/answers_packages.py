# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What the answers of a machine install, as a kickstart with nothing else in it.

As soon as the install trees are there, it can be checked against them, before anybody arms a machine.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_check import (
    STAND_IN_KEY,
    Answers,
    Layers,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_complete import complete_answers
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES

#: The answers that say what is installed, and from where.
KEYS = (
    "packages",
    "ignore_missing_packages",
    "repositories",
    "extra",
    "extra_sections",
    "partitioning",
    "file",
)
_KINDS = ("unknown-package", "unknown-group", "source")


class Selection(t.NamedTuple):
    """``text`` is a kickstart of that version; ``urls`` are those of the tree; ``places`` say by number of the line
    what of the answers it is, and nothing for the tree itself."""

    distribution: str
    version: str
    text: str
    urls: list[str]
    places: dict[int, str]


class _Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: dict[int, str] = {}

    def add(self, text: str, place: str | None = None) -> None:
        for line in text.split("\n"):
            self.lines.append(line)
            if place is not None:
                self.places[len(self.lines)] = place


def has_kickstart(item: dict[str, t.Any]) -> bool:
    """Whether a machine of the plan is installed by a kickstart: only such trees have a list of packages."""
    return "kickstart" in {file.format for file in FAMILIES[item["family"]].answer_files}


def selection(distribution: dict[str, t.Any], machine: dict[str, t.Any], layers: Layers) -> Selection | None:
    """What is installed; nothing where that is known on arming only, or is refused for another reason.

    :arg distribution: of the plan, as the machine's web server has it
    """
    answers = _complete(distribution, machine, layers) if layers.complete else None
    if answers is None or answers["file"]:
        return None
    facts = FAMILIES[machine["family"]].release_facts(distribution)
    urls = [url for url in (distribution["tree_urls"] or {}).values() if url]
    text = _Lines()
    text.add(f"url --url={urls[0]}", "")
    for number, repository in enumerate(answers["repositories"]):
        # The installer asks a list of mirrors for the same; not every version knows each of these options.
        url = repository["baseurl"] or repository["mirrorlist"] or repository["metalink"]
        text.add(f"repo --name={repository['name']} --baseurl={url}", f"repositories[{number}]")
    text.add(answers["extra"], "extra")
    # What it includes may name further repositories.
    text.add(answers["partitioning"]["lines"])
    text.add("%packages" + (" --ignoremissing" if answers["ignore_missing_packages"] else ""))
    given = layers.merged.get("packages") or []
    for package in answers["packages"]:
        text.add(package, f"packages[{given.index(package)}]" if package in given else "packages")
    text.add("%end" if facts["syntax"]["sections_end"] else "")
    text.add(answers["extra_sections"], "extra_sections")
    content = "\n".join(text.lines) + "\n"
    return Selection(machine["distribution"], facts["kickstart_version"], content, urls, text.places)


def _complete(distribution: dict[str, t.Any], machine: dict[str, t.Any], layers: Layers) -> Answers | None:
    answers = {**layers.merged, "root_ssh_keys": [STAND_IN_KEY]}
    try:
        return complete_answers(FAMILIES[machine["family"]], answers, distribution, "")
    except PxeError:
        # What is wrong with the values is said before.
        return None


def mistakes(
    selected: Selection, profile: str, layers: Layers, problems: t.Iterable[dict[str, t.Any]]
) -> list[tuple[str, str]]:
    """What arming will refuse, as (address, message).

    :arg problems: as kickstart_validate returns them, of this selection alone
    """
    found = []
    for problem in problems:
        place = selected.places.get(problem["line"])
        if problem["severity"] == "error" and problem["kind"] in _KINDS and place is not None:
            address = layers.origin(place) if place else f"site_profiles.{profile}.distribution"
            found.append((address, problem["text"]))
    # Where the tree has no packages, each of them would be one.
    empty = [mistake for mistake in found if mistake[0] == f"site_profiles.{profile}.distribution"]
    return empty or found
