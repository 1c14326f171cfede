# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    # Each module adds its own `support` (full, partial, none, N/A) to these.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and say truthfully what would change, without changing it.
  diff_mode:
    description: Returns what it changed, or in C(check_mode) would change, when run with C(--diff).
  idempotent:
    description: When run twice in a row without a change in between, the second run changes nothing.
"""

    # The same for modules that only look: nothing more to say in the module.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and say truthfully what would change, without changing it.
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    description: Returns what it changed, or in C(check_mode) would change, when run with C(--diff).
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    description: When run twice in a row without a change in between, the second run changes nothing.
    support: full
    details:
      - This module changes nothing.
"""
