# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real nginx with the site as the role renders it, asked from several addresses of the loopback."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import paths
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.machines import armed_text

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")

ADDRESS = "127.0.0.1"
NODE01 = "127.0.0.11"
NODE02 = "127.0.0.12"
CONF = "{{ __http_nginx_folder }}/conf.d/netinstall-pxe.conf"
TOKEN = "0123456789abcdef0123456789abcdef"
OTHER_TOKEN = "Zm9vYmFy-Zm9vYmFy_Zm9v"
# The windows of their armings, and the armed scripts.
# Always open, and the same in each of pytest's processes, which must agree on the names of the tests.
SINCE, UNTIL = 1700000000, 4000000000
WINDOW = f"{SINCE}-{UNTIL}"
SCRIPT = "node01_52-54-00-aa-00-01.ipxe"
SCRIPT2 = "node02_52-54-00-aa-00-02.ipxe"
RELEASE = f"/answers/{NODE01}/{TOKEN}/{WINDOW}/release"
READY = f"/answers/{NODE01}/{TOKEN}/{WINDOW}/ready"
EVENTS = f"events/{NODE01}/{TOKEN}"
HASHES = {
    # Of "master" by SHA-512 and of "own" by MD5 and SHA-256, as mkpasswd and openssl passwd print them.
    "menu": "$6$netinstall$6tPxnWQzM4VM4sbvvFPRLSDYMjFa4fsX0.bpeRN8DLNvm8d7JNGLoZ77h6JnaR3xaXp5gfBHpmhs/YFYmD/9c.",
    "p1": "$1$pxe$4TVz3GElInIHZ8x6/lkAy1",
    "p-2": "$5$netinstall$zVddpQgvJS2SM/kB9PSNkYPF3HaGCivGGC8Vz0MJzM9",
}
BIG = bytes(range(256)) * 16384  # 4 MiB
ALIASES = {
    "/yum/Debian13": "trees/debian-13",
    "/yum": "trees",
    "/pxefiles": "boot",
    "/own/a.b+c": "files/tools",
    "/ks.sh": "files/tools/ks.sh",
}

# As Debian's nginx.conf, with another site on all addresses beside ours, and no path outside the test's folder.
WRAPPER = """\
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    gzip on;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    {gateways}
    include {folder}/netinstall-pxe.conf;
    server {{ listen {port} default_server; location / {{ return 200 "the default site\\n"; }} }}
}}
"""


class Answer(t.NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Site:
    """A served folder."""

    def __init__(self, root: pathlib.Path, log: pathlib.Path, port: int) -> None:
        self.root = root
        self.log = log
        self.port = port

    def ask(
        self,
        path: str,
        source: str = NODE01,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        address: str = ADDRESS,
    ) -> Answer:
        connection = http.client.HTTPConnection(address, self.port, timeout=20, source_address=(source, 0))
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def status(self, path: str, source: str = NODE01, method: str = "GET", body: bytes | None = None) -> int:
        return self.ask(path, source, method, body).status


def fill(root: pathlib.Path) -> None:
    """What the other roles would have put there."""
    files = {
        "boot/boot.ipxe": b"#!ipxe\n",
        "boot/snponly.efi": BIG[:70000],
        "trees/debian-13/pool/big.deb": BIG,
        "iso/secret.iso": b"not served",
        f"answers/{NODE01}/{SCRIPT}": b"#!ipxe\n# node01\n",
        f"answers/{NODE01}/{TOKEN}/preseed.cfg": b"d-i secret\n",
        f"answers/{NODE01}/{TOKEN}/.preseed.cfg.tmp": b"half\n",
        f"answers/{NODE02}/{SCRIPT2}": b"#!ipxe\n# node02\n",
        f"answers/{NODE02}/{OTHER_TOKEN}/preseed.cfg": b"d-i secret\n",
        f"{EVENTS}/armed": b"{}\n",
        f"{EVENTS}/ticket-{WINDOW}": b"node01\n",
        f"events/{NODE02}/{OTHER_TOKEN}/armed": b"{}\n",
        f"events/{NODE02}/{OTHER_TOKEN}/ticket-{WINDOW}": b"node02\n",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "files/tools").mkdir(parents=True)
    (root / "files/tools/ks.sh").write_text("echo ks\n")
    (root / "files/link").symlink_to("tools/ks.sh")
    (root / "files/out").symlink_to("/etc/passwd")
    (root / "trees" / "rocky-9").symlink_to(root / "trees" / "debian-13")


def fill_small(root: pathlib.Path) -> None:
    """One armed machine, and little else."""
    for name, text in (
        (f"answers/{NODE01}/{TOKEN}/preseed.cfg", "d-i secret\n"),
        (f"{EVENTS}/ticket-{WINDOW}", "node01\n"),
    ):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((ADDRESS, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def gateways(folder: pathlib.Path) -> str:
    """Where nginx keeps what it has no use for here; one that is built from source need not know the words."""
    built = subprocess.run([str(NGINX), "-V"], capture_output=True, text=True, timeout=20, check=True).stderr
    known = [name for name in ("fastcgi", "uwsgi", "scgi") if f"--without-http_{name}_module" not in built]
    return " ".join(f"{name}_temp_path {folder}/{name};" for name in known)


@contextlib.contextmanager
def served(conf: str, folder: pathlib.Path, port: int) -> t.Iterator[Site]:
    (folder / "netinstall-pxe.conf").write_text(conf, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    wrapper = WRAPPER.format(folder=folder, port=port, user=user, gateways=gateways(folder))
    (folder / "nginx.conf").write_text(wrapper, encoding="utf-8")
    command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=20, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    with subprocess.Popen(command) as process:
        try:
            wait_for(port, process)
            yield Site(folder / "root", folder / "access.log", port)
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def sites(
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> t.Iterator[dict[str, Site]]:
    """One server for each value of site_on_failed_install."""
    folders = {policy: tmp_path_factory.mktemp(policy) for policy in ("hold", "retry")}
    ports = {policy: free_port() for policy in folders}
    variables = [
        {
            "http_nginx_address": ADDRESS,
            "http_nginx_port": ports[policy],
            "http_nginx_root": str(folder / "root"),
            "http_nginx_log": str(folder / "access.log"),
            "http_nginx_event_size": "64k",
            "http_nginx_connections": 32,
            "http_nginx_on_failed_install": policy,
            # Only one of the two has passwords.
            "http_nginx_passwords": HASHES if policy == "hold" else {},
            # Only one of the two shows files of its own, and has aliases.
            "http_nginx_files": {"path": "/srv/own"} if policy == "hold" else {},
            "http_nginx_aliases": ALIASES if policy == "hold" else {},
            "__http_nginx_password_file": str(folder / "passwords"),
            "__http_nginx_socket": str(folder / "release.sock"),
        }
        for policy, folder in folders.items()
    ]
    for folder in folders.values():
        lines = [f"{name}:{value}\n" for name, value in HASHES.items()]
        (folder / "passwords").write_text("".join(lines), encoding="utf-8")
    texts = renderer("http_nginx").render([(CONF, each) for each in variables])
    with contextlib.ExitStack() as stack:
        yield {
            policy: stack.enter_context(served(text, folders[policy], ports[policy]))
            for policy, text in zip(folders, texts)
        }


def emptied(site: Site) -> Site:
    """The same server, with a fresh folder."""
    shutil.rmtree(site.root, ignore_errors=True)
    fill(site.root)
    return site


@pytest.fixture
def site(sites: dict[str, Site]) -> Site:
    return emptied(sites["hold"])


@pytest.fixture
def retrying(sites: dict[str, Site]) -> Site:
    return emptied(sites["retry"])


@pytest.mark.parametrize(
    ("path", "source", "status"),
    [
        # open to all
        ("/boot/boot.ipxe", NODE02, 200),
        ("/boot/", NODE02, 200),
        ("/boot/machines/52-54-00-aa-00-01.ipxe", NODE01, 404),
        ("/trees/debian-13/pool/big.deb", NODE01, 200),
        ("/trees/rocky-9/pool/big.deb", NODE01, 200),
        ("/trees/debian-13/pool/", NODE01, 200),
        ("/files/", NODE01, 200),
        ("/files/tools/ks.sh", NODE02, 200),
        # aliases of what is open to all
        ("/yum/Debian13/pool/big.deb", NODE01, 200),
        ("/yum/Debian13/", NODE01, 200),
        ("/yum/debian-13/pool/big.deb", NODE01, 200),
        ("/yum/", NODE01, 200),
        ("/yum", NODE01, 200),
        ("/pxefiles/boot.ipxe", NODE02, 200),
        ("/pxefiles", NODE02, 200),
        ("/own/a.b+c/ks.sh", NODE01, 200),
        ("/ks.sh", NODE01, 200),
        # and of nothing else
        ("/own/aXb+c/ks.sh", NODE01, 404),
        ("/own/", NODE01, 404),
        ("/yumX/Debian13/", NODE01, 404),
        ("/yum/Debian13X/pool/big.deb", NODE01, 404),
        ("/yum/../iso/secret.iso", NODE01, 404),
        ("/yum/..%2fiso%2fsecret.iso", NODE01, 404),
        (f"/yum/..%2fanswers/{NODE01}/{SCRIPT}", NODE02, 403),
        (f"/yum/Debian13/..%2f..%2fanswers/{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        ("/yum/%0a", NODE01, 404),
        ("/ks.sh/x", NODE01, 404),
        # links are not followed
        ("/files/link", NODE01, 403),
        ("/files/out", NODE01, 403),
        # nothing else below the root
        ("/", NODE01, 404),
        ("/iso/secret.iso", NODE01, 404),
        ("/boot/../iso/secret.iso", NODE01, 404),
        ("/boot/..%2fiso%2fsecret.iso", NODE01, 404),
        ("/trees/..%2f..%2f..%2f..%2f..%2fetc/passwd", NODE01, 400),
        ("/trees/%2e%2e/iso/secret.iso", NODE01, 404),
        # answers: their own machine
        (f"/answers/{NODE01}/{SCRIPT}", NODE01, 200),
        (READY, NODE01, 200),
        # not before its release
        (f"/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE01, 409),
        (f"/answers/{NODE01}/{TOKEN}/never-there", NODE01, 409),
        (f"/answers/{NODE01}/{'f' * 32}/preseed.cfg", NODE01, 409),
        (f"/answers/{NODE01}/{'f' * 32}/{WINDOW}/ready", NODE01, 409),
        (f"/answers/{NODE01}/missing.ipxe", NODE01, 404),
        # answers: any other machine
        (f"/answers/{NODE01}/{SCRIPT}", NODE02, 403),
        (READY, NODE02, 403),
        (f"/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        (f"/answers/{NODE01}/missing.ipxe", NODE02, 403),
        # an address that only begins or ends like the own one
        (f"/answers/{NODE01}/{SCRIPT}", "127.0.0.1", 403),
        (f"/answers/{NODE01}/{SCRIPT}", "127.0.0.111", 403),
        # no listing, no hidden file, no way round
        ("/answers/", NODE01, 403),
        (f"/answers/{NODE01}", NODE01, 403),
        (f"/answers/{NODE01}/", NODE01, 403),
        (f"/answers/{NODE01}/{TOKEN}", NODE01, 301),
        (f"/answers/{NODE01}/{TOKEN}/", NODE01, 403),
        (f"/answers/{NODE01}/{TOKEN}/.preseed.cfg.tmp", NODE01, 403),
        (f"/answers/{NODE02}/..%2f{NODE01}/{SCRIPT}", NODE02, 403),
        (f"/answers/{NODE02}/../{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        (f"/answers/{NODE02}/%2e%2e/{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        (f"//answers//{NODE01}//{TOKEN}//preseed.cfg", NODE02, 403),
        (f"/boot/../answers/{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        (f"/trees/..%2fanswers/{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        (f"/answers/{NODE02}%20/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE02, 403),
        # events
        (f"/events/{NODE01}/{TOKEN}/armed", NODE01, 200),
        (f"/events/{NODE01}/{TOKEN}/armed", NODE02, 403),
        (f"/events/{NODE01}/{TOKEN}/installed", NODE01, 404),
        (f"/events/{NODE01}/{TOKEN}/installed", NODE02, 403),
        (f"/events/{NODE01}/{TOKEN}/ticket-{WINDOW}", NODE01, 403),
        (f"/events/{NODE01}/{TOKEN}/released", NODE01, 403),
        ("/netinstall-pxe-release", NODE01, 404),
        (f"/events/{NODE01}/{TOKEN}/", NODE01, 403),
        (f"/events/{NODE01}/", NODE01, 403),
        ("/events/", NODE01, 403),
    ],
)
def test_who_may_read_what(site: Site, path: str, source: str, status: int) -> None:
    assert site.status(path, source) == status
    assert site.status(path, source, "HEAD") == status


@pytest.mark.parametrize(
    ("path", "source", "status"),
    [
        *[
            (f"/events/{NODE01}/{TOKEN}/{name}", NODE01, 201)
            for name in (
                "started",
                "installed",
                "failed",
                "progress-partman-base",
                "progress-disk",
                "progress-own-7",
                "progress-other",
                "log-syslog",
                "log-own-4",
            )
        ],
        *[
            (f"/events/{NODE01}/{TOKEN}/{name}", NODE01, 403)
            for name in (
                "armed",
                "anything",
                "progress-",
                "progress-Upper",
                "progress-a%2fb",
                "progress-" + "x" * 101,
                "started%0a",
                "started/",
                "log-a%20b",
                ".htaccess",
                "",
            )
        ],
        *[
            (f"/events/{path}", source, status)
            for name in ("started", "progress-disk", "progress-x", "log-syslog", "log-x")
            for path, source, status in (
                (f"{NODE01}/{TOKEN}/{name}", NODE02, 403),
                (f"{NODE01}/{'f' * 32}/{name}", NODE01, 404),
            )
        ],
        (f"/events/{NODE01}/started", NODE01, 403),
        (f"/events/127.0.0.13/{TOKEN}/started", "127.0.0.13", 404),
        (f"/events/{NODE02}/..%2f{NODE01}/{TOKEN}/started", NODE02, 403),
        (f"/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE01, 403),
        (RELEASE, NODE01, 403),
        (READY, NODE01, 403),
        (f"/answers/{NODE01}/{TOKEN}/{WINDOW}/preseed.cfg", NODE01, 403),
        (f"/events/{NODE01}/{TOKEN}/ticket-{WINDOW}", NODE01, 403),
        (f"/events/{NODE01}/{TOKEN}/released", NODE01, 403),
        (f"/answers/{NODE01}/{SCRIPT}", NODE01, 403),
        ("/boot/boot.ipxe", NODE01, 403),
        ("/trees/x", NODE01, 403),
        ("/x", NODE01, 404),
    ],
)
def test_what_may_be_put(site: Site, path: str, source: str, status: int) -> None:
    before = snapshot(site.root)
    assert site.status(path, source, "PUT", b"by the machine\n") == status
    after = snapshot(site.root)
    if status == 201:
        name = path.rsplit("/", 1)[1]
        assert set(after) - set(before) == {f"events/{NODE01}/{TOKEN}/{name}"}
        assert site.ask(path, NODE01).body == b"by the machine\n"
    else:
        assert after == before


def snapshot(root: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "method", ["DELETE", "MKCOL", "MOVE", "COPY", "POST", "PROPFIND", "OPTIONS", "PATCH"]
)
@pytest.mark.parametrize(
    "path",
    [
        f"/events/{NODE01}/{TOKEN}/armed",
        f"/events/{NODE01}/{TOKEN}/started",
        f"/events/{NODE01}/{TOKEN}/ticket-{WINDOW}",
        f"/events/{NODE01}/{TOKEN}/",
        RELEASE,
        READY,
        f"/answers/{NODE01}/{TOKEN}/{WINDOW}/preseed.cfg",
        f"/answers/{NODE01}/{TOKEN}/preseed.cfg",
        "/boot/boot.ipxe",
        "/trees/debian-13/",
    ],
)
def test_no_other_method(site: Site, method: str, path: str) -> None:
    before = snapshot(site.root)
    answer = site.ask(path, NODE01, method, headers={"Destination": f"/events/{NODE01}/{TOKEN}/failed"})
    assert answer.status in (403, 405)
    assert snapshot(site.root) == before


def test_a_second_report_replaces_the_first(site: Site) -> None:
    path = f"/events/{NODE01}/{TOKEN}/failed"
    assert [site.status(path, NODE01, "PUT", text) for text in (b"one", b"two")] == [201, 204]
    assert site.ask(path, NODE01).body == b"two"


def test_reports_are_not_for_everybody_on_the_server(site: Site) -> None:
    site.status(f"/events/{NODE01}/{TOKEN}/log-syslog", NODE01, "PUT", b"x")
    mode = (site.root / "events" / NODE01 / TOKEN / "log-syslog").stat().st_mode & 0o777
    assert mode == 0o640


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [
        ("log-syslog", 65536, 201),
        ("log-syslog", 65537, 413),
        ("log-x", 65537, 413),
        ("log-syslog", 1 << 20, 413),
        # What tells only how far it is need not be as large as a log.
        *[
            (name, size, status)
            for name in ("started", "installed", "progress-disk", "progress-own-7")
            for size, status in ((32768, 201), (32769, 413))
        ],
        ("progress-x", 32769, 413),
    ],
)
def test_the_size_of_a_report_is_limited(site: Site, name: str, size: int, status: int) -> None:
    path = f"/{EVENTS}/{name}"
    before = events_of(site)
    try:
        assert site.status(path, NODE01, "PUT", b"x" * size) == status
    except (BrokenPipeError, ConnectionResetError):
        # It answers before it has read what it does not want.
        assert status == 413
    assert events_of(site) == sorted([*before, *([name] if status == 201 else [])])


def test_a_report_without_a_length_is_limited_too(site: Site) -> None:
    path = f"/events/{NODE01}/{TOKEN}/log-syslog"
    connection = http.client.HTTPConnection(ADDRESS, site.port, timeout=20, source_address=(NODE01, 0))
    with contextlib.closing(connection):
        connection.request(
            "PUT",
            path,
            body=iter([b"x" * 40000, b"x" * 40000]),
            encode_chunked=True,
            headers={"Transfer-Encoding": "chunked"},
        )
        assert connection.getresponse().status == 413
    assert not (site.root / path[1:]).exists()


def test_a_finished_installation_is_gone(site: Site) -> None:
    assert site.status(RELEASE) == 200
    assert site.status(f"/{EVENTS}/installed", NODE01, "PUT", b"") == 201
    names = ("preseed.cfg", "never-there", f"{WINDOW}/ready", f"{WINDOW}/release", f"{WINDOW}/preseed.cfg")
    paths = [f"/answers/{NODE01}/{TOKEN}/{name}" for name in names]
    assert [site.status(path, NODE01) for path in paths] == [410] * 5
    assert [site.status(path, NODE02) for path in paths] == [403] * 5
    assert site.status(f"/answers/{NODE01}/{SCRIPT}", NODE01) == 200
    assert site.status(f"/{EVENTS}/installed", NODE01) == 200
    # another token, another machine: as before
    assert site.status(f"/answers/{NODE02}/{OTHER_TOKEN}/{WINDOW}/ready", NODE02) == 200


# The release


def events_of(site: Site) -> list[str]:
    return sorted(path.name for path in (site.root / EVENTS).iterdir())


def ticket(site: Site, begin: int, end: int) -> str:
    """The URL of an arming with another window."""
    [former] = (site.root / EVENTS).glob("ticket-*")
    former.rename(former.with_name(f"ticket-{begin}-{end}"))
    return f"/answers/{NODE01}/{TOKEN}/{begin}-{end}"


def test_an_installation_is_released_once(site: Site) -> None:
    """Also one whose answer file never reports (case own-file-without-reports)."""
    assert [site.status(READY), site.status(READY)] == [200, 200]
    assert events_of(site) == ["armed", f"ticket-{WINDOW}"]
    assert site.ask(RELEASE).body == b"node01\n"
    assert events_of(site) == ["armed", "released"]
    assert [site.status(path) for path in (RELEASE, READY, RELEASE)] == [409, 409, 409]
    # The installer that is running needs its answers, as often as it asks.
    preseed = f"/answers/{NODE01}/{TOKEN}/preseed.cfg"
    assert [site.ask(preseed).body for _time in range(2)] == [b"d-i secret\n"] * 2
    assert site.status(f"/{EVENTS}/started", NODE01, "PUT", b"now") == 201
    assert [site.status(path) for path in (RELEASE, READY)] == [409, 409]
    assert site.status(preseed) == 200


def test_the_fetch_of_an_answer_file_may_be_the_release(site: Site) -> None:
    """Plain pxelinux cannot ask before it starts an installer."""
    gated = f"/answers/{NODE01}/{TOKEN}/{WINDOW}/preseed.cfg"
    assert site.status(f"/answers/{NODE01}/{TOKEN}/{WINDOW}/never-there") == 404
    assert site.status(gated, method="HEAD") == 403
    assert site.status(gated, NODE02) == 403
    assert events_of(site) == ["armed", f"ticket-{WINDOW}"]
    assert site.ask(gated).body == b"d-i secret\n"
    assert events_of(site) == ["armed", "released"]
    assert [site.status(path) for path in (gated, RELEASE, READY)] == [409, 409, 409]


@pytest.mark.parametrize("path", [RELEASE, f"/answers/{NODE01}/{TOKEN}/{WINDOW}/preseed.cfg"])
def test_of_requests_at_the_same_moment_one_is_released(site: Site, path: str) -> None:
    for _round in range(10):
        emptied(site)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _number: site.status(path), range(16)))
        assert answers.count(200) == 1, answers
        assert {answer for answer in answers if answer != 200} <= {409, 500}


@pytest.mark.parametrize(
    ("begin", "end", "status"),
    [
        (-60, 60, 200),
        (-1, 3600, 200),
        (60, 3600, 410),
        (10**8, 10**8 + 60, 410),
        (-3600, -1, 410),
        (-3600, 0, 410),
        (-7 * 10**8, -(10**8), 410),
        (-(10**8), 10**9, 200),
    ],
)
def test_a_release_has_its_time(site: Site, begin: int, end: int, status: int) -> None:
    now = int(time.time())
    base = ticket(site, now + begin, now + end)
    before = events_of(site)
    assert site.status(f"{base}/ready") == status
    assert site.status(f"{base}/release") == status
    assert (events_of(site) == before) == (status != 200)


def test_the_end_of_a_window_comes_by_itself(site: Site) -> None:
    now = int(time.time())
    base = ticket(site, now, now + 2)
    assert site.status(f"{base}/ready") == 200
    time.sleep(2.1)
    assert [site.status(f"{base}/{name}") for name in ("ready", "release", "preseed.cfg")] == [410] * 3


def test_numbers_are_compared_digit_by_digit(site: Site) -> None:
    """Every pair of digits at every place."""
    now = int(time.time())
    for place in range(10):
        for digit in range(10):
            text = str(now)
            other = int(text[:place] + str(digit) + text[place + 1 :])
            if not 1000000000 <= other <= 9999999999 or abs(other - now) < 5:
                continue
            base = f"/answers/{NODE01}/{TOKEN}"
            # Without a ticket: 409 is what comes after the window is found right.
            assert site.status(f"{base}/{other}-9999999999/ready") == (409 if other < now else 410)
            assert site.status(f"{base}/1000000000-{other}/ready") == (409 if other > now else 410)


@pytest.mark.parametrize("window", ["1000000000-9999999999", f"{SINCE - 1}-{UNTIL}", f"{SINCE}-{UNTIL + 1}"])
def test_a_machine_cannot_invent_a_window(site: Site, window: str) -> None:
    before = events_of(site)
    for name in ("ready", "release", "preseed.cfg"):
        assert site.status(f"/answers/{NODE01}/{TOKEN}/{window}/{name}") == 409
    assert events_of(site) == before


@pytest.mark.parametrize(
    "window", ["1-2", "0-9999999999", "1000000000", "1000000000-99999999999", "a-b", "-"]
)
def test_what_is_no_window_is_nothing(site: Site, window: str) -> None:
    assert site.status(f"/answers/{NODE01}/{TOKEN}/{window}/release") == 403


def test_nothing_is_released_that_cannot_be_recorded(site: Site) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounts a folder read-only: run as root")
    folder = str(site.root / EVENTS)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        assert site.status(READY) == 200
        assert site.status(RELEASE) == 500
        assert site.status(f"/answers/{NODE01}/{TOKEN}/{WINDOW}/preseed.cfg") == 500
        assert site.status(f"/answers/{NODE01}/{TOKEN}/preseed.cfg") == 409
    finally:
        subprocess.run(["umount", folder], check=True)
    assert events_of(site) == ["armed", f"ticket-{WINDOW}"]
    assert site.status(RELEASE) == 200
    # Each of the two has a reason, and none has a token.
    [one, other] = refusals(site, 2)
    assert one.startswith("unix: [")
    assert f'] MOVE "/{EVENTS[: -len(TOKEN)]}{TOKEN[:8]}.../ticket-{WINDOW}" 500 ' in one
    assert one.endswith(
        '"not recorded: the file system refuses it; it is read-only, over a quota, or its disk fails"'
    )
    assert other.rpartition('"not')[2] == one.rpartition('"not')[2]


def refusals(site: Site, count: int) -> list[str]:
    """The last lines of the log about renames that failed."""
    deadline = time.monotonic() + 10
    while True:
        lines = [line for line in site.log.read_text().splitlines() if "not recorded" in line]
        if len(lines) >= count or time.monotonic() > deadline:
            assert TOKEN not in site.log.read_text()
            return lines[-count:]
        time.sleep(0.05)


def test_a_ticket_that_is_gone_is_logged_with_its_reason(site: Site) -> None:
    before = len(refusals(site, 0)) if site.log.exists() else 0
    assert over_socket(site, "MOVE", f"/{EVENTS}/ticket-1700000001-{UNTIL}", f"/{EVENTS}/released") == 404
    assert "404 " in refusals(site, before + 1)[-1]
    assert "the ticket is gone" in refusals(site, before + 1)[-1]


@pytest.mark.parametrize(
    ("begin", "end", "status"),
    [(-3600, 0, 200), (-3600, -1, 200), (-(10**8), -(10**7), 200), (-60, 60, 404), (60, 3600, 404)],
)
def test_what_expired_without_a_release_says_so(site: Site, begin: int, end: int, status: int) -> None:
    """Nothing was written: such a machine needs not hold, whatever the timer does."""
    now = int(time.time())
    base = ticket(site, now + begin, now + end)
    before = events_of(site)
    assert [site.status(f"{base}/expired", method=word) for word in ("GET", "HEAD")] == [status] * 2
    assert site.status(f"{base}/expired", NODE02) == 403
    assert site.status(f"{base}/expired", method="PUT", body=b"x") == 403
    # Invented: the name of the ticket proves when it ends.
    assert site.status(f"/answers/{NODE01}/{TOKEN}/1000000000-1000003600/expired") == 409
    assert events_of(site) == before
    # Released a moment before it was over: the disk may be half installed.
    (site.root / EVENTS / f"ticket-{base[-21:]}").rename(site.root / EVENTS / "released")
    assert site.status(f"{base}/expired") == (409 if status == 200 else 404)


def test_a_ticket_beside_the_record_of_its_release_is_none(site: Site) -> None:
    """As a backup that was played back may leave it."""
    (site.root / EVENTS / "released").write_text("earlier\n")
    before = snapshot(site.root)
    assert site.status(RELEASE) == 500
    assert site.status(f"/answers/{NODE01}/{TOKEN}/{WINDOW}/preseed.cfg") == 500
    assert snapshot(site.root) == before


def test_a_full_disk_neither_stops_nor_repeats_a_release(site: Site) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounts a small file system: run as root")
    shutil.rmtree(site.root)
    site.root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(site.root)], check=True)
    try:
        fill_small(site.root)
        with contextlib.suppress(OSError), open(site.root / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)
        assert os.statvfs(site.root).f_bavail == 0
        assert site.status(f"/{EVENTS}/log-syslog", NODE01, "PUT", b"x" * 40000) == 500
        assert [site.status(path) for path in (READY, RELEASE, RELEASE, READY)] == [200, 200, 409, 409]
        assert site.status(f"/{EVENTS}/started", NODE01, "PUT", b"x" * 9000) == 500
        assert site.status(f"/{EVENTS}/installed", NODE01, "PUT", b"installed") == 500
        # An empty report needs no block.
        assert site.status(f"/{EVENTS}/installed", NODE01, "PUT", b"") == 201
        assert site.status(RELEASE) == 410
    finally:
        subprocess.run(["umount", str(site.root)], check=True)


def test_the_socket_moves_nothing_but_tickets(site: Site) -> None:
    """Whoever has an account on the server may reach it."""
    before = snapshot(site.root)
    released = f"/{EVENTS}/released"
    for method, source, target in (
        ("MOVE", f"/{EVENTS}/ticket-{WINDOW}", f"/{EVENTS}/started"),
        ("MOVE", f"/{EVENTS}/ticket-{WINDOW}", f"/events/{NODE02}/{OTHER_TOKEN}/released"),
        ("MOVE", f"/{EVENTS}/armed", released),
        ("COPY", f"/{EVENTS}/ticket-{WINDOW}", released),
        ("DELETE", f"/{EVENTS}/ticket-{WINDOW}", released),
        ("GET", f"/answers/{NODE01}/{TOKEN}/preseed.cfg", released),
        ("PUT", f"/{EVENTS}/released", released),
        ("MOVE", "/boot/boot.ipxe", released),
    ):
        assert over_socket(site, method, source, target) == 403, (method, source, target)
    assert snapshot(site.root) == before
    assert site.status(RELEASE) == 200
    # and gives no ticket back
    assert over_socket(site, "MOVE", released, f"/{EVENTS}/ticket-{WINDOW}") == 403
    assert events_of(site) == ["armed", "released"]


def over_socket(site: Site, method: str, path: str, destination: str) -> int:
    connection = http.client.HTTPConnection("localhost", timeout=20)
    with socket.socket(socket.AF_UNIX) as link, contextlib.closing(connection):
        link.connect(str(site.root.parent / "release.sock"))
        connection.sock = link
        connection.request(method, path, headers={"Destination": destination})
        return connection.getresponse().status


def test_a_started_installation_may_start_again_where_the_site_says_so(retrying: Site) -> None:
    started, installed = f"/{EVENTS}/started", f"/{EVENTS}/installed"
    assert [retrying.status(path) for path in (READY, RELEASE, READY, RELEASE)] == [200, 200, 409, 409]
    assert retrying.status(started, NODE01, "PUT", b"now") == 201
    assert [retrying.status(path) for path in (READY, RELEASE, RELEASE)] == [200, 200, 200]
    assert retrying.status(installed, NODE01, "PUT", b"now") == 201
    assert [retrying.status(path) for path in (READY, RELEASE)] == [410, 410]


def test_what_never_started_is_released_once_whatever_the_site_says(retrying: Site) -> None:
    (retrying.root / EVENTS / "failed").write_text("of something else")
    assert [retrying.status(RELEASE) for _time in range(3)] == [200, 409, 409]


def test_a_report_alone_is_no_release(retrying: Site) -> None:
    """A machine that says started, and has no ticket."""
    (retrying.root / EVENTS / f"ticket-{WINDOW}").unlink()
    assert retrying.status(f"/{EVENTS}/started", NODE01, "PUT", b"now") == 201
    assert [retrying.status(path) for path in (READY, RELEASE)] == [409, 409]


# Reports are bounded


def test_so_many_reports_and_no_more(site: Site) -> None:
    """Whatever a machine sends."""
    for number in range(600):
        for kind in ("progress", "log"):
            assert site.status(f"/{EVENTS}/{kind}-x{number}", NODE01, "PUT", b"x") in (201, 204)
    assert events_of(site) == ["armed", "log-other", "progress-other", f"ticket-{WINDOW}"]
    for number in range(130):
        site.status(f"/{EVENTS}/progress-own-{number}", NODE01, "PUT", b"x")
        site.status(f"/{EVENTS}/log-own-{number}", NODE01, "PUT", b"x")
    names = [name for name in events_of(site) if "-own-" in name]
    assert len(names) == 104


def test_a_step_of_no_list_shares_a_file(site: Site) -> None:
    assert site.status(f"/{EVENTS}/progress-partman-zfs", NODE01, "PUT", b"partman-zfs\n") == 201
    assert (site.root / EVENTS / "progress-other").read_bytes() == b"partman-zfs\n"
    assert site.status(f"/{EVENTS}/progress-partman-zfs", NODE02, "PUT", b"x") == 403


def test_after_the_end_only_logs_are_taken(site: Site) -> None:
    assert site.status(f"/{EVENTS}/installed", NODE01, "PUT", b"first") == 201
    for name in ("started", "installed", "failed", "progress-disk", "progress-x"):
        assert site.status(f"/{EVENTS}/{name}", NODE01, "PUT", b"x") == 410, name
    assert site.ask(f"/{EVENTS}/installed").body == b"first"
    assert site.status(f"/{EVENTS}/log-syslog", NODE01, "PUT", b"x") == 201


def slow_uploads(site: Site, name: str, size: int, stack: contextlib.ExitStack) -> list[socket.socket]:
    """Reports of which all but the last byte has been sent."""
    links = []
    for _number in range(40):
        link = socket.create_connection((ADDRESS, site.port), timeout=20, source_address=(NODE01, 0))
        stack.callback(link.close)
        head = f"PUT /{EVENTS}/{name} HTTP/1.1\r\nHost: x\r\nContent-Length: {size + 1}\r\n\r\n"
        link.sendall(head.encode() + b"x" * size)
        links.append(link)
    return links


@pytest.mark.parametrize(("name", "size"), [("log-syslog", 60000), ("progress-disk", 30000)])
def test_reports_that_never_end_are_few(site: Site, name: str, size: int) -> None:
    """Each is a file on the server's disk as long as it lasts."""
    body = site.root.parent / "body"
    with contextlib.ExitStack() as stack:
        links = slow_uploads(site, name, size, stack)
        time.sleep(1)
        assert len(list(body.iterdir())) <= 8
        # Others report, and are released, as if nothing were.
        base = f"{NODE02}/{OTHER_TOKEN}"
        assert site.status(f"/events/{base}/progress-disk", NODE02, "PUT", b"x") == 201
        assert site.status(f"/answers/{base}/{WINDOW}/release", NODE02) == 200
        for link in links:
            link.settimeout(0.2)
            with contextlib.suppress(TimeoutError, ConnectionError):
                assert b" 503 " in link.recv(20)
    deadline = time.monotonic() + 10
    while site.status(f"/{EVENTS}/{name}", NODE01, "PUT", b"x") != 201:
        assert time.monotonic() < deadline


# Requests of one machine at the same time


def stuck_downloads(site: Site, count: int, stack: contextlib.ExitStack) -> list[int]:
    """Statuses of requests whose answers are not read any further."""
    statuses = []
    for _number in range(count):
        link = socket.socket()
        stack.callback(link.close)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.settimeout(20)
        link.bind((NODE01, 0))
        link.connect((ADDRESS, site.port))
        link.sendall(b"GET /trees/debian-13/pool/big.deb HTTP/1.1\r\nHost: x\r\n\r\n")
        statuses.append(int(link.recv(12).split()[1]))
    return statuses


def test_an_installer_has_many_requests_and_nobody_has_all(site: Site) -> None:
    """dnf has at most 20 downloads at the same time."""
    with contextlib.ExitStack() as stack:
        assert stuck_downloads(site, 20, stack) == [200] * 20
        assert stuck_downloads(site, 20, stack) == [200] * 12 + [503] * 8
        # Its reports and its release are requests too; those of others are served.
        assert site.status(f"/{EVENTS}/progress-disk", NODE01, "PUT", b"x") == 503
        assert site.status("/boot/boot.ipxe", NODE02) == 200
        assert site.status(f"/answers/{NODE02}/{OTHER_TOKEN}/{WINDOW}/release", NODE02) == 200
    deadline = time.monotonic() + 10
    while site.status(RELEASE) != 200:
        assert time.monotonic() < deadline


# Logs without tokens


def test_no_log_shows_a_token(site: Site) -> None:
    requests = [
        ("GET", READY, NODE01),
        ("GET", RELEASE, NODE01),
        ("GET", RELEASE, NODE01),
        ("GET", f"/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE02),
        ("GET", f"/answers/{NODE01}/{TOKEN}/never-there", NODE01),
        ("GET", f"/answers/{NODE01}/{TOKEN}/", NODE01),
        ("GET", f"/answers/{NODE01}/{TOKEN}", NODE01),
        ("DELETE", f"/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE01),
        ("PUT", f"/answers/{NODE01}/{TOKEN}/preseed.cfg", NODE01),
        ("PUT", f"/{EVENTS}/started", NODE01),
        ("PUT", f"/{EVENTS}/started", NODE02),
        ("PUT", f"/{EVENTS}/armed", NODE01),
        ("MOVE", f"/{EVENTS}/started", NODE01),
        ("GET", f"/{EVENTS}/failed", NODE01),
        ("GET", f"//answers/../answers/{NODE01}/{TOKEN[:8]}%{ord(TOKEN[8]):x}{TOKEN[9:]}/x", NODE01),
    ]
    for method, path, source in requests:
        site.status(path, source, method, b"x" if method == "PUT" else None)
    # An error of the system, and a report that is too large.
    (site.root / EVENTS / "failed").mkdir()
    site.status(f"/{EVENTS}/failed", NODE01, "PUT", b"x")
    with contextlib.suppress(OSError):
        site.status(f"/{EVENTS}/log-syslog", NODE01, "PUT", b"x" * 100000)
    time.sleep(0.2)
    logs = site.log.read_text() + (site.root.parent / "error.log").read_text()
    assert TOKEN not in logs
    assert f'"/answers/{NODE01}/{TOKEN[:8]}.../{WINDOW}/release" 200' in site.log.read_text()
    assert f'"/events/{NODE01}/{TOKEN[:8]}.../started" 201' in site.log.read_text()


def test_head_tells_the_length(site: Site) -> None:
    """UEFI HTTP boot asks with HEAD first and needs the length."""
    answer = site.ask("/boot/snponly.efi", method="HEAD", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["content-length"] == "70000"
    assert answer.headers["content-type"] == "application/efi"
    assert answer.body == b""


def test_a_large_file_comes_whole_and_in_ranges(site: Site) -> None:
    path = "/trees/rocky-9/pool/big.deb"
    assert site.ask(path).body == BIG
    answer = site.ask(path, headers={"Range": "bytes=1000000-1000999"})
    assert (answer.status, answer.body) == (206, BIG[1000000:1001000])


def test_a_folder_is_listed_and_redirected_without_a_host(site: Site) -> None:
    assert b"big.deb" in site.ask("/trees/debian-13/pool/").body
    answer = site.ask("/trees/debian-13", headers={"Host": "elsewhere.example"})
    assert (answer.status, answer.headers["location"]) == (301, "/trees/debian-13/")


@pytest.mark.parametrize("name", [f"{WINDOW}/ready", f"{WINDOW}/release", "preseed.cfg", f"../{SCRIPT}"])
def test_answers_are_plain_text(site: Site, name: str) -> None:
    if name == "preseed.cfg":
        site.ask(RELEASE)
    answer = site.ask(f"/answers/{NODE01}/{TOKEN}/{name}")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain")


def test_nginx_hides_its_version(site: Site) -> None:
    answer = site.ask("/missing")
    assert answer.headers["server"] == "nginx"
    assert b"nginx/" not in answer.body


def test_the_site_is_at_its_own_address_only(site: Site) -> None:
    """Whatever the name asked for; the default site keeps all other addresses."""
    elsewhere = site.ask("/boot/boot.ipxe", address="127.0.0.2")
    assert elsewhere.body == b"the default site\n"
    here = site.ask("/boot/boot.ipxe", headers={"Host": "default.example"})
    assert here.body == b"#!ipxe\n"


def test_the_log_tells_bytes_per_client(site: Site) -> None:
    path = "/trees/debian-13/pool/big.deb"
    site.ask(path, source="127.0.0.77", headers={"User-Agent": 'iPXE/2.0 "x"'})
    deadline = time.monotonic() + 10
    while not (lines := [x for x in site.log.read_text().splitlines() if x.startswith("127.0.0.77 ")]):
        assert time.monotonic() < deadline, "no line in the log"
        time.sleep(0.05)
    match = re.fullmatch(
        r'(\S+) \[(\S+)\] (\S+) "([^"]*)" (\d{3}) (\d+) (\d+\.\d{3}) (\d+\.\d{3}) "([^"]*)"', lines[0]
    )
    assert match, lines[0]
    assert (match[3], match[4], match[5]) == ("GET", path, "200")
    assert len(BIG) <= int(match[6]) < len(BIG) + 1000
    assert abs(time.time() - float(match[7])) < 60


# What iPXE's menu asks a password for


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        # As iPXE does: first without, then with what the 401 asks for.
        ("/locked/menu", {}, 401),
        ("/locked/p1", {}, 401),
        ("/locked/menu", basic("menu", "master"), 200),
        ("/locked/p1", basic("menu", "master"), 200),
        ("/locked/p-2", basic("menu", "master"), 200),
        ("/locked/p1", basic("p1", "own"), 200),
        ("/locked/p-2", basic("p-2", "own"), 200),
        # the password of one entry opens no other one
        ("/locked/menu", basic("p1", "own"), 403),
        ("/locked/p-2", basic("p1", "own"), 403),
        ("/locked/p1x", basic("p1", "own"), 403),
        # wrong ones
        ("/locked/menu", basic("menu", "own"), 401),
        ("/locked/menu", basic("menu", ""), 401),
        ("/locked/p1", basic("p1", "master"), 401),
        ("/locked/p1", basic("", ""), 401),
        ("/locked/p1", basic("menu ", "master"), 403),
        ("/locked/p1", basic("menu /locked/", "master"), 401),
        ("/locked/p1", {"Authorization": "Basic nonsense"}, 401),
        # nothing else is there
        ("/locked/", basic("menu", "master"), 404),
        ("/locked/p1/", basic("menu", "master"), 404),
        ("/locked/p1%0a", basic("menu", "master"), 404),
        ("/locked/../passwords", basic("menu", "master"), 404),
    ],
)
def test_who_knows_the_password(site: Site, path: str, headers: dict[str, str], status: int) -> None:
    answer = site.ask(path, headers=headers)
    assert answer.status == status
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert answer.body == b"#!ipxe\n" or status != 200


def test_a_password_is_only_read(site: Site) -> None:
    assert site.ask("/locked/menu", method="PUT", body=b"x", headers=basic("menu", "master")).status == 403


def test_without_passwords_nothing_is_locked(retrying: Site) -> None:
    assert retrying.ask("/locked/menu", headers=basic("menu", "master")).status == 404
    assert b"locked" not in (retrying.root.parent / "netinstall-pxe.conf").read_bytes()


def test_no_log_shows_a_password(site: Site) -> None:
    site.ask("/locked/menu", headers=basic("menu", "master"))
    site.ask("/locked/menu", headers=basic("menu", "tippfehler"))
    logs = site.log.read_text() + (site.root.parent / "error.log").read_text()
    assert "/locked/menu" in logs
    assert not [word for word in ("master", "tippfehler", "Basic") if word in logs]


# Links


def test_a_tree_may_be_a_link_and_have_links_inside(site: Site) -> None:
    tree = site.root / "trees" / "debian-13"
    (tree / "dists/trixie").mkdir(parents=True)
    (tree / "dists/trixie/Release").write_text("Suite: stable\n")
    (tree / "dists/stable").symlink_to("trixie")
    (tree / "debian").symlink_to(".")
    for name in ("debian-13", "rocky-9"):
        assert site.ask(f"/trees/{name}/debian/dists/stable/Release").body == b"Suite: stable\n"
    assert site.status("/trees/rocky-9/dists/stable/") == 200
    assert site.status("/trees/") == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_the_link_to_a_tree_may_be_of_another_owner(site: Site) -> None:
    """Who unpacks an image is not who publishes it."""
    os.chown(site.root / "trees" / "debian-13", 65534, 65534)
    assert site.status("/trees/rocky-9/pool/big.deb") == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_no_link_leads_to_files_of_another_owner(site: Site) -> None:
    tree = site.root / "trees" / "debian-13"
    secret = f"/answers/{NODE01}/{TOKEN}/preseed.cfg"
    (tree / "answers").symlink_to("../../answers")
    (tree / "up").symlink_to(f"../..{secret}")
    for path in ("up", "answers"):
        os.chown(tree / path, 65534, 65534, follow_symlinks=False)
    assert site.status("/trees/debian-13/up") == 403
    assert site.status(f"/trees/debian-13{secret}") == 403
    assert site.status("/trees/debian-13/answers/") == 403


def test_boot_has_no_links(site: Site) -> None:
    (site.root / "boot/shadow").symlink_to("/etc/passwd")
    (site.root / "boot/folder").symlink_to(site.root / "answers")
    assert site.status("/boot/shadow") == 403
    # To nginx, a link is no folder.
    assert site.status(f"/boot/folder/{NODE01}/{SCRIPT}") in (403, 404)
    assert site.status("/boot/boot.ipxe") == 200


# Machines that cannot ask before they start an installer, and start together


PROGRAM = "/usr/local/sbin/netinstall-pxe-plain"


class Plain:
    """A machine that loads pxelinux by TFTP; its answer file reports nothing."""

    def __init__(self, site: Site, number: int) -> None:
        self.site = site
        address = f"127.0.1.{number}"
        self.item: dict[str, t.Any] = {
            "machine": f"node{number}",
            "mac": f"52:54:00:aa:01:{number:02x}",
            "address": address,
            "token": f"{number:032x}",
            "window": WINDOW,
            "profile": "p1",
            "disk": "/dev/vda",
            "install_arguments": [
                f"url=http://{ADDRESS}:{site.port}/answers/{address}/{number:032x}/preseed.cfg"
            ],
        }
        self.file = site.root / "boot/syslinux" / paths.armed_in_folder(self.item["mac"])
        self.answers: list[int] = []

    def arm(self) -> None:
        profile = "LABEL install\n  KERNEL kernels/d/linux\n  APPEND quiet\n"
        gated = {
            **self.item,
            "install_arguments": installation.gated(self.item["install_arguments"], self.item),
        }
        folder = installation.folder_of(self.item)
        for path, text in (
            (f"answers/{folder}/preseed.cfg", "d-i secret\n"),
            (f"events/{installation.ticket_path(self.item)}", "x"),
            (str(self.file.relative_to(self.site.root)), armed_text(profile, gated)),
        ):
            target = self.site.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def boot(self) -> bool:
        """Whether it starts its installer; what that gets for an answer file is kept."""
        try:
            text = self.file.read_text()
        except FileNotFoundError:
            return False
        [url] = re.findall(rf"url=http://{ADDRESS}:\d+(\S+)", text)
        self.answers.append(self.site.status(url, self.item["address"]))
        return True


@pytest.mark.parametrize("policy", ["hold", "retry"])
def test_machines_that_start_together_are_installed_once_each(
    sites: dict[str, Site], renderer: t.Callable[[str], t.Any], tmp_path: pathlib.Path, policy: str
) -> None:
    """50 machines boot within a second, and again at once; the timer's program runs meanwhile, as often as it can."""
    site = emptied(sites[policy])
    variables = {"answers_root": str(site.root), "answers_on_failed_install": policy}
    [program] = renderer("answers").render([(PROGRAM, variables)])
    (tmp_path / "plain").write_text(program)
    machines = [Plain(site, number) for number in range(1, 51)]
    for machine in machines:
        machine.arm()
    done = threading.Event()

    def clean() -> None:
        while not done.is_set():
            subprocess.run(["sh", tmp_path / "plain"], check=True, capture_output=True)

    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(65) as pool:
        timer = pool.submit(clean)
        started = list(pool.map(Plain.boot, machines))
        took = time.monotonic() - begin
        again = list(pool.map(Plain.boot, machines * 3))
        done.set()
        timer.result()
    assert took < 5
    assert started == [True] * 50
    for machine in machines:
        assert machine.answers[0] == 200, machine.item
        assert 200 not in machine.answers[1:], machine.item
    assert len(again) == 150
    subprocess.run(["sh", tmp_path / "plain"], check=True)
    if policy == "hold":
        assert not [machine.item for machine in machines if machine.file.exists()]


def test_an_alias_is_read_only_and_follows_no_link(site: Site) -> None:
    (site.root / "boot/link").symlink_to("boot.ipxe")
    assert site.status("/pxefiles/link") == site.status("/boot/link") == 403
    for method in ("PUT", "DELETE", "MOVE", "POST"):
        for path in ("/pxefiles/boot.ipxe", "/yum/Debian13/new", "/files/tools/ks.sh", "/ks.sh"):
            assert site.status(path, method=method, body=b"x") == 403
    assert not (site.root / "trees/debian-13/new").exists()


def test_files_of_a_site_that_has_none_are_not_shown(retrying: Site) -> None:
    """Somebody may have a folder of this name for another purpose."""
    assert retrying.status("/files/tools/ks.sh") == retrying.status("/files/") == 404
    assert retrying.status("/yum/Debian13/") == 404


def test_what_is_listed_can_be_fetched(site: Site) -> None:
    listing = site.ask("/own/a.b+c/").body.decode()
    assert re.findall(r'href="([^"]+)"', listing) == ["../", "ks.sh"]
    assert site.ask("/yum/Debian13/pool/big.deb").body == BIG


def test_the_log_says_what_was_handed_out_under_another_name(site: Site) -> None:
    site.ask("/pxefiles/boot.ipxe", headers={"User-Agent": "aliased"})
    line = next(line for line in site.log.read_text().splitlines() if "aliased" in line)
    assert '"/boot/boot.ipxe" 200' in line
