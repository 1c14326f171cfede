# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mirrors with .treeinfo say; test__mirrors.py and test_netboot_tree.py ask for more."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Installer, Mirror
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_mirror import find_on_mirror

DESCRIBED: dict[str, t.Any] = {
    "mirror": "http://mirror.example/os",
    "architecture": None,
}
TREEINFO = """\
[general]
family = Fedora
version = 8
arch = x86_64
[images-x86_64]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img
[checksums]
images/pxeboot/vmlinuz = {sha1}
images/pxeboot/initrd.img = crc32:00000000
"""


def find(**files: bytes) -> Installer:
    mirror = Mirror(
        lambda url, limit: files.get(url.rpartition("/")[2].strip(".")),
        lambda _signed: ("", False),
        lambda _found: None,
    )
    return find_on_mirror(DESCRIBED, mirror)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "has no .treeinfo"),
        (b"<html>Not found</html>", "http://mirror.example/os: .treeinfo cannot be read"),
        (b"[general]\nfamily = Fedora\nversion = 8\n", "names no kernel and initrd"),
    ],
)
def test_what_is_no_tree(text: bytes, said: str) -> None:
    with pytest.raises(PxeError) as raised:
        find(**({"treeinfo": text} if text else {}))
    assert said in str(raised.value)


def test_algorithms_whose_digests_have_no_length_are_none() -> None:
    text = TREEINFO.format(sha1="shake_128:00").encode()
    found = find(treeinfo=text)
    assert found.checksums == {}


def test_one_file_for_both() -> None:
    text = TREEINFO.replace("initrd.img", "vmlinuz").format(sha1="md5:00").encode()
    found = find(treeinfo=text)
    assert found.kernel == found.initrd


def test_another_release_is_refused_before_anything_else() -> None:
    asked: list[dict[str, t.Any]] = []

    def refuse(found: dict[str, t.Any]) -> None:
        asked.append(found)
        raise PxeError("is another one")

    text = TREEINFO.partition("[images")[0].encode()
    mirror = Mirror(lambda _url, _limit: text, lambda _signed: ("", False), refuse)
    with pytest.raises(PxeError, match="is another one"):
        find_on_mirror({**DESCRIBED, "architecture": "aarch64"}, mirror)
    assert asked == [{"family": "redhat", "product": "Fedora", "version": "8"}]
