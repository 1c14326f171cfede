# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backend can is said in _plan/backends.py; nothing but its own role goes by its name."""

from __future__ import annotations

import ast
import importlib.util
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import backends
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.backends import TABLE
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import PlanError

ROOT = pathlib.Path(__file__).resolve().parents[2]
BACKENDS = ROOT / "plugins" / "module_utils" / "_plan" / "backends.py"
NAMES = sorted({row.name for rows in TABLE.values() for row in rows})
#: Comparisons with a word that is only spelled as a backend is.
OTHERS = {
    "plugins/filter/server_mistakes.py": ["manager != 'systemd'"],
    "plugins/module_utils/_boot/pxelinux/check.py": ["shadow in ([], ['none'], ['std'], ['all'], ['rev'])"],
    "plugins/module_utils/_kickstart/storage.py": ["str(getattr(entry.data, 'location', '')) == 'none'"],
    "plugins/module_utils/_plan/unknown.py": ["offer['confirm'] != 'none'"],
}
#: The role of each backend. Those of TFTP share one, which is handed the name.
ROLES = {f"{service}_{row.name}" for service in ("dhcp", "http") for row in TABLE[service]} | {"tftp_server"}
#: In Jinja: a comparison, a choice from a list, a test.
NAME = rf"['\"]({'|'.join(NAMES)})['\"]"
COMPARED = re.compile(
    rf"(?:==|!=|\bin \[[^\]]*|'(?:equalto|eq|ne|!=|==)',)\s*{NAME}|{NAME}\s*(?:==|!=|in (?!__site_))"
)
#: Words of others than backends, in Jinja.
WORDS = re.compile(r"ansible_facts\['service_mgr'\] == 'systemd'|'stage', 'equalto', 'none'")
WIRING = re.compile(r"site_plan\.backends\.(dhcp|http) [!=]= '(\w+)'")


def constants(node: ast.AST) -> t.Iterator[object]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant):
            yield part.value


def compared(path: pathlib.Path) -> list[str]:
    """The comparisons and cases of a file in which a backend's name stands."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Compare)]
    return [ast.unparse(node) for node in nodes if any(value in NAMES for value in constants(node))]


def test_python_compares_with_no_name() -> None:
    sources = [path for path in sorted((ROOT / "plugins").rglob("*.py")) if path != BACKENDS]
    assert len(sources) > 100
    found = {str(path.relative_to(ROOT)): compared(path) for path in sources}
    assert {path: lines for path, lines in found.items() if lines} == OTHERS


def test_the_table_itself_compares_with_no_name() -> None:
    assert compared(BACKENDS) == []


def texts(node: t.Any, role: str = "") -> t.Iterator[tuple[str, str]]:
    """Each text of a playbook, with the role that its task includes."""
    if isinstance(node, dict):
        included = node.get("ansible.builtin.include_role") or node.get("ansible.builtin.import_role") or node
        name = included.get("name" if included is not node else "role") if isinstance(included, dict) else ""
        own = str(name or role).rpartition(".")[2]
        for key, value in node.items():
            yield from texts(value, own if key == "when" else "")
    elif isinstance(node, list):
        for item in node:
            yield from texts(item, role)
    elif isinstance(node, str):
        yield node, role


def names_compared(text: str) -> list[str]:
    return [match[0] for match in COMPARED.finditer(WORDS.sub("", text))]


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").rglob("*.yml")), ids=lambda path: path.stem)
def test_playbooks_name_a_backend_where_its_role_is_included(path: pathlib.Path) -> None:
    for text, role in texts(DataLoader().load_from_file(str(path))):
        own = [match[0] for match in WIRING.finditer(text) if f"{match[1]}_{match[2]}" == role]
        # Taken away where the web server is another one.
        assert len(names_compared(text)) == len(own), f"{text} (role {role or 'none'})"


def test_each_backend_is_wired() -> None:
    wired = {
        f"{service}_{name}"
        for text, _role in texts(DataLoader().load_from_file(str(ROOT / "playbooks" / "site.yml")))
        for service, name in WIRING.findall(text)
    }
    assert wired == ROLES - {"tftp_server"}


def test_templates_of_playbooks_name_none() -> None:
    paths = sorted((ROOT / "playbooks").rglob("*.j2"))
    assert paths
    assert [found for path in paths for found in names_compared(path.read_text())] == []


def test_roles_name_none_but_their_own() -> None:
    found = {
        path.relative_to(ROOT / "roles").parts[0]
        for path in sorted((ROOT / "roles").rglob("*"))
        if path.suffix in (".yml", ".j2") and "argument_specs" not in path.name
        if names_compared(path.read_text())
    }
    assert found <= ROLES


@pytest.mark.parametrize(
    "text",
    [
        "site_plan.backends.dhcp == 'isc'",
        "'kea' == backend",
        'backend != "none"',
        "backend in ['isc', 'kea']",
        "plans | selectattr('dhcp', 'equalto', 'dnsmasq')",
    ],
)
def test_a_comparison_is_seen(text: str) -> None:
    assert names_compared(text)


def test_roles_say_which_backends_there_are() -> None:
    spec = yaml.safe_load((ROOT / "roles/site/meta/argument_specs.yml").read_text())
    options = spec["argument_specs"]["main"]["options"]
    for service, rows in TABLE.items():
        option = options[f"site_{service}_backend"]
        assert option["default"] == rows[0].name
        assert [row.name for row in rows if f"V({row.name})" not in option["description"]] == []


def test_each_backend_has_its_packages() -> None:
    supplies = yaml.safe_load((ROOT / "playbooks/vars/supplies.yml").read_text())["__site_packages"]
    named = {row.supplies for rows in TABLE.values() for row in rows if row.supplies}
    for family, packages in supplies.items():
        assert named <= packages.keys(), family
        own = [name for name in packages if name.partition("_")[0] in TABLE]
        assert set(own) == named, family


def test_the_documentation_says_the_same() -> None:
    """With a row of its own, which nothing else has to know."""
    spec = importlib.util.spec_from_file_location("backend_tables", ROOT / "tests/tools/backend_tables.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert [path.name for path in tool.PAGES if tool.page(path, path.read_text()) != path.read_text()] == []
    toy = backends.DhcpBackend("toy", "Toy DHCP", proxy=True, shared_network=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "DHCP", (*backends.DHCP, toy))
        lines = tool.dhcp().splitlines()
    cells = [line.split(" | ")[-1].removesuffix(" |") for line in lines]
    assert cells == ["`toy`", "---", "Toy DHCP", "yes", "no", "yes", "yes", "yes", "no"]


@pytest.mark.parametrize(("proxy", "said"), [(True, ""), (False, "dnsmasq or other")])
def test_a_new_backend_is_one_row(proxy: bool, said: str) -> None:
    """The plan's checks and messages follow."""
    toys = (
        backends.DhcpBackend("toy", "Toy DHCP", proxy=proxy, shared_network=False),
        backends.DhcpBackend("other", "Other", proxy=True),
    )
    site = {
        "server": {"address": "10.77.0.1", "interface": "ens4"},
        "subnets": [{"cidr": "10.77.0.0/24", "proxy": True}],
        "dhcp_backend": "toy",
        "tftp_backend": "systemd",
    }
    with pytest.MonkeyPatch.context() as patch:
        rows = (*backends.DHCP, *toys)
        patch.setattr(backends, "DHCP", rows)
        patch.setitem(backends.TABLE, "dhcp", rows)
        try:
            plan = compile_plan(site, [])
            assert (plan["backends"]["dhcp"], plan["abilities"]["dhcp"]["proxy"]) == ("toy", True)
            message = ""
        except PlanError as error:
            message = error.mistakes[0]["message"]
    assert message == (
        f"is not supported by 'toy'; write site_dhcp_backend: {said}, or leave proxy out" if said else ""
    )
