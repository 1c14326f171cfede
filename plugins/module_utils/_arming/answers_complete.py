# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The answers of a machine, merged from those of the site, of its profile and its own, and completed by its family."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import AnswerFile, Family
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    check_shape,
)


def layered(*layers: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """Answers, each layer over those before: those of the site, of a profile, of a machine."""
    merged: dict[str, t.Any] = {}
    for layer in layers:
        merged = merge(merged, layer or {})
    return merged


def merge(lower: dict[str, t.Any], upper: dict[str, t.Any]) -> dict[str, t.Any]:
    """``upper`` over ``lower``. Mappings are merged key by key; a list replaces the other one as a whole."""
    merged = dict(lower)
    for key, value in upper.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def complete_answers(
    family: Family, answers: dict[str, t.Any], distribution: dict[str, t.Any], disk: str
) -> dict[str, t.Any]:
    """Complete answers; first of all, a line is one line: what comes after it must not become an answer of its own.

    :raises PxeError: all that is wrong.
    """
    shape = Mistakes()
    schema = family.answer_schema()
    for key, value in answers.items():
        # Keys of other families may stand in site_answers.
        if key in schema:
            check_shape(shape, (), key, value, schema[key])
    try:
        shape.raise_if_any()
    except PlanError as exc:
        raise PxeError("\n".join(f"{each['address']}: {each['message']}" for each in exc.mistakes)) from exc
    names = [_answers.served_name(file) for file in answers.get("files") or []]
    misnamed = list(_answers.files_mistakes(names, (file.name for file in family.answer_files)))
    if misnamed:
        raise PxeError("\n".join(f"files[{number}]: {said}" for number, said in misnamed))
    return family.complete_answers(answers, distribution, disk)


def unserved_by_ftp(profile: dict[str, t.Any], answers: dict[str, t.Any]) -> str:
    """What is wrong with the answer ``files``, if anything: by FTP nothing is held back until the release, and
    installers since EL 7 include nothing from there."""
    if profile.get("answers_by") != "ftp" or not answers.get("files"):
        return ""
    return "are served by HTTP only; write answers_by: http into the profile"


def answer_template(answer_file: AnswerFile, file: str) -> str:
    """The template that an answer file is made from.

    :param file: the name of the user's own file, if there is one. It is a template itself if it is called so
        (``.j2``), or if its family takes over no other files.
    """
    if not file:
        return answer_file.template
    return (answer_file.own_template if file.endswith(".j2") else answer_file.file_template) or file
