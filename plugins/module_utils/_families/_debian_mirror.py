# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Kernel and initrd of d-i on a mirror, and their checksums."""

from __future__ import annotations

import hashlib
import re

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import (
    Fetch,
    Installer,
    Mirror,
    Record,
    Verify,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._families._debian_answers import codename

_TEXT = 64 << 20
# One of SHA256SUMS: "<digits>  ./netboot/debian-installer/amd64/linux".
_SUM = re.compile(r"^([0-9a-f]{64}) [ *](?:\./)?(\S+)$", re.MULTILINE)
# One below "SHA256:" of Release: " <digits> <size> <path>".
_RELEASE_SUM = re.compile(r"^ ([0-9a-f]{64}) +[0-9]+ (\S+)$", re.MULTILINE)


def find_on_mirror(described: Record, mirror: Mirror) -> Installer:
    """What SHA256SUMS of the installer's images lists, whose own checksum is in Release, which is signed
    (https://wiki.debian.org/DebianRepository/Format).

    :param described: ``{mirror, distribution, version, suite, architecture}``.
    :raises PxeError: it is not there, or is of something else.
    """
    base, fetch = described["mirror"], mirror.fetch
    named = {"name": described["distribution"], "version": described["version"]}
    suite = described["suite"] or codename(named)
    architecture = described["architecture"] or "amd64"
    release, signed = _release(f"{base}/dists/{suite}", fetch, mirror.verify)
    fields = dict(re.findall(r"^(Codename|Suite|Version): *(\S+)$", release, re.MULTILINE))
    if suite not in (fields.get("Codename"), fields.get("Suite")):
        raise PxeError(f"{base}/dists/{suite} is of {fields.get('Codename') or 'another release'}")
    folder = f"main/installer-{architecture}/current/images"
    sums = f"{folder}/SHA256SUMS"
    wanted = {path: found for found, path in _RELEASE_SUM.findall(release)}.get(sums)
    if wanted is None:
        raise PxeError(f"{base}/dists/{suite} has no installer for {architecture}; correct the architecture")
    url = f"{base}/dists/{suite}/{sums}"
    listed = fetch(url, _TEXT)
    if listed is None or hashlib.sha256(listed).hexdigest() != wanted:
        raise PxeError(
            f"{url} is not the file that Release names; perhaps the mirror is being updated: try again later"
        )
    known = {path: found for found, path in _SUM.findall(listed.decode("utf-8", "replace"))}
    names = [f"netboot/debian-installer/{architecture}/{name}" for name in ("linux", "initrd.gz")]
    if [name for name in names if name not in known]:
        raise PxeError(f"{url} does not list {names[0]} and {names[1]}: this installer has no netboot")
    kernel, initrd = urls = [f"{base}/dists/{suite}/{folder}/{name}" for name in names]
    checksums = {one: f"sha256:{known[name]}" for one, name in zip(urls, names)}
    facts = {
        "version": fields.get("Version"),
        "codename": fields.get("Codename"),
        "architecture": architecture,
    }
    return Installer(kernel, initrd, checksums, facts, signed)


def _release(folder: str, fetch: Fetch, verify: Verify) -> tuple[str, bool]:
    """The text of Release, and whether its signature was verified."""
    signed = fetch(f"{folder}/InRelease", _TEXT)
    if signed is not None:
        return verify(signed)
    release = fetch(f"{folder}/Release", _TEXT)
    if release is None:
        raise PxeError(
            f"{folder} has neither InRelease nor Release; write the folder of the mirror that holds dists/, and "
            "correct the version"
        )
    return release.decode("utf-8", "replace"), False
