# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kernel and initrd for machines that boot from the network: of an archive that holds the installer, which the families
read, or of a root file system that diskless machines mount.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import inside, open_inside

# Links to the kernel that counts: of Ubuntu, and of Debian (linux-update-symlinks(8)).
_LINKS = (("boot/vmlinuz", "boot/initrd.img"), ("vmlinuz", "initrd.img"))
# Where there are none, as on EL and Fedora: /boot/vmlinuz-<release>, and its initrd of initramfs-tools or dracut.
_INITRDS = ("boot/initrd.img-{}", "boot/initramfs-{}.img")
_OS_RELEASE = re.compile(r"""^(VERSION_ID|VERSION_CODENAME)=["']?([^"'\n]*)""", re.MULTILINE)


@dataclass(frozen=True)
class Netboot:
    """What cannot be found out is ``None``, such as ``kernel_release`` of other architectures than x86."""

    kernel: bytes
    initrd: bytes
    architecture: str | None
    version: str | None
    codename: str | None
    build: str | None
    kernel_release: str | None


def read_root(folder: str) -> Netboot:
    """Find kernel and initrd of a root file system: those of its links, or else the newest that has both.

    :raises PxeError: it is no folder, or has none.
    """
    if not os.path.isdir(folder):
        raise PxeError(
            f"{folder} is not a folder on this server; make the root file system there "
            "(on a web server beside the NFS server, its boot/ is enough)"
        )
    release = _read_inside(folder, "etc/os-release") or b""
    os_release = dict(_OS_RELEASE.findall(release.decode("utf-8", "replace")))
    for kernel_path, initrd_path in _kernels(folder):
        kernel, initrd = _read_inside(folder, kernel_path), _read_inside(folder, initrd_path)
        if kernel and initrd:
            return Netboot(
                kernel=kernel,
                initrd=initrd,
                architecture=None,
                version=os_release.get("VERSION_ID"),
                codename=os_release.get("VERSION_CODENAME"),
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
