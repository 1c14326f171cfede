# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Reads Debian's netboot.tar.gz: the installer's kernel and initrd for machines that boot from the network."""

from __future__ import annotations

import re
import struct
import tarfile
import typing as t
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families.debian import initrd_flavour

# ./debian-installer/<architecture>/linux and initrd.gz (debian-installer, build/config/*/netboot.cfg).
_MEMBER = re.compile(r"(?:\./)?debian-installer/(?P<architecture>[^/]+)/(?P<name>linux|initrd\.gz)")
# "Debian version:  13 (trixie)", "Installer build: 20250803+deb13u1"
_VERSION = re.compile(r"Debian version:\s*(?P<version>\S+)(?:\s+\((?P<codename>[^)]+)\))?")
_BUILD = re.compile(r"Installer build:\s*(?P<build>\S+)")
_LARGEST = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Netboot:
    """``kernel_release`` is ``None`` where it cannot be told (other architectures than x86)."""

    kernel: bytes
    initrd: bytes
    architecture: str
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
        with tarfile.open(fileobj=file) as archive:
            files, architecture, version = _members(archive)
    except (tarfile.TarError, EOFError, OSError) as exc:
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


def _members(archive: tarfile.TarFile) -> tuple[dict[str, bytes], str, str]:
    """Kernel and initrd by name, their architecture, and the text of version.info."""
    files: dict[str, bytes] = {}
    architecture = version = ""
    for member in archive:
        found = _MEMBER.fullmatch(member.name)
        wanted = found or member.name in ("version.info", "./version.info")
        if not wanted or not member.isfile() or member.size > _LARGEST:
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
