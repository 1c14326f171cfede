# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import listings, mounts, unit_files
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import layout as _tree_layout
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.layout import TreeState, TreeTarget

DEST, MEDIA, INDEX = "/srv/pxe/trees/x", "/srv/pxe/media/x", "/srv/pxe/media/x.json"
IMAGES = tuple((f"/srv/iso/{number}.iso", unit_files.Identity(number, "254:1", 1000, 5)) for number in (1, 2))
WANTED = TreeTarget(DEST, MEDIA, "overlay", IMAGES, options=("ro", "loop"), before=("nginx.service",))
DISCS = [f"{MEDIA}/disc1", f"{MEDIA}/disc2"]
NOTHING = mounts.MountState()
MOUNTED = frozenset({"ro"})


def wanted(layout: str = "overlay", **more: t.Any) -> TreeTarget:
    return dataclasses.replace(WANTED, layout=layout, **more)


def mounted(target: TreeTarget, single_image: bool = False) -> dict[str, mounts.MountState]:
    """What there is when all is mounted as wanted."""
    found = dict.fromkeys([DEST, *DISCS], NOTHING)
    for number, unit in enumerate(target.units(single_image)):
        if isinstance(unit, unit_files.Overlay):
            details = f"ro,lowerdir={':'.join(unit.layers)}"
            mount = listings.Mount(DEST, "overlay", "overlay", "0:9", MOUNTED, details)
            found[DEST] = mounts.MountState(mount, None, unit_files.unit_text(unit), True, "")
        else:
            device = f"/dev/loop{number}"
            mount = listings.Mount(unit.point, device, "iso9660", f"7:{number}", MOUNTED)
            loop = listings.Loop(device, unit.image, unit.identity.inode, unit.identity.file_system)
            found[unit.point] = mounts.MountState(mount, loop, unit_files.unit_text(unit), True, "")
    return found


def there(target: TreeTarget = WANTED, single_image: bool = False, **more: t.Any) -> TreeState:
    """All as it should be."""
    points = mounted(target, single_image)
    if target.layout != "overlay":
        points[DEST] = mounts.MountState(folder="full")
    stamp = {"complete": True, **target.stamped, "plain": single_image, "fingerprint": "1"}
    extracted = (
        {target.files(number): image.text for number, (_path, image) in enumerate(target.images)}
        if target.layout == "hardlink"
        else {}
    )
    found = TreeState(points, stamp, "1", True, target.kept(single_image), extracted)
    return dataclasses.replace(found, **more)


def steps(target: TreeTarget, found: TreeState, single_image: bool = False) -> list[str]:
    decision = _tree_layout.decide_present(target, found, single_image)
    short = {DEST: "tree", MEDIA: "media", **{disc: disc[-5:] for disc in DISCS}}
    return [f"{step.verb} {short.get(step.path, step.path[len(MEDIA) + 1 :])}" for step in decision.steps]


NEW = TreeState(dict.fromkeys([DEST, *DISCS], NOTHING))
MOUNT = ["folder", "unit", "mount", "enable"]


@pytest.mark.parametrize(
    ("layout", "single_image", "expected"),
    [
        (
            "overlay",
            False,
            [
                "begin media",
                *(f"{verb} disc1" for verb in MOUNT),
                *(f"{verb} disc2" for verb in MOUNT),
                "make_overlay upper",
                "publish upper",
                *(f"{verb} tree" for verb in MOUNT),
                "finish media",
            ],
        ),
        ("overlay", True, ["begin media", *(f"{verb} tree" for verb in MOUNT), "finish media"]),
        (
            "hardlink",
            False,
            [
                "begin media",
                "extract files1",
                "extract files2",
                "make_hardlink tree",
                "publish tree",
                "finish media",
            ],
        ),
        ("copy", False, ["begin media", "make_copy tree", "publish tree", "finish media"]),
    ],
)
def test_new(layout: str, single_image: bool, expected: list[str]) -> None:
    target = wanted(layout, images=IMAGES[:1] if single_image else IMAGES)
    assert steps(target, NEW, single_image) == expected
    assert steps(target, there(target, single_image), single_image) == []


def test_a_replaced_image_takes_the_tree_away_while_it_is_mounted() -> None:
    first, (path, identity) = IMAGES
    target = wanted(images=(first, (path, dataclasses.replace(identity, inode=3))))
    assert steps(target, there()) == [
        "begin media",
        "unmount tree",
        "unmount disc2",
        "unit disc2",
        "mount disc2",
        "make_overlay upper",
        "publish upper",
        "unit tree",
        "mount tree",
        "finish media",
    ]


def test_as_long_as_discs_stay_the_tree_is_there_while_metadata_are_made() -> None:
    found = there(fingerprint="2")
    assert _tree_layout.why_build(WANTED, found) == "somebody changed its files"
    assert steps(WANTED, found) == [
        "begin media",
        "make_overlay upper",
        "unmount tree",
        "publish upper",
        "mount tree",
        "finish media",
    ]


def test_an_image_that_was_moved_is_only_mounted_again() -> None:
    target = wanted(images=(("/new/1.iso", IMAGES[0][1]), IMAGES[1]))
    assert steps(target, there()) == [
        "unmount tree",
        "unmount disc1",
        "unit disc1",
        "mount disc1",
        "mount tree",
    ]


def test_from_an_overlay_to_a_copy() -> None:
    """The old tree is there until the new one is ready."""
    assert steps(wanted("copy"), there()) == [
        "begin media",
        "make_copy tree",
        "unmount tree",
        "forget tree",
        "remove_folder tree",
        "publish tree",
        *(f"{verb} {disc}" for disc in ("disc1", "disc2") for verb in ("unmount", "forget", "remove_folder")),
        "remove upper",
        "finish media",
    ]


def test_from_hard_links_to_an_overlay() -> None:
    found = steps(WANTED, there(wanted("hardlink")))
    files = ["files1", "files1.json", "files2", "files2.json"]
    assert found[: -len(files) - 1][-7:] == [
        "make_overlay upper",
        "publish upper",
        "remove tree",
        *(f"{verb} tree" for verb in MOUNT),
    ]
    assert found[-len(files) - 1 :] == [*(f"remove {name}" for name in files), "finish media"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stamp": None}, "there is no tree yet"),
        ({"stamp": {}}, "an earlier run did not finish"),
        ({"stamp": {"complete": False, **WANTED.stamped}}, "an earlier run did not finish"),
        ({"stamp": {"complete": True, **wanted("copy").stamped}}, "the layout was copy"),
        ({"stamp": {"complete": True, **wanted(images=IMAGES[:1]).stamped}}, "the images were changed"),
        ({"stamp": {"complete": True, **wanted(kernel="linux").stamped}}, "the description was changed"),
        ({"fingerprint": None}, "somebody changed its files"),
        ({"indexed": False}, "its index is missing"),
        ({}, ""),
    ],
)
def test_reasons(change: dict[str, t.Any], reason: str) -> None:
    assert _tree_layout.why_build(WANTED, there(**change)) == reason


def test_what_only_concerns_mounts_makes_nothing_anew() -> None:
    found = there()
    found.mounts[DISCS[0]] = dataclasses.replace(found.mounts[DISCS[0]], enabled=False)
    assert steps(WANTED, found) == ["enable disc1"]
    assert steps(wanted(before=()), there()) == ["unit disc1", "unit disc2", "unit tree"]


@pytest.mark.parametrize("layout", ["overlay", "hardlink", "copy"])
@pytest.mark.parametrize("folder", ["full", "other"])
def test_what_is_somebody_elses_is_refused(layout: str, folder: str) -> None:
    found = TreeState({**NEW.mounts, DEST: mounts.MountState(folder=folder)})
    with pytest.raises(PxeError, match=DEST):
        _tree_layout.decide_present(wanted(layout), found, False)


@pytest.mark.parametrize("layout", ["overlay", "hardlink", "copy"])
def test_a_foreign_mount_is_refused(layout: str) -> None:
    mount = listings.Mount(DEST, "/dev/vdb", "ext4", "8:1", MOUNTED)
    found = TreeState({**NEW.mounts, DEST: mounts.MountState(mount, folder="")})
    with pytest.raises(PxeError, match="/dev/vdb is mounted there"):
        _tree_layout.decide_present(wanted(layout), found, False)


@pytest.mark.parametrize("layout", ["overlay", "hardlink", "copy"])
def test_absent(layout: str) -> None:
    found = there(wanted(layout))
    decision = _tree_layout.decide_absent(DEST, MEDIA, INDEX, found)
    verbs = [str(step) for step in decision.steps]
    assert verbs[-2:] == [f"remove {INDEX}", f"remove {MEDIA}"]
    if layout == "overlay":
        # The tree goes before its layers.
        assert verbs[:3] == [f"unmount {DEST}", f"forget {DEST}", f"remove_folder {DEST}"]
        assert f"unmount {DISCS[1]}" in verbs
    else:
        assert verbs[0] == f"remove {DEST}"
    assert _tree_layout.decide_absent(DEST, MEDIA, INDEX, NEW).steps == []


def test_absent_leaves_a_folder_that_is_not_ours() -> None:
    found = TreeState({**NEW.mounts, DEST: mounts.MountState(folder="full")}, indexed=True)
    assert _tree_layout.decide_absent(DEST, MEDIA, INDEX, found).steps == []


def test_description() -> None:
    assert _tree_layout.describe(None, {}) == "no tree\n"
    text = _tree_layout.describe(WANTED.stamped, {DEST: "[Unit]\n"})
    assert text.splitlines()[:2] == [
        "layout: overlay",
        "image: /srv/iso/1.iso: inode 1, 1000 bytes, modified 5",
    ]
    assert text.endswith("\n\n[Unit]\n")
    assert _tree_layout.describe(None, {DEST: "[Unit]\n"}) == "\n[Unit]\n"
