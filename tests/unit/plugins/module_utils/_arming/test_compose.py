# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import compose as _compose
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.answers_complete import layered
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._arming.test_installation import TOKEN

PLAN: dict[str, t.Any] = {
    "urls": {
        "boot": "http://10.77.0.1/boot",
        "answers": "http://10.77.0.1/answers",
        "events": "http://10.77.0.1/events",
    },
    "distributions": {
        "debian-13": {"name": "debian-13", "version": None, "tree_url": "http://10.77.0.1/trees/debian-13"}
    },
    "machines": [
        {
            "name": f"node0{number}",
            "hostname": f"node0{number}",
            "domain": "lab.example",
            "mac": f"52:54:00:aa:00:0{number}",
            "address": f"10.77.0.1{number}",
            "profile": "deb",
            "distribution": "debian-13",
            "family": "debian",
            "disk": "/dev/vda",
            "firmware": "any",
            "kernel_arguments": [],
            "dns": [],
        }
        for number in (1, 2)
    ],
}
PROFILES: dict[str, t.Any] = {
    "deb": {"distribution": "debian-13", "answers": {"root_ssh_keys": ["ssh-ed25519 AAAA lab"]}}
}


def compose(names: t.Sequence[str], **changes: t.Any) -> list[dict[str, t.Any]]:
    tokens = (f"{number:032x}" for number in itertools.count(1))
    given = layers(names, **changes)
    found, mistakes = _compose.compose(PLAN, given, make_token=lambda: next(tokens))
    assert mistakes == []
    return found


def layers(names: t.Sequence[str], **changes: t.Any) -> dict[str, dict[str, t.Any]]:
    """Answers by machine, all of which have the same profile."""
    options: dict[str, t.Any] = {"profiles": PROFILES, "defaults": {}, "machine_answers": {}, **changes}
    of_profile = options["profiles"]["deb"]["answers"]
    return {
        name: layered(options["defaults"], of_profile, options["machine_answers"].get(name)) for name in names
    }


def redhat_plan() -> dict[str, t.Any]:
    urls = {"http": "http://10.77.0.1/trees/rocky-9", "nfs": "nfs:10.77.0.1:/srv/pxe/trees/rocky-9"}
    distribution = {"name": "rocky-9", "version": "9.4", "tree_url": urls["http"], "tree_urls": urls}
    machine = {
        **PLAN["machines"][0],
        "family": "redhat",
        "distribution": "rocky-9",
        "profile": "el9",
        "netmask": "255.255.255.0",
        "gateway": "10.77.0.1",
    }
    return {
        "urls": PLAN["urls"],
        "distributions": {"rocky-9": distribution},
        "profiles": {"el9": {"source": "nfs"}},
        "machines": [machine],
    }


def compose_redhat(answers: dict[str, t.Any]) -> dict[str, t.Any]:
    given = {"root_ssh_keys": ["ssh-ed25519 AAAA lab"], **answers}
    [one], _mistakes = _compose.compose(redhat_plan(), {"node01": given}, lambda: TOKEN)
    return one


def test_compose() -> None:
    [one] = compose(["node01"])
    url = f"http://10.77.0.1/answers/10.77.0.11/{1:032x}/preseed.cfg"
    assert one["machine"] == "node01"
    assert one["token"] == f"{1:032x}"
    assert one["answer_url"] == url
    assert f"url={url}" in one["install_arguments"]
    assert one["events_url"] == f"http://10.77.0.1/events/10.77.0.11/{1:032x}"
    assert one["answers"]["root_ssh_keys"] == ["ssh-ed25519 AAAA lab"]


def test_a_kickstart_is_told_of_release_network_and_source() -> None:
    one = compose_redhat({"network": {"bootproto": "static"}, "console": "ttyS0,115200"})
    assert one["answer_url"].endswith(f"/{TOKEN}/ks.cfg")
    assert (one["template"], one["answer_format"]) == ("kickstart.cfg.j2", "kickstart")
    assert (one["kickstart_version"], one["release"]) == ("RHEL9", {"kind": "el", "number": 9})
    assert (one["source"], one["tree_urls"]["nfs"]) == ("nfs", "nfs:10.77.0.1:/srv/pxe/trees/rocky-9")
    assert (one["version"], one["netmask"], one["gateway"]) == ("9.4", "255.255.255.0", "10.77.0.1")
    assert one["syntax"]["level"] == 9
    assert "ip=10.77.0.11::10.77.0.1:255.255.255.0:node01::none" in one["install_arguments"]
    assert "console=ttyS0,115200" in one["install_arguments"]


def test_a_kickstart_may_be_fetched_by_ftp() -> None:
    plan = redhat_plan()
    plan["profiles"]["el9"]["answers_by"] = "ftp"
    plan["services"] = {"ftp": {"url": "ftp://10.77.0.1:2121"}}
    given = {"root_ssh_keys": ["ssh-ed25519 AAAA lab"]}
    [one], _mistakes = _compose.compose(plan, {"node01": given}, lambda: TOKEN)
    assert one["answer_url"] == f"ftp://10.77.0.1:2121/answers/10.77.0.11/{TOKEN}/ks.cfg"
    assert f"inst.ks={one['answer_url']}" in one["install_arguments"]
    assert one["events_url"].startswith("http://")


@pytest.mark.parametrize(
    ("family", "arguments", "named"),
    [
        ("redhat", ["quiet", "inst.ks=http://10.77.0.9/SECRET.cfg"], "inst.ks"),
        # Until EL 8 it is read first, wherever it stands.
        ("redhat", ["ks=http://10.77.0.9/SECRET.cfg"], "ks"),
        ("redhat", ["KS"], "KS"),
        ("debian", ["url=http://10.77.0.9/SECRET.cfg"], "url"),
        ("debian", ["d-i:preseed/run=SECRET.sh"], "d-i:preseed/run"),
        ("debian", ["preseed/include=SECRET.cfg"], "preseed/include"),
        # To d-i a question of which it is not said that it was asked.
        ("debian", ["url?=http://10.77.0.9/SECRET.cfg"], "url?"),
        # The kernel hands on what is inside quotation marks.
        ("debian", ['"preseed/url=http://10.77.0.9/SECRET.cfg"'], '"preseed/url'),
        ("redhat", ["inst.kickstart=/run/install/repo/SECRET.cfg"], "inst.kickstart"),
        (
            "redhat",
            ["inst.ks.sendmac", "inst.repo=http://10.77.0.9/", "ksdevice=eth0", "url=x", "quiet=ks"],
            "",
        ),
        ("debian", ["ks=x", "preseed/interactive=false", "auto-install/enable=true"], ""),
    ],
)
def test_kernel_arguments_that_lead_to_other_answers(family: str, arguments: list[str], named: str) -> None:
    plan = redhat_plan() if family == "redhat" else {**PLAN, "machines": PLAN["machines"][:1]}
    machine = plan["machines"][0]
    of_profile = {**plan, "profiles": {machine["profile"]: {"kernel_arguments": arguments}}}
    of_machine = {**plan, "machines": [{**machine, "kernel_arguments": arguments}]}
    for each in (of_profile, of_machine):
        _found, mistakes = _compose.compose(
            each, {"node01": {"root_ssh_keys": ["ssh-ed25519 A b"]}}, lambda: TOKEN
        )
        assert len(mistakes) == bool(named)
        assert "SECRET" not in str(mistakes)
        if named:
            assert mistakes[0].startswith(f"node01: kernel_arguments: {named} points to other answers")


def test_files_are_not_served_by_ftp() -> None:
    plan = redhat_plan()
    plan["profiles"]["el9"]["answers_by"] = "ftp"
    plan["services"] = {"ftp": {"url": "ftp://10.77.0.1:2121"}}
    given = {"root_ssh_keys": ["ssh-ed25519 AAAA lab"], "files": ["motd"]}
    found, mistakes = _compose.compose(plan, {"node01": given}, lambda: TOKEN)
    assert found == []
    assert mistakes == [
        "node01: answers.files: are served by HTTP only; write answers_by: http into the profile"
    ]


@pytest.mark.parametrize(
    ("rule", "mistaken"), [({}, True), ({"only": True}, False), ({"serial": "S3"}, False)]
)
def test_a_rule_is_needed_where_the_disk_is_found_by_one(rule: dict[str, t.Any], mistaken: bool) -> None:
    plan = {**PLAN, "machines": [{**PLAN["machines"][0], "disk": "/dev/disk/by-rule"}]}
    found, mistakes = _compose.compose(plan, layers(["node01"], defaults={"disk_rule": rule}), lambda: TOKEN)
    assert (len(found), len(mistakes)) == ((0, 1) if mistaken else (1, 0))
    if mistaken:
        assert mistakes[0].startswith(
            "node01: answers.disk_rule: is missing, but machine_disk is /dev/disk/by-rule"
        )


def test_each_machine_gets_a_token_of_its_own() -> None:
    assert len({item["token"] for item in compose(["node01", "node02"])}) == 2


def test_all_mistakes_are_named() -> None:
    machines = {
        "node01": {"timezone": "No where", "keyboard": ""},
        "node02": {"root_password_hash": "SECRET"},
    }
    given = layers(["node01", "node02", "node09"], machine_answers=machines)
    found, lines = _compose.compose(PLAN, given, lambda: TOKEN)
    assert found == []
    assert len(lines) == 4
    assert any(line.startswith("node01: answers.timezone: ") for line in lines)
    assert any(line.startswith("node01: answers.keyboard: ") for line in lines)
    assert any(line.startswith("node02: answers.root_password_hash: ") for line in lines)
    assert any(line.startswith("node09 is not a machine") for line in lines)
    assert "SECRET" not in str(lines)


@pytest.mark.parametrize(
    "argument", ["preseed/early_command", "d-i:preseed/early_command?", '"preseed/early_command']
)
def test_kernel_arguments_that_run_something_before_the_guard(argument: str) -> None:
    """S33preseed_early_command of d-i's initrd runs it before the network is there."""
    plan = {**PLAN, "machines": [{**PLAN["machines"][0], "kernel_arguments": [f"{argument}=SECRET"]}]}
    given = {"root_ssh_keys": ["ssh-ed25519 A b"]}
    _found, mistakes = _compose.compose(plan, {"node01": given}, lambda: TOKEN)
    assert mistakes == [
        f"node01: kernel_arguments: {argument} runs before the installer checks that this is the armed machine and "
        "disk; write answers.early_commands"
    ]
