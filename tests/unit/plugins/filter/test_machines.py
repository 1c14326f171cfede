# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError, AnsibleUndefinedVariable
from ansible_collections.netinstall.pxe.plugins.filter.machines import FilterModule, machines


class Undefined(dict[str, object]):
    """Host variables of which one has an error in its template."""

    def __getitem__(self, key: str) -> object:
        if key == "machine_disk":
            raise AnsibleUndefinedVariable("'disk' is undefined")
        return super().__getitem__(key)


def test_machines() -> None:
    hostvars: dict[str, dict[str, object]] = {
        "a": {
            "ansible_host": "10.0.0.1",
            "machine_mac": "52:54:00:aa:00:01",
            "machine_typo": 1,
            "machine_disk": None,
            "machine_power_command": "x",
            "a_machine_mac": "y",
        },
        "b": {},
        "c": {"machine_mac": "z"},
    }
    assert machines(["b", "a"], hostvars) == [
        {"name": "b"},
        {"name": "a", "mac": "52:54:00:aa:00:01", "typo": 1},
    ]


def test_a_template_that_fails_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match=r"pxe_machines\.a\.machine_disk: 'disk' is undefined"):
        machines(["a"], {"a": Undefined(machine_mac="x", machine_disk="{{ disk }}")})


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"machines": machines}
