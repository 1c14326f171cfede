# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role publishes a syslinux that was built from its real source, and a machine boots its menu.

The archives that upstream publishes hold built files. The role takes these, as the guides do, and compiles nothing.
Here such an archive is made from Debian's source package, with Debian's patches for the compilers of today. It is
syslinux 6.04: upstream's own archives, 3.86 among them, are in no test.
"""

from __future__ import annotations

import os
import pathlib
import pwd
import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.sources.conftest import ACCOUNT, NEEDS, checksum, play, run
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot import (
    test_pxelinux_in_qemu as qemu,
)

pytestmark = NEEDS

# In pxelinux's banner, where others have the day on which they were made.
MARK = "made-by-our-tests"
# What pxelinux and its modules are made of: freestanding, so that gcc needs no 32-bit libraries. What there is beside
# it, for disks and for DOS, is not built.
PARTS = "codepage com32 lzo core memdisk"
# Where a build leaves what the menus and their entries need.
FILES = {
    "pxelinux.0": "core/pxelinux.0",
    "ldlinux.c32": "com32/elflink/ldlinux/ldlinux.c32",
    "libcom32.c32": "com32/lib/libcom32.c32",
    "libutil.c32": "com32/libutil/libutil.c32",
    "menu.c32": "com32/menu/menu.c32",
    "vesamenu.c32": "com32/menu/vesamenu.c32",
    "chain.c32": "com32/chain/chain.c32",
}


@pytest.fixture(scope="session")
def tree(folder: pathlib.Path, fetch: t.Callable[..., pathlib.Path]) -> pathlib.Path:
    """The source, patched and compiled by an account without rights, as role source_build does it."""
    (description,) = fetch("syslinux").glob("syslinux_*.dsc")
    account = pwd.getpwnam(ACCOUNT)
    place = folder / "syslinux"
    place.mkdir()
    os.chown(place, account.pw_uid, account.pw_gid)
    as_account = (
        *("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}"),
        *("--clear-groups", "--no-new-privs"),
        *("env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C"),
    )
    run(*as_account, "dpkg-source", "--extract", description, "unpacked", cwd=place)
    version = (place / "unpacked" / "version").read_text(encoding="utf-8").split()[0]
    unpacked = (place / "unpacked").rename(place / f"syslinux-{version}")
    make = ("make", "bios", f"BSUBDIRS={PARTS}", "ISUBDIRS=", f"DATE={MARK}", "PYTHON=python3")
    run(*as_account, *make, cwd=unpacked)
    return unpacked


@pytest.fixture(scope="session")
def published(folder: pathlib.Path, tree: pathlib.Path) -> tuple[pathlib.Path, dict[str, t.Any]]:
    """The folder that the role has filled, and what it says of it."""
    archive = folder / f"{tree.name}.tar.gz"
    # As upstream's: what was built lies among the source.
    run("tar", "--create", "--gzip", f"--file={archive}", tree.name, cwd=tree.parent)
    variables = {
        "loader_syslinux_root": str(folder / "boot"),
        "loader_syslinux_cache": str(folder / "cache-syslinux"),
        "loader_syslinux_method": "archive",
        "loader_syslinux_archive": str(archive),
        "loader_syslinux_archive_checksum": checksum(archive),
        "loader_syslinux_modules": ["menu.c32", "vesamenu.c32", "chain.c32"],
        "loader_syslinux_memory_test": "",
    }
    said = play(folder, "loader_syslinux", "loader_syslinux_published", variables)
    return folder / "boot" / "syslinux", said


def test_an_account_without_rights_built_it(tree: pathlib.Path) -> None:
    assert {(tree / "bios" / path).owner() for path in FILES.values()} == {ACCOUNT}


def test_the_role_publishes_what_the_menus_need(
    tree: pathlib.Path, published: tuple[pathlib.Path, dict[str, t.Any]]
) -> None:
    place, said = published
    assert said["version"] == tree.name.removeprefix("syslinux-")
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {
        name: (tree / "bios" / path).read_bytes() for name, path in FILES.items()
    }


def test_a_machine_boots_its_menu(
    tmp_path: pathlib.Path,
    published: tuple[pathlib.Path, dict[str, t.Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, said = published
    monkeypatch.setattr(qemu, "LOADERS", sorted(place.iterdir()))
    disk = tmp_path / "disk"
    disk.write_bytes(qemu.boot_sector())
    with qemu.served(tmp_path) as url:
        qemu.publish(tmp_path, url, "ipxe", timeout=60)
        choose = (("Automatic boot in", qemu.DOWN + "\r"),)
        boot = qemu.Boot(f"{url}/boot/boot.ipxe", qemu.COMMAND_LINE, types=choose)
        qemu.run(boot, "", disk)
    assert f"PXELINUX {said['version']} PXE {MARK}" in boot.screen, boot.screen
    assert "Install Debian" in boot.screen, boot.screen
    assert re.search(qemu.COMMAND_LINE, boot.screen), boot.screen
