# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import struct
import tarfile

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._netboot import kernel_release, read_archive
from ansible_collections.netinstall.pxe.tests.unit.iso_images import initrd
from hypothesis import given
from hypothesis import strategies as st


def kernel(release: str = "6.12.43+deb13-amd64") -> bytes:
    """The header of a bzImage."""
    data = bytearray(0x400)
    data[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", data, 0x20E, 0x100)
    return bytes(data[:0x300]) + f"{release} (debian-kernel@lists) #1 SMP\0".encode()


FILES = {
    "./version.info": b"Debian version:  13 (trixie)\nInstaller build: 20250803+deb13u1\n",
    "./debian-installer/amd64/linux": kernel(),
    "./debian-installer/amd64/initrd.gz": initrd(),
    "./debian-installer/amd64/pxelinux.0": b"x",
}


def archive(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    out.seek(0)
    return out


def test_reads_what_matters() -> None:
    found = read_archive(archive(FILES))
    assert (found.kernel, found.initrd) == (kernel(), initrd())
    assert (found.architecture, found.version, found.codename) == ("amd64", "13", "trixie")
    assert (found.build, found.kernel_release) == ("20250803+deb13u1", "6.12.43+deb13-amd64")


def test_names_without_a_leading_dot() -> None:
    assert read_archive(archive({name[2:]: data for name, data in FILES.items()})).codename == "trixie"


def test_an_archive_that_says_no_version() -> None:
    found = read_archive(archive({name: data for name, data in FILES.items() if "info" not in name}))
    assert (found.version, found.codename, found.build) == (None, None, None)


@pytest.mark.parametrize("lost", ["linux", "initrd.gz"])
def test_an_archive_that_lacks_a_file(lost: str) -> None:
    with pytest.raises(PxeError, match=f"lacks {lost}"):
        read_archive(archive({name: data for name, data in FILES.items() if not name.endswith(lost)}))


def test_an_installer_for_cds() -> None:
    with pytest.raises(PxeError, match="does not install over the network"):
        read_archive(archive({**FILES, "./debian-installer/amd64/initrd.gz": initrd("cdrom-retriever")}))


# An archive holds the time it was made at: in the test's name, that would be another one for each worker.
@pytest.mark.parametrize(
    "data", [b"", b"<html>404</html>", archive(FILES).getvalue()[:100]], ids=["empty", "HTML", "cut off"]
)
def test_what_is_no_archive(data: bytes) -> None:
    with pytest.raises(PxeError, match=r"is not a readable netboot\.tar\.gz"):
        read_archive(io.BytesIO(data))


@given(st.binary(max_size=2000))
def test_anything_else_is_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(PxeError):
        read_archive(io.BytesIO(data))


def test_other_kernels_have_no_release() -> None:
    assert kernel_release(b"MZ" + b"\0" * 0x400) is None
    assert kernel_release(b"") is None
    assert kernel_release(kernel("")[:0x300]) is None
