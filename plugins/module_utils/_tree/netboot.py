# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kernel and initrd of a network installer or a diskless machine: what is published of them, and what was."""

from __future__ import annotations

import contextlib
import json
import os
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Installer, Verify
from ansible_collections.netinstall.pxe.plugins.module_utils._families.netboot import (
    Netboot,
    kernel_release,
    read_root,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._files import (
    Changes,
    Data,
    publish,
    read_file,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mirrors
from ansible_collections.netinstall.pxe.plugins.module_utils._media.fetch import UnreachableError, fetch
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import open_file, verify
from ansible_collections.netinstall.pxe.plugins.module_utils._text.texts import has_user

# Says that the folder is ours, and what is in it.
LABEL = ".netboot.json"
_FILES = ("initrd.gz", "linux", LABEL)
# What a mirror is asked for, and what is found.
_ASKED = ("mirror", "family", "distribution", "version", "suite", "architecture")
_FOUND = ("kernel", "initrd", "architecture", "version", "codename", "build", "kernel_release")
_NAMES: t.Mapping[str, t.Any] = {"kernel": "linux", "initrd": ["initrd.gz"]}

Record = dict[str, t.Any]


class NetbootFiles(t.NamedTuple):
    """What is to be published of a network installer: ``files``, the kernel last, so that whoever gets the new kernel
    gets the new initrd. With none of them, what is there stays. ``result`` is what the module returns."""

    files: dict[str, Data]
    result: Record


def of_source(params: Record, check: bool) -> NetbootFiles:
    """What is to be published of an archive or a root file system.

    :raises PxeError: the archive is not there, not the described one, or not Debian's netboot.tar.gz; or what should be
        a root file system has no kernel.
    """
    netboot = _read(params, check)
    found = {**_NAMES, **{key: getattr(netboot, key) for key in _FOUND[2:]}}
    return NetbootFiles(
        {"initrd.gz": netboot.initrd, "linux": netboot.kernel, LABEL: _text(found)}, {"netboot": found}
    )


def _text(label: Record) -> str:
    return json.dumps(label, indent=2, sort_keys=True) + "\n"


def _read(params: Record, check: bool) -> Netboot:
    if params["root"]:
        return read_root(params["root"])
    path = params["path"]
    if params["checksum"]:
        verify(path, params["checksum"], params["stamps"], write=not check)
    with open_file(path) as file:
        try:
            return _reader(params["family"])(file)
        except PxeError as exc:
            raise PxeError(f"{path} {exc}") from exc


def _reader(family: str | None) -> t.Callable[[t.BinaryIO], Netboot]:
    """What reads the archive: the family's, or that of the first one that has such archives."""
    found = [one.read_netboot for name, one in FAMILIES.items() if family in (None, name)]
    readers = [one for one in found if one]
    if not readers:
        raise PxeError(f"cannot be read: the family {family!r} has no archives of network installers")
    return readers[0]


# Mirrors


def of_mirror(params: Record, check: bool, verify: Verify) -> NetbootFiles:
    """What is to be published of a mirror.

    A mirror that is down changes nothing: the rest of a site must not depend on it.

    :raises PxeError: the mirror has not what is described, or not what it says.
    """
    if has_user(params["mirror"]):
        raise PxeError(
            "mirror has a user name in it, and perhaps a password, which everybody could read in the folder"
        )
    known = _published(params["dest"])
    try:
        return _ask(params, check, known, mirrors.find(params, fetch, verify))
    except UnreachableError as exc:
        if known.get("asked") != {key: params[key] for key in _ASKED}:
            raise
        mirror = _mirror(False, known["told"], known["signed"], str(exc))
        return NetbootFiles({}, {"netboot": {key: known[key] for key in _FOUND}, "mirror": mirror})


def _ask(params: Record, check: bool, known: Record, installer: Installer) -> NetbootFiles:
    """What a mirror has now.

    :param known: the label of what is published.
    """
    sources = {"initrd.gz": installer.initrd, "linux": installer.kernel}
    wanted = {name: installer.checksums.get(url) for name, url in sources.items()}
    same = known.get("sources") == sources
    kept = _kept(known, wanted, same, check)
    data = {
        name: read_file(os.path.join(params["dest"], name))
        if name in kept
        else b""
        if check
        else mirrors.read(installer, url, fetch)
        for name, url in sources.items()
    }
    sums = {name: mirrors.digest(content, wanted[name] or "sha256:") for name, content in data.items()}
    found = {**_NAMES, "build": None, "kernel_release": kernel_release(data["linux"]), **installer.facts}
    label = {
        **found,
        "asked": {key: params[key] for key in _ASKED},
        "signed": installer.signed,
        "sources": sources,
        "told": wanted,
        "sums": sums,
    }
    mirror = _mirror(same and known["sums"] != sums, wanted, installer.signed)
    return NetbootFiles({**data, LABEL: _text(label)}, {"netboot": found, "mirror": mirror})


def _kept(known: Record, wanted: dict[str, str | None], same: bool, check: bool) -> list[str]:
    """Those files that need not be fetched."""
    if same and None not in wanted.values() and known.get("told") == wanted:
        return list(wanted)
    # In check mode an unknown kernel stands for itself.
    return [name for name in wanted if check and known and wanted[name] is None]


def _mirror(
    changed: bool, wanted: dict[str, str | None], signed: bool | None, unreachable: str | None = None
) -> Record:
    """What is returned of a mirror."""
    checksums = None not in wanted.values()
    return {"changed": changed, "checksums": checksums, "signed": signed, "unreachable": unreachable}


def _published(dest: str) -> Record:
    """What is published of a mirror: its label, if the files are those that it speaks of."""
    try:
        label = json.loads(read_file(os.path.join(dest, LABEL)))
        sums = label["sums"]
        for name in ("linux", "initrd.gz"):
            if mirrors.digest(read_file(os.path.join(dest, name)), sums[name]) != sums[name]:
                return {}
    except (PxeError, ValueError, KeyError, TypeError):
        return {}
    return t.cast("Record", label)


# Removal


def absent(dest: str, check: bool) -> Changes:
    """Remove our files, if the folder is ours, and the folder."""
    if not os.path.exists(os.path.join(dest, LABEL)):
        return Changes()
    changes = publish(dest, {}, owned=lambda relpath: relpath in _FILES, check=check)
    if not check:
        with contextlib.suppress(OSError):
            os.rmdir(dest)
    return changes
