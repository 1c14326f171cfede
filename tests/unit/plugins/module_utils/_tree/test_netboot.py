# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import pathlib
import tarfile
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import publish
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import netboot
from ansible_collections.netinstall.pxe.tests.unit import iso_images

PARAMS: dict[str, t.Any] = dict.fromkeys(("path", "root", "checksum", "stamps", "family", "mirror"))


def refuse(_signed: bytes) -> t.NoReturn:
    raise AssertionError("nothing is asked for")


@pytest.fixture
def root(tmp_path: pathlib.Path) -> str:
    """A root file system."""
    folder = tmp_path / "root"
    (folder / "boot").mkdir(parents=True)
    (folder / "boot/vmlinuz").write_bytes(b"kernel")
    (folder / "boot/initrd.img").write_bytes(b"initrd")
    return str(folder)


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> str:
    """Debian's netboot.tar.gz, as far as it is read."""
    files = {
        "version.info": b"Debian version:  13 (trixie)\n",
        "debian-installer/amd64/linux": b"kernel",
        "debian-installer/amd64/initrd.gz": iso_images.initrd(),
    }
    path = tmp_path / "netboot.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for name, data in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return str(path)


def test_a_root_file_system(root: str) -> None:
    wanted = netboot.of_source({**PARAMS, "root": root}, check=False)
    # Whoever gets the new kernel gets the new initrd.
    assert list(wanted.files.items())[:2] == [("initrd.gz", b"initrd"), ("linux", b"kernel")]
    assert json.loads(wanted.files[netboot.LABEL]) == wanted.result["netboot"]
    assert wanted.result["netboot"]["kernel"] == "linux"


@pytest.mark.parametrize("family", [None, "debian"])
def test_an_archive(archive: str, family: str | None) -> None:
    wanted = netboot.of_source({**PARAMS, "path": archive, "family": family}, check=True)
    assert wanted.files["linux"] == b"kernel"
    assert (wanted.result["netboot"]["version"], wanted.result["netboot"]["architecture"]) == ("13", "amd64")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"family": "redhat"}, "the family 'redhat' has no archives of network installers"),
        ({"checksum": f"sha256:{'0' * 64}"}, "has sha256"),
    ],
)
def test_archives_that_are_refused(archive: str, more: dict[str, str], said: str) -> None:
    with pytest.raises(PxeError, match=f"netboot.tar.gz.*{said}"):
        netboot.of_source({**PARAMS, "path": archive, **more}, check=False)


def test_a_password_is_not_published() -> None:
    """The folder is served, and the label in it names the mirror."""
    with pytest.raises(PxeError, match="has a user name in it") as raised:
        netboot.of_mirror({**PARAMS, "mirror": "http://me:secret@127.0.0.1/os"}, check=False, verify=refuse)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("check", [True, False])
def test_removal(root: str, tmp_path: pathlib.Path, check: bool) -> None:
    dest = tmp_path / "x-netboot"
    publish(str(dest), netboot.of_source({**PARAMS, "root": root}, check=False).files)
    assert netboot.absent(str(dest), check)
    assert dest.exists() is check


def test_removal_leaves_what_is_not_ours(root: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "root/linux").touch()
    assert not netboot.absent(root, check=False)
    publish(root, netboot.of_source({**PARAMS, "root": root}, check=False).files)
    assert netboot.absent(root, check=False)
    assert sorted(path.name for path in (tmp_path / "root").iterdir()) == ["boot"]
