# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re
import shutil
import subprocess

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._preseed import check
from hypothesis import given
from hypothesis import strategies as st

GOOD = [
    "d-i time/zone string UTC\n",
    "# a comment\n\nd-i time/zone string UTC",
    "d-i\ttime/zone\tstring\tUTC\r\n",
    "tasksel tasksel/first multiselect\n",
    "d-i netcfg/get_hostname seen false\n",
    "d-i passwd/root-password-crypted password $6$salt$hash\n",
    "d-i preseed/early_command string \\\n  one; \\\n  two\n",
    "d-i clock-setup/utc boolean true  \n",
    "openssh-server openssh-server/permit-root-login boolean false\n",
    "d-i partman-auto/text/atomic_scheme string x # not a comment\n",
    # As in Debian's own example: nothing but comments and blank lines is taken along.
    "# a recipe \\\n#   one :: \\\n#   .\n\nd-i a/b string x\n",
    "# a recipe \\\n\nd-i a/b string x\n",
    # The installer takes the answer after the blank line into the recipe; it is served without the last '\\'.
    "d-i a/b string one :: \\\n  . \\\n\nd-i c/d string y\n",
    "d-i a/b string one :: \\\n  . \\\n \n# what follows\nd-i c/d string y\n",
    "d-i a/b string one :: \\\n  . \\\n\n",
    # The installer leaves these lines out.
    "d-i a/b string one \\\n\n  two \\\n# note\n  three\n",
    "d-i keymap select us\n",
]

BAD = [
    ("", 1, "the text is empty"),
    ("  \n", 1, "the text is empty"),
    ("d-i time/zone\n", 1, "write 'owner question type value'"),
    ("\n\nd-i\n", 3, "write 'owner question type value'"),
    ("d-i time/zone stirng UTC\n", 1, "did you mean 'string'?"),
    ("d-i time/zone UTC\n", 1, "the type is missing or unknown; write one of boolean"),
    ("# ok\nd-i clock-setup/utc boolean yes\n", 2, "a boolean is 'true' or 'false'"),
    ("d-i clock-setup/utc seen maybe\n", 1, "a seen is 'true' or 'false'"),
    ("d-i hostname string x\n", 1, "'hostname' is not a question"),
    ("D-I time/zone string UTC\n", 1, "'D-I' is not an owner"),
    ("d-i a/b string x\n  # indented\n", 2, "start in the first column"),
    ("d-i a/b string x \\\n  # inside\n  y\n", 2, "becomes part of it"),
    ("# one \\\n# two \\\nd-i a/b string x\n", 2, "swallows the next line"),
    ("d-i debconf debconf/frontend select x\n", 1, "there are two owners; leave out 'd-i'"),
    ("d-i a/b c/d\n", 1, "the type is missing or unknown"),
    ("\ufeffd-i a/b string x\n", 1, "byte-order mark"),
    ("d-i a/b string x\nd-i c/d string M\udcfcller\n", 2, "not UTF-8, but perhaps Latin-1"),
    ("d-i a/b string x\nd-i c/d string y \\", 2, "the text ends within"),
    ("d-i a/b string x \\ \n  y\n", 1, "a blank after the final"),
    ("# note \\\nd-i a/b string x\n", 1, "swallows the next line"),
    ("d-i a/b string x\x00y\n", 1, "control character"),
    ("d-i\u00a0a/b string x\n", 1, "is not an owner"),
]


@pytest.mark.parametrize("text", GOOD)
def test_accepts(text: str) -> None:
    assert check.check(text) == []


@pytest.mark.parametrize(("text", "line", "message"), BAD)
def test_refuses_and_names_the_line(text: str, line: int, message: str) -> None:
    found = check.check(text)
    assert any(mistake.line == line and message in mistake.message for mistake in found), found


def test_line_numbers_count_physical_lines() -> None:
    text = "# one\nd-i a/b string x \\\n  y\nd-i c/d boolean no\n"
    assert [(mistake.line, mistake.text) for mistake in check.check(text)] == [(4, "d-i c/d")]


def test_a_message_never_shows_a_value() -> None:
    text = "d-i passwd/root-password-crypted passwort $6$SECRET\nd-i $6$SECRET\nd-i x/y boolean SECRET\n"
    found = check.check(text)
    assert {mistake.line for mistake in found} == {1, 2, 3}
    # The type was forgotten, or the owner.
    found += check.check("d-i passwd/root-password SECRET\npasswd/root-password password SECRET x\n")
    assert "SECRET" not in check.summary(found)


def test_entries_joins_continued_lines() -> None:
    found = check.entries("# c\nd-i preseed/early_command string a; \\\n   b\nd-i x/y string\n")
    assert found == [
        check.Entry(2, "d-i", "preseed/early_command", "string", "a; b"),
        check.Entry(4, "d-i", "x/y", "string", ""),
    ]


def test_summary_is_limited() -> None:
    found = check.check("x\n" * 12)
    assert check.summary(found, limit=2).endswith("; and 10 more")
    assert check.summary([]) == ""


def test_only_what_debconf_says_about_the_format_counts() -> None:
    stderr = (
        "error: parse error on line 7: 'd-i $6$SECRET'\nwarning: Unknown type strong, skipping line 9.\n"
        "error: Cannot find a question for netcfg/get_hostname\n"
    )
    found = check.debconf_mistakes(stderr)
    assert [mistake.line for mistake in found] == [7, 9]
    assert "SECRET" not in check.summary(found)


# What the two programs make of a text, line for line. A text without mistakes must mean the same to both.


def read_by_debconf(text: str) -> list[tuple[str, ...]]:
    """debconf-set-selections 1.5.82, its main loop."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    found = []
    while lines:
        line = re.sub(r"\r\Z", "", lines.pop(0))
        while line.endswith("\\") and lines:
            line = line[:-1] + re.sub(r"\r\Z", "", lines.pop(0))
        if re.match(r"\s*\Z|\s*#", line, re.ASCII):
            continue
        match = re.match(r"\s*(\S+)\s+(\S+)\s+(\S+)(?:\s(.*))?", line, re.ASCII)
        assert match, f"debconf: parse error: {line!r}"
        found.append(tuple(match.group(number) or "" for number in (1, 2, 3, 4)))
    return found


def read_by_installer(text: str) -> list[tuple[str, ...]]:
    """/bin/debconf-set-selections of the udeb preseed-common 1.124, which is a shell script."""
    found = []
    multiline = ""
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("#") or re.match(r"\s*\Z", line, re.ASCII):
            continue
        line = re.sub(r"\A\s*", "", line, flags=re.ASCII)
        if line.endswith("\\"):
            multiline += (" " if multiline else "") + re.sub(r"\s*\\\Z", "", line, flags=re.ASCII)
            continue
        if multiline:
            line, multiline = f"{multiline} {line}", ""
        words = re.split(r"\s+", line, maxsplit=3, flags=re.ASCII)
        assert len(words) >= 3, f"installer: syntax error: {line!r}"
        found.append((*words, "")[:4])
    return found


def _squeezed(found: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [tuple(" ".join(field.split()) for field in fields) for fields in found]


NAMES = ["d-i", "tasksel", "#", "a/b", "c/d/e", "hostname", "string", "boolean", "seen", "true", "no", "x"]
MARKS = ["'", '"', "\\", "\u00a0", "# x", " \\", "\\ ", "\t", "  ", "\n", "\r\n", "\\\n", " \\\n  "]
WORDS = st.sampled_from(NAMES) | st.sampled_from(MARKS)


@given(st.lists(WORDS, max_size=24).map("".join) | st.text(max_size=60))
def test_never_fails_itself(text: str) -> None:
    for mistake in check.check(text):
        assert 1 <= mistake.line <= text.count("\n") + 1


LINES = st.sampled_from(
    [
        *["d-i a/b string x", "# c", "", "d-i c/d boolean true", "d-i e/f string y \\"],
        *["  more", "  more \\", " # c"],
    ]
)
ANY_WORDS = st.lists(WORDS, min_size=1, max_size=7).map(" ".join)


@given(
    st.lists(ANY_WORDS, max_size=6).map("\n".join) | st.lists(LINES, min_size=1, max_size=8).map("\n".join)
)
def test_what_passes_means_the_same_to_both_readers(text: str) -> None:
    if check.check(text):
        return
    ours = _squeezed([(e.owner, e.question, e.type, e.value) for e in check.entries(text)])
    served = check.mended(text)
    assert ours == _squeezed(read_by_debconf(served))
    assert ours == _squeezed(read_by_installer(served))


def test_no_answer_is_lost_after_a_recipe_that_ends_in_a_continued_line() -> None:
    text = "d-i a/b string one :: \\\n  . \\\n\nd-i c/d string y\n"
    assert read_by_installer(text) == [("d-i", "a/b", "string", "one :: . d-i c/d string y")]
    assert read_by_installer(check.mended(text)) == [
        ("d-i", "a/b", "string", "one :: ."),
        ("d-i", "c/d", "string", "y"),
    ]


@given(st.lists(WORDS, max_size=24).map("".join) | st.text("\\ #\n\tx", max_size=20))
def test_what_is_mended_stays_as_it_is(text: str) -> None:
    if check.check(text):
        return
    assert check.mended(check.mended(text)) == check.mended(text)


@pytest.mark.skipif(not shutil.which("debconf-set-selections"), reason="no debconf here")
def test_debconf_accepts_what_we_accept(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "preseed.cfg"
    # Even with --checkonly, debconf looks up the question of a flag in its own database.
    texts = [text for text in GOOD if " seen " not in text]
    path.write_text("".join(check.mended(f"{text}\n") for text in texts))
    words = ["debconf-set-selections", "--checkonly", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_texts_are_checked_together_and_told_apart() -> None:
    texts = {
        "a": "d-i a/b string c\n# two\n",
        "b": "d-i a/b string c",
        "c": "d-i a/b string \\\n  c\nd-i c/d string e\n",
    }
    together, first_lines = check.joined(texts)
    assert first_lines == {"a": 1, "b": 3, "c": 4}
    assert together.splitlines() == [line for text in texts.values() for line in text.splitlines()]
    mistakes = [check.Mistake(line, "", "wrong") for line in (1, 3, 4, 6)]
    found = check.parted(mistakes, first_lines)
    assert {name: [mistake.line for mistake in group] for name, group in found.items()} == {
        "a": [1],
        "b": [1],
        "c": [1, 3],
    }
