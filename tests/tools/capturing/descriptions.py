# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites that are captured: those of a checkout, and generated ones.

A generated description depends on nothing but its number. It is meant to be valid; one that is not is captured with
what the plan says of it.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import random
import typing as t

import yaml

from capturing import stubs

Record = dict[str, t.Any]
GENERATED = 200

#: Inventories of Molecule that a scenario reads later than its first, or by itself, from the checkout.
LATER: dict[str, list[str]] = {
    "molecule/services-split": [
        "extensions/molecule/services/lab.ini",
        "extensions/molecule/services/split.ini",
    ],
    "molecule/unknown-offered": [
        "extensions/molecule/unknown/lab.ini",
        "extensions/molecule/unknown/offered.ini",
    ],
    "molecule/trust-swapped": [
        "lab.ini",
        "extensions/molecule/trust/machines.ini",
        "extensions/molecule/trust/swapped.ini",
    ],
    "molecule/guides-centos6": [
        "examples/guide-centos6-dhcpd-xinetd/lab.ini",
        "extensions/molecule/guides/lab.ini",
        "extensions/molecule/guides/centos6_dhcpd_xinetd/lab.ini",
    ],
    "examples/csv": ["examples/site/inventory.ini", "examples/csv/machines"],
}


@dataclasses.dataclass(frozen=True)
class Described:
    """A site by its inventories."""

    name: str
    sources: tuple[str, ...]
    kind: stubs.Kind


def of_checkout(checkout: pathlib.Path) -> list[Described]:
    """The lab, the examples, and what Molecule's scenarios read; each set of inventories once."""
    found = {"lab": ["lab.ini"]}
    for path in sorted(checkout.glob("examples/*/*.ini")):
        found[f"examples/{path.parent.name}"] = [str(path.relative_to(checkout))]
    for path in sorted(checkout.glob("extensions/molecule/*/molecule.yml")):
        found[f"molecule/{path.parent.name}"] = _of_scenario(path, checkout)
    known: dict[tuple[str, ...], str] = {}
    for name, sources in {**found, **LATER}.items():
        if all((checkout / source).exists() for source in sources):
            known.setdefault(tuple(sources), name)
    return [
        Described(name, tuple(str(checkout / source) for source in sources), stubs.Kind())
        for sources, name in known.items()
    ]


def _of_scenario(path: pathlib.Path, checkout: pathlib.Path) -> list[str]:
    places = {
        "${MOLECULE_PROJECT_DIRECTORY}/": "",
        "${MOLECULE_SCENARIO_DIRECTORY}/": f"{path.parent.relative_to(checkout)}/",
    }
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    executor = (settings.get("ansible") or {}).get("executor") or {}
    arguments = (executor.get("args") or {}).get("ansible_playbook") or []
    sources = [one.partition("=")[2] for one in arguments if one.startswith("--inventory=")]
    for mark, place in places.items():
        sources = [source.replace(mark, place) for source in sources]
    return sources or ["lab.ini"]


# Generated descriptions

DISTRIBUTIONS: dict[str, Record] = {
    "debian-13": {"isos": [{"path": "/srv/iso/debian-13.1.0-amd64-DVD-1.iso"}]},
    "debian-12": {
        "isos": [{"path": "/srv/iso/debian-12.iso", "checksum": f"sha256:{'a' * 64}"}],
        "netboot": {"path": "/srv/iso/netboot.tar.gz"},
    },
    "debian-13-mirror": {"mirror": "http://mirror.example/debian", "version": "13"},
    "centos-6": {
        "isos": [{"path": f"/srv/iso/CentOS-6.8-x86_64-bin-DVD{disc}.iso"} for disc in (1, 2)],
        "layout": "hardlink",
    },
    "centos-7": {"isos": [{"path": "/srv/iso/CentOS-7-x86_64-DVD-2009.iso"}], "layout": "copy"},
    "rocky-8": {"mirror": "http://mirror.example/rocky/8/BaseOS/x86_64/os"},
    "rocky-9": {
        "isos": [{"url": "http://mirror.example/Rocky-9.6-x86_64-dvd.iso", "checksum": f"sha256:{'b' * 64}"}]
    },
    "fedora-41": {"isos": [{"path": "/srv/iso/Fedora-Server-dvd-x86_64-41.iso"}]},
    "debian-live-12": {"isos": [{"path": "/srv/iso/debian-live-12.iso"}]},
    "office": {"root": "/srv/roots/office"},
}
FAMILIES = {
    name: "live"
    if name in ("debian-live-12", "office")
    else "debian"
    if name.startswith("debian")
    else "redhat"
    for name in DISTRIBUTIONS
}
HASH = "$6$saltsalt$" + "a" * 86
KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 operator@example"
ANSWERS: dict[str, list[Record]] = {
    "debian": [
        {"packages": ["python3", "vim"], "timezone": "Europe/Berlin"},
        {"root_password_hash": HASH, "locale": "de_DE.UTF-8", "keyboard": "de"},
        {"partitioning": {"method": "lvm", "swap": False}, "install_recommends": False},
        {"console": "ttyS0,115200", "extra": "d-i popularity-contest/participate boolean false\n"},
        {"users": [{"name": "ops", "ssh_keys": [KEY], "sudo": True}], "ntp_server": "10.1.0.5"},
    ],
    "redhat": [
        {"packages": ["@core", "lrzsz", "-vim-minimal"], "timezone": "Asia/Shanghai"},
        {"root_password_hash": HASH, "locale": "de_DE.UTF-8", "keyboard": "de"},
        {"partitioning": {"method": "lvm"}, "install_recommends": False},
        {"console": "ttyS0,115200", "post": "echo done > /root/post.txt\n", "boot_arguments": ["quiet"]},
        {"users": [{"name": "ops", "ssh_keys": [KEY], "sudo": True}], "ntp_server": "10.1.0.5"},
        {"selinux": "permissive", "firewall": {"services": ["http"]}, "pre": "echo before\n"},
    ],
    "live": [{}],
}
OPTIONS: list[Record] = [
    {"interface-mtu": 1500},
    {"log-servers": ["10.1.0.5"], "224": {"type": "text", "value": "abc"}},
]
KINDS = (
    *(
        stubs.Kind(),
        stubs.Kind(firewall="nftables"),
        stubs.Kind(firewall="ufw", syslinux="4.07", memory_test=True),
    ),
    *(stubs.Kind("RedHat", "firewalld"), stubs.Kind("RedHat"), stubs.Kind("Debian", "firewalld", "3.86")),
)


class Generator:
    """One description, by its number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.random = random.Random(f"netinstall.pxe {number}")
        # So that each occurs, however few are generated.
        self.dhcp = ("dnsmasq", "isc", "kea", "none")[number % 4]
        self.names = self._servers()
        self.site: Record = {}
        self.machines: dict[str, Record] = {}

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def some(self, values: t.Sequence[t.Any], most: int) -> list[t.Any]:
        return self.random.sample(list(values), min(len(values), 1 + self.random.randrange(most)))

    def _servers(self) -> list[str]:
        return ["pxe1"] if self.number % 5 else ["pxe1", "pxe2", "pxe3"]

    @property
    def several(self) -> bool:
        return len(self.names) > 1

    @property
    def has_own_web(self) -> bool:
        """Whether a web server that is not ours shows the site, which compares no passwords and arms no machines."""
        return self.number % 7 == 6 and not self.several

    @property
    def two_webs(self) -> bool:
        return self.number % 10 == 0 and self.dhcp != "none"

    def make(self) -> Record:
        """An inventory, as YAML has it."""
        self.site = {
            "site_dhcp_backend": self.dhcp,
            "site_tftp_backend": self._tftp(),
            # The TFTP server of pxelinux must be the only web server too.
            "site_bios_loader": "pxelinux" if self.number % 3 == 0 and not self.two_webs else "ipxe",
            "site_distributions": self._distributions(),
        }
        if self.has_own_web:
            self.site["site_http_backend"] = "none"
        self._subnets()
        self._profiles()
        self._machines()
        self._menu()
        self._offers()
        self._rest()
        return self._inventory()

    def _tftp(self) -> str:
        other = self.random.choice(("systemd", "xinetd"))
        return "dnsmasq" if self.dhcp == "dnsmasq" and (self.several is False and self.chance(70)) else other

    def _distributions(self) -> Record:
        names = self.some([name for name in DISTRIBUTIONS if FAMILIES[name] != "live"], 3)
        if self.chance(30):
            names += self.some([name for name in DISTRIBUTIONS if FAMILIES[name] == "live"], 2)
        return {name: DISTRIBUTIONS[name] for name in names}

    def _subnets(self) -> None:
        subnets = []
        for index in range(1 + self.random.randrange(3)):
            net = f"10.{index + 1}.0"
            one: Record = {"cidr": f"{net}.0/24", "gateway": f"{net}.254", "dns": [f"{net}.253"]}
            one |= {"domain": f"net{index}.example"} if self.chance(80) else {}
            if self.dhcp == "dnsmasq" and self.chance(20):
                subnets.append({**one, "proxy": True})
                continue
            one["range"] = [f"{net}.100", f"{net}.199"]
            one |= {"ranges": [[f"{net}.210", f"{net}.220"]]} if self.chance(20) else {}
            one |= {"lease": self.random.choice(("2h", "30m", "1d"))} if self.chance(50) else {}
            one |= {"ntp": [f"{net}.252"]} if self.chance(30) else {}
            one |= {"options": self.random.choice(OPTIONS)} if self.chance(30) else {}
            one |= {"bootp": True} if self.chance(10) else {}
            subnets.append(one)
        self.site["site_subnets"] = subnets

    def _profiles(self) -> None:
        profiles: Record = {}
        for name, about in self.site["site_distributions"].items():
            for index in range(1 + self.random.randrange(3)):
                profiles[f"{name}-{index}"] = self._profile(name, about, index)
        self.site["site_profiles"] = profiles

    def _profile(self, name: str, about: Record, index: int) -> Record:
        family = FAMILIES[name]
        one: Record = {"distribution": name, "label": f"{name}, kind {index}"}
        sources = self._sources(name, about)
        one |= {"source": self.random.choice(sources)} if sources and self.chance(50) else {}
        one |= {"answers": self._answers(family, 2)} if family != "live" else {}
        one |= {"kernel_arguments": ["quiet", "net.ifnames=0"]} if self.chance(40) else {}
        one |= {"in_menu": False} if self.chance(10) else {}
        one |= {"menu_password_hash": HASH} if self.chance(10) and not self.has_own_web else {}
        return one

    def _sources(self, name: str, about: Record) -> list[str]:
        if name == "debian-live-12":
            return ["http", "nfs"]
        if FAMILIES[name] != "redhat" or "mirror" in about:
            return []
        # An overlay of several images cannot be exported.
        return ["http", "ftp", "nfs"]

    def _answers(self, family: str, most: int) -> Record:
        found: Record = {}
        for one in self.some(ANSWERS[family], most):
            found |= one
        return found

    def _machines(self) -> None:
        profiles = list(self.site["site_profiles"])
        for index, subnet in enumerate(self.site["site_subnets"]):
            for place in range(self.random.randrange(3) + (1 if index == 0 else 0)):
                self._machine(subnet, index, place, profiles)

    def _machine(self, subnet: Record, index: int, place: int, profiles: list[str]) -> None:
        net = subnet["cidr"].rpartition(".")[0]
        profile = self.random.choice(profiles)
        family = FAMILIES[self.site["site_profiles"][profile]["distribution"]]
        one: Record = {
            "machine_mac": f"52:54:00:{index:02x}:{self.number % 256:02x}:{place:02x}",
            "machine_address": f"{net}.{11 + place}",
            "machine_profile": profile,
        }
        if family != "live":
            one["machine_disk"] = self.random.choice(
                ("/dev/vda", "/dev/sda", "/dev/disk/by-path/pci-0000:00:1f.2-ata-1")
            )
            one |= {"machine_answers": self._answers(family, 1)} if self.chance(30) else {}
        one |= {"machine_firmware": self.random.choice(("bios", "uefi", "any"))} if self.chance(60) else {}
        one |= {"machine_hostname": f"host-{index}-{place}"} if self.chance(20) else {}
        one |= {"machine_kernel_arguments": ["nomodeset"]} if self.chance(20) else {}
        one |= (
            {"machine_dhcp_options": {"interface-mtu": 9000}}
            if self.chance(15) and "proxy" not in subnet
            else {}
        )
        one |= {"machine_uuid": f"00000000-0000-4000-8000-{index:04x}{place:08x}"} if self.chance(15) else {}
        one |= {"machine_serial": f"SN{index}{place}"} if self.chance(15) else {}
        self.machines[f"node{index}{place}"] = one

    def _menu(self) -> None:
        menu: Record = {"title": f"Site {self.number}"} if self.chance(80) else {}
        menu |= (
            {"bios": self.random.choice(("ipxe", "pxelinux"))}
            if self.site["site_bios_loader"] == "ipxe"
            else {}
        )
        menu |= {"timeout": self.random.choice((0, 5, 0.6))} if self.chance(50) else {}
        menu |= (
            {"default": self.random.choice(list(self._in_menu()))}
            if self.chance(20) and self._in_menu()
            else {}
        )
        # Nobody is there to type a password when the time is up.
        has_password = self.chance(15) and not self.has_own_web and "default" not in menu
        menu |= {"password_hash": HASH} if has_password else {}
        menu |= {"rescue": False} if self.chance(20) else {}
        menu |= {"memory_test": False} if self.chance(20) else {}
        menu |= {"submenus_from": 2} if self.chance(20) else {}
        menu |= {"console": "ttyS0,115200"} if self.chance(20) else {}
        menu |= {"help": {"F2": "A screen of ours"}} if self.chance(20) else {}
        menu |= (
            {"local": {"label": "disk", "text": "The disk", "position": "last"}} if self.chance(20) else {}
        )
        menu |= {"colours": {"title": "1;36;44 #ffffffff #00000000 std"}} if self.chance(20) else {}
        if self.chance(30):
            # pxelinux alone has TFTP alone.
            tools = "http" if self.site["site_bios_loader"] == "ipxe" else "tftp"
            menu["entries"] = {
                "tool": {
                    "label": "A tool",
                    "kernel": f"{tools}://192.0.2.5/vmlinuz",
                    "initrd": [f"{tools}://192.0.2.5/initrd"],
                    "append": "quiet",
                },
                "shell": {"label": "Another script", "script": "http://tools.example/menu.ipxe"},
            }
        self.site["site_menu"] = menu

    def _in_menu(self) -> list[str]:
        return [
            name
            for name, one in self.site["site_profiles"].items()
            if one.get("in_menu", True) and not one.get("menu_password_hash")
        ]

    def _offers(self) -> None:
        profiles = [
            name
            for name in self._in_menu()
            if FAMILIES[self.site["site_profiles"][name]["distribution"]] != "live"
        ]
        if not profiles or not self.chance(25) or self.has_own_web:
            return
        name = self.random.choice(profiles)
        self.site["site_profiles"][name] = {
            **self.site["site_profiles"][name],
            "menu_install": {"confirm": "word"},
        }
        ranged = [one["cidr"] for one in self.site["site_subnets"] if "range" in one]
        unknown: Record = {"subnets": ranged[:1]} if ranged else {"mac_prefixes": ["52:54:00"]}
        unknown |= {"overwrite": True} if self.chance(20) else {}
        unknown |= {"hostname": "node-${mac}"} if self.chance(40) else {}
        self.site["site_unknown_machines"] = unknown

    def _rest(self) -> None:
        self.site["site_answers"] = (
            {"root_ssh_keys": [KEY]} if self.chance(90) else {"root_password_hash": HASH}
        )
        if self.chance(20):
            self.site["site_on_failed_install"] = "retry"
        if self.chance(20):
            self.site["site_arming_lifetime"] = "2h"
        trees = [name for name, one in self.site["site_distributions"].items() if "isos" in one]
        if trees and self.chance(20):
            self.site["site_aliases"] = {"/yum/old": f"trees/{trees[0]}"}
        if self.chance(20):
            self.site["site_root"] = "/tftpboot"
        if self.chance(10):
            self.site["site_dhcp_foreign"] = "allow"
        if self.number % 6:
            self.site["loader_ipxe_method"] = "package"

    def _inventory(self) -> Record:
        hosts: Record = {name: {} for name in self.names}
        groups: Record = {}
        if self.several:
            for place, name in enumerate(self.names):
                hosts[name] = {"server_address": f"10.1.0.{place + 1}", "server_interface": "eth0"}
            services = {
                "pxe_dhcp": "pxe1",
                "pxe_tftp": "pxe2",
                "pxe_http": "pxe2",
                "pxe_ftp": "pxe2",
                "pxe_nfs": "pxe3",
            }
            groups = {group: {"hosts": {name: {}}} for group, name in services.items()}
            if self.two_webs:
                groups["pxe_http"]["hosts"]["pxe3"] = {}
                self.site["site_subnets"][-1]["http_server"] = "pxe3"
        else:
            self.site["site_server"] = {"address": "10.1.0.1", "interface": "eth0"}
            if self.chance(20):
                self.site["site_server"]["url"] = "http://10.1.0.1:8080"
        children = {"pxe_servers": {"hosts": hosts}, "pxe_machines": {"hosts": self.machines}, **groups}
        return {"all": {"vars": self.site, "children": children}}


def generated(folder: pathlib.Path, count: int = GENERATED) -> list[Described]:
    """Write this many descriptions below a folder."""
    found = []
    for number in range(count):
        place = folder / f"{number:03}"
        place.mkdir(parents=True)
        inventory = place / "inventory.json"
        inventory.write_text(json.dumps(Generator(number).make(), indent=1), encoding="utf-8")
        found.append(Described(f"generated/{number:03}", (str(inventory),), KINDS[number % len(KINDS)]))
    return found
