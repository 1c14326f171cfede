# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import time

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.armed_pxelinux import only
from ansible_collections.netinstall.pxe.plugins.modules.pxelinux_arming import present
from ansible_collections.netinstall.pxe.tests.unit.pxelinux_site import ARMED, NODE01, NODE02, published


@pytest.fixture
def boot(tmp_path: pathlib.Path) -> pathlib.Path:
    return published(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"machine": "renamed"},
        {"mac": "52:54:00:aa:00:09"},
        {"address": "10.78.0.11"},
        None,
    ],
)
def test_what_is_of_another_machine_goes(boot: pathlib.Path, changes: dict[str, str] | None) -> None:
    present(str(boot.parent), [NODE01, NODE02], check=False)
    assert not only(str(boot.parent), [NODE02, NODE01], check=False)
    now = [NODE02] if changes is None else [NODE02, {**NODE01, **changes}]
    assert only(str(boot.parent), now, check=True).removed == [ARMED]
    assert only(str(boot.parent), now, check=False).removed == [ARMED]
    assert [path.name for path in (boot / ARMED).parent.iterdir()] == ["01-52-54-00-aa-00-02"]


def test_what_has_expired_goes_also_without_the_timer(boot: pathlib.Path) -> None:
    now = int(time.time())
    over, going = (f"{now - 3600}-{now + seconds}" for seconds in (0, 60))
    present(str(boot.parent), [{**NODE01, "window": over}, {**NODE02, "window": going}], check=False)
    assert only(str(boot.parent), [NODE01, NODE02], check=False).removed == [ARMED]
    assert not only(str(boot.parent), [NODE01, NODE02], check=False)


def test_machines_that_swap_their_addresses_are_not_armed_any_more(boot: pathlib.Path) -> None:
    present(str(boot.parent), [NODE01, NODE02], check=False)
    swapped = [{**NODE01, "address": "10.77.0.12"}, {**NODE02, "address": "10.77.0.11"}]
    assert len(only(str(boot.parent), swapped, check=False).removed) == 2
