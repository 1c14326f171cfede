# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import hashlib
import http.server
import os
import re
import subprocess
import threading
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import download as _download
from ansible_collections.netinstall.pxe.plugins.module_utils._media.download import (
    Download,
    fetch_slice,
    is_there,
)

CONTENT = os.urandom(3_000_000)
SHA = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT as its server is told."""

    server: Server

    def do_GET(self) -> None:
        server = self.server
        span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        server.asked.append(self.headers.get("Range"))
        if self.path != "/x.iso":
            return self.send_error(404)
        start = int(span[1]) if span and server.ranges else 0
        if start >= len(CONTENT):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if server.length:
            self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(CONTENT[start : start + server.most])
        return None

    def log_message(self, *args: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges = self.length = True
        # Bytes after which the connection is closed.
        self.most = len(CONTENT)
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/x.iso"


@pytest.fixture
def server() -> t.Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def opener(url: str, headers: dict[str, str]) -> t.Any:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return direct.open(urllib.request.Request(url, headers=headers), timeout=5)


@pytest.fixture
def download(server: Server, tmp_path: Path) -> Download:
    return Download(server.url, str(tmp_path / "x.iso"), SHA)


def fetch(download: Download, seconds: float = 60, stamps: str | None = None) -> _download.Progress:
    return fetch_slice(download, opener, seconds, stamps)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_downloads(download: Download, tmp_path: Path) -> None:
    assert not is_there(download, None, write=True)
    progress = fetch(download)
    assert (progress.finished, progress.received, progress.total) == (True, len(CONTENT), len(CONTENT))
    assert (tmp_path / "x.iso").read_bytes() == CONTENT
    assert (tmp_path / "x.iso").stat().st_mode & 0o777 == 0o644
    assert files(tmp_path) == ["x.iso"]
    assert is_there(download, None, write=True)


def test_its_checksum_needs_not_be_computed_again(
    download: Download, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = str(tmp_path / "stamps")
    fetch(download, stamps=stamps)
    monkeypatch.setattr(hashlib, "new", None)
    assert is_there(download, stamps, write=True)


def test_goes_on_where_a_slice_ended(download: Download, server: Server, tmp_path: Path) -> None:
    first = fetch(download, seconds=0)
    assert (first.finished, first.received) == (False, 0)
    server.most = 1_000_000
    second = fetch(download)
    assert (second.finished, second.resumed, second.received) == (False, 0, 1_000_000)
    assert not (tmp_path / "x.iso").exists()
    server.most = len(CONTENT)
    third = fetch(download)
    assert (third.finished, third.resumed) == (True, 1_000_000)
    assert server.asked == [None, None, "bytes=1000000-"]
    assert (tmp_path / "x.iso").read_bytes() == CONTENT


def test_a_part_that_is_whole_needs_nothing(download: Download, tmp_path: Path) -> None:
    Path(download.part).write_bytes(CONTENT)
    assert fetch(download).finished
    assert files(tmp_path) == ["x.iso"]


def test_a_server_without_ranges_is_read_to_the_end(
    download: Download, server: Server, tmp_path: Path
) -> None:
    server.ranges = False
    Path(download.part).write_bytes(b"old")
    assert fetch(download, seconds=0).finished
    assert (tmp_path / "x.iso").read_bytes() == CONTENT


def test_a_server_without_ranges_that_breaks_off(download: Download, server: Server) -> None:
    server.ranges, server.most = False, 1000
    with pytest.raises(PxeError, match="the connection broke, and the server cannot resume"):
        fetch(download)


def test_a_wrong_checksum_leaves_nothing(download: Download, tmp_path: Path) -> None:
    Path(download.part).write_bytes(b"damaged")
    with pytest.raises(PxeError, match="as described; nothing was kept"):
        fetch(download)
    assert files(tmp_path) == []


def test_a_wrong_checksum_leaves_what_was_there(download: Download, tmp_path: Path) -> None:
    (tmp_path / "x.iso").write_bytes(b"old")
    with pytest.raises(PxeError):
        fetch(Download(download.url, download.path, "sha256:" + "0" * 64))
    assert (tmp_path / "x.iso").read_bytes() == b"old"


def test_the_rest_of_another_download_is_removed(download: Download, tmp_path: Path) -> None:
    for name in (".x.iso.0123456789ab.part", ".y.iso.0123456789ab.part", ".x.iso.short.part"):
        (tmp_path / name).touch()
    fetch(download)
    assert files(tmp_path) == [".x.iso.short.part", ".y.iso.0123456789ab.part", "x.iso"]


def test_what_the_server_refuses(download: Download, tmp_path: Path) -> None:
    with pytest.raises(PxeError, match=r"y\.iso: the server answers 404 Not Found; correct the url"):
        fetch(Download(download.url.replace("x.iso", "y.iso"), download.path, SHA))
    assert files(tmp_path) == []


def test_a_server_that_is_not_there(download: Download, server: Server) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(PxeError, match="cannot be fetched"):
        fetch(download)


def test_a_folder_that_is_not_there(download: Download) -> None:
    with pytest.raises(PxeError, match="/nowhere does not exist; make it"):
        fetch(Download(download.url, "/nowhere/x.iso", SHA))


def test_a_full_disk_is_noticed_before(download: Download, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.statvfs("/")
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result([*real[:4], 2, *real[5:]]))
    with pytest.raises(PxeError, match=r"3000000 bytes are still to come, but only \d+ are free"):
        fetch(download)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_download_without_end_does_not_keep_the_disk_full(server: Server, tmp_path: Path) -> None:
    server.ranges = server.length = False
    (tmp_path / "small").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path / "small")], check=True)
    try:
        with pytest.raises(PxeError, match="cannot write: No space left on device"):
            fetch(Download(server.url, str(tmp_path / "small/x.iso"), SHA))
        assert files(tmp_path / "small") == []
    finally:
        subprocess.run(["umount", str(tmp_path / "small")], check=True)
