# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answer files as the role makes them, and their scripts, run by a shell as the installer runs them."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 it's me"
SECRET = "$6$salt$abcdefGHI./"
COMMAND = "cat > /target/etc/motd <<END\n# Kept,  with two blanks and 'quotes'\n\nEND\n"
ANSWERS: dict[str, dict[str, t.Any]] = {
    "plain": {"root_ssh_keys": [KEY]},
    "full": {
        "locale": "de_DE.UTF-8",
        "keyboard": "de",
        "timezone": "Europe/Berlin",
        "ntp_server": "10.77.0.1",
        "packages": ["vim"],
        "kernel_package": "linux-image-cloud-amd64",
        "install_recommends": False,
        "root_password_hash": SECRET,
        "root_ssh_keys": [KEY],
        "users": [
            {"name": "ops", "gecos": "O'Ps", "password_hash": SECRET, "groups": ["adm"], "sudo": True},
            {"name": "robot", "ssh_keys": [KEY], "sudo": True},
        ],
        "partitioning": {
            "method": "lvm",
            "recipe": "home",
            "swap": False,
            "break_arrays": True,
            "allow_removable": True,
        },
        "mirror": {"host": "deb.example"},
        "early_commands": [
            "echo early > /target/early",
            "\n \n#!/bin/cat\nby the program",
            # In place of ours.
            "debconf-set partman/early_command 'wipefs -a /dev/vdb'; debconf-set partman-auto/disk /dev/vdb",
        ],
        "late_commands": [COMMAND, "in-target false-command"],
        "console": "ttyS0,115200",
        "extra": "d-i hw-detect/load_firmware boolean false\n",
    },
    "own": {"file": "own.cfg.j2"},
    "part": {"file": "part.cfg.j2", "root_ssh_keys": [KEY]},
    "brought": {"file": "brought.cfg", "partitioning": {"swap": False}},
}
# Not a template: what looks like one to Jinja stays.
LITERAL = "echo ${#words} {{.Names}} {# 'one' #}"
TEMPLATES = {
    "own.cfg.j2": "d-i time/zone string {{ installation.answers.timezone }}\n# {{ installation.hostname }}\n",
    "part.cfg.j2": (
        "{% extends 'preseed.cfg.j2' %}\n{% block clock %}\nd-i time/zone string Asia/Tokyo\n{% endblock %}\n"
    ),
    "brought.cfg": (
        "# a recipe \\\n#   one\n"
        f"d-i preseed/late_command string {LITERAL}\n"
        "d-i preseed/early_command string echo first >> /tmp/netinstall/own\n"
        "d-i partman/early_command string echo >> /tmp/netinstall/own; "
        'debconf-set partman-auto/disk "$(list-devices disk)"; exit 3\n'
        "d-i partman-auto/expert_recipe string one :: \\\n  1000 100 -1 ext4 \\\n  . \\\n\n"
        "d-i time/zone string Asia/Tokyo\n"
    ),
}


NUMBERS = {name: number for number, name in enumerate(ANSWERS, start=11)}


@pytest.fixture(scope="module")
def arm(armory: type[t.Any]) -> t.Callable[..., subprocess.CompletedProcess[str]]:
    """Lets the role arm one machine for each of the answers."""
    machines = [armory.machine(number, name, "debian-13") for name, number in NUMBERS.items()]

    def run(
        folder: pathlib.Path,
        answers: dict[str, dict[str, t.Any]],
        names: t.Sequence[str] = (),
        files: t.Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = armory(machines).arm(
            folder, answers, names, TEMPLATES if files is None else files
        )
        return done

    return run


Arm = t.Callable[..., subprocess.CompletedProcess[str]]


class Armed(t.NamedTuple):
    root: pathlib.Path
    output: str

    def text(self, name: str) -> str:
        [path] = (self.root / "answers" / f"10.77.0.{NUMBERS[name]}").glob("*/preseed.cfg")
        return path.read_text()

    def answer(self, name: str, question: str) -> str:
        """The last answer counts, as in the installer."""
        found = [entry.value for entry in check.entries(self.text(name)) if entry.question == question]
        assert found, f"{question} is not answered"
        return found[-1]


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory, arm: Arm) -> Armed:
    folder = tmp_path_factory.mktemp("armed")
    done = arm(folder, ANSWERS)
    assert done.returncode == 0, done.stdout + done.stderr
    return Armed(folder / "srv", done.stdout + done.stderr)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_installer_can_read_it(armed: Armed, name: str) -> None:
    assert check.check(armed.text(name)) == []


@pytest.mark.skipif(not shutil.which("debconf-set-selections"), reason="no debconf here")
@pytest.mark.parametrize("name", ANSWERS)
def test_debconf_can_read_it(armed: Armed, name: str) -> None:
    done = subprocess.run(
        ["debconf-set-selections", "--checkonly"],
        input=armed.text(name),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_ansible_shows_no_secrets(armed: Armed) -> None:
    assert SECRET in armed.text("full")
    assert SECRET not in armed.output


def test_answer_files_are_closed(armed: Armed) -> None:
    for path in armed.root.glob("answers/*/*/*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    for path in [*armed.root.glob("answers/*"), *armed.root.glob("events/*"), *armed.root.glob("events/*/*")]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o750


@pytest.mark.parametrize(
    ("name", "question", "value"),
    [
        ("brought", "preseed/late_command", LITERAL),
        ("brought", "time/zone", "Asia/Tokyo"),
        ("brought", "partman-auto/disk", "/dev/no-such-disk"),
        ("brought", "grub-installer/bootdev", "/dev/no-such-disk"),
        ("own", "partman-auto/disk", "/dev/no-such-disk"),
        ("own", "grub-installer/bootdev", "/dev/no-such-disk"),
        ("plain", "debian-installer/locale", "en_US.UTF-8"),
        ("plain", "mirror/http/hostname", "10.77.0.1"),
        ("plain", "mirror/http/directory", "/trees/debian-13"),
        ("plain", "mirror/suite", "trixie"),
        ("plain", "debian-installer/allow_unauthenticated", "true"),
        ("plain", "clock-setup/ntp", "false"),
        ("plain", "partman-auto/disk", "/dev/no-such-disk"),
        ("plain", "grub-installer/bootdev", "/dev/no-such-disk"),
        ("plain", "partman-auto/method", "regular"),
        # user-setup takes '!' for "not answered" and asks.
        ("plain", "passwd/root-password-crypted", "*"),
        ("plain", "pkgsel/include", "openssh-server"),
        ("plain", "base-installer/install-recommends", "true"),
        ("full", "debian-installer/locale", "de_DE.UTF-8"),
        ("full", "keyboard-configuration/xkb-keymap", "de"),
        ("full", "time/zone", "Europe/Berlin"),
        ("full", "clock-setup/ntp-server", "10.77.0.1"),
        ("full", "passwd/root-password-crypted", SECRET),
        ("full", "partman-auto/method", "lvm"),
        ("full", "partman-auto/choose_recipe", "home"),
        ("full", "partman-basicfilesystems/no_swap", "false"),
        ("full", "debian-installer/allow_unauthenticated", "false"),
        ("full", "mirror/http/directory", "/debian"),
        ("full", "base-installer/kernel/image", "linux-image-cloud-amd64"),
        ("full", "base-installer/install-recommends", "false"),
        ("full", "pkgsel/include", "openssh-server sudo vim"),
        ("full", "hw-detect/load_firmware", "false"),
        ("own", "time/zone", "UTC"),
        ("part", "time/zone", "Asia/Tokyo"),
        ("part", "partman-auto/disk", "/dev/no-such-disk"),
    ],
)
def test_answers(armed: Armed, name: str, question: str, value: str) -> None:
    assert armed.answer(name, question) == value


@pytest.mark.parametrize("name", ["plain", "full", "part"])
def test_what_would_stop_an_unattended_installation_is_answered(armed: Armed, name: str) -> None:
    answered = {entry.question for entry in check.entries(armed.text(name))}
    assert answered >= {
        "apt-setup/no_mirror",
        "apt-setup/use_mirror",
        "finish-install/reboot_in_progress",
        "grub-installer/only_debian",
        "grub-installer/with_other_os",
        "grub-installer/force-efi-extra-removable",
        "keyboard-configuration/xkb-keymap",
        "mirror/http/proxy",
        "partman-efi/non_efi_system",
        "partman-lvm/device_remove_lvm",
        "partman-md/device_remove_md",
        "partman-partitioning/confirm_write_new_label",
        "partman/choose_partition",
        "partman/confirm",
        "partman/confirm_nooverwrite",
        "passwd/make-user",
        "passwd/root-login",
        "pkgsel/update-policy",
        "pkgsel/upgrade",
        "popularity-contest/participate",
        "tasksel/first",
        "time/zone",
    }


def test_the_console_reaches_the_kernel(armed: Armed) -> None:
    [path] = (armed.root / "answers" / f"10.77.0.{NUMBERS['full']}").glob("*.ipxe")
    assert "console=ttyS0,115200" in path.read_text()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (
            "disk.cfg",
            "full: line 2 (d-i partman-auto/disk): /dev/sda is not machine_disk; write /dev/no-such-disk",
        ),
        ("disk.cfg.j2", "full: line 1 (d-i grub-installer/bootdev): /dev/sda is not machine_disk"),
        ("latin.cfg", "full: line 2: this is not UTF-8, but perhaps Latin-1"),
        ("latin.cfg.j2", "full: line 1: this is not UTF-8, but perhaps Latin-1"),
        ("mark.cfg", "full: line 1: the text begins with a byte-order mark"),
        ("jinja.cfg", "answers.file: jinja.cfg is a template; call it jinja.cfg.j2"),
    ],
)
def test_a_file_of_the_users_own_that_is_refused(
    tmp_path: pathlib.Path, arm: Arm, file: str, message: str
) -> None:
    texts = {
        "disk.cfg": b"# one\nd-i \\\n  partman-auto/disk \\\n string  /dev/sda\n",
        "disk.cfg.j2": b"d-i grub-installer/bootdev string {{ '/dev/' ~ 'sda' }}\n",
        "latin.cfg": b"d-i time/zone string UTC\nd-i x/y string M\xfcller\n",
        "latin.cfg.j2": b"d-i x/y string M\xfcller\n",
        "mark.cfg": b"\xef\xbb\xbfd-i time/zone string UTC\n",
        "jinja.cfg": b"d-i netcfg/get_hostname string {{ installation.hostname }}\n",
    }
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / file).write_bytes(texts[file])
    done = arm(tmp_path, {"full": {**ANSWERS["full"], "file": file}}, ["full"], {})
    assert done.returncode != 0
    assert message in " ".join(done.stdout.split())
    assert SECRET not in done.stdout + done.stderr
    assert list(tmp_path.glob("srv/*/10.*")) == []


def test_a_file_that_never_reports_is_told(armed: Armed) -> None:
    [warning] = [line for line in armed.output.split("[WARNING]: ") if "never reports" in line]
    assert " ".join(warning.split()).startswith("own, brought: the answer file never reports")


def test_a_mistake_in_one_answer_arms_none(tmp_path: pathlib.Path, arm: Arm) -> None:
    answers = {**ANSWERS, "full": {**ANSWERS["full"], "timezone": "no where"}}
    done = arm(tmp_path, answers, ["plain", "full"])
    assert done.returncode != 0
    assert "full: answers.timezone: 'no where' is not usable" in " ".join(done.stdout.split())
    assert SECRET not in done.stdout + done.stderr
    assert list(tmp_path.glob("srv/*/10.*")) == []


def test_a_template_that_fails_is_named_and_arms_none(tmp_path: pathlib.Path, arm: Arm) -> None:
    bad = {"broken.cfg.j2": "d-i x/y string {{ nosuchthing }}\n", "wrong.cfg.j2": "d-i x/y stirng z\n"}
    for file, message in (
        ("broken.cfg.j2", "'nosuchthing' is undefined"),
        ("wrong.cfg.j2", "full: line 1 (d-i x/y): unknown type 'stirng'; did you mean 'string'?"),
        ("missing.cfg.j2", "there is no missing.cfg.j2 on the control node: looked in"),
    ):
        answers = {**ANSWERS, "full": {**ANSWERS["full"], "file": file}}
        done = arm(tmp_path, answers, ["plain", "full"], bad)
        assert done.returncode != 0
        assert message in " ".join(done.stdout.split())
        assert SECRET not in done.stdout + done.stderr
        assert list(tmp_path.glob("srv/*/10.*")) == []


# The scripts


class Installer:
    """The folders of d-i below ``root``, with stand-ins for the programs that touch a network or a new system."""

    STAND_INS: t.ClassVar[dict[str, str]] = {
        # The last word is the URL, --body-file=F what is sent.
        "wget": 'for w; do case $w in --body-file=*) f=${w#*=};; esac; done; n=${w##*/}; cp "$f" ROOT/put/.$n;'
        ' echo "$n" >> ROOT/order; mv ROOT/put/.$n ROOT/put/$n',
        "in-target": 'echo "$*" >> ROOT/in-target; [ "$1" != id ] && [ "$1" != false-command ]',
        "debconf-set": 'echo "$1=$2" >> ROOT/debconf',
        "parted_devices": "cat ROOT/devices",
        # What lies on a disk, as low-level probing says it: a file for each device.
        "blkid": "for w; do :; done; cat ROOT/labels/${w##*/}",
        "mdadm": 'echo "mdadm $*" >> ROOT/ran; for w; do :; done; cat ROOT/arrays/${w##*/}',
        "lvm": 'echo "lvm $*" >> ROOT/ran; for w; do :; done; cat ROOT/groups/${w##*/}',
        "udevadm": "",
        # d-i's shell is busybox's; unlike dash, bash has `read -t` too.
        "sh": 'exec busybox sh "$@"' if shutil.which("busybox") else 'exec bash --posix "$@"',
    }

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.stand_ins: tuple[tuple[str, str], ...] = (
            ("/sys/block/", "sys/block/"),
            ("/sys/class/block/", "sys/class/block/"),
            ("/proc/", "proc/"),
            ("#/dev/}", "dev/}"),
        )
        for name in (
            "bin",
            "put",
            "tmp",
            "var/log",
            "target/root",
            "target/home",
            "target/etc/sudoers.d",
            "target/etc/apt/sources.list.d",
            "hooks",
            "dev",
            "sys/block",
            "sys/class/block",
            "sys/class/net/eth0",
            "proc",
            "labels",
            "arrays",
            "groups",
        ):
            (root / name).mkdir(parents=True)
        self.be("plain")
        (root / "var/log/syslog").write_text("Nov 20 10:00:00 main-menu[1]: INFO: Menu item 'old' selected\n")
        for name, body in self.STAND_INS.items():
            program = root / "bin" / name
            program.write_text("#!/bin/sh\n" + body.replace("ROOT", str(root)) + "\n")
            program.chmod(0o755)

    def disk(self, name: str, **facts: str) -> None:
        folder = self.root / "sys/block" / name
        (folder / "device").mkdir(parents=True)
        (self.root / "dev" / name).touch()
        for key, value in {"size": "976562500", "ro": "0", **facts}.items():
            place = folder / "device" if key in ("model", "vendor", "serial") else folder
            (place / key).write_text(value + "\n")

    def early(self, armed: Armed, name: str) -> subprocess.CompletedProcess[str]:
        """What is run at the beginning, on the machine of this name."""
        self.be(name)
        return self.run(armed.answer(name, "preseed/early_command"))

    def be(self, name: str) -> None:
        (self.root / "sys/class/net/eth0/address").write_text(f"52:54:00:AA:00:{NUMBERS[name]:02X}\n")

    def guard(self, armed: Armed, name: str, disk: str = "vda") -> subprocess.CompletedProcess[str]:
        """What is run before d-i partitions, on the machine of this name with this disk for the named one."""
        self.be(name)
        command = armed.answer(name, "partman/early_command")
        return self.run(command.replace("/dev/no-such-disk", f"{self.root}/dev/{disk}"))

    def use_loop_devices(self) -> None:
        """For disks take this machine's loop devices, with what its programs say of them."""
        self.stand_ins = ()
        for name in ("blkid", "mdadm", "lvm", "udevadm"):
            (self.root / "bin" / name).unlink()

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a preseeded command as preseed_command does."""
        if not self.stand_ins:
            command = command.replace(" | loop* |", " |")
        for path, here in (
            ("/proc/sysrq-trigger", "restart"),
            ("/sys/class/net/", "sys/class/net/"),
            ("/sys/firmware/", "sys/firmware/"),
            *self.stand_ins,
            ("/var/lib/partman", "partman"),
            ("/lib/partman/init.d", "partman-init.d"),
            ("/etc/lvm", "lvm"),
            ("/tmp/netinstall", "tmp/netinstall"),
            ("/usr/lib/finish-install.d", "hooks"),
            ("/usr/lib/apt-setup/generators", "generators"),
            ("/usr/share/debconf/confmodule", "confmodule"),
            ("/tmp/apt-setup.components", "components"),
            ("/var/log/syslog", "var/log/syslog"),
            ("/target", "target"),
            ("/dev/console", "screen"),
            ("/dev/tty4", "screen"),
        ):
            new = str(self.root) + "/" + here
            command = command.replace(path, f"#{new}" if path.startswith("#") else new)
        # Nobody is there to switch it off, and files are disks.
        command = command.replace("while :; do sleep 600; done", "exit 1").replace("[ ! -b ", "[ ! -e ")
        return self.shell("-c", command.replace("sleep 60", "sleep 0"))

    def shell(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.root}/bin:{os.environ['PATH']}"
        return subprocess.run(
            ["sh", *arguments], env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False
        )

    def log(self, line: str) -> None:
        with (self.root / "var/log/syslog").open("a") as file:
            file.write(line + "\n")

    def put(self, name: str) -> str:
        """What was sent by this name, waiting for it a little."""
        path = self.root / "put" / name
        deadline = time.monotonic() + 20
        while not path.exists():
            assert time.monotonic() < deadline, (
                f"{name} was not sent; sent were {os.listdir(self.root / 'put')}"
            )
            time.sleep(0.05)
        return path.read_text()

    def read(self, name: str) -> str:
        return (self.root / name).read_text()


@pytest.fixture
def installer(tmp_path: pathlib.Path) -> t.Iterator[Installer]:
    made = Installer(tmp_path / "d-i")
    yield made
    # The watcher ends when the log cannot be read any more: end its `tail`, found by the file that it holds open.
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(tmp_path) in line:
            os.kill(int(process.name), 15)


def test_reports(armed: Armed, installer: Installer) -> None:
    command = armed.answer("plain", "preseed/early_command")
    # What d-i logs of the command itself must not be taken for news.
    installer.log(f"Nov 20 10:00:01 preseed: running preseed command preseed/early_command: {command}")
    assert installer.run(command).returncode == 0
    assert installer.put("started") == "started\n"
    installer.log(f"Nov 20 10:00:02 preseed: running preseed command preseed/late_command: {command}")
    installer.log("Nov 20 10:00:03 main-menu[412]: INFO: Menu item 'partman-base' selected")
    assert installer.put("progress-partman-base") == "partman-base\n"
    installer.log("Nov 20 10:00:04 debootstrap: last words")
    installer.log(
        "Nov 20 10:00:05 main-menu[412]: WARNING **: Configuring 'bootstrap-base' failed with error code 1"
    )
    said = installer.put("failed")
    assert said.startswith("The installer's step 'bootstrap-base' failed.\n")
    assert "last words" in said
    assert sorted(os.listdir(installer.root / "put")) == [
        "failed",
        "log-syslog",
        "progress-partman-base",
        "started",
    ]
    # Commands hold what users must not see.
    assert "running preseed command" not in installer.put("log-syslog") + said


def test_the_last_report_is_that_it_is_installed(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    hook = installer.root / "hooks/96netinstall-pxe"
    assert hook.stat().st_mode & 0o111
    assert installer.shell(str(hook)).returncode == 0
    assert installer.read("order").splitlines()[-2:] == ["log-syslog", "installed"]


def test_a_lost_report_stops_nothing(armed: Armed, installer: Installer) -> None:
    (installer.root / "bin/wget").write_text("#!/bin/sh\nexit 4\n")
    assert installer.early(armed, "plain").returncode == 0
    assert installer.shell(str(installer.root / "hooks/96netinstall-pxe")).returncode == 0
    assert installer.run(armed.answer("plain", "preseed/late_command")).returncode == 0


def test_the_end_is_reported_to_a_server_whose_disk_is_full(armed: Armed, installer: Installer) -> None:
    """What is lost there is installed again, where the site says retry."""
    wget = installer.root / "bin/wget"
    _shebang, _newline, text = wget.read_text().partition("\n")
    wget.write_text(
        '#!/bin/sh\nfor w; do case $w in --body-file=*) [ ! -s "${w#*=}" ] || exit 8;; esac; done\n' + text
    )
    assert installer.early(armed, "plain").returncode == 0
    assert installer.shell(str(installer.root / "hooks/96netinstall-pxe")).returncode == 0
    assert installer.read("order").splitlines() == ["started", "installed"]
    assert installer.put("installed") == ""


def test_a_command_is_run_by_the_program_that_it_names(armed: Armed, installer: Installer) -> None:
    done = installer.early(armed, "full")
    assert "#!/bin/cat\nby the program\n" in done.stdout


def test_early_commands(armed: Armed, installer: Installer) -> None:
    assert installer.early(armed, "full").returncode == 0
    assert installer.read("target/early") == "early\n"


def test_the_disk_must_be_there(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    installer.disk("sda", model="PERC H730", serial="S3Z9NB0K")
    # Paths of native NVMe multipath.
    installer.disk("nvme0c0n1", hidden="1")
    assert installer.guard(armed, "plain", "no-such-disk").returncode == 1
    message = (
        "/dev/no-such-disk is not a disk of this machine. Its disks are: sda (500 GB PERC H730 S3Z9NB0K). "
    )
    message += "Nothing was written."
    assert installer.put("failed").splitlines()[0].endswith(message)
    assert message in installer.read("screen")
    # d-i goes no further; if it did, it would ask, not wipe.
    assert installer.read("debconf").splitlines() == [
        "partman-auto/method=",
        "partman/confirm=false",
        "partman/confirm_nooverwrite=false",
    ]
    assert "while :; do sleep 600; done" in armed.answer("plain", "partman/early_command")
    # Somebody armed it, and looks for it.
    assert "sysrq" not in armed.text("plain")


@pytest.mark.parametrize(
    ("release", "components"), [("Components: main contrib", "main contrib"), ("", "main")]
)
def test_apt_trusts_the_install_tree_and_nothing_else(
    armed: Armed, installer: Installer, release: str, components: str
) -> None:
    installer.run(armed.answer("plain", "partman/early_command"))
    (installer.root / "confmodule").write_text('db_get() { [ "$1" = mirror/codename ] && RET=trixie; }\n')
    (installer.root / "bin/wget").write_text(
        f'#!/bin/sh\necho "$*" > {installer.root}/asked\necho "{release}"\n'
    )
    generator = installer.root / "generators/50mirror"
    assert generator.stat().st_mode & 0o111
    assert installer.shell(str(generator), str(installer.root / "list")).returncode == 0
    tree = "http://10.77.0.1/trees/debian-13"
    assert installer.read("list") == f"deb [trusted=yes] {tree} trixie {components}\n"
    assert installer.read("components") == f"{components}\n"
    assert installer.read("asked").strip().endswith(f"{tree}/dists/trixie/Release")


def test_a_signed_mirror_is_checked(armed: Armed, installer: Installer) -> None:
    installer.run(armed.answer("full", "partman/early_command"))
    assert not (installer.root / "generators/50mirror").exists()


def test_only_the_named_disk_is_shown_to_partman(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "full")
    installer.disk("vda", model="PERC H730", serial="S3Z9NB0K")
    installer.disk("vdaa")
    (installer.root / "dev/by-id").symlink_to(installer.root / "dev/vda")
    disk = f"{installer.root}/dev/vda"
    lines = [
        f"{disk}\t512\tVirtio\tgpt",
        f"{disk}a\t512\tVirtio\tgpt",
        "/dev/mapper/system-root\t1\tLVM\tloop",
    ]
    (installer.root / "devices").write_text("\n".join(lines) + "\n")
    done = installer.guard(armed, "full", "by-id")
    assert done.returncode == 0, done.stderr
    first, second, recipe = installer.read("debconf").splitlines()[-3:]
    assert (first, second) == (f"partman-auto/disk={disk}", f"grub-installer/bootdev={disk}")
    # swap: false
    assert recipe.startswith("partman-auto/expert_recipe=netinstall :: ")
    assert "swap" not in recipe
    assert "mountpoint{ / }" in recipe
    assert installer.put("progress-disk") == "vda (500 GB PERC H730 S3Z9NB0K)\n"
    # Arrays are not looked for; neither LVM nor partman sees another disk.
    assert installer.read("partman/md") == ""
    assert f'global_filter = [ "a|^{disk}((p|-part)?[0-9]+)?$|", ' in installer.read("lvm/lvmlocal.conf")
    assert installer.shell(str(installer.root / "bin/parted_devices")).stdout.splitlines() == [
        lines[0],
        lines[2],
    ]
    assert "superblock" not in installer.read("ran")


def test_another_machine_is_not_touched(armed: Armed, installer: Installer) -> None:
    installer.disk("vda")
    installer.be("plain")
    early, guard = (armed.answer("full", f"{each}/early_command") for each in ("preseed", "partman"))
    assert installer.run(early).returncode == 1
    message = (
        "This is not full, which was armed: no network card has 52:54:00:aa:00:0c, only 52:54:00:AA:00:0B."
    )
    assert installer.put("failed").startswith(message)
    assert message in installer.read("screen")
    # Commands of the answers may write, too.
    assert not (installer.root / "target/early").exists()
    # If it went on.
    assert installer.run(guard.replace("/dev/no-such-disk", f"{installer.root}/dev/vda")).returncode == 1
    assert not (installer.root / "ran").exists()
    assert not (installer.root / "lvm").exists()
    for command in (early, guard):
        assert "while :; do sleep 600; done" in command


def test_only_the_first_failure_counts(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    assert installer.guard(armed, "plain", "no-such-disk").returncode == 1
    installer.log(
        "Nov 20 10:00:05 main-menu[412]: WARNING **: Configuring 'partman-base' failed with error code 1"
    )
    installer.log("Nov 20 10:00:06 main-menu[412]: INFO: Menu item 'after' selected")
    assert installer.put("progress-after") == "after\n"
    assert "is not a disk of this machine" in installer.put("failed")


MD = "          Magic : a92b4efc\n     Array UUID : 0a8a:1b2c\n    Device UUID : {}\n"


@pytest.mark.parametrize(
    ("kind", "shared"),
    [
        ("array", "RAID array 0a8a:1b2c"),
        ("group", "LVM volume group vg0 (Qx)"),
        ("copy", "LVM physical volume same"),
        ("zfs_member", "ZFS pool tank 7"),
        ("btrfs", "btrfs file system 7"),
        ("bcachefs", "bcachefs file system 7"),
        ("bcache", "a set of bcache devices"),
        ("ddf_raid_member", "an array of the kind ddf_raid_member"),
        ("holder", "md127"),
    ],
)
def test_what_reaches_to_another_disk_stays(
    armed: Armed, installer: Installer, kind: str, shared: str
) -> None:
    """Each with a part of it on a partition of the named disk, and one on a whole other disk."""
    root = installer.root
    installer.early(armed, "plain")
    installer.disk("vda")
    installer.disk("vdb", model="SSD")
    (root / "sys/block/vda/vda1").mkdir()
    (root / "sys/block/vda/vda1/start").touch()
    for name, place in (("vda1", "vda/vda1"), ("vdb", "vdb")):
        if kind == "array":
            (root / "arrays" / name).write_text(MD.format(name))
        elif kind == "holder":
            (root / "sys/block" / place / "holders/md127").mkdir(parents=True)
        elif kind in ("group", "copy"):
            uuid = "same" if kind == "copy" else name
            (root / "labels" / name).write_text(f"ID_FS_UUID={uuid}\nID_FS_TYPE=LVM2_member\n")
            (root / "groups" / name).write_text("  vg0 Qx\n" if kind == "group" else f"  {name} {name}\n")
        else:
            (root / "labels" / name).write_text(f"ID_FS_LABEL=tank\nID_FS_UUID=7\nID_FS_TYPE={kind}\n")
    assert installer.guard(armed, "plain").returncode == 1
    said = installer.put("failed").splitlines()[0]
    assert said.startswith(
        f"vda (500 GB) holds a part of {shared}, which also is on vdb (500 GB SSD). Take it out of that "
    )
    assert said.endswith("Its disks are: vda (500 GB) vdb (500 GB SSD). Nothing was written.")
    for word in ("superblock", "pvremove"):
        assert word not in installer.read("ran")
    # Where it is allowed, the labels of the named disk go, and no other ones.
    assert installer.guard(armed, "full").returncode == 0
    ran = installer.read("ran")
    assert ("mdadm --zero-superblock --force /dev/vda1\n" in ran) is (kind == "array")
    lvm = 'lvm pvremove -ff -y --config devices { filter = [ "a|^/dev/vda1$|", "r|.*|" ] } /dev/vda1\n'
    assert (lvm in ran) is (kind in ("group", "copy"))
    assert "vdb" not in "".join(
        line for line in ran.splitlines() if "superblock" in line or "pvremove" in line
    )


@pytest.mark.parametrize(
    ("facts", "place", "why"),
    [
        ({"removable": "1"}, "", "removable"),
        ({"model": "Extreme"}, "usb2/2-1/host6", "attached by USB"),
        (
            {"vendor": "iDRAC   ", "model": "Virtual Floppy  "},
            "usb1/1-3",
            "a virtual disk of the management controller",
        ),
        (
            {"vendor": "AMI     ", "model": "Virtual HDisk0  "},
            "usb1/1-3",
            "a virtual disk of the management controller",
        ),
    ],
)
def test_a_disk_that_may_be_another_one_tomorrow(
    armed: Armed, installer: Installer, facts: dict[str, str], place: str, why: str
) -> None:
    installer.early(armed, "plain")
    installer.disk("vda", **facts)
    if place:
        device = installer.root / "sys/block/vda/device"
        (installer.root / "sys/devices" / place).parent.mkdir(parents=True)
        device.rename(installer.root / "sys/devices" / place)
        device.symlink_to(installer.root / "sys/devices" / place)
    assert installer.guard(armed, "plain").returncode == 1
    said = installer.put("failed").splitlines()[0]
    assert f" is {why}" in said
    assert ", which may be another disk tomorrow. " in said
    assert "partitioning.allow_removable: true" in said
    assert installer.guard(armed, "full").returncode == 0


def test_a_disk_that_is_in_use(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    installer.disk("vda")
    (installer.root / "proc/mounts").write_text("/dev/vdaa / ext4 rw 0 0\n/dev/vda /hd-media ext4 ro 0 0\n")
    assert installer.guard(armed, "plain").returncode == 1
    assert "is in use, perhaps by the installer itself: /dev/vda /hd-media ext4" in installer.put("failed")


def test_a_path_of_a_multipath_disk(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    installer.disk("vda")
    holder = installer.root / "sys/block/vda/holders/dm-0/dm"
    holder.mkdir(parents=True)
    (holder / "uuid").write_text("mpath-3600\n")
    (holder / "name").write_text("mpatha\n")
    assert installer.guard(armed, "plain").returncode == 1
    assert "is a path of a multipath disk; write /dev/mapper/mpatha." in installer.put("failed")


class Loops:
    """Loop devices of 64 MiB."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.devices: list[str] = []

    def add(self) -> str:
        file = self.folder / f"disk{len(self.devices)}"
        file.touch()
        os.truncate(file, 64 << 20)
        self.devices.append(self.command("losetup", "--find", "--show", str(file)).strip())
        return self.devices[-1]

    def bytes(self, device: str) -> bytes:
        os.sync()
        return hashlib.sha256((self.folder / f"disk{self.devices.index(device)}").read_bytes()).digest()

    def command(self, *words: str) -> str:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def array_member(self, device: str, number: int) -> None:
        """A superblock of version 1.2, of a mirror of two disks (Linux, include/uapi/linux/raid/md_p.h)."""
        block = bytearray(256 + 2 * 128)
        struct.pack_into(
            "<IIII16s32sQiIQII", block, 0, 0xA92B4EFC, 1, 0, 0, b"a" * 16, b"lab:0", 1, 1, 0, 65536, 0, 2
        )
        struct.pack_into("<QQQQII16s", block, 128, 2048, 65536, 8, 0, number, 0, bytes([number + 1]) * 16)
        struct.pack_into("<QQQII", block, 192, 1, 1, 2**64 - 1, 0, 128)
        struct.pack_into("<128H", block, 256, 0, 1, *[0xFFFF] * 126)
        total = sum(struct.unpack(f"<{len(block) // 4}I", block))
        struct.pack_into("<I", block, 216, (total & 0xFFFFFFFF) + (total >> 32) & 0xFFFFFFFF)
        with open(device, "r+b") as file:
            file.seek(4096)
            file.write(block)
            os.fsync(file.fileno())


@pytest.fixture
def loops(tmp_path: pathlib.Path) -> t.Iterator[Loops]:
    made = Loops(tmp_path)
    missing = [name for name in ("losetup", "lvm", "mdadm", "blkid") if not shutil.which(name)]
    if os.geteuid() or missing or not os.path.exists("/dev/loop-control"):
        pytest.skip("needs root, loop devices, lvm2 and mdadm")
    yield made
    for device in made.devices:
        made.command("losetup", "--detach", device)


@pytest.mark.parametrize("kind", ["group", "array"])
def test_real_disks_that_belong_together(armed: Armed, installer: Installer, loops: Loops, kind: str) -> None:
    named, other = loops.add(), loops.add()
    if kind == "array":
        for number, device in enumerate((named, other)):
            loops.array_member(device, number)
        assert "6161" in loops.command("mdadm", "--examine", named)
    else:
        loops.command("lvm", "pvcreate", named, other)
        loops.command("lvm", "vgcreate", f"span{os.getpid()}", named, other)
    before = loops.bytes(named), loops.bytes(other)
    installer.early(armed, "plain")
    installer.use_loop_devices()
    guard = armed.answer("plain", "partman/early_command").replace("/dev/no-such-disk", named)
    installer.be("plain")
    assert installer.run(guard).returncode == 1
    said = installer.put("failed").splitlines()[0]
    shared = "RAID array 61616161:" if kind == "array" else f"LVM volume group span{os.getpid()} ("
    assert said.startswith(f"{named[5:]} (0 GB) holds a part of {shared}")
    assert f"which also is on {other[5:]} (0 GB). " in said
    assert (loops.bytes(named), loops.bytes(other)) == before
    # Where that is allowed.
    installer.be("full")
    done = installer.run(armed.answer("full", "partman/early_command").replace("/dev/no-such-disk", named))
    assert done.returncode == 0, done.stderr
    assert loops.bytes(named) != before[0]
    assert loops.bytes(other) == before[1]
    assert "TYPE" not in loops.command("sh", "-c", f"blkid -p -o udev {named} || true")


def test_a_real_volume_group_of_the_named_disk_goes(armed: Armed, installer: Installer, loops: Loops) -> None:
    named, other = loops.add(), loops.add()
    for number, device in enumerate((named, other)):
        loops.command("lvm", "pvcreate", device)
        loops.command("lvm", "vgcreate", f"one{number}x{os.getpid()}", device)
    before = loops.bytes(other)
    installer.early(armed, "plain")
    installer.use_loop_devices()
    guard = armed.answer("plain", "partman/early_command").replace("/dev/no-such-disk", named)
    assert installer.run(guard).returncode == 0
    assert "TYPE" not in loops.command("sh", "-c", f"blkid -p -o udev {named} || true")
    assert loops.bytes(other) == before
    # What LVM sees from now on in the installer.
    config = f"--config={installer.read('lvm/lvmlocal.conf').strip()}"
    assert other not in loops.command("lvm", "pvs", config, "--noheadings", "-o", "pv_name")


def test_apt_does_not_trust_the_install_tree_for_ever(armed: Armed, installer: Installer) -> None:
    installer.disk("vda")
    assert installer.guard(armed, "plain").returncode == 0
    tree = "http://10.77.0.1/trees/debian-13"
    lists = installer.root / "target/etc/apt/sources.list"
    lists.write_text(f"deb [trusted=yes] {tree} trixie main\n\ndeb https://deb.example/debian trixie main\n")
    own = installer.root / "target/etc/apt/sources.list.d/own.list"
    own.write_text("deb [trusted=yes] http://own.example/x ./\n")
    hook = installer.root / "hooks/90netinstall-pxe"
    assert hook.stat().st_mode & 0o111
    assert installer.shell(str(hook)).returncode == 0
    text = lists.read_text().splitlines()
    assert [line for line in text if not line.startswith("#") and line] == [
        "deb https://deb.example/debian trixie main"
    ]
    assert f"# deb [trusted=yes] {tree} trixie main" in text
    assert "Write a mirror that is signed." in lists.read_text()
    # What the site's own commands wrote is the site's.
    assert own.read_text() == "deb [trusted=yes] http://own.example/x ./\n"


@pytest.mark.parametrize("name", ["own", "brought"])
def test_a_file_of_the_users_own_cannot_choose_another_disk(
    armed: Armed, installer: Installer, name: str
) -> None:
    assert installer.guard(armed, name, "no-such-disk").returncode == 1
    # Whatever is pressed then.
    assert installer.read("debconf").splitlines()[-1] == "partman/confirm_nooverwrite=false"
    assert "/dev/no-such-disk is not a disk" in installer.put("failed")
    installer.disk("vda")
    done = installer.guard(armed, name)
    assert done.returncode == 0, done.stderr
    found = installer.read("debconf").splitlines()[-2:]
    disk = f"{installer.root}/dev/vda"
    assert found == [f"{each}={disk}" for each in ("partman-auto/disk", "grub-installer/bootdev")]
    # Nor the machine.
    installer.be("plain")
    command = armed.answer(name, "partman/early_command").replace("/dev/no-such-disk", disk)
    assert installer.run(command).returncode == 1


def test_no_command_of_the_users_own_runs_before_machine_and_disk_are_known(
    armed: Armed, installer: Installer
) -> None:
    own = installer.root / "tmp/netinstall/own"
    first = armed.answer("brought", "preseed/early_command")
    assert installer.run(first).returncode == 1
    assert "This is not brought, which was armed" in installer.put("failed")
    assert installer.guard(armed, "brought", "no-such-disk").returncode == 1
    assert not own.exists()
    installer.be("brought")
    assert installer.run(first).returncode == 0
    assert own.read_text() == "first\n"


@pytest.mark.parametrize("name", ["plain", "full", "own", "part", "brought"])
def test_ours_has_the_last_word_whatever_commands_answer(
    armed: Armed, installer: Installer, name: str
) -> None:
    """Of the preseed file only the first command is run: an early command has replaced the one of partman."""
    disk = f"{installer.root}/dev/vda"
    assert installer.early(armed, name).returncode == 0
    if name == "full":
        assert "partman/early_command=wipefs -a /dev/vdb" in installer.read("debconf")
    installer.shell("-c", "debconf-set partman-auto/disk /dev/vdb")
    script = installer.root / "tmp/netinstall/check-disk"
    script.write_text(script.read_text().replace("/dev/no-such-disk", disk))
    hook = str(installer.root / "partman-init.d/02netinstall-pxe")
    # The named disk is not there.
    assert installer.shell("-c", hook).returncode == 1
    assert "is not a disk of this machine" in installer.put("failed")
    for path in ("debconf", "put/failed", "tmp/netinstall/last", "tmp/netinstall/failed.txt"):
        (installer.root / path).unlink()
    installer.shell("-c", "debconf-set partman-auto/disk /dev/vdb")
    installer.disk("vda")
    assert installer.shell("-c", hook).returncode == 0
    assert f"partman-auto/disk={disk}" in installer.read("debconf").splitlines()[1:]
    before = installer.read("debconf")
    # partman begins anew after it has made volumes.
    assert installer.shell("-c", hook).returncode == 0
    assert installer.read("debconf") == before


def test_a_partition_is_no_disk(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    (installer.root / "dev/vda1").touch()
    (installer.root / "sys/class/block/vda1").mkdir()
    (installer.root / "sys/class/block/vda1/partition").write_text("1\n")
    assert installer.guard(armed, "plain", "vda1").returncode == 1
    assert "is a partition, not a disk." in installer.put("failed")


def test_a_disk_that_cannot_be_written(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "plain")
    installer.disk("vda", ro="1")
    assert installer.guard(armed, "plain").returncode == 1
    assert "is write-protected." in installer.put("failed")


def test_late_commands(armed: Armed, installer: Installer) -> None:
    (installer.root / "bin/in-target").write_text(
        f'#!/bin/sh\necho "$*" >> {installer.root}/in-target\n[ "$1" != id ]\n'
    )
    done = installer.run(armed.answer("full", "preseed/late_command"))
    assert done.returncode == 0, done.stderr
    assert installer.read("target/root/.ssh/authorized_keys") == f"{KEY}\n"
    assert installer.read("target/home/robot/.ssh/authorized_keys") == f"{KEY}\n"
    assert installer.read("target/etc/motd") == "# Kept,  with two blanks and 'quotes'\n\n"
    assert installer.read("target/etc/sudoers.d/robot") == "robot ALL=(ALL:ALL) NOPASSWD: ALL\n"
    assert not (installer.root / "target/etc/sudoers.d/ops").exists()
    ran = installer.read("in-target")
    assert f"usermod --comment O'Ps --password {SECRET} ops\n" in ran
    assert "usermod --append --groups sudo ops\n" in ran
    assert "usermod --comment  --password * robot\n" in ran
    assert "chown -R robot: /home/robot/.ssh\n" in ran
    for name, mode in (("target/root/.ssh", 0o700), ("target/root/.ssh/authorized_keys", 0o600)):
        assert stat.S_IMODE((installer.root / name).stat().st_mode) == mode


def test_a_late_command_that_fails_is_told(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "full")
    assert installer.run(armed.answer("full", "preseed/late_command")).returncode == 1
    assert installer.put("failed").splitlines()[0] == "late_commands[1] returned 1"


def test_users_that_cannot_be_made_are_told(armed: Armed, installer: Installer) -> None:
    installer.early(armed, "full")
    (installer.root / "bin/in-target").write_text('#!/bin/sh\n[ "$1" != usermod ]\n')
    assert installer.run(armed.answer("full", "preseed/late_command")).returncode == 1
    assert installer.put("failed").startswith("The users or their SSH keys could not be made.")
    assert not (installer.root / "target/etc/motd").exists()


def test_records_hold_no_secrets(armed: Armed) -> None:
    records = [path.read_text() for path in armed.root.glob("events/*/*/armed")]
    assert {json.loads(text)["machine"] for text in records} == set(ANSWERS)
    assert SECRET not in "".join(records)
