# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Keeps secrets of a kickstart out of messages about it.

pykickstart quotes what it does not understand, and a password with a blank in it, or after a mistyped option, is
just that. So in commands that take secrets only what is known to be public is shown. Scripts and other sections
are never quoted at all.
"""

from __future__ import annotations

import difflib
import re
import shlex
import typing as t

MASK = "********"

#: The commands that take a password, passphrase or key in some version of the syntax.
COMMANDS = frozenset(
    [
        *("autopart", "bootloader", "iscsi", "key", "lilo", "logvol", "network", "part", "partition", "raid"),
        *("rdp", "realm", "rhsm", "rootpw", "sshpw", "stratispool", "user", "vnc"),
    ]
)
# Commands whose words without an option are secrets, or may be what is left of one.
_BARE_SECRETS = frozenset(["key", "realm", "rhsm", "rootpw", "sshpw", "user", "vnc", "rdp"])
_SECRET_OPTIONS = frozenset(
    [
        *("--activation-key", "--hw-passphrase", "--md5pass", "--one-time-password", "--passphrase"),
        *("--password", "--reverse-password", "--wepkey", "--wpakey"),
    ]
)
_USER_IN_URL = re.compile(r"(?<=://)[^/\s'\"]*@")


def hide_users(text: str) -> str:
    """Users and passwords in URLs."""
    return _USER_IN_URL.sub(f"{MASK}@", text)


def hide(text: str, line: str, options: t.Mapping[str, t.Any]) -> str:
    """A message without the secrets of the line that it is about.

    :arg options: the options that the line's command knows, and argparse's action for each
    """
    words = _words(line)
    if words and words[0] in COMMANDS:
        for secret in sorted(_secrets(words[0], words[1:], options), key=len, reverse=True):
            text = _replace(text, secret)
    return hide_users(text)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def _secrets(command: str, words: list[str], options: t.Mapping[str, t.Any]) -> set[str]:
    """All words and values of a line but those that are known to be public."""
    found = set()
    bare_is_public = command not in _BARE_SECRETS
    public = bare_is_public
    for word in words:
        name, _equals, value = word.partition("=")
        if not word.startswith("-"):
            if not public:
                found.add(word)
            # What follows a secret may be the rest of it: only the next option ends it.
            public = public and bare_is_public
        elif name in options:
            public = _leads_to_public(options[name], name, value, bare_is_public)
            if name in _SECRET_OPTIONS or options[name].nargs == 0:
                found.add(value)
        else:
            # A mistyped option, whose name helps, or a secret that begins with a dash.
            found.add(value)
            if not difflib.get_close_matches(name, options, n=1, cutoff=0.7):
                found.add(word)
            public = False
    return found - {""}


def _leads_to_public(action: t.Any, name: str, value: str, bare_is_public: bool) -> bool:
    """Whether the word after this option may be shown."""
    if name in _SECRET_OPTIONS:
        return False
    return bare_is_public if value or action.nargs == 0 else True


def _replace(text: str, secret: str) -> str:
    # argparse quotes some values as Python does.
    for form in (secret, repr(secret)[1:-1]):
        text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", lambda _found: MASK, text)
    return text
