# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import check, handlers

TEXT = """\
lang en_US.UTF-8
part / --fstype=ext4 --size=2000 --ondisk=vda
raid / --level=1 --device=md0 raid.1 raid.2
logvol / --name=a --vgname=b --size=1
repo --name=a
%packages
@core
bash
%end
"""


def test_a_handler_is_as_new() -> None:
    pristine = handlers.Pristine(check.parse_version("RHEL9"))
    new = str(pristine.take())
    handler = pristine.take()
    check._Parser(handler, errorsAreFatal=False).readKickstartFromString(TEXT)
    assert str(handler) != new
    assert str(pristine.take()) == new
