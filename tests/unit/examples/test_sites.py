# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites that are not those of a guide: planned, rendered, armed, and checked by what reads the files."""

from __future__ import annotations

import json
import pathlib
import re
import sys
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.examples.conftest import (
    EXAMPLES,
    HOSTS,
    SITES,
    Made,
    nginx_check,
    program,
    run,
)

Guides = t.Callable[[str], Made]
#: Each server of each site.
SERVERS = [(site, host) for site in SITES for host in HOSTS.get(site, [""])]
VERSIONS = {"rocky-9": "RHEL9", "fedora-42": "F42"}


def test_the_examples_are_these() -> None:
    assert SITES == ["air-gap", "beside-dhcp", "rack", "several-servers"]


@pytest.mark.parametrize("site", SITES)
def test_it_explains_itself(site: str) -> None:
    text = (EXAMPLES / site / "README.md").read_text(encoding="utf-8")
    for command in ("plan", "site", "install"):
        assert f"ansible-playbook netinstall.pxe.{command} -i " in text
    assert f"[{site}]({site}/README.md)" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("site", SITES)
def test_the_plan_has_no_warning_but_of_checksums(guides: Guides, site: str) -> None:
    warnings = [text for text in guides(site).plan["warnings"] if "checksum" not in text]
    assert warnings == []


@pytest.mark.parametrize(("site", "host"), SERVERS)
def test_dhcp_server_accepts_it(guides: Guides, site: str, host: str) -> None:
    made = guides(site).on(host)
    folder = made.folder / "rendered"
    assert made.has("dnsmasq.conf") == (host == "")
    assert made.has("kea.conf") == (host == "dhcp1")
    if made.has("dnsmasq.conf"):
        run(program("dnsmasq", "dnsmasq-base"), "--test", f"--conf-file={folder / 'dnsmasq.conf'}")
    if made.has("kea.conf"):
        # It looks at its interfaces.
        text = made.text("kea.conf").replace('"eth0', '"lo')
        (folder / "kea-here.conf").write_text(text, encoding="utf-8")
        run(program("kea-dhcp4", "kea-dhcp4-server"), "-t", str(folder / "kea-here.conf"))


@pytest.mark.parametrize(("site", "host"), SERVERS)
def test_nginx_accepts_it(guides: Guides, site: str, host: str, free_port: t.Callable[[], int]) -> None:
    made = guides(site).on(host)
    assert made.has("nginx.conf") == (host in ("", "web1", "web2"))
    if made.has("nginx.conf"):
        nginx_check(made, free_port())


@pytest.mark.parametrize("site", SITES)
def test_answer_files_are_accepted(guides: Guides, site: str) -> None:
    """One of each profile, by the program itself; arming has asked its engine for each machine."""
    made = guides(site)
    validator = pathlib.Path(sys.executable).with_name("ksvalidator")
    found = {path.parts[-3]: path for path in made.folder.glob("**/answers/*/*/*.cfg")}
    assert sorted(found) == sorted(machine["address"] for machine in made.plan["machines"])
    for profile, machine in {machine["profile"]: machine for machine in made.plan["machines"]}.items():
        version = VERSIONS.get(made.plan["profiles"][profile]["distribution"])
        path = str(found[machine["address"]])
        if version:
            run(str(validator), "-v", version, path)
        else:
            run(program("debconf-set-selections", "debconf"), "--checkonly", path)


# What each of them is an example of


def test_rack_machines_differ_by_their_groups(guides: Guides) -> None:
    made = guides("rack")
    assert len(made.plan["machines"]) == 33
    for rack in (1, 2, 3):
        assert f"timesource --ntp-server=10.20.{rack}.1" in made.text(f"ks r{rack}-worker01")
    assert "@DISK@" not in made.text("ks r1-worker01")
    assert {one["disk"] for one in made.plan["machines"] if one["profile"] == "database"} == {
        "/dev/disk/by-rule"
    }


def test_air_gap_leads_nowhere_else(guides: Guides) -> None:
    made = guides("air-gap")
    texts = [json.dumps(made.plan), *(path.read_text() for path in made.folder.glob("answers/**/*.cfg"))]
    texts += [path.read_text() for path in made.folder.glob("boot/**/*.ipxe")]
    hosts = {host for text in texts for host in re.findall(r"\b(?:https?|ftp|tftp)://([\w.-]+)", text)}
    assert hosts == {"10.40.0.1"}
    assert "d-i mirror/http/hostname string 10.40.0.5" in "".join(texts)


def test_beside_dhcp_assigns_no_address(guides: Guides) -> None:
    text = guides("beside-dhcp").text("dnsmasq.conf")
    assert re.findall(r"(?m)^dhcp-range=set:\S+?,(.*)$", text) == ["10.50.0.0,proxy,255.255.255.0"]


def test_several_servers_lead_to_themselves(guides: Guides) -> None:
    made = guides("several-servers")
    for host, address, machine in (("web1", "10.60.0.3", "10.60.0.21"), ("web2", "10.61.0.3", "10.61.0.21")):
        here = made.on(host)
        assert f"http://{address}/boot" in here.text("menu.ipxe")
        (path,) = (here.folder / "answers" / machine).glob("*/ks.cfg")
        assert f"url --url=http://{address}/trees/rocky-9" in path.read_text(encoding="utf-8")
    assert sorted(path.name for path in made.folder.glob("*/rendered/exports")) == ["exports"]
    assert made.on("files1").has("exports")
    assert "10.61.0.3/boot/boot.ipxe" in made.on("dhcp1").text("kea.conf")
