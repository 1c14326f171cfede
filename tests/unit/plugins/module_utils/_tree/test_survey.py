# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.survey import survey
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.tree import SMALL, Clash, Survey
from ansible_collections.netinstall.pxe.tests.unit import tree_images
from ansible_collections.netinstall.pxe.tests.unit.iso_images import Link
from ansible_collections.netinstall.pxe.tests.unit.tree_images import Files, image

Change = dict[str, t.Any]


def changed(files: Files, change: Change) -> Files:
    """The same disc with other files; ``None`` takes one away."""
    return {path: data for path, data in {**files, **change}.items() if data is not None}


def text_of(files: Files, path: str) -> str:
    content = files[path]
    assert isinstance(content, bytes)
    return content.decode()


def look(*discs: Files, **more: t.Any) -> Survey:
    names = [f"isos[{number}]" for number in range(len(discs))]
    return survey([image(files) for files in discs], names, **more)


def whole() -> Files:
    """A single disc that is all of its release."""
    one = tree_images.packages(["bash"])
    return {
        **tree_images.installer(discs="ALL"),
        **tree_images.repository_of(one, group=tree_images.COMPS.encode()),
        **tree_images.contents(one),
        "TRANS.TBL": b"table",
    }


def test_a_single_image_is_the_tree() -> None:
    found = look(whole())
    assert (found.single_image, found.problems, found.warnings, found.clashes) == (True, [], [], [])
    assert (found.kernel, found.initrd) == ("images/pxeboot/vmlinuz", ["images/pxeboot/initrd.img"])
    assert found.stage2 == "images/install.img"
    assert [(one.path, one.id, one.count, one.merge) for one in found.repositories] == [
        ("", "base", 1, False)
    ]
    assert (found.dropped, found.texts({})) == ([], {})


@pytest.mark.parametrize("second_has_metadata", [True, False])
def test_two_discs_of_el6(second_has_metadata: bool) -> None:
    found = look(*tree_images.el6(second_has_metadata))
    assert (found.single_image, found.problems, found.warnings) == (False, [], [])
    (repository,) = found.merged
    assert repository.chosen == {
        "Packages/bash.rpm": 0,
        "Packages/setup.rpm": 0,
        **({"Packages/second.rpm": 1, "Packages/third.rpm": 1} if second_has_metadata else {}),
    }
    unlisted = [] if second_has_metadata else ["Packages/second.rpm", "Packages/third.rpm"]
    assert sorted(repository.unlisted) == unlisted
    assert found.clashes == [Clash("README", 1, 2)]
    assert {"TRANS.TBL", "Packages/TRANS.TBL", "repodata/repomd.xml"} <= set(found.dropped)
    assert all(path.startswith("repodata/") or path.endswith("TRANS.TBL") for path in found.dropped)


def test_two_discs_of_el6_whose_first_lists_both() -> None:
    first, second = tree_images.el6(second_has_metadata=False, all_on_first=True)
    (repository,) = look(first, second).merged
    assert set(repository.chosen.values()) == {0}
    assert len(repository.chosen) == 4
    assert repository.unlisted == []


def test_the_second_disc_may_be_missing() -> None:
    found = look(tree_images.el6(all_on_first=True)[0])
    assert (found.single_image, found.problems) == (False, [])
    assert sorted(found.merged[0].chosen) == ["Packages/bash.rpm", "Packages/setup.rpm"]
    (warning,) = found.warnings
    assert "2 packages that are on none of the images (Packages/second.rpm, Packages/third.rpm)" in warning
    assert "List the discs" in warning


def test_what_the_tree_says_of_itself() -> None:
    texts = look(*tree_images.el6()).texts(
        {"repodata/repomd.xml": "ab" * 32, "x/repodata/repomd.xml": "cd" * 32}
    )
    assert texts[".discinfo"] == b"1463887421.60\nFinal\nx86_64\nALL\n"
    lines = texts[".treeinfo"].decode().splitlines()
    before = text_of(tree_images.el6()[0], ".treeinfo").splitlines()
    assert sorted(set(lines) - set(before)) == [f"repodata/repomd.xml = sha256:{'ab' * 32}", "totaldiscs = 1"]
    assert len(lines) == len(before)


def test_two_discs_of_el9() -> None:
    found = look(*tree_images.el9())
    assert (found.problems, found.warnings, found.clashes) == ([], [], [])
    assert [(one.path, one.id, one.merge) for one in found.repositories] == [
        ("AppStream", "AppStream", True),
        ("BaseOS", "BaseOS", False),
    ]
    assert found.extras(found.merged[0])["modules"].count(b"document: modulemd") == 2
    assert found.comps(found.merged[0]) is None
    assert all(path.startswith("AppStream/repodata/") for path in found.dropped)


@pytest.mark.parametrize(
    ("version", "section", "enabled"),
    [
        # anaconda, rhel7-branch, yumpayload.py: "Addons are added to the kickstart, but are disabled by default".
        ("7.9", "[addon-Server-HA]\nrepository = HA\n", False),
        ("6.10", "[addon-HA]\nrepository = HA/repodata\n", False),
        ("8.5", "[addon-HA]\nrepository = HA\n", True),
        ("8.5", "[variant-HA]\nrepository = HA\n", True),
        # Beside those that .treeinfo names.
        ("9.4", "", False),
        ("7.9", "", False),
    ],
)
def test_repositories_that_the_installer_uses(version: str, section: str, enabled: bool) -> None:
    base, addon = tree_images.packages(["bash"], "Server/p"), tree_images.packages(["pacemaker"], "HA/p")
    treeinfo = (
        tree_images.TREEINFO.replace("6.8", version) + tree_images.VARIANT.format(name="Server") + section
    )
    files = {
        **tree_images.installer(treeinfo, discs="ALL"),
        **tree_images.repository_of(base, "Server"),
        **tree_images.repository_of(addon, "HA"),
        **tree_images.contents({**base, **addon}),
    }
    found = {one.path: one.enabled for one in look(files).repositories}
    assert found == {"Server": True, "HA": enabled}


def test_where_treeinfo_names_no_repository_all_are_used() -> None:
    files = {**whole(), **tree_images.repository_of(tree_images.packages(["x"], "VT/p"), "VT")}
    assert all(one.enabled for one in look(files).repositories)


def test_a_package_of_a_disc_with_its_own_repositories_stays_out_of_others() -> None:
    first, second = tree_images.el9()
    extra = tree_images.contents(tree_images.packages(["lost"], "Extra"))
    found = look(first, {**second, **extra})
    assert found.problems == []
    assert found.warnings == ["isos[1]: 1 packages lie outside of every repository (Extra/lost.rpm)"]


def test_packages_that_a_link_leads_to() -> None:
    one = tree_images.packages(["bash"], "Server/Packages")
    files = {
        **tree_images.installer(discs="ALL"),
        **tree_images.repository_of(one, "Server"),
        **{f"Packages/{path.rpartition('/')[2]}": data for path, data in tree_images.contents(one).items()},
        "Server/Packages": Link("../Packages"),
    }
    found = look(files)
    assert (found.problems, found.repositories[0].count, found.single_image) == ([], 1, True)


def test_of_a_package_that_two_discs_have_differently_the_first_is_taken() -> None:
    first, second = tree_images.el6()
    other = tree_images.packages(["bash"])["Packages/bash.rpm"][1] + b"longer"
    found = look(first, changed(second, {"Packages/bash.rpm": other}))
    assert found.problems == []
    assert Clash("Packages/bash.rpm", 1, 2) in found.clashes
    assert found.merged[0].chosen["Packages/bash.rpm"] == 0


def test_a_package_that_only_the_other_discs_metadata_describe_is_read_anew() -> None:
    """Of both discs' files of that name, only the one that is not seen is described."""
    first, second = tree_images.el6()
    first = changed(first, {"Packages/second.rpm": b"of disc 1, which does not list it"})
    found = look(first, second)
    assert found.problems == []
    assert found.merged[0].unlisted == ["Packages/second.rpm"]


def primary_of(files: Files) -> str:
    return next(path for path in files if path.endswith("primary.xml.gz"))


ANOTHER = b"1463887421.60\nAnother 7\nx86_64\n2\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"Packages/bash.rpm": b"cut"},
            r"isos\[0\]: Packages/bash.rpm has 3 bytes, not \d+ as repodata says",
        ),
        (
            {"images/pxeboot/vmlinuz": b"other"},
            r"isos\[0\]: images/pxeboot/vmlinuz has sha256 .* it is damaged",
        ),
        (
            {"images/pxeboot/initrd.img": None},
            r"isos\[0\]: has no file 'images/pxeboot/initrd.img', which is its init",
        ),
        ({"images/install.img": None}, r"isos\[0\]: has no file 'images/install.img', which is its stage 2"),
        ({".treeinfo": b"[nothing]\n"}, r"isos\[0\]: .treeinfo has neither"),
        ({".treeinfo": None}, r"isos\[0\]: carries no known installer.*list disc 1 first"),
        ({"PRIMARY": b"cut"}, r"isos\[0\]: repodata/.*primary.xml.gz has sha256 .* it is damaged"),
        ({"PRIMARY": None}, r"isos\[0\]: repodata/.*primary.xml.gz is missing"),
    ],
)
def test_what_is_wrong_with_the_first_disc(change: Change, message: str) -> None:
    first, second = tree_images.el6()
    change = {primary_of(first) if path == "PRIMARY" else path: data for path, data in change.items()}
    found = look(changed(first, change), second)
    assert found.problems
    assert re.search(message, "\n".join(found.problems))


def test_all_mistakes_are_told_at_once() -> None:
    first, second = tree_images.el6()
    change: Change = {
        "images/pxeboot/vmlinuz": b"other",
        "images/install.img": None,
        "Packages/bash.rpm": b"",
    }
    found = look(changed(first, change), changed(second, {".discinfo": ANOTHER, "Packages/third.rpm": None}))
    assert len(found.problems) == 4
    assert any("isos[1]: is of 'Another 7' for x86_64" in problem for problem in found.problems)


@pytest.mark.parametrize(
    ("discinfo", "message"),
    [
        ("1463887421.60\nFinal\ni386\n2\n", "is of 'Final' for i386, but isos[0] is of 'Final' for x86_64"),
        ("1463887421.60\nFinal\nx86_64\n1\n", "is disc 1 of its set, and so is isos[0]"),
        ("1463887421.60\nFinal\nx86_64\n0\n", "is disc 0 of its set, but isos[0] is disc 1; list them in"),
    ],
)
def test_discs_that_do_not_belong_together(discinfo: str, message: str) -> None:
    first, second = tree_images.el6()
    (problem,) = look(first, changed(second, {".discinfo": discinfo.encode()})).problems
    assert problem.startswith(f"isos[1]: {message}")


@pytest.mark.parametrize("files", [{".disk/info": b"Debian"}, {"EULA": b"the same"}])
def test_a_further_disc_that_is_none(files: Files) -> None:
    first, _second = tree_images.el6()
    (problem,) = look(first, files).problems
    assert problem.startswith("isos[1]: is not a further disc of isos[0]")


def test_a_further_disc_may_hold_only_packages() -> None:
    first, _second = tree_images.el6()
    found = look(first, tree_images.contents(tree_images.packages(["more"])))
    assert (found.problems, found.merged[0].unlisted) == ([], ["Packages/more.rpm"])


def test_a_whole_disc_must_have_all_that_it_lists() -> None:
    (problem,) = look(changed(whole(), {"Packages/bash.rpm": None})).problems
    assert "repodata lists 1 packages that are on none of the images (Packages/bash.rpm)" in problem


def test_a_repository_that_treeinfo_names_must_be_there() -> None:
    first, _second = tree_images.el9()
    files = {path: data for path, data in first.items() if not path.startswith("AppStream/repodata")}
    assert "isos[0]: .treeinfo names the repository 'AppStream', which has no repodata/repomd.xml" in (
        look(files).problems
    )


def test_an_image_without_packages_is_told_but_served() -> None:
    found = look(tree_images.installer(discs="ALL"))
    assert (found.single_image, found.problems) == (True, [])
    (warning,) = found.warnings
    assert warning.startswith("isos[0]: holds no packages: it is a boot or netinst image")


def test_kernel_and_initrd_by_hand() -> None:
    files: Files = {"linux": b"k", "rd": b"i"}
    found = look(files, kernel="linux", initrd=["rd"])
    assert (found.kernel, found.initrd, found.problems, found.warnings) == ("linux", ["rd"], [], [])
    assert "has no file 'no', which is its kernel" in look(files, kernel="no", initrd=["rd"]).problems[0]


def test_a_wrong_checksum_of_what_nobody_needs_is_only_told() -> None:
    files = whole()
    text = text_of(files, ".treeinfo")
    files = {**files, ".treeinfo": f"{text}TRANS.TBL = sha256:{'0' * 64}\nREADME = rot13:00\n".encode()}
    found = look({**files, "README": b"x"})
    assert found.problems == []
    assert "TRANS.TBL has sha256" in found.warnings[0]


def test_metadata_that_point_outside_cannot_be_joined() -> None:
    first, second = tree_images.el9()
    outside = tree_images.packages(["out"], "Other")
    rows = [tree_images.package_xml("../Other/out.rpm", "out", outside["Other/out.rpm"][1])]
    files = tree_images.repository(tree_images.metadata(rows), "AppStream")
    first = {path: data for path, data in first.items() if not path.startswith("AppStream/")}
    found = look({**first, **files, **tree_images.contents(outside)}, second)
    assert "lists packages outside of its repository" in found.problems[0]
    alone = look({**first, **files, **tree_images.contents(outside)})
    assert (alone.problems, alone.single_image) == ([], True)


def test_plain_text_metadata_of_any_size_are_read() -> None:
    one = tree_images.packages(["bash"])
    files = {
        **tree_images.installer(discs="ALL"),
        **tree_images.repository_of(one, pack=False, algorithm="sha"),
        **tree_images.contents(one),
    }
    found = look(files)
    assert (found.problems, found.repositories[0].algorithm) == ([], "sha")


def test_discs_of_two_products_are_refused_by_name() -> None:
    first, second = tree_images.el6()
    other = {**second, "media.repo": b"[InstallMedia]\nname=Rocky Linux 6.8\n"}
    (problem,) = look(first, other).problems
    assert problem.startswith(
        "isos[1]: is of Rocky Linux, but isos[0] is of CentOS; give the discs of one product"
    )
    same = {**second, "media.repo": b"[InstallMedia]\nname=CentOS-6 disc 2\n"}
    assert look(first, same).problems == []


def test_an_absurdly_large_treeinfo_is_a_problem() -> None:
    first, _second = tree_images.el6()
    found = look({**first, ".treeinfo": b"[general]\n" * 200_000})
    assert any(".treeinfo is larger than 1 MiB" in problem for problem in found.problems)


def test_small_files_are_read_in_bounds() -> None:
    """Whatever an image says of their size."""
    files = {**whole(), "just": b"x" * SMALL, "larger": b"x" * (SMALL + 1)}
    found = look(files)
    assert SMALL == 1 << 20
    assert found.read("just") == files["just"]
    with pytest.raises(PxeError, match="larger is larger than 1 MiB: the image is damaged"):
        found.read("larger")
