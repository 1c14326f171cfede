# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import math
import re
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import parse_mac

DOCUMENTATION = r"""
name: survey
short_description: The answers to a survey, or variables of the command line, checked
version_added: 1.0.0
author: The netinstall.pxe authors (@netinstall)
description:
  - Reads the variables that the playbooks of this collection are called with. All of them are texts when they come
    from C(-e NAME=VALUE), and may be anything else when they come from a file or from AWX.
  - An empty value counts as not given. Nothing else that is not understood is taken for something.
options:
  _input:
    description: Variables and their values.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse what cannot be understood
  ansible.builtin.assert:
    that: options.mistakes | length == 0
    fail_msg: "{{ options.mistakes }}"
  vars:
    options: "{{ {'install_time_limit': install_time_limit | default('')} | netinstall.pxe.survey }}"
"""

RETURN = r"""
_value:
  description:
    - The value of each variable, times in seconds, the default where none is given, and the list C(mistakes).
  type: dict
"""


class _WrongError(Exception):
    """What a value must be."""


def _seconds_of_minutes(value: t.Any) -> int:
    return max(1, int(_number(value, 7 * 24 * 60, "a number of minutes, such as 90") * 60))


def _seconds(value: t.Any) -> int:
    number = _number(value, 3600, "a number of seconds, 1 or more, such as 10")
    if number < 1:
        raise _WrongError("a number of seconds, 1 or more, such as 10")
    return int(number)


def _number(value: t.Any, largest: float, wanted: str) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number <= largest:
        raise _WrongError(f"{wanted}, and no more than {largest:g}")
    return number


def _yes_or_no(value: t.Any) -> bool:
    words = {
        "yes": True,
        "true": True,
        "on": True,
        "1": True,
        "no": False,
        "false": False,
        "off": False,
        "0": False,
    }
    word = str(value).strip().lower() if isinstance(value, (bool, int, str)) else ""
    if word not in words:
        raise _WrongError("yes or no")
    return words[word]


def _name(value: t.Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongError("the name of a profile, or nothing")
    return value.strip()


def _macs(value: t.Any) -> list[str]:
    """MAC addresses in their normal form, or the word all."""
    wanted = "MAC addresses with commas between, such as 52:54:00:bb:00:01, or all"
    if value == []:
        return []
    words = value if isinstance(value, list) else re.findall(r"[^\s,;]+", str(value))
    if [word.lower() for word in words if isinstance(word, str)] == ["all"]:
        return ["all"]
    try:
        found = [parse_mac(word) for word in words]
    except PxeError as exc:
        raise _WrongError(wanted) from exc
    if not found:
        raise _WrongError(wanted)
    return found


def _count(value: t.Any) -> str:
    text = str(value).strip() if not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _WrongError("the number of machines, such as 3")
    return str(int(text))


def _one_of(*words: str) -> t.Callable[[t.Any], str]:
    def read(value: t.Any) -> str:
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in words:
            raise _WrongError(" or ".join(words))
        return word

    return read


_QUESTIONS: dict[str, tuple[t.Callable[[t.Any], t.Any], t.Any]] = {
    "install_profile": (_name, ""),
    "install_time_limit": (_seconds_of_minutes, 90 * 60),
    "install_interval": (_seconds, 10),
    "install_follow": (_yes_or_no, True),
    "install_on_failure": (_one_of("keep", "disarm"), "keep"),
    "install_until": (_one_of("ssh", "installed"), "ssh"),
    # Nothing is what the site describes.
    "deploy_on_failed_install": (_one_of("hold", "retry"), ""),
    "status_after_failure": (_yes_or_no, False),
    "plan_full": (_yes_or_no, False),
    "disarm_unknown": (_macs, []),
    "disarm_confirm": (_count, ""),
}


def survey(given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Read the variables that are given."""
    found: dict[str, t.Any] = {}
    mistakes = []
    for variable, value in given.items():
        if variable not in _QUESTIONS:
            raise AnsibleFilterError(f"netinstall.pxe.survey does not know {variable}")
        read, found[variable] = _QUESTIONS[variable]
        try:
            if value is not None and value != "":
                found[variable] = read(value)
        except _WrongError as wrong:
            shown = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
            mistakes.append(f"{variable}: {shown} is not understood; write {wrong}")
    return {**found, "mistakes": mistakes}


class FilterModule:
    """Ansible's way to find filters."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"survey": survey}
