# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian installation image made from Debian's packages: what a real one holds, as far as the lab needs it.

The layout is that of Debian's own images: `.disk/info`, `dists/`, `pool/`, `install.amd/`, `md5sum.txt`. Kernel and
initrd are the network-boot flavour, which a network installation starts. Everything comes from the machine's mirror.
A mirror may lack some of the installer's packages (udebs); those are made from the ordinary package of the same name,
and an installer is taken whose kernel modules the mirror has.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import typing as t
from pathlib import Path

from _common import HERE, LabError, apt_options, cached, code_of, key_of, run, say, words_of
from _mirror import Source, debian_sources, text_of, whole_lists
from _packages import Stanza, format_stanza

RELEASE = "trixie"
NAME = "debian-13-lab.iso"
STORAGE_NAME = "debian-13-lab-storage.iso"
VERSION = "13"
# What an installed machine gets beyond Debian's required and important packages.
WANTED = HERE / "iso-packages.txt"
BOOT_LOADERS = ("grub-pc", "grub-efi-amd64 grub-efi-amd64-signed shim-signed efibootmgr mokutil")
# Installer packages that can be made from ordinary ones: udeb → packages whose files it holds.
SUBSTITUTES = {
    "e2fsprogs-udeb": ("e2fsprogs", "libext2fs2t64", "libcom-err2", "libss2"),
    "fdisk-udeb": ("fdisk",),
    "libfdisk1-udeb": ("libfdisk1",),
    "libsmartcols1-udeb": ("libsmartcols1",),
    "libmount1-udeb": ("libmount1",),
    "eject-udeb": ("eject",),
}

# What an installation on one virtual disk never needs (no LVM, no encryption). The installer loads every udeb of
# priority `standard`, and under emulation each costs it one to three seconds.
NEEDLESS = (
    r"partman-(auto-)?(btrfs|crypto|crypto-dm|cros|iscsi|jfs|xfs)"
    r"|(btrfs-progs|jfsutils|xfsprogs|open-iscsi|wpasupplicant|nano|cryptsetup)(-udeb|-utils)?"
    r"|depthcharge-tools-installer|kickseed-common|nobootloader|systemd-boot-installer|rescue-check"
    r"|(btrfs|cdrom-core|crypto-dm|firewire-core|isofs|jfs|nic-pcmcia|nic-usb|nic-wireless|pata|pcmcia"
    r"|pcmcia-storage|sata|usb-storage|xfs)-modules-.*"
)
# What finds arrays and volume groups: an installer that has it starts them, and wipes them if it is let.
STORAGE = r"partman-(auto-)?(lvm|md|raid)|(mdadm|lvm2|lvmcfg)(-udeb|-utils)?|md-modules-.*"
# The images by their names, and what each leaves out.
NAMES = {NAME: re.compile(f"{NEEDLESS}|{STORAGE}"), STORAGE_NAME: re.compile(NEEDLESS)}


def debian_iso(name: str = NAME) -> Path:
    """Return an installation image: the user's own ($LAB_ISO), or one of NAMES, built from Debian's packages."""
    own = os.environ.get("LAB_ISO")
    if own:
        if not Path(own).is_file():
            raise LabError(f"LAB_ISO={own} is not a file")
        return Path(own).resolve()
    sources = debian_sources(RELEASE, "main main/debian-installer", updates=False)
    options = apt_options(run(["apt-config", "dump"]))
    key = key_of(name, text_of(sources), *options, WANTED, *code_of(__file__))
    return cached(f"iso-{key}", lambda work: Builder(work, name, sources, options).build()) / name


class Builder:
    """Builds the image in a folder: `tree/` becomes the ISO."""

    def __init__(self, work: Path, name: str, sources: list[Source], options: list[str]) -> None:
        self.work, self.name, self.tree = work, name, work / "tree"
        self.tree.mkdir()
        say("building an installation image from Debian's packages")
        self.apt = whole_lists(work / "apt", sources, options)
        self.debs = self.apt.index("main")
        self.udebs = self.apt.index("main/debian-installer")
        self.needed = [udeb for udeb in self.udebs if not NAMES[name].fullmatch(udeb["Package"])]

    def build(self) -> None:
        """Leave the image in the folder, and nothing else."""
        self.fetch_packages()
        kernel = self.add_installer()
        self.drop_other_kernels(kernel)
        self.write_indices()
        self.write_labels()
        image(self.tree, self.work / self.name)
        shutil.rmtree(self.tree)
        shutil.rmtree(self.work / "apt")

    def fetch_packages(self) -> None:
        """Fill the pool with debs and udebs, and make the udebs that the mirror lacks."""
        base = [deb["Package"] for deb in self.debs if deb.get("Priority") in ("required", "important")]
        files = set().union(
            *(self.apt.closure([*base, *words_of(WANTED), *loader.split()]) for loader in BOOT_LOADERS)
        )
        self.apt.download([deb for deb in self.debs if deb["Filename"] in files], self.tree)
        lost = sorted(name for name in files if not (self.tree / name).exists())
        if lost:
            raise LabError(
                f"the mirror lacks packages that its index lists ({' '.join(lost)}): wait until the mirror's update is "
                "complete, or let this machine's apt use another mirror of Debian, and try again"
            )
        self.apt.download(self.needed, self.tree)
        for udeb in self.needed:
            if udeb["Package"] in SUBSTITUTES and not (self.tree / udeb["Filename"]).exists():
                self.substitute(udeb)

    def substitute(self, udeb: Stanza) -> None:
        """Make a udeb from ordinary packages, under the control stanza of the index."""
        say(
            f"  {udeb['Package']} is not on the mirror; making it from {', '.join(SUBSTITUTES[udeb['Package']])}"
        )
        root = self.work / "udeb"
        for name in SUBSTITUTES[udeb["Package"]]:
            deb = next(deb for deb in self.debs if deb["Package"] == name)
            self.apt.download([deb], self.work / "parts")
            run(["dpkg-deb", "-x", self.work / "parts" / deb["Filename"], root])
        shutil.rmtree(root / "usr/share", ignore_errors=True)
        control = {name: value for name, value in udeb.items() if name not in NOT_CONTROL}
        (root / "DEBIAN").mkdir()
        (root / "DEBIAN/control").write_text(format_stanza(control), encoding="utf-8")
        run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, self.tree / udeb["Filename"]])
        shutil.rmtree(root)
        shutil.rmtree(self.work / "parts")

    def add_installer(self) -> str:
        """Put the installer's kernel and initrd in place; return the kernel's release."""
        complete = complete_kernels(self.needed, lambda name: (self.tree / name).exists())
        packaged = next(
            deb for deb in self.debs if deb["Package"] == f"debian-installer-{VERSION}-netboot-amd64"
        )
        for stanza in installer_candidates(packaged, complete):
            images = self.unpack_installer(stanza)
            kernel = kernel_release((images / "linux").read_bytes()) if images else ""
            if images and kernel in complete:
                say(f"  installer {stanza['Version']}, kernel {kernel}")
                (self.tree / "install.amd").mkdir()
                shutil.copy(images / "linux", self.tree / "install.amd/vmlinuz")
                shutil.copy(images / "initrd.gz", self.tree / "install.amd/initrd.gz")
                return kernel
        raise LabError(
            f"no installer on the mirror matches its kernel modules ({', '.join(sorted(complete)) or 'none complete'})"
        )

    def unpack_installer(self, stanza: Stanza) -> Path | None:
        """Fetch and unpack a debian-installer-netboot package; None if the mirror does not have it."""
        deb, root = self.work / "apt/installer.deb", self.work / "apt/installer"
        checksum = [f"SHA256:{stanza['SHA256']}"] if "SHA256" in stanza else []
        shutil.rmtree(root, ignore_errors=True)
        if not self.apt.fetch([stanza["Uri"], str(deb), *checksum]):
            return None
        run(["dpkg-deb", "-x", deb, root])
        return root / f"usr/lib/debian-installer/images/{VERSION}/amd64/text/debian-installer/amd64"

    def drop_other_kernels(self, kernel: str) -> None:
        """Remove modules of kernels that the image does not boot."""
        for udeb in self.needed:
            if udeb.get("Kernel-Version", kernel) != kernel:
                (self.tree / udeb["Filename"]).unlink(missing_ok=True)

    def write_indices(self) -> None:
        """Write dists/trixie with both Packages files and a Release that lists them."""
        dist = self.tree / "dists" / RELEASE
        for folder, listed in (("main", self.debs), ("main/debian-installer", self.needed)):
            target = dist / folder / "binary-amd64"
            target.mkdir(parents=True)
            # The blank line after the last stanza matters: without it debootstrap does not see the last package.
            stanzas = [self.indexed(stanza) for stanza in listed if (self.tree / stanza["Filename"]).exists()]
            (target / "Packages").write_text(
                "".join(format_stanza(one) + "\n" for one in stanzas), encoding="utf-8"
            )
            (target / "Release").write_text(
                f"Archive: stable\nComponent: {folder}\nArchitecture: amd64\n", encoding="utf-8"
            )
            run(["gzip", "-9nk", target / "Packages"])
        fields = {
            "Origin": "Debian",
            "Label": "Debian",
            "Suite": "stable",
            "Version": VERSION,
            "Codename": RELEASE,
            "Architectures": "amd64",
            "Components": "main",
        }
        words = [
            word
            for name, value in fields.items()
            for word in ("-o", f"APT::FTPArchive::Release::{name}={value}")
        ]
        (dist / "Release").write_text(run(["apt-ftparchive", *words, "release", dist]), encoding="utf-8")
        (self.tree / "dists/stable").symlink_to(RELEASE)

    def indexed(self, stanza: Stanza) -> Stanza:
        """Return a package's stanza for the image's index, with the sums of the file that is there."""
        data = (self.tree / stanza["Filename"]).read_bytes()
        kept = {name: value for name, value in stanza.items() if name not in ("Uri", "MD5sum")}
        return {**kept, "Size": str(len(data)), "SHA256": hashlib.sha256(data).hexdigest()}

    def write_labels(self) -> None:
        """Write .disk/ and md5sum.txt, by which an image is recognised and checked."""
        disk = self.tree / ".disk"
        disk.mkdir()
        (disk / "info").write_text('Debian GNU/Linux 13 "Trixie" - lab amd64 NETINST\n', encoding="utf-8")
        (disk / "base_installable").touch()
        (disk / "base_components").write_text("main\n", encoding="utf-8")
        (disk / "udeb_include").write_text("netcfg\nethdetect\npcmciautils-udeb\n", encoding="utf-8")
        files = sorted(
            path
            for path in self.tree.rglob("*")
            if path.is_file() and not path.is_symlink() and ".disk" not in path.parts
        )
        sums = [
            f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  ./{path.relative_to(self.tree)}\n"
            for path in files
        ]
        (self.tree / "md5sum.txt").write_text("".join(sums), encoding="utf-8")


NOT_CONTROL = ("Filename", "Size", "MD5sum", "SHA256", "Uri", "Description-md5")


def complete_kernels(udebs: t.Iterable[Stanza], present: t.Callable[[str], bool]) -> set[str]:
    """Return the kernel releases of which every module package is present (told its pool file name)."""
    found: dict[str, bool] = {}
    for udeb in udebs:
        if "Kernel-Version" in udeb:
            found[udeb["Kernel-Version"]] = found.get(udeb["Kernel-Version"], True) and present(
                udeb["Filename"]
            )
    return {release for release, whole in found.items() if whole}


def installer_candidates(packaged: Stanza, complete: set[str]) -> t.Iterator[Stanza]:
    """Yield the packaged installer if its kernel may be complete, then its predecessors of the same series."""
    source = re.search(r"\blinux \(= ([^-)]+)", packaged.get("Built-Using", ""))
    if source is None or any(release.startswith(f"{source.group(1)}+") for release in complete):
        yield packaged
    version = re.fullmatch(r"(.+deb\d+u)(\d+)", packaged["Version"])
    for number in range(int(version.group(2)) - 1, 0, -1) if version else ():
        older = f"{version.group(1)}{number}" if version else ""
        # The index says nothing about a predecessor, so nothing but its kernel can be checked.
        yield {"Version": older, "Uri": packaged["Uri"].replace(packaged["Version"], older)}


def kernel_release(image_bytes: bytes) -> str:
    """Return the release of a bzImage: a string at the offset of header field 0x20e plus 0x200 (Linux, boot.rst)."""
    start = int.from_bytes(image_bytes[0x20E:0x210], "little") + 0x200
    return image_bytes[start : start + 64].split(b" ", 1)[0].decode("ascii", "replace")


def image(tree: Path, target: Path) -> None:
    """Write an ISO 9660 image with Rock Ridge and Joliet names."""
    label = ["-V", "Debian 13 lab amd64 n", "-r", "-J", "-joliet-long"]
    run(["xorriso", "-as", "mkisofs", "-quiet", *label, "-o", target, tree])
