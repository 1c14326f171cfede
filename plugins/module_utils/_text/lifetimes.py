# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How long an arming may last."""

from __future__ import annotations

#: Seconds. Who arms a machine for longer has forgotten it by the time that it boots, and its disk is wiped.
SHORTEST_LIFETIME, LONGEST_LIFETIME = 60, 30 * 86400
