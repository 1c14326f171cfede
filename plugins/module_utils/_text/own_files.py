# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files of the user's on the control node that a description names: one search order for all of them."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

#: Where in each folder a file is looked for, before the folder itself.
SUBFOLDERS = ("files", "templates", "answers")


def find(name: str, folders: t.Sequence[str], also_folders: bool = False) -> str:
    """The path of a file on this host.

    :arg name: an absolute path, or one relative to one of the folders
    :raises PxeError: there is none; it says where it was looked for
    """
    name, fits = os.path.expanduser(name), os.path.exists if also_folders else os.path.isfile
    if os.path.isabs(name):
        if fits(name):
            return name
        raise PxeError(f"there is no file {name} on the control node")
    for folder in folders:
        for subfolder in (*SUBFOLDERS, ""):
            path = os.path.join(os.path.expanduser(folder), subfolder, name)
            if fits(path):
                return os.path.abspath(path)
    looked = f"{', '.join(folders)}, nor in {', '.join(SUBFOLDERS)} of these" if folders else "no folder"
    raise PxeError(f"there is no {name} on the control node: looked in {looked}")
