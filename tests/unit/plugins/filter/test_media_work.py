# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.filter.media_work import media_work

Record = dict[str, t.Any]
SUM = f"sha256:{'0' * 64}"


def image(path: str, **more: t.Any) -> Record:
    return {"path": path, "url": None, "checksum": None, **more}


def described(name: str, **more: t.Any) -> Record:
    """As the plan has it."""
    nothing = dict.fromkeys(("netboot", "kernel", "initrd", "architecture", "version"))
    tree = {"tree": f"/srv/pxe/trees/{name}", "tree_url": f"http://pxe/trees/{name}"}
    return {"name": name, "family": "debian", "isos": [], **nothing, **tree, **more}


SITE = [
    described("plain", isos=[image("/iso/plain.iso", url="http://x/plain.iso", checksum=SUM)]),
    described("dvd", isos=[image("/iso/dvd.iso")], netboot=image("/iso/netboot.tar.gz", checksum=SUM)),
    described("el", family="redhat", isos=[image("/iso/el1.iso"), image("/iso/el2.iso")]),
    described("copied", isos=[{"path": "/iso/copied.iso", "url": None}], layout="copy"),
    described("unknown", family=None, isos=[image("/iso/unknown.iso")]),
    described(
        "mirrored", family="redhat", mirror="http://mirror/os", netboot_url="http://pxe/mirrored-netboot"
    ),
    described("desk", family="live", root="/roots/desk", netboot=image("/roots/desk")),
]


def work(distributions: list[Record] | None = None, **said: t.Any) -> Record:
    site = SITE if distributions is None else distributions
    return media_work({one["name"]: one for one in site}, "/srv/pxe", said)


def names(records: list[Record]) -> list[str]:
    return [record["name"] for record in records]


def result(name: str, **more: t.Any) -> Record:
    """What a task has registered of a distribution."""
    return {"item": {"name": name}, **more}


def test_which_distributions_are_made_in_which_way() -> None:
    found = work()
    assert names(found["imaged"]) == ["plain", "dvd", "el", "copied", "unknown"]
    assert names(found["built"]) == ["el", "copied"]
    assert names(found["whole"]) == ["plain", "dvd", "unknown"]
    assert names(found["overlaid"]) == ["plain", "dvd", "el", "unknown"]
    # Mirrors after archives and root file systems.
    assert names(found["beside"]) == ["dvd", "desk", "mirrored"]


def test_an_image_says_which_family_it_is_of() -> None:
    found = work(images=[result("unknown", image={"family": "redhat"}), result("plain", skipped=True)])
    assert names(found["built"]) == ["el", "unknown", "copied"]
    assert found["built"][1]["installer"]["name"] == "redhat"


def test_files_are_fetched_once_and_vouched_for() -> None:
    twice = described("twice", isos=SITE[0]["isos"])
    found = work([*SITE, twice])
    assert [file["path"] for file in found["downloads"]] == ["/iso/plain.iso"]
    unverified = [
        "/iso/copied.iso",
        "/iso/dvd.iso",
        "/iso/el1.iso",
        "/iso/el2.iso",
        "/iso/unknown.iso",
        "/roots/desk",
    ]
    assert found["unverified"] == unverified


def test_what_check_mode_awaits() -> None:
    results: list[Record] = [
        {"path": "/iso/a", "finished": True},
        {"path": "/iso/b", "finished": False},
        {"skipped": True},
    ]
    assert work(downloads=results)["awaited"] == ["/iso/b"]


@pytest.mark.parametrize(
    ("path", "name", "ready"),
    [
        ("/iso/el2.iso", "el", (True, False, True)),
        ("/iso/el1.iso", "el", (False, False, True)),
        ("/iso/dvd.iso", "dvd", (False, False, True)),
        ("/iso/netboot.tar.gz", "dvd", (True, True, False)),
        ("/iso/plain.iso", "dvd", (True, True, True)),
        ("/roots/desk", "desk", (True, True, False)),
        ("/iso/el1.iso", "mirrored", (True, True, True)),
    ],
)
def test_what_waits_in_check_mode(path: str, name: str, ready: tuple[bool, bool, bool]) -> None:
    found = work(downloads=[{"path": path, "finished": False}])
    (record,) = [
        one
        for one in {one["name"]: one for one in found["imaged"] + found["beside"]}.values()
        if one["name"] == name
    ]
    assert record["ready"] == dict(zip(("first", "all", "netboot"), ready))


def test_what_kernels_are_taken_from() -> None:
    bare = described("bare", family=None, netboot=image("/iso/bare.tar.gz"))
    sources = {one["name"]: one["source"] for one in work([*SITE, bare])["beside"]}
    assert sources == {
        "bare": {"path": "/iso/bare.tar.gz"},
        "dvd": {"path": "/iso/netboot.tar.gz", "checksum": SUM, "family": "debian"},
        "desk": {"root": "/roots/desk"},
        "mirrored": {"mirror": "http://mirror/os", "family": "redhat"},
    }


def test_what_install_tree_gets_of_images() -> None:
    found = {one["name"]: one["images"] for one in work()["imaged"]}
    assert found["copied"] == [{"path": "/iso/copied.iso"}]
    assert found["plain"] == [{"path": "/iso/plain.iso", "checksum": SUM}]


@pytest.mark.parametrize(
    ("said", "down", "renewed", "unsigned"),
    [
        ({}, [], [], []),
        ({"unreachable": "503"}, [{"name": "el", "reason": "503"}], [], []),
        ({"changed": True}, [], ["el"], []),
        ({"signed": False}, [], [], ["el"]),
        # Of mirrors of this family nothing is signed.
        ({"signed": None}, [], [], []),
        ({"checksums": False, "signed": False}, [], [], ["el"]),
    ],
)
def test_what_is_said_of_mirrors(
    said: Record, down: list[Record], renewed: list[str], unsigned: list[str]
) -> None:
    mirror = {"changed": False, "checksums": True, "signed": True, "unreachable": None, **said}
    asked = [result("el", mirror=mirror, netboot={}), result("skipped", skipped=True)]
    assert work(netboots=asked)["mirrors"] == {"down": down, "renewed": renewed, "unsigned": unsigned}


def unit(where: str) -> Record:
    text = f"[Mount]\nWhat=/iso/x\nWhere={where}\n"
    return {"content": base64.b64encode(text.encode()).decode()}


def test_what_is_there_and_no_longer_described() -> None:
    found = work(
        real="/data/trees",
        units=[unit("/data/trees/dvd"), unit("/data/trees/50%% off"), unit("/data/trees-2/x"), unit("/mnt")],
        stamps=[{"path": "/srv/pxe/media/el/tree.json"}, {"path": "/srv/pxe/media/gone/tree.json"}],
        labels=[{"path": f"/srv/pxe/trees/{name}-netboot/.netboot.json"} for name in ("dvd", "gone")],
    )
    netboots = ["/srv/pxe/trees/dvd-netboot", "/srv/pxe/trees/gone-netboot"]
    assert found["found"] == {
        "trees": ["el", "gone"],
        "mounts": ["/data/trees/dvd", "/data/trees/50% off"],
        "netboots": netboots,
    }
    assert {key: found["stale"][key] for key in found["found"]} == {
        "trees": ["gone"],
        "mounts": ["/data/trees/50% off"],
        "netboots": netboots[1:],
    }


@pytest.mark.parametrize(
    "said",
    [
        {"stamps": [{"path": "/srv/pxe/media/dvd-netboot/tree.json"}]},
        {"real": "/srv/pxe/trees", "units": [unit("/srv/pxe/trees/dvd-netboot")]},
    ],
)
def test_kernels_whose_place_a_tree_has_come_later(said: Record) -> None:
    assert names([one for one in work(**said)["beside"] if one["later"]]) == ["dvd"]


def test_images_that_installers_mount() -> None:
    el = {**SITE[2], "nfs_images": "/srv/pxe/nfs-iso/el"}
    links = [
        {"path": f"/srv/pxe/nfs-iso/{name}", "isdir": False, "isreg": regular, "nlink": number}
        for name, regular, number in (
            ("el/disc1.iso", True, 2),
            ("el/disc3.iso", True, 2),
            ("gone/disc1.iso", True, 1),
            ("gone/disc2.iso", False, 1),
        )
    ]
    folder = {"path": "/srv/pxe/nfs-iso/gone", "isdir": True, "isreg": False, "nlink": 2}
    found = work([el], links=[folder, *links])
    assert found["linked"] == [
        {"name": "el", "number": 0, "src": "/iso/el1.iso", "dest": "/srv/pxe/nfs-iso/el/disc1.iso"},
        {"name": "el", "number": 1, "src": "/iso/el2.iso", "dest": "/srv/pxe/nfs-iso/el/disc2.iso"},
    ]
    assert found["linked_folders"] == ["/srv/pxe/nfs-iso", "/srv/pxe/nfs-iso/el"]
    assert found["stale"]["links"] == ["/srv/pxe/nfs-iso/el/disc3.iso", "/srv/pxe/nfs-iso/gone/disc2.iso"]
    # Images are nobody's to delete.
    assert found["stale"]["last_links"] == ["/srv/pxe/nfs-iso/gone/disc1.iso"]
    assert work()["linked_folders"] == []


def test_what_is_published_before_anything_is_known() -> None:
    """In check mode, of an image that is not downloaded yet."""
    published = work()["published"]
    plain = published["plain"]
    assert (plain["family"], plain["kernel"], plain["discs"]) == ("debian", "install.amd/vmlinuz", [])
    assert (plain["codename"], plain["index"]) == (None, None)
    assert list(plain)[:2] == ["family", "product"]
    assert published["dvd"]["kernel"] == "http://pxe/trees/dvd-netboot/linux"


def test_what_is_published() -> None:
    netboot = {"version": "13", "codename": "trixie", "architecture": None, "kernel": "linux", "build": "1"}
    published = work(
        images=[
            result(
                "dvd",
                image={"family": "debian", "version": "13.1.0", "kernel": "linux", "path": "/iso/dvd.iso"},
            ),
            result(
                "el", image={"family": "redhat", "repositories": ["of the image"], "stage2": "install.img"}
            ),
        ],
        netboots=[result(name, netboot=netboot) for name in ("dvd", "mirrored")],
        trees=[result("el", repositories=["of the tree"], kernel="x"), result("copied", skipped=True)],
    )["published"]
    assert list(published) == names(SITE)
    # The image says more exactly what it is; only the kernel is another one.
    dvd = published["dvd"]
    assert (dvd["version"], dvd["kernel"]) == ("13.1.0", "http://pxe/trees/dvd-netboot/linux")
    assert "path" not in dvd
    mirrored = {key: value for key, value in published["mirrored"].items() if value}
    assert mirrored == {
        "family": "redhat",
        "version": "13",
        "codename": "trixie",
        "kernel": "http://pxe/mirrored-netboot/linux",
        "initrd": ["http://pxe/mirrored-netboot/initrd.gz"],
    }
    el = published["el"]
    assert (el["repositories"], el["index"], el["stage2"]) == (
        ["of the tree"],
        "/srv/pxe/media/el.json",
        "install.img",
    )
    assert (published["copied"]["repositories"], published["copied"]["index"]) == (
        [],
        "/srv/pxe/media/copied.json",
    )


def test_nothing_is_described() -> None:
    """As when the role removes all that is there."""
    found = work([], labels=[{"path": "/srv/pxe/trees/x/.netboot.json"}])
    assert found["stale"]["netboots"] == found["found"]["netboots"] == ["/srv/pxe/trees/x"]
    assert (found["published"], found["imaged"], found["awaited"]) == ({}, [], [])
