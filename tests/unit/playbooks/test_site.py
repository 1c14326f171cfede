# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which role runs on which host, with which addresses, and in which order."""

from __future__ import annotations

import json
import os
import pathlib
import re
import sys
import typing as t

import pytest
import yaml

Record = dict[str, t.Any]

SITE: Record = {
    "ansible_become": False,
    "site_root": "/nonexistent/netinstall-pxe",
    "site_distributions": {
        "debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]},
        "rocky-9": {"isos": [{"path": "/srv/iso/rocky-9.iso"}], "version": "9.4"},
    },
    "site_profiles": {
        "minimal": {"distribution": "debian-13"},
        "nine": {"distribution": "rocky-9", "source": "nfs"},
        "nine-ftp": {"distribution": "rocky-9", "source": "ftp"},
    },
}
#: DHCP on a, TFTP and HTTP on b, FTP and NFS on c, and d is the web server of the second subnet.
SPLIT: Record = {
    "all": {
        "vars": {
            **SITE,
            "site_dhcp_backend": "kea",
            "site_tftp_backend": "systemd",
            "site_server": {"address": "10.77.0.1", "interface": "eth0"},
            "site_subnets": [{"cidr": "10.77.0.0/24"}, {"cidr": "10.78.0.0/24", "http_server": "d"}],
        },
        "children": {
            "pxe_dhcp": {"hosts": {"a": {"server_interface": ["ens4", "ens5"]}}},
            "pxe_tftp": {"hosts": {"b": {"server_address": "10.77.0.2"}}},
            "pxe_http": {
                "hosts": {
                    "b": {},
                    "d": {"server_address": "10.78.0.4", "server_url": "http://web.example:8080"},
                }
            },
            "pxe_ftp": {"hosts": {"c": {"server_address": "10.77.0.3"}}},
            "pxe_nfs": {"hosts": {"c": {}}},
        },
    }
}


def single(**changes: object) -> Record:
    site = {
        **SITE,
        "site_server": {"address": "10.77.0.1", "interface": "eth0"},
        "site_subnets": [{"cidr": "10.77.0.0/24"}],
        **changes,
    }
    return {"all": {"vars": site, "children": {"pxe_servers": {"hosts": {"one": {}}}}}}


@pytest.fixture(scope="module")
def split(site: t.Any) -> t.Any:
    run = site.run(SPLIT)
    assert run.code == 0, run.said
    return run


def test_each_role_runs_on_the_hosts_of_its_service(split: t.Any) -> None:
    hosts = {
        call.role: {one.host for one in split.calls if one.role == call.role and one.entry == "main"}
        for call in split.calls
    }
    assert {role: "".join(sorted(names)) for role, names in hosts.items()} == {
        "selinux": "bcd",
        "media": "bcd",
        "http_nginx": "bd",
        "answers": "bd",
        "loader_syslinux": "bd",
        "boot_files": "bd",
        "ftp_vsftpd": "c",
        "nfs_exports": "c",
        "loader_ipxe": "bd",
        "tftp_server": "b",
        "firewall": "abcd",
        "source_build": "abd",
        "dhcp_kea": "a",
        # Only taken away
        "dhcp_dnsmasq": "",
        "dhcp_isc": "",
    }


def test_each_server_is_looked_through_for_what_it_needs(split: t.Any) -> None:
    loads = ["http_nginx", "loader_ipxe_build", "loader_ipxe_git", "loader_syslinux"]
    assert split.supplies == {
        "a": ["dhcp_kea"],
        "b": [*loads, "tftp_systemd"],
        "c": ["ftp_vsftpd", "nfs_exports"],
        "d": loads,
    }


@pytest.mark.parametrize(
    ("role", "host", "wanted"),
    [
        ("http_nginx", "b", {"address": "10.77.0.2", "port": 80}),
        ("http_nginx", "d", {"address": "10.78.0.4", "port": 8080}),
        ("ftp_vsftpd", "c", {"address": "10.77.0.3", "port": 21}),
        ("tftp_server", "b", {"address": "10.77.0.2", "subnets": ["10.77.0.0/24", "10.78.0.0/24"]}),
        (
            "loader_ipxe",
            "b",
            {"url": "http://10.77.0.2/boot/boot.ipxe", "tftp_url": "tftp://10.77.0.2/boot.ipxe"},
        ),
        ("loader_ipxe", "d", {"url": "http://web.example:8080/boot/boot.ipxe"}),
        (
            "dhcp_kea",
            "a",
            {
                "address": "10.77.0.1",
                "interfaces": ["ens4", "ens5"],
                "boot_url": "http://10.77.0.2/boot/boot.ipxe",
                "tftp_address": "10.77.0.2",
            },
        ),
    ],
)
def test_addresses(split: t.Any, role: str, host: str, wanted: Record) -> None:
    variables = split.of(role)[host]
    assert {key: variables[f"{role}_{key}"] for key in wanted} == wanted


def test_each_web_server_leads_to_itself_and_dhcp_to_each(split: t.Any) -> None:
    bases = {"b": "http://10.77.0.2", "d": "http://web.example:8080"}
    for host, base in bases.items():
        assert split.of("boot_files")[host]["boot_files_plan"]["urls"]["boot"] == f"{base}/boot"
        tree = split.of("media")[host]["media_distributions"]["debian-13"]["tree_url"]
        assert tree == f"{base}/trees/debian-13"
    subnets = split.of("dhcp_kea")["a"]["dhcp_kea_subnets"]
    assert [subnet.get("boot_url") for subnet in subnets] == [None, f"{bases['d']}/boot/boot.ipxe"]


@pytest.fixture(scope="module")
def offering(site: t.Any) -> t.Any:
    """Two web servers, of which one offers something to machines that nobody described."""
    lent = {"cidr": "10.77.0.0/24", "range": ["10.77.0.100", "10.77.0.199"]}
    variables = {
        **SPLIT["all"]["vars"],
        "site_subnets": [lent, SPLIT["all"]["vars"]["site_subnets"][1]],
        "site_unknown_machines": {"install": "minimal", "subnets": ["10.77.0.0/24"]},
    }
    run = site.run({"all": {**SPLIT["all"], "vars": variables}})
    assert run.code == 0, run.said
    return run


def test_each_web_server_gets_its_own_offers(offering: t.Any, split: t.Any) -> None:
    wanted = {
        "subnets": ["10.77.0.0/24"],
        "mac_prefixes": [],
        "profiles": [{"name": "minimal", "answer_file": "preseed.cfg", "format": "preseed"}],
    }
    servers = offering.of("http_nginx")
    assert re.fullmatch("[0-9a-f]{16}", servers["b"]["http_nginx_offers"].pop("policy"))
    assert {host: servers[host]["http_nginx_offers"] for host in servers} == {"b": wanted, "d": {}}
    assert all(one["http_nginx_offers"] == {} for one in split.of("http_nginx").values())
    assert "is installed with minimal after 30 s" in " ".join(offering.said.split())


def test_what_is_offered_is_there_before_a_menu_says_so(offering: t.Any) -> None:
    entries = [
        ("media", "main"),
        ("http_nginx", "main"),
        ("answers", "main"),
        ("answers", "offers"),
        ("boot_files", "main"),
    ]
    found = [
        call[1:] for call in offering.order("media", "http_nginx", "answers", "boot_files") if call[0] == "b"
    ]
    assert [entry for entry in found if entry in entries] == entries


# What web servers tell each other


class Servers:
    """Two web servers with a folder each at the same place, which offer the same in a subnet each."""

    def __init__(self, folder: pathlib.Path, **unknown: object) -> None:
        self.root = folder / "srv"
        self.root.mkdir()
        subnets = [
            {"cidr": "10.77.0.0/24", "range": ["10.77.0.100", "10.77.0.199"]},
            {"cidr": "10.78.0.0/24", "range": ["10.78.0.100", "10.78.0.199"], "http_server": "d"},
        ]
        variables = {
            **SPLIT["all"]["vars"],
            "site_root": str(self.root),
            "site_subnets": subnets,
            "site_unknown_machines": {
                "install": "minimal",
                "subnets": [one["cidr"] for one in subnets],
                **unknown,
            },
        }
        self.inventory: Record = json.loads(json.dumps({"all": {**SPLIT["all"], "vars": variables}}))
        self.web = self.inventory["all"]["children"]["pxe_http"]["hosts"]
        # Switched off, and nobody waits for it.
        self.off = {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": 9,
            "ansible_ssh_retries": 0,
        }
        for name in "bd":
            for mac, profile in {"b": {}, "d": {"52-54-00-bb-00-01": "minimal"}}[name].items():
                (folder / name / "events/offers" / mac / profile).mkdir(parents=True)
            (folder / name).mkdir(exist_ok=True)
            python = folder / f"python-{name}"
            python.write_text(
                "#!/bin/sh\n"
                f"exec unshare --mount sh -c 'mount --bind {folder}/{name} {self.root} && exec \"$@\"' sh "
                f'{sys.executable} "$@"\n'
            )
            python.chmod(0o755)
            self.web[name]["ansible_python_interpreter"] = str(python)


def learnt(run: t.Any) -> dict[str, list[str]]:
    """What each web server is told before its offers are published."""
    return {
        host: [f"{one['mac']} {one['profile']}" for one in variables["answers_known"]]
        for host, variables in run.of("answers", "offers").items()
    }


separate = pytest.mark.skipif(os.geteuid() != 0, reason="gives each server a folder of its own: run as root")


@separate
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), {"b": ["52:54:00:bb:00:01 minimal"], "d": []}),
        (("--check", "-t", "boot_files"), {"b": ["52:54:00:bb:00:01 minimal"], "d": []}),
        # Those that are left out are asked too.
        (("-l", "b", "-t", "answers"), {"b": ["52:54:00:bb:00:01 minimal"]}),
    ],
    ids=" ".join,
)
def test_each_web_server_learns_what_the_others_remember(
    site: t.Any, tmp_path: pathlib.Path, arguments: tuple[str, ...], told: dict[str, list[str]]
) -> None:
    run = site.run(Servers(tmp_path, overwrite=True).inventory, *arguments)
    assert run.code == 0, run.said
    assert learnt(run) == told
    assert "did not say" not in run.said
    tasks = re.findall(r"^TASK \[(.*?)\]", run.said, re.MULTILINE)
    question = tasks.index("Ask all web servers which machines they remember")
    if not arguments:
        # What it released until its nginx offered nothing there any more is known, and menus follow.
        assert tasks.index("netinstall.pxe.http_nginx : Note") < question
        assert question < tasks.index("netinstall.pxe.boot_files : Note")


@separate
def test_a_web_server_that_does_not_answer(site: t.Any, tmp_path: pathlib.Path) -> None:
    """Without overwrite, an empty disk is asked for: it is said, and the run goes on."""
    servers = Servers(tmp_path)
    servers.web["d"].update(servers.off)
    run = site.run(servers.inventory, "-l", "b", "-t", "answers,boot_files")
    assert run.code == 0, run.said
    assert learnt(run) == {"b": []}
    assert "Warning. d did not say which machines had their installation" in run.words
    assert list(run.of("boot_files")) == ["b"]


@separate
def test_it_is_asked_before_disks_are_overwritten(site: t.Any, tmp_path: pathlib.Path) -> None:
    servers = Servers(tmp_path, overwrite=True)
    # It fails there: no more is known than of one that is off.
    servers.web["d"]["ansible_python_interpreter"] = "/nonexistent/python"
    run = site.run(servers.inventory, "-l", "b", "-t", "answers,boot_files")
    assert run.code != 0
    assert (
        "Nothing was offered on b, because d did not say which machines had their installation" in run.words
    )
    assert (
        "or leave overwrite out; or, if what is remembered there is to be lost, take it out of" in run.words
    )
    assert learnt(run) == run.of("boot_files") == {}
    # One that offers nothing is no danger.
    servers.inventory["all"]["vars"]["site_unknown_machines"]["subnets"] = ["10.78.0.0/24"]
    run = site.run(servers.inventory, "-l", "b", "-t", "answers,boot_files")
    assert run.code == 0, run.said
    assert "d did not say" in run.words


@separate
def test_a_web_server_that_is_off_stops_a_whole_run_before_anything_is_changed(
    site: t.Any, tmp_path: pathlib.Path
) -> None:
    servers = Servers(tmp_path)
    servers.web["d"].update(servers.off)
    run = site.run(servers.inventory)
    assert run.code != 0
    assert run.calls == []


@pytest.mark.parametrize("number", [0, 1, 5])
def test_teardown_says_what_it_forgets(site: t.Any, tmp_path: pathlib.Path, number: int) -> None:
    for each in range(number):
        (tmp_path / f"events/offers/52-54-00-bb-00-0{each}/minimal").mkdir(parents=True)
    # One that is or was described has no installation to forget.
    (tmp_path / "events/offers/52-54-00-aa-00-01").mkdir(parents=True)
    (tmp_path / "events/offers/52-54-00-aa-00-01/described").write_text("node01\n")
    run = site.run(single(site_root=str(tmp_path)), playbook="teardown")
    assert run.code == 0, run.said
    assert ("one", "answers", "remove") in run.order("answers")
    listed = ", ".join(f"52:54:00:bb:00:0{each}" for each in range(min(number, 3))) + (
        ", …" if number > 3 else ""
    )
    said = f"Machines that had their installation without being described: {number} ({listed}). That is forgotten"
    assert (said in run.words) == bool(number)
    if number:
        tasks = re.findall(r"^TASK \[(.*?)\]", run.said, re.MULTILINE)
        first = tasks.index("netinstall.pxe.http_nginx : Note")
        assert tasks.index("Say what is forgotten with the reports") < first


def test_one_web_server_asks_nobody(site: t.Any) -> None:
    lent = {"cidr": "10.77.0.0/24", "range": ["10.77.0.100", "10.77.0.199"]}
    run = site.run(
        single(
            site_subnets=[lent],
            site_unknown_machines={"install": "minimal", "subnets": ["10.77.0.0/24"], "overwrite": True},
        )
    )
    assert run.code == 0, run.said
    assert learnt(run) == {"one": []}
    assert "did not say" not in run.said


def test_web_servers_that_offer_nothing_ask_nobody(split: t.Any) -> None:
    assert learnt(split) == {"b": [], "d": []}
    assert "did not say" not in split.said


#: What a tree of Enterprise Linux has.
INDEX = {
    "packages": ["bash", "chrony", "openssh-server", "vim-enhanced"],
    "provides": ["vim"],
    "groups": ["core", "development"],
    "environments": ["minimal-environment"],
    "modules": [],
}


def with_packages(site: t.Any, root: pathlib.Path, index: Record | None, *arguments: str) -> t.Any:
    """A run on a server that has this list of packages, of which one is missing in a profile."""
    if index is not None:
        (root / "media").mkdir()
        (root / "media" / "rocky-9.json").write_text(json.dumps(index))
    profiles = {
        "nine": {"distribution": "rocky-9", "answers": {"packages": ["vim", "vim-enhnaced"]}},
        "minimal": {"distribution": "debian-13", "answers": {"packages": ["nowhere"]}},
    }
    answers = {"root_password_hash": "$6$S3CRET$abcdefGHI./"}
    described = single(site_root=str(root), site_profiles=profiles, site_answers=answers)
    return site.run(described, *arguments)


@pytest.mark.parametrize("arguments", [(), ("--check",), ("-t", "media"), ("-t", "answers")], ids=" ".join)
def test_packages_that_the_tree_does_not_have_are_said_and_stop_nothing(
    site: t.Any, tmp_path: pathlib.Path, arguments: tuple[str, ...]
) -> None:
    run = with_packages(site, tmp_path, INDEX, *arguments)
    assert run.code == 0, run.said
    said = re.findall(r"Warning\. +install refuses (.*?)\"", run.said)
    assert said == [
        "site_profiles.nine.answers.packages[1]: vim-enhnaced: the tree has no such package; did you mean vim-enhanced?"
    ]
    assert "S3CRET" not in run.said
    assert "changed=0" in run.said
    if not arguments:
        # All the rest was done.
        assert run.order("dhcp_dnsmasq")[-1] == ("one", "dhcp_dnsmasq", "main")


def test_the_packages_of_a_tree_are_known_when_it_is_there(plays: list[Record]) -> None:
    """Looked for in the play that makes the trees, behind its roles and its last task that publishes anything."""
    [play] = [play for play in plays if "netinstall.pxe.answers_info" in str(play.get("tasks"))]
    assert "netinstall.pxe.media" in [role["role"] for role in play["roles"]]
    assert "netinstall.pxe.answers_info" in play["tasks"][-1]


def test_packages_are_not_looked_for_where_no_tree_is(site: t.Any, tmp_path: pathlib.Path) -> None:
    run = with_packages(site, tmp_path, None, "--check")
    assert run.code == 0, run.said
    assert "install refuses" not in run.said


def test_packages_are_said_whichever_host_ends_the_run(site: t.Any, tmp_path: pathlib.Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "rocky-9.json").write_text(json.dumps(INDEX))
    profiles = {
        **SITE["site_profiles"],
        "nine": {"distribution": "rocky-9", "answers": {"packages": ["@cor"]}},
    }
    variables = {**SPLIT["all"]["vars"], "site_root": str(tmp_path), "site_profiles": profiles}
    run = site.run({"all": {**SPLIT["all"], "vars": variables}})
    assert run.code == 0, run.said
    assert (
        run.said.count(
            "install refuses site_profiles.nine.answers.packages[0]: @cor: the tree has no such group"
        )
        == 1
    )


def test_a_file_server_has_only_the_trees_that_it_shows(split: t.Any) -> None:
    assert list(split.of("media")["c"]["media_distributions"]) == ["rocky-9"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        # What was there before is gone before its successor starts, and DHCP comes last.
        (
            {"site_tftp_backend": "systemd"},
            [
                ("dhcp_isc", "remove"),
                ("dhcp_kea", "remove"),
                ("dhcp_dnsmasq", "release_tftp"),
                ("tftp_server", "main"),
                ("dhcp_dnsmasq", "main"),
            ],
        ),
        (
            {},
            [
                ("dhcp_isc", "remove"),
                ("dhcp_kea", "remove"),
                ("tftp_server", "remove"),
                ("dhcp_dnsmasq", "main"),
            ],
        ),
        (
            {"site_dhcp_backend": "isc", "site_tftp_backend": "xinetd"},
            [
                ("dhcp_dnsmasq", "remove"),
                ("dhcp_kea", "remove"),
                ("tftp_server", "main"),
                ("dhcp_isc", "main"),
            ],
        ),
        (
            {"site_dhcp_backend": "none", "site_tftp_backend": "systemd"},
            [
                ("dhcp_dnsmasq", "remove"),
                ("dhcp_isc", "remove"),
                ("dhcp_kea", "remove"),
                ("tftp_server", "main"),
                ("dhcp_none", "main"),
            ],
        ),
    ],
    ids=["TFTP by systemd", "all by dnsmasq", "ISC and xinetd", "DHCP of others"],
)
def test_other_dhcp_and_tftp_servers_in_one_run(
    site: t.Any, changes: Record, wanted: list[tuple[str, str]]
) -> None:
    run = site.run(single(**changes))
    assert run.code == 0, run.said
    roles = ("tftp_server", "dhcp_dnsmasq", "dhcp_isc", "dhcp_kea", "dhcp_none")
    assert [call[1:] for call in run.order(*roles)] == wanted


SITE_YML = pathlib.Path(__file__).resolve().parents[3] / "playbooks" / "site.yml"


def tags_in(item: t.Any) -> t.Iterator[str]:
    """Every tag below some plays or tasks."""
    if isinstance(item, list):
        for one in item:
            yield from tags_in(one)
    elif isinstance(item, dict):
        tags = item.get("tags", [])
        yield from [tags] if isinstance(tags, str) else tags
        yield from tags_in(list(item.values()))


TAGS = sorted(set(tags_in(yaml.safe_load(SITE_YML.read_text(encoding="utf-8")))) - {"always"})
#: What else runs when a tag is asked for, because one needs what the other has found or frees.
WITH = {
    "dhcp_servers": [],
    "supplies": [],
    "http_nginx": ["http_nginx", "source_build"],
    # The web server of this site is nginx.
    "http_none": [],
    **{
        tag: ["answers", "boot_files", "loader_syslinux", "media", "selinux"]
        for tag in ("media", "boot_files")
    },
    "loader_syslinux": ["answers", "boot_files", "loader_syslinux", "media"],
    **{tag: [tag, "selinux"] for tag in ("answers", "loader_ipxe")},
    "tftp_server": ["dhcp_dnsmasq", "tftp_server"],
    **{tag: ["dhcp_isc", "dhcp_kea"] for tag in ("dhcp_isc", "dhcp_kea", "dhcp_none")},
    "dhcp_dnsmasq": ["dhcp_dnsmasq", "dhcp_isc", "dhcp_kea", "source_build", "tftp_server"],
}


@pytest.mark.parametrize("tag", TAGS)
def test_each_part_can_be_run_alone(site: t.Any, tag: str) -> None:
    """And what it needs, with it."""
    run = site.run(single(), "--tags", tag)
    assert run.code == 0, run.said
    assert sorted({call.role for call in run.calls}) == WITH.get(tag, [tag])
    for variables in run.of("boot_files").values():
        assert variables["boot_files_media"]
        assert variables["boot_files_pxelinux"]


def test_a_run_without_hosts_is_no_success(site: t.Any) -> None:
    """Ansible alone says that no hosts matched, and ends well."""
    inventory = single()
    inventory["all"]["children"]["pxe_machines"] = {"hosts": {"node01": {}}}
    run = site.run(inventory, "-l", "node01")
    assert run.code != 0
    assert "-l 'node01' leaves no host of pxe_servers or pxe_http" in " ".join(run.said.split())
    del inventory["all"]["children"]["pxe_servers"]
    run = site.run(inventory)
    assert run.code != 0
    assert "put one into the group pxe_servers. Nothing was changed." in " ".join(run.said.split())


def test_what_to_do_next(site: t.Any) -> None:
    inventory = single(site_answers={"root_password_hash": "$6$salt$abcdefGHI./"})
    run = site.run(inventory, "-t", "firewall")
    assert run.code == 0, run.said
    assert "Next: describe machines in the group pxe_machines, and run this again" in run.words
    assert "-l " not in run.said[run.said.index("Next: ") :]
    machine = {
        "machine_mac": "52:54:00:aa:00:01",
        "machine_address": "10.77.0.11",
        "machine_profile": "minimal",
        "machine_disk": "/dev/vda",
    }
    inventory["all"]["children"]["pxe_machines"] = {"hosts": {"node01": machine}}
    run = site.run(inventory, "-t", "firewall")
    assert run.code == 0, run.said
    said = "Next: ansible-playbook netinstall.pxe.install -i inventory.yml -l node01 installs one machine (asks first)"
    assert said in re.sub(r"/\S*/inventory", "inventory", run.words)


@pytest.mark.parametrize(
    ("answer", "policy"), [('""', "retry"), ("null", "retry"), ('"hold"', "hold"), ('" "', "")]
)
def test_an_empty_answer_leaves_what_is_described(site: t.Any, answer: str, policy: str) -> None:
    """Of AWX's survey, which hands over what was not answered, too."""
    run = site.run(
        single(site_on_failed_install="retry"),
        "-e",
        f'{{"deploy_on_failed_install": {answer}}}',
        "-t",
        "answers",
    )
    assert (run.code == 0) == bool(policy), run.said
    found = [variables["answers_on_failed_install"] for variables in run.of("answers").values()]
    assert found == ([policy] if policy else [])


def test_a_web_server_of_the_house(site: t.Any) -> None:
    run = site.run(
        single(site_http_backend="none", site_aliases={"/pxefiles": "boot"}, site_files={"folder": "public"})
    )
    assert run.code == 0, run.said
    # Nothing is armed there, and our own web server gives the site up without its files.
    assert run.of("http_nginx") == run.of("answers") == run.of("http_nginx", "remove_files") == {}
    assert list(run.of("http_nginx", "remove_site")) == ["one"]
    told = run.of("http_none")["one"]
    assert told["http_none_root"] == SITE["site_root"]
    assert told["http_none_aliases"] == {"/pxefiles": "boot"}
    assert told["http_none_files"]["folder"] == "public"
    assert "http_nginx" not in run.supplies["one"]
    assert list(run.of("boot_files")) == ["one"]


def test_paths_and_files_of_the_site_reach_its_web_server(site: t.Any) -> None:
    described = single(site_aliases={"/yum/x": "trees/debian-13"}, site_files={"path": "/srv/own"})
    run = site.run(described, "-t", "http_nginx")
    assert run.code == 0, run.said
    told = run.of("http_nginx")["one"]
    assert told["http_nginx_aliases"] == {"/yum/x": "trees/debian-13"}
    assert told["http_nginx_files"] == {"folder": None, "path": "/srv/own"}
    assert run.of("http_none") == {}
