# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a description may say of the loaders' menus, and the names in them that are taken.

The plan checks by it, and the renderers write by it.
"""

from __future__ import annotations

import re

#: The folder below boot/ for all that is pxelinux's: loader, modules, configurations.
FOLDER = "syslinux"
CONFIGS = "pxelinux.cfg"
#: The folder in it for files that the site brings: the user's own, and those of discs by distribution.
OWN = "own"
#: Name under which the role publishes memtest86+. With an ending such as .bin it would be taken for a boot sector.
MEMORY_TEST = "memtest"
#: The label of the local disk.
LOCAL = "local"
#: Seconds after which the default may be taken at the latest.
LONGEST_TIMEOUT = 3600
HELP_KEYS = tuple(f"F{number}" for number in range(1, 13))
#: What a help screen can show.
HELP_COLUMNS, HELP_ROWS = 78, 24
# "DISPLAY FILE FORMAT" of doc/syslinux.txt: colours, pictures, a clear screen, what is shown where. 0x1a ends a file.
_CODES = re.compile(r"[\x07\x0c\x0f-\x1a]")
#: Parts of the menu that have a colour (doc/menu.txt, MENU COLOR).
COLOUR_ELEMENTS = (
    "screen",
    "border",
    "title",
    "unsel",
    "hotkey",
    "sel",
    "hotsel",
    "disabled",
    "scrollbar",
    "tabmsg",
    "cmdmark",
    "cmdline",
    "pwdborder",
    "pwdheader",
    "pwdentry",
    "timeout_msg",
    "timeout",
    "help",
)
#: Name under which the web server knows the menu's own password.
MENU_LOCK = "menu"


def has_codes(text: str) -> bool:
    """Whether a screen has control codes of SYSLINUX's in it, so that it must stay byte for byte what it is."""
    return bool(_CODES.search(text)) and "\0" not in text
