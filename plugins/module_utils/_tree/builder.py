# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Makes trees: takes the steps that ``layout`` decides, alone among the runs that make trees in one place."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner, atomic_write, read_file
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import (
    createrepo,
    files,
    layout,
    packed,
    repodata,
    repoxml,
    tree,
)

# Steps of a mount unit (see ``mounts.MountChange``).
_UNIT_VERBS = ("folder", "unmount", "unit", "mount", "enable", "forget", "remove_folder")


class Builder:
    """Takes the steps of a decision. Each verb is the name of a method, here or of a mount unit's worker."""

    def __init__(
        self,
        run: Runner,
        target: layout.TreeTarget,
        found: layout.TreeState,
        index: str,
        units: t.Iterable[layout.Unit] = (),
        looked: tree.Survey | None = None,
    ) -> None:
        self.run, self.target, self.found, self.index, self.looked = run, target, found, index, looked
        self.units = {unit.point: unit for unit in units}
        self.repodata: dict[str, repodata.Repodata] = {}
        self.seconds: float | None = None
        self.workers: dict[str, mount_units.Worker] = {}

    @property
    def survey(self) -> tree.Survey:
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
            text = unit_files.unit_text(unit) if unit else ""
            what = "the tree" if isinstance(unit, unit_files.Overlay) else "the image"
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
        folder = self.target.fingerprinted(self.survey.single_image)
        self._write_stamp(
            {
                "complete": True,
                **self.target.stamped,
                "plain": self.survey.single_image,
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
        new = _new_beside(dest)
        files.make_folder(new)
        files.link_all(((path, self._extracted(path)) for path in self._taken_over()), new)
        self._write_anew(new, self._extracted)

    def make_copy(self, dest: str) -> None:
        new = _new_beside(dest)
        files.make_folder(new)
        items = self.survey.items
        for number, disc in enumerate(self.survey.discs):
            own = ((path, items[path].entry) for path in self._taken_over() if items[path].disc == number)
            files.extract(disc, own, new)
        self._write_anew(new, lambda path: os.path.join(new, path))

    def publish(self, path: str) -> None:
        new = f"{path}.new" if path == self.target.upper else _new_beside(path)
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
            where = repository.full(repoxml.REPOMD)
            checksums[where] = packed.digest("sha256", read_file(f"{work}/{repoxml.REPOMD}"))
            files.put(f"{work}/repodata", os.path.join(root, repository.full("repodata")))
            files.remove(work)
        self.seconds = time.monotonic() - started
        for path, data in self.survey.texts(checksums).items():
            files.remove(os.path.join(root, path))
            files.write_new(os.path.join(root, path), [data])


def _new_beside(dest: str) -> str:
    """Where a tree is made, so that it can be put into its place by a rename."""
    return os.path.join(os.path.dirname(dest), f".{os.path.basename(dest)}.new")


def result_of(looked: tree.Survey) -> dict[str, t.Any]:
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
