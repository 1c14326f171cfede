# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how two DVD images become one install tree: by install_tree in its layouts, and by `cp -r`.

Prints one table: seconds, how many of them were createrepo_c's, and the room that is taken besides the images. Fails
when the overlay takes longer than promised or more room, or when the layouts do not make the same tree. Must be root.

Where the kernel knows iso9660, images are mounted by loop devices, otherwise by binds of folders that hold their files;
the output says which. There is no systemd in it: units are written and then mounted by this program.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / ".ansible" / "collections"))

from ansible_collections.netinstall.pxe.plugins.modules import install_tree
from ansible_collections.netinstall.pxe.tests.unit import rpm_packages, tree_host, tree_images

MIB = 1 << 20
# Seconds without createrepo_c, and the part of the images' size that may be taken besides them.
PROMISED_SECONDS, PROMISED_ROOM = 3.0, 0.01
TITLES = ("", "seconds", "createrepo", "without", "room MiB", "of images", "cp -r takes")


class Loops(tree_host.System):
    """A host that mounts images by what its kernel has."""

    def __init__(self, folder: pathlib.Path, real: bool) -> None:
        super().__init__(folder)
        self.real = real
        self.folders: dict[str, pathlib.Path] = {}

    def content(self, image: str) -> pathlib.Path:
        """The files of an image; extracting them is not what is measured, so it is done beforehand."""
        if image not in self.folders:
            folder = self.store / pathlib.Path(image).stem
            if self.real:
                folder.mkdir(parents=True)
                self.mount("-t", "iso9660", "-o", "ro,loop", image, str(folder))
            else:
                tree_host.extract(image, folder)
            self.folders[image] = folder
        return self.folders[image]


def write_image(path: pathlib.Path, number: int, size: int, package: int) -> None:
    """A disc as of EL 6, of packages with random content, with their metadata.

    :param size: bytes of all packages.
    :param package: bytes of one.
    """
    folder = path.with_suffix("")
    rows = []
    (folder / "Packages").mkdir(parents=True)
    for count in range(size // package):
        name = f"package-{number}-{count:05}"
        data = rpm_packages.package(name, files=[f"/usr/bin/{name}-{tool}" for tool in range(20)])
        data += os.urandom(package - len(data))
        (folder / "Packages" / f"{name}.rpm").write_bytes(data)
        rows.append(tree_images.package_xml(f"Packages/{name}.rpm", name, data))
    files = tree_images.repository({**tree_images.metadata(rows), "group": tree_images.COMPS.encode()})
    repomd = files["repodata/repomd.xml"]
    discinfo = {".discinfo": f"1463887421.60\nFinal\nx86_64\n{number}\n".encode()}
    files.update(tree_images.installer(repomd=bytes(repomd)) if number == 1 else discinfo)  # type: ignore[arg-type]
    for inner, content in files.items():
        (folder / inner).parent.mkdir(parents=True, exist_ok=True)
        (folder / inner).write_bytes(t.cast(bytes, content))
    run("xorrisofs", "-quiet", "-r", "-J", "-V", f"EL6_DVD{number}", "-o", str(path), str(folder))
    shutil.rmtree(folder)


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def knows_iso9660() -> bool:
    """Whether this kernel mounts images, after loading what it has modules for."""
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["modprobe", "--quiet", "iso9660"], check=False)
    return "iso9660" in pathlib.Path("/proc/filesystems").read_text(encoding="ascii").split()


class Row(t.NamedTuple):
    """``room`` is in bytes."""

    name: str
    seconds: float
    createrepo: float
    room: int


class Bench:
    """The images, and where trees of them are made."""

    def __init__(self, folder: pathlib.Path, images: list[pathlib.Path], host: Loops) -> None:
        self.folder, self.images, self.host = folder, images, host
        self.size = sum(image.stat().st_size for image in images)

    def install(self, layout: str, state: str = "present") -> Row:
        params = {
            "dest": str(self.folder / "trees" / layout),
            "media": str(self.folder / "media" / layout),
            "images": [{"path": str(image), "checksum": None} for image in self.images],
            "layout": layout,
            "state": state,
        }
        module: t.Any = tree_host.Module(params, check=False, warn=print)
        # Nobody waits for what somebody else has written.
        os.sync()
        started = time.perf_counter()
        tree = install_tree.Tree(module)
        result = tree.absent() if state == "absent" else tree.present()
        seconds = time.perf_counter() - started
        spent = result.get("seconds", {}).get("createrepo") or 0.0
        return Row(layout, seconds, spent, self.room(layout))

    def room(self, layout: str) -> int:
        """What a tree takes on the disk, with all that is beside it. Of hard links one is counted, mounts are not."""
        there = [str(path) for path in (self.folder / "media" / layout,) if path.exists()]
        tree = self.folder / "trees" / layout
        there += [str(tree)] if tree.exists() and layout != "overlay" else []
        words = ["du", "--total", "--summarize", "--block-size=1", "--exclude=disc[0-9]", *there]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        return int(done.stdout.split()[-2]) if there else 0

    def copy(self) -> Row:
        """What peers do: they copy disc over disc, and index all packages."""
        folders = [self.host.content(str(image)) for image in self.images]
        dest = self.folder / "trees" / "cp"
        os.sync()
        started = time.perf_counter()
        dest.mkdir(parents=True)
        for folder in reversed(folders):
            run("cp", "-r", f"{folder}/.", str(dest))
        os.sync()
        copied = time.perf_counter() - started
        comps = next(dest.glob("repodata/*-group.xml"))
        shutil.copy(comps, self.folder / "comps.xml")
        run("createrepo_c", "--quiet", "--no-database", "-g", str(self.folder / "comps.xml"), str(dest))
        seconds = time.perf_counter() - started
        return Row("cp -r", seconds, seconds - copied, self.room("cp"))

    def fingerprint(self, layout: str) -> str:
        digest = hashlib.sha256()
        root = self.folder / "trees" / layout
        for path in sorted(root.rglob("*")):
            digest.update(f"{path.relative_to(root)}\0".encode())
            if path.is_file():
                with path.open("rb") as file:
                    while chunk := file.read(4 * MIB):
                        digest.update(chunk)
        return digest.hexdigest()


def show(rows: list[Row], size: int) -> None:
    print(" ".join(f"{title:>11}" for title in TITLES))
    cp = next(row for row in rows if row.name == "cp -r")
    for row in rows:
        print(
            f"{row.name:>11} {row.seconds:>11.2f} {row.createrepo:>11.2f} {row.seconds - row.createrepo:>11.2f}"
            f" {row.room / MIB:>11.1f} {row.room / size:>11.2%} {cp.seconds / row.seconds:>10.1f}x"
        )


def complaints(overlay: Row, size: int, trees: set[str]) -> list[str]:
    found = []
    if overlay.seconds - overlay.createrepo > PROMISED_SECONDS:
        took = overlay.seconds - overlay.createrepo
        found.append(
            f"the overlay took {took:.1f} s besides createrepo_c, promised are {PROMISED_SECONDS:.0f} s"
        )
    if overlay.room > PROMISED_ROOM * size:
        found.append(
            f"the overlay takes {overlay.room / size:.2%} of the images' size, promised is {PROMISED_ROOM:.0%}"
        )
    if len(trees) > 1:
        found.append("the layouts did not make the same tree")
    return found


def measure(folder: pathlib.Path, size: int, package: int) -> list[str]:
    real = knows_iso9660()
    images = [folder / f"{number}.iso" for number in (1, 2)]
    for number, image in enumerate(images, start=1):
        write_image(image, number, size, package)
    host = Loops(folder, real)
    tree_host.use(host, setattr)
    bench = Bench(folder, images, host)
    for image in images:
        host.content(str(image))
    os.sync()
    how = "loop devices" if real else "binds of folders, as this kernel has no iso9660"
    print(
        f"Two images of {bench.size // 2 // MIB} MiB and {size // package} packages each, mounted by {how}."
    )
    rows, trees = [], set()
    try:
        for layout in ("overlay", "copy", "hardlink"):
            rows.append(bench.install(layout))
            trees.add(bench.fingerprint(layout))
            if layout != "overlay":
                bench.install(layout, "absent")
        rows.append(bench.copy())
        again = bench.install("overlay")
    finally:
        host.off()
        for mounted in host.folders.values() if real else ():
            subprocess.run(["umount", mounted], check=False)
    show(rows, bench.size)
    print(f"A second run of the overlay, which has nothing to do: {again.seconds:.2f} s")
    return complaints(rows[0], bench.size, trees)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1024, help="MiB of packages on each image (%(default)s)")
    parser.add_argument("--package", type=int, default=1024, help="KiB of a package (%(default)s)")
    parser.add_argument("--dir", help="a folder with room for five times both images")
    arguments = parser.parse_args()
    if not tree_host.private_mounts():
        raise SystemExit("bench_tree.py must be root, and be allowed to have a mount namespace")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-tree-", dir=arguments.dir))
        found = measure(pathlib.Path(folder), arguments.size * MIB, arguments.package * 1024)
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
