# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real vsftpd with the role's configuration, in the view of the file system that the role's unit gives it.

What systemd would do is done here by unshare and mount, with the values of the unit: mounts that follow the host's, an
empty folder in place of the root, the listed folders in it, and the capabilities that are left.
"""

from __future__ import annotations

import contextlib
import ftplib
import grp
import io
import os
import pathlib
import pwd
import shlex
import shutil
import socket
import subprocess
import time
import types
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.modules.offers import Offers

CONF = "/etc/netinstall-pxe/vsftpd.conf"
UNIT = "/etc/systemd/system/vsftpd-pxe.service"
ADDRESS = "127.0.0.1"
PORTS = (41000, 41099)
CONTENT = bytes(range(256)) * 3000
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def why_not() -> str:
    """Empty if this machine can do it."""
    if not pathlib.Path("/usr/sbin/vsftpd").exists():
        return "vsftpd is missing: apt-get install vsftpd"
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return "needs root and setpriv: vsftpd changes its root and its account"
    done = subprocess.run([*NAMESPACES, "true"], capture_output=True, timeout=20, check=False)
    return "no namespaces here" if done.returncode else ""


REASON = why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


class Written(t.NamedTuple):
    root: pathlib.Path
    port: int
    conf: str
    unit: str


# In place of the role's own account, one that every machine has, and whose home is there.
ACCOUNT = "daemon"
KICKSTART = "/answers/10.77.0.11/0123456789abcdef0123456789abcdef/ks.cfg"


@pytest.fixture(scope="module")
def both(
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> list[Written]:
    """Without and with answers."""
    found: list[tuple[pathlib.Path, int]] = []
    jobs: list[tuple[str, dict[str, t.Any]]] = []
    for answers in (False, True):
        root, port = tmp_path_factory.mktemp("ftp_vsftpd") / "pxe", free_port()
        variables = {
            "ftp_vsftpd_address": ADDRESS,
            "ftp_vsftpd_port": port,
            "ftp_vsftpd_root": str(root),
            "ftp_vsftpd_subnets": ["127.0.0.0/24"],
            "ftp_vsftpd_passive_ports": list(PORTS),
            "ftp_vsftpd_answers": answers,
            "__ftp_vsftpd_account": ACCOUNT,
        }
        found.append((root, port))
        jobs += [(CONF, variables), (UNIT, variables)]
    texts = renderer("ftp_vsftpd").render(jobs)
    return [Written(*place, *texts[2 * number : 2 * number + 2]) for number, place in enumerate(found)]


@pytest.fixture(scope="module")
def written(both: list[Written]) -> Written:
    return both[0]


def values(unit: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}=")]


def fill(root: pathlib.Path) -> None:
    """What the other roles would have put there."""
    files = {
        "trees/rocky-9/Packages/big.rpm": CONTENT,
        "trees/rocky-9/.treeinfo": b"[general]\n",
        "trees/rocky-9/private": b"root only",
        KICKSTART[1:]: b"rootpw secret",
        "answers/10.77.0.11/armed.ipxe": b"the token",
        "events/10.77.0.11/token/started": b"",
        "iso/x.iso": b"image",
        "boot/boot.ipxe": b"#!ipxe",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "trees" / "new").mkdir()
    (root / "trees" / "rocky-9" / "private").chmod(0o600)
    for path in (root, *root.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    # As arming makes them: for the web server's group.
    group = pwd.getpwnam(ACCOUNT).pw_gid
    for path in (root / "answers", *(root / "answers").rglob("*")):
        os.chown(path, 0, group)
        path.chmod(0o750 if path.is_dir() else 0o640)
    publish_offer(root)


def publish_offer(root: pathlib.Path) -> None:
    """What the module makes for a web server with another account of the same group."""
    files = {"ks.cfg": "sh /tmp/netinstall/check-disk\nrootpw secret\n"}
    module = types.SimpleNamespace(
        check_mode=False,
        params={
            "root": str(root),
            "state": "present",
            "policy": "",
            "offers": [{"profile": "el9", "files": files, "disk": ""}],
            "described": [],
            "known": [],
            "owner": "bin",
            "group": grp.getgrgid(pwd.getpwnam(ACCOUNT).pw_gid).gr_name,
        },
    )
    Offers(t.cast("t.Any", module)).run()


def as_the_unit_says(written: Written, conf: pathlib.Path) -> str:
    """A shell script for the mount namespace."""
    (empty,) = values(written.unit, "TemporaryFileSystem")
    point, _colon, options = empty.partition(":")
    bound = values(written.unit, "BindReadOnlyPaths")
    (kept,) = values(written.unit, "CapabilityBoundingSet")
    bounding = ",".join(["-all", *(f"+{name[4:].lower()}" for name in kept.split())])
    aside = "\n".join(
        f"mkdir /media/{number}; mount --bind {path} /media/{number}" for number, path in enumerate(bound)
    )
    back = "\n".join(
        f"mkdir {path}; mount --move /media/{number} {path}" for number, path in enumerate(bound)
    )
    return f"""
        mkdir -p /run/vsftpd-pxe/empty
        mount -t tmpfs tmpfs /media
        {aside}
        mount -t tmpfs -o {options.replace("ro,", "")} tmpfs {point}
        {back}
        mount -o remount,ro {point}
        # Not as the first process of its namespace, or it would inherit children that it does not know.
        setpriv --no-new-privs --bounding-set={bounding} vsftpd {conf}
        exit 1
    """


@contextlib.contextmanager
def running(written: Written, folder: pathlib.Path) -> t.Iterator[Written]:
    fill(written.root)
    conf = folder / "vsftpd.conf"
    conf.write_text(written.conf, encoding="utf-8")
    inner = shlex.quote(as_the_unit_says(written, conf))
    new = written.root / "trees" / "new"
    # The outer one stands for the host: what it mounts later is seen inside, which is a slave of it as systemd's are.
    outer = f"""
        mount -t tmpfs tmpfs /run
        {{ read -r go; mount -t tmpfs -o mode=755 tmpfs {new}; echo later >{new}/later; }} <{folder}/go &
        exec unshare --mount --propagation slave sh -ec {inner}
    """
    os.mkfifo(folder / "go")
    command = [*NAMESPACES, "--propagation", "shared", "--", "sh", "-ec", outer]
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,
    ):
        try:
            wait_for(written.port, folder / "output")
            (folder / "go").write_text("go\n", encoding="utf-8")
            yield written
        finally:
            process.kill()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def server(written: Written, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Written]:
    with running(written, tmp_path_factory.mktemp("run")) as site:
        yield site


@pytest.fixture(scope="module")
def answering(both: list[Written], tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Written]:
    """The server that hands out answers too."""
    with running(both[1], tmp_path_factory.mktemp("run")) as site:
        yield site


def wait_for(port: int, output: pathlib.Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((ADDRESS, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(output.read_text(encoding="utf-8"))


@contextlib.contextmanager
def session(server: Written) -> t.Iterator[ftplib.FTP]:
    with ftplib.FTP(timeout=30) as ftp:
        ftp.connect(ADDRESS, server.port)
        ftp.login()
        yield ftp


@pytest.fixture
def client(server: Written) -> t.Iterator[ftplib.FTP]:
    with session(server) as ftp:
        yield ftp


@pytest.fixture
def asker(answering: Written) -> t.Iterator[ftplib.FTP]:
    with session(answering) as ftp:
        yield ftp


def fetch(ftp: ftplib.FTP, path: str) -> bytes:
    content = io.BytesIO()
    ftp.retrbinary(f"RETR {path}", content.write)
    return content.getvalue()


def test_a_tree_is_where_its_url_says(client: ftplib.FTP) -> None:
    assert fetch(client, "/trees/rocky-9/Packages/big.rpm") == CONTENT
    assert fetch(client, "trees/rocky-9/.treeinfo") == b"[general]\n"


def test_only_the_trees_are_there(client: ftplib.FTP) -> None:
    assert client.nlst("/") == ["/trees"]


OUTSIDE = [
    KICKSTART,
    f"/trees/..{KICKSTART}",
    "/events/10.77.0.11/token/started",
    "/iso/x.iso",
    "/boot/boot.ipxe",
    "/etc/passwd",
    "/../../etc/passwd",
    "/trees/rocky-9/private",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_else_is_read(client: ftplib.FTP, path: str) -> None:
    with pytest.raises(ftplib.error_perm, match="550"):
        fetch(client, path)


def test_a_tree_that_is_mounted_later_is_seen(client: ftplib.FTP) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not client.nlst("/trees/new"):
        time.sleep(0.05)
    assert fetch(client, "/trees/new/later") == b"later\n"


WRITES = [
    "STOR /trees/x",
    "APPE /trees/rocky-9/.treeinfo",
    "DELE /trees/rocky-9/.treeinfo",
    "MKD /trees/y",
    "RMD /trees/new",
]


@pytest.mark.parametrize("command", [*WRITES, "RNFR /trees/rocky-9", "SITE CHMOD 777 /trees"])
def test_nothing_is_written(client: ftplib.FTP, command: str) -> None:
    with pytest.raises(ftplib.error_perm, match=r"550|500"):
        client.sendcmd(command)


def test_passive_transfers_use_the_ports_and_the_address_that_were_said(client: ftplib.FTP) -> None:
    host, port = ftplib.parse227(client.sendcmd("PASV"))
    assert host == ADDRESS
    assert PORTS[0] <= port <= PORTS[1]


def test_nobody_can_be_made_to_be_sent_something(client: ftplib.FTP) -> None:
    with pytest.raises(ftplib.error_perm):
        client.sendport(ADDRESS, 40000)


def test_accounts_of_the_server_cannot_log_in(server: Written) -> None:
    with ftplib.FTP(timeout=30) as ftp:
        ftp.connect(ADDRESS, server.port)
        with pytest.raises(ftplib.error_perm, match="530"):
            ftp.login("root", "root")


def test_who_knows_the_token_gets_the_answers(asker: ftplib.FTP) -> None:
    assert fetch(asker, KICKSTART) == b"rootpw secret"
    assert fetch(asker, "/trees/rocky-9/.treeinfo") == b"[general]\n"


def test_what_is_offered_to_everybody_is_not_handed_out(asker: ftplib.FTP, answering: Written) -> None:
    """It has no token in its path, and who gets it is the web server's decision."""
    offered = "/answers/offers/el9/ks.cfg"
    assert (answering.root / offered[1:]).is_file()
    with pytest.raises(ftplib.error_perm, match="550"):
        fetch(asker, offered)
    for folder in ("/answers/offers", "/answers/offers/el9"):
        with pytest.raises(ftplib.error_perm, match="550"):
            asker.cwd(folder)


def test_nobody_is_told_a_token(asker: ftplib.FTP) -> None:
    armed = "/answers/10.77.0.11/armed.ipxe"
    for path in (armed, f"/{armed}", f"/trees/..{armed}", "/answers/10.77.0.11/../10.77.0.11/armed.ipxe"):
        with pytest.raises(ftplib.error_perm, match="550"):
            fetch(asker, path)
    asker.cwd("/answers/10.77.0.11")
    with pytest.raises(ftplib.error_perm, match="550"):
        fetch(asker, "armed.ipxe")
    for listing in ("NLST", "LIST -a", "NLST /answers", "LIST /"):
        with pytest.raises(ftplib.error_perm, match="550"):
            asker.retrlines(listing)


@pytest.mark.parametrize("path", OUTSIDE[2:])
def test_nothing_else_is_read_beside_answers(asker: ftplib.FTP, path: str) -> None:
    with pytest.raises(ftplib.error_perm, match="550"):
        fetch(asker, path)


def test_answers_are_not_written(asker: ftplib.FTP) -> None:
    for command in (f"STOR {KICKSTART}", f"DELE {KICKSTART}"):
        with pytest.raises(ftplib.error_perm, match="550"):
            asker.sendcmd(command)


def test_packets_from_elsewhere_are_dropped(written: Written) -> None:
    assert values(written.unit, "IPAddressDeny") == ["any"]
    assert values(written.unit, "IPAddressAllow") == ["127.0.0.0/24"]


def test_systemd_understands_every_line(
    written: Written, systemd_says: t.Callable[[t.Mapping[str, str]], list[str]]
) -> None:
    assert systemd_says({"vsftpd-pxe.service": written.unit}) == []


@pytest.fixture
def check(check_command: t.Callable[[str, str], list[str]]) -> t.Callable[[str], tuple[int, str]]:
    def run(candidate: str) -> tuple[int, str]:
        done = subprocess.run(
            [*check_command("ftp_vsftpd", "__ftp_vsftpd_check"), "/dev/stdin"],
            input=candidate,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stderr

    return run


def test_the_configuration_is_accepted(check: t.Callable[[str], tuple[int, str]], written: Written) -> None:
    assert check(written.conf) == (0, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("anon_max_rat=1", "unrecognised variable in config file: anon_max_rat"),
        ("write_enable=perhaps", "bad bool value in config file for: write_enable"),
        ("anon_max_rate = 1", "unrecognised variable"),
    ],
)
def test_a_mistake_is_refused(
    check: t.Callable[[str], tuple[int, str]], written: Written, line: str, said: str
) -> None:
    status, message = check(f"{written.conf}{line}\n")
    assert status == 1
    assert said in message
