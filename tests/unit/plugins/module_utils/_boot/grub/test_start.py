# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.netinstall.pxe.plugins.module_utils._boot.grub.start import (
    DISK_LOADERS,
    serial,
    start_text,
)


def test_only_the_own_files_start_a_kernel() -> None:
    """What is started, and when: QEMU shows the rest."""
    text = start_text({})
    assert re.findall(r"(?m)^if \[.*\n  .*$", text) == [
        'if [ -n "$card" -a "$ready" = "$card" ]; then\n  boot',
        'if [ -n "$card" -a "$machine" = "$card" ]; then\n  boot_disk',
        'if [ "$menu" != complete ]; then\n  boot_disk',
    ]
    # Nothing is left of a former run of GRUB.
    before = text.partition('source "$prefix/machines')[0]
    for name in ("machine", "ready", "card"):
        assert f"set {name}=''\n" in before


def test_a_systems_own_loader_comes_first() -> None:
    assert DISK_LOADERS[0] == "/EFI/debian/shimx64.efi"
    assert DISK_LOADERS[-1] == "/EFI/BOOT/BOOTX64.EFI"


@pytest.mark.parametrize(
    ("console", "line"),
    [
        ("ttyS0,115200", "serial --unit=0 --speed=115200"),
        ("ttyS1", "serial --unit=1 --speed=9600"),
        ("ttyS0,115200n8", "serial --unit=0 --speed=115200"),
    ],
)
def test_the_console(console: str, line: str) -> None:
    lines = serial({"console": console})
    assert lines == [line, "terminal_input console serial", "terminal_output console serial"]
    assert start_text({"console": console}).index(line) < start_text({"console": console}).index(
        "set machine"
    )


def test_without_a_console() -> None:
    assert serial({}) == serial({"console": None}) == []
