# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites of the five classic guides: checked by the programs that read them, and compared with the guides' lines.

``guides.yml`` says what became of each line. What it calls the same is there; what it calls different is not, but what
it names instead; what is absent says why.
"""

from __future__ import annotations

import os
import pathlib
import re
import sys
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.examples.conftest import (
    EXAMPLES,
    GUIDES,
    Made,
    nginx_check,
    program,
    run,
)
from ansible_collections.netinstall.pxe.tests.unit.tools.test_tools import load

Record = dict[str, t.Any]
Guides = t.Callable[[str], Made]

guide_readme = load("guide_readme")
TABLE: dict[str, Record] = guide_readme.load()
ROWS = [
    pytest.param(name, row, id=f"{name}: {row.get('line') or row['step']}")
    for name, guide in TABLE.items()
    for row in guide["rows"]
]
#: Things that the audit of the guides counted.
ITEMS = set(range(1, 132))


def lines_of(made: Made, guide: str, name: str) -> list[str]:
    """The lines of a configuration as they are compared: without comments, and with single blanks."""
    if name in guide_readme.OWN:
        text = (EXAMPLES / guide / guide_readme.OWN[name]).read_text(encoding="utf-8")
    else:
        text = made.text(name)
    if name == "dhcpd.conf":
        text = re.sub(r"(?m)  #.*$", "", text)
    return [compared(line, name) for line in text.splitlines() if line.strip()]


def compared(line: str, name: str) -> str:
    line = " ".join(line.strip().rstrip(";").split())
    # pxelinux does not care for the case of its words.
    return line.lower() if "pxelinux.cfg" in name else line


def is_in(wanted: str, lines: list[str], name: str) -> bool:
    pattern = re.compile(".*".join(re.escape(part) for part in compared(wanted, name).split("*")))
    return any(pattern.fullmatch(line) for line in lines)


@pytest.mark.parametrize(("guide", "row"), ROWS)
def test_what_became_of_it(guides: Guides, guide: str, row: Record) -> None:
    if "in" not in row:
        assert row["is"] == "absent"
        return
    lines = lines_of(guides(guide), guide, row["in"])
    now = guide_readme.lines_of(row) or ([row["line"]] if row["is"] == "same" else [])
    missing = [line for line in now if not is_in(line, lines, row["in"])]
    assert not missing, "\n".join(lines)
    if "line" in row and row["is"] != "same":
        assert not is_in(row["line"], lines, row["in"]), "it is the same"


@pytest.mark.parametrize(("guide", "row"), ROWS)
def test_each_row_says_all(guide: str, row: Record) -> None:
    assert row["is"] in guide_readme.STATES
    assert ("line" in row) != ("step" in row)
    if row["is"] == "same":
        assert "in" in row
    else:
        assert row["why"].strip().endswith("."), row["why"]
        assert len(row["why"].split()) > (3 if row["is"] == "absent" else 1)
    if row["is"] == "different":
        assert guide_readme.lines_of(row)


def test_the_guides_have_an_example_each() -> None:
    assert sorted(TABLE) == GUIDES
    found = [item for guide in TABLE.values() for row in guide["rows"] for item in row["items"]]
    assert set(found) == ITEMS


def test_readmes_say_what_the_table_says() -> None:
    """And so how many lines are the same, different and absent."""
    for path, text in guide_readme.wanted().items():
        assert path.read_text(encoding="utf-8") == text, "run make docs"
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for name, guide in TABLE.items():
        counts = guide_readme.counts(guide)
        assert sum(counts.values()) == len(guide["rows"])
        assert f"| {counts['same']} | {counts['different']} | {counts['absent']} |" in text
        assert f"[{name}]" in text


@pytest.mark.parametrize("guide", GUIDES)
def test_dhcp_server_accepts_it(guides: Guides, guide: str) -> None:
    made = guides(guide)
    folder = made.folder / "rendered"
    if made.has("dnsmasq.conf"):
        run(program("dnsmasq", "dnsmasq-base"), "--test", f"--conf-file={folder / 'dnsmasq.conf'}")
        return
    run(program("dhcpd", "isc-dhcp-server"), "-t", "-4", "-cf", str(folder / "dhcpd.conf"))


@pytest.mark.parametrize("guide", GUIDES)
def test_nginx_accepts_it(guides: Guides, guide: str, free_port: t.Callable[[], int]) -> None:
    nginx_check(guides(guide), free_port())


@pytest.mark.parametrize("guide", GUIDES)
def test_kickstarts_are_accepted(guides: Guides, guide: str) -> None:
    """By the program itself; arming has asked its engine already, and of more. It cannot read what %pre will write."""
    validator = pathlib.Path(sys.executable).with_name("ksvalidator")
    made = guides(guide)
    found = sorted((made.folder / "answers").glob("*/*/ks.cfg"))
    offered = made.plan["unknown_machines"]["profiles"]
    assert len(found) == len(made.plan["machines"]) + len(offered)
    for path in found:
        run(str(validator), "-v", "RHEL6", str(path))


#: Programs that have no option to test, and the roles' ways to make them look nevertheless.
CHECKS = {
    "xinetd": ("tftp_server", "__tftp_server_check_xinetd", "xinetd", "xinetd"),
    "vsftpd.conf": ("ftp_vsftpd", "__ftp_vsftpd_check", "vsftpd", "vsftpd"),
    "exports": ("nfs_exports", "__nfs_exports_check", "exportfs", "nfs-kernel-server"),
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("guide", GUIDES)
def test_other_programs_accept_it(
    guides: Guides, guide: str, name: str, check_command: t.Callable[[str, str], list[str]]
) -> None:
    role, variable, what, package = CHECKS[name]
    made = guides(guide)
    assert made.has(name) == (role in made.roles)
    if not made.has(name):
        return
    program(what, package)
    if os.geteuid() != 0:
        pytest.skip("the check needs mounts of its own: only root can do that")
    if name == "exports":
        text = made.text(name)
        for path in re.findall(r"(?m)^/\S+", text):
            text = text.replace(path, str(made.folder))
        place = made.folder / "exports"
        place.write_text(text, encoding="utf-8")
    else:
        place = made.folder / "rendered" / name
    run(*check_command(role, variable), str(place))


#: What is installed on machines that nobody described, and what the menu asks before.
OFFERED = {
    "guide-ftp-kickstart": {"linux": "none"},
    "guide-centos6-dhcpd-xinetd": {"ks": "none"},
    "guide-dnsmasq-nginx-ipxe": {"ks-minimal-vmware": "word"},
}


@pytest.mark.parametrize("guide", GUIDES)
def test_who_is_installed_unasked(guides: Guides, guide: str) -> None:
    """Only what a site says so of, on empty disks, in the guide's own network."""
    made = guides(guide)
    unknown = made.plan["unknown_machines"]
    assert {name: one["confirm"] for name, one in unknown["profiles"].items()} == OFFERED.get(guide, {})
    assert unknown["overwrite"] is False
    assert unknown["subnets"] == ([made.plan["subnets"][0]["cidr"]] if guide in OFFERED else [])
    text = made.text("syslinux/pxelinux.cfg/default")
    for entry in re.split(r"(?m)^(?=LABEL )", text)[1:]:
        is_offer = entry.startswith("LABEL -install-")
        assert bool(re.search(r"\sks=", entry)) == is_offer, entry
