# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that nobody described, from the menu to the local disk: a site as the plan, the role and the modules make
it, served by a real nginx, to clients that do what iPXE, pxelinux and the installers ask for."""

from __future__ import annotations

import http.client
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
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.compile import compile_plan
from ansible_collections.netinstall.pxe.tests.unit.guard import ipxe_client
from ansible_collections.netinstall.pxe.tests.unit.guard.served_site import (
    ADDRESS,
    FAKETIME,
    NGINX,
    ServedSite,
)

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light"),
    pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed: apt-get install faketime"),
]
CONF = "{{ __http_nginx_folder }}/conf.d/netinstall-pxe.conf"
ROLE = pathlib.Path(__file__).resolve().parents[3] / "roles" / "answers"
COLLECTIONS = pathlib.Path(installation.__file__).parents[5]
#: In the subnet of the offers; in one of the site that has none.
HERE, THERE = "127.0.0.{}", "127.0.1.{}"
DESCRIBED = {
    "name": "node01",
    "mac": "52:54:00:aa:00:01",
    "address": "10.77.0.11",
    "profile": "deb",
    "disk": "/dev/vda",
}
STAND_IN = re.compile(r"(?i)02([:-]?)00(\1 ?00){4}|192\.0\.2\.1")
MEDIA = {
    name: {"kernel": "linux", "initrd": ["initrd.gz"]}
    for name in ("debian-13", "rocky-9", "centos-6", "centos-5")
}
PXELINUX = {"version": "6.04"}
MODULES = ("vesamenu.c32", "menu.c32", "libutil.c32", "libcom32.c32", "ldlinux.c32", "pxelinux.0")


def description(**changes: t.Any) -> dict[str, t.Any]:
    return {
        "server": {"address": "10.77.0.1", "interface": "lo"},
        "subnets": [
            {
                "cidr": "10.77.0.0/24",
                "gateway": "10.77.0.1",
                "dns": ["10.77.0.1"],
                "domain": "lab.example",
                "range": ["10.77.0.100", "10.77.0.199"],
            },
            {"cidr": "10.77.1.0/24", "range": ["10.77.1.100", "10.77.1.199"]},
        ],
        "distributions": {name: {"isos": [{"path": f"/srv/iso/{name}.iso"}]} for name in MEDIA},
        "profiles": {
            "deb": {"distribution": "debian-13", "label": "Install Debian 13"},
            "el9": {"distribution": "rocky-9", "menu_install": True, "kernel_arguments": ["quiet"]},
            "el6": {"distribution": "centos-6", "menu_install": {"confirm": "none", "disk": "/dev/sda"}},
            "el5": {"distribution": "centos-5", "in_menu": False, "menu_install": True},
        },
        "unknown_machines": {
            "install": "deb",
            "subnets": ["10.77.0.0/24"],
            "mac_prefixes": ["52:54:00"],
            "hostname": "node-${mac}",
        },
        "root": "/nonexistent/pxe",
        **changes,
    }


def play(
    folder: pathlib.Path,
    plan: dict[str, t.Any],
    answers: dict[str, t.Any],
    boot: bool = True,
    known: t.Sequence[dict[str, str]] = (),
) -> subprocess.CompletedProcess[str]:
    """The end of site.yml: answers, then boot files."""
    root = folder / "small/pxe"
    variables = {
        "answers_root": str(root),
        "answers_plan": plan,
        "answers_server": "",
        "answers_profiles": {name: {"answers": given} for name, given in answers.items()},
        "answers_defaults": {"root_password_hash": "$6$S3CRET$abcdefGHI./", "timezone": "{{ zone }}"},
        "answers_search": [str(folder)],
        "answers_known": list(known),
        "zone": "Europe/Berlin",
        "plan": plan,
        "media": MEDIA,
    }
    tasks: list[dict[str, t.Any]] = [
        {
            "name": "Offer",
            "ansible.builtin.import_role": {
                "name": str(ROLE),
                "tasks_from": "offers",
                "rolespec_validate": False,
            },
        },
        {
            "name": "Publish boot files",
            "netinstall.pxe.boot_files": {
                "root": str(root / "boot"),
                "plan": "{{ plan }}",
                "media": "{{ media }}",
                "pxelinux": PXELINUX,
                "offers": "{{ answers_offered }}",
            },
        },
    ]
    if not boot:
        tasks.pop()
    (folder / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}])
    )
    (folder / "ansible.cfg").write_text("")
    environment = {
        # ansible-test's PYTHONPATH leads to an Ansible without its command line.
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [
        sys.executable,
        "-m",
        "ansible",
        "playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
        "-vvv",
        "--diff",
    ]
    return subprocess.run(
        [*command, "play.yml"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


class Site(ServedSite):
    """The server, what it offers, and the machines that it has seen."""

    said = ""
    #: nginx's configuration for a plan.
    render: t.Callable[[dict[str, t.Any]], str]

    def configure(self, **changes: t.Any) -> None:
        """As the role does before answers are published: nginx follows at once."""
        conf = self.render(local_plan(self.port, **changes))
        (self.folder / "netinstall-pxe.conf").write_text(conf)
        self.stop()
        self.start()

    def offer(self, known: t.Sequence[dict[str, str]] = (), **changes: t.Any) -> None:
        plan = local_plan(self.port, **changes)
        done = play(self.folder, plan, {"deb": {"packages": ["vim"]}}, known=known)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        self.said = done.stdout + done.stderr

    def start_machine(self, mac: str, address: str, platform: str = "efi") -> Machine:
        return Machine(self, mac, address, platform)

    def ask(self, path: str, address: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=20, source_address=(address, 0))
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        found = response.status, response.read().decode()
        connection.close()
        return found


def local_plan(port: int, **changes: t.Any) -> dict[str, t.Any]:
    """The plan, of a site on the loopback, which is no network for a site."""
    compiled = compile_plan(description(**changes), [DESCRIBED])
    text = (
        json.dumps(compiled)
        .replace("10.77.", "127.0.")
        .replace("http://127.0.0.1", f"http://127.0.0.1:{port}")
    )
    plan: dict[str, t.Any] = json.loads(text)
    return plan


class Machine:
    """One boot of one machine."""

    def __init__(self, site: Site, mac: str, address: str, platform: str) -> None:
        self.site, self.mac, self.address = site, mac, address
        self.asked: list[tuple[str, int]] = []
        settings = {"netX/mac": mac, "netX/ip": address, "platform": platform, "buildarch": "x86_64"}
        self.client = ipxe_client.Client(settings, self.fetch)
        self.ending = self.client.boot(f"http://{ADDRESS}:{site.port}/boot/boot.ipxe")

    def fetch(self, url: str) -> str | None:
        path = "/" + url.split("/", 3)[3]
        status, text = self.site.ask(path, self.address)
        self.asked.append((path, status))
        return text if status == 200 else None

    def paths(self, ending: str) -> list[int]:
        return [status for path, status in self.asked if path.endswith(ending)]

    def argument(self, name: str) -> str:
        [found] = [word for word in self.ending.arguments if word.startswith(f"{name}=")]
        return found.partition("=")[2]

    def report(self, answers: str, event: str) -> int:
        """As the script in its answer file does."""
        found = re.search(r"""\bevents=['"]*(http://[^\s'"\\]*)""", answers)
        assert found, answers[:2000]
        path = "/" + found[1].split("/", 3)[3]
        return self.site.request(f"{path}/{event}", self.address, "PUT", b"x\n")[0]


@pytest.fixture(scope="module")
def site(
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> t.Iterator[Site]:
    folder = tmp_path_factory.mktemp("offered")
    port = free_port()
    nginx = renderer("http_nginx")

    def render(plan: dict[str, t.Any]) -> str:
        variables = {
            "http_nginx_address": ADDRESS,
            "http_nginx_port": port,
            "http_nginx_root": str(folder / "small/pxe"),
            "http_nginx_log": str(folder / "access.log"),
            "__http_nginx_socket": str(folder / "release.sock"),
            "http_nginx_offers": plan["offers"][""],
        }
        return str(nginx.render([(CONF, variables)])[0])

    found = Site(folder, port, render(local_plan(port)))
    found.render = render
    (folder / "small").mkdir()
    for name in ("boot/syslinux", "answers", "events", *(f"trees/{name}" for name in MEDIA)):
        (found.root / name).mkdir(parents=True)
    for name in MODULES:
        (found.root / "boot/syslinux" / name).write_text("stands in for it")
    for name in MEDIA:
        for file in ("linux", "initrd.gz"):
            (found.root / "trees" / name / file).write_text("stands in for it")
    found.start()
    try:
        found.offer()
        yield found
    finally:
        found.stop()


def hyphens(mac: str) -> str:
    return mac.replace(":", "-")


def test_from_the_menu_to_the_disk(site: Site) -> None:
    mac, address = "52:54:00:bb:00:01", HERE.format(101)
    machine = site.start_machine(mac, address)
    assert machine.ending.kind == "installer"
    # Asked for the menu's default, by the script of the offer, and last of all for the release.
    assert machine.paths("/ready") == [200, 200]
    assert machine.asked[-1] == (f"/offers/deb/{hyphens(mac)}/release", 200)
    assert machine.argument("url") == f"http://127.0.0.1:{site.port}/offers/deb/{hyphens(mac)}/preseed.cfg"
    assert machine.argument("BOOTIF") == f"01-{hyphens(mac)}"
    # Nobody can name it on the command line.
    assert not [word for word in machine.ending.arguments if word.startswith("hostname=")]
    path = f"/offers/deb/{hyphens(mac)}/preseed.cfg"
    status, answers = site.ask(path, address)
    assert status == 200
    assert not STAND_IN.search(answers)
    assert f"node-{mac.replace(':', '')}" in answers
    assert f"{mac}) return 0" in answers
    assert "Europe/Berlin" in answers
    assert "pkgsel/include string openssh-server vim" in answers
    assert machine.report(answers, "started") == 201
    assert machine.report(answers, "progress-base-installer") == 201
    # It boots again while it installs, or after it failed.
    again = site.start_machine(mac, address)
    assert (again.ending.kind, again.paths("/ready"), again.paths("/release")) == ("disk", [409], [])
    assert machine.report(answers, "installed") == 201
    assert site.ask(path, address)[0] == 410
    after = site.start_machine(mac, address)
    assert (after.ending.kind, after.paths("/ready")) == ("disk", [410])
    folder = site.root / "events/offers" / hyphens(mac) / "deb"
    assert sorted(file.name for file in folder.iterdir()) == [
        "installed",
        "progress-base-installer",
        "started",
    ]


def test_a_machine_that_is_refused_restarts_to_its_disk(site: Site) -> None:
    """Its installer restarts it, whatever it was refused for: each card is released at most once, and then no more."""
    cards = ["52:54:00:bb:01:01", "52:54:00:bb:01:02"]
    boots = []
    for _restart in range(3):
        # The firmware tries the second card where the disk is not booted.
        for number, mac in enumerate(cards):
            machine = site.start_machine(mac, HERE.format(150 + number))
            boots.append((mac, machine.ending.kind))
            if machine.ending.kind == "installer":
                _status, answers = site.ask(
                    f"/offers/deb/{hyphens(mac)}/preseed.cfg", HERE.format(150 + number)
                )
                assert machine.report(answers, "failed") == 201
    installers = [(mac, "installer") for mac in cards]
    assert boots == [*installers, *[(mac, "disk") for mac in cards] * 2]


@pytest.mark.parametrize(
    ("mac", "address", "why"),
    [
        ("52:54:00:bb:00:02", THERE.format(101), "another subnet"),
        ("0c:c4:7a:00:00:02", HERE.format(102), "another MAC prefix"),
        (DESCRIBED["mac"], HERE.format(11), "it is described, and not armed"),
        (DESCRIBED["mac"], HERE.format(103), "it is described, and got another address"),
    ],
)
def test_other_machines_boot_their_disk(site: Site, mac: str, address: str, why: str) -> None:
    machine = site.start_machine(mac, address)
    assert machine.ending.kind == "disk", why
    assert 200 not in machine.paths("/ready") + machine.paths("/release")
    for path in ("ready", "release", "preseed.cfg", "release/preseed.cfg"):
        assert site.ask(f"/offers/deb/{hyphens(mac)}/{path}", address)[0] == 403


def choose(site: Site, target: str, word: str) -> tuple[ipxe_client.Ending, list[tuple[str, int]]]:
    """Somebody chooses an entry of iPXE's menu, and types a word if it asks for one."""

    class Person(ipxe_client.Client):
        chosen = False

        def do_choose(self, words: list[str]) -> int:
            if self.chosen:
                # The menu again.
                raise ipxe_client._EndError(ipxe_client.Ending("menu"))
            self.chosen = True
            self.settings["target"] = target
            return 0

        def do_read(self, words: list[str]) -> int:
            self.settings[words[0]] = word
            return 0

    asked: list[tuple[str, int]] = []
    mac = f"52:54:00:cc:00:{len(list((site.root / 'events/offers').iterdir())):02x}"

    def fetch(url: str) -> str | None:
        path = "/" + url.split("/", 3)[3]
        status, text = site.ask(path, HERE.format(120))
        asked.append((path.replace(hyphens(mac), "MAC"), status))
        return text if status == 200 else None

    settings = {"netX/mac": mac, "netX/ip": HERE.format(120), "platform": "efi", "buildarch": "x86_64"}
    return Person(settings, fetch).boot(f"http://{ADDRESS}:{site.port}/boot/boot.ipxe"), asked


def test_an_entry_asks_for_the_word(site: Site) -> None:
    ending, asked = choose(site, "offers/el9.ipxe", "install")
    assert ending.kind == "installer"
    assert asked[-1] == ("/offers/el9/MAC/release", 200)
    assert "quiet" in ending.arguments
    assert any(word.startswith("inst.ks=") for word in ending.arguments)


@pytest.mark.parametrize("word", ["", "yes", "install now", "INSTALL"])
def test_another_word_installs_nothing(site: Site, word: str) -> None:
    ending, asked = choose(site, "offers/el9.ipxe", word)
    assert ending.kind == "menu"
    assert not [path for path, _status in asked if path.endswith("/release")]


def test_an_entry_that_asks_nothing(site: Site) -> None:
    ending, asked = choose(site, "offers/el6.ipxe", "")
    assert ending.kind == "installer"
    assert asked[-1] == ("/offers/el6/MAC/release", 200)


def test_a_profile_without_answers_asks_as_before(site: Site) -> None:
    ending, asked = choose(site, "profiles/el9.ipxe", "")
    assert ending.kind == "installer"
    assert not [word for word in ending.arguments if word.startswith("inst.ks=")]
    assert not [path for path, _status in asked if path.endswith("/release")]


# pxelinux over HTTP


def entry(site: Site, config: str, label: str = "") -> tuple[str, dict[str, str]]:
    """The label that a configuration boots by itself, or another one, and what that says."""
    text = (site.root / "boot/syslinux" / config).read_text()
    default = re.search(r"(?m)^DEFAULT (\S+)$", text)
    assert default
    label = label or default[1]
    body = text.split(f"\nLABEL {label}\n")[1].split("\nLABEL ")[0]
    return label, dict(
        line.strip().partition(" ")[::2] for line in body.splitlines() if line.startswith("  ")
    )


def test_the_menu_of_a_bios_machine(site: Site) -> None:
    mac, address = "52:54:00:dd:00:01", HERE.format(104)
    first = site.start_machine(mac, address, "pcbios")
    # The stand-in of pxelinux does not start, so that iPXE's own menu comes.
    assert first.client.settings["209"] == "pxelinux.cfg/offered"
    assert first.ending.kind == "installer"
    second = site.start_machine(mac, address, "pcbios")
    assert second.client.settings["209"] == "pxelinux.cfg/default"
    assert second.ending.kind == "disk"
    assert entry(site, "pxelinux.cfg/default")[0] == "local"
    label, said = entry(site, "pxelinux.cfg/offered")
    assert label == "-install-deb"
    # Nothing is asked, and nobody who touched a key is surprised.
    assert "MENU PASSWD" not in " ".join(said)
    text = (site.root / "boot/syslinux/pxelinux.cfg/offered").read_text()
    assert "\nTIMEOUT 300\n" in text
    assert "TOTALTIMEOUT" not in text
    assert "ONTIMEOUT" not in text


def test_debian_started_by_pxelinux(site: Site, tmp_path: pathlib.Path) -> None:
    """It is told the card by which it was booted, finds its answer file by that, and gets it once."""
    mac, address = "52-54-00-dd-00-02", HERE.format(105)
    _label, said = entry(site, "pxelinux.cfg/offered")
    assert said["IPAPPEND"] == "2"
    assert "BOOTIF" not in said["APPEND"]
    url = next(word[4:] for word in said["APPEND"].split() if word.startswith("url="))
    status, start = site.ask("/" + url.split("/", 3)[3], address)
    assert status == 200
    assert "S3CRET" not in start
    command = start.split(" preseed/include_command string ")[1].strip()
    (tmp_path / "cmdline").write_text(f"BOOT_IMAGE=linux {said['APPEND']} BOOTIF=01-{mac}\n")
    # As d-i's preseed.sh does: without quotes.
    done = subprocess.run(
        ["busybox", "sh", "-c", 'include="a $(eval $RET)"; echo "$include"'],
        env={"RET": command.replace("/proc/cmdline", str(tmp_path / "cmdline")), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    [_a, found] = done.stdout.split()
    path = "/" + found.split("/", 3)[3]
    assert path == f"/offers/deb/{mac}/release/preseed.cfg"
    status, answers = site.ask(path, address)
    assert status == 200
    assert mac.replace("-", ":") in answers
    assert site.ask(path, address)[0] == 409


@pytest.mark.parametrize(
    ("profile", "argument", "header"),
    [
        ("el9", "inst.ks", "52:54:00:dd:00:03"),
        # Anaconda of that time writes capital letters.
        ("el6", "ks", "52:54:00:DD:00:04"),
        ("el5", "ks", "52:54:00:DD:00:05"),
    ],
)
def test_anaconda_started_by_pxelinux(site: Site, profile: str, argument: str, header: str) -> None:
    address = HERE.format(106)
    _label, said = entry(site, "pxelinux.cfg/default", f"-install-{profile}")
    words = said["APPEND"].split()
    assert any(word.endswith("sendmac") for word in words)
    url = next(word.partition("=")[2] for word in words if word.startswith(f"{argument}="))
    path = "/" + url.split("/", 3)[3]
    assert site.ask(path, address)[0] == 403
    told = {"X-RHN-Provisioning-MAC-0": f"eth0 {header}"}
    status, answers = site.ask(path, address, told)
    assert status == 200
    assert not STAND_IN.search(answers)
    assert f"case $mac in\n      {header.lower()}) return 0" in answers
    assert site.ask(path, address, told)[0] == 409


def test_only_offers_are_confirmed_by_the_word_in_pxelinux(site: Site) -> None:
    _label, el9 = entry(site, "pxelinux.cfg/default", "-install-el9")
    assert el9["MENU"].startswith(("LABEL", "PASSWD"))
    text = (site.root / "boot/syslinux/pxelinux.cfg/default").read_text()
    asking = re.findall(r"(?m)^LABEL (\S+)\n(?:  .*\n)*?  MENU PASSWD (\S+)$", text)
    assert [label for label, _hash in asking] == ["-install-el9", "-install-el5"]
    assert "MENU PASSPROMPT Password, or the word install\n" in text


# What is published


def test_the_machine_has_a_name_in_a_kickstart(site: Site) -> None:
    text = (site.root / "answers/offers/el9/ks.cfg").read_text()
    assert "--hostname=node-020000000000.lab.example" in text
    assert "--device=02:00:00:00:00:00" in text


def test_described_machines_are_marked(site: Site) -> None:
    folder = site.root / "events/offers"
    assert (folder / hyphens(DESCRIBED["mac"]) / "described").read_text() == "node01\n"


def test_secrets_are_shown_nowhere(site: Site) -> None:
    assert "S3CRET" in (site.root / "answers/offers/el9/ks.cfg").read_text()
    assert "S3CRET" not in site.said
    boot = "".join(path.read_text() for path in (site.root / "boot").rglob("*") if path.is_file())
    assert "S3CRET" not in boot
    assert "S3CRET" not in (site.root / "answers/offers/deb/start.cfg").read_text()


def test_the_second_run_changes_nothing(site: Site) -> None:
    site.offer()
    assert re.search(r"changed=0 ", site.said)


def test_new_machines_do_not_get_old_answers(site: Site) -> None:
    """The first run overwrites disks. The next one adds a subnet, is not to overwrite, and ends between the web server
    and the answers: a mistake in them, a power cut."""
    unknown = description()["unknown_machines"]
    more = {**unknown, "subnets": ["10.77.0.0/24", "10.77.1.0/24"]}
    try:
        site.configure(unknown_machines={**unknown, "overwrite": True})
        site.offer(unknown_machines={**unknown, "overwrite": True})
        assert site.start_machine("52:54:00:ee:00:01", HERE.format(111)).ending.kind == "installer"
        site.configure(unknown_machines=more)
        for mac, address in (
            ("52:54:00:ee:00:02", THERE.format(112)),
            ("52:54:00:ee:00:03", HERE.format(113)),
        ):
            machine = site.start_machine(mac, address)
            assert (machine.ending.kind, machine.paths("/ready")) == ("disk", [404])
            for path in ("release", "release/preseed.cfg"):
                assert site.ask(f"/offers/deb/{hyphens(mac)}/{path}", address)[0] == 404
        # The same the other way round, as with --tags answers: new answers, and the web server of before.
        site.offer(unknown_machines=more)
        site.configure(unknown_machines={**unknown, "overwrite": True})
        assert site.start_machine("52:54:00:ee:00:04", HERE.format(114)).paths("/ready") == [404]
        site.configure(unknown_machines=more)
        assert site.start_machine("52:54:00:ee:00:02", THERE.format(112)).ending.kind == "installer"
    finally:
        site.configure()
        site.offer()


def test_machines_that_another_web_server_remembers(site: Site) -> None:
    """Their network was that one's: nothing is released, and no answers are given out."""
    installed, described = "52:54:00:bb:02:01", "52:54:00:bb:02:02"
    site.offer(
        known=[
            {"mac": installed, "machine": "", "profile": "deb"},
            {"mac": described, "machine": "web", "profile": ""},
        ]
    )
    assert [path.name for path in (site.root / "events/offers" / hyphens(installed)).iterdir()] == [
        "_elsewhere"
    ]
    for number, (mac, status) in enumerate({installed: 409, described: 403}.items()):
        address = HERE.format(160 + number)
        machine = site.start_machine(mac, address)
        assert (machine.ending.kind, machine.paths("/ready"), machine.paths("/release")) == (
            "disk",
            [status],
            [],
        )
        for path in ("ready", "release", "preseed.cfg", "release/preseed.cfg", "known"):
            assert site.ask(f"/offers/deb/{hyphens(mac)}/{path}", address)[0] == status
        assert site.ask(f"/offers/el9/{hyphens(mac)}/release", address)[0] == status
    site.offer()
    assert re.search(r"changed=0 ", site.said)
    assert site.start_machine(installed, HERE.format(160)).ending.kind == "disk"


def test_an_offer_that_goes_away(site: Site) -> None:
    """The last one: nothing is offered afterwards."""
    try:
        site.offer(profiles={"deb": {"distribution": "debian-13"}}, unknown_machines={})
        machine = site.start_machine("52:54:00:bb:00:09", HERE.format(109))
        assert machine.ending.kind == "disk"
        assert machine.paths("/ready") == []
        assert site.ask("/offers/deb/52-54-00-bb-00-09/ready", HERE.format(109))[0] == 404
        assert list((site.root / "answers").iterdir()) == []
        assert not (site.root / "boot/offers").exists() or not list((site.root / "boot/offers").iterdir())
        assert not (site.root / "boot/syslinux/pxelinux.cfg/offered").exists()
        # What they did is remembered.
        assert (site.root / "events/offers/52-54-00-bb-00-01/deb/installed").exists()
    finally:
        site.offer()
