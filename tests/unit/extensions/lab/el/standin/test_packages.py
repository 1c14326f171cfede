# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories and the words for dnf, decided from real kickstarts."""

from __future__ import annotations

import pathlib

import _el_iso
import _el_packages
import pytest
from el.standin import kickstart, packages, storage
from el.standin.console import FailedError

TREE = "http://10.77.0.1/trees/el"
PLAN = storage.Plan({"vda": [storage.Piece("/dev/vda1", 9, storage.Wish("/", "ext4"))]}, {}, {}, [], "vda")


def handler(tmp_path: pathlib.Path, text: str, release: int = 9) -> object:
    """Return a kickstart as pykickstart reads it."""
    path = tmp_path / "ks.cfg"
    path.write_text(text)
    return kickstart.read_all(str(path), release, lambda _text: None)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("el6", [("anaconda", TREE)]),
        ("el7", [("anaconda", TREE)]),
        ("el9", [("AppStream", f"{TREE}/AppStream"), ("BaseOS", f"{TREE}/BaseOS")]),
    ],
)
def test_repositories_of_a_tree(name: str, found: list[tuple[str, str]]) -> None:
    treeinfo = _el_iso.treeinfo(_el_packages.RELEASES[name], {})
    assert [(one.name, one.url) for one in packages.repositories(TREE, treeinfo, ())] == found


def test_repositories_of_the_kickstart(tmp_path: pathlib.Path) -> None:
    read = handler(tmp_path, "repo --name=more --baseurl=http://x/more/ --includepkgs=a*,b --excludepkgs=c\n")
    found = packages.repositories(TREE, "", kickstart.command(read, "repo", "repoList"))
    assert found[-1] == packages.Repository("more", "http://x/more", ("a*", "b"), ("c",))


@pytest.mark.parametrize(
    ("text", "given", "found"),
    [
        (f"url --url={TREE}/\n", "", TREE),
        (f"url --url={TREE}\n", "http://other/tree", "http://other/tree"),
        ("", "ftp://x/tree", "ftp://x/tree"),
    ],
)
def test_install_tree(tmp_path: pathlib.Path, text: str, given: str, found: str) -> None:
    assert packages.tree(handler(tmp_path, text), given) == found


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [("", "", "has no url"), ("", "hd:sda1:/srv", "http, https, ftp and nfs only")],
)
def test_no_install_tree(tmp_path: pathlib.Path, text: str, given: str, message: str) -> None:
    with pytest.raises(FailedError, match=message):
        packages.tree(handler(tmp_path, text), given)


@pytest.mark.parametrize(
    ("release", "uefi", "section", "found"),
    [
        (6, False, "%packages\n@Base\n@Core\n%end\n", ["@Base", "@Core", "e2fsprogs", "grub", "kernel"]),
        (
            7,
            True,
            "%packages\n@^minimal\nlrzsz\nkernel\n%end\n",
            [
                "@minimal",
                "@core",
                "e2fsprogs",
                "efibootmgr",
                "grub2-efi-x64",
                "kernel",
                "lrzsz",
                "shim-x64",
            ],
        ),
        (6, False, "%packages\ntree\n%end\n", ["@base", "@core", "e2fsprogs", "grub", "kernel", "tree"]),
        (6, False, "%packages --nobase\n%end\n", ["@core", "e2fsprogs", "grub", "kernel"]),
        (9, False, "%packages --nocore\nbash\n%end\n", ["bash", "e2fsprogs", "grub2-pc", "kernel"]),
        (9, False, "", ["@core", "e2fsprogs", "grub2-pc", "kernel"]),
    ],
)
def test_what_is_asked_for(
    tmp_path: pathlib.Path, release: int, uefi: bool, section: str, found: list[str]
) -> None:
    read = handler(tmp_path, section, release)
    assert packages.wanted(read.packages, PLAN, release, uefi) == found  # type: ignore[attr-defined]


def dnf(tmp_path: pathlib.Path, section: str) -> list[str]:
    """Return the command for a %packages section."""
    read = handler(tmp_path, section)
    repos = [packages.Repository("a", "http://x/a", ("b*",), ("c", "d"))]
    return packages.dnf_words("/mnt", 9, repos, read.packages, ["@core"])  # type: ignore[attr-defined]


def test_words_for_dnf(tmp_path: pathlib.Path) -> None:
    words = dnf(tmp_path, "%packages\n@core\n-strace\n%end\n")
    assert words[-3:] == ["--exclude=strace", "install", "@core"]
    for word in (
        "--installroot=/mnt",
        "--releasever=9",
        "--repofrompath=a,http://x/a",
        "--setopt=a.includepkgs=b*",
        "--setopt=a.excludepkgs=c,d",
        "--setopt=module_platform_id=platform:el9",
        "--setopt=strict=True",
    ):
        assert word in words


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ("%packages --ignoremissing\nx\n%end\n", "--setopt=strict=False"),
        ("%packages\n@base --optional\n%end\n", "--setopt=group_package_types=mandatory,default,optional"),
        ("%packages --excludedocs\n@base\n%end\n", "--setopt=tsflags=nodocs"),
    ],
)
def test_options_of_the_section(tmp_path: pathlib.Path, section: str, word: str) -> None:
    assert word in dnf(tmp_path, section)
    assert word not in dnf(tmp_path, "%packages\n@core\n%end\n")
