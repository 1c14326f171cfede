# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The answers of a kickstart."""

from __future__ import annotations

import typing as t

ANSWER_KEYS: dict[str, t.Any] = {}


def complete_answers(answers: dict[str, t.Any], distribution: dict[str, t.Any]) -> dict[str, t.Any]:
    """Fill in the defaults of a machine's answers."""
    return dict(answers)
