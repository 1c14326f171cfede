# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.pxelinux.check import check_config
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.pxelinux.sites import (
    MACHINE,
    MACHINE_PATH,
    MENU_PATH,
    plan,
    render,
)
from hypothesis import given
from hypothesis import strategies as st

GOOD = "DEFAULT a\nLABEL a\n  LOCALBOOT -1\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("DEFAULT a", None, "cut off"),
        ("DEFALT a\n" + GOOD, 1, "'DEFALT' is not a directive"),
        ("MENU TITEL a\n" + GOOD, 1, "'MENU TITEL' is not a directive"),
        ("MENU\n" + GOOD, 1, "'MENU ' is not a directive"),
        ("DEFAULT b\n" + GOOD, 1, "there is no LABEL b"),
        ("ONERROR b\n" + GOOD, 1, "there is no LABEL b"),
        ("MENU ONERROR b\n" + GOOD, 1, "there is no LABEL b"),
        ("DEFAULT a b\n" + GOOD, 1, "write one label"),
        (GOOD + "LABEL a\n  LOCALBOOT 0\n", 4, "a is there twice"),
        (GOOD + "LABEL b\n", None, "LABEL b (line 4) has no action"),
        (GOOD + "LABEL b\nLABEL c\n  LOCALBOOT 0\n", 5, "LABEL b (line 4) has no action"),
        (GOOD + "LABEL b c\n", 4, "write one word"),
        ("LOCALBOOT 0\n", 1, "belongs to a LABEL"),
        ("MENU LABEL x\n", 1, "belongs to a LABEL"),
        (GOOD + "  KERNEL linux\n", 4, "this LABEL says LOCALBOOT already"),
        (GOOD + "LABEL b\n  LINUX two words\n", 5, "one file name"),
        (GOOD + "LABEL b\n  LINUX ../linux\n", 5, "not a file below"),
        (GOOD + "LABEL b\n  LINUX /linux\n", 5, "not a file below"),
        (GOOD + "LABEL b\n  LINUX a\n  INITRD i,,j\n", 6, "not a file below"),
        (GOOD + f"LABEL b\n  LINUX {'x' * 128}\n", 5, "longer than 127"),
        (GOOD + f"LABEL b\n  LINUX a\n  APPEND {'x' * 2010}\n", 6, "longer than 2047"),
        (GOOD + "LABEL b\n  LINUX a\n  IPAPPEND two\n", 6, "write a number"),
        (GOOD + "  MENU PASSWD secret\n", 4, "not a password hash"),
        ("MENU MASTER PASSWD secret\n" + GOOD, 1, "not a password hash"),
        ("MENU MASTER x\n" + GOOD, 1, "not a password hash"),
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
