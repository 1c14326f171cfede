# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.unknown import (
    parse_hostname_pattern,
    parse_mac_prefix,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

HASH = "$6$0123456789abcdef$" + "x" * 86
SITE: dict[str, t.Any] = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "subnets": [
        {"cidr": "10.77.0.0/24", "range": ["10.77.0.100", "10.77.0.199"]},
        {"cidr": "10.78.0.0/24"},
    ],
    "distributions": {
        "rocky-9": {"isos": [{"path": "/srv/iso/rocky-9.iso"}]},
        "debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]},
        "live-debian-13": {"isos": [{"path": "/srv/iso/live.iso"}]},
    },
    "profiles": {
        "el9": {"distribution": "rocky-9"},
        "deb": {"distribution": "debian-13"},
        "desk": {"distribution": "live-debian-13"},
    },
}
ALLOWED = {"subnets": ["10.77.0.0/24"]}


def site(**changes: t.Any) -> dict[str, t.Any]:
    """The site with other values; of profiles, those that are given are merged."""
    found = copy.deepcopy(SITE)
    for name, profile in changes.pop("profiles", {}).items():
        found["profiles"].setdefault(name, {}).update(profile)
    return {**found, **changes}


def plan(**changes: t.Any) -> dict[str, t.Any]:
    return compile_plan(site(**changes), [])


def mistakes(**changes: t.Any) -> list[tuple[str, str]]:
    with pytest.raises(PlanError) as caught:
        plan(**changes)
    return [(each["address"], each["message"]) for each in caught.value.mistakes]


def test_nothing_is_offered_unless_it_is_said() -> None:
    found = plan()
    assert found["unknown_machines"] == {
        "install": None,
        "subnets": [],
        "mac_prefixes": [],
        "overwrite": False,
        "hostname": "dhcp",
        "profiles": {},
    }
    assert found["offers"] == {}
    assert found["warnings"] == []
    assert all("menu_install" not in profile for profile in found["profiles"].values())
    # What is off is off.
    assert plan(profiles={"el9": {"menu_install": False}}, unknown_machines=ALLOWED)["offers"] == {}


def test_an_offer_of_the_menu() -> None:
    found = plan(profiles={"el9": {"menu_install": True}}, unknown_machines=ALLOWED)
    assert found["unknown_machines"]["profiles"] == {"el9": {"confirm": "word", "disk": "/dev/disk/by-rule"}}
    policy = found["offers"][""].pop("policy")
    assert re.fullmatch("[0-9a-f]{16}", policy)
    assert found["offers"] == {
        "": {
            "subnets": ["10.77.0.0/24"],
            "mac_prefixes": [],
            "profiles": [{"name": "el9", "answer_file": "ks.cfg", "format": "kickstart"}],
        }
    }
    assert found["warnings"] == [
        "Any machine that is not described and has an address in 10.77.0.0/24 is installed with el9 when it is chosen "
        "in the menu by a word that is typed there, once; on the only disk (or the one that answers.disk_rule fits), "
        "if the first and last MiB of it are empty"
    ]


def test_the_policy_is_of_those_machines_and_disks() -> None:
    def policy(**changes: t.Any) -> str:
        unknown = {**ALLOWED, "install": "el9", **changes}
        return str(plan(unknown_machines=unknown)["offers"][""]["policy"])

    assert policy() == policy(hostname="node-${mac}")
    others = [
        policy(),
        policy(mac_prefixes=["52:54:00"]),
        policy(overwrite=True),
        policy(disk="/dev/sda"),
    ]
    assert len(set(others)) == len(others)


def test_the_default_of_the_menu() -> None:
    found = plan(
        profiles={"deb": {"menu_install": {"confirm": "word", "disk": "/dev/vda"}}},
        unknown_machines={
            **ALLOWED,
            "install": "deb",
            "mac_prefixes": ["52-54-00", "0C:C4:7A:11"],
            "overwrite": True,
            "hostname": "node-${mac}",
        },
    )
    unknown = found["unknown_machines"]
    # Whoever is the default asks nothing.
    assert unknown["profiles"] == {"deb": {"confirm": "none", "disk": "/dev/vda"}}
    assert unknown["mac_prefixes"] == ["52:54:00", "0c:c4:7a:11"]
    assert unknown["hostname"] == "node-${mac}"
    [said] = found["warnings"]
    assert "has an address in 10.77.0.0/24 and a MAC address of 52:54:00 or 0c:c4:7a:11" in said
    assert "after 30 s, without confirmation, once; WHATEVER IS ON /dev/vda IS LOST" in said
    lines = "\n".join(summary(found))
    assert "unknown machines  after 30 s INSTALLED with deb, once each" in lines
    assert f"Warning. {said}" in lines


@pytest.mark.parametrize(
    ("changes", "default", "said"),
    [
        ({}, "local", "The menu starts el9 with the answers of its kernel_arguments (ks): any machine"),
        (
            {},
            "el9",
            "The menu starts el9 by itself with the answers of its kernel_arguments (ks)",
        ),
        ({"in_menu": False}, "local", ""),
        ({"kernel_arguments": ["ksdevice=eth0"]}, "local", ""),
    ],
)
def test_answers_that_only_a_kernel_argument_names(
    changes: dict[str, t.Any], default: str, said: str
) -> None:
    own = {"el9": {"kernel_arguments": ["quiet", "ks=http://10.77.0.9/SECRET.cfg"], **changes}}
    found = plan(profiles=own, menu={"default": default})["warnings"]
    assert len(found) == bool(said)
    assert said in "".join(found)
    assert "SECRET" not in str(found)


def test_the_disk_of_the_site_and_of_a_profile() -> None:
    found = plan(
        profiles={"el9": {"menu_install": {"disk": "/dev/sda"}}, "deb": {"menu_install": True}},
        unknown_machines={**ALLOWED, "disk": "/dev/vda"},
    )
    disks = {name: one["disk"] for name, one in found["unknown_machines"]["profiles"].items()}
    assert disks == {"el9": "/dev/sda", "deb": "/dev/vda"}


SERVERS = {
    service: [
        {"name": name, "group": "pxe_http", "address": f"10.7{number}.0.1", "interface": "eth0"}
        for number, name in names
    ]
    for service, names in {
        "dhcp": [(7, "pxe1")],
        "tftp": [(7, "pxe1")],
        "http": [(7, "pxe1"), (8, "pxe2")],
        "ftp": [(7, "pxe1")],
        "nfs": [(7, "pxe1")],
    }.items()
}


@pytest.mark.parametrize(
    ("unknown", "wanted"),
    [
        ({"subnets": ["10.77.0.0/24"]}, {"pxe1": ["10.77.0.0/24"]}),
        ({"subnets": ["10.78.0.0/24"]}, {"pxe2": ["10.78.0.0/24"]}),
        # By MAC prefix alone: in no network that is not the site's.
        ({"mac_prefixes": ["52:54:00"]}, {"pxe1": ["10.77.0.0/24"], "pxe2": ["10.78.0.0/24"]}),
    ],
)
def test_each_web_server_offers_to_its_own_subnets(
    unknown: dict[str, t.Any], wanted: dict[str, t.Any]
) -> None:
    described = site(profiles={"el9": {"menu_install": True}}, unknown_machines=unknown)
    described["subnets"][1].update({"http_server": "pxe2", "range": ["10.78.0.100", "10.78.0.199"]})
    found = compile_plan(described, [], servers=SERVERS)
    assert {name: one["subnets"] for name, one in found["offers"].items()} == wanted


@pytest.mark.parametrize(
    ("profiles", "unknown", "address", "said"),
    [
        ({"el9": {"menu_install": True}}, None, "site_unknown_machines.subnets", "el9 would be installed on machines"),
        ({}, {"install": "el9"}, "site_unknown_machines.subnets", "write their mac_prefixes"),
        ({}, {"install": "el9", "subnets": []}, "site_unknown_machines.subnets", "is missing"),
        ({}, {**ALLOWED, "install": "el"}, "site_unknown_machines.install", "did you mean 'el9'?"),
        ({}, {**ALLOWED, "install": "desk"}, "site_unknown_machines.install", "live system"),
        ({"desk": {"menu_install": True}}, ALLOWED, "site_profiles.desk.menu_install", "live system"),
        (
            {"el9": {"menu_install": True, "answers_by": "ftp"}},
            ALLOWED,
            "site_profiles.el9.menu_install",
            "Write answers_by: http",
        ),
        (
            {"el9": {"answers_by": "ftp"}},
            {**ALLOWED, "install": "el9"},
            "site_unknown_machines.install",
            "Write answers_by: http",
        ),
        (
            {"described": {"distribution": "rocky-9", "menu_install": True}},
            ALLOWED,
            "site_profiles.described.menu_install",
            "rename the profile",
        ),
        ({"el9": {"menu_install": "yes"}}, ALLOWED, "site_profiles.el9.menu_install", "must be true, false or"),
        (
            {"el9": {"menu_install": {"confirm": "pasword"}}},
            ALLOWED,
            "site_profiles.el9.menu_install.confirm",
            "did you mean 'password'?",
        ),
        ({"el9": {"menu_install": {"disc": 1}}}, ALLOWED, "site_profiles.el9.menu_install.disc", "mean 'disk'?"),
        (
            {"el9": {"menu_install": {"confirm": "password"}}},
            ALLOWED,
            "site_profiles.el9.menu_install.confirm",
            "write menu_password_hash for the profile",
        ),
        (
            {"el9": {"menu_password_hash": HASH}},
            {**ALLOWED, "install": "el9"},
            "site_unknown_machines.install",
            "takes its default without one",
        ),
        ({}, {"subnets": ["10.79.0.0/24"]}, "site_unknown_machines.subnets[0]", "is not one of site_subnets"),
        ({}, {"subnets": ["10.78.0.0/24"]}, "site_unknown_machines.subnets[0]", "has no range"),
        ({}, {"subnets": ["10.77.0.1/24"]}, "site_unknown_machines.subnets[0]", "write the network itself"),
        ({}, {"mac_prefixes": ["52:54"]}, "site_unknown_machines.mac_prefixes[0]", "at least three groups"),
        ({}, {"mac_prefixes": [190440]}, "site_unknown_machines.mac_prefixes[0]", "quote it"),
        ({}, {"mac_prefixes": ["01:00:5e"]}, "site_unknown_machines.mac_prefixes[0]", "not a prefix of MAC addresses"),
        ({}, {"overwrite": "yes"}, "site_unknown_machines.overwrite", "true or false"),
        ({}, {"hostname": "node"}, "site_unknown_machines.hostname", "the name of all machines"),
        ({}, {"hostname": "node_${mac}"}, "site_unknown_machines.hostname", "is not a host name"),
        ({}, {"disk": "sda"}, "site_unknown_machines.disk", "is not an absolute path"),
        ({}, {"instal": "el9"}, "site_unknown_machines.instal", "did you mean 'install'?"),
    ],
)  # fmt: skip
def test_mistakes(profiles: dict[str, t.Any], unknown: t.Any, address: str, said: str) -> None:
    [(where, message)] = mistakes(profiles=profiles, unknown_machines=unknown)
    assert where == address
    assert said in message


def test_a_menu_has_one_default() -> None:
    [(where, message)] = mistakes(unknown_machines={**ALLOWED, "install": "el9"}, menu={"default": "deb"})
    assert (where, "write one of them" in message) == ("site_unknown_machines.install", True)


def test_the_passwords_of_the_menu() -> None:
    menu = {"password_hash": HASH}
    [(where, _message)] = mistakes(unknown_machines={**ALLOWED, "install": "el9"}, menu=menu)
    assert where == "site_unknown_machines.install"
    found = plan(
        profiles={"el9": {"menu_install": {"confirm": "password"}}}, unknown_machines=ALLOWED, menu=menu
    )
    assert found["unknown_machines"]["profiles"]["el9"]["confirm"] == "password"


@pytest.mark.parametrize("confirm", ["word", "password"])
def test_a_prompt_asks_for_nothing(confirm: str) -> None:
    menu = {"prompt": True}
    offered = {"el9": {"menu_install": {"confirm": confirm}}}
    where = [where for where, _said in mistakes(profiles=offered, unknown_machines=ALLOWED, menu=menu)]
    assert where[-1] == "site_profiles.el9.menu_install.confirm"
    offered["el9"]["menu_install"]["confirm"] = "none"
    assert plan(profiles=offered, unknown_machines=ALLOWED, menu=menu)["unknown_machines"]["profiles"]
    # After the timeout nothing is asked in any case.
    assert (
        plan(unknown_machines={**ALLOWED, "install": "el9"}, menu=menu)["unknown_machines"]["install"]
        == "el9"
    )


def test_an_own_dhcp_server_assigns_where_we_see_no_range() -> None:
    unknown = {"subnets": ["10.78.0.0/24"], "install": "el9"}
    found = plan(unknown_machines=unknown, dhcp_backend="none", tftp_backend="systemd")
    assert found["offers"][""]["subnets"] == ["10.78.0.0/24"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("52:54:00", "52:54:00"), ("0C-C4-7A-01", "0c:c4:7a:01"), ("52:54:00:aa:00:01",) * 2],
)
def test_mac_prefixes(value: str, wanted: str) -> None:
    assert parse_mac_prefix(value) == wanted


@pytest.mark.parametrize("value", ["", "52:54:0", "52:54:00:", "525400", "52:54:00:aa:00:01:02", None, True])
def test_what_is_no_mac_prefix(value: object) -> None:
    with pytest.raises(PxeError, match="at least three groups"):
        parse_mac_prefix(value)


@pytest.mark.parametrize(("value", "wanted"), [("dhcp", "dhcp"), ("PC${mac}", "pc${mac}")])
def test_hostnames(value: str, wanted: str) -> None:
    assert parse_hostname_pattern(value) == wanted


def test_a_pattern_that_becomes_too_long() -> None:
    with pytest.raises(PxeError, match="is not a host name"):
        parse_hostname_pattern("x" * 52 + "${mac}")


def test_a_web_server_of_the_house_cannot_offer() -> None:
    """Nobody else releases an installation once."""
    found = mistakes(unknown_machines={**ALLOWED, "install": "el9"}, http_backend="none")
    assert [where for where, _message in found] == ["site_unknown_machines.install"]
    assert "write nginx" in found[0][1]
    found = mistakes(profiles={"el9": {"menu_install": True}}, unknown_machines=ALLOWED, http_backend="none")
    assert [where for where, _message in found] == ["site_unknown_machines.subnets"]
