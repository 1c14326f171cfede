# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scripts a kickstart has, read in two passes as anaconda does."""

from __future__ import annotations

import pathlib

import pytest
from el.standin import kickstart
from el.standin.console import FailedError

TEXT = """\
%include /nowhere/made-by-pre.cfg
nonsense that only the second pass sees
%pre --erroronfail --interpreter=/bin/bash
echo first
%end
%packages
@core
%end
%post --nochroot --log=/tmp/post.log
echo outside
%end
%post
echo inside
%end
"""


def written(tmp_path: pathlib.Path, text: str) -> str:
    """Write a kickstart; return its path."""
    path = tmp_path / "ks.cfg"
    path.write_text(text)
    return str(path)


def test_the_first_pass_sees_pre_only(tmp_path: pathlib.Path) -> None:
    found = kickstart.scripts(kickstart.read_pre(written(tmp_path, TEXT), 9), "pre")
    assert [(one.script.strip(), one.errorOnFail, one.interp) for one in found] == [
        ("echo first", True, "/bin/bash")
    ]


def test_the_second_pass_sees_all(tmp_path: pathlib.Path) -> None:
    text = "\n".join(TEXT.splitlines()[2:]) + "\n"
    handler = kickstart.read_all(written(tmp_path, text), 9, lambda _text: None)
    assert [one.script.strip() for one in kickstart.scripts(handler, "post")] == [
        "echo outside",
        "echo inside",
    ]
    assert [one.script.strip() for one in kickstart.scripts(handler, "post", chroot=True)] == ["echo inside"]
    assert kickstart.scripts(handler, "onerror") == []


@pytest.mark.parametrize(
    ("release", "text", "message"),
    [
        (9, "install\n", "install"),
        (6, "%onerror\n%end\n", "onerror"),
        (6, "%addon x\n%end\n", "addon"),
        (9, "part / --bogus=9\n", "bogus"),
        (9, "%include /nowhere\n", "nowhere"),
        (7, "%packages\n", "%end"),
    ],
)
def test_mistakes_end_the_second_pass(tmp_path: pathlib.Path, release: int, text: str, message: str) -> None:
    with pytest.raises(FailedError, match=f"(?s)the kickstart cannot be used.*{message}"):
        kickstart.read_all(written(tmp_path, text), release, lambda _text: None)


def test_deprecated_commands_are_said(tmp_path: pathlib.Path) -> None:
    said: list[str] = []
    handler = kickstart.read_all(written(tmp_path, "install\nkeyboard us\n"), 8, said.append)
    assert len(said) == 1
    assert "install" in said[0]
    assert "keyboard" in kickstart.seen(handler)
