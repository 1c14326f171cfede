# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Images of anaconda: how one is recognised, and what it holds."""

from __future__ import annotations

import re

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Image, Record
from ansible_collections.netinstall.pxe.plugins.module_utils._families._redhat_release import (
    ARCHITECTURES,
    release_kind,
    without_architecture,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._text import treeinfo as _treeinfo

NAME = "redhat"
LOOKED_FOR = (
    ".treeinfo with family, version and the paths of kernel and initrd, or .discinfo beside images/pxeboot/, repodata/ "
    "or packages"
)
# Installers that have a .treeinfo, but are not anaconda.
_STRANGERS = re.compile(r"suse|sles|sled", re.IGNORECASE)
# Where kernel and initrd lie on images whose .treeinfo does not tell.
_INSTALLERS = (
    ("images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"),
    ("isolinux/vmlinuz", "isolinux/initrd.img"),
)
# What the initrd fetches: EL 6 and from EL 8 on, EL 7, EL 5.
_STAGES = ("images/install.img", "LiveOS/squashfs.img", "images/stage2.img", "images/minstg2.img")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def recognise(image: Image) -> Record | None:
    """Say which image of anaconda's this is; ``None`` when it is none.

    :returns: ``family``, ``product`` (``CentOS``, ``Rocky Linux``, …), ``version`` (``6.8``), ``architecture``
        (``x86_64``), ``variant``, ``disc`` (number in its set, from 1), ``discs`` (numbers that .discinfo says, none
        for ``ALL``), ``timestamp`` (of .discinfo: discs of one set have the same), ``kernel``, ``initrd`` (a list),
        ``stage2`` (``None`` and empty on a disc that carries no installer) and ``repositories``, ``[{id, path}]``.
        All paths are relative to the root of the image.
    """
    tree, disc = _read_treeinfo(image), _read_discinfo(image)
    label = _label(image, tree, disc)
    kernel, initrd = _installer(image, tree)
    repositories = _repositories(image, tree)
    if _STRANGERS.search(label) or not _is_anaconda(image, tree, disc, kernel, repositories):
        return None
    return {
        "family": NAME,
        "product": _product(image, tree, disc),
        "version": _version(image, tree, disc),
        "architecture": _architecture(image, tree, disc),
        "variant": _variant(tree),
        "disc": _disc(image, tree, disc),
        "discs": disc.discs if disc else [],
        "timestamp": disc.timestamp if disc else tree.timestamp,
        "kernel": kernel,
        "initrd": [initrd] if initrd else [],
        "stage2": _stage2(image, tree) if kernel else None,
        "repositories": [{"id": identifier, "path": path} for identifier, path in repositories],
    }


def _text(image: Image, path: str) -> str:
    return (image.read(path) or b"").decode("utf-8", "replace")


def _read_treeinfo(image: Image) -> _treeinfo.TreeInfo:
    """What .treeinfo says; nothing when there is none, or one of an installer that only borrowed the file's name.

    :raises PxeError: it is damaged, and anaconda needs it.
    """
    text = _text(image, ".treeinfo")
    try:
        return _treeinfo.parse(text) if text.strip() else _treeinfo.TreeInfo()
    except PxeError:
        if _has_layout(image):
            raise
        return _treeinfo.TreeInfo()


def _read_discinfo(image: Image) -> _treeinfo.DiscInfo | None:
    """What .discinfo says, in the same way."""
    text = _text(image, ".discinfo")
    try:
        return _treeinfo.parse_discinfo(text) if text.strip() else None
    except PxeError:
        if _has_layout(image):
            raise
        return None


def _has_layout(image: Image) -> bool:
    return any(image.exists(kernel) for kernel, _initrd in _INSTALLERS)


def _is_anaconda(
    image: Image,
    tree: _treeinfo.TreeInfo,
    disc: _treeinfo.DiscInfo | None,
    kernel: str | None,
    repositories: list[tuple[str, str]],
) -> bool:
    """An installer of the known layout, or a further disc of a set."""
    identified = bool(disc or (tree.family and tree.version))
    # Live images have kernel and initrd at the same places, but nothing to install from over the network.
    if (identified and (kernel or repositories)) or (kernel and repositories):
        return True
    # The first disc of a set may list the packages of all, or nobody those of the further ones.
    return disc is not None and _holds_packages(image)


def _holds_packages(image: Image) -> bool:
    return any(name.endswith(".rpm") for folder in ("", *image.listdir()) for name in image.listdir(folder))


def _names(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> list[str]:
    """The texts that name product and version, the most reliable first."""
    repo = re.search(r"(?m)^name\s*=\s*(.+)$", _text(image, "media.repo"))
    treeinfo = " ".join(part for part in (tree.family, tree.version) if part)
    texts = [treeinfo, disc.release if disc else "", repo[1] if repo else "", image.volume_id]
    return [text.strip() for text in texts if text.strip()]


def _label(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str:
    return " ".join(_names(image, tree, disc))


def _product(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str | None:
    """The product's usual name; of one that is not known, what .treeinfo calls it."""
    if tree.family:
        return _treeinfo.known_product(tree.family) or tree.family
    return next(
        (product for name in _names(image, tree, disc) if (product := _treeinfo.known_product(name))), None
    )


def _version(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str | None:
    texts = (tree.version or "", *_names(image, tree, disc))
    numbers = (_NUMBER.search(without_architecture(text)) for text in texts)
    version = next((number[0] for number in numbers if number), None)
    # Scientific Linux 5.6 says 56.
    joined = re.fullmatch(r"([3-7])([0-9]{1,2})", version or "")
    return (
        f"{joined[1]}.{joined[2]}"
        if joined and _treeinfo.known_product(tree.family or "") == "Scientific Linux"
        else version
    )


def _architecture(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> str | None:
    said = tree.arch or (disc.arch if disc else None)
    found = None if said else ARCHITECTURES.search(image.volume_id)
    return found[0] if found else said


def _variant(tree: _treeinfo.TreeInfo) -> str | None:
    """What .treeinfo says; RHEL 5 and 6 say it in the product's name (``Red Hat Enterprise Linux Server``)."""
    server = re.search(r"Linux (Server|Client|Workstation|ComputeNode)", tree.family or "")
    return tree.variant or (server[1] if server else None)


def _disc(image: Image, tree: _treeinfo.TreeInfo, disc: _treeinfo.DiscInfo | None) -> int:
    """Number in its set. A DVD that holds several CDs says ``1,2,3,…``."""
    if disc and disc.discs:
        return min(disc.discs)
    named = re.search(r"(?:dvd|disc|cd)[ _-]?(\d+)\b", image.volume_id, re.IGNORECASE)
    return tree.disc or (int(named[1]) if named else 1)


def _installer(image: Image, tree: _treeinfo.TreeInfo) -> tuple[str | None, str | None]:
    """Kernel and initrd: what .treeinfo says, if it is there, else the usual places."""
    for kernel, initrd in ((tree.kernel, tree.initrd), *_INSTALLERS):
        if kernel and initrd and image.exists(kernel) and image.exists(initrd):
            return kernel, initrd
    return None, None


def _stage2(image: Image, tree: _treeinfo.TreeInfo) -> str | None:
    return next((path for path in (tree.stage2, *_STAGES) if path and image.exists(path)), None)


def _repositories(image: Image, tree: _treeinfo.TreeInfo) -> list[tuple[str, str]]:
    """Those of .treeinfo that are there, then those that it does not tell: at the root, or one folder below it."""
    found = {path: identifier for identifier, path in tree.repositories if _is_repository(image, path)}
    folders = (name for name in image.listdir() if name not in ("repodata", "images", "isolinux"))
    for path in ("", *folders):
        if path not in found and _is_repository(image, path):
            found[path] = path or tree.variant or "base"
    return [(identifier, path) for path, identifier in found.items()]


def _is_repository(image: Image, path: str) -> bool:
    return image.exists(f"{path}/repodata/repomd.xml")


def describe(image: Image) -> Record:
    """What is known of an image that is described by hand, by the places where things usually are."""
    nothing = _treeinfo.TreeInfo()
    return {
        "stage2": _stage2(image, nothing),
        "repositories": [
            {"id": identifier, "path": path} for identifier, path in _repositories(image, nothing)
        ],
    }


def contradiction(name: str, found: Record) -> str | None:
    """What to do when a distribution's name speaks of another product than its image has; ``None`` when it does not.

    :param found: what recognise() returns.
    """
    said, product = _treeinfo.known_product(name), _treeinfo.known_product(found["product"] or "")
    if said and product and said.split()[0] != product.split()[0]:
        return "give the right image, or rename the distribution"
    # The name decides which arguments and which syntax the installer gets.
    if product and (product == "Fedora") != (release_kind(name) == "fedora"):
        return f"give the right image, or a name that begins with {'fedora' if product == 'Fedora' else 'el'}"
    return None
