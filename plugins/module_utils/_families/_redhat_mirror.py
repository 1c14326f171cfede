# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kernel and initrd of anaconda on a mirror, and their checksums."""

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    Fetch,
    Installer,
    Mirror,
    Record,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text import treeinfo

_TEXT = 64 << 20
# Those of .treeinfo; against damage, even the oldest will do. hashlib has others, whose digests have no length.
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def find_on_mirror(described: Record, mirror: Mirror) -> Installer:
    """What .treeinfo names, if it is there (productmd, doc/treeinfo-1.2.rst).

    :param described: ``{mirror, architecture}``.
    :raises PxeError: it is not, or is of something else.
    """
    base = described["mirror"]
    tree = _tree(base, mirror.fetch)
    found = {
        "family": "redhat",
        "product": treeinfo.known_product(tree.family or "") or tree.family,
        "version": tree.version,
    }
    mirror.refuse_another(found)
    if described["architecture"] not in (None, tree.arch):
        raise PxeError(
            f"{base} is for {tree.arch}, not for {described['architecture']}; write the folder of that architecture"
        )
    if not tree.kernel or not tree.initrd:
        raise PxeError(f"{base}/.treeinfo names no kernel and initrd; write a folder with an installer")
    kernel, initrd = (f"{base}/{path}" for path in (tree.kernel, tree.initrd))
    checksums = {
        url: ":".join(tree.checksums[path])
        for url, path in ((kernel, tree.kernel), (initrd, tree.initrd))
        if path in tree.checksums and tree.checksums[path][0] in _ALGORITHMS
    }
    facts = {"version": tree.version, "codename": None, "architecture": tree.arch}
    return Installer(kernel, initrd, checksums, facts, None)


def _tree(base: str, fetch: Fetch) -> treeinfo.TreeInfo:
    text = fetch(f"{base}/.treeinfo", _TEXT) or fetch(f"{base}/treeinfo", _TEXT)
    if not text:
        raise PxeError(
            f"{base} has no .treeinfo; write the folder of the mirror that holds it, whose name is usually os"
        )
    try:
        return treeinfo.parse(text.decode("utf-8", "replace"))
    except PxeError as exc:
        raise PxeError(f"{base}: {exc}; write another mirror, or the folder that holds .treeinfo") from exc
