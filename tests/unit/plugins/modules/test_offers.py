# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Offers on real folders, also when the module is killed in the middle."""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import struct
import subprocess
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._arming import web_files
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.site_folders import SiteFolders
from ansible_collections.netinstall.pxe.plugins.module_utils._arming.status import further, history
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers as _offers
from ansible_collections.netinstall.pxe.plugins.modules import arming
from ansible_collections.netinstall.pxe.plugins.modules.offers import Offers

GUARDED = "%pre\nsh /tmp/netinstall/check-disk\n%end\nrootpw --iscrypted $6$secret\n"
PRESEED = "d-i preseed/early_command string sh /tmp/netinstall/check-disk\n"
MACHINES = {"node01": "52:54:00:AA:00:01", "node02": "52-54-00-aa-00-02"}
ONE, TWO, THREE = (f"52-54-00-bb-00-0{number}" for number in (1, 2, 3))


class Module:
    """What the work needs of AnsibleModule."""

    def __init__(self, root: pathlib.Path, check: bool, **params: t.Any) -> None:
        self.check_mode = check
        self.params = {
            "root": str(root),
            "state": "present",
            "offers": [],
            "policy": "",
            "described": [],
            "known": [],
            "macs": [],
            "all": False,
            "owner": None,
            "group": None,
            **params,
        }

    def get_bin_path(self, _name: str) -> None:
        return None


def offer(profile: str = "el9", **files: str) -> dict[str, t.Any]:
    texts = {name.replace("_", "."): text for name, text in files.items()} or {"ks.cfg": GUARDED}
    return {"profile": profile, "files": texts, "disk": ""}


class Server:
    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        for name in ("answers", "events", "boot/machines", "boot/syslinux/pxelinux.cfg"):
            (root / name).mkdir(parents=True)

    def run(self, check: bool = False, **params: t.Any) -> dict[str, t.Any]:
        return Offers(t.cast("t.Any", Module(self.root, check, **params))).run()

    def present(
        self, *offers: dict[str, t.Any], machines: dict[str, str] | None = None, check: bool = False
    ) -> dict[str, t.Any]:
        described = [{"name": name, "mac": mac} for name, mac in (machines or {}).items()]
        return self.run(check, offers=list(offers), described=described)

    def forget(self, *macs: str, check: bool = False, everything: bool = False) -> dict[str, t.Any]:
        return self.run(check, state="forgotten", macs=list(macs), all=everything)

    def install(self, name: str, *events: str) -> None:
        """What the web server makes."""
        folder = self.root / "events/offers" / name / "el9"
        folder.mkdir(parents=True)
        for event in events:
            (folder / event).write_text("x")

    def knows(self) -> list[dict[str, t.Any]]:
        """What it tells other web servers."""
        options = {"root": str(self.root), "unknown": False, "history": False, "known": True}
        found = further(SiteFolders(str(self.root)), None, 2e9, options)["known"]
        return t.cast("list[dict[str, t.Any]]", found)

    def files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.root)): path.read_text()
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def known(self) -> set[str]:
        return {path.name for path in (self.root / "events/offers").iterdir()}


@pytest.fixture
def server(tmp_path: pathlib.Path) -> Server:
    return Server(tmp_path)


def test_what_is_published(server: Server) -> None:
    result = server.present(offer(more_cfg="part /\n", ks_cfg=GUARDED), machines=MACHINES)
    assert server.files() == {
        "answers/offers/el9/ks.cfg": GUARDED,
        "answers/offers/el9/more.cfg": "part /\n",
        "events/offers/52-54-00-aa-00-01/described": "node01\n",
        "events/offers/52-54-00-aa-00-02/described": "node02\n",
    }
    assert (result["changed"], result["offers"]) == (True, ["el9"])
    assert result["described"] == ["52:54:00:aa:00:01", "52:54:00:aa:00:02"]
    again = server.present(offer(more_cfg="part /\n", ks_cfg=GUARDED), machines=MACHINES)
    assert (again["changed"], again["diff"], again["described"]) == (False, [], [])


def test_the_policy_of_the_web_server(server: Server) -> None:
    """Its file comes after the answer file that it is about; the one of before goes first."""
    old, new = "0123456789abcdef", "fedcba9876543210"
    server.run(offers=[offer()], policy=old)
    assert sorted(server.files()) == [f"answers/offers/el9/for-{old}", "answers/offers/el9/ks.cfg"]
    changed = offer(ks_cfg=f"{GUARDED}reboot\n")
    order: list[str] = []

    class Watched(Offers):
        def publish(self, root: str, files: dict[str, str], *args: t.Any, **kwargs: t.Any) -> t.Any:
            changes = super().publish(root, files, *args, **kwargs)
            order.extend([*files, *(f"-{name}" for name in changes.removed)])
            return changes

    result = Watched(t.cast("t.Any", Module(server.root, False, offers=[changed], policy=new))).run()
    assert order == [f"-offers/el9/for-{old}", "offers/el9/ks.cfg", f"offers/el9/for-{new}"]
    assert result["changed"]
    assert server.run(offers=[changed], policy=new)["changed"] is False
    server.run(offers=[], policy="")
    assert server.files() == {}


def test_modes(server: Server) -> None:
    server.present(offer(), machines=MACHINES)
    for path in (server.root / "events").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640), path
    # What is shown by FTP is for those who know a token; this is for the web server alone.
    for path in (server.root / "answers").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o500 if path.is_dir() else 0o400), path


def test_the_accounts_are_those_of_the_folders(server: Server) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files to others")
    os.chown(server.root / "events", 1234, 1235)
    os.chown(server.root / "answers", 0, 1236)
    server.present(offer(), machines=MACHINES)
    made = {
        "events/offers": (1234, 1236),
        "events/offers/52-54-00-aa-00-01": (1234, 1236),
        "events/offers/52-54-00-aa-00-01/described": (1234, 1236),
        "answers/offers": (1234, 0),
        "answers/offers/el9": (1234, 0),
        "answers/offers/el9/ks.cfg": (1234, 0),
    }
    assert {name: ((status := (server.root / name).stat()).st_uid, status.st_gid) for name in made} == made
    assert not server.present(offer(), machines=MACHINES)["changed"]
    os.chown(server.root / "events/offers", 0, 0)
    assert server.present(offer(), machines=MACHINES)["changed"]
    assert (server.root / "events/offers").stat().st_uid == 1234


def test_the_folder_is_there_for_the_web_server(server: Server) -> None:
    """Also where no machine is described."""
    assert server.present(offer(), check=True)["changed"]
    assert not (server.root / "events/offers").exists()
    server.present(offer())
    assert server.known() == set()


def test_check_mode_and_diff(server: Server) -> None:
    before = server.files()
    result = server.present(offer(), machines=MACHINES, check=True)
    assert (result["changed"], server.files()) == (True, before)
    assert {entry["after_header"].split(f"{server.root}/")[1] for entry in result["diff"]} == {
        "events/offers",
        "answers/offers/el9/ks.cfg",
        "events/offers/52-54-00-aa-00-01/described",
        "events/offers/52-54-00-aa-00-02/described",
    }
    server.present(offer(), machines=MACHINES)
    changed = server.present(offer(ks_cfg=GUARDED + "text\n"), machines=MACHINES)
    assert [entry["after"] for entry in changed["diff"]] == ["(an answer file; not shown)\n"]
    gone = server.present(check=True)
    for found in (result, changed, gone):
        assert "secret" not in json.dumps(found)
    assert len(gone["diff"]) == 1


def test_an_offer_that_is_taken_back_goes(server: Server) -> None:
    server.present(offer(), offer("deb", preseed_cfg=PRESEED, start_cfg="x\n"), machines=MACHINES)
    server.install(ONE, "installed")
    server.present(offer("deb", preseed_cfg=PRESEED), machines={})
    assert set(server.files()) == {
        "answers/offers/deb/preseed.cfg",
        "events/offers/52-54-00-aa-00-01/described",
        "events/offers/52-54-00-aa-00-02/described",
        f"events/offers/{ONE}/el9/installed",
    }
    assert not (server.root / "answers/offers/el9").exists()
    server.present()
    assert not [name for name in server.files() if name.startswith("answers/")]


def test_armings_are_none_of_its_business(server: Server) -> None:
    token = "0" * 32
    for name in (f"answers/10.77.0.11/{token}/ks.cfg", f"events/10.77.0.11/{token}/armed"):
        (server.root / name).parent.mkdir(parents=True)
        (server.root / name).write_text("x")
    before = server.files()
    server.present(offer())
    server.present()
    server.forget(everything=True)
    assert server.files() == before


def test_arming_does_not_touch_offers(server: Server) -> None:
    """What is armed for nobody that is described is taken back: an offer is no address."""
    server.present(offer(), machines=MACHINES)
    server.install(ONE)
    before = server.files()
    params: dict[str, t.Any] = {"state": "only", "installations": [], "urls": None, "lifetime": 1, "by": None}
    work = arming.Arming(t.cast("t.Any", Module(server.root, False, **params)))
    assert not work.run()["changed"]
    assert server.files() == before


# Machines that are described, or were


def test_a_machine_is_never_forgotten_to_have_been_described(server: Server) -> None:
    server.present(offer(), machines=MACHINES)
    server.present(offer(), machines={})
    assert server.known() == {"52-54-00-aa-00-01", "52-54-00-aa-00-02"}
    # Described again by another name
    server.present(offer(), machines={"web": "52:54:00:aa:00:01"})
    assert server.files()["events/offers/52-54-00-aa-00-01/described"] == "web\n"


def test_those_that_were_armed_are_known(server: Server) -> None:
    for number, record in enumerate(
        (
            {"machine": "old01", "mac": "52:54:00:cc:00:01"},
            {"machine": "a\nb", "mac": "52:54:00:CC:00:02"},
            {"machine": "x", "mac": "../../../x"},
            {"machine": "x", "mac": None},
            {},
        )
    ):
        path = server.root / f"events/10.77.0.{number}" / f"{number:032x}" / "armed"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(record))
    # Not as a link would have it
    (server.root / "events/10.77.0.99").symlink_to(server.root / "events/10.77.0.0")
    server.present(offer())
    marks = {name: text for name, text in server.files().items() if name.endswith("/described")}
    assert marks == {
        "events/offers/52-54-00-cc-00-01/described": "old01\n",
        "events/offers/52-54-00-cc-00-02/described": "a b\n",
    }
    assert not server.present(offer())["changed"]


def test_those_with_a_boot_script_are_known(server: Server) -> None:
    """Which site.yml takes away when it runs without them."""
    for name in ("52-54-00-cc-00-01.ipxe", "x.ipxe", "52-54-00-cc-00-01.ipxe.bak", "02-00-00-00-00-00.ipxe"):
        (server.root / "boot/machines" / name).touch()
    server.present(offer())
    assert server.known() == {"52-54-00-cc-00-01"}
    assert not server.present(offer())["changed"]


def test_one_that_was_installed_by_an_offer_may_be_described(server: Server) -> None:
    server.present(offer())
    server.install(ONE, "installed")
    server.present(offer(), machines={"node01": _offers.mac_of(ONE)})
    assert {path.name for path in (server.root / "events/offers" / ONE).iterdir()} == {"el9", "described"}


# What other web servers remember


@pytest.fixture
def other(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A web server that takes over the networks of the first one."""
    return Server(tmp_path_factory.mktemp("other"))


def armed(server: Server, mac: str, when: str, number: int = 1) -> None:
    record = {"machine": "old01", "mac": mac, "armed": when}
    path = server.root / "events/10.77.0.9" / f"{number:032x}" / "armed"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(record))


def test_what_one_web_server_tells_another(server: Server) -> None:
    assert server.knows() == []
    server.present(offer(), machines={"node01": MACHINES["node01"]})
    server.install(ONE, "started")
    (server.root / "events/offers" / TWO).mkdir()
    (server.root / "events/offers" / TWO / "_elsewhere").write_text("el8\n")
    (server.root / "events/offers" / THREE).mkdir()
    (server.root / "boot/machines/52-54-00-cc-00-01.ipxe").touch()
    armed(server, "52:54:00:cc:00:02", "2026-11-30T10:00:00+00:00")
    for name in ("x", "02-00-00-00-00-00", "52-54-00-BB-00-04"):
        (server.root / "events/offers" / name).mkdir()
    assert server.knows() == [
        {"mac": "52:54:00:aa:00:01", "machine": "node01", "profile": ""},
        {"mac": "52:54:00:bb:00:01", "machine": "", "profile": "el9"},
        {"mac": "52:54:00:bb:00:02", "machine": "", "profile": "el8"},
        {"mac": "52:54:00:bb:00:03", "machine": "", "profile": ""},
        {"mac": "52:54:00:cc:00:01", "machine": "a machine with a boot script", "profile": ""},
        {"mac": "52:54:00:cc:00:02", "machine": "old01", "profile": ""},
    ]


def test_what_it_learns(server: Server, other: Server) -> None:
    """It offers nothing to these machines, and gives no answers to them that it did not release."""
    server.present(offer(), machines=MACHINES)
    server.install(ONE, "started", "installed")
    (server.root / "events/offers" / TWO).mkdir()
    known = server.knows()
    checked = other.run(True, offers=[offer()], known=known)
    assert "events/offers" not in str(other.files())
    result = other.run(offers=[offer()], known=known)
    assert result["diff"] == checked["diff"]
    assert result["learnt"] == [
        "52:54:00:aa:00:01",
        "52:54:00:aa:00:02",
        "52:54:00:bb:00:01",
        "52:54:00:bb:00:02",
    ]
    assert result["described"] == []
    files = {name: text for name, text in other.files().items() if name.startswith("events/")}
    assert files == {
        "events/offers/52-54-00-aa-00-01/described": "node01\n",
        "events/offers/52-54-00-aa-00-02/described": "node02\n",
        f"events/offers/{ONE}/_elsewhere": "el9\n",
        f"events/offers/{TWO}/_elsewhere": "\n",
    }
    # No folder of a profile, by which its answers could be fetched.
    assert not [path for path in (other.root / "events/offers").glob("*/*") if path.is_dir()]
    again = other.run(offers=[offer()], known=known)
    assert (again["changed"], again["learnt"]) == (False, [])
    # And tells it in its turn.
    assert other.knows() == known


def test_what_it_knows_better(server: Server, other: Server) -> None:
    server.present(offer(), machines=MACHINES)
    server.install(ONE)
    (server.root / "events/offers" / ONE / "described").write_text("web\n")
    other.present(offer(), machines={"node01": MACHINES["node01"]})
    other.install(ONE, "installed")
    result = other.run(
        offers=[offer()], known=server.knows(), described=[{"name": "new", "mac": MACHINES["node01"]}]
    )
    # That it was described outlives that all are forgotten: this it learns.
    assert result["learnt"] == ["52:54:00:aa:00:02", "52:54:00:bb:00:01"]
    assert {name: text for name, text in other.files().items() if name.startswith("events/")} == {
        "events/offers/52-54-00-aa-00-01/described": "new\n",
        "events/offers/52-54-00-aa-00-02/described": "node02\n",
        f"events/offers/{ONE}/described": "web\n",
        f"events/offers/{ONE}/el9/installed": "x",
    }


def test_what_others_say_is_not_trusted(server: Server) -> None:
    """The account of a web server writes there."""
    known = [
        {"mac": "52:54:00:BB:00:01", "machine": "", "profile": "../../x"},
        {"mac": "52:54:00:bb:00:02", "machine": "a\nb\x1b[31m", "profile": ""},
        {"mac": "02:00:00:00:00:00", "machine": "x", "profile": ""},
    ]
    server.run(offers=[offer()], known=known)
    assert {name: text for name, text in server.files().items() if name.startswith("events/")} == {
        f"events/offers/{ONE}/_elsewhere": "\n",
        f"events/offers/{TWO}/described": "a b?[31m\n",
    }
    with pytest.raises(PxeError, match=r"known\[0\]\.mac: "):
        server.run(offers=[offer()], known=[{"mac": "../x", "machine": "", "profile": ""}])


def test_a_thousand_machines_of_another_web_server(server: Server) -> None:
    known = [
        {"mac": f"52:54:00:dd:{number // 256:02x}:{number % 256:02x}", "machine": "", "profile": "el9"}
        for number in range(1000)
    ]
    assert len(server.run(offers=[offer()], known=known)["learnt"]) == 1000
    assert server.run(offers=[offer()], known=known)["changed"] is False
    assert len(server.known()) == 1000


def test_what_is_forgotten_everywhere_does_not_come_back(server: Server, other: Server) -> None:
    server.present(offer(), machines=MACHINES)
    server.install(ONE, "installed")
    other.run(offers=[offer()], known=server.knows())
    # On one of them alone it would.
    server.forget(_offers.mac_of(ONE))
    server.run(offers=[offer()], known=other.knows())
    assert ONE in server.known()
    for one in (server, other):
        assert one.forget(_offers.mac_of(ONE))["forgotten"] == [_offers.mac_of(ONE)]
    for one, two in ((server, other), (other, server)):
        result = one.run(offers=[offer()], known=two.knows())
        assert (result["changed"], ONE in one.known()) == (False, False)


def test_what_is_forgotten_does_not_come_back_from_its_history(server: Server) -> None:
    mac = "52:54:00:cc:00:01"
    armed(server, mac, "2026-11-30T10:00:00+00:00")
    server.present(offer())
    assert server.known() == {_offers.mac_name(mac)}
    before = server.files()
    assert server.forget(mac, check=True)["forgotten"] == [mac]
    assert server.files() == before
    assert server.forget(mac)["forgotten"] == [mac]
    again = server.forget(mac)
    assert (again["changed"], again["forgotten"]) == (False, [])
    result = server.present(offer())
    assert (result["changed"], result["described"], server.knows()) == (False, [], [])
    # What it was is remembered still.
    site = SiteFolders(str(server.root))
    assert [entry["machine"] for entry in history(site, None, 2e9)] == ["old01"]
    # Armed again later
    armed(server, mac, "2099-01-01T10:00:00+00:00", 2)
    assert server.present(offer())["described"] == [mac]


# What is refused


def test_a_mistake_changes_nothing(server: Server) -> None:
    server.present(offer("deb", preseed_cfg=PRESEED))
    before = server.files()
    for params in ({"offers": [offer(), offer("a", more_cfg="x")]}, {"offers": [offer()], "policy": "x"}):
        with pytest.raises(PxeError):
            server.run(**params)
        assert server.files() == before


def test_a_machine_without_a_mac_is_named(server: Server) -> None:
    with pytest.raises(PxeError, match="node01: mac: "):
        server.present(offer(), machines={"node01": "52:54"})


def test_a_server_that_is_not_set_up(tmp_path: pathlib.Path) -> None:
    server = Server(tmp_path)
    (tmp_path / "events").rmdir()
    with pytest.raises(PxeError, match="events is missing on the server; run"):
        server.present(offer())
    result = server.present(offer(), machines=MACHINES, check=True)
    assert (result["changed"], result["offers"]) == (True, ["el9"])
    assert not server.present(check=True)["changed"]


def test_the_web_server_cannot_lead_root_elsewhere(server: Server) -> None:
    target = server.root / "target"
    target.mkdir()
    (server.root / "events/offers").symlink_to(target)
    with pytest.raises(PxeError, match="is a link or a file, not a folder: remove it"):
        server.present(offer(), machines=MACHINES)
    assert list(target.iterdir()) == []
    assert not (server.root / "answers/offers").exists()


# Forgetting


def test_a_machine_is_forgotten(server: Server) -> None:
    server.present(offer(), machines=MACHINES)
    server.install(ONE, "started", "log-syslog")
    server.install(TWO, "installed")
    before = server.files()
    assert server.forget(_offers.mac_of(ONE).upper(), check=True)["forgotten"] == [_offers.mac_of(ONE)]
    assert server.files() == before
    result = server.forget(_offers.mac_of(ONE).upper())
    assert (result["changed"], result["forgotten"]) == (True, [_offers.mac_of(ONE)])
    assert [entry["before_header"] for entry in result["diff"]] == [f"{server.root}/events/offers/{ONE}"]
    assert server.known() == {TWO, "52-54-00-aa-00-01", "52-54-00-aa-00-02"}
    assert not server.forget(_offers.mac_of(ONE))["changed"]


def test_all_are_forgotten_but_that_they_were_described(server: Server) -> None:
    server.present(offer(), machines=MACHINES)
    server.install(ONE, "started")
    server.install(TWO)
    server.install(THREE, "installed")
    (server.root / "events/offers" / THREE / "described").touch()
    assert server.forget(everything=True)["forgotten"] == [_offers.mac_of(ONE), _offers.mac_of(TWO)]
    assert server.known() == {THREE, "52-54-00-aa-00-01", "52-54-00-aa-00-02"}
    # One that is named, and not described any more
    assert server.forget(_offers.mac_of(THREE))["changed"]
    assert not (server.root / "events/offers" / THREE).exists()


def test_a_described_machine_is_not_forgotten(server: Server) -> None:
    server.present(offer(), machines=MACHINES)
    (server.root / "boot/machines/52-54-00-aa-00-01.ipxe").touch()
    server.install(ONE)
    with pytest.raises(PxeError, match=r"macs\[1\]: 52:54:00:aa:00:01 is described; to install it, arm it"):
        server.forget(_offers.mac_of(ONE), "52:54:00:aa:00:01")
    assert ONE in server.known()


@pytest.mark.parametrize("text", ["", "52:54", "../x", "all"])
def test_what_is_no_mac_is_refused(server: Server, text: str) -> None:
    with pytest.raises(PxeError, match=r"macs\[0\]: "):
        server.forget(text)


def test_nothing_else_is_forgotten(server: Server) -> None:
    """Links that the web server's account might put there, and names that are no machines."""
    outside = server.root / "outside"
    outside.mkdir()
    (outside / "file").touch()
    server.present(offer())
    server.install(ONE)
    folder = server.root / "events/offers"
    (folder / ONE / "el9/link").symlink_to(outside)
    (folder / ONE / "el9/file").symlink_to(outside / "file")
    (folder / TWO).symlink_to(outside)
    (folder / "x").mkdir()
    server.forget(_offers.mac_of(ONE))
    assert server.known() == {TWO, "x"}
    with pytest.raises(OSError, match="Not a directory"):
        server.forget(everything=True)
    assert (outside / "file").exists()


def test_a_report_that_comes_meanwhile(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.present(offer())
    server.install(ONE, "started")
    rmdir, left = os.rmdir, [2]

    def interrupted(name: str, **options: t.Any) -> None:
        if name == "el9" and left[0]:
            left[0] -= 1
            (server.root / "events/offers" / ONE / "el9/log-syslog").write_text("x")
        rmdir(name, **options)

    monkeypatch.setattr(web_files.os, "rmdir", interrupted)
    assert server.forget(_offers.mac_of(ONE))["changed"]
    assert server.known() == set()


def test_its_boot_file_goes_too(server: Server) -> None:
    """By which it boots its disk, where it loads pxelinux by TFTP."""
    configs = server.root / "boot/syslinux/pxelinux.cfg"
    server.present(offer())
    for name in (ONE, TWO):
        server.install(name)
        (configs / f"01-{name}").write_text(_offers.LOCAL_HEADER + "DEFAULT local\n")
    (configs / f"01-{THREE}").write_text("# Written by netinstall.pxe\n")
    server.forget(_offers.mac_of(ONE), _offers.mac_of(THREE))
    assert {path.name for path in configs.iterdir()} == {f"01-{TWO}", f"01-{THREE}"}
    server.forget(everything=True)
    assert {path.name for path in configs.iterdir()} == {f"01-{THREE}"}


# When it is killed


class Killed(BaseException):
    """The run is killed."""


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Of all changes the one with this number does not happen any more."""
    left = [number]

    def counted(name: str) -> t.Callable[..., t.Any]:
        original = getattr(os, name)

        def run(*args: t.Any, **kwargs: t.Any) -> t.Any:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return original(*args, **kwargs)

        return run

    for name in ("rename", "unlink", "rmdir", "mkdir"):
        monkeypatch.setattr(os, name, counted(name))


def killed_everywhere(
    folder: pathlib.Path, prepare: t.Callable[[Server], t.Any], work: t.Callable[[Server], t.Any]
) -> t.Iterator[Server]:
    for number in range(100):
        server = Server(folder / str(number))
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
            assert number > 3
            return
    raise AssertionError("it never ended")


def test_an_offer_is_there_only_if_all_marks_are(tmp_path: pathlib.Path) -> None:
    def work(server: Server) -> None:
        server.present(offer(more_cfg="x", ks_cfg=GUARDED), machines=MACHINES)

    for server in killed_everywhere(tmp_path, lambda _server: None, work):
        files = server.files()
        if "answers/offers/el9/ks.cfg" in files:
            assert "answers/offers/el9/more.cfg" in files
            assert sum(name.endswith("/described") for name in files) == 2
        work(server)
        assert len(server.files()) == 4


def test_a_machine_is_forgotten_at_last(tmp_path: pathlib.Path) -> None:
    def prepare(server: Server) -> None:
        server.present(offer())
        server.install(ONE, "started", "installed")
        server.install(TWO, "installed")

    for server in killed_everywhere(tmp_path, prepare, lambda server: server.forget(everything=True)):
        # Its own folder, which keeps it from being installed, goes after all that is in it.
        for name in server.known():
            assert (server.root / "events/offers" / name).is_dir()
        server.forget(everything=True)
        assert server.known() == set()


def test_the_folder_is_written_through(tmp_path: pathlib.Path) -> None:
    """What the web server makes there outlives a power cut: on ext4, for instance; also in the folders made later."""
    if os.geteuid() != 0:
        pytest.skip("mounts a file system: run as root")
    image, mounted = tmp_path / "image", tmp_path / "mounted"
    mounted.mkdir()
    image.touch()
    os.truncate(image, 4 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, mounted], check=False, capture_output=True).returncode:
        pytest.skip("no loop devices here")
    try:
        server = Server(mounted / "site")
        server.present(offer())
        server.install(ONE)
        for path in (server.root / "events/offers", server.root / "events/offers" / ONE):
            fd = os.open(path, os.O_RDONLY)
            try:
                flags = struct.unpack("i", fcntl.ioctl(fd, 0x80086601, struct.pack("i", 0)))[0]
            finally:
                os.close(fd)
            assert flags & 0x00010000, path
    finally:
        subprocess.run(["umount", mounted], check=True)
