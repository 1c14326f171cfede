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

#: A type by Ansible's name (``str`` is one line), ``text`` for several lines, ``key`` for a line with blanks around it,
#: a list of such, or a mapping of keys to such. Line breaks are looked for by these types, so that no key forgets it.
Schema = t.Any


class Family(t.Protocol):
    """What each file of this folder says of its installer."""

    NAME: str
    #: Whether it installs anything: else its machines boot it always, without arming, disk and answers.
    INSTALLS: bool
    #: Whether an installation erases a disk, so that a machine must name it.
    NEEDS_DISK: bool
    #: A distribution whose name begins with one of these words is of this family unless it says otherwise.
    NAME_PREFIXES: tuple[str, ...]
    #: Whether its install tree can be made from more than one image.
    SEVERAL_IMAGES: bool
    #: Whether it has an archive of a network installer beside its images (``netboot``).
    NETBOOT: bool
    #: How the installer can get the install tree: http, ftp, nfs, or nfs-iso, where it mounts the images itself.
    SOURCES: tuple[str, ...]
    #: What the answer file is called where the installer fetches it, its format, and the template it is made from.
    ANSWER_FILE: str
    ANSWER_FORMAT: str
    ANSWER_TEMPLATE: str
    #: Kernel arguments that say where the installer gets its answers.
    ANSWER_ARGUMENTS: tuple[str, ...]
    #: The template that takes over an answer file of the user's that is no template; empty if such files are rendered.
    FILE_TEMPLATE: str
    #: The template that takes over a template of the user's; empty if such templates are rendered as they are.
    OWN_TEMPLATE: str
    #: The keys that ``answers`` may have, and what each holds.
    ANSWER_KEYS: dict[str, Schema]

    def recognise(self, image: t.Any) -> dict[str, t.Any] | None:
        """What this image is, if it is one of this family."""

    def check_distribution(self, distribution: dict[str, t.Any]) -> None:
        """Refuse a distribution whose ``name`` and ``version`` do not say enough."""

    def nfs_images_mistake(self, distribution: dict[str, t.Any]) -> str:
        """Why its installer cannot mount the images themselves from an NFS server; empty if it can."""

    def mirror_mistake(self, distribution: dict[str, t.Any]) -> str:
        """Why a distribution cannot be installed from its ``mirror``; empty if it can."""

    def kernel_arguments(self, machine: dict[str, t.Any], answer_url: str) -> list[str]:
        """What the installer must be told of one machine."""

    def longest_command_line(self, distribution: dict[str, t.Any]) -> tuple[int, str]:
        """How many bytes of a kernel's command line count, and who reads no more."""

    def profile_arguments(self, profile: dict[str, t.Any], distribution: dict[str, t.Any]) -> list[str]:
        """What the installer must be told for each machine."""

    def rescue_arguments(self, distribution: dict[str, t.Any]) -> list[str] | None:
        """What the installer must be told to repair an installed system; ``None`` if it cannot do that."""

    def release_facts(self, distribution: dict[str, t.Any]) -> dict[str, t.Any]:
        """What templates of answer files must know of the release."""

    def complete_answers(
        self, answers: dict[str, t.Any], distribution: dict[str, t.Any], disk: str = ""
    ) -> dict[str, t.Any]:
        """Answers of the right shape, with every default filled in and every value checked.

        :param disk: what ``machine_disk`` says.
        """


# The first one that recognises an image counts. Live images of Debian may look like discs of Debian's besides.
FAMILIES: dict[str, Family] = {family.NAME: t.cast("Family", family) for family in (live, debian, redhat)}


def family_of(distribution: str) -> str | None:
    """Guess the family from a distribution's name: ``debian13`` is ``debian``, ``debian-live-13`` is ``live``."""
    if live.NAME in re.split(r"[^a-z]", distribution.lower()):
        return live.NAME
    word = re.match(r"[a-z]*", distribution.lower())
    for name, family in FAMILIES.items():
        if word and word[0] in family.NAME_PREFIXES:
            return name
    return None


def names_answers(family: str, argument: str) -> bool:
    """Whether a kernel argument says where the installer gets its answers. d-i takes an owner before it."""
    return argument.partition("=")[0].lower().rpartition(":")[2] in FAMILIES[family].ANSWER_ARGUMENTS


def answer_schema(families: t.Iterable[str]) -> dict[str, Schema]:
    """The keys that answers for any of these families may have, and what each holds."""
    schema: dict[str, Schema] = {}
    for name in families:
        schema = _joined(schema, FAMILIES[name].ANSWER_KEYS)
    return schema


def _joined(one: Schema, other: Schema) -> Schema:
    """What either schema allows; where both have a key, both have a value of one kind there (a test holds that)."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: _joined(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return [_joined(one[0], other[0])]
    return one
