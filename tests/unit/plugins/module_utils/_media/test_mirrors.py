# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mirrors say; test_netboot_tree.py asks real ones."""

from __future__ import annotations

import contextlib
import hashlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Fetch
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mirrors
from ansible_collections.netinstall.pxe.plugins.module_utils._media.signatures import unverified
from hypothesis import given
from hypothesis import strategies as st

DESCRIBED: dict[str, t.Any] = {
    "mirror": "http://mirror.example/os",
    "family": "redhat",
    "distribution": "fedora-8",
    "version": None,
    "suite": None,
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


def serving(**files: bytes) -> Fetch:
    return lambda url, limit: files.get(url.rpartition("/")[2].strip(".").replace(".", "_"))


def test_checksums_are_of_any_algorithm_that_is_known() -> None:
    """Fedora 7 to 9 say them without its name."""
    text = TREEINFO.format(sha1=hashlib.sha1(b"kernel").hexdigest()).encode()
    found = mirrors.find(DESCRIBED, serving(treeinfo=text), unverified)
    assert found.checksums == {found.kernel: "sha1:" + hashlib.sha1(b"kernel").hexdigest()}
    assert mirrors.read(found, found.kernel, serving(vmlinuz=b"kernel")) == b"kernel"
    assert mirrors.read(found, found.initrd, serving(initrd_img=b"any")) == b"any"
    with pytest.raises(PxeError, match="but the mirror says sha1:"):
        mirrors.read(found, found.kernel, serving(vmlinuz=b"other"))


@pytest.mark.parametrize(
    ("data", "said"), [(b"\n <!DOCTYPE html><p>Log in", "a web page"), (b"", "empty"), (b" \n", "empty")]
)
def test_what_nobody_vouches_for_is_no_web_page(data: bytes, said: str) -> None:
    text = TREEINFO.partition("[checksums]")[0].encode()
    found = mirrors.find(DESCRIBED, serving(treeinfo=text), unverified)
    for url in (found.kernel, found.initrd):
        with pytest.raises(PxeError, match=f"is {said}, not a kernel or initrd"):
            mirrors.read(found, url, lambda _url, _limit: data)


@given(
    st.lists(
        st.sampled_from(
            ["[general]", "[release]", "[tree]", "[images-x86_64]", "[checksums]"]
            + [
                f"{key} = {value}"
                for key in ("family", "name", "version", "arch", "kernel", "initrd", "x", "../x")
                for value in (
                    "Fedora",
                    "8",
                    "x86_64",
                    "x",
                    "/",
                    "../x",
                    "a b",
                    "sha256:00",
                    "shake_128:0",
                    "",
                )
            ]
        ),
        max_size=20,
    ).map("\n".join)
    | st.text(max_size=200)
)
def test_whatever_a_treeinfo_says_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(PxeError):
        found = mirrors.find(DESCRIBED, serving(treeinfo=text.encode()), unverified)
        assert {found.kernel, found.initrd} >= set(found.checksums)
        with contextlib.suppress(PxeError):
            mirrors.read(found, found.kernel, lambda _url, _limit: b"kernel")
