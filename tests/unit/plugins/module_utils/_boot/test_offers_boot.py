# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot import ipxe, offers_boot, pxelinux
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.offers_boot import Offer
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check

URL = "http://10.77.0.1"
HASH = "$6$0123456789abcdef$" + "x" * 86
STAND_IN = "02-00-00-00-00-00"
MEDIA = {"d": {"kernel": "linux", "initrd": ["initrd.gz"]}}
ARGUMENTS = ipxe.Arguments(lambda *_args: ["x=y"], lambda _one: None, lambda _one: None)


def plan(**changes: t.Any) -> dict[str, t.Any]:
    """Two profiles, of which the second is not in the menu, and both are offered."""
    profile = {"distribution": "d", "kernel_arguments": ["quiet"], "family": "debian"}
    made: dict[str, t.Any] = {
        "urls": {name: f"{URL}/{name}" for name in ("boot", "trees", "answers", "events")},
        "backends": {"bios_loader": "ipxe"},
        "menu": {"title": "T", "timeout": 30, "default": "local", "bios": "pxelinux"},
        "profiles": {
            "one": {"name": "one", "label": "Label one", **profile},
            "two": {"name": "two", "label": "Label two", "in_menu": False, **profile},
        },
        "distributions": {"d": {"name": "d", "tree_url": f"{URL}/trees/d"}},
        "machines": [],
        "unknown_machines": {
            "install": None,
            "profiles": {name: {"confirm": "word"} for name in ("one", "two")},
        },
    }
    for key, value in changes.items():
        made[key] = {**made[key], **value}
    return made


PUBLISHED = {
    "one": {
        "arguments": ["auto=true", f"url={URL}/offers/one/{STAND_IN}/preseed.cfg", f"BOOTIF=01-{STAND_IN}"],
        "disk": "/dev/disk/by-rule",
        "overwrite": False,
        "answer_file": "preseed.cfg",
        "answer_format": "preseed",
    },
    "two": {
        "arguments": [
            f"inst.ks={URL}/offers/two/{STAND_IN}/ks.cfg",
            "inst.ks.sendmac",
            "x=02:00:00:00:00:00",
            "y=020000000000",
        ],
        "disk": "/dev/sda",
        "overwrite": True,
        "answer_file": "ks.cfg",
        "answer_format": "kickstart",
    },
}


def offers(made: dict[str, t.Any]) -> list[Offer]:
    return offers_boot.offers_of(made, PUBLISHED)


def site(made: dict[str, t.Any], **options: t.Any) -> pxelinux.Site:
    return pxelinux.Site(made, MEDIA, *ARGUMENTS, (6, 4), offers=offers(made), **options)


def scripts(made: dict[str, t.Any]) -> dict[str, str]:
    return ipxe.boot_files(made, MEDIA, ARGUMENTS, offers=offers(made))


def configs(made: dict[str, t.Any], **options: t.Any) -> dict[str, str]:
    made_site = site(made, **options)
    files = pxelinux.config_files(made_site)
    pxelinux.references(files, made_site.version)
    return {path.rpartition("/")[2]: text for path, text in files.items()}


def test_what_loaders_are_told() -> None:
    one, two = offers(plan())
    assert one.for_ipxe() == [
        "auto=true",
        f"url={URL}/offers/one/${{netX/mac:hexhyp}}/preseed.cfg",
        "BOOTIF=01-${netX/mac:hexhyp}",
    ]
    assert two.for_ipxe()[2:] == ["x=${netX/mac}", "y=${netX/mac:hexraw}"]
    # It says BOOTIF itself.
    assert one.for_pxelinux() == ["auto=true", f"url={URL}/offers/one/start.cfg"]
    assert two.for_pxelinux()[:2] == [f"inst.ks={URL}/offers/two/ks.cfg", "inst.ks.sendmac"]
    assert (one.lost, two.lost) == (
        "It is installed only if its disk is empty",
        "WHATEVER IS ON /dev/sda WILL BE LOST",
    )


def test_what_is_not_published_is_in_no_menu() -> None:
    assert offers_boot.offers_of(plan(), {}) == []
    assert offers_boot.offers_of({**plan(), "unknown_machines": {}}, PUBLISHED) == []
    files = ipxe.boot_files(plan(), MEDIA, ARGUMENTS)
    assert "without questions" not in files["menu.ipxe"]
    assert not [path for path in files if path.startswith("offers/")]


def test_the_default_comes_first() -> None:
    made = plan(unknown_machines={"install": "two"})
    assert [offer.name for offer in offers(made)] == ["two", "one"]
    menu = scripts(made)["menu.ipxe"]
    ready = f"{URL}/offers/two/${{netX/mac:hexhyp}}/ready"
    assert "set first local.ipxe\n" in menu
    assert f"{ready} && imgfree ready && set first offers/two.ipxe ||\n" in menu
    assert menu.index(ready) < menu.index("set 209:string pxelinux.cfg/default")
    assert "iseq ${first} offers/two.ipxe && set 209:string pxelinux.cfg/offered ||\n" in menu
    assert "choose --default ${first} --timeout 30000 target" in menu


def test_the_menu_of_ipxe() -> None:
    files = scripts(plan())
    menu = files["menu.ipxe"]
    assert "item offers/one.ipxe Label one (installs without questions)\n" in menu
    # The one that asks is not in the menu, the one that does not is.
    assert "profiles/two.ipxe" not in menu
    assert "item offers/two.ipxe Label two (installs without questions)\n" in menu
    assert "choose --default local.ipxe" in menu
    assert "/ready" not in menu
    script = files["offers/two.ipxe"]
    assert script.index("/ready") < script.index("read answer") < script.index("set release ")
    assert f"set armed_script {URL}/boot/offers/two.ipxe\n" in script
    assert ipxe.may_be_stale("offers/two.ipxe")


@pytest.mark.parametrize(
    ("changes", "locks"),
    [
        ({"menu": {"password": True}}, {"one": "menu", "two": "menu"}),
        (
            {"profiles": {"two": {**plan()["profiles"]["two"], "menu_password": True}}},
            {"two": "two"},
        ),
        ({}, {}),
    ],
)
def test_passwords_of_the_menu_of_ipxe(changes: dict[str, t.Any], locks: dict[str, str]) -> None:
    menu = scripts(plan(**changes))["menu.ipxe"]
    found = {
        name: lock
        for name in ("one", "two")
        for lock in ("menu", "one", "two")
        if f"iseq ${{target}} offers/{name}.ipxe && set lock {lock} && goto locked ||" in menu
    }
    assert found == locks
    # The shell would be the way around the password of one entry.
    assert ("item shell" in menu) == ("two" not in locks.values())


def entry(text: str, label: str) -> list[str]:
    return text.split(f"\nLABEL {label}\n")[1].split("\n\n")[0].split("\n")


def test_the_menu_of_pxelinux() -> None:
    files = configs(plan())
    assert "offered" not in files
    text = files["default"]
    assert "\nDEFAULT local\n" in text
    assert entry(text, "-install-two")[:2] == [
        "  MENU LABEL Label two (installs without questions)",
        f"  MENU PASSWD {offers_boot.word_hash()}",
    ]
    assert f"  APPEND x=y quiet inst.ks={URL}/offers/two/ks.cfg inst.ks.sendmac " in text
    assert "  IPAPPEND 2" in entry(text, "-install-two")
    assert "without questions do so once" in files["F1.txt"]


def test_its_default_over_http() -> None:
    files = configs(plan(unknown_machines={"install": "two", "profiles": {"two": {"confirm": "none"}}}))
    assert "\nDEFAULT local\n" in files["default"]
    assert "\nONTIMEOUT local\n" in files["default"]
    assert "\nDEFAULT -install-two\n" in files["offered"]
    assert "ONTIMEOUT" not in files["offered"]
    assert "MENU DEFAULT" in " ".join(entry(files["offered"], "-install-two"))
    assert "MENU DEFAULT" not in " ".join(entry(files["offered"], "local"))
    assert "MENU PASSWD" not in files["offered"] + files["default"]
    assert "Label two (installs without questions)" in files["F1.txt"]


def test_its_default_by_tftp() -> None:
    """There nothing can be asked before: that it was installed is known by a file of the machine."""
    files = configs(
        plan(
            unknown_machines={"install": "two", "profiles": {"two": {"confirm": "none"}}},
            backends={"bios_loader": "pxelinux"},
        )
    )
    assert "offered" not in files
    assert "\nDEFAULT -install-two\n" in files["default"]


def test_passwords_of_the_menu_of_pxelinux() -> None:
    made = plan(menu={"password": True})
    text = configs(made, menu_hash=HASH)["default"]
    # Of the word and a password, the password.
    assert entry(text, "-install-two")[1] == "  MENU PASSWD"
    assert "MENU PASSPROMPT" not in text
    text = configs(plan(), profile_hashes={"two": HASH})["default"]
    assert entry(text, "-install-two")[1] == f"  MENU PASSWD {HASH}"
    assert entry(text, "-install-one")[1] == f"  MENU PASSWD {offers_boot.word_hash()}"


def test_the_word_as_pxelinux_compares_it() -> None:
    """What syslinux's sha1pass prints for it and this salt: sha1_base64($salt, $word) of Perl's Digest::SHA."""
    assert offers_boot.word_hash() == "$4$netinstall$C8qJiDq3U2+njFyBIa2qeHNKhCs$"
    assert pxelinux.check_hash(offers_boot.word_hash(), "the word")


def test_the_preseed_of_pxelinux() -> None:
    text = offers_boot.start_text(f"{URL}/offers/one", "preseed.cfg")
    assert check.check(text) == []
    [only] = list(check.entries(text))
    assert only.question == "preseed/include_command"
