# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import json
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import WITHDRAWN, compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

SHA256 = "sha256:" + "0123456789abcdef" * 4

SITE: dict[str, t.Any] = {
    "root": "/srv/pxe",
    "server": {"address": "10.77.0.1", "interface": "ens4", "url": "http://10.77.0.1"},
    "services": {},
    "subnets": [
        {
            "cidr": "10.77.0.0/24",
            "gateway": "10.77.0.254",
            "dns": ["10.77.0.1"],
            "domain": "lab.example",
            "range": ["10.77.0.100", "10.77.0.199"],
            "lease": "12h",
        },
        {"cidr": "10.78.0.0/24"},
    ],
    "distributions": {
        "debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]},
        "debian-12": {"isos": [{"url": "http://mirror.example/debian-12.iso", "checksum": SHA256}]},
    },
    "profiles": {
        "minimal": {
            "distribution": "debian-13",
            "label": "Install Debian 13",
            "answers": {"timezone": "UTC"},
        },
        "old": {"distribution": "debian-12", "kernel_arguments": ["quiet"], "in_menu": False},
    },
    "menu": {"title": "Welcome to PXE server!", "timeout": 30, "default": "local", "splash": "splash.jpg"},
    "answers": {"locale": "en_US.UTF-8"},
    "dhcp_backend": "dnsmasq",
    "tftp_backend": "dnsmasq",
    "bios_loader": "ipxe",
    "on_failed_install": "hold",
    "arming_lifetime": "6h",
}
# What the plan says of the menu when the description does not.
DEFAULT_MENU: dict[str, t.Any] = {
    "prompt": False,
    "display": None,
    "local": {"label": "local", "text": None, "position": "first"},
    "entries": [],
    "include": [],
    "files": [],
    "needed": [],
    "bios": "pxelinux",
    "text_mode": False,
    "colours": {},
    "help": {},
    "console": None,
    "submenus_from": 10,
    "rescue": True,
    "memory_test": True,
    "password": False,
}
MACHINES: list[dict[str, t.Any]] = [
    {
        "name": "node01",
        "mac": "52:54:00:AA:00:01",
        "address": "10.77.0.11",
        "profile": "minimal",
        "disk": "/dev/vda",
        "answers": {"timezone": "Europe/Vienna"},
        "ssh_address": "10.88.0.11",
    },
    {
        "name": "node02.rack1",
        "mac": "52-54-00-aa-00-02",
        "address": "10.78.0.12",
        "profile": "old",
        "disk": "/dev/disk/by-id/nvme-eui.0025385b71b0a3c2",
        "firmware": "uefi",
        "hostname": "Second",
        "kernel_arguments": ["nomodeset"],
    },
]

GONE = object()


def changed(changes: dict[str, t.Any]) -> dict[str, t.Any]:
    """The description as ``{site, machines}`` with other values at some dotted paths; ``GONE`` removes one.

    A path is divided by ``/`` because names have dots.
    """
    description: dict[str, t.Any] = {"site": copy.deepcopy(SITE), "machines": copy.deepcopy(MACHINES)}
    for path, value in changes.items():
        *way, last = path.split("/")
        here: t.Any = description
        for step in way:
            here = here[int(step) if isinstance(here, list) else step]
        if value is GONE:
            del here[last]
        elif isinstance(here, list) and int(last) == len(here):
            here.append(value)
        else:
            here[int(last) if isinstance(here, list) else last] = value
    return description


def mistakes_of(changes: dict[str, t.Any], **more: t.Any) -> list[tuple[str, str]]:
    try:
        compile_plan(**changed(changes), **more)
    except PlanError as error:
        return [(mistake["address"], mistake["message"]) for mistake in error.mistakes]
    return []


def test_the_plan() -> None:
    assert compile_plan(**changed({})) == {
        "root": "/srv/pxe",
        "server": {"address": "10.77.0.1", "interface": "ens4", "url": "http://10.77.0.1"},
        "servers": {},
        "services": {
            "dhcp": {"address": "10.77.0.1"},
            "tftp": {"address": "10.77.0.1"},
            "http": {"address": "10.77.0.1", "url": "http://10.77.0.1"},
            "ftp": {"address": "10.77.0.1", "url": "ftp://10.77.0.1"},
            "nfs": {"address": "10.77.0.1"},
        },
        "urls": {
            "boot": "http://10.77.0.1/boot",
            "trees": "http://10.77.0.1/trees",
            "answers": "http://10.77.0.1/answers",
            "events": "http://10.77.0.1/events",
        },
        "backends": {"dhcp": "dnsmasq", "tftp": "dnsmasq", "http": "nginx", "bios_loader": "ipxe"},
        "abilities": {
            "dhcp": {
                "serves": True,
                "supplies": "dhcp_dnsmasq",
                "built": "dnsmasq",
                "proxy": True,
                "shared_network": True,
                "shared_from": True,
                "http_server": True,
                "max_lease": False,
                "bootp": True,
            },
            "tftp": {"serves": True, "supplies": "", "built": "", "part_of_dhcp": True},
            "http": {"serves": True, "supplies": "http_nginx", "built": "nginx", "guards": True},
        },
        "clients": _firmware.clients(),
        "dhcp_foreign": "refuse",
        "notes": [],
        "warnings": [],
        "on_failed_install": "hold",
        "arming_lifetime": 21600,
        "subnets": [
            {
                "cidr": "10.77.0.0/24",
                "network": "10.77.0.0",
                "netmask": "255.255.255.0",
                "prefix": 24,
                "gateway": "10.77.0.254",
                "dns": ["10.77.0.1"],
                "domain": "lab.example",
                "ntp": [],
                "ranges": [["10.77.0.100", "10.77.0.199"]],
                "lease": "12h",
                "http_server": None,
            },
            {
                "cidr": "10.78.0.0/24",
                "network": "10.78.0.0",
                "netmask": "255.255.255.0",
                "prefix": 24,
                "gateway": None,
                "dns": [],
                "domain": "",
                "ntp": [],
                "ranges": [],
                "lease": "12h",
                "http_server": None,
            },
        ],
        "distributions": {
            "debian-13": {
                "name": "debian-13",
                "family": "debian",
                "isos": [{"path": "/srv/iso/debian-13.iso", "url": None, "checksum": None}],
                "netboot": None,
                "layout": "overlay",
                "kernel": None,
                "initrd": None,
                "architecture": None,
                "version": None,
                "tree": "/srv/pxe/trees/debian-13",
                "tree_url": "http://10.77.0.1/trees/debian-13",
                "tree_urls": {
                    "http": "http://10.77.0.1/trees/debian-13",
                    "ftp": "ftp://10.77.0.1/trees/debian-13",
                    "nfs": "nfs:10.77.0.1:/srv/pxe/trees/debian-13",
                },
            },
            "debian-12": {
                "name": "debian-12",
                "family": "debian",
                "isos": [
                    {
                        "path": "/srv/pxe/iso/debian-12.iso",
                        "url": "http://mirror.example/debian-12.iso",
                        "checksum": SHA256,
                    }
                ],
                "netboot": None,
                "layout": "overlay",
                "kernel": None,
                "initrd": None,
                "architecture": None,
                "version": None,
                "tree": "/srv/pxe/trees/debian-12",
                "tree_url": "http://10.77.0.1/trees/debian-12",
                "tree_urls": {
                    "http": "http://10.77.0.1/trees/debian-12",
                    "ftp": "ftp://10.77.0.1/trees/debian-12",
                    "nfs": "nfs:10.77.0.1:/srv/pxe/trees/debian-12",
                },
            },
        },
        "profiles": {
            "minimal": {
                "name": "minimal",
                "label": "Install Debian 13",
                "distribution": "debian-13",
                "family": "debian",
                "source": "http",
                "answers_by": "http",
                "kernel_arguments": [],
                "in_menu": True,
                "menu_password": False,
            },
            "old": {
                "name": "old",
                "label": "old",
                "distribution": "debian-12",
                "family": "debian",
                "source": "http",
                "answers_by": "http",
                "kernel_arguments": ["quiet"],
                "in_menu": False,
                "menu_password": False,
            },
        },
        "machines": [
            {
                "name": "node01",
                "hostname": "node01",
                "domain": "lab.example",
                "mac": "52:54:00:aa:00:01",
                "address": "10.77.0.11",
                "ssh_address": "10.88.0.11",
                "profile": "minimal",
                "distribution": "debian-13",
                "family": "debian",
                "disk": "/dev/vda",
                "firmware": "any",
                "architecture": "x86_64",
                "kernel_arguments": [],
                "subnet": "10.77.0.0/24",
                "netmask": "255.255.255.0",
                "gateway": "10.77.0.254",
                "dns": ["10.77.0.1"],
                "http_server": None,
            },
            {
                "name": "node02.rack1",
                "hostname": "second",
                "domain": "",
                "mac": "52:54:00:aa:00:02",
                "address": "10.78.0.12",
                "ssh_address": None,
                "profile": "old",
                "distribution": "debian-12",
                "family": "debian",
                "disk": "/dev/disk/by-id/nvme-eui.0025385b71b0a3c2",
                "firmware": "uefi",
                "architecture": "x86_64",
                "kernel_arguments": ["nomodeset"],
                "subnet": "10.78.0.0/24",
                "netmask": "255.255.255.0",
                "gateway": None,
                "dns": [],
                "http_server": None,
            },
        ],
        "sources": {"ftp": [], "nfs": [], "answers_by_ftp": False},
        "menu": {
            "title": "Welcome to PXE server!",
            "timeout": 30,
            "default": "local",
            "splash": "splash.jpg",
            # Nobody looks for it here.
            "splash_file": "splash.jpg",
            **DEFAULT_MENU,
        },
        "aliases": {},
        "files": None,
        "unknown_machines": {
            "install": None,
            "subnets": [],
            "mac_prefixes": [],
            "overwrite": False,
            "hostname": "dhcp",
            "profiles": {},
        },
        "offers": {},
    }


def test_what_must_be_said() -> None:
    """The shortest site there is, and what it comes to."""
    site = {"server": {"address": "10.0.0.1", "interface": "eth0"}, "subnets": [{"cidr": "10.0.0.0/8"}]}
    plan = compile_plan(site, [])
    assert plan["root"] == "/srv/pxe"
    assert plan["server"]["url"] == "http://10.0.0.1"
    assert plan["backends"] == {"dhcp": "dnsmasq", "tftp": "dnsmasq", "http": "nginx", "bios_loader": "ipxe"}
    assert plan["on_failed_install"] == "hold"
    assert plan["arming_lifetime"] == 6 * 3600
    assert plan["menu"] == {
        "title": "Network installation",
        "timeout": 30,
        "default": "local",
        "splash": None,
        **DEFAULT_MENU,
    }
    assert plan["machines"] == []


@pytest.mark.parametrize(
    ("changes", "where", "wanted"),
    [
        ({"site/root": "/srv/pxe/"}, ["root"], "/srv/pxe"),
        (
            {"machines/0/uuid": "4C4C4544-0042-3510-8050-B4C04F4D3432"},
            ["machines", 0, "uuid"],
            "4c4c4544-0042-3510-8050-b4c04f4d3432",
        ),
        ({"machines/0/serial": "VMware-56 4d"}, ["machines", 0, "serial"], "VMware-56 4d"),
        ({"site/server/url": "http://pxe.example:8080/"}, ["urls", "boot"], "http://pxe.example:8080/boot"),
        ({"site/services/http": {"address": "10.77.0.2"}}, ["urls", "boot"], "http://10.77.0.2/boot"),
        (
            {"site/services/http": {"address": "10.77.0.2", "url": "http://web:81"}},
            ["distributions", "debian-13", "tree_url"],
            "http://web:81/trees/debian-13",
        ),
        (
            {"site/distributions/debian-13/initrd": "a/initrd.gz"},
            ["distributions", "debian-13", "initrd"],
            ["a/initrd.gz"],
        ),
        (
            {"site/distributions/debian-13/initrd": ["a", "b"]},
            ["distributions", "debian-13", "initrd"],
            ["a", "b"],
        ),
        (
            {"site/distributions/debian-13/netboot": {"path": "/srv/iso/netboot.tar.gz"}},
            ["distributions", "debian-13", "netboot"],
            {"path": "/srv/iso/netboot.tar.gz", "url": None, "checksum": None},
        ),
        # Two distributions may be made from one image.
        (
            {"site/distributions/debian-12/isos": [{"path": "/srv/iso/debian-13.iso"}]},
            ["distributions", "debian-12", "isos", 0, "path"],
            "/srv/iso/debian-13.iso",
        ),
        # Enterprise Linux: several images, any source.
        (
            {
                "site/distributions/centos-6": {
                    "isos": [{"path": "/1.iso"}, {"path": "/2.iso"}],
                    "layout": "hardlink",
                }
            },
            ["distributions", "centos-6"],
            {
                "name": "centos-6",
                "family": "redhat",
                "isos": [
                    {"path": "/1.iso", "url": None, "checksum": None},
                    {"path": "/2.iso", "url": None, "checksum": None},
                ],
                "netboot": None,
                "layout": "hardlink",
                "kernel": None,
                "initrd": None,
                "architecture": None,
                "version": None,
                "tree": "/srv/pxe/trees/centos-6",
                "tree_url": "http://10.77.0.1/trees/centos-6",
                "tree_urls": {
                    "http": "http://10.77.0.1/trees/centos-6",
                    "ftp": "ftp://10.77.0.1/trees/centos-6",
                    "nfs": "nfs:10.77.0.1:/srv/pxe/trees/centos-6",
                },
            },
        ),
        (
            {
                "site/distributions/centos-6": {
                    "isos": [{"path": "/1.iso"}, {"path": "/2.iso"}],
                    "layout": "copy",
                },
                "site/distributions/rocky-9": {"isos": [{"path": "/3.iso"}], "version": "9.4"},
                "site/profiles/six": {"distribution": "centos-6", "source": "nfs"},
                "site/profiles/nine": {"distribution": "rocky-9", "source": "nfs"},
                "site/profiles/nine-again": {"distribution": "rocky-9", "source": "nfs"},
                "site/profiles/nine-by-ftp": {
                    "distribution": "rocky-9",
                    "source": "ftp",
                    "answers_by": "ftp",
                },
            },
            ["sources"],
            {
                "ftp": [{"name": "rocky-9", "path": "/srv/pxe/trees/rocky-9", "mounted": True}],
                "nfs": [
                    {"name": "centos-6", "path": "/srv/pxe/trees/centos-6", "mounted": False},
                    {"name": "rocky-9", "path": "/srv/pxe/trees/rocky-9", "mounted": True},
                ],
                "answers_by_ftp": True,
            },
        ),
        (
            {
                "site/services": {
                    "nfs": {"address": "10.77.0.3"},
                    "ftp": {"url": "ftp://files.example:2121"},
                },
                "site/root": "/data/pxe",
            },
            ["distributions", "debian-13", "tree_urls"],
            {
                "http": "http://10.77.0.1/trees/debian-13",
                "ftp": "ftp://files.example:2121/trees/debian-13",
                "nfs": "nfs:10.77.0.3:/data/pxe/trees/debian-13",
            },
        ),
        (
            {
                "site/distributions/rocky-9": {"isos": [{"path": "/9.iso"}]},
                "site/profiles/nine": {"distribution": "rocky-9", "source": "nfs"},
            },
            ["profiles", "nine", "source"],
            "nfs",
        ),
        (
            {"site/distributions/rocky": {"isos": [{"path": "/9.iso"}], "version": "9.4"}},
            ["distributions", "rocky", "version"],
            "9.4",
        ),
        ({"site/profiles/minimal/label": "  Install   it "}, ["profiles", "minimal", "label"], "Install it"),
        ({"site/menu/default": "minimal"}, ["menu", "default"], "minimal"),
        ({"site/arming_lifetime": "90m"}, ["arming_lifetime"], 5400),
        ({"site/arming_lifetime": "1m"}, ["arming_lifetime"], 60),
        ({"site/arming_lifetime": "30d"}, ["arming_lifetime"], 2592000),
        ({"site/dhcp_foreign": "allow"}, ["dhcp_foreign"], "allow"),
        # Another server assigns the addresses in the DHCP server's own network: there must be one.
        ({"site/subnets/0/proxy": True, "site/subnets/0/range": GONE}, ["dhcp_foreign"], "expect"),
        ({"site/subnets/0/proxy": True, "site/subnets/0/range": GONE}, ["subnets", 0, "proxy"], True),
        (
            {"site/subnets/2": {"cidr": "10.99.0.0/24", "proxy": True}},
            ["dhcp_foreign"],
            "refuse",
        ),
        # A key without a value in YAML is one that is not there.
        ({"machines/0/firmware": None}, ["machines", 0, "firmware"], "any"),
        # This processor has UEFI only.
        ({"machines/0/architecture": "arm64"}, ["machines", 0, "firmware"], "uefi"),
        ({"machines/0/architecture": "i386"}, ["machines", 0, "firmware"], "any"),
        ({"machines/1/architecture": "arm64"}, ["machines", 1, "architecture"], "arm64"),
        # The same name in another domain is another name.
        ({"machines/1/hostname": "node01"}, ["machines", 1, "hostname"], "node01"),
    ],
)
def test_parts_of_the_plan(changes: dict[str, t.Any], where: list[t.Any], wanted: object) -> None:
    found: t.Any = compile_plan(**changed(changes))
    for step in where:
        found = found[step]
    assert found == wanted


SERVER = "site_server"
SUBNET = "site_subnets[0]"
D12 = "site_distributions.debian-12"
D13 = "site_distributions.debian-13"
MINIMAL = "site_profiles.minimal"
NODE = "pxe_machines.node01"
NODE2 = "pxe_machines.node02.rack1"

# One row a kind of mistake: what is changed, the address that is named, a part of what is said.
ONE_MISTAKE: list[tuple[dict[str, t.Any], str, str]] = [
    # Structure
    ({"site/sever": {}}, "site_sever", "did you mean 'server'?"),
    ({"site/color": "blue"}, "site_color", "known are root, server,"),
    ({"site/server/adress": "x"}, f"{SERVER}.adress", "did you mean 'address'?"),
    ({"site/services/dns": {}}, "site_services.dns", "did you mean"),
    ({"site/services/http": {"adress": "10.77.0.2"}}, "site_services.http.adress", "did you mean 'address'?"),
    ({"site/subnets/0/gatewy": "10.77.0.1"}, f"{SUBNET}.gatewy", "did you mean 'gateway'?"),
    ({"site/distributions/debian-13/iso": []}, f"{D13}.iso", "did you mean 'isos'?"),
    ({"site/distributions/debian-13/isos/0/md5": "x"}, f"{D13}.isos[0].md5", "known are path, url, checksum"),
    ({"site/profiles/minimal/kernel_args": []}, f"{MINIMAL}.kernel_args", "did you mean 'kernel_arguments'?"),
    ({"site/profiles/minimal/answers/timezon": "x"}, f"{MINIMAL}.answers.timezon", "did you mean 'timezone'?"),
    ({"site/answers/lokale": "x"}, "site_answers.lokale", "did you mean 'locale'?"),
    ({"site/menu/titel": "x"}, "site_menu.titel", "did you mean 'title'?"),
    ({"machines/0/mack": "x"}, f"{NODE}.machine_mack", "did you mean 'mac'?"),
    ({"machines/0/answers/timezon": "x"}, f"{NODE}.machine_answers.timezon", "did you mean 'timezone'?"),
    # Types
    ({"site/server": "10.77.0.1"}, SERVER, "must be a mapping with the keys address, interface, url, not text"),
    ({"site/subnets/0": "10.77.0.0/24"}, SUBNET, "must be a mapping"),
    ({"site/menu": ["x"]}, "site_menu", "not a list"),
    ({"site/services/ftp": "x"}, "site_services.ftp", "must be a mapping"),
    ({"site/distributions/debian-13": "x"}, f"{D13}", "must be a mapping"),
    ({"site/distributions/debian-13/isos": "/x.iso"}, f"{D13}.isos", "must be a list, not text"),
    ({"site/profiles/minimal/answers": []}, f"{MINIMAL}.answers", "must be a mapping, not a list"),
    ({"site/profiles/minimal/answers/timezone": 1}, f"{MINIMAL}.answers.timezone", "must be text, not a number"),
    ({"site/profiles/minimal/answers/packages": "a b"}, f"{MINIMAL}.answers.packages", "must be a list, not text"),
    ({"site/profiles/minimal/kernel_arguments": "a b"}, f"{MINIMAL}.kernel_arguments", "must be a list, not text"),
    ({"site/profiles/minimal/in_menu": "yes"}, f"{MINIMAL}.in_menu", "true or false"),
    ({"site/subnets/0/dns": "10.77.0.1"}, f"{SUBNET}.dns", "must be a list, not text; write [10.77.0.1]"),
    ({"site/subnets/0/domain": 7}, f"{SUBNET}.domain", "quote it: '7'"),
    ({"site/menu/timeout": "30"}, "site_menu.timeout", "from 0 to 3600"),
    ({"site/menu/timeout": True}, "site_menu.timeout", "from 0 to 3600"),
    ({"site/distributions/debian-13/version": 13}, f"{D13}.version", "quote it: '13'"),
    ({"machines/0/bmc": {"password": "x"}}, f"{NODE}.machine_bmc", "is not used; leave it out, and write how"),
    ({"machines/0/ssh_address": "node01"}, f"{NODE}.machine_ssh_address", "'node01' is not an IP address; write"),
    # What is missing
    ({"site/server": GONE}, SERVER, "is missing; describe the server in group_vars/all"),
    ({"site/server/address": GONE}, f"{SERVER}.address", "is missing; write"),
    ({"site/server/interface": GONE}, f"{SERVER}.interface", "is missing; write"),
    ({"site/subnets": []}, "site_subnets", "is empty"),
    ({"site/subnets/1/cidr": GONE}, "site_subnets[1].cidr", "is missing; write the network"),
    ({"site/distributions/debian-13/isos": GONE}, f"{D13}.isos", "is missing"),
    ({"site/distributions/debian-13/isos/0": {}}, f"{D13}.isos[0].path", "is missing"),
    ({"site/profiles/minimal/distribution": GONE}, f"{MINIMAL}.distribution", "is missing"),
    ({"machines/0/mac": GONE}, f"{NODE}.machine_mac", "is missing"),
    ({"machines/0/address": GONE}, f"{NODE}.machine_address", "is missing"),
    ({"machines/0/profile": GONE}, f"{NODE}.machine_profile", "is missing"),
    (
        {"machines/0/disk": GONE},
        f"{NODE}.machine_disk",
        "is missing; 'debian-13' is installed on a disk, which is erased",
    ),
    # References
    (
        {"site/profiles/minimal/distribution": "debain-13"},
        f"{MINIMAL}.distribution",
        "'debain-13' is not described; did you mean 'debian-13'?",
    ),
    ({"site/profiles/minimal/distribution": "solaris"}, f"{MINIMAL}.distribution", "write one of site_distributions"),
    ({"machines/0/profile": "minmal"}, f"{NODE}.machine_profile", "'minmal' is not described; did you mean 'minimal'?"),
    ({"site/menu/default": "minmal"}, "site_menu.default", "did you mean 'minimal'?"),
    ({"site/menu/default": "xyz"}, "site_menu.default", "write 'local' or the name of one of site_profiles"),
    ({"site/menu/default": "old"}, "site_menu.default", "is not in the menu"),
    # Networks
    ({"site/subnets/1/cidr": "10.78.0.1/24"}, "site_subnets[1].cidr", "write the network itself: 10.78.0.0/24"),
    ({"site/subnets/1/cidr": "10.78.0.0"}, "site_subnets[1].cidr", "is not an IPv4 network"),
    ({"site/subnets/1/cidr": "10.78.0.0/31"}, "site_subnets[1].cidr", "from /8 to /30"),
    ({"site/subnets/1/cidr": "fd00::/64"}, "site_subnets[1].cidr", "is IPv6, over which this version does not boot"),
    (
        {"site/subnets/2": {"cidr": "10.78.0.128/25"}},
        "site_subnets[2].cidr",
        "10.78.0.128/25 overlaps 10.78.0.0/24, which is site_subnets[1].cidr",
    ),
    ({"site/subnets/0/gateway": "10.99.0.1"}, f"{SUBNET}.gateway", "is outside 10.77.0.0/24"),
    ({"site/subnets/0/gateway": "10.77.0.0"}, f"{SUBNET}.gateway", "is the network address"),
    ({"site/subnets/0/gateway": "10.77.0.255"}, f"{SUBNET}.gateway", "is the broadcast address"),
    ({"site/subnets/0/range": ["10.77.0.199", "10.77.0.100"]}, f"{SUBNET}.range", "write [10.77.0.100, 10.77.0.199]"),
    ({"site/subnets/0/range": ["10.77.0.100", "10.99.0.1"]}, f"{SUBNET}.range[1]", "10.99.0.1 is outside 10.77.0.0/24"),
    ({"site/subnets/0/range/1": "10.77.0.255"}, f"{SUBNET}.range[1]", "is the broadcast address"),
    ({"site/subnets/0/range": ["10.77.0.100"]}, f"{SUBNET}.range", "has 1 items; write the first and the last address"),
    ({"site/subnets/0/range": "10.77.0.100-10.77.0.199"}, f"{SUBNET}.range", "must be a list, not text"),
    ({"site/subnets/0/range/0": "10.77.0.300"}, f"{SUBNET}.range[0]", "is not an IPv4 address"),
    ({"site/subnets/0/range": []}, f"{SUBNET}.range", "has 0 items; write the first and the last address"),
    ({"site/subnets/0/range": ["10.77.0.11", "10.77.0.11"]}, f"{SUBNET}.range", "has no free address"),
    ({"site/subnets/0/ranges": "10.77.0.2-10.77.0.5"}, f"{SUBNET}.ranges", "must be a list, not text"),
    ({"site/subnets/0/ranges": ["10.77.0.2-10.77.0.5"]}, f"{SUBNET}.ranges[0]", "must be a list, not text"),
    ({"site/subnets/0/ranges": [["10.77.0.2", "10.99.0.5"]]}, f"{SUBNET}.ranges[0]", "10.99.0.5 is outside"),
    (
        {"site/subnets/0/ranges": [["10.77.0.2", "10.77.0.5"], ["10.77.0.90", "10.77.0.110"]]},
        f"{SUBNET}.ranges[1]",
        f"overlaps 10.77.0.100-10.77.0.199, which is {SUBNET}.range; separate them",
    ),
    (
        {"site/subnets/0/ranges": [["10.77.0.20", "10.77.0.30"], ["10.77.0.2", "10.77.0.20"]]},
        f"{SUBNET}.ranges[1]",
        f"overlaps 10.77.0.20-10.77.0.30, which is {SUBNET}.ranges[0]",
    ),
    ({"site/subnets/0/max_lease": "6h"}, f"{SUBNET}.max_lease", "6h is shorter than the lease, 12h"),
    ({"site/subnets/0/max_lease": "1m"}, f"{SUBNET}.max_lease", "write at least 2m"),
    ({"site/subnets/0/bootp": "yes"}, f"{SUBNET}.bootp", "must be true or false"),
    ({"site/subnets/0/options": {"mtu": 1500}}, f"{SUBNET}.options.mtu", "did you mean 'interface-mtu'?"),
    ({"machines/0/dhcp_options": {"routers": "10.77.0.1"}}, f"{NODE}.machine_dhcp_options.routers", "write gateway"),
    ({"site/subnets/0/dns": ["10.77.0.1", "ns1"]}, f"{SUBNET}.dns[1]", "is not an IPv4 address"),
    ({"site/subnets/0/ntp": ["pool"]}, f"{SUBNET}.ntp[0]", "is not an IPv4 address"),
    ({"site/subnets/0/lease": "12 hours"}, f"{SUBNET}.lease", "such as 12h"),
    ({"site/subnets/0/lease": "30s"}, f"{SUBNET}.lease", "write at least 2m"),
    ({"site/subnets/0/domain": "lab example"}, f"{SUBNET}.domain", "is not a domain name"),
    ({"site/server/address": "pxe"}, f"{SERVER}.address", "is not an IPv4 address"),
    ({"site/server/address": "fd00::1"}, f"{SERVER}.address", "is IPv6"),
    ({"site/server/interface": "eth0\nport=53"}, f"{SERVER}.interface", "(U+000A); write one line"),
    ({"site/server/url": "https://10.77.0.1"}, f"{SERVER}.url", "write http://"),
    ({"site/server/url": "http://10.77.0.1/pxe"}, f"{SERVER}.url", "host and port only"),
    ({"site/services/ftp": {"url": "http://x"}}, "site_services.ftp.url", "write ftp://"),
    # Distributions and their images
    (
        {"site/distributions/..x": {"family": "debian", "isos": [{"path": "/x.iso"}]}},
        "site_distributions...x",
        "cannot be a file name",
    ),
    (
        {"site/distributions/solaris-11": {"isos": [{"path": "/x.iso"}]}},
        "site_distributions.solaris-11.family",
        "is missing, and no installer of this version goes by the name 'solaris-11'; write live, debian or redhat",
    ),
    (
        {"site/distributions/debian-13/family": "ubuntu"},
        f"{D13}.family",
        "'ubuntu' is not available in this version; write live, debian or redhat",
    ),
    ({"site/distributions/debian-13/family": "debain"}, f"{D13}.family", "did you mean 'debian'?"),
    (
        {"site/distributions/debian-12/isos/0/checksum": GONE},
        f"{D12}.isos[0].checksum",
        "is missing; what is downloaded needs one",
    ),
    ({"site/distributions/debian-12/isos/0/checksum": "sha256:12"}, f"{D12}.isos[0].checksum", "64 hexadecimal digits"),
    ({"site/distributions/debian-12/isos/0/checksum": "0" * 64}, f"{D12}.isos[0].checksum", "write sha256:"),
    ({"site/distributions/debian-12/isos/0/url": "debian.iso"}, f"{D12}.isos[0].url", "is not the URL of a file"),
    ({"site/distributions/debian-13/isos/0/path": "iso/debian.iso"}, f"{D13}.isos[0].path", "is not an absolute path"),
    ({"site/distributions/debian-13/isos/0/path": "/srv/my iso"}, f"{D13}.isos[0].path", "not safe in a path"),
    ({"site/distributions/debian-13/isos/0/path": "/srv/../etc/x"}, f"{D13}.isos[0].path", "contains '..'"),
    (
        {"site/distributions/rocky-9": {"isos": [{"path": "/srv/9.iso"}, {"path": "/srv//9.iso"}]}},
        "site_distributions.rocky-9.isos[1].path",
        "is already site_distributions.rocky-9.isos[0]",
    ),
    (
        {"site/distributions/debian-13/isos/0": {"url": "http://other.example/debian-12.iso", "checksum": SHA256}},
        f"{D12}.isos[0].url",
        "/srv/pxe/iso/debian-12.iso is also site_distributions.debian-13.isos[0], with another url",
    ),
    (
        {"site/distributions/debian-13/isos/1": {"path": "/srv/iso/debian-13-2.iso"}},
        f"{D13}.isos",
        "lists 2 images, but the tree of a debian distribution is made from one; list the first one only",
    ),
    (
        {"site/distributions/rocky-9": {"isos": [{"path": "/9.iso"}], "netboot": {"path": "/srv/netboot.tar.gz"}}},
        "site_distributions.rocky-9.netboot",
        "does not apply to a redhat distribution; leave it out",
    ),
    (
        {"site/distributions/rocky": {"isos": [{"path": "/9.iso"}]}},
        "site_distributions.rocky.version",
        "is missing, and the name 'rocky' has no number; write it in quotes, such as '9.4'",
    ),
    ({"site/distributions/debian-13/layout": "overlays"}, f"{D13}.layout", "did you mean 'overlay'?"),
    ({"site/distributions/debian-13/kernel": "/vmlinuz"}, f"{D13}.kernel", "is absolute"),
    ({"site/distributions/debian-13/initrd": "../initrd"}, f"{D13}.initrd", "contains '..'"),
    ({"site/distributions/debian-13/initrd": ["a b"]}, f"{D13}.initrd[0]", "not safe in a path"),
    ({"site/root": "srv"}, "site_root", "is not an absolute path"),
    ({"site/root": "/srv/"}, "site_root", "belongs to the system"),
    # Profiles and the menu
    ({"site/profiles/my profile": {"distribution": "debian-13"}}, "site_profiles.my profile", "cannot be a file name"),
    ({"site/profiles/local": {"distribution": "debian-13"}}, "site_profiles.local", "means the local disk"),
    (
        {"site/profiles/minimal/source": "ftp"},
        f"{MINIMAL}.source",
        "'ftp' is not supported by the installer of debian; write http",
    ),
    ({"site/profiles/minimal/source": "nfs"}, f"{MINIMAL}.source", "'nfs' is not supported by the installer"),
    ({"site/profiles/minimal/source": "htp"}, f"{MINIMAL}.source", "did you mean 'http'?"),
    ({"site/profiles/minimal/kernel_arguments": ["a b"]}, f"{MINIMAL}.kernel_arguments[0]", "is not one word"),
    ({"site/profiles/minimal/kernel_arguments": ["ok", "a\nb"]}, f"{MINIMAL}.kernel_arguments[1]", "may end a line"),
    ({"site/profiles/minimal/kernel_arguments": ["x=${mac}"]}, f"{MINIMAL}.kernel_arguments[0]", "'${'"),
    ({"site/profiles/minimal/kernel_arguments": ["||"]}, f"{MINIMAL}.kernel_arguments[0]", "boot script"),
    ({"site/profiles/minimal/label": "a\nb"}, f"{MINIMAL}.label", "may end a line"),
    ({"site/profiles/minimal/label": "${mac}"}, f"{MINIMAL}.label", "'${'"),
    ({"site/profiles/minimal/label": "wipe && reboot"}, f"{MINIMAL}.label", "'&&'"),
    ({"site/menu/title": "one # two"}, "site_menu.title", "'#'"),
    ({"site/menu/splash": "x/.jpg"}, "site_menu.splash", "cannot be a file name"),
    # Words
    ({"site/dhcp_backend": "dnsmask"}, "site_dhcp_backend", "did you mean 'dnsmasq'?"),
    (
        {"site/profiles/minimal/answers_by": "ftp"},
        f"{MINIMAL}.answers_by",
        "'ftp' is not supported for answers by the installer of debian; write http",
    ),
    (
        {
            "site/services": {"ftp": {"address": "10.77.0.5"}},
            "site/distributions/rocky-9": {"isos": [{"path": "/3.iso"}], "version": "9.4"},
            "site/profiles/nine": {"distribution": "rocky-9", "answers_by": "ftp"},
        },
        "site_profiles",
        "nine.answers_by: 'ftp' needs an FTP server where the answers are, but the FTP server is 10.77.0.5",
    ),
    ({"site/tftp_backend": "xinted"}, "site_tftp_backend", "did you mean 'xinetd'?"),
    (
        {
            "site/distributions/centos-6": {"isos": [{"path": "/1.iso"}, {"path": "/2.iso"}]},
            "site/profiles/six": {"distribution": "centos-6", "source": "nfs"},
        },
        "site_profiles.six.source",
        "an overlay of 2 images: the kernel cannot tell their files apart for NFS; write layout: hardlink or copy",
    ),
    (
        {
            "site/bios_loader": "pxelinux",
            "site/services/tftp": {"address": "10.77.0.2"},
            "site/services/dhcp": {"address": "10.77.0.2"},
        },
        "site_bios_loader",
        "but the TFTP server is 10.77.0.2, and the HTTP server 10.77.0.1",
    ),
    ({"site/dhcp_foreign": "expect"}, "site_dhcp_foreign", "write one of refuse, allow"),
    ({"site/subnets/0/proxy": True}, "site_subnets[0].range", "does not apply to a proxy"),
    (
        {"site/subnets/1": {"cidr": "10.78.0.0/24", "proxy": True, "max_lease": "12h"}},
        "site_subnets[1].max_lease",
        "is not sent by a proxy",
    ),
    (
        {
            "site/subnets/0/proxy": True,
            "site/subnets/0/range": GONE,
            "machines/0/dhcp_options": {"interface-mtu": 1400},
        },
        f"{NODE}.machine_dhcp_options",
        "are not sent by a proxy",
    ),
    ({"site/on_failed_install": "again"}, "site_on_failed_install", "write one of hold, retry"),
    ({"site/arming_lifetime": "6 h"}, "site_arming_lifetime", "is not a duration"),
    ({"site/arming_lifetime": 21600}, "site_arming_lifetime", "21600 is not a duration"),
    ({"site/arming_lifetime": "31d"}, "site_arming_lifetime", "'31d' is not between 1m and 30d"),
    ({"site/arming_lifetime": "59s"}, "site_arming_lifetime", "such as 6h"),
    ({"machines/0/firmware": "efi"}, f"{NODE}.machine_firmware", "did you mean 'uefi'?"),
    ({"machines/0/architecture": "mips"}, f"{NODE}.machine_architecture", "write one of x86_64, i386, arm64"),
    (
        {"machines/0/architecture": "arm64", "machines/0/firmware": "bios"},
        f"{NODE}.machine_architecture",
        "'arm64' machines have no 'bios'; write machine_firmware: uefi",
    ),
    # Machines
    ({"machines/0/mac": 41135040001}, f"{NODE}.machine_mac", "quote the MAC: '52:54:00:00:00:01'"),
    ({"machines/0/mac": "52:54:00:aa:00"}, f"{NODE}.machine_mac", "is not a MAC address"),
    ({"machines/1/mac": "52:54:00:aa:00:01"}, f"{NODE2}.machine_mac", f"is also {NODE}.machine_mac"),
    (
        {"machines/0/address": "10.79.0.1"},
        f"{NODE}.machine_address",
        "is outside every subnet of site_subnets; write one in 10.77.0.0/24, 10.78.0.0/24",
    ),
    ({"machines/0/address": "10.77.0.1"}, f"{NODE}.machine_address", f"is {SERVER}.address"),
    ({"machines/0/address": "10.77.0.254"}, f"{NODE}.machine_address", f"is {SUBNET}.gateway"),
    ({"machines/0/address": "10.77.0.0"}, f"{NODE}.machine_address", "is the network address"),
    ({"machines/0/address": "10.77.0.255"}, f"{NODE}.machine_address", "is the broadcast address"),
    ({"machines/0/address": "10.77.0.011"}, f"{NODE}.machine_address", "is not an IPv4 address"),
    ({"machines/0/address": "fe80::1"}, f"{NODE}.machine_address", "is IPv6"),
    ({"machines/0/address": 10.77}, f"{NODE}.machine_address", "must be text, not a number"),
    ({"machines/1/address": "10.77.0.11"}, f"{NODE2}.machine_address", f"is also {NODE}.machine_address"),
    (
        {"machines/1/address": "10.77.0.12", "machines/1/hostname": "NODE01"},
        f"{NODE2}.machine_hostname",
        f"node01 is also {NODE}.machine_hostname",
    ),
    ({"machines/0/hostname": "node_01"}, f"{NODE}.machine_hostname", "is not a host name"),
    ({"machines/0/hostname": "12h"}, f"{NODE}.machine_hostname", "lease time"),
    ({"machines/0/name": "node_01"}, "pxe_machines.node_01.machine_hostname", "the machine's name cannot be used"),
    ({"machines/0/name": "10.0.0.1"}, "pxe_machines.10.0.0.1.machine_hostname", "lease time"),
    ({"machines/0/name": "a b", "machines/0/hostname": "a"}, "pxe_machines.a b", "cannot be a machine's name"),
    ({"machines/0/disk": "vda"}, f"{NODE}.machine_disk", "is not an absolute path"),
    ({"machines/0/uuid": "4c4c4544"}, f"{NODE}.machine_uuid", "is not the UUID of a machine; write what 'dmidecode"),
    ({"machines/0/uuid": "00000000-0000-0000-0000-000000000000"}, f"{NODE}.machine_uuid", "is not the UUID"),
    ({"machines/0/uuid": "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"}, f"{NODE}.machine_uuid", "is not the UUID"),
    ({"machines/0/serial": " 7X"}, f"{NODE}.machine_serial", "is not the serial number of a machine"),
    ({"machines/0/serial": 12}, f"{NODE}.machine_serial", "quote it: '12'"),
    (
        {"machines/0/serial": "7X", "machines/1/serial": "7X"},
        "pxe_machines.node02.rack1.machine_serial",
        "7X is also pxe_machines.node01.machine_serial; each machine needs its own",
    ),
    ({"machines/0/disk": "/srv/vda"}, f"{NODE}.machine_disk", "is not a disk; write its device"),
    ({"machines/0/disk": "/dev/../etc"}, f"{NODE}.machine_disk", "contains '..'"),
    ({"machines/0/disk": "/dev/vda /dev/vdb"}, f"{NODE}.machine_disk", "not safe"),
    ({"machines/0/kernel_arguments": ["a=${b}"]}, f"{NODE}.machine_kernel_arguments[0]", "'${'"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "address", "said"), ONE_MISTAKE)
def test_one_mistake(changes: dict[str, t.Any], address: str, said: str) -> None:
    """Each mistake is named by its address and a remedy; and nothing else is, although much depends on it."""
    found = mistakes_of(changes)
    assert [where for where, _what in found] == [address], found
    assert said in found[0][1]


def test_lists_of_named_things_must_be_mappings() -> None:
    found = mistakes_of({"site/distributions": [], "site/profiles": GONE, "machines": []})
    assert found == [("site_distributions", "must be a mapping of names to mappings, not a list")]


def test_ranges_that_overlap_are_named_beside_their_networks() -> None:
    found = mistakes_of({"site/subnets/2": {"cidr": "10.77.0.0/25", "range": ["10.77.0.90", "10.77.0.110"]}})
    assert found == [
        (
            "site_subnets[2].cidr",
            "10.77.0.0/25 overlaps 10.77.0.0/24, which is site_subnets[0].cidr; describe each network once",
        ),
        (
            "site_subnets[2].range",
            "10.77.0.90-10.77.0.110 overlaps 10.77.0.100-10.77.0.199, which is site_subnets[0].range; separate them",
        ),
    ]


def test_mistakes_come_in_the_order_of_the_description() -> None:
    changes = {
        "machines/1/address": "10.99.0.1",
        "machines/0/disk": "vda",
        "machines/0/mac": "x",
        "site/menu/default": "nobody",
        "site/profiles/old/distribution": "debian-11",
        "site/distributions/debian-13/isos/0/path": "x",
        "site/subnets/1/cidr": "10.78.1.0/24",
        "site/subnets/0/lease": "x",
        "site/subnets/0/gateway": "x",
        "site/server/url": "x",
    }
    assert [address for address, _message in mistakes_of(changes)] == [
        "site_server.url",
        "site_subnets[0].gateway",
        "site_subnets[0].lease",
        "site_distributions.debian-13.isos[0].path",
        "site_profiles.old.distribution",
        "site_menu.default",
        "pxe_machines.node01.machine_mac",
        "pxe_machines.node01.machine_disk",
        "pxe_machines.node02.rack1.machine_address",
    ]


def test_nothing_is_said_about_what_only_follows_from_a_mistake() -> None:
    """A network that cannot be read does not put each of its machines outside all networks."""
    assert [address for address, _said in mistakes_of({"site/subnets/0/cidr": "10.77.0.0/240"})] == [
        "site_subnets[0].cidr"
    ]
    assert [address for address, _said in mistakes_of({"site/subnets": "x"})] == ["site_subnets"]


def test_machines_without_a_name() -> None:
    with pytest.raises(PlanError) as caught:
        compile_plan(copy.deepcopy(SITE), [{**MACHINES[0], "machine_disk": "x"}, "node03", {}])
    found = [f"{mistake['address']}: {mistake['message']}" for mistake in caught.value.mistakes]
    assert found == [
        "pxe_machines.node01.machine_machine_disk: is not known here; did you mean 'disk'?",
        "pxe_machines[1]: must be a mapping with the name of a host",
        "pxe_machines[2]: must be a mapping with the name of a host",
    ]


@pytest.mark.parametrize("machines", ["node01", {"node01": {}}, None])
def test_machines_must_be_a_list(machines: object) -> None:
    with pytest.raises(PlanError, match=r"pxe_machines: must be hosts of the inventory"):
        compile_plan(copy.deepcopy(SITE), machines)


@pytest.mark.parametrize("site", ["x", [], None])
def test_a_site_must_be_a_mapping(site: object) -> None:
    with pytest.raises(PlanError, match="site: must be a mapping"):
        compile_plan(site, [])


def test_mistyped_variables_are_named() -> None:
    names = ["site_subnet", "site_menu", "site_plan", "site_name", "site_machines", "site_distribution"]
    assert mistakes_of({}, site_names=names) == [
        ("site_subnet", "is not known; did you mean 'site_subnets'?"),
        ("site_machines", WITHDRAWN["machines"]),
        ("site_distribution", "is not known; did you mean 'site_distributions'?"),
    ]
    assert "describe each machine as a host of the inventory group pxe_machines" in WITHDRAWN["machines"]


def test_no_answer_is_ever_shown() -> None:
    """Neither in the plan nor in the messages, whatever is wrong with an answer."""
    secret = "the-secret"
    answers = {"root_password_hash": secret, "users": [{"name": secret, "password_hash": secret}]}
    wrong = {"timezone": [secret], "packages": secret, "unknown": secret, "users": {"x": secret}}
    for value in (answers, wrong):
        places = ("site/answers", "site/profiles/minimal/answers", "machines/0/answers")
        changes = {**dict.fromkeys(places, value), "machines/0/ssh_address": "10.88.0.11"}
        try:
            shown = json.dumps(compile_plan(**changed(changes)))
        except PlanError as error:
            shown = str(error)
            assert "site_answers.timezone: must be text, not a list" in shown
        assert secret not in shown


def test_a_url_with_a_password_is_not_shown() -> None:
    ((address, message),) = mistakes_of(
        {"site/distributions/debian-12/isos/0/url": "https://me:secret@example.com/x.iso"}
    )
    assert address == "site_distributions.debian-12.isos[0].url"
    assert "secret" not in message


def test_the_text_of_the_error_numbers_the_mistakes() -> None:
    with pytest.raises(PlanError) as caught:
        compile_plan(**changed({"site/root": "x", "site/arming_lifetime": "x"}))
    assert str(caught.value).splitlines()[0] == "The description has 2 mistakes:"
    assert [line[:2] for line in str(caught.value).splitlines()[1:]] == ["1.", "2."]
    with pytest.raises(PlanError, match="The description has a mistake:"):
        compile_plan(**changed({"site/root": "x"}))


# Live systems

LIVE = {
    "site/distributions/live-13": {"isos": [{"path": "/srv/iso/live.iso"}]},
    "site/profiles/desk": {"distribution": "live-13", "source": "nfs"},
    "machines/0/profile": "desk",
    "machines/0/disk": GONE,
    "machines/0/answers": GONE,
}


def live(changes: dict[str, t.Any]) -> dict[str, t.Any]:
    """These changes after those of LIVE, in copies of their own."""
    return {
        **{path: value if value is GONE else copy.deepcopy(value) for path, value in LIVE.items()},
        **changes,
    }


def test_a_live_system_needs_neither_disk_nor_answers() -> None:
    description = changed(live({}))
    plan = compile_plan(description["site"], description["machines"])
    machine = plan["machines"][0]
    assert (machine["family"], machine["profile"], machine["disk"]) == ("live", "desk", None)
    assert [tree["name"] for tree in plan["sources"]["nfs"]] == ["live-13"]


@pytest.mark.parametrize(
    ("changes", "address", "said"),
    [
        (
            {"machines/0/disk": "/dev/vda"},
            "pxe_machines.node01.machine_disk",
            "'desk' runs a live system: nothing is installed",
        ),
        (
            {"machines/0/answers": {"timezone": "UTC"}},
            "pxe_machines.node01.machine_answers",
            "nothing is installed; leave them out",
        ),
        (
            {"site/profiles/desk/answers": {"timezone": "UTC"}},
            "site_profiles.desk.answers",
            "are for an installer",
        ),
        ({"site/profiles/desk/source": "ftp"}, "site_profiles.desk.source", "write http or nfs"),
        (
            {"site/profiles/menu": {"distribution": "live-13", "menu_password_hash": "$6$x$y"}},
            "site_profiles.menu.menu_password_hash",
            "is the name of the menu's own password",
        ),
    ],
)
def test_what_a_live_system_cannot_have(changes: dict[str, t.Any], address: str, said: str) -> None:
    found = mistakes_of(live(changes))
    assert [where for where, _what in found] == [address], found
    assert said in found[0][1]


# Root file systems of diskless machines

ROOT = {
    "site/distributions/live-13": {"root": "/srv/roots/desk"},
    "site/profiles/desk": {"distribution": "live-13"},
}


def test_a_root_file_system_is_exported_as_it_is() -> None:
    description = changed(live(ROOT))
    plan = compile_plan(description["site"], description["machines"])
    distribution = plan["distributions"]["live-13"]
    assert (distribution["family"], distribution["isos"], distribution["root"]) == (
        "live",
        [],
        "/srv/roots/desk",
    )
    assert distribution["netboot"] == {"path": "/srv/roots/desk", "url": None, "checksum": None}
    assert distribution["tree"] == "/srv/pxe/trees/live-13"
    assert distribution["tree_urls"]["nfs"] == "nfs:10.77.0.1:/srv/roots/desk"
    assert plan["profiles"]["desk"]["source"] == "nfs"
    assert plan["sources"]["nfs"] == [
        {"name": "live-13", "path": "/srv/roots/desk", "mounted": False, "root": True}
    ]


def test_a_root_file_system_is_a_live_system_by_any_name() -> None:
    description = changed(
        live(
            {
                "site/distributions/office": {"root": "/srv/roots/office"},
                "site/profiles/office": {"distribution": "office", "source": "nfs"},
            }
        )
    )
    plan = compile_plan(description["site"], description["machines"])
    assert plan["profiles"]["office"]["family"] == "live"


@pytest.mark.parametrize(
    ("changes", "address", "said"),
    [
        (
            {"site/profiles/desk/source": "http"},
            "site_profiles.desk.source",
            "'http' cannot serve live-13, a root file system that its machines mount; write nfs",
        ),
        (
            {"site/distributions/live-13/isos": [{"path": "/srv/iso/live.iso"}]},
            "site_distributions.live-13.isos",
            "is for images, but root is a folder; leave it out",
        ),
        (
            {"site/distributions/live-13/kernel": "vmlinuz"},
            "site_distributions.live-13.kernel",
            "is for images",
        ),
        (
            {"site/distributions/live-13/root": "/srv"},
            "site_distributions.live-13.root",
            "'/srv' belongs to the system",
        ),
        (
            {"site/distributions/live-13/root": "/srv/roots/a,rw"},
            "site_distributions.live-13.root",
            "cannot be exported by NFS",
        ),
        (
            {"site/distributions/other-live": {"root": "/srv/roots/desk/"}},
            "site_distributions.other-live.root",
            "/srv/roots/desk is also that of site_distributions.live-13; describe it once",
        ),
        (
            {"site/distributions/office": {"root": "/srv/roots/office", "family": "debian"}},
            "site_distributions.office.root",
            "does not apply to a debian distribution; write family: live",
        ),
    ],
)
def test_what_a_root_file_system_cannot_be(changes: dict[str, t.Any], address: str, said: str) -> None:
    found = mistakes_of(live({**copy.deepcopy(ROOT), **changes}))
    assert [where for where, _what in found] == [address], found
    assert said in found[0][1]


@pytest.mark.parametrize(
    ("disk", "warned"),
    [
        ("/dev/sda", True),
        ("/dev/sdaa", True),
        ("/dev/hda", True),
        ("/dev/vda", False),
        ("/dev/disk/by-path/pci-0000:00:1f.2-ata-1", False),
        ("/dev/disk/by-id/wwn-0x5000c500a1b2c3d4", False),
    ],
)
def test_a_disk_by_its_place_in_line_is_warned_of(disk: str, warned: bool) -> None:
    plan = compile_plan(**changed({"machines/0/disk": disk}))
    assert [text.startswith("node01, machine_disk: /dev/sd... is ") for text in plan["warnings"]] == [
        True
    ] * warned
    lines = summary(plan)
    assert len([line for line in lines if line.startswith("Warning. node01, machine_disk")]) == warned


def test_one_warning_of_many_machines() -> None:
    more = {
        f"machines/{number}": {
            **MACHINES[0],
            "name": f"n{number}",
            "mac": f"52:54:00:bb:00:0{number}",
            "address": f"10.77.0.2{number}",
            "disk": "/dev/sda",
        }
        for number in range(2, 7)
    }
    [text] = compile_plan(**changed(more))["warnings"]
    assert text.startswith("n2, n3, n4 and 2 more, machine_disk: ")
