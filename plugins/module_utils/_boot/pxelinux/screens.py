# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Help screens of the menu, and the pictures that it and they show."""

from __future__ import annotations

import re
import struct
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import LOCAL_DISK
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    Chain,
    loaded_name,
    screen_text,
    to_ascii,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.offers import help_text, label_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import (
    HELP_COLUMNS,
    HELP_KEYS,
    HELP_ROWS,
    LOCAL,
    has_codes,
)

_PICTURE = re.compile(rb"\x18([^\r\n\x00]+)\r?\n")


def default_label(chain: Chain) -> str:
    default = str(chain.menu["default"])
    return chain.site.local.name if default == LOCAL else default


def screens_of(chain: Chain) -> dict[str, t.Any]:
    """The help screens by key, and what is shown above ``boot:`` as ``display``: a text, or the path of a file.

    F1 explains the menu unless the site says something else there.
    """
    menu = chain.menu
    screens = {"F1": f"{_first_help(chain)}\n{help_text(chain)}", **(menu.get("help") or {})}
    if menu.get("prompt"):
        screens["display"] = menu.get("display") or _first_screen(chain)
    return {key: _screen_text(screens[key]) for key in (*HELP_KEYS, "display") if screens.get(key)}


def _screen_text(screen: t.Any) -> t.Any:
    if not isinstance(screen, str) or has_codes(screen):
        return screen
    return "".join(f"{to_ascii(line).rstrip()}\n" for line in screen.splitlines())


def screen_lines(chain: Chain) -> list[str]:
    return [
        f"{key.upper()} {paths.help_in_folder(key) if isinstance(screen, str) else loaded_name(chain, screen['path'])}"
        for key, screen in screens_of(chain).items()
    ]


def _first_screen(chain: Chain) -> str:
    """Which labels may be typed."""
    site = chain.site
    known = [(profile.name, profile.label) for profile in site.in_menu]
    known += [(label_of(offer), offer.title) for offer in site.offers]
    known += [(entry.name, entry.label) for entry in site.own_of("pxelinux")]
    known.append((site.local.name, site.local.label or LOCAL_DISK))
    rows = [f"  {name:20} {screen_text(label)}"[:HELP_COLUMNS] for name, label in known]
    more = rows[HELP_ROWS - 4 :]
    title = screen_text(chain.menu["title"])
    return "\n".join(["", title, "", *rows[: HELP_ROWS - 4], *(["  ..."] if more else [])])


def _first_help(chain: Chain) -> str:
    menu = chain.menu
    if menu.get("prompt"):
        return _prompt_help(chain)
    default = "boots its local disk" if menu["default"] == LOCAL else f"takes the entry {menu['default']}"
    wait = f"After {menu['timeout']} seconds without a key it" if menu["timeout"] else "With the Enter key it"
    return "\n".join(
        [
            screen_text(menu["title"]),
            "",
            "This machine is not described in the inventory: so it shows this menu.",
            f"{wait} {default}.",
            "",
            "  Arrow keys, Enter   choose an entry",
            "  Tab                 change the entry's command line, if that is allowed",
            "  Esc                 leave a submenu",
            "",
            "Installers that are started here bring no answers: they ask.",
            "To install unattended, describe the machine and arm it with the playbook",
            "netinstall.pxe.install.",
        ]
    )


def _prompt_help(chain: Chain) -> str:
    return "\n".join(
        [
            screen_text(chain.menu["title"]),
            "",
            "This machine is not described in the inventory.",
            "Type a label, and perhaps kernel arguments after it. Tab shows the labels.",
            f"The Enter key alone starts {default_label(chain)}.",
            "",
            "Installers that are started here bring no answers: they ask.",
        ]
    )


# Pictures


def pictures_of(data: bytes) -> list[str]:
    """The pictures (LSS16) that a screen shows. pxelinux looks for them beside itself.

    6.04 looks for the first letter of the name (``VGAFilePtr`` in ``com32/elflink/ldlinux/msg.c`` counts in words), and
    goes on without the picture.
    """
    return [name.decode("ascii", "replace").strip() for name in _PICTURE.findall(data)]


#: What fits on the menu's screen.
PICTURE = (640, 480)


def picture_mistake(data: bytes) -> str | None:
    """Why the menu would not show a picture. It shows PNG and JPEG, the latter not progressive, none that is larger.

    :param data: at least the first 64 KiB of it.

    Source: ``com32/lib/sys/vesa/background.c``, ``com32/lib/jpeg/tinyjpeg.c``; PNG: RFC 2083, 4.1.1; JPEG: ITU T.81.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _size_mistake(*struct.unpack_from(">II", data.ljust(24, b"\0"), 16))
    if data.startswith(b"\xff\xd8"):
        frame = _jpeg_frame(data)
        if frame and frame[0] == 0xC0:
            return _size_mistake(*frame[1:])
        return "it is a JPEG picture of a kind that the menu cannot read: save it as baseline JPEG, or as PNG"
    return "it is neither a PNG nor a JPEG picture"


def _size_mistake(width: int, height: int) -> str | None:
    if 0 < width <= PICTURE[0] and 0 < height <= PICTURE[1]:
        return None
    return f"it has {width}x{height} pixels: make it {PICTURE[0]}x{PICTURE[1]}"


def _jpeg_frame(data: bytes) -> tuple[int, int, int] | None:
    """Kind (0xC0: baseline), width and height, from the first frame header."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        # C4, C8 and CC are tables that lie among the frame headers.
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return kind, width, height
        at += 2 + length
    return None
