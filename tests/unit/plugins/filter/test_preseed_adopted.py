# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.preseed_adopted import FilterModule, preseed_adopted

GUARD = "sh /tmp/netinstall/check-disk"
WRITE = "mkdir -p /tmp/netinstall"


def installation(file: str) -> dict[str, t.Any]:
    return {"disk": "/dev/vda", "answers": {"file": file}}


def test_the_disk_is_added() -> None:
    text = preseed_adopted("d-i time/zone string UTC\n", installation("own.cfg"), f"{WRITE}\n")
    assert text.splitlines()[-4:] == [
        "d-i partman-auto/disk string /dev/vda",
        "d-i grub-installer/bootdev string /dev/vda",
        f"d-i preseed/early_command string {WRITE}; {GUARD} machine",
        f"d-i partman/early_command string {WRITE}; {GUARD}",
    ]


@pytest.mark.parametrize("text", ["x {{ installation.disk }}", "{% extends 'preseed.cfg.j2' %}"])
def test_a_template_is_called_so(text: str) -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"answers\.file: own\.cfg is a template; call it own\.cfg\.j2"
    ):
        preseed_adopted(text, installation("own.cfg"), GUARD)
    assert preseed_adopted(text, installation("own.cfg.j2"), GUARD).startswith(text)


def test_ansible_finds_it() -> None:
    assert FilterModule().filters()["preseed_adopted"] is preseed_adopted
