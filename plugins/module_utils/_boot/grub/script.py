# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The language of GRUB's scripts: values put into them, and lines that several files have.

The language (GRUB's manual, "Shell-like scripting"; ``grub-core/script/``): in single quotes everything is literal but
the quote itself. A kernel's command line is put together from words (``grub-core/lib/cmdline.c``): quotation marks and
backslashes get a backslash before them, and words with blanks get quotation marks, so that kernels would see others.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD

Record = dict[str, t.Any]

#: The first line of each file starts so; a file without it is not ours.
HEADER = "# Written by netinstall.pxe"
#: The function of ``grub.cfg`` that boots the local disk, and does not come back.
LOCAL_BOOT = "boot_disk"
#: The card that was booted from, as installers read it: ``card`` is set by ``grub.cfg``.
BOOT_CARD_WORD = '"BOOTIF=01-$card"'
# The same as BOOT_CARD, where somebody wrote it for iPXE.
_IPXE_BOOT_CARD = "BOOTIF=01-${netX/mac:hexhyp}"


def quoted(value: str, where: str) -> str:
    """One word, literally. ``where`` is the address for the error message.

    :raises PxeError: it holds line breaks or control characters.
    """
    if not value.isprintable():
        raise PxeError(
            f"{where}: {value!r} holds line breaks or control characters: write one line of plain text"
        )
    return "'" + value.replace("'", r"'\''") + "'"


def argument(value: str, where: str) -> str:
    """A kernel argument that the kernel sees as it was written.

    :raises PxeError: GRUB would change it.
    """
    if value in (BOOT_CARD, _IPXE_BOOT_CARD):
        return BOOT_CARD_WORD
    if not re.fullmatch(r"[!-~]+", value) or re.search(r"""["'\\]|\$\{""", value):
        raise PxeError(
            f"{where}: GRUB cannot pass {value!r} on: write ASCII without blanks, quotation marks, backslashes and"
            " settings of iPXE"
        )
    return quoted(value, where)


def arguments(values: t.Iterable[str], where: str) -> list[str]:
    return [argument(value, f"{where}[{number}]") for number, value in enumerate(values)]


def say(text: str, where: str) -> str:
    """A line on the screen."""
    return f"echo {quoted(' '.join(text.split()), where)}"


def script_of(about: t.Iterable[str], body: t.Iterable[str]) -> str:
    head = [f"{HEADER} (boot_files). Do not edit: the next run replaces it."]
    return "\n".join([*head, *(comment(line) for line in about), "", *body, ""])


def comment(line: str) -> str:
    """A backslash at its end would join the next line."""
    return "# " + "".join(char for char in line if char.isprintable()).rstrip("\\")


def indented(lines: t.Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def either(condition: str, then: t.Iterable[str], otherwise: t.Iterable[str] = ()) -> list[str]:
    others = indented(otherwise)
    return [f"if {condition}; then", *indented(then), *(["else", *others] if others else []), "fi"]
