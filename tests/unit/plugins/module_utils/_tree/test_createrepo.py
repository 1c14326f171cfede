# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import pathlib
import shutil
import subprocess

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import createrepo
from ansible_collections.netinstall.pxe.plugins.module_utils._tree import repodata as _repodata
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.repoxml import Package
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.survey import survey
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.tree import Survey
from ansible_collections.netinstall.pxe.tests.unit import tree_images
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Content

needs_createrepo = pytest.mark.skipif(not shutil.which("createrepo_c"), reason="no createrepo_c here")


def run(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def look(*discs: dict[str, Content]) -> Survey:
    return survey(
        [tree_images.image(files) for files in discs], [f"disc {number}" for number in range(len(discs))]
    )


class Places:
    """Writes packages where createrepo_c can read them, and remembers which it was."""

    def __init__(self, found: Survey, folder: pathlib.Path) -> None:
        self.found, self.folder, self.asked = found, folder, set[str]()

    def __call__(self, path: str) -> str:
        self.asked.add(path)
        place = self.folder / path.replace("/", "_")
        place.write_bytes(self.found.read(path) or b"")
        return str(place)


def make(found: Survey, tmp_path: pathlib.Path, number: int = 0) -> tuple[_repodata.Repodata, set[str]]:
    work, places = tmp_path / "work", tmp_path / "places"
    work.mkdir()
    places.mkdir()
    place = Places(found, places)
    return createrepo.make(run, found, found.merged[number], str(work), place), place.asked


def expected() -> set[Package]:
    everything = tree_images.packages(["bash", "setup", "second", "third"])
    return {
        Package(name, "noarch", path, len(data), ("sha256", hashlib.sha256(data).hexdigest()))
        for path, (name, data) in everything.items()
    }


@needs_createrepo
@pytest.mark.parametrize("all_on_first", [False, True])
@pytest.mark.parametrize("second_has_metadata", [False, True])
def test_both_discs_in_one_repository(
    tmp_path: pathlib.Path, second_has_metadata: bool, all_on_first: bool
) -> None:
    found, asked = make(look(*tree_images.el6(second_has_metadata, all_on_first)), tmp_path)
    assert set(found.packages) == expected()
    assert found.groups["core"].packages["mandatory"] == ["bash"]
    # Only what no disc describes was opened.
    known = second_has_metadata or all_on_first
    assert asked == (set() if known else {"Packages/second.rpm", "Packages/third.rpm"})
    kinds = {file.type: file for file in found.files}
    assert kinds["group"].href.endswith(".xml")
    assert all(kinds[kind].href.endswith(".xml.gz") for kind in ("primary", "filelists", "other"))
    assert not any(kind.endswith("_db") for kind in kinds)


@needs_createrepo
def test_lists_of_files_stay(tmp_path: pathlib.Path) -> None:
    found, _asked = make(look(*tree_images.el6()), tmp_path)
    data = _repodata.raw(lambda path: (tmp_path / "work" / path).read_bytes(), found.files, "filelists")
    assert data
    assert all(
        f"<file>/usr/bin/{name}</file>".encode() in data for name in ("bash", "setup", "second", "third")
    )


@needs_createrepo
def test_no_disc_is_named(tmp_path: pathlib.Path) -> None:
    found, _asked = make(look(*tree_images.el6(all_on_first=True)), tmp_path)
    data = _repodata.raw(lambda path: (tmp_path / "work" / path).read_bytes(), found.files, "primary")
    assert data
    assert b"media:" not in data
    assert data.count(b"of disc metadata") == 4


@needs_createrepo
def test_modules_of_all_discs(tmp_path: pathlib.Path) -> None:
    found, _asked = make(look(*tree_images.el9()), tmp_path)
    assert found.modules == ["first:1", "second:1"]
    assert {package.href for package in found.packages} == {"Packages/o/one.rpm", "Packages/t/two.rpm"}


@needs_createrepo
def test_the_same_discs_give_the_same_files(tmp_path: pathlib.Path) -> None:
    texts = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        make(look(*tree_images.el9()), folder)
        repodata = folder / "work" / "repodata"
        texts.append({path.name: path.read_bytes() for path in repodata.iterdir()})
    assert texts[0] == texts[1]


@needs_createrepo
def test_a_package_that_is_none_is_named(tmp_path: pathlib.Path) -> None:
    first, second = tree_images.el6(second_has_metadata=False)
    found = look(first, {**second, "Packages/third.rpm": b"not a package"})
    with pytest.raises(PxeError, match=r"list 3 packages; the tree has 4.*failed for Packages/third\.rpm"):
        make(found, tmp_path)


# What other versions do


def answers(wanted: dict[str, tuple[int, str, str]]) -> createrepo.Runner:
    """A runner that answers by program and first option, and runs what is not named."""

    def stand_in(command: list[str]) -> tuple[int, str, str]:
        return wanted.get(" ".join(command[:2])) or wanted.get(command[0]) or run(command)

    return stand_in


def test_programs_that_are_missing_are_named() -> None:
    with pytest.raises(PxeError, match=r"modifyrepo_c is not installed.*createrepo-c \(Debian, Ubuntu\)"):
        createrepo.check_programs(
            answers({"createrepo_c": (0, "", ""), "modifyrepo_c": (127, "", "modifyrepo_c is not installed")})
        )


def test_what_createrepo_says_when_it_fails_is_told(tmp_path: pathlib.Path) -> None:
    found = look(*tree_images.el6())
    failing = answers({"createrepo_c --help": (0, "", ""), "createrepo_c": (1, "", "no room\n")})
    with pytest.raises(PxeError, match=r"createrepo_c fails \(status 1\): no room"):
        createrepo.make(failing, found, found.merged[0], str(tmp_path), str)


def test_options_that_a_version_does_not_know_are_left_out(tmp_path: pathlib.Path) -> None:
    found = look(*tree_images.el6())
    commands = []

    def remember(command: list[str]) -> tuple[int, str, str]:
        commands.append(command)
        return (0, "--compatibility --no-database", "") if "--help" in command else (1, "", "")

    with pytest.raises(PxeError):
        createrepo.make(remember, found, found.merged[0], str(tmp_path), str)
    words = commands[-1]
    assert "--compatibility" in words
    assert not any("compress" in word for word in words)
    assert f"--groupfile={tmp_path}/comps.xml" in words
    assert "--revision=1463887421" in words


def without_sha1(command: list[str]) -> tuple[int, str, str]:
    """As of a createrepo_c that is built without it."""
    return (1, "", "Unknown/Unsupported checksum type") if "--checksum=sha" in command else run(command)


def el5(second_has_metadata: bool) -> Survey:
    first, second = tree_images.el6(second_has_metadata)
    files = {path: data for path, data in first.items() if not path.startswith("repodata/")}
    one = tree_images.packages(["bash", "setup"])
    return look(
        {**files, **tree_images.repository_of(one, group=tree_images.COMPS.encode(), algorithm="sha")}, second
    )


@needs_createrepo
def test_sha1_without_createrepos_help(tmp_path: pathlib.Path) -> None:
    found = el5(second_has_metadata=True)
    made = createrepo.make(without_sha1, found, found.merged[0], str(tmp_path), str)
    assert {file.checksum[0] for file in made.files} == {"sha"}
    # read_folder has compared all files with them, but not what is in these.
    text = (tmp_path / "repodata/repomd.xml").read_text()
    data = _repodata.raw(lambda path: (tmp_path / path).read_bytes(), made.files, "primary")
    assert f'<open-checksum type="sha">{hashlib.sha1(data or b"").hexdigest()}<' in text


@needs_createrepo
def test_packages_that_only_sha1_would_do_for_are_named(tmp_path: pathlib.Path) -> None:
    found = el5(second_has_metadata=False)
    places = Places(found, tmp_path / "places")
    places.folder.mkdir()
    (tmp_path / "work").mkdir()
    with pytest.raises(PxeError, match=r"is built without SHA-1.*Packages/second\.rpm"):
        createrepo.make(without_sha1, found, found.merged[0], str(tmp_path / "work"), places)


@needs_createrepo
def test_groups_are_there_unpacked_whatever_createrepo_does(tmp_path: pathlib.Path) -> None:
    """createrepo_c 1.0.0 to 1.0.3 have them packed only."""
    found = look(*tree_images.el6())
    added = []

    def packed_only(command: list[str]) -> tuple[int, str, str]:
        if command[0] == "modifyrepo_c":
            added.append(command[1])
        words = [word for word in command if not word.startswith("--groupfile")]
        return run(words)

    made = createrepo.make(packed_only, found, found.merged[0], str(tmp_path), str)
    assert added == ["--mdtype=group"]
    assert "core" in made.groups
    assert [file.href.endswith(".xml") for file in made.files if file.type == "group"] == [True]
