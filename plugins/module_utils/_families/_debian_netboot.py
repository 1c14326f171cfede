# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Debian's netboot.tar.gz: the installer for machines that boot from the network."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import re
import tarfile
import typing as t
import zlib

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_initrd import initrd_flavour
from ansible_collections.netinstall.pxe.plugins.module_utils._families.netboot import Netboot, kernel_release

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
