# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.installer import FilterModule, installer


def test_what_roles_ask_for() -> None:
    assert FilterModule().filters() == {"installer": installer}
    assert installer("redhat") == {
        "name": "redhat",
        "installs": True,
        "several_images": True,
        "built_tree": True,
        "expected": {"kernel": "images/pxeboot/vmlinuz", "initrd": ["images/pxeboot/initrd.img"]},
    }
    debian = installer("debian")
    assert (debian["several_images"], debian["built_tree"]) == (False, False)
    assert (installer("live")["installs"], installer("live")["expected"]) == (False, {})


@pytest.mark.parametrize("name", [None, ""])
def test_an_image_that_will_say_what_it_is(name: str | None) -> None:
    assert installer(name) == {
        "name": "",
        "installs": True,
        "several_images": True,
        "built_tree": False,
        "expected": {},
    }


def test_a_family_that_nobody_knows() -> None:
    with pytest.raises(
        AnsibleFilterError, match="family 'suse' is not known; write one of debian, live, redhat"
    ):
        installer("suse")
