# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The answers that a preseed file is made from."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    Answer,
    Checked,
    Script,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check as _preseed
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import disk as _preseed_disk
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import (
    Key,
    filled,
    form_mistakes,
)

KEYS: dict[str, Key] = {
    "locale": _answers.PLACE["locale"],
    "keyboard": _answers.PLACE["keyboard"],
    "timezone": _answers.PLACE["timezone"],
    "ntp_server": _answers.PLACE["ntp_server"],
    "packages": Key(
        "str",
        "packages of Debian",
        several=True,
        documented_default="`[openssh-server]` and what other answers need",
    ),
    "kernel_package": Key(
        "str",
        "the kernel, by its package",
        form=(r"([a-z0-9][a-z0-9+.-]*)?", "linux-image-amd64"),
        documented_default="d-i's choice",
    ),
    "install_recommends": Key("bool", "packages that others recommend", True),
    **_answers.LOGIN,
    "partitioning": Key(
        {
            "method": Key("str", "`regular` (partitions) or `lvm`", "regular", choices=("regular", "lvm")),
            "recipe": Key(
                "str",
                "`atomic` (one file system), `home` (a separate `/home`), `multi` (`/home`, `/var` and `/tmp`)",
                "atomic",
                choices=("atomic", "home", "multi"),
            ),
            "swap": Key("bool", "`false` for none", True),
            "break_arrays": Key(
                "bool",
                "`true` takes the disk out of arrays and volume groups that span other disks; their data may be lost",
            ),
            "allow_removable": Key(
                "bool",
                "`true` allows removable disks, USB disks and virtual disks of a management controller",
            ),
        },
        "[see below](#disks)",
    ),
    "disk_rule": Key(
        _answers.DISK_RULE, "what finds the disk, see [Disks](kickstart.md#disks)", documented_default="none"
    ),
    "mirror": Key(
        {
            "host": Key("str", form=(r"[A-Za-z0-9.-]+(:[0-9]+)?", "mirror.example")),
            "directory": Key("str", form=(r"/[A-Za-z0-9._~/-]*", "/debian")),
            "suite": Key("str", form=(r"[a-z0-9.-]*", "trixie")),
            "authenticated": Key("bool"),
        },
        "`host`, `directory`, `suite` and `authenticated`: where packages are from, and whether they are signed",
        documented_default="the install tree",
    ),
    "early_commands": Key("text", "shell commands of the installer, before it partitions", several=True),
    "late_commands": Key(
        "text", "shell commands of the installer, with the new system below `/target`", several=True
    ),
    "boot_order": _answers.BOOT_ORDER,
    "console": _answers.PLACE["console"],
    "extra": Key("text", "further lines of a preseed file"),
    "file": replace(
        _answers.OWN_FILES["file"],
        description="a preseed file of your own, see [there](debian.md#your-own-preseed-file)",
    ),
    "files": replace(
        _answers.OWN_FILES["files"],
        description="your own files that the machine fetches: [additional files](kickstart.md#additional-files)",
    ),
}
# Of disk_rule, its own function speaks.
_FORMED = {name: key for name, key in {**_answers.PLACE, **KEYS}.items() if name != "disk_rule"}

# What d-i calls the releases; an image of another one needs answers.mirror.suite only if d-i guesses wrong.
CODENAMES = {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(/[a-z0-9.-]+|=[A-Za-z0-9.+~:-]+)?\Z")
# Answered by the collection itself; another answer would break the reports or the guard of the disk.
_OURS = (
    "preseed/early_command",
    "preseed/late_command",
    "partman/early_command",
    "partman-auto/disk",
    "grub-installer/bootdev",
)


def codename(distribution: dict[str, t.Any]) -> str:
    """``trixie`` for debian-13, by its version or else its name; empty when unknown."""
    number = re.search(r"[0-9]+", distribution.get("version") or distribution.get("name") or "")
    return CODENAMES.get(number[0], "") if number else ""


def complete_answers(
    answers: dict[str, t.Any], distribution: dict[str, t.Any], disk: str
) -> dict[str, t.Any]:
    """Fill in the defaults of a machine's answers, whose types are right already, and check the values.

    :param distribution: from the plan: ``{name, tree_url, version}``.
    :param disk: what ``machine_disk`` says.
    :returns: every key of KEYS; every user has every key; ``packages`` has what the rest needs;
        ``disk_rule`` is as ``_answers.complete_rule`` makes it.
    :raises PxeError: all that is wrong, each with its key, without the values of secrets.
    """
    complete = filled(answers, KEYS)
    complete["mirror"] = _mirror(answers.get("mirror") or {}, distribution)
    mistakes = [*_answer_mistakes(complete), *_answers.rule_mistakes(complete["disk_rule"], disk)]
    if mistakes:
        raise PxeError("\n".join(mistakes))
    complete["disk_rule"] = _answers.complete_rule(complete["disk_rule"])
    needed = ["openssh-server", *(["sudo"] if any(user["sudo"] for user in complete["users"]) else [])]
    complete["packages"] = list(dict.fromkeys([*needed, *complete["packages"]]))
    return complete


def check(module: t.Any, answers: t.Mapping[str, Answer]) -> dict[str, Checked]:
    """Preseed files by what they do to disks, and by Debian's own checker where the server has it.

    :param module: an AnsibleModule.
    """
    found = {name: _preseed_disk.check(answer.text, answer.disk) for name, answer in answers.items()}
    # As the installer reads it.
    texts = {name: _preseed.mended(answer.text) for name, answer in answers.items()}
    sound = {name: text for name, text in texts.items() if not found[name]}
    found.update(_preseed.debconf_check(module, sound))
    return {
        name: Checked(text, _preseed.summary(found[name]) if found[name] else "")
        for name, text in texts.items()
    }


def scripts(answers: dict[str, t.Any]) -> list[Script]:
    """The commands of the installer, whose /bin/sh is busybox's."""
    return [
        Script(f"{key}[{number}]", "sh", text)
        for key in ("early_commands", "late_commands")
        for number, text in enumerate(answers[key] if isinstance(answers.get(key), list) else [])
        if isinstance(text, str)
    ]


def tree_place(tree_url: str) -> tuple[str, str]:
    """``http://10.77.0.1/trees/debian-13`` → host (with port) and path."""
    host, _slash, path = tree_url.partition("://")[2].partition("/")
    return host, f"/{path}"


def _mirror(mirror: dict[str, t.Any], distribution: dict[str, t.Any]) -> dict[str, t.Any]:
    """By default the install tree; a mirror is expected to be signed."""
    host, directory = tree_place(distribution["tree_url"])
    given = bool(mirror.get("host"))
    default = {
        "host": host,
        "directory": "/debian" if given else directory,
        "suite": codename(distribution),
        "authenticated": given or bool(distribution.get("mirror")),
    }
    return {**default, **{key: value for key, value in mirror.items() if value not in ("", None)}}


def _answer_mistakes(answers: dict[str, t.Any]) -> t.Iterator[str]:
    """Sentences with the address of each value below ``answers``."""
    yield from form_mistakes(answers, _FORMED)
    for number, package in enumerate(answers["packages"]):
        if not _PACKAGE.match(package):
            yield f"packages[{number}]: {package!r} is not the name of a Debian package"
    yield from _answers.account_mistakes(answers)
    yield from _extra_mistakes(answers["extra"])
    if not answers["file"]:
        yield from _answers.nobody_mistakes(answers)


def _extra_mistakes(extra: str) -> t.Iterator[str]:
    if not extra.strip():
        return
    for mistake in _preseed.check(extra):
        yield f"extra: {mistake}"
    for entry in _preseed.entries(extra):
        if entry.question in _OURS:
            yield (
                f"extra: line {entry.line}: {entry.question} is answered by the collection; "
                "use early_commands, late_commands or machine_disk"
            )
