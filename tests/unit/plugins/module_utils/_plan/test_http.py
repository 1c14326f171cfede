# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites that a web server of the house serves."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.compose import compose
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

SITE: dict[str, t.Any] = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "subnets": [{"cidr": "10.77.0.0/24"}],
    "distributions": {
        "rocky-9": {"isos": [{"path": "/srv/iso/9.iso"}]},
        "live-13": {"isos": [{"path": "/srv/iso/live.iso"}]},
    },
    "profiles": {"nine": {"distribution": "rocky-9"}, "desk": {"distribution": "live-13"}},
    "http_backend": "none",
}


def machine(number: int, profile: str = "nine") -> dict[str, t.Any]:
    return {
        "name": f"node0{number}",
        "mac": f"52:54:00:aa:00:0{number}",
        "address": f"10.77.0.1{number}",
        "profile": profile,
        **({"disk": "/dev/disk/by-id/x"} if profile == "nine" else {}),
    }


def test_no_machine_of_it_is_armed() -> None:
    plan = compile_plan(SITE, [machine(1)])
    installations, mistakes = compose(plan, {"node01": {"root_password_hash": "$6$x$y"}}, lambda: "t" * 32)
    assert installations == []
    assert len(mistakes) == 1
    assert mistakes[0].startswith("node01 is not armed, because site_http_backend is 'none'")
    plan = compile_plan({**SITE, "http_backend": "nginx"}, [machine(1)])
    assert compose(plan, {"node01": {"root_password_hash": "$6$x$y"}}, lambda: "t" * 32)[1] == []


def test_the_plan_says_which_machines_cannot_be_armed() -> None:
    plan = compile_plan(SITE, [machine(number) for number in (1, 2, 3, 4)])
    assert plan["backends"]["http"] == "none"
    assert plan["warnings"][0].startswith("node01, node02, node03 and 1 more: cannot be armed, because")
    assert any("HTTP by none" in line for line in summary(plan))


def test_live_systems_need_no_arming() -> None:
    assert compile_plan(SITE, [machine(1, "desk")])["warnings"] == []
    assert compile_plan({**SITE, "http_backend": "nginx"}, [machine(1)])["warnings"] == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"menu": {"password_hash": "$6$x$y"}}, "of site_menu"),
        (
            {"profiles": {"nine": {"distribution": "rocky-9", "menu_password_hash": "$6$x$y"}}},
            "of site_profiles.nine",
        ),
    ],
)
def test_nobody_would_compare_passwords(more: dict[str, t.Any], said: str) -> None:
    with pytest.raises(PlanError) as raised:
        compile_plan({**SITE, **more}, [])
    [mistake] = raised.value.mistakes
    assert mistake["address"] == "site_http_backend"
    assert said in mistake["message"]


def test_a_web_server_that_is_not_known() -> None:
    with pytest.raises(PlanError, match="'apache' is not known; write one of nginx, none"):
        compile_plan({**SITE, "http_backend": "apache"}, [])
