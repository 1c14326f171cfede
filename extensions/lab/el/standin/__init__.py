# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for anaconda: does with a kickstart what anaconda does, as far as the lab needs it.

It reads the kickstart with pykickstart, runs its scripts, partitions, installs real packages with dnf, and makes the
machine boot. It is not anaconda: what it cannot do it says, and stops. What it passes over: `session.PASSED_OVER`.
"""
