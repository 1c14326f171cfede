# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._plan.menu import read_menu
from ansible_collections.netinstall.pxe.plugins.module_utils._text.description import (
    Mistakes,
    PlanError,
    Section,
)

HASH = "$6$0123456789abcdef$" + "x" * 86
PROFILES = {"linux": {"in_menu": True, "menu_password": False}}
LOCKED = {"linux": {"in_menu": True, "menu_password": True}}
DISTRIBUTIONS = ("centos-6",)
OWN = "syslinux/own"
OTHER = "tftp://10.0.0.5/pxelinux.0"
DISC = {"distribution": "centos-6", "file": "isolinux/boot.msg"}


def find(name: str) -> str:
    if name.startswith("lost"):
        raise PxeError(f"there is no {name} on the control node: looked in /site")
    return f"/site/files/{name}"


def read(menu: t.Any, bios_loader: str = "ipxe", profiles: t.Any = None) -> t.Any:
    top = Section(Mistakes(), "site_", {"menu": menu}, ("menu",))
    found = read_menu(top, profiles or PROFILES, bios_loader, DISTRIBUTIONS, find)
    top.mistakes.raise_if_any()
    return found


def entry(**about: t.Any) -> t.Any:
    """One entry, as pxelinux and iPXE have it."""
    [found] = read({"entries": {"tool": about}})["entries"]
    assert found["name"] == "tool"
    return found["pxelinux"], found["ipxe"]


def test_a_kernel_is_in_both_menus() -> None:
    for_pxelinux, for_ipxe = entry(
        kernel="tools/vmlinuz", initrd=["a.gz", {"file": "b.gz"}], append="ro  quiet"
    )
    assert (
        for_pxelinux
        == for_ipxe
        == {
            "action": "kernel",
            "file": "tools/vmlinuz",
            "initrd": ["a.gz", "syslinux/own/b.gz"],
            "append": ["ro", "quiet"],
        }
    )


@pytest.mark.parametrize(
    ("about", "for_pxelinux", "for_ipxe"),
    [
        # A name alone is a module beside pxelinux.0.
        ({"com32": "chain.c32", "append": "hd0 1"}, ("com32", "syslinux/chain.c32"), None),
        ({"com32": {"file": "tools/hdt.c32"}}, ("com32", f"{OWN}/tools/hdt.c32"), None),
        ({"config": "other.cfg"}, ("config", "syslinux/other.cfg"), None),
        ({"config": {"file": "a"}, "script": {"file": "b"}}, ("config", f"{OWN}/a"), ("script", f"{OWN}/b")),
        ({"chain": OTHER}, ("chain", OTHER), ("chain", OTHER)),
        ({"chain": "grub/x.efi"}, None, ("chain", "grub/x.efi")),
        ({"kernel": "x", "loaders": ["ipxe"]}, None, ("kernel", "x")),
        ({"kernel": "x", "loaders": ["pxelinux"]}, ("kernel", "x"), None),
        ({"script": "http://10.0.0.5/menu.ipxe"}, None, ("script", "http://10.0.0.5/menu.ipxe")),
        ({"kernel": DISC}, ("kernel", f"{OWN}/centos-6/boot.msg"), ("kernel", f"{OWN}/centos-6/boot.msg")),
    ],
)
def test_what_each_menu_has(about: t.Any, for_pxelinux: t.Any, for_ipxe: t.Any) -> None:
    found = [one and (one["action"], one["file"]) for one in entry(**about)]
    assert found == [for_pxelinux, for_ipxe]


def test_all_that_is_brought_and_all_that_must_be_there() -> None:
    menu = read(
        {
            "splash": "pictures/splash.jpg",
            "prompt": True,
            "display": DISC,
            "help": {"F1": {"file": "boot.msg"}, "F2": "text", "F3": DISC},
            "files": [{"file": "splash.lss"}, {"file": "boot.msg"}, {"file": "a/linux"}, {"file": "b/linux"}],
            "include": [{"file": "more.cfg"}, "syslinux/by-hand.cfg"],
            "memory_test": {"file": "memtest86+-5.01.bin"},
            "entries": {"hdt": {"com32": "hdt.c32"}, "web": {"kernel": "http://10.0.0.5/x"}},
        }
    )
    site = "/site/files"
    assert {one.pop("path"): one for one in menu["files"]} == {
        "syslinux/own/boot.msg": {"own": f"{site}/boot.msg", "name": "boot.msg"},
        "syslinux/own/more.cfg": {"own": f"{site}/more.cfg", "name": "more.cfg"},
        "syslinux/own/a/linux": {"own": f"{site}/a/linux", "name": "a+linux"},
        "syslinux/own/b/linux": {"own": f"{site}/b/linux", "name": "b+linux"},
        "syslinux/own/centos-6/boot.msg": {"tree": "centos-6/isolinux/boot.msg"},
        # Screens name their pictures as they lie beside pxelinux; a memory test has no ending.
        "syslinux/splash.lss": {"own": f"{site}/splash.lss", "name": "splash.lss"},
        "syslinux/own/memtest": {"own": f"{site}/memtest86+-5.01.bin", "name": "memtest"},
    }
    assert menu["needed"] == [
        {"path": "syslinux/hdt.c32", "address": "site_menu.entries.hdt.com32"},
        {"path": "syslinux/by-hand.cfg", "address": "site_menu.include"},
    ]
    assert (menu["splash"], menu["splash_file"]) == (
        "pictures/splash.jpg",
        "/site/files/pictures/splash.jpg",
    )
    assert menu["display"] == menu["help"]["F3"] == {"path": "syslinux/own/centos-6/boot.msg"}
    assert menu["help"]["F2"] == "text"
    assert menu["include"] == ["syslinux/own/more.cfg", "syslinux/by-hand.cfg"]
    assert menu["memory_test_file"] == "syslinux/own/memtest"


@pytest.mark.parametrize(
    ("menu", "address", "said"),
    [
        ({"splash": "lost.png"}, "splash", "there is no lost.png on the control node: looked in /site"),
        ({"help": {"F1": {"file": "lost.msg"}}}, "help.F1.file", "there is no lost.msg"),
        ({"help": {"F1": {"file": "x", "fiel": "x"}}}, "help.F1.fiel", "did you mean 'file'?"),
        ({"help": {"F1": {**DISC, "distribution": "centos6"}}}, "help.F1.distribution", "did you mean 'centos-6'?"),
        ({"help": {"F1": {"distribution": "centos-6"}}}, "help.F1.file", "isolinux/boot.msg"),
        ({"help": {"F1": {**DISC, "file": "../x"}}}, "help.F1.file", "contains '..'"),
        ({"files": [{"file": "/a/x"}, {"file": "../b/x"}]}, "files[1].file", "under the same name as /site/files//a/x"),
        ({"files": [{"file": "b x"}]}, "files[0].file", "cannot be a file name"),
        ({"include": ["http://10.0.0.5/x"]}, "include[0]", "is a URL"),
        ({"include": "x"}, "include", "must be a list"),
        ({"display": "x"}, "display", "write prompt: true"),
        ({"bios": "ipxe", "prompt": True}, "prompt", "but bios is ipxe"),
        ({"bios": "ipxe", "memory_test": DISC}, "memory_test", "but bios is ipxe"),
        ({"bios": "ipxe", "entries": {"a": {"com32": "x.c32"}}}, "entries.a", "but bios is ipxe"),
        ({"prompt": True, "password_hash": HASH}, "prompt", "does not ask for passwords"),
        ({"timeout": 0.65}, "timeout", "at most one decimal"),
        ({"timeout": -1}, "timeout", "from 0 to 3600"),
        ({"timeout": True}, "timeout", "is not a number of seconds"),
        ({"local": {"label": "linux"}}, "local.label", "is the label of another entry"),
        ({"local": {"label": "memtest"}}, "local.label", "is the label of another entry"),
        ({"local": {"position": "after:linxu"}}, "local.position", "did you mean 'linux'?"),
        ({"local": {"position": "middle"}}, "local.position", "first, last or after:NAME"),
        ({"entries": {"linux": {"kernel": "x"}}}, "entries.linux", "is the label of another entry"),
        ({"entries": {"local": {"kernel": "x"}}}, "entries.local", "is the label of another entry"),
        ({"entries": {"rescue-x": {"kernel": "x"}}}, "entries.rescue-x", "is the label of another entry"),
        ({"entries": {"a b": {"kernel": "x"}}}, "entries.a b", "cannot be a file name"),
        ({"entries": {"a": {}}}, "entries.a", "has no action"),
        ({"entries": {"a": {"kernel": "x", "com32": "y.c32"}}}, "entries.a.com32", "cannot stand beside kernel"),
        ({"entries": {"a": {"config": "x", "append": "y"}}}, "entries.a.append", "belongs to a kernel"),
        ({"entries": {"a": {"chain": "x.0", "initrd": "y"}}}, "entries.a.initrd", "belongs to a kernel"),
        ({"entries": {"a": {"kernel": "/x"}}}, "entries.a.kernel", "is absolute"),
        ({"entries": {"a": {"kernel": "../x"}}}, "entries.a.kernel", "contains '..'"),
        ({"entries": {"a": {"kernel": 1}}}, "entries.a.kernel", "must be a path below boot/"),
        ({"entries": {"a": {"kernel": "http://x"}}}, "entries.a.kernel", "is not the URL of a file"),
        ({"entries": {"a": {"kernel": "x", "append": ["y z"]}}}, "entries.a.append[0]", "is not one word"),
        ({"entries": {"a": {"kernel": "x", "loaders": ["grub"]}}}, "entries.a.loaders", "is not known"),
        ({"entries": {"a": {"com32": "x.c32", "loaders": ["ipxe"]}}}, "entries.a.loaders", "is in no menu"),
        ({"default": "a", "entries": {"a": {"kernel": "x"}}}, "default", "is not described"),
        # Of what is made for one machine, nothing is to be started by another.
        ({"entries": {"a": {"config": "syslinux/pxelinux.cfg/armed/01-x"}}}, "entries.a.config", "is a generated file"),
        ({"entries": {"a": {"script": "machines/x.ipxe"}}}, "entries.a.script", "is a generated file"),
        ({"entries": {"a": {"script": "syslinux/../machines/x.ipxe"}}}, "entries.a.script", "contains '..'"),
    ],
)  # fmt: skip
def test_mistakes(menu: t.Any, address: str, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        read(menu)
    assert [mistake["address"] for mistake in caught.value.mistakes] == [f"site_menu.{address}"]
    assert said in caught.value.mistakes[0]["message"]


def test_a_prompt_knows_no_passwords_of_profiles() -> None:
    with pytest.raises(PlanError, match="does not ask for passwords"):
        read({"prompt": True}, profiles=LOCKED)


@pytest.mark.parametrize("timeout", [0, 30, 0.6, 3600, 1.2, 0.3])
def test_seconds_have_one_decimal(timeout: float) -> None:
    assert read({"timeout": timeout})["timeout"] == timeout


def test_a_screen_with_codes_stays_what_it_is() -> None:
    text = "\x0c\x0f07\x18splash.lss\n" + "long " * 40 + "\ttab  \r\n"
    assert read({"help": {"F1": text}})["help"]["F1"] == text


def test_the_entry_of_the_local_disk() -> None:
    local = {"label": "disk", "text": "Boot from local drive", "position": "after: linux"}
    assert read({"local": local})["local"] == {**local, "position": "after:linux"}
    entries = {"tool": {"kernel": "x"}}
    assert (
        read({"entries": entries, "local": {"position": "after:tool"}})["local"]["position"] == "after:tool"
    )
