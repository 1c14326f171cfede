# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arming on real folders, also when it is killed in the middle."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import os
import pathlib
import re
import struct
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import installation as _arming
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families import FAMILIES
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import Answer, Checked
from ansible_collections.netinstall.pxe.plugins.module_utils._files import folders
from ansible_collections.netinstall.pxe.plugins.modules import arming
from ansible_collections.netinstall.pxe.plugins.modules.arming import Arming

URLS = {name: f"http://10.77.0.1/{name}" for name in ("boot", "answers", "events")}
OLD, NEW = "a" * 32, "b" * 32
MAC = "52:54:00:aa:00:01"


class Module:
    """What the work needs of AnsibleModule."""

    check_mode = False

    def __init__(self, root: pathlib.Path, state: str, installations: list[dict[str, t.Any]]) -> None:
        self.params = {
            "root": str(root),
            "state": state,
            "urls": URLS,
            "lifetime": 3600,
            "by": "ada",
            "owner": None,
            "group": None,
            "installations": installations,
        }

    def get_bin_path(self, _name: str) -> None:
        return None

    def warn(self, _message: str) -> None:
        pass


class Killed(BaseException):
    """The run is killed."""


class Server:
    lifetime = 3600

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        for name in ("answers", "events", "boot/profiles", "boot/machines"):
            (root / name).mkdir(parents=True)
        (root / "boot/profiles/deb.ipxe").write_text("#!ipxe\n")

    def node(self, token: str = OLD, **changes: t.Any) -> dict[str, t.Any]:
        """A machine to arm; its boot script is there, as site.yml publishes it."""
        item: dict[str, t.Any] = {
            "machine": "node01",
            "mac": MAC,
            "address": "10.77.0.11",
            "token": token,
            "profile": "deb",
            "family": "debian",
            "disk": "/dev/vda",
            "install_arguments": ["auto=true"],
            "answer": "d-i time/zone string UTC\n",
            **changes,
        }
        script = self.root / f"boot/machines/{_arming.mac_name(item['mac'])}.ipxe"
        script.write_text(f"chain {URLS['answers']}/{_arming.script_path(item)}\n")
        return item

    def run(self, state: str, *items: dict[str, t.Any]) -> dict[str, t.Any]:
        module = Module(self.root, state, list(items))
        module.params["lifetime"] = self.lifetime
        return Arming(t.cast("t.Any", module)).run()

    def arm(self, *items: dict[str, t.Any]) -> dict[str, t.Any]:
        return self.run("present", *items)

    def files(self) -> set[str]:
        found = (path for name in ("answers", "events") for path in (self.root / name).rglob("*"))
        return {str(path.relative_to(self.root)) for path in found if path.is_file()}

    def scripts(self) -> dict[str, str]:
        """The token in each armed script, by its path."""
        found = {}
        for path in (self.root / "answers").glob("*/*.ipxe"):
            [token] = set(re.findall(r"/([0-9a-f]{32})/[0-9-]{21}/release\n", path.read_text()))
            found[str(path.relative_to(self.root / "answers"))] = token
        return found

    def tickets(self) -> set[str]:
        """The tokens that have one."""
        return {path.parent.name for path in (self.root / "events").glob("*/*/ticket-*")}

    def release(self) -> None:
        [ticket] = (self.root / "events").glob("*/*/ticket-*")
        ticket.rename(ticket.with_name("released"))


@pytest.fixture
def server(tmp_path: pathlib.Path) -> Server:
    return Server(tmp_path)


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Of all renames and removals the one with this number does not happen any more."""
    left = [number]

    def counted(name: str) -> t.Callable[..., None]:
        original = getattr(os, name)

        def run(*args: t.Any, **kwargs: t.Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            original(*args, **kwargs)

        return run

    for name in ("rename", "unlink", "rmdir"):
        monkeypatch.setattr(os, name, counted(name))


def killed_everywhere(
    tmp_path: pathlib.Path,
    prepare: t.Callable[[Server], t.Any],
    work: t.Callable[[Server], t.Any],
) -> t.Iterator[Server]:
    """The server as it is after the work was killed at each point, and at last after it was done."""
    for number in range(200):
        server = Server(tmp_path / str(number))
        prepare(server)
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, number)
            try:
                work(server)
                done = True
            except Killed:
                done = False
        yield server
        if done:
            return
    raise AssertionError("it never ends")


def test_what_arms_appears_last(tmp_path: pathlib.Path) -> None:
    states = []
    for server in killed_everywhere(tmp_path, lambda _server: None, lambda s: s.arm(s.node())):
        for token in server.scripts().values():
            assert token in server.tickets()
            assert f"answers/10.77.0.11/{token}/preseed.cfg" in server.files()
            assert f"events/10.77.0.11/{token}/armed" in server.files()
        if server.tickets():
            assert f"answers/10.77.0.11/{OLD}/preseed.cfg" in server.files()
        states.append(bool(server.scripts()))
    assert len(states) >= 4
    assert states[-1]
    assert states[:-1].count(True) <= 1


def test_of_two_armings_of_a_machine_one_can_be_released(tmp_path: pathlib.Path) -> None:
    """Arming anew, with another token: the former right ends before the new one begins."""

    def arm_anew(server: Server) -> None:
        server.arm(server.node(NEW))

    for server in killed_everywhere(tmp_path, lambda s: s.arm(s.node()), arm_anew):
        assert len(server.tickets()) <= 1
        [token] = server.scripts().values()
        if token == NEW:
            assert server.tickets() == {NEW}
    assert server.scripts() == {"10.77.0.11/node01_52-54-00-aa-00-01.ipxe": NEW}
    assert not [path for path in server.files() if path.startswith(f"answers/10.77.0.11/{OLD}")]


@pytest.mark.parametrize("state", ["absent", "only"])
def test_what_arms_goes_first(tmp_path: pathlib.Path, state: str) -> None:
    def take_back(server: Server) -> None:
        other = {"machine": "other", "mac": MAC, "address": "10.77.0.11"}
        item = other if state == "only" else {"machine": "node01", "mac": None, "address": "10.77.0.11"}
        server.run(state, item)

    for server in killed_everywhere(tmp_path, lambda s: s.arm(s.node()), take_back):
        if server.scripts():
            assert server.tickets() == {OLD}
        # What is left can be taken back by the next run.
        take_back(server)
        assert (server.scripts(), server.tickets()) == ({}, set())
        assert not [path for path in server.files() if path.startswith("answers/")]


@pytest.mark.parametrize("root", ["answers", "boot"])
def test_what_cannot_be_armed_leaves_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    """Neither the folder for reports nor a ticket, so that the machine is not taken for an armed one."""
    if root == "boot":
        item = server.node(profile="nonesuch")
    else:
        item = server.node()
        publish = arming.publish

        def full(path: str, files: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
            if files and path.endswith("/answers"):
                raise PxeError("no space left on device")
            return publish(path, files, *args, **options)

        monkeypatch.setattr(arming, "publish", full)
    with pytest.raises(PxeError):
        server.arm(item)
    assert server.files() == set()


def test_a_disk_that_fails_among_the_scripts_leaves_no_machine_armed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run says that it failed: then nobody may be installed by the script that had its place already."""
    server.arm(server.node())
    rename = os.rename

    def failing(source: t.Any, target: t.Any, **options: t.Any) -> None:
        rename(source, target, **options)
        if str(target).endswith(".ipxe"):
            raise OSError(errno.EIO, "Input/output error", str(target))

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", failing)
        with pytest.raises(PxeError, match="Input/output error"):
            server.arm(server.node(NEW))
    assert (server.scripts(), server.tickets()) == ({}, set())


def test_a_disk_that_is_full_for_a_ticket_leaves_no_arming_without_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former one had lost its ticket by then: its machine would hold at every boot, and status called it armed."""
    server.arm(server.node())
    publish = arming.publish

    def full(path: str, files: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
        if any("/ticket-" in name for name in files):
            raise PxeError("no space left on device")
        return publish(path, files, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(arming, "publish", full)
        with pytest.raises(PxeError, match="no space left"):
            server.arm(server.node(NEW))
    assert (server.scripts(), server.tickets()) == ({}, set())
    assert not [path for path in server.files() if path.startswith("answers/")]


@pytest.mark.parametrize(
    ("state", "broken", "known"),
    [
        ("present", "boot", True),
        ("present", "scripts", True),
        ("present", "all", False),
        ("absent", "all", False),
    ],
)
def test_a_failure_tells_whether_machines_may_be_armed(
    server: Server, monkeypatch: pytest.MonkeyPatch, state: str, broken: str, known: bool
) -> None:
    """Who arms on several servers takes back where that is not known."""
    item = server.node()
    server.arm(dict(item))
    publish = arming.publish

    def failing(path: str, files: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
        armed = any(name.endswith(".ipxe") for name in files)
        if armed or (broken == "all" and not files and path.endswith("/answers")):
            raise PxeError("Input/output error")
        return publish(path, files, *args, **options)

    monkeypatch.setattr(arming, "publish", failing)
    changed = {**item, "profile": "nonesuch"} if broken == "boot" else item
    work = Arming(t.cast("t.Any", Module(server.root, state, [changed])))
    with pytest.raises(PxeError):
        work.run()
    assert work.failed == ({"machines": []} if known else {})


def test_what_was_released_gets_no_other_ticket(server: Server) -> None:
    item = server.node()
    server.arm(dict(item))
    server.release()
    server.arm(dict(item))
    assert server.tickets() == set()
    assert server.scripts() != {}


def test_the_same_token_keeps_its_beginning(server: Server) -> None:
    first = server.arm(server.node())
    record = server.root / f"events/10.77.0.11/{OLD}/armed"
    text = re.sub(r'"from": (\d+)', lambda match: f'"from": {int(match[1]) - 60}', record.read_text())
    assert '"by": "ada"' in text
    record.write_text(text.replace('"by": "ada"', '"by": "bob"'))
    again = server.arm(server.node())
    assert '"by": "bob"' in record.read_text()
    begin, end = (int(part) for part in first["machines"][0]["window"].split("-"))
    assert again["machines"][0]["window"] == f"{begin - 60}-{end - 60}"
    assert len(list((server.root / "events").glob("*/*/ticket-*"))) == 1
    assert not server.arm(server.node())["changed"]


@pytest.mark.parametrize(
    "changes",
    [{"address": "10.78.0.11"}, {"machine": "renamed"}, {"mac": "52:54:00:aa:00:77"}],
    ids=["another subnet", "another name", "another card"],
)
def test_a_machine_that_is_armed_anew_is_armed_nowhere_else(server: Server, changes: dict[str, str]) -> None:
    server.arm(server.node(OLD))
    server.arm(server.node(NEW, **changes))
    assert list(server.scripts().values()) == [NEW]
    assert server.tickets() == {NEW}


def test_a_machine_is_disarmed_where_it_was_armed(server: Server) -> None:
    """Its address in the description is another one by now."""
    server.arm(server.node())
    server.run("absent", {"machine": "node01", "mac": None, "address": "10.78.0.11"})
    assert (server.scripts(), server.tickets()) == ({}, set())


def test_what_an_earlier_version_armed_is_taken_back_and_said(server: Server) -> None:
    for path in ("answers/10.77.0.11/armed.ipxe", f"answers/10.77.0.11/{OLD}/install.ipxe"):
        (server.root / path).parent.mkdir(parents=True, exist_ok=True)
        (server.root / path).write_text("#!ipxe\n")
    node = {"machine": "node01", "mac": MAC, "address": "10.77.0.11"}
    done = server.run("only", node)
    assert [(item["machine"], item["address"]) for item in done["machines"]] == [("10.77.0.11", "10.77.0.11")]
    assert "earlier version" in done["machines"][0]["reason"]
    assert server.files() == set()
    assert not server.run("only", node)["changed"]


@pytest.mark.parametrize("armed", ["/dev/vda", "/dev/disk/by-id/nvme-x.1"])
def test_what_is_armed_with_another_disk_is_taken_back(server: Server, armed: str) -> None:
    """Somebody has put the description right before the machine booted."""
    node = {"machine": "node01", "mac": MAC, "address": "10.77.0.11"}
    server.arm(server.node(disk=armed))
    assert not server.run("only", {**node, "disk": armed})["changed"]
    assert not server.run("only", node)["changed"]
    done = server.run("only", {**node, "disk": "/dev/vdb"})
    assert [item["reason"] for item in done["machines"]] == [f"its disk is /dev/vdb now, and not {armed}"]
    assert (server.scripts(), server.tickets()) == ({}, set())


def test_boot_files_of_strangers_without_ipxe_are_taken_back(server: Server) -> None:
    node = {"machine": "node01", "mac": MAC, "address": "10.77.0.11"}
    folder = server.root / "boot/syslinux/pxelinux.cfg/armed"
    folder.mkdir(parents=True)
    token, window = "0" * 32, "1795186800-4000000000"
    head = f"# Written by Ansible\n# 10.77.0.11/{token}/{window}\n"
    (folder / "01-52-54-00-aa-00-01").write_text(f"{head}# node01 ({MAC}, 10.77.0.11), profile deb\n")
    (folder / "01-52-54-00-aa-00-02").write_text(
        f"{head}# node02 (52:54:00:aa:00:02, 10.77.0.12), profile deb\n"
    )
    done = server.run("only", node)
    assert done["changed"]
    # Only what is armed by iPXE or on its own is said.
    assert done["machines"] == []
    assert token not in str(done["diff"])
    assert [path.name for path in folder.iterdir()] == ["01-52-54-00-aa-00-01"]
    assert not server.run("only", node)["changed"]


@pytest.mark.parametrize("lifetime", [-1, 0, 30 * 86400 + 1, 10**10])
def test_an_arming_that_outlives_everybody_is_refused(server: Server, lifetime: int) -> None:
    server.lifetime = lifetime
    with pytest.raises(PxeError, match=rf"^lifetime: {lifetime} seconds; write 1 to 2592000 \(30 days\)"):
        server.arm(server.node())
    assert server.files() == set()
    server.lifetime = 30 * 86400
    assert server.arm(server.node())["machines"]


@pytest.mark.parametrize("state", ["present", "absent", "only"])
def test_a_lock_that_is_never_free_is_named(
    server: Server, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    item = server.node()
    monkeypatch.setattr(folders, "_LOCK_SECONDS", 0.3)
    with subprocess.Popen(
        ["flock", str(server.root), "sh", "-c", "echo locked; read -r _"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(PxeError) as caught:
            server.run(state, item)
        assert str(caught.value).startswith(f"{server.root}: another run ")
        # The lock is that of an open file, which flock hands on to its child.
        assert re.search(rf"process {holder.pid}, flock\b", str(caught.value)), caught.value
        assert "end that process if it hangs" in str(caught.value)
        assert server.files() == set()
        holder.communicate(b"\n", timeout=20)
    server.run(state, item)


def test_others_are_left_alone(server: Server) -> None:
    two = server.node(NEW, machine="node02", mac="52:54:00:aa:00:02", address="10.77.0.12")
    server.arm(server.node(), two)
    done = server.run("only", {"machine": "node02", "mac": "52:54:00:AA:00:02", "address": "10.77.0.12"})
    assert [item["reason"] for item in done["machines"]] == ["it is no longer a machine of this server"]
    assert server.scripts() == {"10.77.0.12/node02_52-54-00-aa-00-02.ipxe": NEW}
    assert server.tickets() == {NEW}


def test_a_release_is_written_at_once(server: Server) -> None:
    """Where the file system can: else a power cut could give the ticket back."""
    server.arm(server.node())
    fd = os.open(server.root / f"events/10.77.0.11/{OLD}", os.O_RDONLY)
    try:
        flags = struct.unpack("i", fcntl.ioctl(fd, 0x80086601, struct.pack("i", 0)))[0]
        fcntl.ioctl(fd, 0x40086602, struct.pack("i", flags | 0x00010000))
    except OSError as exc:
        pytest.skip(f"this file system has no such flag: {exc.strerror}")
    finally:
        os.close(fd)
    assert flags & 0x00010000


def test_files_lie_beside_the_answer_file(server: Server) -> None:
    item = server.node(files={"motd": "S3CRET\n", "armed": "S3CRET\n"})
    [folder] = [f"answers/10.77.0.11/{OLD}"]
    shown = str(server.arm(item)["diff"])
    assert (server.root / folder / "motd").read_text() == "S3CRET\n"
    assert {path.name for path in (server.root / folder).iterdir()} == {"motd", "armed", "preseed.cfg"}
    assert {path.stat().st_mode & 0o777 for path in (server.root / folder).iterdir()} == {0o640}
    assert {(path.stat().st_uid, path.stat().st_gid) for path in (server.root / folder).iterdir()} == {
        (os.geteuid(), (server.root / "answers").stat().st_gid)
    }
    assert "S3CRET" not in shown
    server.arm(server.node())
    assert not (server.root / folder / "motd").exists()
    server.arm(item)
    server.run("absent", item)
    assert not (server.root / folder).exists()


@pytest.mark.parametrize("name", ["preseed.cfg", "x.ipxe", ".hidden", "../up", "a/b", "", "a b", "-" * 201])
def test_names_that_files_cannot_have(server: Server, name: str) -> None:
    with pytest.raises(PxeError, match=r"^node01: files: .*(rename it|name it)"):
        server.arm(server.node(files={"motd": "", name: ""}))
    assert server.files() == set()


def test_no_diff_shows_a_token_or_an_answer(server: Server) -> None:
    for token in (OLD.replace("a", "3"), NEW.replace("b", "4")):
        node = server.node(token, answer=f"d-i a/b password S3CRET {token[0]}\n", files={"motd": "S3CRET"})
        shown = str(server.arm(node)["diff"])
        assert token not in shown
        assert "S3CRET" not in shown
        assert "preseed.cfg" in shown
    assert "S3CRET" not in str(server.run("absent", server.node())["diff"])


@pytest.mark.parametrize(
    ("family", "said"),
    [
        (None, "^node01: family must be given to arm it$"),
        ("suse", "^node01: unknown family 'suse'; write one of live, debian, redhat$"),
        ("live", "^node01: the family 'live' installs nothing$"),
    ],
)
def test_families_that_cannot_be_armed(server: Server, family: str | None, said: str) -> None:
    with pytest.raises(PxeError, match=said):
        server.arm(server.node(family=family))
    assert server.files() == set()


def test_each_family_checks_its_own(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call for all machines of a family, and one message with the mistakes of all."""
    asked: list[list[str]] = []

    def check(_module: t.Any, answers: t.Mapping[str, Answer]) -> dict[str, Checked]:
        asked.append(sorted(answers))
        return {name: Checked(answer.text, f"{answer.disk} is wrong") for name, answer in answers.items()}

    for name in ("debian", "redhat"):
        family = FAMILIES[name]
        file = dataclasses.replace(family.answer_file, check=check)
        monkeypatch.setitem(FAMILIES, name, dataclasses.replace(family, answer_files=(file,)))
    nodes = [
        server.node(machine="node01"),
        server.node(machine="node02", mac="52:54:00:aa:00:02", address="10.77.0.12", token="2" * 32),
        server.node(
            machine="node03", mac="52:54:00:aa:00:03", address="10.77.0.13", token="3" * 32, family="redhat"
        ),
    ]
    with pytest.raises(PxeError) as caught:
        server.arm(*nodes)
    assert asked == [["node01", "node02"], ["node03"]]
    assert str(caught.value) == (
        "No machine was armed, because of mistakes in the answer files. node01: /dev/vda is wrong; "
        "node02: /dev/vda is wrong; node03: /dev/vda is wrong"
    )
