# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module makes of URLs; test__download.py downloads."""

from __future__ import annotations

import http.server
import pathlib
import threading
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media import fetch
from ansible_collections.netinstall.pxe.plugins.modules import image_download


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "127.0.0.1:port", "[::1"])
def test_hosts_that_nobody_can_ask(tmp_path: pathlib.Path, host: str) -> None:
    params: dict[str, t.Any] = {
        "url": f"http://{host}/x.iso",
        "path": str(tmp_path / "x.iso"),
        "checksum": f"sha256:{'0' * 64}",
        "stamps": None,
        "interval": 1,
        "timeout": 1,
    }
    with pytest.raises(PxeError, match=r"/x\.iso: cannot be fetched: "):
        image_download.run(params, check=False)
    assert list(tmp_path.iterdir()) == []


class Leading(http.server.BaseHTTPRequestHandler):
    """Leads from /x to the same server under another name, and notes who brings a password."""

    authorized: t.ClassVar[list[tuple[str, bool]]] = []

    def do_GET(self) -> None:
        self.authorized.append((self.path, "Authorization" in self.headers))
        self.send_response(302 if self.path == "/x" else 200)
        port = t.cast("http.server.HTTPServer", self.server).server_port
        self.send_header("Location", f"http://localhost:{port}/y")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize("module", ["image_download", "fetch"])
def test_a_password_stays_with_its_host(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    Leading.authorized.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Leading) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/x"
        if module == "image_download":
            image_download.opener(5)(url, {}).close()
        else:
            fetch.fetch(url, 10)
        server.shutdown()
    assert Leading.authorized == [("/x", True), ("/y", False)]
