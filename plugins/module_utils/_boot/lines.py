# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What no line of a script may hold, whichever loader reads it."""

from __future__ import annotations

import re

# Bytes. The kernel's own limit for its command line (COMMAND_LINE_SIZE on x86) is the lowest one in the chain.
MAX_LINE = 2048
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def mistake_in_characters(line: str) -> str | None:
    """What is wrong with a line of iPXE's or GRUB's language, before its words are looked at."""
    if len(line.encode()) > MAX_LINE:
        return f"the line is longer than {MAX_LINE} bytes; kernels cut their command line there"
    if not line.isprintable():
        return "control characters (a tab, a carriage return?)"
    if line.endswith("\\"):
        return "a '\\' at the end joins the next line to this one"
    return mistake_of_templates(line)


def mistake_of_templates(line: str) -> str | None:
    return "a template was not expanded" if _TEMPLATE.search(line) else None
