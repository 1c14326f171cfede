# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the lab's modules importable as its command imports them."""

from __future__ import annotations

import pathlib
import sys

LAB = pathlib.Path(__file__).resolve().parents[4] / "extensions" / "lab"
sys.path.insert(0, str(LAB))
