# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``pxelinux.cfg/default``: the menu for BIOS machines that the site does not know."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import (
    Chain,
    Record,
    check_hash,
    config_text,
    loaded_name,
    screen_text,
    serial,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.entries import all_entries
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.offers import (
    is_label,
    with_offered_default,
    word_prompt,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.screens import (
    default_label,
    screen_lines,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL

# Tenths of a second: the most that pxelinux counts (doc/syslinux.txt of 3.x).
_MAX_TIMEOUT = 35996
# A menu in which somebody pressed a key, and then left, boots its default after a quarter of an hour.
_LEFT_ALONE = 9000
# Behind the menu when there is no picture: the built-in one is too bright to read from. Opacity, red, green, blue.
_BACKGROUND = "#ff14243a"
# Text and what is behind it, so that the chosen entry stands out. What the site says comes before these.
_COLOURS = {
    "border": "#60ffffff #00000000",
    "title": "#ffffffff #00000000",
    "unsel": "#ffd0dae4 #00000000",
    "sel": "#ff14243a #ffe0e8f0",
    "hotsel": "#ffb02020 #ffe0e8f0",
    "tabmsg": "#ffa0b0c0 #00000000",
    "timeout_msg": "#ffa0b0c0 #00000000",
}


def menu_text(chain: Chain, offered: bool = False) -> str:
    """:param offered: whether its default may be one that installs without questions."""
    chain = with_offered_default(chain) if offered else chain
    menu = chain.menu
    lines = [
        *serial(menu),
        *(_prompt_head(chain) if menu.get("prompt") else _menu_head(chain)),
        *screen_lines(chain),
        "MENU TABMSG F1 explains this menu. Tab changes an entry's command line.",
        "MENU NOTABMSG F1 explains this menu.",
        *word_prompt(chain),
        "",
        *all_entries(chain),
        *(f"INCLUDE {loaded_name(chain, path)}" for path in menu.get("include", [])),
    ]
    return config_text(
        ["The menu for BIOS machines that the site does not know. The default is taken when nobody chooses."],
        _without_menu(lines) if menu.get("prompt") else lines,
    )


def _menu_head(chain: Chain) -> list[str]:
    menu, local = chain.menu, chain.site.local.name
    return [
        f"UI {'menu.c32' if menu.get('text_mode') else 'vesamenu.c32'}",
        "PROMPT 0",
        *_guard(chain),
        *_timeout(chain),
        f"DEFAULT {default_label(chain)}",
        # The command line knows one, the menu the other.
        f"ONERROR {local}",
        f"MENU ONERROR {local}",
        "",
        f"MENU TITLE {screen_text(menu['title']) or 'Network installation'}",
        *([] if menu.get("text_mode") else [f"MENU BACKGROUND {chain.splash or _BACKGROUND}"]),
        *_colours(menu),
    ]


def _prompt_head(chain: Chain) -> list[str]:
    """``boot:`` and no menu. NOESCAPE would take the prompt away."""
    local, default = chain.site.local.name, default_label(chain)
    return [
        "PROMPT 1",
        *_timeout(chain),
        f"DEFAULT {default}",
        # What is mistyped comes back to the prompt; a default that cannot be loaded must not be tried without end.
        *([f"ONERROR {local}"] if default != local else []),
    ]


def _without_menu(lines: t.Sequence[str]) -> list[str]:
    """What ``boot:`` knows. Entries of the menu that start nothing, such as the way back, are left out."""
    commands = [line for line in lines if not line.lstrip().startswith("MENU ")]
    after = [*commands[1:], ""]
    kept = [
        line
        for line, next_line in zip(commands, after)
        if not line.startswith("LABEL ") or next_line.startswith("  ")
    ]
    return [line for line, before in zip(kept, ["", *kept]) if line or before]


def _guard(chain: Chain) -> list[str]:
    """Without a password anybody may change a command line. With one, nobody may leave the menu without it.

    NOESCAPE is for that case only: should the menu itself not load, it makes pxelinux ask for it without a pause.
    """
    if not chain.menu_hash and not chain.profile_hashes:
        return []
    if not chain.menu_hash:
        return ["NOESCAPE 1", "ALLOWOPTIONS 0"]
    return ["NOESCAPE 1", f"MENU MASTER PASSWD {check_hash(chain.menu_hash, 'site_menu.password_hash')}"]


def _timeout(chain: Chain) -> list[str]:
    tenths, default = round(chain.menu["timeout"] * 10), chain.menu["default"]
    if not tenths:
        return []
    lines = [f"TIMEOUT {min(tenths, _MAX_TIMEOUT)}", f"TOTALTIMEOUT {_LEFT_ALONE}"]
    # Somebody who pressed a key has seen what is offered: nothing is installed behind his back.
    if tenths >= _LEFT_ALONE or is_label(default):
        lines.pop()
    return [*lines, f"ONTIMEOUT {chain.site.local.name}"] if default == LOCAL else lines


def _colours(menu: Record) -> list[str]:
    """``{title: '#ffffffff'}``, perhaps with the background after it, and that of text mode before it.

    ``*`` leaves a field as it is.
    """
    colours = {**_COLOURS, **(menu.get("colours") or {})}
    return [
        f"MENU COLOR {element} {'* ' if value.startswith('#') else ''}{value}"
        for element, value in colours.items()
    ]
