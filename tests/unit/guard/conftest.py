# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server's configuration is rendered as in the tests of the roles."""

from __future__ import annotations

from ansible_collections.netinstall.pxe.tests.unit.roles.conftest import free_port, renderer

__all__ = ["free_port", "renderer"]
