# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Started by process 1 of stage 2; the exit status tells it what to do next."""

from __future__ import annotations

import sys

from .session import main

if __name__ == "__main__":
    sys.exit(main())
