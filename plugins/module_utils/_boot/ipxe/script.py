# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The language of iPXE's scripts: values put into them, and lines that several scripts have.

The language has no quoting (iPXE ``src/core/exec.c``, ``src/image/script.c``): words are separated by blanks, a word
that starts with ``#`` begins a comment, ``||`` ``&&`` ``;`` are operators when they stand alone, a ``\\`` at the end
of a line joins the next one, and ``${name}`` is replaced by a setting anywhere in a word.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.plugins.module_utils._firmware import FIRST_SECTOR, PLATFORMS

# The second line of each script starts so; a file without it is not ours.
HEADER = "#!ipxe\n# Written by netinstall.pxe"
#: Milliseconds without progress after which a fetch is given up; iPXE itself would wait for minutes.
TIMEOUT = 20000
_TRIES = 5
#: Seconds: after a failure, and where a machine holds.
PAUSE, HOLD_PAUSE = 3, 30
#: A setting that nobody sets: replaced by nothing, but only after iPXE has looked for comments and operators.
NOTHING = "${_}"
#: The card that was booted from, as installers read it.
BOOT_CARD_SETTING = "BOOTIF=01-${netX/mac:hexhyp}"

FETCH = f"chain --replace --autofree --timeout {TIMEOUT}"
#: The last lines of each script. Drive 0x80 is the first disk. UEFI: a failure status makes the firmware try its next
#: boot entry, success would open its setup.
LOCAL_BOOT = [
    *(
        f"iseq ${{platform}} {platform.ipxe} && sanboot --no-describe --drive 0x80 ||"
        for platform in PLATFORMS.values()
        if platform.local_disk == FIRST_SECTOR
    ),
    "exit 1",
]
SAY_LOCAL_BOOT = ["echo Booting the local disk", *LOCAL_BOOT]


def text(value: str, where: str) -> str:
    """Words for the screen or a comment, made harmless. ``where`` is the address for the error message.

    :raises PxeError: it holds ``${``, which iPXE would replace, or control characters.
    """
    if "${" in value:
        raise PxeError(
            f"{where}: '{value}' holds '${{', which iPXE would replace by a setting: write it differently"
        )
    if not value.replace("\t", " ").isprintable():
        raise PxeError(
            f"{where}: {value!r} holds line breaks or control characters: write one line of plain text"
        )
    words = [f"{NOTHING}{item}" if _is_special(item) else item for item in value.split()]
    return " ".join(words).rstrip("\\")


def _is_special(item: str) -> bool:
    return item[0] in "#;" or "||" in item or "&&" in item


def word(value: str, where: str) -> str:
    """One word of a command: a URL, a kernel argument. Settings (``${netX/mac}``) may be used in it.

    :raises PxeError: iPXE would not take it as one word.
    """
    if not value or not value.isprintable() or any(char.isspace() for char in value):
        raise PxeError(
            f"{where}: {value!r} is not one word: iPXE does not support quotes, so blanks cannot be passed on"
        )
    if value[0] == "#" or value in ("||", "&&", ";") or value.endswith("\\"):
        raise PxeError(f"{where}: iPXE would not take '{value}' literally: it is part of its own language")
    return value


def words(values: t.Iterable[str], where: str) -> str:
    said = (BOOT_CARD_SETTING if value == BOOT_CARD else value for value in values)
    return " ".join(word(value, f"{where}[{number}]") for number, value in enumerate(said))


def url_of(base: str, *parts: str) -> str:
    url = "/".join([base.rstrip("/"), *parts])
    if not re.match(r"(?:https?|ftp|tftp)://\S", url):
        raise PxeError(f"'{url}' is not a URL that iPXE can fetch: write http://ADDRESS/…")
    return word(url, url)


def script_of(made_by: str, about: t.Iterable[str], body: t.Iterable[str]) -> str:
    head = [f"{HEADER} ({made_by}). Do not edit: the next run replaces it."]
    # In a comment nothing is special but its end.
    comments = ("# " + "".join(char for char in line if char.isprintable()).rstrip("\\") for line in about)
    return "\n".join([*head, *comments, "", *body, ""])


def retry(label: str, message: str, tries: int = _TRIES, pause: int = PAUSE) -> list[str]:
    """Go to ``label`` again, at most ``tries`` times in all, then go on after these lines."""
    return [
        "inc attempt",
        f"iseq ${{attempt:int32}} {tries} && goto give_up ||",
        f"echo {message} (try ${{attempt:int32}} of {tries}). Next try in {pause} seconds.",
        f"sleep {pause} ||",
        f"goto {label}",
        "",
        ":give_up",
    ]
