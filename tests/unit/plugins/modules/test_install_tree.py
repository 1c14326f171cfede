# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of the module, on the stand-in of ``tree_host``: with all but iso9660 and systemd themselves."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mount_units
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import createrepo
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import files as _tree_files
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.builder import Builder
from ansible_collections.netinstall.pxe.plugins.modules import install_tree
from ansible_collections.netinstall.pxe.tests.unit import tree_host, tree_images
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Content, Link, build
from ansible_collections.netinstall.pxe.tests.unit.tree_host import System, extract

LAYOUTS = ["overlay", "hardlink", "copy"]


pytestmark = [
    pytest.mark.skipif(not shutil.which("createrepo_c"), reason="no createrepo_c here"),
    pytest.mark.skipif(
        not tree_host.private_mounts(), reason="must be root, and be allowed to have a mount namespace"
    ),
]


class StoppedError(Exception):
    """The run was killed."""


class Site:
    """A server with images; runs the module."""

    def __init__(self, folder: pathlib.Path, system: System) -> None:
        self.folder, self.system = folder, system
        self.warnings: list[str] = []
        (folder / "iso").mkdir()

    def write(self, number: int, files: t.Mapping[str, Content]) -> None:
        path = self.folder / "iso" / f"{number}.iso"
        path.with_suffix(".new").write_bytes(build(files, f"DISC {number}"))
        path.with_suffix(".new").rename(path)

    @property
    def images(self) -> list[pathlib.Path]:
        return sorted((self.folder / "iso").glob("*.iso"))

    def run(self, name: str = "x", check: bool = False, **params: t.Any) -> dict[str, t.Any]:
        given = {
            "dest": str(self.folder / "trees" / name),
            "media": str(self.folder / "media" / name),
            "images": [{"path": str(path), "checksum": None} for path in self.images],
            "name": "site_distributions.x",
            "before": ["nginx.service"],
            **params,
        }
        module: t.Any = tree_host.Module(given, check, self.warnings.append)
        tree = install_tree.Tree(module)
        return tree.absent() if tree.params["state"] == "absent" else tree.present()

    def tree(self, name: str = "x") -> dict[str, str]:
        return contents(self.folder / "trees" / name)

    def everything(self) -> dict[str, str]:
        """All that a run could touch."""
        return {
            f"{name}/{path}": value
            for name in ("trees", "media", "units")
            for path, value in contents(self.folder / name).items()
        }


def contents(root: pathlib.Path) -> dict[str, str]:
    """Path → digest of a file, target of a link, or nothing for a folder."""
    found = {}
    for path in root.rglob("*"):
        inner = str(path.relative_to(root))
        if path.is_symlink():
            found[inner] = f"→ {os.readlink(path)}"
        elif path.is_dir():
            found[f"{inner}/"] = ""
        elif path.is_file():
            found[inner] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[inner] = "(device)"
    return found


@pytest.fixture
def site(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Site]:
    system = System(tmp_path)
    tree_host.use(system, monkeypatch.setattr)
    # No power cut is simulated, and the disk may be busy.
    monkeypatch.setattr(os, "fsync", lambda _fd: None)
    monkeypatch.setattr(_tree_files, "_sync", lambda _folder: None)
    made = Site(tmp_path, system)
    for number, files in enumerate(tree_images.el6(), start=1):
        made.write(number, {**files, "link": Link("Packages/bash.rpm")} if number == 1 else files)
    yield made
    system.off()


# One tree


def test_all_layouts_make_the_same_tree(site: Site) -> None:
    trees = {}
    for layout in LAYOUTS:
        result = site.run(layout, layout=layout)
        assert result["changed"], layout
        assert (result["packages"], result["conflicts"]) == (
            4,
            [{"path": "README", "kept": 1, "dropped": 2}],
        )
        trees[layout] = site.tree(layout)
    assert trees["overlay"] == trees["hardlink"] == trees["copy"]
    tree = trees["copy"]
    first, second = tree_images.el6()
    assert tree["Packages/second.rpm"] == hashlib.sha256(bytes(second["Packages/second.rpm"])).hexdigest()  # type: ignore[arg-type]
    assert tree["README"] == hashlib.sha256(bytes(first["README"])).hexdigest()  # type: ignore[arg-type]
    assert tree["link"] == "→ Packages/bash.rpm"
    assert not [path for path in tree if path.endswith("TRANS.TBL")]
    text = (site.folder / "trees/copy/.treeinfo").read_text()
    assert f"repodata/repomd.xml = sha256:{tree['repodata/repomd.xml']}\n" in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_runs(site: Site, layout: str) -> None:
    """Check mode tells all and does nothing; the second run does nothing; a start of the host changes nothing."""
    empty = site.everything()
    checked = site.run(layout=layout, check=True)
    assert site.everything() == empty
    result = site.run(layout=layout)
    assert {**checked, "seconds": 0} == {**result, "seconds": 0}
    assert result["diff"]["before"] == "no tree\n"
    assert f"layout: {layout}\nimage: {site.images[0]}: inode" in result["diff"]["after"]
    made = site.everything()
    again = site.run(layout=layout)
    assert (again["changed"], again["steps"], again["diff"]) == (False, [], {})
    assert {key: again[key] for key in ("packages", "kernel", "repositories", "conflicts")} == {
        key: result[key] for key in ("packages", "kernel", "repositories", "conflicts")
    }
    site.system.restart()
    assert site.everything() == made
    assert site.run(layout=layout)["steps"] == []


def test_the_index_holds_all_packages_and_groups(site: Site) -> None:
    result = site.run()
    assert json.loads(pathlib.Path(result["index_path"]).read_text()) == {
        "packages": ["bash", "second", "setup", "third"],
        "provides": [],
        "groups": ["Core", "core"],
        "environments": [],
        "modules": [],
    }


def test_an_overlay_takes_no_room_and_cannot_be_written(site: Site) -> None:
    site.run()
    upper = site.folder / "media/x/upper"
    assert {path.name for path in upper.iterdir()} == {
        "repodata",
        ".treeinfo",
        ".discinfo",
        "TRANS.TBL",
        "Packages",
    }
    assert not [path for path in contents(upper) if path.endswith(".rpm")]
    with pytest.raises(OSError, match="Read-only"):
        (site.folder / "trees/x/new").touch()


def test_hard_links_share_their_content(site: Site) -> None:
    site.run(layout="hardlink")
    one, other = (site.folder / path / "Packages/second.rpm" for path in ("trees/x", "media/x/files2"))
    assert one.samefile(other)
    assert not (site.folder / "trees/x/.treeinfo").samefile(site.folder / "media/x/files1/.treeinfo")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_single_whole_image_is_the_tree(site: Site, layout: str) -> None:
    site.images[1].unlink()
    first, _second = tree_images.el6()
    site.write(1, {**first, ".discinfo": b"1463887421.60\nFinal\nx86_64\nALL\n"})
    result = site.run(layout=layout)
    extract(str(site.images[0]), site.folder / "expected")
    assert site.tree() == contents(site.folder / "expected")
    assert [one["merged"] for one in result["repositories"]] == [False]
    if layout == "overlay":
        assert {path.name for path in (site.folder / "media/x").iterdir()} == {"tree.json"}
    assert not site.run(layout=layout)["changed"]


# Changes


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_replaced_image(site: Site, layout: str) -> None:
    site.run(layout=layout)
    _first, second = tree_images.el6()
    more = tree_images.packages(["fourth"])
    rest = {path: data for path, data in second.items() if not path.startswith("repodata/")}
    site.write(2, {**rest, **tree_images.contents(more)})
    result = site.run(layout=layout)
    assert result["reason"] == "the images were changed"
    assert result["packages"] == 5
    assert "Packages/fourth.rpm" in site.tree()
    if layout == "hardlink":
        assert not any(step.startswith("extract") and step.endswith("files1") for step in result["steps"])
    assert not site.run(layout=layout)["changed"]


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(LAYOUTS, 2)))
def test_another_layout(site: Site, before: str, after: str) -> None:
    site.run(layout=before)
    tree = site.tree()
    site.run("other", layout=after)
    result = site.run(layout=after)
    assert result["reason"] == f"the layout was {before}"
    assert site.tree() == tree
    # Nothing of the old layout is left.
    assert set(contents(site.folder / "media/x")) == set(contents(site.folder / "media/other"))
    assert not site.run(layout=after)["changed"]
    site.system.restart()
    assert site.tree() == tree


def test_from_one_image_to_two_and_back(site: Site) -> None:
    both = [{"path": str(path), "checksum": None} for path in site.images]
    first, _second = tree_images.el6()
    site.write(1, {**first, ".discinfo": b"1463887421.60\nFinal\nx86_64\nALL\n"})
    site.run(images=both[:1])
    alone = site.everything()
    assert site.run(images=both)["packages"] == 4
    assert site.run(images=both)["steps"] == []
    assert site.run(images=both[:1])["packages"] == 2
    assert set(site.everything()) == set(alone)


@pytest.mark.parametrize(
    ("layout", "path"), [("copy", "trees/x/EULA"), ("overlay", "media/x/upper/.treeinfo")]
)
def test_files_that_somebody_changed_are_made_anew(site: Site, layout: str, path: str) -> None:
    site.run(layout=layout)
    tree = site.tree()
    (site.folder / path).write_text("short")
    result = site.run(layout=layout)
    assert result["reason"] == "somebody changed its files"
    assert site.tree() == tree


def test_what_was_unmounted_is_mounted_again(site: Site) -> None:
    site.run()
    tree = site.tree()
    site.system.off()
    result = site.run()
    assert not [step for step in result["steps"] if step.startswith(("begin", "make", "publish"))]
    assert site.tree() == tree


@pytest.fixture
def quick_createrepo(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same images give the same metadata, so it is enough to make them once."""
    make = createrepo.make
    made: list[t.Any] = []

    def make_once(run: t.Any, survey: t.Any, repository: t.Any, work: str, place: t.Any) -> t.Any:
        if not made:
            made.append(make(run, survey, repository, work, place))
            shutil.copytree(f"{work}/repodata", tmp_path / "made")
        else:
            shutil.copytree(tmp_path / "made", f"{work}/repodata")
        return made[0]

    monkeypatch.setattr(createrepo, "make", make_once)
    monkeypatch.setattr(createrepo, "check_programs", lambda _run: None)


@pytest.mark.usefixtures("quick_createrepo")
@pytest.mark.parametrize(
    ("before", "layout"),
    [(None, "overlay"), (None, "hardlink"), ("hardlink", "overlay"), ("overlay", "copy")],
)
def test_a_run_that_was_killed_at_any_step_is_repaired(
    site: Site, before: str | None, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each step, of a new tree and of one that had another layout."""
    site.run("expected", layout=layout)
    expected = site.tree("expected")
    take = Builder.take
    steps = 99
    number = 0
    while number < steps:
        name = f"x{number}"
        if before:
            site.run(name, layout=before)

        def stop(builder: t.Any, all_steps: t.Any, number: int = number) -> None:
            nonlocal steps
            steps = len(all_steps)
            take(builder, all_steps[:number])
            raise StoppedError

        with monkeypatch.context() as patch:
            patch.setattr(Builder, "take", stop)
            with pytest.raises(StoppedError):
                site.run(name, layout=layout)
        assert site.run(name, layout=layout)["changed"]
        assert site.tree(name) == expected, number
        assert set(contents(site.folder / "media" / name)) == set(contents(site.folder / "media/expected"))
        assert not site.run(name, layout=layout)["changed"]
        number += 1
    assert number > 3


# Removal


@pytest.mark.parametrize("layout", LAYOUTS)
def test_removal(site: Site, layout: str) -> None:
    site.run(layout=layout)
    before = site.everything()
    checked = site.run(state="absent", check=True)
    assert checked["changed"]
    assert site.everything() == before
    assert site.run(state="absent")["steps"] == checked["steps"]
    assert set(site.everything()) == {"units/multi-user.target.wants/"}
    assert len(site.images) == 2
    assert not site.run(state="absent")["changed"]


def test_removal_leaves_what_is_not_ours(site: Site) -> None:
    (site.folder / "trees/x").mkdir(parents=True)
    (site.folder / "trees/x/file").touch()
    assert site.run(state="absent")["steps"] == []
    assert "file" in site.tree()


def test_removal_stops_at_foreign_mounts(site: Site) -> None:
    site.run(layout="copy")
    point = site.folder / "trees/x/images"
    site.system.mount("-t", "tmpfs", "tmpfs", str(point))
    try:
        with pytest.raises(
            PxeError, match=f"{site.folder}/trees/x is not removed, as {point} is mounted in it"
        ):
            site.run(state="absent")
    finally:
        subprocess.run(["umount", point], check=True)
    site.run(state="absent")
    assert site.tree() == {}


# Refusals


def refused(site: Site, message: str, **params: t.Any) -> None:
    before = site.everything()
    with pytest.raises(PxeError, match=message):
        site.run(**params)
    assert site.everything() == before


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_in_the_way(site: Site, layout: str) -> None:
    (site.folder / "trees/x").mkdir(parents=True)
    (site.folder / "trees/x/file").touch()
    refused(site, r"trees/x is not empty", layout=layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_image_that_is_damaged(site: Site, layout: str) -> None:
    """Its folders are: what they say of files leads out of the image."""
    data = bytearray(site.images[1].read_bytes())
    where = data.find(b"RR\x05\x01")
    assert where > 0
    name = data.rfind(b"third.rpm", 0, len(data))
    record = data.rfind(b"N0000", 0, name) - 33
    data[record + 2 : record + 6] = b"\xff\xff\xff\x0f"
    site.images[1].write_bytes(bytes(data))
    refused(site, r"site_distributions\.x\.isos\[1\].*2\.iso.*the image ends at byte", layout=layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_images_that_are_wrong(site: Site, layout: str) -> None:
    first, _second = tree_images.el6()
    site.write(1, {**first, "Packages/bash.rpm": b"cut", "images/pxeboot/vmlinuz": b"other"})
    with pytest.raises(PxeError) as caught:
        site.run(layout=layout)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"site_distributions.x.isos[0] ({site.images[0]}): ") for line in lines)
    assert not (site.folder / "media").exists()


def test_an_image_that_is_cut_off(site: Site) -> None:
    data = site.images[1].read_bytes()
    site.images[1].write_bytes(data[:-4096])
    refused(site, r"site_distributions\.x\.isos\[1\]: .*2\.iso is incomplete")


def test_a_wrong_checksum(site: Site) -> None:
    images = [{"path": str(site.images[0]), "checksum": f"sha256:{'0' * 64}"}]
    refused(site, r"site_distributions\.x\.isos\[0\]: .*1\.iso has sha256", images=images)


def test_an_image_that_is_listed_twice(site: Site) -> None:
    images = [{"path": str(site.images[0]), "checksum": None}] * 2
    refused(site, r"isos\[1\] .*is listed twice", images=images)


def test_hard_links_do_not_cross_file_systems(site: Site) -> None:
    (site.folder / "trees").mkdir()
    site.system.mount("-t", "tmpfs", "tmpfs", str(site.folder / "trees"))
    try:
        refused(site, "are on different file systems.*choose the layout", layout="hardlink")
    finally:
        subprocess.run(["umount", site.folder / "trees"], check=True)


def test_copies_need_room(site: Site) -> None:
    (site.folder / "trees").mkdir()
    site.system.mount("-t", "tmpfs", "-o", "size=4k", "tmpfs", str(site.folder / "trees"))
    try:
        refused(site, "MiB are free; make room, or choose the layout overlay", layout="copy")
    finally:
        subprocess.run(["umount", site.folder / "trees"], check=True)


def test_createrepo_is_missed_before_anything_is_changed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(System, "createrepo_c", lambda *_words: (127, "", ""), raising=False)
    refused(site, "createrepo_c is not installed")
    # A role may be about to install it.
    assert site.run(check=True)["changed"]


def test_a_host_that_cannot_mount_is_told_the_remedy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(_run: t.Any, names: list[str]) -> None:
        raise PxeError(f"no {' and no '.join(names)}")

    monkeypatch.setattr(mount_units, "check_system", cannot)
    refused(site, r"no iso9660 and no overlay\. Or choose the layout copy")
    assert site.run(layout="copy")["changed"]


def test_warnings_are_given(site: Site) -> None:
    site.images[1].unlink()
    first, _second = tree_images.el6(all_on_first=True)
    site.write(1, first)
    assert site.run()["packages"] == 2
    assert "they are left out" in site.warnings[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_has_links_out_of_the_tree(site: Site, layout: str) -> None:
    (site.folder / "answers").mkdir()
    (site.folder / "answers/ks.cfg").write_text("secret")
    first, _second = tree_images.el6()
    links = {
        "passwd": "/etc/passwd",
        "climb": "Packages/../../../answers",
        "Packages/ks.cfg": "../../../answers/ks.cfg",
        "through": "climb/ks.cfg",
        "kept": "Packages/bash.rpm",
        "Packages/kept": "../EULA",
    }
    for image in site.images:
        image.unlink()
    site.write(1, {**first, **{path: Link(target) for path, target in links.items()}})
    site.run(layout=layout)
    tree = site.folder / "trees/x"
    assert {path.name for path in tree.rglob("*") if path.is_symlink()} == {"kept"}
    assert (tree / "kept").read_bytes() == first["Packages/bash.rpm"]
    assert not [path for path in ("passwd", "climb", "through", "Packages/ks.cfg") if (tree / path).exists()]
    assert any("has 4 links that point outside it (Packages/ks.cfg -> " in line for line in site.warnings)
    assert not site.run(layout=layout)["changed"]


def _zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-1", "--stdout"], input=data, stdout=-1, check=True).stdout


def test_a_tree_with_metadata_in_zstd(site: Site) -> None:
    """As Fedora 41 and EL 10 have them."""
    for image in site.images:
        image.unlink()
    found = tree_images.packages(["bash", "zsh"])
    rows = (tree_images.package_xml(path, name, data) for path, (name, data) in found.items())
    packed = {kind: _zstd(text) for kind, text in tree_images.metadata(rows).items()}
    files = {**tree_images.installer(discs="ALL"), **tree_images.contents(found)}
    site.write(1, {**files, **tree_images.repository(packed, pack=False)})
    assert site.run(layout="copy")["packages"] == 2
    assert json.loads((site.folder / "media/x.json").read_text())["packages"] == ["bash", "zsh"]
