# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The renderer of iPXE: its scripts, written and checked.

The scripts run on iPXE 1.0.0+git2019 (Debian 12), 1.21.1 and 2.0.0, so they use only what all of these have. They
hold to four rules:

* No installer is started unless the server released the installation, which is asked for when kernel and initrd are
  loaded, right before they are started. Every other ending is the local disk or a message that waits.
* Scripts replace each other (``chain --replace``): only so does the status of the last one, the ``exit 1`` that UEFI
  firmware takes as "try the next device", reach the firmware.
* Every command that may fail says what follows (``||``): a script that just ends leaves the machine in its
  firmware's setup.
* They wait only after a failure, and they say on the screen what happened and what to do.
"""
