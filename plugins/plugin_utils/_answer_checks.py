# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is wrong with answer files that were rendered, before any machine is armed. No mistake shows a secret."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import missing_required_lib
from ansible.utils.display import Display
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_text import unserved
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import masked
from ansible_collections.netinstall.pxe.plugins.module_utils._files import read_file
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import (
    check,
    sections,
    served,
    validation,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.storage import BY_RULE
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check as _preseed
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import disk as _preseed_disk
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _tree_indexes

display = Display()

Record = dict[str, t.Any]


def sentences(lines: str) -> str:
    """Lines as one text: Ansible shows what a task says without its line breaks."""
    ended = (line if line.endswith("?") else line.rstrip(".") + "." for line in lines.splitlines())
    return " ".join(ended)


def file_mistakes(installations: t.Iterable[Record]) -> t.Iterator[str]:
    """What machines would ask for and not get."""
    for item in installations:
        for name in unserved(item):
            yield (
                f"{item['machine']}: {name} is fetched from installation.files_url, but answers.files does not name it"
            )


def text_mistakes(action: t.Any, installations: list[Record], root: str, task_vars: Record) -> list[str]:
    """What an installer would refuse, or do before it knows whether this is the machine.

    :arg action: the action plugin that asks the web server what its install trees have
    :raises PxeError: that cannot be read.
    """
    found = _preseed_mistakes(installations)
    kickstarts = [item for item in installations if item["answer_format"] == "kickstart"]
    found += [mistake for item in kickstarts for mistake in _early_mistakes(item)]
    return found + (_kickstart_mistakes(action, kickstarts, root, task_vars) if kickstarts else [])


def _preseed_mistakes(installations: t.Iterable[Record]) -> list[str]:
    found = []
    for item in installations:
        preseed = item["answer_format"] == "preseed"
        mistakes = _preseed_disk.check(item["answer"], item["disk"] or "") if preseed else []
        if mistakes:
            found.append(f"{item['machine']}: {_preseed.summary(mistakes)}")
    return found


def _early_mistakes(item: Record) -> list[str]:
    """What a kickstart would run before it looks at machine and disk."""
    places = {
        first: f"{item['machine']}: {origin['file']} line {number}"
        for origin in _origins(item)
        for first, number in enumerate(origin["lines"], origin["first"])
    }
    found = served.before_guard(item["answer"], _beside(item), item["syntax"]["level"])
    lines = (
        f"{places.get(number, item['machine'] + f' line {number}')}: {mistake}" for number, mistake in found
    )
    return _without_tokens(lines, [item])


def _kickstart_mistakes(action: t.Any, kickstarts: list[Record], root: str, task_vars: Record) -> list[str]:
    """What the installer would refuse, and what is asked for and not there."""
    if check.IMPORT_ERROR:
        return [missing_required_lib("pykickstart")]
    # Where nothing is known, packages are not checked.
    indexes = _tree_indexes.read(action, {item["distribution"] for item in kickstarts}, root, task_vars)
    checked = validation.for_machines([_to_check(item, indexes) for item in kickstarts], indexes)
    for line in _without_tokens(checked["warning_lines"], kickstarts):
        display.warning(line)
    return _without_tokens(checked["error_lines"], kickstarts)


def _to_check(item: Record, indexes: t.Container[str]) -> Record:
    """What to ask kickstart_validate about one machine."""
    partitioning = item["answers"].get("partitioning") or {}
    return {
        "name": item["machine"],
        "content": item["answer"],
        "version": item["kickstart_version"],
        "urls": [url for url in (item["tree_urls"] or {}).values() if url],
        "disks": [item["disk"], *(partitioning.get("disks") or [])] if item["disk"] else [],
        # What the installer writes and then includes; a disk that a rule finds has a name that stands for it.
        # So has what lies beside the kickstart a text.
        "generated": {
            **served.generated(item["answer"]),
            **_beside(item),
        },
        "origins": _origins(item),
        **({"distribution": item["distribution"]} if item["distribution"] in indexes else {}),
    }


def _beside(item: Record) -> dict[str, str]:
    """The texts of what is served beside an answer file, by URL."""
    return {f"{item['files_url']}/{name}": text for name, text in item["files"].items()}


def _origins(item: Record) -> list[Record]:
    """Which lines are those of a kickstart that was brought along: messages are about that file."""
    name = item["answers"]["file"]
    if not item["own_file"] or item["template"] == name:
        return []
    # As the template reads it.
    text = read_file(item["own_file"]).decode("utf-8", "surrogateescape").rstrip()
    disk = sections.bare_disk(item["disk"] or "")
    text = sections.of_installation(text, item)
    own = sections.adapt(text, disk if disk != BY_RULE else "", item["syntax"]["sections_end"])
    return served.origins(item["answer"], name, own)


def _without_tokens(lines: t.Iterable[str], installations: t.Iterable[Record]) -> list[str]:
    """Without tokens: a file beside an answer file is called by its name."""
    found = list(lines)
    for item in installations:
        found = [line.replace(f"{item['files_url']}/", "") for line in found]
    return [masked(line) for line in found]


def never_ended(installations: t.Iterable[Record]) -> t.Iterator[str]:
    """Machines that load pxelinux, and whose arming nothing would end: no release is asked for by FTP, and no report
    comes."""
    for item in installations:
        if item["answer_url"].startswith("ftp:") and item["events_url"] not in item["answer"]:
            machine = item["machine"]
            yield (
                f"{machine}: it loads pxelinux and gets its answer file by FTP, which reports nothing: it would "
                "be installed again at every boot. Write answers_by: http into its profile, or let the file begin with "
                "{% extends 'kickstart.cfg.j2' %}"
            )
