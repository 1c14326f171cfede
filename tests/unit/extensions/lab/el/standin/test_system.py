# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts, keys and network of the new system."""

from __future__ import annotations

import os
import pathlib
import stat
import typing as t

import pytest
from el.standin import bootloader, kickstart, system
from el.standin.console import FailedError

MAC = "52:54:00:aa:00:01"
HASH = "$6$abc$def"
SETUP = pathlib.Path(__file__).resolve().parents[6] / "extensions/lab/el/system/setup/etc"


@pytest.fixture(autouse=True)
def nobody_owns(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """Take notice of owners; only root could set them."""
    owners: list[tuple[str, int, int]] = []
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: owners.append((str(path), uid, gid)))
    return owners


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a new system as the packages leave it."""
    for name in ("passwd", "group", "shadow"):
        system.put(tmp_path / "root/etc" / name, (SETUP / name).read_text(encoding="utf-8"))
    return tmp_path / "root"


def read(tmp_path: pathlib.Path, text: str, release: int = 9) -> t.Any:
    """Return a kickstart as pykickstart reads it."""
    path = tmp_path / "ks.cfg"
    path.write_text(text)
    return kickstart.read_all(str(path), release, lambda _text: None)


def row(root: pathlib.Path, file: str, name: str) -> list[str]:
    """Return an account's line."""
    return next(one for one in system.lines(root / "etc" / file) if one[0] == name)


def test_root_user_and_groups(tmp_path: pathlib.Path, root: pathlib.Path) -> None:
    text = (
        f"rootpw --iscrypted {HASH}\ngroup --name=ops --gid=1200\n"
        f"user --name=ada --groups=wheel,ops --password={HASH} --iscrypted --gecos='Ada L' --shell=/bin/sh\n"
    )
    system.accounts(read(tmp_path, text), root)
    assert row(root, "shadow", "root")[1] == HASH
    assert row(root, "shadow", "ada")[1] == HASH
    assert row(root, "passwd", "ada")[2:] == ["1000", "1000", "Ada L", "/home/ada", "/bin/sh"]
    assert row(root, "group", "wheel")[3] == "ada"
    assert row(root, "group", "ops")[2:] == ["1200", "ada"]
    assert stat.S_IMODE((root / "etc/shadow").stat().st_mode) == 0o600
    assert (root / "home/ada").is_dir()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("rootpw --lock", "!!"),
        (f"rootpw --lock --iscrypted {HASH}", f"!{HASH}"),
        (f"rootpw --iscrypted {HASH}", HASH),
    ],
)
def test_roots_password(tmp_path: pathlib.Path, root: pathlib.Path, line: str, value: str) -> None:
    system.accounts(read(tmp_path, f"{line}\n"), root)
    assert row(root, "shadow", "root")[1] == value


def test_somebody_must_be_able_to_log_in(tmp_path: pathlib.Path, root: pathlib.Path) -> None:
    with pytest.raises(FailedError, match="neither rootpw nor user"):
        system.accounts(read(tmp_path, "text\n"), root)


def test_keys(tmp_path: pathlib.Path, root: pathlib.Path, nobody_owns: list[tuple[str, int, int]]) -> None:
    keys = "".join(f"sshkey --username=ada 'ssh-ed25519 {name}'\n" for name in "AB")
    text = f"rootpw --lock\nuser --name=ada\n{keys}"
    handler = read(tmp_path, text)
    system.accounts(handler, root)
    system.keys(handler, root)
    path = root / "home/ada/.ssh/authorized_keys"
    assert path.read_text() == "ssh-ed25519 A\nssh-ed25519 B\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (str(path), 1000, 1000) in nobody_owns


def test_a_key_of_nobody(tmp_path: pathlib.Path, root: pathlib.Path) -> None:
    handler = read(tmp_path, "rootpw --lock\nsshkey --username=eve 'ssh-ed25519 A'\n")
    with pytest.raises(FailedError, match="there is no user eve"):
        system.keys(handler, root)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", {"BOOTPROTO": "dhcp"}),
        ("network --bootproto=dhcp --device=link --hostname=n.example", {"BOOTPROTO": "dhcp"}),
        (
            f"network --bootproto=static --device={MAC.upper()} --ip=10.0.0.2 --netmask=255.0.0.0 --gateway=10.0.0.1"
            " --nameserver=10.0.0.3,10.0.0.4",
            {
                "BOOTPROTO": "none",
                "IPADDR": "10.0.0.2",
                "NETMASK": "255.0.0.0",
                "GATEWAY": "10.0.0.1",
                "DNS1": "10.0.0.3",
                "DNS2": "10.0.0.4",
            },
        ),
        ("network --bootproto=static --device=ens9 --ip=10.0.0.2 --netmask=255.0.0.0", {"BOOTPROTO": "dhcp"}),
        ("network --device=ens4 --onboot=no", {"BOOTPROTO": "dhcp", "ONBOOT": "no"}),
    ],
)
def test_the_cards_configuration(tmp_path: pathlib.Path, line: str, found: dict[str, str]) -> None:
    system.network(read(tmp_path, f"{line}\n"), tmp_path, 9, "ens4", MAC)
    text = (tmp_path / "etc/sysconfig/network-scripts/ifcfg-ens4").read_text()
    expected = {"DEVICE": "ens4", "HWADDR": MAC, "ONBOOT": "yes", **found}
    assert dict(line.split("=", 1) for line in text.splitlines()) == expected


@pytest.mark.parametrize(
    ("release", "file", "text"),
    [
        (6, "etc/sysconfig/network", "NETWORKING=yes\nHOSTNAME=n.example\n"),
        (9, "etc/hostname", "n.example\n"),
    ],
)
def test_the_host_name(tmp_path: pathlib.Path, release: int, file: str, text: str) -> None:
    handler = read(tmp_path, "network --bootproto=dhcp --hostname=n.example\n", release)
    system.network(handler, tmp_path, release, "eth0", MAC)
    assert (tmp_path / file).read_text() == text


def test_the_new_kernels_command_line(tmp_path: pathlib.Path) -> None:
    handler = read(tmp_path, "bootloader --append='quiet console=tty0'\n")
    installer = "inst.ks=http://x console=tty0 console=ttyS0,115200 ip=dhcp"
    found = bootloader.kernel_arguments(handler, "UUID=1", installer)
    assert found == "root=UUID=1 ro console=ttyS0,115200 quiet console=tty0"
    assert bootloader.grub_cfg("EL", "6.1", found, "/", "2").startswith("serial")
    assert "linux /vmlinuz-6.1 root=UUID=1" in bootloader.grub_cfg("EL", "6.1", found, "/", "2")


@pytest.mark.parametrize(
    ("uefi", "words"), [(False, "--target=i386-pc /dev/vda"), (True, "--removable --no-nvram")]
)
def test_the_boot_loader(uefi: bool, words: str) -> None:
    assert " ".join(bootloader.install_words(uefi, pathlib.Path("/mnt"), "vda")).endswith(words)
