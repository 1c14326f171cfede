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
from ansible_collections.netinstall.pxe.plugins.module_utils._files import atomic_write
from ansible_collections.netinstall.pxe.plugins.module_utils._iso import Image, IsoError

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

    :param stamps: a folder with one small JSON file an image: which file it was (inode, size, times) and its
        digests. It is believed as long as all of that is the same. ``None``: always hash.
    """
    with open_file(path) as file:
        identity = _identity(os.fstat(file.fileno()))
        stamp = os.path.join(stamps, _stamp_name(path)) if stamps else None
        known = _read_stamp(stamp, identity) if stamp else {}
        if algorithm in known:
            return known[algorithm]
        digest = hashlib.new(algorithm)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        unchanged = _identity(os.fstat(file.fileno())) == identity
    if stamp and write and unchanged:
        _write_stamp(stamp, {"path": path, **identity, "digests": {**known, algorithm: digest.hexdigest()}})
    return digest.hexdigest()


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


def identify(
    image: Image, families: t.Mapping[str, t.Any], described: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """Say what an image is: what a family recognises, over which goes what the user describes.

    :param families: modules of ``_families`` by name.
    :param described: ``family``, ``kernel``, ``initrd`` (list), ``architecture``, ``version``; each may be ``None``.
    :returns: what the family's ``recognise`` returns (see there), with ``volume_id`` and ``size`` (bytes). A
        key that is not known is ``None``.
    :raises PxeError: nobody knows the image and it is not described; the description contradicts it, or
        names files that it does not have.
    """
    family = described.get("family")
    if family and family not in families:
        raise PxeError(f"family '{family}' is not known; write one of: {', '.join(sorted(families))}")
    found = _recognise(image, families)
    if found and family and found["family"] != family:
        label = " ".join(str(found[key]) for key in ("product", "version") if found.get(key))
        raise PxeError(
            f"is described as family '{family}', but is {label} (family '{found['family']}'); "
            "correct the family, or give the right image"
        )
    if found is None and not (family and described.get("kernel") and described.get("initrd")):
        raise PxeError(_unknown(image, families))
    result = {
        **_NOTHING,
        **(found or {}),
        "volume_id": image.volume_id,
        "size": image.size,
        "recognised": bool(found),
    }
    return _describe(image, families, result, {key: value for key, value in described.items() if value})


_NOTHING: dict[str, t.Any] = {
    "family": None,
    "product": None,
    "version": None,
    "codename": None,
    "suite": None,
    "architecture": None,
    "variant": None,
    "disc": 1,
    "kernel": None,
    "initrd": [],
    "initrd_flavour": None,
    "kernel_releases": [],
}


def _recognise(image: Image, families: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    for module in families.values():
        found = module.recognise(image) if hasattr(module, "recognise") else None
        if found:
            return dict(found)
    return None


def _describe(
    image: Image,
    families: t.Mapping[str, t.Any],
    result: dict[str, t.Any],
    described: dict[str, t.Any],
) -> dict[str, t.Any]:
    """Put the user's description over what was recognised, after a look whether it can be true."""
    for path in [described["kernel"]] if "kernel" in described else []:
        _check_file(image, "kernel", path)
    for path in described.get("initrd", []):
        _check_file(image, "initrd", path)
    result.update((key, value) for key, value in described.items() if key in _NOTHING)
    flavour = getattr(families[result["family"]], "initrd_flavour", None)
    if "initrd" in described and flavour:
        result["initrd_flavour"] = flavour(image.chunks(described["initrd"][0]) or iter(()))
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


def _unknown(image: Image, families: t.Mapping[str, t.Any]) -> str:
    hints = {name: getattr(module, "LOOKED_FOR", None) for name, module in families.items()}
    looked = "; ".join(f"{name}: {hint}" for name, hint in hints.items() if hint)
    info = (image.read(".disk/info", limit=200) or b"").decode("utf-8", "replace").strip()
    label = f"volume '{image.volume_id}'" + (f", .disk/info '{info}'" if info else "")
    return (
        f"is not an installation image that this collection knows. Looked for: {looked}. "
        f"Found: {label}, at its root: {_some(image.listdir())}. To use it nevertheless, describe it: "
        "family (the installer it carries), kernel and initrd (paths inside the image)"
    )


def _some(names: list[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest if names else "nothing"
