# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installations of machines that nobody described: a real nginx with the site as the role renders it."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import time
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._plan import offers as _offers
from ansible_collections.netinstall.pxe.tests.unit.roles.http_nginx.test_site import (
    ADDRESS,
    CONF,
    NGINX,
    Site,
    over_socket,
    served,
    snapshot,
)

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")

MAC = "52-54-00-aa-00-01"
OTHER = "52-54-00-aa-00-02"
# Of no subnet of the offers.
ELSEWHERE = "127.0.9.11"
_NUMBERS = itertools.count(10)
EL9, DEBIAN, DOTTED = "el9", "deb", "a.b+c"
ANSWERS = {
    EL9: "ks.cfg",
    DEBIAN: "preseed.cfg",
    DOTTED: "ks.cfg",
}
TEXT = "mac 02:00:00:00:00:00 at 192.0.2.1 name node-020000000000 to /02-00-00-00-00-00/events\n"


def path(profile: str, *parts: str, mac: str = MAC) -> str:
    return "/".join(("", "offers", profile, mac, *parts))


def events(site: Site, mac: str = MAC) -> pathlib.Path:
    return site.root / "events/offers" / mac


def fill(root: pathlib.Path) -> None:
    """What the module publishes."""
    for profile, file in ANSWERS.items():
        folder = root / "answers/offers" / profile
        folder.mkdir(parents=True)
        (folder / file).write_text(TEXT)
        (folder / "more.cfg").write_text(TEXT * 3000)
    (root / "answers/offers" / DEBIAN / "start.cfg").write_text("d-i preseed/include_command string x\n")
    (root / "boot/machines").mkdir(parents=True)
    (root / "events/offers").mkdir(parents=True)


OFFERS = {
    "subnets": ["127.0.0.0/24", "127.0.1.0/24"],
    "mac_prefixes": ["52:54:00", "02:00:00:00:00:00", "AA"],
    "profiles": [
        {"name": name, "answer_file": file, "format": "kickstart" if file == "ks.cfg" else "preseed"}
        for name, file in ANSWERS.items()
    ],
}


@pytest.fixture(scope="module")
def sites(
    renderer: t.Callable[[str], t.Any],
    free_port: t.Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> t.Iterator[dict[str, Site]]:
    """Servers with and without offers, and those that ask for a MAC prefix or a subnet alone."""
    offers = {
        "all": OFFERS,
        "none": {},
        "subnets": {**OFFERS, "mac_prefixes": []},
        "prefixes": {**OFFERS, "subnets": []},
    }
    folders = {name: tmp_path_factory.mktemp(name) for name in offers}
    ports = {name: free_port() for name in offers}
    variables = [
        {
            "http_nginx_address": ADDRESS,
            "http_nginx_port": ports[name],
            "http_nginx_root": str(folders[name] / "root"),
            "http_nginx_log": str(folders[name] / "access.log"),
            "http_nginx_event_size": "64k",
            "http_nginx_offers": offers[name],
            "__http_nginx_socket": str(folders[name] / "release.sock"),
        }
        for name in offers
    ]
    texts = renderer("http_nginx").render([(CONF, each) for each in variables])
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(served(text, folders[name], ports[name]))
            for name, text in zip(offers, texts)
        }


def emptied(site: Site) -> Site:
    shutil.rmtree(site.root, ignore_errors=True)
    fill(site.root)
    return site


@pytest.fixture
def site(sites: dict[str, Site]) -> Site:
    return emptied(sites["all"])


@pytest.fixture
def here() -> str:
    """An address of the offers' subnet of which nothing was asked yet: releases are counted by address."""
    return f"127.0.0.{next(_NUMBERS)}"


def personal(text: str, mac: str, address: str) -> bytes:
    """What the machine is to get of an answer file."""
    for spelling in _offers.SPELLINGS:
        text = text.replace(spelling.stand_in, mac.replace("-", spelling.separator))
    return text.replace(_offers.STAND_IN_ADDRESS, address).encode()


# What is offered to whom


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        (f"el9/{MAC}/ready", 200),
        (f"deb/{MAC}/ready", 200),
        (f"a.b+c/{MAC}/ready", 200),
        ("el9/aa-54-00-aa-00-01/ready", 200),
        # no such offer; a name is no pattern
        (f"el8/{MAC}/ready", 404),
        (f"EL9/{MAC}/ready", 404),
        (f"axb+c/{MAC}/ready", 404),
        (f"a.bbc/{MAC}/ready", 404),
        (f"el9|deb/{MAC}/ready", 404),
        (f"/{MAC}/ready", 404),
        (f"..%2fel9/{MAC}/ready", 404),
        # not a card to which something is offered
        ("el9/52-54-01-aa-00-01/ready", 403),
        ("el9/02-00-00-00-00-00/ready", 403),
        # not a card at all
        ("el9/53-54-00-aa-00-01/ready", 404),
        ("el9/52-54-00-AA-00-01/ready", 404),
        ("el9/52:54:00:aa:00:01/ready", 404),
        ("el9/525400aa0001/ready", 404),
        ("el9/52-54-00-aa-00/ready", 404),
        ("el9/52-54-00-aa-00-01-02/ready", 404),
        ("el9/52-54-00-aa-00-0g/ready", 404),
        (f"el9/{MAC}%0a/ready", 404),
        (f"el9/{MAC}%20/ready", 404),
        (f"el9/{MAC}/ready%0a", 404),
        (f"el9/{MAC}/ready/", 404),
        # the same path, written otherwise
        (f"el9//{MAC}//ready", 200),
        (f"el9/./{MAC}/x/../ready", 200),
        (f"el9/%2e/{MAC}/ready", 200),
        (f"el9/{MAC}/r%65ady?x=y", 200),
        # another one
        (f"el9/{MAC}/../../../answers/offers/el9/ks.cfg", 403),
        (f"el9/{MAC}/%2e%2e/%2e%2e/%2e%2e/events/offers/{MAC}/", 403),
        (f"el9/{MAC}/..%2f..%2f..%2fanswers/offers/el9/ks.cfg", 403),
        (f"el9/{MAC}/.ready", 404),
        (f"el9/{MAC}/", 404),
        (f"el9/{MAC}", 404),
        ("el9/", 404),
        ("", 404),
    ],
)
def test_what_is_offered_to_whom(site: Site, here: str, tail: str, status: int) -> None:
    for method in ("GET", "HEAD"):
        assert site.status(f"/offers/{tail}", here, method) == status
    if status == 200:
        assert site.status(f"/offers/{tail}", ELSEWHERE) == 403
    assert not list((site.root / "events/offers").iterdir())


@pytest.mark.parametrize(
    "tail", ["ready", "release", "ks.cfg", "more.cfg", "release/ks.cfg", "known", "events/started"]
)
def test_other_subnets_get_nothing(site: Site, here: str, tail: str) -> None:
    assert site.status(path(EL9, tail), ELSEWHERE, "PUT" if "events" in tail else "GET", b"x") == 403
    assert site.status(path(EL9, "release"), here) == 200
    assert site.status(path(EL9, tail), ELSEWHERE, "PUT" if "events" in tail else "GET", b"x") == 403


def test_the_folders_themselves_are_closed(site: Site, here: str) -> None:
    assert site.status(path(EL9, "release"), here) == 200
    for name in ("answers/offers/el9/ks.cfg", f"events/offers/{MAC}/", f"events/offers/{MAC}/el9/started"):
        assert site.status(f"/{name}", here) == 403
        assert site.status(f"/{name}", here, "PUT", b"x") == 403
    assert site.status("/netinstall-pxe-offer", here) == 404
    assert site.status("/netinstall-pxe-first", here) == 404
    assert site.status("/netinstall-pxe-none", here) == 404


def test_a_site_without_offers_has_none_of_this(sites: dict[str, Site], here: str) -> None:
    site = emptied(sites["none"])
    for tail in ("ready", "release", "ks.cfg", "release/ks.cfg", "known"):
        assert site.status(path(EL9, tail), here) == 404
    assert site.status("/offers/el9/ks.cfg", here) == 404
    assert over_socket(site, "MKCOL", f"/events/offers/{MAC}/", "") == 403
    assert not events(site).exists()
    assert "offers" not in (site.root.parent / "netinstall-pxe.conf").read_text()


def test_a_subnet_may_be_enough(sites: dict[str, Site], here: str) -> None:
    site = emptied(sites["subnets"])
    assert site.status(path(EL9, "ready", mac="00-11-22-33-44-55"), here) == 200
    assert site.status(path(EL9, "ready", mac="00-11-22-33-44-55"), ELSEWHERE) == 403
    assert site.status(path(EL9, "ready", mac="02-00-00-00-00-00"), here) == 403


def test_a_prefix_may_be_enough(sites: dict[str, Site]) -> None:
    site = emptied(sites["prefixes"])
    assert site.status(path(EL9, "ready"), ELSEWHERE) == 200
    assert site.status(path(EL9, "ready", mac="00-11-22-33-44-55"), ELSEWHERE) == 403


def test_an_offer_that_is_taken_back_is_gone_at_once(site: Site, here: str) -> None:
    shutil.rmtree(site.root / "answers/offers/el9")
    for tail in ("ready", "release", "release/ks.cfg"):
        assert site.status(path(EL9, tail), here) == 404
    assert not events(site).exists()
    assert site.status(path(DEBIAN, "ready"), here) == 200


# The release


def test_a_machine_is_installed_once(site: Site, here: str) -> None:
    assert site.status(path(EL9, "ks.cfg"), here) == 409
    assert [site.status(path(EL9, "ready"), here) for _time in range(2)] == [200, 200]
    assert not events(site).exists()
    assert site.ask(path(EL9, "release"), here)[0::2] == (200, b"released\n")
    assert sorted(events(site).rglob("*")) == [events(site) / EL9]
    # For the installer, as often as it asks.
    for _time in range(2):
        answer = site.ask(path(EL9, "ks.cfg"), here)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/plain")
        assert answer.body == personal(TEXT, MAC, here)
    assert site.ask(path(EL9, "more.cfg"), here).body == personal(TEXT * 3000, MAC, here)
    assert site.status(path(EL9, "never-there"), here) == 404
    for profile in ANSWERS:
        for tail in ("ready", "release", f"release/{ANSWERS[profile]}"):
            assert site.status(path(profile, tail), here) == 409, (profile, tail)
    # Of no other offer
    assert site.status(path(DOTTED, "ks.cfg"), here) == 409
    assert site.status(path(EL9, "events", "installed"), here, "PUT", b"") == 201
    for tail in ("ready", "release", "ks.cfg", "release/ks.cfg"):
        assert site.status(path(EL9, tail), here) == 410
    assert site.status(path(DEBIAN, "ready"), here) == 409
    # until it is forgotten
    shutil.rmtree(events(site))
    assert site.status(path(DEBIAN, "ready"), here) == 200


def test_the_installer_of_el_5_gets_all_of_its_answers(site: Site, here: str) -> None:
    """It speaks HTTP/1.0, and the length of what is put together is not known before."""
    assert site.status(path(EL9, "release"), here) == 200
    with socket.create_connection((ADDRESS, site.port), timeout=20, source_address=(here, 0)) as link:
        link.sendall(f"GET {path(EL9, 'more.cfg')} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        said = b"".join(iter(lambda: link.recv(65536), b""))
    head, _blank, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"chunked" not in head
    assert body == personal(TEXT * 3000, MAC, here)


def test_the_folders_are_for_the_web_server_and_its_group(site: Site, here: str) -> None:
    site.status(path(EL9, "release"), here)
    assert [folder.stat().st_mode & 0o7777 for folder in (events(site), events(site) / EL9)] == [0o750, 0o750]


def test_only_get_releases(site: Site, here: str) -> None:
    for tail in ("release", "release/ks.cfg", "ready", "ks.cfg", "known", "events/started", ""):
        for method in (
            "POST",
            "PUT",
            "DELETE",
            "MKCOL",
            "MOVE",
            "COPY",
            "PROPFIND",
            "OPTIONS",
            "PATCH",
            "HEAD",
        ):
            if method == "HEAD" and not tail.startswith("release"):
                continue
            answer = site.ask(
                path(EL9, tail), here, method, headers={"Destination": path(EL9, "events/failed")}
            )
            assert answer.status in (403, 404, 405), (tail, method)
    assert not list((site.root / "events/offers").iterdir())


def test_the_fetch_of_an_answer_file_may_be_the_release(site: Site, here: str) -> None:
    for tail in (
        "release/more.cfg",
        "release/preseed.cfg",
        "release/.ks.cfg",
        "release/",
        "release/../ks.cfg",
    ):
        assert site.status(path(EL9, tail), here) in (404, 409), tail
    assert not events(site).exists()
    assert site.ask(path(EL9, "release/ks.cfg"), here).body == personal(TEXT, MAC, here)
    assert [site.status(path(EL9, f"release{tail}"), here) for tail in ("/ks.cfg", "")] == [409, 409]
    assert site.status(path(EL9, "ks.cfg"), here) == 200
    assert site.status(path(EL9, "events/started"), here, "PUT", b"x") == 201


@pytest.mark.parametrize("tails", [["release"], ["release/ks.cfg"], ["release", "release/ks.cfg", "*"]])
def test_of_requests_at_the_same_moment_one_is_released(site: Site, tails: list[str]) -> None:
    """Also of several offers, at several addresses: two machines with one MAC address."""
    for count in range(10):
        emptied(site)
        wanted = [path(DEBIAN, "release") if tail == "*" else path(EL9, tail) for tail in tails] * 16
        sources = [f"127.0.1.{20 * count + number % 20 + 1}" for number in range(16)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(site.status, wanted[:16], sources))
        assert answers.count(200) == 1, answers
        assert {answer for answer in answers if answer != 200} <= {409, 500}
        assert len(list(events(site).iterdir())) == 1


def test_machines_that_start_together_are_installed_each(site: Site) -> None:
    macs = [f"52-54-00-bb-00-{number:02x}" for number in range(50)]

    def start(number: int) -> list[int]:
        one, source = macs[number], f"127.0.1.{201 + number}"
        return [
            site.status(path(EL9, tail, mac=one), source)
            for tail in ("ready", "release", "ks.cfg", "release")
        ]

    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(start, range(50)))
    assert answers == [[200, 200, 200, 409]] * 50
    assert time.monotonic() - begin < 10
    assert sorted(one.name for one in (site.root / "events/offers").iterdir()) == macs


def test_a_release_that_was_interrupted_is_used_up(site: Site, here: str) -> None:
    """The power went between the two folders: nobody knows whether an installer had started."""
    events(site).mkdir()
    for tail in ("ready", "release", "release/ks.cfg", "ks.cfg"):
        assert site.status(path(EL9, tail), here) == 409
    assert site.status(path(EL9, "events/started"), here, "PUT", b"x") == 404


# Where it cannot be recorded


def root_only() -> None:
    if os.geteuid() != 0:
        pytest.skip("mounts a file system: run as root")


def test_nothing_is_released_that_cannot_be_recorded(site: Site, here: str) -> None:
    root_only()
    folder = str(site.root / "events/offers")
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        assert site.status(path(EL9, "ready"), here) == 200
        assert [site.status(path(EL9, tail), here) for tail in ("release", "release/ks.cfg")] == [500, 500]
        assert site.status(path(EL9, "ks.cfg"), here) == 409
    finally:
        subprocess.run(["umount", folder], check=True)
    assert site.status(path(EL9, "release"), here) == 200


def test_the_folder_may_be_missing(site: Site, here: str) -> None:
    (site.root / "events/offers").rmdir()
    assert [site.status(path(EL9, tail), here) for tail in ("release", "release/ks.cfg")] == [500, 500]
    assert not (site.root / "events/offers").exists()


@pytest.mark.parametrize(("inodes", "used_up"), [(0, False), (1, True)])
def test_a_full_disk_releases_nothing(site: Site, here: str, inodes: int, used_up: bool) -> None:
    """Room for one of the two folders is not enough, and the installation is used up then."""
    root_only()
    folder = site.root / "events/offers"
    # The root of the file system needs one.
    options = f"nr_inodes={1 + inodes}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        assert site.status(path(EL9, "release"), here) == 500
        assert events(site).exists() == used_up
        assert not (events(site) / EL9).exists()
        assert site.status(path(EL9, "ks.cfg"), here) == 409
        subprocess.run(["mount", "-o", "remount,nr_inodes=100", str(folder)], check=True)
        assert site.status(path(EL9, "release"), here) == (409 if used_up else 200)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_the_disk_of_the_server_is_full(site: Site, here: str) -> None:
    """ext4, where a folder takes a block."""
    root_only()
    folder, image = site.root / "events/offers", site.root.parent / "ext4.img"
    image.write_bytes(b"")
    os.truncate(image, 4 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image], check=True)
    if subprocess.run(["mount", "-o", "loop", image, folder], check=False, capture_output=True).returncode:
        pytest.skip("no loop devices here: the test before does the same with tmpfs")
    try:
        with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 1024)
        for number in range(1, 40):
            if (
                site.status(path(EL9, "release", mac=f"52-54-00-00-00-{number:02x}"), f"127.0.1.{number}")
                != 200
            ):
                break
        else:
            raise AssertionError("it never was full")
        answered = site.status(path(EL9, "ks.cfg", mac=f"52-54-00-00-00-{number:02x}"), here)
        assert answered == 409
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# Described machines


@pytest.mark.parametrize("where", ["marker", "script", "both"])
def test_a_described_machine_is_offered_nothing(site: Site, here: str, where: str) -> None:
    if where != "script":
        events(site).mkdir()
        (events(site) / "described").write_text("node01\n")
    if where != "marker":
        (site.root / f"boot/machines/{MAC}.ipxe").write_text("#!ipxe\n")
    for tail in ("ready", "release", "release/ks.cfg", "ks.cfg", "known"):
        assert site.status(path(EL9, tail), here) == 403, tail
    assert site.ask("/offers/el9/ks.cfg", here, headers=sends("eth0 52:54:00:aa:00:01")).status == 403
    assert not (events(site) / EL9).exists()
    assert site.status(path(EL9, "ready", mac=OTHER), here) == 200


def test_a_machine_that_is_described_meanwhile_gets_no_answers(site: Site, here: str) -> None:
    assert site.status(path(EL9, "release"), here) == 200
    (events(site) / "described").write_text("node01\n")
    assert site.status(path(EL9, "ks.cfg"), here) == 403
    # What it reports is worth knowing all the same.
    assert site.status(path(EL9, "events/failed"), here, "PUT", b"x") == 201


def test_who_is_known(site: Site, here: str) -> None:
    """Asked about a machine's other cards, whatever prefixes are offered something."""
    assert site.ask(path(EL9, "known", mac="00-11-22-33-44-55"), here)[0::2] == (200, b"new\n")
    assert site.status(path(EL9, "release"), here) == 200
    assert [site.status(path(profile, "known"), here) for profile in (EL9, DEBIAN)] == [409, 409]
    (events(site) / "described").write_text("")
    assert site.status(path(EL9, "known"), here) == 403


# pxelinux


def sends(value: str, number: int = 0) -> dict[str, str]:
    return {f"X-RHN-Provisioning-MAC-{number}": value}


@pytest.mark.parametrize(
    ("value", "mac"),
    [
        ("eth0 52:54:00:aa:00:01", MAC),
        ("enp1s0 52:54:00:aa:00:01", MAC),
        # anaconda of EL 5 and 6
        ("eth0 52:54:00:AA:BC:DE", "52-54-00-aa-bc-de"),
        ("eth0 AA:54:00:FF:EF:0F", "aa-54-00-ff-ef-0f"),
    ],
)
def test_anaconda_says_its_mac(site: Site, here: str, value: str, mac: str) -> None:
    assert site.ask("/offers/el9/ks.cfg", here, "HEAD", headers=sends(value)).status == 403
    assert site.ask("/offers/el9/ks.cfg", here, headers=sends(value)).body == personal(TEXT, mac, here)
    assert (events(site, mac) / EL9).is_dir()
    assert site.ask("/offers/el9/ks.cfg", here, headers=sends(value)).status == 409
    assert site.ask("/offers/a.b+c/ks.cfg", here, headers=sends(value)).status == 409
    assert site.ask("/offers/el9/ks.cfg", ELSEWHERE, headers=sends(value)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sends(""),
        sends("52:54:00:aa:00:01"),
        sends("eth0 52-54-00-aa-00-01"),
        sends("eth0 52:54:00:aa:00:01 e1000"),
        sends("eth0 52:54:00:aa:00:01, eth1 52:54:00:aa:00:02"),
        sends("eth0 52:54:00:aa:00:01/../../"),
        sends("eth0 52:54:00:aa:00:0\t"),
        sends("../eth0 52:54:00:aa:00"),
        sends("eth0 52:54:00:aa:00:01:02"),
        sends("ib0 a0:00:02:20:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1"),
        sends("eth0 53:54:00:aa:00:01"),
        sends("eth0 00:11:22:33:44:55"),
        sends("eth0 02:00:00:00:00:00"),
        # Only the first card's
        sends("eth0 52:54:00:aa:00:01", 1),
        {"X_RHN_Provisioning_MAC_0": "eth0 52:54:00:aa:00:01"},
    ],
)
def test_another_header_is_none(site: Site, here: str, headers: dict[str, str]) -> None:
    assert site.ask("/offers/el9/ks.cfg", here, headers=headers).status in (403, 404)
    assert not list((site.root / "events/offers").iterdir())


def test_the_preseed_of_pxelinux(site: Site, here: str) -> None:
    assert site.ask("/offers/deb/start.cfg", here).body == b"d-i preseed/include_command string x\n"
    assert site.status("/offers/deb/start.cfg", ELSEWHERE) == 403
    # Nothing else is handed out without a MAC address
    assert site.ask("/offers/deb/ks.cfg", here, headers=sends("eth0 52:54:00:aa:00:01")).status == 404
    assert site.status("/offers/deb/preseed.cfg", here) == 404
    assert site.status("/offers/el9/start.cfg", here) == 404
    assert site.ask(path(DEBIAN, "release/preseed.cfg"), here).body == personal(TEXT, MAC, here)


# Reports


def test_reports(site: Site, here: str) -> None:
    assert site.status(path(EL9, "events/started"), here, "PUT", b"x") == 404
    assert site.status(path(EL9, "release"), here) == 200
    for name in ("started", "failed", "progress-disk", "progress-own-7", "progress-x", "log-syslog", "log-y"):
        assert site.status(path(EL9, "events", name), here, "PUT", b"x") == 201, name
    names = {
        "started",
        "failed",
        "progress-disk",
        "progress-own-7",
        "progress-other",
        "log-syslog",
        "log-other",
    }
    assert {one.name for one in (events(site) / EL9).iterdir()} == names
    assert (events(site) / EL9 / "log-syslog").stat().st_mode & 0o777 == 0o640
    before = snapshot(site.root)
    for name in (
        "armed",
        "released",
        "described",
        "progress-",
        "progress-A",
        "started%0a",
        "../described",
        "",
        "x/y",
    ):
        assert site.status(path(EL9, "events", name), here, "PUT", b"x") in (403, 404), name
    for method in ("GET", "HEAD", "DELETE", "MOVE", "COPY", "MKCOL"):
        headers = {"Destination": path(EL9, "events/progress-own-1")}
        assert site.ask(path(EL9, "events/started"), here, method, headers=headers).status == 403
    # Not of an offer that it was not given
    assert site.status(path(DEBIAN, "events/started"), here, "PUT", b"x") == 404
    assert site.status(path(EL9, "events/started", mac=OTHER), here, "PUT", b"x") == 404
    assert snapshot(site.root) == before
    assert site.status(path(EL9, "events/installed"), here, "PUT", b"") == 201
    for name in ("started", "failed", "installed", "progress-disk", "progress-x"):
        assert site.status(path(EL9, "events", name), here, "PUT", b"x") == 410, name
    assert site.status(path(EL9, "events/log-syslog"), here, "PUT", b"xy") == 204


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [
        ("failed", 32768, 201),
        ("failed", 32769, 413),
        ("log-own-1", 65536, 201),
        ("log-own-1", 65537, 413),
        ("log-own-1", 1 << 21, 413),
    ],
)
def test_the_size_of_a_report_is_limited(site: Site, here: str, name: str, size: int, status: int) -> None:
    assert site.status(path(EL9, "release"), here) == 200
    try:
        assert site.status(path(EL9, "events", name), here, "PUT", b"x" * size) == status
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413
    assert (events(site) / EL9 / name).exists() == (status == 201)


# Limits


def test_an_address_that_claims_many_machines_is_slowed_down(site: Site, here: str) -> None:
    macs = [f"52-54-00-cc-00-{number:02x}" for number in range(30)]
    answers = [site.status(path(EL9, "release", mac=mac), here) for mac in macs]
    assert answers[:6] == [200] * 6
    assert answers.count(429) >= 22
    assert len(list((site.root / "events/offers").iterdir())) == answers.count(200)
    # Others do not notice, and what was released goes on.
    assert site.status(path(EL9, "release", mac=macs[-1]), f"127.0.0.{next(_NUMBERS)}") == 200
    assert site.status(path(EL9, "ks.cfg", mac=macs[0]), here) == 200


def test_logs_come_slowly(site: Site, here: str) -> None:
    assert site.status(path(EL9, "release"), here) == 200
    answers = [site.status(path(EL9, "events/log-syslog"), here, "PUT", b"x") for _time in range(40)]
    assert answers[:21] == [201] + [204] * 20
    assert 429 in answers[21:]
    assert site.status(path(EL9, "events/installed"), here, "PUT", b"x") == 201


# The server's own socket


def test_the_socket_records_nothing_else(site: Site, here: str) -> None:
    before = snapshot(site.root)
    for method, source, target in (
        ("MKCOL", "/events/offers/x/", ""),
        ("MKCOL", f"/events/offers/{MAC}/described/", ""),
        ("MKCOL", f"/events/offers/{MAC}/el8/", ""),
        ("MKCOL", f"/events/offers/{MAC}/el9/x/", ""),
        ("MKCOL", f"/events/offers/{MAC}/../x/", ""),
        ("MKCOL", f"/events/offers/{MAC.upper()}/", ""),
        ("MKCOL", "/events/x/", ""),
        ("MKCOL", "/answers/offers/x/", ""),
        ("PUT", f"/events/offers/{MAC}/", ""),
        ("GET", f"/events/offers/{MAC}/el9/", ""),
        ("GET", "/answers/offers/el9/ks.cfg", ""),
        ("DELETE", f"/events/offers/{MAC}/", ""),
        ("MOVE", "/answers/offers/el9/ks.cfg", f"/events/offers/{MAC}/"),
        ("GET", "/netinstall-pxe-first", ""),
    ):
        assert over_socket(site, method, source, target) in (403, 404), (method, source, target)
    assert snapshot(site.root) == before
    assert not list((site.root / "events/offers").iterdir())
    # Nor does it take a record back.
    assert site.status(path(EL9, "release"), here) == 200
    for method in ("DELETE", "MOVE", "COPY"):
        assert over_socket(site, method, f"/events/offers/{MAC}/", "/events/offers/52-54-00-00-00-00/") == 403
    assert (events(site) / EL9).is_dir()


def test_no_name_leads_elsewhere(site: Site, here: str) -> None:
    """Requests that no client library would send."""
    for line in (
        f"GET /offers/el9/../el9/{MAC}/release/../../../../events/ HTTP/1.1",
        f"GET /offers/el9/{MAC}\\..\\release HTTP/1.1",
        f"GET http://x/offers/el9/{MAC.upper()}/release HTTP/1.1",
        f"GET /offers/el9/{MAC}/release%00 HTTP/1.1",
        f"MKCOL /offers/el9/{MAC}/release/ HTTP/1.1",
        f"MKCOL /events/offers/{MAC}/ HTTP/1.1",
        f"get /offers/el9/{MAC}/release HTTP/1.1",
    ):
        with socket.create_connection((ADDRESS, site.port), timeout=20, source_address=(here, 0)) as link:
            link.sendall(f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert link.recv(12)[9:12] in (b"400", b"403", b"404", b"405"), line
    assert not list((site.root / "events/offers").iterdir())
