# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for anaconda: kernel, initrd and stage 2, made of Debian's packages and of what lies in el/.

The initrd is small, for it travels before anything else: busybox, the kernel modules of virtual machines, a script.
Stage 2 is a squashfs with Python, pykickstart, dnf, and programs for disks and boot loaders.
"""

from __future__ import annotations

import gzip
import importlib.util
import shutil
import typing as t
from pathlib import Path

from _common import HERE, LabError, apt_options, cached, code_of, key_of, run, say, words_of
from _images import debian_root
from _mirror import Source, debian_sources, text_of
from _packages import parse_stanzas

DEBIAN = "bookworm"
SOURCES = HERE / "el"
PACKAGES = SOURCES / "stage2-packages.txt"
# Kernel modules, loaded in this order by the installer and by the installed machine; the rest of Debian's is left out.
MODULES = words_of(SOURCES / "modules.txt")
# Of a root file system of 500 MB, what a stand-in never opens; what is left travels to emulated machines.
NEEDLESS = words_of(SOURCES / "stage2-needless.txt")
SITE = "usr/lib/python3/dist-packages"
LIBRARIES = "lib/x86_64-linux-gnu"


def base_root() -> Path:
    """Return a tar of the Debian root of which all parts are made, built if the cache lacks it (a minute)."""
    sources, options = debian_sources(DEBIAN), apt_options(run(["apt-config", "dump"]))
    library = pykickstart()
    made_from = [PACKAGES, *sorted(library.rglob("*.py")), *code_of(__file__)]
    key = key_of(DEBIAN, text_of(sources), *options, *hooks(Path()), *made_from)
    return cached(f"el-base-{key}", lambda work: build_base(work, sources, options, library)) / "root.tar"


def build_base(work: Path, sources: list[Source], options: list[str], library: Path) -> None:
    """Fill a folder with root.tar."""
    say("building the base of the Enterprise Linux lookalikes from Debian's packages")
    # Debian's own initrd of this kernel is of no use here; its kernel package asks this.
    debian_root(work, DEBIAN, sources, options, words_of(PACKAGES), hooks(library), {"INITRD": "No"})


def hooks(library: Path) -> t.Iterator[str]:
    """Yield the commands that finish the root ($1): pykickstart, compiled by the Python that will run it."""
    yield f'copy-in "{library}" /{SITE}'
    yield f'rm -rf "$1/{SITE}/pykickstart/__pycache__"'
    yield f'chroot "$1" python3 -m compileall -q -f /{SITE}/pykickstart'


def pykickstart() -> Path:
    """Return the folder of the checkout's own pykickstart, the one that also checks kickstarts."""
    spec = importlib.util.find_spec("pykickstart")
    if spec and spec.origin:
        return Path(spec.origin).parent
    for found in sorted(HERE.parent.parent.glob(".venv/lib/python3*/site-packages/pykickstart")):
        return found
    raise LabError("pykickstart is not there; run make setup")


def unpack_base(into: Path) -> Path:
    """Unpack the Debian root into a folder; everything belongs to whoever runs this."""
    into.mkdir()
    run(["tar", "-C", into, "--no-same-owner", "--exclude=./dev/*", "-xf", base_root()])
    return into


class Kernel(t.NamedTuple):
    """The kernel of a Debian root."""

    release: str
    image: Path
    modules: Path


def kernel_of(root: Path) -> Kernel:
    """Return the kernel of a root; it must have exactly one."""
    images = sorted((root / "boot").glob("vmlinuz-*"))
    if len(images) != 1:
        raise LabError(f"expected one kernel, found {', '.join(path.name for path in images) or 'none'}")
    release = images[0].name.partition("-")[2]
    return Kernel(release, images[0], root / "usr/lib/modules" / release)


def needed_modules(dependencies: str, names: t.Iterable[str]) -> list[str]:
    """Return the files of kernel modules and of all that they need, from the text of modules.dep.

    A name that is not listed is built into the kernel, or not to be had.
    """
    needs: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    for line in dependencies.splitlines():
        path, _colon, rest = line.partition(":")
        needs[path] = rest.split()
        files[path.rpartition("/")[2].partition(".")[0].replace("-", "_")] = path
    wanted = [files[name.replace("-", "_")] for name in names if name.replace("-", "_") in files]
    # modules.dep lists all that a module needs, not just the next.
    return sorted({path for one in wanted for path in [one, *needs[one]]})


def write_initrd(root: Path, target: Path, files: dict[str, Path], extra: dict[str, str]) -> None:
    """Write an initrd: busybox, kernel modules, files {path in it: source}, texts {path in it: text}."""
    folder = target.with_suffix(".d")
    kernel = kernel_of(root)
    dependencies = (kernel.modules / "modules.dep").read_text(encoding="utf-8")
    chosen = needed_modules(dependencies, MODULES)
    home = folder / "lib/modules" / kernel.release
    for path in chosen:
        copy(kernel.modules / path, home / path)
    lines = [line for line in dependencies.splitlines() if line.partition(":")[0] in chosen]
    present = {Path(path).name.partition(".")[0].replace("-", "_") for path in chosen}
    texts = {
        f"lib/modules/{kernel.release}/modules.dep": "\n".join(lines) + "\n",
        "lib/modules/load": "\n".join(name for name in MODULES if name.replace("-", "_") in present) + "\n",
        **extra,
    }
    copy(root / "usr/bin/busybox", folder / "bin/busybox")
    # The other names are made when it starts; this one starts it.
    (folder / "bin/sh").symlink_to("busybox")
    for name, source in files.items():
        copy(source, folder / name)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for program in ("init", "udhcpc"):
        if (folder / program).exists():
            (folder / program).chmod(0o755)
    pack(folder, target)
    shutil.rmtree(folder)


def pack(folder: Path, target: Path) -> None:
    """Write a folder as a compressed cpio archive that belongs to root."""
    listed = "find . -print0 | LC_ALL=C sort -z"
    script = (
        f"{listed} | cpio --quiet --null --create --format=newc --owner=0:0 --reproducible > {target}.cpio"
    )
    run(["sh", "-c", script], cwd=folder)
    archive = target.with_name(target.name + ".cpio")
    target.write_bytes(gzip.compress(archive.read_bytes(), 6, mtime=0))
    archive.unlink()


def copy(source: Path, target: Path) -> None:
    """Copy a file, or the file that a link leads to, and make the folders on the way."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def installer_initrd(root: Path, target: Path, product: str, version: str) -> None:
    """Write the installer's initrd for one release."""
    folder = SOURCES / "initrd"
    files = {name: folder / name for name in ("init", "arguments.sh", "udhcpc")}
    stamp = f"[Main]\nProduct={product}\nVersion={version}\nArch=x86_64\n"
    write_initrd(root, target, files, {".buildstamp": stamp})


def system_initrd(root: Path, target: Path) -> None:
    """Write the initrd with which installed machines boot: lvm is in it, for a root on a logical volume."""
    files = {"init": SOURCES / "system/initramfs/init", "usr/sbin/lvm": root / "usr/sbin/lvm"}
    files |= {path: root / "usr" / path for path in libraries(root, ["lvm2", "libc6"])}
    files["lib64/ld-linux-x86-64.so.2"] = root / "usr" / LIBRARIES / "ld-linux-x86-64.so.2"
    write_initrd(root, target, files, {})


def libraries(root: Path, packages: t.Iterable[str]) -> list[str]:
    """Return the shared libraries (`lib/…`, below usr) of Debian packages and of all that they depend on."""
    status = parse_stanzas((root / "var/lib/dpkg/status").read_text(encoding="utf-8"))
    names = closure({one["Package"]: one.get("Depends", "") for one in status}, packages)
    files = [path for name in names for path in package_files(root, name)]
    found = {path for path in files if path.rpartition("/")[0].endswith(LIBRARIES) and ".so" in path}
    # Programs look for libx.so.1, which mostly is a link to libx.so.1.2: the file itself is not needed twice.
    targets = {(root / path).readlink().name for path in found if (root / path).is_symlink()}
    names = {path.rpartition("/")[2] for path in found if (root / path).is_file()} - targets
    return sorted(f"{LIBRARIES}/{name}" for name in names)


def closure(depends: dict[str, str], packages: t.Iterable[str]) -> set[str]:
    """Return packages and the libraries among all that they depend on ({name: text of Depends}); first choices only."""
    found: set[str] = set()
    left = list(packages)
    while left:
        name = left.pop()
        if name in depends and name not in found:
            found.add(name)
            wanted = [word.split()[0].partition(":")[0] for word in depends[name].split(",") if word.strip()]
            left += [word for word in wanted if word.startswith("lib") or word == "zlib1g"]
    return found


def package_files(root: Path, name: str) -> list[str]:
    """Return the files of an installed Debian package, relative to the root."""
    for listed in (f"{name}.list", f"{name}:amd64.list"):
        path = root / "var/lib/dpkg/info" / listed
        if path.exists():
            return [line.lstrip("/") for line in path.read_text(encoding="utf-8").splitlines()]
    return []


def stage2() -> Path:
    """Return stage 2, which is the same for all releases, built if the cache lacks it (half a minute)."""
    parts = [
        *sorted((SOURCES / "standin").glob("*.py")),
        SOURCES / "stage2/init",
        SOURCES / "stage2-needless.txt",
    ]
    key = key_of(str(base_root()), Path(__file__), *parts)
    return cached(f"el-stage2-{key}", build_stage2) / "install.img"


def build_stage2(work: Path) -> None:
    """Fill a folder with install.img."""
    root = unpack_base(work / "root")
    for pattern in NEEDLESS:
        for path in list(root.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    home = root / "usr/lib/standin"
    shutil.copytree(SOURCES / "standin", home / "standin", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SOURCES / "stage2/init", home)
    (home / "init").chmod(0o755)
    # Kickstarts' scripts expect EL's sh, and packages their database where EL has it.
    (root / "usr/bin/sh").unlink()
    (root / "usr/bin/sh").symlink_to("bash")
    (root / "etc/rpm").mkdir(exist_ok=True)
    (root / "etc/rpm/macros.standin").write_text("%_dbpath /var/lib/rpm\n", encoding="utf-8")
    for folder in ("dev", "boot", "mnt/sysimage", "var/log", "var/cache"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    # EL 7 and later call the new system's place sysroot, and keep the old name.
    (root / "mnt/sysroot").symlink_to("sysimage")
    # The cards have their names from the first stage.
    rule = root / "etc/udev/rules.d/80-net-setup-link.rules"
    rule.unlink(missing_ok=True)
    rule.symlink_to("/dev/null")
    # lz4 is the one that emulated processors unpack fastest.
    words = ["-quiet", "-no-progress", "-all-root", "-comp", "lz4", "-Xhc"]
    run(["mksquashfs", root, work / "install.img", *words])
    shutil.rmtree(root)
