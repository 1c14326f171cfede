# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Where on the control node the files are that a description names: splash, help screens, answer files, …"""

from __future__ import annotations

import contextlib
import os
import typing as t

Variables = dict[str, t.Any]

_COLLECTION = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def folders(variables: Variables) -> list[str]:
    """The folders of the user's site, the first first: those of its inventories in their order, that of its playbook,
    and the working directory, which is the project's in AWX.

    The collection's own playbooks are not the user's: a file beside them is nobody's.
    """
    sources = variables.get("ansible_inventory_sources") or []
    found = [_folder(source) for source in ([sources] if isinstance(sources, str) else sources)]
    found.append(variables.get("inventory_dir"))
    playbook = variables.get("playbook_dir")
    if playbook and not _is_within(playbook, _COLLECTION):
        found.append(playbook)
    # It may have been removed since the play began.
    with contextlib.suppress(FileNotFoundError):
        found.append(os.getcwd())
    return list(dict.fromkeys(os.path.abspath(folder) for folder in found if folder))


def searching(variables: Variables) -> Variables:
    """Variables with which lookups such as ``ansible.builtin.file`` look there first, too."""
    others = variables.get("ansible_search_path") or []
    return {**variables, "ansible_search_path": list(dict.fromkeys([*folders(variables), *others]))}


def _folder(source: t.Any) -> str | None:
    """The folder of an inventory; none of a list of hosts."""
    if not isinstance(source, str) or "," in source or not os.path.exists(source):
        return None
    return source if os.path.isdir(source) else os.path.dirname(os.path.abspath(source))


def _is_within(path: str, folder: str) -> bool:
    path = os.path.realpath(path)
    return path == os.path.join(folder, "playbooks") or path.startswith(os.path.join(folder, "playbooks", ""))
