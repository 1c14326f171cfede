# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import json
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.installation import Seen, Stage
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError

TOKEN = "0123456789abcdef" * 2
ARMED = "2026-11-20T10:00:00+00:00"
START = 1795168800.0
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


def installation(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "machine": "node01",
        "mac": "52:54:00:AA:00:01",
        "address": "10.77.0.11",
        "token": TOKEN,
        "profile": "deb",
        "disk": "/dev/vda",
        "answer": "d-i a/b string c\n",
        "from": int(START),
        "window": f"{int(START)}-{int(START) + 3600}",
        **changes,
    }


def compose(names: t.Sequence[str], **changes: t.Any) -> list[dict[str, t.Any]]:
    tokens = (f"{number:032x}" for number in itertools.count(1))
    given = layers(names, **changes)
    found, mistakes = _arming.compose(PLAN, given, make_token=lambda: next(tokens))
    assert mistakes == []
    return found


def layers(names: t.Sequence[str], **changes: t.Any) -> dict[str, dict[str, t.Any]]:
    """Answers by machine, all of which have the same profile."""
    options: dict[str, t.Any] = {"profiles": PROFILES, "defaults": {}, "machine_answers": {}, **changes}
    of_profile = options["profiles"]["deb"]["answers"]
    return {
        name: _arming.layered(options["defaults"], of_profile, options["machine_answers"].get(name))
        for name in names
    }


# What is published, and in which order


def test_what_is_published_and_where() -> None:
    both = [installation(), installation(machine="node02", address="10.77.0.12")]
    names = {"node01": "preseed.cfg", "node02": "preseed.cfg"}
    assert list(_arming.answer_files(both, names)) == [
        f"10.77.0.11/{TOKEN}/preseed.cfg",
        f"10.77.0.12/{TOKEN}/preseed.cfg",
    ]
    assert list(_arming.ticket_files(both)) == [
        f"10.77.0.1{number}/{TOKEN}/ticket-1795168800-1795172400" for number in (1, 2)
    ]
    assert _arming.script_path(both[0]) == "10.77.0.11/node01_52-54-00-aa-00-01.ipxe"


def test_a_record_says_who_and_until_when_and_no_more() -> None:
    [(path, text)] = _arming.record_files([installation()]).items()
    assert path == f"10.77.0.11/{TOKEN}/armed"
    assert json.loads(text) == {
        "machine": "node01",
        "mac": "52:54:00:AA:00:01",
        "address": "10.77.0.11",
        "profile": "deb",
        "disk": "/dev/vda",
        "from": 1795168800,
        "until": 1795172400,
        "armed": ARMED,
        "expires": "2026-11-20T11:00:00+00:00",
    }
    assert _arming.parse_record(text.encode())["machine"] == "node01"


@pytest.mark.parametrize(
    ("known", "begin"),
    [
        ({}, 1795168800),
        ({"from": 1795160000}, 1795160000),
        ({"from": 7}, 1795168800),
        ({"from": "x"}, 1795168800),
    ],
)
def test_a_window_has_ten_digits_each(known: dict[str, t.Any], begin: int) -> None:
    item = installation()
    _arming.set_window(item, known, 1795168800, 3600)
    assert (item["from"], item["window"]) == (begin, f"{begin}-{begin + 3600}")


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (f"10.77.0.11/{TOKEN}/ticket-1795168800-1795172400", True),
        (f"10.77.0.11/{TOKEN}/ticket-1-2", False),
        (f"10.77.0.11/{TOKEN}/released", False),
        ("10.77.0.11/ticket-1795168800-1795172400", False),
    ],
)
def test_what_is_a_ticket(path: str, is_one: bool) -> None:
    assert _arming.is_ticket(path) == is_one


@pytest.mark.parametrize(
    ("path", "armed"),
    [
        ("10.77.0.11/node01_52-54-00-aa-00-01.ipxe", ("10.77.0.11", "node01", "52-54-00-aa-00-01")),
        ("10.77.0.11/a_b_52-54-00-aa-00-01.ipxe", ("10.77.0.11", "a_b", "52-54-00-aa-00-01")),
        ("10.77.0.11/armed.ipxe", ("10.77.0.11", "", "")),
        (f"10.77.0.11/{TOKEN}/node01_52-54-00-aa-00-01.ipxe", None),
        (f"10.77.0.11/{TOKEN}", None),
        ("10.77.0.11/own.ipxe", None),
    ],
)
def test_whose_script_it_is(path: str, armed: tuple[str, str, str] | None) -> None:
    assert _arming.parse_script_path(path) == armed


def test_the_release_of_plain_pxelinux_is_the_answer_file() -> None:
    item = installation()
    words = [
        "auto=true",
        f"url=http://10.77.0.1/answers/10.77.0.11/{TOKEN}/preseed.cfg",
        f"inst.ks=ftp://10.77.0.1/answers/10.77.0.11/{TOKEN}/ks.cfg",
        f"url=http://10.77.0.1/answers/10.77.0.12/{TOKEN}/preseed.cfg",
    ]
    gated = _arming.gated(words, item)
    assert gated[1] == f"url=http://10.77.0.1/answers/10.77.0.11/{TOKEN}/{item['window']}/preseed.cfg"
    assert [gated[index] for index in (0, 2, 3)] == [words[index] for index in (0, 2, 3)]


def test_tokens_are_masked() -> None:
    assert _arming.masked(f"/srv/answers/10.77.0.11/{TOKEN}/x and {TOKEN}") == (
        "/srv/answers/10.77.0.11/01234567.../x and 01234567..."
    )


# Machines that have changed since they were armed

NODE01 = {"machine": "node01", "mac": "52:54:00:AA:00:01", "address": "10.77.0.11"}
NODE02 = {"machine": "node02", "mac": "52:54:00:aa:00:02", "address": "10.77.0.12"}
BOTH_ARMED = [
    _arming.Armed("10.77.0.11", "node01", "52-54-00-aa-00-01"),
    _arming.Armed("10.77.0.12", "node02", "52-54-00-aa-00-02"),
]


@pytest.mark.parametrize(
    ("machines", "reasons"),
    [
        ([NODE01, NODE02], {}),
        ([NODE01], {"node02": "it is no machine of this server any more"}),
        ([NODE01, {**NODE02, "machine": "db"}], {"node02": "it is called db now"}),
        (
            [NODE01, {**NODE02, "mac": "52:54:00:AA:00:0F"}],
            {"node02": "its MAC address is 52:54:00:aa:00:0f now"},
        ),
        ([NODE01, {**NODE02, "address": "10.78.0.12"}], {"node02": "its address is 10.78.0.12 now"}),
        (
            [{**NODE01, "address": "10.77.0.12"}, {**NODE02, "address": "10.77.0.11"}],
            {"node01": "its address is 10.77.0.12 now", "node02": "its address is 10.77.0.11 now"},
        ),
        (
            [{**NODE01, "mac": NODE02["mac"]}, {**NODE02, "mac": NODE01["mac"]}],
            {
                "node01": "its MAC address is 52:54:00:aa:00:02 now",
                "node02": "its MAC address is 52:54:00:aa:00:01 now",
            },
        ),
        ([], dict.fromkeys(("node01", "node02"), "it is no machine of this server any more")),
    ],
)
def test_what_is_not_of_a_described_machine(machines: list[dict[str, str]], reasons: dict[str, str]) -> None:
    taken = _arming.strangers(dict.fromkeys(BOTH_ARMED, ""), machines)
    assert {each.armed.name: each.reason for each in taken} == reasons


def test_what_an_earlier_version_armed_is_of_nobody() -> None:
    [taken] = _arming.strangers({_arming.Armed("10.77.0.11", "", ""): ""}, [NODE01])
    assert "earlier version" in taken.reason


@pytest.mark.parametrize("data", [None, b"", b"{", b"[]", b"\xff", b'"text"'])
def test_a_damaged_record_is_none(data: bytes | None) -> None:
    assert _arming.parse_record(data) == {}


def test_boot_scripts_must_be_about_the_machine() -> None:
    assert _arming.boot_script_names(installation()) == {
        "profiles/deb.ipxe": "",
        "machines/52-54-00-aa-00-01.ipxe": "/10.77.0.11/node01_52-54-00-aa-00-01.ipxe",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"address": "../../etc"}, "no IPv4 address"),
        ({"address": "10.77.0.011"}, "no IPv4 address"),
        ({"address": ""}, "no IPv4 address"),
        ({"token": "../" + TOKEN[3:]}, "32 hexadecimal digits"),
        ({"token": TOKEN[1:]}, "32 hexadecimal digits"),
        ({"token": TOKEN + "\n"}, "32 hexadecimal digits"),
        ({"token": ""}, "32 hexadecimal digits"),
    ],
)
def test_nothing_else_becomes_a_path(changes: dict[str, str], message: str) -> None:
    with pytest.raises(PxeError, match=f"node01: .*{message}"):
        _arming.check_installations([installation(**changes)])


def test_two_machines_at_one_address() -> None:
    with pytest.raises(PxeError, match=r"node02: node01 has the address 10\.77\.0\.11 too"):
        _arming.check_installations([installation(), installation(machine="node02")])


# How far an installation has come

RECORD = {"armed": ARMED, "expires": "2026-11-20T16:00:00+00:00"}
LATER = START + 6 * 3600


@pytest.mark.parametrize(
    ("published", "events", "now", "stage"),
    [
        (True, {}, START + 1, Stage("armed", START)),
        (True, {}, LATER, Stage("expired", LATER)),
        (False, {}, START + 1, Stage("none", None)),
        (False, {}, LATER + 9, Stage("expired", LATER)),
        (True, {"started": START + 5}, START + 9, Stage("started", START + 5)),
        (True, {"started": START + 5}, LATER + 9, Stage("started", START + 5)),
        (
            True,
            {"started": START, "progress-netcfg": START + 7, "progress-pkgsel": START + 8},
            START + 9,
            Stage("progress-pkgsel", START + 8),
        ),
        (True, {"started": START, "failed": START + 3}, START + 9, Stage("failed", START + 3)),
        (True, {"progress-pkgsel": START + 3, "failed": START + 3}, START + 9, Stage("failed", START + 3)),
        # Someone helped at the console.
        (
            True,
            {"failed": START + 3, "progress-pkgsel": START + 4},
            START + 9,
            Stage("progress-pkgsel", START + 4),
        ),
        (False, {"installed": START + 3, "failed": START + 4}, START + 9, Stage("installed", START + 3)),
        # Released, and whatever it reported since; a clock that was set back changes nothing about that.
        (True, {"released": START + 5}, START + 9, Stage("released", START + 5)),
        (True, {"released": START + 5}, LATER + 9, Stage("released", START + 5)),
        (True, {"released": START + 5, "started": START + 5}, START + 9, Stage("started", START + 5)),
        (True, {"released": START + 9, "started": START + 5}, START + 9, Stage("started", START + 5)),
        # A log is no stage; what the web server does not let a machine write is none either.
        (True, {"log-syslog": START + 4}, START + 9, Stage("armed", START)),
        (True, {"armed": START + 4, ".hidden": START + 5}, START + 9, Stage("armed", START)),
    ],
)
def test_stage(published: bool, events: dict[str, float], now: float, stage: Stage) -> None:
    assert _arming.stage_of(Seen(RECORD, published, events), now) == stage


def test_stage_without_anything() -> None:
    assert _arming.stage_of(None, START) == Stage("none", None)
    assert _arming.stage_of(Seen({}, True, {}), START) == Stage("armed", None)


def test_the_latest_arming_counts() -> None:
    old = Seen({"armed": "2026-11-19T10:00:00+00:00"}, False, {"installed": START - 9})
    found = {"a" * 32: Seen(RECORD, True, {}), "b" * 32: old, "c" * 32: Seen({}, False, {})}
    assert _arming.newest(found) == "a" * 32
    assert _arming.newest({}) is None


def test_the_latest_log() -> None:
    assert (
        _arming.newest_log({"log-syslog": 1, "log-partman": 2, "log-../x": 9, "failed": 8}) == "log-partman"
    )
    assert _arming.newest_log({"failed": 8}) is None


# What it takes to arm


def test_compose() -> None:
    [one] = compose(["node01"])
    url = f"http://10.77.0.1/answers/10.77.0.11/{1:032x}/preseed.cfg"
    assert one["machine"] == "node01"
    assert one["token"] == f"{1:032x}"
    assert one["answer_url"] == url
    assert f"url={url}" in one["install_arguments"]
    assert one["events_url"] == f"http://10.77.0.1/events/10.77.0.11/{1:032x}"
    assert one["answers"]["root_ssh_keys"] == ["ssh-ed25519 AAAA lab"]


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
    [one], _mistakes = _arming.compose(redhat_plan(), {"node01": given}, lambda: TOKEN)
    return one


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
    [one], _mistakes = _arming.compose(plan, {"node01": given}, lambda: TOKEN)
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
        _found, mistakes = _arming.compose(
            each, {"node01": {"root_ssh_keys": ["ssh-ed25519 A b"]}}, lambda: TOKEN
        )
        assert len(mistakes) == bool(named)
        assert "SECRET" not in str(mistakes)
        if named:
            assert mistakes[0].startswith(f"node01: kernel_arguments: {named} leads to other answers")


@pytest.mark.parametrize(
    "argument", ["preseed/early_command", "d-i:preseed/early_command?", '"preseed/early_command']
)
def test_kernel_arguments_that_run_something_before_the_guard(argument: str) -> None:
    """S33preseed_early_command of d-i's initrd runs it before the network is there."""
    plan = {**PLAN, "machines": [{**PLAN["machines"][0], "kernel_arguments": [f"{argument}=SECRET"]}]}
    given = {"root_ssh_keys": ["ssh-ed25519 A b"]}
    _found, mistakes = _arming.compose(plan, {"node01": given}, lambda: TOKEN)
    assert mistakes == [
        f"node01: kernel_arguments: {argument} runs before the installer looks whether this is the machine and disk "
        "that were armed; write answers.early_commands"
    ]


def test_names_that_files_cannot_have() -> None:
    given = {"root_ssh_keys": ["ssh-ed25519 AAAA lab"]}
    files = ["parts/motd", "x/motd.j2", "ks.cfg", "boot.ipxe", "a b"]
    _found, mistakes = _arming.compose(redhat_plan(), {"node01": {**given, "files": files}}, lambda: TOKEN)
    assert mistakes == [
        "node01: answers.files[1]: is not the only one that is served as motd; rename it",
        "node01: answers.files[2]: is not the only one that is served as ks.cfg; rename it",
        "node01: answers.files[3]: cannot be served as boot.ipxe: names that end in .ipxe are those of boot scripts; "
        "rename it",
        "node01: answers.files[4]: cannot be served as 'a b'; call it by letters, digits and . _ - with no dot in "
        "front",
    ]


def test_files_are_not_served_by_ftp() -> None:
    plan = redhat_plan()
    plan["profiles"]["el9"]["answers_by"] = "ftp"
    plan["services"] = {"ftp": {"url": "ftp://10.77.0.1:2121"}}
    given = {"root_ssh_keys": ["ssh-ed25519 AAAA lab"], "files": ["motd"]}
    found, mistakes = _arming.compose(plan, {"node01": given}, lambda: TOKEN)
    assert found == []
    assert mistakes == [
        "node01: answers.files: are served by HTTP only; write answers_by: http into the profile"
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%include U/storage.ks", ["storage.ks"]),
        ("%include 'U/storage.ks'", ["storage.ks"]),
        ("wget U/a-1 U/motd -O /x; wget U/b.tar.gz; # see U/c.", ["a-1", "b.tar.gz", "c"]),
        ("U/ks.cfg U/motd U http://10.77.0.1/other", []),
        ('wget "U/part-$n" U/part.${n} U/part-`id` U/*.sh', []),
    ],
)
def test_what_is_expected_beside_the_answer_file(text: str, names: list[str]) -> None:
    one = compose_redhat({})
    text = text.replace("U", one["files_url"])
    for texts in ({"answer": text, "files": {"motd": ""}}, {"answer": "", "files": {"motd": text}}):
        assert _arming.unserved({**one, **texts}) == names


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


@pytest.mark.parametrize(
    ("rule", "mistaken"), [({}, True), ({"only": True}, False), ({"serial": "S3"}, False)]
)
def test_a_rule_is_needed_where_the_disk_is_found_by_one(rule: dict[str, t.Any], mistaken: bool) -> None:
    plan = {**PLAN, "machines": [{**PLAN["machines"][0], "disk": "/dev/disk/by-rule"}]}
    found, mistakes = _arming.compose(plan, layers(["node01"], defaults={"disk_rule": rule}), lambda: TOKEN)
    assert (len(found), len(mistakes)) == ((0, 1) if mistaken else (1, 0))
    if mistaken:
        assert mistakes[0].startswith(
            "node01: answers.disk_rule: is missing, but machine_disk is /dev/disk/by-rule"
        )


def test_each_machine_gets_a_token_of_its_own() -> None:
    assert len({item["token"] for item in compose(["node01", "node02"])}) == 2


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


def test_all_mistakes_are_named() -> None:
    machines = {
        "node01": {"timezone": "No where", "keyboard": ""},
        "node02": {"root_password_hash": "SECRET"},
    }
    given = layers(["node01", "node02", "node09"], machine_answers=machines)
    found, lines = _arming.compose(PLAN, given, lambda: TOKEN)
    assert found == []
    assert len(lines) == 4
    assert any(line.startswith("node01: answers.timezone: ") for line in lines)
    assert any(line.startswith("node01: answers.keyboard: ") for line in lines)
    assert any(line.startswith("node02: answers.root_password_hash: ") for line in lines)
    assert any(line.startswith("node09 is not a machine") for line in lines)
    assert "SECRET" not in str(lines)
