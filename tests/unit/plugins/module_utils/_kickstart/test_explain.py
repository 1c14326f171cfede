# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.explain import Line, unreadable
from ansible_collections.netinstall.pxe.plugins.module_utils._kickstart.findings import Problem, Where
from pykickstart import errors
from pykickstart import version as ks

HERE = Where("ks.cfg", 3)


def line(text: str, version: int = ks.RHEL9) -> Line:
    return Line(f"{text}\n", HERE, version)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("part / --size=1 # root", ["part", "/", "--size=1"]),
        ("lang 'en", ["lang", "'en"]),
        ("", [""]),
        ("# nothing", [""]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert line(text).words == words


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("install", "removed", "install was removed in RHEL9; leave it out"),
        ("prt /", "parse", "RHEL9 has no command 'prt'; did you mean 'part'?"),
        ("Gehe1m", "parse", "the line begins with no command of RHEL9"),
        ("part / --active", "removed", "part --active was removed in RHEL9; leave it out"),
        ("part / --nonsense", "storage", "what pykickstart says"),
        ("network --nonsense", "network", "what pykickstart says"),
        ("\ufefflang en", "parse", "the file begins with a byte-order mark"),
    ],
)
def test_mistakes(text: str, kind: str, said: str) -> None:
    [found] = line(text).mistakes(errors.KickstartParseError(f"what pykickstart says of {text}"))
    assert (found.where, found.severity, found.kind) == (HERE, "error", kind)
    assert found.text.startswith(said)


def test_what_pykickstart_quotes_of_a_secret_is_hidden() -> None:
    wrong = errors.KickstartParseError("unrecognized arguments: Gehe1m")
    [found] = line("rootpw --plaintxt Gehe1m").mistakes(wrong)
    assert found.text == "unrecognized arguments: ********"
    assert "Gehe1m" not in unreadable(HERE, OSError("http://joe:Gehe1m@none/a: no such host")).text


@pytest.mark.parametrize(
    ("exc", "said"),
    [
        (ValueError("No closing quotation"), "a quotation mark is missing"),
        (errors.KickstartParseError("Section %x"), "Section %x"),
        (errors.KickstartParseError(""), "%include names no file"),
        (KeyError(), "pykickstart cannot read this line (KeyError)"),
    ],
)
def test_what_ends_a_reading(exc: Exception, said: str) -> None:
    found = line("%include").end(exc)
    assert (found.severity, found.kind) == ("error", "parse")
    assert found.text.startswith(said)


@pytest.mark.parametrize(
    ("text", "category", "is_section", "expected"),
    [
        ("sshkey --username=a b", errors.KickstartParseWarning, True, None),
        ("%nonsense", errors.KickstartParseWarning, True, ("error", "parse", "there is no section %nonsense")),
        ("%nonsense", errors.KickstartParseWarning, False, ("warning", "parse", "said: twice")),
        ("raid / --level=1", errors.KickstartParseWarning, True, ("warning", "storage", "said: twice")),
        ("authconfig", errors.KickstartDeprecationWarning, True, ("warning", "deprecated", "said: twice")),
    ],
)  # fmt: skip
def test_warnings(text: str, category: type, is_section: bool, expected: tuple[str, str, str] | None) -> None:
    found = line(text).warned(
        Warning("said on line 7: twice" if "auth" in text else "said: twice"), category, is_section
    )
    assert found == (Problem(HERE, *expected) if expected else None)
