# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The answer files of offers, by their paths below answers/, and what is wrong with them."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_text import (
    beside_mistakes,
    unguarded,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Answer, Family
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers

_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_POLICY = re.compile(r"[0-9a-f]{16}\Z")
_FAMILIES = {family.answer_file.name: family for family in FAMILIES.values() if family.installs}

Offer = dict[str, t.Any]


def answer_files(runner: t.Any, offered: t.Sequence[Offer], policy: str) -> dict[str, str]:
    """All files below answers/, each offer's answer file last but for what allows the web server to give it out.

    :param runner: the module, or what can run programs as it does.
    :param offered: ``{profile, files, disk}`` each; the text of the answer file becomes what the installer reads.
    :raises PxeError: all that is wrong.
    """
    if policy and not _POLICY.match(policy):
        raise PxeError("policy: must be sixteen hexadecimal digits, as the plan has them in offers")
    files: dict[str, str] = {}
    found = []
    names = [item["profile"] for item in offered]
    for item in offered:
        profile = item["profile"]
        found += [f"{profile}: {mistake}" for mistake in mistakes(runner, item, names.count(profile) > 1)]
        texts = sorted(item["files"].items(), key=lambda file: file[0] in _FAMILIES)
        texts += [(offers.policy_file(policy), "")] if policy else []
        files.update({f"{offers.answers_folder(profile)}/{name}": text for name, text in texts})
    if found:
        raise PxeError(f"Nothing was offered. {'. '.join(found)}.")
    return files


def mistakes(runner: t.Any, item: Offer, repeated: bool) -> t.Iterator[str]:
    """What is wrong with one offer.

    :param repeated: whether there is another one of this profile.
    """
    profile, files = item["profile"], item["files"]
    if not _PROFILE.match(profile) or profile == offers.DESCRIBED:
        yield "it cannot be the name of a folder; rename the profile"
        return
    if repeated:
        yield "it is offered more than once"
    answer_files = [name for name in files if name in _FAMILIES]
    if len(answer_files) != 1:
        yield f"files: there must be one of {', '.join(sorted(_FAMILIES))}"
        return
    (name,) = answer_files
    beside = [each for each in files if each != name]
    for said in beside_mistakes(_FAMILIES[name], beside):
        yield f"files: {said}"
    for reserved in sorted(set(beside) & set(offers.RESERVED)):
        yield f"files: {reserved!r} is a word of the offers' URLs; rename it"
    yield from answer_mistakes(runner, item, _FAMILIES[name])


def answer_mistakes(runner: t.Any, item: Offer, family: Family) -> t.Iterator[str]:
    name, texts = family.answer_file.name, item["files"]
    if unguarded({"answer": texts[name]}):
        yield (
            f"files: {name} does not check the machine and its disk before it wipes that; let it begin with "
            "{% extends 'kickstart.cfg.j2' %} (or 'preseed.cfg.j2'), and keep the block before_partitioning"
        )
    for file in (each for each in family.answer_files if each.name in texts):
        checked = file.check(runner, {file.name: Answer(texts[file.name], item["disk"])})[file.name]
        texts[file.name] = checked.text
        if checked.mistake:
            yield f"files: {file.name}: {checked.mistake}"
