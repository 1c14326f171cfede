# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import pathlib

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._tree.images import Images
from ansible_collections.netinstall.pxe.tests.unit import iso_images, tree_images


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> list[str]:
    for number, files in enumerate(tree_images.el6(), start=1):
        (tmp_path / f"{number}.iso").write_bytes(iso_images.build(files))
    return [str(tmp_path / "1.iso"), str(tmp_path / "2.iso")]


def images(
    paths: list[str], name: str | None = "site_distributions.x", checksum: str | None = None
) -> Images:
    return Images(name, [{"path": path, "checksum": checksum} for path in paths])


def test_how_messages_call_them() -> None:
    assert images(["/a.iso"]).names == ["site_distributions.x.isos[0] (/a.iso)"]
    assert images(["/a.iso"], name=None).names == ["/a.iso"]


def test_which_they_are(paths: list[str]) -> None:
    (one, first), (other, second) = images(paths).identify(None, keep=False)
    assert [one, other] == paths
    assert first != second


def test_images_that_are_refused(paths: list[str]) -> None:
    cases = {
        "^images: is empty": images([]),
        r"^site_distributions\.x\.isos\[1\] \(.*1\.iso\): is listed twice": images([paths[0], paths[0]]),
        r"^/nowhere\.iso: cannot read": images(["/nowhere.iso"], name=None),
        r"^site_distributions\.x\.isos\[0\]: .*1\.iso has sha256": images(
            paths, checksum=f"sha256:{'0' * 64}"
        ),
    }
    for message, refused in cases.items():
        with pytest.raises(PxeError, match=message):
            refused.identify(None, keep=False)


def test_a_look_at_what_is_in_them(paths: list[str]) -> None:
    with contextlib.ExitStack() as stack:
        found = images(paths).survey(stack, None, (), None)
        assert found.problems == []
        assert [repository.count for repository in found.repositories] == [4]
        # They stay open.
        assert found.read("README") == b"of disc 1"
    pathlib.Path(paths[1]).write_bytes(pathlib.Path(paths[1]).read_bytes()[:-4096])
    with (
        contextlib.ExitStack() as stack,
        pytest.raises(PxeError, match=r"^site_distributions\.x\.isos\[1\]: .* is incomplete"),
    ):
        images(paths).survey(stack, None, (), None)
