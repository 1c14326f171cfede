# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The language of pxelinux's configurations: values put into them, and what they depend on.

The language (syslinux ``doc/syslinux.txt``, ``doc/menu.txt``, ``com32/elflink/ldlinux/readconfig.c``): a directive a
line, no quoting, ``#`` begins a comment only at the start of a line, file names end at a blank and may be URLs. What
it does not know it ignores silently, so that a misspelt directive is noticed by nobody but ``check_config``.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import SiteEntries, Words
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import FOLDER

#: The first line of each configuration starts so; a file without it is not ours.
HEADER = "# Written by netinstall.pxe"
MAX_NAME = 127
# MD5, SHA-1 (syslinux's own), SHA-256 and SHA-512: passwd_compare() in com32/menu/passwd.c.
HASH = re.compile(
    r"\$(1\$[^$\s]{1,8}\$[./0-9A-Za-z]{22}|4\$[^$\s]*\$[+/0-9A-Za-z]{27}=?\$?"
    r"|5\$(rounds=[0-9]+\$)?[^$\s]{1,16}\$[./0-9A-Za-z]{43}|6\$(rounds=[0-9]+\$)?[^$\s]{1,16}\$[./0-9A-Za-z]{86})\Z"
)
# The same as BOOT_CARD, where somebody wrote it for iPXE. It may stand in kernel arguments that are for both.
_IPXE_BOOT_CARD = "BOOTIF=01-${netX/mac:hexhyp}"

Record = dict[str, t.Any]
Version = tuple[int, int]


@dataclass(frozen=True)
class Chain:
    """A site, and the pxelinux that it has.

    :param version: of pxelinux.0, such as (6, 4) for 6.04.
    :param menu: the plan's, with the default that this menu has.
    :param memory_test: whether ``MEMORY_TEST`` lies in the folder.
    :param splash: the name of the picture in the folder, or None.
    :param menu_hash: the hash of site_menu.password_hash; a mapping of profiles to theirs. Never in a message.
    """

    site: SiteEntries
    version: Version
    menu: Record
    memory_test: bool = False
    splash: str | None = None
    menu_hash: str = field(default="", repr=False)
    profile_hashes: t.Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def plain(self) -> bool:
        """Whether everything travels by TFTP."""
        return is_plain(self.site.plan)

    @property
    def local_boot(self) -> str:
        # -1 tells the BIOS to go on to its next device; before 4.00 only 0 was known.
        return "LOCALBOOT -1" if self.version >= (4, 0) else "LOCALBOOT 0"


def is_plain(plan: Record) -> bool:
    """Whether BIOS machines load pxelinux.0 without iPXE."""
    return bool(plan.get("backends", {}).get("bios_loader") == "pxelinux")


def parse_version(text: str) -> Version:
    """``6.04`` and ``6.04-pre1`` → (6, 4); ``4.05`` → (4, 5).

    :raises PxeError: it is no version of syslinux.
    """
    match = re.match(r"(\d+)\.(\d\d)(?!\d)", text)
    if not match:
        raise PxeError(f"'{text}' is not a version of syslinux: write one such as 6.04 or 3.86")
    return int(match[1]), int(match[2])


def dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]:02}"


# Values put into configurations


def screen_text(value: str) -> str:
    """Words for the screen, in one line. ``^`` would make a hotkey of the next letter."""
    return " ".join(to_ascii(value).replace("^", "").split())


def to_ascii(value: str) -> str:
    """The screen of a BIOS has no other letters than ASCII's for sure, and control characters set its colours."""
    decomposed = unicodedata.normalize("NFKD", value.replace("ß", "ss"))
    kept = (char for char in decomposed if not unicodedata.combining(char))
    return "".join(char if " " <= char <= "~" else " " if char.isspace() else "?" for char in kept)


def check_hash(value: str, where: str) -> str:
    """A password's hash as the menu compares it.

    :raises PxeError: it is none. The message does not show it.
    """
    if not HASH.match(value):
        raise PxeError(
            f"{where}: this is not a password hash that pxelinux's menu supports ($6$, $5$, $4$ or $1$); write what"
            " `mkpasswd --method=sha-512` prints"
        )
    return value


def without_hashes(text: str | bytes) -> str:
    """A configuration as it may be shown in a diff."""
    shown_text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return re.sub(r"(?m)( PASSWD ).+$", r"\1(the hash of a password)", shown_text)


def file_name(name: str, where: str) -> str:
    """A file name or URL: one word, short enough."""
    if not name or not name.isascii() or not name.isprintable() or " " in name or len(name) > MAX_NAME:
        raise PxeError(
            f"{where}: '{name}' cannot be loaded by pxelinux: write at most {MAX_NAME} ASCII characters without blanks"
        )
    return name


def arguments_of(words: t.Iterable[str], where: str) -> list[str]:
    """Kernel arguments, without what IPAPPEND 2 says."""
    found = [word for word in words if word not in (BOOT_CARD, _IPXE_BOOT_CARD)]
    for word in found:
        if "${" in word or not word.isprintable() or not word.isascii() or " " in word:
            raise PxeError(
                f"{where}: pxelinux cannot pass '{word}' on: it supports ASCII only, no quotes, no settings of iPXE's"
            )
    return found


def config_text(about: t.Iterable[str], body: t.Iterable[str]) -> str:
    head = [f"{HEADER} (boot_files). Do not edit: the next run replaces it."]
    return "\n".join([*head, *(f"# {screen_text(line)}" for line in about), "", *body, ""])


def serial(menu: Record) -> list[str]:
    """It must come before everything that is shown. ``console`` is Linux's: ttyS0,115200."""
    if not menu.get("console"):
        return []
    port, _comma, speed = menu["console"].partition(",")
    digits = re.match(r"[0-9]*", speed)
    return [f"SERIAL {port[len('ttyS') :]} {digits[0] if digits and digits[0] else 9600}"]


def loaded_name(chain: Chain, path: str) -> str:
    """How pxelinux loads a URL, or a path below boot/."""
    if "://" in path:
        scheme, _colon, rest = path.partition("://")
        if not chain.plain:
            return path
        if scheme != "tftp":
            raise PxeError(
                f"{path}: pxelinux without iPXE loads by TFTP alone; write tftp://ADDRESS/PATH, or bring the file"
            )
        host, _slash, name = rest.partition("/")
        return f"{host}::{name}"
    if path.startswith(f"{FOLDER}/"):
        return path[len(FOLDER) + 1 :]
    # From the top of the TFTP server (doc/pxelinux.txt).
    return f"::{path}" if chain.plain else f"{chain.site.plan['urls']['boot']}/{path}"


def all_arguments(parts: t.Iterable[Words]) -> list[str]:
    return [word for part in parts for word in arguments_of(part.said, part.address)]
