# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers answer; test_netboot_tree.py has a real one that leads elsewhere."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import fetch


@pytest.fixture
def answering() -> t.Iterator[t.Callable[[bytes], str]]:
    """Starts a server that says these bytes to whoever asks, and hangs up; its URL."""
    with contextlib.ExitStack() as stack:

        def start(answer: bytes) -> str:
            class Handler(socketserver.StreamRequestHandler):
                def handle(self) -> None:
                    while self.rfile.readline().strip():
                        pass
                    self.wfile.write(answer)

            server = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_address[1]}/x"

        yield start


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        (b"Content-Length: 100", b"half", "the connection broke"),
        (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\n", "cannot be fetched: IncompleteRead"),
        (b"Transfer-Encoding: chunked", b"8\r\nhalf", "cannot be fetched: IncompleteRead"),
        (b"Connection: close", b"half", "does not say how long the file is"),
        (b"Content-Length: -1", b"half", "does not say how long the file is"),
        (b"Content-Length: 60000", b"x" * 60000, "has more than 0 MiB"),
    ],
)
def test_half_a_file_is_none(
    answering: t.Callable[[bytes], str], headers: bytes, body: bytes, said: str
) -> None:
    with pytest.raises(PxeError) as raised:
        fetch.fetch(answering(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n" + body), 50000)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("headers", "body"),
    [(b"Content-Length: 5", b"whole"), (b"Transfer-Encoding: chunked", b"5\r\nwhole\r\n0\r\n\r\n")],
)
def test_a_whole_file(answering: t.Callable[[bytes], str], headers: bytes, body: bytes) -> None:
    url = answering(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n" + body)
    assert fetch.fetch(url, 50000) == b"whole"
