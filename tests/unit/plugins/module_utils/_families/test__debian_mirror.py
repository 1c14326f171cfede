# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mirrors of Debian say; test_netboot_tree.py asks real ones, with signatures."""

from __future__ import annotations

import hashlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Installer, Mirror
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_mirror import find_on_mirror

BASE = "http://mirror.example/debian"
DESCRIBED: dict[str, t.Any] = {
    "mirror": BASE,
    "distribution": "debian-13",
    "version": None,
    "suite": None,
    "architecture": None,
}
IMAGES = "main/installer-amd64/current/images"
KERNEL, INITRD = (f"netboot/debian-installer/amd64/{name}" for name in ("linux", "initrd.gz"))
SUMS = f"{'1' * 64}  ./{KERNEL}\n{'2' * 64}  ./{INITRD}\n"


def release(sums: str = SUMS, suite: str = "trixie") -> str:
    digest = hashlib.sha256(sums.encode()).hexdigest()
    return f"Suite: stable\nVersion: 13.1\nCodename: {suite}\nSHA256:\n {digest} 99 {IMAGES}/SHA256SUMS\n"


def find(described: dict[str, t.Any] | None = None, said: str = "", sums: str = SUMS) -> Installer:
    suite = f"{BASE}/dists/trixie"
    files = {f"{suite}/InRelease": said or release(), f"{suite}/{IMAGES}/SHA256SUMS": sums}
    mirror = Mirror(
        lambda url, _limit: files[url].encode() if url in files else None,
        lambda signed: (signed.decode(), True),
        lambda _found: None,
    )
    return find_on_mirror(described or DESCRIBED, mirror)


@pytest.mark.parametrize(
    "changes",
    [{}, {"suite": "trixie", "distribution": "debian"}, {"distribution": "debian", "version": "13.1"}],
)
def test_the_release_is_the_one_that_is_named(changes: dict[str, t.Any]) -> None:
    found = find({**DESCRIBED, **changes})
    assert found.kernel == f"{BASE}/dists/trixie/{IMAGES}/{KERNEL}"
    assert found.initrd == f"{BASE}/dists/trixie/{IMAGES}/{INITRD}"
    assert list(found.checksums.values()) == [f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"]
    assert found.facts == {"version": "13.1", "codename": "trixie", "architecture": "amd64"}
    assert found.signed is True


@pytest.mark.parametrize(
    ("changes", "said", "sums", "mistake"),
    [
        ({"distribution": "debian-12"}, "", SUMS, "dists/bookworm has neither InRelease nor Release"),
        ({}, release(suite="forky"), SUMS, "dists/trixie is of forky"),
        ({"architecture": "arm64"}, "", SUMS, "has no installer for arm64"),
        ({}, "", f"{SUMS}# another one", "is not the file that Release names"),
        ({}, release("nothing"), "nothing", "does not list netboot/debian-installer/amd64/linux"),
    ],
)
def test_what_is_not_there(changes: dict[str, t.Any], said: str, sums: str, mistake: str) -> None:
    with pytest.raises(PxeError, match=mistake):
        find({**DESCRIBED, **changes}, said, sums)
