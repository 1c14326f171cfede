# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KVM or emulation: what guests do decides, not what is there."""

from __future__ import annotations

import json
import pathlib

import _accelerator
import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path))
    return tmp_path


def guest_says(monkeypatch: pytest.MonkeyPatch, status: int | None, output: str) -> None:
    monkeypatch.setattr(_accelerator, "guest", lambda *_words: (status, output))


def test_probe_sector_is_bootable() -> None:
    sector = _accelerator.boot_sector()
    assert len(sector) == 512
    assert sector[-2:] == b"\x55\xaa"


@pytest.mark.parametrize(
    ("status", "output", "trouble"),
    [
        (85, "", ""),
        (None, "", "within 10 s"),
        (1, "warning\nAssertion failed\n", "Assertion failed"),
        (0, "", "status 0"),
    ],
)
def test_sector(monkeypatch: pytest.MonkeyPatch, status: int | None, output: str, trouble: str) -> None:
    guest_says(monkeypatch, status, output)
    found = _accelerator.sector_trouble("kvm")
    assert (trouble in found) if trouble else found == ""


@pytest.mark.parametrize(
    ("status", "output", "trouble"),
    [
        (0, "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)", ""),
        (None, "", "within 30 s"),
        (0, "Kernel panic - not syncing: Fatal exception", "crashed"),
        (0, "", "crashed"),
    ],
)
def test_kernel(monkeypatch: pytest.MonkeyPatch, status: int | None, output: str, trouble: str) -> None:
    guest_says(monkeypatch, status, output)
    found = _accelerator.kernel_trouble("kvm", pathlib.Path("vmlinuz"))
    assert (trouble in found) if trouble else found == ""


def test_what_was_found_holds_until_the_host_boots_again(
    cache: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([("kvm", "first"), ("tcg", "second")])
    monkeypatch.setattr(_accelerator, "probe", lambda: next(answers))
    assert _accelerator.accelerator() == _accelerator.accelerator() == ("kvm", "first")
    known = cache / "accelerator.json"
    found = json.loads(known.read_text(encoding="utf-8"))
    known.write_text(json.dumps({**found, "boot": "another"}), encoding="utf-8")
    assert _accelerator.accelerator() == ("tcg", "second")


def test_emulation_does_without_the_instruction_on_which_debian_13_panics() -> None:
    assert "qemu64,-cx16" in _accelerator.accelerator_words("tcg")
