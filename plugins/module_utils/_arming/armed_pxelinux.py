# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The boot files of armed machines that load pxelinux by TFTP, and which of them go."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux import machines
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Changes, publish, read_start

Record = dict[str, t.Any]


def armed_name(installation: Record) -> str:
    return paths.in_folder(paths.armed_in_folder(installation["mac"]))


def only(root: str, installations: list[Record], check: bool) -> Changes:
    """Remove what is of another machine, or of one that had another name or address when it was armed, or is over."""
    boot = os.path.join(root, "boot")
    wanted = {armed_name(item): machines.armed_of(item) for item in installations}
    if not os.path.isdir(os.path.join(boot, paths.armed_folder())):
        return Changes()

    def is_stranger(path: str) -> bool:
        if not paths.is_armed(path):
            return False
        text = (read_start(boot, path, 4096) or b"").decode(errors="replace")
        end = machines.armed_until(text)
        # pxelinux cannot ask whether its time is over; this is for when the server's timer does not run.
        has_expired = end is not None and time.time() >= end
        return path not in wanted or has_expired or not machines.is_armed_of(text, wanted[path])

    return remove(root, is_stranger, check)


def remove(root: str, owned: t.Callable[[str], bool], check: bool) -> Changes:
    boot = os.path.join(root, "boot")
    return publish(boot, {}, owned=owned, check=check, prune=True) if os.path.isdir(boot) else Changes()
