# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``menu.cfg``: for machines that the site does not know.

GRUB cannot ask the web server for a password, nor whether it would release an installation: what has a password, and
what is offered to undescribed machines without questions, is in the menus of the other loaders only.
"""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.entries import (
    LOCAL_DISK,
    Entry,
    SiteEntries,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.kernels import loading, when_loaded
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import (
    LOCAL_BOOT,
    indented,
    quoted,
    say,
    script_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import LOCAL

_PAUSE = 3


def menu_text(site: SiteEntries) -> str:
    menu = site.menu
    shown = [entry for entry in site.in_menu if not entry.lock]
    rescues = [entry for entry in site.rescues if not entry.lock]
    default = menu["default"] if menu["default"] in [entry.name for entry in shown] else LOCAL
    entries = [
        *((entry.name, _entry(entry, entry.name)) for entry in shown),
        # Profiles and distributions may have the same name.
        *((entry.name, _entry(entry, f"rescue:{entry.name}")) for entry in rescues),
    ]
    return script_of(
        ["The menu for machines that the site does not know. The default is taken when nobody chooses."],
        [
            *_lock(site),
            f"set timeout={_timeout(menu['timeout'])}",
            f"set default={quoted(default, 'site_menu.default')}",
            *_with_local_entry(site, entries),
            "set menu=complete",
        ],
    )


def _timeout(seconds: float) -> int:
    """Of 0 GRUB would make none at all; the other menus wait for ever."""
    return max(1, round(seconds)) if seconds else -1


def _lock(site: SiteEntries) -> list[str]:
    """Where there is a password, nobody may edit entries or get a command line: this user has no password."""
    locked = site.menu.get("password") or any(
        entry.lock for entry in (*site.profiles.values(), *site.rescues)
    )
    return ["set superusers=nobody"] if locked else []


def _with_local_entry(site: SiteEntries, entries: t.Sequence[tuple[str, list[str]]]) -> list[str]:
    """The other entries with that of the local disk among them."""
    local = _menuentry(site.local.label or LOCAL_DISK, LOCAL, "site_menu.local.text", [LOCAL_BOOT])
    position = (site.menu.get("local") or {}).get("position") or "first"
    after = [number for number, (name, _lines) in enumerate(entries, 1) if position == f"after:{name}"]
    at = len(entries) if position == "last" else next(iter(after), 0)
    parts = [lines for _name, lines in entries]
    return [line for part in (*parts[:at], local, *parts[at:]) for line in part]


def _entry(entry: Entry, name: str) -> list[str]:
    return _menuentry(
        entry.label,
        name,
        f"{entry.address}.label",
        [
            say(f"Loading {entry.label}", entry.address),
            *when_loaded(loading(entry.boots), ["boot"]),
            say("It cannot be loaded. Nothing was changed on this machine.", entry.address),
            f"sleep {_PAUSE}",
            LOCAL_BOOT,
        ],
    )


def _menuentry(label: str, name: str, where: str, lines: t.Sequence[str]) -> list[str]:
    title = " ".join(label.split())
    # GRUB would take it for an option.
    title = f" {title}" if title.startswith("-") else title
    return [
        f"menuentry {quoted(title, where)} --id {quoted(name, where)} --unrestricted {{",
        *indented(lines),
        "}",
    ]
