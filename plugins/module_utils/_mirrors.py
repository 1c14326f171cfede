# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Where a mirror of a distribution has kernel and initrd for machines that boot from the network, and their checksums.

Trees of anaconda say it in ``.treeinfo`` (productmd, doc/treeinfo-1.2.rst). Debian's say it in SHA256SUMS of the
installer's images, whose own checksum is in Release, which is signed (https://wiki.debian.org/DebianRepository/Format).
"""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils import _treeinfo
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES, debian, redhat
from ansible_collections.netinstall.pxe.plugins.module_utils._media import refuse_another

#: What is at a URL, at most so many bytes of it; ``None`` if there is nothing.
Fetch = t.Callable[[str, int], "bytes | None"]
#: The text of a signed file (InRelease), and whether somebody known has signed it.
Verify = t.Callable[[bytes], "tuple[str, bool]"]

_TEXT, _IMAGE = 64 << 20, 1 << 30
# Those of .treeinfo; against damage, even the oldest will do. hashlib has others, whose digests have no length.
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
# One of SHA256SUMS: "<digits>  ./netboot/debian-installer/amd64/linux".
_SUM = re.compile(r"^([0-9a-f]{64}) [ *](?:\./)?(\S+)$", re.MULTILINE)
# One below "SHA256:" of Release: " <digits> <size> <path>".
_RELEASE_SUM = re.compile(r"^ ([0-9a-f]{64}) +[0-9]+ (\S+)$", re.MULTILINE)
_BEGIN, _END = "-----BEGIN PGP SIGNED MESSAGE-----", "\n-----BEGIN PGP SIGNATURE-----"


class UnreachableError(PxeError):
    """Nobody answers, or says that it cannot just now. What was fetched before is as good as it was."""


class Installer(t.NamedTuple):
    """``kernel`` and ``initrd`` are URLs; ``checksums``, as ``sha256:…``, by URL; ``facts`` has version, codename and
    architecture; ``signed`` says whether a signature vouches for all that, if mirrors of this family have one."""

    kernel: str
    initrd: str
    checksums: dict[str, str]
    facts: dict[str, str | None]
    signed: bool | None


def find(described: dict[str, t.Any], fetch: Fetch, verify: Verify) -> Installer:
    """Ask the mirror.

    :param described: ``{mirror, family, distribution, version, suite, architecture}``.
    :raises PxeError: nothing is there, or it is something else than what is described.
    """
    if described["family"] == debian.NAME:
        return _debian(described, fetch, verify)
    return _redhat(described, fetch)


def read(installer: Installer, url: str, fetch: Fetch) -> bytes:
    """Kernel or initrd.

    :raises PxeError: it is not there, or not what the mirror says it is.
    """
    data = fetch(url, _IMAGE)
    if data is None:
        raise PxeError(
            f"{url} is not there, although the mirror names it; try again later, or another mirror"
        )
    wanted = installer.checksums.get(url)
    if not wanted:
        _refuse_a_page(url, data)
    elif digest(data, wanted) != wanted:
        raise PxeError(
            f"{url} has {digest(data, wanted)}, but the mirror says {wanted}; nothing was changed. Perhaps it is being "
            "updated: try again later, or another mirror"
        )
    return data


def _refuse_a_page(url: str, data: bytes) -> None:
    """What a server or proxy says with status 200 instead of a file."""
    start = data[:1024].strip()
    if not start or start.startswith(b"<"):
        raise PxeError(
            f"{url} is {'a web page' if start else 'empty'}, not a kernel or initrd, although the mirror "
            "names it; nothing was changed. Write another mirror"
        )


def digest(data: bytes, like: str) -> str:
    """The checksum of data, by the algorithm of another one."""
    algorithm = like.partition(":")[0]
    # Where FIPS is on, there is no MD5 for security, which this is not.
    return f"{algorithm}:{hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()}"


def _redhat(described: dict[str, t.Any], fetch: Fetch) -> Installer:
    base = described["mirror"]
    tree = _tree(base, fetch)
    found = {
        "family": redhat.NAME,
        "product": redhat.known_product(tree.family or "") or tree.family,
        "version": tree.version,
    }
    said = {"distribution": described["distribution"], "version": described["version"]}
    refuse_another(found, t.cast("t.Any", FAMILIES), said)
    if described["architecture"] not in (None, tree.arch):
        raise PxeError(
            f"{base} is for {tree.arch}, not for {described['architecture']}; write the folder of that architecture"
        )
    if not tree.kernel or not tree.initrd:
        raise PxeError(
            f"{base}/.treeinfo names no kernel and initrd; write a folder from which can be installed"
        )
    kernel, initrd = (f"{base}/{path}" for path in (tree.kernel, tree.initrd))
    checksums = {
        url: ":".join(tree.checksums[path])
        for url, path in ((kernel, tree.kernel), (initrd, tree.initrd))
        if path in tree.checksums and tree.checksums[path][0] in _ALGORITHMS
    }
    facts = {"version": tree.version, "codename": None, "architecture": tree.arch}
    return Installer(kernel, initrd, checksums, facts, None)


def _tree(base: str, fetch: Fetch) -> _treeinfo.TreeInfo:
    text = fetch(f"{base}/.treeinfo", _TEXT) or fetch(f"{base}/treeinfo", _TEXT)
    if not text:
        raise PxeError(
            f"{base} has no .treeinfo; write the folder of the mirror that holds it, whose name is usually os"
        )
    try:
        return _treeinfo.parse(text.decode("utf-8", "replace"))
    except PxeError as exc:
        raise PxeError(f"{base}: {exc}; write another mirror, or the folder that holds .treeinfo") from exc


def _debian(described: dict[str, t.Any], fetch: Fetch, verify: Verify) -> Installer:
    base, suite = described["mirror"], described["suite"]
    architecture = described["architecture"] or "amd64"
    release, signed = _release(f"{base}/dists/{suite}", fetch, verify)
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
    plain = fetch(f"{folder}/Release", _TEXT)
    if plain is None:
        raise PxeError(
            f"{folder} has neither InRelease nor Release; write the folder of the mirror that holds dists/, and "
            "correct the version"
        )
    return plain.decode("utf-8", "replace"), False


def unverified(signed: bytes) -> tuple[str, bool]:
    """The text of InRelease where nobody can verify it."""
    text = signed.decode("utf-8", "replace").replace("\r\n", "\n")
    # After the headers of the armour (RFC 4880, 7). Not by a regular expression, whose time grows with the square.
    _before, _begin, message = text.partition(_BEGIN)
    _headers, _blank, body = message.partition("\n\n")
    found, end, _after = body.partition(_END)
    return (found if end else text), False


def said_by_gpgv(status: str) -> str:
    """What is wrong with a signature, by the status lines of gpgv (GnuPG, doc/DETAILS); empty if it is good.

    Debian signs by several keys; one that is known and valid is enough, as for apt (methods/gpgv.cc), even when an
    older one has expired. A bad signature is a changed file.
    """
    words = [line.split()[1] for line in status.splitlines() if line.startswith("[GNUPG:] ")]
    if "BADSIG" in words:
        return "the signature is bad: the file was changed"
    if "VALIDSIG" in words and "GOODSIG" in words:
        return ""
    for word, said in (
        ("EXPKEYSIG", "the key has expired"),
        ("REVKEYSIG", "the key was revoked"),
        ("EXPSIG", "the signature has expired"),
    ):
        if word in words:
            return said
    return "no key of the keyring has signed it"
