# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files that the menu needs and that we do not make: the user's own, those of discs, and what lies below boot/."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._text.addresses import kind_of, shown
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Section
from ansible_collections.netinstall.pxe.plugins.module_utils._text.menus import (
    CONFIGS,
    FOLDER,
    MEMORY_TEST,
    OWN,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import (
    parse_kernel_argument,
    parse_menu_text,
    parse_name,
    parse_relative_path,
    parse_text,
)

Record = dict[str, t.Any]
#: The path of a file of the user's on the control node.
Find = t.Callable[[str], str]

#: Of a file that is brought: the user's own, or one in the tree of a distribution.
SOURCE_KEYS = ("file", "distribution")
_EXAMPLE = "{file: NAME} for a file of yours, {distribution: centos-6, file: isolinux/NAME} for one of a disc"
_URL = re.compile(r"(https?|tftp|ftp)://[A-Za-z0-9.:-]+/[A-Za-z0-9._+~@=:%/-]+")
# What arming and the other menus make: nobody is to start it but the machine that it is for.
_NOT_TO_START = ("machines/", "profiles/", "rescue/", "entries/", f"{FOLDER}/{CONFIGS}/")


class MenuFiles:
    """What is brought for the menu, by its path below boot/.

    :arg find: finds a file of the user's; without it none is looked for
    """

    def __init__(self, distributions: t.Collection[str], find: Find | None) -> None:
        self._distributions = distributions
        self._find = find
        #: ``{path, own, name}``, a file of the control node, or ``{path, tree}``, one below trees/.
        self.brought: dict[str, Record] = {}
        #: Paths below boot/ that must be there, and whose mistake it is if they are not.
        self.needed: dict[str, str] = {}

    def found(self, name: str) -> str:
        """Where a file of the user's lies; its name if nobody looks.

        :raises PxeError: it is not there.
        """
        return self._find(name) if self._find else name

    def bring(self, section: Section, key: str, value: object, index: object = None, called: str = "") -> str:
        """Note a file that is described as a mapping. Its path below boot/; empty if it is wrong.

        :arg called: its name below boot/, if that is not its own
        """
        address = section.at(key) + ("" if index is None else f"[{index}]")
        source = Section(section.mistakes, f"{address}.", value, SOURCE_KEYS, section.place(key))
        if source.broken:
            return ""
        if source.has("distribution"):
            return self._of_tree(source, called)
        name = source.need("file", parse_file, "its name")
        return self._own(source, name, called) if name else ""

    def refer(
        self, section: Section, key: str, index: object = None, value: object = None, folder: str = ""
    ) -> str:
        """A file that something in the menu needs: a URL, or a path below boot/; empty if it is wrong.

        :arg folder: in which a name alone is
        """
        value = section.data[key] if value is None else value
        if isinstance(value, dict):
            return self.bring(section, key, value, index)
        try:
            return self._there(section, key, value, folder)
        except PxeError as error:
            section.mistake(key, str(error), index)
            return ""

    def _there(self, section: Section, key: str, value: object, folder: str) -> str:
        if not isinstance(value, str):
            raise PxeError(f"must be a path below boot/, a URL or a mapping, not {kind_of(value)}")
        if "://" in value:
            if not _URL.fullmatch(value):
                raise PxeError(
                    f"{shown(value)} is not the URL of a file; write one such as http://10.77.0.1/x/y"
                )
            return value
        if value.startswith("/"):
            raise PxeError(f"{shown(value)} is absolute; write a path below boot/, or {_EXAMPLE}")
        path = parse_relative_path(value)
        if folder and "/" not in path:
            path = f"{folder}/{path}"
        if path.startswith(_NOT_TO_START):
            raise PxeError(f"{shown(path)} is a generated file; describe a profile, or start a file of yours")
        self.needed.setdefault(path, section.at(key))
        return path

    def _own(self, source: Section, name: str, called: str) -> str:
        # Two tools may each have a kernel of one name. What lies outside of the search order has no such folder.
        is_below = not name.startswith(("/", "~")) and ".." not in name.split("/")
        parts = [called] if called else name.split("/") if is_below else [name.rpartition("/")[2]]
        # A screen names its picture as it lies beside pxelinux.
        path = "/".join([FOLDER, parts[-1]] if parts[-1].lower().endswith(".lss") else [FOLDER, OWN, *parts])
        try:
            for part in parts:
                parse_name(part)
            # No name has a plus in it.
            self._note(path, {"own": self.found(name), "name": "+".join(parts)})
        except PxeError as error:
            source.mistake("file", str(error))
            return ""
        return path

    def _of_tree(self, source: Section, called: str) -> str:
        name = source.reference("distribution", self._distributions, "site_distributions")
        inside = source.need("file", parse_relative_path, "its path on the disc, such as isolinux/boot.msg")
        if not name or not inside:
            return ""
        path = f"{FOLDER}/{OWN}/{name}/{called or inside.rpartition('/')[2]}"
        try:
            self._note(path, {"tree": f"{name}/{inside}"})
        except PxeError as error:
            source.mistake("file", str(error))
            return ""
        return path

    def _note(self, path: str, about: Record) -> None:
        known = self.brought.setdefault(path, {"path": path, **about})
        if known != {"path": path, **about}:
            other = known.get("own") or known.get("tree")
            raise PxeError(f"would be published under the same name as {other}; rename one of them")


def parse_file(value: object) -> str:
    """The name of a file of the user's, or its path."""
    text = parse_text(value)
    if not text.strip("/") or text.endswith("/"):
        raise PxeError(f"{shown(text)} is not the name of a file")
    return text


# Entries of the user's own

ENTRY_KEYS = ("label", "kernel", "initrd", "append", "com32", "config", "chain", "script", "loaders")
#: What an entry does; of these one at most. iPXE's script may stand beside what only pxelinux can do.
_ACTIONS = ("kernel", "com32", "config", "chain")
LOADERS = ("pxelinux", "ipxe")
#: Labels that the menu has of its own, and how others begin.
TAKEN = ("local", MEMORY_TEST)
TAKEN_STARTS = ("rescue-", "back-", "install-")


def read_entries(section: Section, files: MenuFiles, taken: t.Collection[str]) -> dict[str, Record]:
    """``entries`` of the menu: by name ``{name, label, pxelinux, ipxe}``.

    ``pxelinux`` and ``ipxe`` are ``{action, file, initrd, append}``, or None where that menu does not have it. The
    actions are ``kernel``, ``com32``, ``config`` and ``chain`` for pxelinux, ``kernel``, ``chain`` and ``script`` for
    iPXE.

    :arg taken: labels of other entries
    """
    found = {}
    for name, entry in section.named("entries", ENTRY_KEYS, parse_name).items():
        if name in taken or name in TAKEN or name.startswith(TAKEN_STARTS):
            entry.mistakes.add(
                entry.order,
                entry.address,
                f"{name!r} is the label of another entry of the menu; rename this one",
            )
        found[name] = {"name": name, **_entry(name, entry, files)}
    return found


def _entry(name: str, entry: Section, files: MenuFiles) -> Record:
    actions = [action for action in _ACTIONS if entry.has(action)]
    if len(actions) > 1:
        entry.mistake(actions[1], f"cannot stand beside {actions[0]}; an entry does one thing")
    if not actions and not entry.has("script") and not entry.broken:
        entry.mistakes.add(
            entry.order, entry.address, f"has no action; write one of {', '.join(_ACTIONS)}, script"
        )
    about = _action(entry, actions[0], files) if actions else None
    script = {"action": "script", "file": files.refer(entry, "script")} if entry.has("script") else None
    loaders = _loaders(entry)
    can_ipxe = about if about and about["action"] in ("kernel", "chain") else None
    record = {
        "label": entry.get("label", parse_menu_text, name),
        "pxelinux": about if "pxelinux" in loaders and not _is_uefi(about) else None,
        "ipxe": (script or can_ipxe) if "ipxe" in loaders else None,
    }
    if (actions or script) and not record["pxelinux"] and not record["ipxe"]:
        key = "loaders" if entry.has("loaders") else (actions or ["script"])[0]
        entry.mistake(key, "is in no menu: iPXE starts neither COM32 modules nor pxelinux's configurations, "
                      "pxelinux neither scripts nor programs for UEFI")  # fmt: skip
    return record


def _is_uefi(about: Record | None) -> bool:
    return bool(about and about["action"] == "chain" and about["file"].lower().endswith(".efi"))


def _action(entry: Section, action: str, files: MenuFiles) -> Record:
    if entry.has("initrd") and action != "kernel":
        entry.mistake("initrd", "belongs to a kernel; leave it out")
    if entry.has("append") and action not in ("kernel", "com32"):
        entry.mistake("append", "belongs to a kernel or a COM32 module; leave it out")
    # Modules lie beside pxelinux.0.
    folder = FOLDER if action in ("com32", "config") else ""
    return {
        "action": action,
        "file": files.refer(entry, action, folder=folder),
        "initrd": _initrds(entry, files) if action == "kernel" else [],
        "append": _append(entry),
    }


def _initrds(entry: Section, files: MenuFiles) -> list[str]:
    value = entry.data.get("initrd")
    if not isinstance(value, list):
        return [files.refer(entry, "initrd")] if value is not None else []
    return [files.refer(entry, "initrd", index, item) for index, item in enumerate(value)]


def _append(entry: Section) -> list[str]:
    value = entry.data.get("append")
    if isinstance(value, str):
        entry.data["append"] = value = value.split()
    return entry.items("append", parse_kernel_argument, "[quiet]") if value else []


def _loaders(entry: Section) -> list[str]:
    value = entry.data.get("loaders")
    if value is None:
        return list(LOADERS)
    words = value if isinstance(value, list) else [value]
    if not words or any(word not in LOADERS for word in words):
        entry.mistake("loaders", f"{shown(value)} is not known; write a list of {', '.join(LOADERS)}")
        return list(LOADERS)
    return [str(word) for word in words]
