# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.answers_found import FilterModule, answers_found
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan

KEY = "ssh-rsa AAAA x"


def plan(count: int) -> dict[str, t.Any]:
    return compile_plan(
        {
            "server": {"address": "10.77.0.1", "interface": "eth1"},
            "subnets": [{"cidr": "10.77.0.0/16"}],
            "distributions": {
                "debian-13": {"isos": [{"path": "/srv/d.iso"}]},
                "live-13": {"isos": [{"path": "/srv/l.iso"}]},
            },
            "profiles": {
                "deb": {"distribution": "debian-13"},
                "idle": {"distribution": "debian-13"},
                "desk": {"distribution": "live-13"},
            },
        },
        [
            {
                "name": f"node{number:04}",
                "mac": f"52:54:00:aa:{number // 256:02x}:{number % 256:02x}",
                "address": f"10.77.{1 + number // 250}.{1 + number % 250}",
                "profile": "deb",
                "disk": "/dev/vda",
            }
            for number in range(count)
        ],
    )


class Lazy(dict[str, t.Any]):
    """Variables whose values are made when they are asked for, as Ansible makes them."""

    def __getitem__(self, key: str) -> t.Any:
        value = super().__getitem__(key)
        return value() if callable(value) else value


def hosts(count: int, **variables: t.Any) -> dict[str, dict[str, t.Any]]:
    return {f"node{number:04}": Lazy(variables) for number in range(count)}


def broken() -> t.NoReturn:
    raise RuntimeError("no vault password")


def said(found: dict[str, t.Any]) -> list[str]:
    return [f"{item['address']}: {item['message']}" for item in found["mistakes"]]


def test_one_mistake_of_all_machines_is_one() -> None:
    profiles = {"deb": {"answers": {"timezone": "no where"}}, "idle": {}, "desk": {}}
    found = answers_found(plan(3), hosts(3, site_profiles=profiles, site_answers={"root_ssh_keys": [KEY]}))
    assert said(found) == [
        "site_profiles.deb.answers.timezone: 'no where' is not usable; write it like Europe/Berlin"
    ]


def test_each_machine_is_looked_at_with_its_own_variables() -> None:
    variables = hosts(5, site_answers={"root_ssh_keys": [KEY]})
    variables["node0001"]["site_answers"] = {"root_ssh_keys": [KEY], "timezone": "a b"}
    variables["node0002"]["machine_answers"] = {"console": "tty S0"}
    lines = said(answers_found(plan(5), variables, {"deb": {}}))
    assert [line.partition(":")[0] for line in lines] == [
        "site_answers.timezone",
        "pxe_machines.node0002.machine_answers.console",
    ]
    assert lines[0].endswith("(for node0001)")


def test_a_profile_that_no_machine_has() -> None:
    profiles = {"deb": {}, "idle": {"answers": {"root_password_hash": "SECRET"}}, "desk": {}}
    found = answers_found(plan(0), {}, profiles, {})
    assert said(found)[0].startswith("site_profiles.idle.answers.root_password_hash: is not a hash")
    assert "SECRET" not in json.dumps(found)


def test_only_the_machines_that_are_asked_about() -> None:
    variables = hosts(3, site_answers={"timezone": "a b", "root_ssh_keys": [KEY]})
    assert len(said(answers_found(plan(3), variables, {}, {}, ["node0001"]))) == 1
    assert said(answers_found(plan(3), variables, {}, {}, [])) == []


@pytest.mark.parametrize(
    "answers",
    [
        broken,
        Lazy(root_password_hash=broken),
        Lazy(root_ssh_keys=[KEY], users=broken),
        {"users": [Lazy(name=broken)]},
    ],
)
def test_what_cannot_be_evaluated_is_no_mistake(answers: t.Any) -> None:
    assert said(answers_found(plan(2), hosts(2, site_answers=answers), {"deb": {}})) == []


def lost(found: dict[str, t.Any]) -> list[str]:
    return [f"{item['address']}: {item['message']}" for item in found["unevaluated"]]


def refused() -> t.NoReturn:
    raise PxeError("value: cannot be evaluated: 'rack' is undefined")


def test_what_cannot_be_evaluated_is_named() -> None:
    """By key, and by machine where it is not so for all of them; without words that may hold a secret."""
    common = Lazy(root_ssh_keys=[KEY], users=[Lazy(name="ops"), Lazy(name=broken)])
    variables = hosts(3, site_answers=common)
    variables["node0001"]["machine_answers"] = Lazy(timezone=refused, console="ttyS0,115200")
    variables["node0002"]["site_answers"] = {"root_ssh_keys": [KEY]}
    found = answers_found(plan(3), variables, {"deb": {}, "idle": Lazy(answers=broken)})
    assert lost(found) == [
        "site_answers.users[1].name: cannot be evaluated (for node0000, node0001)",
        "pxe_machines.node0001.machine_answers.timezone: cannot be evaluated: 'rack' is undefined",
    ]
    assert said(found) == []


def test_profiles_as_a_whole() -> None:
    variables = hosts(2, site_answers={"root_ssh_keys": [KEY]}, site_profiles=refused)
    assert lost(answers_found(plan(2), variables)) == [
        "site_profiles: cannot be evaluated: 'rack' is undefined"
    ]
    # One that is not there says nothing.
    assert lost(answers_found(plan(2), hosts(2), {})) == []


def test_files_must_be_there(tmp_path: pathlib.Path) -> None:
    """Once for all machines that share them; a profile without machines, and one of a machine's own, too."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "there.cfg").touch()
    profiles = {
        "deb": {"answers": {"file": "there.cfg", "files": ["there.cfg.j2", "lost"]}},
        "idle": {"answers": {"file": "lost.cfg"}},
        "desk": {},
    }
    common = {"site_profiles": profiles, "site_answers": {"root_ssh_keys": [KEY]}}
    variables = hosts(3, **common)
    variables["node0001"]["machine_answers"] = Lazy({"file": broken})
    variables["node0002"]["machine_answers"] = {"file": "own.cfg", "files": []}
    arguments = (plan(3), variables, profiles, {"root_ssh_keys": [KEY]}, None)
    found = said(answers_found(*arguments, [str(tmp_path)]))
    assert [line.partition(": looked in ")[0] for line in found] == [
        f"{address}: there is no {name} on the control node"
        for address, name in [
            ("site_profiles.deb.answers.files[0]", "there.cfg.j2"),
            ("site_profiles.deb.answers.files[1]", "lost"),
            ("pxe_machines.node0002.machine_answers.file", "own.cfg"),
            ("site_profiles.idle.answers.file", "lost.cfg"),
        ]
    ]
    # Where nobody says in which folders, none is looked for.
    assert said(answers_found(*arguments)) == []


def test_nobody_can_log_in() -> None:
    (line,) = said(answers_found(plan(2), hosts(2), {"deb": {}}, {}))
    assert line.startswith("site_profiles.deb.answers.root_ssh_keys: nobody could log in")


def test_scripts_are_handed_on_once() -> None:
    profiles = {"deb": {"answers": {"late_commands": ["if"], "root_ssh_keys": [KEY]}}}
    found = answers_found(plan(9), hosts(9, site_profiles=profiles))
    assert found["scripts"] == [
        {"address": "site_profiles.deb.answers.late_commands[0]", "shell": "sh", "text": "if"}
    ]


def test_of_a_script_that_differs_from_machine_to_machine_some_are_enough() -> None:
    variables = hosts(60)
    for name in variables:
        answers = {"late_commands": [f"echo {name}"], "root_ssh_keys": [KEY]}
        variables[name]["site_profiles"] = {"deb": {"answers": answers}}
    found = answers_found(plan(60), variables)
    assert [item["text"] for item in found["scripts"]] == [f"echo node{number:04}" for number in range(50)]


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"answers_found": answers_found}


def test_further_disks_of_each_machine() -> None:
    """The upper layer's, as they are merged."""
    common = {"deb": {"answers": {"partitioning": {"disks": ["/dev/vdb"]}}}}
    variables = hosts(3, site_profiles=common)
    variables["node0001"] = Lazy(
        site_profiles=common, machine_answers={"partitioning": {"disks": ["/dev/vdc"]}}
    )
    variables["node0002"] = Lazy(site_profiles=common, machine_answers={"partitioning": {"disks": []}})
    found = answers_found(plan(3), variables)
    assert found["disks"] == {"node0000": ["/dev/vdb"], "node0001": ["/dev/vdc"]}
