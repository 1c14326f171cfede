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

from ansible_collections.netinstall.pxe.plugins.module_utils._families import debian

#: A type by Ansible's name, a list of such, or a mapping of keys to such.
Schema = t.Any


class Family(t.Protocol):
    """What each file of this folder says of its installer."""

    NAME: str
    #: Whether an installation erases a disk, so that a machine must name it.
    NEEDS_DISK: bool
    #: A distribution whose name begins with one of these words is of this family unless it says otherwise.
    NAME_PREFIXES: tuple[str, ...]
    #: What the answer file is called where the installer fetches it, and its format.
    ANSWER_FILE: str
    ANSWER_FORMAT: str
    #: The keys that ``answers`` may have, and what each holds.
    ANSWER_KEYS: dict[str, Schema]

    def recognise(self, image: t.Any) -> dict[str, t.Any] | None:
        """What this image is, if it is one of this family."""

    def kernel_arguments(self, machine: dict[str, t.Any], answer_url: str) -> list[str]:
        """What the installer must be told of one machine."""

    def profile_arguments(self, profile: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[str]:
        """What the installer must be told for each machine."""

    def complete_answers(self, answers: dict[str, t.Any], distribution: dict[str, t.Any]) -> dict[str, t.Any]:
        """Answers of the right shape, with every default filled in and every value checked."""


FAMILIES: dict[str, Family] = {family.NAME: t.cast("Family", family) for family in (debian,)}


def family_of(distribution: str) -> str | None:
    """Guess the family from a distribution's name: ``debian-13`` and ``debian13`` are ``debian``."""
    word = re.match(r"[a-z]*", distribution.lower())
    for name, family in FAMILIES.items():
        if word and word[0] in family.NAME_PREFIXES:
            return name
    return None


def answer_schema(families: t.Iterable[str]) -> dict[str, Schema]:
    """The keys that answers for any of these families may have, and what each holds."""
    return {key: kind for name in families for key, kind in FAMILIES[name].ANSWER_KEYS.items()}
