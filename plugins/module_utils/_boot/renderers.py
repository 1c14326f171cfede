# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The renderers that this collection has, one package each.

A new one is imported and listed here by name: Ansible ships to a host only what it finds in import statements.
"""

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._boot._contract import Renderer
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.renderer import Grub
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.renderer import Ipxe
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.renderer import Pxelinux

#: In the order of publishing: iPXE's menu leads to pxelinux's.
RENDERERS: tuple[Renderer, ...] = (Pxelinux(), Grub(), Ipxe())
