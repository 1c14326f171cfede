# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.netinstall.pxe.tests.unit.plugins.module_utils._boot.grub.sites import (
    MENU_PATH,
    plan,
    render,
)


def entries(text: str) -> list[str]:
    return re.findall(r"--id '([^']*)' --unrestricted", text)


def menu(**changes: t.Any) -> str:
    return render(plan(**changes))[MENU_PATH]


def test_what_an_entry_does() -> None:
    text = menu()
    assert entries(text) == ["local", "p0", "p1", "rescue:d"]
    assert "menuentry 'Boot the local disk' --id 'local' --unrestricted {\n  boot_disk\n}\n" in text
    assert (
        "menuentry 'Install p0' --id 'p0' --unrestricted {\n"
        "  echo 'Loading Install p0'\n"
        "  if linux \"$prefix\"/'kernels/d/vmlinuz' 'inst.repo=p0' \"BOOTIF=01-$card\" 'quiet' 'a=b;c'; then\n"
        "    if initrd \"$prefix\"/'kernels/d/initrd.img'; then\n"
        "      boot\n    fi\n  fi\n"
        "  echo 'It cannot be loaded. Nothing was changed on this machine.'\n"
        "  sleep 3\n  boot_disk\n}\n"
    ) in text
    assert "superusers" not in text
    # Whoever gets only a part of it boots the disk.
    assert text.endswith("\nset menu=complete\n")


@pytest.mark.parametrize(
    ("position", "names"),
    [
        ("first", ["local", "p0", "p1", "rescue:d"]),
        ("after:p0", ["p0", "local", "p1", "rescue:d"]),
        ("after:lost", ["local", "p0", "p1", "rescue:d"]),
        ("last", ["p0", "p1", "rescue:d", "local"]),
    ],
)
def test_where_the_local_disk_is(position: str, names: list[str]) -> None:
    text = menu(local={"label": "disk", "text": "My disk", "position": position})
    assert entries(text) == names
    assert "set default='local'\n" in text


@pytest.mark.parametrize(("seconds", "timeout"), [(30, 30), (0.6, 1), (0.1, 1), (0, -1)])
def test_the_timeout(seconds: float, timeout: int) -> None:
    assert f"set timeout={timeout}\n" in menu(timeout=seconds)


def test_the_default() -> None:
    assert "set default='p1'\n" in menu(default="p1")
    assert "set default='local'\n" in menu(default="lost")


def test_what_has_a_password_is_left_out() -> None:
    locked = menu(password=True, default="p0")
    assert entries(locked) == ["local"]
    assert "set superusers=nobody\n" in locked
    assert "set default='local'\n" in locked
    some = plan()
    some["profiles"]["p0"]["menu_password"] = True
    text = render(some)[MENU_PATH]
    assert entries(text) == ["local", "p1", "rescue:d"]
    assert "set superusers=nobody\n" in text


def test_what_is_not_in_the_menu() -> None:
    hidden = plan()
    hidden["profiles"]["p0"]["in_menu"] = False
    assert entries(render(hidden)[MENU_PATH]) == ["local", "p1", "rescue:d"]


def test_a_label_is_no_option() -> None:
    named = plan()
    named["profiles"]["p0"]["label"] = "--id it's"
    assert r"menuentry ' --id it'\''s' --id 'p0'" in render(named)[MENU_PATH]
