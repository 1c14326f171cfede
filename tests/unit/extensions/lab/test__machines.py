# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines as described, and the files that lead to them."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import socket
import subprocess
import typing as t

import _machines
import _qemu
import pytest
from _common import LabError

SERVER = {"role": "server", "mac": "52:54:00:aa:00:fe", "address": "10.77.0.1"}
CLIENT = {"role": "client", "mac": "52:54:00:aa:00:01", "address": "10.77.0.11"}


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> _machines.Lab:
    described = {
        "network": {"cidr": "10.77.0.0/24"},
        "isos": [],
        "machines": {"pxe1": SERVER, "node01": CLIENT},
    }
    one = _machines.Lab(tmp_path / "lab")
    one.describe(described)
    return one


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        ({**CLIENT, "role": "router"}, r"machines\.m\.role: 'router'"),
        ({**CLIENT, "firmware": "efi"}, r"machines\.m\.firmware: 'efi'; write bios or uefi"),
        ({**CLIENT, "boot_order": "disk"}, r"machines\.m\.boot_order: 'disk'; write network or firmware"),
        ({**CLIENT, "boot_order": "firmware"}, r"machines\.m\.boot_order: a BIOS here keeps no order"),
        ({**CLIENT, "mem": 3}, r"machines\.m: unknown: \['mem'\]"),
        ({"role": "server", "address": "10.77.0.1"}, r"machines\.m: missing: \['mac'\]"),
        ({**CLIENT, "branch": "b"}, r"machines\.m\.branch: 'b' is not among branches"),
    ],
)
def test_a_wrong_description_is_refused(machine: dict[str, t.Any], message: str) -> None:
    with pytest.raises(LabError, match=message):
        _machines.checked({"machines": {"m": machine}}, "")


def test_firmware_asked_for_goes_to_all_clients_and_to_no_server() -> None:
    found = _machines.checked({"machines": {"pxe1": SERVER, "node01": CLIENT}}, "uefi")
    assert found["node01"]["firmware"] == "uefi"
    assert "firmware" not in found["pxe1"]


def test_default_description_is_valid() -> None:
    found = _machines.read_description(_machines._qemu.Path(_machines.__file__).with_name("default.json"))
    assert set(_machines.checked(found, "")) == {"pxe1", "node01"}


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert _machines.free_tcp_port(taken) not in (0, taken)


def test_ssh_config_is_read_by_ssh(lab: _machines.Lab) -> None:
    def settings(name: str) -> dict[str, list[str]]:
        words = ["ssh", "-G", "-F", str(lab.ssh_config), name]
        lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
        found: dict[str, list[str]] = {}
        for word, value in (line.split(" ", 1) for line in lines if " " in line):
            found.setdefault(word, []).append(value)
        return found

    server, client = settings("pxe1"), settings("node01")
    assert server["hostname"] == ["127.0.0.1"]
    assert server["port"] == [str(lab.machine("pxe1").data["ssh_port"])]
    assert client["hostname"] == ["10.77.0.11"]
    assert client["proxycommand"][0].endswith("-W %h:%p pxe1")
    for found in (server, client):
        assert found["user"] == ["root"]
        assert found["identityfile"] == [str(lab.key), str(lab.old_key)]
        assert found["stricthostkeychecking"] in (["no"], ["false"])


def test_there_is_a_key_that_old_releases_know(lab: _machines.Lab) -> None:
    kinds = [path.with_suffix(".pub").read_text().split()[0] for path in (lab.key, lab.old_key)]
    assert kinds == ["ssh-ed25519", "ssh-rsa"]


def test_keys_and_ports_stay_when_the_lab_is_described_again(lab: _machines.Lab) -> None:
    before = (lab.key.read_bytes(), lab.load()["network"]["port"])
    lab.describe({"machines": {"node02": {**CLIENT, "mac": "52:54:00:aa:00:02", "address": "10.77.0.12"}}})
    assert (lab.key.read_bytes(), lab.load()["network"]["port"]) == before
    assert set(lab.load()["machines"]) == {"pxe1", "node01", "node02"}


def test_two_labs_have_networks_of_their_own(lab: _machines.Lab, tmp_path: pathlib.Path) -> None:
    other = _machines.Lab(tmp_path / "other")
    other.describe({"network": {"cidr": "10.77.0.0/24"}, "machines": {"pxe1": SERVER}})
    assert other.load()["network"]["port"] != lab.load()["network"]["port"]


def test_only_the_server_between_two_networks_is_in_both(tmp_path: pathlib.Path) -> None:
    router = {**SERVER, "branch": "b", "router_mac": "52:54:00:bb:00:fe", "router_address": "10.78.0.1"}
    far = {**CLIENT, "branch": "b"}
    lab = _machines.Lab(tmp_path / "lab")
    lab.describe(
        {
            "network": {"cidr": "10.77.0.0/24"},
            "branches": {"b": {"cidr": "10.78.0.0/24"}},
            "machines": {"pxe1": router, "near": CLIENT, "far": far},
        }
    )
    ports = {name: lab.machine(name).network["port"] for name in ("pxe1", "near", "far")}
    assert ports["pxe1"] == ports["near"] != ports["far"] == lab.machine("pxe1").branch["port"]
    assert "ens4:10.77.0.1/24 lab.address=ens7:10.78.0.1/24" in lab.machine("pxe1").kernel_arguments()


def test_an_unknown_machine_is_named(lab: _machines.Lab) -> None:
    with pytest.raises(LabError, match=r"no machine 'node9'.*node01, pxe1"):
        lab.machine("node9")


def test_no_lab_yet(tmp_path: pathlib.Path) -> None:
    with pytest.raises(LabError, match="there is no lab in"):
        _machines.Lab(tmp_path).load()


def test_only_the_process_that_was_started_is_ended(lab: _machines.Lab) -> None:
    """A process id that now belongs to another program must not be touched."""
    machine = lab.machine("node01")
    machine.folder.mkdir(parents=True)
    record = machine.folder / "process.json"
    with subprocess.Popen(["sleep", "60"]) as other:
        record.write_text(json.dumps({"pid": other.pid, "started": "1"}), encoding="utf-8")
        assert machine.pid() == 0
        machine.off()
        assert other.poll() is None
        record.write_text(
            json.dumps({"pid": other.pid, "started": _qemu.started_at(other.pid)}), encoding="utf-8"
        )
        assert machine.pid() == other.pid
        machine.off()
        assert other.wait(5) == -15
    assert not record.exists()


def test_start_time_of_this_process_and_of_none() -> None:
    assert str(_qemu.started_at(os.getpid())).isdigit()
    assert _qemu.started_at(2**22 + 1) is None


def test_client_boots_from_the_network_first_and_then_from_its_disk(
    lab: _machines.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_machines, "accelerator", lambda: ("tcg", "test"))
    monkeypatch.setattr(_machines.Machine, "make_disk", lambda *_words: None)
    words = " ".join(lab.machine("node01").client_words())
    assert f"mcast=230.0.0.1:{lab.load()['network']['port']},localaddr=127.0.0.1" in words
    assert "mac=52:54:00:aa:00:01,addr=0x4,bootindex=1" in words
    assert "drive=disk5,addr=0x5,bootindex=2" in words
    assert "hostfwd" not in words


@pytest.mark.skipif(not shutil.which("qemu-img"), reason="needs qemu-utils")
def test_further_disks_follow_the_one_that_is_booted(
    lab: _machines.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_machines, "accelerator", lambda: ("tcg", "test"))
    lab.describe({"machines": {"node01": {**CLIENT, "disk": "3M", "more_disks": ["2M", "1M"]}}})
    machine = lab.machine("node01")
    machine.folder.mkdir(parents=True)
    (machine.folder / "disk2.qcow2").write_bytes(b"brought")
    words = machine.client_words()
    drives = [word.split(",")[1:3] for word in words if word.startswith("if=none,")]
    assert drives == [
        ["id=disk5", "file=disk.qcow2"],
        ["id=disk9", "file=disk2.qcow2"],
        ["id=disk10", "file=disk3.qcow2"],
    ]
    devices = [word for word in words if word.startswith("virtio-blk-pci,")]
    assert [device.rpartition("addr=")[2] for device in devices] == ["0x5,bootindex=2", "0x9", "0xa"]
    assert (machine.folder / "disk2.qcow2").read_bytes() == b"brought"

    def size(name: str) -> int:
        info = ["qemu-img", "info", "--output=json", name]
        done = subprocess.run(info, cwd=machine.folder, capture_output=True, check=True)
        return json.loads(done.stdout)["virtual-size"]

    assert [size("disk.qcow2"), size("disk3.qcow2")] == [3 * 2**20, 2**20]


def test_printable_drops_escape_sequences() -> None:
    assert _machines.printable("\x1b[7m\x1b[24;1Hlogin:\x07\x1b(B ok\r\n") == "login: ok\n"


@pytest.mark.skipif(not shutil.which("mke2fs"), reason="needs e2fsprogs")
def test_iso_disk_holds_the_images(
    lab: _machines.Lab, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = tmp_path / "some.iso"
    image.write_bytes(b"iso" * 1000)
    monkeypatch.setattr(_machines._debian_iso, "debian_iso", lambda _name: tmp_path / "debian.iso")
    data = lab.load()
    data["isos"] = [str(image)]
    lab.file.write_text(json.dumps(data), encoding="utf-8")
    disk = _machines.iso_disk(lab)
    assert disk == _machines.iso_disk(lab)
    listing = subprocess.run(["debugfs", "-R", "cat some.iso", str(disk)], capture_output=True, check=True)
    assert listing.stdout == image.read_bytes()


def test_only_bios_gets_the_card_with_ipxe(lab: _machines.Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """UEFI must show its own PXE client, or no test meets firmware that is not iPXE."""
    monkeypatch.setattr(_machines, "accelerator", lambda: ("tcg", "test"))
    monkeypatch.setattr(_machines.Machine, "make_disk", lambda *_words: None)
    monkeypatch.setattr(_machines.shutil, "copy", lambda *_words: None)
    machine = lab.machine("node01")
    assert "romfile=" not in " ".join(machine.client_words())
    machine.data["firmware"] = "uefi"
    words = " ".join(machine.client_words())
    assert "bootindex=1,romfile=" in words
    assert "OVMF_CODE_4M.fd" in words


def test_firmware_with_an_order_of_its_own_is_told_none(
    lab: _machines.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_machines, "accelerator", lambda: ("tcg", "test"))
    monkeypatch.setattr(_machines.Machine, "make_disk", lambda *_words: None)
    monkeypatch.setattr(_machines.shutil, "copy", lambda *_words: None)
    machine = lab.machine("node01")
    machine.data.update(firmware="uefi", boot_order="firmware")
    words = " ".join(machine.client_words())
    assert "bootindex" not in words
    assert "mac=52:54:00:aa:00:01,addr=0x4,romfile=" in words
    assert "file=vars.fd" in words


def test_images_by_the_names_of_those_that_the_lab_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_machines._debian_iso, "debian_iso", lambda name: pathlib.Path("/own") / name)
    monkeypatch.setattr(
        _machines._el_iso, "el_isos", lambda name: [pathlib.Path(f"/cache/{name}-{n}") for n in (1, 2)]
    )
    found = [
        str(_machines.image_file(name))
        for name in ("debian-13-lab-storage.iso", "NetinstallEL-7-x86_64-DVD2.iso", "/srv/other.iso")
    ]
    assert found == ["/own/debian-13-lab-storage.iso", "/cache/el7-2", "/srv/other.iso"]


def test_keys_are_pressed_one_after_the_other(lab: _machines.Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[list[str]] = []

    def command(_folder: pathlib.Path, name: str, keys: list[dict[str, str]]) -> None:
        assert name == "send-key"
        pressed.append([key["data"] for key in keys])

    monkeypatch.setattr(_qemu, "command", command)
    monkeypatch.setattr(_machines, "KEY_SECONDS", 0)
    lab.machine("node01").press(["down", "ctrl+b", "ret"])
    assert pressed == [["down"], ["ctrl", "b"], ["ret"]]
