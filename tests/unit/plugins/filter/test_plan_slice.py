# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Too small a part fails far from here, or says nothing: so what reads the plan is looked through."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.plan_slice import SLICES, FilterModule

CHECKOUT = pathlib.Path(__file__).resolve().parents[4]
#: What makes something of each part
READERS = {
    "answers": ("action/arm_machines.py", "action/publish_offers.py", "module_utils/_arming"),
    "boot_files": ("modules/boot_files.py", "module_utils/_boot"),
}
# plan["urls"], self.plan["urls"], args["plan"].get("urls")
READ = re.compile(r"plan(?:\"\])?(?:\[|\.get\()\"([a-z_]+)\"")


def test_a_part() -> None:
    plan = {"urls": {"boot": "http://10.77.0.1/boot"}, "machines": [], "menu": {}, "root": "/srv/pxe"}
    assert FilterModule().filters()["plan_slice"](plan, "answers") == {"urls": plan["urls"], "machines": []}


def test_of_no_role() -> None:
    with pytest.raises(AnsibleFilterError, match="no part of the plan is for 'media'; write answers or boot"):
        FilterModule().filters()["plan_slice"]({}, "media")


@pytest.mark.parametrize("role", SLICES)
def test_all_that_is_read_is_in_it(role: str) -> None:
    places = [CHECKOUT / "plugins" / place for place in READERS[role]]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    # What a check before arming reads is not of the role: it gets the plan.
    text = "\n".join(file.read_text() for file in files if file.name != "answers_check.py")
    read = set(READ.findall(text))
    assert "urls" in read
    assert read <= set(SLICES[role])


def test_the_role_says_what_it_gets() -> None:
    text = (CHECKOUT / "roles/boot_files/meta/argument_specs.yml").read_text()
    options = yaml.safe_load(text)["argument_specs"]["main"]["options"]["boot_files_plan"]["options"]
    assert sorted(options) == sorted(SLICES["boot_files"])
