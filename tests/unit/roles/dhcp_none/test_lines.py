# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the owners of other DHCP servers are told: ISC dhcpd, Kea and dnsmasq check their lines themselves."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import options_of

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
ROLES = pathlib.Path(__file__).resolve().parents[4] / "roles"
DEST = "{{ dhcp_none_root }}/dhcp/{{ item }}"
FILES = ("isc.conf", "kea.json", "dnsmasq.conf", "windows.ps1", "mikrotik.rsc", "cisco.txt")
BOOT = "http://10.77.0.1/boot"
TFTP = "10.77.0.9"


def subnet(number: int, **changes: object) -> dict[str, object]:
    """As the plan has it."""
    base: dict[str, object] = {
        "cidr": f"10.{number}.0.0/24",
        "network": f"10.{number}.0.0",
        "netmask": "255.255.255.0",
        "prefix": 24,
        "gateway": None,
        "dns": [],
        "domain": "",
        "ntp": [],
        "ranges": [],
        "lease": "12h",
    }
    return {**base, **changes}


MACHINES = [
    {
        "name": "node01.lab.example",
        "hostname": "node01",
        "mac": "52:54:00:AA:00:01",
        "address": "10.77.0.11",
        "subnet": "10.77.0.0/24",
        "firmware": "uefi",
    },
    {
        "name": "2nd-node",
        "mac": "52:54:00:aa:00:02",
        "address": "10.78.0.12",
        "subnet": "10.78.0.0/24",
        "firmware": "any",
    },
]
FULL: dict[str, t.Any] = {
    "dhcp_none_subnets": [subnet(77), subnet(78)],
    "dhcp_none_machines": MACHINES,
    "dhcp_none_boot_url": f"{BOOT}/boot.ipxe",
    "dhcp_none_tftp_address": TFTP,
}
SITES: dict[str, dict[str, t.Any]] = {
    "full": FULL,
    "plain": {**FULL, "dhcp_none_plain_bios_loader": "syslinux/pxelinux.0"},
    "bare": {**FULL, "dhcp_none_machines": [], "dhcp_none_subnets": [subnet(77)], "dhcp_none_loaders": {}},
    "bios": {**FULL, "dhcp_none_loaders": {"bios": "undionly.kpxe", "efi64": ""}},
    "options": {
        **FULL,
        "dhcp_none_subnets": [subnet(77, options=options_of({"interface-mtu": 1500})), subnet(78)],
        "dhcp_none_machines": [
            {**MACHINES[0], "dhcp_options": options_of({224: {"type": "text", "value": "abc"}})},
            MACHINES[1],
        ],
    },
}

Lines = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def lines(renderer: t.Callable[[str], t.Any]) -> Lines:
    """Each file of each site."""
    # The one task renders all of them.
    jobs = [(site, name) for site in SITES for name in FILES]
    texts = renderer("dhcp_none").render([(DEST, {**SITES[site], "item": name}) for site, name in jobs])
    return dict(zip(jobs, texts, strict=True))


def accepted(command: list[str], text: str) -> str:
    """What a server's own checker says against its lines."""
    if shutil.which(command[0], path=PATH) is None:
        pytest.skip(f"{command[0]} is not installed: see tests/packages.txt")
    with tempfile.TemporaryDirectory() as name:
        file = pathlib.Path(name) / "lines"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [part.replace("FILE", str(file)) for part in command],
            env={**os.environ, "PATH": PATH},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    return "" if done.returncode == 0 else done.stdout + done.stderr


CHECKERS = {
    "isc.conf": ["dhcpd", "-t", "-4", "-cf", "FILE"],
    "kea.json": ["kea-dhcp4", "-t", "FILE"],
    "dnsmasq.conf": ["dnsmasq", "--test", "--conf-file=FILE"],
}


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("name", CHECKERS)
def test_the_servers_own_checker_accepts_it(lines: Lines, site: str, name: str) -> None:
    assert accepted(CHECKERS[name], lines[site, name]) == ""


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("isc.conf", "next-server 10.77.0.9;", "next-sever 10.77.0.9;"),
        ("kea.json", "option[93].hex", "option[93].hax"),
        ("dnsmasq.conf", "dhcp-boot=", "dhcp-boat="),
    ],
)
def test_the_checkers_check(lines: Lines, name: str, before: str, after: str) -> None:
    assert accepted(CHECKERS[name], lines["full", name].replace(before, after)) != ""


@pytest.mark.parametrize("name", FILES)
def test_each_server_is_told_loaders_and_addresses(lines: Lines, name: str) -> None:
    text = lines["full", name].lower()
    assert TFTP in text
    for address in ("10.77.0.11", "10.78.0.12"):
        assert address in text
    digits = re.sub(r"[^0-9a-f]", "", text)
    assert "525400aa0001" in digits
    assert "snponly.efi" in text
    assert "undionly.kpxe" in text
    if name != "cisco.txt":
        assert "arm64/snponly.efi" in text
        assert f"{BOOT}/snponly.efi" in text
        assert "httpclient" in text


@pytest.mark.parametrize("name", FILES)
def test_a_bios_that_does_without_ipxe_is_told_pxelinux(lines: Lines, name: str) -> None:
    assert "syslinux/pxelinux.0" in lines["plain", name]
    assert "undionly.kpxe" not in lines["plain", name]


@pytest.mark.parametrize("name", FILES)
def test_firmware_without_a_loader_is_told_nothing(lines: Lines, name: str) -> None:
    assert "snponly.efi" not in lines["bios", name]
    assert "undionly.kpxe" not in lines["bare", name]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "windows.ps1",
            ["option 26 (interface-mtu) is 1500\n", "reservation: option 224 (224) is abc\nAdd-"],
        ),
        (
            "mikrotik.rsc",
            [
                "add name=netinstall-10.77.0.0-26 code=26 value=0x05dc\n",
                "next-server=10.77.0.9 dhcp-option=netinstall-10.77.0.0-26\n",
                "add name=netinstall-node01.lab.example-224 code=224 value=0x616263\n",
                'comment="node01.lab.example" dhcp-option=netinstall-node01.lab.example-224\n',
                'comment="2nd-node"\n',
            ],
        ),
        ("cisco.txt", ["\n option 26 hex 05dc\n", "aa00.01\n option 224 hex 616263\n!"]),
    ],
)
def test_options(lines: Lines, name: str, said: list[str]) -> None:
    """Those that have a checker are asked in test_conversation.py."""
    assert [part for part in said if part not in lines["options", name]] == []


def test_iscs_plain_bios_comes_before_ipxe(lines: Lines) -> None:
    text = lines["plain", "isc.conf"]
    assert text.index("pxelinux.0") < text.index("boot.ipxe")
    assert "elsif exists netinstall-ipxe" in text


def test_kea_reserves_in_the_machines_own_subnet(lines: Lines) -> None:
    text = re.sub(r"(?m)^//.*$", "", lines["full", "kea.json"])
    subnets = json.loads(text)["Dhcp4"]["subnet4"]
    found = {each["subnet"]: [host["ip-address"] for host in each["reservations"]] for each in subnets}
    assert found == {"10.77.0.0/24": ["10.77.0.11"], "10.78.0.0/24": ["10.78.0.12"]}


def test_windows_asks_for_ipxe_first(lines: Lines) -> None:
    policies = re.findall(
        r"Policy -ScopeId (\S+) -Name \"netinstall (\S+)\".* -ProcessingOrder (\d+)",
        lines["full", "windows.ps1"],
    )
    order = [(name, int(number)) for scope, name, number in policies if scope == "10.77.0.0"]
    wanted = ["iPXE", "bios", "efi64", "efiarm64", "http64", "httparm64"]
    assert order == [(name, number) for number, name in enumerate(wanted, 1)]
    plain = re.findall(r"-Name \"netinstall (\S+)\" -Condition", lines["plain", "windows.ps1"])
    assert plain[:2] == ["bios", "iPXE"]
    assert '-VendorClass EQ,"netinstall efi64 7*",EQ,"netinstall efi64 9*"' in lines["full", "windows.ps1"]


def test_cisco_names_the_loader_of_the_subnets_machines(lines: Lines) -> None:
    first, second = lines["full", "cisco.txt"].split("ip dhcp pool NETINSTALL-2")
    assert " bootfile snponly.efi\n" in first
    assert " bootfile undionly.kpxe\n" in second
    assert " client-identifier 0152.5400.aa00.01\n" in first


def test_only_what_is_shown_is_cut_short() -> None:
    """The files have all reservations; the output those of the first machines."""
    tasks = yaml.safe_load((ROLES / "dhcp_none/tasks/configure.yml").read_text(encoding="utf-8"))
    cut = [task["name"] for task in tasks if "dhcp_none_shown_machines" in str(task)]
    assert cut == ["Show what the owner of the other DHCP server must add"]
