# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import compose as _compose
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_compose import (
    PROFILES,
    compose,
    compose_redhat,
    redhat_plan,
)
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_installation import TOKEN


def test_names_that_files_cannot_have() -> None:
    given = {"root_ssh_keys": ["ssh-ed25519 AAAA lab"]}
    files = ["parts/motd", "x/motd.j2", "ks.cfg", "boot.ipxe", "a b"]
    _found, mistakes = _compose.compose(redhat_plan(), {"node01": {**given, "files": files}}, lambda: TOKEN)
    assert mistakes == [
        "node01: answers.files[1]: is not the only one that is served as motd; rename it",
        "node01: answers.files[2]: is not the only one that is served as ks.cfg; rename it",
        "node01: answers.files[3]: cannot be served as boot.ipxe: names that end in .ipxe are those of boot scripts; "
        "rename it",
        "node01: answers.files[4]: cannot be served as 'a b'; name it with letters, digits and . _ - with no dot in "
        "front",
    ]


@pytest.mark.parametrize(
    ("file", "template"),
    [("", "kickstart.cfg.j2"), ("own.cfg.j2", "own.cfg.j2"), ("anaconda-ks.cfg", "anaconda-ks.cfg.j2")],
)
def test_what_is_not_called_a_template_is_taken_over(file: str, template: str) -> None:
    assert compose_redhat({"file": file})["template"] == template


def test_files_for_debian_get_the_disk() -> None:
    own = "own-preseed.cfg.j2"
    for file, template in (("", "preseed.cfg.j2"), ("my.cfg", own), ("my.cfg.j2", own)):
        [one] = compose(["node01"], defaults={"file": file})
        assert (one["template"], one["answer_format"]) == (template, "preseed")


def test_answers_of_the_machine_go_over_the_profile_and_the_site() -> None:
    answers = {"timezone": "Europe/Berlin", "partitioning": {"recipe": "home"}, "packages": ["vim"]}
    profiles = {"deb": {"answers": {**PROFILES["deb"]["answers"], **answers}}}
    site = {
        "locale": "de_DE.UTF-8",
        "timezone": "UTC",
        "partitioning": {"method": "lvm"},
        "packages": ["git"],
    }
    machines = {"node01": {"timezone": "Asia/Shanghai"}}
    one, two = compose(["node01", "node02"], profiles=profiles, defaults=site, machine_answers=machines)
    assert (one["answers"]["timezone"], two["answers"]["timezone"]) == ("Asia/Shanghai", "Europe/Berlin")
    assert one["answers"]["locale"] == "de_DE.UTF-8"
    partitioning = one["answers"]["partitioning"]
    assert [partitioning[key] for key in ("method", "recipe", "swap")] == ["lvm", "home", True]
    assert one["answers"]["packages"] == ["openssh-server", "vim"]
    assert site["timezone"] == "UTC"
