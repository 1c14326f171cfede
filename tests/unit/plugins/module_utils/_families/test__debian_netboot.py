# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import struct
import tarfile

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import _debian_netboot
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_netboot import read_archive
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


def test_what_is_small_when_packed_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_debian_netboot, "_LARGEST", 1 << 20)
    monkeypatch.setattr(_debian_netboot, "_LARGEST_ARCHIVE", 4 << 20)
    assert read_archive(archive({"zeros": bytes(1 << 20), **FILES})).codename == "trixie"
    with pytest.raises(PxeError, match="larger than 4 MiB when it is unpacked"):
        read_archive(archive({"zeros": bytes(5 << 20), **FILES}))
    with pytest.raises(PxeError, match=r"lacks linux"):
        read_archive(archive({**FILES, "./debian-installer/amd64/linux": bytes((1 << 20) + 1)}))
    assert read_archive(archive({**FILES, "./version.info": b"x" * 70_000})).version is None


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_kernel_that_is_no_file_is_none(kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        member = tarfile.TarInfo("./debian-installer/amd64/linux")
        member.type, member.linkname = kind, "/etc/shadow"
        tar.addfile(member)
    out.seek(0)
    with pytest.raises(PxeError, match=r"lacks .*linux"):
        read_archive(out)
