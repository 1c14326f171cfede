# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kickstarts as the role makes them: read by pykickstart, their scripts run by a shell as the installer runs them."""

from __future__ import annotations

import http.server
import importlib.util
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
import typing as t
import warnings

import pytest
from ansible_collections.netinstall.pxe.plugins.action.answers_info import _package_mistakes
from ansible_collections.netinstall.pxe.plugins.filter.answers_found import selections_found
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _redhat_answers
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart import sections as _kickstart

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 it's me"
SECRET = "$6$salt$abcdefGHI./"
BY_RULE = "/dev/disk/by-rule"
BY_ID = "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"
RELEASES = {
    "centos-5": "RHEL5",
    "centos-6": "RHEL6",
    "centos-7": "RHEL7",
    "rocky-8": "RHEL8",
    "rocky-9": "RHEL9",
    "rocky-10": "RHEL10",
    "fedora-14": "F14",
    "fedora-28": "F28",
    "fedora-33": "F33",
    "fedora-42": "F42",
}
VERSIONS = {**RELEASES, "centos-7.1": "RHEL7"}
FULL: dict[str, t.Any] = {
    "locale": "de_DE.UTF-8",
    "keyboard": "de(nodeadkeys)",
    "timezone": "Europe/Berlin",
    "ntp_server": "10.77.0.1",
    "packages": ["@Base", "vim", "-postfix", "@Development Tools"],
    "install_recommends": False,
    "ignore_missing_packages": True,
    "root_password_hash": SECRET,
    "root_ssh_keys": [KEY],
    "users": [
        {"name": "ops", "gecos": "O'Ps # one", "password_hash": SECRET, "groups": ["adm"], "sudo": True},
        {"name": "robot", "ssh_keys": [KEY], "sudo": True},
    ],
    "network": {"bootproto": "static", "ipv6": False, "mtu": 9000},
    "selinux": "permissive",
    "firewall": {"services": ["ssh", "http"], "ports": ["8080:tcp"], "trusted": ["eth1"]},
    "services": {"enabled": ["crond"], "disabled": ["kdump", "cups"]},
    "partitioning": {"method": "lvm", "recipe": "multi", "filesystem": "ext3"},
    "repositories": [
        {
            "name": "epel",
            "baseurl": "http://10.77.0.9/epel",
            "cost": 10,
            "excludepkgs": ["a*", "b"],
            "install": True,
        },
        {"name": "mirrors", "mirrorlist": "http://10.77.0.9/list?a=b&c=d", "proxy": "http://10.77.0.1:3128"},
    ],
    "boot_arguments": ["net.ifnames=0"],
    "console": "ttyS0,115200",
    "finish": "poweroff",
    "pre": "echo pre >> $ROOT/order\n",
    "post": "cat > $ROOT/motd <<END\n# Kept,  with two blanks and 'quotes'\n\nEND\n",
    "post_nochroot": "\n \n#!/bin/cat\nsaid by cat\n",
    "addons": [{"name": "com_redhat_kdump", "options": "--disable", "lines": "a = b"}],
    "extra": "logging --host=10.77.0.1",
}
# Other values of the same, and several of what may be there more than once.
MORE: dict[str, t.Any] = {
    "root_ssh_keys": [KEY, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ== second"],
    "users": [
        {"name": "ops", "ssh_keys": [KEY, "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ== second"], "sudo": True}
    ],
    "network": {"device": "eth0"},
    "selinux": "disabled",
    "firewall": {"enabled": False},
    "services": {"enabled": ["crond"]},
    "bootloader_options": "--password=known",
    "display": "text",
    "finish": "halt",
    "boot_order": "disk",
    "extra_sections": "",
}
# Answers by what they are about, with the machine's disk. Each release gets the first five, these ones all.
ALL_KINDS = ("centos-5", "centos-6", "rocky-9")
KINDS: dict[str, tuple[str, dict[str, t.Any]]] = {
    "plain": ("/dev/vda", {}),
    "full": ("/dev/vda", FULL),
    "more": ("/dev/vda", MORE),
    "raid": ("/dev/vda", {"partitioning": {"method": "raid", "disks": ["/dev/vdb"], "recipe": "home"}}),
    "rule": (BY_RULE, {"disk_rule": {"min_size": "400GB", "max_size": "500GB", "model": "PERC *"}}),
    "home": ("/dev/cciss/c0d0", {"partitioning": {"recipe": "home", "swap": False}}),
    "custom": ("/dev/vda", {"partitioning": {"method": "custom", "lines": "part / --size=2048 --grow\n"}}),
}
# What a script has written is included, and may name a disk.
INCLUDED = {
    "pre": "cat /tmp/choice > /tmp/x",
    "partitioning": {"method": "custom", "lines": "%include /tmp/x"},
}
GECOS = shlex.quote(FULL["users"][0]["gecos"])
# Further ones, for single releases: (distribution, disk, answers, changes of the machine).
SPECIAL: dict[str, tuple[str, str, dict[str, t.Any], dict[str, t.Any]]] = {
    "example": (
        "centos-6",
        "/dev/vda",
        {"timezone": "Asia/Shanghai", "packages": ["@Base", "@Core"], "post": "yum -y install lrzsz"},
        {},
    ),
    "byid-6": ("centos-6", BY_ID, {}, {"firmware": "uefi"}),
    "byid-9": ("rocky-9", BY_ID, {}, {}),
    "disk-first-9": ("rocky-9", "/dev/vda", {"boot_order": "disk"}, {}),
    "bios-6": ("centos-6", "/dev/vda", {}, {"firmware": "bios"}),
    "early-7": ("centos-7.1", "/dev/vda", {"authentication": "--passalgo=sha256"}, {}),
    "nfs": ("rocky-9", "/dev/vda", {"authentication": "select sssd"}, {}),
    "nfs-iso": ("centos-6", "/dev/vda", {}, {}),
    "ftp": ("rocky-9", "/dev/vda", {"display": "graphical"}, {}),
    "serial": ("rocky-9", BY_RULE, {"disk_rule": {"serial": "S3Z9NB0K", "wwn": "0x5000C500A1B2C3D4"}}, {}),
    "both": ("rocky-9", "/dev/vda", {"disk_rule": {"serial": "S3Z9NB0K"}}, {}),
    "brought": ("rocky-9", BY_ID, {"file": "anaconda-ks.cfg"}, {}),
    "brought-5": ("centos-5", "/dev/vda", {"file": "old-ks.cfg"}, {}),
    "brought-rule": ("rocky-9", BY_RULE, {"file": "anaconda-ks.cfg", "disk_rule": {"model": "X"}}, {}),
    **{
        f"{kind}-{release}": (release, "/dev/vda", {"file": f"{kind}.ks"}, {})
        for kind in ("picks", "all")
        for release in ("centos-5", "centos-6", "centos-7", "rocky-9")
    },
    **{
        f"{kind}-rule": ("rocky-9", BY_RULE, {"file": f"{kind}.ks", "disk_rule": {"model": "X"}}, {})
        for kind in ("picks", "all")
    },
    "all-lvm": ("rocky-9", "/dev/vda", {"file": "all.ks", "partitioning": {"method": "lvm"}}, {}),
    "lines": ("rocky-9", "/dev/vda", INCLUDED, {}),
    "fetched": ("rocky-9", "/dev/vda", {"extra": "%include http://10.77.0.1/site.ks"}, {}),
    "own": ("rocky-9", "/dev/vda", {"file": "own.cfg.j2"}, {}),
    "part": ("rocky-9", "/dev/vda", {"file": "part.cfg.j2"}, {}),
    "identified": (
        "rocky-9",
        "/dev/vda",
        {},
        {"uuid": "4c4c4544-0042-3510-8050-b4c04f4d3432", "serial": "VMware-56 4d"},
    ),
    "identified-5": ("centos-5", "/dev/vda", {}, {"uuid": "4c4c4544-0042-3510-8050-b4c04f4d3432"}),
    "allowed": (
        "rocky-9",
        BY_RULE,
        {
            "disk_rule": {"min_size": "400GB", "max_size": "500GB"},
            "partitioning": {"allow_removable": True, "break_arrays": True},
        },
        {},
    ),
    "open-rule": ("rocky-9", BY_RULE, {"disk_rule": {"min_size": "400GB", "max_size": "500GB"}}, {}),
    "sections": (
        "rocky-9",
        "/dev/vda",
        {"extra_sections": "%post --nochroot\necho mine\n%end", "partitioning": {"filesystem": "ext4"}},
        {},
    ),
}
CHOOSES = "%pre\ncat /tmp/choice > /tmp/part-include\n%end\n"
FILES = {
    "picks.ks": (
        "text\nlang en_US.UTF-8\nrootpw --iscrypted *\nzerombr\nbootloader --location=mbr\n%include /tmp/part-include\n"
        f"part / --fstype=ext3 --size=2048 --grow\nreboot\n%packages\n@core\n%end\n{CHOOSES}"
    ),
    "all.ks": f"text\nlang en_US.UTF-8\nrootpw --iscrypted *\n%include /tmp/part-include\nreboot\n{CHOOSES}",
    "own.cfg.j2": (
        "lang {{ installation.answers.locale }}\n# {{ installation.hostname }}\n# no sh /tmp/netinstall/check-disk\n"
    ),
    "part.cfg.j2": (
        "{% extends 'kickstart.cfg.j2' %}\n{% block clock %}\ntimezone {{ answers.timezone }} --utc\n{% endblock %}\n"
        "{% block extra %}\n%pre\necho of their own\n%end\n{% endblock %}\n"
    ),
    "anaconda-ks.cfg": (
        "#version=RHEL9\ngraphical\nrepo --name=AppStream --baseurl=file:///run/install/sources/x/AppStream\n"
        "cdrom\nkeyboard --xlayouts='us'\nlang en_GB.UTF-8\nnetwork --bootproto=dhcp --hostname=old.example\n"
        "%packages\n@^minimal-environment\n%end\nignoredisk --only-use=sda\n"
        "clearpart --none --initlabel\npart /boot --fstype=xfs --ondisk=sda --size=1024\n"
        "part / --fstype=xfs --ondisk=sda --size=8192 --grow\nbootloader --location=mbr --boot-drive=sda\n"
        f"timezone Europe/London --utc\nrootpw --iscrypted {SECRET}\n"
        "%post\necho 'their own %{x} {{ y }} {# z'\n%end\n"
    ),
    "old-ks.cfg": (
        f"install\ncdrom\nlang en_US.UTF-8\nrootpw --iscrypted {SECRET}\n#part / --size=1\n%packages\n@core\n"
    ),
}


Described = dict[str, tuple[str, str, dict[str, t.Any], dict[str, t.Any]]]


def _described() -> Described:
    """All machines: distribution, disk, answers, changes."""
    found: Described = {
        f"{kind}-{release}": (release, disk, answers, {})
        for release in RELEASES
        for kind, (disk, answers) in list(KINDS.items())[: len(KINDS) if release in ALL_KINDS else 5]
    }
    # The kernel of EL 5 reads 255 bytes: no room for a gateway and name servers beside address and console.
    release, disk, answers, _changes = found["full-centos-5"]
    found["full-centos-5"] = (release, disk, answers, {"dns": [], "gateway": ""})
    return {**found, **SPECIAL}


MACHINES = _described()


class Armed(t.NamedTuple):
    root: pathlib.Path
    addresses: dict[str, str]
    output: str

    def text(self, name: str) -> str:
        [path] = (self.root / "answers" / self.addresses[name]).glob("*/ks.cfg")
        return path.read_text()

    def lines(self, name: str, *commands: str) -> list[str]:
        """The lines of these commands."""
        return [line for line in self.text(name).splitlines() if line.split(" ")[0] in commands]

    def events_url(self, name: str) -> str:
        [token] = (self.root / "events" / self.addresses[name]).iterdir()
        return f"http://10.77.0.1/events/{self.addresses[name]}/{token.name}"


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory, armory: type[t.Any]) -> Armed:
    pytest.importorskip("pykickstart", reason="pykickstart is not installed")
    folder = tmp_path_factory.mktemp("armed")
    machines = [
        armory.machine(
            number, name, distribution, disk=disk, **{"dns": ["10.77.0.1", "10.77.0.2"], **changes}
        )
        for number, (name, (distribution, disk, _answers, changes)) in enumerate(MACHINES.items(), start=11)
    ]
    made = armory(machines)
    made.sources = {"nfs": "nfs", "ftp": "ftp", "nfs-iso": "nfs-iso"}
    # What one of the files leads to.
    (folder / "srv/trees/rocky-9/AppStream").mkdir(parents=True)
    answers = {name: {"root_ssh_keys": [KEY], **given} for name, (_d, _k, given, _c) in MACHINES.items()}
    done = made.arm(folder, answers, None, FILES)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    return Armed(
        folder / "srv", {each["name"]: each["address"] for each in machines}, done.stdout + done.stderr
    )


# What pykickstart makes of it


def read(text: str, version: str) -> t.Any:
    """The kickstart's handler, and no warnings of anything that is deprecated."""
    parser = importlib.import_module("pykickstart.parser")
    handler = importlib.import_module("pykickstart.version").makeVersion(version)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        parser.KickstartParser(handler, followIncludes=False).readKickstartFromString(text)
    # Of several keys of a user, too, which the installer takes.
    assert [
        str(warning.message) for warning in said if not str(warning.message).startswith("An ssh user")
    ] == []
    return handler


@pytest.mark.parametrize("name", MACHINES)
def test_pykickstart_reads_it(armed: Armed, name: str) -> None:
    text = armed.text(name)
    version = VERSIONS[MACHINES[name][0]]
    assert text.startswith(f"#version={version}\n") or name == "own"
    read(text, version)


def test_nobody_is_warned_of_lines_that_are_ours(armed: Armed) -> None:
    """By what checks kickstarts before machines are armed, for every documented answer."""
    said = " ".join(armed.output.split())
    # Each with the machine and the line, or the file.
    found = re.findall(r"\[WARNING\]: (\S+?):? (?:\S+ )?line \d+ ", said)
    theirs = {name for name, (_d, _disk, answers, _c) in SPECIAL.items() if {"file", "extra"} & {*answers}}
    assert set(found) <= theirs, said
    assert "fetched" in found
    given = {key for _disk, answers in KINDS.values() for key in answers}
    given |= {key for _d, _disk, answers, _c in SPECIAL.values() for key in answers}
    # files: is about what lies beside it.
    assert set(_redhat_answers.KEYS) - given == {"files"}


@pytest.mark.parametrize("name", [name for name in MACHINES if name != "own"])
def test_nothing_is_written_when_the_disk_is_not_there(armed: Armed, name: str) -> None:
    """Also in a kickstart that was brought along, and in one of which only a part is the user's own."""
    handler = read(armed.text(name), VERSIONS[MACHINES[name][0]])
    constants = importlib.import_module("pykickstart.constants")
    [guard] = [script for script in handler.scripts if "/tmp/netinstall/check-disk" in script.script]
    assert (guard.type, guard.errorOnFail) == (constants.KS_SCRIPT_PRE, True)
    disks = handler.ignoredisk.onlyuse or ["%include" if "%include" in armed.text(name) else ""]
    named = "%include" if MACHINES[name][1] == BY_RULE else MACHINES[name][1][len("/dev/") :]
    assert disks[0] == named
    assert handler.clearpart.drives == handler.ignoredisk.onlyuse


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_read_is_what_was_said(armed: Armed, release: str) -> None:
    handler = read(armed.text(f"full-{release}"), RELEASES[release])
    assert handler.lang.lang == "de_DE.UTF-8"
    assert handler.timezone.timezone == "Europe/Berlin"
    assert (handler.rootpw.password, handler.rootpw.isCrypted) == (SECRET, True)
    assert [user.name for user in handler.user.userList] == ["ops", "robot"]
    assert handler.user.userList[0].password == SECRET
    assert handler.network.network[0].ip == armed.addresses[f"full-{release}"]
    assert handler.network.network[0].hostname == f"full-{release}.lab.example"
    assert handler.ignoredisk.onlyuse == handler.clearpart.drives == ["vda"]
    assert handler.zerombr.zerombr
    assert handler.packages.groupList[-1].name == "Development Tools"
    assert handler.packages.excludedList == ["postfix"]
    assert "vim" in handler.packages.packageList
    assert handler.bootloader.appendLine == "console=ttyS0,115200 net.ifnames=0"
    assert [repository.name for repository in handler.repo.repoList] == ["epel", "mirrors"]
    assert {volume.mountpoint for volume in handler.logvol.lvList} == {"/", "/var", "/tmp", "/home", "swap"}


@pytest.mark.parametrize("release", RELEASES)
def test_raid(armed: Armed, release: str) -> None:
    handler = read(armed.text(f"raid-{release}"), RELEASES[release])
    assert handler.ignoredisk.onlyuse == ["vda", "vdb"]
    assert [(array.mountpoint, array.members) for array in handler.raid.raidList] == [
        ("/boot", ["raid.11", "raid.12"]),
        ("pv.01", ["raid.21", "raid.22"]),
    ]
    members = [part.disk for part in handler.partition.partitions if part.mountpoint.startswith("raid.")]
    assert members == ["vda", "vdb", "vda", "vdb"]


@pytest.mark.parametrize(
    ("name", "commands", "lines"),
    [
        # install, and where packages come from
        ("plain-centos-7", ["install", "url"], ["install", "url --url=http://10.77.0.1/trees/centos-7"]),
        ("plain-rocky-8", ["install", "url"], ["url --url=http://10.77.0.1/trees/rocky-8"]),
        ("nfs", ["url", "nfs"], ["nfs --server=10.77.0.1 --dir=/srv/pxe/trees/rocky-9"]),
        ("nfs-iso", ["url", "nfs"], ["nfs --server=10.77.0.1 --dir=/srv/pxe/nfs-iso/centos-6"]),
        ("ftp", ["url"], ["url --url=ftp://10.77.0.1/trees/rocky-9"]),
        ("plain-centos-5", ["key"], ["key --skip"]),
        ("plain-centos-6", ["key"], []),
        ("full-centos-5", ["repo"], [
            "repo --name=epel --baseurl=http://10.77.0.9/epel",
            "repo --name=mirrors --mirrorlist='http://10.77.0.9/list?a=b&c=d'",
        ]),
        ("full-centos-6", ["repo"], [
            "repo --name=epel --baseurl=http://10.77.0.9/epel --cost=10 --excludepkgs='a*,b'",
            "repo --name=mirrors --mirrorlist='http://10.77.0.9/list?a=b&c=d' --proxy=http://10.77.0.1:3128",
        ]),
        ("full-rocky-9", ["repo"], [
            "repo --name=epel --baseurl=http://10.77.0.9/epel --cost=10 --excludepkgs='a*,b' --install",
            "repo --name=mirrors --mirrorlist='http://10.77.0.9/list?a=b&c=d' --proxy=http://10.77.0.1:3128",
        ]),
        # keyboard and clock
        ("full-centos-6", ["keyboard"], ["keyboard de-latin1-nodeadkeys"]),
        ("full-centos-7", ["keyboard"], ["keyboard --xlayouts='de (nodeadkeys)'"]),
        ("full-centos-6", ["timezone", "timesource"], ["timezone --utc Europe/Berlin"]),
        ("full-centos-7", ["timezone", "timesource"], ["timezone --utc Europe/Berlin --ntpservers=10.77.0.1"]),
        ("plain-rocky-8", ["timezone", "timesource"], ["timezone --utc UTC --nontp"]),
        ("full-rocky-9", ["timezone", "timesource"], [
            "timezone --utc Europe/Berlin",
            "timesource --ntp-server=10.77.0.1",
        ]),
        ("plain-fedora-33", ["timezone", "timesource"], ["timezone --utc UTC", "timesource --ntp-disable"]),
        # the network
        ("plain-centos-5", ["network"], [
            "network --bootproto=dhcp --onboot=yes --hostname=plain-centos-5.lab.example",
        ]),
        # accounts
        ("plain-rocky-9", ["rootpw", "user", "sshkey"], [
            "rootpw --iscrypted '*'",
            f"sshkey --username=root {shlex.quote(KEY)}",
        ]),
        ("plain-centos-7", ["sshkey"], []),
        ("full-centos-5", ["user"], [f"user --name=ops --iscrypted --password='{SECRET}'", "user --name=robot"]),
        ("full-centos-6", ["user"], [
            f"user --name=ops --gecos={GECOS} --iscrypted --password='{SECRET}'",
            "user --name=robot --lock",
        ]),
        ("full-rocky-9", ["user"], [
            f"user --name=ops --gecos={GECOS} --groups=adm,wheel --iscrypted --password='{SECRET}'",
            "user --name=robot --lock",
        ]),
        # security
        ("plain-centos-7", ["auth", "authconfig", "authselect"], ["authconfig --enableshadow --passalgo=sha512"]),
        ("early-7", ["authconfig"], ["authconfig --passalgo=sha256"]),
        ("plain-rocky-8", ["auth", "authconfig", "authselect"], []),
        ("nfs", ["auth", "authconfig", "authselect"], ["authselect select sssd"]),
        ("full-centos-5", ["firewall"], ["firewall --enabled --ssh --http --port=8080:tcp --trust=eth1"]),
        ("full-centos-6", ["firewall"], ["firewall --enabled --service=ssh,http --port=8080:tcp --trust=eth1"]),
        ("full-rocky-9", ["selinux", "services"], [
            "selinux --permissive",
            "services --disabled=kdump,cups --enabled=crond",
        ]),
        # display and end
        ("plain-centos-6", ["text", "cmdline", "reboot"], ["text", "reboot"]),
        ("plain-centos-7", ["text", "cmdline", "reboot"], ["cmdline", "reboot"]),
        ("ftp", ["cmdline", "graphical"], ["graphical"]),
        ("full-rocky-9", ["reboot", "poweroff", "logging"], ["poweroff", "logging --host=10.77.0.1"]),
        # packages
        ("plain-centos-5", ["%packages"], ["%packages"]),
        ("plain-centos-6", ["%packages"], ["%packages --nobase"]),
        ("example", ["%packages"], ["%packages"]),
        ("full-centos-7", ["%packages"], ["%packages --ignoremissing"]),
        ("full-rocky-8", ["%packages"], ["%packages --ignoremissing --excludeWeakdeps"]),
        ("full-rocky-9", ["%packages"], ["%packages --ignoremissing --exclude-weakdeps"]),
        # sections
        ("full-centos-6", ["%addon"], []),
        ("full-centos-7", ["%addon"], ["%addon com_redhat_kdump --disable"]),
        ("plain-centos-6", ["%onerror", "%traceback", "%pre-install"], ["%traceback"]),
        ("early-7", ["%onerror", "%traceback", "%pre-install"], ["%traceback"]),
        ("plain-centos-7", ["%onerror", "%traceback", "%pre-install"], ["%pre-install", "%onerror"]),
        # disks
        ("byid-9", ["ignoredisk", "zerombr", "clearpart", "reqpart", "part", "bootloader"], [
            f"ignoredisk --only-use={BY_ID[5:]}",
            "zerombr",
            f"clearpart --all --initlabel --drives={BY_ID[5:]}",
            "reqpart --add-boot",
            f"part swap --recommended --ondisk={BY_ID[5:]}",
            f"part / --fstype=xfs --size=2048 --grow --ondisk={BY_ID[5:]}",
            f"bootloader --location=mbr --boot-drive={BY_ID[5:]} --leavebootorder",
            f"ignoredisk --only-use={BY_ID[5:]}",
        ]),
        # The firmware's order: EL 8 would put the disk first even with the option.
        ("disk-first-9", ["bootloader"], ["bootloader --location=mbr --boot-drive=vda"]),
        ("plain-rocky-8", ["bootloader"], ["bootloader --location=mbr --boot-drive=vda"]),
        ("plain-rocky-9", ["bootloader"], ["bootloader --location=mbr --boot-drive=vda --leavebootorder"]),
        ("plain-fedora-42", ["bootloader"], ["bootloader --location=mbr --boot-drive=vda --leavebootorder"]),
        ("byid-6", ["part", "bootloader", "%include"], [
            f"part /boot/efi --fstype=efi --size=200 --ondisk={BY_ID[5:]}",
            f"part /boot --fstype=ext4 --size=1024 --asprimary --ondisk={BY_ID[5:]}",
            f"part swap --recommended --ondisk={BY_ID[5:]}",
            f"part / --fstype=ext4 --size=2048 --grow --ondisk={BY_ID[5:]}",
            f"bootloader --location=mbr --driveorder={BY_ID[5:]}",
        ]),
        ("plain-centos-6", ["%include", "reqpart"], ["%include /tmp/netinstall/firmware.ks"]),
        ("early-7", ["%include", "reqpart"], ["%include /tmp/netinstall/firmware.ks"]),
        ("bios-6", ["%include", "reqpart"], []),
        ("plain-centos-5", ["%include", "reqpart"], []),
        ("home-centos-5", ["part"], [
            "part /boot --fstype=ext3 --size=1024 --asprimary --ondisk=cciss/c0d0",
            "part / --fstype=ext3 --size=2048 --grow --maxsize=51200 --ondisk=cciss/c0d0",
            "part /home --fstype=ext3 --size=512 --grow --ondisk=cciss/c0d0",
        ]),
        ("sections", ["part"], [
            "part swap --recommended --ondisk=vda",
            "part / --fstype=ext4 --size=2048 --grow --ondisk=vda",
        ]),
        ("custom-rocky-9", ["ignoredisk", "part", "reqpart"], [
            "ignoredisk --only-use=vda",
            "part / --size=2048 --grow",
            "ignoredisk --only-use=vda",
        ]),
    ],
)  # fmt: skip
def test_each_release_has_its_own_words(
    armed: Armed, name: str, commands: list[str], lines: list[str]
) -> None:
    assert armed.lines(name, *commands) == lines


def test_the_network_is_that_of_the_machine(armed: Armed) -> None:
    [plain] = armed.lines("plain-rocky-9", "network")
    number = int(armed.addresses["plain-rocky-9"].rsplit(".", 1)[1])
    device = f"--device=52:54:00:aa:00:{number:02x}"
    assert plain == f"network --bootproto=dhcp --onboot=yes {device} --hostname=plain-rocky-9.lab.example"
    [full] = armed.lines("full-rocky-9", "network")
    address = armed.addresses["full-rocky-9"]
    assert (
        f" --ip={address} --netmask=255.255.255.0 --gateway=10.77.0.1 --nameserver=10.77.0.1,10.77.0.2 "
        in full
    )
    assert " --mtu=9000 --noipv6 " in full


def test_sections_end_where_that_is_known(armed: Armed) -> None:
    for release in RELEASES:
        assert ("%end" in armed.text(f"full-{release}").split("\n")) is (release != "centos-5")


def test_secrets(armed: Armed) -> None:
    assert SECRET in armed.text("full-rocky-9")
    assert SECRET not in armed.output


def test_a_file_of_the_users_own_is_a_template(armed: Armed) -> None:
    assert armed.text("own") == "lang en_US.UTF-8\n# own\n# no sh /tmp/netinstall/check-disk\n"
    assert armed.lines("part", "timezone", "timesource") == ["timezone UTC --utc"]
    assert armed.lines("part", "ignoredisk") == ["ignoredisk --only-use=vda"] * 2


def test_a_template_that_looks_at_nothing_is_told_by_name(armed: Armed) -> None:
    said = [" ".join(text.split()) for text in armed.output.split("[WARNING]: ")]
    [warning] = [text for text in said if "does not check that this is the armed machine" in text]
    assert warning.startswith("own: the answer file ")


def test_a_kickstart_that_was_brought_along(armed: Armed) -> None:
    text = armed.text("brought")
    handler = read(text, "RHEL9")
    disk = BY_ID[5:]
    assert handler.url.url == "http://10.77.0.1/trees/rocky-9"
    assert handler.lang.lang == "en_GB.UTF-8"
    assert (handler.ignoredisk.onlyuse, handler.clearpart.drives) == ([disk], [disk])
    assert [(part.mountpoint, part.disk) for part in handler.partition.partitions] == [
        ("/boot", disk),
        ("/", disk),
    ]
    assert [repo.baseurl for repo in handler.repo.repoList] == ["http://10.77.0.1/trees/rocky-9/AppStream"]
    assert [network.hostname for network in handler.network.network] == ["brought.lab.example"]
    assert (handler.rootpw.password, handler.timezone.timezone) == (SECRET, "Europe/London")
    assert (handler.packages.environment, handler.packages.packageList) == ("minimal-environment", [])
    assert armed.lines("brought", "bootloader", "cmdline", "graphical", "reboot") == [
        "cmdline",
        "reboot",
        "bootloader --location=mbr",
    ]
    # As it is, whatever a template would make of it.
    assert "echo 'their own %{x} {{ y }} {# z'\n" in text
    assert text.index("report start") < text.index("their own") < text.index("report installed")


def test_a_kickstart_without_partitions_gets_ours(armed: Armed) -> None:
    text = armed.text("brought-5")
    assert "%end" not in text.split("\n")
    assert armed.lines("brought-5", "part", "bootloader", "%packages") == [
        "part /boot --fstype=ext3 --size=1024 --asprimary --ondisk=vda",
        "part swap --recommended --ondisk=vda",
        "part / --fstype=ext3 --size=2048 --grow --ondisk=vda",
        "bootloader --location=mbr --driveorder=vda",
        "%packages",
    ]


def test_a_brought_kickstart_and_a_rule(armed: Armed) -> None:
    text = armed.text("brought-rule")
    included = text.partition("<<'NETINSTALL_PXE_STORAGE'\n")[2].partition("\nNETINSTALL_PXE_STORAGE")[0]
    assert included.split("\n") == [
        "ignoredisk --only-use=@DISK@",
        "zerombr",
        "clearpart --all --initlabel --drives=@DISK@",
    ]
    assert armed.lines("brought-rule", "part", "bootloader", "%include") == [
        "%include /tmp/netinstall/storage.ks",
        "part /boot --fstype=xfs --size=1024",
        "part / --fstype=xfs --size=8192 --grow",
        "bootloader --location=mbr",
        "%include /tmp/netinstall/selection.ks",
    ]


@pytest.mark.parametrize("name", [name for name in MACHINES if name != "own"])
def test_the_last_word_about_disks_is_ours(armed: Armed, name: str) -> None:
    """Whatever is included: the last ignoredisk counts. Behind sections where the release knows commands there."""
    last = (
        "%include /tmp/netinstall/selection.ks" if MACHINES[name][1] == BY_RULE else "ignoredisk --only-use="
    )
    kickstart = _kickstart.split(armed.text(name))
    commands = [(number, line) for number, line in kickstart.commands if _kickstart.first_word(line)]
    assert commands[-1][1].startswith(last)
    sections = [section.line for section in kickstart.sections]
    assert commands[-1][0] > max(sections) or (
        MACHINES[name][0] == "centos-5" and commands[-1][0] < min(sections)
    )


def test_the_kernel_is_told(armed: Armed) -> None:
    def script(name: str) -> str:
        [path] = (armed.root / "answers" / armed.addresses[name]).glob("*.ipxe")
        return path.read_text()

    assert "inst.ks=http://10.77.0.1/answers/" in script("plain-rocky-9")
    assert f"ip={armed.addresses['full-rocky-9']}::10.77.0.1:255.255.255.0:" in script("full-rocky-9")
    assert "console=ttyS0,115200" in script("full-rocky-9")


# The scripts


class Server(http.server.ThreadingHTTPServer):
    """Takes what is PUT."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.bodies: dict[str, str] = {}
        # Its disk has room for names only.
        self.full = False
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        name = self.path.rsplit("/", 1)[1]
        server = t.cast("Server", self.server)
        taken = not (body and server.full)
        if taken:
            server.bodies[name] = body
            server.order.append(name)
        self.send_response(201 if taken else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


class Installer:
    """What anaconda's image has, below ``root``: disks in sysfs, udevadm, logs."""

    # Of what the scripts could use, all that every image has: scripts/upd-instroot of anaconda's rhel6-branch, and
    # lorax's runtime-cleanup.tmpl from EL 7 on.
    PROGRAMS = (
        "cat",
        "chmod",
        "grep",
        "head",
        "mkdir",
        "readlink",
        "rm",
        "sed",
        "sh",
        "sleep",
        "sort",
        "tail",
        "wc",
    )

    STAND_INS: t.ClassVar[dict[str, str]] = {
        "udevadm": 'for w; do case $w in --name=*) cat "$ROOT/udev/${w##*/}";; esac; done',
        "getent": '[ "$1" = passwd ] && echo "$2:x:0:0::$ROOT/home/$2:/bin/sh"',
        "chown": 'echo "chown $*" >> $ROOT/ran',
        "restorecon": 'echo "restorecon $*" >> $ROOT/ran',
        "groupadd": 'echo "groupadd $*" >> $ROOT/ran',
        "usermod": 'echo "usermod $*" >> $ROOT/ran',
        "python": f'exec {sys.executable} "$@"',
        # What lies on a disk, as low-level probing says it: a file for each device.
        "blkid": 'for w; do :; done; cat "$ROOT/labels/${w##*/}"',
        "mdadm": 'echo "mdadm $*" >> $ROOT/ran; for w; do :; done; cat "$ROOT/arrays/${w##*/}"',
        "lvm": 'echo "lvm $*" >> $ROOT/ran; for w; do :; done; cat "$ROOT/groups/${w##*/}"',
        "dmidecode": 'echo "# comment"; cat "$ROOT/dmi/$2"',
    }

    def __init__(self, root: pathlib.Path, server: Server) -> None:
        self.root = root
        self.server = server
        self.card = ""
        for name in (
            "bin",
            "tmp",
            "sys/block",
            "sys/class/block",
            "sys/class/net/eth0",
            "sys/class/net/lo",
            "sys/class/dmi/id",
            "proc/net/bonding",
            "dmi",
            "labels",
            "arrays",
            "groups",
            "udev",
            "dev",
            "home",
            "sysimage/tmp",
            "etc/sudoers.d",
        ):
            (root / name).mkdir(parents=True)
        for name in ("root", "robot"):
            (root / "home" / name).mkdir()
        for name in (*self.PROGRAMS, "curl"):
            found = shutil.which(name)
            if found:
                (root / "bin" / name).symlink_to(found)
        for name, body in self.STAND_INS.items():
            program = root / "bin" / name
            program.write_text(f"#!/bin/sh\nROOT={root}\n{body}\n")
            program.chmod(0o755)
        (root / "sys/class/net/lo/address").write_text("00:00:00:00:00:00\n")
        (root / "proc/mounts").write_text("rootfs / rootfs rw 0 0\n")
        self.disk("vda", 1953125000)

    def disk(self, name: str, sectors: int, **facts: str) -> None:
        folder = self.root / "sys/block" / name
        (folder / "device").mkdir(parents=True)
        (folder / "size").write_text(f"{sectors}\n")
        (folder / "ro").write_text("0\n")
        (self.root / "dev" / name).write_text("")
        udev = [f"{key}={value}" for key, value in facts.items() if key.startswith("ID_")]
        (self.root / "udev" / name).write_text("\n".join(udev) + "\n")
        for key in ("model", "serial", "wwid", "vendor"):
            if key in facts:
                (folder / "device" / key).write_text(facts[key] + "  \n")
        for key in ("hidden", "removable"):
            (folder / key).write_text(facts.get(key, "0") + "\n")

    def here(self, text: str, events: str) -> str:
        """A kickstart that finds its files below ``root``, and does not wait."""
        root = self.root
        places = {
            events: f"http://127.0.0.1:{self.server.server_port}/events/a/b",
            "/mnt/sysimage/": f"{root}/sysimage/",
            "/tmp/netinstall-": f"{root}/sysimage/tmp/netinstall-",
            "/tmp/": f"{root}/tmp/",
            "/sys/": f"{root}/sys/",
            "/proc/": f"{root}/proc/",
            "/dev/console": f"{root}/screen",
            "/dev/tty1": f"{root}/screen",
            "/dev/tty3": f"{root}/screen",
            " /dev/vda": f" {root}/dev/vda",
            "#/dev/}": f"#{root}/dev/}}",
            "/etc/sudoers": f"{root}/etc/sudoers",
            "sleep 15": "sleep 0.1",
            "sleep 60": "sleep 0.1",
            "2 3 5 10 10 0": "0 0",
            "2 2 2 2 0": "0 0",
        }
        # In one go, as the folder of the test is below one of them.
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], text)

    def scripts(self, armed: Armed, name: str) -> list[tuple[str, str]]:
        """Header and text of each script, in their order, on the machine that was armed."""
        number = int(armed.addresses[name].rsplit(".", 1)[1])
        card = self.card or f"52:54:00:aa:00:{number:02x}"
        (self.root / "sys/class/net/eth0/address").write_text(card + "\n")
        found: list[tuple[str, list[str]]] = []
        section = False
        for line in self.here(armed.text(name), armed.events_url(name)).split("\n"):
            if line.startswith(("%pre", "%post", "%onerror", "%traceback")):
                found.append((line, []))
                section = True
            elif line == "%end":
                section = False
            elif section:
                found[-1][1].append(line)
        return [(header, "\n".join(lines)) for header, lines in found]

    def run(self, armed: Armed, name: str, *sections: str) -> list[int]:
        """Run the scripts of these sections, or all; what each returned, up to one that is fatal."""
        codes = []
        for header, text in self.scripts(armed, name):
            if not sections or header.split(" ")[0] in sections:
                # In the new system there are all programs.
                chroot = header.startswith("%post") and "--nochroot" not in header
                codes.append(self.shell(text, f"{self.root}/bin" + f":{os.environ['PATH']}" * chroot))
                if codes[-1] and "--erroronfail" in header:
                    break
        return codes

    def shell(self, text: str, path: str = "") -> int:
        # The shell of EL 5's image is busybox's; from EL 6 on it is bash.
        shell = shutil.which("bash") or "/bin/sh"
        environment = {"PATH": path or f"{self.root}/bin", "ROOT": str(self.root)}
        done = subprocess.run(
            [shell, "-c", text], env=environment, capture_output=True, timeout=60, check=False, cwd=self.root
        )
        return done.returncode

    def put(self, name: str) -> str:
        """What was sent by this name, waiting for it a little."""
        deadline = time.monotonic() + 20
        while name not in self.server.bodies:
            assert time.monotonic() < deadline, f"{name} was not sent; sent were {self.server.order}"
            time.sleep(0.05)
        return self.server.bodies[name]

    def read(self, name: str) -> str:
        return (self.root / name).read_text()


@pytest.fixture
def installer(tmp_path: pathlib.Path) -> t.Iterator[Installer]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        made = Installer(tmp_path / "anaconda", server)
        yield made
        # Ends the watcher, too.
        (made.root / "tmp/netinstall").mkdir(exist_ok=True)
        (made.root / "tmp/netinstall/installed").write_text("")
        server.shutdown()
        thread.join()


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


@needs_curl
@pytest.mark.parametrize("release", RELEASES)
def test_reports(armed: Armed, installer: Installer, release: str) -> None:
    name = f"plain-{release}"
    codes = installer.run(armed, name)
    # %onerror or %traceback comes before the last script.
    assert set(codes) == {0}
    order = [event for event in installer.server.order if event not in ("log-anaconda", "failed")]
    steps = ["progress-packages"] if "%pre-install" in armed.text(name) else []
    assert order == ["started", "progress-disk", *steps, "installed"]
    assert installer.server.order[-2:] == ["log-anaconda", "installed"]
    assert installer.put("failed").startswith("The installer stopped with an error.\n")


@needs_curl
def test_failures_are_told_with_the_end_of_the_logs(armed: Armed, installer: Installer) -> None:
    installer.run(armed, "plain-rocky-9", "%pre")
    (installer.root / "tmp/anaconda.log").write_text("fine\n12:00:00,1 ERR anaconda: no space left\n")
    (installer.root / "tmp/program.log").write_text(f"chpasswd: root:{SECRET}\n")
    assert installer.run(armed, "plain-rocky-9", "%onerror") == [0]
    said = installer.put("failed")
    assert said.startswith("The installer stopped with an error.\n")
    assert "12:00:00,1 ERR anaconda: no space left" in said
    assert "=== " in installer.put("log-anaconda")
    assert "root:(hidden)" in installer.put("log-anaconda")
    assert SECRET not in installer.put("log-anaconda") + said


@needs_curl
def test_steps_of_the_old_installer(armed: Armed, installer: Installer) -> None:
    (installer.root / "tmp/anaconda.log").write_text("")
    installer.run(armed, "plain-centos-6", "%pre")
    with (installer.root / "tmp/anaconda.log").open("a") as log:
        log.write("10:00:01,1 INFO    : moving (1) to step installpackages\n")
    assert installer.put("progress-installpackages") == "installpackages\n"
    # It is silent from now on: perhaps there is a question on the screen.
    assert "to step installpackages" in installer.put("log-anaconda")


@needs_curl
def test_only_the_first_failure_counts(armed: Armed, installer: Installer) -> None:
    installer.run(armed, "plain-rocky-9", "%pre")
    report = installer.root / "tmp/netinstall/report"
    assert installer.shell(f"sh {report} failed one; sh {report} failed two") == 0
    assert installer.put("failed").startswith("one\n")


def test_a_lost_report_stops_nothing(armed: Armed, installer: Installer) -> None:
    (installer.root / "bin/curl").unlink(missing_ok=True)
    (installer.root / "bin/curl").write_text("#!/bin/sh\nexit 7\n")
    (installer.root / "bin/curl").chmod(0o755)
    assert set(installer.run(armed, "plain-rocky-9", "%pre", "%post")) == {0}
    assert installer.server.order == []


@needs_curl
@pytest.mark.parametrize("release", ["centos-5", "centos-6", "rocky-9"])
def test_the_disk_must_be_there(armed: Armed, installer: Installer, release: str) -> None:
    shutil.rmtree(installer.root / "sys/block/vda")
    installer.disk("sda", 976562500, model="PERC H730", serial="S3Z9NB0K")
    installer.disk("sr0", 1000)
    assert installer.run(armed, f"plain-{release}", "%pre") == [0, 1]
    message = f"machine_disk {installer.root}/dev/vda is not a disk of this machine. Its disks are: "
    message += "sda (500 GB PERC H730 S3Z9NB0K). Nothing was written."
    assert (
        installer.put("failed")
        .splitlines()[0]
        .replace("/dev/vda", f"{installer.root}/dev/vda")
        .endswith(message.partition(" is not")[2])
    )
    assert "is not a disk of this machine" in installer.read("screen")


@needs_curl
@pytest.mark.parametrize(
    "name", ["plain-centos-5", "plain-centos-6", "plain-rocky-9", "brought", "brought-5"]
)
def test_another_machine_is_not_touched(armed: Armed, installer: Installer, name: str) -> None:
    """Also by a kickstart that was brought along, before its own scripts."""
    installer.card = "52:54:00:bb:00:01"
    assert installer.run(armed, name, "%pre") == [0, 1]
    number = int(armed.addresses[name].rsplit(".", 1)[1])
    message = f"This is not {name}, which was armed: no network card has 52:54:00:aa:00:{number:02x}, "
    message += "only 52:54:00:bb:00:01. Nothing was written."
    assert installer.put("failed").splitlines()[0] == message
    assert message in installer.read("screen")


@needs_curl
@pytest.mark.parametrize("place", ["sys/class/net/eth1/bonding_slave/perm_hwaddr", "proc/net/bonding/bond0"])
def test_a_card_below_a_bond_counts(armed: Armed, installer: Installer, place: str) -> None:
    number = int(armed.addresses["plain-rocky-9"].rsplit(".", 1)[1])
    installer.card = "52:54:00:bb:00:01"
    (installer.root / place).parent.mkdir(parents=True, exist_ok=True)
    prefix = "Permanent HW addr: " if "bond0" in place else ""
    (installer.root / place).write_text(f"{prefix}52:54:00:AA:00:{number:02X}\n")
    assert installer.run(armed, "plain-rocky-9", "%pre") == [0, 0]


@needs_curl
@pytest.mark.parametrize(
    ("uuid", "serial", "message"),
    [
        ("4C4C4544-0042-3510-8050-B4C04F4D3432", "VMware-56 4d", ""),
        # As firmware before SMBIOS 2.6, and programs that know nothing of it, order the bytes.
        ("44454c4c-4200-1035-8050-b4c04f4d3432", "  VMware-56 4d  ", ""),
        (
            "4c4c4544-0042-3510-8050-b4c04f4d3433",
            "VMware-56 4d",
            "machine_uuid is 4c4c4544-0042-3510-8050-b4c04f4d3432, but",
        ),
        (
            "4c4c4544-0042-3510-8050-b4c04f4d3432",
            "other",
            "machine_serial is VMware-56 4d, but its",
        ),
        ("", "VMware-56 4d", "its UUID cannot be read here; leave out machine_uuid."),
        (
            "4c4c4544-0042-3510-8050-b4c04f4d3432",
            "",
            "leave out machine_serial.",
        ),
    ],
)
def test_the_machine_must_be_the_described_one(
    armed: Armed, installer: Installer, uuid: str, serial: str, message: str
) -> None:
    for name, text in (("product_uuid", uuid), ("product_serial", serial)):
        (installer.root / "sys/class/dmi/id" / name).write_text(text + "\n")
    assert installer.run(armed, "identified", "%pre") == [0, 1 if message else 0]
    if message:
        assert message in installer.put("failed")


@needs_curl
@pytest.mark.parametrize(
    ("uuid", "code"), [("4C4C4544-0042-3510-8050-B4C04F4D3432", 0), ("4C4C4544-0042-3510-8050-0", 1)]
)
def test_the_oldest_installer_asks_dmidecode(
    armed: Armed, installer: Installer, uuid: str, code: int
) -> None:
    (installer.root / "dmi/system-uuid").write_text(uuid + "\n")
    assert installer.run(armed, "identified-5", "%pre") == [0, code]


ARRAY_MEMBER = "           UUID : 0a8a:1b2c (local to host lab)\n"


@needs_curl
@pytest.mark.parametrize("release", ["centos-5", "centos-6", "rocky-9"])
@pytest.mark.parametrize("kind", ["array", "group"])
def test_what_reaches_to_another_disk_stays(
    armed: Armed, installer: Installer, release: str, kind: str
) -> None:
    installer.disk("vdb", 1953125000, model="SSD")
    (installer.root / "sys/block/vda/vda1").mkdir()
    (installer.root / "sys/block/vda/vda1/start").write_text("2048\n")
    for name in ("vda1", "vdb"):
        if kind == "array":
            (installer.root / "arrays" / name).write_text(ARRAY_MEMBER)
        else:
            (installer.root / "groups" / name).write_text("  vg0 Qx\n")
            # EL 5 has no blkid that knows this.
            if release != "centos-5":
                label = f"ID_FS_UUID={name}\nID_FS_TYPE=LVM2_member\n"
                (installer.root / "labels" / name).write_text(label)
    assert installer.run(armed, f"plain-{release}", "%pre") == [0, 1]
    shared = "RAID array 0a8a:1b2c" if kind == "array" else "LVM volume group vg0 (Qx)"
    said = installer.put("failed").splitlines()[0]
    assert said.startswith(f"vda (1000 GB) holds a part of {shared}, which also is on vdb (1000 GB SSD). ")
    assert "partitioning.break_arrays: true" in said
    assert "superblock" not in installer.read("ran")


@needs_curl
def test_all_disks_of_an_array_that_is_installed_on_may_have_had_one(
    armed: Armed, installer: Installer
) -> None:
    installer.disk("vdb", 1953125000)
    for name in ("vda", "vdb"):
        (installer.root / "arrays" / name).write_text(ARRAY_MEMBER)
    text = "\n".join(text for _header, text in installer.scripts(armed, "raid-rocky-9")[:2])
    text = text.replace(" /dev/vdb", f" {installer.root}/dev/vdb")
    assert installer.shell(text) == 0
    assert installer.put("progress-disk") == "vda (1000 GB)\nvdb (1000 GB)\n"


@needs_curl
def test_a_rule_does_not_see_what_is_no_disk_of_the_machine(armed: Armed, installer: Installer) -> None:
    """Paths of native NVMe multipath and of the device mapper's, USB sticks, virtual media."""
    installer.disk("nvme0n1", 900000000, model="SSD", serial="S3Z9NB0K")
    installer.disk("nvme0c0n1", 900000000, hidden="1")
    installer.disk("sda", 900000000, removable="1")
    installer.disk("sdb", 900000000, vendor="AMI", model="Virtual HDisk0")
    installer.disk("sdc", 900000000)
    holder = installer.root / "sys/block/sdc/holders/dm-0/dm"
    holder.mkdir(parents=True)
    (holder / "uuid").write_text("mpath-3600\n")
    (holder / "name").write_text("mpatha\n")
    assert installer.run(armed, "open-rule", "%pre") == [0, 0]
    assert installer.put("progress-disk") == "nvme0n1 (460 GB SSD S3Z9NB0K)\n"


@needs_curl
def test_what_is_allowed(armed: Armed, installer: Installer) -> None:
    installer.disk("sda", 900000000, removable="1")
    installer.disk("sdb", 1953125000)
    for name in ("sda", "sdb"):
        (installer.root / "arrays" / name).write_text(ARRAY_MEMBER)
    assert installer.run(armed, "allowed", "%pre") == [0, 0]
    zeroed = [line for line in installer.read("ran").splitlines() if "superblock" in line]
    assert zeroed == ["mdadm --zero-superblock --force /dev/sda"]
    assert installer.put("progress-disk") == "sda (460 GB, removable)\n"


@needs_curl
@pytest.mark.parametrize("release", ["centos-5", "rocky-9"])
def test_a_usb_stick_is_refused(armed: Armed, installer: Installer, release: str) -> None:
    device = installer.root / "sys/block/vda/device"
    place = installer.root / "sys/devices/usb2/2-1"
    place.parent.mkdir(parents=True)
    device.rename(place)
    device.symlink_to(place)
    assert installer.run(armed, f"plain-{release}", "%pre") == [0, 1]
    said = installer.put("failed").splitlines()[0]
    assert said.startswith(
        "vda (1000 GB, attached by USB) is attached by USB, which may be another disk tomorrow. "
    )


@needs_curl
def test_a_disk_that_is_in_use(armed: Armed, installer: Installer) -> None:
    (installer.root / "proc/swaps").write_text("Filename Type\n/dev/vda partition 1 0 -1\n")
    assert installer.run(armed, "plain-rocky-9", "%pre") == [0, 1]
    assert "is in use, perhaps by the installer itself: /dev/vda partition 1 0 -1" in installer.put("failed")


@needs_curl
def test_a_partition_is_no_disk(armed: Armed, installer: Installer) -> None:
    (installer.root / "sys/block/vda").rename(installer.root / "sys/class/block/vda")
    (installer.root / "sys/class/block/vda/partition").write_text("1\n")
    assert installer.run(armed, "plain-rocky-9", "%pre") == [0, 1]
    assert "is a partition, not a disk" in installer.put("failed")


@needs_curl
def test_a_disk_that_cannot_be_written(armed: Armed, installer: Installer) -> None:
    (installer.root / "sys/block/vda/ro").write_text("1\n")
    assert installer.run(armed, "plain-rocky-9", "%pre") == [0, 1]
    assert "is write-protected" in installer.put("failed")


@needs_curl
def test_all_disks_of_a_raid_must_be_there(armed: Armed, installer: Installer) -> None:
    assert installer.run(armed, "raid-rocky-9", "%pre") == [0, 1]
    assert "answers.partitioning.disks /dev/vdb is not a disk" in installer.put("failed").replace(
        str(installer.root), ""
    )


@needs_curl
@pytest.mark.parametrize("release", RELEASES)
def test_a_rule_finds_the_disk(armed: Armed, installer: Installer, release: str) -> None:
    installer.disk("sda", 900000000, model="PERC H730")
    installer.disk("sdb", 900000000, model="SSD")
    installer.disk("sdc", 1, model="PERC H730")
    installer.disk("loop0", 900000000, model="PERC H730")
    assert installer.run(armed, f"rule-{release}", "%pre") == [0, 0]
    storage = installer.read("tmp/netinstall/storage.ks")
    assert storage.startswith(
        "ignoredisk --only-use=sda\nzerombr\nclearpart --all --initlabel --drives=sda\n"
    )
    assert "@DISK@" not in storage
    # What the installer reads then, whole.
    text = armed.text(f"rule-{release}").replace("%include /tmp/netinstall/storage.ks\n", storage)
    handler = read(text, RELEASES[release])
    assert handler.ignoredisk.onlyuse == ["sda"]
    assert {part.disk for part in handler.partition.partitions} == {"sda"}
    assert "sda" in (handler.bootloader.driveorder or [handler.bootloader.bootDrive])


@needs_curl
@pytest.mark.parametrize(
    ("sectors", "message"),
    [((), "fits no disk"), ((900000000, 900000000), "fits more than one disk"), ((1,), "fits no disk")],
)
def test_a_rule_must_fit_one_disk(
    armed: Armed, installer: Installer, sectors: tuple[int, ...], message: str
) -> None:
    for letter, size in zip("ab", sectors):
        installer.disk(f"sd{letter}", size, model="PERC H730")
    assert installer.run(armed, "rule-rocky-9", "%pre") == [0, 1]
    assert f"answers.disk_rule {message}. Its disks are: " in installer.put("failed")
    assert "vda (1000 GB)" in installer.put("failed")
    assert not (installer.root / "tmp/netinstall/storage.ks").exists()


@needs_curl
@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"ID_SERIAL_SHORT": "S3Z9NB0K", "ID_WWN": "0x5000c500a1b2c3d4"}, True),
        ({"ID_SERIAL": "S3Z9NB0K", "wwid": "naa.5000c500a1b2c3d4"}, True),
        ({"serial": "S3Z9NB0K", "ID_WWN_WITH_EXTENSION": "0x5000c500a1b2c3d4"}, True),
        ({"ID_SERIAL": "XS3Z9NB0K", "ID_WWN": "0x5000c500a1b2c3d4"}, False),
        ({"ID_SERIAL": "S3Z9NB0K", "ID_WWN": "0x5000c500a1b2c3d5"}, False),
    ],
)
def test_serial_and_wwn(armed: Armed, installer: Installer, facts: dict[str, str], found: bool) -> None:
    installer.disk("nvme0n1", 900000000, **facts)
    assert installer.run(armed, "serial", "%pre") == [0, 0 if found else 1]
    assert (installer.root / "tmp/netinstall/storage.ks").exists() is found


@needs_curl
@pytest.mark.parametrize(("serial", "code"), [("S3Z9NB0K", 0), ("other", 1)])
def test_name_and_rule_must_agree(armed: Armed, installer: Installer, serial: str, code: int) -> None:
    (installer.root / "udev/vda").write_text(f"ID_SERIAL={serial}\n")
    assert installer.run(armed, "both", "%pre") == [0, code]
    if code:
        assert "answers.disk_rule does not fit machine_disk" in installer.put("failed")


# Files that are included

OURS = "ignoredisk --only-use={0}\nclearpart --all --drives={0}\nbootloader --location=mbr"
PARTITIONS = "part /boot --size=1024 --ondisk={0}\npart / --size=2048 --grow --ondisk={0}"


def choose(installer: Installer, text: str) -> None:
    (installer.root / "tmp").mkdir(exist_ok=True)
    (installer.root / "tmp/choice").write_text(f"{text}\n")


ANOTHER = ("ignoredisk --only-use=sdb", "says ignoredisk --only-use=sdb, but this machine is to use ")


@needs_curl
@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("picks-centos-5", *ANOTHER),
        ("picks-centos-6", *ANOTHER),
        ("all-rocky-9", *ANOTHER),
        ("all-rule", *ANOTHER),
        ("lines", *ANOTHER),
        ("all-lvm", "ignoredisk --only-use sda,{0}", "says ignoredisk --only-use=sda, but "),
        ("picks-rule", 'clearpart --all --drives="sdb" --initlabel', "says clearpart --drives=sdb, "),
        ("all-centos-5", "  part / --size=1 --ondisk=/dev/sdb", "says part --ondisk=/dev/sdb, "),
        ("all-centos-6", "bootloader --driveorder={0},sdb", "says bootloader --driveorder=sdb, "),
        ("lines", "%packages\nbash\n%end\nbootloader --boot-drive=sdb", "says bootloader --boot-drive=sdb, "),
        ("all-rocky-9", "part /home --onpart={0}5 --noformat", "says part --onpart, which keeps what is on"),
        ("lines", "logvol / --vgname=a --name=b --useexisting", "says logvol --useexisting, which keeps"),
        ("all-rocky-9", "mount /dev/sdb1 /", "says mount, which keeps what is on the disk"),
        ("picks-rocky-9", "liveimg --url=http://10.77.0.1/x", "says liveimg, which installs an image"),
        ("all-centos-7", "%include /tmp/nothing", "cannot be read: no script has written it"),
    ],
)
def test_an_include_cannot_choose_a_disk(
    armed: Armed, installer: Installer, name: str, line: str, message: str
) -> None:
    """Nothing is written: the script that says so is of %pre, and fatal."""
    installer.disk("sdc", 900000000, model="X")
    disk = "sdc" if name.endswith("rule") else "vda"
    choose(installer, OURS.format(disk) + "\n" + line.format(disk))
    codes = installer.run(armed, name, "%pre")
    assert (codes[-1], set(codes[:-1])) == (1, {0})
    said = installer.put("failed").splitlines()[0]
    file = f"{installer.root}/tmp/{'x' if name == 'lines' else 'part-include'}"
    file = "/tmp/nothing" if "nothing" in line else file
    assert said.startswith(f"{file}, which the kickstart includes, {message}")
    assert said.endswith(" Nothing was written.")


@pytest.mark.parametrize(
    "name", ["picks-centos-6", "all-centos-7", "picks-rocky-9", "all-rule", "lines", "fetched", "part"]
)
def test_machine_and_disk_are_looked_at_before_scripts_of_an_include(
    armed: Armed, name: str, tmp_path: pathlib.Path
) -> None:
    """The installer runs scripts of %pre of included files, too, in the order in which it reads all of them."""
    wipes = tmp_path / "included.ks"
    wipes.write_text("%pre\necho of their own\n%end\n")
    text = re.sub(r"(?m)^%include (?!/tmp/netinstall/).*", f"%include {wipes}", armed.text(name))
    text = re.sub(r"(?m)^%include /tmp/netinstall/.*\n", "", text)
    parser = importlib.import_module("pykickstart.parser")
    handler = importlib.import_module("pykickstart.version").makeVersion(VERSIONS[MACHINES[name][0]])
    parser.KickstartParser(handler).readKickstartFromString(text)
    scripts = [script.script for script in handler.scripts]
    guard = next(number for number, script in enumerate(scripts) if "/tmp/netinstall/check-disk" in script)
    assert guard < scripts.index("echo of their own\n")


@needs_curl
@pytest.mark.parametrize("name", ["picks-centos-5", "all-rocky-9"])
def test_an_include_may_ignore_other_disks(armed: Armed, installer: Installer, name: str) -> None:
    choose(installer, f"ignoredisk --drives=sdb\n{OURS.format('vda')}\n")
    assert set(installer.run(armed, name, "%pre")) == {0}


@needs_curl
@pytest.mark.parametrize("partitions", ["", PARTITIONS], ids=["without", "with"])
@pytest.mark.parametrize(
    "name",
    ["all-centos-5", "all-centos-6", "all-rocky-9", "all-rule", "all-lvm", "picks-centos-7", "picks-rule"],
)
def test_partitions_of_an_include(armed: Armed, installer: Installer, name: str, partitions: str) -> None:
    """With what the scripts wrote, each release's pykickstart reads one `/`, on the machine's disk."""
    installer.disk("sdc", 900000000, model="X")
    disk = "sdc" if name.endswith("rule") else "vda"
    if name.startswith("picks"):
        partitions = partitions.partition("\n")[0]
    choose(installer, f"# text\n\nzerombr\n{OURS}\n{partitions}\n# part / --ondisk=sdb".format(disk))
    assert set(installer.run(armed, name, "%pre")) == {0}
    handler = read(with_includes(armed.text(name), installer.root), VERSIONS[MACHINES[name][0]])
    assert handler.ignoredisk.onlyuse == [disk]
    assert handler.clearpart.drives == [disk]
    points = [part.mountpoint for part in handler.partition.partitions]
    assert points.count("/") + len([v for v in handler.logvol.lvList if v.mountpoint == "/"]) == 1
    own = points == ["/boot", "/"]
    assert own == bool(partitions) or name.startswith("picks")
    assert {part.disk or disk for part in handler.partition.partitions} == {disk}


def with_includes(text: str, root: pathlib.Path) -> str:
    """A kickstart with the files that its scripts wrote."""
    while includes := re.search(r"^%include (/tmp/\S+)$", text, re.MULTILINE):
        # What one of them includes is named as the scripts know it, below the root.
        path = includes[1] if includes[1].startswith(str(root)) else f"{root}{includes[1]}"
        text = text.replace(includes[0], pathlib.Path(path).read_text().rstrip("\n"))
    return text


@needs_curl
def test_an_include_that_another_server_has(armed: Armed, installer: Installer) -> None:
    """What it says is looked at if it can be had; the last word is ours anyway."""
    assert set(installer.run(armed, "fetched", "%pre")) == {0}
    curl = installer.root / "bin/curl"
    curl.unlink()
    curl.write_text(
        '#!/bin/sh\nfor w; do case $w in --output) next=1;; *) [ ! "$next" ] || out=$w; next=;; esac; last=$w; done\n'
        'case $last in *site.ks) echo "ignoredisk --only-use=sdb" > $out;; esac\n'
    )
    curl.chmod(0o755)
    assert installer.run(armed, "fetched", "%pre")[-1] == 1
    assert "http://10.77.0.1/site.ks, which the kickstart includes, says" in installer.read("screen")


@needs_curl
@pytest.mark.parametrize("efi", [True, False])
def test_the_firmware_decides_where_the_installer_does_not(
    armed: Armed, installer: Installer, efi: bool
) -> None:
    if efi:
        (installer.root / "sys/firmware/efi").mkdir(parents=True)
    assert installer.run(armed, "plain-centos-6", "%pre") == [0, 0]
    part = "part /boot/efi --fstype=efi --size=200 --ondisk=vda\n"
    assert installer.read("tmp/netinstall/firmware.ks") == (part if efi else "")


@needs_curl
@pytest.mark.parametrize("release", ["centos-5", "centos-6", "centos-7", "rocky-9"])
def test_scripts_of_the_answers(armed: Armed, installer: Installer, release: str) -> None:
    name = f"full-{release}"
    assert set(installer.run(armed, name, "%pre", "%post")) == {0}
    assert installer.read("order") == "pre\n"
    assert installer.read("motd") == "# Kept,  with two blanks and 'quotes'\n\n"
    assert installer.server.order[-1] == "installed"
    assert "failed" not in installer.server.order
    assert list((installer.root / "sysimage/tmp").iterdir()) == []


@needs_curl
@pytest.mark.parametrize("release", ["centos-6", "rocky-9"])
def test_the_end_is_reported_to_a_server_whose_disk_is_full(
    armed: Armed, installer: Installer, release: str
) -> None:
    """What is lost there is installed again, where the site says retry."""
    installer.server.full = True
    assert set(installer.run(armed, f"full-{release}", "%pre", "%post")) == {0}
    # The logs are empty here.
    assert [name for name in installer.server.order if "log" not in name] == ["started", "installed"]


@pytest.mark.parametrize("key", ["pre", "post", "post_nochroot"])
def test_a_script_is_run_by_the_program_that_it_names(
    tmp_path: pathlib.Path, armory: type[t.Any], key: str
) -> None:
    """Also if blank lines come before its name, which the kernel would not find then."""
    armed = armory([armory.machine(11, "one", "rocky-9")])
    script = "\n \t\n#!/usr/bin/python3\nimport os\n"
    done = armed.arm(tmp_path, {"one": {"root_ssh_keys": [KEY], key: script}})
    assert done.returncode == 0, done.stdout
    [path] = tmp_path.glob("srv/answers/*/*/ks.cfg")
    lines = path.read_text().splitlines()
    first = lines.index("#!/usr/bin/python3")
    assert lines[first - 1].endswith("<<'NETINSTALL_PXE_END'")
    file = lines[first - 1].split()[2]
    assert lines[first + 3 : first + 5] == [f"chmod 0700 {file}", file]


@needs_curl
def test_accounts(armed: Armed, installer: Installer) -> None:
    installer.run(armed, "full-centos-6", "%pre", "%post")
    assert installer.read("home/root/.ssh/authorized_keys") == f"{KEY}\n"
    assert installer.read("home/robot/.ssh/authorized_keys") == f"{KEY}\n"
    assert installer.read("etc/sudoers.d/robot") == "robot ALL=(ALL) NOPASSWD: ALL\n"
    assert installer.read("etc/sudoers.d/ops") == "ops ALL=(ALL) ALL\n"
    ran = installer.read("ran")
    assert "groupadd adm\nusermod -a -G adm ops\n" in ran
    assert f"chown -R robot: {installer.root}/home/robot/.ssh\n" in ran


@needs_curl
def test_the_newest_release_needs_less(armed: Armed, installer: Installer) -> None:
    installer.run(armed, "full-rocky-9", "%pre", "%post")
    assert sorted(path.name for path in (installer.root / "etc/sudoers.d").iterdir()) == ["robot"]
    assert not (installer.root / "home/root/.ssh").exists()
    installer.run(armed, "full-centos-5", "%pre", "%post")
    assert installer.read("etc/sudoers").splitlines() == [
        "ops ALL=(ALL) ALL",
        "robot ALL=(ALL) NOPASSWD: ALL",
    ]


@needs_curl
def test_a_post_script_that_fails_is_told(armed: Armed, installer: Installer) -> None:
    (installer.root / "sysimage/root").mkdir()
    # As anaconda does for --log.
    (installer.root / "sysimage/root/netinstall-post.log").write_text("yum: no network\n")
    (installer.root / "bin/yum").write_text("#!/bin/sh\nexit 4\n")
    (installer.root / "bin/yum").chmod(0o755)
    codes = installer.run(armed, "example", "%pre", "%post")
    assert codes[-1] == 1
    assert installer.put("failed") == "answers.post returned 4.\n\nyum: no network\n"
    assert "installed" not in installer.server.order


@needs_curl
def test_users_that_cannot_be_made_are_told(armed: Armed, installer: Installer) -> None:
    (installer.root / "bin/usermod").write_text("#!/bin/sh\nexit 6\n")
    installer.run(armed, "full-centos-6", "%pre", "%post")
    assert installer.put("failed").startswith("The users or their SSH keys could not be made.\n")
    assert not (installer.root / "motd").exists()
    assert "installed" not in installer.server.order


# What is refused


def test_a_mistake_in_one_answer_arms_none(tmp_path: pathlib.Path, armory: type[t.Any]) -> None:
    machines = [armory.machine(11, "one", "rocky-9"), armory.machine(12, "two", "centos-5", disk=BY_ID)]
    keys = {"root_ssh_keys": [KEY]}
    done = armory(machines).arm(tmp_path, {"one": {**keys, "root_password_hash": SECRET}, "two": keys})
    assert done.returncode != 0
    assert "two: answers.machine_disk: EL 5 knows disks by the kernel's names only" in " ".join(
        done.stdout.split()
    )
    assert SECRET not in done.stdout + done.stderr
    assert list(tmp_path.glob("srv/*/10.*")) == []


@pytest.mark.skipif(not importlib.util.find_spec("pykickstart"), reason="pykickstart is not installed")
def test_a_kickstart_that_the_installer_would_refuse_arms_none(
    tmp_path: pathlib.Path, armory: type[t.Any]
) -> None:
    machines = [armory.machine(11, "one", "rocky-9"), armory.machine(12, "two", "rocky-9")]
    keys = {"root_ssh_keys": [KEY], "root_password_hash": SECRET}
    done = armory(machines).arm(tmp_path, {"one": keys, "two": {**keys, "extra": "langg en"}})
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert "No machine was armed. two" in said
    assert "langg" in said
    assert SECRET not in done.stdout + done.stderr
    assert list(tmp_path.glob("srv/*/10.*")) == []


@pytest.mark.skipif(not importlib.util.find_spec("pykickstart"), reason="pykickstart is not installed")
def test_what_the_installer_generates_is_checked(tmp_path: pathlib.Path, armory: type[t.Any]) -> None:
    """Our own includes open no gate: not where the firmware decides, nor where a rule finds the disk."""
    names = {"six": "centos-6", "early": "centos-7.1", "rule": "rocky-9", "file": "rocky-9"}
    machines = [
        armory.machine(number, name, distribution, disk=BY_RULE if name in ("rule", "file") else "/dev/vda")
        for number, (name, distribution) in enumerate(names.items(), start=11)
    ]
    wrong = {"root_ssh_keys": [KEY], "packages": ["@cor", "openssh-servr"]}
    rule = {"disk_rule": {"model": "X*"}}
    answers = {
        **dict.fromkeys(names, wrong),
        "rule": {
            **wrong,
            **rule,
            "bootloader_options": "--tiemout=5",
            "partitioning": {"method": "custom", "lines": "prt / --size=2000 --grow"},
        },
        "file": {**rule, "file": "own.ks"},
    }
    text = "lang en_US.UTF-8\nrootpw --lock\n\npart / --sise=1 --grow\n%packages\n@cor\n%end\n"
    (tmp_path / "srv/media").mkdir(parents=True)
    for distribution in set(names.values()):
        index = {"packages": ["bash", "openssh-server"], "groups": ["core"]}
        (tmp_path / f"srv/media/{distribution}.json").write_text(json.dumps(index))
    done = armory(machines).arm(tmp_path, answers, None, {"own.ks": text})
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    for name in ("six", "early", "rule"):
        assert re.search(
            rf"{name} line \d+ \(@cor\): @cor: the tree has no such group; did you mean @core\?", said
        )
        assert re.search(rf"{name} line \d+ \(openssh-servr\): .* did you mean openssh-server\?", said)
    assert "rule: /tmp/netinstall/storage.ks line 4: RHEL9 has no command 'prt'; did you mean 'part'?" in said
    assert re.search(r"rule: /tmp/netinstall/storage\.ks line 5 \(bootloader [^)]*\): .*--tiemout", said)
    # Lines of the user's file, quoted as they are there.
    assert re.search(r"file: own\.ks line 4 \(part / [^)]*\): .*--sise", said)
    assert "file: own.ks line 6 (@cor): @cor: the tree has no such group" in said
    assert list(tmp_path.glob("srv/*/10.*")) == []


TREE = "http://10.77.0.1/trees/rocky-9"
#: Answers, and the release
SELECTIONS: dict[str, tuple[dict[str, t.Any], str]] = {
    "fine": ({"packages": ["vim", "-nowhere", "bash"]}, "rocky-9"),
    "package": ({"packages": ["bash", "vim-enhnaced"]}, "rocky-9"),
    "group": ({"packages": ["@cor"]}, "centos-7"),
    "old": ({"packages": ["nowhere"]}, "centos-6"),
    "oldest": ({"packages": ["nowhere"]}, "centos-5"),
    "disabled": ({"packages": ["pacemaker"]}, "rocky-9"),
    "enabled": (
        {"packages": ["pacemaker"], "repositories": [{"name": "c", "baseurl": f"{TREE}/Cluster"}]},
        "rocky-9",
    ),
    "other": (
        {"packages": ["nowhere"], "repositories": [{"name": "e", "metalink": "http://else.example/e"}]},
        "rocky-9",
    ),
    "extra": (
        {"packages": ["nowhere"], "extra": "repo --name=e --baseurl=http://else.example/e"},
        "centos-6",
    ),
    "blank": ({"extra": "repo --name=e --baseurl=nowhere"}, "rocky-9"),
    "ignored": ({"packages": ["nowhere"], "ignore_missing_packages": True}, "rocky-9"),
    "section": ({"extra_sections": "%packages\nnowhere\n%end\n"}, "rocky-9"),
    "user": ({"packages": ["sudo"], "users": [{"name": "ada", "sudo": True}]}, "rocky-9"),
}


@pytest.mark.skipif(not importlib.util.find_spec("pykickstart"), reason="pykickstart is not installed")
def test_of_packages_arming_refuses_what_site_yml_has_said(
    tmp_path: pathlib.Path, armory: type[t.Any]
) -> None:
    site = armory(
        armory.machine(number, name, release)
        for number, (name, (_answers, release)) in enumerate(SELECTIONS.items(), start=11)
    )
    answers = {name: {"root_ssh_keys": [KEY], **given} for name, (given, _release) in SELECTIONS.items()}
    index = {
        "packages": ["bash", "openssh-server", "vim-enhanced"],
        "provides": ["vim"],
        "groups": ["core"],
        "disabled": {"Cluster": {"packages": ["pacemaker"]}},
    }
    indexes = {release: index for _answers, release in SELECTIONS.values()}
    (tmp_path / "srv/media").mkdir(parents=True)
    for release in indexes:
        (tmp_path / f"srv/media/{release}.json").write_text(json.dumps(index))
    done = site.arm(tmp_path, answers)
    assert done.returncode != 0
    refused = " ".join(done.stdout.replace("''", "'").split()).partition("No machine was armed. ")[2]
    profiles = {f"profile-{name}": {"answers": given} for name, given in answers.items()}
    common = {"site_profiles": profiles, "site_answers": {}}
    # In the order in which YAML has it.
    plan = json.loads(json.dumps(site.plan(), sort_keys=True))
    found = _package_mistakes(selections_found(plan, {}, common, indexes), indexes)
    said = {name: [text for (_address, text), names in found.items() if name in names] for name in SELECTIONS}
    assert [name for name in SELECTIONS if said[name]] == [
        name for name in SELECTIONS if re.search(rf"\b{name} line \d+ ", refused)
    ]
    for name, texts in said.items():
        for text in texts:
            assert re.search(rf"{name} line \d+ \([^)]*\): {re.escape(text)}", refused), text


ALONE = "url --url=http://10.77.0.1/trees/rocky-9\nlang C\nrootpw --lock\n%packages\n%end\n"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("broken.cfg.j2", "lang {{ nosuchthing }}\n", "'nosuchthing' is undefined"),
        (
            "marked-ks.cfg",
            "\ufefflang en_US\n",
            "answers.file: marked-ks.cfg line 1 begins with a byte-order mark",
        ),
        (
            "kept-ks.cfg",
            "lang en_US\nclearpart --linux\n",
            "kept-ks.cfg line 2 (clearpart --linux): this keeps what",
        ),
        ("empty-ks.cfg", "# nothing\n", "answers.file: empty-ks.cfg has neither commands nor sections"),
        # Room on any disk would do.
        (
            "alone.ks.j2",
            f"{ALONE}autopart\n",
            "autopart may use another disk of the machine; write ignoredisk",
        ),
        (
            "early.ks.j2",
            "{% extends 'kickstart.cfg.j2' %}{% block network %}\n%pre\nwipefs -a /dev/sdb\n%end\n{% endblock %}",
            "this script would run before it is known whether this is the armed machine",
        ),
    ],
)
def test_a_file_that_is_of_no_use(
    tmp_path: pathlib.Path, armory: type[t.Any], file: str, text: str, message: str
) -> None:
    """Of two machines, so that the first one is rendered."""
    machines = [armory.machine(11, "one", "rocky-9"), armory.machine(12, "two", "rocky-9")]
    answers = {"one": {"root_ssh_keys": [KEY]}, "two": {"file": file, "root_password_hash": SECRET}}
    done = armory(machines).arm(tmp_path, answers, None, {file: text})
    assert done.returncode != 0
    assert message in " ".join(done.stdout.split())
    assert SECRET not in done.stdout + done.stderr
    assert list(tmp_path.glob("srv/*/10.*")) == []


def test_on_el5_nothing_that_is_included_is_run_before_machine_and_disk_are_known(
    tmp_path: pathlib.Path, armory: type[t.Any]
) -> None:
    machines = [
        armory.machine(number, name, "centos-5") for number, name in enumerate(["url", "script", "good"], 11)
    ]
    brought = "text\nlang C\nrootpw --iscrypted *\n%include {}\n%packages\n@core\n"
    files = {
        "url.ks": brought.format("http://10.77.0.1/site.ks"),
        "script.ks": brought.format("script.part"),
        "good.ks": brought.format("good.part"),
        "script.part": "part / --size=2048\n%pre\nwipefs -a /dev/sdb\n",
        "good.part": "part / --size=2048\n",
    }
    answers = {name: {"file": f"{name}.ks", "files": [f"{name}.part"]} for name in ("script", "good")}
    done = armory(machines).arm(tmp_path, {"url": {"file": "url.ks"}, **answers}, None, files)
    assert done.returncode != 0
    said = " ".join(done.stdout.split())
    assert (
        "url: url.ks line 4: a %pre script of http://10.77.0.1/site.ks would run before it is known" in said
    )
    assert (
        "and EL 5 includes no commands later; name the file in answers.files, or write its text here" in said
    )
    assert "script: script.ks line 4: the %pre script of script.part would run before" in said
    assert "good: " not in said
    assert list(tmp_path.glob("srv/*/10.*")) == []
