# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operating system costs: one module and its templates, and its name in the list of families.

A copy of the collection gets a family that nobody knows. Nothing else of it is changed, and machines are planned, their
boot files rendered, their answer files rendered, checked and published.
"""

from __future__ import annotations

import ast
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils import _families
from ansible_collections.netinstall.pxe.tests.unit import iso_images

PLUGINS = pathlib.Path(_families.__file__).parents[2]
CHECKOUT = PLUGINS.parent
REGISTRY = "plugins/module_utils/_families/__init__.py"
IMPORT = "_families import debian, live, redhat\n"
REGISTERED = "(live.FAMILY, debian.FAMILY, redhat.FAMILY)"
TOY = """\
from __future__ import annotations

import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._text import answers as _answers
from ansible_collections.netinstall.pxe.plugins.module_utils._text.answer_keys import Key, filled
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    BOOT_CARD,
    Answer,
    AnswerFile,
    Checked,
    Family,
    Image,
    Record,
    Script,
    boot_card,
)


def recognise(image: Image) -> Record | None:
    said = image.read("toy.info")
    if said is None:
        return None
    return {"family": "toy", "product": "Toy", "version": said.decode(), "kernel": "boot/k", "initrd": ["boot/i"]}


def profile_arguments(profile: Record, distribution: Record) -> list[str]:
    return [f"toy.tree={distribution['tree_url']}", BOOT_CARD]


def rescue_arguments(distribution: Record) -> list[str]:
    return ["toy.rescue"]


def kernel_arguments(machine: Record, answer_url: str) -> list[str]:
    return [f"toy.answers={answer_url}", f"toy.greeting={machine['answers']['greeting']}", boot_card(machine["mac"])]


KEYS: dict[str, Key] = {
    "greeting": Key("str", "what it says", "hello"),
    "script": Key("text", "what it runs"),
    **_answers.OWN_FILES,
}


def complete_answers(answers: Record, distribution: Record, disk: str) -> Record:
    return filled(answers, KEYS)


def scripts(answers: Record) -> list[Script]:
    return [Script("script", "sh", answers["script"])] if answers.get("script") else []


def check(module: t.Any, answers: t.Mapping[str, Answer]) -> dict[str, Checked]:
    return {
        name: Checked(answer.text + "# read by toy\\n", "greeting: is rude" if "rude" in answer.text else "")
        for name, answer in answers.items()
    }


def check_meta(module: t.Any, answers: t.Mapping[str, Answer]) -> dict[str, Checked]:
    return {
        name: Checked(answer.text.upper(), "is rude too" if "rude" in answer.text else "")
        for name, answer in answers.items()
    }


FAMILY = Family(
    name="toy",
    name_prefixes=("toy",),
    looked_for="toy.info",
    recognise=recognise,
    profile_arguments=profile_arguments,
    rescue_arguments=rescue_arguments,
    kernel_arguments=kernel_arguments,
    answer_files=(
        AnswerFile("toy.cfg", "toy", "toy.cfg.j2", check=check),
        AnswerFile("toy-meta", "toy-meta", "toy-meta.j2", check=check_meta),
    ),
    answer_keys=KEYS,
    complete_answers=complete_answers,
    scripts=scripts,
    steps=("playing",),
    logs=("toybox",),
    expected_kernel="boot/k",
    expected_initrd=("boot/i",),
)
"""
TEMPLATE = """\
greeting {{ installation.answers.greeting }}
disk {{ installation.disk }}
report {{ installation.events_url }}/installed
"""
META = "{{ installation.hostname }} says {{ installation.answers.greeting }}\n"
MACHINES = {
    "node01": {"machine_mac": "52:54:00:aa:00:01", "machine_address": "10.77.0.11"},
    "node02": {"machine_mac": "52:54:00:aa:00:02", "machine_address": "10.77.0.12"},
}
SITE: dict[str, t.Any] = {
    "site_server": {"address": "10.77.0.1", "interface": "eth0"},
    "site_subnets": [{"cidr": "10.77.0.0/24", "gateway": "10.77.0.1", "dns": ["10.77.0.1"]}],
    "site_profiles": {
        "toys": {"distribution": "toy-1", "label": "Install Toy 1", "answers": {"script": "echo toy"}},
    },
}

Record = dict[str, t.Any]


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The collection with one family more."""
    root = tmp_path_factory.mktemp("collections")
    copy = root / "ansible_collections" / "netinstall" / "pxe"
    copy.mkdir(parents=True)
    for name in ("plugins", "roles"):
        shutil.copytree(CHECKOUT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("galaxy.yml", "meta"):
        (copy / name).symlink_to(CHECKOUT / name)
    registry = (copy / REGISTRY).read_text()
    assert (registry.count(IMPORT), registry.count(REGISTERED)) == (1, 1)
    registry = registry.replace(IMPORT, "_families import debian, live, redhat, toy\n")
    registry = registry.replace(REGISTERED, "(live.FAMILY, debian.FAMILY, redhat.FAMILY, toy.FAMILY)")
    (copy / REGISTRY).write_text(registry)
    (copy / "plugins/module_utils/_families/toy.py").write_text(TOY)
    (copy / "roles/answers/templates/toy.cfg.j2").write_text(TEMPLATE)
    (copy / "roles/answers/templates/toy-meta.j2").write_text(META)
    return root


def task(name: str, register: str, **arguments: t.Any) -> Record:
    return {f"netinstall.pxe.{name}": arguments, "register": register}


def role(name: str, part: str, **variables: t.Any) -> Record:
    return {
        "ansible.builtin.include_role": {"name": f"netinstall.pxe.{name}", "tasks_from": part, "public": True}
    } | {"vars": variables}


def write(value: str, path: pathlib.Path) -> Record:
    return {"ansible.builtin.copy": {"content": f"{{{{ {value} | to_json }}}}", "dest": str(path)}}


def tasks(folder: pathlib.Path) -> list[Record]:
    """What the playbooks do, but for what changes this machine."""
    root = str(folder / "srv")
    described = {"media_root": root, "media_distributions": "{{ compiled.plan.distributions }}"}
    return [
        task("boot_plan_info", "compiled"),
        write("compiled.plan", folder / "plan.json"),
        task("answers_info", "answered", plan="{{ compiled.plan }}"),
        write("answered.lines", folder / "answered.json"),
        role("media", "install", **described),
        {
            "ansible.builtin.set_fact": {
                "found": {
                    "toy-1": "{{ __media_work.published['toy-1'] }}",
                    "built": "{{ __media_work.built }}",
                }
            },
            "vars": described,
        },
        write("found", folder / "media.json"),
        write("['disk'] | netinstall.pxe.installers_report", folder / "reports.json"),
        task(
            "boot_files",
            "published",
            root=f"{root}/boot",
            plan="{{ compiled.plan }}",
            media="{{ found }}",
            pxelinux={"version": "6.04"},
        ),
        role(
            "answers",
            "arm",
            answers_root=root,
            answers_plan="{{ compiled.plan | netinstall.pxe.plan_slice('answers') }}",
            answers_profiles="{{ site_profiles }}",
            answers_defaults="{{ site_answers }}",
            answers_machines=list(MACHINES),
        ),
    ]


def run(collections: pathlib.Path, folder: pathlib.Path, answers: Record) -> subprocess.CompletedProcess[str]:
    """One run of all that on a server that is a folder."""
    for name in ("iso", "answers", "events", "boot/syslinux"):
        (folder / "srv" / name).mkdir(parents=True)
    for name in ("pxelinux.0", "vesamenu.c32"):
        (folder / "srv/boot/syslinux" / name).write_text("loader")
    image = folder / "srv/iso/toy.iso"
    image.write_bytes(iso_images.build({"toy.info": b"1.2", "boot/k": b"kernel", "boot/i": b"initrd"}, "TOY"))
    inventory = {
        "pxe_servers": {"hosts": {"localhost": {"ansible_connection": "local"}}},
        "pxe_machines": {
            "hosts": {
                name: {**machine, "machine_profile": "toys", "machine_disk": "/dev/vda"}
                for name, machine in MACHINES.items()
            }
        },
        "all": {
            "vars": {
                **SITE,
                "site_root": str(folder / "srv"),
                "site_distributions": {"toy-1": {"isos": [{"path": str(image)}]}},
                "site_answers": answers,
            }
        },
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory))
    play = {"hosts": "pxe_servers", "gather_facts": True, "tasks": tasks(folder)}
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    (folder / "ansible.cfg").touch()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.yml", "play.yml"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def read(folder: pathlib.Path, name: str) -> t.Any:
    return json.loads((folder / name).read_text())


def test_a_family_from_outside(collections: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run(collections, tmp_path, {"greeting": "howdy"})
    assert done.returncode == 0, done.stdout + done.stderr
    # The plan
    plan = read(tmp_path, "plan.json")
    assert plan["distributions"]["toy-1"]["family"] == "toy"
    assert [(machine["family"], machine["disk"]) for machine in plan["machines"]] == [("toy", "/dev/vda")] * 2
    assert read(tmp_path, "answered.json") == []
    # The image
    found = read(tmp_path, "media.json")
    assert found["built"] == []
    assert [found["toy-1"][key] for key in ("family", "product", "version", "kernel", "initrd")] == [
        "toy",
        "Toy",
        "1.2",
        "boot/k",
        ["boot/i"],
    ]
    reports = read(tmp_path, "reports.json")
    assert (reports["steps"][-1], reports["logs"]) == ("playing", ["syslog", "anaconda", "toybox"])
    # Boot files
    boot = tmp_path / "srv/boot"
    words = "toy.tree=http://10.77.0.1/trees/toy-1"
    assert f"{words} BOOTIF=01-${{netX/mac:hexhyp}}" in (boot / "profiles/toys.ipxe").read_text()
    assert "toy.rescue" in (boot / "rescue/toy-1.ipxe").read_text()
    menu = (boot / "menu.ipxe").read_text()
    assert menu.index("item --gap -- Install") < menu.index("Install Toy 1")
    assert "item --gap -- Run" not in menu
    pxelinux = (boot / "syslinux/pxelinux.cfg/default").read_text()
    assert f"  APPEND {words}\n" in pxelinux
    assert "MENU LABEL Run:" not in pxelinux
    # The answer files
    for name, machine in MACHINES.items():
        mac, address = machine["machine_mac"].replace(":", "-"), machine["machine_address"]
        folder = tmp_path / "srv/answers" / address
        script = (folder / f"{name}_{mac}.ipxe").read_text()
        (answer,) = folder.glob("*/toy.cfg")
        url = f"http://10.77.0.1/answers/{address}/{answer.parent.name}/toy.cfg"
        assert f"toy.answers={url} toy.greeting=howdy BOOTIF=01-{mac}" in script
        assert answer.read_text() == (
            "greeting howdy\ndisk /dev/vda\n"
            f"report http://10.77.0.1/events/{address}/{answer.parent.name}/installed\n# read by toy\n"
        )
        assert (answer.parent / "toy-meta").read_text() == f"{name.upper()} SAYS HOWDY\n"


def test_what_the_family_refuses(collections: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run(collections, tmp_path, {"greeting": "rude"})
    assert done.returncode == 2
    said = " ".join(done.stdout.split())
    assert "No machine was armed, because of mistakes in the answer files." in said
    assert all(f"{name}: greeting: is rude" in said for name in MACHINES)
    assert all(f"{name}: toy-meta: is rude too" in said for name in MACHINES)
    assert list((tmp_path / "srv/answers").iterdir()) == []


# Who knows the names of families


def constants(source: str) -> t.Iterator[str]:
    """Texts in a Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def imported(source: str) -> t.Iterator[str]:
    """What a Python source imports of the folder of families."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and "._families" in node.module:
            yield from [node.module.rpartition(".")[2], *(alias.name for alias in node.names)]


@pytest.mark.parametrize("folder", ["action", "filter", "lookup", "module_utils", "modules", "plugin_utils"])
def test_no_plugin_names_a_family(folder: str) -> None:
    found = []
    for path in (PLUGINS / folder).rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.parent.name != "_families" and (
            set(_families.FAMILIES) & {*constants(source), *imported(source)}
        ):
            found.append(str(path.relative_to(PLUGINS)))
    assert found == []


def test_plugins_know_the_contract_alone() -> None:
    """Not what a family is made of."""
    found = {
        name
        for path in PLUGINS.rglob("*.py")
        if path.parent.name != "_families"
        for name in imported(path.read_text(encoding="utf-8"))
        if name.startswith("_")
    }
    assert found == {"_families", "_contract"}


def test_no_role_and_no_playbook_names_a_family() -> None:
    """In an expression: texts for people may."""
    names = re.compile(rf"""(['"])({"|".join(_families.FAMILIES)})\1""")
    files = [
        path for folder in ("roles", "playbooks") for path in (CHECKOUT / folder).rglob("*") if path.is_file()
    ]
    assert len(files) > 100
    assert [
        str(path.relative_to(CHECKOUT))
        for path in files
        if path.suffix in (".yml", ".j2") and names.search(path.read_text(encoding="utf-8"))
    ] == []
