# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: install_tree
short_description: Make one install tree of one or more installation images
version_added: 1.0.0
author:
  - The netinstall.pxe authors (@netinstall)
description:
  - Lays the files of one or more images over each other, so that an installer finds all packages in one tree. Of files
    of the same name, those of the first image are seen; which ones that are is reported.
  - Packages of all images are reachable by one repository. Where they lie on several images, its metadata are made
    anew by C(createrepo_c), with the groups of the first image and the modules of all of them. Packages that the
    images' own metadata describe are not read for that.
  - A single image that is whole in itself becomes the tree as it is. So does each repository that lies on one image,
    as BaseOS and AppStream do.
  - Before anything is changed, the images are compared with what they say of themselves - every package that the
    metadata list must be there with the right size, kernel, initrd and second stage must be there and have the
    checksums of C(.treeinfo) -, and everything that is wrong is told at once. Images are read without mounting them.
  - The tree is there after each start of the host. An interrupted run is repaired by the next one.
extends_documentation_fragment:
  - netinstall.pxe._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
requirements:
  - createrepo_c, where the packages of one repository lie on several images
  - with O(layout=overlay), what M(netinstall.pxe.iso_mount) needs, and a kernel with the file system overlay if there
    are several images
  - zstd, for metadata that are packed by it
options:
  dest:
    description:
      - The folder of the tree.
    type: path
    required: true
  media:
    description:
      - A folder of the tree's own for what is beside it, such as the mounted images.
    type: path
    required: true
  index:
    description:
      - A file to be written with the names of all packages, groups, environments and modules of the tree, as JSON.
        Without it, the name is that of O(media) with C(.json) added.
    type: path
  images:
    description:
      - The images in the order of the discs.
      - Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The image on the host.
        type: path
        required: true
      checksum:
        description:
          - What the image must be, as V(sha256:) and 64 hexadecimal digits, or V(sha512:) and 128.
        type: str
  layout:
    description:
      - With V(overlay), images are mounted, and several of them as one tree. Nothing is copied but the metadata that
        are made anew.
      - With V(hardlink), the files of each image are copied once into a folder of its own, and the tree consists of
        hard links to them. When one image is replaced, the others are not read again. O(dest) and O(media) must be on
        one file system.
      - With V(copy), the files are copied into the tree. Neither this nor V(hardlink) mounts anything, so that they
        work where the kernel has no C(iso9660), as in containers.
      - All three make trees of the same content.
    type: str
    choices: [overlay, hardlink, copy]
    default: overlay
  kernel:
    description:
      - Path of the kernel in the tree. Without it, C(.treeinfo) says.
    type: str
  initrd:
    description:
      - Paths of the initial RAM disks. Without them, C(.treeinfo) says.
    type: list
    elements: str
    default: []
  name:
    description:
      - How messages call the tree, such as V(site_distributions.centos-6); its images are then called
        C(site_distributions.centos-6.isos[0]) and so on.
    type: str
  stamps:
    description:
      - A folder in which computed checksums are kept; see O(netinstall.pxe.iso_info#module:stamps).
    type: path
  options:
    description:
      - Mount options.
    type: list
    elements: str
    default: [ro, loop, nosuid, nodev, noexec]
  context:
    description:
      - The SELinux context that all files get that are mounted; see O(netinstall.pxe.iso_mount#module:context).
        Copied files have the labels that the host gives them.
    type: str
  before:
    description:
      - Units that are to start only after the tree is mounted when the host starts. They start also if that fails.
    type: list
    elements: str
    default: []
  state:
    description:
      - With V(absent), the tree, what is mounted for it, O(media) and O(index) are removed. The images stay.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: netinstall.pxe.iso_info
  - module: netinstall.pxe.iso_mount
"""

EXAMPLES = r"""
- name: Make one tree of two DVDs
  netinstall.pxe.install_tree:
    images:
      - path: /srv/iso/CentOS-6.8-x86_64-bin-DVD1.iso
      - path: /srv/iso/CentOS-6.8-x86_64-bin-DVD2.iso
    dest: /srv/pxe/trees/centos-6
    media: /srv/pxe/media/centos-6
    before: [nginx.service]

- name: Make a tree where nothing can be mounted
  netinstall.pxe.install_tree:
    images:
      - path: /srv/iso/Rocky-9.4-x86_64-dvd.iso
    dest: /srv/pxe/trees/rocky-9
    media: /srv/pxe/media/rocky-9
    layout: copy

- name: Take it away
  netinstall.pxe.install_tree:
    dest: /srv/pxe/trees/rocky-9
    media: /srv/pxe/media/rocky-9
    state: absent
"""

RETURN = r"""
path:
  description: The folder of the tree.
  returned: success
  type: str
  sample: /srv/pxe/trees/centos-6
layout:
  description: The layout.
  returned: when O(state=present)
  type: str
  sample: overlay
kernel:
  description: Path of the kernel in the tree.
  returned: when O(state=present)
  type: str
  sample: images/pxeboot/vmlinuz
initrd:
  description: Paths of the initial RAM disks.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [images/pxeboot/initrd.img]
stage2:
  description: Path of the installer's second stage; null if C(.treeinfo) does not say.
  returned: when O(state=present)
  type: str
  sample: images/install.img
repositories:
  description: The repositories of the tree.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    id:
      description: Its name in C(.treeinfo).
      type: str
      sample: AppStream
    path:
      description: Path in the tree; empty for the tree itself.
      type: str
      sample: AppStream
    packages:
      description: How many packages it has.
      type: int
      sample: 5432
    merged:
      description: Whether its metadata were made anew.
      type: bool
      sample: false
packages:
  description: How many packages there are in all repositories.
  returned: when O(state=present)
  type: int
  sample: 6583
conflicts:
  description: Files that images have under the same name, but not with the same content.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    path:
      description: The file's path in the tree.
      type: str
      sample: README
    kept:
      description: The number of the image whose file is seen, from 1.
      type: int
      sample: 1
    dropped:
      description: The number of the image whose file is not.
      type: int
      sample: 2
index_path:
  description: The file with the names of packages, groups, environments and modules.
  returned: success
  type: str
  sample: /srv/pxe/media/centos-6.json
seconds:
  description:
    - How long it took to look at the images, to make metadata anew, and all in all. What was not done is null or
      missing.
  returned: when O(state=present)
  type: dict
  sample: {look: 0.9, createrepo: 2.1, all: 3.4}
steps:
  description: What was done, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: ["begin /srv/pxe/media/centos-6", "folder /srv/pxe/media/centos-6/disc1"]
reason:
  description: Why the tree was made or mounted; empty when it was not.
  returned: success
  type: str
  sample: the images were changed
"""

import contextlib
import fcntl
import json
import os
import tempfile
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    Runner,
    atomic_write,
    read_file,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units, mounts
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import (
    open_file,
    open_image,
    verify,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import createrepo, files, layout, repodata
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import tree as _tree
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.survey import survey

# Steps of a mount unit (see _mounts.Decision).
_UNIT_VERBS = ("folder", "unmount", "unit", "mount", "enable", "forget", "remove_folder")


# Looking


def _read_json(path: str) -> dict[str, t.Any] | None:
    """A JSON object; an empty one if it is damaged, ``None`` when it is not there."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        return data if isinstance(data, dict) else {}
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}


def look(dest: str, media: str, index: str, images: int, run: Runner) -> layout.Found:
    """What is there now.

    :param images: how many discs there may be besides those that have been mounted.
    """
    names = set(os.listdir(media)) if os.path.isdir(media) else set()
    points = {f"{media}/disc{number + 1}" for number in range(images)} | set(_mounted_discs(media))
    found = layout.Found(
        mounts={point: mount_units.find(point, run) for point in [dest, *sorted(points)]},
        stamp=_read_json(f"{media}/{layout.STAMP}"),
        indexed=os.path.isfile(index),
        names=names,
    )
    for folder in (f"{media}/{name}" for name in names if name.startswith("files")):
        extracted = _read_json(f"{folder}.json")
        if extracted and os.path.isdir(folder):
            found.extracted[folder] = str(extracted.get("image"))
    return found


def _mounted_discs(media: str) -> t.Iterator[str]:
    """The mount points of discs that have a unit."""
    start = mounts.unit_name(f"{media}/disc")[: -len(".mount")]
    for name in os.listdir(mount_units.UNITS) if os.path.isdir(mount_units.UNITS) else ():
        number = name[len(start) : -len(".mount")]
        if name.startswith(start) and name.endswith(".mount") and number.isdigit():
            yield f"{media}/disc{number}"


def image_names(params: dict[str, t.Any]) -> list[str]:
    """How messages call the images."""
    name, paths = params["name"], [image["path"] for image in params["images"]]
    if not name:
        return paths
    return [f"{name}.isos[{number}] ({path})" for number, path in enumerate(paths)]


@contextlib.contextmanager
def named(params: dict[str, t.Any], number: int) -> t.Iterator[None]:
    """Say of an error which image it is about."""
    try:
        yield
    except PxeError as exc:
        address = f"{params['name']}.isos[{number}]: " if params["name"] else ""
        raise PxeError(f"{address}{exc}") from exc


def wanted(params: dict[str, t.Any], keep: bool) -> layout.Wanted:
    """Check the images' checksums, and say what is to be there.

    :raises PxeError: an image is not there, or not the described one.
    """
    if not params["images"]:
        raise PxeError("images: is empty; list the images of the tree")
    images = []
    for number, image in enumerate(params["images"]):
        with named(params, number):
            images.append((image["path"], mount_units.identity_of(image["path"])))
            if image["checksum"]:
                verify(image["path"], image["checksum"], params["stamps"], keep)
    for number, (_path, identity) in enumerate(images):
        if identity in [other for _other, other in images[:number]]:
            raise PxeError(f"{image_names(params)[number]}: is listed twice; list each disc once")
    return layout.Wanted(
        params["dest"],
        params["media"],
        params["layout"],
        tuple(images),
        params["kernel"],
        tuple(params["initrd"]),
        mount_units.options_with(params["options"], params["context"]),
        tuple(params["before"]),
    )


# Doing


class Builder:
    """Takes the steps of a decision. Each verb is the name of a method, here or of a mount unit's worker."""

    def __init__(
        self,
        run: Runner,
        target: layout.Wanted,
        found: layout.Found,
        index: str,
        looked: _tree.Survey | None = None,
    ) -> None:
        self.run, self.target, self.found, self.index, self.looked = run, target, found, index, looked
        self.units = {unit.point: unit for unit in target.units(looked.plain)} if looked else {}
        self.repodata: dict[str, repodata.Repodata] = {}
        self.seconds: float | None = None
        self.workers: dict[str, mount_units.Worker] = {}

    @property
    def survey(self) -> _tree.Survey:
        if self.looked is None:
            raise AssertionError("a tree is built only after a look at its images")
        return self.looked

    def take(self, steps: list[layout.Step]) -> None:
        for step in steps:
            with files.telling(f"{self.target.dest}: cannot be made"):
                if step.verb in _UNIT_VERBS:
                    self.worker(step.path).take([step.verb])
                else:
                    getattr(self, step.verb)(step.path)

    def worker(self, point: str) -> mount_units.Worker:
        if point not in self.workers:
            unit = self.units.get(point)
            text = unit_text(unit) if unit else ""
            what = "the tree" if isinstance(unit, mounts.Overlay) else "the image"
            self.workers[point] = mount_units.Worker(
                self.run, point, text, self.found.mounts[point].unit, what
            )
        return self.workers[point]

    # Beginning and end

    def begin(self, media: str) -> None:
        """From now on, and until the end, what is there is not to be believed."""
        os.makedirs(media, exist_ok=True)
        self._write_stamp({**(self.found.stamp or {}), "complete": False})

    def finish(self, media: str) -> None:
        self._write_index()
        folder = self.target.fingerprinted(self.survey.plain)
        self._write_stamp(
            {
                "complete": True,
                **self.target.told,
                "plain": self.survey.plain,
                "fingerprint": files.fingerprint(folder) if folder else None,
                "result": result_of(self.survey),
            }
        )

    def _write_stamp(self, stamp: dict[str, t.Any]) -> None:
        path = f"{self.target.media}/{layout.STAMP}"
        atomic_write(path, json.dumps({**stamp, "dest": self.target.dest}, indent=2, sort_keys=True) + "\n")

    def _write_index(self) -> None:
        found = {
            one.path: self.repodata.get(one.path) or one.listings[one.visible]
            for one in self.survey.repositories
        }
        enabled = [one.path for one in self.survey.repositories if one.enabled]
        index: dict[str, t.Any] = repodata.summary(found[path] for path in enabled)
        # What is there for kickstarts that name the repository, and only for them.
        disabled = {path: repodata.summary([found[path]]) for path in found if path not in enabled}
        if disabled:
            index["disabled"] = disabled
        os.makedirs(os.path.dirname(self.index), exist_ok=True)
        atomic_write(self.index, json.dumps(index, indent=1, sort_keys=True) + "\n")

    def remove(self, path: str) -> None:
        """Remove a tree, or what is beside it.

        :raises PxeError: something is mounted in it.
        """
        below = mount_units.mounts_below(path)
        if below:
            raise PxeError(
                f"{path} is not removed, as {', '.join(below)} is mounted in it; unmount that first"
            )
        files.remove(path)

    # Building

    def extract(self, folder: str) -> None:
        """Write an image's files to its own folder."""
        number = [self.target.files(number) for number in range(len(self.target.images))].index(folder)
        disc = self.survey.discs[number]
        files.remove(f"{folder}.json")
        files.make_folder(folder)
        files.extract(disc, sorted(disc.walk()), folder)
        files.flush(folder)
        atomic_write(f"{folder}.json", json.dumps({"image": self.target.images[number][1].text}) + "\n")

    def make_overlay(self, upper: str) -> None:
        """What covers the discs."""
        new = f"{upper}.new"
        files.make_folder(new)
        self._write_anew(new, self._mounted)
        files.hide(new, self.survey.dropped)

    def make_hardlink(self, dest: str) -> None:
        new = _new(dest)
        files.make_folder(new)
        files.link_all(((path, self._extracted(path)) for path in self._taken_over()), new)
        self._write_anew(new, self._extracted)

    def make_copy(self, dest: str) -> None:
        new = _new(dest)
        files.make_folder(new)
        items = self.survey.items
        for number, disc in enumerate(self.survey.discs):
            own = ((path, items[path].entry) for path in self._taken_over() if items[path].disc == number)
            files.extract(disc, own, new)
        self._write_anew(new, lambda path: os.path.join(new, path))

    def publish(self, path: str) -> None:
        new = f"{path}.new" if path == self.target.upper else _new(path)
        files.publish(new, path)

    def _mounted(self, path: str) -> str:
        return os.path.join(self.target.disc(self.survey.items[path].disc), path)

    def _extracted(self, path: str) -> str:
        return os.path.join(self.target.files(self.survey.items[path].disc), path)

    def _taken_over(self) -> list[str]:
        """What the tree has as the discs have it; folders first."""
        gone = set(self.survey.dropped)
        return [path for path in sorted(self.survey.items) if path not in gone]

    def _write_anew(self, root: str, place: createrepo.Place) -> None:
        """Write what no disc has so, over what is there."""
        started = time.monotonic()
        checksums = {}
        for repository in self.survey.merged:
            work = f"{self.target.media}/work"
            files.make_folder(work)
            self.repodata[repository.path] = createrepo.make(self.run, self.survey, repository, work, place)
            where = repository.full(repodata.REPOMD)
            checksums[where] = repodata.digest("sha256", read_file(f"{work}/{repodata.REPOMD}"))
            files.put(f"{work}/repodata", os.path.join(root, repository.full("repodata")))
            files.remove(work)
        self.seconds = time.monotonic() - started
        for path, data in self.survey.texts(checksums).items():
            files.remove(os.path.join(root, path))
            files.write_new(os.path.join(root, path), [data])


def _new(dest: str) -> str:
    """Where a tree is made, so that it can be put into its place by a rename."""
    return os.path.join(os.path.dirname(dest), f".{os.path.basename(dest)}.new")


def unit_text(unit: layout.Unit) -> str:
    return mounts.overlay_text(unit) if isinstance(unit, mounts.Overlay) else mounts.unit_text(unit)


def result_of(looked: _tree.Survey) -> dict[str, t.Any]:
    """What is returned of a tree."""
    return {
        "kernel": looked.kernel,
        "initrd": looked.initrd,
        "stage2": looked.stage2,
        "repositories": [
            {"id": one.id, "path": one.path, "packages": one.count, "merged": one.merge}
            for one in looked.repositories
        ],
        "packages": sum(one.count for one in looked.repositories),
        "conflicts": [clash._asdict() for clash in looked.clashes],
    }


def check_before(
    run: Runner,
    target: layout.Wanted,
    found: layout.Found,
    looked: _tree.Survey | None,
    check: bool,
) -> None:
    """Say what stands in the way, before anything is changed.

    :raises PxeError: the host cannot do what the layout needs.
    """
    if looked and looked.merged and not check:
        # In check mode a role may not have installed it yet.
        createrepo.check_programs(run)
    if not looked or target.layout == "overlay":
        return
    size = sum(item.entry.size for item in looked.items.values())
    if target.layout == "copy":
        files.check_space(target.dest, size)
        return
    # The tree itself may be a mount, as long as it has another layout.
    if _device(os.path.dirname(target.dest)) != _device(target.media):
        raise PxeError(
            f"{target.dest} and {target.media} lie on different file systems, which no hard link crosses; "
            "choose the layout copy or overlay, or move one of them"
        )
    if len(found.extracted) < len(target.images):
        files.check_space(target.media, size)


def _device(path: str) -> int:
    return os.stat(files.existing(path)).st_dev


def check_mounts(run: Runner, steps: list[layout.Step], units: list[layout.Unit]) -> None:
    """
    :raises PxeError: this host cannot mount what is to be mounted.
    """
    if not any(step.verb == "mount" for step in steps):
        return
    several = any(isinstance(unit, mounts.Overlay) for unit in units)
    try:
        mount_units.check_system(run, ["iso9660", "overlay"] if several else ["iso9660"])
    except PxeError as exc:
        remedy = (
            ""
            if "layout: copy" in str(exc)
            else ". Or choose the layout copy, which mounts nothing (layout: copy)"
        )
        raise PxeError(f"{exc}{remedy}") from exc


@contextlib.contextmanager
def locked(folder: str) -> t.Iterator[None]:
    """Alone among the runs that make trees in one place.

    :raises PxeError: there is another one.
    """
    os.makedirs(folder, exist_ok=True)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # A lock on the folder itself: the kernel frees it when we die.
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise PxeError(f"{folder}: another run is making trees there; run again when it is done") from None
    finally:
        os.close(fd)


def unpack_zstd(data: bytes, program: str, folder: str, run: Runner) -> t.Iterator[bytes]:
    """Unpack Zstandard by the program, in pieces.

    By files: run_command() writes all of its data before it reads anything, and waits for ever when both pipes fill up.

    :param folder: an empty one.
    :raises PxeError: the data are damaged.
    """
    packed, unpacked = os.path.join(folder, "packed"), os.path.join(folder, "unpacked")
    with open(packed, "wb") as file:
        file.write(data)
    # What is too large is cut off, one byte behind the bound, and refused by whoever reads it.
    bound = repodata.LARGEST_UNPACKED
    pipe = '{ "$1" --decompress --stdout --quiet "$2" || echo "status $?" >&2; } | head -c "$3" >"$4"'
    status, _out, err = run(["sh", "-c", pipe, "sh", program, packed, str(bound + 1), unpacked])
    # zstd fails as well when it is cut off.
    if status or (err and os.path.getsize(unpacked) <= bound):
        raise PxeError(f"cannot be unpacked by zstd: {err.strip()}")
    with open(unpacked, "rb") as file:
        while piece := file.read(1 << 16):
            yield piece


# The module


class Tree:
    """One run for one tree: look, decide, act."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module, self.params = module, module.params
        self.run = mount_units.runner(module)
        for key in ("dest", "media"):
            self.params[key] = mount_units.real_point(self.params[key])
        self.index = self.params["index"] or f"{self.params['media']}.json"

    def unzstd(self) -> repodata.Unpack | None:
        """The program zstd; ``None`` if it is not installed."""
        program = self.module.get_bin_path("zstd")
        if not program:
            return None

        def unpack(data: bytes) -> t.Iterator[bytes]:
            with tempfile.TemporaryDirectory(prefix="zstd-", dir=self.module.tmpdir) as folder:
                yield from unpack_zstd(data, program, folder, self.run)

        return unpack

    def look(self) -> layout.Found:
        return look(
            self.params["dest"], self.params["media"], self.index, len(self.params["images"] or ()), self.run
        )

    def survey(self, stack: contextlib.ExitStack) -> _tree.Survey:
        """Look at the images, which stay open as long as the stack.

        :raises PxeError: something is wrong with them: all of it at once.
        """
        names = image_names(self.params)
        images = []
        for number, image in enumerate(self.params["images"]):
            with named(self.params, number):
                with open_image(image["path"]):
                    # It is whole. Opened anew, as what goes wrong later may have nothing to do with it.
                    file = stack.enter_context(open_file(image["path"]))
                images.append(_tree.NamedDisc(Image(file), names[number]))
        found = survey(images, names, self.params["kernel"], self.params["initrd"], self.unzstd())
        for warning in found.warnings:
            self.module.warn(warning)
        if found.problems:
            raise PxeError("\n".join(found.problems))
        return found

    def present(self) -> dict[str, t.Any]:
        check = self.module.check_mode
        target = wanted(self.params, keep=not check)
        found = self.look()
        with contextlib.ExitStack() as stack:
            started = time.monotonic()
            why = layout.why_build(target, self._fingerprinted(target, found))
            looked = self.survey(stack) if why else None
            seconds = {"look": time.monotonic() - started if why else None}
            plain = looked.plain if looked else bool((found.stamp or {}).get("plain"))
            decision = layout.decide_present(target, found, plain)
            units = target.units(plain)
            check_before(self.run, target, found, looked, check)
            check_mounts(self.run, decision.steps, units)
            if decision.steps and not check:
                builder = Builder(self.run, target, found, self.index, looked)
                builder.units = {unit.point: unit for unit in units}
                with locked(os.path.dirname(target.media)):
                    builder.take(decision.steps)
                seconds.update(createrepo=builder.seconds, all=time.monotonic() - started)
            result = result_of(looked) if looked else (found.stamp or {})["result"]
        before = layout.describe(found.stamp, _unit_texts(found))
        after = layout.describe(target.told, {unit.point: unit_text(unit) for unit in units})
        return {
            **self.told(decision, before, after),
            **result,
            "layout": target.layout,
            "seconds": seconds,
        }

    def _fingerprinted(self, target: layout.Wanted, found: layout.Found) -> layout.Found:
        folder = target.fingerprinted(bool((found.stamp or {}).get("plain")))
        found.fingerprint = files.fingerprint(folder) if folder else None
        return found

    def absent(self) -> dict[str, t.Any]:
        found = self.look()
        decision = layout.decide_absent(self.params["dest"], self.params["media"], self.index, found)
        if decision.steps and not self.module.check_mode:
            target = layout.Wanted(self.params["dest"], self.params["media"], "", ())
            with locked(os.path.dirname(target.media)):
                Builder(self.run, target, found, self.index).take(decision.steps)
        before = layout.describe(found.stamp, _unit_texts(found))
        return self.told(decision, before, "no tree\n")

    def told(self, decision: layout.Decision, before: str, after: str) -> dict[str, t.Any]:
        return {
            "changed": bool(decision.steps),
            "path": self.params["dest"],
            "index_path": self.index,
            "steps": [str(step) for step in decision.steps],
            "reason": decision.reason,
            "diff": mount_units.diff(self.params["dest"], before, after) if decision.steps else {},
        }


def _unit_texts(found: layout.Found) -> dict[str, str]:
    return {point: one.unit for point, one in found.mounts.items() if one.unit}


def main() -> None:
    image = {"path": {"type": "path", "required": True}, "checksum": {"type": "str"}}
    module = AnsibleModule(
        argument_spec={
            "dest": {"type": "path", "required": True},
            "media": {"type": "path", "required": True},
            "index": {"type": "path"},
            "images": {"type": "list", "elements": "dict", "options": image},
            "layout": {"type": "str", "choices": list(layout.LAYOUTS), "default": "overlay"},
            "kernel": {"type": "str"},
            "initrd": {"type": "list", "elements": "str", "default": []},
            "name": {"type": "str"},
            "context": {"type": "str"},
            "stamps": {"type": "path"},
            "options": {
                "type": "list",
                "elements": "str",
                "default": ["ro", "loop", "nosuid", "nodev", "noexec"],
            },
            "before": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["images"])],
        supports_check_mode=True,
    )
    # What is published can be read by everybody, whatever the account's umask.
    os.umask(0o022)
    try:
        tree = Tree(module)
        module.exit_json(**(tree.absent() if module.params["state"] == "absent" else tree.present()))
    except PxeError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
