# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""install.yml and status.yml, on a server that is a folder; nobody boots. The target playbook_install follows."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[3]
MACHINES = ("node01", "node02", "node03")


def described(folder: pathlib.Path, number: int) -> dict[str, t.Any]:
    """A machine; the second one says how it is switched on, the third one that nothing does."""
    power = {2: f"echo node02 >> {folder}/power", 3: ""}
    return {
        "machine_mac": f"52:54:00:aa:00:0{number}",
        "machine_address": f"10.77.0.1{number}",
        **({"machine_power_command": power[number]} if number in power else {}),
    }


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    inventory = {
        "all": {
            "vars": {
                "ansible_python_interpreter": sys.executable,
                "site_root": str(tmp_path / "srv"),
                "site_server": {"address": "10.77.0.1", "interface": "lo"},
                "site_subnets": [{"cidr": "10.77.0.0/24", "domain": "lab.example"}],
                "site_distributions": {"debian-13": {"isos": [{"path": "/srv/iso/some.iso"}]}},
                "site_answers": {"root_ssh_keys": ["ssh-ed25519 AAAA me"]},
                "site_profiles": {name: {"distribution": "debian-13"} for name in ("deb", "other")},
            },
            "children": {
                "pxe_servers": {"hosts": {"pxe1": {"ansible_connection": "local", "ansible_become": False}}},
                "pxe_machines": {
                    "hosts": {
                        name: described(tmp_path, number) for number, name in enumerate(MACHINES, start=1)
                    },
                    "vars": {"machine_profile": "deb", "machine_disk": "/dev/vda"},
                },
            },
        }
    }
    (tmp_path / "inventory.yml").write_text(json.dumps(inventory))
    # The plays say their own strategy: with this one nothing is done once for all machines.
    (tmp_path / "ansible.cfg").write_text("[defaults]\nstrategy = free\n")
    for name in ("answers", "events", "boot/profiles", "boot/machines"):
        (tmp_path / "srv" / name).mkdir(parents=True)
    (tmp_path / "srv/boot/profiles/deb.ipxe").write_text("#!ipxe\n")
    for number, name in enumerate(MACHINES, start=1):
        mac = f"52-54-00-aa-00-0{number}"
        script = f"chain http://10.77.0.1/answers/10.77.0.1{number}/{name}_{mac}.ipxe\n"
        (tmp_path / f"srv/boot/machines/{mac}.ipxe").write_text(script)
    return tmp_path


def install(folder: pathlib.Path, *words: str, playbook: str = "netinstall.pxe.install") -> tuple[int, str]:
    return play(folder, playbook, "-e", "install_follow=no", *words)


def play(folder: pathlib.Path, playbook: str, *words: str) -> tuple[int, str]:
    """Status and output, its blanks as one each."""
    environment = {
        # ansible-test's PYTHONPATH leads to an Ansible without its command line.
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(PROJECT / ".ansible" / "collections"),
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml"]
    done = subprocess.run(
        [*command, playbook, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def armed(folder: pathlib.Path) -> list[str]:
    return sorted(path.name.partition("_")[0] for path in folder.glob("srv/answers/*/*.ipxe"))


def test_all_are_armed_and_those_that_say_how_are_started(folder: pathlib.Path) -> None:
    status, said = install(folder, "-l", "pxe_machines", "-e", "install_confirm=3")
    assert status == 0, said
    assert armed(folder) == list(MACHINES)
    assert (folder / "power").read_text() == "node02\n"
    assert 'so that they boot from the network: node01, node03"' in said
    # In the name of the first one.
    assert "[node02" not in said.partition("PLAY [Start machines]")[0]


def test_it_is_said_whose_power_command_came_to_nothing(folder: pathlib.Path) -> None:
    """They are armed, and nobody would know that they were not started. One of them takes too long."""
    commands = {"node01": "exit 3", "node02": "exec sleep 60", "node03": "true"}
    inventory = json.loads((folder / "inventory.yml").read_text())
    for name, command in commands.items():
        inventory["all"]["children"]["pxe_machines"]["hosts"][name]["machine_power_command"] = command
    (folder / "inventory.yml").write_text(json.dumps(inventory))
    book = folder / "book.yml"
    plays = yaml.safe_load((PROJECT / "playbooks/install.yml").read_text())
    [start] = [play for play in plays if play["name"] == "Start machines"]
    # As `task_timeout` of ansible.cfg, but for this task alone.
    start["tasks"][0]["timeout"] = 8
    book.write_text(yaml.safe_dump(plays))
    status, said = install(folder, "-l", "pxe_machines", "-e", "install_confirm=3", playbook="book.yml")
    assert status == 0, said
    assert armed(folder) == list(MACHINES)
    broken = "its machine_power_command failed; start it by hand now"
    assert [name for name in MACHINES if f"{name}: {broken}" in said] == ["node01", "node02"]


def test_the_end_is_reported_before_a_server_can_fail() -> None:
    """With one of several servers lost, taking answers away ends the run."""
    plays = yaml.safe_load((PROJECT / "playbooks/install.yml").read_text())
    [names] = [
        [task["name"] for task in play["tasks"]] for play in plays if play["name"] == "Follow machines"
    ]
    away = names.index("Remove the answers of machines that no longer need them")
    assert {"How it ended", "Pass the result to the jobs that follow"} <= set(names[:away])


def test_nobody_is_started_who_was_not_named(folder: pathlib.Path) -> None:
    status, said = install(folder, "-l", "node01", "-e", "install_confirm=yes")
    assert status == 0, said
    assert armed(folder) == ["node01"]
    assert not (folder / "power").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["-e", "install_confirm=2"], "Not confirmed"),
        (["-e", "install_confirm=3", "-e", "install_profile=other"], "boot/profiles/other.ipxe is missing"),
        (["-e", "install_confirm=3", "--check"], "PLAY RECAP"),
        (
            ["-e", "install_confirm=3", "-e", json.dumps({"machine_power_command": "reset {{ nobody }}"})],
            "machine_power_command: refers to something that does not exist; see node01, node02, node03.",
        ),
    ],
)
def test_who_is_not_armed_is_not_started(folder: pathlib.Path, words: list[str], why: str) -> None:
    """A machine that is switched off and on loses its work."""
    status, said = install(folder, "-l", "pxe_machines", *words)
    assert why in said
    assert (status == 0) == ("--check" in words), said
    assert armed(folder) == []
    assert not (folder / "power").exists()


def test_a_chosen_profile_is_that_of_all_machines(folder: pathlib.Path) -> None:
    (folder / "srv/boot/profiles/other.ipxe").write_text("#!ipxe\n")
    status, said = install(
        folder, "-l", "pxe_machines", "-e", "install_confirm=3", "-e", "install_profile=other"
    )
    assert status == 0, said
    records = [json.loads(path.read_text()) for path in folder.glob("srv/events/*/*/armed")]
    assert sorted((record["machine"], record["profile"]) for record in records) == [
        (name, "other") for name in MACHINES
    ]


def test_status_shows_who_was_asked_for_and_takes_back_what_has_changed(folder: pathlib.Path) -> None:
    """Boot files of machines without iPXE, too, whatever loader the site has now."""
    status, said = install(folder, "-l", "pxe_machines", "-e", "install_confirm=3")
    assert status == 0, said
    plain = folder / "srv/boot/syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-09"
    plain.parent.mkdir(parents=True)
    plain.write_text("")
    inventory = json.loads((folder / "inventory.yml").read_text())
    del inventory["all"]["children"]["pxe_machines"]["hosts"]["node03"]
    (folder / "inventory.yml").write_text(json.dumps(inventory))
    status, said = play(folder, "netinstall.pxe.status", "-l", "node02")
    assert status == 0, said
    assert "node03 (52:54:00:aa:00:03, 10.77.0.13) is no longer armed" in said
    assert (armed(folder), plain.exists()) == (["node01", "node02"], False)
    assert "node01" not in said
    status, said = play(folder, "netinstall.pxe.status")
    assert status == 0, said
    assert all(name in said for name in ("node01", "node02"))
    assert "node03" not in said


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ([], "node01"),
        (["-l", "pxe_machines:!node01"], "node02"),
        (["-e", "status_machines=node03,node02"], "node02"),
    ],
)
def test_the_play_of_status_is_about_one_host(folder: pathlib.Path, words: list[str], host: str) -> None:
    """Ansible would spend seconds on a thousand hosts of which each does nothing."""
    status, said = play(folder, "netinstall.pxe.status", "--list-hosts", *words)
    assert status == 0, said
    assert said.strip().endswith(f"hosts (1): {host}")


@pytest.mark.parametrize("playbook", ["install.yml", "disarm.yml"])
def test_no_task_is_run_for_each_machine(playbook: str) -> None:
    """The plays about all machines; those of what they find are about fewer hosts."""
    plays = yaml.safe_load((PROJECT / "playbooks" / playbook).read_text())
    site = yaml.safe_load((PROJECT / "roles/site/tasks/main.yml").read_text())
    assert all(task["run_once"] for task in site)
    [about_all] = [play for play in plays if "named_machines" in play["hosts"]]
    for task in about_all["tasks"]:
        imported = task.get("ansible.builtin.import_role", {}).get("name")
        assert task.get("run_once") or imported == "netinstall.pxe.site", task["name"]


BOOK = """
- import_playbook: netinstall.pxe.install
  vars: {install_machines: "node01,node02", install_confirm: "yes", install_profile: other}
- name: Something else fails for the first machine
  hosts: node01,node03
  gather_facts: false
  tasks:
    - ansible.builtin.fail:
      when: inventory_hostname == "node01"
# No machine is left of these.
- import_playbook: netinstall.pxe.install
  vars: {install_machines: node01, install_confirm: "yes"}
- import_playbook: netinstall.pxe.install
  vars: {install_machines: MACHINES, install_confirm: "yes"}
"""


@pytest.mark.parametrize(
    ("machines", "why"),
    [
        ("node02", "Were installed with install_profile earlier in this playbook: node02."),
        ("node01,node03", "Failed earlier in this playbook, so that nothing goes on for them: node01."),
    ],
)
def test_nothing_of_one_installation_is_left_for_the_next(
    folder: pathlib.Path, machines: str, why: str
) -> None:
    """The second machine, which is being installed, was switched off and on again."""
    (folder / "srv/boot/profiles/other.ipxe").write_text("#!ipxe\n")
    (folder / "book.yml").write_text(BOOK.replace("MACHINES", f"'{machines}'"))
    status, said = install(folder, playbook="book.yml")
    assert status != 0
    assert said.count("PLAY [Start machines]") >= 2
    assert (folder / "power").read_text() == "node02\n"
    assert why in said
    assert len(list(folder.glob("srv/events/*/*/armed"))) == 2


def test_no_machine_stays_armed_when_a_server_fails_halfway(folder: pathlib.Path) -> None:
    inventory = json.loads((folder / "inventory.yml").read_text())
    groups = inventory["all"]["children"]
    # The third time that its module is called, after the reconciliation and the question.
    program = folder / "python"
    program.write_text(
        f"""#!/bin/sh
case "$*" in *AnsiballZ_arming*)
  echo >> {folder}/calls
  [ "$(wc -l < {folder}/calls)" -ne 3 ] || exit 1
esac
exec {sys.executable} "$@"
"""
    )
    program.chmod(0o755)
    here = groups["pxe_servers"]["hosts"]["pxe1"]
    servers = {
        name: {
            **here,
            "server_address": f"{network}.1",
            "server_interface": "lo",
            "server_url": f"http://{network}.1",
        }
        for name, network in (("pxe1", "10.77.0"), ("pxe2", "10.78.0"))
    }
    servers["pxe2"]["ansible_python_interpreter"] = str(program)
    groups["pxe_servers"]["hosts"] = servers
    groups.update({group: {"hosts": {"pxe1": {}}} for group in ("pxe_dhcp", "pxe_tftp")})
    inventory["all"]["vars"]["site_subnets"].append({"cidr": "10.78.0.0/24", "http_server": "pxe2"})
    groups["pxe_machines"]["hosts"]["node03"]["machine_address"] = "10.78.0.13"
    (folder / "inventory.yml").write_text(json.dumps(inventory))
    script = folder / "srv/boot/machines/52-54-00-aa-00-03.ipxe"
    script.write_text(script.read_text().replace("10.77.0.", "10.78.0."))
    status, said = install(folder, "-l", "pxe_machines", "-e", "install_confirm=3")
    assert status != 0
    assert "changed: [node01 -> pxe1] => (item=pxe1)" in said.partition("Arm the machines]")[2], said
    assert (folder / "calls").read_text().count("\n") == 4
    assert "What this run had armed is cancelled." in said
    assert armed(folder) == []
    assert not (folder / "power").exists()


# What ansible-core 2.19 hands on of a module that raised something; and of one that took too long, nothing.
CRASHED = '{"failed": true, "msg": "Module failed.", "exception": "(traceback unavailable)"}'


@pytest.mark.parametrize("said", [CRASHED, ""])
def test_no_machine_stays_armed_when_the_module_is_lost_after_it_has_armed(
    folder: pathlib.Path, said: str
) -> None:
    """Whatever does not say that it armed nobody may have."""
    inventory = json.loads((folder / "inventory.yml").read_text())
    program = folder / "python"
    # The second time, after the reconciliation.
    program.write_text(
        f"""#!/bin/sh
case "$*" in *AnsiballZ_arming*)
  echo >> {folder}/calls
  if [ "$(wc -l < {folder}/calls)" = 2 ]; then
    {sys.executable} "$@" > {folder}/armed
    printf '%s' '{said}'
    exit 1
  fi
esac
exec {sys.executable} "$@"
"""
    )
    program.chmod(0o755)
    inventory["all"]["children"]["pxe_servers"]["hosts"]["pxe1"]["ansible_python_interpreter"] = str(program)
    (folder / "inventory.yml").write_text(json.dumps(inventory))
    status, output = install(folder, "-l", "pxe_machines", "-e", "install_confirm=3")
    assert status != 0
    assert '"changed": true' in (folder / "armed").read_text()
    assert armed(folder) == [], output
    assert "What this run had armed is cancelled." in output
    assert "No machine was armed." not in output
