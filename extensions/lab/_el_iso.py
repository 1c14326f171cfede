# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookalikes of Enterprise Linux DVDs: what real ones hold, as far as this project reads it, with a stand-in installer.

* el6: two discs; DVD1's repodata lists the packages of both, each with `xml:base="media://TIMESTAMP#DISC"`, and so does
  repomd.xml with its files; DVD2 has repodata of its own.
* el7: two discs; DVD1's repodata lists its own packages only, and DVD2 has none at all.
* el9: one disc with BaseOS and AppStream, each a repository, and a module.

Formats: .treeinfo by anaconda's and productmd's makers of it, .discinfo and media.repo as real discs have them.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
from pathlib import Path

import _el_installer
import _el_packages
import _el_rpms
from _common import HERE, LabError, cached, key_of, run, say
from _el_packages import RELEASES, VENDOR, Release

ARCH = "x86_64"
# MiB of random packages on each disc of a padded set, so that discs are of the size that copying takes time for.
PADDING = 960
NAMES = {
    f"{VENDOR}-{release.number}-{ARCH}-DVD{disc}.iso": (name, disc)
    for name, release in RELEASES.items()
    for disc in (1, 2)
    if (release.number, disc) != (9, 2)
}
REPODATA = ("--general-compress-type=gz", "--compress-type=gz", "--set-timestamp-to-revision")
XEN = "[images-xen]\nkernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n"


def el_isos(name: str, padded: bool = False) -> list[Path]:
    """Return the images of `el6`, `el7` or `el9`, built if the cache lacks them (half a minute each)."""
    parts = [
        path
        for path in sorted((HERE / "el").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    code = sorted(HERE.glob("_el_*.py"))
    size = PADDING if padded else 0
    key = key_of(name, str(_el_installer.base_root()), str(_el_installer.stage2()), str(size), *parts, *code)
    build = Builder(RELEASES[name], size).build
    folder = cached(f"iso-{name}{'-padded' if padded else ''}-{key}", build)
    return [folder / file for file, (release, _disc) in NAMES.items() if release == name]


def el_iso(file: str) -> Path:
    """Return one image by its file name; see NAMES."""
    name, disc = NAMES[file]
    return el_isos(name)[disc - 1]


class Builder:
    """Builds the images of one release in a folder; `padding` in MiB per disc."""

    def __init__(self, release: Release, padding: int) -> None:
        self.release, self.padding = release, padding

    def build(self, work: Path) -> None:
        """Leave the images in the folder, and nothing else."""
        say(f"building the {VENDOR} {self.release.version} lookalike")
        root = _el_installer.unpack_base(work / "root")
        files = _el_rpms.build(root, work, self.release)
        trees = [work / "disc1", work / "disc2"][: 1 if self.release.number == 9 else 2]
        self.place_packages(files, trees, work)
        self.place_installer(root, trees[0])
        if self.release.number == 9:
            self.repositories(trees[0], work)
        else:
            self.one_repository(trees, work)
        for disc, tree in enumerate(trees, 1):
            self.label(tree, disc, len(trees))
        (trees[0] / ".treeinfo").write_text(treeinfo(self.release, sums(trees[0])), encoding="utf-8")
        made = [file for file, (name, _disc) in NAMES.items() if RELEASES[name] == self.release]
        for disc, (tree, file) in enumerate(zip(trees, made, strict=True), 1):
            image(tree, work / file, volume_id(self.release, disc))
        for left in work.iterdir():
            if left.name not in made:
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def place_packages(self, files: dict[str, Path], trees: list[Path], work: Path) -> None:
        """Put each package on its disc, or with EL 9 into its repository."""
        for one in _el_packages.table(self.release.number):
            shutil.move(files[one.name], self.folder(trees, one.disc))
        for disc in range(1, len(trees) + 1) if self.padding else ():
            for path in _el_rpms.padding(work, self.release, disc, self.padding):
                shutil.move(path, self.folder(trees, disc))

    def folder(self, trees: list[Path], disc: int) -> Path:
        """Return the folder of packages for a `disc` of packages.txt."""
        found = trees[0] / REPOSITORIES[disc - 1] if self.release.number == 9 else trees[disc - 1]
        (found / "Packages").mkdir(parents=True, exist_ok=True)
        return found / "Packages"

    def place_installer(self, root: Path, tree: Path) -> None:
        """Put kernel, initrd, stage 2 and what boots from the disc in place."""
        for folder in ("images/pxeboot", "isolinux", "EFI/BOOT", str(Path(self.release.stage2).parent)):
            (tree / folder).mkdir(parents=True, exist_ok=True)
        boot = tree / "images/pxeboot"
        shutil.copy(_el_installer.kernel_of(root).image, boot / "vmlinuz")
        _el_installer.installer_initrd(root, boot / "initrd.img", VENDOR, self.release.version)
        modules = root / "usr/lib/syslinux/modules/bios"
        sources = [root / "usr/lib/ISOLINUX/isolinux.bin", boot / "vmlinuz", boot / "initrd.img"]
        sources += [modules / f"{name}.c32" for name in ("ldlinux", "libcom32", "libutil", "vesamenu")]
        for source in sources:
            shutil.copy(source, tree / "isolinux")
        (tree / "isolinux/isolinux.cfg").write_text(isolinux_cfg(self.release), encoding="utf-8")
        if self.release.number == 6:
            self.place_screens(tree / "isolinux")
        for name in ("BOOTX64.EFI", "grubx64.efi"):
            shutil.copy(root / "usr/lib/grub/x86_64-efi/monolithic/grubx64.efi", tree / "EFI/BOOT" / name)
        (tree / "EFI/BOOT/grub.cfg").write_text(grub_cfg(self.release), encoding="utf-8")
        shutil.copy(_el_installer.stage2(), tree / self.release.stage2)

    def place_screens(self, isolinux: Path) -> None:
        """Put what old guides take from a disc beside its kernel: the help screens of `boot:`, and a memory test."""
        for name in SCREENS:
            (isolinux / name).write_bytes(screen(self.release, name.partition(".")[0]))
        (isolinux / "memtest").write_bytes(memory_test())

    def repositories(self, tree: Path, work: Path) -> None:
        """Write the metadata of BaseOS and AppStream, the latter with a module."""
        packages = _el_packages.table(self.release.number)
        for disc, name in enumerate(REPOSITORIES, 1):
            here = [one for one in packages if one.disc == disc]
            self.createrepo([tree / name], work / f"comps-{name}.xml", here)
        described = work / "modules.yaml"
        described.write_text(_el_packages.modules(self.release.number), encoding="utf-8")
        run(
            ["modifyrepo_c", "--mdtype=modules", "--compress-type=gz", described, tree / "AppStream/repodata"]
        )

    def one_repository(self, trees: list[Path], work: Path) -> None:
        """Write the metadata of two discs that are one repository."""
        packages = _el_packages.table(self.release.number)
        comps = work / f"c{self.release.number}-{ARCH}-comps.xml"
        if self.release.number == 6:
            self.createrepo(trees, comps, packages, "--split")
            self.createrepo([trees[1]], None, [], f"--baseurl=media://{self.release.timestamp}#2")
            media_repodata(trees[0] / "repodata", self.release.timestamp)
        else:
            self.createrepo([trees[0]], comps, packages, "--database")

    def createrepo(
        self, trees: list[Path], comps: Path | None, packages: list[_el_packages.Package], *words: str
    ) -> None:
        """Write repodata into the first tree; packages are those that comps is to name."""
        options = [*REPODATA, f"--revision={self.release.timestamp.partition('.')[0]}"]
        if "--database" not in words:
            options.append("--no-database")
        if comps:
            comps.write_text(_el_packages.comps(packages, self.release.number), encoding="utf-8")
            options += ["--groupfile", str(comps)]
        run(["createrepo_c", "--quiet", *options, *words, *trees])

    def label(self, tree: Path, disc: int, discs: int) -> None:
        """Write what tells a disc from another one, and the texts that every disc carries."""
        texts = {
            ".discinfo": discinfo(self.release, disc if discs > 1 else None),
            "media.repo": media_repo(self.release, disc),
            "GPL": "The lookalike's packages hold parts of Debian under their own licences.\n",
            f"RPM-GPG-KEY-{VENDOR}-{self.release.number}": "The lookalike's packages are not signed.\n",
        }
        for name, text in texts.items():
            (tree / name).write_text(text, encoding="utf-8")
        if self.release.number < 9:
            (tree / "TRANS.TBL").write_text(trans_tbl(tree), encoding="utf-8")


REPOSITORIES = ("BaseOS", "AppStream")
# Discs of EL 5 and older have all of them, those of EL 6 the first.
SCREENS = ("boot.msg", "options.msg", "general.msg", "param.msg", "rescue.msg")


def media_repodata(repodata: Path, timestamp: str) -> None:
    """Give the metadata that createrepo_c wrote for a set of discs (`media:#1`) the form of an EL 6 DVD's.

    There `media://TIMESTAMP#1` is the base of packages and, in repomd.xml, of the metadata itself.
    """
    primary = next(repodata.glob("*-primary.xml.gz"))
    text = gzip.decompress(primary.read_bytes()).decode("utf-8").replace('"media:#', f'"media://{timestamp}#')
    new = repodata / "primary.xml"
    new.write_text(text, encoding="utf-8")
    run(["modifyrepo_c", "--mdtype=primary", "--compress-type=gz", new, repodata])
    new.unlink()
    primary.unlink(missing_ok=True)
    repomd = repodata / "repomd.xml"
    based = repomd.read_text(encoding="utf-8").replace(
        "<location href=", f'<location xml:base="media://{timestamp}#1" href='
    )
    repomd.write_text(based, encoding="utf-8")


def volume_id(release: Release, disc: int) -> str:
    """Return the label of a disc, in each release's own manner."""
    if release.number == 6:
        return f"{VENDOR}_{release.version}_Final"
    if release.number == 7:
        return f"{VENDOR} 7 {ARCH}" + (f" {disc}" if disc > 1 else "")
    return f"{VENDOR}-{release.version.replace('.', '-')}-{ARCH}-dvd"


def discinfo(release: Release, disc: int | None) -> str:
    """Return .discinfo: timestamp, release, architecture, number of the disc (None: all that there are)."""
    return f"{release.timestamp}\n{VENDOR} {release.version}\n{ARCH}\n{disc or 'ALL'}\n"


def media_repo(release: Release, disc: int) -> str:
    """Return media.repo."""
    name = f"{VENDOR} {release.version}" + (f" disc {disc}" if disc > 1 else "")
    return f"[InstallMedia]\nname={name}\nmediaid={release.timestamp}\nmetadata_expire=-1\ngpgcheck=0\ncost=500\n"


def trans_tbl(tree: Path) -> str:
    """Return mkisofs' table of names, which old discs carry."""
    lines = [
        f"{'D' if path.is_dir() else 'F'} {path.name.upper()[:12]:<34}\t{path.name}"
        for path in sorted(tree.iterdir())
    ]
    return "\n".join(lines) + "\n"


def sums(tree: Path) -> dict[str, str]:
    """Return {path: sha256} of what .treeinfo vouches for."""
    paths = [path for path in sorted(tree.rglob("*")) if path.suffix == ".img" or path.name == "vmlinuz"]
    paths = [path for path in paths if "isolinux" not in path.parts]
    paths += [tree / "repodata/repomd.xml"] if (tree / "repodata").exists() else []
    return {str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def treeinfo(release: Release, checksums: dict[str, str]) -> str:
    """Return .treeinfo: productmd's for EL 9, anaconda's own older form before."""
    listed = "".join(f"{path} = sha256:{value}\n" for path, value in checksums.items())
    make = treeinfo_productmd if release.number >= 9 else treeinfo_anaconda
    return make(release, listed)


def treeinfo_anaconda(release: Release, checksums: str) -> str:
    """Return the form that anaconda's buildinstall (EL 6) and lorax (EL 7) write."""
    discs = "totaldiscs = 1\ndiscnum = 1\n" if release.number == 6 else ""
    return f"""\
[general]
name = {VENDOR}-{release.version}
family = {VENDOR}
timestamp = {release.timestamp}
variant =
{discs}version = {release.version}
packagedir =
arch = {ARCH}

[stage2]
mainimage = {release.stage2}

[images-{ARCH}]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img

{XEN}
[checksums]
{checksums}"""


def treeinfo_productmd(release: Release, checksums: str) -> str:
    """Return the form of productmd 1.2, with a variant for each repository."""
    variants = "\n".join(
        f"[variant-{name}]\nid = {name}\nname = {name}\npackages = {name}/Packages\nrepository = {name}\n"
        f"type = variant\nuid = {name}\n"
        for name in sorted(REPOSITORIES)
    )
    names = ",".join(sorted(REPOSITORIES))
    return f"""\
[checksums]
{checksums}
[general]
; WARNING.0 = This section provides compatibility with pre-productmd treeinfos.
; WARNING.1 = Read productmd documentation for details about new format.
arch = {ARCH}
family = {VENDOR}
name = {VENDOR} {release.version}
packagedir = AppStream/Packages
platforms = {ARCH},xen
repository = AppStream
timestamp = {release.timestamp}
variant = AppStream
variants = {names}
version = {release.version}

[header]
type = productmd.treeinfo
version = 1.2

[images-{ARCH}]
initrd = images/pxeboot/initrd.img
kernel = images/pxeboot/vmlinuz

{XEN}
[release]
name = {VENDOR}
short = NEL
version = {release.version}

[stage2]
mainimage = {release.stage2}

[tree]
arch = {ARCH}
build_timestamp = {release.timestamp}
platforms = {ARCH},xen
variants = {names}

{variants}"""


def install_arguments(release: Release) -> str:
    """Return what a disc's own menu passes to the kernel."""
    if release.number == 6:
        return ""
    label = volume_id(release, 1).replace(" ", "\\x20")
    return f"inst.stage2=hd:LABEL={label}"


def screen(release: Release, subject: str) -> bytes:
    """Return a help screen with SYSLINUX's control codes: form feed clears, SI and two digits are a colour."""
    title = f"{VENDOR} {release.version} (a stand-in of the lab): {subject}"
    return f"\x0c\x0f0f{title}\x0f07\n\n[F1-Main] [F2-Options] [F3-General] [F4-Kernel] [F5-Rescue]\n".encode(
        "ascii"
    )


def memory_test() -> bytes:
    """Return a boot sector that halts. It tests nothing."""
    return b"\xf4\xeb\xfd".ljust(510, b"\0") + b"\x55\xaa" + bytes(512)


def isolinux_cfg(release: Release) -> str:
    """Return the menu with which the disc starts on BIOS."""
    return f"""\
default vesamenu.c32
timeout 600
menu title {VENDOR} {release.version} (a stand-in of the lab)
label linux
  menu label ^Install {VENDOR} {release.version}
  menu default
  kernel vmlinuz
  append initrd=initrd.img {install_arguments(release)}
label local
  menu label Boot from ^local drive
  localboot 0xffff
"""


def grub_cfg(release: Release) -> str:
    """Return the menu with which the disc starts on UEFI."""
    return f"""\
set timeout=60
menuentry 'Install {VENDOR} {release.version}' {{
  linux /images/pxeboot/vmlinuz {install_arguments(release)}
  initrd /images/pxeboot/initrd.img
}}
"""


def image(tree: Path, target: Path, label: str) -> None:
    """Write an ISO 9660 image with Rock Ridge and Joliet names; with isolinux it boots. It gets a media check."""
    if not re.fullmatch(r"[A-Za-z0-9_. -]{1,32}", label):
        raise LabError(f"{label!r} is no volume id")
    words = ["xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-R", "-J", "-joliet-long"]
    if (tree / "isolinux").exists():
        words += ["-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat", "-no-emul-boot"]
        words += ["-boot-load-size", "4", "-boot-info-table"]
    run([*words, "-o", target, tree])
    if shutil.which("implantisomd5"):
        run(["implantisomd5", "--force", target])
