# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real RPMs for the Enterprise Linux lookalikes, made by rpmbuild in one go.

Most hold a text file. Those in CONTENTS make an installed machine boot and answer by SSH: Debian's kernel, C library,
bash, busybox, curl and dropbear in the places of their EL counterparts.
"""

from __future__ import annotations

import os
import shutil
import stat
import typing as t
from pathlib import Path

import _el_installer
import _el_packages
from _common import run

# Folders of an installed system that no other package brings, and their modes.
FOLDERS = {
    "boot": 0o755, "dev": 0o755, "etc/rc.d": 0o755, "etc/skel": 0o755, "etc/ssh": 0o755, "etc/sudoers.d": 0o750,
    "etc/sysconfig/network-scripts": 0o755, "etc/yum.repos.d": 0o755, "home": 0o755, "mnt": 0o755, "opt": 0o755,
    "proc": 0o555, "root": 0o700, "run": 0o755, "srv": 0o755, "sys": 0o555, "tmp": 0o1777, "usr/bin": 0o755,
    "usr/lib": 0o755, "usr/lib64": 0o755, "usr/local/bin": 0o755, "usr/local/sbin": 0o755, "usr/sbin": 0o755,
    "usr/share": 0o755, "var/lib": 0o755, "var/log": 0o755, "var/tmp": 0o1777,
}  # fmt: skip
LINKS = {
    "bin": "usr/bin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "sbin": "usr/sbin",
    "var/run": "../run",
}
# Those of busybox that would be something else in an EL system.
NOT_APPLETS = {
    "[[",
    "ash",
    "busybox",
    "dpkg",
    "dpkg-deb",
    "init",
    "linuxrc",
    "rpm",
    "rpm2cpio",
    "run-init",
    "sh",
}
# Commands that kickstarts call and that have nothing to do here.
NO_PROGRAMS = ("restorecon", "systemctl", "chkconfig")
FEW_BYTES = 64 * 2**20
# Nothing of Debian's is to be stripped or compressed anew; gzip is what every emulated machine unpacks fast.
MACROS = {
    "_build_id_links": "none",
    "_buildhost": "lab",
    "_binary_payload": "w6.gzdio",
    "debug_package": "%{nil}",
    "__os_install_post": "%{nil}",
    "_use_internal_dependency_generator": "1",
    "use_source_date_epoch_as_buildtime": "1",
}

Content = t.Callable[[Path, Path, _el_packages.Release], None]


def build(root: Path, work: Path, release: _el_packages.Release) -> dict[str, Path]:
    """Make the packages of a release from a Debian root; return {name: file}."""
    packages = _el_packages.table(release.number)
    staged = work / "contents"
    files = {}
    for one in packages:
        own = work / "package"
        own.mkdir(parents=True)
        if one.name in CONTENTS:
            CONTENTS[one.name](root, own, release)
            files[one.name] = list(file_lines(own, owns_folders=one.name == "filesystem"))
        note = own / _el_packages.readme(one.name).lstrip("/")
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{_el_packages.summary(one.name)}.\n", encoding="utf-8")
        run(["cp", "-a", f"{own}/.", staged])
        shutil.rmtree(own)
    rpmbuild(_el_packages.spec(packages, release.number, files), work, release, staged)
    made = work / "rpms"
    return {
        one.name: made / _el_packages.file_name(one, release.number, one.name in CONTENTS) for one in packages
    }


def rpmbuild(spec: str, work: Path, release: _el_packages.Release, contents: Path) -> None:
    """Run rpmbuild on the text of a spec; the packages lie in work/rpms then."""
    path = work / "lookalike.spec"
    path.write_text(spec, encoding="utf-8")
    macros = {
        **MACROS,
        "_topdir": str(work / "rpmbuild"),
        "_rpmdir": str(work / "rpms"),
        "_build_name_fmt": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
        "contents": str(contents),
        "vendor": _el_packages.VENDOR,
    }
    words = [word for name, value in macros.items() for word in ("--define", f"{name} {value}")]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": release.timestamp.partition(".")[0]}
    run(["rpmbuild", "-bb", "--quiet", *words, path], env=environment)
    shutil.rmtree(work / "rpmbuild")


def file_lines(folder: Path, owns_folders: bool) -> t.Iterator[str]:
    """Yield the lines of %files for what lies in a folder."""
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        name = f'"/{path.relative_to(folder)}"'
        if stat.S_ISLNK(mode):
            yield name
        elif stat.S_ISREG(mode):
            yield f"%attr({stat.S_IMODE(mode):04o},root,root) {name}"
        elif owns_folders:
            yield f"%dir %attr({stat.S_IMODE(mode):04o},root,root) {name}"


def padding(work: Path, release: _el_packages.Release, disc: int, size: int) -> list[Path]:
    """Make packages with random bytes, which fill a disc; `size` in MiB."""
    made = []
    for number in range(size * 2**20 // FEW_BYTES):
        name = f"padding-{disc}-{number:02d}"
        folder = work / "padding"
        target = folder / "usr/share/padding" / name
        target.parent.mkdir(parents=True)
        with target.open("wb") as handle:
            for _mebibyte in range(FEW_BYTES // 2**20):
                handle.write(os.urandom(2**20))
        one = _el_packages.Package(name, frozenset((release.number,)), disc, {}, ())
        note = folder / _el_packages.readme(name).lstrip("/")
        note.parent.mkdir(parents=True)
        note.write_text("Random bytes.\n", encoding="utf-8")
        spec = _el_packages.spec([one], release.number, {name: [f"/usr/share/padding/{name}"]})
        rpmbuild("%define _binary_payload w0.gzdio\n" + spec, work, release, folder)
        shutil.rmtree(folder)
        made.append(work / "rpms" / _el_packages.file_name(one, release.number, True))
    return made


# The contents of packages: functions (Debian root, folder to fill, release).


def sources(name: str) -> Content:
    """Return a function that takes a folder of el/system as it is; scripts become executable."""

    def fill(_root: Path, into: Path, _release: _el_packages.Release) -> None:
        folder = _el_installer.SOURCES / "system" / name
        for path in folder.rglob("*"):
            if path.is_file():
                target = into / path.relative_to(folder)
                _el_installer.copy(path, target)
                target.chmod(0o755 if path.read_bytes().startswith(b"#!") else 0o644)

    return fill


def setup(root: Path, into: Path, release: _el_packages.Release) -> None:
    """Accounts and what programs read first."""
    sources("setup")(root, into, release)
    (into / "etc/shadow").chmod(0o600)


def filesystem(_root: Path, into: Path, _release: _el_packages.Release) -> None:
    """Folders, and the links of a merged /usr."""
    for name, mode in FOLDERS.items():
        (into / name).mkdir(parents=True, exist_ok=True)
        (into / name).chmod(mode)
    for name, target in LINKS.items():
        (into / name).symlink_to(target)


def release_files(_root: Path, into: Path, release: _el_packages.Release) -> None:
    """What the system calls itself."""
    name, version = _el_packages.VENDOR, release.version
    text = f"{name} release {version} (a stand-in of the lab)\n"
    files = {"redhat-release": text, "system-release": text, "issue": f"{text}Kernel \\r on \\m\n\n"}
    if release.number >= 7:
        files["os-release"] = (
            f'NAME="{name}"\nVERSION="{version}"\nID="netinstallel"\nID_LIKE="rhel fedora"\nVERSION_ID="{version}"\n'
            f'PLATFORM_ID="platform:el{release.number}"\nPRETTY_NAME="{name} {version}"\n'
        )
    for file, content in files.items():
        path = into / "etc" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def take(root: Path, into: Path, paths: t.Iterable[str]) -> None:
    """Copy files of the root's usr to where they are there."""
    for path in paths:
        _el_installer.copy(root / "usr" / path, into / "usr" / path)


def glibc(root: Path, into: Path, _release: _el_packages.Release) -> None:
    """The C library, the loader where programs expect it, and getent."""
    take(root, into, ["bin/getent", *_el_installer.libraries(root, ["libc6"])])
    loader = into / "usr/lib64/ld-linux-x86-64.so.2"
    loader.parent.mkdir()
    loader.symlink_to(f"../{_el_installer.LIBRARIES}/ld-linux-x86-64.so.2")


def standin_libs(root: Path, into: Path, _release: _el_packages.Release) -> None:
    """What bash, curl and dropbear need besides the C library."""
    needed = _el_installer.libraries(root, ["bash", "libtinfo6", "curl", "dropbear-bin", "libc6"])
    take(root, into, sorted(set(needed) - set(_el_installer.libraries(root, ["libc6"]))))


def bash(root: Path, into: Path, _release: _el_packages.Release) -> None:
    """The shell, under both its names."""
    take(root, into, ["bin/bash"])
    (into / "usr/bin/sh").symlink_to("bash")


def coreutils(root: Path, into: Path, _release: _el_packages.Release) -> None:
    """Busybox under the names of its applets; commands that do nothing here."""
    take(root, into, ["bin/busybox"])
    for name in run([root / "usr/bin/busybox", "--list"]).split():
        if name not in NOT_APPLETS:
            (into / "usr/bin" / name).symlink_to("busybox")
    for name in NO_PROGRAMS:
        path = into / "usr/bin" / name
        path.write_text("#!/bin/sh\n# There is nothing here for it to do.\nexit 0\n", encoding="utf-8")
        path.chmod(0o755)


def curl(root: Path, into: Path, _release: _el_packages.Release) -> None:
    """The program with which machines report."""
    take(root, into, ["bin/curl"])


def openssh_server(root: Path, into: Path, release: _el_packages.Release) -> None:
    """dropbear."""
    take(root, into, ["sbin/dropbear", "bin/dropbearkey"])
    sources("sshd")(root, into, release)


def init(root: Path, into: Path, release: _el_packages.Release) -> None:
    """busybox as init, and what it starts."""
    sources("init")(root, into, release)
    script = into / "usr/share/udhcpc"
    script.parent.mkdir(parents=True)
    shutil.copy(_el_installer.SOURCES / "initrd/udhcpc", script)
    script.chmod(0o755)


def kernel(root: Path, into: Path, _release: _el_packages.Release) -> None:
    """Debian's kernel with an initrd, as EL's package and dracut leave them in /boot."""
    found = _el_installer.kernel_of(root)
    (into / "boot").mkdir()
    shutil.copy(found.image, into / f"boot/vmlinuz-{found.release}")
    (into / f"boot/vmlinuz-{found.release}").chmod(0o755)
    _el_installer.system_initrd(root, into / f"boot/initramfs-{found.release}.img")


CONTENTS: dict[str, Content] = {
    "bash": bash,
    "coreutils": coreutils,
    "curl": curl,
    "filesystem": filesystem,
    "glibc": glibc,
    "initscripts": init,
    "kernel": kernel,
    "netinstall-el-release": release_files,
    "openssh-server": openssh_server,
    "setup": setup,
    "shadow-utils": sources("shadow"),
    "standin-libs": standin_libs,
    "systemd": init,
    "yum": sources("yum"),
}
