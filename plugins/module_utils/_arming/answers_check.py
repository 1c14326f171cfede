# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is wrong with the answers of a machine, as far as that can be known before it is armed.

Arming has the values checked by the family; so does this, and it also looks at what only shows in the installed
machine: a time zone that does not exist, a key that its sshd does not know, a script that no shell can read. No
message has a value that may be a secret.
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_complete import (
    complete_answers,
    merge,
    unserved_by_ftp,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Script
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answers import BY_RULE

Answers = dict[str, t.Any]
#: Answers that somebody can log in by.
LOGINS = ("root_password_hash", "root_ssh_keys", "users")
#: For answers of which not all is known: somebody may log in by what is not.
STAND_IN_KEY = "ssh-rsa AAAA stand-in"
_SHELLS = {"sh": "sh", "dash": "sh", "ash": "sh", "bash": "bash", "ksh": "ksh", "python3": "python3"}


class Layers(t.NamedTuple):
    """The answers of one machine, from the lowest to the highest, each with what it is called.

    ``complete`` says whether all of them could be evaluated.
    """

    layers: list[tuple[str, Answers]]
    complete: bool = True

    @property
    def merged(self) -> Answers:
        merged: Answers = {}
        for _name, layer in self.layers:
            merged = merge(merged, layer)
        return merged

    def origin(self, path: str) -> str:
        """The address of the value at a path below the answers; of one that nobody gave, where to give it."""
        keys = re.split(r"[.\[]", path)
        for name, layer in reversed(self.layers):
            if _has(layer, keys):
                return f"{name}.{path}"
        # What is missing is best given by the profile.
        names = [name for name, _layer in self.layers if name.startswith("site_profiles.")]
        return f"{(names or [self.layers[-1][0]])[0]}.{path}"


def _has(layer: t.Any, keys: t.Sequence[str]) -> bool:
    """Whether a layer has a value there. Of lists the highest layer has all."""
    for key in keys:
        if isinstance(layer, list):
            return True
        if not isinstance(layer, dict) or layer.get(key) is None:
            return False
        layer = layer[key]
    return True


def without_machine(profile: dict[str, t.Any], answers: Answers) -> dict[str, t.Any]:
    """A machine for a profile, to check its answers where no machine is described."""
    return {
        "name": "",
        "profile": profile["name"],
        **{key: profile[key] for key in ("distribution", "family")},
        "disk": BY_RULE if answers.get("disk_rule") else "/dev/sda",
    }


def mistakes(
    plan: dict[str, t.Any], machine: dict[str, t.Any], layers: Layers, zones: t.Collection[str] = ()
) -> list[tuple[str, str]]:
    """What is wrong with the answers of a machine, as (address, message).

    :arg machine: of the plan
    :arg zones: the names of all time zones; empty if they are not known
    """
    answers = layers.merged
    if (not layers.complete or not machine["name"]) and not any(answers.get(key) for key in LOGINS):
        answers = {**answers, "root_ssh_keys": [STAND_IN_KEY]}
    distribution, family = plan["distributions"][machine["distribution"]], FAMILIES[machine["family"]]
    found = []
    try:
        complete_answers(family, answers, distribution, machine["disk"] or "")
    except PxeError as error:
        found = [line.partition(": ")[::2] for line in str(error).split("\n")]
    found += _zone_mistakes(answers, zones, {path for path, _message in found})
    found += family.installed_mistakes(answers, distribution)
    by_ftp = unserved_by_ftp(plan.get("profiles", {}).get(machine["profile"]) or {}, answers)
    found += [("files", by_ftp)] if by_ftp else []
    return [(_address(machine, layers, path), message) for path, message in found]


def file_mistakes(layers: Layers, missing: t.Callable[[str], str] | None) -> t.Iterator[tuple[str, str]]:
    """Files that answers name and that are not there, as (address, message).

    :arg missing: what is wrong with a name; nothing is looked for without it
    """
    answers = layers.merged
    files = answers.get("files")
    named = [("file", answers.get("file"))]
    named += [
        (f"files[{number}]", file) for number, file in enumerate(files if isinstance(files, list) else [])
    ]
    for path, file in named:
        said = missing(file) if missing and file and isinstance(file, str) else ""
        if said:
            yield layers.origin(path), said


def _address(machine: dict[str, t.Any], layers: Layers, path: str) -> str:
    if path.startswith("machine_"):
        return f"pxe_machines.{machine['name']}.{path}"
    return layers.origin(path)


def _zone_mistakes(
    answers: Answers, zones: t.Collection[str], wrong: t.Collection[str]
) -> t.Iterator[tuple[str, str]]:
    zone = answers.get("timezone")
    if not zones or not isinstance(zone, str) or zone in zones or not zone or "timezone" in wrong:
        return
    lower = {name.lower(): name for name in zones}
    near = difflib.get_close_matches(zone.lower(), lower, n=1)
    hint = f"did you mean {lower[near[0]]!r}?" if near else "write one such as Europe/Berlin"
    yield "timezone", f"{zone!r} is not in the tz database; {hint}"


def scripts(machine: dict[str, t.Any], answers: Answers) -> list[Script]:
    """The scripts of the answers that a shell can check without running them."""
    found = FAMILIES[machine["family"]].scripts(answers)
    named = [each._replace(shell=_shell(each.text, each.shell)) for each in found]
    return [each for each in named if each.shell]


def _shell(text: str, default: str) -> str:
    """What reads a script; nothing for a program whose check would run parts of it, or whose version is not known."""
    first = text.lstrip().split("\n", 1)[0]
    if not first.startswith("#!"):
        return default
    words = [word.rpartition("/")[2] for word in first[2:].split()]
    name = next((word for word in words if word != "env" and not word.startswith("-")), "")
    shell = _SHELLS.get("python3" if name.startswith("python3") or name == "platform-python" else name, "")
    return default if shell == "sh" else shell
