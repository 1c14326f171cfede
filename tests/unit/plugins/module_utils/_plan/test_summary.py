# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.summary import summary

SITE = {
    "server": {"address": "10.77.0.1", "interface": "ens4"},
    "subnets": [
        {"cidr": "10.77.0.0/24", "gateway": "10.77.0.1", "dns": ["10.77.0.1"], "domain": "lab.example"},
        {"cidr": "10.78.0.0/16", "range": ["10.78.0.100", "10.78.0.199"]},
    ],
    "distributions": {
        "debian-13": {
            "isos": [{"path": "/srv/iso/debian-13.iso"}],
            "netboot": {"path": "/srv/iso/netboot.tar.gz"},
        },
        "centos-6": {"isos": [{"path": "/srv/iso/1.iso"}, {"path": "/srv/iso/2.iso"}]},
        "rocky-9": {"isos": [{"path": "/srv/iso/9.iso", "checksum": f"sha256:{'0' * 64}"}], "layout": "copy"},
    },
    "profiles": {
        "minimal": {"distribution": "debian-13", "label": "Install Debian"},
        "hidden": {"distribution": "debian-13", "in_menu": False, "kernel_arguments": ["quiet", "nomodeset"]},
    },
    "arming_lifetime": "90m",
}
MACHINE = {
    "name": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "profile": "minimal",
    "disk": "/dev/vda",
}


def test_summary() -> None:
    assert summary(compile_plan(SITE, [MACHINE])) == [
        "server            10.77.0.1 on ens4, http://10.77.0.1/boot, files in /srv/pxe",
        "services          DHCP by dnsmasq, TFTP by dnsmasq, ipxe for BIOS",
        "unknown machines  menu, after 30 s local",
        "armed machines    for 1.5 h, after a failed installation hold",
        "subnets (2)",
        "  10.77.0.0/24  leases nothing                          gateway 10.77.0.1  DNS 10.77.0.1  lab.example",
        "  10.78.0.0/16  leases 10.78.0.100-10.78.0.199 for 12h  no gateway         no DNS",
        "distributions (3)",
        "  debian-13  debian  /srv/iso/debian-13.iso, /srv/iso/netboot.tar.gz, no checksum: not verified",
        "  centos-6   redhat  /srv/iso/1.iso, /srv/iso/2.iso (overlay), no checksum: not verified",
        "  rocky-9    redhat  /srv/iso/9.iso (copy)",
        "profiles (2)",
        "  minimal  debian-13  Install Debian",
        "  hidden   debian-13  hidden (not in the menu)  quiet nomodeset",
        "machines (1)",
        "  node01  52:54:00:aa:00:01  10.77.0.11  any  minimal  /dev/vda",
    ]


def test_several_servers_are_named() -> None:
    hosts = {
        "dhcp": [{"name": "a", "group": "pxe_dhcp"}],
        "http": [
            {"name": name, "group": "pxe_http", "address": f"10.77.0.{n}"} for n, name in ((2, "b"), (3, "d"))
        ],
    }
    site = {**SITE, "tftp_backend": "systemd"}
    lines = summary(compile_plan(site, [MACHINE], servers=hosts))
    assert lines[4:9] == [
        "servers (3)",
        "  a  dhcp 10.77.0.1         ens4",
        "  b  http http://10.77.0.2  ens4",
        "  d  http http://10.77.0.3  ens4",
        "subnets (2)",
    ]
    assert lines[9].endswith("lab.example  web server b")


def test_ranges_and_notes() -> None:
    """Of many ranges the first ones."""
    machines = [
        {**MACHINE, "name": f"node{n}", "mac": f"52:54:00:aa:00:{n:02}", "address": f"10.78.0.{110 + 2 * n}"}
        for n in range(5)
    ]
    subnet = {"cidr": "10.78.0.0/16", "range": ["10.78.0.100", "10.78.0.199"], "max_lease": "24h"}
    site = {**SITE, "subnets": [{"cidr": "10.77.0.0/24"}, subnet]}
    lines = summary(compile_plan(site, machines))
    assert lines[6].split("  ")[2].strip() == (
        "leases 10.78.0.100-10.78.0.109, 10.78.0.111, 10.78.0.113 and 3 more ranges for 12h, 24h at most"
    )
    assert lines[-2].startswith(
        "Note. site_subnets[1].range, 10.78.0.100-10.78.0.199, excludes 10.78.0.110 (node0), "
    )
    assert lines[-1].startswith("Note. site_subnets[1].max_lease is not supported by dnsmasq")


def test_a_proxy_leases_nothing() -> None:
    subnets = [{"cidr": "10.77.0.0/24", "proxy": True}]
    lines = summary(compile_plan({"server": SITE["server"], "subnets": subnets}, []))
    assert "  10.77.0.0/24  proxy of another DHCP server  no gateway  no DNS" in lines


def test_nothing_yet() -> None:
    lines = summary(compile_plan({key: SITE[key] for key in ("server", "subnets")}, []))
    assert lines[-3:] == ["distributions (0)", "profiles (0)", "machines (0)"]


def many(count: int, full: bool = False) -> list[str]:
    machines = [
        {
            "name": f"n{number:03}",
            "mac": f"52:54:00:00:{number // 256:02x}:{number % 256:02x}",
            "address": f"10.78.{1 + number // 250}.{1 + number % 250}",
            "profile": "minimal",
            "disk": "/dev/vda",
        }
        for number in range(count)
    ]
    return summary(compile_plan(SITE, machines), full)


def test_many_machines_are_counted_by_subnet_and_profile() -> None:
    assert many(300)[-2:] == [
        "machines (300), each of them with -e plan_full=yes",
        "  10.78.0.0/16  minimal  300 machines  n000 to n299",
    ]
    assert len(many(51)) == len(many(50)) - 49


def test_each_of_many_machines_on_request() -> None:
    assert len(many(300, full=True)) == len(many(50)) + 250
