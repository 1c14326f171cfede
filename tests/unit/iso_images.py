# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes small ISO images for the tests, with a library that the collection does not use."""

from __future__ import annotations

import gzip
import io
import typing as t

import pycdlib

Content = t.Union[bytes, "Link"]


class Link(str):
    """The target of a symbolic link."""


def build(
    files: t.Mapping[str, Content],
    volume_id: str = "TEST",
    rock_ridge: bool = True,
    joliet: bool = False,
) -> bytes:
    """An image with these files by path; their folders are made. Without ``rock_ridge``, names must fit ISO 9660."""
    image = pycdlib.PyCdlib()
    image.new(
        interchange_level=3,
        vol_ident=volume_id,
        rock_ridge="1.09" if rock_ridge else None,
        joliet=3 if joliet else None,
    )
    names = Names(rock_ridge, joliet)
    for path, content in files.items():
        for folder in parents(path):
            if folder not in names.known:
                image.add_directory(**names.of(folder, is_folder=True))
        if isinstance(content, Link):
            where = names.of(path)
            image.add_symlink(where["iso_path"], where["rr_name"], str(content))
        else:
            image.add_fp(io.BytesIO(content), len(content), **names.of(path))
    out = io.BytesIO()
    image.write_fp(out)
    image.close()
    return out.getvalue()


def parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


class Names:
    """Invents ISO 9660 names for Rock Ridge images, whose real names do not fit."""

    def __init__(self, rock_ridge: bool, joliet: bool) -> None:
        self.rock_ridge, self.joliet = rock_ridge, joliet
        self.known: dict[str, str] = {"": ""}

    def of(self, path: str, is_folder: bool = False) -> dict[str, str]:
        folder, _slash, name = path.rpartition("/")
        plain = f"N{len(self.known):06d}" if self.rock_ridge else name.upper()
        if not is_folder:
            plain += ";1" if "." in plain else ".;1"
        self.known[path] = f"{self.known[folder]}/{plain}"
        words = {"iso_path": self.known[path]}
        if self.rock_ridge:
            words["rr_name"] = name
        if self.joliet:
            words["joliet_path"] = f"/{path}"
        return words


INFO = 'Debian GNU/Linux 13.1.0 "Trixie" - Official amd64 NETINST with firmware 20250906-10:22'
RELEASE = "Origin: Debian\nSuite: stable\nCodename: trixie\nArchitectures: amd64\nMD5Sum:\n aa 1 main/x\n"


def initrd(retriever: str = "net-retriever", padding: int = 0) -> bytes:
    """What is looked at in d-i's initrd: the name of a program in its cpio archive."""
    name = b"./usr/lib/debian-installer/retriever/" + retriever.encode() + b"\0"
    return gzip.compress(b"070701" + b"\0" * padding + name + b"\0" * 64, mtime=0)


def debian_files(
    info: str = INFO, release: str = RELEASE, retriever: str = "net-retriever"
) -> dict[str, Content]:
    """The files by which Debian's images are recognised."""
    return {
        ".disk/info": info.encode(),
        "dists/trixie/Release": release.encode(),
        "dists/stable": Link("trixie"),
        "install.amd/vmlinuz": b"kernel",
        "install.amd/initrd.gz": initrd(retriever),
        "pool/main/l/linux-signed-amd64/kernel-image-6.12.43+deb13-amd64-di_6.12.43-1_amd64.udeb": b"!<arch>",
    }


EL6_TREEINFO = """\
[general]
family = CentOS
timestamp = 1463897370.33
variant =
totaldiscs = 1
version = 6.8
discnum = 1
packagedir =
arch = x86_64

[images-x86_64]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img
boot.iso = images/boot.iso

[images-xen]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img

[stage2]
mainimage = images/install.img

[checksums]
images/install.img = sha256:00
repodata/repomd.xml = sha256:01
"""
EL9_TREEINFO = """\
[checksums]
images/install.img = sha256:00

[general]
; WARNING.0 = This section provides compatibility with pre-productmd treeinfos.
arch = x86_64
family = Rocky Linux
name = Rocky Linux 9.4
packagedir = AppStream/Packages
platforms = x86_64,xen
repository = AppStream
timestamp = 1714869542
variant = AppStream
variants = AppStream,BaseOS
version = 9.4

[header]
type = productmd.treeinfo
version = 1.2

[images-x86_64]
boot.iso = images/boot.iso
initrd = images/pxeboot/initrd.img
kernel = images/pxeboot/vmlinuz

[release]
name = Rocky Linux
short = Rocky
version = 9.4

[stage2]
mainimage = images/install.img

[tree]
arch = x86_64
build_timestamp = 1714869542
platforms = x86_64,xen
variants = AppStream,BaseOS

[variant-AppStream]
id = AppStream
name = AppStream
packages = AppStream/Packages
repository = AppStream
type = variant
uid = AppStream

[variant-BaseOS]
id = BaseOS
name = BaseOS
packages = BaseOS/Packages
repository = BaseOS
type = variant
uid = BaseOS
"""


def redhat_files(
    treeinfo: str | None = EL6_TREEINFO,
    discinfo: str | None = "1463887421.60\nFinal\nx86_64\n1\n",
    repositories: t.Iterable[str] = ("",),
    stage2: str = "images/install.img",
) -> dict[str, Content]:
    """The files by which an image with anaconda is recognised, as on CentOS 6."""
    told = {".treeinfo": treeinfo, ".discinfo": discinfo}
    return {
        **{name: text.encode() for name, text in told.items() if text is not None},
        "images/pxeboot/vmlinuz": b"kernel",
        "images/pxeboot/initrd.img": b"initrd",
        **({stage2: b"stage 2"} if stage2 else {}),
        **{f"{path}/repodata/repomd.xml".lstrip("/"): b"<repomd/>" for path in repositories},
        "RPM-GPG-KEY-example": b"key",
    }
