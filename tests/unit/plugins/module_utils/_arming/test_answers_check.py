# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_check import (
    Layers,
    mistakes,
    scripts,
    without_machine,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

ZONES = {"UTC", "Europe/Vienna", "America/Argentina/Ushuaia"}
RSA = "ssh-rsa AAAA old"
NEW = "ssh-ed25519 AAAA new"
PLAN = compile_plan(
    {
        "server": {"address": "10.77.0.1", "interface": "eth1"},
        "subnets": [{"cidr": "10.77.0.0/24"}],
        "distributions": {
            name: {"isos": [{"path": f"/srv/iso/{name}.iso"}]}
            for name in ("debian-13", "centos-5", "centos-6", "rocky-9", "fedora-42")
        },
        "profiles": {
            **{
                name: {"distribution": name}
                for name in ("debian-13", "centos-5", "centos-6", "rocky-9", "fedora-42")
            },
            "by-ftp": {"distribution": "rocky-9", "answers_by": "ftp"},
        },
    },
    [
        {
            "name": f"n{number}",
            "mac": f"52:54:00:aa:00:0{number}",
            "address": f"10.77.0.1{number}",
            "profile": profile,
            "disk": "/dev/vda",
        }
        for number, profile in enumerate(
            ["debian-13", "centos-5", "centos-6", "rocky-9", "fedora-42", "by-ftp"]
        )
    ],
)
MACHINES = {machine["profile"]: machine for machine in PLAN["machines"]}


def found(profile: str, answers: dict[str, t.Any], **more: t.Any) -> list[tuple[str, str]]:
    """The mistakes in the answers of a profile."""
    layers = Layers([("site_answers", {}), (f"site_profiles.{profile}.answers", answers)], **more)
    return mistakes(PLAN, MACHINES[profile], layers, ZONES)


@pytest.mark.parametrize(
    ("profile", "answers", "key", "says"),
    [
        ("rocky-9", {"partitioning": {"method": "lmv"}}, "partitioning.method", "lmv"),
        ("debian-13", {"partitioning": {"method": "lmv"}}, "partitioning.method", "lmv"),
        ("rocky-9", {"root_password_hash": "geheim"}, "root_password_hash", "is not a hash of crypt(5)"),
        ("rocky-9", {"selinux": "off"}, "selinux", "'off'"),
        ("by-ftp", {"files": ["motd"]}, "files", "are served by HTTP only; write answers_by: http"),
        ("centos-5", {"extra": "%include http://x/y"}, "extra", "line 1 includes a file by its URL"),
        ("rocky-9", {"root_ssh_keys": []}, "root_ssh_keys", "nobody could log in"),
        ("debian-13", {"root_ssh_keys": []}, "root_ssh_keys", "nobody could log in"),
        ("rocky-9", {"timezone": "Europe/Viena"}, "timezone", "did you mean 'Europe/Vienna'?"),
        ("debian-13", {"timezone": "europe/vienna"}, "timezone", "did you mean 'Europe/Vienna'?"),
        ("debian-13", {"timezone": "Nowhere"}, "timezone", "write one such as Europe/Berlin"),
        ("rocky-9", {"root_ssh_keys": [RSA + "\r%post"]}, "root_ssh_keys[0]", "line"),
        ("debian-13", {"users": [{"name": "ada", "gecos": "A\u2028B"}]}, "users[0].gecos", "line"),
        ("centos-6", {"root_ssh_keys": [NEW]}, "root_ssh_keys", "EL 6 supports neither ed25519"),
        ("centos-5", {"root_ssh_keys": [NEW]}, "root_ssh_keys", "EL 5 supports neither ed25519"),
        ("centos-6", {"root_ssh_keys": ['from="10.0.0.1" ssh-ed25519 AAAA x']}, "root_ssh_keys", "EL 6"),
        (
            "centos-6",
            {"users": [{"name": "ada", "ssh_keys": ["sk-ssh-ed25519@openssh.com AAAA x"]}]},
            "users[0].ssh_keys",
            "nor FIDO keys",
        ),
    ],
)
def test_what_install_refuses_or_nobody_notices(
    profile: str, answers: dict[str, t.Any], key: str, says: str
) -> None:
    ((address, message),) = found(profile, {"root_ssh_keys": [RSA], **answers})
    assert address == f"site_profiles.{profile}.answers.{key}"
    assert says in message


@pytest.mark.parametrize(
    ("profile", "answers"),
    [
        ("rocky-9", {"root_ssh_keys": [NEW], "timezone": "America/Argentina/Ushuaia"}),
        ("fedora-42", {"root_ssh_keys": [NEW]}),
        ("debian-13", {"root_ssh_keys": [NEW], "timezone": "UTC"}),
        # Somebody can log in, and others will with later machines.
        ("centos-6", {"root_ssh_keys": [NEW, RSA]}),
        ("centos-6", {"root_password_hash": "$6$x$y"}),
    ],
)
def test_what_works_is_accepted(profile: str, answers: dict[str, t.Any]) -> None:
    assert found(profile, answers) == []


def test_without_a_tz_database_nothing_is_said_of_time_zones() -> None:
    layers = Layers([("site_answers", {"root_ssh_keys": [NEW], "timezone": "Europe/Viena"})])
    assert mistakes(PLAN, MACHINES["debian-13"], layers, ()) == []


def test_what_could_not_be_evaluated_may_be_a_way_to_log_in() -> None:
    assert found("debian-13", {}, complete=False) == []
    ((_address, message),) = found("debian-13", {"timezone": "Nowhere"}, complete=False)
    assert "tz database" in message


def test_each_mistake_is_named_where_it_was_written() -> None:
    layers = Layers(
        [
            ("site_answers", {"timezone": "Nowhere", "root_password_hash": "a"}),
            ("site_profiles.rocky-9.answers", {"partitioning": {"swap": False}}),
            ("pxe_machines.n3.machine_answers", {"partitioning": {"method": "x"}}),
        ]
    )
    found = mistakes(PLAN, MACHINES["rocky-9"], layers, ZONES)
    assert sorted(address for address, _message in found) == [
        "pxe_machines.n3.machine_answers.partitioning.method",
        "site_answers.root_password_hash",
        "site_answers.timezone",
    ]


def test_mistakes_of_the_disk_are_the_machines() -> None:
    machine = {**MACHINES["centos-5"], "disk": "/dev/disk/by-id/x"}
    layers = Layers([("site_answers", {"root_ssh_keys": [RSA]})])
    ((address, message),) = mistakes(PLAN, machine, layers, ZONES)
    assert address == "pxe_machines.n1.machine_disk"
    assert "EL 5 knows disks by the kernel's names only" in message


@pytest.mark.parametrize("profile", list(MACHINES))
def test_a_profile_without_machines(profile: str) -> None:
    machine = without_machine(PLAN["profiles"][profile], {})
    name = f"site_profiles.{profile}.answers"
    assert mistakes(PLAN, machine, Layers([(name, {})]), ZONES) == []
    ((address, _message),) = mistakes(PLAN, machine, Layers([(name, {"timezone": "no where"})]), ZONES)
    assert address == f"{name}.timezone"


def test_a_profile_without_machines_whose_disk_is_found_by_a_rule() -> None:
    answers = {"disk_rule": {"min_size": "10 GB"}}
    machine = without_machine(PLAN["profiles"]["rocky-9"], answers)
    assert mistakes(PLAN, machine, Layers([("site_profiles.rocky-9.answers", answers)]), ZONES) == []


@pytest.mark.parametrize(
    ("profile", "answers", "wanted"),
    [
        ("rocky-9", {"post": "echo", "pre": "\n#!/bin/sh -x\nls"}, [("pre", "bash"), ("post", "bash")]),
        ("rocky-9", {"post": "#!/usr/bin/env python3\n1"}, [("post", "python3")]),
        ("rocky-9", {"post": "#!/usr/libexec/platform-python\n1"}, [("post", "python3")]),
        ("rocky-9", {"post_nochroot": "#!/bin/ksh\n1"}, [("post_nochroot", "ksh")]),
        # Python 2 or 3, and a check that runs BEGIN.
        ("rocky-9", {"post": "#!/usr/bin/python\nprint 1"}, []),
        ("rocky-9", {"post": "#!/usr/bin/perl\n1"}, []),
        ("rocky-9", {"post": " \n"}, []),
        (
            "debian-13",
            {"early_commands": ["a", "b"], "late_commands": ["c"]},
            [("early_commands[0]", "sh"), ("early_commands[1]", "sh"), ("late_commands[0]", "sh")],
        ),
    ],
)
def test_what_reads_a_script(profile: str, answers: dict[str, t.Any], wanted: list[tuple[str, str]]) -> None:
    assert [(path, shell) for path, shell, _text in scripts(MACHINES[profile], answers)] == wanted
