# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites whose services are on several servers."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.compose import compose
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.servers import plan_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.rendered import scripts

Record = dict[str, t.Any]

SITE: Record = {
    "subnets": [{"cidr": "10.77.0.0/24", "range": ["10.77.0.100", "10.77.0.199"]}, {"cidr": "10.78.0.0/24"}],
    "distributions": {
        "debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]},
        "rocky-9": {"isos": [{"path": "/srv/iso/rocky-9.iso"}], "version": "9.4"},
    },
    "profiles": {
        "minimal": {"distribution": "debian-13"},
        "nine": {"distribution": "rocky-9", "source": "nfs"},
        "nine-ftp": {"distribution": "rocky-9", "source": "ftp"},
    },
    "tftp_backend": "systemd",
}
MACHINES = [
    {
        "name": name,
        "mac": f"52:54:00:aa:00:{n:02}",
        "address": address,
        "profile": profile,
        "disk": "/dev/vda",
    }
    for n, (name, address, profile) in enumerate(
        (
            ("node01", "10.77.0.11", "minimal"),
            ("node02", "10.78.0.12", "minimal"),
            ("node03", "10.78.0.13", "nine"),
            ("node04", "10.78.0.14", "nine-ftp"),
        )
    )
]
GROUP = {"dhcp": "a", "tftp": "b", "http": "b", "ftp": "c", "nfs": "c"}
SAID: dict[str, Record] = {
    "a": {"address": "10.77.0.1", "interface": "eth1"},
    "b": {"address": "10.77.0.2"},
    "c": {"address": "10.77.0.3"},
    "d": {"address": "10.78.0.4", "url": "http://web.example:8080"},
}
SERVER = {"address": "10.77.0.1", "interface": "ens4"}


def servers(said: dict[str, Record] | None = None, **groups: str) -> dict[str, list[Record]]:
    """What the filter collects: of each service the hosts, which have one letter each."""
    known = SAID if said is None else said
    return {
        service: [{"name": name, "group": f"pxe_{service}", **known.get(name, {})} for name in names]
        for service, names in {**GROUP, **groups}.items()
    }


def compiled(site: Record | None = None, hosts: dict[str, list[Record]] | None = None) -> Record:
    return compile_plan({**SITE, **(site or {})}, MACHINES, servers=servers() if hosts is None else hosts)


def mistakes_of(site: Record, hosts: dict[str, list[Record]]) -> list[tuple[str, str]]:
    try:
        compiled(site, hosts)
    except PlanError as error:
        return [(mistake["address"], mistake["message"]) for mistake in error.mistakes]
    return []


def urls(base: str) -> dict[str, str]:
    return {folder: f"{base}/{folder}" for folder in ("boot", "trees", "answers", "events")}


B, D = "http://10.77.0.2", "http://web.example:8080"


def test_three_servers() -> None:
    plan = compiled()
    assert plan["servers"] == {
        "a": {"interfaces": ["eth1"], "dhcp": {"address": "10.77.0.1"}},
        "b": {
            "interfaces": [],
            "tftp": {"address": "10.77.0.2"},
            "http": {"address": "10.77.0.2", "url": B, "urls": urls(B)},
        },
        "c": {
            "interfaces": [],
            "ftp": {"address": "10.77.0.3", "url": "ftp://10.77.0.3"},
            "nfs": {"address": "10.77.0.3"},
        },
    }
    assert plan["services"] == {
        "dhcp": {"address": "10.77.0.1"},
        "tftp": {"address": "10.77.0.2"},
        "http": {"address": "10.77.0.2", "url": B},
        "ftp": {"address": "10.77.0.3", "url": "ftp://10.77.0.3"},
        "nfs": {"address": "10.77.0.3"},
    }
    assert plan["urls"] == urls(B)
    assert plan["server"] == {"address": "10.77.0.1", "interface": "eth1", "url": B}
    assert plan["distributions"]["rocky-9"]["tree_urls"] == {
        "http": f"{B}/trees/rocky-9",
        "ftp": "ftp://10.77.0.3/trees/rocky-9",
        "nfs": "nfs:10.77.0.3:/srv/pxe/trees/rocky-9",
    }
    assert [machine["http_server"] for machine in plan["machines"]] == ["b", "b", "b", "b"]
    assert [subnet["http_server"] for subnet in plan["subnets"]] == ["b", "b"]
    assert not [subnet for subnet in plan["subnets"] if "boot_url" in subnet]


TWO = {"subnets": [SITE["subnets"][0], {"cidr": "10.78.0.0/24", "http_server": "d"}]}


def test_machines_belong_to_the_web_server_of_their_subnet() -> None:
    plan = compiled(TWO, servers(http="bd"))
    assert plan["urls"] == urls(B)
    assert plan["servers"]["d"]["http"] == {"address": "10.78.0.4", "url": D, "urls": urls(D)}
    assert [subnet.get("boot_url") for subnet in plan["subnets"]] == [None, f"{D}/boot/boot.ipxe"]
    assert [machine["http_server"] for machine in plan["machines"]] == ["b", "d", "d", "d"]
    files = {name: media_files(plan_of(plan, name)) for name in "bd"}
    # The menu and the kernels come from the server that is asked, and the answers from the machine's own.
    for name, base in (("b", B), ("d", D)):
        assert f"{base}/boot/machines/" in files[name]["boot.ipxe"]
        assert f"kernel {base}/trees/debian-13/linux" in files[name]["profiles/minimal.ipxe"]
        assert f"{B}/answers/10.77.0.11/" in files[name]["machines/52-54-00-aa-00-00.ipxe"]
        assert f"{D}/answers/10.78.0.12/" in files[name]["machines/52-54-00-aa-00-01.ipxe"]


def media_files(plan: Record) -> dict[str, str]:
    media = {name: {"kernel": "linux", "initrd": ["initrd.gz"]} for name in plan["distributions"]}
    return scripts(plan, media)


def test_installations_report_to_the_web_server_of_their_machine() -> None:
    plan = compiled(TWO, servers(http="bd"))
    names = [machine["name"] for machine in MACHINES]
    answers = {"root_password_hash": "$6$x$y"}
    found, mistakes = compose(plan, dict.fromkeys(names, answers), lambda: "0" * 32)
    assert mistakes == []
    where = [(one["answer_url"], one["events_url"], one["tree_url"]) for one in found]
    assert [url.startswith(f"{base}/answers/") for (url, *_more), base in zip(where, (B, D, D, D))] == [
        True
    ] * 4
    assert [events.split("/events/")[0] for _url, events, _tree in where] == [B, D, D, D]
    assert [tree.split("/trees/")[0] for *_urls, tree in where] == [B, D, D, D]
    assert [one["tree_urls"]["nfs"] for one in found][2] == "nfs:10.77.0.3:/srv/pxe/trees/rocky-9"
    assert f"inst.ks={D}/answers/10.78.0.13/" in " ".join(found[2]["install_arguments"])


@pytest.mark.parametrize(
    ("site", "hosts", "name", "wanted"),
    [
        # One host that says nothing is site_server; its parts are taken one by one.
        (
            {"server": SERVER},
            servers({}, **dict.fromkeys(GROUP, "a")),
            "a",
            {"interfaces": ["ens4"], "dhcp": {"address": "10.77.0.1"}},
        ),
        (
            {"server": SERVER},
            servers({**SAID, "a": {"interface": "enp1s0"}}),
            "a",
            {"interfaces": ["enp1s0"], "dhcp": {"address": "10.77.0.1"}},
        ),
        ({"server": SERVER}, servers({**SAID, "a": {}}), "a", {"interfaces": ["ens4"]}),
        (
            {"server": {**SERVER, "interface": ["e1", "e2"]}},
            servers({**SAID, "a": {}}),
            "a",
            {"interfaces": ["e1", "e2"]},
        ),
        (
            {},
            servers({**SAID, "a": {**SAID["a"], "interface": ["e1", "e2"]}}),
            "a",
            {"interfaces": ["e1", "e2"]},
        ),
        (
            {"server": SERVER},
            servers({"b": SAID["b"], "c": SAID["c"]}),
            "a",
            {"dhcp": {"address": "10.77.0.1"}},
        ),
        # Its url goes with its address.
        (
            {"server": {**SERVER, "url": "http://pxe.example"}, "tftp_backend": "dnsmasq"},
            servers({}, **dict.fromkeys(GROUP, "a")),
            "a",
            {
                "http": {
                    "address": "10.77.0.1",
                    "url": "http://pxe.example",
                    "urls": urls("http://pxe.example"),
                }
            },
        ),
        # Services that are called otherwise than their host
        (
            {"services": {"ftp": {"address": "10.77.0.33"}, "nfs": {"address": "10.77.0.34"}}},
            servers({"a": SAID["a"], "b": SAID["b"], "c": {"address": "10.77.0.3"}}),
            "c",
            {"ftp": {"address": "10.77.0.33", "url": "ftp://10.77.0.33"}, "nfs": {"address": "10.77.0.34"}},
        ),
        (
            {"server": SERVER, "services": {"dhcp": {"address": "10.77.0.9"}}},
            servers({"c": SAID["c"]}),
            "a",
            {"dhcp": {"address": "10.77.0.9"}, "interfaces": ["ens4"]},
        ),
        # Each host of a service has its own address.
        ({}, servers(ftp="cd"), "d", {"ftp": {"address": "10.78.0.4", "url": "ftp://10.78.0.4"}}),
    ],
)
def test_hosts(site: Record, hosts: dict[str, list[Record]], name: str, wanted: Record) -> None:
    found = compiled(site, hosts)["servers"][name]
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("site", "hosts", "address", "said"),
    [
        ({}, servers({}), "site_server", "is missing; describe the server in group_vars/all"),
        ({}, servers({**SAID, "b": {}}), "site_server", "or each of several by its own server_address"),
        (
            {},
            servers({**SAID, "a": {"address": "10.77.0.1"}}),
            "pxe_dhcp.a.server_interface",
            "is missing; write the DHCP server's interface",
        ),
        (
            {"server": {"address": "10.77.0.1"}},
            servers({**SAID, "a": {}}),
            "site_server.interface",
            "is missing; write its network interface",
        ),
        (
            {"server": SERVER},
            servers({**SAID, "b": {}}),
            "pxe_tftp.b.server_address",
            "is missing; site_server.address 10.77.0.1 is that of pxe_dhcp.a.server_address. Write "
            "the address that this server has",
        ),
        (
            {"server": SERVER},
            servers({"c": SAID["c"]}),
            "pxe_tftp.b.server_address",
            "is missing; site_server.address 10.77.0.1 is that of a.",
        ),
        (
            {},
            servers({**SAID, "c": SAID["b"]}),
            "pxe_ftp.c.server_address",
            "10.77.0.2 is also pxe_tftp.b.server_address; each server needs its own",
        ),
        ({}, servers({**SAID, "c": {"address": "10.77.0"}}), "pxe_ftp.c.server_address", "'10.77.0' is not"),
        (
            {},
            servers({**SAID, "c": {"address": "10.78.0.12"}}),
            "pxe_machines.node02.machine_address",
            "is pxe_ftp.c.server_address",
        ),
        (
            {},
            servers(dhcp="ad"),
            "pxe_dhcp",
            "has a and d, and both would assign the same addresses; put one of them into",
        ),
        (
            {"services": {"http": {"url": "http://web"}}},
            servers(http="bd"),
            "site_services.http",
            "is one web server, but the inventory has b and d; write server_address",
        ),
        (
            {"tftp_backend": "dnsmasq"},
            servers(),
            "site_tftp_backend",
            "but the TFTP server is b, and the DHCP server a; put both on one host",
        ),
        (
            {"bios_loader": "pxelinux"},
            servers(tftp="a"),
            "site_bios_loader",
            "the TFTP server is a, and the HTTP server b. Put one host",
        ),
        ({"bios_loader": "pxelinux"}, servers(http="bd"), "site_bios_loader", "the HTTP server b and d"),
        (
            {"profiles": {**SITE["profiles"], "nine": {"distribution": "rocky-9", "answers_by": "ftp"}}},
            servers(),
            "site_profiles",
            "but the FTP server is c, and the HTTP server b; put both on one host",
        ),
        (
            {"subnets": [SITE["subnets"][0], {"cidr": "10.78.0.0/24", "http_server": "e"}]},
            servers(http="bd"),
            "site_subnets[1].http_server",
            "'e' is not described; write one of the hosts of pxe_http",
        ),
        (
            {**TWO, "dhcp_backend": "none"},
            servers(http="bd"),
            "site_subnets[1].http_server",
            "d cannot be announced by 'none'",
        ),
        (
            {
                "dhcp_backend": "none",
                "subnets": [*SITE["subnets"][:1], {"cidr": "10.78.0.0/24", "shared_network": "wire"}],
            },
            servers(),
            "site_subnets[1].shared_network",
            "is not supported by 'none'; write site_dhcp_backend: dnsmasq, isc or kea",
        ),
    ],
)
def test_mistakes(site: Record, hosts: dict[str, list[Record]], address: str, said: str) -> None:
    ((found, message),) = mistakes_of(site, hosts)
    assert found == address
    assert said in message


@pytest.mark.parametrize("backend", ["isc", "kea"])
def test_subnets_on_one_wire(backend: str) -> None:
    subnets = [{**subnet, "shared_network": "wire"} for subnet in SITE["subnets"]]
    plan = compiled({"dhcp_backend": backend, "subnets": subnets})
    assert [subnet["shared_network"] for subnet in plan["subnets"]] == ["wire", "wire"]
    assert not any("shared_from" in subnet for subnet in plan["subnets"])


def test_dnsmasq_is_told_from_where_it_assigns_on_one_wire() -> None:
    subnets = [
        *({**subnet, "shared_network": "wire"} for subnet in SITE["subnets"]),
        {"cidr": "10.79.0.0/24", "gateway": "10.79.0.254", "shared_network": "wire"},
        {"cidr": "10.80.0.0/24", "gateway": "10.80.0.254", "shared_network": "other"},
    ]
    plan = compiled({"subnets": subnets})
    server = plan["services"]["dhcp"]["address"]
    assert server.startswith("10.77.0.")
    assert [subnet["shared_from"] for subnet in plan["subnets"]] == [
        ["10.79.0.254"],
        [server, "10.79.0.254"],
        [server],
        [],
    ]


def test_servers_that_are_not_to_lend_addresses_may_be_several() -> None:
    assert mistakes_of({"dhcp_backend": "none"}, servers(dhcp="ad")) == []


def test_a_plan_is_the_same_for_a_server_that_is_not_known() -> None:
    plan = compiled()
    assert plan_of(plan, "b") is plan
    assert plan_of(plan, "a") is plan
    assert plan_of({key: value for key, value in plan.items() if key != "servers"}, "b")["urls"] == urls(B)
