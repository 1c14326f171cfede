# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What the text of an answer file says, and what is wrong with it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import (
    Installation,
    folder_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Answer, Family
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers

# What looks at machine and disk: a line that runs it, and is no comment.
_GUARD = re.compile(r"(?m)^(?![ \t]*#).*\bsh /tmp/netinstall/check-disk\b")


def reports_installed(installation: Installation) -> bool:
    """Whether the text of an answer file says anywhere that the machine reports its end."""
    text = installation["answer"]
    return f"/{folder_of(installation)}" in text and bool(re.search(r"(report |/)installed\b", text))


def unguarded(installation: Installation) -> bool:
    """Whether the installer would not look at machine and disk first: a template of the user's that stands alone."""
    return not _GUARD.search(installation["answer"])


def unserved(installation: Installation) -> list[str]:
    """Names that the answer file, or a file beside it, expects beside it, and that are not there."""
    url = installation["files_url"]
    known = {*installation["files"], installation["answer_url"].rpartition("/")[2]}
    if "offer" in installation:
        # Reports go below the same URL.
        known.update(offers.RESERVED)
    # Up to a full stop or the like; a name that goes on with a variable or a pattern is not known here.
    pattern = re.compile(re.escape(url) + r"/([\w-](?:[\w.-]*[\w-])?)(?![\w-]|[.]*[$`{*?\\\[])", re.ASCII)
    texts = [installation["answer"], *installation["files"].values()]
    return sorted({name for text in texts for name in pattern.findall(text)} - known)


def warnings(installations: t.Sequence[Installation]) -> t.Iterator[str]:
    """What people should know before they arm these: one line each, however many machines it is about."""
    silent = [item for item in installations if not reports_installed(item)]
    if silent:
        yield (
            f"{_names(silent)}: the answer file never reports that the machine is installed, so it is not seen as "
            f"finished. Call it NAME.j2 and begin it with {{% extends '{_template(silent)}' %}}, or let its last "
            "command PUT anything to {{ installation.events_url }}/installed."
        )
    blind = [item for item in installations if unguarded(item)]
    if blind:
        yield (
            f"{_names(blind)}: the answer file does not check that this is the armed machine and that the disk is "
            "the named one: it wipes what it finds. Let it begin with "
            f"{{% extends '{_template(blind)}' %}}, and keep the block before_partitioning."
        )


def _names(installations: t.Sequence[Installation]) -> str:
    return ", ".join(item["machine"] for item in installations)


def _template(installations: t.Sequence[Installation]) -> str:
    return FAMILIES[installations[0]["family"]].answer_file.template


def check_answers(runner: t.Any, installations: t.Sequence[Installation]) -> None:
    """Have the answer files checked by their families; their texts become what the installer reads.

    :param runner: the module, or what can run programs as it does.
    :raises PxeError: one message with the mistakes of all machines.
    """
    for item in installations:
        _check_family(item)
        _check_files(item)
    messages = [
        mistake
        for family in dict.fromkeys(item["family"] for item in installations)
        for mistake in answer_mistakes(runner, family, installations)
    ]
    if messages:
        raise PxeError(
            "No machine was armed, because of mistakes in the answer files. " + "; ".join(messages)
        )


def _check_family(item: Installation) -> None:
    name, family = item["machine"], item["family"]
    if family not in FAMILIES:
        raise PxeError(f"{name}: unknown family '{family}'; write one of {', '.join(FAMILIES)}")
    if not FAMILIES[family].installs:
        raise PxeError(f"{name}: the family '{family}' installs nothing")


def _check_files(item: Installation) -> None:
    """What lies beside the answer file must not be taken for anything else."""
    for said in beside_mistakes(FAMILIES[item["family"]], item.get("files") or {}):
        raise PxeError(f"{item['machine']}: files: {said}")


def beside_mistakes(family: Family, files: t.Collection[str]) -> t.Iterator[str]:
    """What is wrong with the names of what lies beside the answer file: what the family needs, and what users add."""
    needed = [file.name for file in family.files_beside]
    for name in needed:
        if name not in files:
            yield f"{name} is missing, which also answers the installer"
    added = [name for name in files if name not in needed]
    for number, said in _answers.files_mistakes(added, [family.answer_file.name]):
        yield f"{added[number]!r} {said}"


def answer_mistakes(runner: t.Any, family: str, installations: t.Iterable[Installation]) -> t.Iterator[str]:
    """Those of all machines of a family."""
    items = {item["machine"]: item for item in installations if item["family"] == family}
    for file in FAMILIES[family].answer_files:
        first = file is FAMILIES[family].answer_file
        # Where each has its text.
        places = {
            name: (item, "answer") if first else (item["files"], file.name) for name, item in items.items()
        }
        disks = {name: item.get("disk") or "" for name, item in items.items()}
        answers = {name: Answer(texts[key], disks[name]) for name, (texts, key) in places.items()}
        for name, checked in file.check(runner, answers).items():
            texts, key = places[name]
            texts[key] = checked.text
            if checked.mistake:
                yield f"{name}: {'' if first else file.name + ': '}{checked.mistake}"
