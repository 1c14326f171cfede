# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/servers.md says where each name is from that the roles use on Enterprise Linux, and forgets no release."""

from __future__ import annotations

import pathlib
import re
import typing as t

import jinja2
import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import TABLE
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.releases import lacks

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
FILES = sorted((ROOT / "roles").glob("*/vars/RedHat.yml"))
#: Names that all families share, or that stand in vars/main.yml
ELSEWHERE = {
    "http_nginx": ["nginx", "nginx.service", "/usr/sbin/nginx", "/etc/nginx/conf.d"],
    "ftp_vsftpd": ["vsftpd", "/usr/sbin/vsftpd"],
    "nfs_exports": ["nfs-server.service", "/etc/exports.d"],
    "tftp_server": ["xinetd", "/usr/sbin/in.tftpd", "tftp.socket"],
    "dhcp_kea": ["/var/lib/kea"],
    "dhcp_dnsmasq": ["/usr/sbin/dnsmasq"],
    "media": ["createrepo_c", "zstd"],
    "selinux": ["policycoreutils-python-utils", "python3-libselinux", "python3-policycoreutils"],
}
EL: dict[str, dict[str, str]] = {
    **{
        f"EL {major}": {"distribution": "Rocky", "distribution_major_version": major}
        for major in ("8", "9", "10")
    },
    "Fedora": {"distribution": "Fedora", "distribution_major_version": "44"},
}


def names(value: t.Any) -> t.Iterator[str]:
    """All texts of a variable, the keys of mappings too; none of expressions, which name nothing."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from names(each)
    elif isinstance(value, list):
        for each in value:
            yield from names(each)
    elif isinstance(value, str) and value and "{{" not in value:
        yield value


def rows(role: str) -> str:
    """The role's rows of the table: the first names it, those that follow have an empty cell there."""
    found = re.search(rf"^\| {role} \|.*\n(?:\| +\|.*\n)*", PAGE, re.MULTILINE)
    assert found, f"docs/servers.md has no row of the role {role}"
    return found[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])
def test_each_name_of_a_role_is_in_its_rows(path: pathlib.Path) -> None:
    role = path.parts[-3]
    found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    # What a loader is called for firmware is ours.
    published = found.pop(f"__{role}_packaged", {}).values()
    wanted = [*names(list(found.values())), *published]
    assert [name for name in wanted if f"`{name}`" not in rows(role)] == []


@pytest.mark.parametrize("role", sorted(ELSEWHERE))
def test_each_name_that_is_not_in_a_file_of_its_family(role: str) -> None:
    files = [*(ROOT / "roles" / role).rglob("*.yml"), *(ROOT / "roles" / role).rglob("*.j2")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    for name in ELSEWHERE[role]:
        assert name in text or name == "tftp.socket", f"{role} does not name {name} any more"
        assert f"`{name}`" in rows(role)


def test_each_package_that_a_server_may_lack() -> None:
    supplies = yaml.safe_load((ROOT / "playbooks" / "vars" / "supplies.yml").read_text(encoding="utf-8"))
    packages = {name for each in supplies["__site_packages"]["RedHat"].values() for name in each}
    assert sorted(name for name in packages if f"`{name}`" not in PAGE) == []


#: The variable by which a role knows that its server has the program
KNOWN = {"isc": ("dhcp_isc", "__dhcp_isc_is_packaged"), "xinetd": ("tftp_server", "__tftp_server_has_xinetd")}
GAPS = [(service, row) for service, rows in TABLE.items() for row in rows if row.gap]


@pytest.mark.parametrize("release", sorted(EL))
@pytest.mark.parametrize("row", [row for _service, row in GAPS], ids=lambda row: row.name)
def test_the_role_refuses_what_the_plan_refuses(row: t.Any, release: str) -> None:
    role, variable = KNOWN[row.name]
    path = ROOT / "roles" / role / "vars" / "RedHat.yml"
    expression = yaml.safe_load(path.read_text(encoding="utf-8"))[variable]
    packaged = jinja2.Environment(autoescape=False).from_string(expression).render(ansible_facts=EL[release])
    assert packaged == str(not lacks(row.gap, {"os_family": "RedHat", **EL[release]}))


@pytest.mark.parametrize(("service", "row"), GAPS, ids=lambda value: str(getattr(value, "name", value)))
def test_the_page_says_what_a_release_has_no_more(service: str, row: t.Any) -> None:
    (said,) = re.findall(rf"^\| `site_{service}_backend: {row.name}` \| (.*) \|.*\|$", PAGE, re.MULTILINE)
    assert f"Enterprise Linux {row.gap.since} " in said
    assert ("Fedora" in said) == row.gap.fedora


def test_each_source_is_there() -> None:
    table, sources = PAGE.split("## Sources\n")
    listed = re.findall(r"^(\d+)\. ", sources, re.MULTILINE)
    assert sorted(set(re.findall(r"\[(\d+)\]", table)), key=int) == listed
