# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and installs by the playbooks, with answers that the host of a play cannot evaluate.

It must hold on every ansible-core that the collection supports: before 2.19, an argument of a task is evaluated with
all that is in it. ``ansible-core~=2.17`` in a virtual environment of its own runs this file, too.
"""

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
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation
from ansible_collections.netinstall.pxe.plugins.plugin_utils import _inventory, _per_machine

COLLECTIONS = pathlib.Path(installation.__file__).parents[5]
# Every value that is nobody's business has this in it.
SECRET = "S3CRET"
HASH = f"$6${SECRET}$abcdefghijklmnopqrstuvwxyz./"
# Hands over what modules write into the log of the system.
SITECUSTOMIZE = """\
import os
import sys
import syslog

sys.modules["systemd"] = None


def keep(*arguments):
    with open(os.environ["SYSTEM_LOG"], "a") as log:
        print(*arguments, file=log)


syslog.syslog = keep
"""
DESCRIPTION: dict[str, t.Any] = {
    "site_server": {"address": "10.77.0.254", "interface": "lo"},
    "site_subnets": [{"cidr": "10.77.0.0/24", "domain": "lab.example"}],
    "site_distributions": {"debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]}},
    "site_menu": {"password_hash": "{{ '$6$" + SECRET + "$menu' }}"},
    "site_answers": {
        "root_password_hash": HASH,
        # The host of the play has no vlan.
        "root_ssh_keys": ["ssh-ed25519 AAAA " + SECRET + "{{ vlan }}"],
        "timezone": "{{ zone }}",
    },
    "common_answers": {"users": [{"name": "ada", "password_hash": HASH, "gecos": "{{ gecos }}"}]},
    "site_profiles": {
        "good": {
            "distribution": "debian-13",
            "menu_password_hash": HASH,
            "answers": {"late_commands": [f"echo {SECRET}\necho {{{{ vlan }}}}\n"]},
        },
        "referring": {"distribution": "debian-13", "answers": "{{ common_answers }}"},
        "missing": {
            "distribution": "debian-13",
            "answers": {"users": [{"name": "ada", "password_hash": "{{ '" + HASH + "' ~ nowhere }}"}]},
        },
        "broken": {
            "distribution": "debian-13",
            "answers": {
                "root_password_hash": "{{ '" + HASH + "' | no_such_filter }}",
                "late_commands": [
                    "{{ '" + SECRET + "' | int(base=10) + }}",
                    "{{ lookup('ansible.builtin.file', '/" + SECRET + "') }}",
                    "{{ {}['" + SECRET + "'].more }}",
                    "{{ ('" + SECRET + "' | from_json).x }}",
                ],
            },
        },
    },
}
MACHINES = {
    f"node{number}": {
        "machine_profile": profile,
        "machine_mac": f"52:54:00:aa:00:0{number}",
        "machine_address": f"10.77.0.{number}",
        "machine_disk": "/dev/vda",
        "vlan": f"vlan{number}",
        "zone": "Europe/Berlin",
    }
    for number, profile in enumerate(("good", "good", "missing", "broken", "referring"), 1)
}


class Site:
    """A user's project, with a server that is a folder."""

    def __init__(self, folder: pathlib.Path, **variables: t.Any) -> None:
        self.folder = folder
        self.root = folder / "srv"
        inventory = {
            "all": {
                "vars": {
                    **DESCRIPTION,
                    "site_root": str(self.root),
                    "ansible_python_interpreter": sys.executable,
                    "ansible_become": False,
                    **variables,
                },
                "children": {
                    "pxe_servers": {"hosts": {"pxe1": {"ansible_connection": "local"}}},
                    "pxe_machines": {
                        "hosts": MACHINES,
                        # Lines of the inventory that Ansible would show around a mistake.
                        "vars": {"machine_answers": {"ntp_server": "10.77.0.1", "root_password_hash": HASH}},
                    },
                },
            }
        }
        (folder / "inventory.yml").write_text(yaml.safe_dump(inventory, sort_keys=False))
        (folder / "ansible.cfg").write_text("")
        (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)
        (folder / "system.log").write_text("")
        for name in ("answers", "events", "boot/profiles", "boot/machines"):
            (self.root / name).mkdir(parents=True)
        for name, data in MACHINES.items():
            profile = self.root / f"boot/profiles/{data['machine_profile']}.ipxe"
            profile.write_text("#!ipxe\n")
            mac = data["machine_mac"].replace(":", "-")
            script = self.root / f"boot/machines/{mac}.ipxe"
            script.write_text(
                f"chain http://10.77.0.254/answers/{data['machine_address']}/{name}_{mac}.ipxe\n"
            )

    def playbook(self, *command: str) -> tuple[int, str]:
        """How a playbook ended, and all that was said of it anywhere."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "PYTHONPATH": str(self.folder),
            "SYSTEM_LOG": str(self.folder / "system.log"),
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
            "ANSIBLE_LOG_PATH": str(self.folder / "control.log"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_NOCOLOR": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", *command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        logs = [(self.folder / name).read_text() for name in ("system.log", "control.log")]
        said = re.sub(r"\s+", " ", "\n".join([done.stdout, done.stderr, *logs])).replace("''", "'")
        return done.returncode, said

    def install(self, *names: str) -> tuple[int, str]:
        return self.playbook(
            "netinstall.pxe.install",
            "-l",
            ",".join(names),
            "-e",
            "install_confirm=yes",
            "-e",
            "install_follow=no",
            "-vvv",
            "--diff",
        )


def test_a_plan_needs_no_answers(tmp_path: pathlib.Path) -> None:
    """Neither variables of machines nor sound templates, in answers of any profile; and it shows none of them."""
    status, said = Site(tmp_path).playbook("netinstall.pxe.plan", "-vvv", "--diff")
    assert status == 0, said[-5000:]
    # It says what nobody could check.
    for line in (
        "site_profiles.missing.answers.users[0].password_hash: cannot be evaluated: 'nowhere' is undefined",
        "site_profiles.broken.answers.late_commands[0]: cannot be evaluated: line 1 is not valid Jinja",
        "site_profiles.referring.answers.users[0].gecos: cannot be evaluated: 'gecos' is undefined",
    ):
        assert line in said
    assert "site_profiles.good.answers.late_commands[0]: cannot" not in said
    assert "machines (5)" in said
    assert "Invoked with site_names=" in (tmp_path / "system.log").read_text()
    assert SECRET not in said


def test_a_plan_needs_no_hash() -> None:
    """Who plans may not know the vault's password."""
    lost = _per_machine.trust_as_template("{{ nowhere }}")
    variables: dict[str, t.Any] = {
        "groups": {},
        "site_menu": {"title": "PXE", "password_hash": lost},
        "site_profiles": {"a": {"label": "A", "menu_password_hash": lost}},
    }
    inventory = _inventory.Inventory(variables, DataLoader())
    assert inventory.site() == {
        "menu": {"title": "PXE", "password_hash": None},
        "profiles": {"a": {"label": "A", "menu_password_hash": None}},
    }
    assert inventory.mistakes == []
    variables["site_menu"]["title"] = lost
    inventory.site()
    assert [mistake["address"] for mistake in inventory.mistakes] == ["site_menu.title"]


class HostVars(dict[str, t.Any]):
    """What is asked of Ansible's."""

    def raw_get(self, name: str) -> t.Any:
        return self[name]


def test_a_plan_needs_no_answers_of_machines() -> None:
    lost = _per_machine.trust_as_template("{{ nowhere }}")
    described = {"machine_mac": "52:54:00:aa:00:01", "machine_answers": {"post": lost}, "machine_typo": lost}
    variables = {"groups": {"pxe_machines": ["node1"]}, "hostvars": HostVars(node1=described)}
    inventory = _inventory.Inventory(variables, DataLoader())
    assert inventory.machines("pxe_machines") == [
        {"name": "node1", "mac": "52:54:00:aa:00:01", "answers": {"post": None}}
    ]
    assert inventory.mistakes == []
    described["machine_disk"] = lost
    inventory.machines("pxe_machines")
    assert [mistake["address"] for mistake in inventory.mistakes] == ["pxe_machines.node1.machine_disk"]


def test_a_machine_is_armed_beside_a_broken_profile(tmp_path: pathlib.Path) -> None:
    status, said = Site(tmp_path).install("node1", "node2")
    assert status == 0, said[-5000:]
    texts = {
        path.parent.parent.name: path.read_text() for path in tmp_path.glob("srv/answers/*/*/preseed.cfg")
    }
    assert sorted(texts) == ["10.77.0.1", "10.77.0.2"]
    for number in (1, 2):
        assert f"AAAA {SECRET}vlan{number}" in texts[f"10.77.0.{number}"]
    assert SECRET not in said


def test_what_cannot_be_evaluated_is_not_armed(tmp_path: pathlib.Path) -> None:
    """The message names the machine and the key, and shows no value."""
    site = Site(tmp_path)
    status, said = site.install("node1", "node3", "node4", "node5")
    assert status == 2
    for mistake in (
        "node3: answers.users[0].password_hash: cannot be evaluated: 'nowhere' is undefined",
        "node4: answers.root_password_hash: cannot be evaluated: there is no filter",
        "node4: answers.late_commands[0]: cannot be evaluated: line 1 is not valid Jinja",
        "node4: answers.late_commands[1]: cannot be evaluated: ",
        "node4: answers.late_commands[2]: cannot be evaluated: something that it refers to does not exist",
        "node4: answers.late_commands[3]: cannot be evaluated: ",
        "node5: answers.users[0].gecos: cannot be evaluated: 'gecos' is undefined",
    ):
        assert mistake in said
    assert list(site.root.glob("*/10.*")) == []
    assert SECRET not in said


def test_a_plan_knows_what_machines_make_of_answers(tmp_path: pathlib.Path) -> None:
    """Answers are checked with the machine's variables, whatever the host of the play has."""
    variables = {
        "site_profiles": {"good": DESCRIPTION["site_profiles"]["good"]},
        "site_answers": {"timezone": "{{ vlan }}", "root_password_hash": HASH},
        "machine_profile": "good",
    }
    status, said = Site(tmp_path).playbook("netinstall.pxe.plan", "-vvv", "-e", json.dumps(variables))
    assert status == 2
    assert "1. site_answers.timezone: 'vlan1' is not in the tz database" in said
    assert "(for node1)" in said
    # The script with a secret was read, and is in no log.
    assert "answers_info" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("variables", "mistake"),
    [
        (
            {"site_subnets": [{"cidr": SECRET + "{{ nowhere }}"}]},
            "1. site_subnets[0].cidr: cannot be evaluated: 'nowhere' is undefined",
        ),
        (
            {"site_profiles": {"a": {"distribution": "x", "label": "{{ '" + SECRET + "' | nonesuch }}"}}},
            "1. site_profiles.a.label: cannot be evaluated: there is no filter",
        ),
        (
            {"site_profiles": "{{ '" + SECRET + "' | combine(nowhere) }}"},
            "1. site_profiles: cannot be evaluated: ",
        ),
        (
            {"machine_disk": SECRET + "{{ nowhere }}"},
            "1. pxe_machines.node1.machine_disk: cannot be evaluated: 'nowhere' is undefined",
        ),
        (
            {"server_url": SECRET + "{{ nowhere }}"},
            "1. pxe_servers.pxe1.server_url: cannot be evaluated: 'nowhere' is undefined",
        ),
    ],
)
def test_a_mistake_names_the_key(tmp_path: pathlib.Path, variables: dict[str, t.Any], mistake: str) -> None:
    status, said = Site(tmp_path).playbook("netinstall.pxe.plan", "-vvv", "-e", json.dumps(variables))
    assert status == 2
    assert mistake in said
    assert SECRET not in said
