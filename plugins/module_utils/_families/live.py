# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Live systems: diskless workstations and rescue systems. Nothing is installed, so that there are no answers.

Two kinds of initrd are known. live-boot (Debian, and what live-build makes) loads ``live/filesystem.squashfs`` by HTTP
into memory, or mounts the folder above it by NFS: live-boot(7), ``9990-netboot.sh``. dracut (Fedora, Enterprise Linux)
loads ``LiveOS/squashfs.img`` by HTTP if it was made with its module ``livenet``: dracut.cmdline(7).

A root file system in a folder of the NFS server is mounted by the words of Linux itself (Documentation/admin-guide/nfs/
nfsroot.rst), which initramfs-tools (``scripts/nfs``) and dracut (``parse-nfsroot.sh``, as "legacy") take as well.
"""

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    BOOT_CARD,
    Family,
    Image,
    Record,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_release import (
    ARCHITECTURES,
    without_architecture,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text.treeinfo import known_product

NAME = "live"
_LOOKED_FOR = (
    "live/filesystem.squashfs beside live/vmlinuz and live/initrd.img, or LiveOS/squashfs.img with kernel and initrd "
    "in images/pxeboot/, isolinux/ or boot/<architecture>/loader/"
)

_LIVE_BOOT, _DRACUT = "live/filesystem.squashfs", "LiveOS/squashfs.img"
# Where livemedia-creator (lorax, live/*.tmpl), livecd-creator and kiwi put them.
_DRACUT_KERNELS = (
    ("images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"),
    ("isolinux/vmlinuz", "isolinux/initrd.img"),
    ("isolinux/vmlinuz0", "isolinux/initrd0.img"),
    ("boot/x86_64/loader/linux", "boot/x86_64/loader/initrd"),
    ("boot/aarch64/loader/linux", "boot/aarch64/loader/initrd"),
)
# EL 7's installer is a LiveOS/squashfs.img too; its discs have one of these.
_INSTALLER_MARKS = (".treeinfo", ".discinfo", "repodata/repomd.xml")
# A number that is a word of its own: 12.5.0 of 'Debian GNU/Linux 12.5.0', not 64 of 'grml64'.
_NUMBER = re.compile(r"(?<![A-Za-z0-9.])\d+(?:\.\d+)*")
_DEBIAN_ARCHITECTURES = re.compile(r"\b(amd64|arm64|i386)\b")


# Identification


def recognise(image: Image) -> Record | None:
    """Say which live image this is; ``None`` when it is none.

    :returns: ``family``, ``product``, ``version``, ``architecture`` (each ``None`` if the image does not tell),
        ``kernel``, ``initrd`` (a list) and ``stage2``, the squashfs; all paths are relative to the image's root.
    """
    stage2 = _squashfs(image)
    kernel, initrd = _kernel(image, stage2) if stage2 else (None, None)
    if not stage2 or not kernel or not initrd:
        return None
    info = (image.read(".disk/info") or b"").decode("utf-8", "replace").strip() or image.volume_id
    number = _NUMBER.search(without_architecture(info))
    architecture = _DEBIAN_ARCHITECTURES.search(info) or ARCHITECTURES.search(info)
    return {
        "family": NAME,
        "product": "Debian GNU/Linux" if "Debian GNU/Linux" in info else known_product(info),
        "version": number[0] if number else None,
        "architecture": architecture[0] if architecture else None,
        "kernel": kernel,
        "initrd": [initrd],
        "stage2": stage2,
    }


def describe(image: Image) -> Record:
    """What is known of an image whose kernel and initrd are described by hand."""
    return {"stage2": _squashfs(image)}


def _squashfs(image: Image) -> str | None:
    if image.exists(_LIVE_BOOT):
        return _LIVE_BOOT
    installer = any(image.exists(mark) for mark in _INSTALLER_MARKS)
    return _DRACUT if image.exists(_DRACUT) and not installer else None


def _kernel(image: Image, stage2: str) -> tuple[str | None, str | None]:
    places = _DRACUT_KERNELS if stage2 == _DRACUT else _live_boot_kernels(image)
    for kernel, initrd in places:
        if image.exists(kernel) and image.exists(initrd):
            return kernel, initrd
    return None, None


def _live_boot_kernels(image: Image) -> list[tuple[str, str]]:
    """``vmlinuz`` and ``initrd.img``, with the kernel's release in their names if the image has several."""
    names = sorted(name for name in image.listdir("live") if name.startswith("vmlinuz"))
    endings = [name[len("vmlinuz") :] for name in names]
    return [(f"live/vmlinuz{ending}", f"live/initrd.img{ending}") for ending in endings]


# Kernel arguments


def mirror_mistake(distribution: Record) -> str:
    """It is one image, or one root file system."""
    return "holds no live system; list the image in isos, or give root"


def profile_arguments(profile: Record, distribution: Record) -> list[str]:
    """Where the initrd finds the system.

    :param profile: from the plan: ``{name, source}``.
    :param distribution: from the plan: ``{name, tree_urls}``, and ``stage2``, the squashfs in its tree, or ``root``
        if the tree is a root file system.
    :raises PxeError: there is none, or its initrd cannot get it so.
    """
    if distribution.get("root"):
        return _nfs_root_arguments(profile, distribution)
    stage2, trees = distribution.get("stage2"), distribution["tree_urls"]
    if not stage2:
        raise PxeError(
            f"site_distributions.{distribution['name']}: its image has neither {_LIVE_BOOT} nor {_DRACUT}; "
            "give the image of a live system"
        )
    if profile.get("source") != "nfs":
        url = f"{trees['http']}/{stage2}"
        arguments = (
            [f"root=live:{url}", "rd.live.image", "ip=dhcp"] if stage2 == _DRACUT else [f"fetch={url}"]
        )
    elif stage2 == _DRACUT:
        raise PxeError(
            f"site_profiles.{profile['name']}.source: the initrd of {distribution['name']} (dracut) loads its system "
            "by HTTP only; write http"
        )
    else:
        arguments = ["netboot=nfs", f"nfsroot={trees['nfs'][len('nfs:') :]}"]
    return [*([] if stage2 == _DRACUT else ["boot=live", "components"]), *arguments, BOOT_CARD]


def _nfs_root_arguments(profile: Record, distribution: Record) -> list[str]:
    """The version is said, for each initrd would choose another one."""
    if profile.get("source") != "nfs":
        raise PxeError(
            f"site_profiles.{profile['name']}.source: {distribution['name']} is a root file system, which machines "
            "mount by NFS only; write nfs"
        )
    where = distribution["tree_urls"]["nfs"][len("nfs:") :]
    return ["root=/dev/nfs", f"nfsroot={where},vers=3", "ro", "ip=dhcp", BOOT_CARD]


def kernel_arguments(machine: Record, answer_url: str) -> list[str]:
    """Who the machine is: live-config takes ``hostname=``, systemd the other one.

    :param machine: from the plan: ``{hostname, kernel_arguments}``.
    """
    name = machine["hostname"]
    return [f"hostname={name}", f"systemd.hostname={name}", *machine.get("kernel_arguments", [])]


FAMILY = Family(
    name=NAME,
    name_words=("live",),
    name_prefixes=("live", "diskless", "rescue"),
    looked_for=_LOOKED_FOR,
    recognise=recognise,
    describe=describe,
    root_file_system=True,
    sources=("http", "nfs"),
    mirror_mistake=mirror_mistake,
    profile_arguments=profile_arguments,
    kernel_arguments=kernel_arguments,
    needs_disk=False,
)
