# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool that shows that a change keeps behaviour."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.netinstall.pxe.plugins.modules import boot_plan_info

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
CHECKOUT = TOOLS.parents[1]
# As for the program itself.
sys.path.insert(0, str(TOOLS))
from capturing import compare, descriptions

INTENDED = compare.Intended("*/boot/*.ipxe", "a test")


def written(folder: pathlib.Path, files: dict[str, str]) -> pathlib.Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def said(
    tmp_path: pathlib.Path, before: dict[str, str], after: dict[str, str], *intended: compare.Intended
) -> tuple[list[str], bool]:
    folders = written(tmp_path / "before", before), written(tmp_path / "after", after)
    return compare.compare(*folders, intended)


def test_nothing_differs(tmp_path: pathlib.Path) -> None:
    lines, same = said(tmp_path, {"a/x": "1\n"}, {"a/x": "1\n"})
    assert same
    assert lines == ["0 added, 0 removed, 0 changed that are not intended"]


def test_each_kind_of_difference_is_named(tmp_path: pathlib.Path) -> None:
    lines, same = said(tmp_path, {"old": "", "kept": "1\n2\n"}, {"new": "", "kept": "1\n3\n"})
    assert not same
    assert lines == [
        "changed kept",
        *(
            f"    {line}"
            for line in ("--- before/kept", "+++ after/kept", "@@ -1,2 +1,2 @@", " 1", "-2", "+3")
        ),
        "added new",
        "removed old",
        "1 added, 1 removed, 1 changed that are not intended",
    ]


def test_what_is_no_text_differs_too(tmp_path: pathlib.Path) -> None:
    for name, data in (("before", b"\xff\x00"), ("after", b"\xfe\x00")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(data)
    lines, same = compare.compare(tmp_path / "before", tmp_path / "after", [])
    assert not same
    assert "    -\\xff\x00" in lines


def test_a_long_difference_is_cut(tmp_path: pathlib.Path) -> None:
    text = "".join(f"{number}\n" for number in range(1000))
    lines, _same = said(tmp_path, {"x": text}, {"x": text.replace("\n", "!\n")})
    assert len(lines) < compare.MOST_LINES + 5
    assert lines[-2].startswith("    … ")


def test_intended_changes_are_no_mistake(tmp_path: pathlib.Path) -> None:
    before, after = {"a/boot/m/x.ipxe": "1", "a/y": "1"}, {"a/boot/m/x.ipxe": "2", "a/y": "1"}
    lines, same = said(tmp_path, before, after, INTENDED)
    assert same
    assert "intended: */boot/*.ipxe: 1 files: a test" in lines
    lines, same = said(tmp_path / "other", before, {**after, "a/y": "2"}, INTENDED)
    assert not same
    assert "changed a/y" in lines


def test_an_intended_change_that_is_none_is_said(tmp_path: pathlib.Path) -> None:
    lines, same = said(tmp_path, {"x": ""}, {"x": ""}, INTENDED)
    assert same
    assert "needless: */boot/*.ipxe covers no difference" in lines


@pytest.mark.parametrize("entry", ["- {pattern: x}", "- {pattern: x, reason: ''}", "- x"])
def test_an_intended_change_has_a_reason(tmp_path: pathlib.Path, entry: str) -> None:
    path = tmp_path / "intended.yml"
    path.write_text(entry, encoding="utf-8")
    with pytest.raises(ValueError, match="entry 1 must have a pattern and a reason"):
        compare.read_intended(path)


def test_the_projects_own_list_can_be_read() -> None:
    assert isinstance(compare.read_intended(TOOLS / "capturing/intended.yml"), list)


def test_all_inventories_are_captured() -> None:
    known = {source for one in descriptions.of_checkout(CHECKOUT) for source in one.sources}
    inventories = [
        *CHECKOUT.glob("*.ini"),
        *CHECKOUT.glob("examples/**/*.ini"),
        *CHECKOUT.glob("extensions/molecule/**/*.ini"),
    ]
    assert sorted(str(path) for path in inventories if str(path) not in known) == []


def test_generated_descriptions_have_it_all() -> None:
    made = [descriptions.Generator(number) for number in range(descriptions.GENERATED)]
    sites = [one.make()["all"]["vars"] for one in made]
    text = repr(sites)
    assert {one["site_dhcp_backend"] for one in sites} == {"dnsmasq", "isc", "kea", "none"}
    assert {one["site_tftp_backend"] for one in sites} == {"dnsmasq", "systemd", "xinetd"}
    assert {len(one.names) for one in made} == {1, 3}
    assert {name for one in sites for name in one["site_distributions"]} == set(descriptions.DISTRIBUTIONS)
    for word in (
        "site_http_backend",
        "proxy",
        "menu_install",
        "site_unknown_machines",
        "http_server",
        "nfs",
        "ftp",
    ):
        assert repr(word) in text
    assert len({repr(one) for one in sites}) == descriptions.GENERATED


def records(hosts: dict[str, dict[str, object]], prefix: str) -> list[dict[str, object]]:
    """Hosts with their variables, as the plan takes them."""
    return [
        {"name": name, **{key.removeprefix(prefix): value for key, value in one.items()}}
        for name, one in hosts.items()
    ]


@pytest.mark.parametrize("number", range(descriptions.GENERATED))
def test_generated_descriptions_are_valid(number: int) -> None:
    described = descriptions.Generator(number).make()["all"]
    site = {key[5:]: value for key, value in described["vars"].items() if key.startswith("site_")}
    children = described["children"]
    servers = {}
    for service in ("dhcp", "tftp", "http", "ftp", "nfs"):
        group = f"pxe_{service}" if f"pxe_{service}" in children else "pxe_servers"
        hosts = {name: children["pxe_servers"]["hosts"][name] for name in children[group]["hosts"]}
        servers[service] = [{**one, "group": group} for one in records(hosts, "server_")]
    machines = records(children["pxe_machines"]["hosts"], "machine_")
    plan = boot_plan_info.compile_plan(site, machines, servers=servers)
    assert len(plan["machines"]) == len(machines) > 0


def capture(out: pathlib.Path, seed: str) -> None:
    command = [sys.executable, str(TOOLS / "capture.py"), "capture", str(out), "--generated", "6"]
    done = subprocess.run(
        [*command, "--only", "^(lab|generated/005)$"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "all sites were captured" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_a_capture_is_the_same_each_time(tmp_path: pathlib.Path) -> None:
    """Whatever order sets have."""
    capture(tmp_path / "one", "1")
    capture(tmp_path / "two", "2")
    lines, same = compare.compare(tmp_path / "one", tmp_path / "two", [])
    assert same, lines
    files = set(compare.files_of(tmp_path / "one"))
    lab = "lab/pxe1"
    assert {
        f"{lab}/etc/netinstall-pxe/dnsmasq.conf",
        f"{lab}/etc/nginx/conf.d/netinstall-pxe.conf",
        f"{lab}/srv/pxe/boot/boot.ipxe",
        f"{lab}/srv/pxe/boot/syslinux/pxelinux.cfg/default",
        f"{lab}/srv/pxe/answers/10.77.0.11/TOKEN-10.77.0.11/preseed.cfg",
        "lab/plan.json",
        "lab/said",
    } <= files
    assert not any(path.endswith("/failed") for path in files)
