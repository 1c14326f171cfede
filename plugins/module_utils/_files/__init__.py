# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files and programs of the host: what utilities write goes through here, and in no other way."""

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._files.copying import copy_files
from ansible_collections.netinstall.pxe.plugins.module_utils._files.folders import Attributes, alone
from ansible_collections.netinstall.pxe.plugins.module_utils._files.programs import Runner, make_runner
from ansible_collections.netinstall.pxe.plugins.module_utils._files.publishing import Changes, publish
from ansible_collections.netinstall.pxe.plugins.module_utils._files.reading import (
    files_below,
    inside,
    open_inside,
    read_file,
    read_start,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files.writing import (
    Data,
    atomic_write,
    remove_files,
)

__all__ = [
    "Attributes",
    "Changes",
    "Data",
    "Runner",
    "alone",
    "atomic_write",
    "copy_files",
    "files_below",
    "inside",
    "make_runner",
    "open_inside",
    "publish",
    "read_file",
    "read_start",
    "remove_files",
]
