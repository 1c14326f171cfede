# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The files that arm machines, by their paths below answers/ and events/."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.armed_scripts import parse_script_path
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import (
    Installation,
    folder_of,
    script_path,
    ticket_path,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.records import RECORD, record_text
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import checked_armed_script
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes


def answer_files(installations: t.Sequence[Installation]) -> dict[str, str]:
    """The answer files below answers/, and the files beside them."""
    found = {}
    for item in installations:
        name = FAMILIES[item["family"]].answer_file.name
        texts = {**(item.get("files") or {}), name: item["answer"]}
        found.update({f"{folder_of(item)}/{file}": text for file, text in texts.items()})
    return found


def script_files(installations: t.Sequence[Installation], urls: dict[str, str]) -> dict[str, str]:
    """The armed scripts below answers/.

    :param urls: of boot/, answers/ and events/.
    :raises PxeError: iPXE could not read one.
    """
    return {(path := script_path(item)): checked_armed_script(item, urls, path) for item in installations}


def ticket_files(installations: t.Sequence[Installation]) -> dict[str, str]:
    """The tickets below events/."""
    return {ticket_path(item): f"One installation of {item['machine']}\n" for item in installations}


def record_files(installations: t.Sequence[Installation]) -> dict[str, str]:
    """The records below events/."""
    return {f"{folder_of(item)}/{RECORD}": record_text(item) for item in installations}


def without_answers(changes: Changes) -> Changes:
    """Answer files and what lies beside them hold secrets; a diff shows only that they change."""
    for texts in (changes.before, changes.after):
        for path in texts:
            if parse_script_path(path) is None:
                texts[path] = "(an answer file; not shown)\n"
    return changes
