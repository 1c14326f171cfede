# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.script import (
    argument,
    arguments,
    comment,
    either,
    indented,
    quoted,
    say,
    script_of,
)
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.plugins.module_utils._families._contract import BOOT_CARD


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ("it's", r"'it'\''s'"),
        ('$a "b"; `c` \\ #', "'$a \"b\"; `c` \\ #'"),
    ],
)
def test_words_are_literal(value: str, text: str) -> None:
    assert quoted(value, "w") == text


def test_a_word_is_one_line() -> None:
    for value in ("a\nb", "a\tb", "a\x1bb"):
        with pytest.raises(PxeError, match=r"^w: .* write one line"):
            quoted(value, "w")


@pytest.mark.parametrize("value", ["a=b;c", "d=$e", "f=#g", "ks=http://h/a?b=c&d", "---", "inst.ks={x}"])
def test_arguments_arrive_as_they_are(value: str) -> None:
    assert argument(value, "w") == f"'{value}'"


@pytest.mark.parametrize("value", ["", "a b", 'a="b"', "a='b'", "a\\b", "ä", "a\n", "x=${net0/ip}"])
def test_arguments_that_grub_would_change(value: str) -> None:
    with pytest.raises(PxeError, match=r"^w\[1\]: GRUB cannot pass .* on"):
        arguments(["quiet", value], "w")


def test_the_card_that_was_booted_from() -> None:
    for word in (BOOT_CARD, "BOOTIF=01-${netX/mac:hexhyp}"):
        assert argument(word, "w") == '"BOOTIF=01-$card"'


def test_lines() -> None:
    assert say(" it's  two ", "w") == r"echo 'it'\''s two'"
    assert comment("a\nb\\") == "# ab"
    assert indented(["a"]) == ["  a"]
    assert either("a", ["b"]) == ["if a; then", "  b", "fi"]
    assert either("a", ["b"], ["c"]) == ["if a; then", "  b", "else", "  c", "fi"]
    assert script_of(["about"], ["boot"]).split("\n")[1:] == ["# about", "", "boot", ""]
