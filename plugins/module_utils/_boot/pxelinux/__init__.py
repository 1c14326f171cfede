# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The renderer of pxelinux: its configuration files, written and checked.

Two chains end here. Over HTTP, iPXE starts pxelinux.0 on BIOS machines that the site does not know, for its menu;
kernels are named by URL. Plain, the firmware itself loads pxelinux.0 by TFTP, and everything else comes by TFTP from
below the same folder. They hold to these rules:

* Whatever fails ends at the local disk. pxelinux itself would ask for the same missing kernel again and again.
* A machine of the site boots its local disk, unless the file ``armed/01-<mac>`` is there. Only arming writes that.
* The files work with all versions from 3.74 on, each with its own local boot.
"""
