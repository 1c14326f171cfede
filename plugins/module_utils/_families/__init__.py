# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The installers that this collection knows, one file each.

A new one is imported and listed here by name: Ansible ships to a host only what it finds in import statements.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._families import debian, live, redhat
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Family
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import Schema

#: By name. The first one that recognises an image counts: live images of Debian may look like Debian's discs besides.
FAMILIES: dict[str, Family] = {family.name: family for family in (live.FAMILY, debian.FAMILY, redhat.FAMILY)}
#: Families to come. The plan says so, and that they are not there yet.
PLANNED = ("esxi", "ubuntu", "windows")


def family_of(distribution: str) -> str | None:
    """Guess the family from a distribution's name: ``debian13`` is ``debian``, ``debian-live-13`` is ``live``."""
    words = re.split(r"[^a-z]", distribution.lower())
    for name, family in FAMILIES.items():
        if any(word in family.name_words for word in words):
            return name
    return next((name for name, family in FAMILIES.items() if words[0] in family.name_prefixes), None)


def installs(item: dict[str, t.Any]) -> bool:
    """Whether a profile or machine of the plan installs something; one whose family is not known does."""
    family = FAMILIES.get(item.get("family") or "")
    return family is None or family.installs


def root_family() -> str:
    """The family of a root file system, unless it is said."""
    return next(name for name, family in FAMILIES.items() if family.root_file_system)


def names_answers(family: str, argument: str) -> bool:
    """Whether a kernel argument says where the installer gets its answers."""
    return _question(argument) in FAMILIES[family].answer_arguments


def argument_mistakes(family: str, arguments: t.Iterable[str], answer_url: str) -> t.Iterator[str]:
    """What an installer would read or run before, or in place of, the answer file, which looks at machine and disk."""
    for argument in arguments:
        name, _equals, value = argument.partition("=")
        if names_answers(family, argument) and value != answer_url:
            yield (
                f"kernel_arguments: {name} points to other answers than those that are checked and released; leave it "
                "out, and name a file of your own in answers.file"
            )
        if _question(argument) in FAMILIES[family].early_arguments:
            yield (
                f"kernel_arguments: {name} runs before the installer checks that this is the armed machine and "
                "disk; write answers.early_commands"
            )


def _question(argument: str) -> str:
    """What a kernel argument is about.

    The kernel takes quotation marks from around an argument. d-i (env2debconf) takes an owner before the name, and
    ``?`` after it.
    """
    name = argument.lstrip("'\"").partition("=")[0].lower()
    return name.removesuffix("?").rpartition(":")[2]


def answer_schema(families: t.Iterable[str]) -> dict[str, Schema]:
    """The keys that answers for any of these families may have, and what each holds."""
    schema: dict[str, Schema] = {}
    for name in families:
        schema = _joined(schema, FAMILIES[name].answer_schema())
    return schema


def _joined(one: Schema, other: Schema) -> Schema:
    """What either schema allows; where both have a key, both have a value of one kind there (a test holds that)."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: _joined(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return [_joined(one[0], other[0])]
    return one
