# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _debian_answers, _redhat_answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import filled, schema_of
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import Mistakes, check_shape
from hypothesis import given
from hypothesis import strategies as st

SCHEMA, DEBIAN = schema_of(_redhat_answers.KEYS), schema_of(_debian_answers.KEYS)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 someone@somewhere"
HASH = "$6$salt$abcdefGHI./"
NEW_HASH = "$y$j9T$salt$abcdefGHI./"
RULE = "/dev/disk/by-rule"


def complete(name: str = "rocky-9", disk: str = "/dev/vda", **answers: t.Any) -> dict[str, t.Any]:
    answers = {"root_ssh_keys": [KEY], **answers}
    return _redhat_answers.complete_answers(answers, {"name": name, "version": None}, disk)


def mistakes(name: str = "rocky-9", disk: str = "/dev/vda", **answers: t.Any) -> list[str]:
    with pytest.raises(PxeError) as caught:
        complete(name, disk, **answers)
    return str(caught.value).splitlines()


def test_every_answer_has_a_default() -> None:
    answers = complete(users=[{"name": "ops"}], repositories=[{"name": "a", "baseurl": "http://a"}])
    assert set(answers) == set(SCHEMA)
    for key, schema in SCHEMA.items():
        if isinstance(schema, dict):
            assert set(answers[key]) >= set(schema), key
        elif isinstance(schema, list) and isinstance(schema[0], dict) and answers[key]:
            assert set(answers[key][0]) == set(schema[0]), key


def test_defaults_have_the_types_that_are_described() -> None:
    found = Mistakes()
    check_shape(found, (), "answers", filled({}, _redhat_answers.KEYS), SCHEMA)
    found.raise_if_any()


def test_what_means_the_same_is_called_the_same_as_for_debian() -> None:
    same = {
        "locale",
        "keyboard",
        "timezone",
        "ntp_server",
        "packages",
        "install_recommends",
        "console",
        "extra",
    }
    same |= {"root_password_hash", "root_ssh_keys", "users", "file"}
    for key in same:
        assert SCHEMA[key] == DEBIAN[key]
        if key != "packages":
            assert (
                complete()[key]
                == _debian_answers.complete_answers(
                    {"root_ssh_keys": [KEY]}, {"name": "debian-13", "tree_url": "http://a/b"}, ""
                )[key]
            )
    assert set(DEBIAN["partitioning"]) <= set(SCHEMA["partitioning"])


def test_an_empty_value_counts_as_nothing() -> None:
    empty: dict[str, t.Any] = dict.fromkeys(SCHEMA)
    assert complete(**{**empty, "root_ssh_keys": [KEY]}) == complete()
    assert complete(partitioning={"method": None}) == complete()


@pytest.mark.parametrize(
    ("answers", "packages"),
    [
        ({}, ["@core", "openssh-server"]),
        ({"packages": ["@Base", "@Core"]}, ["openssh-server", "@Base", "@Core"]),
        ({"packages": ["vim", "-openssh-server", "vim"]}, ["@core", "vim", "-openssh-server"]),
        ({"users": [{"name": "a", "sudo": True}]}, ["@core", "openssh-server", "sudo"]),
        (
            {
                "packages": [
                    "@Development Tools",
                    "@^minimal-environment",
                    "@nodejs:20/common",
                    "python3*",
                    "a.i686",
                ]
            },
            None,
        ),
    ],
)
def test_packages(answers: dict[str, t.Any], packages: list[str] | None) -> None:
    found = complete(**answers)["packages"]
    assert found == (packages or ["@core", "openssh-server", *answers["packages"]])


def test_the_example_of_the_old_guides() -> None:
    answers = complete(
        "centos-6", timezone="Asia/Shanghai", packages=["@Base", "@Core"], post="yum -y install lrzsz"
    )
    assert (answers["timezone"], answers["post"]) == ("Asia/Shanghai", "yum -y install lrzsz")


@pytest.mark.parametrize(
    ("rule", "least", "most"),
    [
        ({"min_size": "400GB", "max_size": "500GB"}, 781250000, 976562500),
        ({"min_size": "1.5 TiB"}, 3221225472, 0),
        ({"max_size": "1000B"}, 0, 1),
        ({"min_size": "1000B"}, 2, 0),
    ],
)
def test_sizes(rule: dict[str, str], least: int, most: int) -> None:
    # A number of plain bytes is no usable size, but shows how a size is rounded.
    found = _answers.complete_rule({"min_size": "", "max_size": "", **rule})
    assert (found["min_sectors"], found["max_sectors"]) == (least, most)


@pytest.mark.parametrize(("disk", "given"), [("/dev/vda", False), (RULE, True), ("/dev/vda", True)])
def test_rules(disk: str, given: bool) -> None:
    answers = complete(disk=disk, disk_rule={"serial": "S3Z9NB0K"} if given else {})
    assert answers["disk_rule"]["given"] is given


@pytest.mark.parametrize(
    ("keyboard", "name", "written"),
    [
        ("gb", "rocky-9", "gb"),
        ("gb", "centos-6", "uk"),
        ("de(nodeadkeys)", "centos-5", "de-latin1-nodeadkeys"),
        ("de-latin1", "centos-6", "de-latin1"),
        ("fr(oss)", "centos-7", "fr(oss)"),
    ],
)
def test_keyboards(keyboard: str, name: str, written: str) -> None:
    assert complete(name, keyboard=keyboard)["keyboard"] == written


@pytest.mark.parametrize(
    ("answers", "mistake"),
    [
        ({"locale": "de_de"}, "locale: 'de_de' is not usable; write it like en_US.UTF-8"),
        ({"timezone": "a b"}, "timezone: 'a b' is not usable"),
        ({"display": "gtk"}, "display: 'gtk' is unknown; write one of text, cmdline, graphical"),
        ({"finish": "stop"}, "finish: 'stop' is unknown; write one of reboot, poweroff, halt"),
        (
            {"boot_order": "netwrok"},
            "boot_order: 'netwrok' is unknown; write one of network, disk, installer",
        ),
        ({"selinux": "off"}, "selinux: 'off' is unknown"),
        (
            {"network": {"bootproto": "bootp"}},
            "network.bootproto: 'bootp' is unknown; write one of dhcp, static",
        ),
        ({"network": {"device": "eth0 --x"}}, "network.device: 'eth0 --x' is not usable"),
        ({"network": {"mtu": 100}}, "network.mtu: 100 is not usable"),
        ({"packages": ["a b"]}, "packages[0]: 'a b' is not usable"),
        ({"packages": ["%end"]}, "packages[0]: '%end' is not usable"),
        ({"packages": ["@a\n%end"]}, r"packages[0]: '@a\n%end' is not usable"),
        ({"packages": ["#a"]}, "packages[0]: '#a' is not usable"),
        (
            {"firewall": {"ports": ["8080"]}},
            "firewall.ports[0]: '8080' is not usable; write it like 8080:tcp",
        ),
        ({"firewall": {"services": ["a,b"]}}, "firewall.services[0]: 'a,b' is not usable"),
        ({"services": {"enabled": ["a b"]}}, "services.enabled[0]: 'a b' is not usable"),
        ({"boot_arguments": ['a"b']}, "boot_arguments[0]: 'a\"b' is not usable"),
        (
            {"bootloader_options": "--append=x"},
            "bootloader_options: write kernel arguments as boot_arguments",
        ),
        ({"bootloader_options": "secret\npart"}, "bootloader_options: is not usable"),
        ({"authentication": "secret\nb"}, "authentication: is not usable"),
        ({"root_password_hash": "secret"}, "root_password_hash: is not a hash of crypt(5)"),
        ({"root_ssh_keys": []}, "root_ssh_keys: nobody could log in"),
        ({"users": [{"name": "a b"}]}, "users[0].name: 'a b' is not the name of a user"),
        (
            {"repositories": [{"baseurl": "http://a"}]},
            "repositories[0].name: '' is not the name of a repository",
        ),
        ({"repositories": [{"name": "a"}]}, "repositories[0]: write one of baseurl, mirrorlist and metalink"),
        ({"repositories": [{"name": "a", "baseurl": "a b"}]}, "repositories[0].baseurl: is not a URL"),
        (
            {"repositories": [{"name": "a", "baseurl": "http://a", "excludepkgs": ["a,b"]}]},
            "repositories[0].excludepkgs[0]: 'a,b' is neither the name of a package",
        ),
        (
            {"partitioning": {"method": "zfs"}},
            "partitioning.method: 'zfs' is unknown; write one of regular, lvm, raid",
        ),
        ({"partitioning": {"filesystem": "fat"}}, "partitioning.filesystem: 'fat' is unknown"),
        ({"partitioning": {"method": "custom"}}, "partitioning.lines: goes together with method: custom"),
        ({"partitioning": {"lines": "autopart"}}, "partitioning.lines: goes together with method: custom"),
        ({"partitioning": {"disks": ["/dev/sdb"]}}, "partitioning.disks: the method regular uses one disk"),
        (
            {"partitioning": {"method": "raid"}},
            "partitioning.disks: RAID 1 needs 2 disks; list 1 beside machine_disk",
        ),
        (
            {"partitioning": {"method": "raid", "raid_level": 5, "disks": ["/dev/sdb"]}},
            "partitioning.disks: RAID 5 needs 3 disks; list 2 beside machine_disk",
        ),
        (
            {"partitioning": {"method": "raid", "raid_level": 4, "disks": ["/dev/sdb"]}},
            "partitioning.raid_level: 4 is",
        ),
        (
            {"partitioning": {"method": "raid", "disks": ["/dev/vda"]}},
            "partitioning.disks: /dev/vda is machine_disk, which is used anyway",
        ),
        (
            {"partitioning": {"method": "raid", "disks": ["sdb"]}},
            "partitioning.disks[0]: 'sdb' is not usable",
        ),
        (
            {"partitioning": {"method": "custom", "lines": "part / --size=1\nclearpart --all"}},
            "partitioning.lines: line 2: clearpart is written by the collection; use machine_disk",
        ),
        ({"disk_rule": {"min_size": "400"}}, "disk_rule.min_size: '400' is not usable; write it like 400GB"),
        ({"disk_rule": {"serial": "a b"}}, "disk_rule.serial: 'a b' is not usable"),
        ({"pre": "a\n%end\n"}, "pre: line 2 begins with %end"),
        ({"post": "NETINSTALL_PXE_END"}, "post: a line is NETINSTALL_PXE_END"),
        ({"post_nochroot": "%include /x"}, "post_nochroot: line 1 begins with %include"),
        ({"addons": [{"name": "a b"}]}, "addons[0].name: 'a b' is not the name of an add-on"),
        ({"addons": [{"name": "a", "options": "a\nb"}]}, "addons[0].options: write one line"),
        ({"addons": [{"name": "a", "lines": "%end"}]}, "addons[0].lines: line 1 begins with %end"),
        ({"extra": "ignoredisk --only-use=sdb"}, "extra: line 1: ignoredisk is written by the collection"),
        (
            {"extra": "url --url=http://a"},
            "extra: line 1: url is written by the collection; use the profile's source",
        ),
        ({"extra": "%post\n%end"}, "extra: line 1: %post is about a section"),
        ({"extra_sections": "%post\ntrue"}, "extra_sections: line 1: %post ends without %end; add it"),
        ({"extra_sections": "lang en"}, "extra_sections: line 1 is outside of a section"),
    ],
)
def test_mistakes(answers: dict[str, t.Any], mistake: str) -> None:
    found = mistakes(**answers)
    assert any(each.startswith(mistake) for each in found), found
    assert "secret" not in " ".join(found)


@pytest.mark.parametrize(
    ("name", "disk", "answers", "mistake"),
    [
        ("rocky-9", RULE, {}, "disk_rule: is missing, but machine_disk is /dev/disk/by-rule"),
        (
            "centos-7",
            "/dev/vda",
            {"root_password_hash": NEW_HASH},
            "root_password_hash: EL 7 cannot check a hash",
        ),
        (
            "centos-7",
            "/dev/vda",
            {"repositories": [{"name": "a", "metalink": "http://a"}]},
            "repositories[0].metalink: EL 7 does not support it",
        ),
        ("centos-6", "/dev/vda", {"packages": ["@^minimal"]}, "packages[0]: environments came with EL 7"),
        ("centos-6", "/dev/vda", {"keyboard": "fr(oss)"}, "keyboard: EL 6 does not support variants"),
        ("centos-5", "/dev/disk/by-id/x", {}, "machine_disk: EL 5 knows disks by the kernel's names only"),
        (
            "centos-5",
            "/dev/sda",
            {"partitioning": {"method": "raid", "disks": ["/dev/disk/by-id/x"]}},
            "partitioning.disks: EL 5 knows disks by the kernel's names only",
        ),
        (
            "centos-5",
            RULE,
            {"disk_rule": {"wwn": "0x5"}},
            "disk_rule.wwn: the installer of EL 5 cannot read it",
        ),
        (
            "centos-5",
            "/dev/sda",
            {"firewall": {"services": ["https"]}},
            "firewall.services[0]: EL 5 knows ftp, http",
        ),
        (
            "centos-5",
            "/dev/sda",
            {
                "partitioning": {
                    "method": "raid",
                    "raid_level": 10,
                    "disks": ["/dev/sdb", "/dev/sdc", "/dev/sdd"],
                }
            },
            "partitioning.raid_level: EL 5 does not support RAID 10",
        ),
        (
            "centos-5",
            "/dev/sda",
            {"extra_sections": "%post\n%end"},
            "extra_sections: line 1: %post ends by %end",
        ),
    ],
)
def test_what_a_release_has_nothing_for(
    name: str, disk: str, answers: dict[str, t.Any], mistake: str
) -> None:
    [found] = mistakes(name, disk, **answers)
    assert found.startswith(mistake)
    if answers and "%end" not in mistake:
        # The newest release has it.
        complete("rocky-10", disk, **answers)


def test_all_mistakes_at_once() -> None:
    assert len(mistakes(locale="x y", timezone="a b", root_ssh_keys=[])) == 3


def test_a_file_of_the_users_own_says_who_may_log_in() -> None:
    assert complete(root_ssh_keys=[], file="anaconda-ks.cfg")["file"] == "anaconda-ks.cfg"


shell = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.lists(shell, max_size=3))
def test_lists_hold_no_line_that_is_more_than_an_item(items: list[str]) -> None:
    """Whatever is accepted stays one line of the kickstart, and no section."""
    try:
        answers = complete(packages=items, boot_arguments=items, services={"enabled": items})
    except PxeError:
        return
    for item in (*answers["packages"], *answers["boot_arguments"], *answers["services"]["enabled"]):
        assert item.isprintable()
        assert item.isascii()
    assert not any(item.startswith(("%", "#")) for item in answers["packages"])
