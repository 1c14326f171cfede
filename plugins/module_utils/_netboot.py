# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kernel and initrd for machines that boot from the network: of Debian's netboot.tar.gz, which holds the installer, or
of a root file system that diskless machines mount.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import re
import struct
import tarfile
import typing as t
import zlib
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families.debian import initrd_flavour
from ansible_collections.netinstall.pxe.plugins.module_utils._files import inside, open_inside

# ./debian-installer/<architecture>/linux and initrd.gz (debian-installer, build/config/*/netboot.cfg).
_MEMBER = re.compile(r"(?:\./)?debian-installer/(?P<architecture>[^/]+)/(?P<name>linux|initrd\.gz)")
# "Debian version:  13 (trixie)", "Installer build: 20250803+deb13u1"
_VERSION = re.compile(r"Debian version:\s*(?P<version>\S+)(?:\s+\((?P<codename>[^)]+)\))?")
_BUILD = re.compile(r"Installer build:\s*(?P<build>\S+)")
_LARGEST = 512 * 1024 * 1024
_LARGEST_ARCHIVE = 4 * _LARGEST
_LARGEST_TEXT = 65536
_PACKERS: tuple[tuple[bytes, t.Callable[[t.BinaryIO], t.Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"\xfd7zXZ", lzma.LZMAFile),
    (b"BZh", bz2.BZ2File),
)

# Links to the kernel that counts: of Ubuntu, and of Debian (linux-update-symlinks(8)).
_LINKS = (("boot/vmlinuz", "boot/initrd.img"), ("vmlinuz", "initrd.img"))
# Where there are none, as on EL and Fedora: /boot/vmlinuz-<release>, and its initrd of initramfs-tools or dracut.
_INITRDS = ("boot/initrd.img-{}", "boot/initramfs-{}.img")
_OS_RELEASE = re.compile(r"""^(VERSION_ID|VERSION_CODENAME)=["']?([^"'\n]*)""", re.MULTILINE)


@dataclass(frozen=True)
class Netboot:
    """What cannot be told is ``None``, such as ``kernel_release`` of other architectures than x86."""

    kernel: bytes
    initrd: bytes
    architecture: str | None
    version: str | None
    codename: str | None
    build: str | None
    kernel_release: str | None


def read_archive(file: t.BinaryIO) -> Netboot:
    """Read the archive, compressed by whatever ``tarfile`` knows.

    :raises PxeError: it is no archive, damaged, lacks the kernel or initrd, or its initrd does not install over
        the network.
    """
    try:
        # A stream, of which nothing is kept but what is wanted.
        with (
            _unpacked(file) as unpacked,
            tarfile.open(fileobj=t.cast("t.IO[bytes]", unpacked), mode="r|") as archive,
        ):
            files, architecture, version = _members(archive)
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as exc:
        raise PxeError(f"is not a readable netboot.tar.gz: {exc}") from exc
    lacking = {"linux", "initrd.gz"} - files.keys()
    if lacking:
        raise PxeError(
            f"is not Debian's netboot.tar.gz: debian-installer/<architecture>/ lacks {' and '.join(sorted(lacking))}"
        )
    if initrd_flavour([files["initrd.gz"]]) != "netboot":
        raise PxeError(
            "holds an installer that does not install over the network (its initrd has no net-retriever); "
            "take the archive of the folder netboot/"
        )
    release, build = _VERSION.search(version), _BUILD.search(version)
    return Netboot(
        kernel=files["linux"],
        initrd=files["initrd.gz"],
        architecture=architecture,
        version=release["version"] if release else None,
        codename=release["codename"] if release else None,
        build=build["build"] if build else None,
        kernel_release=kernel_release(files["linux"]),
    )


class _Bounded:
    """A file that is unpacked while it is read, up to a size that no network installer has."""

    def __init__(self, file: t.Any) -> None:
        self.file, self.left = file, _LARGEST_ARCHIVE

    def read(self, size: int = -1) -> bytes:
        self.left -= size
        if size < 0 or size > _LARGEST or self.left < 0:
            raise PxeError(f"is larger than {_LARGEST_ARCHIVE >> 20} MiB when it is unpacked: it is damaged")
        return bytes(self.file.read(size))


@contextlib.contextmanager
def _unpacked(file: t.BinaryIO) -> t.Iterator[_Bounded]:
    start = file.read(8)
    file.seek(0)
    packer = next((found for magic, found in _PACKERS if start.startswith(magic)), None)
    with contextlib.ExitStack() as stack:
        yield _Bounded(stack.enter_context(packer(file)) if packer else file)


def read_root(folder: str) -> Netboot:
    """Find kernel and initrd of a root file system: those of its links, or else the newest that has both.

    :raises PxeError: it is no folder, or has none.
    """
    if not os.path.isdir(folder):
        raise PxeError(
            f"{folder} is not a folder on this server; make the root file system there "
            "(on a web server beside the NFS server, its boot/ will do)"
        )
    release = _read_inside(folder, "etc/os-release") or b""
    told = dict(_OS_RELEASE.findall(release.decode("utf-8", "replace")))
    for kernel_path, initrd_path in _kernels(folder):
        kernel, initrd = _read_inside(folder, kernel_path), _read_inside(folder, initrd_path)
        if kernel and initrd:
            return Netboot(
                kernel=kernel,
                initrd=initrd,
                architecture=None,
                version=told.get("VERSION_ID"),
                codename=told.get("VERSION_CODENAME"),
                build=None,
                kernel_release=kernel_release(kernel),
            )
    raise PxeError(
        f"{folder} has no kernel with an initrd, neither vmlinuz and initrd.img nor, in boot/, vmlinuz-RELEASE and "
        "initrd.img-RELEASE or initramfs-RELEASE.img; install a kernel in it"
    )


def _kernels(folder: str) -> list[tuple[str, str]]:
    """Where kernel and initrd may be, the best first."""
    try:
        names = os.listdir(inside(folder, "boot"))
    except OSError:
        names = []
    releases = [name[len("vmlinuz-") :] for name in names if name.startswith("vmlinuz-")]
    # The rescue kernel of EL, 0-rescue-<machine>, is the oldest.
    releases.sort(key=_by_number, reverse=True)
    return [
        *_LINKS,
        *((f"boot/vmlinuz-{one}", initrd.format(one)) for one in releases for initrd in _INITRDS),
    ]


def _by_number(release: str) -> list[tuple[int, str]]:
    return [(int(number or 0), word) for number, word in re.findall(r"(\d+)|(\D+)", release)]


def _read_inside(folder: str, path: str) -> bytes | None:
    try:
        with open_inside(folder, path) as file:
            return file.read()
    except (OSError, PxeError):
        return None


def _members(archive: tarfile.TarFile) -> tuple[dict[str, bytes], str, str]:
    """Kernel and initrd by name, their architecture, and the text of version.info."""
    files: dict[str, bytes] = {}
    architecture = version = ""
    for member in archive:
        found = _MEMBER.fullmatch(member.name)
        wanted = found or member.name in ("version.info", "./version.info")
        if not wanted or not member.isfile() or member.size > (_LARGEST if found else _LARGEST_TEXT):
            continue
        content = t.cast("t.IO[bytes]", archive.extractfile(member)).read()
        if found:
            files[found["name"]], architecture = content, found["architecture"]
        else:
            version = content.decode("utf-8", "replace")
    return files, architecture, version


def kernel_release(kernel: bytes) -> str | None:
    """The release (``6.12.43+deb13-amd64``) of a bzImage, as its header says; ``None`` for other formats.

    Linux, Documentation/arch/x86/boot.rst: ``HdrS`` at 0x202; at 0x20e the offset, less 0x200, of a string
    that begins with the release.
    """
    if kernel[0x202:0x206] != b"HdrS":
        return None
    start = struct.unpack_from("<H", kernel, 0x20E)[0] + 0x200
    words = kernel[start : start + 256].split(b"\0", 1)[0].split()
    return words[0].decode("ascii", "replace") if words else None
