# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new kind of firmware is one row of the table: here is one, and nothing else is changed for it."""

from __future__ import annotations

import importlib.util
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
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.netinstall.pxe.plugins.module_utils import _firmware
from ansible_collections.netinstall.pxe.plugins.module_utils._net import dhcp
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.tests.unit.roles.dhcp._network import (
    BACKENDS,
    BOOT,
    PATH,
    SERVER,
    Backend,
    Record,
    Server,
    mac,
    new_cable,
    open_folder,
    why_not,
)

ROOT = pathlib.Path(__file__).resolve().parents[4]
TFTP, HTTP = 225, 226
TOY = _firmware.ClientKind(
    name="toy",
    label="UEFI toy",
    platform="uefi",
    processors=("toy64",),
    tftp=(TFTP,),
    http=(HTTP,),
    loaders={
        _firmware.IPXE: (
            _firmware.Loader(
                "toy/snponly.efi",
                target="bin-toy64-efi/snponly.efi",
                packaged={"Debian": "/usr/lib/ipxe/toy.efi"},
            ),
        )
    },
)
SITE: Record = {
    "server": {"address": SERVER, "interface": "server"},
    "subnets": [{"cidr": "10.77.0.0/24"}],
    "distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
    "profiles": {"minimal": {"distribution": "debian-13"}},
}
MACHINE: Record = {
    "name": "node01",
    "mac": mac(1),
    "address": "10.77.0.11",
    "profile": "minimal",
    "disk": "/dev/vda",
    "architecture": "toy64",
}
CHECKERS = {
    "dnsmasq": ["dnsmasq", "--test", "--conf-file=FILE"],
    "isc": ["dhcpd", "-t", "-4", "-cf", "FILE"],
    "kea": ["kea-dhcp4", "-t", "FILE"],
}
#: What the owner of another server is told
LINES = {"isc.conf": "isc", "kea.json": "kea", "dnsmasq.conf": "dnsmasq"}
UNCHECKED = ("windows.ps1", "mikrotik.rsc", "cisco.txt")
DEST = "{{ dhcp_none_root }}/dhcp/{{ item }}"


@pytest.fixture(scope="module", autouse=True)
def row() -> t.Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_firmware, "CLIENTS", (*_firmware.CLIENTS, TOY))
        yield


@pytest.fixture(scope="module")
def plan(row: None) -> Record:
    return compile_plan(SITE, [MACHINE])


@pytest.fixture(scope="module", params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    return t.cast("Backend", request.param)


@pytest.fixture(scope="module")
def texts(backend: Backend, plan: Record, renderer: t.Callable[[str], t.Any]) -> list[str]:
    """What the role of each of our DHCP servers writes."""
    handed = backend.variables(
        subnets=plan["subnets"], machines=plan["machines"], clients=plan["clients"], interfaces=["*"]
    )
    return t.cast("list[str]", renderer(backend.role).render([(name, handed) for name in backend.files]))


@pytest.fixture(scope="module")
def lines(plan: Record, renderer: t.Callable[[str], t.Any]) -> dict[str, str]:
    """What the owners of other DHCP servers are told."""
    handed = {
        "dhcp_none_subnets": plan["subnets"],
        "dhcp_none_machines": plan["machines"],
        "dhcp_none_clients": plan["clients"],
        "dhcp_none_boot_url": f"{BOOT}/boot.ipxe",
        "dhcp_none_tftp_address": SERVER,
    }
    names = [*LINES, *UNCHECKED]
    jobs = [(DEST, {**handed, "item": name}) for name in names]
    return dict(zip(names, renderer("dhcp_none").render(jobs), strict=True))


def refused(server: str, text: str) -> str:
    """What the server's own checker says against a configuration."""
    command = CHECKERS[server]
    if shutil.which(command[0], path=PATH) is None:
        pytest.skip(f"{command[0]} is not installed: see tests/packages.txt")
    with tempfile.TemporaryDirectory() as name:
        file = pathlib.Path(name) / "conf"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [word.replace("FILE", str(file)) for word in command],
            env={**os.environ, "PATH": PATH},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_machine_has_the_only_firmware_of_its_processor(plan: Record) -> None:
    assert (plan["machines"][0]["architecture"], plan["machines"][0]["firmware"]) == ("toy64", "uefi")
    assert [row["name"] for row in plan["clients"]][-1] == "toy"


def test_the_dhcp_servers_checker_accepts_it(backend: Backend, texts: list[str]) -> None:
    assert refused(backend.name, texts[0]) == ""
    assert "toy/snponly.efi" in texts[0]
    assert f"{BOOT}/toy/snponly.efi" in texts[0]


def test_the_dhcp_server_tells_it_its_loader(backend: Backend, texts: list[str]) -> None:
    """And the others theirs, as before."""
    if reason := why_not(backend):
        pytest.skip(reason)
    here = [text.replace("interface=*\n", "interface=server\n") for text in texts]
    with new_cable() as cable, open_folder() as folder, Server(backend, cable, folder, here).running():
        told = {code: dhcp.boot(cable.lease(dhcp.firmware(mac(1), code))) for code in (TFTP, HTTP, 0, 7, 16)}
    assert {code: boot and boot.file for code, boot in told.items()} == {
        TFTP: "toy/snponly.efi",
        HTTP: f"{BOOT}/toy/snponly.efi",
        0: "undionly.kpxe",
        7: "snponly.efi",
        16: f"{BOOT}/snponly.efi",
    }


@pytest.mark.parametrize("name", LINES)
def test_the_checkers_of_other_servers_accept_it(lines: dict[str, str], name: str) -> None:
    assert refused(LINES[name], lines[name]) == ""
    assert lines[name].count("toy/snponly.efi") >= 2


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "windows.ps1",
            ['-Data "PXEClient:Arch:00225"', '-Data "HTTPClient:Arch:00226"', "/boot/toy/snponly.efi"],
        ),
        ("mikrotik.rsc", ["value=0x00e1", "value=0x00e2", "value=\"s'toy/snponly.efi'\""]),
        # All machines of the subnet are of this kind.
        ("cisco.txt", [" bootfile toy/snponly.efi\n"]),
    ],
)
def test_the_lines_that_have_no_checker(lines: dict[str, str], name: str, wanted: list[str]) -> None:
    assert [text for text in wanted if text not in lines[name]] == []


def test_its_loader_is_built_or_taken_from_the_package(
    plan: Record, renderer: t.Callable[[str], t.Any]
) -> None:
    names = ("loader_ipxe_loaders", "__loader_ipxe_packaged")
    found = renderer("loader_ipxe").values(names, {"loader_ipxe_clients": plan["clients"]})
    assert found["loader_ipxe_loaders"] == [
        {"name": "undionly.kpxe", "target": "bin/undionly.kpxe"},
        {"name": "snponly.efi", "target": "bin-x86_64-efi/snponly.efi"},
        {"name": "toy/snponly.efi", "target": "bin-toy64-efi/snponly.efi"},
    ]
    assert found["__loader_ipxe_packaged"]["toy/snponly.efi"] == "/usr/lib/ipxe/toy.efi"


def test_the_guide_has_it() -> None:
    spec = importlib.util.spec_from_file_location("client_table", ROOT / "tests/tools/client_table.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert "| `toy` | UEFI toy | toy64 | 225 | 226 | `toy/snponly.efi` | |" in tool.table()


#: Roles that are handed the table
ROLES = sorted(
    role
    for path in ROOT.glob("roles/*/defaults/main.yml")
    for role in [path.parents[1].name]
    if f"\n{role}_clients:" in path.read_text(encoding="utf-8")
)


def test_which_roles_are_handed_it() -> None:
    assert ROLES == ["dhcp_dnsmasq", "dhcp_isc", "dhcp_kea", "dhcp_none", "loader_ipxe"]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_accepts_it_and_site_yml_hands_it_over(role: str, plan: Record) -> None:
    spec = yaml.safe_load((ROOT / "roles" / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    options = spec["argument_specs"]["main"]["options"]
    given = {f"{role}_clients": plan["clients"]}
    if role.startswith("dhcp_"):
        given[f"{role}_loaders"] = {"toy": "mine.efi"}
    asked = {name: {**option, "required": False} for name, option in options.items() if name in given}
    # As Ansible has it for modules: descriptions are not its business.
    checked = json.loads(json.dumps(asked))
    for option in checked.values():
        option.pop("description", None)
    assert ArgumentSpecValidator(checked).validate(given).error_messages == []
    site = (ROOT / "playbooks/site.yml").read_text(encoding="utf-8")
    assert f'{role}_clients: "{{{{ site_plan.clients }}}}"' in site


def test_no_role_has_a_list_of_its_own() -> None:
    """In what roles do and write. Their descriptions and messages may name examples."""
    known = {loader.name for kind in _firmware.CLIENTS for chain in kind.loaders.values() for loader in chain}
    names = {kind.name for kind in _firmware.CLIENTS} - {"bios"} | known
    own = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(names)))
    files = [
        path
        for folder in ("defaults", "vars", "templates")
        for path in ROOT.glob(f"roles/*/{folder}/**/*")
        if path.is_file()
    ]
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if own.search(line) and not line.lstrip().startswith("#")
    ]
    assert found == []
