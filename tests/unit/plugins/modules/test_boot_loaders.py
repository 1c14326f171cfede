# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.modules.boot_loaders import present, remove

GOOD = b"\xea\x08\x00\xc0\x07 our script".ljust(70000, b"\0")


@pytest.fixture
def built(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "good.kpxe").write_bytes(GOOD)
    (tmp_path / "bad.kpxe").write_bytes(b"<html>" * 10000)
    (tmp_path / "good.kpxe.tmp").write_bytes(b"linked: our other script")
    return tmp_path


def wanted(built: pathlib.Path, name: str = "undionly.kpxe", **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "src": str(built / "good.kpxe"), "contains": None, "contained_in": None, **more}


def test_check_then_do_then_nothing(built: pathlib.Path) -> None:
    root = built / "boot"
    checked = present(str(root), [wanted(built)], check=True)
    assert not root.exists()
    done = present(str(root), [wanted(built)], check=False)
    assert checked == done
    assert done["created"] == ["undionly.kpxe"]
    assert done["loaders"] == [
        {"name": "undionly.kpxe", "size": 70000, "format": "pxe", "architecture": "i386"}
    ]
    assert (root / "undionly.kpxe").read_bytes() == GOOD
    assert present(str(root), [wanted(built)], check=False)["changed"] is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"src": "bad.kpxe"}, "not with a jump"),
        ({"src": "none.kpxe"}, "No such file"),
        ({"src": None}, "src is missing"),
        ({"contains": "another"}, "the script is not inside"),
        ({"contains": "our script", "contained_in": "good.kpxe.tmp"}, "the script is not inside"),
        ({"name": "../up.kpxe"}, "not a path below"),
    ],
)
def test_one_bad_loader_stops_all(built: pathlib.Path, changes: dict[str, t.Any], words: str) -> None:
    paths = {
        key: str(built / value) if key in ("src", "contained_in") and value else value
        for key, value in changes.items()
    }
    with pytest.raises(PxeError, match=words):
        present(
            str(built / "boot"),
            [wanted(built), wanted(built, **{"name": "b.kpxe", **changes, **paths})],
            check=False,
        )
    assert not (built / "boot").exists()


def test_the_script_is_looked_for_where_it_is_readable(built: pathlib.Path) -> None:
    present(str(built / "boot"), [wanted(built, contains="our script")], check=False)
    elsewhere = wanted(built, contains="our other", contained_in=str(built / "good.kpxe.tmp"))
    assert present(str(built / "boot"), [elsewhere], check=False)["changed"] is False


def test_remove(built: pathlib.Path) -> None:
    root = built / "boot"
    assert remove(str(root), ["undionly.kpxe"], check=False)["changed"] is False
    present(str(root), [wanted(built), wanted(built, "arm64/x.kpxe")], check=False)
    (root / "mine").write_text("mine")
    assert sorted(remove(str(root), ["undionly.kpxe", "arm64/x.kpxe"], check=True)["removed"]) == [
        "arm64/x.kpxe",
        "undionly.kpxe",
    ]
    remove(str(root), ["undionly.kpxe", "arm64/x.kpxe"], check=False)
    assert [path.name for path in root.iterdir()] == ["mine"]


def test_modules_that_do_not_fit_their_pxelinux_stop_all(built: pathlib.Path) -> None:
    (built / "pxelinux.0").write_bytes(GOOD[:100] + b"PXELINUX 3.86 " + GOOD[100:])
    (built / "old.c32").write_bytes(b"\xb8\xff\x4c\xcd\x21")
    (built / "new.c32").write_bytes(b"\x7fELF\x01\x01".ljust(16, b"\0") + b"\x03\0\x03\0")
    loader = wanted(built, "syslinux/pxelinux.0", src=str(built / "pxelinux.0"))
    root = built / "boot"
    with pytest.raises(PxeError, match="cannot load: take all files from one version"):
        present(
            str(root), [loader, wanted(built, "syslinux/menu.c32", src=str(built / "new.c32"))], check=False
        )
    assert not root.exists()
    fits = [loader, wanted(built, "syslinux/menu.c32", src=str(built / "old.c32"))]
    assert present(str(root), fits, check=False)["syslinux"] == {"syslinux": "3.86"}
