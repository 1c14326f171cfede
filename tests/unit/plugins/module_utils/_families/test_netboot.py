# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import struct

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families.netboot import (
    kernel_release,
    read_root,
)


def kernel(release: str = "6.12.43+deb13-amd64") -> bytes:
    """The header of a bzImage."""
    data = bytearray(0x400)
    data[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", data, 0x20E, 0x100)
    return bytes(data[:0x300]) + f"{release} (debian-kernel@lists) #1 SMP\0".encode()


def test_other_kernels_have_no_release() -> None:
    assert kernel_release(b"MZ" + b"\0" * 0x400) is None
    assert kernel_release(b"") is None
    assert kernel_release(kernel("")[:0x300]) is None


# Root file systems


def root(folder: pathlib.Path, names: dict[str, str | None]) -> str:
    """Files that hold their own path, but ``None`` for it, or links to where a text leads."""
    for path, target in names.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if target:
            place.symlink_to(target)
        else:
            place.write_text(path, encoding="utf-8")
    return str(folder)


NEW, OLD = "6.12.10-amd64", "6.12.9-amd64"
DEBIAN: dict[str, str | None] = {
    f"boot/{name}-{release}": None for release in (NEW, OLD) for name in ("vmlinuz", "initrd.img")
}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        # Debian's links, here to the older one, and Ubuntu's
        (
            {"vmlinuz": f"boot/vmlinuz-{OLD}", "initrd.img": f"boot/initrd.img-{OLD}"},
            (f"boot/vmlinuz-{OLD}", f"boot/initrd.img-{OLD}"),
        ),
        (
            {"boot/vmlinuz": f"vmlinuz-{OLD}", "boot/initrd.img": f"initrd.img-{OLD}"},
            (f"boot/vmlinuz-{OLD}", f"boot/initrd.img-{OLD}"),
        ),
        # The machine sees the folder as /, and nothing above it.
        (
            {"vmlinuz": f"/boot/vmlinuz-{OLD}", "initrd.img": f"../../boot/./initrd.img-{OLD}"},
            (f"boot/vmlinuz-{OLD}", f"boot/initrd.img-{OLD}"),
        ),
        # No links, and some that lead nowhere
        ({}, (f"boot/vmlinuz-{NEW}", f"boot/initrd.img-{NEW}")),
        ({"vmlinuz": "vmlinuz", "initrd.img": "gone"}, (f"boot/vmlinuz-{NEW}", f"boot/initrd.img-{NEW}")),
        # EL: what is newest without an initrd does not count, nor does the rescue kernel.
        (
            {
                "boot/vmlinuz-0-rescue-9ac0": None,
                "boot/initramfs-0-rescue-9ac0.img": None,
                "boot/vmlinuz-6.12.20-1.el10": None,
                "boot/initramfs-6.12.20-1.el10.img": None,
                "boot/vmlinuz-6.12.100-1.el10": None,
            },
            ("boot/vmlinuz-6.12.20-1.el10", "boot/initramfs-6.12.20-1.el10.img"),
        ),
    ],
)
def test_the_kernel_of_a_root_file_system(
    tmp_path: pathlib.Path, names: dict[str, str | None], wanted: tuple[str, str]
) -> None:
    found = read_root(root(tmp_path, {**DEBIAN, **names}))
    assert (found.kernel.decode(), found.initrd.decode()) == wanted
    assert (found.version, found.codename, found.kernel_release) == (None, None, None)


def test_a_root_file_system_says_what_it_is(tmp_path: pathlib.Path) -> None:
    folder = root(tmp_path, {**DEBIAN, "etc/os-release": "../usr/lib/os-release"})
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/os-release").write_text('ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
    (tmp_path / f"boot/vmlinuz-{NEW}").write_bytes(kernel())
    found = read_root(folder)
    assert (found.version, found.codename) == ("13", "trixie")
    assert (found.architecture, found.build, found.kernel_release) == (None, None, "6.12.43+deb13-amd64")


@pytest.mark.parametrize(
    "names",
    [
        {},
        {f"boot/vmlinuz-{NEW}": None},
        {"vmlinuz": "boot/vmlinuz", "boot/vmlinuz": "../vmlinuz", "initrd.img": None},
        {"boot": "boot"},
    ],
    ids=["empty", "no initrd", "links in a circle", "a folder in a circle"],
)
def test_a_root_file_system_without_a_kernel(tmp_path: pathlib.Path, names: dict[str, str | None]) -> None:
    with pytest.raises(
        PxeError, match=f"^{tmp_path} has no kernel with an initrd.*; install a kernel in it$"
    ):
        read_root(root(tmp_path, names))


def test_what_is_no_folder(tmp_path: pathlib.Path) -> None:
    with pytest.raises(PxeError, match="is not a folder on this server; make the root file system there"):
        read_root(os.fspath(tmp_path / "desk"))
