# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real in.tftpd, started by the real xinetd or as systemd would start it, with what the role writes.

Each runs in a network of its own, in which it has port 69 of all addresses of the loopback.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time
import typing as t

import pytest

PROGRAMS = ("/usr/sbin/in.tftpd", "/usr/sbin/xinetd")
CLIENT = pathlib.Path(__file__).with_name("_tftp.py")
NAMESPACES = [
    *("unshare", "--net", "--mount", "--propagation", "private"),
    *("--pid", "--fork", "--kill-child", "--mount-proc", "--"),
]
ADDRESS, NODE, STRANGER = "127.0.0.1", "127.0.0.11", "127.0.1.12"
PORTS = [40000, 40099]
CONTENT = bytes(range(256)) * 300
FILES = {
    "snponly.efi": CONTENT,
    "syslinux/pxelinux.0": b"loader",
    "grub/hosts/52:54:00:aa:00:01.cfg": b"colons",
    "empty": b"",
}


def why_not() -> str:
    """Empty if this machine can do it."""
    if missing := [path for path in PROGRAMS if not pathlib.Path(path).exists()]:
        return f"{missing[0]} is missing: apt-get install tftpd-hpa xinetd"
    if os.geteuid() != 0 or not shutil.which("nsenter"):
        return "needs root and nsenter: in.tftpd changes its root and its account"
    done = subprocess.run([*NAMESPACES, "true"], capture_output=True, timeout=20, check=False)
    return "no namespaces here" if done.returncode else ""


REASON = why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


class Server:
    """A TFTP server in the network of a process."""

    def __init__(self, pid: int, root: pathlib.Path) -> None:
        self.pid = pid
        self.root = root

    def talk(self, what: str, name: str, source: str = NODE, block: int = 512) -> dict[str, t.Any]:
        words = [what, source, ADDRESS, "69", str(block), name]
        command = ["nsenter", "-t", str(self.pid), "-n", sys.executable, str(CLIENT), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return t.cast("dict[str, t.Any]", json.loads(done.stdout))

    def get(self, name: str, source: str = NODE, block: int = 512) -> dict[str, t.Any]:
        return self.talk("get", name, source, block)


def fill(root: pathlib.Path) -> None:
    """The TFTP folder, beside something that nobody may have."""
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    # Whatever its permissions say, it is not for writing.
    (root / "empty").chmod(0o666)
    (root / "private").write_bytes(b"root only")
    (root / "private").chmod(0o600)
    (root.parent / "secret").write_bytes(b"outside")
    (root / "way-out").symlink_to(root.parent / "secret")
    for path in (root, *root.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


@contextlib.contextmanager
def namespace(command: str, log: pathlib.Path) -> t.Iterator[int]:
    """Runs a shell command in a network and with mounts of its own."""
    script = f"ip link set lo up; {command}"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*NAMESPACES, "sh", "-ec", script],
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            yield process.pid
        finally:
            # With it ends the first process of its namespace, and so what that has left running.
            process.kill()
            process.wait(timeout=20)


def wait_for(pid: int) -> None:
    """Until somebody has port 69 of that network."""
    sockets = pathlib.Path(f"/proc/{pid}/net/udp")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if ":0045 " in sockets.read_text(encoding="utf-8"):
            return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


def xinetd_of(folder: pathlib.Path, own: pathlib.Path) -> str:
    """The command of xinetd, with our service alone."""
    return (
        f"mount --bind {folder}/d /etc/xinetd.d; exec xinetd -dontfork -filelog {own}/log -pidfile {own}/pid"
    )


@pytest.fixture(scope="module")
def folder(written: t.Any) -> pathlib.Path:
    fill(written.folder / "boot")
    return t.cast("pathlib.Path", written.folder)


@pytest.fixture(scope="module")
def under_xinetd(folder: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Server]:
    own = tmp_path_factory.mktemp("xinetd")
    with namespace(xinetd_of(folder, own), own / "output") as pid:
        wait_for(pid)
        yield Server(pid, folder / "boot")


@pytest.fixture(scope="module")
def under_systemd(written: t.Any, folder: pathlib.Path) -> t.Iterator[Server]:
    """As systemd does: it has the port, and gives it to the program as its standard input."""
    unit = written.texts["/etc/systemd/system/tftp-pxe.service"]
    (start,) = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("ExecStart=")]
    program = (
        "import os, socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"s.bind(({ADDRESS!r}, 69))\n"
        "os.dup2(s.fileno(), 0)\n"
        f"os.execv({shlex.split(start)[0]!r}, {shlex.split(start)!r})\n"
    )
    command = f"exec {shlex.quote(sys.executable)} -c {shlex.quote(program)}"
    with namespace(command, folder / "output") as pid:
        wait_for(pid)
        yield Server(pid, folder / "boot")


@pytest.fixture(params=["under_xinetd", "under_systemd"])
def server(request: pytest.FixtureRequest) -> Server:
    return t.cast("Server", request.getfixturevalue(request.param))


NAMES = [
    ("snponly.efi", "snponly.efi"),
    ("/snponly.efi", "snponly.efi"),
    ("//snponly.efi", "snponly.efi"),
    ("\\snponly.efi", "snponly.efi"),
    ("syslinux/pxelinux.0", "syslinux/pxelinux.0"),
    ("/syslinux//pxelinux.0", "syslinux/pxelinux.0"),
    ("\\syslinux\\pxelinux.0", "syslinux/pxelinux.0"),
    ("grub/hosts/52:54:00:aa:00:01.cfg", "grub/hosts/52:54:00:aa:00:01.cfg"),
]


@pytest.mark.parametrize(("asked", "name"), NAMES)
def test_a_name_in_any_spelling_is_the_file(server: Server, asked: str, name: str) -> None:
    answer = server.get(asked)
    assert answer["digest"] == hashlib.sha256(FILES[name]).hexdigest()


@pytest.mark.parametrize(("wished", "given"), [(512, 512), (1024, 1024), (1468, 1468), (8192, 1468)])
def test_blocks_fit_into_a_frame(server: Server, wished: int, given: int) -> None:
    answer = server.get("snponly.efi", block=wished)
    assert (answer["size"], answer["block"]) == (len(CONTENT), given)


def test_transfers_come_from_the_ports_that_were_said(server: Server) -> None:
    ports = {server.get("empty")["port"] for _number in range(5)}
    assert all(PORTS[0] <= port <= PORTS[1] for port in ports), ports


OUTSIDE = [
    "../secret",
    "/../secret",
    "/../../etc/passwd",
    "..\\secret",
    "syslinux/../../secret",
    "way-out",
    "/etc/passwd",
]


@pytest.mark.parametrize("name", [*OUTSIDE, "private", "missing"])
def test_nothing_else_is_read(server: Server, name: str) -> None:
    answer = server.get(name)
    assert "error" in answer, answer


@pytest.mark.parametrize("name", ["new", "empty", "snponly.efi", "/empty"])
def test_nothing_is_written(server: Server, name: str) -> None:
    before = {path: path.read_bytes() for path in server.root.rglob("*") if path.is_file()}
    answer = server.talk("put", name)
    assert answer.get("code") == 2, answer
    assert {path: path.read_bytes() for path in server.root.rglob("*") if path.is_file()} == before


def test_a_stranger_cannot_wake_it_under_xinetd(folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with namespace(xinetd_of(folder, tmp_path), tmp_path / "output") as pid:
        wait_for(pid)
        server = Server(pid, folder / "boot")
        assert server.get("snponly.efi", source=STRANGER) == {"silent": True}
