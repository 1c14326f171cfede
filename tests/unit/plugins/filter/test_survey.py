# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.netinstall.pxe.plugins.filter.survey import FilterModule, survey


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("install_profile", "", ""),
        ("install_profile", " deb\n", "deb"),
        ("install_time_limit", "", 5400),
        ("install_time_limit", None, 5400),
        ("install_time_limit", "2", 120),
        ("install_time_limit", 0.5, 30),
        ("install_interval", "1", 1),
        ("install_interval", 20, 20),
        ("install_follow", "", True),
        ("install_follow", "no ", False),
        ("install_follow", "False", False),
        ("install_follow", False, False),
        ("install_follow", "yes ", True),
        ("install_follow", 1, True),
        ("install_on_failure", "disarm", "disarm"),
        ("install_on_failure", "", "keep"),
        ("install_until", "installed", "installed"),
        ("install_until", "", "ssh"),
        ("status_after_failure", "yes\n", True),
        ("status_after_failure", "", False),
        ("plan_full", "yes", True),
        ("deploy_on_failed_install", None, ""),
        ("deploy_on_failed_install", " Retry", "retry"),
        ("disarm_unknown", "", []),
        ("disarm_unknown", [], []),
        ("disarm_unknown", "52:54:00:BB:00:01", ["52:54:00:bb:00:01"]),
        (
            "disarm_unknown",
            " 52-54-00-bb-00-01, 5254.00bb.0002;\n",
            ["52:54:00:bb:00:01", "52:54:00:bb:00:02"],
        ),
        ("disarm_unknown", ["52:54:00:bb:00:01"], ["52:54:00:bb:00:01"]),
        ("disarm_unknown", " All ", ["all"]),
        ("disarm_unknown", ["all"], ["all"]),
        ("disarm_confirm", " 12\n", "12"),
        ("disarm_confirm", 0, "0"),
        ("disarm_confirm", "", ""),
    ],
)
def test_what_is_understood(variable: str, value: t.Any, wanted: t.Any) -> None:
    assert survey({variable: value}) == {variable: wanted, "mistakes": []}


@pytest.mark.parametrize(
    ("variable", "values", "says"),
    [
        ("install_profile", (" ", ["deb"], 5, True), "write the name of a profile, or nothing"),
        (
            "install_time_limit",
            ("soon", "0", -1, "nan", "inf", "1e9", True, [90]),
            "write a number of minutes, such as 90",
        ),
        ("install_interval", (0, "0", "0.5", "x", -3), "write a number of seconds, 1 or more, such as 10"),
        ("install_follow", ("nope", "y", 2, [], "  "), "write yes or no"),
        ("install_on_failure", ("wipe", True, " "), "write keep or disarm"),
        ("install_until", ("SSHD", False), "write ssh or installed"),
        ("status_after_failure", ("maybe",), "write yes or no"),
        (
            "disarm_unknown",
            (
                "node01",
                "52:54",
                ",",
                "all,52:54:00:bb:00:01",
                ["all", "52:54:00:bb:00:01"],
                5,
                True,
                [5],
                {"a": 1},
            ),
            "write MAC addresses with commas between, such as 52:54:00:bb:00:01, or all",
        ),
        ("disarm_confirm", ("yes", True, -1, 1.5, "1 2", [1]), "write the number of machines, such as 3"),
    ],
)
def test_nothing_else_is_taken_for_something(variable: str, values: tuple[t.Any, ...], says: str) -> None:
    for value in values:
        (mistake,) = survey({variable: value})["mistakes"]
        assert mistake.startswith(f"{variable}: ")
        assert says in mistake


def test_all_mistakes_are_named() -> None:
    assert len(survey({"install_follow": "x", "install_interval": 0, "install_until": ""})["mistakes"]) == 2


def test_a_variable_of_nobody_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="does not know install_x"):
        survey({"install_x": 1})


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"survey": survey}
