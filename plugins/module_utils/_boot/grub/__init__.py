# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The renderer of GRUB, for machines that insist on signed loaders (Secure Boot): written and checked.

The files run on the signed images of Debian 12 (GRUB 2.06) and 13 (2.12), so that they use only what both have. 2.06
cannot fetch by HTTP, and neither can post: as with plain pxelinux, all comes by TFTP, arming adds a file, and the web
server's release is the fetch of the answer file. The files hold to five rules:

* Nothing is started but what the files of exactly this machine have loaded: each says at its end, by the machine's MAC
  address, that kernel and initrd are there, and only ``grub.cfg`` boots them. GRUB's own words are of no use for that:
  ``source`` is successful whether or not there is a file, and ``test -f`` finds nothing on TFTP.
* A machine's file says first of all whose it is: of a described machine nobody sees a menu, whatever follows.
* What arms a machine is one ``if``, which GRUB runs as a whole or, if it was cut off, not at all.
* Every other ending is the local disk, by starting a loader of its EFI system partition: ``exit`` would open the
  setup of firmware that takes success for success.
* Nothing is tried twice.
"""
