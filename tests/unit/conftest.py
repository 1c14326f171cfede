# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes ``ansible_collections.netinstall.pxe`` this checkout when pytest runs outside ansible-test; no deadlines."""

from __future__ import annotations

import importlib.util
import pathlib
import sys

from hypothesis import settings


def _importable() -> bool:
    """Under ansible-test, its own loader has the collection already."""
    try:
        return importlib.util.find_spec("ansible_collections.netinstall.pxe") is not None
    except ModuleNotFoundError:
        return False


if not _importable():
    # `make setup` has put a link to the checkout there.
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / ".ansible" / "collections"))

# How long an example takes says how busy the machine is: benchmarks are what measures.
settings.register_profile("busy machine", settings(), deadline=None)
settings.load_profile("busy machine")
