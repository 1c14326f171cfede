# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Downloads large files in slices, so that somebody can say in between how far it is.

What has come so far lies in a hidden file beside the target. Each slice asks for the rest of it by a range
(RFC 9110, 14), so a broken connection or a killed run costs nothing. The target appears by a rename, after the
whole file has the described checksum.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import http.client
import os
import re
import socket
import time
import typing as t
import urllib.error
from dataclasses import dataclass

from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.images import (
    digest_of,
    parse_checksum,
    remember,
)

_CHUNK = 256 * 1024
# Before Python 3.10, socket.timeout is no TimeoutError.
_BROKEN = (http.client.HTTPException, ConnectionError, TimeoutError, socket.timeout)
# Takes a URL and request headers, returns an open response (``open_url``).
Opener = t.Callable[[str, dict[str, str]], t.Any]


@dataclass(frozen=True)
class Progress:
    """Bytes that are there, that were there when the slice began, and of the whole file, if the server says."""

    finished: bool
    received: int
    resumed: int = 0
    total: int | None = None


@dataclass(frozen=True)
class Download:
    """One file to be downloaded."""

    url: str
    path: str
    checksum: str

    @property
    def part(self) -> str:
        """Where the file grows. It carries the checksum, lest the rest of one file is added to another."""
        folder, name = os.path.split(self.path)
        return os.path.join(folder, f".{name}.{parse_checksum(self.checksum)[1][:12]}.part")

    @property
    def other_parts(self) -> list[str]:
        """Unfinished downloads of what the same name stood for before."""
        folder, name = (glob.escape(part) for part in os.path.split(self.path))
        return [path for path in glob.glob(f"{folder}/.{name}.{'?' * 12}.part") if path != self.part]


def is_there(download: Download, stamps: str | None, write: bool) -> bool:
    """Whether the target is what it should be. See ``_media.digest_of`` for ``stamps``."""
    algorithm, wanted = parse_checksum(download.checksum)
    return os.path.isfile(download.path) and digest_of(download.path, algorithm, stamps, write) == wanted


def fetch_slice(download: Download, opener: Opener, seconds: float, stamps: str | None) -> Progress:
    """Receive for about so many seconds, then say how far it is; put the file in place when it is whole.

    A connection that breaks ends the slice early. A server that cannot send ranges is read to the end.

    :raises PxeError: the server refuses, the disk is full, or what came has another checksum.
    """
    folder = os.path.dirname(download.path)
    if not os.path.isdir(folder):
        raise PxeError(f"{download.path}: the folder {folder} does not exist; make it, or give another path")
    for path in download.other_parts:
        os.unlink(path)
    try:
        progress = _receive(download, opener, time.monotonic() + seconds)
    except urllib.error.HTTPError as exc:
        raise PxeError(
            f"{download.url}: the server answers {exc.code} {exc.reason}; correct the url"
        ) from exc
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            # Lest it keeps the disk full, which others need too, and for which a server can send without end.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(download.part)
        raise PxeError(f"{download.path}: cannot write: {exc.strerror or exc}") from exc
    finally:
        if os.path.exists(download.part) and not os.path.getsize(download.part):
            os.unlink(download.part)
    if progress.finished:
        _finish(download, stamps)
    return progress


def _receive(download: Download, opener: Opener, until: float) -> Progress:
    with open(download.part, "ab") as file:
        try:
            response, total = _request(download, opener, file)
        except (urllib.error.URLError, *_BROKEN) as exc:
            if isinstance(exc, urllib.error.HTTPError):
                raise
            raise PxeError(
                f"{download.url}: cannot be fetched: {getattr(exc, 'reason', None) or exc}"
            ) from exc
        if response is None:
            return Progress(True, file.tell(), file.tell(), file.tell())
        with contextlib.closing(response):
            resumed = file.tell()
            _check_space(download, total, resumed)
            resumable = response.status == 206 or response.headers.get("Accept-Ranges") == "bytes"
            ended = _copy(response, file, until if resumable else None)
        finished = file.tell() == total if total is not None else ended
        if not finished and not resumable:
            raise PxeError(f"{download.url}: the connection broke, and the server cannot resume; run again")
        return Progress(finished, file.tell(), resumed, total)


def _request(download: Download, opener: Opener, file: t.BinaryIO) -> tuple[t.Any, int | None]:
    """Ask for what is missing; return the response and the whole length. No response: nothing is missing."""
    start = file.tell()
    try:
        response = opener(download.url, {"Range": f"bytes={start}-"} if start else {})
    except urllib.error.HTTPError as exc:
        if exc.code != 416:
            raise
        # Range not satisfiable: all of it is here already.
        return None, start
    if start and response.status == 206:
        span = re.match(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
        if span and int(span[1]) == start:
            return response, int(span[2])
        response.close()
        file.truncate(0)
        file.seek(0)
        response = opener(download.url, {})
    elif start:
        file.truncate(0)
        file.seek(0)
    length = response.headers.get("Content-Length", "")
    return response, int(length) if length.isdigit() else None


def _copy(response: t.Any, file: t.BinaryIO, until: float | None) -> bool:
    """Copy until the end (then ``True``), until time is up, or until the connection breaks."""
    while until is None or time.monotonic() < until:
        try:
            data = response.read(_CHUNK)
        except _BROKEN:
            return False
        if not data:
            return True
        file.write(data)
    return False


def _check_space(download: Download, total: int | None, received: int) -> None:
    space = os.statvfs(os.path.dirname(download.path))
    free = space.f_bavail * space.f_frsize
    if total is not None and total - received > free:
        raise PxeError(
            f"{download.path}: {total - received} bytes are still to come, but only {free} are free there; "
            "make room, or give another path"
        )


def _finish(download: Download, stamps: str | None) -> None:
    algorithm, wanted = parse_checksum(download.checksum)
    found = digest_of(download.part, algorithm, None, write=False)
    if found != wanted:
        os.unlink(download.part)
        raise PxeError(
            f"{download.url} has {algorithm} {found}, not {wanted} as described; nothing was kept. "
            "Correct its checksum, or find out who changed the file"
        )
    fd = os.open(download.part, os.O_RDONLY)
    try:
        os.fchmod(fd, 0o644)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.replace(download.part, download.path)
    if stamps:
        remember(download.path, download.checksum, stamps)
