# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.config import check_hash
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.offers import (
    arguments_of,
    start_text,
    word_hash,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.offered import (
    HASH,
    URL,
    configs,
    offers,
    plan,
)


def test_what_pxelinux_is_told() -> None:
    one, two = offers(plan())
    # It says BOOTIF itself.
    assert arguments_of(one) == ["auto=true", f"url={URL}/offers/one/start.cfg"]
    assert arguments_of(two)[:2] == [f"inst.ks={URL}/offers/two/ks.cfg", "inst.ks.sendmac"]


def entry(text: str, label: str) -> list[str]:
    return text.split(f"\nLABEL {label}\n")[1].split("\n\n")[0].split("\n")


def test_the_menu_of_pxelinux() -> None:
    files = configs(plan())
    assert "offered" not in files
    text = files["default"]
    assert "\nDEFAULT local\n" in text
    assert entry(text, "-install-two")[:2] == [
        "  MENU LABEL Label two (installs without questions)",
        f"  MENU PASSWD {word_hash()}",
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
    text = configs(plan(), menu_hash=HASH)["default"]
    # Of the word and a password, the password.
    assert entry(text, "-install-two")[1] == "  MENU PASSWD"
    assert "MENU PASSPROMPT" not in text
    text = configs(plan(), profile_hashes={"two": HASH})["default"]
    assert entry(text, "-install-two")[1] == f"  MENU PASSWD {HASH}"
    assert entry(text, "-install-one")[1] == f"  MENU PASSWD {word_hash()}"


def test_the_word_as_pxelinux_compares_it() -> None:
    """What syslinux's sha1pass prints for it and this salt: sha1_base64($salt, $word) of Perl's Digest::SHA."""
    assert word_hash() == "$4$netinstall$C8qJiDq3U2+njFyBIa2qeHNKhCs$"
    assert check_hash(word_hash(), "the word")


def test_the_preseed_of_pxelinux() -> None:
    text = start_text(f"{URL}/offers/one", "preseed.cfg")
    assert check.check(text) == []
    [only] = list(check.entries(text))
    assert only.question == "preseed/include_command"
