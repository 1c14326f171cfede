# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for web servers of one's own, in a real Apache httpd and a real nginx that do more than they should."""

from __future__ import annotations

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import typing as t

import pytest

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
PROGRAMS = {
    "apache": shutil.which("apache2", path=PATH) or shutil.which("httpd", path=PATH),
    "nginx": shutil.which("nginx", path=PATH),
}
MODULES = next(
    (path for path in ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules") if os.path.isdir(path)), ""
)
pytestmark = pytest.mark.skipif(
    not all(PROGRAMS.values()), reason="needs both: apt-get install apache2-bin nginx-light"
)
ALIASES = {
    "/yum/CentOS6.8": "trees/centos-6",
    "/yum": "trees",
    "/pxefiles": "boot",
    "/ks.sh": "files/tools/ks.sh",
}
# As Debian's apache2.conf denies and mime.conf encodes, with handlers that would run what is called so.
APACHE = """\
ServerRoot {folder}
ServerName localhost
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel error
Listen 127.0.0.1:{port}
{modules}
{user}
<Directory />
    Options FollowSymLinks
    AllowOverride All
    Require all denied
</Directory>
AccessFileName .htaccess
TypesConfig /dev/null
AddEncoding x-gzip .gz
AddHandler type-map .var
AddHandler server-status .php
DirectoryIndex index.html
SetOutputFilter DEFLATE
<VirtualHost 127.0.0.1:{port}>
    DocumentRoot {folder}/house
    <Directory {folder}/house>
        Require all granted
    </Directory>
    Include {folder}/rules.conf
    <FilesMatch "[.]php$">
        SetHandler server-status
    </FilesMatch>
</VirtualHost>
"""
WANTED = (
    *(
        "mpm_event",
        "authz_core",
        "alias",
        "autoindex",
        "dir",
        "mime",
        "env",
        "filter",
        "deflate",
        "negotiation",
    ),
    *("status", "access_compat", "authz_host"),
)
NGINX = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; gzip on; gzip_types *;
  server {{
    listen 127.0.0.1:{port}; root {folder}/house;
    location ~ [.]php$ {{ return 418; }}
    include {folder}/rules.conf;
  }}
}}
"""


class Server(t.NamedTuple):
    kind: str
    root: pathlib.Path
    port: int

    def ask(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(
                method, path, body=b"x" if method == "PUT" else None, headers={"Accept-Encoding": "gzip"}
            )
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()

    def status(self, path: str, method: str = "GET") -> int:
        return self.ask(path, method)[0]


def fill(root: pathlib.Path) -> None:
    files = {
        "boot/boot.ipxe": "#!ipxe\n" * 1000,
        "boot/x.php": "<?php",
        "boot/machines/a.ipxe": "#!ipxe\n",
        "trees/centos-6/.treeinfo": "[general]\n",
        "trees/centos-6/images/initrd.gz": "initrd\n",
        "trees/centos-6/a.var": "URI: b\n",
        "trees/centos-6/.htaccess": "Deny from all\nRedirect / http://127.0.0.1:9/\n",
        "files/tools/ks.sh": "echo\n",
        "answers/10.77.0.11/node01.ipxe": "secret\n",
        "events/10.77.0.11/t/armed": "secret\n",
        "iso/x.iso": "not served\n",
        "media/x.json": "not served\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "trees/centos-6/link").symlink_to("images/initrd.gz")
    (root / "boot/out").symlink_to("/etc/passwd")
    (root / "files/out").symlink_to("../answers/10.77.0.11/node01.ipxe")


def conf(kind: str, folder: pathlib.Path, port: int) -> str:
    as_root = os.geteuid() == 0
    if kind == "nginx":
        return NGINX.format(folder=folder, port=port, user="user root;" if as_root else "")
    lines = (f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in WANTED)
    built_in = subprocess.run([str(PROGRAMS[kind]), "-l"], capture_output=True, text=True, check=False).stdout
    modules = "\n".join(line for line in lines if f"mod_{line.split()[1][:-7]}.c" not in built_in)
    return APACHE.format(folder=folder, port=port, modules=modules, user="User nobody" if as_root else "")


@pytest.fixture(scope="module")
def servers(
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> t.Iterator[dict[str, Server]]:
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in PROGRAMS}
    jobs = [
        (
            "{{ http_none_root }}/http/{{ item }}",
            {
                "item": f"{kind}.conf",
                "http_none_root": str(folder / "root"),
                "http_none_aliases": ALIASES,
                "http_none_files": {"folder": "public"},
            },
        )
        for kind, folder in folders.items()
    ]
    texts = renderer("http_none").render(jobs)
    with contextlib.ExitStack() as stack:
        found = {}
        for (kind, folder), text in zip(folders.items(), texts):
            port = free_port()
            fill(folder / "root")
            (folder / "house").mkdir()
            for path in (folder, folder / "root", folder / "house"):
                path.chmod(0o755)
            # pytest's own folders are for their owner alone.
            for parent in list(folder.parents)[:2]:
                parent.chmod(0o755)
            (folder / "rules.conf").write_text(text, encoding="utf-8")
            (folder / "server.conf").write_text(conf(kind, folder, port), encoding="utf-8")
            found[kind] = stack.enter_context(running(kind, folder, port))
        yield found


@contextlib.contextmanager
def running(kind: str, folder: pathlib.Path, port: int) -> t.Iterator[Server]:
    program = str(PROGRAMS[kind])
    file = ["-f" if kind == "apache" else "-c", str(folder / "server.conf")]
    extra = ["-X"] if kind == "apache" else ["-e", str(folder / "error.log")]
    # What `apachectl -t` runs.
    checked = subprocess.run([program, *file, "-t"], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr.lower()
    with subprocess.Popen([program, *file, *extra]) as process:
        try:
            deadline = time.monotonic() + 20
            while process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            yield Server(kind, folder / "root", port)
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(params=sorted(PROGRAMS))
def server(servers: dict[str, Server], request: pytest.FixtureRequest) -> Server:
    return servers[request.param]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/boot/boot.ipxe", 200),
        ("/boot/", 200),
        ("/boot/machines/", 200),
        ("/boot/nothing", 404),
        ("/trees/centos-6/.treeinfo", 200),
        ("/trees/centos-6/images/initrd.gz", 200),
        ("/trees/centos-6/link", 200),
        ("/files/tools/", 200),
        ("/files/tools/ks.sh", 200),
        ("/yum/CentOS6.8/.treeinfo", 200),
        ("/yum/CentOS6.8/images/", 200),
        ("/yum/centos-6/.treeinfo", 200),
        ("/pxefiles/boot.ipxe", 200),
        ("/ks.sh", 200),
        # Links lead out of nothing
        ("/boot/out", 403),
        ("/files/out", 403),
        ("/pxefiles/out", 403),
        # Answers and reports are nobody's
        ("/answers", 403),
        ("/answers/", 403),
        ("/answers/10.77.0.11/node01.ipxe", 403),
        ("/events/10.77.0.11/t/armed", 403),
        ("//answers/10.77.0.11/node01.ipxe", 403),
        ("/boot/../answers/10.77.0.11/node01.ipxe", 403),
        ("/yum/%2e%2e/answers/10.77.0.11/node01.ipxe", 403),
        # And nothing else is there
        ("/iso/x.iso", 404),
        ("/media/x.json", 404),
        ("/http/apache.conf", 404),
        ("/boot/../iso/x.iso", 404),
    ],
)
def test_who_gets_what(server: Server, path: str, status: int) -> None:
    assert server.status(path) == status


@pytest.mark.parametrize(
    "path", ["/boot/boot.ipxe", "/trees/centos-6/new", "/files/tools/ks.sh", "/pxefiles/boot.ipxe"]
)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "MOVE", "PROPFIND"])
def test_nothing_can_be_written(server: Server, method: str, path: str) -> None:
    assert server.status(path, method) in (403, 405)


def test_files_are_what_they_are(server: Server) -> None:
    """Whatever the server does with others of these names."""
    for path in (
        "/boot/boot.ipxe",
        "/trees/centos-6/images/initrd.gz",
        "/boot/x.php",
        "/trees/centos-6/a.var",
    ):
        _status, headers, body = server.ask(path)
        assert "content-encoding" not in headers
        assert body == (server.root / path[1:]).read_bytes()
        assert headers["content-length"] == str(len(body))


def test_folders_are_listed(server: Server) -> None:
    _status, _headers, body = server.ask("/trees/centos-6/images/")
    assert 'href="initrd.gz"' in body.decode()


def test_the_rules_name_every_public_folder_and_no_other(servers: dict[str, Server]) -> None:
    for kind, server in servers.items():
        text = (server.root.parent / "rules.conf").read_text(encoding="utf-8")
        named = set(re.findall(rf"{re.escape(str(server.root))}/([a-z]+)", text)) - {"http"}
        assert named == {"boot", "trees", "files"}, kind
