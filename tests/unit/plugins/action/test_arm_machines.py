# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arms machines by the playbook, on servers that are folders of the test."""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import typing as t

import pytest
import yaml
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation

COLLECTIONS = pathlib.Path(installation.__file__).parents[5]
SECRET = "$6$S3CRET$abcdefGHI./"
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
REDHAT = "url --url=http://10.77.0.1/trees/rocky-9\nlang en_US.UTF-8\nrootpw --lock\n"
FILES = {
    "own.ks.j2": REDHAT
    + "# {{ inventory_hostname }} {{ vlan_address }} {{ installation.machine }} {{ rack }}\n"
    "{% include 'part.j2' %}\n\n%packages\n%end\n",
    "part.j2": "{% import 'macro.j2' as macros with context %}# part {{ macros.line() }}",
    "macro.j2": "{% macro line() %}{{ inventory_hostname }} {{ lookup('ansible.builtin.vars', 'vlan_address') }}"
    "{% endmacro %}",
    "own.preseed.j2": "#jinja2: trim_blocks: False\nd-i netcfg/get_hostname string {{ inventory_hostname }}\n"
    "d-i a/b string {{ vlan_address }} {{ hostvars[inventory_hostname].rack }}\n",
    "berlin.ks": REDHAT + "# of Berlin\n%packages\n%end\n",
    "tokyo.ks": REDHAT + "# of Tokyo\n%packages\n%end\n",
    "odd.ks.j2": REDHAT + "{{ not_there }}\n",
    # Of these, parts lie beside them.
    "brought.ks": REDHAT + "%include /srv/site/parts/storage.ks\n%packages\n%end\n",
    "parts/storage.ks.j2": "# S3CRET {{ inventory_hostname }} {{ vlan_address }} {{ installation.hostname }}\n"
    "autopart\n",
    "parts/motd": "of {{ nobody }}, as it is\n",
    "fetching.preseed.j2": "d-i a/b string {{ installation.files_url }}/motd\n",
    "bad/storage.ks": "# the second line\nautopart --tpye=lvm\n",
    "asking.ks.j2": REDHAT + "%include {{ installation.files_url }}/nowhere.ks\n%packages\n%end\n",
    "lost.ks": REDHAT + "repo --name=old --baseurl=http://10.77.0.254/yum/CentOS6.8\n"
    "repo --name=alias --baseurl=http://10.77.0.254/alias/x\nrepo --name=there --baseurl=http://10.77.0.254/alias/profiles\n"
    "%packages\n%end\n%post\n# wget http://10.77.0.254/of/a/comment\nwget http://10.77.0.254/files/tool.sh\n%end\n",
    "latin.txt": "\udce4\n",
    "large.txt": "x" * (1024 * 1024 + 1),
}
PROFILES: dict[str, t.Any] = {
    "el9": {
        "distribution": "rocky-9",
        # The same for all machines, so that it can be published.
        "kernel_arguments": ["site={{ site_name }}"],
        "answers": {
            "post": "echo of-profile {{ vlan_address }}"
            " {{ lookup('ansible.builtin.file', inventory_dir ~ '/' ~ rack) }}\n"
            "{% raw %}echo ${#all[@]} '{{ kept }}'{% endraw %}\n"
        },
    },
    "own": {"distribution": "rocky-9", "answers": {"file": "own.ks.j2"}},
    "by-rack": {"distribution": "rocky-9", "answers": {"file": "{{ rack }}.ks"}},
    "deb": {"distribution": "debian-13", "answers": {"file": "own.preseed.j2"}},
    "named": {"distribution": "rocky-9", "kernel_arguments": ["name={{ inventory_hostname }}"]},
    "broken": {"distribution": "rocky-9", "answers": {"post": "echo ${#all[@]}\n", "pre": "{{ not_there }}"}},
    "hidden": {"distribution": "rocky-9", "answers": {"post": "echo S3CRET ${#all} and ${all#}\n"}},
    "odd": {"distribution": "rocky-9", "answers": {"file": "odd.ks.j2"}},
    "missing": {"distribution": "rocky-9", "answers": {"file": "nowhere.ks"}},
    "lost-url": {"distribution": "rocky-9", "answers": {"file": "lost.ks"}},
    "typo": {"distribution": "rocky-9", "answers": {"extra": "nonsense --here"}},
    "parts": {
        "distribution": "rocky-9",
        "answers": {"file": "brought.ks", "files": ["parts/storage.ks.j2", "parts/motd"]},
    },
    "deb-parts": {
        "distribution": "debian-13",
        "answers": {"file": "fetching.preseed.j2", "files": ["parts/motd"]},
    },
    "bad-part": {
        "distribution": "rocky-9",
        "answers": {"file": "brought.ks", "files": ["bad/storage.ks"]},
    },
    "no-part": {"distribution": "rocky-9", "answers": {"file": "asking.ks.j2", "files": ["parts/motd"]}},
    **{
        name: {"distribution": "rocky-9", "answers": {"files": files}}
        for name, files in {
            "lost": ["parts/motd", "nowhere.txt"],
            "latin": ["latin.txt"],
            "large": ["large.txt"],
        }.items()
    },
}


def machines() -> dict[str, dict[str, t.Any]]:
    """Two of each profile, one in each rack: profile-berlin and profile-tokyo."""
    numbers = itertools.count(1)
    return {
        f"{profile}-{rack}": {
            "machine_profile": profile,
            "machine_mac": f"52:54:00:aa:00:{number:02x}",
            "machine_address": f"10.77.0.{number}" if rack == "berlin" else f"10.78.0.{number}",
            "machine_disk": "/dev/vda",
            "vlan_address": f"10.99.0.{number}",
        }
        for profile in PROFILES
        for rack in ("berlin", "tokyo")
        for number in [next(numbers)]
    }


class Site:
    """A user's project."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.machines = machines()
        (folder / "group_vars").mkdir(parents=True)
        for name in ("answers", "answers/parts", "answers/bad"):
            (folder / name).mkdir()
        self.write("inventory.yml", self.inventory())
        self.write("group_vars/all.yml", self.description())
        self.write("group_vars/berlin.yml", {"rack": "berlin", "zone": "Europe/Berlin"})
        self.write("group_vars/tokyo.yml", {"rack": "tokyo", "zone": "Asia/Tokyo"})
        for rack in ("berlin", "tokyo"):
            (folder / rack).write_text(f"looked-up-{rack}")
        for name, text in FILES.items():
            (folder / "answers" / name).write_text(text, errors="surrogateescape")
        (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)
        (folder / "ansible.cfg").write_text("")
        (folder / "system.log").write_text("")
        for server in ("pxe1", "pxe2"):
            self.serve(folder / server)

    def write(self, name: str, data: t.Any) -> None:
        (self.folder / name).write_text(yaml.safe_dump(data, sort_keys=False))

    def inventory(self) -> dict[str, t.Any]:
        racks = {
            rack: {"hosts": {name: data for name, data in self.machines.items() if name.endswith(rack)}}
            for rack in ("berlin", "tokyo")
        }
        servers = {
            name: {
                "ansible_connection": "local",
                "server_address": f"10.{77 + number}.0.254",
                "server_interface": "lo",
                "folder": str(self.folder / name),
            }
            for number, name in enumerate(("pxe1", "pxe2"))
        }
        return {
            "all": {
                "children": {
                    "pxe_servers": {"hosts": {"pxe1": servers["pxe1"]}},
                    "pxe_http": {"hosts": servers},
                    "pxe_machines": {
                        "children": racks,
                        "vars": {"machine_answers": {"ntp_server": "{{ vlan_address }}"}},
                    },
                }
            }
        }

    def description(self) -> dict[str, t.Any]:
        return {
            "ansible_python_interpreter": sys.executable,
            "ansible_become": False,
            "site_name": "lab",
            "site_root": str(self.folder / "pxe1"),
            "site_subnets": [
                {"cidr": "10.77.0.0/24", "domain": "lab.example"},
                {"cidr": "10.78.0.0/24", "domain": "lab.example", "http_server": "pxe2"},
            ],
            "site_distributions": {
                "rocky-9": {"isos": [{"path": "/srv/iso/rocky-9.iso"}]},
                "debian-13": {"isos": [{"path": "/srv/iso/debian-13.iso"}]},
            },
            "site_answers": {
                "root_password_hash": SECRET,
                "timezone": "{{ zone }}",
                "root_ssh_keys": ["ssh-ed25519 AAAA {{ inventory_hostname }}"],
            },
            "site_profiles": PROFILES,
            "site_aliases": {"/alias": "boot"},
        }

    def serve(self, root: pathlib.Path) -> None:
        """What site.yml makes."""
        for name in ("answers", "events", "boot/profiles", "boot/machines"):
            (root / name).mkdir(parents=True)
        for profile in PROFILES:
            (root / f"boot/profiles/{profile}.ipxe").write_text("#!ipxe\n")
        for name, data in self.machines.items():
            mac = data["machine_mac"].replace(":", "-")
            script = root / f"boot/machines/{mac}.ipxe"
            script.write_text(f"chain http://10.77.0.1/answers/{data['machine_address']}/{name}_{mac}.ipxe\n")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
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
        return subprocess.run(
            [sys.executable, "-m", "ansible", *command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def install(self, profiles: t.Iterable[str], *options: str) -> subprocess.CompletedProcess[str]:
        names = ",".join(name for name in self.machines if name.rpartition("-")[0] in set(profiles))
        fixed = ["-e", "install_confirm=yes", "-e", "install_follow=no"]
        return self.run(
            "playbook", "netinstall.pxe.install", "-i", "inventory.yml", "-l", names, *fixed, *options
        )

    def answers(self) -> dict[str, str]:
        """What was published, by name of the machine."""
        # Both servers are this machine, so that a site has one folder.
        return {
            name: path.read_text()
            for name, data in self.machines.items()
            for path in self.folder.glob(f"pxe1/answers/{data['machine_address']}/*/*s*.cfg")
        }


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What was said. Ansible breaks long messages into lines."""
    return re.sub(r"\s+", " ", done.stdout + done.stderr).replace("''", "'")


GOOD = ("el9", "own", "by-rack", "deb", "parts", "deb-parts")
LOST = ("missing", "lost")


class Armed(t.NamedTuple):
    site: Site
    done: subprocess.CompletedProcess[str]
    answers: dict[str, str]


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Armed:
    site = Site(tmp_path_factory.mktemp("armed"))
    done = site.install(GOOD, "-vvvvv", "--diff")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    return Armed(site, done, site.answers())


@pytest.mark.parametrize("rack", ["berlin", "tokyo"])
class TestEachMachineGetsItsOwnValues:
    """Of machines that are armed together, from groups with different variables, on different servers."""

    @pytest.fixture
    def of(self, armed: Armed, rack: str) -> t.Callable[[str], tuple[str, str]]:
        def found(profile: str) -> tuple[str, str]:
            name = f"{profile}-{rack}"
            return armed.answers[name], str(armed.site.machines[name]["vlan_address"])

        return found

    def test_site_answers(self, of: t.Callable[[str], tuple[str, str]], rack: str) -> None:
        text, _vlan = of("el9")
        assert {"berlin": "Europe/Berlin", "tokyo": "Asia/Tokyo"}[rack] in text
        assert f"AAAA el9-{rack}" in text

    def test_machine_answers(self, of: t.Callable[[str], tuple[str, str]]) -> None:
        text, vlan = of("el9")
        assert f"--ntp-server={vlan}" in text

    def test_profile_with_a_lookup(self, of: t.Callable[[str], tuple[str, str]], rack: str) -> None:
        text, vlan = of("el9")
        assert f"echo of-profile {vlan} looked-up-{rack}\n" in text

    def test_what_is_marked_as_raw_stays(self, of: t.Callable[[str], tuple[str, str]]) -> None:
        assert "echo ${#all[@]} '{{ kept }}'\n" in of("el9")[0]

    def test_own_template(self, of: t.Callable[[str], tuple[str, str]], rack: str) -> None:
        text, vlan = of("own")
        assert f"# own-{rack} {vlan} own-{rack} {rack}\n" in text
        assert f"# part own-{rack} {vlan}\n" in text

    def test_own_template_with_settings_of_jinja(
        self, of: t.Callable[[str], tuple[str, str]], rack: str
    ) -> None:
        text, vlan = of("deb")
        # The disk follows.
        assert text.startswith(
            f"d-i netcfg/get_hostname string deb-{rack}\nd-i a/b string {vlan} {rack}\n\n#"
        )

    def test_name_of_a_file(self, of: t.Callable[[str], tuple[str, str]], rack: str) -> None:
        assert f"# of {rack.title()}\n" in of("by-rack")[0]

    def beside(self, armed: Armed, name: str) -> tuple[str, dict[str, str]]:
        """The URL of what lies beside an answer file, and its text by name."""
        [folder] = armed.site.folder.glob(f"pxe1/answers/{armed.site.machines[name]['machine_address']}/*/")
        served = {path.name: path.read_text() for path in folder.iterdir()}
        server = "10.77.0.254" if name.endswith("berlin") else "10.78.0.254"
        return f"http://{server}/answers/{folder.parent.name}/{folder.name}", served

    def test_files_beside_a_kickstart(
        self, armed: Armed, of: t.Callable[[str], tuple[str, str]], rack: str
    ) -> None:
        text, vlan = of("parts")
        url, served = self.beside(armed, f"parts-{rack}")
        # The kickstart names a path of the control node.
        assert f"\n%include {url}/storage.ks\n" in text
        assert "/srv/site" not in text
        # They say how the disk is divided, so that nothing else does.
        assert "\nreqpart" not in text
        assert "partitions.ks" not in text
        assert served == {
            "ks.cfg": text,
            "storage.ks": f"# S3CRET parts-{rack} {vlan} parts-{rack}\nautopart\n",
            "motd": FILES["parts/motd"],
        }

    def test_a_template_knows_their_url(
        self, armed: Armed, of: t.Callable[[str], tuple[str, str]], rack: str
    ) -> None:
        url, served = self.beside(armed, f"deb-parts-{rack}")
        assert of("deb-parts")[0].startswith(f"d-i a/b string {url}/motd\n")
        assert served.keys() == {"preseed.cfg", "motd"}


def test_each_machine_is_armed_once(armed: Armed) -> None:
    assert sorted(armed.answers) == sorted(
        f"{profile}-{rack}" for profile in GOOD for rack in ("berlin", "tokyo")
    )


def test_nothing_is_said_of_a_machines_own_urls(armed: Armed) -> None:
    """Where it reports stands in each answer file."""
    assert "/events/" in armed.answers["el9-berlin"]
    assert "only the machine that it belongs to" not in one_line(armed.done)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Site]:
    """What is said of machines with mistakes of every kind, beside some without."""
    site = Site(tmp_path_factory.mktemp("refused"))
    mistaken = [name for name in PROFILES if name not in (*GOOD, *LOST)]
    done = site.install([*GOOD, *mistaken])
    assert len(mistaken) == 10
    assert done.returncode == 2, done.stdout
    return one_line(done), site


@pytest.mark.parametrize(
    "mistake",
    [
        "named-{rack}: kernel_arguments of profile named: are published once for all its machines",
        "broken-{rack}: answers.post: cannot be evaluated: ",
        "broken-{rack}: answers.pre: cannot be evaluated: ",
        "hidden-{rack}: answers.post: '{{#' begins a comment of Jinja's",
        "odd-{rack}: odd.ks.j2 cannot be rendered: ",
        "typo-{rack} line ",
        "bad-part-{rack}: storage.ks line 2 ",
        "no-part-{rack}: nowhere.ks is fetched from installation.files_url, but answers.files does not name it.",
        "lost-url-{rack}: lost.ks line 4: http://10.77.0.254/yum/CentOS6.8: the web server serves nothing there",
        "lost-url-{rack}: lost.ks line 5: http://10.77.0.254/alias/x: there is no boot/x below",
        # Only a warning: it is a script's.
        "[WARNING]: lost-url-{rack}: lost.ks line 11: http://10.77.0.254/files/tool.sh: there is no files/tool.sh",
        "latin-{rack}: answers.files[0]: latin.txt is not UTF-8 text; put",
        "large-{rack}: answers.files[0]: with large.txt they have more than 1 MiB; put",
    ],
)
@pytest.mark.parametrize("rack", ["berlin", "tokyo"])
def test_all_mistakes_of_all_machines_are_named(refused: tuple[str, Site], mistake: str, rack: str) -> None:
    said, _site = refused
    assert "No machine was armed. " in said
    assert mistake.format(rack=rack) in said


def test_a_file_that_is_not_there_is_named_before_anything_is_asked(tmp_path: pathlib.Path) -> None:
    site = Site(tmp_path)
    done = site.install([*GOOD, *LOST])
    assert done.returncode == 2, done.stdout
    said = one_line(done)
    place = f"on the control node: looked in {tmp_path}, nor in files, templates, answers of these"
    assert f"site_profiles.missing.answers.file: there is no nowhere.ks {place} (for" not in said
    assert f"site_profiles.missing.answers.file: there is no nowhere.ks {place}" in said
    assert f"site_profiles.lost.answers.files[1]: there is no nowhere.txt {place}" in said
    assert "The answers have 2 mistakes, listed above. Nothing was changed." in said
    assert site.answers() == {}


def test_a_mistake_arms_none(refused: tuple[str, Site]) -> None:
    said, site = refused
    assert list(site.folder.glob("pxe1/*/10.*")) == []
    assert not re.search("[0-9a-f]{32}", said)
    assert "alias/profiles" not in said
    assert "of/a/comment" not in said
    assert "S3CRET" not in said


def test_a_mistake_on_one_server_arms_none_on_another(tmp_path: pathlib.Path) -> None:
    """Of what is known on the server alone, such as a boot script that site.yml has not published yet."""
    site = Site(tmp_path)
    mac = site.machines["own-tokyo"]["machine_mac"].replace(":", "-")
    (tmp_path / f"pxe1/boot/machines/{mac}.ipxe").unlink()
    done = site.install(["own"])
    assert done.returncode == 2
    assert f"{mac}.ipxe is missing on the server; run netinstall.pxe.site first" in one_line(done)
    assert site.answers() == {}


@pytest.fixture
def plain(tmp_path: pathlib.Path) -> tuple[Site, str]:
    """A machine with UEFI, which has iPXE, and one with a BIOS, which loads pxelinux; and the name of its file."""
    site = Site(tmp_path)
    # TFTP and HTTP are on one host then.
    site.machines = {name: site.machines[name] for name in ("own-berlin", "own-tokyo")}
    site.machines["own-berlin"]["machine_firmware"] = "uefi"
    site.machines["own-tokyo"].update({"machine_firmware": "bios", "machine_address": "10.77.0.200"})
    inventory = site.inventory()
    del inventory["all"]["children"]["pxe_http"]["hosts"]["pxe2"]
    site.write("inventory.yml", inventory)
    description = {**site.description(), "site_bios_loader": "pxelinux"}
    site.write("group_vars/all.yml", {**description, "site_subnets": description["site_subnets"][:1]})
    mac = site.machines["own-tokyo"]["machine_mac"].replace(":", "-")
    files = {
        f"machines/{mac}.ipxe": f"/answers/10.77.0.200/own-tokyo_{mac}.ipxe\n",
        f"syslinux/pxelinux.cfg/01-{mac}": f"DEFAULT local\nINCLUDE pxelinux.cfg/armed/01-{mac}\n",
        "syslinux/profiles/own.cfg": "LABEL install\n  KERNEL kernels/d/linux\n  INITRD kernels/d/i\n  IPAPPEND 2\n",
        "syslinux/kernels/d/linux": "kernel",
        "syslinux/kernels/d/i": "initrd",
    }
    for name, text in files.items():
        path = tmp_path / "pxe1/boot" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return site, f"01-{mac}"


def test_what_pxelinux_lacks_arms_none_with_another_loader(plain: tuple[Site, str]) -> None:
    """Those with UEFI would be wiped by a run that said that it failed."""
    site, name = plain
    (site.folder / "pxe1/boot/syslinux/pxelinux.cfg" / name).unlink()
    done = site.install(["own"])
    assert done.returncode == 2
    assert f"{name} is missing on the server; run netinstall.pxe.site first" in one_line(done)
    assert list(site.folder.glob("pxe1/*/10.*")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a folder read-only: run as root")
def test_what_cannot_be_written_for_pxelinux_arms_none(plain: tuple[Site, str]) -> None:
    site, name = plain
    armed = site.folder / "pxe1/boot/syslinux/pxelinux.cfg/armed"
    armed.mkdir()
    subprocess.run(["mount", "--bind", armed, armed], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", armed], check=True)
        done = site.install(["own"])
    finally:
        subprocess.run(["umount", armed], check=True)
    assert done.returncode == 2
    assert "Read-only file system" in one_line(done)
    assert list(site.folder.glob("pxe1/answers/10.*")) == []
    assert list(site.folder.glob("pxe1/events/*/*/ticket-*")) == []
    done = site.install(["own"])
    assert done.returncode == 0, one_line(done)
    assert (armed / name).exists()


def test_what_nothing_would_end_is_refused(plain: tuple[Site, str]) -> None:
    """By FTP no release is asked for: without a report it would be installed at every boot."""
    site, _name = plain
    description = yaml.safe_load((site.folder / "group_vars/all.yml").read_text())
    description["site_profiles"]["own"]["answers_by"] = "ftp"
    site.write("group_vars/all.yml", description)
    done = site.install(["own"])
    assert done.returncode == 2
    said = one_line(done)
    assert "own-tokyo: it loads pxelinux and gets its answer file by FTP, which reports nothing" in said
    assert "own-berlin: it loads pxelinux" not in said
    assert list(site.folder.glob("pxe1/*/10.*")) == []


# Secrets


def kept_below(folder: pathlib.Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


def test_no_secret_is_shown_or_logged(armed: Armed) -> None:
    folder = armed.site.folder
    places = {
        "output": armed.done.stdout + armed.done.stderr,
        "log of the control node": (folder / "control.log").read_text(),
        "log of the server": (folder / "system.log").read_text(),
        "files of Ansible": kept_below(folder / "home"),
        "files of modules": kept_below(folder / "remote"),
    }
    tokens = {path.parent.name for path in folder.glob("pxe1/answers/*/*/*.cfg")}
    assert len(tokens) == 2 * len(GOOD)
    assert "Invoked with" in places["log of the server"]
    found = {
        place: [secret for secret in ("S3CRET", "of-profile", *tokens) if secret in text]
        for place, text in places.items()
    }
    assert found == {place: [] for place in places}


def test_the_diff_names_the_machines(armed: Armed) -> None:
    assert re.search(r"\+\+\+ after: .*/answers/10\.77\.0\.1/[0-9a-f]{8}\.\.\./ks\.cfg", armed.done.stdout)


@pytest.mark.parametrize("missing", ["", "script", "machine"])
def test_the_module_alone_shows_and_logs_no_secrets(tmp_path: pathlib.Path, missing: str) -> None:
    """Also where it fails, and where Ansible refuses its arguments."""
    site = Site(tmp_path)
    token = "0123456789abcdef" * 2
    one = {
        "machine": "own-berlin",
        "mac": site.machines["own-berlin"]["machine_mac"],
        "address": site.machines["own-berlin"]["machine_address"],
        "token": token,
        "profile": "own",
        "family": "debian",
        "disk": "/dev/vda",
        "answer": f"d-i passwd/root-password-crypted password {SECRET}\n",
    }
    arguments = {
        "root": str(tmp_path / "pxe1"),
        "urls": {name: f"http://10.77.0.1/{name}" for name in ("boot", "answers", "events")},
        "installations": [{key: value for key, value in one.items() if key != missing}],
    }
    if missing == "script":
        (tmp_path / "pxe1/boot/profiles/own.ipxe").unlink()
    module = ["-m", "netinstall.pxe.arming", "-a", json.dumps(arguments), "--diff", "-vvv"]
    done = site.run("adhoc", "localhost", "-i", "localhost,", "-c", "local", *module)
    assert (done.returncode == 0) == (not missing), done.stdout
    log = (tmp_path / "system.log").read_text()
    assert ("installations=NOT_LOGGING_PARAMETER" in log) == (missing != "machine")
    said = done.stdout + done.stderr + log
    assert [secret for secret in ("S3CRET", token) if secret in said] == []
    assert ("own-berlin" in said) == (missing != "machine")
