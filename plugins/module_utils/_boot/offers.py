# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What loaders must know of an offer (see ``_plan.offers``), in no loader's language."""

from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._text.answers import BY_RULE
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import MENU_LOCK

#: What must be typed where an offer is confirmed by a word.
WORD = "install"


class Offer(t.NamedTuple):
    """One offer of a web server."""

    name: str
    #: Of the profile, for the menu.
    label: str
    #: word, password or none.
    confirm: str
    #: Whose password is asked for, as of a profile: see ``entries.Entry``.
    lock: str
    #: Whether it is the default of the menu.
    default: bool
    disk: str
    overwrite: bool
    #: The installer's arguments of the machine that does not exist.
    arguments: tuple[str, ...]
    #: The web server's URL.
    base: str
    answer_file: str
    format: str

    @property
    def has_own_lock(self) -> bool:
        return self.lock == self.name

    @property
    def lost(self) -> str:
        """What is said of the disk before it is installed on."""
        disk = "its disk" if self.disk == BY_RULE else self.disk
        return (
            f"WHATEVER IS ON {disk} WILL BE LOST"
            if self.overwrite
            else f"It is installed only if {disk} is empty"
        )

    @property
    def title(self) -> str:
        return f"{self.label} (installs without questions)"


def offers_of(plan: dict[str, t.Any], published: t.Mapping[str, dict[str, t.Any]]) -> list[Offer]:
    """The offers of a web server, the menu's default first.

    :param plan: as the web server has it: ``{urls, menu, profiles, unknown_machines}``.
    :param published: what ``publish_offers`` returned: by profile ``{arguments, disk, overwrite}``.
    """
    unknown = plan.get("unknown_machines") or {}
    known = unknown.get("profiles") or {}
    menu_lock = MENU_LOCK if plan["menu"].get("password") else ""
    found = [
        Offer(
            name,
            plan["profiles"][name]["label"],
            known[name]["confirm"],
            name if plan["profiles"][name].get("menu_password") else menu_lock,
            name == unknown["install"],
            said["disk"],
            said["overwrite"],
            tuple(said["arguments"]),
            plan["urls"]["boot"].rpartition("/")[0],
            said["answer_file"],
            said["answer_format"],
        )
        for name, said in published.items()
        if name in known and name in plan["profiles"]
    ]
    return sorted(found, key=lambda offer: not offer.default)
