# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.check import check_script
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.machines import armed_text
from ansible_collections.netinstall.pxe.plugins.module_utils._errors import PxeError
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.grub.sites import (
    INSTALLATION,
    PROFILE_PATH,
    live_plan,
    plan,
    render,
)

CHECKER = shutil.which("grub-script-check") or shutil.which("grub2-script-check")
AWKWARD = 'It\'s $HOME; `x` "y" {z} # | & < > ( ) [ ] * ? \\ --id'


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo a", "the last line does not end"),
        ("echo 'a\n", ":1: a quotation mark is not closed"),
        ('\necho "a\n', ":2: a quotation mark is not closed"),
        ("echo a\\\n", "joins the next line"),
        ("echo a\tb\n", "control characters"),
        ("echo {{ a }}\n", "template"),
        ("echo " + "a" * 2044 + "\n", "longer than 2048 bytes"),
        ("echo a*\n", "would expand or refuse"),
        ("echo a | b\n", "would expand or refuse"),
        ("linuxefi /a\n", "'linuxefi' is no command"),
        ("if wget /a; then\nfi\n", "'wget' is no command"),
        ("fi\n", "'fi' ends nothing"),
        ("for a in b; do\nfi\n", "'fi' ends nothing"),
        ("if boot; then\n", "the script ends before 'fi'"),
        ("function f {\n  boot\n", "the script ends before '}'"),
    ],
)
def test_what_grub_would_misread(script: str, words: str) -> None:
    with pytest.raises(PxeError, match=r"^f") as caught:
        check_script(script, "f")
    assert words in str(caught.value)


def test_what_is_right() -> None:
    check_script("# it's | a comment\necho 'a | b' \"c > d\" e\n", "f")
    check_script('if [ "$a" = b ]; then\n  boot_disk\nelse\n  exit 1\nfi\n', "f")


@pytest.mark.skipif(CHECKER is None, reason="not installed: grub-common")
def test_grubs_own_checker_agrees() -> None:
    """One test, because ansible-test runs each in a process of its own."""
    awkward = plan()
    awkward["profiles"]["p0"]["label"] = AWKWARD
    files = {**render(live_plan()), **render(awkward)}
    files["armed"] = armed_text(files[PROFILE_PATH], {**INSTALLATION, "machine": AWKWARD})
    for path, text in files.items():
        assert judge(text) == 0, path
    for broken in ("echo 'a\n", "if boot; then\n", "fi\n"):
        assert judge(broken) != 0, broken


def judge(text: str) -> int:
    done = subprocess.run([str(CHECKER)], input=text, text=True, capture_output=True, check=False)
    return done.returncode
