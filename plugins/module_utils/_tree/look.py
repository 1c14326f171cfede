# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Looks at the host: what there is of a tree, and what stands in the way of making it."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._files import Runner
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import createrepo, files, layout, tree


def look_for(dest: str, media: str, index: str, images: int, run: Runner) -> layout.TreeState:
    """What is there now.

    :param images: how many discs there may be besides those that have been mounted.
    """
    names = set(os.listdir(media)) if os.path.isdir(media) else set()
    points = {f"{media}/disc{number + 1}" for number in range(images)} | set(_mounted_discs(media))
    found = layout.TreeState(
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


def _mounted_discs(media: str) -> t.Iterator[str]:
    """The mount points of discs that have a unit."""
    start = unit_files.unit_name(f"{media}/disc")[: -len(".mount")]
    for name in os.listdir(mount_units.UNITS) if os.path.isdir(mount_units.UNITS) else ():
        number = name[len(start) : -len(".mount")]
        if name.startswith(start) and name.endswith(".mount") and number.isdigit():
            yield f"{media}/disc{number}"


def check_before(
    run: Runner,
    target: layout.TreeTarget,
    found: layout.TreeState,
    looked: tree.Survey | None,
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
            f"{target.dest} and {target.media} are on different file systems, which hard links cannot cross; "
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
    several = any(isinstance(unit, unit_files.Overlay) for unit in units)
    try:
        mount_units.check_system(run, ["iso9660", "overlay"] if several else ["iso9660"])
    except PxeError as exc:
        remedy = (
            ""
            if "layout: copy" in str(exc)
            else ". Or choose the layout copy, which mounts nothing (layout: copy)"
        )
        raise PxeError(f"{exc}{remedy}") from exc
