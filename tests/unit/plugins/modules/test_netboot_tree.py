# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel and initrd of mirrors that a real nginx serves; Debian's with a Release that gpg has signed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import typing as t
import urllib.request

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._media.fetch import UnreachableError
from ansible_collections.netinstall.pxe.plugins.modules import netboot_tree

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light"),
    pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed: apt-get install gnupg"),
]
CONF = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port}; root {folder}/root;
    location = /marker {{ return 204; }}
    location /closed/ {{ return 444; }}
    location /forbidden/ {{ return 403; }}
    location /debian/ {{ if (-f {folder}/down) {{ return 503; }} }}
    location = /broken/.treeinfo {{ return 503; }}
    location ~ ^/on/(.*) {{ return 302 HTTP://localhost:{port}/$1; }}
    location ~ ^/file/(.*) {{ return 302 file://{folder}/root/$1; }}
    location ~ ^/back/(.*) {{ return 302 https://127.0.0.1:{tls}/$1; }}
    location ~ ^/round/ {{ return 302 $uri; }}
    location ~ ^/space/(.*) {{ return 302 "/a b/$1"; }}
    location ~ ^/port/ {{ return 302 http://127.0.0.1:port/; }}
    location ~ ^/host/ {{ return 302 http://a..b/; }}
  }}
  server {{
    listen 127.0.0.1:{tls} ssl; root {folder}/root;
    ssl_certificate {folder}/tls.crt; ssl_certificate_key {folder}/tls.key;
    location ~ ^/detour/(.*) {{ return 302 http://127.0.0.1:{port}/back/$1; }}
    location ~ ^/down/(.*) {{ return 302 http://127.0.0.1:{port}/$1; }}
    location ~ ^/on/(.*) {{ return 302 https://localhost:{tls}/$1; }}
  }}
}}
"""
TREEINFO = """\
[general]
family = Rocky Linux
version = 9.4
arch = x86_64
[images-x86_64]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img
[checksums]
images/pxeboot/vmlinuz = sha256:{kernel}
images/pxeboot/initrd.img = sha256:{initrd}
"""


class Mirror(t.NamedTuple):
    folder: pathlib.Path
    url: str
    tls: str
    keyring: str
    sign: t.Callable[[str, str], bytes]

    def settle(self) -> None:
        """nginx writes down a request after it was answered, and before it answers the next one."""
        with urllib.request.urlopen(f"{self.url}/marker", timeout=20):
            pass

    @property
    def fetched(self) -> list[str]:
        self.settle()
        lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
        names = [line.split('"')[1].split()[1].rpartition("/")[2] for line in lines]
        return [name for name in names if name != "marker"]

    def forget(self) -> None:
        self.settle()
        (self.folder / "access.log").write_text("", encoding="utf-8")

    def write(self, path: str, data: bytes | str) -> None:
        target = self.folder / "root" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)

    def rocky(self, kernel: bytes, initrd: bytes, said: str = TREEINFO, folder: str = "rocky/os") -> None:
        sums = {"kernel": hashlib.sha256(kernel).hexdigest(), "initrd": hashlib.sha256(initrd).hexdigest()}
        self.write(f"{folder}/.treeinfo", said.format(**sums))
        self.write(f"{folder}/images/pxeboot/vmlinuz", kernel)
        self.write(f"{folder}/images/pxeboot/initrd.img", initrd)

    def debian(self, kernel: bytes, initrd: bytes, key: str = "good") -> None:
        images = "main/installer-amd64/current/images"
        sums = "".join(
            f"{hashlib.sha256(data).hexdigest()}  ./netboot/debian-installer/amd64/{name}\n"
            for name, data in (("linux", kernel), ("initrd.gz", initrd))
        )
        digest = hashlib.sha256(sums.encode()).hexdigest()
        release = (
            "Origin: Debian\nSuite: stable\nVersion: 13.1\nCodename: trixie\nSHA256:\n"
            f" {digest} {len(sums)} {images}/SHA256SUMS\n"
        )
        self.write("debian/dists/trixie/InRelease", self.sign(release, key))
        self.write(f"debian/dists/trixie/{images}/SHA256SUMS", sums)
        self.write(f"debian/dists/trixie/{images}/netboot/debian-installer/amd64/linux", kernel)
        self.write(f"debian/dists/trixie/{images}/netboot/debian-installer/amd64/initrd.gz", initrd)


@pytest.fixture
def keys() -> t.Iterator[tuple[str, t.Callable[[str, str], bytes]]]:
    """A keyring with one of two keys, and a signer."""
    # A name that never comes again: an agent that ends takes the socket of its folder away, whosever it is by then.
    home = pathlib.Path(tempfile.mkdtemp(prefix="netinstall-gpg-"))
    gpg = [
        "gpg",
        "--homedir",
        str(home),
        "--batch",
        "--quiet",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
    ]
    past = ["--faked-system-time", "20200101T000000!"]
    for name, more in (("good", ["never"]), ("other", ["never"]), ("old", ["2y"])):
        command = [*gpg, *past, "--quick-generate-key", f"{name}@example", "ed25519", "sign", *more]
        subprocess.run(command, check=True)
    command = [*gpg, "--export", "good@example", "old@example"]
    exported = subprocess.run(command, check=True, capture_output=True).stdout
    (home / "keyring.gpg").write_bytes(exported)

    def sign(text: str, key: str) -> bytes:
        users = [word for name in key.split("+") for word in ("--local-user", f"{name}@example")]
        command = [*gpg, *(past if "old" in key else []), *users, "--clear-sign"]
        return subprocess.run(command, input=text.encode(), check=True, capture_output=True).stdout

    yield str(home / "keyring.gpg"), sign
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server(
    keys: tuple[str, t.Callable[[str, str], bytes]], tmp_path_factory: pytest.TempPathFactory
) -> t.Iterator[Mirror]:
    folder = tmp_path_factory.mktemp("mirror")
    with socket.socket() as probe, socket.socket() as second:
        ports = []
        for one in (probe, second):
            one.bind(("127.0.0.1", 0))
            ports.append(one.getsockname()[1])
        port, tls = ports
    certificate = [
        "openssl",
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]
    certificate += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    certificate += ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run(certificate, check=True, capture_output=True)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "root").mkdir()
    (folder / "nginx.conf").write_text(
        CONF.format(folder=folder, port=port, tls=tls, user=user), encoding="utf-8"
    )
    with subprocess.Popen(
        [str(NGINX), "-c", str(folder / "nginx.conf"), "-e", str(folder / "e.log")]
    ) as process:
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            yield Mirror(folder, f"http://127.0.0.1:{port}", f"https://127.0.0.1:{tls}", *keys)
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture
def mirror(server: Mirror) -> Mirror:
    shutil.rmtree(server.folder / "root")
    (server.folder / "root").mkdir()
    server.forget()
    return server


class Module:
    """As much of AnsibleModule as is used."""

    def __init__(self, params: dict[str, t.Any], check: bool, tmpdir: str) -> None:
        self.params, self.check_mode, self.tmpdir = params, check, tmpdir

    def run_command(self, command: list[str], environ_update: dict[str, str]) -> tuple[int, str, str]:
        done = subprocess.run(
            command, env={**os.environ, **environ_update}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr


Run = t.Callable[..., "tuple[bool, dict[str, t.Any], dict[str, t.Any]]"]


@pytest.fixture
def run(mirror: Mirror, tmp_path: pathlib.Path) -> Run:
    def once(check: bool = False, **more: t.Any) -> tuple[bool, dict[str, t.Any], dict[str, t.Any]]:
        params = {
            "state": "present",
            "mirror": f"{mirror.url}/rocky/os",
            "family": "redhat",
            "distribution": "rocky-9",
            "dest": str(tmp_path / "x-netboot"),
            "keyring": mirror.keyring,
            **dict.fromkeys(("version", "suite", "architecture")),
            **more,
        }
        mirror.forget()
        changes, result = netboot_tree.run(t.cast("t.Any", Module(params, check, str(tmp_path))))
        return bool(changes), result["netboot"], result["mirror"]

    return once


@pytest.fixture
def debian(mirror: Mirror) -> dict[str, str]:
    return {"mirror": f"{mirror.url}/debian", "family": "debian", "distribution": "debian-13"}


def content(tmp_path: pathlib.Path) -> dict[str, bytes]:
    folder = tmp_path / "x-netboot"
    return {name: (folder / name).read_bytes() for name in ("linux", "initrd.gz")} if folder.exists() else {}


def test_kernel_and_initrd_of_an_enterprise_linux(mirror: Mirror, run: Run, tmp_path: pathlib.Path) -> None:
    mirror.rocky(b"kernel 1", b"initrd 1")
    changed, found, said = run(check=True)
    assert (changed, found["version"], found["architecture"]) == (True, "9.4", "x86_64")
    assert (mirror.fetched, content(tmp_path)) == ([".treeinfo"], {})
    changed, found, said = run()
    assert (changed, said) == (
        True,
        {"changed": False, "checksums": True, "signed": None, "unreachable": None},
    )
    assert content(tmp_path) == {"linux": b"kernel 1", "initrd.gz": b"initrd 1"}


def test_a_second_run_changes_nothing_and_fetches_no_kernel(mirror: Mirror, run: Run) -> None:
    mirror.rocky(b"kernel 1", b"initrd 1")
    run()
    for check in (True, False):
        changed, _found, said = run(check)
        assert (changed, said["changed"], mirror.fetched) == (False, False, [".treeinfo"])


def test_a_mirror_that_has_changed_is_said(mirror: Mirror, run: Run, tmp_path: pathlib.Path) -> None:
    mirror.rocky(b"kernel 1", b"initrd 1")
    run()
    mirror.rocky(b"kernel 2", b"initrd 2")
    changed, _found, said = run(check=True)
    assert (changed, said["changed"]) == (True, True)
    assert content(tmp_path)["linux"] == b"kernel 1"
    changed, _found, said = run()
    assert (changed, said["changed"]) == (True, True)
    assert content(tmp_path) == {"linux": b"kernel 2", "initrd.gz": b"initrd 2"}
    assert run()[0] is False


def test_another_mirror_with_the_same_files(mirror: Mirror, run: Run) -> None:
    for folder in ("rocky/os", "other/os"):
        mirror.rocky(b"kernel 1", b"initrd 1", folder=folder)
    run()
    _changed, _found, said = run(mirror=f"{mirror.url}/other/os")
    assert said["changed"] is False


@pytest.mark.parametrize("check", [True, False])
def test_a_mirror_that_is_down_changes_nothing(
    mirror: Mirror, run: Run, debian: dict[str, str], tmp_path: pathlib.Path, check: bool
) -> None:
    """A site of many distributions does not wait for one mirror."""
    mirror.debian(b"kernel d", b"initrd d")
    _changed, before, _said = run(**debian)
    (mirror.folder / "down").touch()
    try:
        changed, found, said = run(check, **debian)
        assert (changed, found, said["changed"], said["signed"]) == (False, before, False, True)
        assert "dists/trixie/InRelease: the server answers 503" in said["unreachable"]
        # What was described in another way was never there, nor what is damaged.
        with pytest.raises(PxeError, match="the server answers 503"):
            run(check, **{**debian, "architecture": "arm64"})
        (tmp_path / "x-netboot/linux").write_bytes(b"half")
        with pytest.raises(PxeError, match="the server answers 503"):
            run(check, **debian)
    finally:
        (mirror.folder / "down").unlink()


@pytest.mark.parametrize(
    ("mirror_url", "down"),
    [
        ("http://127.0.0.1:9/os", True),
        ("http://mirror.invalid/os", True),
        ("{url}/broken", True),
        ("{url}/closed", True),
        ("{url}/forbidden", False),
        ("{tls}/os", False),
        ("http://a..b/os", False),
    ],
)
def test_what_is_down_and_what_is_wrong(mirror: Mirror, run: Run, mirror_url: str, down: bool) -> None:
    """A certificate that nobody knows, and a server that refuses, stay so until somebody does something."""
    with pytest.raises(PxeError) as raised:
        run(mirror=mirror_url.format(url=mirror.url, tls=mirror.tls))
    assert isinstance(raised.value, UnreachableError) is down, raised.value


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_leaves_what_was_published(mirror: Mirror, run: Run, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "x-netboot"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], check=True)
    try:
        mirror.rocky(b"kernel 1", b"initrd 1")
        run()
        mirror.rocky(b"kernel 2", b"2" * 300_000)
        with pytest.raises(PxeError, match="No space left on device"):
            run()
        assert content(tmp_path) == {"linux": b"kernel 1", "initrd.gz": b"initrd 1"}
        assert sorted(path.name for path in folder.iterdir()) == [".netboot.json", "initrd.gz", "linux"]
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("damaged", ["linux", "initrd.gz"])
def test_what_was_damaged_here_is_fetched_again(
    mirror: Mirror, run: Run, tmp_path: pathlib.Path, damaged: str
) -> None:
    mirror.rocky(b"kernel 1", b"initrd 1")
    run()
    (tmp_path / "x-netboot" / damaged).write_bytes(b"half")
    assert run()[0] is True
    assert content(tmp_path) == {"linux": b"kernel 1", "initrd.gz": b"initrd 1"}


def test_files_that_are_not_those_of_their_checksums(
    mirror: Mirror, run: Run, tmp_path: pathlib.Path
) -> None:
    mirror.rocky(b"kernel 1", b"initrd 1")
    run()
    mirror.rocky(b"kernel 2", b"initrd 2")
    mirror.write("rocky/os/images/pxeboot/vmlinuz", b"kernel of somebody else")
    with pytest.raises(
        PxeError, match=r"vmlinuz has sha256:.* but the mirror says sha256:.*nothing was changed"
    ):
        run()
    assert content(tmp_path) == {"linux": b"kernel 1", "initrd.gz": b"initrd 1"}
    (mirror.folder / "root/rocky/os/images/pxeboot/vmlinuz").unlink()
    with pytest.raises(PxeError, match="vmlinuz is not there, although the mirror names it"):
        run()
    assert content(tmp_path) == {"linux": b"kernel 1", "initrd.gz": b"initrd 1"}


def test_an_old_tree_without_checksums(mirror: Mirror, run: Run, tmp_path: pathlib.Path) -> None:
    """Those of EL 5 say none."""
    said = TREEINFO.partition("[checksums]")[0].replace("9.4", "5.11").replace("Rocky Linux", "CentOS")
    mirror.rocky(b"kernel 1", b"initrd 1", said)
    changed, _found, told = run(distribution="centos-5")
    assert (changed, told["checksums"]) == (True, False)
    for check in (True, False):
        assert run(check, distribution="centos-5")[0] is False
    mirror.rocky(b"kernel 2", b"initrd 2", said)
    changed, _found, told = run(distribution="centos-5")
    assert (changed, told["changed"]) == (True, True)
    assert content(tmp_path)["linux"] == b"kernel 2"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"distribution": "rocky-8"}, "is described as 'rocky-8', but is Rocky Linux 9.4"),
        ({"distribution": "fedora-9"}, "is described as 'fedora-9', but is Rocky Linux 9.4"),
        ({"distribution": "centos-9"}, "is described as 'centos-9', but is Rocky Linux 9.4"),
        ({"version": "9.3"}, "is described as version '9.3'"),
        ({"architecture": "aarch64"}, "is for x86_64, not for aarch64"),
        ({"mirror": "{url}/rocky"}, "has no .treeinfo; write the folder of the mirror that holds it"),
        ({"mirror": "{url}/broken"}, "the server answers 503"),
        ({"mirror": "http://127.0.0.1:9/os"}, "cannot be fetched"),
    ],
)
def test_mirrors_that_are_refused(
    mirror: Mirror, run: Run, tmp_path: pathlib.Path, more: dict[str, t.Any], said: str
) -> None:
    mirror.rocky(b"kernel 1", b"initrd 1")
    given = {key: value.replace("{url}", mirror.url) for key, value in more.items()}
    with pytest.raises(PxeError) as raised:
        run(**given)
    assert said in str(raised.value)
    assert content(tmp_path) == {}


@pytest.mark.parametrize("folder", ["{url}/on", "{tls}/on"])
def test_a_mirror_may_hand_on_to_another_one(
    mirror: Mirror, run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mirror.folder / "tls.crt"))
    mirror.rocky(b"kernel 1", b"initrd 1")
    run(mirror=folder.format(url=mirror.url, tls=mirror.tls) + "/rocky/os")
    assert content(tmp_path) == {"linux": b"kernel 1", "initrd.gz": b"initrd 1"}


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        # https is all that vouches for .treeinfo.
        ("{tls}/down", "redirects to http, which does not authenticate"),
        ("{tls}/detour", "redirects to http, which does not authenticate"),
        ("{url}/file", "redirects to file"),
        ("{url}/round", "redirects 10 times"),
        ("{url}/space", "has no .treeinfo"),
        ("{url}/port", "cannot be fetched: nonnumeric port"),
        ("{url}/host", "cannot be fetched: "),
        ("http://mirror..example", "cannot be fetched: "),
        ("{url}/\N{LATIN SMALL LETTER U WITH DIAERESIS}", "cannot be fetched: "),
    ],
)
def test_where_a_mirror_may_not_lead(
    mirror: Mirror,
    run: Run,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    folder: str,
    said: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mirror.folder / "tls.crt"))
    mirror.rocky(b"kernel 1", b"initrd 1")
    with pytest.raises(PxeError) as raised:
        run(mirror=folder.format(url=mirror.url, tls=mirror.tls) + "/rocky/os")
    assert said in str(raised.value)
    assert content(tmp_path) == {}


def test_a_tree_whose_paths_lead_out_of_it(mirror: Mirror, run: Run) -> None:
    mirror.rocky(b"k", b"i", TREEINFO.replace("images/pxeboot/vmlinuz", "../../debian/vmlinuz"))
    with pytest.raises(PxeError, match="names no kernel and initrd"):
        run()


def test_the_installer_of_a_debian(
    mirror: Mirror, run: Run, debian: dict[str, str], tmp_path: pathlib.Path
) -> None:
    mirror.debian(b"kernel d", b"initrd d")
    changed, found, said = run(**debian)
    assert (changed, said) == (
        True,
        {"changed": False, "checksums": True, "signed": True, "unreachable": None},
    )
    assert (found["version"], found["codename"], found["architecture"]) == ("13.1", "trixie", "amd64")
    assert content(tmp_path) == {"linux": b"kernel d", "initrd.gz": b"initrd d"}
    assert run(**debian)[0] is False
    assert mirror.fetched == ["InRelease", "SHA256SUMS"]
    label = json.loads((tmp_path / "x-netboot/.netboot.json").read_text())
    assert label["codename"] == "trixie"


def test_a_release_that_somebody_else_has_signed(
    mirror: Mirror, run: Run, debian: dict[str, str], tmp_path: pathlib.Path
) -> None:
    mirror.debian(b"kernel d", b"initrd d", "other")
    with pytest.raises(PxeError, match="no key of the keyring has signed it"):
        run(**debian)
    mirror.debian(b"kernel d", b"initrd d")
    path = mirror.folder / "root/debian/dists/trixie/InRelease"
    path.write_bytes(path.read_bytes().replace(b"Suite: stable", b"Suite: stabel"))
    with pytest.raises(PxeError, match="the signature is bad: the file was changed"):
        run(**debian)
    path.write_text("Suite: stable\nCodename: trixie\n")
    with pytest.raises(PxeError, match="no key of the keyring has signed it"):
        run(**debian)
    assert content(tmp_path) == {}


def test_a_release_that_an_expired_key_has_signed_besides(
    mirror: Mirror, run: Run, debian: dict[str, str]
) -> None:
    """Debian signs by the keys of two releases, of which the older one expires while the newer one is in use."""
    mirror.debian(b"kernel d", b"initrd d", "old+good")
    assert run(**debian)[2]["signed"] is True
    mirror.debian(b"kernel d", b"initrd d", "old")
    with pytest.raises(PxeError, match="the key has expired"):
        run(**debian)


def test_a_server_without_the_keys_verifies_nothing_and_says_so(
    mirror: Mirror, run: Run, debian: dict[str, str]
) -> None:
    mirror.debian(b"kernel d", b"initrd d", "other")
    changed, _found, said = run(**debian, keyring="/nonexistent")
    assert (changed, said["signed"], said["checksums"]) == (True, False, True)


def test_sums_that_release_does_not_name(mirror: Mirror, run: Run, debian: dict[str, str]) -> None:
    mirror.debian(b"kernel d", b"initrd d")
    with pytest.raises(PxeError, match="has no installer for arm64"):
        run(**debian, architecture="arm64")
    with pytest.raises(PxeError, match="bookworm has neither InRelease nor Release"):
        run(**{**debian, "distribution": "debian-12"})
    mirror.write("debian/dists/trixie/main/installer-amd64/current/images/SHA256SUMS", "x")
    with pytest.raises(PxeError, match="is not the file that Release names"):
        run(**debian)
