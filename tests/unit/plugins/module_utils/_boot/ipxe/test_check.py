# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import typing as t

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.ipxe.machines import armed_script
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.ipxe.sites import (
    INSTALLATION,
    PROFILE,
    URLS,
    render,
)
from hypothesis import given, settings
from hypothesis import strategies as st

GOOD = [
    "#!ipxe\nexit 1\n",
    "#!ipxe\n:a\nsleep 1 || goto a\nexit 1\n",
    "#!ipxe\ngoto ${target}\n",
    "#!ipxe\n:a iseq 1 2 && goto b || goto a\n:b exit 1 # comment || goto nowhere\n",
    "#!ipxe\necho a#b ||c\\ d ; exit 1\n".replace(" ||c\\ d", ""),
]


BAD = [
    ("", 1, "starts with the line"),
    ("#!ipxe \nexit 1\n", 1, "starts with the line"),
    ("\n#!ipxe\nexit 1\n", 1, "starts with the line"),
    ("#!ipxe\nexit 1", None, "cut off"),
    ("#!ipxe\ngoto nowhere\n", 2, "there is no ':nowhere'"),
    ("#!ipxe\n:a\n:a\nexit 1\n", 3, "twice"),
    ("#!ipxe\n:A b\nexit 1\n", 2, "not a label"),
    ("#!ipxe\ngoto\n", 2, "one label"),
    ("#!ipxe\ngoto a b\n:a\nexit 1\n", 2, "one label"),
    ("#!ipxe\necho {{ item }}\nexit 1\n", 2, "template"),
    ("#!ipxe\n# {% if x %}\nexit 1\n", 2, "template"),
    ("#!ipxe\necho ${net0/mac\nexit 1\n", 2, "without its '}'"),
    ("#!ipxe\necho ${two words}\nexit 1\n", 2, "without its '}'"),
    ("#!ipxe\nchain http://x/ ||goto a\n:a exit 1\n", 2, "blanks around"),
    ("#!ipxe\nchain http://x/|| goto a\n:a exit 1\n", 2, "blanks around"),
    ("#!ipxe\niseq 1 1 &&goto a ||\n:a exit 1\n", 2, "blanks around"),
    ("#!ipxe\nchain http://x/\nexit 1\n", 2, "'chain' may fail"),
    ("#!ipxe\nkernel http://x/ # || goto a\n:a exit 1\n", 2, "'kernel' may fail"),
    ("#!ipxe\nkernell http://x/ ||\nexit 1\n", 2, "not a command"),
    ('#!ipxe\n"echo" x\nexit 1\n', 2, "not a command"),
    ("#!ipxe\necho x\\\nexit 1\n", 2, "joins"),
    ("#!ipxe\n# comment \\\nexit 1\n", 2, "joins"),
    ("#!ipxe\r\nexit 1\r\n", 1, "starts with the line"),
    ("#!ipxe\necho x\r\nexit 1\n", 2, "control characters"),
    ("#!ipxe\necho\tx\nexit 1\n", 2, "control characters"),
    ("#!ipxe\necho x\0\nexit 1\n", 2, "control characters"),
    ("#!ipxe\necho " + "x" * 2048 + "\nexit 1\n", 2, "longer"),
    ("#!ipxe\necho x\n", None, "runs off its end"),
    ("#!ipxe\n", None, "runs off its end"),
]


@pytest.mark.parametrize("script", GOOD)
def test_good_scripts(script: str) -> None:
    check_script(script, "x.ipxe")


@pytest.mark.parametrize(("script", "line", "words"), BAD)
def test_bad_scripts(script: str, line: int | None, words: str) -> None:
    with pytest.raises(PxeError) as caught:
        check_script(script, "machines/x.ipxe")
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"machines/x.ipxe:{line}: " if line else "machines/x.ipxe: ")


class Run(t.NamedTuple):
    """What iPXE's own parser (src/core/exec.c, src/image/script.c) makes of a script, written down once more."""

    commands: list[list[str]]


def as_ipxe_reads(script: str) -> Run:
    found = []
    for line in script.split("\n"):
        words = line.replace("\r", "").split()
        if words and words[0].startswith(":"):
            words = words[1:]
        current: list[str] = []
        for item in [*words, None]:
            if item is None or item.startswith("#"):
                break
            if item in ("||", "&&", ";"):
                found.append(current)
                current = []
            else:
                current.append(item)
        found.append(current)
    return Run([command for command in found if command])


@settings(max_examples=200, deadline=None)
@given(label=st.text(max_size=40), argument=st.text(max_size=40), disk=st.text(max_size=20))
def test_no_text_of_a_user_becomes_a_command(label: str, argument: str, disk: str) -> None:
    """Either it is refused, or the script has the same commands as with a harmless text."""
    try:
        profiles = {"debian13": {**PROFILE, "label": label, "kernel_arguments": [argument]}}
        scripts = list(render(profiles=profiles).values())
        installation = {**INSTALLATION, "install_arguments": [argument], "disk": disk}
        scripts.append(armed_script(installation, URLS))
        check_script(scripts[-1], "armed.ipxe")
    except PxeError:
        return
    harmless = {"debian13": {**PROFILE, "label": "x", "kernel_arguments": ["x"]}}
    expected = list(render(profiles=harmless).values())
    expected.append(armed_script({**INSTALLATION, "install_arguments": ["x"], "disk": disk and "x"}, URLS))
    for script, other in zip(scripts, expected):
        names = [command[0] for command in as_ipxe_reads(script).commands]
        assert names == [command[0] for command in as_ipxe_reads(other).commands]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="#!ipxe\n:|&;${}\\ agotchainexit01\t\r", max_size=80))
def test_the_check_refuses_or_accepts_but_never_breaks(text: str) -> None:
    with contextlib.suppress(PxeError):
        check_script("#!ipxe\n" + text, "x.ipxe")


def test_a_command_line_that_the_kernel_would_cut() -> None:
    with pytest.raises(PxeError, match=r"profiles/debian13.ipxe:\d+: the line is longer"):
        render(profiles={"debian13": {**PROFILE, "kernel_arguments": ["x" * 1000, "y" * 1000]}})
