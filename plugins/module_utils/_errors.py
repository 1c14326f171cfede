# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

from __future__ import annotations


class PxeError(Exception):
    """Something a user can put right.

    The message names the item, what is wrong with it and what to write instead. Utilities raise it; only a module's
    ``main()`` turns it into ``fail_json``.
    """
