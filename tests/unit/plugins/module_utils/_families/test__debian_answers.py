# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _debian_answers, debian

DISTRIBUTION: dict[str, t.Any] = {
    "name": "debian-13",
    "version": None,
    "tree_url": "http://10.77.0.1:8080/trees/debian-13",
}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 someone@somewhere"
MACHINE: dict[str, t.Any] = {
    "hostname": "node01",
    "domain": "lab.example",
    "mac": "52:54:00:AA:00:01",
    "dns": ["10.77.0.1"],
    "kernel_arguments": [],
    "answers": {},
}
URL = "http://10.77.0.1/answers/10.77.0.11/t/preseed.cfg"


def complete(**answers: t.Any) -> dict[str, t.Any]:
    return _debian_answers.complete_answers({"root_ssh_keys": [KEY], **answers}, DISTRIBUTION, "")


def mistakes(**answers: t.Any) -> list[str]:
    with pytest.raises(PxeError) as caught:
        complete(**answers)
    return str(caught.value).splitlines()


def test_every_answer_has_a_default() -> None:
    answers = complete()
    assert set(answers) == set(_debian_answers.KEYS)
    assert answers["locale"] == "en_US.UTF-8"
    assert answers["partitioning"] == {
        "method": "regular",
        "recipe": "atomic",
        "swap": True,
        "allow_removable": False,
        "break_arrays": False,
    }
    kind = _debian_answers.KEYS["users"].kind
    assert not isinstance(kind, str)
    assert set(complete(users=[{"name": "ops"}])["users"][0]) == set(kind)


def test_packages_come_from_the_install_tree() -> None:
    assert complete()["mirror"] == {
        "host": "10.77.0.1:8080",
        "directory": "/trees/debian-13",
        "suite": "trixie",
        "authenticated": False,
    }


def test_another_mirror_is_expected_to_be_signed() -> None:
    mirror = complete(mirror={"host": "deb.example"})["mirror"]
    assert (mirror["directory"], mirror["authenticated"]) == ("/debian", True)
    assert (
        complete(mirror={"host": "deb.example", "authenticated": False})["mirror"]["authenticated"] is False
    )
    assert complete(mirror={"suite": "forky"})["mirror"]["suite"] == "forky"


def test_packages_that_are_needed_are_added_once() -> None:
    assert complete(packages=["vim", "openssh-server"])["packages"] == ["openssh-server", "vim"]
    assert complete(users=[{"name": "ops", "sudo": True}])["packages"] == ["openssh-server", "sudo"]


@pytest.mark.parametrize(
    "answers",
    [
        {"locale": "C.UTF-8"},
        {"locale": "sr_RS@latin"},
        {"keyboard": "de(nodeadkeys)"},
        {"timezone": "America/Argentina/Buenos_Aires"},
        {"console": "ttyS0,115200n8"},
        {"console": "tty0"},
        {"ntp_server": "2.debian.pool.ntp.org"},
        {"packages": ["linux-image-amd64/trixie", "libc6:i386", "g++"]},
        {"root_password_hash": "$6$rounds=5000$salt$abc./DEF"},
        {"root_password_hash": "$y$j9T$salt$hash"},
        {"root_password_hash": "!"},
        {"root_ssh_keys": ['from="10.0.0.0/8" ssh-rsa AAAA== me', "sk-ssh-ed25519@openssh.com AAAA\n"]},
        {"users": [{"name": "ops", "gecos": "Operators, all", "groups": ["adm"]}]},
        {"extra": "d-i hw-detect/load_firmware boolean false\n"},
        {"partitioning": {"method": "lvm", "recipe": "multi", "swap": False}},
    ],
)
def test_accepts(answers: dict[str, t.Any]) -> None:
    complete(**answers)


@pytest.mark.parametrize(
    ("answers", "start"),
    [
        ({"locale": "en_US.UTF-8 de"}, "locale: 'en_US.UTF-8 de' is not usable; write it like"),
        ({"timezone": "Europe/Berlin\nd-i x/y string z"}, "timezone: "),
        ({"keyboard": ""}, "keyboard: "),
        ({"ntp_server": "a b"}, "ntp_server: "),
        ({"console": "/dev/ttyS0"}, "console: "),
        ({"kernel_package": "linux image"}, "kernel_package: "),
        ({"packages": ["vim", "nano;reboot"]}, "packages[1]: 'nano;reboot' is not the name"),
        (
            {"partitioning": {"method": "zfs"}},
            "partitioning.method: 'zfs' is unknown; write one of regular, lvm",
        ),
        ({"partitioning": {"recipe": "all"}}, "partitioning.recipe: 'all' is unknown"),
        (
            {"boot_order": "netwrok"},
            "boot_order: 'netwrok' is unknown; write one of network, disk, installer",
        ),
        ({"mirror": {"host": "http://x"}}, "mirror.host: "),
        ({"mirror": {"directory": "debian"}}, "mirror.directory: "),
        ({"root_password_hash": "geheim"}, "root_password_hash: is not a hash"),
        ({"root_ssh_keys": ["id_ed25519.pub"]}, "root_ssh_keys[0]: is not an SSH public key"),
        ({"root_ssh_keys": ["ssh-rsa AAAA\nssh-rsa BBBB"]}, "root_ssh_keys[0]: is not an SSH public key"),
        ({"users": [{"gecos": "x"}]}, "users[0].name: '' is not the name"),
        ({"users": [{"name": "a"}, {"name": "root"}]}, "users[1].name: root exists already"),
        ({"users": [{"name": "ops", "gecos": "a:b"}]}, "users[0].gecos: "),
        ({"users": [{"name": "ops", "groups": ["a b"]}]}, "users[0].groups[0]: "),
        ({"users": [{"name": "ops", "password_hash": "x"}]}, "users[0].password_hash: "),
        ({"extra": "d-i x/y strong z\n"}, "extra: line 1 (d-i x/y): unknown type 'strong'"),
        (
            {"extra": "\nd-i preseed/late_command string x\n"},
            "extra: line 2: preseed/late_command is answered",
        ),
        (
            {"extra": "d-i partman-auto/disk string /dev/sdb\n"},
            "extra: line 1: partman-auto/disk is answered",
        ),
        ({"root_ssh_keys": []}, "root_ssh_keys: nobody could log in"),
        ({"root_ssh_keys": [], "root_password_hash": "*"}, "root_ssh_keys: nobody could log in"),
    ],
)
def test_refuses(answers: dict[str, t.Any], start: str) -> None:
    [mistake] = mistakes(**answers)
    assert mistake.startswith(start)


def test_all_mistakes_at_once_and_no_secrets() -> None:
    found = mistakes(
        root_password_hash="SECRET", timezone="x y", users=[{"name": "X", "password_hash": "SECRET"}]
    )
    assert len(found) == 4
    assert "SECRET" not in " ".join(found)


def test_a_template_of_ones_own_may_let_anyone_in() -> None:
    assert complete(root_ssh_keys=[], file="mine.cfg.j2")["file"] == "mine.cfg.j2"


def test_defaults_are_not_shared() -> None:
    complete()["mirror"]["host"] = "changed"
    complete()["users"].append({})
    complete()["packages"].append("x")
    assert complete()["mirror"]["host"] != "changed"
    assert complete()["users"] == []
    assert complete()["packages"] == ["openssh-server"]


def test_kernel_arguments() -> None:
    arguments = debian.kernel_arguments(MACHINE, URL)
    assert arguments[:3] == ["auto=true", "priority=critical", f"url={URL}"]
    assert "BOOTIF=01-52-54-00-aa-00-01" in arguments
    assert "hostname=node01" in arguments
    assert "domain=lab.example" in arguments
    assert "netcfg/get_nameservers=10.77.0.1" in arguments
    assert "---" not in arguments


def test_kernel_arguments_leave_out_what_is_not_known() -> None:
    arguments = debian.kernel_arguments({**MACHINE, "domain": "", "dns": []}, URL)
    assert not [item for item in arguments if item.startswith(("domain", "netcfg/get_nameservers"))]


def test_a_console_is_kept_by_the_installed_system() -> None:
    machine = {**MACHINE, "answers": {"console": "ttyS0,115200"}, "kernel_arguments": ["nomodeset"]}
    assert debian.kernel_arguments(machine, URL)[-4:] == [
        "console=ttyS0,115200",
        "nomodeset",
        "---",
        "console=ttyS0,115200",
    ]


def test_what_the_user_keeps_is_not_added_to() -> None:
    machine = {**MACHINE, "answers": {"console": "ttyS0"}, "kernel_arguments": ["a", "---", "quiet"]}
    assert debian.kernel_arguments(machine, URL)[-4:] == ["console=ttyS0", "a", "---", "quiet"]


def test_no_argument_is_taken_for_a_memory_size() -> None:
    """iPXE's loader of Linux kernels looks for ``mem=`` anywhere in the line."""
    arguments = [*debian.kernel_arguments(MACHINE, URL), *debian.profile_arguments({}, DISTRIBUTION)]
    assert not [item for item in arguments if "mem=" in item]


def test_arguments_fit_into_the_environment_of_the_installer() -> None:
    """Linux gives its first process at most 32 variables, and panics when there are more (init/main.c)."""
    machine = {**MACHINE, "answers": {"console": "ttyS0"}}
    assert len([*debian.kernel_arguments(machine, URL), *debian.profile_arguments({}, DISTRIBUTION)]) <= 28


def test_an_installer_from_the_menu_finds_the_install_tree() -> None:
    assert debian.profile_arguments({}, DISTRIBUTION) == [
        "mirror/protocol=http",
        "mirror/country=manual",
        "mirror/http/hostname=10.77.0.1:8080",
        "mirror/http/directory=/trees/debian-13",
        "mirror/suite=trixie",
        "debian-installer/allow_unauthenticated=true",
    ]


@pytest.mark.parametrize(
    ("distribution", "name"),
    [
        ({"name": "debian-13", "version": None}, "trixie"),
        ({"name": "debian12"}, "bookworm"),
        ({"name": "debian", "version": "11.9"}, "bullseye"),
        ({"name": "debian", "version": None}, ""),
        ({"name": "debian-99"}, ""),
    ],
)
def test_codename(distribution: dict[str, t.Any], name: str) -> None:
    assert _debian_answers.codename(distribution) == name
