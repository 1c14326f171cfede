# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Opens, verifies and identifies installation images."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import typing as t

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Family
from ansible_collections.netinstall.pxe.plugins.module_utils._files import atomic_write
from ansible_collections.netinstall.pxe.plugins.module_utils._media import mediacheck
from ansible_collections.netinstall.pxe.plugins.module_utils._media.iso import Image, IsoError

_DIGEST_LENGTHS = {"sha256": 64, "sha512": 128}
_CHUNK = 4 * 1024 * 1024


@contextlib.contextmanager
def open_image(path: str) -> t.Iterator[Image]:
    """Open a complete ISO image.

    :raises PxeError: there is no such file, it is not ISO 9660, or it ends too early. What is said of the image
        while it is in use gets the file's name as well.
    """
    with open_file(path) as file:
        try:
            image = Image(file)
            if image.missing:
                raise IsoError(
                    f"is incomplete: it says that it has {image.size} bytes, but {image.missing} of them are missing; "
                    "fetch it again"
                )
            yield image
        except PxeError as exc:
            # What is said of an image begins with a verb, so that its name completes the sentence.
            verb = str(exc).startswith(("is ", "has "))
            raise PxeError(f"{path} {exc}" if verb else f"{path}: {exc}") from exc


def open_file(path: str) -> t.BinaryIO:
    """Open an image or archive to read it.

    :raises PxeError: it is not there, is no file, or cannot be read.
    """
    try:
        # A FIFO would make open() wait.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise PxeError(f"{path} is not a file; give the path of the image")
        return open(path, "rb")
    except FileNotFoundError:
        raise PxeError(
            f"{path} does not exist on this server; copy the image there, or give its url and checksum"
        ) from None
    except OSError as exc:
        raise PxeError(f"{path}: cannot read the image: {exc.strerror}") from exc


# Checksums


def parse_checksum(text: str) -> tuple[str, str]:
    """``sha256:<64 hexadecimal digits>`` → (algorithm, digits in lower case); sha512 likewise.

    :raises PxeError: it is written otherwise.
    """
    algorithm, _colon, digest = text.strip().lower().partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    if length is None or not re.fullmatch(f"[0-9a-f]{{{length}}}", digest):
        raise PxeError(f"checksum '{text}': write 'sha256:' and 64 hexadecimal digits, or 'sha512:' and 128")
    return algorithm, digest


def verify(path: str, checksum: str, stamps: str | None, write: bool) -> None:
    """Compare a file with its checksum, or with what an earlier run found out about the same file.

    :param stamps: folder for the results; see ``digest_of``.
    :param write: whether a new result may be kept.
    :raises PxeError: it differs.
    """
    algorithm, wanted = parse_checksum(checksum)
    found = digest_of(path, algorithm, stamps, write)
    if found != wanted:
        raise PxeError(
            f"{path} has {algorithm} {found}, not {wanted} as described; fetch it again, or correct its checksum"
        )


def digest_of(path: str, algorithm: str, stamps: str | None, write: bool) -> str:
    """Hash a file, once.

    :param stamps: see ``_once``.
    """

    def compute(file: t.BinaryIO) -> str:
        digest = hashlib.new(algorithm)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()

    return _once(path, algorithm, compute, stamps, write)


def media_check_of(path: str, stamps: str | None, write: bool) -> mediacheck.Result:
    """Verify the checksum that is implanted into an image, once.

    :param stamps: see ``_once``.
    """

    def compute(file: t.BinaryIO) -> str:
        result = mediacheck.look(Image(file), verify=True)
        return " ".join([result.status, *map(str, result.damage or ())])

    status, *damage = _once(path, "media_check", compute, stamps, write).split()
    return mediacheck.Result(status, (int(damage[0]), int(damage[1])) if len(damage) == 2 else None)


def verify_media(path: str, stamps: str | None, write: bool) -> None:
    """Refuse an image that differs from the checksum implanted into it; one without is taken as it is.

    :raises PxeError: it differs.
    """
    result = media_check_of(path, stamps, write)
    if result.damage:
        raise PxeError(
            f"{path} is damaged: it fails the media check that is built into it, "
            f"somewhere from byte {result.damage[0]} to {result.damage[1]}; fetch it again"
        )


def _once(
    path: str, key: str, compute: t.Callable[[t.BinaryIO], str], stamps: str | None, write: bool
) -> str:
    """Compute something about a file that takes long, or take what an earlier run found out.

    :param stamps: a folder with one small JSON file an image: which file it was (inode, size, times) and what was
        found out, by key. It is believed as long as all of that is the same. ``None``: always compute.
    """
    with open_file(path) as file:
        identity = _identity(os.fstat(file.fileno()))
        stamp = os.path.join(stamps, _stamp_name(path)) if stamps else None
        known = _read_stamp(stamp, identity) if stamp else {}
        if key in known:
            return known[key]
        value = compute(file)
        unchanged = _identity(os.fstat(file.fileno())) == identity
    if stamp and write and unchanged:
        _write_stamp(stamp, {"path": path, **identity, "digests": {**known, key: value}})
    return value


def remember(path: str, checksum: str, stamps: str) -> None:
    """Keep a checksum that was computed while the file had another name."""
    algorithm, digest = parse_checksum(checksum)
    stamp = os.path.join(stamps, _stamp_name(path))
    _write_stamp(stamp, {"path": path, **_identity(os.stat(path)), "digests": {algorithm: digest}})


def _identity(status: os.stat_result) -> dict[str, int]:
    # ctime cannot be set back, as mtime can.
    return {
        "inode": status.st_ino,
        "size": status.st_size,
        "modified_ns": status.st_mtime_ns,
        "changed_ns": status.st_ctime_ns,
    }


def _stamp_name(path: str) -> str:
    """Readable, and different for images of one name in different folders."""
    place = hashlib.sha256(os.path.realpath(path).encode()).hexdigest()[:12]
    return f"{os.path.basename(path)[:200]}.{place}.json"


def _read_stamp(stamp: str, identity: dict[str, int]) -> dict[str, str]:
    try:
        with open(stamp, encoding="utf-8") as file:
            # Somebody else's word is not taken for it.
            trusted = os.fstat(file.fileno()).st_uid in (0, os.geteuid())
            data = json.load(file)
        same = trusted and all(data.get(key) == value for key, value in identity.items())
        return {str(key): str(value) for key, value in data["digests"].items()} if same else {}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}


def _write_stamp(stamp: str, data: dict[str, t.Any]) -> None:
    try:
        os.makedirs(os.path.dirname(stamp), mode=0o755, exist_ok=True)
    except OSError as exc:
        raise PxeError(
            f"{os.path.dirname(stamp)}: cannot make the folder for checksums: {exc.strerror}"
        ) from exc
    atomic_write(stamp, json.dumps(data, indent=2, sort_keys=True) + "\n")


# Identification

# Installers, as their kernels and initrds are called in many distributions.
_KERNEL_NAME = re.compile(r"vmlinu[xz]|linux|bzImage", re.IGNORECASE)
_INITRD_NAME = re.compile(r"initrd|initramfs|ramdisk", re.IGNORECASE)
_ARCHITECTURE = re.compile(r"x86[_-]64|i[3-6]86|aarch64|arm64|ppc64(le)?|s390x", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
# The number of a release in a name: after its first word, or as a word of its own (centos6, el-9, debian-lab-13).
_NUMBER_IN_NAME = re.compile(r"(?:^[a-z]+|(?:^|[-_]))(\d+(?:\.\d+)*)", re.IGNORECASE)


def identify(
    image: Image, families: t.Mapping[str, Family], described: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Say what an image is: what a family recognises, over which goes what the user describes.

    :param families: those of ``_families`` by name.
    :param described: ``distribution`` (the name it has in the inventory), ``family``, ``kernel``, ``initrd`` (list),
        ``architecture``, ``version``; each may be ``None``.
    :returns: what the family's ``recognise`` returns (see there), with ``volume_id`` and ``size`` (bytes). A
        key that is not known is ``None``.
    :raises PxeError: nobody knows the image and it is not described; the description contradicts it, or
        names files that it does not have.
    """
    said = {key: value for key, value in described.items() if value}
    family = said.get("family")
    if family and family not in families:
        raise PxeError(f"family '{family}' is not known; write one of: {', '.join(sorted(families))}")
    enough = {"family", "kernel", "initrd"} <= said.keys()
    found = _recognise(image, families, said, enough)
    if found:
        refuse_another(found, families, said)
    elif not enough:
        raise PxeError(_unknown(image, families, said))
    result = {
        **_NOTHING,
        **(found or {}),
        "volume_id": image.volume_id,
        "size": image.size,
        "recognised": bool(found),
    }
    return _describe(image, families, result, said)


_NOTHING: dict[str, t.Any] = {
    "family": None,
    "product": None,
    "version": None,
    "codename": None,
    "suite": None,
    "architecture": None,
    "variant": None,
    "disc": 1,
    "discs": [],
    "timestamp": None,
    "kernel": None,
    "initrd": [],
    "stage2": None,
    "repositories": [],
    "initrd_flavour": None,
    "kernel_releases": [],
}


def _recognise(
    image: Image, families: t.Mapping[str, Family], said: dict[str, t.Any], enough: bool
) -> dict[str, t.Any] | None:
    for family in families.values():
        try:
            found = family.recognise(image)
        except IsoError:
            raise
        except PxeError:
            # A file that tells what the image is, is damaged: then the user's word counts.
            if not enough:
                raise
            found = None
        if found:
            return dict(found)
    return None


# What an image is, and what it is described as


def refuse_another(found: dict[str, t.Any], families: t.Mapping[str, Family], said: dict[str, t.Any]) -> None:
    """Refuse an image of another family, product or release than it is described as.

    :raises PxeError: it is.
    """
    label = _label_of(found)
    if said.get("family", found["family"]) != found["family"]:
        raise PxeError(
            f"is described as family '{said['family']}', but is {label} (family '{found['family']}'); "
            "correct the family, or give the right image"
        )
    name = said.get("distribution")
    contradiction = families[found["family"]].contradiction(name, found) if name else None
    if contradiction:
        raise PxeError(f"is described as '{name}', but is {label}; {contradiction}")
    version = said.get("version") or _version_in(name or "")
    if version and not _same_release(version, found["version"]):
        what = f"version '{said['version']}'" if said.get("version") else f"'{name}'"
        remedy = "correct the version" if said.get("version") else f"write its version ('{found['version']}')"
        raise PxeError(f"is described as {what}, but is {label}; give the right image, or {remedy}")


def _label_of(found: dict[str, t.Any]) -> str:
    """``CentOS 6.8``, or what else is known of it."""
    words = [str(found[key]) for key in ("product", "version") if found.get(key)]
    return " ".join(words) or f"of family '{found['family']}'"


def _version_in(name: str) -> str | None:
    """``6.8`` of ``centos-6.8``; ``None`` if there is no number in the name."""
    number = _NUMBER_IN_NAME.search(_ARCHITECTURE.sub("", name))
    return number[1] if number else None


def _same_release(said: str, found: str | None) -> bool:
    """Whether two versions can be the same: ``9`` and ``9.4`` can, ``9.3`` and ``9.4`` cannot.

    One that has no number, such as Debian's ``testing``, can be anything.
    """
    if not found or not _NUMBER.match(said) or not _NUMBER.match(found):
        return True
    return all(one == other for one, other in zip(_parts(said), _parts(found)))


def _parts(version: str) -> list[str]:
    number = _NUMBER.match(version)
    return number[0].split(".") if number else []


def _more_exact(said: str, found: str | None) -> str:
    """The longer of two versions of the same release; the user's if they cannot be compared."""
    return found if found and len(_parts(found)) > len(_parts(said)) > 0 else said


def _describe(
    image: Image,
    families: t.Mapping[str, Family],
    result: dict[str, t.Any],
    said: dict[str, t.Any],
) -> dict[str, t.Any]:
    """Put the user's description over what was recognised, after a look whether it can be true."""
    for path in [said["kernel"]] if "kernel" in said else []:
        _check_file(image, "kernel", path)
    for path in said.get("initrd", []):
        _check_file(image, "initrd", path)
    if "version" in said:
        said = {**said, "version": _more_exact(said["version"], result["version"])}
    result.update((key, value) for key, value in said.items() if key in _NOTHING)
    family = families[result["family"]]
    # What a family knows of its images besides, when nothing on this one told it.
    if not result["recognised"]:
        result.update(family.describe(image))
    if "initrd" in said:
        result["initrd_flavour"] = family.initrd_flavour(image.chunks(said["initrd"][0]) or iter(()))
    return result


def _check_file(image: Image, what: str, path: str) -> None:
    entry = image.lookup(path)
    if entry is None or entry.is_folder:
        folder = os.path.dirname(path.strip("/"))
        names = image.listdir(folder)
        there = (
            f"'{folder or '/'}' holds: {_some(names)}" if names else f"there is no folder '{folder}' either"
        )
        raise PxeError(f"has no file '{path}', which is described as its {what}; {there}")


# An image that nobody knows


def _unknown(image: Image, families: t.Mapping[str, Family], said: dict[str, t.Any]) -> str:
    looked = "; ".join(f"{name}: {family.looked_for}" for name, family in families.items())
    name = said.get("distribution") or "<name>"
    return (
        f"is not an installation image that this collection knows. Looked for: {looked}. "
        f"Found: {', '.join(_found_labels(image))}, at its root: {_some(image.listdir())}. "
        "To use it anyway, say which installer it carries and where that lies inside the image: "
        f"site_distributions.{name}: {{family: {said.get('family') or ' or '.join(sorted(families))}, "
        f"kernel: <path>, initrd: [<path>]}}{_candidates(image)}"
    )


def _found_labels(image: Image) -> list[str]:
    """What the image says of itself, in the places where images do."""
    places = {
        ".disk/info": r"(.+)",
        ".treeinfo": r"(?m)^family\s*=\s*(.+)$",
        "media.repo": r"(?m)^name\s*=\s*(.+)$",
    }
    labels = [f"volume '{image.volume_id}'"]
    for path, pattern in places.items():
        text = (image.read(path, limit=65536) or b"").decode("utf-8", "replace").strip()
        match = re.search(pattern, text)
        if match:
            labels.append(f"{path} '{match[1].strip()[:100]}'")
    return labels


def _candidates(image: Image) -> str:
    """Files whose names are those of kernels and initrds, as a hint."""
    paths = list(_small_walk(image))
    kernels = [path for path in paths if _KERNEL_NAME.match(os.path.basename(path))]
    initrds = [path for path in paths if _INITRD_NAME.match(os.path.basename(path))]
    if not kernels or not initrds:
        return ""
    return f". Kernels by their names: {_some(kernels, 5)}; initrds: {_some(initrds, 5)}"


def _small_walk(image: Image, most: int = 300) -> t.Iterator[str]:
    """Paths of files at most three folders deep, near ones first, in not more than so many folders."""
    folders = [""]
    for number, folder in enumerate(folders):
        if number >= most:
            return
        for name in image.listdir(folder):
            path = f"{folder}/{name}".lstrip("/")
            entry = image.lookup(path)
            if entry and entry.is_folder and path.count("/") < 3 and not image.is_link(path):
                folders.append(path)
            elif entry and not entry.is_folder:
                yield path


def _some(names: list[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest if names else "nothing"
