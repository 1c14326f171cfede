# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Decides what must be done so that an install tree is there, in one of three layouts.

Beside the tree, each distribution has a folder of its own, MEDIA below:

=========  =====================================================================================================
overlay    MEDIA/disc1, disc2, … are the mounted images; MEDIA/upper holds what is rewritten; the tree is these
           mounted as one. A single image that is whole in itself is mounted as the tree, and nothing else.
hardlink   MEDIA/files1, files2, … hold the files of the images, as delivered; the tree has hard links to them.
copy       The tree has the files themselves.
=========  =====================================================================================================

MEDIA/tree.json, the stamp, says what the tree was made of. It is written last, and marked as incomplete before anything
is changed: what an interrupted run has left is never taken for a tree.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mounts as _mounts
from ansible_collections.netinstall.pxe.plugins.module_utils._media import unit_files

LAYOUTS = ("overlay", "hardlink", "copy")
STAMP = "tree.json"
# Another number rebuilds all trees.
_FORMAT = 2

Unit = t.Union[unit_files.ImageMount, unit_files.Overlay]


@dataclass(frozen=True)
class TreeTarget:
    """A tree as described. ``dest`` and ``media`` are real paths; ``images`` are (path, identity) in disc order."""

    dest: str
    media: str
    layout: str
    images: tuple[tuple[str, unit_files.Identity], ...]
    kernel: str | None = None
    initrd: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def inputs(self) -> dict[str, t.Any]:
        """What the content of the tree depends on."""
        return {
            "format": _FORMAT,
            "layout": self.layout,
            "images": [identity.text for _path, identity in self.images],
            "kernel": self.kernel,
            "initrd": list(self.initrd),
        }

    @property
    def stamped(self) -> dict[str, t.Any]:
        """Of the stamp, what is known before the tree is built."""
        return {"inputs": self.inputs, "paths": [path for path, _identity in self.images]}

    @property
    def upper(self) -> str:
        return f"{self.media}/upper"

    def disc(self, number: int) -> str:
        """Where an image is mounted; numbers from 0."""
        return f"{self.media}/disc{number + 1}"

    def files(self, number: int) -> str:
        """Where the files of an image are written to, for hard links."""
        return f"{self.media}/files{number + 1}"

    def units(self, single_image: bool) -> list[Unit]:
        """What is to be mounted, in that order; the tree last.

        :param single_image: whether a single image is the tree.
        """
        if self.layout != "overlay":
            return []
        points = [self.dest] if single_image else [self.disc(number) for number in range(len(self.images))]
        found: list[Unit] = [
            unit_files.ImageMount(path, point, identity, self.options, self.before)
            for (path, identity), point in zip(self.images, points)
        ]
        if not single_image:
            layers = (self.upper, *points)
            options = tuple(option for option in self.options if option != "loop")
            found.append(unit_files.Overlay(self.dest, layers, self._content(), options, self.before))
        return found

    def _content(self) -> str:
        return hashlib.sha256(json.dumps(self.inputs, sort_keys=True).encode()).hexdigest()[:16]

    def fingerprinted(self, single_image: bool) -> str | None:
        """The folder whose files tell whether the tree is as it was made; ``None`` where nothing was written."""
        if self.layout != "overlay":
            return self.dest
        return None if single_image else self.upper

    def kept(self, single_image: bool) -> set[str]:
        """The names in MEDIA that belong to this layout."""
        numbers = range(1, len(self.images) + 1)
        if self.layout == "hardlink":
            return {STAMP, *(f"files{number}{end}" for number in numbers for end in ("", ".json"))}
        layered = self.layout == "overlay" and not single_image
        return {STAMP, *(["upper", *(f"disc{number}" for number in numbers)] if layered else [])}


@dataclass
class TreeState:
    """A tree as it is now.

    ``mounts`` is of the tree and of all discs that are or were mounted; ``extracted`` tells which image's files are
    in which folder; ``fingerprint`` is of what was written; ``names`` are those in MEDIA.
    """

    mounts: dict[str, _mounts.MountState]
    stamp: dict[str, t.Any] | None = None
    fingerprint: str | None = None
    indexed: bool = False
    names: set[str] = field(default_factory=set)
    extracted: dict[str, str] = field(default_factory=dict)

    @property
    def single_image(self) -> bool:
        """Whether a single image was the tree."""
        return bool((self.stamp or {}).get("plain"))

    @property
    def units(self) -> dict[str, str]:
        """The text of each unit by mount point."""
        return {point: one.unit for point, one in self.mounts.items() if one.unit}


class Step(t.NamedTuple):
    """What is done to which path. The verbs are the methods of ``builder.Builder`` and of
    ``mount_units.Worker``."""

    verb: str
    path: str

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


@dataclass
class TreeChange:
    """What is to be done. ``build`` tells whether the tree is rebuilt, for which the images must be looked at first."""

    steps: list[Step]
    reason: str
    build: bool


# Deciding


def why_build(wanted: TreeTarget, found: TreeState) -> str:
    """Why the tree must be rebuilt; empty if it does not need to."""
    stamp = found.stamp
    if stamp is None:
        return "there is no tree yet"
    before, after = stamp.get("inputs") or {}, wanted.inputs
    if not stamp.get("complete"):
        return "an earlier run did not finish"
    if before.get("layout") != after["layout"]:
        return f"the layout was {before.get('layout')}"
    if before.get("images") != after["images"]:
        return "the images were changed"
    if before != after:
        return "the description was changed"
    if stamp.get("fingerprint") != found.fingerprint:
        return "somebody changed its files"
    return "" if found.indexed else "its index is missing"


def decide_present(wanted: TreeTarget, found: TreeState, single_image: bool) -> TreeChange:
    """What must be done so that the tree is there, now and after a start of the host.

    :param single_image: whether a single image is the tree.
    :raises PxeError: somebody else's mount, unit or files are in the way.
    """
    why = why_build(wanted, found)
    ours = found.stamp is not None
    units = wanted.units(single_image)
    mounts = {unit.point: _decide_unit(unit, found.mounts[unit.point], ours) for unit in units}
    gone = {point: _decide_gone(point, one) for point, one in found.mounts.items() if point not in mounts}
    if wanted.dest not in mounts:
        _refuse_folder(wanted.dest, found.mounts[wanted.dest], ours)
    steps = _Steps(wanted, found, single_image, bool(why), mounts, gone).all()
    reason = why or next((decision.reason for decision in mounts.values() if decision.reason), "")
    return TreeChange(steps, reason, bool(why))


def _decide_unit(unit: Unit, found: _mounts.MountState, ours: bool) -> _mounts.MountChange:
    if ours and found.folder == "full":
        # A tree or disc of another layout; it is removed first.
        found = dataclasses.replace(found, folder="missing")
    return _mounts.decide_present(unit, found)


def _decide_gone(point: str, found: _mounts.MountState) -> _mounts.MountChange:
    """What is mounted there is not wanted any more. A folder without a mount is no affair of mounts."""
    if found.mount is None and not found.ours:
        return _mounts.MountChange()
    return _mounts.decide_absent(point, found)


def _refuse_folder(dest: str, found: _mounts.MountState, ours: bool) -> None:
    """
    :raises PxeError: somebody else's files are where the tree is to be.
    """
    if found.folder == "other":
        raise PxeError(f"{dest} is not a folder; remove it, or give the distribution another name")
    if found.folder == "full" and not ours:
        raise PxeError(f"{dest} is not empty, and not this collection's; move it elsewhere")


class _Steps:
    """Puts the steps into an order in which a tree is away for as short as can be."""

    def __init__(
        self,
        wanted: TreeTarget,
        found: TreeState,
        single_image: bool,
        build: bool,
        mounts: dict[str, _mounts.MountChange],
        gone: dict[str, _mounts.MountChange],
    ) -> None:
        self.wanted, self.found, self.single_image, self.build = wanted, found, single_image, build
        self.mounts, self.gone = mounts, gone
        self.layered = wanted.layout == "overlay" and not single_image

    def all(self) -> list[Step]:
        dest, media = self.wanted.dest, self.wanted.media
        discs = [point for point in self.mounts if point != dest]
        steps = [Step("begin", media)] if self.build else []
        away = any("unmount" in self.mounts[point].steps for point in discs)
        if away:
            # Its layers cannot be unmounted below it.
            steps += self._unmount_tree()
        for point in discs:
            steps += self._clear(point) + _of(point, self.mounts[point])
        steps += self._write()
        if self.layered and self.build and not away:
            steps += self._unmount_tree()
        steps += self._put(away or (self.layered and self.build))
        for point, decision in self.gone.items():
            if point != dest:
                steps += _of(point, decision)
        steps += self._remove_rest()
        return [*steps, Step("finish", media)] if self.build else steps

    def _unmount_tree(self) -> list[Step]:
        dest = self.wanted.dest
        return [Step("unmount", dest)] if self.found.mounts[dest].mount else []

    def _clear(self, point: str) -> list[Step]:
        """Remove what another layout has left where something is to be mounted."""
        return [Step("remove", point)] if self.found.mounts[point].folder == "full" else []

    def _write(self) -> list[Step]:
        """Make the files beside the tree."""
        if not self.build or self.is_image_mount:
            return []
        steps = []
        if self.wanted.layout == "hardlink":
            for number, (_path, identity) in enumerate(self.wanted.images):
                folder = self.wanted.files(number)
                if self.found.extracted.get(folder) != identity.text:
                    steps.append(Step("extract", folder))
        return [*steps, Step(f"make_{self.wanted.layout}", self._made)]

    @property
    def is_image_mount(self) -> bool:
        return self.wanted.layout == "overlay" and self.single_image

    @property
    def _made(self) -> str:
        return self.wanted.upper if self.layered else self.wanted.dest

    def _put(self, remount: bool) -> list[Step]:
        """Put the tree into its place.

        :param remount: whether it has been unmounted.
        """
        dest = self.wanted.dest
        steps = []
        if dest in self.gone:
            steps += _of(dest, self.gone[dest])
        if self.build and not self.is_image_mount:
            steps.append(Step("publish", self._made))
        if dest in self.mounts:
            decision = self.mounts[dest]
            own = [step for step in decision.steps if not (remount and step == "unmount")]
            if remount and "mount" not in own:
                own.append("mount")
            steps += self._clear(dest) + _of(dest, _mounts.MountChange(own))
        return steps

    def _remove_rest(self) -> list[Step]:
        """Remove what an interrupted run or another layout has left."""
        mounted = {point for point, found in self.found.mounts.items() if found.mount}
        paths = (
            f"{self.wanted.media}/{name}"
            for name in sorted(self.found.names - self.wanted.kept(self.single_image))
        )
        # A mount point is removed when it is unmounted.
        return [Step("remove", path) for path in paths if path not in mounted]


def _of(point: str, decision: _mounts.MountChange) -> list[Step]:
    return [Step(verb, point) for verb in decision.steps]


def decide_absent(dest: str, media: str, index: str, found: TreeState) -> TreeChange:
    """What must be done so that nothing of the tree is left.

    :raises PxeError: what is mounted there is not ours.
    """
    order = [dest, *(point for point in found.mounts if point != dest)]
    steps = [step for point in order for step in _of(point, _decide_gone(point, found.mounts[point]))]
    if found.stamp is not None:
        if found.mounts[dest].folder in ("full", "empty"):
            steps.append(Step("remove", dest))
        steps += [Step("remove", index)] if found.indexed else []
        steps.append(Step("remove", media))
    return TreeChange(steps, "", False)


# Telling


def describe(stamp: t.Mapping[str, t.Any] | None, units: t.Mapping[str, str]) -> str:
    """What a tree is made of, for a diff.

    :param stamp: at least its ``inputs`` and ``paths``, those of the images; ``None``: there is no tree.
    :param units: text of each unit by mount point.
    """
    if stamp is None and not units:
        return "no tree\n"
    inputs = (stamp or {}).get("inputs") or {}
    lines = [f"layout: {inputs['layout']}\n"] if inputs else []
    for path, image in zip((stamp or {}).get("paths", []), inputs.get("images", [])):
        lines.append(f"image: {path}: {image}\n")
    for text in units.values():
        lines += ["\n", text]
    return "".join(lines)
