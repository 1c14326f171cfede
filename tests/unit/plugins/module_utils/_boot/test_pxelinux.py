# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import struct
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from hypothesis import given
from hypothesis import strategies as st

URL = "http://10.77.0.1"
HASH = "$6$salt$" + "a" * 86
OTHER_HASH = "$6$salt$" + "b" * 86
MENU = {"title": "Welcome", "timeout": 30, "default": "local", "bios": "pxelinux"}
MACHINE = {"name": "node01", "mac": "52:54:00:AA:00:01", "address": "10.77.0.11", "profile": "p0"}
MENU_PATH = "syslinux/pxelinux.cfg/default"
MACHINE_PATH = "syslinux/pxelinux.cfg/01-52-54-00-aa-00-01"


def plan(profiles: int = 2, distributions: int = 1, loader: str = "ipxe", **menu: t.Any) -> dict[str, t.Any]:
    return {
        "urls": {"boot": f"{URL}/boot", "trees": f"{URL}/trees"},
        "menu": {**MENU, **menu},
        "backends": {"bios_loader": loader},
        "profiles": {
            f"p{number}": {
                "name": f"p{number}",
                "label": f"Install {number}",
                "distribution": f"d{number % distributions}",
                "kernel_arguments": ["quiet", "a=b;c"],
                "in_menu": True,
            }
            for number in range(profiles)
        },
        "distributions": {
            f"d{number}": {"name": f"d{number}", "tree_url": f"{URL}/trees/d{number}"}
            for number in range(distributions)
        },
        "machines": [MACHINE],
    }


def site(given_plan: dict[str, t.Any] | None = None, **changes: t.Any) -> pxelinux.Site:
    given_plan = given_plan or plan()
    values: dict[str, t.Any] = {
        "plan": given_plan,
        "media": {
            name: {"kernel": "images/vmlinuz", "initrd": ["images/initrd.img"]}
            for name in given_plan["distributions"]
        },
        "profile_arguments": lambda profile, _distribution: [
            f"inst.repo={profile['name']}",
            "BOOTIF=01-${netX/mac:hexhyp}",
        ],
        "rescue_arguments": lambda distribution: [f"rescue={distribution['name']}"],
        "live_arguments": lambda machine: ["hostname=x"] if machine.get("family") == "live" else None,
        "version": (6, 4),
        **changes,
    }
    return pxelinux.Site(**values)


def render(given_plan: dict[str, t.Any] | None = None, **changes: t.Any) -> dict[str, str]:
    """The files, checked."""
    described = site(given_plan, **changes)
    files = pxelinux.config_files(described)
    pxelinux.references(files, described.version)
    return files


def section(text: str, label: str) -> list[str]:
    """The lines of one LABEL."""
    lines = text.partition(f"\nLABEL {label}\n")[2].split("\n")
    ends = (index for index, line in enumerate(lines) if not line.startswith("  "))
    return [line.strip() for line in lines[: next(ends)]]


def order(text: str) -> list[str]:
    """Labels and submenus from top to bottom."""
    return re.findall(r"(?m)^(?:LABEL|MENU (?=BEGIN|END|SEPARATOR))\s*(.*)$", text)


# What is rendered


def test_all_files() -> None:
    files = render(plan(help={"F3": "third"}))
    assert list(files) == ["syslinux/help/F1.txt", "syslinux/help/F3.txt", MACHINE_PATH, MENU_PATH]
    assert files["syslinux/help/F3.txt"] == "third\n"
    assert "local disk" in files["syslinux/help/F1.txt"]


def test_an_entry_over_http() -> None:
    assert section(render()[MENU_PATH], "p0") == [
        "MENU LABEL Install 0",
        "KERNEL http://10.77.0.1/trees/d0/images/vmlinuz",
        "INITRD http://10.77.0.1/trees/d0/images/initrd.img",
        "APPEND inst.repo=p0 quiet a=b;c",
        "IPAPPEND 2",
    ]


def test_an_entry_by_tftp_names_copies_below_the_folder() -> None:
    entry = section(render(plan(loader="pxelinux"))[MENU_PATH], "p0")
    assert entry[1:3] == ["KERNEL kernels/d0/vmlinuz", "INITRD kernels/d0/initrd.img"]


def test_what_is_copied_for_tftp() -> None:
    described = site(plan(loader="pxelinux", profiles=3, distributions=2))
    assert pxelinux.all_kernel_copies(described) == {
        "kernels/d0/vmlinuz": "d0/images/vmlinuz",
        "kernels/d0/initrd.img": "d0/images/initrd.img",
        "kernels/d1/vmlinuz": "d1/images/vmlinuz",
        "kernels/d1/initrd.img": "d1/images/initrd.img",
    }
    assert pxelinux.all_kernel_copies(site()) == {}


def test_a_url_below_our_trees_is_a_file_of_this_server() -> None:
    """So the role media says where an unpacked network installer lies."""
    media = {
        "d0": {"kernel": f"{URL}/trees/d0-netboot/linux", "initrd": [f"{URL}/trees/d0-netboot/initrd.gz"]}
    }
    described = site(plan(loader="pxelinux"), media=media)
    assert pxelinux.all_kernel_copies(described) == {
        "kernels/d0/linux": "d0-netboot/linux",
        "kernels/d0/initrd.gz": "d0-netboot/initrd.gz",
    }


def test_several_initrds() -> None:
    media = {"d0": {"kernel": "a/linux", "initrd": ["a/one.gz", f"{URL}/two.gz"], "base_url": f"{URL}/x/"}}
    lines = section(render(media=media)[MENU_PATH], "p0")
    assert lines[1:3] == [f"KERNEL {URL}/x/a/linux", f"INITRD {URL}/x/a/one.gz,{URL}/two.gz"]


def test_the_default_is_the_local_disk_and_so_is_every_failure() -> None:
    text = render()[MENU_PATH]
    lines = text.split("\n")
    for line in ("TIMEOUT 300", "ONTIMEOUT local", "DEFAULT local", "ONERROR local", "MENU ONERROR local"):
        assert line in lines
    assert section(text, "local") == ["MENU LABEL ^Boot the local disk", "MENU DEFAULT", "LOCALBOOT -1"]
    # Without a password it would only make a missing menu an endless loop.
    assert "NOESCAPE" not in text


@pytest.mark.parametrize(
    ("menu", "wanted", "unwanted"),
    [
        ({}, ["UI vesamenu.c32", "MENU BACKGROUND #ff14243a", "MENU TITLE Welcome"], ["SERIAL", "PASSWD"]),
        ({"text_mode": True}, ["UI menu.c32"], ["BACKGROUND", "vesamenu"]),
        ({"timeout": 0}, [], ["TIMEOUT"]),
        ({"timeout": 3600}, ["TIMEOUT 35996"], ["TOTALTIMEOUT"]),
        ({"timeout": 60}, ["TIMEOUT 600", "TOTALTIMEOUT 9000"], []),
        ({"default": "p1"}, ["DEFAULT p1"], ["ONTIMEOUT"]),
        ({"console": "ttyS1,38400n8"}, ["SERIAL 1 38400"], []),
        ({"console": "ttyS0"}, ["SERIAL 0 9600"], []),
        ({"colours": {"title": "#ffffff #000000"}}, ["MENU COLOR title * #ffffff #000000"], ["title * #ffffffff"]),
        ({"help": {"F2": "x"}}, ["F1 help/F1.txt", "F2 help/F2.txt"], ["F3"]),
        ({"title": "^"}, ["MENU TITLE Network installation"], []),
        ({"title": "Zürich^ #1\t{"}, ["MENU TITLE Zurich #1 {"], []),
    ],
)  # fmt: skip
def test_the_menu(menu: dict[str, t.Any], wanted: list[str], unwanted: list[str]) -> None:
    text = render(plan(**menu))[MENU_PATH]
    assert [line for line in wanted if line not in text.split("\n")] == []
    assert [word for word in unwanted if word in text] == []


def test_the_serial_console_comes_before_all_else() -> None:
    files = render(plan(console="ttyS0,115200"))
    for path in (MENU_PATH, MACHINE_PATH):
        first = next(line for line in files[path].split("\n") if line and not line.startswith("#"))
        assert first == "SERIAL 0 115200"


def test_the_picture_of_the_site() -> None:
    assert "MENU BACKGROUND splash.jpg" in render(splash="splash.jpg")[MENU_PATH].split("\n")


def test_many_profiles_lie_in_a_submenu_for_each_distribution() -> None:
    many = plan(profiles=4, distributions=2, submenus_from=4, rescue=False)
    text = render(many)[MENU_PATH]
    assert order(text) == [
        *("local", "SEPARATOR"),
        *("BEGIN install-d0", "p0", "p2", "back-install-d0", "END"),
        *("BEGIN install-d1", "p1", "p3", "back-install-d1", "END"),
    ]
    assert "MENU TITLE d0 (2)" in text
    few = {**many, "menu": {**many["menu"], "submenus_from": 5}}
    assert order(render(few)[MENU_PATH]) == ["local", "SEPARATOR", "p0", "p1", "p2", "p3"]


def test_rescue_systems_and_the_memory_test() -> None:
    text = render(plan(distributions=1), memory_test=True)[MENU_PATH]
    assert order(text) == ["local", "SEPARATOR", "p0", "p1", "SEPARATOR", "rescue-d0", "memtest"]
    assert "APPEND rescue=d0" in section(text, "rescue-d0")
    assert section(text, "memtest") == ["MENU LABEL Test the ^memory", "KERNEL memtest", "APPEND -"]
    several = order(render(plan(distributions=2))[MENU_PATH])
    assert several[5:] == ["BEGIN rescue", "rescue-d0", "rescue-d1", "back-rescue", "END"]
    assert order(render(rescue_arguments=lambda _distribution: None)[MENU_PATH]) == several[:4]
    off = plan(rescue=False, memory_test=False)
    assert order(render(off, memory_test=True)[MENU_PATH]) == several[:4]


def test_a_profile_that_is_not_in_the_menu() -> None:
    hidden = plan()
    for profile in hidden["profiles"].values():
        profile["in_menu"] = False
    assert order(render(hidden)[MENU_PATH]) == ["local"]


def test_the_password_of_the_menu_locks_all_that_is_not_the_local_disk() -> None:
    text = render(menu_hash=HASH, profile_hashes={"p1": OTHER_HASH}, memory_test=True)[MENU_PATH]
    lines = text.split("\n")
    assert f"MENU MASTER PASSWD {HASH}" in lines
    assert "NOESCAPE 1" in lines
    assert "MENU PASSWD" in section(text, "p0")
    assert f"MENU PASSWD {OTHER_HASH}" in section(text, "p1")
    assert "MENU PASSWD" in section(text, "rescue-d0")
    assert not [line for label in ("local", "memtest") for line in section(text, label) if "PASSWD" in line]


def test_the_password_of_one_entry() -> None:
    text = render(profile_hashes={"p1": OTHER_HASH})[MENU_PATH]
    assert f"MENU PASSWD {OTHER_HASH}" in section(text, "p1")
    assert "PASSWD" not in "".join(section(text, "p0"))
    # Else another entry could be changed into this one.
    assert "ALLOWOPTIONS 0" in text.split("\n")
    assert "MASTER" not in text


@pytest.mark.parametrize(
    "value", ["secret", "$6$salt$short", "$y$j9T$" + "x" * 50, f"{HASH}\nDEFAULT p0", ""]
)
def test_a_bad_hash_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(PxeError) as caught:
        render(profile_hashes={"p1": value or "x"})
    assert "site_profiles.p1.menu_password_hash" in str(caught.value)
    assert not value or value not in str(caught.value)


def test_hashes_are_no_part_of_what_is_printed() -> None:
    locked = site(menu_hash=HASH, profile_hashes={"p1": OTHER_HASH})
    assert HASH not in repr(locked)
    assert OTHER_HASH not in repr(locked)
    text = pxelinux.config_files(locked)[MENU_PATH]
    for given_text in (text, text.encode()):
        shown = pxelinux.without_hashes(given_text)
        assert HASH not in shown
        assert OTHER_HASH not in shown
        assert shown.count("PASSWD (the hash of a password)") == 2


def test_a_machine_boots_its_disk() -> None:
    text = render()[MACHINE_PATH]
    lines = text.split("\n")
    assert [line for line in lines if line and not line.startswith("#")] == [
        "PROMPT 0",
        "NOESCAPE 1",
        "ALLOWOPTIONS 0",
        "DEFAULT local",
        "ONERROR local",
        "SAY This is node01 (52:54:00:AA:00:01, profile p0)",
        "LABEL local",
        "  LOCALBOOT -1",
    ]


def test_in_the_plain_chain_it_looks_whether_it_is_armed() -> None:
    last = render(plan(loader="pxelinux"))[MACHINE_PATH].rstrip("\n").split("\n")[-1]
    assert last == "INCLUDE pxelinux.cfg/armed/01-52-54-00-aa-00-01"


INSTALLATION = {
    "machine": "node01",
    "mac": MACHINE["mac"],
    "address": "10.77.0.11",
    "token": "0" * 32,
    "window": "1795186800-1795208400",
    "profile": "p0",
    "disk": "/dev/vda",
    "install_arguments": ["auto=true", "url=http://10.77.0.1/x;y"],
}
PROFILE_PATH = "syslinux/profiles/p0.cfg"


def test_an_armed_machine_installs() -> None:
    files = render(plan(loader="pxelinux"))
    text = pxelinux.armed_text(files[PROFILE_PATH], INSTALLATION)
    assert text.split("\n")[1] == f"# 10.77.0.11/{'0' * 32}/1795186800-1795208400"
    assert pxelinux.is_armed_of(text, pxelinux.armed_of(INSTALLATION))
    for key, value in (("machine", "node0"), ("mac", "52:54:00:aa:00:02"), ("address", "10.77.0.1")):
        assert not pxelinux.is_armed_of(text, pxelinux.armed_of({**INSTALLATION, key: value}))
    assert "SAY ALL DATA ON /dev/vda WILL BE LOST" in text
    assert [line for line in text.split("\n") if line and not line.startswith(("#", "SAY"))] == [
        "DEFAULT install",
        "LABEL install",
        "  KERNEL kernels/d0/vmlinuz",
        "  INITRD kernels/d0/initrd.img",
        "  IPAPPEND 2",
        "  APPEND inst.repo=p0 quiet a=b;c auto=true url=http://10.77.0.1/x;y",
    ]
    # As pxelinux reads it: in the place of the last line of the machine's own file.
    own = files[MACHINE_PATH]
    including = f"INCLUDE {pxelinux.armed_path(MACHINE['mac'])}\n"
    assert own.endswith(including)
    whole = own[: -len(including)] + text
    assert check_config(whole, "f") == ["kernels/d0/vmlinuz", "kernels/d0/initrd.img"]
    assert re.findall(r"(?m)^DEFAULT (\w+)", whole) == ["local", "install"]
    pxelinux.check_armed(text, "f")


def test_an_armed_machine_that_is_told_its_network_card() -> None:
    profile = render(plan(loader="pxelinux"))[PROFILE_PATH]
    arguments = ["BOOTIF=01-52-54-00-aa-00-01"]
    text = pxelinux.armed_text(profile, {**INSTALLATION, "install_arguments": arguments, "disk": None})
    assert "IPAPPEND" not in text
    assert "SAY ALL DATA" not in text
    assert text.endswith("  APPEND inst.repo=p0 quiet a=b;c BOOTIF=01-52-54-00-aa-00-01\n")


@pytest.mark.parametrize(
    ("profile", "changes", "words"),
    [
        ("", {}, "profile p0 is damaged: run netinstall.pxe.site"),
        ("<html>\n", {}, "is damaged"),
        (None, {"install_arguments": ["a b"]}, "install_arguments of node01"),
        (None, {"install_arguments": ["${net0/ip}"]}, "settings of iPXE"),
    ],
)
def test_what_cannot_be_armed(profile: str | None, changes: dict[str, t.Any], words: str) -> None:
    profile = render(plan(loader="pxelinux"))[PROFILE_PATH] if profile is None else profile
    with pytest.raises(PxeError) as caught:
        pxelinux.armed_text(profile, {**INSTALLATION, **changes})
    assert words in str(caught.value)


def test_a_command_line_that_is_too_long_is_not_armed() -> None:
    profile = render(plan(loader="pxelinux"))[PROFILE_PATH]
    text = pxelinux.armed_text(profile, {**INSTALLATION, "install_arguments": ["x" * 2000]})
    with pytest.raises(PxeError, match="longer than 2047"):
        pxelinux.check_armed(text, "f")


@pytest.mark.parametrize(
    ("version", "wanted"),
    [((3, 86), "LOCALBOOT 0"), ((4, 0), "LOCALBOOT -1"), ((6, 4), "LOCALBOOT -1")],
)
def test_local_boot_by_version(version: tuple[int, int], wanted: str) -> None:
    files = render(version=version)
    for path in (MENU_PATH, MACHINE_PATH):
        assert wanted in section(files[path], "local")


@pytest.mark.parametrize(
    ("version", "loader", "words"),
    [
        ((3, 63), "ipxe", "too old"),
        ((5, 10), "ipxe", "5.10 cannot load by HTTP"),
        ((6, 3), "ipxe", "6.03 cannot load by HTTP"),
        ((6, 3), "pxelinux", None),
        ((6, 4), "ipxe", None),
        ((4, 5), "ipxe", None),
    ],
)
def test_versions_that_cannot_do_it(version: tuple[int, int], loader: str, words: str | None) -> None:
    if words is None:
        assert MENU_PATH in render(plan(loader=loader), version=version)
        return
    with pytest.raises(PxeError, match=words):
        render(plan(loader=loader), version=version)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"media": {}}, "site_distributions.d0: its kernel and initrd are not known"),
        ({"media": {"d0": {"kernel": "a b", "initrd": ["i"]}}}, "site_distributions.d0: 'http.*a b' cannot be loaded"),
        ({"media": {"d0": {"kernel": "k" * 127, "initrd": ["i"]}}}, "at most 127"),
        ({"media": {"d0": {"kernel": "k", "initrd": ["i,j"]}}}, "has a comma in it"),
        ({"profile_arguments": lambda *_args: ["x=${net0/ip}"]}, "knows no settings of iPXE"),
        ({"profile_arguments": lambda *_args: ["x=" + "y" * 2048]}, "command line becomes longer than 2047"),
        ({"profile_arguments": lambda *_args: ["zürich"]}, "ASCII only"),
    ],
)  # fmt: skip
def test_what_pxelinux_could_not_load(changes: dict[str, t.Any], words: str) -> None:
    with pytest.raises(PxeError, match=words):
        render(**changes)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"kernel": f"{URL}/k", "initrd": ["i"]}, "cannot load it by TFTP"),
        ({"kernel": "k", "initrd": ["http://mirror.example/trees/i"]}, "cannot load it by TFTP"),
        ({"kernel": "k", "initrd": ["a/i", "b/i"]}, "different file names"),
    ],
)
def test_what_tftp_cannot_show(facts: dict[str, t.Any], words: str) -> None:
    with pytest.raises(PxeError, match=words):
        render(plan(loader="pxelinux"), media={"d0": facts})


def test_a_profile_that_is_called_like_another_entry() -> None:
    bad = plan()
    bad["profiles"]["memtest"] = {**bad["profiles"]["p0"], "name": "memtest"}
    with pytest.raises(PxeError, match="memtest is there twice"):
        render(bad, memory_test=True)


@pytest.mark.parametrize(
    ("menu", "loader", "wanted"),
    [("pxelinux", "ipxe", True), ("ipxe", "ipxe", False), ("ipxe", "pxelinux", True)],
)
def test_whether_pxelinux_is_used(menu: str, loader: str, wanted: bool) -> None:
    assert pxelinux.is_wanted(plan(loader=loader, bios=menu)) is wanted


def test_references() -> None:
    files = render(plan(loader="pxelinux", help={"F2": "x"}), splash="splash.png", memory_test=True)
    found = pxelinux.references(files, (6, 4))
    assert sorted(found) == [
        "help/F1.txt",
        "help/F2.txt",
        "kernels/d0/initrd.img",
        "kernels/d0/vmlinuz",
        "memtest",
        "splash.png",
        "vesamenu.c32",
    ]
    assert found["memtest"] == [MENU_PATH]
    # What comes by HTTP is not looked for here.
    assert list(pxelinux.references(render(), (6, 4))) == ["vesamenu.c32", "help/F1.txt"]


@pytest.mark.parametrize(
    ("path", "start", "ours"),
    [
        (MENU_PATH, b"# Written by netinstall.pxe (boot_files)", True),
        (MENU_PATH, b"DEFAULT mine", False),
        (MACHINE_PATH, b"# Written by netinstall.pxe", True),
        ("syslinux/pxelinux.cfg/01-52-54-00-aa-00-01.bak", b"# Written by netinstall.pxe", False),
        ("syslinux/pxelinux.cfg/0A4D", b"# Written by netinstall.pxe", False),
        ("syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-01", b"# Written by netinstall.pxe", False),
        ("syslinux/help/F12.txt", b"anything", True),
        ("syslinux/help/F13.txt", b"anything", False),
        ("syslinux/help/mine.txt", b"anything", False),
        ("syslinux/kernels/debian-13/linux", b"anything", True),
        ("syslinux/kernels/linux", b"anything", False),
        (PROFILE_PATH, b"# Written by netinstall.pxe", True),
        (PROFILE_PATH, b"mine", False),
        ("pxelinux.cfg/default", b"# Written by netinstall.pxe", False),
        ("syslinux/pxelinux.0", b"# Written by netinstall.pxe", False),
    ],
)
def test_what_is_ours(path: str, start: bytes, ours: bool) -> None:
    assert pxelinux.is_ours(path, start) is ours


@pytest.mark.parametrize(
    ("text", "version"),
    [("6.04", (6, 4)), ("6.04-pre1", (6, 4)), ("4.05", (4, 5)), ("3.86", (3, 86)), ("5.10", (5, 10))],
)
def test_version(text: str, version: tuple[int, int]) -> None:
    assert pxelinux.parse_version(text) == version


@pytest.mark.parametrize("text", ["", "6", "6.4", "six", "6.041"])
def test_no_version(text: str) -> None:
    with pytest.raises(PxeError, match=r"6\.04 or 3\.86"):
        pxelinux.parse_version(text)


# Pictures


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0"


def jpeg(width: int, height: int, kind: int = 0xC0) -> bytes:
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0".ljust(14, b"\0")
    tables = b"\xff\xc4" + struct.pack(">H", 5) + b"abc"
    return b"\xff\xd8" + app + tables + bytes((0xFF, kind)) + struct.pack(">HBHHB", 17, 8, height, width, 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(640, 480), None),
        (png(16, 16), None),
        (jpeg(640, 480), None),
        (png(641, 480), "it has 641x480 pixels: make it 640x480"),
        (png(640, 481), "640x481"),
        (jpeg(800, 600), "800x600"),
        (jpeg(640, 480, 0xC2), "baseline JPEG"),
        (b"\xff\xd8", "baseline JPEG"),
        (b"\x89PNG\r\n\x1a\n", "0x0"),
        (b"GIF89a", "no PNG and no JPEG"),
        (b"", "no PNG and no JPEG"),
    ],
)
def test_pictures(data: bytes, words: str | None) -> None:
    found = pxelinux.picture_mistake(data)
    assert found is None if words is None else words in (found or "")


@given(st.binary(max_size=64))
def test_no_picture_is_too_strange(data: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"):
        found = pxelinux.picture_mistake(start + data)
        assert found is None or found.startswith("it ")


# Checking

GOOD = "DEFAULT a\nLABEL a\n  LOCALBOOT -1\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("DEFAULT a", None, "cut off"),
        ("DEFALT a\n" + GOOD, 1, "'DEFALT' is no directive"),
        ("MENU TITEL a\n" + GOOD, 1, "'MENU TITEL' is no directive"),
        ("MENU\n" + GOOD, 1, "'MENU ' is no directive"),
        ("DEFAULT b\n" + GOOD, 1, "there is no LABEL b"),
        ("ONERROR b\n" + GOOD, 1, "there is no LABEL b"),
        ("MENU ONERROR b\n" + GOOD, 1, "there is no LABEL b"),
        ("DEFAULT a b\n" + GOOD, 1, "write one label"),
        (GOOD + "LABEL a\n  LOCALBOOT 0\n", 4, "a is there twice"),
        (GOOD + "LABEL b\n", None, "LABEL b (line 4) says nothing to do"),
        (GOOD + "LABEL b\nLABEL c\n  LOCALBOOT 0\n", 5, "LABEL b (line 4) says nothing to do"),
        (GOOD + "LABEL b c\n", 4, "write one word"),
        ("LOCALBOOT 0\n", 1, "belongs to a LABEL"),
        ("MENU LABEL x\n", 1, "belongs to a LABEL"),
        (GOOD + "  KERNEL linux\n", 4, "this LABEL says LOCALBOOT already"),
        (GOOD + "LABEL b\n  LINUX two words\n", 5, "one file name"),
        (GOOD + "LABEL b\n  LINUX ../linux\n", 5, "no file below"),
        (GOOD + "LABEL b\n  LINUX /linux\n", 5, "no file below"),
        (GOOD + "LABEL b\n  LINUX a\n  INITRD i,,j\n", 6, "no file below"),
        (GOOD + f"LABEL b\n  LINUX {'x' * 128}\n", 5, "longer than 127"),
        (GOOD + f"LABEL b\n  LINUX a\n  APPEND {'x' * 2010}\n", 6, "longer than 2047"),
        (GOOD + "LABEL b\n  LINUX a\n  IPAPPEND two\n", 6, "write a number"),
        (GOOD + "  MENU PASSWD secret\n", 4, "no hash"),
        ("MENU MASTER PASSWD secret\n" + GOOD, 1, "no hash"),
        ("MENU MASTER x\n" + GOOD, 1, "no hash"),
        ("PROMPT yes\n" + GOOD, 1, "write 0 or 1"),
        ("TIMEOUT\n" + GOOD, 1, "write a number"),
        ("SERIAL ttyS0\n" + GOOD, 1, "as numbers"),
        ("SAY\n" + GOOD, 1, "its text is missing"),
        ("F1 a b c\n" + GOOD, 1, "write a file"),
        ("MENU COLOR titel * #ffffff\n" + GOOD, 1, "write one of screen"),
        ("MENU COLOR title * white\n" + GOOD, 1, "colours such as"),
        ("MENU BACKGROUND a b\n" + GOOD, 1, "one file name"),
        ("MENU BEGIN x\n" + GOOD, 1, "MENU BEGIN without its MENU END"),
        ("MENU END\n" + GOOD, 1, "no MENU BEGIN before"),
        ("MENU SEPARATOR x\n" + GOOD, 1, "nothing may follow"),
        (GOOD + "LABEL b\n  MENU EXIT\n", 5, "leaves a submenu"),
        ("SAY Zürich\n" + GOOD, 1, "only ASCII"),
        ("SAY\ta\n" + GOOD, 1, "no tabs"),
        ("SAY {{ title }}\n" + GOOD, 1, "template"),
        ("SAY ${net0/mac}\n" + GOOD, 1, "iPXE"),
        ("INCLUDE a b\n" + GOOD, 1, "one file name"),
    ],
)  # fmt: skip
def test_the_checker_refuses(text: str, line: int | None, words: str) -> None:
    with pytest.raises(PxeError) as caught:
        check_config(text, "some/file")
    assert str(caught.value).startswith(f"some/file:{line}: " if line else "some/file: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "version", "words"),
    [
        (GOOD, (3, 86), "LOCALBOOT -1: pxelinux 3.86 does not know this"),
        ("UI menu.c32\n" + GOOD, (3, 73), "UI"),
        (GOOD + "LABEL b\n  LINUX a\n  SYSAPPEND 2\n", (4, 5), "SYSAPPEND"),
    ],
)
def test_what_came_later_is_refused_before(text: str, version: tuple[int, int], words: str) -> None:
    with pytest.raises(PxeError, match=words):
        check_config(text, "f", version)
    assert check_config(text, "f") is not None


def test_the_checker_says_what_must_be_there() -> None:
    text = (
        "ui menu.c32\nf1 help.txt other.png\ninclude perhaps\nMENU BACKGROUND #ffffff\n"
        "default a\nLABEL a\nlinux http://x/linux\ninitrd one,two\nMENU BEGIN x\nLABEL b\nMENU EXIT\nMENU END\n"
    )
    assert check_config(text, "f") == ["menu.c32", "help.txt", "other.png", "one", "two"]


def test_a_menu_label_may_hold_what_is_special_elsewhere() -> None:
    assert check_config(GOOD + "  MENU LABEL a # b || $x ; menu end\n", "f") == []


# Braces could be a template that was not expanded, or a setting of iPXE's: these are refused.
TEXTS = st.text(max_size=60).map(lambda text: text.replace("{", "(").replace("}", ")"))


@given(TEXTS, TEXTS)
def test_no_text_of_a_description_changes_what_the_menu_does(title: str, label: str) -> None:
    """Whatever stands in title, label and name of a machine, the menu keeps its lines and passes the checker."""
    words = plan(profiles=1, title=f"x{title}")
    words["profiles"]["p0"]["label"] = f"x{label}"
    words["machines"] = [{**MACHINE, "name": f"x{label}"}]
    plain, files = render(plan(profiles=1)), render(words)
    for path in (MENU_PATH, MACHINE_PATH):
        shape = [line.split()[:2] for line in plain[path].split("\n") if not line.startswith(("#", "SAY"))]
        assert [
            line.split()[:2] for line in files[path].split("\n") if not line.startswith(("#", "SAY"))
        ] == shape


@given(st.text(alphabet="MENULABcdefault 01-$#/.\n\t", max_size=200))
def test_the_checker_either_takes_or_refuses_a_text(text: str) -> None:
    try:
        found, said = check_config(text, "f"), "f:"
    except PxeError as exc:
        found, said = [], str(exc)
    assert said.startswith("f:")
    assert all(not name.startswith("/") for name in found)


# Live systems


def live_plan(loader: str = "ipxe") -> dict[str, t.Any]:
    described = plan(loader=loader)
    described["profiles"]["p0"]["family"] = "live"
    return {**described, "machines": [{**MACHINE, "family": "live"}]}


def test_live_systems_are_below_a_title_of_their_own() -> None:
    text = render(live_plan())[MENU_PATH]
    assert order(text)[:5] == ["local", "SEPARATOR", "p1", "SEPARATOR", "-run"]
    assert section(text, "-run") == ["MENU LABEL Run:", "MENU DISABLE"]
    assert order(text)[5] == "p0"


@pytest.mark.parametrize("loader", ["ipxe", "pxelinux"])
def test_a_machine_with_a_live_system_boots_it_without_being_armed(loader: str) -> None:
    text = render(live_plan(loader))[MACHINE_PATH]
    assert "\nDEFAULT install\n" in text
    assert "\nONERROR local\n" in text
    assert "APPEND inst.repo=p0 quiet a=b;c hostname=x" in section(text, "install")
    assert "INCLUDE" not in text


# As the classic guides have it


def own_entry(name: str, action: str, file: str, **more: t.Any) -> dict[str, t.Any]:
    about = {"action": action, "file": file, "initrd": [], "append": [], **more}
    return {"name": name, "label": f"The {name}", "pxelinux": about, "ipxe": None}


def test_a_prompt_and_no_menu() -> None:
    local = {"label": "disk", "text": "Boot from local drive", "position": "last"}
    text = render(
        plan(
            prompt=True,
            timeout=0.6,
            display={"path": "syslinux/own/centos-6/boot.msg"},
            help={"F2": {"path": "syslinux/own/options.msg"}},
            local=local,
            default="p0",
            include=["syslinux/own/more.cfg"],
            submenus_from=2,
        ),
        memory_test=True,
    )[MENU_PATH]
    assert not re.search(r"(?m)^\s*(MENU|UI|NOESCAPE)\b", text)
    assert [line for line in text.split("\n") if line and not line.startswith(("#", " "))] == [
        *("PROMPT 1", "TIMEOUT 6", "TOTALTIMEOUT 9000", "DEFAULT p0", "ONERROR disk", "F1 help/F1.txt"),
        *("F2 own/options.msg", "DISPLAY own/centos-6/boot.msg"),
        *("LABEL p0", "LABEL p1", "LABEL rescue-d0", "LABEL memtest", "LABEL disk", "INCLUDE own/more.cfg"),
    ]
    assert section(text, "disk") == ["LOCALBOOT -1"]
    assert section(text, "p0")[0] == "KERNEL http://10.77.0.1/trees/d0/images/vmlinuz"


def test_a_mistyped_label_comes_back_to_the_prompt() -> None:
    text = render(plan(prompt=True))[MENU_PATH]
    assert "\nDEFAULT local\n" in text
    assert "\nONTIMEOUT local\n" in text
    assert "ONERROR" not in text


def test_a_prompt_without_a_screen_lists_its_labels() -> None:
    entries = [own_entry("hdt", "com32", "syslinux/hdt.c32")]
    files = render(plan(prompt=True, entries=entries, local={"label": "disk", "text": "Platte"}))
    assert "\nDISPLAY help/display.txt\n" in files[MENU_PATH]
    screen = files["syslinux/help/display.txt"]
    assert [line.split(maxsplit=1) for line in screen.splitlines() if line.startswith("  ")] == [
        ["p0", "Install 0"],
        ["p1", "Install 1"],
        ["hdt", "The hdt"],
        ["disk", "Platte"],
    ]
    many = render(plan(prompt=True, profiles=40))["syslinux/help/display.txt"]
    assert len(many.splitlines()) <= pxelinux.HELP_ROWS


def test_a_screen_with_codes_is_byte_for_byte_what_it_is() -> None:
    text = "\x0c\x0f07\x18splash.lss\n" + "x" * 100 + "\t \r\n\x0f07"
    assert render(plan(help={"F2": text}))["syslinux/help/F2.txt"] == text
    assert pxelinux.pictures_of(text.encode()) == ["splash.lss"]


@pytest.mark.parametrize(
    ("position", "wanted"),
    [
        ("first", ["local", "p0", "p1", "hdt"]),
        ("after:p0", ["p0", "local", "p1", "hdt"]),
        ("after:hdt", ["p0", "p1", "hdt", "local"]),
        ("last", ["p0", "p1", "hdt", "local"]),
    ],
)
@pytest.mark.parametrize("prompt", [True, False])
def test_where_the_local_disk_is(position: str, wanted: list[str], prompt: bool) -> None:
    entries = [own_entry("hdt", "com32", "syslinux/hdt.c32")]
    local = {"label": "local", "text": "Boot from local drive", "position": position}
    text = render(plan(entries=entries, local=local, rescue=False, prompt=prompt))[MENU_PATH]
    assert pxelinux.labels_of(text) == wanted
    assert ("MENU LABEL Boot from local drive" in section(text, "local")) == (not prompt)


def test_after_an_entry_of_a_submenu_is_after_the_submenu() -> None:
    local = {"label": "disk", "text": None, "position": "after:p0"}
    text = render(plan(profiles=4, distributions=2, submenus_from=2, local=local, rescue=False))[MENU_PATH]
    assert order(text) == [
        *("SEPARATOR", "BEGIN install-d0", "p0", "p2", "back-install-d0", "END", "disk"),
        *("BEGIN install-d1", "p1", "p3", "back-install-d1", "END"),
    ]


@pytest.mark.parametrize(
    ("entry", "loader", "wanted"),
    [
        (own_entry("a", "com32", "syslinux/y.c32", append=["hd0", "1"]), "ipxe", ["COM32 y.c32", "APPEND hd0 1"]),
        (own_entry("a", "config", "syslinux/own/old.cfg"), "ipxe", ["CONFIG own/old.cfg"]),
        (own_entry("a", "chain", "tftp://10.0.0.5/x/pxelinux.0"), "ipxe", ["PXE tftp://10.0.0.5/x/pxelinux.0"]),
        (own_entry("a", "chain", "tftp://10.0.0.5/x/pxelinux.0"), "pxelinux", ["PXE 10.0.0.5::x/pxelinux.0"]),
        (
            own_entry("a", "kernel", "tools/linux", initrd=["tools/a.gz", "syslinux/own/b.gz"], append=["ro"]),
            "ipxe",
            [
                "LINUX http://10.77.0.1/boot/tools/linux",
                "INITRD http://10.77.0.1/boot/tools/a.gz,own/b.gz",
                "APPEND ro",
                "IPAPPEND 2",
            ],
        ),
        (
            own_entry("a", "kernel", "tools/linux", initrd=["tools/a.gz"]),
            "pxelinux",
            ["LINUX ::tools/linux", "INITRD ::tools/a.gz", "IPAPPEND 2"],
        ),
    ],
)  # fmt: skip
def test_own_entries(entry: dict[str, t.Any], loader: str, wanted: list[str]) -> None:
    text = render(plan(loader=loader, entries=[entry]))[MENU_PATH]
    assert section(text, "a") == ["MENU LABEL The a", *wanted]
    # In the menu alone: no machine of the site has it, armed or not.
    other = render(plan(loader=loader, entries=[entry]))[MACHINE_PATH]
    assert other == render(plan(loader=loader))[MACHINE_PATH]


def test_own_entries_ask_for_the_password_of_the_menu() -> None:
    text = render(plan(entries=[own_entry("a", "com32", "syslinux/x.c32")]), menu_hash=HASH)[MENU_PATH]
    assert section(text, "a") == ["MENU LABEL The a", "MENU PASSWD", "COM32 x.c32"]


def test_by_tftp_alone_nothing_comes_by_http() -> None:
    with pytest.raises(PxeError, match="loads by TFTP alone"):
        render(plan(loader="pxelinux", entries=[own_entry("a", "kernel", "http://10.0.0.5/x")]))


def test_a_memory_test_that_is_brought() -> None:
    text = render(plan(memory_test_file="syslinux/own/centos-6/memtest"))[MENU_PATH]
    assert section(text, "memtest")[1:] == ["KERNEL own/centos-6/memtest", "APPEND -"]


def test_colours_of_text_mode() -> None:
    colours = {"title": "1;36;44 #ffffffff #00000000 std", "sel": "7", "border": "#ffffff"}
    lines = render(plan(colours=colours, text_mode=True))[MENU_PATH].split("\n")
    assert "MENU COLOR title 1;36;44 #ffffffff #00000000 std" in lines
    assert "MENU COLOR sel 7" in lines
    assert "MENU COLOR border * #ffffff" in lines


FRAGMENT = """\
# Of somebody who knows pxelinux.
MENU BEGIN tools
MENU TITLE Tools
label dban
\tmenu label ^Wipe
  text help
  Anything may stand here: DEFAULT x
  endtext
\tkernel own/dban.bzi
\tappend nuke="dwipe" silent
LABEL back
  MENU LABEL Back
  MENU EXIT
MENU END
"""


def test_a_part_of_ones_own() -> None:
    labels, files = pxelinux.check_fragment(FRAGMENT, "more.cfg", (6, 4), ["local", "p0"])
    assert labels == ["dban", "back"]
    assert files == ["own/dban.bzi"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("DEFAULT x\n", "more.cfg:1: DEFAULT is for the whole menu"),
        ("\n  menu  default\n", "more.cfg:2: MENU DEFAULT is for the whole menu"),
        ("INCLUDE x\n", "INCLUDE is for the whole menu"),
        ("TIMEOUT 1\n", "TIMEOUT is for the whole menu"),
        ("ALLOWOPTIONS 1\n", "ALLOWOPTIONS is for the whole menu"),
        ("F1 x\n", "F1 is for the whole menu"),
        ("LABEL p0\n  KERNEL x\n", "more.cfg:1: LABEL: p0 is there twice"),
        ("LABEL x\n", "LABEL x (line 1) says nothing to do"),
        ("LABEL x\n  KERNEL ../x\n", "more.cfg:2: KERNEL: '../x' is no file below"),
        ("LABEL x\n  KERNLE x\n", "'KERNLE' is no directive"),
        ("MENU BEGIN x\n", "MENU BEGIN without its MENU END"),
    ],
)
def test_parts_that_would_change_the_rest(text: str, words: str) -> None:
    with pytest.raises(PxeError) as caught:
        pxelinux.check_fragment(text, "more.cfg", (6, 4), ["p0"])
    assert words in str(caught.value)


def test_with_a_password_a_part_is_locked_too() -> None:
    with pytest.raises(PxeError, match="LABEL dban asks for no password"):
        pxelinux.check_fragment(FRAGMENT, "more.cfg", (6, 4), [], locked=True)
    locked = FRAGMENT.replace("\tkernel", "\tmenu passwd\n\tkernel")
    assert pxelinux.check_fragment(locked, "more.cfg", (6, 4), [], locked=True)[0] == ["dban", "back"]


def test_what_is_brought_is_ours_and_armed_files_are_not() -> None:
    assert pxelinux.is_ours("syslinux/own/centos-6/boot.msg", b"")
    assert pxelinux.is_ours("syslinux/splash.lss", b"")
    assert not pxelinux.is_ours("syslinux/chain.c32", b"")
    assert not pxelinux.is_ours(
        "syslinux/pxelinux.cfg/armed/01-52-54-00-aa-00-01", b"# Written by netinstall.pxe"
    )
