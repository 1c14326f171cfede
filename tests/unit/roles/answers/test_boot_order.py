# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What UEFI firmware starts first once a machine is installed: the script, with OVMF's variables, and what calls it."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me"
ANSWERS: dict[str, dict[str, t.Any]] = {
    f"{family}-{kind}": {"root_ssh_keys": [KEY], **answers}
    for family in ("debian", "el9", "el8", "el6")
    for kind, answers in {
        "plain": {},
        "disk": {"boot_order": "disk"},
        "installer": {"boot_order": "installer"},
        "bios": {},
        "brought": {"file": f"{family}.cfg"},
    }.items()
}
ANSWERS["debian-plain"]["late_commands"] = ["echo their own >> /tmp/netinstall/order"]
DISTRIBUTIONS = {"debian": "debian-13", "el9": "rocky-9", "el8": "rocky-8", "el6": "centos-6"}
FILES = {
    "debian.cfg": "d-i time/zone string UTC\n",
    **{
        f"{family}.cfg": "text\nlang en_US.UTF-8\nrootpw --iscrypted *\n%packages\n@core\n%end\n"
        for family in ("el9", "el8", "el6")
    },
}
NUMBERS = {name: number for number, name in enumerate(ANSWERS, start=11)}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory, armory: type[t.Any]) -> dict[str, str]:
    """The answer file of each machine."""
    folder = tmp_path_factory.mktemp("armed")
    machines = [
        armory.machine(
            number,
            name,
            DISTRIBUTIONS[name.split("-")[0]],
            disk="/dev/vda",
            firmware="bios" if name.endswith("-bios") else "any",
        )
        for name, number in NUMBERS.items()
    ]
    done = armory(machines).arm(folder, ANSWERS, (), FILES)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        name: next((folder / f"srv/answers/10.77.0.{number}").glob("*/*.cfg")).read_text()
        for name, number in NUMBERS.items()
    }


# Which answer files have it


@pytest.mark.parametrize(
    ("kind", "families"),
    [
        ("plain", ["debian", "el9", "el8"]),
        ("disk", ["debian", "el9", "el8"]),
        ("installer", []),
        ("bios", []),
        ("brought", []),
    ],
)
def test_who_changes_the_order(texts: dict[str, str], kind: str, families: list[str]) -> None:
    """Nobody of whom it is known that it has a BIOS; EL 6 shows variables otherwise; an own file stays as it is."""
    found = [family for family in DISTRIBUTIONS if "BootOrder" in texts[f"{family}-{kind}"]]
    assert found == families


def test_anaconda_leaves_the_order_only_for_the_network(texts: dict[str, str]) -> None:
    """Also where a kickstart that was brought along has no boot loader of its own."""
    asked = [name for name, text in texts.items() if "--leavebootorder" in text]
    assert asked == ["el9-plain", "el9-bios", "el9-brought"]


# The script

GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
ATTRIBUTES = "07000000"
SYSTEM_PARTITION = "55604020-7A7A-4784-980F-5A1221D6735B"
CARD = "02010c00d041030a00000000010106000003030b2500{mac}" + "00" * 26 + "01"
IPV4 = "030c1b00" + "00" * 23
END = "7fff0400"
OPTIONAL = "4eac0881119f594d850ee21a522c59b2"


def entry(name: str, path: str, optional: str = "") -> str:
    """EFI_LOAD_OPTION (UEFI 2.10, 3.1.3) as hexadecimal digits."""
    size = (len(path) // 2).to_bytes(2, "little").hex()
    return f"01000000{size}{name.encode('utf-16-le').hex()}0000{path}{optional}"


def card(mac: str, more: str = "") -> str:
    return entry("PXE", CARD.format(mac=mac) + more + END, OPTIONAL)


def system(partition: str) -> str:
    parts = partition.lower().split("-")
    swapped = "".join(bytes.fromhex(part)[::-1].hex() for part in parts[:3]) + "".join(parts[3:])
    disk = f"04012a000100000000080000000000000080020000000000{swapped}0202"
    name = "\\EFI\\debian\\shimx64.efi\0".encode("utf-16-le")
    return entry("debian", f"{disk}0404{(len(name) + 4).to_bytes(2, 'little').hex()}{name.hex()}{END}")


def ovmf() -> dict[str, str]:
    """Variables of OVMF 2022.11 with a card 52:54:00:AA:00:01 and a virtio disk, as its flash memory has them after an
    installation by the first; Boot0006 is what efibootmgr wrote."""
    mac = CARD.format(mac="525400aa0001") + IPV4
    return {
        "BootCurrent": "0200",
        "BootOrder": "0600000001000200030004000500",
        "Boot0000": entry(
            "UiApp", f"04071400c9bdb87cebf8344faaea3ee4af6516a10406140021aa2c4614760345836e8ab6f4662331{END}"
        ),
        "Boot0001": "010000001600"
        + "UEFI Misc Device\0".encode("utf-16-le").hex()
        + f"02010c00d041030a00000000010106000004{END}{OPTIONAL}",
        "Boot0002": "010000005600"
        + "UEFI PXEv4 (MAC:525400AA0001)\0".encode("utf-16-le").hex()
        + f"{mac}{END}{OPTIONAL}",
        "Boot0003": "010000005a00"
        + "UEFI HTTPv4 (MAC:525400AA0001)\0".encode("utf-16-le").hex()
        + f"{mac}03180400{END}{OPTIONAL}",
        "Boot0004": entry("UEFI HTTPv6", mac.replace("030c1b00", "030d1b00") + "03180400" + END),
        "Boot0005": "010000002c00450046004900200049006e007400650072006e0061006c0020005300680065006c006c000000"
        f"04071400c9bdb87cebf8344faaea3ee4af6516a10406140083a5047c3e9e1c4fad65e05268d0b4d1{END}",
        "Boot0006": "010000005e0072006f0063006b007900000004012a000100000000080000000000000080020000000000"
        "204060557a7a8447980f5a1221d6735b0202"
        "040430005c004500460049005c00640065006200690061006e005c006c0069006e00750078002e0065006600690000007fff0400"
        "69006e0069007400720064003d00",
    }


SHELLS = {"sh": ["sh"], "busybox": ["busybox", "sh"], "bash": ["bash"]}


class Machine:
    """An installed system below ``root``, with stand-ins for what asks the kernel about mounts and disks."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.efivars = root / "sys/firmware/efi/efivars"
        self.efivars.mkdir(parents=True)
        (root / "bin").mkdir()
        self.program("findmnt", 'case "$*" in *" /boot/efi") echo /dev/vda1 ;; esac')
        self.program("blkid", f'case "$*" in *" /dev/vda1") echo {SYSTEM_PARTITION} ;; esac')
        self.program("mount", "exit 32")
        self.program("modprobe", "exit 1")

    def program(self, name: str, body: str) -> None:
        (self.root / "bin" / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.root / "bin" / name).chmod(0o755)

    def set(self, **variables: str | None) -> None:
        for name, value in variables.items():
            path = self.efivars / f"{name}-{GLOBAL}"
            if value is None:
                path.unlink()
            else:
                path.write_bytes(bytes.fromhex(ATTRIBUTES + value))

    def order(self) -> str:
        """As efibootmgr shows it."""
        data = (self.efivars / f"BootOrder-{GLOBAL}").read_bytes()
        assert data[:4].hex() == ATTRIBUTES
        return " ".join(f"{low + 256 * high:X}" for low, high in zip(data[4::2], data[5::2]))

    def run(self, command: str, shell: t.Sequence[str] = ("sh",)) -> str:
        """What it says; that it fails, too, is nobody's business."""
        command = command.replace("/sys/firmware", f"{self.root}/sys/firmware")
        done = subprocess.run(
            [*shell, "-c", command],
            env={"PATH": f"{self.root}/bin:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: pathlib.Path) -> Machine:
    made = Machine(tmp_path / "machine")
    made.set(**ovmf())
    return made


@pytest.fixture(params=[name for name, words in SHELLS.items() if shutil.which(words[0])])
def shell(request: pytest.FixtureRequest) -> list[str]:
    return SHELLS[request.param]


class Scripts:
    """The script of each machine's answer file, for another card if need be."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def of(self, name: str, mac: str = "525400aa0001") -> str:
        text = self.texts[name]
        begin = "> /mnt/sysimage/tmp/netinstall-boot-order <<'NETINSTALL_PXE_END'\n"
        found = text.partition(begin)[2].partition("\nNETINSTALL_PXE_END\n")[0]
        assert found
        own = f"525400aa00{NUMBERS[name]:02x}"
        assert own in found or "disk" in name
        return found.replace(own, mac)


@pytest.fixture(scope="module")
def scripts(texts: dict[str, str]) -> Scripts:
    return Scripts(texts)


def test_the_network_card_comes_first_and_the_system_second(
    scripts: Scripts, machine: Machine, shell: list[str]
) -> None:
    said = machine.run(scripts.of("el9-plain"), shell)
    assert machine.order() == "2 6 0 1 3 4 5"
    assert said == "The firmware's boot order is now 0002 0006 0000 0001 0003 0004 0005: the network first."


def test_a_system_outside_of_the_order_comes_second(
    scripts: Scripts, machine: Machine, shell: list[str]
) -> None:
    """So that EL 9 leaves it (bootloader --leavebootorder)."""
    machine.set(BootOrder="000001000200")
    machine.run(scripts.of("el9-plain"), shell)
    assert machine.order() == "2 6 0 1"


def test_the_system_comes_first(scripts: Scripts, machine: Machine, shell: list[str]) -> None:
    machine.set(BootOrder="020006000000")
    said = machine.run(scripts.of("el9-disk"), shell)
    assert machine.order() == "6 2 0"
    assert said == "The firmware's boot order is now 0006 0002 0000: the new system first."


def test_an_order_that_is_right_is_not_written(scripts: Scripts, machine: Machine) -> None:
    machine.set(BootOrder="0200060000000100")
    os.utime(machine.efivars / f"BootOrder-{GLOBAL}", (1, 1))
    said = machine.run(scripts.of("el9-plain"))
    assert (machine.efivars / f"BootOrder-{GLOBAL}").stat().st_mtime == 1
    assert said == "The firmware's boot order is now 0002 0006 0000 0001: the network first."


@pytest.mark.parametrize(
    ("booted", "changes", "first"),
    [
        pytest.param("0300", {}, "3", id="by HTTP"),
        pytest.param("0A00", {"Boot000A": card("aabbccddeeff")}, "A", id="by a card that is not described"),
        pytest.param(
            "0A00", {"Boot000A": entry("PXE Device 1", "010414003a19185a" + "0" * 24 + END)}, "A", id="Dell"
        ),
        pytest.param(
            "0A00", {"Boot000A": entry("PXE BOOT", "030a2400bc7838d2" + "0" * 56 + END)}, "A", id="Lenovo"
        ),
        pytest.param(None, {}, "2", id="unknown"),
        pytest.param("0900", {}, "2", id="by one that is gone"),
        pytest.param("0500", {}, "2", id="from the shell"),
        pytest.param(
            "0A00",
            {"Boot000A": entry("RAID", "010414003a19185a" + "0" * 24 + "04012a00" + "0" * 76 + END)},
            "2",
            id="from a disk of a vendor's controller",
        ),
        pytest.param("0600", {}, "2", id="from the disk"),
        pytest.param("0100", {}, "2", id="from a disk without a file system"),
        pytest.param(
            None,
            {"Boot0002": None, "Boot0003": None, "Boot000A": card("525400aa0001")},
            "4",
            id="IPv6 alone is better than nothing",
        ),
        pytest.param(
            None,
            {"BootOrder": "060004000500", "Boot0002": None, "Boot000A": card("525400aa0001", IPV4)},
            "3",
            id="IPv4 is better than what is in the order",
        ),
    ],
)
def test_which_card(
    scripts: Scripts,
    machine: Machine,
    shell: list[str],
    booted: str | None,
    changes: dict[str, t.Any],
    first: str,
) -> None:
    machine.set(**{"BootCurrent": booted, **changes})
    machine.run(scripts.of("el9-plain"), shell)
    assert machine.order().split(" ")[:2] == [first, "6"]


def test_entries_that_are_gone_leave_the_order(scripts: Scripts, machine: Machine) -> None:
    machine.set(Boot0000=None, Boot0004=None)
    machine.run(scripts.of("el9-plain"))
    assert machine.order() == "2 6 1 3 5"


@pytest.mark.parametrize("partition", ["12345678-01", ""])
def test_a_system_of_which_the_partition_is_not_known(
    scripts: Scripts, machine: Machine, partition: str
) -> None:
    """A disk with an MBR, or an array."""
    machine.program("blkid", f"echo {partition}")
    machine.run(scripts.of("el9-plain"))
    assert machine.order() == "2 6 0 1 3 4 5"
    said = machine.run(scripts.of("el9-disk"))
    assert machine.order() == "2 6 0 1 3 4 5"
    assert said.endswith("it has no entry of this system.")


def test_another_disk_is_not_the_system(scripts: Scripts, machine: Machine) -> None:
    machine.set(Boot0007=system("11111111-2222-3333-4444-555555555555"), BootOrder="070002000600")
    machine.run(scripts.of("el9-plain"))
    assert machine.order() == "2 6 7"
    machine.set(Boot0008=system(SYSTEM_PARTITION), Boot0006=None)
    machine.run(scripts.of("el9-plain"))
    assert machine.order() == "2 8 7"


def test_without_an_entry_of_the_network_the_order_stays(scripts: Scripts, machine: Machine) -> None:
    machine.set(BootCurrent=None)
    said = machine.run(scripts.of("el9-plain", "aabbccddeeff"))
    assert machine.order() == "6 0 1 2 3 4 5"
    assert said == (
        "The firmware's boot order was left as it is (0006 0000 0001 0002 0003 0004 0005): it has no entry of a "
        "network card of this machine. Put the network first in its setup."
    )


def test_without_variables(scripts: Scripts, machine: Machine, shell: list[str]) -> None:
    for path in machine.efivars.iterdir():
        path.unlink()
    for name in ("el9-plain", "el9-disk"):
        assert machine.run(scripts.of(name), shell).startswith(
            "The firmware's boot order was left as it is (unknown): it has no entry of "
        )
    assert list(machine.efivars.iterdir()) == []


def test_variables_that_nobody_has_mounted(scripts: Scripts, machine: Machine) -> None:
    hidden = machine.efivars.with_name("hidden")
    machine.efivars.rename(hidden)
    machine.efivars.mkdir()
    machine.program(
        "mount", f'[ "$*" = "-t efivarfs efivarfs {machine.efivars}" ] && cp {hidden}/* {machine.efivars}'
    )
    machine.run(scripts.of("el9-plain"))
    assert machine.order() == "2 6 0 1 3 4 5"


def test_firmware_that_refuses(scripts: Scripts, machine: Machine, shell: list[str]) -> None:
    """Not even root can write what stands for the variable here."""
    machine.set(BootOrder=None)
    (machine.efivars / f"BootOrder-{GLOBAL}").symlink_to("/proc/sys/kernel/ostype")
    said = machine.run(scripts.of("el9-plain"), shell)
    assert re.match(r"The firmware did not take the boot order 0002 0006; it is [0-9A-F ]+\.", said)


# What calls it


def test_debian_runs_it_before_the_commands_of_the_answers(
    texts: dict[str, str], scripts: Scripts, machine: Machine
) -> None:
    late = late_command(texts["debian-plain"], machine)
    machine.run(late.replace(f"525400aa00{NUMBERS['debian-plain']:02x}", "525400aa0001"))
    assert machine.order() == "2 6 0 1 3 4 5"
    assert (machine.root / "netinstall/order").read_text().splitlines() == [
        "progress-boot-order The firmware's boot order is now 0002 0006 0000 0001 0003 0004 0005: the network first.",
        "grub-efi-arm64 grub2/update_nvram boolean false",
        "their own",
    ]
    assert list((machine.root / "target/tmp").iterdir()) == []


def test_debian_lets_grub_put_its_disk_first(texts: dict[str, str], machine: Machine) -> None:
    machine.set(BootOrder="02000600")
    machine.run(late_command(texts["debian-disk"], machine))
    assert machine.order() == "6 2"
    assert "grub" not in (machine.root / "netinstall/order").read_text()


def test_debian_with_a_bios_is_left_alone(texts: dict[str, str], machine: Machine) -> None:
    shutil.rmtree(machine.root / "sys/firmware/efi")
    machine.run(late_command(texts["debian-plain"], machine))
    assert (machine.root / "netinstall/order").read_text() == "their own\n"


def test_debian_is_installed_even_if_nothing_of_it_works(texts: dict[str, str], machine: Machine) -> None:
    late = late_command(texts["debian-plain"], machine)
    machine.program("in-target", "exit 1")
    machine.run(late)
    assert (machine.root / "netinstall/order").read_text().splitlines()[-1] == "their own"


def late_command(text: str, machine: Machine) -> str:
    """What d-i runs at the end, with the folders of ``machine``; what its programs are told is in netinstall/order."""
    order = machine.root / "netinstall/order"
    for name in ("netinstall", "target/tmp", "target/root"):
        (machine.root / name).mkdir(parents=True)
    order.write_text("")
    (machine.root / "netinstall/report").write_text(f'echo "$*" >> {order}\n')
    machine.program(
        "in-target",
        '[ "$1" != --pass-stdout ] || shift\n'
        f"for word; do shift; case $word in /tmp/*) word={machine.root}/target$word ;; esac; "
        'set -- "$@" "$word"; done\n'
        f'case $1 in sh) "$@" ;; dpkg) echo arm64 ;; debconf-set-selections) cat "$2" >> {order} ;; esac',
    )
    [late] = [each.value for each in check.entries(text) if each.question == "preseed/late_command"]
    late = late.replace("/tmp/netinstall-", "KEPT").replace("/tmp/netinstall", f"{machine.root}/netinstall")
    return late.replace("KEPT", "/tmp/netinstall-").replace("/target/", f"{machine.root}/target/")


@pytest.mark.parametrize("name", ["el9-plain", "el8-plain"])
def test_anaconda_runs_it(texts: dict[str, str], machine: Machine, name: str) -> None:
    machine.run(section(texts[name], machine).replace(f"525400aa00{NUMBERS[name]:02x}", "525400aa0001"))
    assert machine.order() == "2 6 0 1 3 4 5"
    assert (machine.root / "order").read_text() == (
        "progress-boot-order The firmware's boot order is now 0002 0006 0000 0001 0003 0004 0005: the network first.\n"
    )
    assert list((machine.root / "sysimage/tmp").iterdir()) == []


def test_anaconda_with_a_bios_does_nothing(texts: dict[str, str], machine: Machine) -> None:
    shutil.rmtree(machine.root / "sys/firmware/efi")
    machine.run(section(texts["el9-plain"], machine))
    assert not (machine.root / "order").exists()


def section(text: str, machine: Machine) -> str:
    """The section of a kickstart, with the folders of ``machine``."""
    (machine.root / "sysimage/tmp").mkdir(parents=True)
    (machine.root / "report").write_text(f'echo "$*" >> {machine.root}/order\n')
    machine.program("chroot", f'shift; exec "$1" {machine.root}/sysimage"$2"')
    begin = "# What UEFI firmware starts first\n%post --nochroot\n"
    found = text.partition(begin)[2].partition("\n%end\n")[0]
    assert found
    found = found.replace("/mnt/sysimage", f"{machine.root}/sysimage")
    return found.replace("/tmp/netinstall/report", f"{machine.root}/report")
