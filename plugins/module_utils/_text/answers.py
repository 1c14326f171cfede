# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Answers that mean the same to every installer: who may log in, language, time zone, console.

The functions yield sentences, each with the address of a value below ``answers`` and without the value itself where
that may be a secret.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import Key, form_mistakes

#: What ``machine_disk`` says where ``disk_rule`` finds the disk.
BY_RULE = "/dev/disk/by-rule"
_SIZE = r"(\d+(\.\d+)? ?[KMGTP]i?B)?"
#: Where the machine stands, and how it talks. One word each, so that they stand in an answer file, a kernel command
#: line and a shell command alike.
PLACE: dict[str, Key] = {
    "locale": Key(
        "str",
        "language",
        "en_US.UTF-8",
        form=(r"[A-Za-z]{1,8}(_[A-Z]{2})?(\.[A-Za-z0-9-]+)?(@[a-z]+)?", "en_US.UTF-8"),
    ),
    "keyboard": Key(
        "str",
        "layout, with its variant as `de(nodeadkeys)`",
        "us",
        form=(r"[a-z0-9_-]+(\([a-z0-9_-]+\))?", "us"),
    ),
    "timezone": Key(
        "str",
        "time zone; the hardware clock is in UTC",
        "UTC",
        form=(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", "Europe/Berlin"),
    ),
    "ntp_server": Key("str", "NTP server of the installer", form=(r"[A-Za-z0-9.:-]*", "10.77.0.1")),
    "console": Key(
        "str",
        "such as `ttyS0,115200`, for the installer and for the installed system",
        form=(r"([A-Za-z]+[0-9]*(,[0-9]+[a-z]?[0-9]?)?)?", "ttyS0,115200"),
    ),
}
#: Who may log in.
LOGIN: dict[str, Key] = {
    "root_password_hash": Key("str", "output of `openssl passwd -6`", documented_default="none: no password"),
    "root_ssh_keys": Key("key", "list of public keys", several=True),
    "users": Key(
        {
            "name": Key("str"),
            "gecos": Key("str"),
            "password_hash": Key("str"),
            "ssh_keys": Key("key", several=True),
            "groups": Key("str", several=True),
            "sudo": Key("bool"),
        },
        "list of `name`, `gecos`, `password_hash`, `ssh_keys`, `groups`, `sudo`",
        several=True,
    ),
}
#: What finds the disk, or must be true of it.
DISK_RULE: dict[str, Key] = {
    "only": Key("bool"),
    "min_size": Key("str", form=(_SIZE, "400GB")),
    "max_size": Key("str", form=(_SIZE, "500GB")),
    "model": Key("str", form=(r"[A-Za-z0-9 ._*?+()\[\]/-]*", "PERC*")),
    "serial": Key("str", form=(r"[A-Za-z0-9._:+-]*", "S3Z9NB0K")),
    "wwn": Key("str", form=(r"[A-Za-z0-9._:-]*", "0x5000c500a1b2c3d4")),
}
#: What the firmware starts first when the machine is installed. A BIOS is left alone.
BOOT_ORDER = Key(
    "str",
    "what UEFI firmware starts first afterwards, see [there](uefi.md#the-firmwares-boot-order): `network`, `disk`, or "
    "what the `installer` leaves there",
    "network",
    choices=("network", "disk", "installer"),
)
#: Files of the user's.
OWN_FILES: dict[str, Key] = {
    "file": Key("str", "[your own kickstart](#your-own-kickstart)"),
    "files": Key(
        "str", "your own files that the machine fetches: [additional files](#additional-files)", several=True
    ),
}
_BYTES = {"B": 1, **{f"{unit}B": 1000**power for power, unit in enumerate("KMGTP", 1)}}
_BYTES.update({f"{unit}iB": 1024**power for power, unit in enumerate("KMGTP", 1)})
# As the web server gives it out.
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}\Z")
#: Bytes of all files of one machine together. They go to the server with its answer file.
LARGEST_FILES = 1024 * 1024
# As adduser(8) takes it.
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}\Z")
# crypt(5): $id$…, and the two marks of shadow(5) for "no password".
_HASH = re.compile(r"(\$[0-9a-z]+\$[!-~]*[./0-9A-Za-z]+|!|\*)\Z")
# sshd(8), AUTHORIZED_KEYS FILE FORMAT: [options] type key [comment]
_SSH_KEY = re.compile(r"([^\n]* )?(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\n]*)?\Z")


def complete_rule(rule: dict[str, t.Any]) -> dict[str, t.Any]:
    """A rule with ``given`` (bool), and ``min_sectors`` and ``max_sectors`` (of 512 bytes; 0 for no limit)."""
    return {
        **rule,
        "given": any(rule.values()),
        # A disk of exactly the least size is large enough, and one of exactly the largest is not too large.
        "min_sectors": -(-_size(rule["min_size"]) // 512),
        "max_sectors": _size(rule["max_size"]) // 512,
    }


def _size(text: str) -> int:
    """``400GB``, ``1.5 TiB`` → bytes; nothing → 0."""
    number = re.match(r"[\d.]*", text)
    if not number or not number[0]:
        return 0
    return round(float(number[0]) * _BYTES[text[number.end() :].strip()])


def rule_mistakes(rule: dict[str, t.Any], disk: str) -> t.Iterator[str]:
    """What is wrong with ``disk_rule``, all of whose keys are there.

    :arg disk: what ``machine_disk`` says.
    """
    yield from form_mistakes(rule, DISK_RULE, "disk_rule.")
    if disk == BY_RULE and not any(rule.values()):
        yield f"disk_rule: is missing, but machine_disk is {disk}; write a rule such as {{serial: S3Z9NB0K}}"


def served_name(file: str) -> str:
    """What one of ``files`` is called where the machine fetches it: a template without its ending."""
    name = file.rpartition("/")[2]
    return name[:-3] if name.endswith(".j2") else name


def files_mistakes(names: t.Iterable[str], answer_files: t.Iterable[str]) -> t.Iterator[tuple[int, str]]:
    """Names that files cannot have beside the answer files, each with its position."""
    taken = set(answer_files)
    for number, name in enumerate(names):
        if not _FILE.match(name):
            yield (
                number,
                f"cannot be served as {name!r}; name it with letters, digits and . _ - with no dot in front",
            )
        elif name.endswith(".ipxe"):
            yield (
                number,
                f"cannot be served as {name}: names that end in .ipxe are those of boot scripts; rename it",
            )
        elif name in taken:
            yield number, f"is not the only one that is served as {name}; rename it"
        taken.add(name)


def account_mistakes(answers: dict[str, t.Any]) -> t.Iterator[str]:
    """What is wrong with ``root_password_hash``, ``root_ssh_keys`` and ``users``, all of which are complete."""
    yield from _login_mistakes("root_password_hash", "root_ssh_keys", answers)
    for number, user in enumerate(answers["users"]):
        yield from _user_mistakes(f"users[{number}]", user)


def hashes(answers: dict[str, t.Any]) -> dict[str, str]:
    """The hashes of all passwords that are given, by address."""
    found = {"root_password_hash": answers["root_password_hash"]}
    found.update(
        (f"users[{number}].password_hash", user["password_hash"])
        for number, user in enumerate(answers["users"])
    )
    return {address: text for address, text in found.items() if text not in ("", "!", "*")}


def nobody_mistakes(answers: dict[str, t.Any]) -> t.Iterator[str]:
    """Whether someone can log in to the installed machine."""
    keys = [answers["root_ssh_keys"], *(user["ssh_keys"] for user in answers["users"])]
    if not hashes(answers) and not any(keys):
        yield "root_ssh_keys: nobody could log in; give root_ssh_keys, root_password_hash or a user with one of them"


def _login_mistakes(
    hash_key: str, keys_key: str, values: dict[str, t.Any], prefix: str = ""
) -> t.Iterator[str]:
    if values[hash_key] and not _HASH.match(values[hash_key]):
        yield f"{prefix}{hash_key}: is not a hash of crypt(5); write the output of 'openssl passwd -6'"
    for number, key in enumerate(values[keys_key]):
        if not _SSH_KEY.match(key.strip()):
            yield (
                f"{prefix}{keys_key}[{number}]: is not an SSH public key; "
                "write a line of a file such as id_ed25519.pub"
            )


def _user_mistakes(path: str, user: dict[str, t.Any]) -> t.Iterator[str]:
    if not _USER.match(user["name"]):
        yield f"{path}.name: {user['name']!r} is not the name of a user; write one such as admin"
    elif user["name"] == "root":
        yield f"{path}.name: root exists already; write root_password_hash and root_ssh_keys"
    if re.search(r"[:\n]", user["gecos"]):
        yield f"{path}.gecos: write one line without ':'"
    for number, group in enumerate(user["groups"]):
        if not _USER.match(group):
            yield f"{path}.groups[{number}]: {group!r} is not the name of a group"
    yield from _login_mistakes("password_hash", "ssh_keys", user, f"{path}.")
