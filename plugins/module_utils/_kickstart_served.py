# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What must be known of a kickstart that the collection made, to check it as the machine will read it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _answers, _kickstart

# What scripts of kickstart/disk.sh.j2 and kickstart/includes.sh.j2 write.
_GENERATED = re.compile(
    r"> \$here/(?P<name>\w+\.ks) <<'NETINSTALL_PXE_STORAGE'\n(?P<text>.*?)^NETINSTALL_PXE_STORAGE$"
    r"|echo '(?P<line>[^'\n]*)' > \$here/(?P<file>\w+\.ks)$",
    re.DOTALL | re.MULTILINE,
)
_FOLDER = "/tmp/netinstall/"  # noqa: S108 - nothing is written there


def generated(answer: str) -> dict[str, str]:
    """The files, by path, that the installer makes and includes, with a stand-in for a disk that only it can find."""
    stand_in = _kickstart.bare_disk(_answers.BY_RULE)
    return {
        f"{_FOLDER}{found['name'] or found['file']}": (found["text"] or f"{found['line'] or ''}\n").replace(
            "@DISK@", stand_in
        )
        for found in _GENERATED.finditer(answer)
    }


def origins(answer: str, name: str, own: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Which lines of an answer are those of a file that was brought along.

    :param own: what ``_kickstart.adapt`` has taken over from it.
    :returns: ``{file, first, lines}``: from the line ``first`` on, the numbers in the file.
    """
    found = []
    for part in ("command", "section"):
        start = answer.find(f"\n{own[f'{part}s']}\n") if own[f"{part}s"] else -1
        if start >= 0:
            first = answer.count("\n", 0, start) + 2
            found.append({"file": name, "first": first, "lines": own[f"{part}_lines"]})
    return found
